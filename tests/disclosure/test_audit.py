"""The audit breaks what can be broken, and says how."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tables_as_text import crosstab, statuses, tree

from zicht.disclosure import Dimension, Link, Profile, Table, audit
from zicht.errors import DisclosureError

FEW = Profile("few", min_units=5, max_group_share=None)
CITY = tree("area", "GM > WK1 WK2\nWK1 > B11 B12\nWK2 > B21 B22 B23")
TEXT = """
    area | young | old
    -----+-------+----
    B11  | 3     | 30
    B12  | 25    | 35
    B21  | 30    | 12
    B22  | 40    | 45
    B23  | 50    | 55
"""


def attack(hidden: set[tuple[str, ...]], text: str = TEXT) -> dict[str, tuple[str, tuple[str, ...]]]:
    table = crosstab(CITY, text)
    report = audit([table], {"t": statuses(table, hidden)}, FEW)
    return {failure.cell: (failure.attack, failure.witness) for failure in report.failures}


def test_a_sensitive_cell_in_sight_is_a_failure() -> None:
    assert attack(set()) == {"B11 × young": ("published", ("t shows [B11 × young: 3]",))}


def test_one_hidden_cell_in_a_row_follows_from_the_others() -> None:
    found = attack({("B11", "young")})
    assert list(found) == ["B11 × young"]
    attacked, witness = found["B11 × young"]
    assert attacked == "A0"
    assert witness in (
        ("t: [B11 × TOTAL: 33] = [B11 × young] + [B11 × old: 30]",),
        ("t: [WK1 × young: 28] = [B11 × young] + [B12 × young: 25]",),
    )


def test_two_hidden_cells_of_a_row_of_three_still_follow_from_their_columns() -> None:
    found = attack({("B11", "young"), ("B11", "old")})
    assert {attacked for attacked, _ in found.values()} == {"A0"}
    assert set(found) == {"B11 × young", "B11 × old"}


def test_a_hidden_child_of_a_published_parent_with_one_other_child_shown_is_found_through_the_parent() -> (
    None
):
    found = attack({("B11", "young"), ("B11", "TOTAL"), ("WK1", "TOTAL"), ("WK2", "TOTAL")})
    assert found["B11 × young"][0] == "A0"


def test_a_square_of_hidden_cells_is_safe() -> None:
    assert attack({("B11", "young"), ("B11", "old"), ("B12", "young"), ("B12", "old")}) == {}


def test_a_margin_with_one_hidden_cell_gives_it_away_however_many_cells_are_hidden_below() -> None:
    everything_below = {(area, kind) for area in ("B11", "B12") for kind in ("young", "old", "TOTAL")}
    found = attack(everything_below | {("WK1", "young")})
    assert found["WK1 × young"][0] == "A0"


SMALL = """
    area | young | old
    B11  | 1     | 1
    B12  | 1     | 1
    B21  | 30    | 12
    B22  | 40    | 45
    B23  | 50    | 55
