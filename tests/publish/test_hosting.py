"""Real nginx and Caddy, with the configuration that stands in a delivered folder; and the rules for static hosts."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from hosts import Host, hosted

from zicht.publish import deliver
from zicht.publish.headers import EMBEDDED, HEADERS, TRANSPORT, TYPES, headers_for, type_of
from zicht.publish.hosting import caddy, nginx, static_host
from zicht.publish.packing import is_packed

BASE = "/cijfers/"
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


@pytest.fixture(scope="module")
def delivered(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("www")
    deliver(site, str(root / "cijfers"), base=BASE)
    (root / "other.txt").write_text("of a neighbour")
    return root / "cijfers"


@pytest.fixture(scope="module")
def paths(delivered: Path) -> list[str]:
    """One file of each kind in each folder, as the site names it."""
    found: dict[tuple[str, str, bool], str] = {}
    for file in sorted(delivered.rglob("*")):
        path = file.relative_to(delivered).as_posix()
        if file.is_file() and not path.startswith(".") and file.suffix in TYPES:
            top = path.partition("/")[0] if not path.startswith(EMBEDDED) else "embedded"
            found.setdefault((top, file.suffix, is_packed(path, file.stat().st_size)), path)
    return list(found.values())


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def host(
    request: pytest.FixtureRequest, delivered: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    work = tmp_path_factory.mktemp(request.param)
    with hosted(request.param, delivered.parent, delivered, work) as running:
        yield running


def address(path: str) -> str:
    """Where a file of the site is asked for: a page by its folder."""
    return BASE + (path.removesuffix("index.html") if path.endswith("/index.html") else path)


def wrong(answer_headers: dict[str, str], path: str) -> dict[str, str | None]:
    """The headers that are not as the site means them."""
    meant = {**headers_for(path), **TRANSPORT}
    free = {"X-Frame-Options", "Access-Control-Allow-Origin"} - meant.keys()
    return {
        name: answer_headers.get(name.lower())
        for name in (*meant, *free)
        if answer_headers.get(name.lower()) != meant.get(name)
    }


def test_every_kind_of_file_comes_with_its_type_and_its_headers_once(host, paths):
    assert len(paths) > 30
    for path in paths:
        answer = host.ask(address(path))
        assert (answer.status, answer.headers["content-type"]) == (200, type_of(path)), path
        assert wrong(answer.headers, path) == {}, path


@pytest.mark.parametrize(
    ("accept", "way"), [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("identity", "")]
)
def test_the_twin_that_the_browser_takes_is_sent_and_unpacks_to_the_file(host, delivered, paths, accept, way):
    for path in paths:
        data = (delivered / path).read_bytes()
        answer = host.ask(address(path), Accept_Encoding=accept)
        sent = answer.headers.get("content-encoding", "")
        assert sent == (way if is_packed(path, len(data)) else ""), path
        assert UNPACK[sent](answer.body) == data
        assert not sent or answer.headers["vary"] == "Accept-Encoding"
        assert wrong(answer.headers, path) == {}, path


def test_a_browser_that_has_the_file_is_told_so_with_the_same_headers(host, paths):
    for path in paths:
        tag = host.ask(address(path), Accept_Encoding="br").headers["etag"]
        answer = host.ask(address(path), Accept_Encoding="br", If_None_Match=tag)
        assert (answer.status, answer.body) == (304, b"")
        assert wrong(answer.headers, path) == {}, path


def test_a_part_of_a_file_can_be_had(host, delivered, paths):
    parts = [path for path in paths if path.endswith((".parquet", ".pdf", ".gpkg"))]
    assert {Path(path).suffix for path in parts} >= {".parquet", ".gpkg"}
    for path in parts:
        answer = host.ask(address(path), Range="bytes=4-11")
        assert (answer.status, answer.body) == (206, (delivered / path).read_bytes()[4:12])
        assert wrong(answer.headers, path) == {}


@pytest.mark.parametrize(
    "path",
    ["none/", "static/none.js", "static/", "v/none.parquet", "data/", "data/none.csv", "insluiten/none/", ".hosting/nginx.conf",
     ".hosting/", ".zicht-delivered.json", "data/.none", "index.html.zst"],
)  # fmt: skip
def test_what_is_not_there_and_what_is_hidden_have_the_page_that_says_so(host, delivered, path):
    answer = host.ask(BASE + path)
    assert (answer.status, answer.headers["content-type"]) == (404, TYPES[".html"])
    assert answer.body == (delivered / "404.html").read_bytes()
    # Caddy keeps saying of what is missing among data that scripts of other sites may read it; nothing is wrong with that.
    assert wrong(answer.headers, "404.html").keys() <= {"Access-Control-Allow-Origin"}


def test_a_folder_without_its_slash_leads_to_the_page_without_naming_a_host(host):
    for path in ("indicator/bereik", "en/indicator/bereik", "verantwoording"):
        answer = host.ask(BASE + path)
        assert answer.status in (301, 308)
        assert answer.headers["location"] == f"{BASE}{path}/"


def test_what_else_stands_on_the_host_is_left_alone(host):
    answer = host.ask("/other.txt")
    assert answer.headers.keys() & {name.lower() for name in HEADERS} == set()


def test_hosts_are_told_the_type_of_every_file_of_a_site(site):
    endings = {path.suffix for path in site.rglob("*") if path.is_file() and not path.name.startswith(".")}
    assert endings <= TYPES.keys()


@pytest.mark.parametrize("write", [nginx, caddy])
def test_a_host_is_told_nothing_beyond_the_path_of_the_site(write):
    outside = write("/cijfers/").replace("/cijfers/", "")
    assert "static" in outside
    assert "/static" not in outside


# ---- static hosts


def rules(text: str) -> list[tuple[str, dict[str, str]]]:
    """A `_headers` file as pairs of a pattern and what it says."""
    found = []
    for block in text.strip().split("\n\n"):
        pattern, *lines = block.splitlines()
        found.append((pattern, dict(line.strip().split(": ", 1) for line in lines)))
    return found


def matches(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def test_no_two_rules_of_a_static_host_say_the_same_header_of_a_file(delivered):
    said = rules((delivered / "_headers").read_text())
    assert len(said) <= 100  # what Cloudflare Pages reads
    for file in delivered.rglob("*.*"):
        path = file.relative_to(delivered).as_posix()
        if path.startswith(".") or file.suffix not in TYPES:
            continue
        found = [pair for pattern, lines in said if matches(pattern, address(path)) for pair in lines.items()]
        assert len(dict(found)) == len(found), path
        meant = {**headers_for(path), **TRANSPORT}
        for name in ("X-Content-Type-Options", "Referrer-Policy", "Strict-Transport-Security"):
            assert dict(found)[name] == meant[name]
        framed = path.startswith(EMBEDDED)
        if file.suffix == ".html":
            assert dict(found).get("X-Frame-Options") == (None if framed else "DENY"), path
        assert dict(found).get("Access-Control-Allow-Origin") == meant.get("Access-Control-Allow-Origin")
        assert ("immutable" in dict(found).get("Cache-Control", "")) == (
            "immutable" in meant["Cache-Control"]
        )


def test_a_static_host_is_told_the_policy_without_frames(delivered):
    policy = dict(rules((delivered / "_headers").read_text()))[f"{BASE}*"]["Content-Security-Policy"]
    assert HEADERS["Content-Security-Policy"] == f"{policy}; frame-ancestors 'none'"


def test_rules_of_a_static_host_go_folder_by_folder():
    text = static_host("/", ["index.html", "a/index.html", "a/b/index.html", "en/index.html", "en/a/b/c.html", "en/insluiten/x/index.html"])  # fmt: skip
    framed = [pattern for pattern, lines in rules(text) if "X-Frame-Options" in lines]
    assert framed == ["/", "/a/*", "/en/", "/en/a/*", "/en/index.html", "/index.html"]
