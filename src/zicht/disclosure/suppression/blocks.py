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

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy.sparse as sp

from zicht.disclosure.model import Bools, Dimension, Floats, Ints
from zicht.disclosure.suppression.circuits import Want, limits_of, wants_of
from zicht.disclosure.suppression.kernel import Kernel
from zicht.disclosure.suppression.movements import STILL, Movements
from zicht.disclosure.suppression.system import EMPTY, FREE, NEVER, TOTAL, System

BLOCK = 20_000  # cells that one program may hold
EXCHANGES, LEAST_EXCHANGES = (
    1.5e6,
    5e5,
)  # exchanges tried × cells of the block: shared by all blocks, but for each at least
EXCHANGES_PER_SECOND = 5e5
STARTS, CELLS_STARTED = 6, 6_000  # patterns tried of a block, at most, and cells in them together
TINY = 400  # cells of a block from which on trying several patterns is worth the time
HIDDEN_PRICE = 1e-4  # a hidden cell moves almost for nothing, but a short circuit is preferred
ENOUGH = 1 - 1e-6  # share of an amount that counts as the amount, for want of exact programs


def cover_by_blocks(system: System, seconds: float = 0.0) -> Bools:
    """Which physical cells to hide so that, block by block, every primary one is safe. Shape (physical cells,).

    What spans several blocks may be left short: that is for the audit to find and `mend` to repair.

    Args:
        system: the tables.
        seconds: how long a cheaper pattern is looked for beyond what is always done, as a count of work.
    """
    hidden = system.primary.copy()
    if not hidden.any() or not system.equations.shape[0]:
        return hidden
    decided = np.zeros(hidden.size, dtype=np.bool_)
    carried = np.zeros(hidden.size)
    blocks = list(_blocks(system))
    work = max((EXCHANGES + seconds * EXCHANGES_PER_SECOND) / len(blocks), LEAST_EXCHANGES)
    for cells in blocks:
        block = _best_start(partial(_Block, system, cells, hidden, decided, carried), cells.size)
        if block.exchange(int(work / cells.size)):
            block.show_again()
        hidden[cells] = block.hidden
        np.maximum.at(carried, cells, block.carried())
        decided[cells] = True
    return hidden


