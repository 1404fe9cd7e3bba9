"""The charts of an area's profile: what clearly differs, over the years and beside its gemeente; nothing of what is hidden."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
from small_city import City, texts

from zicht.publish import profile
from zicht.publish.edition import Edition
from zicht.publish.panels import course_charts
from zicht.publish.render import Frame
from zicht.publish.texts import Texts
from zicht.release import open_release

NL = Texts("nl")


@pytest.fixture
def city(city: City) -> City:
    """The small city with a second share, whose figures are those of the first."""
    city.indicators.append({**copy.deepcopy(city.indicators[0]), "id": "kansen", "title": texts("Kansen")})
    city.figures["kansen"] = copy.deepcopy(city.figures["bereik"])
    city.indicators[0]["title"] = texts("Bereik van hulp")
    return city


def _edition(city: City, folder: Path) -> Edition:
    return Edition(open_release(city.write(folder / "release")))


def _at(edition: Edition, code: str) -> tuple[str, int]:
    place = edition.areas.number[code]
    level = edition.areas.level_of[place]
    return level, edition.areas.members[level].tolist().index(place)


def test_figures_that_clearly_differ_stand_over_the_years_and_beside_the_gemeente(city, tmp_path):
    edition = _edition(city, tmp_path)
    course, beside = course_charts(edition, NL, *_at(edition, "BU90090100"))
    assert course.title == "Waarin Buurt 00 duidelijk anders is dan Proefstad"
    assert course.subtitle == "2 van de 2 cijfers, door de jaren heen, elk op een eigen schaal"
    released = {
        (row["period"], row["area"]): row["value"]
        for row in city.figures["bereik"]
        if row["area"] in ("BU90090100", "GM9009")
    }
    told = {column.key: column.raw for column in course.columns}
    for figure, period, own, other in zip(
        *(told[key] for key in ("figure", "period", "value", "reference")), strict=True
    ):
        assert figure in ("Bereik van hulp", "Kansen")
        assert own == pytest.approx(released[period, "BU90090100"], abs=0.05)
        assert other == pytest.approx(released[period, "GM9009"], abs=0.05)
    assert beside.title == "2 percentages zijn duidelijk anders dan in Proefstad"
    assert [column.shown for column in beside.columns[2:]] == [("54,4%", "54,4%"), ("40,4%", "40,4%")]
    assert beside.source == course.source == "Bron: Basisregistratie."


def test_an_area_that_does_not_differ_or_has_nothing_above_it_gets_a_figure_of_every_theme_or_none(
    city, tmp_path
):
    assert course_charts(*_of(_edition(city, tmp_path / "one"), "GM9009")) == []
    city.indicators[1]["theme"] = "wonen"
    (course,) = course_charts(*_of(_edition(city, tmp_path / "two"), "GM9009"))
    assert course.title == "Proefstad door de jaren heen, bij elk thema één cijfer"
    assert "stippellijn" not in course.note


def _of(edition: Edition, code: str) -> tuple[Edition, Texts, str, int]:
    return (edition, NL, *_at(edition, code))


def test_a_hidden_figure_of_an_area_is_in_none_of_its_charts(city, tmp_path):
    edition = _edition(city, tmp_path)
    hidden = next(
        row["area"] for row in city.figures["bereik"] if row["value"] is None and row["period"] == "2024"
    )
    for chart in course_charts(edition, NL, *_at(edition, hidden)):
        assert "Bereik van hulp" not in chart.columns[0].shown


def test_a_chart_with_a_phenomenon_says_what_it_is_no_proof_of(city, tmp_path):
    city.indicators[0]["phenomenon"] = True
    edition = _edition(city, tmp_path)
    for chart in course_charts(edition, NL, *_at(edition, "BU90090100")):
        assert "Meer dan gemiddeld is geen bewijs van een misstand." in chart.note


def test_the_page_of_an_area_shows_its_charts_with_their_tables_unless_there_are_very_many_areas(
    city, tmp_path, monkeypatch
):
    edition = _edition(city, tmp_path)
    frame = Frame(edition.catalogue, NL, ("nl",))
    for most, charts in ((profile.MOST_PRINTED, 2), (3, 0)):
        monkeypatch.setattr(profile, "MOST_PRINTED", most)
        pages = dict(profile.area_pages(edition, frame, profile.Locators(edition), "buurt", slice(0, 1)))
        html = pages["gebied/BU90090100/index.html"]
        assert len(re.findall(r'<svg class="chart (?:multiples|dumbbell)"', html)) == charts
        assert html.count("Tabel bij deze grafiek") == charts
