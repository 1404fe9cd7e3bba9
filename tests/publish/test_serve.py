"""The server for looking at a site on this machine."""

from __future__ import annotations

import gzip
import http.client
import queue
import threading
from itertools import takewhile
from pathlib import Path

import brotli
import pytest

from zicht.errors import ZichtError
from zicht.publish import publish_site, serve
from zicht.publish.headers import CONTENT_SECURITY_POLICY
from zicht.publish.serve import find_file
from zicht.publish.site import RECORD
from zicht.release import open_release


def start(site: Path) -> str:
    """Serve a site in the background; its host and port."""
    told: queue.Queue[str] = queue.Queue()
    threading.Thread(target=serve, args=(site, "127.0.0.1", 8700, told.put), daemon=True).start()
    return told.get(timeout=10).removeprefix("http://").rstrip("/")


def ask(address: str, path: str, method: str = "GET", accept: str = "") -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request(method, path, headers={"Accept-Encoding": accept})
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


@pytest.mark.parametrize(
    ("accept", "way"),
    [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("br;q=0.5", "br"), ("identity", ""), ("", "")],
)  # fmt: skip
def test_texts_come_compressed_in_a_way_that_the_browser_takes(address, site, accept, way):
    _, headers, body = ask(address, "/data/bereik.csv", accept=accept)
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[way]
    assert headers.get("Content-Encoding", "") == way
    assert headers["Vary"] == "Accept-Encoding"
    assert unpack(body) == (site / "data/bereik.csv").read_bytes()


def test_what_is_compressed_already_is_sent_as_it_is(address):
    _, headers, body = ask(address, "/data/bereik.parquet", accept="br")
    assert "Content-Encoding" not in headers
    assert body.startswith(b"PAR1")


def test_the_preview_loads_pages_again_and_what_is_published_holds_no_such_script(address, site):
    _, _, page = ask(address, "/")
    assert b'<script type="module" src="/.zicht/reload.js"></script></body>' in page
    assert ask(address, "/.zicht/reload.js")[1]["Content-Type"].startswith("text/javascript")
    assert not any(b".zicht/" in path.read_bytes() for path in site.rglob("*.html"))


def test_open_pages_are_told_when_the_site_is_built_anew(tmp_path, city):
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site")
    connection = http.client.HTTPConnection(start(tmp_path / "site"), timeout=10)
    connection.request("GET", "/.zicht/changes")
    answer = connection.getresponse()
    assert answer.getheader("Content-Type") == "text/event-stream"
    assert answer.readline() == b": \n"
    (tmp_path / "site" / RECORD).write_text("{}\n")  # being built: not the moment to load
    city.figures["bereik"][0]["value"] += 1
    publish_site(open_release(city.write(tmp_path / "new")), tmp_path / "site")
    lines = list(takewhile(lambda line: line != b"event: change\n", iter(answer.readline, b"")))
    lines += [answer.readline() for _ in range(6)]
    assert set(lines) == {b": \n", b"data: built\n", b"\n"}  # told of once, and of nothing but this
    assert lines.count(b"data: built\n") == 1
    connection.close()
