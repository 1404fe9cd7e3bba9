"""The audit: attack a protected publication as an outsider would, and say in words what gives a cell away.

It shares no code with the suppression: it gathers the equations anew from the tables, and asks
- whether a cell that the rules hide is in sight (`published`);
- A0, which hidden cells follow from the equations alone, exactly (`exact`);
- A1, whether each hidden cell's feasible interval is as wide as the profile demands (`attack`);
- A2, the same for an outsider who knows that empty cells are published, so that hidden counts are at least 1;
- A3, which sensitive cells the only contributor to another hidden cell could compute; these are counted, not refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import scipy.sparse as sp

from zicht.disclosure.attack import Reach, Unknowns, narrow_down
from zicht.disclosure.exact import Determined, determine
from zicht.disclosure.model import Bools, Floats, Ints, Link, Table, positions
from zicht.disclosure.profiles import Profile
from zicht.disclosure.rules import assess
from zicht.errors import DisclosureError

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

MEMBERS_SHOWN = 12  # parts of one equation that a witness writes out


@dataclass(frozen=True)
class Failure:
    """One cell that is not safe.

    Attributes:
        attack: `published`, `A0`, `A1` or `A2`.
        table: its table.
        row: its row in the table's cells.
        cell: its codes.
        interval: what an outsider can narrow it down to (no further than the audit needed to look).
        witness: the equations that give it away, in words.
    """

    attack: str
    table: str
    row: int
    cell: str
    interval: tuple[float, float]
    witness: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Json]:
        """The failure as plain data."""
        return {
            "attack": self.attack,
            "table": self.table,
            "cell": self.cell,
            "interval": list(self.interval),
            "witness": list(self.witness),
        }


@dataclass(frozen=True)
class AuditReport:
    """What the attacks found.

    Attributes:
        failures: every cell that is not safe.
        hidden: number of hidden cells, in all tables.
        primary: number of those that a rule hides.
        exposed_to_contributor: sensitive cells that the one contributor to some other hidden cell could compute (A3).
        programs: linear programs solved.
    """

    failures: tuple[Failure, ...]
    hidden: int
    primary: int
    exposed_to_contributor: int
    programs: int

    @property
    def safe(self) -> bool:
        """Whether no attack succeeded."""
        return not self.failures

    def as_dict(self) -> dict[str, Json]:
        """The report as plain data."""
        return {
            "safe": self.safe,
            "hidden": self.hidden,
            "primary": self.primary,
            "failures": [failure.as_dict() for failure in self.failures],
            "exposed_to_contributor": self.exposed_to_contributor,
            "programs": self.programs,
        }


def audit(
    tables: Sequence[Table], statuses: Mapping[str, pa.Table], profile: Profile, *, links: Sequence[Link] = ()
) -> AuditReport:
    """Attack a publication.

    Args:
        tables: the true tables.
        statuses: for each table name, its dimension columns and `status`; every status but `ok` hides the cell.
        profile: the rules that the publication must keep.
        links: which cells of different tables are the same number.

    Returns:
        The report, with a witness for every failure.

    Raises:
        DisclosureError: when a status is missing or names a cell that the table does not hold.

    Source: A0 to A3 as in Fischetti and Salazar (2001) and the Handbook on Statistical Disclosure Control.
    """
    hidden = np.concatenate([_hidden(table, statuses) for table in tables])
    return Auditor(tables, profile, links).examine(hidden)


def _hidden(table: Table, statuses: Mapping[str, pa.Table]) -> Bools:
    if table.name not in statuses:
        raise DisclosureError(f"There are no statuses for table {table.name!r}.")
    given = statuses[table.name]
    hidden = np.zeros(int(np.prod(table.shape)), dtype=np.bool_)
    named = np.zeros_like(hidden)
    place = positions(table.name, table.dimensions, given)
    named[place] = True
    hidden[place] = pc.not_equal(given.column("status"), "ok").to_numpy()
    if not named[table.position].all():
        lost = table.label_at(int(table.position[~named[table.position]][0]))
        raise DisclosureError(f"The statuses of table {table.name!r} leave out the cell {lost}.")
    return hidden[table.position]


class Auditor:
    """The equations of a set of tables, ready to attack one pattern of hidden cells after another."""

    def __init__(self, tables: Sequence[Table], profile: Profile, links: Sequence[Link]) -> None:
        self._tables = tuple(tables)
        self._starts = np.concatenate([[0], np.cumsum([table.n.size for table in tables])]).astype(np.int64)
        self._assessed = [assess(table, profile) for table in tables]
        self._equations, self._names = self._gather(links)
        self.primary = np.concatenate([found.primary for found in self._assessed])

    def examine(self, hidden: Bools, *, words: bool = True) -> AuditReport:
        """Attack the pattern `hidden` (one flag per cell, table after table); `words` asks for the witnesses too."""
        seen = np.flatnonzero(self.primary & ~hidden)
        columns = np.flatnonzero(hidden)
        part = self._equations[:, columns]
        rows = np.flatnonzero(np.diff(part.indptr))
        part = part[rows]
        determined = determine(part)
        cells = self._unknowns(part, columns)
        if words:
            # The programs of determined cells also yield the equations that determine them.
            cells.checked[determined.known] = True
            cells.width[determined.known] = np.maximum(cells.width[determined.known], 1.0)
        reach = narrow_down(cells)
        failures = [
            self._failure("published", int(cell), (self._value[cell], self._value[cell])) for cell in seen
        ]
        plain, sharp = reach.lacking_plain(cells), reach.lacking_sharp(cells)
        for place in np.flatnonzero(determined.known | plain | sharp):
            cell = int(columns[place])
            attack = "A0" if determined.known[place] else "A1" if plain[place] else "A2"
            interval = self._interval(reach, int(place), cell, attack)
            rests_on = rows[reach.binding.get(int(place), np.empty(0, dtype=np.int64))]
            witness = tuple(self._in_words(int(row), hidden) for row in rests_on) if words else ()
            failures.append(self._failure(attack, cell, interval, witness))
        return AuditReport(
            failures=tuple(failures),
            hidden=int(columns.size),
            primary=int(self.primary.sum()),
            exposed_to_contributor=self._exposed(columns, determined),
            programs=reach.programs,
        )

    def locate(self, failure: Failure) -> int:
        """The number of the failing cell, counting table after table."""
        index = next(i for i, table in enumerate(self._tables) if table.name == failure.table)
        return int(self._starts[index]) + failure.row

    @property
    def _value(self) -> Floats:
        return np.concatenate([table.value for table in self._tables])

    def _gather(self, links: Sequence[Link]) -> tuple[sp.csr_matrix, list[tuple[int, int, int]]]:
        """All equations, one column per cell, and per equation its table, dimension and the position of its total.

        Every cell is a part of the total one step up, in every dimension, and a total itself where it has parts.
        A link is the equation that two cells differ by 0, named by the place of its left table and -1.
        """
        rows, columns, signs = [], [], []
        names: list[tuple[int, int, int]] = []
        count = 0
        for index, table in enumerate(self._tables):
            places = np.unravel_index(table.position, table.shape)
            for axis, dimension in enumerate(table.dimensions):
                parent = dimension.parent_index[places[axis]]
                moved = [place if a != axis else np.maximum(parent, 0) for a, place in enumerate(places)]
                above = np.ravel_multi_index(tuple(moved), table.shape)
                is_part, is_total = parent >= 0, np.isin(places[axis], dimension.parent_index)
                totals = np.concatenate([above[is_part], table.position[is_total]])
                named, row = np.unique(totals, return_inverse=True)
                cells = self._starts[index] + np.concatenate(
                    [np.flatnonzero(is_part), np.flatnonzero(is_total)]
                )
                rows.append(count + row)
                columns.append(cells)
                signs.append(np.where(np.arange(row.size) < is_part.sum(), 1.0, -1.0))
                names.extend((index, axis, int(position)) for position in named)
                count += named.size
        by_name = {table.name: table for table in self._tables}
        order = {table.name: index for index, table in enumerate(self._tables)}
        for link in links:
            left, right = link.rows(by_name)
            row = count + np.arange(left.size)
            rows.extend([row, row])
            columns.extend([self._starts[order[link.left]] + left, self._starts[order[link.right]] + right])
            signs.extend([np.ones(left.size), -np.ones(left.size)])
            names.extend((order[link.left], -1, int(by_name[link.left].position[cell])) for cell in left)
            count += left.size
        entries = (np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns)))
        return sp.csr_matrix(entries, (count, int(self._starts[-1]))), names

    def _unknowns(self, part: sp.csr_matrix, columns: Ints) -> Unknowns:
        def gather(pick: str) -> Floats:
            return np.concatenate([getattr(found, pick) for found in self._assessed])[columns].astype(
                np.float64
            )

        plain = np.concatenate(
            [np.where(np.isneginf(found.floor), found.floor, 0.0) for found in self._assessed]
        )
        return Unknowns(
            equations=part,
            value=self._value[columns],
            floor=gather("floor"),
            plain_floor=plain[columns],
            checked=self.primary[columns].copy(),
            lower=gather("lower"),
            upper=gather("upper"),
            width=gather("width"),
        )

    def _interval(self, reach: Reach, place: int, cell: int, attack: str) -> tuple[float, float]:
        down, up = (reach.sharp_down, reach.sharp_up) if attack == "A2" else (reach.down, reach.up)
        return float(self._value[cell] + down[place]), float(self._value[cell] + up[place])

    def _failure(
        self, attack: str, cell: int, interval: tuple[float, float], witness: tuple[str, ...] = ()
    ) -> Failure:
        index = int(np.searchsorted(self._starts, cell, side="right")) - 1
        table, row = self._tables[index], cell - int(self._starts[index])
        label = table.label_at(int(table.position[row]))
        return Failure(attack, table.name, row, label, (float(interval[0]), float(interval[1])), witness)

    def _in_words(self, equation: int, hidden: Bools) -> str:
        index, axis, position = self._names[equation]
        table = self._tables[index]
        if axis < 0:
            return f"{table.name}: {table.label_at(position)} is published in another table too"
        start, end = self._equations.indptr[equation : equation + 2]
        cells, signs = self._equations.indices[start:end], self._equations.data[start:end]
        parts = [self._member(int(cell), hidden) for cell in cells[signs > 0]]
        if len(parts) > MEMBERS_SHOWN:
            parts = [*parts[:MEMBERS_SHOWN], f"… ({len(parts) - MEMBERS_SHOWN} more)"]
        total = [self._member(int(cell), hidden) for cell in cells[signs < 0]] or ["0"]
        return f"{table.name}: {total[0]} = {' + '.join(parts) or '0'}"

    def _member(self, cell: int, hidden: Bools) -> str:
        index = int(np.searchsorted(self._starts, cell, side="right")) - 1
        table, row = self._tables[index], cell - int(self._starts[index])
        label = table.label_at(int(table.position[row]))
        return f"[{label}]" if hidden[cell] else f"[{label}: {table.value[row]:.12g}]"

    def _exposed(self, columns: Ints, determined: Determined) -> int:
        """Sensitive cells in one class with a cell of a single unit, other than themselves (A3)."""
        alone = np.concatenate([table.n == 1 for table in self._tables])[columns]
        primary = self.primary[columns]
        kin = determined.kin
        if not kin.size or kin.max() < 0:
            return 0
        free = kin >= 0
        insiders = np.bincount(kin[free], weights=alone[free])
        others = np.where(free, insiders[np.maximum(kin, 0)], 0) - alone
        return int((free & primary & (others > 0)).sum())
