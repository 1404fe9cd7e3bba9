"""Postcodes on the site: files that the search box reads, and pages for who has no script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browsing import served
from links import broken_links
from small_city import City

from zicht.publish import publish_site
from zicht.publish.edition import Edition
from zicht.publish.postcodes import LARGEST, MOST_LISTED, postcode_files, postcodes_of
from zicht.release import Release, open_release

ONE, TWO = "BU90090100", "BU90090202"
TABLE = {
    "areas": [ONE, TWO, "BU00000000"],
    "of": {"0101": {"": [1, 0], "AA": [0], "AB": [1, 0]}, "0299": {"": [1], "ZZ": [1, 2]}},
}


@pytest.fixture
def release(city: City, tmp_path: Path) -> Release:
    city.evidence["postcodes"] = TABLE
    return open_release(city.write(tmp_path / "release"))


def test_postcodes_that_begin_alike_share_a_file_and_areas_that_are_not_there_are_left_out(
    release: Release,
) -> None:
    table = postcodes_of(Edition(release))
    assert table is not None
    files = {path: json.loads(data) for path, data in postcode_files(table)}
    assert files == {
        "data/postcode/01.json": {"0101": {"": [TWO, ONE], "AA": [ONE], "AB": [TWO, ONE]}},
        "data/postcode/02.json": {"0299": {"": [TWO], "ZZ": [TWO]}},
    }


def test_a_file_that_would_be_large_is_cut(city: City, tmp_path: Path) -> None:
    letters = [one + other for one in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    of = {f"35{number:02d}": {key: [0] for key in ["", *letters]} for number in range(100)}
    city.evidence["postcodes"] = {"areas": [ONE], "of": of}
    table = postcodes_of(Edition(open_release(city.write(tmp_path / "release"))))
    assert table is not None
    files = dict(postcode_files(table))
    assert table.shared == 3
    assert sorted(files) == [f"data/postcode/35{digit}.json" for digit in range(10)]
    assert max(map(len, files.values())) <= LARGEST


def test_without_scripts_a_page_lists_them_and_no_link_is_dead(release: Release, tmp_path: Path) -> None:
    publish_site(release, tmp_path / "site", workers=1)
    page = (tmp_path / "site/postcode/index.html").read_text("utf-8")
    assert f'0101</th><td><a href="../gebied/{TWO}/">' in page
    assert 'href="../postcode/"' in (tmp_path / "site/gebieden/index.html").read_text("utf-8")
    assert (tmp_path / "site/en/postcode/index.html").is_file()
    assert broken_links(tmp_path / "site") == []


def test_many_postcodes_are_spread_over_pages(city: City, tmp_path: Path) -> None:
    of = {f"{number:04d}": {"": [0]} for number in range(1000, 1000 + 9 * MOST_LISTED, 9)}
    city.evidence["postcodes"] = {"areas": [ONE, TWO], "of": {**of, "9999": {"": [1]}}}
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site", workers=1)
    assert "<table>" not in (tmp_path / "site/postcode/index.html").read_text("utf-8")
    assert "1000</th>" in (tmp_path / "site/postcode/10/index.html").read_text("utf-8")
    assert broken_links(tmp_path / "site") == []


def test_a_site_without_postcodes_speaks_of_none(city: City, tmp_path: Path) -> None:
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site", workers=1)
    assert not (tmp_path / "site/postcode").exists()
    assert "postcode/" not in (tmp_path / "site/gebieden/index.html").read_text("utf-8")


@pytest.mark.browser
@pytest.mark.slow
def test_the_search_box_understands_a_postcode_however_it_is_typed(
    release: Release, tmp_path: Path, browser
) -> None:
    publish_site(release, tmp_path / "site", workers=1)
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served(tmp_path / "site", 8860))
    options = page.locator("#search-list [role=option] span:first-child")

    def found(typed: str) -> list[str]:
        page.fill("#search", typed)
        page.wait_for_timeout(300)
        return options.all_inner_texts()

    assert found("0101 aa") == ["Buurt 00"]
    assert found("0101AB") == ["Buurt 02", "Buurt 00"]
    assert found("0101") == ["Buurt 02", "Buurt 00"]
    assert found("0101 a") == ["Buurt 00", "Buurt 02"]
    assert found("0101 XX") == []
    assert "te weinig adressen" in page.locator("#search-status").inner_text()
    assert found("Buurt 11")[0] == "Buurt 11"
    # What was typed is in no address but for its first two digits.
    assert [url.rpartition("/")[2] for url in asked if "postcode" in url] == ["01.json"]
    page.fill("#search", "0101 AA")
    page.wait_for_timeout(300)
    page.press("#search", "Enter")
    page.wait_for_url(f"**/gebied/{ONE}/")
    page.close()