"""


def test_who_knows_that_hidden_counts_are_at_least_one_sees_through_a_square_of_ones() -> None:
    square = {(area, kind) for area in ("B11", "B12") for kind in ("young", "old")}
    found = attack(square, SMALL.replace("1     | 1", "1     | 40", 1))
    assert {cell: attacked for cell, (attacked, _) in found.items()}["B11 × young"] == "A2"


def test_a_count_between_narrow_bounds_is_found() -> None:
    table = crosstab(CITY, TEXT)
    wide = Profile("wide", min_units=5, max_group_share=None, count_margin=10)
    hidden = {(area, kind) for area in ("B11", "B12") for kind in ("young", "old")}
    report = audit([table], {"t": statuses(table, hidden)}, FEW)
    assert report.safe
    # B11 young and B12 young make 28 together, so 0 to 28 is known: wide enough for a margin of 10.
    assert audit([table], {"t": statuses(table, hidden)}, wide).safe
    wider = Profile("wider", min_units=5, max_group_share=None, count_margin=15)
    failures = audit([table], {"t": statuses(table, hidden)}, wider).failures
    assert [(failure.attack, failure.cell, failure.interval) for failure in failures] == [
        ("A1", "B11 × young", (0.0, 28.0))
    ]
    assert failures[0].witness


def test_a_cell_shown_in_a_linked_table_is_given_away() -> None:
    area = tree("area", "GM > B1 B2 B3")
    columns = {"area": ["GM", "B1", "B2", "B3"], "value": [60.0, 3.0, 27.0, 30.0], "n": [60, 3, 27, 30]}
    left, right = Table("left", (area,), pa.table(columns)), Table("right", (area,), pa.table(columns))
    given = {"left": statuses(left, {("B1",), ("B2",)}), "right": statuses(right, {("B1",), ("B3",)})}
    report = audit([left, right], given, FEW, links=[Link.shared(left, right)])
    assert {(failure.attack, failure.table, failure.cell) for failure in report.failures} >= {
        ("published", "left", "B2"),
        ("A0", "left", "B1"),
    }
    assert any("right shows [B2: 27]" in failure.witness for failure in report.failures)


def test_the_one_unit_in_a_cell_can_compute_his_only_neighbour() -> None:
    table = crosstab(CITY, TEXT.replace("B12  | 25", "B12  | 1 "))
    square = {(area, kind) for area in ("B11", "B12") for kind in ("young", "old")}
    assert audit([table], {"t": statuses(table, square)}, FEW).exposed_to_contributor == 1


def test_statuses_must_name_every_cell() -> None:
    table = crosstab(CITY, TEXT)
    whole = statuses(table, set())
    with pytest.raises(DisclosureError, match="no statuses for table 't'"):
        audit([table], {}, FEW)
    with pytest.raises(DisclosureError, match="leave out the cell"):
        audit([table], {"t": whole.slice(1)}, FEW)


def test_statuses_may_come_in_any_order() -> None:
    table = crosstab(CITY, TEXT)
    given = statuses(table, {("B11", "young"), ("B11", "old"), ("B12", "young"), ("B12", "old")})
    assert audit([table], {"t": given.take(list(range(given.num_rows))[::-1])}, FEW).safe


def generated(shared: Path, rung: str) -> tuple[Table, Profile, np.ndarray]:
    """A table of the benchmark ladder, with the rule it was made with."""
    folder = str(shared / "disclosure")
    sys.path.insert(0, folder)
    try:
        import sdcgen
    finally:
        sys.path.remove(folder)
    made = sdcgen.make(rung)
    dimensions = tuple(
        Dimension(
            t.name, tuple(t.codes), tuple(None if p < 0 else t.codes[p] for p in t.parent), reveals=False
        )
        for t in made.trees
    )
    columns = {t.name: pa.array(list(codes)) for t, codes in zip(made.trees, made.codes(), strict=True)}
    counts = made.freq.ravel().astype(np.int64)
    cells = pa.table(columns | {"value": counts.astype(np.float64), "n": counts})
    profile = Profile("ladder", min_units=5, max_group_share=None)
    return Table("t", dimensions, cells), profile, made.primary.ravel()


@pytest.mark.shared
@pytest.mark.parametrize(
    ("rung", "program", "recomputed"),
    [
        ("F2", "sdcTable_OLD", 1),
        ("H2", "sdcTable_OLD", 7),
        pytest.param("F3", "sdcTable_OLD", 8, marks=pytest.mark.slow),
        ("F1", "tau_opt", 0),
        ("D1", "gauss_default", 0),
    ],
)
def test_patterns_of_other_programs_fail_on_just_the_cells_that_can_be_recomputed(
    shared: Path, rung: str, program: str, recomputed: int
) -> None:
    table, profile, primary = generated(shared, rung)
    mask = (
        np.load(shared / "disclosure" / "traps" / f"{rung}s1_{program}.npz")["mask"].ravel().astype(bool)
        | primary
    )
    given = table.cells.select([d.name for d in table.dimensions])
    given = given.append_column("status", pa.array(np.where(mask, "secondary", "ok")))
    report = audit([table], {"t": given}, profile)
    exact = [failure for failure in report.failures if failure.attack == "A0" and primary[failure.row]]
    assert len(exact) == recomputed
    assert all(failure.witness for failure in exact)
    assert not any(failure.attack == "A1" for failure in report.failures)
