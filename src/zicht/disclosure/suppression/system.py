"""The tables as one system of distinct numbers and the equations between them.

Cells that must be the same number (linked cells, an only child and its parent) are one *physical cell*;
suppression decides about physical cells, so that such cells stand or fall together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from zicht.disclosure.model import Bools, Floats, Ints, Link, Table
from zicht.disclosure.rules import Sensitivity
from zicht.errors import DisclosureError

# Reluctance to hide a cell: an empty one only if need be; grand totals, and cells to keep, last; what is known never.
FREE, EMPTY, TOTAL, NEVER = range(4)


@dataclass(frozen=True)
class System:
    """All tables at once; arrays over physical cells unless said otherwise.

    Attributes:
        tables: the tables in order; their cells are numbered on, table after table.
        physical: for each cell of the tables, the physical cell it is.
        value: the number itself.
        cost: what hiding the cell loses: its size, at least 1, times its importance, for each cell of one table that it is.
        room: how far the cell can fall in the eyes of a well-informed outsider (value minus its floor).
        headroom: how far it can rise, for all that is known from elsewhere; inf where nothing is.
        reluctance: FREE, EMPTY, TOTAL or NEVER.
        primary: whether a rule hides the cell.
        lower, upper, width: the uncertainty it needs; see `Sensitivity`.
    """

    tables: tuple[Table, ...]
    physical: Ints
    value: Floats
    cost: Floats
    room: Floats
    reluctance: Ints
    primary: Bools
    lower: Floats
    upper: Floats
    width: Floats
    headroom: Floats

    @cached_property
    def offsets(self) -> Ints:
        """Number of the first cell of each table, and the number of cells in all. Shape (tables + 1,)."""
        return np.concatenate([[0], np.cumsum([table.n.size for table in self.tables])]).astype(np.int64)

    def of_table(self, index: int) -> Ints:
        """The physical cell of each cell of table `index`."""
        return self.physical[self.offsets[index] : self.offsets[index + 1]]

    def dense(self, index: int) -> Ints:
        """The physical cells of table `index` over its cross product, -1 where there is none."""
        spread = self.tables[index].dense(self.of_table(index), -1)
        return np.asarray(spread, dtype=np.int64)

    @cached_property
    def equations(self) -> sp.csr_matrix:
        """One row per distinct equation between physical cells: the sum of children minus the parent is 0."""
        blocks = [_sums(self.dense(index), table, self.value.size) for index, table in enumerate(self.tables)]
        matrix = sp.vstack(blocks, format="csr")
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        members = np.diff(matrix.indptr)
        # A total whose parts are not published is the sum of nothing in sight.
        lone = members == 1
        lone[lone] = self.value[matrix.indices[matrix.indptr[:-1][lone]]] != 0
        return matrix[(members > 0) & ~lone]

    @cached_property
    def by_cell(self) -> sp.csc_matrix:
        """The equations, stored cell by cell."""
        return self.equations.tocsc()


def assemble(
    tables: Sequence[Table],
    links: Sequence[Link],
    sensitivities: Mapping[str, Sensitivity],
    *,
    hide_zeros: bool = True,
) -> System:
    """Number the physical cells of `tables` and gather what is known of each; without `hide_zeros` no empty one may be hidden.

    Raises:
        DisclosureError: when there are no tables, two tables bear one name, or a link does not hold.
    """
    if not tables:
        raise DisclosureError("No tables were given, so there is nothing to protect.")
    by_name = {table.name: table for table in tables}
    if len(by_name) != len(tables):
        raise DisclosureError("Two tables bear the same name; statuses are asked for by name.")
    starts = dict(zip(by_name, np.cumsum([0, *(t.n.size for t in tables)]), strict=False))
    cells = sum(table.n.size for table in tables)
    pairs = [starts[table.name] + _only_children(table) for table in tables]
    for link in links:
        left, right = link.rows(by_name)
        pairs.append(np.stack([left + starts[link.left], right + starts[link.right]]))
    left, right = np.concatenate(pairs, axis=1)
    graph = sp.coo_matrix((np.ones(left.size), (left, right)), (cells, cells))
    count, physical = connected_components(graph, directed=False)
    gathered = [sensitivities[table.name] for table in tables]

    def highest(per_table: Sequence[Floats | Ints | Bools]) -> Floats:
        out = np.full(count, -np.inf)
        np.maximum.at(out, physical, np.concatenate(per_table).astype(np.float64))
        return out

    value = highest([table.value for table in tables])
    size = _lost(tables, physical, count)
    empty = highest([table.n for table in tables]) == 0
    last = highest([(table.position == table.grand_total) | table.keep for table in tables]) > 0
    room = np.maximum(value - highest([s.floor for s in gathered]), 0.0)
    headroom = -highest([table.value - s.ceiling for table, s in zip(tables, gathered, strict=True)])
    return System(
        tables=tuple(tables),
        physical=physical.astype(np.int64),
        value=value,
        cost=size,
        room=room,
        reluctance=_reluctance(empty, last, (room <= 0) & (headroom <= 0), hide_zeros),
        primary=highest([s.primary for s in gathered]) > 0,
        lower=highest([s.lower for s in gathered]),
        upper=highest([s.upper for s in gathered]),
        width=highest([s.width for s in gathered]),
        headroom=np.maximum(headroom, 0.0),
    )


def _reluctance(empty: Bools, last: Bools, known: Bools, hide_zeros: bool) -> Ints:
    """How reluctantly each cell is hidden."""
    found = np.where(last, TOTAL, np.where(empty, EMPTY, FREE))
    found[known if hide_zeros else known | empty] = NEVER
    return np.asarray(found, dtype=np.int64)


def _lost(tables: Sequence[Table], physical: Ints, count: int) -> Floats:
    """What hiding each physical cell loses: what its cells lose in the table where that is most."""
    lost, start = np.zeros(count), 0
    for table in tables:
        cells = physical[start : start + table.n.size]
        size = np.bincount(cells, np.maximum(np.abs(table.value), 1.0) * table.importance, minlength=count)
        np.maximum(lost, size, out=lost)
        start += table.n.size
    return lost


def _only_children(table: Table) -> Ints:
    """Pairs of row numbers (shape (2, pairs)): a cell that is the only one given of its parent's parts, and that parent."""
    spread = np.asarray(table.dense(np.arange(table.n.size), -1), dtype=np.int64)
    found = [np.empty((2, 0), dtype=np.int64)]
    for axis, dimension in enumerate(table.dimensions):
        cube = np.moveaxis(spread, axis, 0).reshape(len(dimension.codes), -1)
        for node in dimension.internal:
            parts = cube[dimension.children[node]]
            given = parts >= 0
            alone = (given.sum(axis=0) == 1) & (cube[node] >= 0)
            found.append(np.stack([cube[node][alone], parts.max(axis=0)[alone]]))
    return np.concatenate(found, axis=1)


def _sums(spread: Ints, table: Table, width: int) -> sp.csr_matrix:
    rows, columns, signs, first = [], [], [], 0
    for axis, dimension in enumerate(table.dimensions):
        cube = np.moveaxis(spread, axis, 0).reshape(len(dimension.codes), -1)
        for node in dimension.internal:
            members = np.concatenate([[node], dimension.children[node]])
            cells = cube[members]
            row = np.broadcast_to(first + np.arange(cube.shape[1]), cells.shape)
            sign = np.ones(cells.shape)
            sign[0] = -1.0
            given = cells >= 0
            rows.append(row[given])
            columns.append(cells[given])
            signs.append(sign[given])
            first += cube.shape[1]
    if not rows:
        return sp.csr_matrix((0, width))
    entries = (np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns)))
    return sp.csr_matrix(entries, (first, width))
