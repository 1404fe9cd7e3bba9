"""Repair by linear programming: the cheapest movement that leaves every sum intact and moves one cell.

If hidden cells can move together by y with every equation still true (A y = 0) and no cell below its
floor, an outsider cannot tell the true table from the moved one. The support of the cheapest such y
through a cell is what must be hidden with it; the number of cells is relaxed to a weighted sum of
movements (Fischetti and Salazar, Management Science 47(7), 2001). Works on any linear structure.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from zicht.disclosure.model import Bools, Floats, Ints
from zicht.disclosure.suppression.system import FREE, TOTAL, System

BLOCKS = (300, 1200, 6000, None)  # cells looked at around the cell to protect, tried in turn
HIDDEN_COST = 1e-4  # moving a hidden cell costs next to nothing, but a short circuit is preferred
STILL = 1e-7  # movements below this are none


def widen(system: System, hidden: Bools, cell: int) -> Ints | None:
    """Cells to hide so that physical `cell` gets the uncertainty it needs.

    Tries small surroundings before large ones, and to leave empty cells and grand totals in sight.

    Args:
        system: the tables.
        hidden: which physical cells are hidden now.
        cell: the one that is not safe yet.

    Returns:
        The physical cells to hide as well (maybe none), or None where no set of cells is enough.
    """
    found: list[Ints] = []
    for direction, amount in demands(system, cell):
        circuit = _cheapest(system, hidden, cell, direction, amount)
        if circuit is None:
            return None
        found.append(circuit)
    return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


class Want(NamedTuple):
    """A movement asked for: `cell` goes `way` (0: either) by `amount`; with a mirror where the opposite must be possible too."""

    cell: int
    way: int
    amount: float
    mirrored: bool

    def without_mirror(self) -> Want:
        """The same uncertainty from a movement that need not have a mirror: twice as far where one way is as good as the other."""
        if not self.mirrored:
            return self
        return Want(self.cell, self.way, self.amount * 2, False)


def wants_of(system: System, cell: int) -> list[Want]:
    """The movements that together give `cell` its uncertainty; one with a mirror stands for both ways where it can."""
    asked = demands(system, cell)
    ways = {way for way, _ in asked}
    if ways == {1, -1}:
        return [Want(cell, 0, max(amount for _, amount in asked), True)]
    return [Want(cell, way, amount, way == 0) for way, amount in asked]


def ceiling(system: System) -> Floats:
    """How far each cell can rise so that the opposite movement is possible too: by its value, or without limit where nothing stops it."""
    return np.where(np.isfinite(system.room), np.maximum(system.value, 0.0), np.inf)


def demands(system: System, cell: int) -> list[tuple[int, float]]:
    """The movements (direction, amount) that together give `cell` its uncertainty; direction 0 is either way."""
    width, lower, upper = (float(need[cell]) for need in (system.width, system.lower, system.upper))
    if width > 0 and lower > 0 and system.room[cell] >= width:
        return [(-1, max(lower, width))]
    asked = []
    if width > 0:
        # One unit circuit that respects the floor of 1, with its mirror above 0, gives twice the margin.
        asked.append((0, width / 2) if system.value[cell] > 0 else (1, width))
    if upper > 0:
        asked.append((1, upper))
    if lower > 0:
        asked.append((-1, lower))
    return asked


def _cheapest(system: System, hidden: Bools, cell: int, direction: int, amount: float) -> Ints | None:
    for size in BLOCKS:
        block = np.empty(0, dtype=np.int64)
        for reluctance in range(FREE, TOTAL + 1):
            block = _surroundings(system, hidden | (system.reluctance <= reluctance), cell, size)
            # A circuit whose mirror is possible too spans twice its length; beside an empty cell there is no mirror.
            mirrored = not direction and reluctance == FREE
            needed = amount if direction or mirrored else 2 * amount
            ceiling = system.value if mirrored else None
            ways = (direction,) if direction else (1, -1)
            solved = [_solve(system, hidden, block, cell, way * needed, ceiling) for way in ways]
            if found := [circuit for circuit in solved if circuit is not None]:
                return min(found, key=lambda circuit: circuit[0])[1]
        if size is None or block.size < size:
            return None
    return None


def _surroundings(system: System, allowed: Bools, cell: int, size: int | None) -> Ints:
    """Allowed cells that share equations with `cell`, and so on outward until there are `size` of them."""
    if size is None:
        return np.flatnonzero(allowed)
    touched = np.zeros(allowed.size, dtype=np.bool_)
    touched[cell] = True
    frontier = np.array([cell])
    while frontier.size and touched.sum() < size:
        rows = np.unique(system.by_cell[:, frontier].indices)
        near = np.unique(system.equations[rows].indices)
        frontier = near[allowed[near] & ~touched[near]]
        touched[frontier] = True
    return np.flatnonzero(touched)


def _solve(
    system: System, hidden: Bools, block: Ints, cell: int, movement: float, ceiling: Floats | None
) -> tuple[float, Ints] | None:
    """The cheapest circuit within `block` that moves `cell` by `movement`, no cell rising above `ceiling`: its cost and its cells."""
    part = system.by_cell[:, block].tocsr()
    part = part[np.diff(part.indptr) > 0]
    size = block.size
    at = int(np.searchsorted(block, cell))
    price = np.where(hidden[block], HIDDEN_COST, system.cost[block])
    room = system.room[block].copy()
    rise: list[tuple[float, float | None]] = [(0.0, None)] * size
    if ceiling is not None:
        rise = [(0.0, float(top)) for top in ceiling[block]]
    fall: list[tuple[float, float | None]] = [(0.0, float(r) if np.isfinite(r) else None) for r in room]
    rise[at] = (max(movement, 0.0), max(movement, 0.0))
    fall[at] = (max(-movement, 0.0), max(-movement, 0.0))
    if movement < 0 and -movement > room[at] + STILL:
        return None
    solved = linprog(
        np.concatenate([price, price]),
        A_eq=sp.hstack([part, -part], format="csc"),
        b_eq=np.zeros(part.shape[0]),
        bounds=rise + fall,
        method="highs",
    )
    if solved.status != 0:
        return None
    moved = np.abs(solved.x[:size] - solved.x[size:]) > STILL
    new = block[moved & ~hidden[block]]
    return float(system.cost[new].sum()), block[moved]
