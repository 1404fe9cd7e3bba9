"""Records of contributors become a table with the two largest of each cell, holdings taken together."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables_as_text import tree

from zicht.disclosure import Dimension, Profile
from zicht.disclosure.records import tabulate
from zicht.disclosure.rules import REASONS, assess
from zicht.errors import DisclosureError

AREA = tree("area", "GM > WK1 WK2\nWK1 > B1 B2")
KIND = Dimension.flat("kind", ("x", "y"))


def cells(text: str) -> dict[str, dict[str, object]]:
    """The table of records written as `area value` and more columns, by area."""
    head, *lines = [[part.strip() for part in line.split("|")] for line in text.strip().splitlines()]
    read = {"value": float, "weight": float, "waived": bool, "requested": bool}
    columns = {name: [read.get(name, str)(line[place]) for line in lines] for place, name in enumerate(head)}
    return {row["area"]: row for row in tabulate("t", (AREA,), pa.table(columns)).cells.to_pylist()}


def test_contributions_of_one_holding_count_as_one() -> None:
    found = cells("""
        area | value | holding
        B1   | 50    | Alfa
        B2   | 40    | Alfa
        B2   | 60    | Beta
        WK2  | 10    | Beta
    """)
    assert (found["WK1"]["n"], found["WK1"]["largest"], found["WK1"]["largest_holder"]) == (2, 90.0, "Alfa")
    assert (found["GM"]["value"], found["GM"]["largest"], found["GM"]["second"]) == (160.0, 90.0, 70.0)
    assert (found["B1"]["second"], found["B1"]["second_holder"]) == (0.0, None)


def test_the_largest_is_of_who_gave_no_leave_and_the_second_of_anybody_else() -> None:
    found = cells("""
        area | value | waived
        B1   | 90    | yes
        B1   | 50    |
        B1   | 40    |
        B2   | 70    | yes
    """)
    assert (found["B1"]["largest"], found["B1"]["second"], found["B1"]["waived"]) == (50.0, 90.0, 1)
    assert (found["B2"]["largest"], found["B2"]["second"], found["B2"]["waived"]) == (0.0, 70.0, 1)


def test_sampled_contributors_are_weighted_as_the_handbook_does() -> None:
    found = cells("""
        area | value | weight
        B1   | 100   | 4
        B1   | 10    | 7
    """)
    assert (found["B1"]["value"], found["B1"]["n"]) == (470.0, 2)
    assert (found["B1"]["largest_weight"], found["B1"]["second_weight"]) == (4.0, 7.0)


def test_who_asked_for_protection_is_found_whatever_its_size() -> None:
    found = cells("""
        area | value | requested
        B1   | 90    |
        B1   | 50    | yes
        B2   | 70    |
    """)
    assert [found[area]["requested"] for area in ("B1", "B2", "WK1")] == [50.0, 0.0, 50.0]


def test_the_rules_then_see_a_holding_that_dominates() -> None:
    records = pa.table({
        "area": ["B1", "B1", "B1", "B1"], "value": [30.0, 30.0, 30.0, 20.0], "holding": ["A", "A", "A", "B"],
    })  # fmt: skip
    profile = Profile("p", min_units=0, max_group_share=None, dominance=(1, 0.75))
    seen = assess(tabulate("t", (AREA,), records), profile)
    assert {REASONS[reason] for reason in seen.reason if reason} == {"dominance"}
    apart = assess(tabulate("t", (AREA,), records.drop_columns(["holding"])), profile)
    assert not apart.primary.any()


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"area": ["B1"]}, "no column 'value'"),
        ({"area": ["B9"], "value": [1.0]}, "'B9', which is no code of 'area'"),
        ({"area": ["B1"], "value": [1.0], "holding": ["A"], "weight": [2.0]}, "holdings and weights"),
    ],
)
def test_records_that_are_not_in_shape_are_refused(columns: dict[str, list[object]], said: str) -> None:
    with pytest.raises(DisclosureError, match=said):
        tabulate("t", (AREA,), pa.table(columns))


ROW = st.tuples(
    st.sampled_from(AREA.codes),
    st.sampled_from(KIND.codes),
    st.integers(-50, 50),
    st.sampled_from("ABCD"),
    st.booleans(),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=25))
def test_every_cell_is_what_counting_by_hand_gives(rows: list[tuple[str, str, int, str, bool]]) -> None:
    # Units of which only the district is known would make totals that parts do not add up to.
    rows = [row for row in rows if row[0] in ("B1", "B2", "WK2") and row[1] != "TOTAL"] or [
        ("B1", "x", 1, "A", False)
    ]
    columns = dict(zip(("area", "kind", "value", "holding", "waived"), zip(*rows, strict=True), strict=True))
    table = tabulate("t", (AREA, KIND), pa.table({name: list(content) for name, content in columns.items()}))
    above = {code: {code} for code in (*AREA.codes, *KIND.codes)}
    above |= {"B1": {"B1", "WK1", "GM"}, "B2": {"B2", "WK1", "GM"}, "WK2": {"WK2", "GM"}}
    above |= {"x": {"x", "TOTAL"}, "y": {"y", "TOTAL"}}
    for cell in table.cells.to_pylist():
        inside = [row for row in rows if cell["area"] in above[row[0]] and cell["kind"] in above[row[1]]]
        totals = {one: sum(row[2] for row in inside if row[3] == one) for one in {row[3] for row in inside}}
        left = {one for one in totals if all(row[4] for row in inside if row[3] == one)}
        asking = sorted((abs(total), one) for one, total in totals.items() if one not in left)
        largest = asking[-1][0] if asking else 0
        everyone = sorted(abs(total) for total in totals.values())
        if asking:
            everyone.remove(largest)
        assert (cell["value"], cell["n"], cell["waived"]) == (sum(totals.values()), len(totals), len(left))
        assert (cell["largest"], cell["second"]) == (largest, everyone[-1] if everyone else 0)
