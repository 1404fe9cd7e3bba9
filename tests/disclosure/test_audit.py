"""The audit breaks what can be broken, and says how."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from tables_as_text import count_table, crosstab, statuses, tree

from zicht.disclosure import Dimension, Link, Profile, Table, audit
from zicht.disclosure.attack.auditor import Auditor
from zicht.errors import DisclosureError

FEW = Profile("few", min_units=5, max_group_share=None, attackers=("A0", "A1", "A2"))
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


def test_a_total_that_is_one_of_its_own_parts_is_not_told_by_the_other_part() -> None:
    """All have the trait, and both numbers are those of one figure: that nobody has not, says nothing of how many they are."""
    table = crosstab(tree("area", "GM > B1 B2"), "area | yes | no\nB1 | 3 | 0\nB2 | 40 | 0")
    persons = crosstab(tree("area", "GM > B1 B2"), "area | all\nB1 | 3\nB2 | 40", "persons")
    cells = [
        {"left.area": area, "left.kind": "all", "right.area": area, "right.kind": kind}
        for area in ("GM", "B1", "B2")
        for kind in ("TOTAL", "yes")
    ]
    links = [Link("persons", "t", pa.Table.from_pylist(cells))]
    everywhere = {(area, kind) for area in ("B1", "B2") for kind in ("TOTAL", "yes", "all")}
    given = {one.name: statuses(one, everywhere) for one in (table, persons)}
    assert audit([table, persons], given, FEW, links=links).failures == ()
    shown = statuses(persons, everywhere - {("B2", "all"), ("B2", "TOTAL")})
    assert "B1 × yes" in {
        failure.cell
        for failure in audit([table, persons], given | {"persons": shown}, FEW, links=links).failures
    }


CONTRIBUTORS = replace(FEW, attackers=("A0", "A1", "A3"))
PAIRS = replace(CONTRIBUTORS, coalition=2)
ONE = TEXT.replace("B12  | 25", "B12  | 1 ").replace("B11  | 3 ", "B11  | 4 ")
SQUARE = {(area, kind) for area in ("B11", "B12") for kind in ("young", "old")}


def test_the_one_unit_in_a_cell_can_compute_his_only_neighbour() -> None:
    table = crosstab(CITY, ONE)
    report = audit([table], {"t": statuses(table, SQUARE)}, CONTRIBUTORS)
    assert [(failure.attack, failure.cell, failure.interval) for failure in report.failures] == [
        ("A3", "B11 × young", (4.0, 4.0))
    ]
    (failure,) = report.failures
    assert failure.witness == (
        "the only unit in [B12 × young] knows that it is 1",
        "t: [WK1 × young: 5] = [B11 × young] + [B12 × young]",
        "so [B11 × young] = 5 - [B12 × young] = 4",
    )
    by = [table.label_at(int(table.position[cell])) for (cell,) in failure.by]
    assert by == ["B12 × young"]


def test_an_attack_that_the_profile_does_not_name_is_counted_and_no_failure() -> None:
    table = crosstab(CITY, ONE)
    report = audit([table], {"t": statuses(table, SQUARE)}, replace(FEW, attackers=("A0", "A1", "A2")))
    assert report.safe
    assert report.exposed_to_contributor == 1


def test_who_is_all_there_is_in_a_cell_learns_nothing_of_it() -> None:
    table = crosstab(CITY, TEXT.replace("B11  | 3 ", "B11  | 0 ").replace("B12  | 25", "B12  | 1 "))
    whole = {("B12", "young"), ("WK1", "young"), ("B12", "old"), ("WK1", "old")}
    crossed = (
        whole | {("WK2", kind) for kind in ("young", "old")} | {("B21", kind) for kind in ("young", "old")}
    )
    report = audit([table], {"t": statuses(table, crossed)}, CONTRIBUTORS)
    # B12 and WK1 hold the same one young person: either cell gives the other away, but to nobody else.
    assert report.safe
    assert report.exposed_to_contributor == 0


THREE = """
    area | a | b | c
    B11  | 1 | 1 | 3
    B12  | 9 | 8 | 7
    B21  | 9 | 9 | 9
    B22  | 9 | 9 | 9
    B23  | 9 | 9 | 9
