"""The audit: attack a protected publication as an outsider would, and say in words what gives a cell away.

It shares no code with the suppression: it gathers the equations anew from the tables, and asks
- whether a cell that the rules hide is in sight (`published`);
- A0, which hidden cells follow from the equations alone, exactly (`exact`);
- A1, whether each hidden cell's feasible interval is as wide as the profile demands (`attack`);
- A2, the same for an outsider who knows that empty cells are published, so that hidden counts are at least 1;
- A3, which sensitive cells the only contributor to another hidden cell could compute; these are counted, not refused.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from zicht.disclosure.attack.exact import Determined, determine
from zicht.disclosure.attack.failures import AuditReport, Failure
from zicht.disclosure.attack.intervals import Reach, Unknowns, narrow_down, nothing_seen
from zicht.disclosure.model import Bools, Floats, Ints, Link, Table
from zicht.disclosure.profiles import Profile
from zicht.disclosure.rules import assess

MEMBERS_SHOWN = 12  # parts of one equation that a witness writes out


class Auditor:
    """The equations of a set of tables, ready to attack one pattern of hidden cells after another.

    Cells that a link says are the same number are one unknown, known as soon as one of them is shown.
    """

    def __init__(self, tables: Sequence[Table], profile: Profile, links: Sequence[Link]) -> None:
        self._tables = tuple(tables)
        self._starts = np.concatenate([[0], np.cumsum([table.n.size for table in tables])]).astype(np.int64)
        self._assessed = [assess(table, profile) for table in tables]
        self._number = self._identify(links)
        self._equations, self._names = self._gather()
        self._value = np.concatenate([table.value for table in tables])
        self._first = np.unique(self._number, return_index=True)[1]
        self._without_parts = self._lone_totals()
        self._seen = nothing_seen(self._first.size)
        self._programs = 0
        self.primary = np.concatenate([found.primary for found in self._assessed])

    def examine(self, hidden: Bools, *, words: bool = True) -> AuditReport:
        """Attack the pattern `hidden` (one flag per cell, table after table); `words` asks for the witnesses too."""
        shown = np.zeros(self._first.size, dtype=np.bool_)
        shown[self._number[~hidden]] = True
        given_away = [
            self._failure("published", cell, (self._value[cell],) * 2, self._elsewhere(cell, hidden))
            for cell in np.flatnonzero((self.primary | hidden) & shown[self._number]).tolist()
        ]
        unknown = np.flatnonzero(~shown)
        part = self._equations[:, unknown]
        rows = np.flatnonzero((np.diff(part.indptr) > 0) & ~self._without_parts)
        part = part[rows]
        determined = determine(part)
        cells = self._unknowns(part, unknown)
        if words:
            # The programs of determined cells also yield the equations that determine them.
            cells.checked[determined.known] = True
            cells.width[determined.known] = np.maximum(cells.width[determined.known], 1.0)
        reach = narrow_down(cells, self._recall(shown, unknown))
        self._remember(reach, unknown)
        self._programs += reach.programs
        plain, sharp = reach.lacking_plain(cells), reach.lacking_sharp(cells)
        failures = []
        for place in np.flatnonzero(determined.known | plain | sharp):
            cell = int(self._first[unknown[place]])
            attack = "A0" if determined.known[place] else "A1" if plain[place] else "A2"
            interval = self._interval(reach, int(place), cell, attack)
            rests_on = rows[reach.binding.get(int(place), np.empty(0, dtype=np.int64))]
            witness = tuple(self._in_words(int(row), ~shown) for row in rests_on) if words else ()
            failures.append(self._failure(attack, cell, interval, witness))
        return AuditReport(
            failures=(*given_away, *failures),
            hidden=int(hidden.sum()),
            primary=int(self.primary.sum()),
            exposed_to_contributor=self._exposed(unknown, determined),
            programs=self._programs,
        )

    def _recall(self, shown: Bools, unknown: Ints) -> Reach:
        """Movements seen in an earlier pattern; they are still possible if all that moved is still hidden."""
        before = self._seen
        if np.any(shown & (before.sharp_up - before.sharp_down + before.up - before.down > 0)):
            before = nothing_seen(shown.size)
        return before.among(unknown)

    def _remember(self, reach: Reach, unknown: Ints) -> None:
        self._seen = nothing_seen(self._first.size)
        self._seen.take_over(reach.among(np.arange(unknown.size)), unknown, unknown)

    def locate(self, failure: Failure) -> int:
        """The number of the failing cell, counting table after table."""
        index = next(i for i, table in enumerate(self._tables) if table.name == failure.table)
        return int(self._starts[index]) + failure.row

    def _identify(self, links: Sequence[Link]) -> Ints:
        """A number for each cell, the same for linked cells."""
        by_name = {table.name: table for table in self._tables}
        start = dict(zip((table.name for table in self._tables), self._starts.tolist(), strict=False))
        pairs = [link.rows(by_name) for link in links]
        left = [rows[0] + start[link.left] for rows, link in zip(pairs, links, strict=True)]
        right = [rows[1] + start[link.right] for rows, link in zip(pairs, links, strict=True)]
        none = np.empty(0, dtype=np.int64)
        ends = (np.concatenate([none, *left]), np.concatenate([none, *right]))
        size = int(self._starts[-1])
        same = sp.coo_matrix((np.ones(ends[0].size), ends), (size, size))
        return np.asarray(connected_components(same, directed=False)[1], dtype=np.int64)

    def _gather(self) -> tuple[sp.csr_matrix, list[tuple[int, int, int]]]:
        """All equations, one column per number, and per equation its table, dimension and the position of its total.

        Every cell is a part of the total one step up, in every dimension, and a total itself where it has parts.
        """
        rows, columns, signs = [], [], []
        names: list[tuple[int, int, int]] = []
        count = 0
        for index, table in enumerate(self._tables):
            for axis, dimension in enumerate(table.dimensions):
                parent = dimension.parent_index[table.places[axis]]
                moved = [
                    place if other != axis else np.maximum(parent, 0)
                    for other, place in enumerate(table.places)
                ]
                above = np.ravel_multi_index(tuple(moved), table.shape)
                is_part, is_total = parent >= 0, np.isin(table.places[axis], dimension.parent_index)
                totals = np.concatenate([above[is_part], table.position[is_total]])
                named, row = np.unique(totals, return_inverse=True)
                cells = np.concatenate([np.flatnonzero(is_part), np.flatnonzero(is_total)])
                rows.append(count + row)
                columns.append(self._number[self._starts[index] + cells])
                signs.append(np.where(np.arange(row.size) < is_part.sum(), 1.0, -1.0))
                names.extend((index, axis, int(position)) for position in named)
                count += named.size
        entries = (np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns)))
        return sp.csr_matrix(entries, (count, int(self._number.max(initial=-1)) + 1)), names

    def _lone_totals(self) -> Bools:
        """Which equations hold only a total that is not 0: its parts are not published, so it is the sum of nothing in sight."""
        members = np.diff(self._equations.indptr)
        lone = members == 1
        lone[lone] = self._value[self._first[self._equations.indices[self._equations.indptr[:-1][lone]]]] != 0
        return np.asarray(lone, dtype=np.bool_)

    def _unknowns(self, part: sp.csr_matrix, unknown: Ints) -> Unknowns:
        def strictest(per_table: list[Floats]) -> Floats:
            found = np.full(self._first.size, -np.inf)
            np.maximum.at(found, self._number, np.concatenate(per_table))
            return found[unknown]

        assessed = self._assessed
        return Unknowns(
            equations=part,
            value=self._value[self._first[unknown]],
            floor=strictest([found.floor for found in assessed]),
            plain_floor=strictest(
                [np.where(np.isneginf(found.floor), found.floor, 0.0) for found in assessed]
            ),
            checked=strictest([found.primary.astype(np.float64) for found in assessed]) > 0,
            lower=strictest([found.lower for found in assessed]),
            upper=strictest([found.upper for found in assessed]),
            width=strictest([found.width for found in assessed]),
        )

    def _interval(self, reach: Reach, place: int, cell: int, attack: str) -> tuple[float, float]:
        down, up = (reach.sharp_down, reach.sharp_up) if attack == "A2" else (reach.down, reach.up)
        return float(self._value[cell] + down[place]), float(self._value[cell] + up[place])

    def _failure(
        self, attack: str, cell: int, interval: tuple[float, float], witness: tuple[str, ...] = ()
    ) -> Failure:
        table, row = self._table_of(int(cell))
        label = table.label_at(int(table.position[row]))
        return Failure(attack, table.name, row, label, (float(interval[0]), float(interval[1])), witness)

    def _elsewhere(self, cell: int, hidden: Bools) -> tuple[str, ...]:
        """Where a number is shown."""
        same = np.flatnonzero((self._number == self._number[cell]) & ~hidden)
        return tuple(
            f"{self._table_of(int(other))[0].name} shows {self._member(int(other), True)}" for other in same
        )

    def _in_words(self, equation: int, unknown: Bools) -> str:
        index, axis, position = self._names[equation]
        table, dimension = self._tables[index], self._tables[index].dimensions[axis]
        spread = table.dense(np.arange(table.n.size), -1)
        here = list(np.unravel_index(position, table.shape))
        members = []
        for node in (here[axis], *dimension.children[int(here[axis])]):
            here[axis] = node
            row = int(spread[tuple(here)])
            if row >= 0:
                cell = int(self._starts[index]) + row
                members.append((node, self._member(cell, not unknown[self._number[cell]])))
        total = [text for node, text in members if node == np.unravel_index(position, table.shape)[axis]] or [
            "0"
        ]
        parts = [text for node, text in members if node != np.unravel_index(position, table.shape)[axis]]
        if len(parts) > MEMBERS_SHOWN:
            parts = [*parts[:MEMBERS_SHOWN], f"… ({len(parts) - MEMBERS_SHOWN} more)"]
        return f"{table.name}: {total[0]} = {' + '.join(parts) or '0'}"

    def _member(self, cell: int, shown: bool) -> str:
        table, row = self._table_of(cell)
        label = table.label_at(int(table.position[row]))
        return f"[{label}: {table.value[row]:.12g}]" if shown else f"[{label}]"

    def _table_of(self, cell: int) -> tuple[Table, int]:
        index = int(np.searchsorted(self._starts, cell, side="right")) - 1
        return self._tables[index], cell - int(self._starts[index])

    def _exposed(self, unknown: Ints, determined: Determined) -> int:
        """Sensitive cells in one class with a cell of a single unit, other than themselves (A3)."""
        one = np.concatenate([table.n == 1 for table in self._tables])
        alone, primary = np.zeros(self._first.size), np.zeros(self._first.size, dtype=np.bool_)
        np.maximum.at(alone, self._number, one.astype(np.float64))
        np.maximum.at(primary, self._number, self.primary)
        alone, primary = alone[unknown], primary[unknown]
        kin = determined.kin
        if not kin.size or kin.max() < 0:
            return 0
        free = kin >= 0
        insiders = np.bincount(kin[free], weights=alone[free])
        others = np.where(free, insiders[np.maximum(kin, 0)], 0) - alone
        return int((free & primary & (others > 0)).sum())
