"""Bringing a site to where the public sees it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import brotli
import pytest

from zicht.errors import ZichtError
from zicht.publish import deliver, publish_site
from zicht.publish.delivery import RECORD
from zicht.publish.headers import HEADERS, headers_for
from zicht.release import open_release


def plain(folder: Path) -> set[str]:
    """The files of a delivered folder that come from the site."""
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {name for name in names if not name.endswith((".br", ".gz")) and not name.startswith(".")}


@pytest.fixture
def made(site: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "www"
    deliver(site, str(folder))
    return folder


def test_every_file_is_there_with_twins_that_unpack_to_it(site, made):
    assert plain(made) == {
        path.relative_to(site).as_posix()
        for path in site.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    } | {"_headers"}
    packed = list(made.rglob("*.br"))
    assert len(packed) > 100
    for twin in packed:
        data = twin.with_suffix("").read_bytes()
        assert brotli.decompress(twin.read_bytes()) == data
        assert gzip.decompress(twin.with_name(f"{twin.stem}.gz").read_bytes()) == data
        assert len(twin.read_bytes()) < len(data)
    assert not list(made.rglob("*.parquet.br"))


def test_what_did_not_change_is_linked_and_the_new_folder_takes_the_place_of_the_old(
    city, site, made, tmp_path
):
    city.figures["bereik"][0]["value"] += 1
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site")
    report = deliver(tmp_path / "site", str(made))
    assert 0 < report.written < report.kept
    assert (made / "data/inwoners.csv").stat().st_nlink == 1  # the old folder is gone
    assert (made / "data/bereik.csv").read_bytes() == (tmp_path / "site/data/bereik.csv").read_bytes()
    assert (
        brotli.decompress((made / "data/bereik.csv.br").read_bytes())
        == (made / "data/bereik.csv").read_bytes()
    )
    assert (made / "static").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".www")] == []
    again = deliver(tmp_path / "site", str(made))
    assert (again.written, again.removed) == (0, 0)


def test_figures_of_an_earlier_release_keep_their_address_and_old_pages_go(city, made, tmp_path):
    old = next((made / "v/bereik").iterdir())
    city.indicators = city.indicators[1:]
    city.products = []
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site")
    report = deliver(tmp_path / "site", str(made))
    assert (report.versions, old.exists()) == (1, True)
    assert report.removed > 10
    assert not (made / "indicator/bereik").exists()
    assert deliver(tmp_path / "site", str(made)).versions == 1
    assert deliver(tmp_path / "site", str(made), keep_versions=False).versions == 0
    assert not old.exists()


def test_a_delivery_that_was_killed_between_its_moves_is_finished_by_the_next(site, made, tmp_path):
    made.replace(tmp_path / ".www.old")
    report = deliver(site, str(made))
    assert report.written == 0
    assert (made / "index.html").is_file()


@pytest.mark.parametrize("exchange", [True, False])
def test_the_old_site_stands_until_the_new_one_is_whole(city, site, made, tmp_path, monkeypatch, exchange):
    monkeypatch.setattr("zicht.publish.delivery._exchange", lambda one, other: exchange and _swap(one, other))
    before = (made / "index.html").read_bytes()

    def broken(*_args: object) -> bytes:
        raise OSError(28, "No space left on device")

    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("new" * 1000)
    with monkeypatch.context() as patch:
        patch.setattr("zicht.publish.delivery.with_brotli", broken)
        with pytest.raises(ZichtError, match="No space left on device"):
            deliver(tmp_path / "site", str(made))
    assert (made / "index.html").read_bytes() == before
    deliver(tmp_path / "site", str(made))
    assert (made / "index.html").read_text() == "new" * 1000
    assert not (made / "gebied").exists()


def _swap(one: Path, other: Path) -> bool:
    aside = one.with_name("aside")
    one.replace(aside)
    other.replace(one)
    aside.replace(other)
    return True


def test_a_folder_with_something_else_in_it_is_left_alone(site, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home/thesis.txt").write_text("years of work")
    with pytest.raises(ZichtError, match="holds something that Zicht did not put there"):
        deliver(site, str(tmp_path / "home"))
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["thesis.txt"]


def test_a_folder_without_a_site_is_not_delivered(tmp_path):
    with pytest.raises(ZichtError, match="holds no site"):
        deliver(tmp_path, str(tmp_path / "www"))


def test_hidden_files_stay_behind_and_more_files_come_in_their_place(site, tmp_path):
    deliver(site, str(tmp_path / "www"), more={"feed.xml": b"<feed/>"})
    assert (tmp_path / "www/feed.xml").read_bytes() == b"<feed/>"
    assert not (tmp_path / "www/.zicht-site.json").exists()


# ---- an object store


@pytest.fixture
def store():
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    yield memory
    memory.store.clear()


def test_a_store_gets_the_files_without_twins_and_only_what_changed_the_next_time(
    city, site, store, tmp_path
):
    first = deliver(site, "memory://bucket/site")
    names = {name.removeprefix("/bucket/site/") for name in store.find("/bucket/site")} - {RECORD}
    assert "_headers" in names
    assert not any(name.endswith((".br", ".gz")) for name in names)
    assert first.written == len(names)
    city.figures["bereik"][0]["value"] += 1
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site")
    second = deliver(tmp_path / "site", "memory://bucket/site")
    assert 0 < second.written < second.kept
    assert second.versions == 1
    assert store.cat_file("/bucket/site/data/bereik.csv") == (tmp_path / "site/data/bereik.csv").read_bytes()
    assert deliver(tmp_path / "site", "memory://bucket/site").written == 0


def test_in_a_store_the_start_page_comes_after_what_it_links_and_types_are_said(site, store, monkeypatch):
    sent = []
    monkeypatch.setattr(
        type(store),
        "pipe_file",
        lambda self, path, value, **said: sent.append((path, said)) or store.store.__class__,
    )
    deliver(site, "memory://bucket/site")
    files = [(path.removeprefix("/bucket/site/"), said) for path, said in sent if not path.endswith(RECORD)]
    assert files[0][0].startswith("static/")
    assert files[0][1]["CacheControl"] == "public, max-age=31536000, immutable"
    assert files[-1] == (
        "index.html",
        {"ContentType": "text/html; charset=utf-8", "CacheControl": "public, max-age=300"},
    )


def test_a_delivery_to_a_store_that_was_killed_is_finished_by_the_next(site, store, monkeypatch):
    real, sent = type(store).pipe_file, []

    def failing(self, path, value, **said):
        sent.append(path)
        if len(sent) > 200:
            raise OSError("the line was cut")
        return real(self, path, value, **said)

    with monkeypatch.context() as patch:
        patch.setattr(type(store), "pipe_file", failing)
        with pytest.raises(ZichtError, match="the line was cut"):
            deliver(site, "memory://bucket/site")
    report = deliver(site, "memory://bucket/site")
    assert 100 < report.written < report.written + report.kept - 100  # it goes on near where it was
    assert json.loads(store.cat_file(f"/bucket/site/{RECORD}"))["files"]["index.html"]


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("https://www.proefdorp.example/cijfers", "no folder and no object store"),
        ("file:///var/www/cijfers", "give the path of a folder"),
        ("s3://AKIA:geheim@proefdorp/cijfers", "not taken, for others can read it"),
    ],
)
def test_an_address_that_is_no_store_or_holds_a_key_is_refused_and_the_key_not_repeated(site, target, told):
    with pytest.raises(ZichtError, match=told) as refused:
        deliver(site, target)
    assert "geheim" not in str(refused.value)


def test_a_store_with_something_else_in_it_is_left_alone(site, store):
    store.pipe_file("/bucket/other.txt", b"x")
    with pytest.raises(ZichtError, match="give an empty place"):
        deliver(site, "memory://bucket")


# ---- what hosts say


def test_only_pages_to_embed_may_stand_in_a_frame_and_names_with_a_digest_last():
    assert headers_for("index.html")["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers_for("gebied/x/index.html")["Content-Security-Policy"]
    embedded = headers_for("en/insluiten/x/index.html")
    assert "X-Frame-Options" not in embedded
    assert "frame-ancestors *" in embedded["Content-Security-Policy"]
    assert "immutable" in headers_for("static/site.1.js")["Cache-Control"]
    assert "immutable" not in headers_for("data/bereik.csv")["Cache-Control"]
    assert headers_for("data/bereik.csv")["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in headers_for("gebied/x/index.html")


def test_the_policy_allows_nothing_inline_and_nobody_else():
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
