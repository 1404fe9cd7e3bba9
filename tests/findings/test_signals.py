"""Signals agree with the reference program on every threshold, and mean what they say."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from keys import column, rows

from zicht.errors import ZichtError
from zicht.findings.signals import MONTHLY, WEEKLY, Rule, ears, farrington

SIX_YEARS = replace(MONTHLY, years=6, few=(0, 3))


def by_series(table: list[dict[str, str]], series: str, period: str) -> np.ndarray:
    numbers, when = column(table, series).astype(int), column(table, period).astype(int)
    counts = np.zeros((numbers.max() + 1, when.max() + 1), int)
    counts[numbers, when] = column(table, "count")
    return counts


def fits(counts: np.ndarray, key: list[dict[str, str]], series: str, period: str, rule: Rule) -> int:
    """Compare every fit with the key; returns how many there were."""
    for now in sorted({int(row[period]) for row in key}):
        found = farrington(counts, now, rule)
        wanted = [row for row in key if int(row[period]) == now]
        mine = found.take([int(row[series]) for row in wanted])
        assert mine["observed"].to_pylist() == [int(row["observed"]) for row in wanted]
        assert mine["upper"].to_pylist() == [float(row["upper"]) for row in wanted]
        assert mine["alarm"].to_pylist() == [row["alarm"] == "1" for row in wanted]
        np.testing.assert_allclose(mine["expected"], [float(row["expected"]) for row in wanted], rtol=1e-9)
        np.testing.assert_allclose(
            mine["dispersion"], [max(float(row["phi"]), 1) for row in wanted], rtol=1e-7
        )
    return len(key)


@pytest.mark.shared
def test_weekly_thresholds_and_alarms_equal_the_reference_on_all_2058_fits(shared: Path) -> None:
    data = [
        row for row in rows(shared / "answers" / "noufaily" / "parity_series_84.csv") if row["rep"] == "0"
    ]
    key = rows(shared / "answers" / "answers_open" / "noufaily_R_flex.csv")
    counts = by_series(data, "scenario", "week")
    assert fits(counts, key, "scenario", "week", replace(WEEKLY, few=(0, 4))) == 2058


@pytest.mark.shared
@pytest.mark.parametrize("groups", [4, 1])
def test_monthly_thresholds_and_alarms_equal_the_reference(shared: Path, groups: int) -> None:
    counts = by_series(rows(shared / "answers" / "synthetic" / "monthly_series_60.csv"), "series", "month")
    key = rows(shared / "answers" / "answers_open" / "monthly_R_flex_series0-39.csv")
    key = [row for row in key if row["noPeriods"] == str(groups)]
    assert fits(counts, key, "series", "month", replace(SIX_YEARS, groups=groups)) == 960


def newport(shared: Path) -> tuple[np.ndarray, list[date]]:
    table = rows(shared / "answers" / "surveillance" / "salmNewport_bundesland_weekly.csv")
    counts = [sum(int(value) for name, value in row.items() if name != "epoch") for row in table]
    return np.array(counts), [date.fromisoformat(row["epoch"]) for row in table]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("threshold", "alpha", "file", "slack", "alarms"),
    [
        (
            "two thirds power",
            0.1,
            "newport_con_flex.csv",
            0.02,  # the reference takes the expectation to be somewhat less uncertain
            {380, 381, 396, 400, 409, 410, 411, 412, 415, 416, 417},
        ),
        ("negative binomial", 0.01, "newport_con_nbp.csv", 1e-9, {409, 410, 411, 412, 416}),
    ],
)
def test_salmonella_newport_alarms_in_the_weeks_of_the_reference(
    shared: Path, threshold: str, alpha: float, file: str, slack: float, alarms: set[int]
) -> None:
    counts, starts = newport(shared)
    found = set()
    for row in rows(shared / "answers" / "answers_open" / file):
        mine = farrington(
            counts,
            int(row["week"]) - 1,
            replace(WEEKLY, years=4),
            alpha=alpha,
            threshold=threshold,
            starts=starts,
        ).to_pylist()[0]
        if row["upper"] != "NA":
            assert mine["upper"] == pytest.approx(float(row["upper"]), rel=slack)
            assert mine["trend"] == pytest.approx(float(row["trend"]), abs=1e-9)
            if threshold == "negative binomial":
                assert mine["p"] == pytest.approx(float(row["pvalue"]), abs=1e-9)
        if mine["alarm"]:
            found.add(int(row["week"]))
    assert found == alarms


@pytest.mark.shared
@pytest.mark.parametrize("method", ["C1", "C2", "C3"])
def test_ears_thresholds_and_alarms_equal_the_reference(shared: Path, method: str) -> None:
    counts, _ = newport(shared)
    for row in rows(shared / "answers" / "answers_open" / f"newport_ears{method}.csv"):
        mine = ears(counts, int(row["week"]) - 1, method).to_pylist()[0]
        assert mine["upper"] == pytest.approx(float(row["upper"]), abs=1e-9)
        assert mine["alarm"] == (row["alarm"] == "1")


def null(series: int, months: int, seed: int = 1) -> np.ndarray:
    generator = np.random.default_rng(seed)
    mean = 10 * np.exp(0.3 * np.sin(2 * np.pi * np.arange(months) / 12))
    return generator.negative_binomial(10, 10 / (10 + mean), size=(series, months))


def test_fourteen_thousand_monthly_series_take_half_a_second() -> None:
    counts = null(14_000, 84)
    farrington(counts[:9], 83, SIX_YEARS)
    start = time.process_time()
    farrington(counts, 83, SIX_YEARS)
    assert time.process_time() - start < 0.5


def test_where_nothing_happens_about_one_in_two_hundred_is_above_its_threshold() -> None:
    found = farrington(null(4200, 84), 83, SIX_YEARS)
    assert 0.003 <= np.mean(found["alarm"].to_pylist()) <= 0.010
    assert sum(found["signal"].to_pylist()) <= 5


def test_an_outbreak_is_a_signal_and_the_order_of_the_series_does_not_matter() -> None:
    counts = null(300, 84)
    counts[7, 83] += 60
    found, turned = farrington(counts, 83, SIX_YEARS), farrington(counts[::-1], 83, SIX_YEARS)
    assert found["signal"].to_pylist() == turned["signal"].to_pylist()[::-1]
    assert found["signal"].to_pylist()[7]
    assert found["score"].to_pylist()[7] > 1


def test_an_outbreak_in_the_past_does_not_hide_one_now() -> None:
    counts = null(1, 84)
    counts[0, 59] += 150
    with_past = farrington(counts, 83, SIX_YEARS)["upper"][0].as_py()
    never = farrington(counts, 83, replace(SIX_YEARS, reweight=None))["upper"][0].as_py()
    assert with_past < never


def test_what_may_still_grow_is_provisional_and_what_is_too_small_is_not_judged() -> None:
    counts = null(2, 84)
    counts[1] = 0
    row, small = farrington(counts, 83, MONTHLY, settled=82).to_pylist()
    assert row["provisional"]
    assert (small["alarm"], small["upper"], small["p"]) == (False, None, None)
    assert not farrington(counts, 81, MONTHLY, settled=82).to_pylist()[0]["provisional"]


@pytest.mark.parametrize("counts", [[1.0, np.nan], [1, -1], [0.5, 1]])
def test_what_is_no_count_is_refused(counts: list[float]) -> None:
    with pytest.raises(ZichtError, match="Signals"):
        farrington(counts, 1)


def test_a_past_that_is_too_short_is_refused() -> None:
    with pytest.raises(ZichtError, match="5 years of past"):
        farrington(null(1, 50), 49)
