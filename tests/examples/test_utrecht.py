"""Utrecht, from the workbooks, the proximity file and the polygons as they were delivered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
import recomputed
from built_apart import EXAMPLES, Example

from zicht.declare import read_project

pytestmark = [pytest.mark.shared, pytest.mark.slow]
LEVELS = {"buurt": 111, "wijk": 10, "gemeente": 1}


def rows(example: Example, indicator: str) -> list[dict[str, Any]]:
    return [row for row in example.release.figures(indicator).to_pylist() if "-" not in row["area"]]


def evidence(example: Example, name: str, part: str) -> Mapping[str, Any]:
    found = example.release.evidence(name)[part]
    assert isinstance(found, Mapping)
    return found


@pytest.mark.parametrize(
    ("level", "inhabitants"), [("buurt", 367_715), ("wijk", 367_755), ("gemeente", 367_947)]
)
def test_inhabitants_of_2023_come_out_as_cbs_rounded_them(
    utrecht: Example, level: str, inhabitants: int
) -> None:
    found = [
        row["value"] for row in rows(utrecht, "inwoners") if row["period"] == "2023" and row["level"] == level
    ]
    assert len(found) == LEVELS[level]
    assert sum(found) == inhabitants


def test_that_they_do_not_add_up_is_reported_as_rounding_and_not_as_a_difference(utrecht: Example) -> None:
    sums = evidence(utrecht, "checks", "sums")["inwoners"]
    assert [row for row in sums["differs"] if row["period"] == "2023"] == []
    rounding = {
        row["level"]: row for row in sums["rounding"] if (row["parent"], row["period"]) == ("GM0344", "2023")
    }
    assert {level: row["difference"] for level, row in rounding.items()} == {"buurt": -232, "wijk": -192}


def test_cars_that_no_buurt_has_are_a_difference_and_not_rounding(utrecht: Example) -> None:
    differs = evidence(utrecht, "checks", "sums")["personenautos"]["differs"]
    assert {(row["name"], row["level"], row["difference"]) for row in differs} == {
        ("Utrecht", "buurt", -1455),
        ("Utrecht", "wijk", -1430),
    }


@pytest.mark.parametrize(("register", "empty"), [("kwb_2023", 45), ("kwb_2024", 85)])
def test_columns_that_cbs_has_yet_to_fill_are_not_yet_published(
    utrecht: Example, register: str, empty: int
) -> None:
    report = evidence(utrecht, "intake", register)
    assert len(report["not_yet_published"]) == empty
    assert (report["rows"], report["accepted"], report["refused"]) == (122, 122, 0)


def test_every_buurt_has_its_polygon(utrecht: Example) -> None:
    found = evidence(utrecht, "checks", "boundaries")
    assert (found["polygons"], found["joined"], found["areas"]) == (111, 111, 111)


def test_lamp_posts_are_counted_where_they_stand_and_what_the_list_says_otherwise_is_reported(
    utrecht: Example,
) -> None:
    report = evidence(utrecht, "intake", "lantaarnpalen")
    located = report["columns"]["buurtcode"]
    assert (report["accepted"], located["outside"], located["contradictions"]) == (18_533, 80, 3_057)
    figures = utrecht.release.figures("lantaarnpalen").to_pylist()
    by_area = {row["area"]: row["value"] for row in figures}
    assert by_area["GM0344"] == 18_533
    assert by_area["BU0344----"] == 80
    assert sum(row["value"] for row in figures if row["level"] == "buurt") == 18_533


def test_sixty_indicators_show_three_levels_and_two_years_with_a_status_where_cbs_has_no_figure_yet(
    utrecht: Example,
) -> None:
    project = read_project(EXAMPLES / "utrecht")
    both_years, only_2023, neither = [], [], []
    for indicator in project.indicators.values():
        if indicator.register_ != "kwb":
            continue
        found = rows(utrecht, indicator.id)
        for level, size in LEVELS.items():
            for period in ("2023", "2024"):
                assert sum(row["level"] == level and row["period"] == period for row in found) == size
        filled = {
            period
            for period in ("2023", "2024")
            if {row["level"] for row in found if row["period"] == period and row["status"] == "ok"}
            == set(LEVELS)
        }
        empty = {"2023", "2024"} - filled
        assert {row["status"] for row in found if row["period"] in empty} <= {"not_yet_published"}
        (both_years if not empty else only_2023 if filled else neither).append(indicator.id)
    assert len(both_years) == 28
    assert len(both_years) + len(only_2023) >= 60
    assert sorted(neither) == [
        "aardgas",
        "arbeidsdeelname",
        "elektriciteit",
        "inkomen_per_inwoner",
        "mediaan_vermogen",
        "rond_sociaal_minimum",
    ]


def test_the_site_has_a_page_for_the_indicators_of_the_products(utrecht: Example) -> None:
    assert (utrecht.site / "index.html").is_file()
    assert utrecht.pages > 100


def test_what_stands_out_in_crime_is_what_the_public_figures_give(utrecht: Example) -> None:
    found = recomputed.counts(utrecht.release, "misdrijven_per_1000", "buurt")
    expected = recomputed.expected_of_all(found)
    made = recomputed.rows(utrecht.release, "misdrijven_in_de_trechter", "funnel")
    (spread,) = [row["estimate"] for row in made if row["area"] is None]
    assert spread == pytest.approx(recomputed.spread_of(found, expected))
    assert {
        row["area"]: row["expected"] for row in made if row["status"] == "ok" and row["area"]
    } == pytest.approx(expected)
    names = dict(zip(*(utrecht.release.areas()[name].to_pylist() for name in ("code", "name")), strict=True))
    outside = {names[row["area"]] for row in made if row["relevant"]}
    assert "Hoog-Catharijne NS en Jaarbeurs" in outside
    assert len(outside) < 12


def test_buurten_that_are_alike_are_those_of_a_plain_computation(utrecht: Example) -> None:
    like = (
        "inwoners",
        "bevolkingsdichtheid",
        "aandeel_0_14",
        "aandeel_65_plus",
        "aandeel_eenpersoonshuishoudens",
        "corporatiewoningen",
    )
    traits = [recomputed.values(utrecht.release, trait, "buurt") for trait in like]
    for at in (0, 1):
        traits[at] = {code: math.log(value) for code, value in traits[at].items() if value > 0}
    known = recomputed.values(utrecht.release, "misdrijven_per_1000", "buurt")
    areas = sorted(code for code in known if sum(code in trait for trait in traits) > len(traits) / 2)
    told: dict[str, list[object]] = {}
    for row in recomputed.rows(utrecht.release, "misdrijven_en_gelijken", "look_alikes"):
        if row["group"]:
            told.setdefault(str(row["area"]), []).append(row["group"])
    assert sorted(told) == areas
    for code in areas[::7]:
        assert sorted(map(str, told[code])) == sorted(recomputed.nearest(traits, code, areas))
