"""Laws of protection, on generated tables: whatever the table, nobody can compute a hidden sensitive cell."""

from __future__ import annotations

import os
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from drawn_tables import Case, breaches, drawn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import Program
from tables_as_text import count_table, crosstab, roll_up, statuses

from zicht.disclosure import PROFILES, Dimension, Link, Profile, Table, audit, protect
from zicht.errors import DisclosureError

FEW = Profile("few", min_units=4, max_group_share=None)
SHARES = Profile("shares", min_units=4, max_group_share=0.9)
ZEROS = Profile("zeros", min_units=3, max_group_share=None, zeros_published=False)

# `make test-long` asks for more of them, and may begin where an earlier run ended.
DRAWN, BEGIN = int(os.environ.get("ZICHT_LAWS", "2000")), int(os.environ.get("ZICHT_LAWS_FROM", "0"))
SHARD = 250  # tables in one test
INTERVALS = 10  # of so many tables one is attacked with linear programs as well
MOST_REFUSED = (
    0.03  # share of drawn tables that need not be protectable: what little they hold is all sensitive
)


@st.composite
def trees(draw: st.DrawFn, name: str, most: int = 7) -> Dimension:
    """Trees of up to `most` codes, with single children and branches of any depth."""
    size = draw(st.integers(2, most))
    parents = [None] + [f"{name}{draw(st.integers(0, place - 1))}" for place in range(1, size)]
    return Dimension(name, tuple(f"{name}{place}" for place in range(size)), tuple(parents))


@st.composite
def flats(draw: st.DrawFn, name: str) -> Dimension:
    return Dimension.flat(name, [f"{name}{place}" for place in range(draw(st.integers(1, 4)))])


@st.composite
def tables(draw: st.DrawFn, dimensions: int = 0) -> Table:
    """Count tables over a tree, maybe a second tree, and flat dimensions; small counts and many zeros, some cells left out."""
    count = dimensions or draw(st.integers(1, 3))
    found = [draw(trees("a", 9))]
    found += [draw(st.one_of(flats(name), trees(name, 5))) for name in "bc"[: count - 1]]
    leaf_codes = [[c for c, parts in zip(d.codes, d.children, strict=True) if not parts.size] for d in found]
    counts = st.one_of(st.integers(0, 3), st.integers(0, 30), st.just(0), st.none())
    leaves: dict[tuple[str, ...], int] = {}
    for place in np.ndindex(*(len(codes) for codes in leaf_codes)):
        number = draw(counts)
        if number is not None:
            leaves[tuple(codes[at] for codes, at in zip(leaf_codes, place, strict=True))] = number
    if not leaves:
        leaves[tuple(codes[0] for codes in leaf_codes)] = draw(st.integers(0, 9))
    return roll_up("t", tuple(found), leaves)


def intervals(table: Table, hidden: np.ndarray, floor: np.ndarray) -> list[tuple[float, float]]:
    """By brute force, two linear programs a cell over the equations of all cells: what an outsider knows of each cell."""
    rows = []
    spread = table.dense(np.arange(table.n.size), -1)
    for axis, dimension in enumerate(table.dimensions):
        cube = np.moveaxis(spread, axis, 0).reshape(len(dimension.codes), -1)
        for node, parts in enumerate(dimension.children):
            for column in range(cube.shape[1]) if parts.size else ():
                row = np.zeros(table.n.size)
                for sign, member in [(-1.0, node)] + [(1.0, part) for part in parts]:
                    if cube[member, column] >= 0:
                        row[cube[member, column]] += sign
                rows.append(row)
    program = Program(np.array(rows).reshape(-1, table.n.size))
    program.bound(np.where(hidden, floor, table.value), np.where(hidden, np.inf, table.value))
    return [program.ends(cell) for cell in range(table.n.size)]


