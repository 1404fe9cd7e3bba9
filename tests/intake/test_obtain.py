"""Where deliveries come from, and what is said when they are nowhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from zicht.declare import SourceFile
from zicht.errors import DeliveryError
from zicht.intake import obtain
from zicht.intake.fetch import download, get_json


def source(origin: dict[str, object], copy: str | None = None) -> SourceFile:
    return SourceFile.model_validate(
        {"id": "bron", "title": "Bron", "deliverer": "Iemand", "origin": origin, "format": {"kind": "csv"},
         "local_copy": None if copy is None else {"file": copy, "format": {"kind": "json"}}}
    )  # fmt: skip


def answering(*answers: Callable[[httpx.Request], httpx.Response] | httpx.Response) -> httpx.Client:
    """A client that gets these answers, one after the other, and the last one ever after."""
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        found = left.pop(0) if len(left) > 1 else left[0]
        return found(request) if callable(found) else found

    return httpx.Client(transport=httpx.MockTransport(answer))


def offline(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route to host")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project" / "leveringen").mkdir(parents=True)
    (tmp_path / "project" / "leveringen" / "a.csv").write_text("a\n1\n")
    (tmp_path / "copies").mkdir()
    return tmp_path / "project"


def test_a_local_copy_goes_first_with_its_own_format(project: Path, tmp_path: Path) -> None:
    (tmp_path / "copies" / "a.json").write_text("[]")
    found = obtain(
        source({"file": "leveringen/a.csv"}, "a.json"), project, tmp_path / "copies", tmp_path / "cache"
    )
    assert (found.path, found.format.kind, found.shown) == (
        tmp_path / "copies" / "a.json",
        "json",
        "copies/a.json",
    )
    assert found.digest == hashlib.sha256(b"[]").hexdigest()


def test_without_a_copy_the_file_in_the_project_is_taken(project: Path, tmp_path: Path) -> None:
    found = obtain(
        source({"file": "leveringen/a.csv"}, "a.json"), project, tmp_path / "copies", tmp_path / "cache"
    )
    assert (found.shown, found.format.kind) == ("leveringen/a.csv", "csv")


def test_what_is_nowhere_is_said_with_where_it_was_looked_for(project: Path, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError) as stopped:
        obtain(
            source({"file": "leveringen/b.csv"}, "b.json"), project, tmp_path / "copies", tmp_path / "cache"
        )
    said = str(stopped.value)
    for part in (
        "sources/bron.yaml",
        "`bron` is not there",
        "leveringen/b.csv",
        str(project),
        str(tmp_path / "copies" / "b.json"),
        "Put the delivery there",
    ):
        assert part in said


def test_without_a_network_it_says_what_to_do(project: Path, tmp_path: Path) -> None:
    slept: list[float] = []
    with pytest.raises(DeliveryError) as stopped:
        download(
            answering(offline), "https://example.org/a.csv", tmp_path / "cache", _place(), sleep=slept.append
        )
    assert "no route to host" in str(stopped.value)
    assert len(slept) == 1
    with pytest.raises(
        DeliveryError,
        match=r"cannot be fetched.*There is no local copy at .*b\.json either.*or put a copy at",
    ):
        obtain(
            source({"url": "https://example.org/a.csv"}, "b.json"), project, tmp_path / "copies", tmp_path / "cache",
            client=answering(httpx.Response(404)),
        )  # fmt: skip


def _place() -> object:
    from zicht.errors import Place

    return Place("bron")


@pytest.mark.parametrize(
    "trick",
    ["../secret.csv", "/etc/passwd", "leveringen/../../secret.csv", "link.csv", "folder/secret.csv", "a\0b"],
)
def test_a_path_that_leads_out_of_the_project_is_refused(project: Path, tmp_path: Path, trick: str) -> None:
    (tmp_path / "secret.csv").write_text("secret\n1\n")
    (project / "link.csv").symlink_to(tmp_path / "secret.csv")
    (project / "folder").symlink_to(tmp_path)
    for origin, copy in (({"file": trick}, None), ({"file": "leveringen/a.csv"}, trick)):
        copies = project if copy else None
        with pytest.raises(DeliveryError, match=r"lies outside|NUL"):
            obtain(source(origin, copy), project, copies, tmp_path / "cache")


def test_links_that_turn_in_circles_are_no_file(project: Path, tmp_path: Path) -> None:
    (project / "a.csv").symlink_to(project / "b.csv")
    (project / "b.csv").symlink_to(project / "a.csv")
    with pytest.raises(DeliveryError):
        obtain(source({"file": "a.csv"}), project, None, tmp_path / "cache")


def test_a_download_is_kept_and_not_fetched_again(project: Path, tmp_path: Path) -> None:
    url = {"url": "https://example.org/pad/cijfers.csv?x=1"}
    found = obtain(
        source(url),
        project,
        None,
        tmp_path / "cache",
        client=answering(httpx.Response(200, content=b"a\n1\n")),
    )
    digest = hashlib.sha256(b"a\n1\n").hexdigest()
    assert (found.path, found.digest) == (tmp_path / "cache" / "downloads" / digest / "cijfers.csv", digest)
    assert obtain(source(url), project, None, tmp_path / "cache", client=answering(offline)) == found
    assert not list((tmp_path / "cache" / "downloads").glob(".*"))


def test_a_server_that_is_busy_is_asked_again_as_it_says(tmp_path: Path) -> None:
    slept: list[float] = []
    dated = {"Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT", "Date": "Sun, 22 Nov 2026 10:00:00 GMT"}
    client = answering(
        httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(503, headers=dated), httpx.Response(500),
        _timeout, httpx.Response(200, json={"a": 1.10}),
    )  # fmt: skip
    assert get_json(client, "https://example.org/x", _place(), sleep=slept.append) == {"a": "1.1"}
    assert slept == [7.0, 30.0, 4.0, 8.0]


def _timeout(_: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("took too long")


def test_it_gives_up_after_six_tries_and_never_retries_a_refusal(tmp_path: Path) -> None:
    slept: list[float] = []
    with pytest.raises(DeliveryError, match="status 503"):
        get_json(answering(httpx.Response(503)), "https://example.org/x", _place(), sleep=slept.append)
    assert slept == [1.0, 2.0, 4.0, 8.0, 16.0]
    slept.clear()
    with pytest.raises(DeliveryError, match="status 404"):
        get_json(answering(httpx.Response(404)), "https://example.org/x", _place(), sleep=slept.append)
    assert slept == []


def test_being_sent_on_from_https_to_http_is_refused(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.scheme == "https":
            return httpx.Response(302, headers={"Location": "http://example.org/x"})
        return httpx.Response(200, content=b"a\n1\n")

    client = httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=True)
    with pytest.raises(DeliveryError, match="sent on from https"):
        download(client, "https://example.org/x", tmp_path, _place())


def test_a_second_run_reads_no_file_for_its_digest(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = source({"file": "leveringen/a.csv"})
    first = obtain(declared, project, None, tmp_path / "cache")
    with monkeypatch.context() as patched:
        patched.setattr(hashlib, "file_digest", lambda *_: pytest.fail("read again"))
        assert obtain(declared, project, None, tmp_path / "cache") == first
    (project / "leveringen" / "a.csv").write_text("a\n2\n")
    assert obtain(declared, project, None, tmp_path / "cache").digest != first.digest


def test_a_spoilt_list_of_digests_is_made_anew(project: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "digests.json").write_text('{"a": [1,')
    assert obtain(source({"file": "leveringen/a.csv"}), project, None, tmp_path / "cache").digest
