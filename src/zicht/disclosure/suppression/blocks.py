"""Secondary suppression by linear programs, block by block: for three dimensions and more, and for any linear structure.

For each cell to protect, the cheapest movement through it that keeps every sum: hidden cells move almost for nothing,
each other at its cost (Fischetti and Salazar, Management Science 47, 2001). What moves is hidden. One movement
speaks for every cell it moves far enough, so most programs vanish. Then, dearest first, each secondary cell is
shown again unless that gives another away: the null space of the equations refuses most at once (`kernel`), and a
movement without the cell must be found for the few cells whose movement used it.

A block is a node of the deepest tree with all below it, if small enough; above, a node and its parts. Blocks
are treated from the top down, and what a block decided about a node, the blocks below it keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from zicht.disclosure.model import Bools, Dimension, Floats, Ints
from zicht.disclosure.suppression.circuits import Want, ceiling, wants_of
from zicht.disclosure.suppression.kernel import Kernel
from zicht.disclosure.suppression.movements import STILL, Movements
from zicht.disclosure.suppression.system import EMPTY, FREE, TOTAL, System

BLOCK = 20_000  # cells that one program may hold
HIDDEN_PRICE = 1e-4  # a hidden cell moves almost for nothing, but a short circuit is preferred
ENOUGH = 1 - 1e-6  # share of an amount that counts as the amount, for want of exact programs


def cover_by_blocks(system: System) -> Bools:
    """Which physical cells to hide so that, block by block, every primary one is safe. Shape (physical cells,).

    What spans several blocks may be left short: that is for the audit to find and `circuits` to mend.
    """
    hidden = system.primary.copy()
    if not hidden.any() or not system.equations.shape[0]:
        return hidden
    decided = np.zeros(hidden.size, dtype=np.bool_)
    carried = np.zeros(hidden.size)
    for cells in _blocks(system):
        block = _Block(system, cells, hidden, decided, carried)
        block.meet_all()
        block.show_again()
        hidden[cells] = block.hidden
        np.maximum.at(carried, cells, block.carried())
        decided[cells] = True
    return hidden


def _blocks(system: System) -> Iterator[Ints]:
    """The physical cells of each block, a node's block before those of the nodes below it."""
    dimension, node_of = _places(system)
    inside = np.bincount(node_of, minlength=len(dimension.codes))
    below = inside.copy()
    for node in _upward(dimension):
        if dimension.parent_index[node] >= 0:
            below[dimension.parent_index[node]] += below[node]
    pending = [dimension.root]
    while pending:
        node = pending.pop(0)
        whole = below[node] <= BLOCK
        nodes = _descendants(dimension, node) if whole else [node, *dimension.children[node].tolist()]
        if not whole:
            pending.extend(int(part) for part in dimension.children[node] if dimension.children[part].size)
        yield np.unique(system.physical[np.isin(node_of, nodes)])


def _places(system: System) -> tuple[Dimension, Ints]:
    """The largest dimension, and the node of it that each cell of the tables belongs to: the root where its table lacks it."""
    largest = max(
        (dimension for table in system.tables for dimension in table.dimensions),
        key=lambda dimension: len(dimension.codes),
    )
    number = {code: index for index, code in enumerate(largest.codes)}
    found = []
    for table in system.tables:
        place = np.full(table.n.size, largest.root)
        for dimension, at in zip(table.dimensions, table.places, strict=True):
            if dimension.name == largest.name:
                place = np.array([number.get(code, largest.root) for code in dimension.codes])[at]
        found.append(place)
    return largest, np.concatenate(found).astype(np.int64)


def _upward(dimension: Dimension) -> list[int]:
    """All nodes, each after those below it."""
    return list(reversed(_descendants(dimension, dimension.root)))


def _descendants(dimension: Dimension, node: int) -> list[int]:
    found = [node]
    for at in found:
        found.extend(dimension.children[at].tolist())
    return found


@dataclass(frozen=True)
class _Witness:
    """A movement that meets a want: the cells of the block that move, and how far each goes."""

    cells: Ints
    by: Floats