def exposed(table: Table, hidden: np.ndarray, profile: Profile) -> set[int]:
    """The rows of hidden sensitive counts that brute force finds too narrow, by A1 or A2 (minimum frequency only)."""
    sensitive = hidden & (table.n > 0) & (table.n < profile.min_units)
    plain = intervals(table, hidden, np.zeros(table.n.size))
    sharp = intervals(table, hidden, np.minimum(table.value, 1.0))
    return {
        int(row)
        for row in np.flatnonzero(sensitive)
        if plain[row][1] - plain[row][0] < 2 - 1e-6 or sharp[row][1] - sharp[row][0] < 1 - 1e-6
    }


@pytest.mark.slow
@pytest.mark.parametrize("first", range(BEGIN, BEGIN + DRAWN, SHARD))
def test_no_drawn_table_is_broken_by_algebra_or_programs_that_share_nothing_with_the_library(
    first: int,
) -> None:
    found: dict[int, list[str]] = {}
    refused: dict[int, str] = {}
    for seed in range(first, min(first + SHARD, BEGIN + DRAWN)):
        case = drawn(seed)
        try:
            protected = protect(case.tables, case.profile, links=case.links)
        except DisclosureError as error:
            refused[seed] = str(error)
            continue
        if broken := breaches(case, protected, intervals=seed % INTERVALS == 0):
            found[seed] = broken
    assert found == {}, f"seeds of drawn_tables.drawn with what gives them away: {found}"
    assert len(refused) <= MOST_REFUSED * SHARD, f"seeds of tables that were refused: {refused}"


@pytest.mark.parametrize(
    ("hidden", "said"),
    [
        ("", "t 0 is in sight"),
        ("A x, A y", "cell 0 follows from the others"),
        ("A x, A y, B x, B y", "cell 0 lies within 1.0 to 1.0 to who knows of zeros"),
        ("A x, A y, A z, B x, B y, B z", None),
    ],
)
def test_the_check_of_drawn_tables_finds_what_gives_a_cell_away(hidden: str, said: str | None) -> None:
    area = Dimension.flat("area", ("A", "B"), "GM")
    table = crosstab(area, "area | x | y | z\nA | 1 | 1 | 9\nB | 9 | 9 | 9")
    pattern = statuses(table, {tuple(cell.split()) for cell in hidden.split(", ") if cell})
    published = SimpleNamespace(status=lambda _: pattern)
    found = breaches(Case((table,), (), FEW), published, intervals=True)  # type: ignore[arg-type]
    assert (found[:1] or [None]) == [said]


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables(), st.sampled_from([FEW, SHARES, ZEROS]))
def test_no_output_is_broken_by_the_audit(table: Table, profile: Profile) -> None:
    protected = protect([table], profile)
    status = protected.status("t")
    found = audit([table], {"t": status}, profile)
    assert found.safe, found.as_dict()
    assert status.num_rows == table.cells.num_rows


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables())
def test_no_output_is_broken_by_brute_force(table: Table) -> None:
    hidden = np.array(protect([table], FEW).status("t").column("status").to_pylist()) != "ok"
    assert np.all(hidden[(table.n > 0) & (table.n < FEW.min_units)])
    assert exposed(table, hidden, FEW) == set()


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables(dimensions=2), st.data())
def test_the_audit_finds_just_what_brute_force_finds(table: Table, data: st.DataObject) -> None:
    sensitive = (table.n > 0) & (table.n < FEW.min_units)
    extra = data.draw(st.lists(st.booleans(), min_size=table.n.size, max_size=table.n.size))
    hidden = sensitive | (np.array(extra) & (table.n > 0))
    names = [d.name for d in table.dimensions]
    out = {
        tuple(cell[name] for name in names)
        for cell, gone in zip(table.cells.to_pylist(), hidden, strict=True)
        if gone
    }
    # The programs know of no contributors, who are held to their own reference in test_audit_brute_force.py.
    outsiders = replace(FEW, attackers=("A0", "A1", "A2"))
    report = audit([table], {"t": statuses(table, out)}, outsiders)
    found = {failure.row for failure in report.failures if sensitive[failure.row]}
    assert found == exposed(table, hidden, outsiders)
    plain = intervals(table, hidden, np.zeros(table.n.size))
    for failure in report.failures:
        if failure.attack == "A0":
            assert plain[failure.row][1] - plain[failure.row][0] < 1e-6
            assert failure.interval == pytest.approx((table.value[failure.row],) * 2)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables(dimensions=3))
