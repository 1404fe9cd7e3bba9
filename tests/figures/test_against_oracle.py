"""Indicators and registers made up by chance: the engine gives what plain Python gives, counting one unit after another."""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product

import pyarrow as pa
import pytest
from figure_tables import city, computed, dimension, indicator
from hypothesis import given, settings
from hypothesis import strategies as st

import zicht.engine.duck as duck
from zicht.declare import Indicator

SEX = dimension("sex", "sex", "m", "v")
SIZE = dimension("size", "CASE WHEN rooms < 3 THEN 'small' WHEN rooms < 6 THEN 'large' END", "small", "large")
DIMENSIONS = {"sex": SEX, "size": SIZE}
CODES = ["BU90010101", "BU90010102", "BU90020101", "WK900101", "GM9001", "GM9002", "BU99999999", "", None]
Unit = dict[str, object]

UNITS = st.lists(
    st.fixed_dictionaries(
        {
            "buurt": st.sampled_from(CODES),
            "period": st.sampled_from([2023, 2024, None]),
            "sex": st.sampled_from(["m", "v", "x", None]),
            "rooms": st.one_of(st.none(), st.integers(0, 8)),
            "income": st.one_of(st.none(), st.decimals(-5000, 5000, places=2).map(float)),
            "car": st.sampled_from([True, False, None]),
        }
    ),
    min_size=1,
    max_size=40,
)
SCHEMA = pa.schema(
    [("buurt", pa.string()), ("period", pa.int64()), ("sex", pa.string()), ("rooms", pa.int64()), ("income", pa.float64()), ("car", pa.bool_())]
)  # fmt: skip
POPULATIONS = {
    None: lambda u: True,
    "car": lambda u: u["car"] is True,
    "rooms >= 2": lambda u: u["rooms"] is not None and u["rooms"] >= 2,
}
TRAITS = {"car": POPULATIONS["car"], "income < 0": lambda u: u["income"] is not None and u["income"] < 0}


@st.composite
def indicators(draw) -> Indicator:
    """An indicator of any measure that is counted."""
    measure = draw(
        st.sampled_from(["count", "share", "rate", "sum", "mean", "median", "percentile", "distinct"])
    )
    declared: dict[str, object] = {
        "by": tuple(draw(st.permutations(["sex", "size"]))[: draw(st.integers(0, 2))])
    }
    declared["population"] = draw(st.sampled_from(list(POPULATIONS)))
    if measure in ("share", "rate"):
        declared["numerator"] = draw(st.sampled_from(list(TRAITS)))
    if measure in ("sum", "mean", "median", "percentile", "distinct"):
        declared["value"] = draw(st.sampled_from(["income", "rooms"]))
    if measure == "percentile":
        declared["percentile"] = draw(st.integers(1, 99))
    return indicator(f"i{draw(st.integers(0, 10**9))}", measure, **declared)


def places(code: object) -> tuple[str, str, str]:
    """Buurt, wijk and gemeente where a unit counts; GM9001 where no more is known."""
    known = {"BU90010101", "BU90010102", "BU90020101"}
    if code in known:
        return str(code), f"WK{str(code)[2:8]}", f"GM{str(code)[2:6]}"
    if code == "WK900101":
        return "BU900101--", "WK900101", "GM9001"
    gemeente = str(code)[2:] if code in ("GM9001", "GM9002") else "9001"
    return f"BU{gemeente}----", f"WK{gemeente}--", f"GM{gemeente}"


def category(unit: Unit, id_: str) -> str:
    """The category of a unit."""
    if id_ == "sex":
        return str(unit["sex"]) if unit["sex"] in ("m", "v") else "UNKNOWN"
    rooms = unit["rooms"]
    return "UNKNOWN" if rooms is None or rooms >= 6 else "small" if rooms < 3 else "large"


