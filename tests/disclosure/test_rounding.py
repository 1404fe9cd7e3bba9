"""Rounded tables add up, or are right on average for the same units everywhere; and stay near the truth."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables_as_text import count_table, crosstab, roll_up, tree

from zicht.disclosure import PROFILES, Dimension, Link, Profile, Table
from zicht.disclosure.methods import below_level, change, round_additively, round_at_random
from zicht.disclosure.perturbation.controlled_rounding import Rounding, round_controlled
from zicht.disclosure.perturbation.keys import KEY, unit_keys, with_cell_keys
from zicht.disclosure.perturbation.random_rounding import round_randomly
from zicht.errors import DisclosureError

FEW = Profile("few", min_units=5, max_group_share=None)
CITY = tree("area", "GM > WK1 WK2\nWK1 > B11 B12\nWK2 > B21 B22 B23")
TEXT = """
    area | young | old
    -----+-------+----
    B11  | 3     | 30
    B12  | 25    | 35
    B21  | 31    | 12
    B22  | 40    | 44
    B23  | 52    | 57
"""
SECRET = b"a secret of tests, nowhere else used"


def as_table(table: Table, values: np.ndarray) -> Table:
    """The table with other numbers; refuses those that do not add up."""
    names = [d.name for d in table.dimensions]
    numbers = {"value": pa.array(values), "n": pa.array(values.astype(np.int64))}
    return Table(
        table.name,
        table.dimensions,
        pa.table({name: table.cells.column(name) for name in names} | numbers),
    )


def check(tables: list[Table], found: Rounding, base: float) -> None:
    for table in tables:
        values = found.values[table.name]
        as_table(table, values)
        assert np.all(np.mod(values, base) == 0)
        assert np.abs(values - table.value).max(initial=0.0) < base * (1 + found.farther)
        assert values.min(initial=0.0) >= 0


def test_rounded_numbers_add_up_in_both_directions() -> None:
    table = crosstab(CITY, TEXT)
    found = round_controlled([table], 5)
    check([table], found, 5)
    assert found.farther == 0


def test_a_multiple_of_the_base_stays_what_it_is_where_nothing_more_was_needed() -> None:
    table = crosstab(CITY, TEXT)
    values = round_controlled([table], 5).values["t"]
    multiples = table.value % 5 == 0
    assert np.array_equal(values[multiples], table.value[multiples])


def test_of_all_roundings_that_add_up_the_nearest_is_chosen() -> None:
    flat = Dimension.flat("kind", ["a", "b", "c"])
    # 4 + 4 + 4 = 12: a total of 10 takes two of the parts up (1 + 1 + 4 + 2 = 8), one of 15 all three (1 + 1 + 1 + 3 = 6).
    table = roll_up("t", (flat,), {("a",): 4, ("b",): 4, ("c",): 4})
    assert round_controlled([table], 5).values["t"].tolist() == [5.0, 15.0, 5.0, 5.0]


CUBE = tuple(Dimension.flat(name, ["0", "1", "2"]) for name in ("x", "y", "z"))


def test_where_a_cube_gives_fractions_whole_numbers_are_searched_for() -> None:
    rng, searched = np.random.default_rng(3), 0
    for _ in range(60):
        leaves = {
            (str(i), str(j), str(k)): int(rng.integers(0, 4))
            for i in range(3)
            for j in range(3)
            for k in range(3)
        }
        table = roll_up("t", CUBE, leaves)
        found = round_controlled([table], 3)
        check([table], found, 3)
        searched += found.programs > 1
    assert searched > 0, "none of the cubes needed it"


def test_numbers_go_one_base_farther_where_nothing_nearer_adds_up() -> None:
    # Every line of this cube holds two ones or none, so its total of 2 or 0 stays; of two ones in a line one becomes 0
    # and the other 2. Round the cube there are odd circles of such lines, so that cannot be done throughout.
    ones = [
        "001",
        "002",
        "011",
        "012",
        "100",
        "101",
        "110",
        "112",
        "121",
        "122",
        "200",
        "202",
        "210",
        "211",
        "221",
        "222",
    ]
    table = roll_up(
        "t", CUBE, {(x, y, z): int(x + y + z in ones) for x in "012" for y in "012" for z in "012"}
    )
    found = round_controlled([table], 2)
    check([table], found, 2)
    assert found.farther == 1


def test_linked_tables_are_rounded_to_the_same_numbers() -> None:
    first = crosstab(CITY, TEXT)
    other = Dimension.flat("sex", ["f", "m"])
    halves = {
        (area, sex): int(count)
        for area, total in {"B11": 33, "B12": 60, "B21": 43, "B22": 84, "B23": 109}.items()
        for sex, count in (("f", total // 3), ("m", total - total // 3))
    }
    second = roll_up("u", (CITY, other), halves)
    link = Link.shared(first, second)
    found = round_controlled([first, second], 5, links=[link])
    check([first, second], found, 5)
    left, right = link.rows({"t": first, "u": second})
    assert np.array_equal(found.values["t"][left], found.values["u"][right])


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["B11", "B12", "B21", "B22", "B23"]), st.sampled_from("abc")),
        st.integers(0, 60),
        min_size=1,
    ),
    st.sampled_from([2, 3, 5, 7, 10]),
)
@settings(max_examples=60, deadline=None)
def test_any_table_of_a_tree_and_categories_is_rounded_to_any_base_without_going_farther(
    leaves: dict[tuple[str, ...], int], base: int
) -> None:
    table = roll_up("t", (CITY, Dimension.flat("kind", ["a", "b", "c"])), leaves)
    found = round_controlled([table], base)
    check([table], found, base)
    assert (found.farther, found.programs) == (0, 1)


def test_a_base_that_is_not_positive_is_refused() -> None:
    with pytest.raises(DisclosureError, match="must be positive"):
        round_controlled([crosstab(CITY, TEXT)], 0)


def test_what_is_published_holds_no_number_of_units_and_says_that_it_is_rounded() -> None:
    shown = round_additively([crosstab(CITY, TEXT)], FEW, 5).visible("t")
    assert shown.column_names == ["area", "kind", "value", "status"]
    assert set(shown.column("status").to_pylist()) == {"rounded"}


def test_buurten_can_be_rounded_while_wijken_and_the_gemeente_stay_exact() -> None:
    table = crosstab(CITY, TEXT)
    done = round_additively([table], FEW, 5, where={"t": below_level(table, "area", 2)})
    for cell, truth in zip(done.visible("t").to_pylist(), table.value, strict=True):
        if cell["area"].startswith("B"):
            assert (cell["status"], cell["value"] % 5) == ("rounded", 0)
        else:
            assert (cell["status"], cell["value"]) == ("ok", truth)
    assert done.report.tables[0].cells == 15


def test_a_method_is_asked_for_by_name_and_takes_its_base_from_the_profile() -> None:
    table, counts = crosstab(CITY, TEXT), PROFILES["kwb-telling"]
    done = change([table], counts, "round", levels={"area": 1})
    statuses = {(c["area"][:2], c["status"]) for c in done.visible("t").to_pylist()}
    assert statuses == {("GM", "ok"), ("WK", "rounded"), ("B1", "rounded"), ("B2", "rounded")}
    assert done.report.parameters["base"] == 5
    with pytest.raises(DisclosureError, match="no base of rounding"):
        change([table], FEW, "round")
    with pytest.raises(DisclosureError, match="no method 'shuffle'; there are round, random_round, cell_key"):
        change([table], counts, "shuffle")


def test_a_number_that_is_hidden_in_one_table_is_not_shown_as_it_is_by_another_one_that_rounds() -> None:
    kinds, sexes = Dimension.flat("kind", ["young", "old"]), Dimension.flat("sex", ["f", "m"])
    few = {"B11": 2, "B12": 30, "B21": 30, "B22": 20, "B23": 20}
    first = roll_up(
        "t", (CITY, kinds), {(area, k): n // 2 for area, n in few.items() for k in kinds.codes[1:]}
    )
    second = roll_up(
        "u", (CITY, sexes), {(area, s): n // 2 for area, n in few.items() for s in sexes.codes[1:]}
    )
    counts = PROFILES["kwb-telling"]
    # Totals of kind are exact; of the other table, which has no kinds, the same numbers would be rounded.
    levels = {"area": 2, "kind": 1}
    done = change([first, second], counts, "round", levels=levels, links=[Link.shared(first, second)])
    for name in ("t", "u"):
        cells = [c for c in done.visible(name).to_pylist() if c["area"] == "B11" and "TOTAL" in c.values()]
        assert [(c["status"], c["value"]) for c in cells] == [("primary", None)]


def test_sensitive_cells_that_are_published_exactly_are_hidden() -> None:
    table = crosstab(CITY, TEXT.replace("B12  | 25 ", "B12  | 1  "))  # four young people in WK1
    done = round_additively([table], FEW, 5, where={"t": below_level(table, "area", 2)})
    cells = {(c["area"], c["kind"]): c for c in done.visible("t").to_pylist()}
    assert (cells["WK1", "young"]["status"], cells["WK1", "young"]["value"]) == ("primary", None)
    assert [k for k, c in cells.items() if c["status"] == "secondary"]
    assert done.report.tables[0].hidden == sum(c["value"] is None for c in cells.values())


def test_an_exact_total_that_gives_a_rounded_number_away_is_refused_by_name() -> None:
    # Of two buurten of 4, published as 5, each can be 1 to 9: enough where an interval of 6 is asked for ...
    wide = Profile("wide", min_units=5, max_group_share=None, count_margin=3)
    city = tree("area", "GM > B1 B2")
    table = roll_up("t", (city,), {("B1",): 4, ("B2",): 4})
    assert round_additively([table], wide, 5).report.attack.safe
    # ... but of two of 3, who knows that they are 6 together knows that neither is more than 5.
    small = roll_up("t", (city,), {("B1",): 3, ("B2",): 3})
    exact_total = {"t": below_level(small, "area", 1)}
    with pytest.raises(DisclosureError, match="t: B1 can be narrowed down to 1 to 5, and so can 1 more"):
        round_additively([small], wide, 5, where=exact_total)


def persons(cells: dict[tuple[str, str], int]) -> pa.Table:
    """One record per person, each with a key of its own."""
    rows = [(area, kind, f"{area}{kind}{i}") for (area, kind), n in cells.items() for i in range(n)]
    area, kind, who = zip(*rows, strict=True)
    return pa.table({"area": area, "kind": kind, KEY: unit_keys(who, SECRET)})


LEAVES = {
    ("B11", "young"): 3, ("B11", "old"): 30, ("B12", "young"): 25, ("B12", "old"): 35, ("B21", "young"): 31, ("B21", "old"): 12,
    ("B22", "young"): 40, ("B22", "old"): 44, ("B23", "young"): 52, ("B23", "old"): 57,
}  # fmt: skip


def keyed() -> Table:
    return with_cell_keys(crosstab(CITY, TEXT), persons(LEAVES))


def test_random_rounding_goes_to_a_neighbouring_multiple_and_leaves_multiples_alone() -> None:
    table = keyed()
    values = round_randomly(table, 5)
    assert np.all(values % 5 == 0)
    assert np.abs(values - table.value).max() < 5
    assert np.array_equal(values[table.value % 5 == 0], table.value[table.value % 5 == 0])


def test_a_rounded_number_that_is_found_out_is_hidden_in_all_tables_that_show_it() -> None:
    city = tree("area", "GM > A B")
    who = [("B", "x"), ("A", "y"), ("B", "x"), ("A", "x"), ("B", "x"), ("B", "y")]
    keys = unit_keys([f"5p{i}" for i in range(len(who))], b"a secret of at least sixteen bytes.")
    records = pa.table(
        {"area": [a for a, _ in who], "kind": [k for _, k in who], "sex": ["f"] * len(who), KEY: keys}
    )
    kinds = {("A", "x"): 1, ("A", "y"): 1, ("B", "x"): 3, ("B", "y"): 1}
    tables = [
        with_cell_keys(roll_up("t", (city, Dimension.flat("kind", ["x", "y"])), kinds), records),
        with_cell_keys(
            roll_up("u", (city, Dimension.flat("sex", ["f", "m"])), {("A", "f"): 2, ("B", "f"): 4}), records
        ),
    ]
    link = Link.shared(*tables)
    few = Profile("few", min_units=4, max_group_share=None)
    done = change(tables, few, "random_round", base=3, links=[link])
    left, right = link.rows({table.name: table for table in tables})
    first, second = (done.visible(name).column("value").to_pylist() for name in ("t", "u"))
    assert None in [first[row] for row in left]
    assert [first[row] for row in left] == [second[row] for row in right]


def test_random_rounding_is_right_on_average() -> None:
    cells, rng = 60_000, np.random.default_rng(8)
    codes = tuple(f"c{i}" for i in range(cells))
    counts = rng.integers(1, 5, cells)
    parts = count_table("t", (Dimension.flat("kind", codes),), {(c,): int(n) for c, n in zip(codes, counts, strict=True)} | {("TOTAL",): int(counts.sum())})  # fmt: skip
    table = Table("t", parts.dimensions, parts.cells.append_column(KEY, pa.array(rng.integers(0, 2**64, cells + 1, dtype=np.uint64))))  # fmt: skip
    off = (round_randomly(table, 5) - table.value)[:-1]
    for count in (1, 2, 3, 4):
        among = off[counts == count]
        assert abs(among.mean()) < 4 * np.sqrt(count * (5 - count) / among.size)


def test_the_same_persons_are_rounded_alike_in_every_table() -> None:
    table = keyed()
    area_only = with_cell_keys(
        roll_up(
            "areas", (CITY,), {(a,): sum(n for (b, _), n in LEAVES.items() if b == a) for a, _ in LEAVES}
        ),
        persons(LEAVES),
    )
    first = dict(zip((c["area"] for c in table.cells.to_pylist() if c["kind"] == "TOTAL"), round_randomly(table, 5)[[c["kind"] == "TOTAL" for c in table.cells.to_pylist()]], strict=True))  # fmt: skip
    second = dict(zip(area_only.cells.column("area").to_pylist(), round_randomly(area_only, 5), strict=True))
    assert first == second


def test_without_keys_random_rounding_is_refused() -> None:
    with pytest.raises(DisclosureError, match="has no keys of cells"):
        round_randomly(crosstab(CITY, TEXT), 5)


def test_linked_cells_with_other_keys_are_refused() -> None:
    table, other = keyed(), keyed()
    swapped = Table("u", other.dimensions, other.cells.set_column(other.cells.column_names.index(KEY), KEY, pa.array(other.cells.column(KEY).to_numpy()[::-1])))  # fmt: skip
    with pytest.raises(DisclosureError, match="another key"):
        round_at_random([table, swapped], FEW, 5, links=[Link.shared(table, swapped)])


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(DisclosureError, match="16 to 64"):
        unit_keys(["a"], b"short")


def test_a_record_with_a_code_that_the_table_has_not_is_refused() -> None:
    records = pa.table({"area": ["B99"], "kind": ["old"], KEY: unit_keys(["x"], SECRET)})
    with pytest.raises(DisclosureError, match="'B99'"):
        with_cell_keys(crosstab(CITY, TEXT), records)


@pytest.mark.shared
@pytest.mark.slow
def test_the_ladder_is_rounded_to_5_additively_and_in_time(shared: Path) -> None:
    from benchmarks import _ladder

    for rung in ("F4", "H2", "D1", "L1"):
        case = _ladder.case(rung)
        start = time.process_time()
        found = round_controlled(case.tables, 5, links=case.links)
        spent = time.process_time() - start
        check(list(case.tables), found, 5)
        assert found.farther == 0
        assert rung != "F4" or spent < 8  # 2 on an idle machine; room for a busy one
