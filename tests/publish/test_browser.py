"""The site in a browser: accessible at every width, safe, complete without scripts, and usable by keyboard."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path

import pytest
from browsing import served, watch

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = {
    "start": "",
    "indicator": "indicator/bereik/",
    "area": "gebied/BU90090100/",
    "areas": "gebieden/",
    "catalogue": "catalogus/",
}


@pytest.fixture(scope="module")
def home(site) -> str:
    return served(site, 8750)


@pytest.fixture
def open_page(browser, home):
    """Opens a page at a width; fails on any request elsewhere, any error and anything the policy refused."""
    contexts, problems = [], []

    def opened(path: str, width: int = 1440, height: int = 900, **options: object):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        watch(page, home, problems)
        page.goto(home + path)
        if options.get("java_script_enabled", True) and page.locator("#map").count():
            shown = "performance.getEntriesByName('map-shown').length"
            # Asked again from here: what waits in the page is evaluated there, and the policy of the site forbids that.
            for _ in range(300):
                if page.evaluate(shown):
                    break
                page.wait_for_timeout(100)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


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


def _taken(page, button) -> bytes:
    with page.expect_download() as taken:
        button.click()
    return Path(taken.value.path()).read_bytes()


def _pixels(png: bytes) -> tuple[int, int, int]:
    """Width and height of a PNG, and how many different bytes it is drawn with."""
    assert png.startswith(b"\x89PNG")
    parts, at = [], 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        parts += [png[at + 8 : at + 8 + size]] if kind == b"IDAT" else []
        at += size + 12
    return (*struct.unpack(">II", png[16:24]), len(set(zlib.decompress(b"".join(parts)))))


def test_every_chart_and_the_map_can_be_taken_as_a_picture_by_keyboard(open_page):
    page = open_page(PAGES["indicator"])
    exhibit = page.locator(".exhibit:has(.chart.interval)").first
    exhibit.locator("summary", has_text="Downloaden of delen").press("Enter")
    button = exhibit.get_by_role("button", name="PNG")
    with page.expect_download() as taken:
        button.press("Enter")
    assert re.fullmatch(r"bereik-buurt-marges\.png", taken.value.suggested_filename)
    drawing = page.request.get(exhibit.get_by_role("link", name="SVG").evaluate("link => link.href")).text()
    told = re.search(r'width="([\d.]+)" height="([\d.]+)"', drawing)
    width, height, shades = _pixels(Path(taken.value.path()).read_bytes())
    assert (width, height) == tuple(round(float(side)) * 2 for side in told.groups())
    assert shades > 40
    page.locator(".map-take summary").press("Enter")
    width, height, shades = _pixels(
        _taken(page, page.locator("#map-takes").get_by_role("button", name="PNG"))
    )
    assert width == 2 * (880 + 2 * 28)
    assert height > width / 2
    assert shades > 40


def test_a_map_that_is_taken_as_a_drawing_stands_alone_and_hatches_what_is_hidden(open_page):
    page = open_page(PAGES["indicator"])
    page.locator(".map-take summary").click()
    drawing = _taken(page, page.locator("#map-takes").get_by_role("button", name="SVG")).decode()
    hidden = page.locator("svg.map path.hidden").count()
    assert hidden > 0
    assert drawing.count('fill="url(#hatch)"') == hidden
    assert "Bron: Basisregistratie." in drawing
    assert "Verborgen om privacy" in drawing
    assert not re.search(r"class=|href=|<title", drawing)


def test_arrow_keys_and_a_tap_read_the_marks_of_a_chart(open_page):
    page = open_page(PAGES["indicator"], 390, has_touch=True)
    chart = page.locator(".chart.interval.narrow").first
    said = [" ".join(text.split()) for text in chart.locator("title").all_text_contents()]
    chart.focus()
    page.wait_for_load_state("networkidle")
    told = page.locator(".chart-tip")
    for key, place in (("ArrowRight", 0), ("ArrowRight", 1), ("End", -1), ("ArrowLeft", -2)):
        chart.press(key)
        assert told.inner_text() == said[place]
    box = told.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.keyboard.press("Escape")
    assert told.inner_text() == ""
    chart.locator("circle").nth(2).tap()
    assert told.inner_text() == said[2]


@pytest.mark.parametrize("width", [320, 640])
def test_every_chart_is_whole_and_its_letters_can_be_read_at_every_width(open_page, width):
    page = open_page(PAGES["indicator"], width)
    found = page.evaluate(
        """() => [...document.querySelectorAll("svg.chart")].filter(chart => chart.getClientRects().length).map(chart => {
            const box = chart.getBoundingClientRect();
            return [box.left >= 0 && box.right <= innerWidth, 15 * box.width / chart.viewBox.baseVal.width];
        })"""
    )
    assert len(found) == page.locator("svg.chart").count() / 2
    assert all(whole and letters >= 12 for whole, letters in found), found


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
    home = served(tmp_path / "site", 8780)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(home + "indicator/bereik/")
    page.locator("#map canvas").wait_for()
    box = page.locator("#map canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2 - 40, box["y"] + box["height"] / 2 - 40)
    assert page.locator("#panel h3").inner_text().startswith("Buurt")
    chosen = page.locator("#panel h3").inner_text()
    page.locator("#map [role=application]").press("ArrowRight")
    assert page.locator("#panel h3").inner_text() != chosen
    page.close()


# ---- tasks, by keyboard alone


def test_find_my_buurt_read_the_figure_and_download_it(open_page):
    page = open_page(PAGES["start"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "combobox"
    page.keyboard.type("wjik 3")  # two letters swapped
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    assert "Wijk 3" in page.locator("[role=option][aria-selected=true]").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/gebied/WK900903/")
    page.get_by_role("link", name="Bereik", exact=False).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/indicator/bereik/**")
    with page.expect_download() as told:
        page.locator("a[download][href$='bereik.csv']").focus()
        page.keyboard.press("Enter")
    assert told.value.suggested_filename == "bereik.csv"


def test_go_down_from_a_wijk_to_its_buurten_and_up_again(open_page):
    page = open_page("indicator/bereik/wijk/")
    area = page.locator("#map [role=application]")
    area.focus()
    page.keyboard.press("ArrowRight")
    wijk = page.locator("#panel h3").inner_text()
    assert page.locator("#map-live").inner_text().startswith(f"{wijk}:")
    code = page.evaluate("new URLSearchParams(location.search).get('gebied')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/indicator/bereik/buurt/?binnen={code}")
    page.locator("svg.map path.aside").first.wait_for()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "application"
    page.keyboard.press("ArrowRight")
    assert page.locator("#panel .where").inner_text().endswith(wijk)
    page.keyboard.press("Escape")
    page.wait_for_url(f"**/indicator/bereik/wijk/?gebied={code}")
    page.locator("#panel h3", has_text=wijk).wait_for()
    page.go_back()
    page.locator(".levels [aria-current]", has_text="Buurt").wait_for()


def _fill(page, shape: str) -> str:
    return page.locator(f"svg.map {shape}").evaluate("one => getComputedStyle(one).fill")


def test_another_period_recolours_the_map_and_stands_in_the_address(open_page):
    page = open_page("indicator/bereik/buurt/?gebied=BU90090100")
    chosen, other = "a[data-code='BU90090100'] path", "a[data-code='BU90090111'] path"
    said, latest = page.locator("#panel .big").inner_text(), [_fill(page, one) for one in (chosen, other)]
    page.locator("#map-period").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**jaar=2023**")
    assert page.locator("#map-period-words").inner_text() == "2023"
    assert (said, page.locator("#panel .big").inner_text()) == ("54,4%", "48,4%")
    before = [_fill(page, one) for one in (chosen, other)]
    assert all(old != new for old, new in zip(before, latest, strict=True)), (before, latest)
    assert page.locator(".of-latest").is_visible()
    again = open_page("indicator/bereik/buurt/?gebied=BU90090100&jaar=2023")
    assert again.locator("#map-period-words").inner_text() == "2023"
    assert again.locator("#panel .big").inner_text() == page.locator("#panel .big").inner_text()


def test_buttons_and_keys_zoom_and_zero_shows_the_whole_map(open_page):
    page = open_page(PAGES["indicator"], reduced_motion="reduce")
    seen = "Number(document.querySelector('svg.map').getAttribute('viewBox').split(' ')[2])"
    whole = page.evaluate(seen)
    page.get_by_role("button", name="Dichterbij").click()
    assert page.evaluate(seen) < whole
    page.locator("#map [role=application]").focus()
    page.keyboard.press("+")
    assert page.evaluate(seen) < whole / 2
    page.keyboard.press("0")
    assert page.evaluate(seen) == pytest.approx(whole)


def test_an_address_with_an_area_that_is_not_there_says_so(open_page):
    page = open_page("indicator/bereik/buurt/?gebied=BU00000000&jaar=1900")
    assert "staat niet op deze kaart" in page.locator("#map-live").inner_text()


def test_what_has_the_focus_shows_it_and_is_not_covered(open_page):
    page = open_page(PAGES["indicator"])
    for _ in range(30):
        page.keyboard.press("Tab")
        state = page.evaluate(
            """() => {
                const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
                const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return [one.outerHTML.slice(0, 80), parseFloat(style.outlineWidth), style.outlineStyle,
                        one === document.body || !over || one.contains(over) || over.contains(one)];
            }"""
        )
        assert state[1] >= 2, state
        assert state[2] != "none", state
        assert state[3], state


def test_uncertain_figures_are_marked_when_asked(open_page):
    page = open_page("indicator/bereik/buurt/")
    page.locator("#map-unsure").check()
    page.wait_for_url("**onzeker=1**")
    assert page.locator("svg.map .unsure").count() == 1


def test_public_objects_are_shown_when_asked_and_stand_in_the_address(open_page):
    page = open_page("indicator/bereik/buurt/")
    assert page.locator(".over .points").count() == 0
    page.get_by_label("Loketten op de kaart (10)").check()
    page.wait_for_url("**punten=1**")
    dots = page.locator(".over .points .dot")
    assert dots.get_attribute("d").count("M") == 10
    drawn, whole = (
        one.evaluate(
            "one => { const box = one.getBBox(); return [box.x, box.y, box.x + box.width, box.y + box.height]; }"
        )
        for one in (dots, page.locator("svg.map .areas"))
    )
    assert whole[0] < drawn[0] < drawn[2] < whole[2]
    assert whole[1] < drawn[1] < drawn[3] < whole[3]
    again = open_page("indicator/bereik/wijk/?punten=1")
    again.locator(".over .points").wait_for(state="attached")
    again.get_by_label("Loketten op de kaart (10)").uncheck()
    assert again.locator(".over .points").count() == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_all_periods_stand_side_by_side_with_and_without_scripts(open_page, scripts):
    page = open_page("indicator/bereik/buurt/", java_script_enabled=scripts)
    page.locator("#map-years summary").click()
    pictures = page.locator("#map-years img")
    pictures.first.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert (
        pictures.evaluate_all("all => all.map(one => [one.complete, one.naturalWidth > 0])")
        == [[True, True]] * 2
    )
    assert pictures.first.screenshot() != pictures.last.screenshot()
    if scripts:
        page.get_by_role("button", name="2023").click()
        page.wait_for_url("**jaar=2023**")
        assert page.locator("#map-period-words").inner_text() == "2023"


def _row(page, name: str) -> list[str]:
    row = page.locator("#table tbody tr", has=page.get_by_role("rowheader", name=name, exact=True))
    return row.locator("td:not(.sp)").all_text_contents()


def test_legend_and_table_say_what_the_map_shows_of_another_period(open_page):
    page = open_page("indicator/bereik/buurt/")
    bars = "document.querySelector('.legend .strip .bars').innerHTML"
    latest, legend = _row(page, "Buurt 00"), page.evaluate(bars)
    assert latest[:2] == ["54,4%", "48% en 61%"]
    page.locator("#map-period").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**jaar=2023**")
    assert _row(page, "Buurt 00")[:2] == ["48,4%", "42% en 55%"]
    assert _row(page, "Buurt 02")[:3] == ["–", "–", "verborgen"]
    assert page.locator("#table caption span").text_content().endswith("2023.")
    assert page.evaluate(bars) != legend
    whole = page.locator("#table tbody tr", has_text="Onbekend")
    assert whole.count() == 0 or "–" in whole.first.text_content()
    page.keyboard.press("ArrowRight")
    page.locator("#table caption span", has_text="2024.").wait_for()
    assert _row(page, "Buurt 00") == latest
    assert page.evaluate(bars) == legend


def test_the_difference_of_another_period_is_that_of_its_own_values(open_page):
    page = open_page("indicator/bereik/wijk/?jaar=2023")
    page.locator("#table caption span", has_text="2023.").wait_for()
    whole = float(
        open_page("indicator/bereik/gemeente/?jaar=2023")
        .locator("#table tbody td")
        .first.inner_text()
        .rstrip("%")
        .replace(",", ".")
    )
    value, _, _, difference = _row(page, "Wijk 1")
    told = float(difference.split()[0].replace(",", ".").replace("−", "-"))
    assert told == pytest.approx(float(value.rstrip("%").replace(",", ".")) - whole, abs=0.051)


# ---- fingers


def _fingers(session, kind: str, *places: tuple[float, float]) -> None:
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_two_fingers_zoom_and_move_the_map_and_one_leaves_the_page_to_scroll(open_page):
    page = open_page(
        "indicator/bereik/buurt/", width=390, height=800, has_touch=True, reduced_motion="reduce"
    )
    session = page.context.new_cdp_session(page)
    page.locator("#map").scroll_into_view_if_needed()
    box = page.locator("#map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def seen() -> list[float]:
        # Moves reach the page with the next frame.
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return page.evaluate(
            "document.querySelector('svg.map').getAttribute('viewBox').split(' ').map(Number)"
        )

    whole = seen()
    _fingers(session, "touchStart", (x, y))
    for step in range(1, 6):
        _fingers(session, "touchMove", (x + 8 * step, y))
    _fingers(session, "touchEnd")
    assert seen() == whole  # one finger does not move a map that is seen whole
    _fingers(session, "touchStart", (x - 30, y), (x + 30, y))
    for step in range(1, 9):
        _fingers(session, "touchMove", (x - 30 - 10 * step, y), (x + 30 + 10 * step, y))
    zoomed = seen()
    assert zoomed[2] < whole[2] / 2
    for step in range(1, 6):
        _fingers(session, "touchMove", (x - 110 + 6 * step, y), (x + 110 + 6 * step, y))
    moved = seen()
    assert moved[0] < zoomed[0]
    assert moved[2] == pytest.approx(zoomed[2], rel=0.02)
    for step in range(1, 9):
        _fingers(session, "touchMove", (x - 80 + 8 * step, y), (x + 140 - 8 * step, y))
    assert seen()[2] > moved[2]
    _fingers(session, "touchEnd")


def test_find_my_buurt_read_it_compare_it_and_take_the_figures_with_me(open_page):
    """By keyboard alone, from the start to a file."""
    page = open_page(PAGES["start"])
    page.get_by_role("combobox").focus()
    page.keyboard.type("buurt 00")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gebied/BU90090100/")
    assert "54,4%" in page.locator("main").inner_text()
    _walk_to(page, "Vergelijk Buurt 00 met een ander gebied")
    page.keyboard.press("Enter")
    page.wait_for_url("**/vergelijk/?gebieden=BU90090100")
    _walk_to(page, "", role="combobox")
    page.keyboard.type("buurt 22")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/vergelijk/?gebieden=BU90090100,BU90090422")
    assert page.locator("#compare tbody", has_text="Bereik").locator("tr").count() == 3
    _walk_to(page, "Bereik")
    page.keyboard.press("Enter")
    page.wait_for_url("**/indicator/bereik/")
    _walk_to(page, "CSV")
    with page.expect_download() as told:
        page.keyboard.press("Enter")
    assert told.value.suggested_filename == "bereik.csv"


def _walk_to(page, name: str, role: str = "") -> None:
    """Press Tab until what has the focus begins with a name, or has a role; a key a person would have to press, no more than 150 times."""
    for _ in range(150):
        page.keyboard.press("Tab")
        told, of = page.evaluate(
            "[document.activeElement.innerText ?? '', document.activeElement.getAttribute('role') ?? '']"
        )
        if (of == role) if role else told.strip().startswith(name):
            return
    raise AssertionError(f"{name or role} cannot be reached by keyboard")