def cells(unit: Unit, by: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every figure that a unit counts in: area, period and categories, totals too."""
    for area in places(unit["buurt"]):
        for categories in product(*(("TOTAL", category(unit, id_)) for id_ in by)):
            yield (area, str(unit["period"]), *categories)


def quantile(values: list[float], part: float) -> float:
    """The percentile between two values, as quantile_cont defines it."""
    values = sorted(values)
    at = part * (len(values) - 1)
    low = math.floor(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (at - low) * (values[high] - values[low])


def oracle(units: list[Unit], one: Indicator) -> dict[tuple[str, ...], dict[str, object]]:
    """The figures of cells that have units, counted one by one."""
    inside: dict[tuple[str, ...], list[Unit]] = defaultdict(list)
    for unit in units:
        has_value = one.value is None or unit[one.value] is not None
        if unit["period"] is not None and POPULATIONS[one.population](unit) and has_value:
            for cell in cells(unit, one.by):
                inside[cell].append(unit)
    return {cell: figure(members, one) for cell, members in inside.items()}


def figure(members: list[Unit], one: Indicator) -> dict[str, object]:
    """One figure."""
    n = len(members)
    values = [float(unit[one.value]) for unit in members] if one.value else []
    sizes = sorted((abs(value) for value in values), reverse=True)
    top = {"largest": sizes[0], "second": sizes[1] if n > 1 else None} if values else {}
    if one.measure == "count":
        return {"n": n, "value": n}
    if one.numerator is not None:
        yes = sum(TRAITS[one.numerator](unit) for unit in members)
        return {
            "n": n,
            "numerator": yes,
            "denominator": n,
            "value": (100 if one.measure == "share" else one.per) * yes / n,
        }
    if one.measure == "sum":
        return {"n": n, "value": sum(values), **top}
    if one.measure == "mean":
        return {"n": n, "value": sum(values) / n, "numerator": sum(values), **top}
    if one.measure == "distinct":
        return {"n": n, "value": len(set(values))}
    return {"n": n, "value": quantile(values, 0.5 if one.measure == "median" else one.percentile / 100)}


@pytest.mark.slow
@pytest.mark.parametrize("streamed", [False, True], ids=["grouped", "streamed"])
@settings(deadline=None, max_examples=40)
@given(units=UNITS, chosen=st.lists(indicators(), min_size=1, max_size=5, unique_by=lambda one: one.id))
def test_the_engine_counts_as_a_person_would(streamed, units, chosen):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duck, "STREAM_FROM", 0 if streamed else 10**9)
        patch.setattr(sys.modules["zicht.figures.compute"], "_BLOCK", 7)
        made = computed(pa.Table.from_pylist(units, SCHEMA), *chosen, dimensions=(SEX, SIZE), areas=city())
    for one in chosen:
        expected = oracle(units, one)
        rows = made.figures[one.id].to_pylist()
        found = {(row["area"], row["period"], *(row[id_] for id_ in one.by)): row for row in rows}
        assert len(found) == len(rows)
        assert set(expected) <= set(found)
        for cell, row in found.items():
            for name, value in expected.get(cell, {"n": 0}).items():
                assert row[name] == (None if value is None else pytest.approx(value, abs=1e-6)), (cell, name)
            assert (row["status"] == "ok") == (row["value"] is not None)


@settings(deadline=None, max_examples=30)
@given(units=UNITS, by=st.sampled_from([(), ("sex",), ("sex", "size")]))
def test_children_and_categories_add_up_to_what_they_are_part_of(units, by):
    made = computed(
        pa.Table.from_pylist(units, SCHEMA),
        indicator("c", "count", by=by),
        dimensions=(SEX, SIZE),
        areas=city(),
    )
    rows = made.figures["c"].to_pylist()
    sums: dict[tuple[str, ...], float] = defaultdict(float)
    for row in rows:
        if row["area"][:2] == "BU":
            wijk = f"WK{row['area'][2:8]}"
            sums[wijk, row["period"], *(row[id_] for id_ in by)] += row["value"]
    for row in rows:
        if row["area"][:2] == "WK":
            assert sums[row["area"], row["period"], *(row[id_] for id_ in by)] == row["value"]
    for at, id_ in enumerate(by):
        others = [other for other in by if other != id_]
        parts: dict[tuple[str, ...], float] = defaultdict(float)
        for row in rows:
            key = (row["area"], row["period"], *(row[other] for other in others))
            parts[key] += row["value"] * (-1 if row[id_] == "TOTAL" else 1)
        assert set(parts.values()) <= {0.0}, at


def test_rows_stand_in_a_fixed_order_whatever_the_order_of_the_units():
    units = [
        {"buurt": code, "period": period, "sex": sex, "rooms": 2, "income": 1.0, "car": True}
        for code in CODES[:4] for period in (2024, 2023) for sex in ("v", "m")
    ]  # fmt: skip
    one = indicator("s", "sum", value="income", by=("sex",))
    tables = [
        computed(pa.Table.from_pylist(some, SCHEMA), one, dimensions=(SEX,), areas=city()).figures["s"]
        for some in (units, units[::-1])
    ]
    assert tables[0].equals(tables[1])
    keys = [
        (row["period"], ["buurt", "wijk", "gemeente"].index(row["level"]), row["area"])
        for row in tables[0].to_pylist()
    ]
    assert keys == sorted(keys)
