"""Areas side by side: what their files say, and the page in a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from browsing import chromium, served, watch

from zicht.release import HIDDEN


def test_the_file_of_an_area_has_the_latest_figures_of_the_release_and_no_hidden_one(site, release):
    told = {
        (row["indicator"], row["area"]): row
        for name in ("bereik", "inwoners")
        for row in release.figures(name).to_pylist()
        if row["period"] == "2024" and row.get("leeftijd", "TOTAL") == "TOTAL"
    }
    paths = sorted((site / "data/gebied").iterdir())
    assert len(paths) == 16 + 4 + 1
    hidden = 0
    for path in paths:
        area = json.loads(path.read_text("utf-8"))
        assert path.stem == area["code"]
        for name, (value, lower, upper, standing) in area["figures"].items():
            row = told[name, area["code"]]
            if row["status"] in HIDDEN:
                hidden += 1
                assert (value, lower, upper, standing) == (None, None, None, 2)
            else:
                assert value == round(row["value"], 1 if name == "bereik" else 0)
                assert (lower is None) == (row["lower"] is None)
    assert hidden > 0


@pytest.fixture(scope="module")
def pages(site) -> Iterator[object]:
    home, problems = served(site, 8790), []
    with chromium() as browser:

        def opened(path: str, width: int = 1280, **options: object):
            page = browser.new_context(viewport={"width": width, "height": 900}, **options).new_page()
            watch(page, home, problems)
            page.goto(home + path)
            page.wait_for_load_state("networkidle")
            return page

        yield opened
    assert problems == []


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_is_accessible_and_never_scrolls_sideways(pages, width):
    from axe_playwright_python.sync_playwright import Axe

    for path in (
        "vergelijk/",
        "vergelijk/?gebieden=BU90090100,BU90090202,GM9009",
        "en/vergelijk/?gebieden=WK900901",
    ):
        page = pages(path, width)
        found = Axe().run(page).response["violations"]
        assert [(item["id"], item["nodes"][0]["html"][:200]) for item in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
@pytest.mark.slow
def test_from_a_profile_another_area_is_added_by_keyboard_and_taken_away_again(pages):
    page = pages("gebied/BU90090100/")
    page.get_by_role("link", name="Vergelijk Buurt 00 met een ander gebied").click()
    page.wait_for_url("**/vergelijk/?gebieden=BU90090100")
    page.locator("#compare", has_text="U hebt één gebied gekozen.").wait_for()
    page.get_by_role("combobox").fill("buurt 22")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/vergelijk/?gebieden=BU90090100,BU90090422")
    # The address changes before the table does, and what is off the screen has no text as it is seen.
    rows = page.locator("tbody", has_text="Bereik").locator("tr")
    rows.filter(has_text="Buurt 22").wait_for(state="attached")
    cells = rows.nth(1).locator("th, td").all_text_contents()
    assert [cell.strip() for cell in cells[:3]] == ["Buurt 00", "54,4%", "48% tot 61%"]
    assert rows.count() == 3
    page.get_by_text("Buurt 22 staat erbij. U vergelijkt nu 2 van de 4 gebieden.", exact=True).wait_for(
        state="attached"
    )
    page.get_by_role("button", name="Haal Buurt 00 weg").press("Enter")
    page.wait_for_url("**/vergelijk/?gebieden=BU90090422")
    page.locator("[aria-label='Haal Buurt 22 weg']:focus").wait_for()
    page.go_back()
    page.get_by_role("button", name="Haal Buurt 00 weg").wait_for()


@pytest.mark.browser
@pytest.mark.slow
def test_a_hidden_figure_has_a_word_and_what_is_no_area_is_left_out(pages):
    page = pages("vergelijk/?gebieden=BU90090202,BU90090100,../../x")
    row = page.locator("tbody", has_text="Bereik").locator("tr").nth(1)
    assert row.inner_text().split() == ["Buurt", "02", "verborgen"]
    assert page.locator(".compared li").count() == 2


@pytest.mark.browser
@pytest.mark.slow
def test_without_scripts_it_says_what_to_do(pages):
    page = pages("vergelijk/", java_script_enabled=False)
    assert page.get_by_text("Vergelijken werkt alleen met JavaScript.").is_visible()
