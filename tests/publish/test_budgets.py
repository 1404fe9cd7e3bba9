"""What a page is made of stays small. What the pages with most on them cost is held where all of Voorbeeldstad is built."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import served
from budget import MOST_BYTES, MOST_SCRIPT

from zicht.publish.headers import COMPRESSED
from zicht.publish.packing import with_brotli


@pytest.fixture(scope="module")
def home(site: Path) -> str:
    return served(site, 8790)


def test_the_scripts_of_the_site_fit_in_the_budget_all_together(site: Path) -> None:
    scripts = sorted((site / "static").rglob("*.js"))
    packed = {path.name: len(with_brotli(f"static/{path.name}", path.read_bytes())) for path in scripts}
    assert packed
    assert sum(packed.values()) <= 2 * MOST_SCRIPT, packed  # no page loads all of them


def test_every_page_is_small_as_it_is_sent(site: Path) -> None:
    heavy = {}
    for path in site.rglob("*.html"):
        size = len(with_brotli("page.html", path.read_bytes()))
        if size > MOST_BYTES / 4:
            heavy[path.relative_to(site).as_posix()] = size
    assert heavy == {}
    assert ".html" in COMPRESSED


@pytest.mark.browser
def test_what_lies_below_the_screen_is_not_laid_out_before_a_reader_comes_near(browser, home) -> None:
    page = browser.new_page(viewport={"width": 412, "height": 823})
    page.goto(home + "indicator/bereik/")
    seen = "() => document.querySelector('table.sortable tbody th').checkVisibility({contentVisibilityAuto: true})"
    assert page.evaluate(seen) is False
    page.locator("#table-title").scroll_into_view_if_needed()
    for _ in range(100):
        if page.evaluate(seen):
            break
        page.wait_for_timeout(100)
    assert page.evaluate(seen) is True
    page.close()
