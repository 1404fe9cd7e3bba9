"""Circuits: the cheapest movement that leaves every sum intact and moves one cell, in its surroundings or in all there is.

If hidden cells can move together by y with every equation still true (A y = 0) and no cell below its
floor, an outsider cannot tell the true table from the moved one. The support of the cheapest such y
through a cell is what must be hidden with it; the number of cells is relaxed to a weighted sum of
movements (Fischetti and Salazar, Management Science 47(7), 2001). Works on any linear structure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np

from zicht.disclosure.model import Bools, Floats, Ints
from zicht.disclosure.suppression.movements import STILL, Movements
from zicht.disclosure.suppression.system import FREE, TOTAL, System

BLOCKS = (1200, 6000, None)  # cells looked at around the cell to protect, tried in turn
HIDDEN_COST = 1e-4  # moving a hidden cell costs next to nothing, but a short circuit is preferred
HIDDEN_ONLY = -1  # a reluctance below FREE: hide nothing new


class Want(NamedTuple):
    """A movement asked for: `cell` goes `way` (0: either) by `amount`.

    With a mirror, the opposite must be possible too. Without one, the uncertainty that the mirror would give
    must come from elsewhere: from a second movement where `both` ways are asked for, or from going twice as far.
    """

    cell: int
    way: int
    amount: float
    mirrored: bool
    both: bool = False

    def without_mirror(self) -> tuple[Want, ...]:
        """Wants that together give the same uncertainty without a mirror."""
        if not self.mirrored:
            return (self,)
        if self.both:
            return tuple(Want(self.cell, way, self.amount, False) for way in (1, -1))
        return (Want(self.cell, 0, 2 * self.amount, False),)


class Circuit(NamedTuple):
    """Cells that move together, by their physical numbers, and how far each of them goes."""

    cells: Ints
    by: Floats
    mirrored: bool

    def serves(self, want: Want, still: Collection[int] = ()) -> bool:
        """Whether the circuit also is a movement that `want` asks for, and leaves the cells `still` alone."""
        found = np.flatnonzero(self.cells == want.cell)
        if not found.size or (want.mirrored and not self.mirrored) or np.isin(self.cells, list(still)).any():
            return False
        moved = float(self.by[found[0]])
        reach = abs(moved) if self.mirrored or not want.way else want.way * moved
        return reach >= want.amount * (1 - 1e-6)


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


def wants_of(system: System, cell: int) -> list[Want]:
    """The movements that together give `cell` its uncertainty; one with a mirror stands for both ways where it can."""
    asked = demands(system, cell)
    if {way for way, _ in asked} == {1, -1}:
        return [Want(cell, 0, max(amount for _, amount in asked), True, both=True)]
    return [Want(cell, way, amount, way == 0) for way, amount in asked]


def limits_of(system: System, cells: Ints, mirrored: bool) -> tuple[Floats, Floats]:
    """How far `cells` can fall and rise; with a mirror, no further than the opposite movement is possible too."""
    fall, rise = system.room[cells], system.headroom[cells]
    if mirrored:
        below = np.where(np.isfinite(fall), np.maximum(system.value[cells], 0.0), np.inf)
        fall, rise = np.minimum(fall, rise), np.minimum(rise, below)
    return fall, rise


def find(
    system: System,
    hidden: Bools,
    want: Want,
    *,
    still: Collection[int] = (),
    most: int = TOTAL,
    limits: bool = True,
) -> list[Circuit] | None:
    """The cheapest circuits that meet `want`: small surroundings before large ones, empty cells and grand totals last.

    Args:
        system: the tables.
        hidden: which physical cells are hidden now.
        want: the movement asked for.
        still: cells that may not move.
        most: the reluctance up to which cells may be hidden; HIDDEN_ONLY for none.
        limits: whether cells keep to their floor and ceiling; without, only the equations count.

    Returns:
        One circuit, or one per way; None where not even all cells together are enough, which is a proof.
    """
    for size in BLOCKS:
        block = np.empty(0, dtype=np.int64)
        for level in range(min(FREE, most), most + 1):
            usable = hidden | (system.reluctance <= level)
            usable[list(still)] = False
            if not usable[want.cell]:
                return None
            block = surroundings(system, usable, want.cell, size)
            for wants in _forms(want, level):
                found = [_cheapest(system, hidden, block, form, limits) for form in wants]
                circuits = [circuit for circuit in found if circuit is not None]
                if len(circuits) == len(wants):
                    return circuits
        if size is None or block.size < size:
            return None
    return None


def _forms(want: Want, level: int) -> Iterator[tuple[Want, ...]]:
    """The forms a want may take; beside an empty cell there is no mirror."""
    if not want.mirrored:
        yield (want,)
        return
    if level <= FREE:
        yield (want,)
    if level != FREE or want.both:
        yield want.without_mirror()


def surroundings(system: System, usable: Bools, cell: int, size: int | None) -> Ints:
    """Usable cells that share equations with `cell`, and so on outward until there are `size` of them."""
    touched = np.zeros(usable.size, dtype=np.bool_)
    touched[cell] = True
    frontier = np.array([cell])
    count = 1
    while frontier.size and (size is None or count < size):
        rows = np.unique(system.by_cell[:, frontier].indices)
        near = np.unique(system.equations[rows].indices)
        frontier = near[usable[near] & ~touched[near]]
        touched[frontier] = True
        count += frontier.size
    return np.flatnonzero(touched)


def _cheapest(system: System, hidden: Bools, block: Ints, want: Want, limits: bool) -> Circuit | None:
    """The circuit within `block` that hides least, in either direction where `want` asks for none."""
    part = system.by_cell[:, block].tocsr()
    price = np.where(hidden[block], HIDDEN_COST, system.cost[block])
    fall = rise = np.full(block.size, np.inf)
    if limits:
        fall, rise = limits_of(system, block, want.mirrored)
    program = Movements(part[np.diff(part.indptr) > 0], price, fall, rise)
    at = int(np.searchsorted(block, want.cell))
    best, least = None, np.inf
    for way in (want.way,) if want.way else (1, -1):
        movement = program.cheapest(at, way * want.amount)
        if movement is None:
            continue
        moved = np.abs(movement) > STILL
        cost = float(system.cost[block[moved & ~hidden[block]]].sum())
        if cost < least:
            best, least = Circuit(block[moved], movement[moved], want.mirrored), cost
    return best
