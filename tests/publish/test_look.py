"""The stylesheet of a site: the tokens of the house style in front, dark where the reader or the municipality asks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zicht.declare import shipped_style, shipped_styles
from zicht.errors import ZichtError
from zicht.publish.assets import assets
from zicht.publish.headers import allow_background, has_background
from zicht.publish.hosting import static_host
from zicht.publish.look import Look, assets_of, read_look, tokens_css

STYLES = Path(__file__).parents[2] / "frontend" / "styles"


def look(style: str = "zicht", scheme: str = "auto") -> Look:
    return Look(shipped_style(style), scheme, background=False)


@pytest.mark.parametrize("name", shipped_styles())
def test_every_token_that_the_stylesheet_uses_is_given(name):
    used = set(re.findall(r"var\((--zicht-[\w-]+)", assets()["site.css"].data.decode()))
    assert used
    assert used <= set(re.findall(r"(--zicht-[\w-]+):", tokens_css(look(name))))


def test_structure_names_no_colour():
    # The colours of categories in charts are the charts' own (frontend/styles/charts.css); no house style has them.
    sheets = [STYLES / "site.css", *(STYLES / "lib").glob("*.css")]
    for sheet in sheets:
        text = re.sub(r"url\([^)]*\)|/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.S)
        assert re.findall(r"#[0-9a-f]{3,8}\b(?=[;}\s,)])|rgb\(", text) == [], sheet.name


def test_two_styles_are_two_stylesheets_with_names_of_their_own():
    one, other = assets_of(look("zicht"))["site.css"], assets_of(look("linde"))["site.css"]
    assert one.path != other.path
    assert one.data.endswith(assets()["site.css"].data)


def test_dark_follows_the_device_the_municipality_or_neither():
    assert "prefers-color-scheme:dark" in tokens_css(look())
    assert "prefers-color-scheme" not in tokens_css(look(scheme="light"))
    dark = shipped_style("zicht").dark.paper
    assert dark in tokens_css(look(scheme="dark"))
    assert dark not in tokens_css(look(scheme="light"))


def test_a_site_that_is_dark_prints_light():
    assert re.search(r"@media print\{:root\{color-scheme:light", tokens_css(look(scheme="dark")))


def test_a_release_that_says_nothing_looks_like_zicht():
    assert read_look({}).style == shipped_style("zicht")


def faces(family: str) -> list[str]:
    sheet = assets()["site.css"].data.decode()
    return [
        face for face in re.findall(r"@font-face\{([^}]*)\}", sheet) if f'font-family:"{family}";' in face
    ]


@pytest.mark.parametrize("weight", [400, 499, 500, 650, 651, 900])
def test_a_page_asks_in_its_head_for_the_file_that_its_headings_are_set_in(weight):
    """A browser that has the file of another weight would set the page in other letters, and fetch a file for nothing."""
    style = shipped_style("zicht")
    head = look().style.letters.model_copy(update={"weight": weight})
    wanted = Look(style.model_copy(update={"letters": head}), "auto", background=False)
    spans = {face: re.search(r"font-weight:(\d+) (\d+)", face) for face in faces("Source Serif 4")}
    (face,) = (
        face for face, span in spans.items()
        if int(span[1]) <= weight <= int(span[2]) and "unicode-range" not in face
    )  # fmt: skip
    file = re.search(r"source-serif-4-latin-\d+-normal", face)[0]
    assert [name for name in wanted.fonts if "serif" in name] == [f"{file}.woff2"]
    assert set(wanted.fonts + wanted.story_fonts) <= assets().keys()
    assert not set(wanted.fonts) & set(wanted.story_fonts)


@pytest.mark.parametrize("family", ["Source Sans 3", "Source Serif 4"])
def test_every_weight_of_the_letters_has_those_of_other_languages_too(family):
    """A browser looks for a letter in the files of one range of weights only."""
    ranges = {
        rare: {
            re.search(r"font-weight:([\d ]+)", face)[1]
            for face in faces(family)
            if ("unicode-range" in face) is rare
        }
        for rare in (True, False)
    }
    assert ranges[True] == ranges[False] != set()


def test_a_release_cannot_bring_a_stylesheet_of_its_own():
    style = shipped_style("zicht").model_dump(exclude={"title"})
    style["letters"]["body"] = 'x";}*{display:none}'
    with pytest.raises(ZichtError, match="house style"):
        read_look({"style": style})


def test_the_background_map_and_what_allows_it_are_there_only_where_the_municipality_turned_it_on():
    without, with_it = look(), Look(shipped_style("zicht"), "auto", background=True)
    assert "background.js" not in assets_of(without)
    assert not has_background(asset.path for asset in assets_of(without).values())
    assert has_background(asset.path for asset in assets_of(with_it).values())
    assert "service.pdok.nl" not in static_host("/", [])
    assert "img-src 'self' data: https://service.pdok.nl;" in allow_background(static_host("/", []))
