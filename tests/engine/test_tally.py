"""A tally that streams gives what GROUP BY gives, to the bit."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import zicht.engine.duck as duck
import zicht.engine.stream as stream
from zicht.engine import DuckDBEngine, EngineError, Tally

TALLY = Tally(
    texts={"area": "place", "period": "year"},
    numbers={
        "d0": ("CAST(kind AS UTINYINT)", 3),
        "d1": ("CAST(CASE WHEN flag THEN 0 ELSE 1 END AS UTINYINT)", 2),
    },
    counts={"n0": (), "n1": ("flag",), "n2": ("value > 0", "flag"), "n3": ("kind = 9",)},
    sums={"s0": ("value", ()), "s1": ("value", ("flag",)), "s2": ("value * 2", ("flag", "kind < 2"))},
)

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "place": st.one_of(st.none(), st.sampled_from(["a", "b", "c", " ", ""])),
            "year": st.one_of(st.none(), st.integers(2020, 2024)),
            "kind": st.integers(0, 2),
            "flag": st.one_of(st.none(), st.booleans()),
            "value": st.one_of(
                st.none(), st.floats(-1e9, 1e9), st.sampled_from([0.0, -0.0, 0.00005, -0.00005, 0.1, 12.5]),
            ),
        }
    ),
    min_size=1,
    max_size=60,
)  # fmt: skip
SCHEMA = pa.schema(
    [
        ("place", pa.string()),
        ("year", pa.int64()),
        ("kind", pa.int64()),
        ("flag", pa.bool_()),
        ("value", pa.float64()),
    ]
)


def tallied(table: pa.Table, tally: Tally) -> list[dict[str, object]]:
    """The cells in a fixed order."""
    with DuckDBEngine(threads=2) as engine:
        engine.add("t", table)
        rows = engine.tally("t", tally).to_pylist()
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


TEXTS = st.lists(
    st.one_of(
        st.none(), st.text("aé", max_size=20), st.sampled_from(["BU03440111", "BU03440112", "BU0344011"])
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=200)
@given(st.lists(TEXTS, max_size=4), st.integers(0, 3))
def test_each_text_keeps_the_number_it_got_when_it_first_came_by(
    batches: list[list[str | None]], skipped: int
) -> None:
    texts, first = stream._Texts(), {}
    for batch in batches:
        column = pa.array(batch, pa.string()).slice(skipped)
        numbers = np.empty(len(column), np.int64)
        texts.take(column, numbers)
        for text in column.to_pylist():
            first.setdefault(text, len(first))
        assert numbers.tolist() == [first[text] for text in column.to_pylist()]
    assert texts.known.to_pylist() == list(first)


@settings(deadline=None, max_examples=60)
@given(ROWS)
def test_streaming_and_grouping_give_the_same(rows):
    table = pa.Table.from_pylist(rows, SCHEMA)
    grouped = tallied(table, TALLY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duck, "STREAM_FROM", 0)
        patch.setattr(duck, "_STREAMED", 7)
        assert tallied(table, TALLY) == grouped


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300])
def test_values_that_are_no_numbers_are_refused(monkeypatch, value, streamed):
    monkeypatch.setattr(duck, "STREAM_FROM", 0 if streamed else 10)
    with pytest.raises(EngineError):
        tallied(pa.table({"v": [1.0, value]}), Tally({"k": "'x'"}, counts={"n": ()}, sums={"s": ("v", ())}))


@pytest.mark.parametrize("streamed", [False, True])
def test_a_sum_is_exact_whatever_the_order(monkeypatch, streamed):
    """Added as floats, the ten tenths would be lost beside the great number, or not, as it comes."""
    monkeypatch.setattr(duck, "STREAM_FROM", 0 if streamed else 100)
    tally = Tally({"k": "'x'"}, counts={"n": ()}, sums={"s": ("v", ())})
    for values in ([1e11, *[0.1] * 10, -1e11], [*[0.1] * 10, 1e11, -1e11]):
        (row,) = tallied(pa.table({"v": values}), tally)
        assert row == {"k": "x", "n": 12, "s": 10_000, "s_largest": 1e11, "s_second": 1e11}


def test_cells_that_would_not_fit_are_left_to_the_engine(monkeypatch):
    table = pa.table(
        {
            "place": [f"p{n}" for n in range(500)],
            "year": [2024] * 500,
            "kind": [1] * 500,
            "flag": [True] * 500,
            "value": [1.5] * 500,
        }
    )
    grouped = tallied(table, TALLY)
    monkeypatch.setattr(duck, "STREAM_FROM", 0)
    monkeypatch.setattr(stream, "MAX_CELLS", 100)
    assert tallied(table, TALLY) == grouped


def test_a_table_without_rows_has_no_cells():
    assert tallied(pa.Table.from_pylist([], SCHEMA), TALLY) == []


SHARED = Tally(
    texts={"area": "place"},
    counts={
        "n0": (),
        "n1": ("kind < 2",),
        "n2": ("kind < 2", "flag"),
        "n3": ("flag",),
        "n4": ("value > 0",),
        "n5": ("kind < 2", "value > 0"),
        "n6": ("kind < 1", "flag"),
        "n7": ("kind < 1",),
        "n8": ("kind < 1", "value > 0", "flag"),
        "n9": ("year > 2021",),
    },
    sums={"s0": ("value", ()), "s1": ("value", ("kind < 2",)), "s2": ("value", ("kind < 1", "flag"))},
)


def test_a_condition_that_many_counts_share_splits_the_cells():
    traits = ("works", "owner", "debts")
    counts = {"n": (), "adults": ("adult",)} | {trait: (trait,) for trait in traits}
    counts |= {f"adult_{trait}": ("adult", trait) for trait in traits}
    layout = stream.Layout.of(Tally({}, {}, counts, {"s": ("income", ()), "adult_s": ("income", ("adult",))}))
    assert layout.splits == ("adult",)
    assert layout.counts == (frozenset(), *(frozenset({trait}) for trait in traits))
    assert layout.sums == (("income", frozenset()),)


@settings(deadline=None, max_examples=40)
@given(ROWS)
def test_split_cells_give_what_grouping_gives(rows):
    table = pa.Table.from_pylist(rows, SCHEMA)
    grouped = tallied(table, SHARED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duck, "STREAM_FROM", 0)
        patch.setattr(duck, "_STREAMED", 7)
        assert tallied(table, SHARED) == grouped


def test_streaming_counts_beyond_what_a_byte_holds_and_makes_room_for_cells(monkeypatch):
    """Of 300 places one has far more rows than the others; each is counted in a byte until that is full."""
    places = [f"p{n % 300 if n % 3 else 7}" for n in range(3_000)]
    table = pa.table(
        {
            "place": places,
            "year": [2020 + n % 5 for n in range(3_000)],
            "kind": [n % 3 for n in range(3_000)],
            "flag": [n % 2 == 0 for n in range(3_000)],
            "value": [n / 7 - 100 for n in range(3_000)],
        }
    )
    grouped = tallied(table, SHARED)
    assert max(row["n0"] for row in grouped) > 1_000
    monkeypatch.setattr(duck, "STREAM_FROM", 0)
    monkeypatch.setattr(duck, "_STREAMED", 64)
    monkeypatch.setattr(stream, "FIRST_CELLS", 4)
    assert tallied(table, SHARED) == grouped
