"""The whole of `protect`: what is public already, what the maker of a table says of cells, and methods that change numbers."""

from __future__ import annotations

import pyarrow as pa
import pytest
from tables_as_text import count_table, crosstab, statuses, tree
from years_as_text import FEW, atoms_of, table_of

from zicht.disclosure import History, Perturbed, Protected, Published, Refinement, Table, audit, protect
from zicht.errors import DisclosureError

MOVED = atoms_of(
    """
    2023 | 2024 | n
    -----+------+----
    A    | A    | 117
    A    | B    | 3
    B    | B    | 200
    C    | C    | 90
    """
)
BEFORE, NOW = table_of(MOVED, "2023"), table_of(MOVED, "2024")
HISTORY = History(
    publications=(Published.whole("2023", BEFORE),),
    refinements=(Refinement(MOVED, {"2023": "2023", "2024": "2024"}),),
)
ROW = tree("area", "GM > B1 B2 B3 B4")


def hidden(protected: Protected, name: str) -> set[str]:
    return {row["area"] for row in protected.status(name).to_pylist() if row["status"] != "ok"}


def row(**more: list[object]) -> Table:
    """A small buurt, three larger ones, and what is said of each."""
    n = [200, 4, 36, 60, 100]
    columns = {"area": ["GM", "B1", "B2", "B3", "B4"], "value": [float(one) for one in n], "n": n}
    return Table("t", (ROW,), pa.table(columns | more))


def test_a_release_that_gives_few_away_with_an_earlier_one_hides_more_and_says_why() -> None:
    alone, together = protect([NOW], FEW), protect([NOW], FEW, history=HISTORY)
    assert hidden(alone, "2024") == set()
    assert hidden(together, "2024")
    assert any("2023 [A: 120] - this release [A: 117] = 3" in line for line in together.report.closed)
    shown = {"2024": together.status("2024")}
    assert audit([NOW], shown, FEW, history=HISTORY).safe


def test_the_audit_names_the_pair_of_releases() -> None:
    found = audit([NOW], {"2024": statuses(NOW, set())}, FEW, history=HISTORY)
    assert {failure.attack for failure in found.failures} == {"A4"}
    assert all("2023" in failure.witness[0] for failure in found.failures)


@pytest.mark.parametrize(
    ("said", "value", "expected"),
    [
        ("nothing", None, {"B1", "B2"}),
        ("importance", [1.0, 1.0, 9.0, 1.0, 1.0], {"B1", "B3"}),
        ("keep", [False, False, True, True, False], {"B1", "B4"}),
    ],
)
def test_who_made_the_table_may_say_what_is_read_most(
    said: str, value: list[object] | None, expected: set[str]
) -> None:
    assert hidden(protect([row() if value is None else row(**{said: value})], FEW), "t") == expected


def test_a_number_that_is_known_from_elsewhere_hides_no_other() -> None:
    known = [None, None, 36.0, None, None]
    assert hidden(protect([row(known_lower=known, known_upper=known)], FEW), "t") == {"B1", "B3"}


def test_nothing_but_value_and_n_is_visible() -> None:
    largest = [50.0, 4.0, 20.0, 50.0, 50.0]
    assert protect([row(key=[1, 2, 3, 4, 5])], FEW).visible("t").column_names == [
        "area",
        "value",
        "n",
        "status",
    ]
    sums = Table("t", (ROW,), row().cells.append_column("largest", pa.array(largest)))
    assert protect([sums], FEW).visible("t").column_names == ["area", "value", "n", "status"]


def test_a_method_that_changes_numbers_gives_numbers_that_add_up() -> None:
    table = crosstab(ROW, "area | a | b\nB1 | 4 | 31\nB2 | 12 | 45\nB3 | 15 | 28\nB4 | 22 | 60")
    rounded = protect([table], FEW, method="round", base=5)
    assert isinstance(rounded, Perturbed)
    value = {(r["area"], r["kind"]): r["value"] for r in rounded.visible("t").to_pylist()}
    assert all(number % 5 == 0 for number in value.values())
    assert value["GM", "TOTAL"] == sum(value[buurt, "TOTAL"] for buurt in ("B1", "B2", "B3", "B4"))


def test_one_call_protects_each_level_in_its_own_way() -> None:
    city = tree("area", "GM > W1 W2\nW1 > B1 B2\nW2 > B3 B4")
    table = count_table(
        "t",
        (city,),
        {("GM",): 143, ("W1",): 61, ("W2",): 82, ("B1",): 4, ("B2",): 57, ("B3",): 33, ("B4",): 49},
    )
    rounded = protect([table], FEW, method="round", base=5, levels={"area": 2})
    kinds = {row["area"]: row["status"] for row in rounded.visible("t").to_pylist()}
    assert {kinds[area] for area in ("GM", "W1", "W2")} == {"ok"}
    assert {kinds[area] for area in ("B1", "B2", "B3", "B4")} == {"rounded"}


def test_changed_numbers_are_not_held_against_a_history() -> None:
    with pytest.raises(DisclosureError, match="cannot be held against a history"):
        protect([NOW], FEW, method="round", base=5, history=HISTORY)


def test_a_table_alone_or_the_name_of_a_profile_is_refused_with_what_would_be_right() -> None:
    for tables, profile in ((NOW, FEW), ([NOW], "microdata")):
        with pytest.raises(DisclosureError, match="a list of tables and a profile"):
            protect(tables, profile)  # type: ignore[call-overload]
    with pytest.raises(DisclosureError, match="-1 is less than none"):
        protect([NOW], FEW, budget=-1)
