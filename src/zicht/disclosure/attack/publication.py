"""What an outsider sees of a set of tables: which cells are the same number, which equations hold, and both in words.

The equations are gathered anew from the tables, so that a mistake in how protection sees them does not blind the audit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from zicht.disclosure.model import Bools, Dimension, Floats, Ints, Link, Table

MEMBERS_SHOWN = 12  # parts of one equation that a witness writes out


@dataclass(frozen=True)
class Sum:
    """One equation: the total at `position` of a table is the sum of its parts along the dimension `axis`."""

    table: int
    axis: int
    position: int


class Publication:
    """Tables that are published together; cells are counted table after table.

    Cells that a link says are the same number are one unknown, known as soon as one of them is shown.

    Attributes:
        tables: the tables.
        starts: the number of the first cell of each table, and of all cells.
        number: the unknown that each cell is. Shape (cells,).
        first: one cell of each unknown. Shape (unknowns,).
        value: the value of each cell.
        equations: which sums hold, one column per unknown.
    """

    def __init__(self, tables: Sequence[Table], links: Sequence[Link]) -> None:
        self.tables = tuple(tables)
        self.starts = np.concatenate([[0], np.cumsum([table.n.size for table in tables])]).astype(np.int64)
        self.number = self._identify(links)
        self.first = np.unique(self.number, return_index=True)[1]
        self.value = np.concatenate([table.value for table in tables])
        self.n = np.concatenate([table.n for table in tables])
        self._named: list[tuple[int, int, Ints]] = []
        self.equations = self._gather()

    @cached_property
    def lone_totals(self) -> Bools:
        """Which equations hold only a total that is not 0: its parts are not published, so it is the sum of nothing in sight."""
        lone = np.diff(self.equations.indptr) == 1
        member = self.equations.indices[self.equations.indptr[:-1][lone]]
        lone[lone] = self.value[self.first[member]] != 0
        return np.asarray(lone, dtype=np.bool_)

    def strictest(self, per_cell: Sequence[Floats]) -> Floats:
        """The largest of what is given for the cells of each table, per unknown."""
        found = np.full(self.first.size, -np.inf)
        np.maximum.at(found, self.number, np.concatenate(list(per_cell)))
        return found

    def cell_of(self, table_name: str, row: int) -> int:
        """The number of a cell."""
        index = next(i for i, table in enumerate(self.tables) if table.name == table_name)
        return int(self.starts[index]) + row

    def table_of(self, cell: int) -> tuple[Table, int]:
        """The table of a cell, and its row there."""
        index = int(np.searchsorted(self.starts, cell, side="right")) - 1
        return self.tables[index], cell - int(self.starts[index])

    def label(self, cell: int) -> str:
        """The codes of a cell."""
        table, row = self.table_of(cell)
        return table.label_at(int(table.position[row]))

    def words(self, cell: int, shown: bool) -> str:
        """A cell in brackets, with its value where that is shown."""
        label = self.label(cell)
        return f"[{label}: {self.value[cell]:.12g}]" if shown else f"[{label}]"

    def shown_at(self, cell: int, hidden: Bools) -> tuple[str, ...]:
        """Where the number that a cell is can be read."""
        same = np.flatnonzero((self.number == self.number[cell]) & ~hidden)
        return tuple(f"{self.table_of(int(at))[0].name} shows {self.words(int(at), True)}" for at in same)

    def equation_in_words(self, equation: int, shown: Bools) -> str:
        """An equation as a reader would write it; `shown` says which unknowns are in sight."""
        found = self._sum(equation)
        table, dimension = self.tables[found.table], self.tables[found.table].dimensions[found.axis]
        here = list(np.unravel_index(found.position, table.shape))
        total = int(here[found.axis])
        members: dict[int, str] = {}
        for node in (total, *dimension.children[total].tolist()):
            here[found.axis] = node
            row = int(self._rows[found.table][tuple(here)])
            if row >= 0:
                cell = int(self.starts[found.table]) + row
                members[node] = self.words(cell, bool(shown[self.number[cell]]))
        whole = members.pop(total, "0")
        parts = list(members.values())
        if len(parts) > MEMBERS_SHOWN:
            parts = [*parts[:MEMBERS_SHOWN], f"… ({len(parts) - MEMBERS_SHOWN} more)"]
        return f"{table.name}: {whole} = {' + '.join(parts) or '0'}"

    def units_within(self, one: int, other: int) -> int:
        """How many units of the unknown `one` are certainly units of `other` too."""
        most = int(self._person[one] >= 0 and self._person[one] == self._person[other])
        for cell in self._aliases(one):
            for beside in self._aliases(other):
                most = max(most, self._common(cell, beside))
        return most

    @cached_property
    def _person(self) -> Ints:
        """A number for who is the one unit in each unknown, the same where it is certainly the same one; -1 where there are more.

        Who is all there is in a total is all there is in its parts, in whichever table these stand.
        """
        alone = self.n[self.first] == 1
        matrix = self.equations.tocoo()
        of_one = np.zeros(matrix.shape[0], dtype=np.bool_)
        of_one[matrix.row[(matrix.data < 0) & alone[matrix.col]]] = True
        kept = of_one[matrix.row] & alone[matrix.col]
        ends = (matrix.row[kept], matrix.shape[0] + matrix.col[kept])
        size = sum(matrix.shape)
        _, found = connected_components(
            sp.coo_matrix((np.ones(kept.sum()), ends), (size, size)), directed=False
        )
        return np.where(alone, found[matrix.shape[0] :], -1).astype(np.int64)

    def _common(self, one: int, other: int) -> int:
        """Units in the cell that two cells of one table have in common; 0 for cells of different tables."""
        (table, row), (beside, at) = self.table_of(one), self.table_of(other)
        if table is not beside:
            return 0
        meet = []
        for dimension, places in zip(table.dimensions, table.places, strict=True):
            lowest = _deepest(dimension, int(places[row]), int(places[at]))
            if lowest is None:
                return 0
            meet.append(lowest)
        index = int(np.searchsorted(self.starts, one, side="right")) - 1
        found = int(self._rows[index][tuple(meet)])
        return int(table.n[found]) if found >= 0 else 0

    def _aliases(self, unknown: int) -> list[int]:
        """The cells that are one unknown."""
        order, start = self._by_unknown
        return [int(cell) for cell in order[start[unknown] : start[unknown + 1]]]

    @cached_property
    def _by_unknown(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.number, kind="stable")
        return order, np.searchsorted(self.number[order], np.arange(self.first.size + 1))

    @cached_property
    def _rows(self) -> list[Ints]:
        """For each table, the row of the cell at each place of its cross product, -1 where there is none."""
        return [table.dense(np.arange(table.n.size), -1) for table in self.tables]

    def _sum(self, equation: int) -> Sum:
        for table, axis, positions in self._named:
            if equation < positions.size:
                return Sum(table, axis, int(positions[equation]))
            equation -= positions.size
        raise IndexError(equation)

    def _identify(self, links: Sequence[Link]) -> Ints:
        """A number for each cell, the same for linked cells."""
        by_name = {table.name: table for table in self.tables}
        start = dict(zip(by_name, self.starts.tolist(), strict=False))
        pairs = [link.rows(by_name) for link in links]
        left = [rows[0] + start[link.left] for rows, link in zip(pairs, links, strict=True)]
        right = [rows[1] + start[link.right] for rows, link in zip(pairs, links, strict=True)]
        none = np.empty(0, dtype=np.int64)
        ends = (np.concatenate([none, *left]), np.concatenate([none, *right]))
        size = int(self.starts[-1])
        same = sp.coo_matrix((np.ones(ends[0].size), ends), (size, size))
        return np.asarray(connected_components(same, directed=False)[1], dtype=np.int64)

    def _gather(self) -> sp.csr_matrix:
        """All equations: every cell is a part of the total one step up, in every dimension, and a total where it has parts."""
        none = np.empty(0, dtype=np.int64)
        rows, columns, signs = [none], [none], [np.empty(0)]
        count = 0
        for index, table in enumerate(self.tables):
            for axis, dimension in enumerate(table.dimensions):
                part, totals, cells = _parts_and_totals(table, axis, dimension)
                seen = np.zeros(int(np.prod(table.shape)), dtype=np.bool_)
                seen[totals] = True
                named = np.flatnonzero(seen)
                place = np.cumsum(seen) - 1
                rows.append(count + place[totals])
                columns.append(self.number[self.starts[index] + cells])
                signs.append(np.where(np.arange(totals.size) < part, 1.0, -1.0))
                self._named.append((index, axis, named))
                count += named.size
        entries = (np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns)))
        found = sp.csr_matrix(entries, (count, self.first.size))
        found.eliminate_zeros()  # a total that is linked to its own part tells nothing of either
        return found


def _parts_and_totals(table: Table, axis: int, dimension: Dimension) -> tuple[int, Ints, Ints]:
    """Along one dimension: how many cells are parts, and for these, then for the totals, the position of the total and the row."""
    parent = dimension.parent_index[table.places[axis]]
    stride = int(np.prod(table.shape[axis + 1 :]))
    above = table.position + (parent - table.places[axis]) * stride
    has_parts = np.zeros(len(dimension.codes), dtype=np.bool_)
    has_parts[dimension.internal] = True
    parts, totals = np.flatnonzero(parent >= 0), np.flatnonzero(has_parts[table.places[axis]])
    at = np.concatenate([above[parts], table.position[totals]])
    return parts.size, at, np.concatenate([parts, totals])


def _deepest(dimension: Dimension, one: int, other: int) -> int | None:
    """The lower of two codes of which one is part of the other (or the same); None for others."""
    for low, high in ((one, other), (other, one)):
        at = low
        while at >= 0:
            if at == high:
                return low
            at = int(dimension.parent_index[at])
    return None
