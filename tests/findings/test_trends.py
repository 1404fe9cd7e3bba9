"""Slow change is seen, a break is one break and not hundreds of signals, and chance is neither."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from zicht.errors import ZichtError
from zicht.findings.signals import ears
from zicht.findings.trends import breaks, slow_trends

MONTHS = [f"{year}-{month:02}" for year in (2020, 2021, 2022, 2023) for month in range(1, 13)][5:39]


@pytest.fixture(scope="module")
def tests_per_gemeente(shared: Path) -> np.ndarray:
    """Positive COVID tests, gemeenten × months June 2020 to March 2023."""
    with gzip.open(shared / "data" / "covid" / "monthly_gemeente_derived.csv.gz", "rt") as file:
        rows = [row for row in csv.DictReader(file) if row["month"] in MONTHS]
    codes = {code: at for at, code in enumerate(sorted({row["gm_code"] for row in rows}))}
    counts = np.full((len(codes), len(MONTHS)), np.nan)
    for row in rows:
        counts[codes[row["gm_code"]], MONTHS.index(row["month"])] = float(row["positive_tests"])
    assert not np.isnan(counts).any()
    return counts


@pytest.mark.shared
def test_the_end_of_test_advice_is_one_break_in_the_country(tests_per_gemeente: np.ndarray) -> None:
    found = breaks(tests_per_gemeente.sum(axis=0)).to_pylist()
    assert [MONTHS[row["period"]] for row in found] == ["2020-10", "2021-11", "2022-04"]
    last = found[-1]
    assert last["jump"] < 0.2
    assert last["p"] <= 0.05


@pytest.mark.shared
@pytest.mark.parametrize(
    ("month", "wave"),
    [
        ("2021-02", False),
        ("2021-05", False),
        ("2021-11", True),
        ("2022-01", True),
        ("2022-02", True),
        ("2022-04", False),
        ("2022-05", False),
        ("2022-09", False),
        ("2023-01", False),
    ],
)
def test_a_wave_is_one_shared_signal_and_the_end_of_testing_none(
    tests_per_gemeente: np.ndarray, month: str, wave: bool
) -> None:
    found = ears(tests_per_gemeente, MONTHS.index(month), "C1")
    alarms, shared = sum(found["alarm"].to_pylist()), sum(found["shared"].to_pylist())
    assert (shared == alarms > 171) if wave else (alarms < 18 and not shared)


def test_a_break_that_was_put_in_is_found_where_it_is() -> None:
    level = np.where(np.arange(60) < 40, 500.0, 300.0)
    found = breaks(np.random.default_rng(1).poisson(level)).to_pylist()
    assert [row["period"] for row in found] == [40]
    assert found[0]["jump"] == pytest.approx(0.6, abs=0.08)


def test_a_change_in_counting_is_told_from_a_change_in_what_happens() -> None:
    generator = np.random.default_rng(2)
    happening = 400 * np.exp(np.cumsum(generator.normal(0, 0.3, 48)))
    found = breaks(
        generator.poisson(happening * np.where(np.arange(48) < 30, 1.0, 0.3)),
        relative_to=generator.poisson(happening),
    ).to_pylist()
    assert [row["period"] for row in found] == [30]


@pytest.mark.slow
def test_where_nothing_breaks_at_most_one_in_twenty_series_shows_a_break() -> None:
    generator = np.random.default_rng(3)
    independent = generator.poisson(1000 * np.exp(0.01 * np.arange(36)), (60, 36))
    lasting = generator.standard_normal((60, 56))
    for month in range(1, 56):
        lasting[:, month] += 0.5 * lasting[:, month - 1]
    together = np.concatenate([independent, np.round(1000 * np.exp(0.1 * lasting[:, 20:]))])
    found = sum(len(breaks(series, runs=199)) > 0 for series in together)
    assert found <= 12  # of 120; 6 expected


def test_a_series_that_creeps_up_is_found_among_all_that_share_their_season() -> None:
    generator = np.random.default_rng(4)
    season = 60 * np.exp(0.4 * np.sin(np.arange(60) / 2))
    mean = np.tile(season, (200, 1))
    mean[17] *= np.exp(np.linspace(0, 1.0, 60) * np.log(3))
    rows = slow_trends(generator.poisson(mean)).to_pylist()
    assert [row["series"] for row in rows if row["q"] < 0.05] == [17]
    truth = 3 ** (12 / 59) - 1
    assert rows[17]["lower"] < truth < rows[17]["upper"]


def test_intervals_hold_the_truth_in_about_95_of_100_series_even_with_two_series() -> None:
    generator = np.random.default_rng(5)
    held = [
        row["lower"] <= 0 <= row["upper"]
        for _ in range(150)
        for row in slow_trends(generator.poisson(30, (2, 24))).to_pylist()
    ]
    assert 0.90 <= np.mean(held) <= 0.995


def test_a_series_in_which_nothing_happened_has_no_trend() -> None:
    counts = np.full((3, 24), 5)
    counts[1] = 0
    row = slow_trends(counts).to_pylist()[1]
    assert (row["change"], row["p"], row["q"]) == (None, None, None)


def test_what_is_too_short_is_refused() -> None:
    with pytest.raises(ZichtError, match="at least 24"):
        slow_trends(np.ones((3, 12)))
    with pytest.raises(ZichtError, match="breaks need"):
        breaks(np.ones(10))