def test_tables_that_share_margins_are_protected_together(cube: Table) -> None:
    parts = []
    cells = cube.cells.to_pylist()
    first, second, third = cube.dimensions
    for kept, dropped in ((second, third), (third, second)):
        total = dropped.codes[dropped.root]
        rows = [cell for cell in cells if cell[dropped.name] == total]
        counts = {(row[first.name], row[kept.name]): row["n"] for row in rows}
        if not counts:
            return
        parts.append(count_table(kept.name, (first, kept), counts))
    links = [Link.shared(*parts)]
    protected = protect(parts, FEW, links=links)
    found = audit(parts, {part.name: protected.status(part.name) for part in parts}, FEW, links=links)
    assert found.safe, found.as_dict()
    left, right = links[0].rows({part.name: part for part in parts})
    hidden = [np.array(protected.status(part.name).column("status").to_pylist()) != "ok" for part in parts]
    assert np.array_equal(hidden[0][left], hidden[1][right])


@st.composite
def sums(draw: st.DrawFn) -> Table:
    """Sums over a tree and a flat dimension, made of contributions that differ much; in some tables they may be negative."""
    counted = draw(tables(dimensions=2))
    low = draw(st.sampled_from([0, 0, -50]))
    names = [d.name for d in counted.dimensions]
    found: dict[tuple[str, ...], list[int]] = {}
    leaves = [
        d.codes[place] for d in counted.dimensions for place, parts in enumerate(d.children) if not parts.size
    ]
    above = [dict(zip(d.codes, d.parents, strict=True)) for d in counted.dimensions]
    for cell in counted.cells.to_pylist():
        codes = [cell[name] for name in names]
        if not all(code in leaves for code in codes):
            continue
        gifts = draw(st.lists(st.integers(low, 100), min_size=cell["n"] % 7, max_size=cell["n"] % 7))
        chains = [[code] for code in codes]
        for chain, parent in zip(chains, above, strict=True):
            while parent[chain[-1]] is not None:
                chain.append(parent[chain[-1]])
        for row in chains[0]:
            for column in chains[1]:
                found.setdefault((row, column), []).extend(gifts)
    columns = {name: pa.array([key[axis] for key in found], pa.string()) for axis, name in enumerate(names)}
    ranked = [sorted((abs(gift) for gift in gifts), reverse=True) for gifts in found.values()]
    columns |= {
        "value": pa.array([float(sum(gifts)) for gifts in found.values()], pa.float64()),
        "n": pa.array([len(gifts) for gifts in found.values()], pa.int64()),
        "largest": pa.array([float(next(iter(gifts), 0)) for gifts in ranked], pa.float64()),
        "second": pa.array([float(gifts[1]) if len(gifts) > 1 else 0.0 for gifts in ranked], pa.float64()),
    }
    return Table("t", counted.dimensions, pa.table(columns))


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(sums(), st.sampled_from([PROFILES["microdata"], PROFILES["acro"], PROFILES["rdsc"]]))
def test_no_protected_sum_is_broken_by_the_audit(table: Table, profile: Profile) -> None:
    found = audit([table], {"t": protect([table], profile).status("t")}, profile)
    assert found.safe, found.as_dict()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_the_cells_does_not_matter_to_what_is_sensitive_nor_to_safety(
    table: Table, random: object
) -> None:
    order = list(range(table.n.size))
    random.shuffle(order)
    shuffled = Table("t", table.dimensions, table.cells.take(order))
    protected = protect([shuffled], PROFILES["microdata"])
    assert audit([shuffled], {"t": protected.status("t")}, PROFILES["microdata"]).safe
    straight = protect([table], PROFILES["microdata"]).status("t").column("reason").to_pylist()
    assert [straight[place] for place in order] == protected.status("t").column("reason").to_pylist()
