"""The audit without any of its tricks: every equation as a row, two linear programs a cell. Slow, and easy to believe."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from programs import Program
from scipy.sparse.csgraph import connected_components

from zicht.disclosure import Link, Table


def equations(tables: Sequence[Table], links: Sequence[Link] = ()) -> sp.csr_matrix:
    """Sum of parts minus total for every total, and left minus right for every link; cells counted table after table."""
    rows: list[dict[int, int]] = []
    start = 0
    starts = {}
    for table in tables:
        starts[table.name] = start
        cell_at = {tuple(place): start + row for row, place in enumerate(zip(*table.places, strict=True))}
        for place, cell in cell_at.items():
            for axis, dimension in enumerate(table.dimensions):
                parts = [
                    (*place[:axis], int(part), *place[axis + 1 :]) for part in dimension.children[place[axis]]
                ]
                given = [cell_at[part] for part in parts if part in cell_at]
                if given or (parts and table.value[cell - start] == 0):
                    rows.append(dict.fromkeys(given, 1) | {cell: -1})
        start += table.n.size
    for link in links:
        left, right = link.rows({table.name: table for table in tables})
        for one, other in zip(left.tolist(), right.tolist(), strict=True):
            rows.append({starts[link.left] + one: 1, starts[link.right] + other: -1})
    entries = [(row, cell, sign) for row, members in enumerate(rows) for cell, sign in members.items()]
    where = np.array(entries, dtype=np.int64).reshape(-1, 3)
    return sp.csr_matrix((where[:, 2].astype(float), (where[:, 0], where[:, 1])), (len(rows), start))


class Outsider:
    """Somebody who knows the equations, what is shown, and bounds of what is hidden."""

    def __init__(self, matrix: sp.csr_matrix, hidden: np.ndarray) -> None:
        self.cells = np.flatnonzero(hidden)
        part = matrix[:, self.cells]
        self.part = part[np.diff(part.indptr) > 0]
        pattern = abs(self.part)
        _, labels = connected_components(sp.bmat([[None, pattern.T], [pattern, None]]), directed=False)
        self.label = labels[: self.cells.size]
        self._programs: dict[int, tuple[Program, np.ndarray]] = {}

    def moves(self, cell: int, fall: np.ndarray, rise: np.ndarray) -> tuple[float, float]:
        """How far down (negative) and up a hidden cell can move; `fall` and `rise` bound every cell of the tables."""
        place = int(np.searchsorted(self.cells, cell))
        program, members = self._program(int(self.label[place]))
        program.bound(-fall[self.cells[members]], rise[self.cells[members]])
        return program.ends(int(np.searchsorted(members, place)))

    def _program(self, label: int) -> tuple[Program, np.ndarray]:
        """The equations of the cells that hang together, and which cells those are."""
        if label not in self._programs:
            members = np.flatnonzero(self.label == label)
            narrowed = self.part[:, members]
            self._programs[label] = Program(narrowed[np.diff(narrowed.indptr) > 0]), members
        return self._programs[label]

    def determined(self, cell: int, known: Sequence[int] = ()) -> bool:
        """Whether the cell follows for who knows the cells `known` besides."""
        room = np.ones(max(self.cells.max(), cell) + 1)
        room[list(known)] = 0.0
        down, up = self.moves(cell, room, room)
        return up - down < 1e-6
