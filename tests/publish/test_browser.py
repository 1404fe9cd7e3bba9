"""The site in a browser: accessible at every width, safe, complete without scripts, and usable by keyboard."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from zicht.publish import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = {
    "start": "",
    "indicator": "indicator/bereik/",
    "count with breakdown": "indicator/inwoners/wijk/",
    "area": "gebied/BU90090100/",
    "gemeente": "gebied/GM9009/",
    "areas": "gebieden/",
    "product": "product/wie_missen_we/",
    "theme": "thema/leven/",
    "catalogue": "catalogus/",
    "account": "verantwoording/",
    "English indicator": "en/indicator/bereik/",
    "not found": "no/such/page/",
}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    path = Path(os.environ.get("ZICHT_CHROMIUM", "/usr/bin/chromium"))
    if not path.is_file() and not os.environ.get("CI"):
        pytest.skip("no chromium: apt-get install chromium, or set ZICHT_CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(path), args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def home(site: Path) -> str:
    told: queue.Queue[str] = queue.Queue()
    threading.Thread(target=serve, args=(site, "127.0.0.1", 8750, told.put), daemon=True).start()
    return told.get(timeout=10)


@pytest.fixture
def open_page(browser, home):
    """Opens a page at a width; fails on any request elsewhere, any error and anything the policy refused."""
    contexts, problems = [], []

    def opened(path: str, width: int = 1440, height: int = 900, **options: object):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "request",
            lambda request: (
                problems.append(request.url) if not request.url.startswith((home, "data:")) else None
            ),
        )
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: (
                problems.append(message.text)
                if message.type == "error" and "404" not in message.text
                else None
            ),
        )
        page.goto(home + path)
        page.wait_for_load_state("networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(open_page, name, width):
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(PAGES[name], width)
    # The script of axe is put in by the test, past the policy that the server sends.
    found = Axe().run(page)
    said = [(item["id"], item["nodes"][0]["html"][:200]) for item in found.response["violations"]]
    assert said == []


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_scrolls_sideways_on_a_small_screen(open_page, name, width):
    page = open_page(PAGES[name], width, 640)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["start", "indicator", "area", "areas", "catalogue"])
def test_without_scripts_everything_is_there(open_page, name):
    page = open_page(PAGES[name], java_script_enabled=False)
    assert page.locator("h1").is_visible()
    assert page.locator("nav[aria-label='Hoofdmenu'] a").first.is_visible()
    if name == "indicator":
        assert page.locator("svg.map path.k4").count() > 0
        assert page.locator("table.sortable tbody tr").count() == 17
        assert page.locator("table.sortable tbody tr").last.is_visible()
        assert page.get_by_role("link", name="CSV").first.is_visible()
    if name == "start":
        assert page.get_by_role("link", name="Alle gebieden op een rij").is_visible()


def test_a_click_on_the_map_shows_the_area_beside_it(open_page):
    page = open_page(PAGES["indicator"])
    page.locator("svg.map a[data-code='BU90090100']").click()
    panel = page.locator("#panel")
    assert panel.get_by_role("heading").inner_text() == "Buurt 00"
    assert "54,4%" in panel.inner_text()
    assert "Waarschijnlijk tussen 48% en 61%." in panel.inner_text()
    assert "Hoger dan Proefstad." in panel.inner_text()


def test_a_hidden_area_says_so_and_gives_no_number(open_page):
    page = open_page(PAGES["indicator"])
    page.locator("svg.map a[data-code='BU90090202']").click()
    said = page.locator("#panel").inner_text()
    assert "verborgen" in said
    assert "Niet getoond om privacy te beschermen." in said
    assert "%" not in said


def test_the_map_is_walked_by_arrow_keys_and_enter_opens_the_area(open_page):
    page = open_page(PAGES["indicator"])
    page.locator("#map [role=application]").focus()
    page.keyboard.press("ArrowRight")
    first = page.locator("#panel h3").inner_text()
    page.keyboard.press("ArrowRight")
    second = page.locator("#panel h3").inner_text()
    assert first != second
    page.keyboard.press("Enter")
    page.wait_for_url("**/gebied/**")
    assert page.locator("h1").inner_text() == second


def test_an_area_is_found_by_typing_its_name(open_page):
    page = open_page(PAGES["start"])
    page.get_by_role("combobox").fill("wijk 3")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gebied/WK900903/")


def test_the_table_sorts_by_value_with_hidden_ones_below(open_page):
    page = open_page(PAGES["indicator"])
    page.get_by_role("button", name="Waarde").click()
    rows = page.locator("table.sortable tbody tr")
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Waarde")
    values = [text for text in rows.locator("td:nth-child(2)").all_inner_texts() if text]
    numbers = [float(text.rstrip("%").replace(",", ".")) for text in values if text != "–"]
    assert numbers == sorted(numbers)
    page.get_by_role("button", name="Toon alle").click()
    assert rows.last.locator("td").first.inner_text() == "–"


def test_a_map_of_very_many_areas_is_drawn_and_answers(tmp_path, monkeypatch, browser):
    from small_city import small_city

    from zicht.publish import publish_site
    from zicht.release import open_release

    for module in ("indicators", "mapdata", "general"):
        monkeypatch.setattr(f"zicht.publish.{module}.MOST_IN_SVG", 10)
    publish_site(open_release(small_city().write(tmp_path / "release")), tmp_path / "site", workers=1)
    told: queue.Queue[str] = queue.Queue()
    threading.Thread(target=serve, args=(tmp_path / "site", "127.0.0.1", 8780, told.put), daemon=True).start()
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(told.get(timeout=10) + "indicator/bereik/")
    page.locator("#map canvas").wait_for()
    box = page.locator("#map canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2 - 40, box["y"] + box["height"] / 2 - 40)
    assert page.locator("#panel h3").inner_text().startswith("Buurt")
    page.close()
