"""The whole country: 18,309 areas of one file, browsable."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pyarrow.compute as pc
import pytest
from built_apart import Example
from recomputed import (
    counts,
    expected_of_all,
    log_likelihood_ratio,
    nearest,
    rows,
    spread_of,
    values,
)

pytestmark = [pytest.mark.shared, pytest.mark.slow]
GIGABYTE = 1_000_000_000
TWELVE = {
    "Best", "Gouda", "Groningen", "Heeze-Leende", "Houten", "Leeuwarden", "Staphorst", "Valkenswaard", "Voorst", "Woudenberg",
    "Zoetermeer", "'s-Hertogenbosch",
}  # fmt: skip


def test_all_gemeenten_wijken_and_buurten_are_there_and_the_provincies_over_them(country: Example) -> None:
    levels = Counter(country.release.areas()["level"].to_pylist())
    assert levels == {"gemeente": 342, "wijk": 3_393, "buurt": 14_574, "regio": 12, "land": 1}


def test_gemeenten_whose_crime_does_not_add_up_are_reported_by_name(country: Example) -> None:
    sums: Any = country.release.evidence("checks")["sums"]
    named = {row["name"] for row in sums["misdrijven"]["differs"] if row["parent"].startswith("GM")}
    assert named == TWELVE


def test_what_is_reported_is_not_summed_away(country: Example) -> None:
    table = country.release.figures("misdrijven")
    zoetermeer = table.filter(pc.and_(pc.equal(table["area"], "GM0637"), pc.equal(table["period"], "2025")))
    assert zoetermeer["value"].to_pylist() == [5_611.0]  # and not the 592 of its buurten


def test_buurten_without_a_polygon_are_named(country: Example) -> None:
    found: Any = country.release.evidence("checks")["boundaries"]
    assert (found["areas"], found["joined"], len(found["without_polygon"])) == (14_574, 14_566, 8)


def test_provincies_and_the_country_are_sums_of_gemeenten_that_cbs_does_not_round(country: Example) -> None:
    table = country.release.figures("inwoners")
    by_level = {
        level: pc.sum(table.filter(pc.equal(table["level"], level))["value"]).as_py()
        for level in ("gemeente", "regio", "land")
    }
    assert by_level == {"gemeente": 17_942_942, "regio": 17_942_942, "land": 17_942_942}


def test_crime_shows_five_years_and_health_five_waves(country: Example) -> None:
    for indicator, periods in (
        ("misdrijven", ["2021", "2022", "2023", "2024", "2025"]),
        ("ervaren_gezondheid", ["2012", "2016", "2020", "2022", "2024"]),
    ):
        assert sorted(set(country.release.figures(indicator)["period"].to_pylist())) == periods


def test_it_builds_to_a_site_in_less_than_three_gigabytes(country: Example, record_property: Any) -> None:
    record_property("seconds", round(country.seconds, 1))  # goal: under 60 on two idle cores
    record_property("peak_bytes", country.peak_bytes)
    assert (country.site / "index.html").is_file()
    assert 0 < country.peak_bytes < 3 * GIGABYTE


# What stands out


LIKE = ("inwoners", "bevolkingsdichtheid", "aandeel_65_plus", "inkomen_per_inwoner", "koopwoningen")
PARKSTAD = {"Heerlen", "Kerkrade", "Brunssum", "Landgraaf"}


def names(country: Example) -> dict[str, str]:
    table = country.release.areas()
    return dict(zip(table["code"].to_pylist(), table["name"].to_pylist(), strict=True))


def test_the_look_alikes_of_every_gemeente_are_those_of_a_plain_computation(country: Example) -> None:
    traits = [values(country.release, trait, "gemeente") for trait in LIKE]
    for at in (0, 1):  # differences in inhabitants and density count as ratios
        traits[at] = {code: math.log(value) for code, value in traits[at].items()}
    found = counts(country.release, "misdrijven_per_1000", "gemeente")
    told: dict[str, list[str]] = {}
    for row in rows(country.release, "misdrijven_en_gelijken", "look_alikes"):
        told.setdefault(row["area"], []).append(row["group"])
    assert len(told) == 342
    areas = sorted(found)
    for code in areas[::20]:
        assert sorted(told[code]) == sorted(nearest(traits, code, areas))
    ratios = {row["area"]: row for row in rows(country.release, "misdrijven_en_gelijken", "ratio")}
    for code, row in ratios.items():
        events, people = (sum(found[peer][at] for peer in told[code]) for at in (0, 1))
        assert row["expected"] == pytest.approx(found[code][1] * events / people)


def test_gemeenten_like_utrecht_are_other_large_cities(country: Example) -> None:
    called = names(country)
    pairs = rows(country.release, "misdrijven_en_gelijken", "look_alikes")
    peers = {called[row["group"]] for row in pairs if row["area"] == "GM0344"}
    assert {"Amsterdam", "Rotterdam", "Eindhoven", "Nijmegen"} <= peers


def test_the_funnel_is_as_wide_as_gemeenten_differ_and_large_cities_lie_outside(country: Example) -> None:
    found = counts(country.release, "misdrijven_per_1000", "gemeente")
    expected = expected_of_all(found)
    made = rows(country.release, "misdrijven_in_de_trechter", "funnel")
    (spread,) = [row["estimate"] for row in made if row["area"] is None]
    assert spread == pytest.approx(spread_of(found, expected))
    for row in made:
        if row["area"] is not None:
            assert row["expected"] == pytest.approx(expected[row["area"]])
            limit = 1 + spread * 1.96 / math.sqrt(row["expected"])  # of many expected events
            assert row["expected"] < 1000 or row["upper"] == pytest.approx(limit, rel=0.01)
    outside = {names(country)[row["area"]] for row in made if row["relevant"]}
    assert outside == {"Amsterdam", "Rotterdam", "'s-Gravenhage", "Utrecht", "Eindhoven"}


def test_pieces_of_the_map_with_more_crime_are_those_that_the_figures_give(country: Example) -> None:
    found = counts(country.release, "misdrijven_per_1000", "gemeente")
    made = rows(country.release, "misdrijven_bij_elkaar", "scan")
    total = sum(events for events, _ in found.values())
    for cluster in (row for row in made if row["area"] is None):
        members = [row["area"] for row in made if row["area"] and row["group"] == cluster["group"]]
        observed = sum(found[code][0] for code in members)
        assert cluster["observed"] == observed
        assert cluster["statistic"] == pytest.approx(
            log_likelihood_ratio(observed, cluster["expected"], total), rel=1e-3
        )
    first = max((row for row in made if row["area"] is None), key=lambda row: row["statistic"])
    assert "GM0363" in {row["area"] for row in made if row["group"] == first["group"]}


def test_people_feel_less_healthy_in_parkstad_and_its_neighbours(country: Example) -> None:
    called, made = names(country), rows(country.release, "gezondheid_bij_elkaar", "local_moran")
    low = {called[row["area"]] for row in made if row["relevant"] and row["estimate"] < 0 < row["statistic"]}
    assert low >= PARKSTAD
    health = values(country.release, "ervaren_gezondheid", "gemeente")
    assert {row["area"]: row["observed"] for row in made} == health
    mean = sum(health.values()) / len(health)
    assert all(health[row["area"]] < mean for row in made if called[row["area"]] in PARKSTAD)


def test_the_page_of_a_gemeente_has_its_look_alikes(country: Example) -> None:
    page = (country.site / "gebied/GM0344/index.html").read_text("utf-8")
    part = page.partition('id="vergelijkbaar"')[2].partition("</section>")[0]
    assert "Deze 10 gemeenten lijken het meest op Utrecht." in part
    assert ">Eindhoven</a>" in part
    indicator = (country.site / "indicator/misdrijven_per_1000/gemeente/index.html").read_text("utf-8")
    assert '/gebied/GM0344/#vergelijkbaar">Utrecht</a>' in indicator.partition('id="alike"')[2]
