"""Drift against the snapshot before: what moves the index, what does not, and the laws it keeps."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from norms_as_text import register_of, seen

from zicht.intake import Measured, Shaped
from zicht.intake.quality.drift import stability_index

AGES = (
    "{name: x, logicalType: number, quality: [{type: custom, engine: zicht, severity: warning, implementation: "
    "{metric: distributionDrift, mustBeLessThan: 0.25}}]}"
)


def kinds(**counts: int) -> Shaped:
    return Shaped("kind", counts, 0, 0)


def measured(values: list[object], kind: str = "number") -> Measured:
    register = register_of(AGES.replace("number", kind))
    return seen(register, pa.table({"x": values})).measured


def test_the_index_is_the_textbook_sum_over_groups() -> None:
    before, now = kinds(a=600, b=400), kinds(a=500, b=500)
    q, p = np.array([600.5, 400.5]) / 1001, np.array([500.5, 500.5]) / 1001
    assert stability_index(before, now) == pytest.approx(float(((p - q) * np.log(p / q)).sum()))


def test_the_published_example_of_two_groups_is_found_but_for_the_half_rows() -> None:
    # (0.5 - 0.6) ln(0.5/0.6) + (0.5 - 0.4) ln(0.5/0.4) = 0.04055
    before, now = kinds(a=600_000, b=400_000), kinds(a=500_000, b=500_000)
    assert stability_index(before, now) == pytest.approx(0.04055, abs=1e-5)


COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(10, 5_000), min_size=1)


@given(before=COUNTS, now=COUNTS)
def test_nothing_moved_is_zero_and_whatever_moved_is_more(
    before: dict[str, int], now: dict[str, int]
) -> None:
    assert stability_index(Shaped("kind", before, 0, 0), Shaped("kind", before, 0, 0)) == 0
    found = stability_index(Shaped("kind", before, 3, 2), Shaped("kind", now, 0, 9))
    assert math.isfinite(found)
    assert found > 0


def test_a_kind_that_is_new_and_values_that_are_gone_move_it() -> None:
    before = kinds(a=500, b=500)
    assert stability_index(before, kinds(a=500, b=300, c=200)) > 0.25
    assert stability_index(before, Shaped("kind", {"a": 400, "b": 400}, 0, 200)) > 0.25


def test_a_column_of_another_type_cannot_be_compared() -> None:
    assert stability_index(kinds(a=10), Shaped("number", {"1.0": 10}, 0, 0)) == math.inf


def test_the_same_people_a_year_older_hardly_move_and_thirty_years_older_do() -> None:
    ages = np.random.default_rng(7).integers(0, 90, 20_000)
    before = measured(ages.astype(float).tolist())
    year, generation = (measured((ages + add).astype(float).tolist()) for add in (1, 30))
    assert stability_index(before.shapes["x"], year.shapes["x"]) < 0.1
    assert stability_index(before.shapes["x"], generation.shapes["x"]) > 0.25


def test_amounts_are_kept_in_two_digits_and_within_five_per_cent() -> None:
    values = [0.0, 12.0, -12.0, 1234.0, 98_765.0, 0.0123] * 10
    counts = measured(values).shapes["x"].counts
    assert [float(kind) for kind in counts] == [-12, 0, 0.012, 12, 1200, 99_000]


def test_dates_are_kept_by_month_and_texts_by_kind() -> None:
    day = dt.date(2024, 3, 9)
    assert measured([day] * 12, "date").shapes["x"].counts == {str(float(2024 * 12 + 2)): 12}
    assert measured(["flat"] * 12 + [None], "string").shapes["x"] == Shaped("kind", {"flat": 12}, 0, 1)


@given(st.lists(st.integers(-40, 40), min_size=1, max_size=200))
def test_no_count_in_a_distribution_is_of_fewer_than_ten_rows_and_no_row_is_lost(values: list[int]) -> None:
    from zicht.intake.quality.measure import _together

    counts = {str(number): values.count(number) for number in sorted(set(values))}
    kept, rest = _together(counts)
    assert all(rows >= 10 for rows in kept.values())
    assert sum(kept.values()) + rest == len(values)
    assert rest < 10


def test_rare_kinds_are_not_kept_apart() -> None:
    shape = measured(["flat"] * 50 + ["lighthouse"] * 3, "string").shapes["x"]
    assert (shape.counts, shape.rest) == ({"flat": 50}, 3)


def test_the_norm_waits_for_a_second_snapshot_and_then_holds() -> None:
    register = register_of(AGES)
    first = seen(register, pa.table({"x": [float(at % 50) for at in range(1_000)]}))
    assert first.only.verdict == "first"
    again = seen(register, pa.table({"x": [float(at % 50) for at in range(1_000)]}), earlier=first.measured)
    assert (again.only.value, again.only.verdict) == (0, "met")
    moved = seen(register, pa.table({"x": [float(at % 9) for at in range(1_000)]}), earlier=first.measured)
    assert moved.only.verdict == "warning"


@pytest.mark.parametrize(("rows", "verdict"), [(1_000, "met"), (1_049, "met"), (1_051, "broken"), (940, "broken")])  # fmt: skip
def test_the_number_of_rows_is_compared_with_that_before(rows: int, verdict: str) -> None:
    rule = "{type: custom, engine: zicht, implementation: {metric: rowCountChange, mustBeBetween: [-5, 5]}}"
    register = register_of("{name: x, logicalType: integer}", rule)
    earlier = seen(register, pa.table({"x": list(range(1_000))})).measured
    assert seen(register, pa.table({"x": list(range(rows))}), earlier=earlier).only.verdict == verdict


def test_what_was_measured_is_the_same_after_writing_and_reading(tmp_path) -> None:
    found = measured([float(at % 70) - 20 for at in range(2_000)])
    found.write(tmp_path / "measured.json")
    read = Measured.read(tmp_path / "measured.json")
    assert read == found
    assert list(read.shapes["x"].counts) == list(found.shapes["x"].counts)
