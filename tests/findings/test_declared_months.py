"""Declared patterns in months: signals with their past, one report for what all share, breaks, and pieces of the map in time."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pydantic import TypeAdapter

from zicht.declare import Analysis
from zicht.errors import ZichtError
from zicht.figures import FIGURES
from zicht.findings import Ground, look_for

_ANALYSES: TypeAdapter[Analysis] = TypeAdapter(Analysis)
Found = list[dict[str, object]]


def analysis(pattern: str, **more: object) -> Analysis:
    declared = {"id": "f", "title": {"nl": "Wat?"}, "pattern": pattern, "indicator": "i", "level": "gemeente"}
    return _ANALYSES.validate_python({**declared, **more})


def figures(counts: np.ndarray, codes: list[str], periods: list[str]) -> pa.Table:
    """Counts of areas × periods as figures; NaN is a hidden one."""
    rows = [
        {"indicator": "i", "area": code, "division": 2025, "level": "gemeente", "period": period, "value": None if np.isnan(count) else count,
         "status": "primary" if np.isnan(count) else "ok"}
        for code, line in zip(codes, counts.tolist(), strict=True)
        for period, count in zip(periods, line, strict=True)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, FIGURES)


def on_a_line(codes: list[str]) -> Ground:
    points = {code: (1000.0 * number, 0.0) for number, code in enumerate(codes)}
    empty = pa.table({"code": pa.array([], pa.string()), "neighbour": pa.array([], pa.string())})
    return Ground(codes, dict.fromkeys(codes, "GM1"), empty, points, 2025)


def months(count: int, first: int = 2020 * 12) -> list[str]:
    return [f"{at // 12}-{at % 12 + 1:02d}" for at in range(first, first + count)]


def quiet(areas: int, periods: int, mean: float = 20, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).poisson(mean, (areas, periods)).astype(float)


def found(one: Analysis, tables: Mapping[str, pa.Table], codes: list[str]) -> tuple[Found, Found]:
    """What is found of groups, and of areas."""
    rows = look_for(one, tables, on_a_line(codes)).to_pylist()
    return [row for row in rows if row["area"] is None], [row for row in rows if row["area"] is not None]


CODES = [f"GM{number:04d}" for number in range(20)]


def test_each_of_the_last_months_is_judged_by_its_own_past() -> None:
    counts = quiet(20, 60)
    counts[4, 56] = 70
    groups, areas = found(
        analysis("signals", past="months", months=6), {"i": figures(counts, CODES, months(60))}, CODES
    )
    relevant = [(row["area"], row["period"]) for row in areas if row["relevant"]]
    assert relevant == [("GM0004", "2024-09")]
    assert (len(areas), groups) == (6 * 20, [])


def test_what_most_areas_share_is_one_signal_about_all_and_none_of_their_own() -> None:
    counts = quiet(20, 60)
    counts[:15, 59] = 80
    groups, areas = found(analysis("signals"), {"i": figures(counts, CODES, months(60))}, CODES)
    (group,) = groups
    assert (group["group"], group["relevant"], group["estimate"]) == ("shared", True, 15)
    assert group["observed"] == counts[:, 59].sum()
    assert not any(row["relevant"] for row in areas)
    assert {row["area"] for row in areas if row["group"] == "shared"} == set(CODES[:15])


def test_a_month_that_is_missing_is_not_zero() -> None:
    table = figures(quiet(20, 59), CODES, [*months(30), *months(29, 2020 * 12 + 31)])
    with pytest.raises(ZichtError, match="between 2020-01 and 2024-12 months of `i` are missing"):
        found(analysis("signals"), {"i": table}, CODES)


def test_a_sudden_change_of_the_whole_is_found_in_its_month_and_only_in_areas_with_every_month() -> None:
    counts = quiet(20, 48, mean=200)
    counts[:, 30:] = np.rint(counts[:, 30:] * 0.5)
    counts[7, 12] = np.nan
    groups, areas = found(analysis("breaks"), {"i": figures(counts, CODES, months(48))}, CODES)
    assert [row["period"] for row in groups] == ["2022-07"]
    assert groups[0]["estimate"] == pytest.approx(0.5, abs=0.05)
    assert groups[0]["observed"] == np.nansum(np.delete(counts, 7, 0)[:, 30])
    assert [row["area"] for row in areas if row["status"] == "not_available"] == ["GM0007"]


def test_no_break_is_found_where_nothing_changes() -> None:
    groups, _ = found(analysis("breaks"), {"i": figures(quiet(20, 48), CODES, months(48))}, CODES)
    assert groups == []


def test_what_both_series_share_is_no_break_in_one_relative_to_the_other() -> None:
    counts, beside = quiet(20, 48, mean=200), quiet(20, 48, mean=100, seed=4)
    counts[:, 20:] *= 3
    beside[:, 20:] *= 3
    counts[:, 35:] = np.rint(counts[:, 35:] * 0.3)
    tables = {"i": figures(counts, CODES, months(48)), "j": figures(beside, CODES, months(48))}
    groups, _ = found(analysis("breaks", relative_to="j"), tables, CODES)
    assert [row["period"] for row in groups] == ["2022-12"]


def test_what_goes_on_now_is_found_and_what_is_always_high_only_by_inhabitants() -> None:
    counts = quiet(20, 30)
    counts[3] *= 4
    counts[12:15, 28:] += 25
    tables = {
        "i": figures(counts, CODES, months(30)),
        "people": figures(np.full((20, 1), 1000.0), CODES, ["2022"]),
    }
    groups, areas = found(analysis("recent_clusters", cap=0.3), tables, CODES)
    assert [(row["group"], row["period"]) for row in groups] == [("1", "2022-05/2022-06")]
    assert [row["area"] for row in areas if row["group"] == "1"] == CODES[12:15]
    groups, areas = found(analysis("recent_clusters", cap=0.3, per="people"), tables, CODES)
    assert "GM0003" in {row["area"] for row in areas if row["relevant"]}


def test_few_of_sixty_cities_in_which_nothing_goes_on_report_recent_clusters() -> None:
    reported = 0
    for seed in range(60):
        table = figures(quiet(20, 24, mean=8, seed=seed), CODES, months(24))
        reported += bool(found(analysis("recent_clusters"), {"i": table}, CODES)[0])
    assert reported <= 7  # what a binomial with chance 0.05 exceeds once in a hundred


def shares(events: np.ndarray, people: np.ndarray, periods: list[str]) -> pa.Table:
    rows = [
        {"indicator": "i", "area": code, "division": 2025, "level": "gemeente", "period": period, "value": float(e / p * 100),
         "numerator": float(e), "denominator": float(p), "n": int(p), "status": "ok"}
        for code, line, all_ in zip(CODES, events, people, strict=True)
        for period, e, p in zip(periods, line, all_, strict=True)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, FIGURES)


def test_a_piece_of_the_map_in_a_stretch_of_years_is_found_though_all_rise() -> None:
    random = np.random.default_rng(5)
    people = np.full((20, 8), 2000)
    chance = np.linspace(0.02, 0.06, 8) * np.ones((20, 1))
    chance[5:8, 2:4] *= 2
    events = random.binomial(people, chance)
    groups, areas = found(
        analysis("scan_over_years"), {"i": shares(events, people, [str(2015 + n) for n in range(8)])}, CODES
    )
    assert [row["period"] for row in groups] == ["2017/2018"]
    assert [row["area"] for row in areas if row["group"] == "1"] == CODES[5:8]


def test_with_bernoulli_a_share_that_is_not_rare_is_set_against_those_without() -> None:
    people = np.full((20, 1), 400)
    events = np.full((20, 1), 240)
    events[5:7] = 290
    table = {"i": shares(events, people, ["2024"])}
    bernoulli, _ = found(analysis("scan", model="bernoulli"), table, CODES)
    poisson, _ = found(analysis("scan"), table, CODES)
    assert bernoulli[0]["observed"] >= 580
    assert bernoulli[0]["statistic"] > 2 * (poisson[0]["statistic"] if poisson else 2.0)


def test_a_piece_of_the_map_holds_no_more_than_the_cap() -> None:
    people = np.full((20, 1), 1000)
    events = np.full((20, 1), 30)
    events[4:10] = 60
    table = {"i": shares(events, people, ["2024"])}
    for cap, most in ((0.1, 2), (0.5, 7)):
        _, areas = found(analysis("scan", cap=cap), table, CODES)
        assert sum(row["group"] == "1" for row in areas) <= most
    assert {row["area"] for row in areas if row["group"] == "1"} >= set(CODES[4:10])


@pytest.fixture(scope="module")
def covid(shared: Path) -> tuple[dict[str, pa.Table], list[str]]:
    """Positive tests and hospital admissions a month of all gemeenten, as far as positive tests were counted."""
    with gzip.open(shared / "data" / "covid" / "monthly_gemeente_derived.csv.gz", "rt") as file:
        rows = [row for row in csv.DictReader(file) if row["positive_tests"]]
    codes = sorted({row["gm_code"] for row in rows})
    periods = sorted({row["month"] for row in rows})
    tables = {}
    for name in ("positive_tests", "hospital_admissions"):
        counts = np.full((len(codes), len(periods)), np.nan)
        for row in rows:
            counts[codes.index(row["gm_code"]), periods.index(row["month"])] = float(row[name])
        tables[name] = figures(counts, codes, periods)
    return tables, codes


@pytest.mark.shared
def test_the_waves_of_covid_are_a_report_each_and_the_end_of_test_advice_is_a_break_and_no_alarm(
    covid: tuple[dict[str, pa.Table], list[str]],
) -> None:
    tables, codes = covid
    declared = analysis("signals", indicator="positive_tests", past="months", months=30)
    groups, areas = found(declared, tables, codes)
    assert [row["period"] for row in groups] == ["2020-10", "2021-11", "2022-01", "2022-02"]
    by_month = dict.fromkeys({row["period"] for row in areas}, 0)
    for row in areas:
        by_month[row["period"]] += bool(row["relevant"])
    assert {by_month[str(row["period"])] for row in groups} == {0}
    assert sum(count for month, count in by_month.items() if month >= "2022-03") == 0
    groups, _ = found(analysis("breaks", indicator="positive_tests", since="2020-06"), tables, codes)
    end = {str(row["period"]): row["estimate"] for row in groups}["2022-04"]
    assert end < 0.2
