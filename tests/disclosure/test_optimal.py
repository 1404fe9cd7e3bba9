"""Exact suppression: nothing that is safe loses less, and the bound says so."""

from __future__ import annotations

import itertools
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks._ladder import case
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import Program
from tests.disclosure.tables_as_text import roll_up, tree

from zicht.disclosure.model import Bools, Floats
from zicht.disclosure.profiles import Profile
from zicht.disclosure.rules import assess
from zicht.disclosure.suppression.cover import cover
from zicht.disclosure.suppression.optimal import lower_bound, optimise, polish
from zicht.disclosure.suppression.system import FREE, TOTAL, System, assemble

FEW = Profile("few", min_units=3, max_group_share=None, attackers=("A0", "A1"), hide_zeros=False)
PLACES = tree("place", "GM > WK1 WK2\nWK1 > BU1 BU2")
KINDS = tree("kind", "ALL > a b")


def system_of(leaves: dict[tuple[str, ...], int], profile: Profile = FEW) -> System:
    table = roll_up("t", (PLACES, KINDS), leaves)
    return assemble([table], [], {"t": assess(table, profile)})


def rung(name: str) -> System:
    found = case(name)
    assessed = {table.name: assess(table, found.profile) for table in found.tables}
    return assemble(found.tables, found.links, assessed)


def reach(program: Program, cells: np.ndarray, cell: int, room: Floats) -> float:
    """How wide an outsider's interval for one of the hidden cells is, at most 1000 to either side."""
    program.bound(-np.minimum(room[cells], 1000.0), np.full(cells.size, 1000.0))
    low, high = program.ends(int(np.searchsorted(cells, cell)))
    return high - low


def is_safe(system: System, hidden: Bools, shares: dict[float, Floats]) -> bool:
    """Whether each primary cell is as wide as it must be; `shares` of its width, with what the cells can fall by then."""
    lonely = (abs(system.equations) @ hidden.astype(float)) == 1
    primary = np.flatnonzero(system.primary)
    if np.any((abs(system.equations)[:, primary].sum(axis=1).A1 > 0) & lonely):
        return False
    cells = np.flatnonzero(hidden)
    program = Program(system.equations[:, cells])
    return all(
        reach(program, cells, int(cell), room) >= share * system.width[cell] - 1e-6
        for cell in primary
        for share, room in shares.items()
    )


def safe_patterns_below(system: System, loss: float, shares: dict[float, Floats]) -> list[Bools]:
    """All safe patterns of filled cells, grand total apart, that lose less: by trying every one."""
    free = np.flatnonzero(~system.primary & (system.reluctance == FREE) & (system.cost < loss))
    found = []
    for chosen in itertools.product((False, True), repeat=free.size):
        extra = free[np.array(chosen, dtype=bool)]
        if system.cost[extra].sum() < loss - 1e-6:
            hidden = system.primary.copy()
            hidden[extra] = True
            if is_safe(system, hidden, shares):
                found.append(hidden)
    return found


counts = st.fixed_dictionaries(
    {cell: st.integers(0, 6) for cell in itertools.product(("BU1", "BU2", "WK2"), ("a", "b"))}
).filter(lambda leaves: any(leaves.values()))


@settings(max_examples=30, deadline=None)
@given(leaves=counts)
def test_no_safe_pattern_loses_less_than_the_optimum(
    leaves: dict[tuple[str, ...], int],
) -> None:
    system = system_of(leaves)
    shares = {1.0: system.value}
    found = optimise(system)
    assert found.proven
    if found.unprotected.size:
        everything = system.primary | (system.reluctance == FREE)
        assert not is_safe(system, everything, shares)
    else:
        assert is_safe(system, found.hidden, shares)
        assert not safe_patterns_below(system, found.loss, shares)


@settings(max_examples=15, deadline=None)
@given(leaves=counts)
def test_the_optimum_withstands_an_outsider_who_knows_that_empty_cells_are_seen(
    leaves: dict[tuple[str, ...], int],
) -> None:
    system = system_of(leaves, profile=replace(FEW, attackers=("A0", "A1", "A2")))
    shares = {1.0: system.value, 0.5: system.room}
    found = optimise(system, attackers=("A0", "A1", "A2"))
    if not found.unprotected.size:
        assert is_safe(system, found.hidden, shares)
        assert not safe_patterns_below(system, found.loss, shares)


@settings(max_examples=15, deadline=None)
@given(leaves=counts)
def test_no_pattern_is_below_the_bound_nor_made_worse_by_polishing(
    leaves: dict[tuple[str, ...], int],
) -> None:
    system = system_of(leaves)
    best = optimise(system)
    assert lower_bound(system) <= best.loss
    everything = system.primary | (system.reluctance == FREE)
    polished = polish(system, everything, budget=4, block=6)
    assert np.all(polished[system.primary])
    assert best.unprotected.size or is_safe(system, polished, {1.0: system.value})
    assert best.loss <= system.cost[polished & ~system.primary].sum() <= system.cost[everything].sum()


def test_an_empty_cell_is_hidden_only_if_allowed_and_a_grand_total_only_for_want_of_one() -> None:
    telling = tree("kind", "ALL > a b", reveals=True)
    leaves = {
        ("BU1", "a"): 9,
        ("BU1", "b"): 0,
        ("BU2", "a"): 4,
        ("BU2", "b"): 0,
        ("WK2", "a"): 7,
        ("WK2", "b"): 0,
    }
    table = roll_up("t", (PLACES, telling), leaves)
    system = assemble([table], [], {"t": assess(table, replace(FEW, max_group_share=0.9))})
    without, hiding = optimise(system), optimise(system, hide_zeros=True)
    assert not np.any(without.hidden[system.value == 0])
    assert np.any(without.hidden[system.reluctance == TOTAL])
    assert np.any(hiding.hidden[system.value == 0])
    assert not np.any(hiding.hidden[system.reluctance == TOTAL])
    assert not without.unprotected.size
    assert not hiding.unprotected.size


def test_the_same_call_gives_the_same_pattern() -> None:
    leaves = {
        (place, kind): 1 + place_no * 3 + kind_no
        for place_no, place in enumerate(("BU1", "BU2", "WK2"))
        for kind_no, kind in enumerate("ab")
    }
    system = system_of(leaves)
    assert np.array_equal(optimise(system).hidden, optimise(system).hidden)
    start = cover(system)
    assert np.array_equal(polish(system, start, seed=3), polish(system, start, seed=3))


LONG = pytest.mark.skipif("ZICHT_LAWS" not in os.environ, reason="takes half a minute: `make test-long`")


@pytest.mark.shared
@pytest.mark.parametrize(("name", "loss"), [("F1", 361.0), ("M1", 6192.0)])
def test_the_optimum_is_that_of_another_exact_program(shared: Path, name: str, loss: float) -> None:
    found = optimise(rung(name))
    assert (found.loss, found.bound, found.proven) == (loss, loss, True)


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize(("name", "loss"), [("H1", 5688.0), pytest.param("D1", 4350.0, marks=LONG)])
def test_the_optimum_of_larger_tables_is_that_of_another_exact_program(
    shared: Path, name: str, loss: float
) -> None:
    found = optimise(rung(name))
    assert (found.loss, found.bound, found.proven) == (loss, loss, True)


@pytest.mark.shared
def test_a_bound_found_with_little_work_is_still_one(shared: Path) -> None:
    system = rung("F1")
    assert 50.0 < lower_bound(system, work=300) <= 361.0
    given = optimise(system, cover(system), work=300)
    assert given.bound <= 361.0 <= given.loss
