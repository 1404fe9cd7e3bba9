"""Covering tables of two dimensions: small ones checked by hand, and laws that hold for any."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import Program
from tables_as_text import crosstab, roll_up, tree

from zicht.disclosure import Dimension, Link, Profile, Table
from zicht.disclosure.rules import assess
from zicht.disclosure.suppression.cover import Covering, Policy, cover
from zicht.disclosure.suppression.system import System, assemble

PLAIN = Policy(("A0", "A1"), hide_zeros=False)
AREAS = tree("area", "GM > WK1 WK2\nWK1 > B1 B2\nWK2 > B3 B4 B5")

AREA_LEAVES = ("B1", "B2", "B3", "B4", "B5")


def system_of(
    *tables: Table, links: tuple[Link, ...] = (), attackers: tuple[str, ...] = PLAIN.attackers
) -> System:
    profile = Profile("t", min_units=5, max_group_share=None, attackers=attackers)
    return assemble(tables, links, {table.name: assess(table, profile) for table in tables})


def seen(system: System, hidden: np.ndarray, index: int = 0) -> str:
    """The cells that are hidden of one table, as `row/column`."""
    table = system.tables[index]
    marked = np.flatnonzero(hidden[system.of_table(index)])
    return " ".join(sorted(table.label_at(int(table.position[row])).replace(" × ", "/") for row in marked))


def loss(system: System, hidden: np.ndarray) -> float:
    return float(system.cost[hidden & ~system.primary].sum())


def movable(system: System, hidden: np.ndarray, still: int = -1) -> np.ndarray:
    """Which hidden cells are not determined by the equations and the cells in sight (and the cell `still`): plain algebra."""
    free = np.flatnonzero(hidden & (np.arange(hidden.size) != still))
    _, sizes, turned = np.linalg.svd(system.equations[:, free].toarray())
    basis = turned[int((sizes > 1e-9).sum()) :]
    moves = np.zeros(hidden.size, dtype=np.bool_)
    moves[free] = np.abs(basis).max(axis=0, initial=0.0) > 1e-9
    return moves


def width(system: System, hidden: np.ndarray, cell: int) -> float:
    """How far apart the least and the most are that a hidden cell can be, for who knows that no hidden cell is below its floor."""
    free = np.flatnonzero(hidden)
    program = Program(system.equations[:, free])
    program.bound(-system.room[free], np.full(free.size, 1e6))
    low, high = program.ends(int(np.searchsorted(free, cell)))
    return high - low


def test_one_small_cell_takes_the_cheapest_rectangle_with_it() -> None:
    table = crosstab(
        tree("area", "GM > A B C"),
        """
        area | x  | y  | z
        -----+----+----+---
        A    | 3  | 20 | 30
        B    | 40 | 10 | 90
        C    | 12 | 11 | 80
        """,
    )
    system = system_of(table)
    assert seen(system, cover(system, PLAIN)) == "A/x A/y C/x C/y"


def test_small_cells_that_cover_each_other_take_nothing_with_them() -> None:
    table = crosstab(
        tree("area", "GM > A B"),
        """
        area | x | y | z
        -----+---+---+---
        A    | 3 | 4 | 30
        B    | 4 | 3 | 90
        """,
    )
    system = system_of(table)
    assert np.array_equal(cover(system, PLAIN), system.primary)


def test_a_cell_that_is_an_only_child_is_counted_as_often_as_it_is_hidden() -> None:
    # Hiding A/y would hide its only child too: 2 × 20 is more than 30.
    table = crosstab(
        tree("area", "GM > A B\nA > A1\nB > B1 B2"),
        """
        area | x | y  | z
        -----+---+----+---
        A1   | 3 | 20 | 30
        B1   | 3 | 50 | 9
        B2   | 9 | 50 | 9
        """,
    )
    system = system_of(table)
    covering = Covering(system, PLAIN)
    costs = covering.hidden @ (system.cost * np.bincount(system.physical))
    assert seen(system, covering.hidden) == "A/x A/z A1/x A1/z B/x B/z B1/x B1/z" or costs <= 9 + 30 + 30 + 3


def test_who_knows_that_zeros_are_published_cannot_tell_either() -> None:
    table = crosstab(
        tree("area", "GM > A B C"),
        """
        area | x | y  | z
        -----+---+----+---
        A    | 1 | 20 | 30
        B    | 9 | 10 | 90
        C    | 9 | 1  | 80
        """,
    )
    system = system_of(table, attackers=("A0", "A1", "A2"))
    hidden = cover(system, Policy(("A0", "A1", "A2"), hide_zeros=False))
    assert all(width(system, hidden, cell) > 0.5 for cell in np.flatnonzero(system.primary))


def test_the_one_person_of_a_cell_learns_of_no_other() -> None:
    table = crosstab(
        tree("area", "GM > A B C"),
        """
        area | x  | y  | z
        -----+----+----+---
        A    | 1  | 2  | 30
        B    | 3  | 30 | 40
        C    | 20 | 30 | 40
        """,
    )
    system = system_of(table)
    exposed = cover(system, PLAIN)
    knower = int(np.flatnonzero(system.primary & (system.value == 1))[0])
    others = system.primary & (np.arange(system.primary.size) != knower)
    assert not movable(system, exposed, knower)[others].all()
    safe = cover(system, Policy(("A0", "A1", "A3"), hide_zeros=False))
    assert movable(system, safe, knower)[others].all()


def test_cells_named_by_the_audit_are_covered_on_top_of_what_is_hidden() -> None:
    table = crosstab(AREAS, _random_rows(3, 4))
    system = system_of(table)
    covering = Covering(system, PLAIN)
    before = covering.hidden
    primaries = np.flatnonzero(system.primary)
    pairs = np.array([(q, s) for q, s in itertools.permutations(primaries.tolist(), 2)][:6])
    assert covering.avoid(pairs)
    assert not covering.avoid(pairs)  # asked before
    assert (covering.hidden | before)[system.primary].all()
    for cell, still in pairs:
        assert movable(system, covering.hidden, int(still))[cell]


def _random_rows(seed: int, columns: int) -> str:
    drawn = np.random.default_rng(seed).integers(1, 25, size=(5, columns))
    names = [chr(ord("p") + column) for column in range(columns)]
    rows = [f"B{row + 1} | " + " | ".join(map(str, line)) for row, line in enumerate(drawn)]
    return "\n".join([f"area | {' | '.join(names)}", *rows])


@st.composite
def systems(draw: st.DrawFn) -> System:
    """Counts over a tree of areas × a tree of kinds, now and then beside a linked table of the same units."""
    kinds = draw(
        st.sampled_from(
            [Dimension.flat("kind", tuple("pqrs"), "T"), tree("kind", "T > a b c\na > p q\nb > r s")]
        )
    )
    leaves = [kinds.codes[k] for k in range(len(kinds.codes)) if not kinds.children[k].size]
    counts = st.integers(0, 14)
    drawn: dict[tuple[str, ...], int] = {
        (area, kind): draw(counts) for area in AREA_LEAVES for kind in leaves
    }
    table = roll_up("t", (AREAS, kinds), drawn)
    if not draw(st.booleans()):
        return system_of(table)
    per_area = {area: sum(n for codes, n in drawn.items() if codes[0] == area) for area in AREA_LEAVES}
    sexes: dict[tuple[str, ...], int] = {
        (area, "m"): draw(st.integers(0, total)) for area, total in per_area.items()
    }
    sexes |= {(area, "f"): per_area[area] - sexes[area, "m"] for area in per_area}
    other = roll_up("u", (AREAS, Dimension.flat("sex", ("m", "f"), "ALL")), sexes)
    return system_of(table, other, links=(Link.shared(table, other),))


@settings(max_examples=60, deadline=None)
@given(systems())
def test_the_same_seed_gives_the_same_pattern_and_more_time_no_dearer_one(system: System) -> None:
    first = cover(system, PLAIN)
    assert np.array_equal(first, cover(system, PLAIN))
    assert np.all(first[system.primary])
    covering = Covering(system, PLAIN)
    costs = [loss(system, covering.hidden)]
    for _ in range(2):
        covering.improve()
        costs.append(loss(system, covering.hidden))
    assert costs == sorted(costs, reverse=True)


@settings(max_examples=60, deadline=None)
@given(systems())
def test_no_empty_cell_is_hidden_that_may_not_be(system: System) -> None:
    assert not (cover(system, PLAIN) & (system.value == 0) & ~system.primary).any()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_in_one_network_every_small_cell_can_move_and_no_other_need_be_hidden(
    seed: int, columns: int
) -> None:
    system = system_of(crosstab(AREAS, _random_rows(seed, columns)))
    hidden = cover(system, PLAIN)
    assert movable(system, hidden)[system.primary].all()
    for cell in np.flatnonzero(hidden & ~system.primary):
        fewer = hidden.copy()
        fewer[cell] = False
        assert not movable(system, fewer)[system.primary].all()
