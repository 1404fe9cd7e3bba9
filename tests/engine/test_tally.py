"""A tally that streams gives what GROUP BY gives, to the bit."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import zicht.engine.duck as duck
import zicht.engine.expressions as expressions
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


def tallied(table: pa.Table | Path, tally: Tally) -> list[dict[str, object]]:
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
@given(ROWS, st.sampled_from([0, 1]), st.sampled_from([1, 1 << 16]))
def test_streaming_and_grouping_give_the_same(rows, few, kept):
    """Whether all columns are taken to have few values or none is, and whether those are kept or not."""
    table = pa.Table.from_pylist(rows, SCHEMA)
    grouped = tallied(table, TALLY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duck, "STREAM_FROM", 0)
        patch.setattr(duck, "ROW_GROUP", 7)
        patch.setattr(expressions, "FEW", few)
        patch.setattr(expressions, "KEPT", kept)
        assert tallied(table, TALLY) == grouped


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    "values", [[1.0, math.nan], [1.0, math.inf], [1.0, -math.inf], [1.0, 1e300], [5e14, 5e14]], ids=str
)
def test_values_that_are_no_numbers_or_too_great_together_are_refused(monkeypatch, values, streamed):
    monkeypatch.setattr(duck, "STREAM_FROM", 0 if streamed else 10)
    with pytest.raises(EngineError):
        tallied(pa.table({"v": values}), Tally({"k": "'x'"}, counts={"n": ()}, sums={"s": ("v", ())}))


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
        patch.setattr(duck, "ROW_GROUP", 7)
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
    monkeypatch.setattr(duck, "ROW_GROUP", 64)
    monkeypatch.setattr(stream, "FIRST_CELLS", 4)
    assert tallied(table, SHARED) == grouped


WAYS = {
    "a text as it is": "place",
    "of the values of a text": "upper(place)",
    "nothing is a value": "coalesce(place, 'nowhere')",
    "of the values of a number": "CAST(kind AS VARCHAR)",
    "of a date": "CAST(year(born) AS VARCHAR)",
    "of a text that has many values": "substr(name, 1, 2)",
    "of a number that has many values": "CAST(id // 1000 AS VARCHAR)",
    "of two columns": "place || kind",
    "of none": "'NL'",
    "of a part of a column": "CAST(box.place AS VARCHAR)",
    "by another spelling": '"PLACE"',
    "of a column called as the key is": "area",
}


@pytest.mark.parametrize("kept", [1, 1 << 16])
@pytest.mark.parametrize("key", WAYS.values(), ids=WAYS)
def test_a_file_of_many_groups_streams_whatever_the_key(monkeypatch, tmp_path, key, kept):
    """Two streams of one file, of which groups and batches end in different places, stay abreast."""
    size = 20_000
    number = np.arange(size)
    table = pa.table(
        {
            "place": [None if n % 11 == 0 else f"p{n * n % 37}" for n in range(size)],
            "area": [f"a{n % 5}" for n in range(size)],
            "name": [f"{n * 7919 % size:05}" for n in range(size)],
            "kind": pa.array(number * number % 7, pa.int16()),
            "born": pa.array(number % 40 * 200, pa.int32()).cast(pa.date32()),
            "id": number,
            "flag": number % 3 == 0,
            "value": number / 7,
            "box": [{"place": n % 4} for n in range(size)],
        }
    )
    path = tmp_path / "t.parquet"
    with pq.ParquetWriter(path, table.schema) as writer:
        for begin, end in ((0, 3_001), (3_001, 3_002), (3_002, 14_000), (14_000, size)):
            writer.write_table(table.slice(begin, end - begin), row_group_size=1_777)
    tally = Tally(
        {"area": key},
        {"d0": ("CAST(kind % 2 AS UTINYINT)", 2)},
        counts={"n": (), "p": ("place = 'p4'",), "f": ("flag", "id % 2 = 0"), "none": ("place IS NULL",)},
        sums={"s": ("value", ()), "i": ("id", ("kind > 3",))},
    )
    grouped = tallied(path, tally)
    monkeypatch.setattr(duck, "STREAM_FROM", 0)
    monkeypatch.setattr(duck, "ROW_GROUP", 1_000)
    monkeypatch.setattr(expressions, "KEPT", kept)
    assert tallied(path, tally) == grouped


def test_a_value_that_an_expression_does_not_fit_stops_the_tally_and_is_not_told(monkeypatch):
    monkeypatch.setattr(duck, "STREAM_FROM", 0)
    table = pa.table({"place": ["1", "2", "geheim"] * 20})
    with pytest.raises(EngineError, match="values are not shown") as raised:
        tallied(table, Tally({"k": "CAST(CAST(place AS INTEGER) AS VARCHAR)"}, counts={"n": ()}))
    assert "geheim" not in str(raised.value)


def test_a_damaged_file_is_told_of(monkeypatch, tmp_path):
    monkeypatch.setattr(duck, "STREAM_FROM", 0)
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"place": [f"p{n}" for n in range(5_000)]}), path)
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + bytes(2_000) + whole[2_100:])
    with pytest.raises(EngineError, match="cannot be read"):
        tallied(path, Tally({"area": "place"}, counts={"n": ()}))


@given(st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=1, max_size=3), st.integers(0, 25))
def test_streams_abreast_hold_the_same_rows(cuts, size):
    def stream_of(lengths):
        left = pa.record_batch({"n": range(size)})
        for length in lengths:
            yield left.slice(0, length)
            left = left.slice(min(length, left.num_rows))
        yield left

    parts = list(expressions.abreast([stream_of(lengths) for lengths in cuts]))
    for batches in parts:
        assert all(batch.equals(batches[0]) and batch.num_rows for batch in batches)
    assert [n for batches in parts for n in batches[0]["n"].to_pylist()] == list(range(size))


def test_a_stream_that_ends_before_another_is_a_mistake():
    short, long = ([pa.record_batch({"n": range(n)})] for n in (2, 3))
    with pytest.raises(ValueError, match="ends before"):
        list(expressions.abreast([iter(short), iter(long)]))
