"""Every kind of page, as people look at it: two house styles, light and dark, five widths, large letters, forced colours, two languages."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from browsing import FACTORS, SETUPS, Setup, served, watch
from full_city import write_full_city

from zicht.publish import publish_site
from zicht.release import open_release

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KINDS = {
    "start": "", "indicator": "indicator/bereik/", "numbers that add up": "indicator/inwoners/wijk/", "area": "gebied/BU90090100/",
    "gemeente": "gebied/GM9009/", "areas": "gebieden/", "product": "product/wie_missen_we/", "products": "producten/",
    "theme": "thema/leven/", "themes": "themas/", "catalogue": "catalogus/", "account": "verantwoording/",
    "comparison": "vergelijk/?gebieden=BU90090100,BU90090202", "statement": "toegankelijkheid/", "colophon": "colofon/", "notes": "wijzigingen/", "not found": "no/such/page/",
    "processings": "verwerkingen/", "processing": "id/verwerking/missen/", "algorithms": "algoritmes/", "provenance": "herkomst/bereik/",
    "chart elsewhere": "insluiten/bereik/wijk-marges/",
}  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_EACH = 3  # setups in which every kind of page is looked at


def _kinds_of(place: int) -> list[str]:
    step = max(1, len(SETUPS) // _EACH)
    return [
        kind
        for at, kind in enumerate(KINDS)
        if any((at + turn * step) % len(SETUPS) == place for turn in range(_EACH))
    ]


@pytest.fixture(scope="module")
def homes(site: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("linde")
    written = write_full_city(folder / "release", style=_tokens("linde"), scheme="auto")
    publish_site(open_release(written), folder / "site")
    return {"zicht": served(site, 8800), "linde": served(folder / "site", 8820)}


def _tokens(name: str) -> dict[str, Any]:
    from zicht.declare import shipped_style

    return shipped_style(name).model_dump(mode="json", exclude={"title"})


@pytest.fixture(scope="module")
def axe() -> str:
    import axe_playwright_python

    found = importlib.util.find_spec("axe_playwright_python")
    assert found is not None
    return next(Path(axe_playwright_python.__path__[0]).rglob("axe.min.js")).read_text("utf-8")


def test_every_pair_of_circumstances_is_looked_at():
    seen = {
        (a, getattr(setup, a), b, getattr(setup, b)) for setup in SETUPS for a in FACTORS for b in FACTORS
    }
    assert all(
        (a, x, b, y) in seen
        for a in FACTORS
        for x in FACTORS[a]
        for b in FACTORS
        for y in FACTORS[b]
        if a != b
    )
    assert {kind for place in range(len(SETUPS)) for kind in _kinds_of(place)} == set(KINDS)


@pytest.mark.parametrize("place", range(len(SETUPS)), ids=map(str, SETUPS))
def test_pages_are_accessible_and_fit_however_they_are_looked_at(browser, homes, axe, place):
    setup: Setup = SETUPS[place]
    context = browser.new_context(
        viewport={"width": setup.width, "height": 800}, color_scheme=setup.ground, reduced_motion="reduce",
        forced_colors="active" if setup.forced else "none", bypass_csp=True,
    )  # fmt: skip
    home, problems = homes[setup.style], []
    page = context.new_page()
    watch(page, home, problems)
    try:
        for kind in _kinds_of(place):
            prefix = "en/" if setup.language == "en" and kind != "not found" else ""
            page.goto(home + prefix + KINDS[kind], wait_until="load")
            if page.locator("#map").count():
                page.locator("#map [role=application]").wait_for()
            if setup.text != 100:
                page.evaluate(f"document.documentElement.style.fontSize = '{setup.text}%'")
            # What is not laid out yet would hide that it is too wide.
            page.add_style_tag(content="* { content-visibility: visible !important }")
            page.evaluate(axe)
            # With forced colours axe takes the colours of the page for those that the reader has chosen.
            rules = {"color-contrast": {"enabled": True}}
            options = {"runOnly": RULES, "rules": rules, "resultTypes": ["violations"]}
            found = page.evaluate("options => axe.run(document, options)", options)
            problems += [
                f"{kind}: {item['id']}: {item['nodes'][0]['html'][:160]}" for item in found["violations"]
            ]
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > setup.width:
                problems.append(f"{kind}: is {wide} wide")
    finally:
        context.close()
    assert problems == []


def test_pages_are_valid_html(site):
    spec = importlib.util.spec_from_file_location(
        "frontend_build", Path(__file__).parents[2] / "frontend" / "build.py"
    )
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    pages = [
        site / prefix / path.partition("?")[0] / "index.html"
        for kind, path in KINDS.items()
        for prefix in ("", "en")
        if kind != "not found"
    ]
    pages.append(site / "404.html")
    config = str(build.HERE / ".htmlvalidate.json")
    build.run_tool("html-validate/bin/html-validate.mjs", "--config", config, *map(str, pages))