def _best_start(fresh: Callable[[], _Block], size: int) -> _Block:
    """The best of some patterns of a block that differ in what is met first; the fewer the cells, the more are tried."""
    best = fresh()
    starts = min(STARTS, CELLS_STARTED // size) if size >= TINY else 1
    for start in range(max(starts, 1)):
        block = fresh() if start else best
        if start:
            block.shuffle(start)
        block.meet_all()
        block.show_again()
        if block.standing < best.standing:
            best = block
    return best


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
        self._cost = system.cost[cells]
        self._limits = {mirrored: limits_of(system, cells, mirrored) for mirrored in (True, False)}
        self._reluctance = np.where(decided[cells], NEVER, system.reluctance[cells])
        self._met: dict[int, _Witness] = {}
        self._users: list[set[int]] = [set() for _ in range(cells.size)]
        self._ask(self._gather(system, decided, carried))

    def _ask(self, wants: list[Want]) -> None:
        self._wants = wants
        self._want_cell = np.array([want.cell for want in self._wants], dtype=np.int64)
        self._want_way = np.array([want.way for want in self._wants], dtype=np.int64)
        self._want_amount = np.array([want.amount for want in self._wants])
        self._want_mirrored = np.array([want.mirrored for want in self._wants], dtype=np.bool_)
        self._is_met = np.zeros(len(self._wants), dtype=np.bool_)

    def shuffle(self, seed: int) -> None:
        """Let other wants be met first."""
        order = np.random.default_rng(seed).permutation(len(self._wants))
        self._ask([self._wants[number] for number in order.tolist()])

    @property
    def standing(self) -> tuple[int, float]:
        """How many wants are not met, and what the secondary cells of the block cost: the less of either the better."""
        own = self.hidden & ~self._fixed
        return int((~self._is_met).sum()), float(self._cost[own].sum())

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
            lacking = np.flatnonzero(~self._is_met)
            usable = self.hidden | (self._reluctance <= level)
            if lacking.size and (level == FREE or np.any(usable & (self._reluctance == level))):
                self._meet_at(usable, lacking, level)

    def _meet_at(self, usable: Bools, lacking: Ints, level: int) -> None:
        desk = _Desk(self, np.flatnonzero(usable), np.where(self.hidden, HIDDEN_PRICE, self._cost)[usable])
        for number in lacking.tolist():
            if self._is_met[number]:
                continue
            if level > FREE:
                self._drop_mirror(number)
            want = self._wants[number]
            witness = desk.meet(want)
            if witness is not None:
                new = witness.cells[~self.hidden[witness.cells]]
                self.hidden[new] = True
                desk.reprice(new)
                self._book(witness, want.mirrored, lacking)

    def _drop_mirror(self, number: int) -> None:
        """Ask for a movement without a mirror, as there is none beside empty cells; two movements are for the repair to find."""
        forms = self._wants[number].without_mirror()
        if len(forms) == 1:
            self._wants[number] = forms[0]
            self._want_amount[number], self._want_mirrored[number] = forms[0].amount, forms[0].mirrored

    def _book(self, witness: _Witness, mirrored: bool, among: Ints) -> None:
        """Let a movement speak for every want of `among` that is not met yet and that it meets."""
        by = np.zeros(self.hidden.size)
        by[witness.cells] = witness.by
        there = by[self._want_cell[among]]
        way = self._want_way[among]
        reach = np.abs(there)
        if not mirrored:
            reach = np.where(self._want_mirrored[among], 0.0, np.where(way == 0, reach, way * there))
        spoken = among[(reach >= self._want_amount[among] * ENOUGH) & ~self._is_met[among]]
        self._is_met[spoken] = True
        for number in spoken.tolist():
            self._met[number] = witness
        for cell in witness.cells.tolist():
            self._users[cell].update(spoken.tolist())

    def show_again(self) -> None:
        """Show secondary cells again, the dearest first, wherever everything met stays met."""
        members = np.flatnonzero(self.hidden)
        kernel, needed = self._kernel(members)
        desk = _Desk(self, members, np.ones(members.size))
        for cell in self._dearest_first():
            at = int(np.searchsorted(members, cell))
            if not kernel.kin(at, needed).size and self._reroute(desk, cell, []):
                kernel.hold(at)
                self.hidden[cell] = False

    def exchange(self, tries: int) -> bool:
        """Hide cheaper cells instead of a dear one, for so many of the dearest; whether any was exchanged."""
        usable = np.flatnonzero(self.hidden | (self._reluctance <= FREE))
        desk = _Desk(self, usable, np.where(self.hidden, HIDDEN_PRICE, self._cost)[usable])
        exchanged, stale = False, True
        for cell in self._dearest_first()[:tries]:
            if stale:
                members = np.flatnonzero(self.hidden)
                kernel, needed = self._kernel(members)
            kin = members[kernel.kin(int(np.searchsorted(members, cell)), needed)]
            stale = self._reroute(desk, cell, kin.tolist())
            if stale:
                self.hidden[cell] = False
                desk.reprice(np.array([cell]), float(self._cost[cell]))
                desk.take_back(cell)
                exchanged = True
        return exchanged

    def _kernel(self, members: Ints) -> tuple[Kernel, Bools]:
        """The null space of the hidden cells `members`, and which of them must keep moving."""
        part = self._equations[:, members]
        needed = np.zeros(members.size, dtype=np.bool_)
        needed[np.searchsorted(members, self._want_cell[self._is_met])] = True
        return Kernel(part[np.diff(part.indptr) > 0]), needed

    def _dearest_first(self) -> list[int]:
        """The secondary cells that the block decides about."""
        own = np.flatnonzero(self.hidden & ~self._fixed)
        found: list[int] = own[np.argsort(-self._cost[own], kind="stable")].tolist()
        return found

    def _reroute(self, desk: _Desk, cell: int, first: list[int]) -> bool:
        """Find movements without `cell` for all that used it, for the wants of the cells `first` before others.

        Cells that are hidden for it must cost less than `cell` itself. False, and nothing changed, where one has none.
        """
        affected = np.array(
            sorted(self._users[cell], key=lambda n: (self._wants[n].cell not in first, n)), dtype=np.int64
        )
        before = [self._strike(number) for number in affected.tolist()]
        desk.leave_out(cell)
        added: list[int] = []
        for number in affected.tolist():
            if self._is_met[number]:
                continue
            witness = desk.meet(self._wants[number])
            new = [] if witness is None else witness.cells[~self.hidden[witness.cells]].tolist()
            if witness is None or self._cost[[*added, *new]].sum() >= self._cost[cell]:
                desk.take_back(cell)
                self.hidden[added] = False
                for one in added:
                    desk.reprice(np.array([one]), float(self._cost[one]))
                self._restore(affected.tolist(), before)
                return False
            self.hidden[new] = True
            desk.reprice(np.array(new, dtype=np.int64))
            added.extend(new)
            self._book(witness, self._wants[number].mirrored, affected)
        return True

    def _strike(self, number: int) -> _Witness:
        """Forget the movement that met a want; returns it."""
        witness = self._met.pop(number)
        self._is_met[number] = False
        for cell in witness.cells.tolist():
            self._users[cell].discard(number)
        return witness

    def _restore(self, numbers: list[int], before: list[_Witness]) -> None:
        """Let wants be met by the movements they had."""
        for number, witness in zip(numbers, before, strict=True):
            if self._is_met[number]:
                self._strike(number)
            self._is_met[number] = True
            self._met[number] = witness
            for cell in witness.cells.tolist():
                self._users[cell].add(number)

    def carried(self) -> Floats:
        """How far each cell moves at most in the movements that met the wants."""
        most = np.zeros(self.hidden.size)
        for witness in self._met.values():
            np.maximum.at(most, witness.cells, np.abs(witness.by))
        return most

    def program(self, usable: Ints, price: Floats, mirrored: bool) -> Movements:
        """The program over the cells `usable`; where movements must have a mirror, no cell rises by more than it can fall."""
        part = self._equations[:, usable]
        fall, rise = self._limits[mirrored]
        return Movements(part[np.diff(part.indptr) > 0], price, fall[usable], rise[usable])


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

    def reprice(self, cells: Ints, price: float = HIDDEN_PRICE) -> None:
        """Change what moving `cells` costs: almost nothing for cells that were hidden just now."""
        at = np.searchsorted(self._usable, cells)
        self._price[at] = price
        for program in self._programs.values():
            program.reprice(at, price)

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
