"""What protection hides, on tables small enough to check by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tables_as_text import count_table, crosstab, shown, tree

from zicht.disclosure import PROFILES, Dimension, Link, Profile, Protected, Table, audit, protect
from zicht.disclosure.rules import assess
from zicht.errors import DisclosureError

FEW = Profile("few", min_units=5, max_group_share=None)

CITY = tree(
    "area",
    """
    GM  > WK1 WK2
    WK1 > B11 B12 B13
    WK2 > B21 B22
    """,
)


def outcome(protected: Protected, name: str = "t") -> dict[str, int]:
    status = protected.status(name).column("status").to_pylist()
    return {kind: status.count(kind) for kind in ("ok", "primary", "secondary")}


def hidden_cells(protected: Protected, name: str = "t") -> set[tuple[str, ...]]:
    rows = protected.status(name).to_pylist()
    return {
        tuple(v for k, v in row.items() if k not in ("status", "reason"))
        for row in rows
        if row["status"] != "ok"
    }


def test_a_table_without_small_cells_is_shown_whole() -> None:
    table = crosstab(
        CITY,
        """
        area | young | old
        -----+-------+----
        B11  | 20    | 30
        B12  | 25    | 35
        B13  | 30    | 20
        B21  | 40    | 45
        B22  | 50    | 55
        """,
    )
    assert outcome(protect([table], FEW)) == {"ok": 24, "primary": 0, "secondary": 0}


def test_one_small_cell_takes_the_cheapest_square_along_and_no_total() -> None:
    table = crosstab(
        CITY,
        """
        area | young | old
        -----+-------+----
        B11  | 2     | 30
        B12  | 25    | 35
        B13  | 30    | 12
        B21  | 40    | 45
        B22  | 50    | 55
        """,
    )
    protected = protect([table], FEW)
    assert shown(protected) == (
        "area | TOTAL | young | old\n"
        "GM | 324 | 147 | 177\n"
        "WK1 | 134 | 57 | 77\n"
        "WK2 | 190 | 90 | 100\n"
        "B11 | 32 | * | *\n"
        "B12 | 60 | 25 | 35\n"
        "B13 | 42 | * | *\n"
        "B21 | 85 | 40 | 45\n"
        "B22 | 105 | 50 | 55"
    )
    assert protected.report.tables[0].value_lost == 72


def test_the_cells_shown_tell_nothing_more_exactly_than_the_profile_allows() -> None:
    table = crosstab(
        CITY,
        """
        area | a | b  | c
        -----+---+----+---
        B11  | 1 | 1  | 40
        B12  | 0 | 3  | 33
        B13  | 9 | 12 | 0
        B21  | 2 | 30 | 31
        B22  | 7 | 28 | 22
        """,
    )
    protected = protect([table], FEW)
    assert audit([table], {"t": protected.status("t")}, FEW).safe


def test_an_only_child_and_its_parent_stand_or_fall_together() -> None:
    area = tree(
        "area",
        """
        GM  > WK1 WK2
        WK1 > B11
        WK2 > B21 B22
        """,
    )
    table = crosstab(
        area,
        """
        area | young | old
        -----+-------+----
        B11  | 3     | 40
        B21  | 30    | 35
        B22  | 33    | 38
        """,
    )
    hidden = hidden_cells(protect([table], FEW))
    for column in ("TOTAL", "young", "old"):
        assert (("B11", column) in hidden) == (("WK1", column) in hidden)
    assert ("WK1", "young") in hidden


def test_the_reason_of_a_primary_cell_is_given_and_of_no_other() -> None:
    table = crosstab(
        CITY,
        """
        area | young | old
        -----+-------+----
        B11  | 2     | 30
        B12  | 25    | 35
        B13  | 30    | 12
        B21  | 40    | 45
        B22  | 50    | 55
        """,
    )
    rows = protect([table], FEW).status("t").to_pylist()
    assert {(row["status"], row["reason"]) for row in rows} == {
        ("ok", None),
        ("secondary", None),
        ("primary", "min_units"),
    }
    assert [(row["area"], row["kind"]) for row in rows if row["reason"]] == [("B11", "young")]


def test_a_hidden_cell_has_no_number_left_in_what_is_visible() -> None:
    columns = {"area": ["GM", "B1", "B2"], "value": [50.0, 3.0, 47.0], "n": [50, 3, 47]}
    table = Table("t", (tree("area", "GM > B1 B2"),), pa.table(columns))
    protected = protect([table], FEW)
    for row in protected.visible("t").to_pylist():
        assert (row["status"] == "ok") == (row["value"] is not None) == (row["n"] is not None)
    assert hidden_cells(protected) == {("B1",), ("B2",)}


def test_where_a_whole_group_falls_in_one_category_an_empty_cell_is_hidden_with_it() -> None:
    table = crosstab(
        CITY,
        """
        area | debt | other
        -----+------+------
        B11  | 40   | 0
        B12  | 25   | 35
        B13  | 30   | 20
        B21  | 40   | 45
        B22  | 50   | 55
        """,
    )
    protected = protect([table], PROFILES["microdata"])
    hidden = hidden_cells(protected)
    assert {("B11", "debt"), ("B11", "other")} <= hidden
    assert not any(column == "TOTAL" for _, column in hidden)


def test_a_group_without_a_trait_may_be_seen_to_be_without_it() -> None:
    table = crosstab(
        CITY,
        """
        area | yes | no
        -----+-----+----
        B11  | 0   | 40
        B12  | 25  | 250
        B13  | 30  | 300
        B21  | 40  | 450
        B22  | 50  | 550
        """,
    )
    assert outcome(protect([table], PROFILES["microdata"]))["ok"] == 24


def test_a_grand_total_that_is_itself_small_is_hidden_with_all_below_it() -> None:
    table = crosstab(CITY, "area | young | old\nB11 | 1 | 2\nB21 | 0 | 1")
    protected = protect([table], FEW)
    assert "4" not in shown(protected)
    assert audit([table], {"t": protected.status("t")}, FEW).safe


def test_a_table_of_one_cell_can_be_protected() -> None:
    table = Table("t", (Dimension.flat("area", ()),), pa.table({"area": ["TOTAL"], "value": [3.0], "n": [3]}))
    assert hidden_cells(protect([table], FEW)) == {("TOTAL",)}


def test_the_open_profile_hides_nothing() -> None:
    table = crosstab(CITY, "area | young | old\nB11 | 1 | 2\nB21 | 0 | 1")
    protected = protect([table], PROFILES["open"])
    assert outcome(protected)["ok"] == table.n.size


def test_sums_are_protected_by_contributor_and_no_interval_is_too_narrow() -> None:
    columns = {
        "area": ["GM", "B1", "B2", "B3", "B4"],
        "value": [1000.0, 100.0, 300.0, 250.0, 350.0],
        "n": [80, 20, 20, 20, 20],
        "largest": [80.0, 80.0, 40.0, 40.0, 40.0],
        "second": [40.0, 5.0, 30.0, 30.0, 30.0],
    }
    table = Table("t", (tree("area", "GM > B1 B2 B3 B4"),), pa.table(columns))
    profile = PROFILES["microdata"]
    protected = protect([table], profile)
    reasons = {row["area"]: row["reason"] for row in protected.status("t").to_pylist() if row["reason"]}
    assert reasons == {"B1": "largest_share"}
    # The rule would not apply from 160 on (80 is half of it), so B1 must be able to reach that.
    assert len(hidden_cells(protected)) == 2
    assert audit([table], {"t": protected.status("t")}, profile).safe


def test_sums_may_be_negative() -> None:
    columns = {"area": ["GM", "B1", "B2", "B3"], "value": [10.0, -50.0, 20.0, 40.0], "n": [40, 3, 20, 17]}
    table = Table("t", (tree("area", "GM > B1 B2 B3"),), pa.table(columns))
    protected = protect([table], FEW)
    assert len(hidden_cells(protected)) == 2


def of_firms(scale: float) -> Table:
    """Turnover of firms, some a million times larger than others, in a unit of `scale`."""
    random = np.random.default_rng(2)
    wijken, firms = ("W0", "W1", "W2"), ("a", "b", "c", "d")
    buurten = tuple(f"{wijk}{number}" for wijk in wijken for number in range(5))
    area = Dimension(
        "area", ("GM", *wijken, *buurten), (None, *["GM"] * 3, *[buurt[:2] for buurt in buurten])
    )
    found: dict[tuple[str, str], list[float]] = {}
    for buurt in buurten:
        for kind in firms:
            turnover = np.sort(random.lognormal(0, 2.5, int(random.integers(1, 25))))[::-1] * scale
            for cell in product((buurt, buurt[:2], "GM"), (kind, "TOTAL")):
                row = found.setdefault(cell, [0.0, 0.0, 0.0, 0.0])
                two = sorted((*row[2:], *turnover[:2]))[-2:]
                found[cell] = [row[0] + turnover.sum(), row[1] + turnover.size, two[1], two[0]]
    columns = np.array(list(found.values())).T
    cells = {
        "area": [cell[0] for cell in found],
        "kind": [cell[1] for cell in found],
        "n": columns[1].astype(int),
    }
    return Table(
        "turnover",
        (area, Dimension.flat("kind", firms)),
        pa.table(cells | {"value": columns[0], "largest": columns[2], "second": columns[3]}),
    )


@pytest.mark.parametrize("scale", [2.0**-30, 1.0, 2.0**20, 2.0**36], ids=["tiny", "plain", "large", "vast"])
def test_sums_are_protected_whatever_their_unit(scale: float) -> None:
    given, plain = of_firms(scale), of_firms(1.0)
    protected = protect([given], PROFILES["rdsc"])
    assert protected.report.attack.safe
    assert not protected.report.unprotectable
    assert not all(status != "ok" for status in protected.status("turnover")["status"].to_pylist())
    primary = [status == "primary" for status in protected.status("turnover")["status"].to_pylist()]
    assert primary == assess(plain, PROFILES["rdsc"]).primary.tolist()
    assert audit([plain], {"turnover": protected.status("turnover")}, PROFILES["rdsc"]).safe


def linked_tables() -> tuple[Table, Table, Link]:
    area = tree("area", "GM > B1 B2 B3")
    counts = {"B1": (20, 30, 18, 32), "B2": (3, 40, 22, 21), "B3": (25, 35, 30, 30)}
    sex = Dimension.flat("sex", ("m", "v"))
    age = Dimension.flat("age", ("young", "old"))
    cells: list[dict[tuple[str, ...], int]] = [{}, {}]
    for code, (m, v, young, old) in counts.items():
        for place, (names, numbers) in enumerate(((("m", "v"), (m, v)), (("young", "old"), (young, old)))):
            for name, number in [*zip(names, numbers, strict=True), ("TOTAL", sum(numbers))]:
                for row in (code, "GM"):
                    cells[place][row, name] = cells[place].get((row, name), 0) + number
    by_sex, by_age = count_table("sex", (area, sex), cells[0]), count_table("age", (area, age), cells[1])
    return by_sex, by_age, Link.shared(by_sex, by_age)


def test_linked_cells_get_one_status() -> None:
    by_sex, by_age, link = linked_tables()
    assert link.cells.num_rows == 4
    protected = protect([by_sex, by_age], FEW, links=[link])
    for name, other in (("sex", "age"), ("age", "sex")):
        totals = {area for area, column in hidden_cells(protected, name) if column == "TOTAL"}
        assert totals == {area for area, column in hidden_cells(protected, other) if column == "TOTAL"}


def test_linked_cells_that_differ_are_refused() -> None:
    by_sex, by_age, link = linked_tables()
    cells = by_age.cells.to_pylist()
    for cell in cells:
        cell["value"], cell["n"] = cell["value"] * 2, cell["n"] * 2
    doubled = Table("age", by_age.dimensions, pa.Table.from_pylist(cells))
    with pytest.raises(DisclosureError, match=r"linked, but differ on .* TOTAL"):
        protect([by_sex, doubled], FEW, links=[link])


def test_tables_with_nothing_in_common_cannot_be_linked() -> None:
    by_sex, _, _ = linked_tables()
    other = count_table("x", (tree("area", "NL > GM9 GM8"),), {("NL",): 10, ("GM9",): 4, ("GM8",): 6})
    with pytest.raises(DisclosureError, match="no cell in common"):
        Link.shared(by_sex, other)


def test_the_report_is_plain_data_and_adds_up() -> None:
    by_sex, by_age, link = linked_tables()
    report = protect([by_sex, by_age], FEW, links=[link]).report
    data = json.loads(json.dumps(report.as_dict()))
    assert data["attack"]["safe"] is True
    assert data["profile"] == "few"
    for counted, table in zip(data["tables"], (by_sex, by_age), strict=True):
        assert counted["ok"] + counted["primary"] + counted["secondary"] == table.n.size


def test_asking_for_a_table_that_was_not_given_says_which_were() -> None:
    by_sex, by_age, link = linked_tables()
    with pytest.raises(DisclosureError, match="there are sex, age"):
        protect([by_sex, by_age], FEW, links=[link]).status("income")


def test_two_tables_of_one_name_are_refused() -> None:
    by_sex, _, _ = linked_tables()
    with pytest.raises(DisclosureError, match="same name"):
        protect([by_sex, by_sex], FEW)


SCRIPT = """
import numpy as np, hashlib
from tables_as_text import roll_up, tree
from zicht.disclosure import Dimension, PROFILES, protect
rng = np.random.default_rng(7)
area = tree("area", "GM > W1 W2 W3\\nW1 > A B C D\\nW2 > E F G\\nW3 > H I")
age, sex = Dimension.flat("age", ("0", "1", "2")), Dimension.flat("sex", ("m", "v"))
leaves = {(a, b, c): int(rng.poisson(12)) for a in "ABCDEFGHI" for b in "012" for c in "mv"}
status = protect([roll_up("t", (area, age, sex), leaves)], PROFILES["microdata"]).status("t")
print(hashlib.sha256(repr(status.to_pylist()).encode()).hexdigest())
"""


@pytest.mark.slow
def test_the_pattern_is_the_same_in_every_process() -> None:
    folder = str(Path(__file__).parent)
    runs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": folder, "PYTHONHASHSEED": seed, "PATH": "/usr/bin"},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_a_level_that_is_not_published_is_no_way_in() -> None:
    counts = {("GM", "TOTAL"): 100, ("WK1", "TOTAL"): 40, ("WK2", "TOTAL"): 60}
    counts |= {("GM", "yes"): 33, ("WK1", "yes"): 3, ("WK2", "yes"): 30}
    counts |= {("GM", "no"): 67, ("WK1", "no"): 37, ("WK2", "no"): 30}
    table = count_table("t", (CITY, Dimension.flat("x", ("yes", "no"))), counts)
    assert [d.codes for d in table.dimensions] == [("GM", "WK1", "WK2"), ("TOTAL", "yes", "no")]
    assert hidden_cells(protect([table], FEW)) == {
        (area, x) for area in ("WK1", "WK2") for x in ("yes", "no")
    }


def test_a_breakdown_that_some_areas_lack_is_protected_as_far_as_it_goes() -> None:
    counts = {
        ("GM", "TOTAL"): 100,
        ("WK1", "TOTAL"): 40,
        ("WK2", "TOTAL"): 60,
        ("GM", "yes"): 3,
        ("GM", "no"): 97,
    }
    table = count_table("t", (CITY, Dimension.flat("x", ("yes", "no"))), counts)
    protected = protect([table], FEW)
    assert ("GM", "yes") in hidden_cells(protected)
    assert audit([table], {"t": protected.status("t")}, FEW).safe


def test_protecting_nothing_is_refused() -> None:
    with pytest.raises(DisclosureError, match="nothing to protect"):
        protect([], FEW)


def test_a_table_without_cells_is_protected_as_it_is() -> None:
    table = count_table("t", (CITY,), {})
    assert outcome(protect([table], FEW)) == {"ok": 0, "primary": 0, "secondary": 0}


def told_before() -> Table:
    """B11 can be uncertain to nobody: the others and the total were published before."""
    columns = {
        "area": ["GM", "B11", "B12"],
        "value": [23.0, 3.0, 20.0],
        "n": [23, 3, 20],
        "known_lower": [23.0, None, 20.0],
        "known_upper": [23.0, None, 20.0],
    }
    return Table("t", (tree("area", "GM > B11 B12"),), pa.table(columns))


def test_what_cannot_be_protected_is_listed_with_the_reason() -> None:
    report = protect([told_before()], FEW, leftovers="list").report
    assert not report.attack.safe
    (told,) = report.unprotectable
    assert told.cell == "B11"
    assert told.proved
    assert "rule min_units" in told.sentence
    data = json.loads(json.dumps(report.as_dict()))
    assert len(data["unprotectable"]) == 1


def test_what_cannot_be_protected_is_refused_where_the_caller_wants_that() -> None:
    with pytest.raises(DisclosureError, match=r"B11 .* cannot be protected, whatever else is hidden"):
        protect([told_before()], FEW, leftovers="refuse")


def test_what_stays_exposed_with_its_whole_table_hidden_never_leaves() -> None:
    with pytest.raises(DisclosureError, match="even with its whole table hidden"):
        protect([told_before()], FEW)


def test_only_the_attacks_that_the_profile_names_cost_anything() -> None:
    table = crosstab(
        CITY, "area | a | b | c\nB11 | 1 | 1 | 40\nB12 | 2 | 33 | 21\nB13 | 1 | 12 | 9\nB21 | 1 | 30 | 31"
    )
    lost = [
        protect([table], Profile("p", min_units=5, max_group_share=None, attackers=attackers)).report.loss
        for attackers in (("A0",), ("A0", "A1"), ("A0", "A1", "A2"), ("A0", "A1", "A2", "A3"))
    ]
    assert lost[1] <= lost[2] <= lost[3]
    assert lost[0] <= lost[3]


def test_the_one_contributor_of_a_hidden_cell_cannot_compute_another() -> None:
    profile = Profile("insider", min_units=5, max_group_share=None, attackers=("A0", "A1", "A2", "A3"))
    table = crosstab(
        CITY, "area | a | b | c\nB11 | 1 | 3 | 40\nB12 | 20 | 33 | 21\nB13 | 15 | 12 | 9\nB21 | 11 | 30 | 31"
    )
    protected = protect([table], profile)
    assert protected.report.attack.safe
    assert protected.report.attack.exposed_to_contributor == 0


def test_a_method_or_a_way_with_leftovers_that_does_not_exist_is_refused() -> None:
    with pytest.raises(
        DisclosureError, match="no method 'magic'; there are suppress, exact, round, random_round, cell_key"
    ):
        protect([told_before()], FEW, method="magic")
    with pytest.raises(DisclosureError, match="there are withhold, refuse, list"):
        protect([told_before()], FEW, leftovers="forget")


def test_the_exact_method_says_that_nothing_loses_less() -> None:
    table = crosstab(
        CITY, "area | a | b | c\nB11 | 1 | 9 | 40\nB12 | 20 | 33 | 21\nB13 | 15 | 12 | 9\nB21 | 11 | 30 | 31"
    )
    report = protect([table], FEW, method="exact").report
    assert report.bound is not None
    assert report.gap == pytest.approx(0, abs=1e-6)
    assert report.loss <= protect([table], FEW).report.loss


def test_a_budget_also_buys_a_bound_on_what_must_be_lost() -> None:
    table = crosstab(
        CITY, "area | a | b | c\nB11 | 1 | 9 | 40\nB12 | 20 | 33 | 21\nB13 | 15 | 12 | 9\nB21 | 11 | 30 | 31"
    )
    report = protect([table], FEW, budget=1.0).report
    assert report.bound is not None
    assert 0 < report.bound <= report.loss + 1e-6
    assert protect([table], FEW).report.bound is None
