"""Random tables by the thousand, each made from its seed alone, and a check of patterns that shares nothing with the library.

What is drawn: trees of any shape with single children and empty branches, codes of unknown units, zeros, cells that are not
there, one to four dimensions, counts and sums, holdings, negative contributions, and tables linked by a shared margin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from programs import Program

from zicht.disclosure import Dimension, Link, Profile, Protected, Table

FEW = Profile("few", min_units=4, max_group_share=None)
PLAIN = Profile("plain", min_units=3, max_group_share=None, attackers=("A0", "A1"))
SHARES = Profile("shares", min_units=4, max_group_share=0.9)
ALONE = Profile("alone", min_units=2, max_group_share=None, all_but_one_zero=True)
ZEROS = Profile("zeros", min_units=3, max_group_share=None, zeros_published=False)
RATIO = Profile("ratio", min_units=3, max_group_share=None, p_percent=10.0)
COUNTED, SUMMED = (FEW, PLAIN, SHARES, ALONE, ZEROS), (RATIO,)
SLACK = 1e-5


@dataclass(frozen=True)
class Case:
    """Tables that belong together, and the profile to protect them under."""

    tables: tuple[Table, ...]
    links: tuple[Link, ...]
    profile: Profile


def drawn(seed: int) -> Case:
    """The tables of a seed."""
    random = np.random.default_rng(seed)
    summed = random.random() < 0.25
    profiles = SUMMED if summed else COUNTED
    profile = profiles[random.integers(len(profiles))]
    if not summed and random.random() < 0.2:
        return _linked(random, profile)
    dimensions = _dimensions(random, int(random.choice([1, 2, 2, 2, 2, 3, 3, 4])))
    units = _units(random, dimensions)
    return Case((_table(random, "t", dimensions, units, profile),), (), profile)


def _dimensions(random: np.random.Generator, count: int) -> tuple[Dimension, ...]:
    most = {1: 12, 2: 9, 3: 5, 4: 4}[count]
    others = (
        _tree(random, name, min(most, 6)) if random.random() < 0.5 else _flat(random, name)
        for name in "bcd"[: count - 1]
    )
    return (_tree(random, "a", most), *others)


def _tree(random: np.random.Generator, name: str, most: int) -> Dimension:
    size = int(random.integers(2, most + 1))
    parents = [None] + [f"{name}{random.integers(0, place)}" for place in range(1, size)]
    codes = tuple(f"{name}{place}" for place in range(size))
    leaves = [code for code in codes[1:] if code not in parents]
    unknown = (leaves[-1],) if random.random() < 0.2 else ()
    return Dimension(name, codes, tuple(parents), unknown=unknown)


def _flat(random: np.random.Generator, name: str) -> Dimension:
    return Dimension.flat(name, [f"{name}{place}" for place in range(int(random.integers(1, 5)))])


def _units(random: np.random.Generator, dimensions: tuple[Dimension, ...]) -> np.ndarray:
    """Units per crossing of leaves: small numbers, many of them 0, some branches empty."""
    shape = tuple(len(_leaves(dimension)) for dimension in dimensions)
    level = random.choice([2.0, 6.0, 20.0])
    units = random.poisson(level * random.gamma(0.7, 1.5, shape))
    units[random.random(shape) < random.choice([0.0, 0.2, 0.5])] = 0
    if random.random() < 0.3:
        units[random.integers(shape[0])] = 0
    return units


def _leaves(dimension: Dimension) -> list[int]:
    return [place for place, parts in enumerate(dimension.children) if not parts.size]


def _above(dimension: Dimension) -> np.ndarray:
    """Which codes each leaf adds to. Shape (codes, leaves)."""
    leaves = _leaves(dimension)
    found = np.zeros((len(dimension.codes), len(leaves)), dtype=np.int64)
    for column, leaf in enumerate(leaves):
        at = leaf
        while at >= 0:
            found[at, column] = 1
            at = int(dimension.parent_index[at])
    return found


def _rolled(dimensions: tuple[Dimension, ...], leaves: np.ndarray) -> np.ndarray:
    cube = leaves
    for axis, dimension in enumerate(dimensions):
        cube = np.moveaxis(np.tensordot(_above(dimension), cube, axes=(1, axis)), 0, axis)
    return cube


def _table(
    random: np.random.Generator,
    name: str,
    dimensions: tuple[Dimension, ...],
    units: np.ndarray,
    profile: Profile,
) -> Table:
    counts = _rolled(dimensions, units)
    columns = {"value": counts.astype(np.float64).ravel(), "n": counts.ravel()}
    if profile in SUMMED:
        columns = _sums(random, dimensions, units)
    codes = np.unravel_index(np.arange(counts.size), counts.shape)
    there = np.ones(counts.size, dtype=np.bool_)
    # Empty cells need not be there, unless it is secret which they are.
    if profile.zeros_published and random.random() < 0.3:
        there = (columns["n"] > 0) | (columns["value"] != 0) | (random.random(counts.size) < 0.5)
        there[0] = True
    order = np.flatnonzero(there)
    random.shuffle(order)
    cells = {
        d.name: pa.array(np.array(d.codes)[place[order]], pa.string())
        for d, place in zip(dimensions, codes, strict=True)
    }
    return Table(
        name, dimensions, pa.table(cells | {key: pa.array(column[order]) for key, column in columns.items()})
    )


def _sums(
    random: np.random.Generator, dimensions: tuple[Dimension, ...], units: np.ndarray
) -> dict[str, np.ndarray]:
    """Contributions of holdings, some of which are in several cells; in some tables they may be negative."""
    units = np.minimum(units, 4)
    cell = np.repeat(np.arange(units.size), units.ravel())
    amount = np.ceil(random.lognormal(2.5, 1.3, cell.size))
    if random.random() < 0.2:
        amount *= random.choice([-1, 1], cell.size, p=[0.3, 0.7])
    holding = np.arange(cell.size)
    members = random.random(cell.size) < random.choice([0.0, 0.3])
    holding[members] = -1 - random.integers(0, 1 + cell.size // 4, int(members.sum()))
    per_holding = [
        _rolled(
            dimensions,
            np.bincount(cell[holding == one], amount[holding == one], units.size).reshape(units.shape),
        ).ravel()
        for one in np.unique(holding)
    ]
    there = [
        _rolled(
            dimensions, np.bincount(cell[holding == one], minlength=units.size).reshape(units.shape)
        ).ravel()
        > 0
        for one in np.unique(holding)
    ]
    size = int(np.prod([len(d.codes) for d in dimensions]))
    given = np.array(per_holding).reshape(-1, size)
    ranked = -np.sort(-np.abs(np.vstack([given, np.zeros((2, size))])), axis=0)
    return {
        "value": given.sum(axis=0),
        "n": np.array(there).reshape(-1, size).sum(axis=0),
        "largest": ranked[0],
        "second": ranked[1],
    }


def _linked(random: np.random.Generator, profile: Profile) -> Case:
    """Two tables that share one dimension: the same units by two breakdowns."""
    dimensions = _dimensions(random, 3)
    units = _units(random, dimensions)
    area, first, second = dimensions
    tables = (
        _table(random, "left", (area, first), units.sum(axis=2), profile),
        _table(random, "right", (area, second), units.sum(axis=1), profile),
    )
    return Case(tables, (Link.shared(*tables),), profile)


def breaches(case: Case, protected: Protected, *, intervals: bool) -> list[str]:
    """What an outsider finds in a protected publication by plain algebra, and by linear programs if `intervals`."""
    found: list[str] = []
    system = _System(case)
    hidden = [
        np.array(protected.status(table.name).column("status").to_pylist()) != "ok" for table in case.tables
    ]
    for table, out in zip(case.tables, hidden, strict=True):
        seen = system.sensitive(table) & ~out
        found += [f"{table.name} {row} is in sight" for row in np.flatnonzero(seen).tolist()]
    out = system.together(np.concatenate(hidden))
    sensitive = system.together(np.concatenate([system.sensitive(table) for table in case.tables]))
    for cell in np.flatnonzero(sensitive & out).tolist():
        if system.determined(out, cell):
            found.append(f"cell {cell} follows from the others")
        elif intervals:
            found += system.narrow(out, cell)
    return found


class _System:
    """All cells and all equations, as dense arrays; linked cells are one unknown."""

    def __init__(self, case: Case) -> None:
        self.profile, self.tables = case.profile, case.tables
        sizes = [table.n.size for table in case.tables]
        number = np.arange(sum(sizes))
        for link in case.links:
            left, right = link.rows({table.name: table for table in case.tables})
            number[sizes[0] + right] = left
        self.number = np.unique(number, return_inverse=True)[1]
        self.size = int(self.number.max()) + 1
        self.value = np.zeros(self.size)
        self.value[self.number] = np.concatenate([table.value for table in case.tables])
        start = np.cumsum([0, *sizes])
        self.rows = np.array([
            row for table, first in zip(case.tables, start, strict=False) for row in self._equations(table, first)
        ]).reshape(-1, self.size)  # fmt: skip
        self._known: tuple[bytes, np.ndarray] | None = None
        self._program: tuple[bytes, Program] | None = None

    def _equations(self, table: Table, first: int) -> list[np.ndarray]:
        numbers = table.dense(np.arange(table.n.size), -1)
        rows = []
        for axis, dimension in enumerate(table.dimensions):
            cube = np.moveaxis(numbers, axis, 0).reshape(len(dimension.codes), -1)
            for node, parts in enumerate(dimension.children):
                for column in range(cube.shape[1]) if parts.size else ():
                    members = [(node, -1.0), *((int(part), 1.0) for part in parts)]
                    given = [(int(cube[at, column]), sign) for at, sign in members if cube[at, column] >= 0]
                    if not any(sign > 0 for _, sign in given) and any(table.value[at] for at, _ in given):
                        continue  # the parts are not published
                    row = np.zeros(self.size)
                    for at, sign in given:
                        row[self.number[first + at]] += sign
                    rows.append(row)
        return rows

    def together(self, flags: np.ndarray) -> np.ndarray:
        """Flags of cells as flags of unknowns; a number is hidden only where it is hidden everywhere."""
        least = np.ones(self.size)
        np.minimum.at(least, self.number, flags.astype(float))
        return least > 0

    def sensitive(self, table: Table) -> np.ndarray:
        """The cells that the rules hide, by the words of the rules (of groups only those that are whole)."""
        n, profile = table.n, self.profile
        found = (n > 0) & (n < profile.min_units)
        if not profile.zeros_published:
            found |= n == 0
        if profile.p_percent is not None:
            rest = table.value - table.largest - table.second
            found |= (n > 0) & (rest < profile.p_percent / 100 * table.largest - 1e-6 * np.abs(table.value))
        return found

    def determined(self, out: np.ndarray, cell: int) -> bool:
        """Whether the equations leave one value for a hidden cell."""
        key = out.tobytes()
        if self._known is None or self._known[0] != key:
            matrix = self.rows[:, out]
            _, weight, across = (
                np.linalg.svd(matrix, full_matrices=True)
                if matrix.size
                else (0, np.empty(0), np.eye(int(out.sum())))
            )
            rank = int((weight > 1e-9).sum())
            free = np.zeros(self.size)
            free[out] = np.abs(across[rank:]).max(axis=0, initial=0.0)
            self._known = (key, free)
        return bool(self._known[1][cell] < 1e-8)

    def narrow(self, out: np.ndarray, cell: int) -> list[str]:
        """What is wrong with the interval of a hidden sensitive cell."""
        least = -np.inf if np.any(self.value < 0) else 0.0
        low, high = self._interval(out, cell, np.full(self.size, least))
        value = self.value[cell]
        if self.profile.p_percent is not None:
            margin = self.profile.sum_margin * abs(value)
            short = low > max(value - margin, least) + SLACK or high < value + margin - SLACK
            return [f"cell {cell} lies within {low} to {high}, {value}"] if short else []
        if high - low < 2 - SLACK:
            return [f"cell {cell} lies within {low} to {high}"]
        if "A2" in self.profile.attackers and self.profile.zeros_published:
            low, high = self._interval(out, cell, np.minimum(self.value, 1.0))
            if high - low < 1 - SLACK:
                return [f"cell {cell} lies within {low} to {high} to who knows of zeros"]
        return []

    def _interval(self, out: np.ndarray, cell: int, floor: np.ndarray) -> tuple[float, float]:
        unknown = np.flatnonzero(out)
        key = out.tobytes()
        if self._program is None or self._program[0] != key:
            right = -self.rows[:, ~out] @ self.value[~out]
            self._program = (key, Program(self.rows[:, unknown], right))
        program = self._program[1]
        program.bound(floor[unknown], np.full(unknown.size, np.inf))
        return program.ends(int(np.searchsorted(unknown, cell)))
