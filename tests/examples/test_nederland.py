"""The whole country: 18,309 areas of one file, browsable."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow.compute as pc
import pytest
from built_apart import Example

pytestmark = [pytest.mark.shared, pytest.mark.slow]
GIGABYTE = 1_000_000_000
WORKERS = (
    2  # the site is written by at most as many processes as there are cores; those of the tests have two
)
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
    peak = country.own_bytes + WORKERS * country.worker_bytes
    record_property("seconds", round(country.seconds, 1))  # goal: under 60 on two idle cores
    record_property("peak_bytes", peak)
    assert (country.site / "index.html").is_file()
    assert peak < 3 * GIGABYTE
