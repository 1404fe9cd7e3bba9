"""The audit says just what two linear programs a cell say, without tricks."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from benchmarks import _ladder
from brute_force import Outsider, equations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tables_as_text import roll_up

from zicht.disclosure import Dimension, Link, Profile, Table
from zicht.disclosure.attack.auditor import Auditor
from zicht.disclosure.attack.failures import AuditReport

EVERYTHING = Profile(
    "everything", min_units=4, max_group_share=None, attackers=("A0", "A1", "A2", "A3"), coalition=2
)


def by_brute_force(
    tables: tuple[Table, ...],
    links: tuple[Link, ...],
    primary: np.ndarray,
    hidden: np.ndarray,
    margin: float = 1.0,
) -> dict[str, set[int]]:
    """The failing cells of count tables, by attack; a cell that fails A1 is not asked about A2."""
    outsider = Outsider(equations(tables, links), hidden)
    value = np.concatenate([table.value for table in tables])
    anything = np.full(value.size, np.inf)
    exact = {int(cell) for cell in outsider.cells if outsider.determined(int(cell))}
    found: dict[str, set[int]] = {"A0": exact, "A1": set(), "A2": set()}
    for cell in np.flatnonzero(primary & hidden).tolist():
        if cell in exact:
            continue
        down, up = outsider.moves(cell, value, anything)
        if up - down < 2 * margin - 1e-6:
            found["A1"].add(cell)
            continue
        down, up = outsider.moves(cell, value - np.minimum(value, 1), anything)
        if up - down < margin - 1e-6:
            found["A2"].add(cell)
    return found


def of_report(auditor: Auditor, report: AuditReport, attack: str) -> set[int]:
    return {auditor.locate(failure) for failure in report.failures if failure.attack == attack}


def trees(name: str) -> st.SearchStrategy[Dimension]:
    """Trees of two or three levels; a node may have a single child."""

    def grow(sizes: list[int]) -> Dimension:
        parents: dict[str, str | None] = {name: None}
        for group, size in enumerate(sizes):
            above = name if size == 0 else f"{name}{group}"
            parents[f"{name}{group}"] = name
            parents |= {f"{name}{group}.{part}": above for part in range(size)}
        return Dimension(name, tuple(parents), tuple(parents.values()), reveals=False)

    return st.lists(st.integers(0, 3), min_size=2, max_size=3).map(grow)


@st.composite
def patterns(draw: st.DrawFn) -> tuple[Table, np.ndarray]:
    """A table of small counts, and a pattern that hides at least what the rules hide."""
    dimensions = (draw(trees("a")), draw(trees("b")))
    leaves = [[c for c in d.codes if c not in d.parents] for d in dimensions]
    counts = {cell: draw(st.sampled_from((0, 1, 1, 2, 3, 9))) for cell in itertools.product(*leaves)}
    table = roll_up("t", dimensions, counts)
    few = (table.n > 0) & (table.n < EVERYTHING.min_units)
    more = draw(st.lists(st.booleans(), min_size=table.n.size, max_size=table.n.size))
    return table, few | np.array(more, dtype=bool)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(patterns())
def test_small_tables_fail_on_just_the_cells_that_programs_without_tricks_find(
    pattern: tuple[Table, np.ndarray],
) -> None:
    table, hidden = pattern
    auditor = Auditor([table], EVERYTHING, ())
    report = auditor.examine(hidden)
    expected = by_brute_force((table,), (), auditor.primary, hidden)
    assert {attack: of_report(auditor, report, attack) for attack in expected} == expected
    assert all(failure.witness for failure in report.failures)
    outsider = Outsider(equations([table]), hidden)
    exposed = of_report(auditor, report, "A3")
    for failure in report.failures:
        for coalition in failure.by:
            assert table.n[list(coalition)].sum() <= EVERYTHING.coalition
            assert outsider.determined(auditor.locate(failure), coalition)
    for cell in set(np.flatnonzero(auditor.primary & hidden).tolist()) - expected["A0"] - exposed:
        for insider in np.flatnonzero(hidden & (table.n == 1)).tolist():
            if table.n[cell] > 2 and insider != cell:
                assert not outsider.determined(cell, [insider])


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("name", ["F1s1_tau_opt", "H1s1_sdcTable_OLD", "D1s1_sdcTable_OLD"])
def test_patterns_of_the_ladder_fail_on_just_the_cells_that_programs_without_tricks_find(
    shared: Path, name: str
) -> None:
    case, mask = _ladder.trap(shared / "disclosure" / "traps" / f"{name}.npz")
    hidden = mask.ravel() | case.primary
    profile = replace(case.profile, attackers=("A0", "A1", "A2"))
    auditor = Auditor(case.tables, profile, case.links)
    report = auditor.examine(hidden, words=False)
    expected = by_brute_force(case.tables, case.links, auditor.primary, hidden)
    assert {attack: of_report(auditor, report, attack) for attack in expected} == expected


def test_linked_tables_fail_on_just_the_cells_that_programs_without_tricks_find() -> None:
    area = Dimension("area", ("R", "P", "Q", "P1", "P2"), (None, "R", "R", "P", "P"), reveals=False)
    kind, age = (Dimension.flat(name, ("x", "y")) for name in ("kind", "age"))
    rows = {"P1": (3, 4), "P2": (1, 6), "Q": (2, 5)}
    left = roll_up(
        "left", (area, kind), {(a, k): n for a, ns in rows.items() for k, n in zip("xy", ns, strict=True)}
    )
    right = roll_up(
        "right",
        (area, age),
        {(a, k): n for a, ns in rows.items() for k, n in zip("xy", ns[::-1], strict=True)},
    )
    links = (Link.shared(left, right),)
    rng = np.random.default_rng(7)
    auditor = Auditor([left, right], replace(EVERYTHING, attackers=("A0", "A1", "A2")), links)
    for _ in range(6):
        hidden = auditor.primary | (rng.random(auditor.primary.size) < 0.5)
        seen = of_report(auditor, auditor.examine(hidden, words=False), "published")
        expected = by_brute_force(
            (left, right), links, auditor.primary, hidden & ~np.isin(np.arange(hidden.size), list(seen))
        )
        report = auditor.examine(hidden, words=False)
        outcome = {attack: of_report(auditor, report, attack) for attack in expected}
        rows_of_links = links[0].rows({"left": left, "right": right})
        twin = dict(zip((rows_of_links[1] + left.n.size).tolist(), rows_of_links[0].tolist(), strict=True))
        assert outcome == {
            attack: {twin.get(cell, cell) for cell in cells} for attack, cells in expected.items()
        }


def test_a_table_of_one_cell_has_no_equations_and_is_safe_when_hidden() -> None:
    alone = Dimension("area", ("R",), (None,))
    table = Table("t", (alone,), pa.table({"area": ["R"], "value": [3.0], "n": [3]}))
    assert Auditor([table], EVERYTHING, ()).examine(np.array([True])).safe