"""


def test_two_who_are_alone_in_their_cells_can_compute_a_third_together() -> None:
    table = crosstab(CITY, THREE)
    hidden = {(area, kind) for area in ("B11", "B12") for kind in ("a", "b", "c")}
    assert audit([table], {"t": statuses(table, hidden)}, CONTRIBUTORS).safe
    (failure,) = audit([table], {"t": statuses(table, hidden)}, PAIRS).failures
    assert (failure.attack, failure.cell) == ("A3", "B11 × c")
    assert failure.witness == (
        "the only unit in [B11 × a] knows that it is 1",
        "the only unit in [B11 × b] knows that it is 1",
        "t: [B11 × TOTAL: 5] = [B11 × a] + [B11 × b] + [B11 × c]",
        "so [B11 × c] is 3",
    )


def test_the_two_in_one_cell_can_compute_their_neighbour_together() -> None:
    table = crosstab(CITY, TEXT.replace("B12  | 25", "B12  | 2 "))
    assert audit([table], {"t": statuses(table, SQUARE)}, CONTRIBUTORS).safe
    (failure,) = audit([table], {"t": statuses(table, SQUARE)}, PAIRS).failures
    assert failure.cell == "B11 × young"
    assert (
        failure.witness[0]
        == "who is one of the 2 units in [B12 × young] and asks the others knows that it is 2"
    )


def sums(holders: tuple[str, str]) -> Table:
    """Three parts of a total; in the first two one contributor has nearly everything."""
    columns = {
        "area": ["GM", "A", "B", "C"],
        "value": [1150.0, 100.0, 50.0, 1000.0],
        "n": [27, 4, 3, 20],
        "largest": [95.0, 95.0, 48.0, 60.0],
        "second": [60.0, 3.0, 1.0, 60.0],
        "largest_holder": [holders[0], *holders, "z"],
    }
    return Table("t", (tree("area", "GM > A B C"),), pa.table(columns))


def test_the_largest_contributor_to_one_sum_sees_through_the_sum_that_makes_a_total_with_it() -> None:
    profile = Profile("p", min_units=0, max_group_share=None, p_percent=10, attackers=("A0", "A1", "A3"))
    hidden = {("A",), ("B",)}
    table = sums(("x", "y"))
    (failure,) = audit([table], {"t": statuses(table, hidden)}, profile).failures
    assert (failure.attack, failure.cell, failure.interval) == ("A3", "A", (0.0, 102.0))
    assert failure.witness == (
        "the largest contributor to [B] knows that it is at least 48",
        "t: [GM: 1150] = [A] + [B] + [C: 1000]",
        "[A] + [B] = 150, so [A] is at most 102",
    )
    assert audit([sums(("x", "x"))], {"t": statuses(table, hidden)}, profile).safe


def test_a_sum_that_may_be_negative_can_fall_as_far_as_is_known_of_it_from_elsewhere() -> None:
    firms = tree("firm", "ALL > a b c")
    cells = pa.table(
        {
            "firm": ["ALL", "a", "b", "c"],
            "value": [5.0, -3.0, 8.0, 0.0],
            "n": [9, 2, 2, 5],
            "largest": [8.0, 3.0, 8.0, 0.0],
            "known_lower": pa.array([None, -9.0, 2.0, None], pa.float64()),
        }
    )
    table = Table("t", (firms,), cells)
    ratio = Profile("ratio", min_units=3, max_group_share=None, attackers=("A0", "A1"))
    assert audit([table], {"t": statuses(table, {("a",), ("b",)})}, ratio).safe


def test_what_is_known_of_a_hidden_cell_from_elsewhere_narrows_its_neighbour_down() -> None:
    table = crosstab(CITY, TEXT)
    most = pa.array([26.0 if value == 25 else None for value in table.value], pa.float64())
    known = Table("t", table.dimensions, table.cells.append_column("known_upper", most))
    wide = replace(FEW, count_margin=13.5)
    assert audit([table], {"t": statuses(table, SQUARE)}, wide).safe
    (failure,) = audit([known], {"t": statuses(table, SQUARE)}, wide).failures
    assert (failure.attack, failure.cell, failure.interval) == ("A1", "B11 × young", (2.0, 28.0))


def test_sums_that_may_be_negative_are_uncertain_without_end() -> None:
    columns = {"area": ["GM", "A", "B", "C"], "value": [5.0, 100.0, -98.0, 3.0], "n": [9, 2, 3, 4]}
    table = Table("t", (tree("area", "GM > A B C"),), pa.table(columns))
    assert audit([table], {"t": statuses(table, {("A",), ("B",), ("C",)})}, FEW).safe
    shown = audit([table], {"t": statuses(table, {("A",)})}, FEW).failures
    assert {(failure.attack, failure.cell) for failure in shown} >= {("A0", "A"), ("published", "B")}


def test_every_failure_of_an_interval_ends_with_what_follows() -> None:
    found = attack(SQUARE, SMALL.replace("1     | 1", "1     | 40", 1))
    attacked, witness = found["B11 × young"]
    assert attacked == "A2"
    assert witness[-1] == "no hidden count is 0, so [B11 × young] is 1"


def test_one_pattern_after_another_is_judged_as_if_it_were_the_first() -> None:
    table = crosstab(CITY, TEXT)
    rng = np.random.default_rng(3)
    auditor = Auditor([table], FEW, ())
    for _ in range(40):
        hidden = auditor.primary | (rng.random(table.n.size) < 0.4)
        afresh = Auditor([table], FEW, ()).examine(hidden, words=False).failures
        again = auditor.examine(hidden, words=False).failures
        assert [(f.attack, f.cell) for f in again] == [(f.attack, f.cell) for f in afresh]


def test_an_audit_needs_tables_of_different_names() -> None:
    table = crosstab(CITY, TEXT)
    with pytest.raises(DisclosureError, match="no tables"):
        audit([], {}, FEW)
    with pytest.raises(DisclosureError, match="Two tables are called 't'"):
        audit([table, table], {"t": statuses(table, set())}, FEW)


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


@pytest.mark.parametrize("zeros_published", [True, False])
def test_that_a_cell_is_empty_is_told_only_where_empty_cells_are_hidden(zeros_published: bool) -> None:
    profile = Profile(
        "insider", min_units=5, max_group_share=None, zeros_published=zeros_published, attackers=("A0", "A3")
    )
    kind = Dimension.flat("kind", ("a", "b", "c"))
    table = count_table("t", (kind,), {("TOTAL",): 41, ("a",): 1, ("b",): 0, ("c",): 40})
    hidden = {"TOTAL": "ok", "a": "primary", "b": "secondary", "c": "ok"}
    given = pa.table({"kind": list(hidden), "status": list(hidden.values())})
    report = audit([table], {"t": given}, profile)
    assert [(failure.attack, failure.cell) for failure in report.failures] == (
        [] if zeros_published else [("A3", "b")]
    )
