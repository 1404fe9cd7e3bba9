"""Units counted by characteristics add up to the figures, and each is always in the same half."""

from __future__ import annotations

import hashlib

import pyarrow as pa
from figure_tables import arrow, computed, dimension, indicator, register

from zicht.engine import DuckDBEngine
from zicht.figures import Counted, count_described

UNITS = """
    pseudoniem | period | buurt      | werk | oud | gebruikt
    -----------+--------+------------+------+-----+---------
    aa         | 2023   | BU90010101 | ja   | no  | yes
    aa         | 2024   | BU90010101 | ja   | no  | yes
    ab         | 2024   | BU90010101 | nee  | yes | no
    ac         | 2024   | BU90010102 | ja   | yes | yes
    ad         | 2024   | BU90010102 | ja   | no  | no
    ae         | 2024   | BU90010102 |      | no  | yes
    af         | 2024   |            | ja   | no  | no
"""
WORK = dimension("werk", "werk", "ja", "nee")
AGE = dimension("leeftijd", "case when oud then 'oud' else 'jong' end", "jong", "oud")
USED = indicator("figure", "share", numerator="gebruikt", population="werk is not null")


def counted(units: pa.Table) -> Counted:
    with DuckDBEngine(threads=2) as engine:
        engine.add("units", units)
        return count_described(engine, register(units), "units", USED, [WORK, AGE], "pseudoniem")


def test_the_last_period_is_counted_by_every_combination_and_sums_to_the_figure() -> None:
    found = counted(arrow(UNITS))
    assert found.period == "2024"
    by_group = found.cube.group_by(["werk", "leeftijd"]).aggregate([("persons", "sum"), ("cases", "sum")])
    assert sorted(map(tuple, (row.values() for row in by_group.to_pylist()))) == [
        (0, 0, 3, 1),
        (0, 1, 1, 1),
        (1, 1, 1, 0),
    ]
    table = computed(arrow(UNITS), USED).figures["figure"]
    (whole,) = [row for row in table.to_pylist() if row["level"] == "gemeente" and row["period"] == "2024"]
    assert sum(found.cube["persons"].to_pylist()) == whole["denominator"]
    assert sum(found.cube["cases"].to_pylist()) == whole["numerator"]


def test_of_each_area_it_is_known_how_common_a_characteristic_is() -> None:
    rows = {row.pop("area"): row for row in counted(arrow(UNITS)).areas.to_pylist()}
    assert rows["BU90010102"] == {
        "persons": 2,
        "werk=ja": 2,
        "werk=nee": 0,
        "leeftijd=jong": 1,
        "leeftijd=oud": 1,
    }
    assert rows[None]["persons"] == 1


def test_in_which_half_a_unit_is_follows_from_its_pseudonym_alone() -> None:
    names = [hashlib.sha256(str(number).encode()).hexdigest()[:16] for number in range(2000)]
    units = pa.table(
        {"pseudoniem": names, "buurt": ["BU90010101"] * 2000, "werk": ["ja"] * 2000, "oud": [False] * 2000, "gebruikt": [True] * 2000}
    )  # fmt: skip
    first = {row["half"]: row["persons"] for row in counted(units).cube.to_pylist()}
    assert first == {
        row["half"]: row["persons"] for row in counted(units.take(list(range(1999, -1, -1)))).cube.to_pylist()
    }
    assert abs(first[0] - 1000) < 110  # five standard deviations of a fair draw
    half = {
        name: int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[0], 16) // 8 for name in names
    }
    assert first[1] == sum(half.values())