class _Block:
    """One block while it is treated; cells are numbered within it."""

    def __init__(self, system: System, cells: Ints, hidden: Bools, decided: Bools, carried: Floats) -> None:
        self._cells = cells
        self._equations = _within(system.equations, cells)
        self.hidden = hidden[cells]
        self._fixed = hidden[cells] | decided[cells]
        self._cost, self._room = system.cost[cells], system.room[cells]
        self._ceiling = ceiling(system)[cells]
        self._reluctance = np.where(decided[cells], TOTAL + 1, system.reluctance[cells])
        self._wants = self._gather(system, decided, carried)
        self._met: dict[int, _Witness] = {}

    def _gather(self, system: System, decided: Bools, carried: Floats) -> list[Want]:
        """What the block must make uncertain: primary cells, and what blocks above rely on; the hardest first."""
        wants: list[Want] = []
        for number, cell in enumerate(self._cells.tolist()):
            if system.primary[cell]:
                wants.extend(want._replace(cell=number) for want in wants_of(system, cell))
            elif decided[cell] and self.hidden[number]:
                wants.append(Want(number, 0, max(float(carried[cell]), STILL), True))
        value = system.value[self._cells]
        return sorted(wants, key=lambda want: (not want.mirrored, -want.amount, -value[want.cell], want.cell))

    def meet_all(self) -> None:
        """Hide the cheapest movement for each want, without empty cells and grand totals if that can be."""
        for level in (FREE, EMPTY, TOTAL):
            lacking = [number for number in range(len(self._wants)) if number not in self._met]
            usable = self.hidden | (self._reluctance <= level)
            if lacking and (level == FREE or np.any(usable & (self._reluctance == level))):
                self._meet_at(usable, lacking, level)

    def _meet_at(self, usable: Bools, lacking: list[int], level: int) -> None:
        desk = _Desk(self, np.flatnonzero(usable), np.where(self.hidden, HIDDEN_PRICE, self._cost)[usable])
        for number in lacking:
            if number in self._met:
                continue
            want = self._wants[number] if level == FREE else self._wants[number].without_mirror()
            witness = desk.meet(want)
            if witness is None:
                continue
            new = witness.cells[~self.hidden[witness.cells]]
            self.hidden[new] = True
            desk.reprice(new)
            self._book(witness, want.mirrored, lacking)

    def _book(self, witness: _Witness, mirrored: bool, among: list[int]) -> list[int]:
        """Let a movement speak for every want of `among` that it meets; returns those."""
        by = np.zeros(self.hidden.size)
        by[witness.cells] = witness.by
        spoken = []
        for number in among:
            want = self._wants[number]
            reach = abs(by[want.cell]) if mirrored or not want.way else want.way * by[want.cell]
            if reach >= want.amount * (1 if mirrored or want.way else 2) * ENOUGH and number not in self._met:
                self._met[number] = witness
                spoken.append(number)
        return spoken

    def show_again(self) -> None:
        """Show secondary cells again, the dearest first, wherever everything met stays met."""
        members = np.flatnonzero(self.hidden)
        local = np.full(self.hidden.size, -1)
        local[members] = np.arange(members.size)
        part = self._equations[:, members]
        kernel = Kernel(part[np.diff(part.indptr) > 0])
        needed = np.zeros(members.size, dtype=np.bool_)
        needed[local[[self._wants[number].cell for number in self._met]]] = True
        desk = _Desk(self, members, np.ones(members.size))
        candidates = members[~self._fixed[members]]
        for cell in candidates[np.argsort(-self._cost[candidates], kind="stable")].tolist():
            if not kernel.fixes(int(local[cell]), needed) and self._reroute(desk, cell):
                kernel.hold(int(local[cell]))
                self.hidden[cell] = False

    def _reroute(self, desk: _Desk, cell: int) -> bool:
        """Find movements without `cell` for all that used it; False, and nothing changed, where one has none."""
        affected = {n: w for n, w in self._met.items() if cell in w.cells}
        desk.leave_out(cell)
        for number in affected:
            del self._met[number]
        pending = list(affected)
        while pending:
            want = self._wants[pending[0]]
            witness = desk.meet(want)
            if witness is None:
                self._met.update(affected)
                desk.take_back(cell)
                return False
            self._book(witness, want.mirrored, pending)
            pending = [number for number in pending if number not in self._met]
        return True

    def carried(self) -> Floats:
        """How far each cell moves at most in the movements that met the wants."""
        most = np.zeros(self.hidden.size)
        for witness in self._met.values():
            np.maximum.at(most, witness.cells, np.abs(witness.by))
        return most

    def program(self, usable: Ints, price: Floats, mirrored: bool) -> Movements:
        """The program over the cells `usable`; where movements must have a mirror, no cell rises by more than it can fall."""
        part = self._equations[:, usable]
        rise = self._ceiling[usable] if mirrored else np.full(usable.size, np.inf)
        return Movements(part[np.diff(part.indptr) > 0], price, self._room[usable], rise)


class _Desk:
    """Programs over some cells of a block, one for movements with a mirror and one for those without, made when first asked for."""

    def __init__(self, block: _Block, usable: Ints, price: Floats) -> None:
        self._block, self._usable, self._price = block, usable, price.copy()
        self._programs: dict[bool, Movements] = {}
        self._out: set[int] = set()

    def meet(self, want: Want) -> _Witness | None:
        """The cheapest movement that meets `want`, in either direction where it asks for none."""
        program = self._program(want.mirrored)
        at = int(np.searchsorted(self._usable, want.cell))
        for way in (want.way,) if want.way else (1, -1):
            movement = program.cheapest(at, way * want.amount)
            if movement is not None:
                moved = np.flatnonzero(np.abs(movement) > STILL)
                return _Witness(self._usable[moved], movement[moved])
        return None

    def reprice(self, cells: Ints) -> None:
        """Cells that were hidden just now move almost for nothing."""
        at = np.searchsorted(self._usable, cells)
        self._price[at] = HIDDEN_PRICE
        for program in self._programs.values():
            program.reprice(at, HIDDEN_PRICE)

    def leave_out(self, cell: int) -> None:
        """Hold a cell still."""
        at = int(np.searchsorted(self._usable, cell))
        self._out.add(at)
        for program in self._programs.values():
            program.leave_out(at)

    def take_back(self, cell: int) -> None:
        """Let a cell move again."""
        at = int(np.searchsorted(self._usable, cell))
        self._out.discard(at)
        for program in self._programs.values():
            program.take_back(at)

    def _program(self, mirrored: bool) -> Movements:
        if mirrored not in self._programs:
            program = self._block.program(self._usable, self._price, mirrored)
            for at in self._out:
                program.leave_out(at)
            self._programs[mirrored] = program
        return self._programs[mirrored]


def _within(equations: sp.csr_matrix, cells: Ints) -> sp.csr_matrix:
    """The equations all of whose cells are in the block, one column per cell of it."""
    inside = np.zeros(equations.shape[1])
    inside[cells] = 1.0
    pattern = sp.csr_matrix((np.ones(equations.nnz), equations.indices, equations.indptr), equations.shape)
    return equations[pattern @ inside == np.diff(equations.indptr)][:, cells]
