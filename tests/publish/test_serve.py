"""The server for looking at a site on this machine."""

from __future__ import annotations

import http.client
import queue
import threading
from pathlib import Path

import pytest

from zicht.errors import ZichtError
from zicht.publish import serve
from zicht.publish.serve import CONTENT_SECURITY_POLICY, find_file


def start(site: Path) -> str:
    """Serve a site in the background; its host and port."""
    told: queue.Queue[str] = queue.Queue()
    threading.Thread(target=serve, args=(site, "127.0.0.1", 8700, told.put), daemon=True).start()
    return told.get(timeout=10).removeprefix("http://").rstrip("/")


def ask(address: str, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()


@pytest.fixture(scope="module")
def address(site: Path) -> str:
    return start(site)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/indicator/bereik/", "text/html; charset=utf-8"),
        ("/data/bereik.csv", "text/csv; charset=utf-8"),
        ("/data/bereik.json?x=1", "application/json; charset=utf-8"),
        ("/kaart/GM9009.svg", "image/svg+xml"),
    ],
)
def test_files_come_with_their_type_and_the_headers_that_keep_a_page_safe(address, path, kind):
    status, headers, body = ask(address, path)
    assert (status, headers["Content-Type"]) == (200, kind)
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert body


@pytest.mark.parametrize(
    "path",
    [
        "/../release/release.json", "/%2e%2e/release/release.json", "/..%2frelease/release.json", "/.zicht-site.json",
        "//etc/passwd", "/static/..%5c..%5cx", "/gebied/%00", "/none/", "/kaart/../../release/areas.parquet",
    ],
)  # fmt: skip
def test_what_is_not_of_the_site_is_not_found(address, path):
    status, headers, body = ask(address, path)
    assert status == 404
    assert "Deze pagina bestaat niet" in body.decode()
    assert "Content-Security-Policy" in headers


def test_a_folder_without_its_slash_leads_to_the_page(address):
    status, headers, _ = ask(address, "/verantwoording")
    assert (status, headers["Location"]) == (301, "/verantwoording/")


def test_the_way_back_never_leads_to_another_host(address):
    status, headers, _ = ask(address, "//verantwoording")
    assert status == 301
    assert headers["Location"] == "/verantwoording/"


def test_a_question_for_the_headers_has_no_body(address):
    status, headers, body = ask(address, "/", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 1000


def test_a_taken_port_makes_way_for_the_next(address, site):
    other = start(site)
    assert other != address
    assert ask(other, "/")[0] == 200


def test_a_folder_without_a_site_is_refused(tmp_path):
    with pytest.raises(ZichtError, match="holds no site"):
        serve(tmp_path)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "site/way.txt").symlink_to(tmp_path / "secret.txt")
    assert find_file(tmp_path / "site", "/way.txt") is None
