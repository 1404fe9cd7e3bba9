"""What a page is made of stays small. What the pages with most on them cost is held where all of Voorbeeldstad is built."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import served
from budget import MOST_BYTES, MOST_SCRIPT, steady_cost_of

from zicht.publish.headers import COMPRESSED
from zicht.publish.packing import with_brotli

HEAVY = """
setTimeout(() => {
  let sum = 0;
  for (let number = 0; number < 2e7; number += 1) sum = (sum + number * number) % 1000003;
  document.title = String(sum);
  document.querySelector("h1").style.marginTop = "200px";
}, 300);
"""


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
@pytest.mark.slow
def test_a_page_that_keeps_a_reader_waiting_or_moves_is_over_its_budget(browser, tmp_path: Path) -> None:
    page = '<!DOCTYPE html><title>t</title><script type="module" src="heavy.js"></script><h1>Hoe gaat het?</h1><p>Goed.</p>'
    (tmp_path / "index.html").write_text(page)
    (tmp_path / "heavy.js").write_text(HEAVY)
    over = steady_cost_of(browser, served(tmp_path, 8796)).over()
    assert set(over) == {"cls", "tbt"}


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
