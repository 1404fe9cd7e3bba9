"""The numbers of a set of tables and the sums between them, as rounding must keep them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from zicht.disclosure.model import Floats, Ints, Link, Table
from zicht.errors import DisclosureError


@dataclass(frozen=True)
class Numbers:
    """The distinct numbers of tables; linked cells are one number.

    Attributes:
        of_cell: for each table, by name, the number that each of its cells is.
        value: the numbers.
        cells: how many cells each number stands in.
        sums: one row per equation, one column per number: the parts minus the total, which is 0.
    """

    of_cell: dict[str, Ints]
    value: Floats
    cells: Ints
    sums: sp.csr_matrix


def gather(tables: Sequence[Table], links: Sequence[Link]) -> Numbers:
    """Number the cells of `tables` and write out every sum between them.

    Raises:
        DisclosureError: when there are no tables, two bear one name, or one of the `links` does not hold.
    """
    by_name = {table.name: table for table in tables}
    if len(by_name) != len(tables) or not tables:
        raise DisclosureError("Tables are told apart by their names: give at least one, and no name twice.")
    starts = np.concatenate([[0], np.cumsum([table.n.size for table in tables])]).astype(np.int64)
    start = dict(zip(by_name, starts.tolist(), strict=False))
    ends = [np.empty((2, 0), dtype=np.int64)]
    for link in links:
        left, right = link.rows(by_name)
        ends.append(np.stack([left + start[link.left], right + start[link.right]]))
    left, right = np.concatenate(ends, axis=1)
    same = sp.coo_matrix((np.ones(left.size), (left, right)), (starts[-1], starts[-1]))
    count, number = connected_components(same, directed=False)
    of_cell = {
        table.name: number[start[table.name] : start[table.name] + table.n.size].astype(np.int64)
        for table in tables
    }
    value = np.zeros(count)
    value[number] = np.concatenate([table.value for table in tables])
    sums = sp.vstack(
        [
            _sums(table, axis, of_cell[table.name], count)
            for table in tables
            for axis in range(len(table.dimensions))
        ],
        format="csr",
    )
    return Numbers(of_cell, value, np.bincount(number, minlength=count), sums)


def _sums(table: Table, axis: int, number: Ints, count: int) -> sp.csr_matrix:
    """The sums along one dimension; a total none of whose parts is given is the sum of nothing in sight."""
    parent = table.dimensions[axis].parent_index[table.places[axis]]
    stride = int(np.prod(table.shape[axis + 1 :], dtype=np.int64))
    above = table.position + (parent - table.places[axis]) * stride
    part = np.flatnonzero(parent >= 0)
    named, row = np.unique(above[part], return_inverse=True)
    spot = np.searchsorted(named, table.position)
    total = (
        np.flatnonzero(named[np.minimum(spot, max(named.size - 1, 0))] == table.position)
        if named.size
        else part
    )
    signs = np.repeat([1.0, -1.0], [part.size, total.size])
    rows, cells = np.concatenate([row, spot[total]]), np.concatenate([part, total])
    return sp.csr_matrix((signs, (rows, number[cells])), (named.size, count))
