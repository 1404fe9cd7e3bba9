"""Small maps of all periods: the colours of the map, one picture for all languages, a table with the same figures, nothing hidden."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from zicht.publish.edition import Edition
from zicht.publish.years import years_of, years_svg
from zicht.release import Release

SVG = "{http://www.w3.org/2000/svg}"


def drawn(edition: Edition, name: str, level: str) -> ET.Element:
    indicator = edition.catalogue.indicators[name]
    years = years_of(edition, indicator, level)
    assert years is not None
    return ET.fromstring(years_svg(edition, indicator, level, years))


def test_every_period_is_coloured_as_its_map_is(release: Release) -> None:
    edition = Edition(release)
    indicator = edition.catalogue.indicators["bereik"]
    picture = drawn(edition, "bereik", "buurt")
    codes = [edition.areas.codes[place] for place in edition.areas.members["buurt"].tolist()]
    assert [view.get("id") for view in picture.iter(f"{SVG}view")] == ["p2023", "p2024"]
    periods = [one for one in picture.iter(f"{SVG}g") if one.get("transform")]
    shaped = {path.get("id") for path in picture.iter(f"{SVG}path")}
    for place, period in enumerate(periods):
        found = {
            codes[int(use.get("href", "").removeprefix("#a"))]: group.get("class")
            for group in period
            for use in group.iter(f"{SVG}use")
        }
        wanted = dict(
            zip(
                codes,
                edition.paints(edition.moment(indicator, "buurt", place), edition.breaks(indicator, "buurt")),
                strict=True,
            )
        )
        assert found == {code: wanted[code] for at, code in enumerate(codes) if f"a{at}" in shaped}
        assert "hidden" in found.values()
    first, second = (ET.tostring(period) for period in periods)
    assert first != second


def test_numbers_that_add_up_are_circles(release: Release) -> None:
    picture = drawn(Edition(release), "inwoners", "wijk")
    assert len(list(picture.iter(f"{SVG}circle"))) == 2 * 4


def test_the_picture_has_no_words_and_no_values(release: Release) -> None:
    picture = drawn(Edition(release), "bereik", "buurt")
    assert not {one.tag for one in picture.iter()} & {f"{SVG}text", f"{SVG}title", f"{SVG}desc"}
    assert {name for use in picture.iter(f"{SVG}use") for name in use.attrib} == {"href"}


@pytest.mark.parametrize("level", ["gemeente"])
def test_one_area_alone_has_no_small_maps(release: Release, level: str) -> None:
    edition = Edition(release)
    assert years_of(edition, edition.catalogue.indicators["bereik"], level) is None


def test_too_many_shapes_are_left_to_the_script(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = Edition(release)
    monkeypatch.setattr("zicht.publish.years._MOST_SHAPES", 10)
    assert years_of(edition, edition.catalogue.indicators["bereik"], "buurt") is None


def test_both_languages_show_the_picture_and_a_table_with_every_period(site: Path) -> None:
    assert (site / "grafiek" / "bereik" / "buurt-periodes.svg").is_file()
    assert not (site / "en" / "grafiek" / "bereik" / "buurt-periodes.svg").exists()
    for prefix, up, hidden in (("", "../../../", "verborgen"), ("en/", "../../../../", "hidden")):
        page = (site / prefix / "indicator" / "bereik" / "buurt" / "index.html").read_text("utf-8")
        block = page.partition('id="map-years"')[2].partition("</details>")[0]
        assert f'src="{up}grafiek/bereik/buurt-periodes.svg#p2023"' in block
        rows = block.partition("<tbody>")[2].count("<tr>")
        assert rows == 16
        assert block.count(f'<td class="num">{hidden}</td>') == 2 * 3
