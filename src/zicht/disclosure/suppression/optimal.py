"""Exact secondary suppression: the pattern that loses least, a bound on what any pattern must lose, and exact repair of blocks.

Which cells to hide is a linear program in 0 and 1 whose rows are capacity cuts, found one after another
(Fischetti and Salazar, Management Science 47(7), 2001). Three things keep that small: while cuts are sought the
cheapest cell of each is hidden at once, at what is left of its price (dual ascent, Wong, Math. Programming 28,
1984), so that one round of cuts nearly closes the gap; the relaxation is cut until it can be cut no more
before the first program in integers; and cells too dear for a better pattern (reduced costs) drop out. No
clock is read: work is counted in programs and nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zicht.disclosure.model import Bools, Floats, Ints
from zicht.disclosure.suppression.capacity import Field, Need, Oracle, needs_of
from zicht.disclosure.suppression.master import Master
from zicht.disclosure.suppression.system import EMPTY, FREE, TOTAL, System

ATTACKERS = ("A0", "A1")
WORK = 200_000  # programs of the outsider that one optimisation may solve
BLOCK = 1200  # cells that are freed at once to polish a pattern
BLOCK_WORK = 4000  # programs that one block may take
WHOLE = 1e-6  # what is left out of an integer by rounding


@dataclass(frozen=True)
class Optimum:
    """A pattern and how good it is known to be.

    Attributes:
        hidden: which physical cells are hidden. Shape (physical cells,).
        loss: summed price of the secondary ones, see `System.cost`; an empty cell counts as `optimise` says.
        bound: no pattern of the cells that may be hidden loses less.
        unprotected: primary cells that no such pattern protects; the others are safe.
        programs: linear programs of the outsider that were solved.
        nodes: nodes of the search for integers.
    """

    hidden: Bools
    loss: float
    bound: float
    unprotected: Ints
    programs: int
    nodes: int

    @property
    def proven(self) -> bool:
        """Whether nothing better exists."""
        return self.loss <= self.bound + WHOLE * max(1.0, abs(self.loss))


def optimise(
    system: System,
    pattern: Bools | None = None,
    *,
    attackers: Sequence[str] = ATTACKERS,
    hide_zeros: bool = False,
    work: int = WORK,
) -> Optimum:
    """The pattern that loses least of all that protect what can be protected.

    Empty cells and grand totals stay in sight unless a primary cell needs them; an empty cell then counts as
    much as a cell in sight does on average.

    Args:
        system: the tables.
        pattern: a pattern to start from (physical cells), such as that of `cover`; it need not be safe.
        attackers: the attacks to withstand, of A0, A1 and A2.
        hide_zeros: whether an empty cell may be hidden where nothing else protects a primary one.
        work: programs of the outsider after which the best pattern found is returned, proven or not.

    Returns:
        The pattern, its loss and a bound; they are equal unless the work ran out.

    Source: Fischetti and Salazar, Management Science 47(7), 2001.
    """
    search = _choose(system, attackers, hide_zeros)
    search.root(work)
    if pattern is not None:
        search.offer(pattern[search.cells])
    search.finish(work)
    hidden = system.primary.copy()
    hidden[search.cells[search.best]] = True
    return Optimum(
        hidden=hidden,
        loss=search.loss(search.best),
        bound=search.bound,
        unprotected=search.unprotected(),
        programs=search.oracle.programs,
        nodes=search.master.nodes,
    )


def lower_bound(
    system: System, *, attackers: Sequence[str] = ATTACKERS, hide_zeros: bool = False, work: int = WORK
) -> float:
    """A loss (see `System.cost`) that no pattern stays below, from the linear relaxation with all cuts found within the work.

    Args:
        system: the tables.
        attackers: the attacks to withstand, of A0, A1 and A2.
        hide_zeros: whether an empty cell may be hidden where nothing else protects a primary one.
        work: programs of the outsider after which the bound found so far is returned.
    """
    search = _choose(system, attackers, hide_zeros)
    search.root(work)
    return search.bound


def polish(
    system: System,
    hidden: Bools,
    *,
    attackers: Sequence[str] = ATTACKERS,
    budget: int = 16,
    seed: int = 0,
    block: int = BLOCK,
) -> Bools:
    """A pattern at least as good as `hidden`, which must be safe: blocks of cells are freed one by one and settled exactly.

    Args:
        system: the tables.
        hidden: which physical cells are hidden. Shape (physical cells,).
        attackers: the attacks to withstand, of A0, A1 and A2.
        budget: how many blocks are settled.
        seed: where the blocks lie; the same seed gives the same pattern.
        block: cells in a block, about.
    """
    weight = system.cost
    rng = np.random.default_rng(seed)
    hidden = hidden.copy()
    needs = needs_of(system, attackers)
    touched = np.zeros(hidden.size, dtype=np.bool_)
    for _ in range(budget):
        secondary = np.flatnonzero(hidden & ~system.primary)
        fresh = secondary[~touched[secondary]]
        if not fresh.size:
            touched[:] = False
            fresh = secondary
        if not fresh.size:
            break
        middle = int(rng.choice(fresh, p=weight[fresh] / weight[fresh].sum()))
        free = _around(system, middle, block)
        touched[free] = True
        touched[middle] = True
        _settle(system, hidden, free, needs)
    return hidden


def _settle(system: System, hidden: Bools, free: Ints, needs: Sequence[Need]) -> None:
    """Hide other cells of `free` than now where that is better; `hidden` changes only then."""
    before = hidden[free].copy()
    fixed = hidden.copy()
    fixed[free] = False
    fixed |= system.primary
    field, cells = Field.of(system, *_connected(system, fixed, free))
    search = _Search(field, cells, system.cost[cells], needs)
    search.offer(hidden[cells])
    if not search.complete:
        return  # what is given is not safe, and to repair it is not our task
    search.root(BLOCK_WORK)
    search.finish(BLOCK_WORK)
    inside = search.best & ~field.fixed
    if system.cost[cells[inside]].sum() < system.cost[free[before & ~system.primary[free]]].sum() - WHOLE:
        hidden[free[~system.primary[free]]] = False
        hidden[cells[inside]] = True


def _connected(system: System, fixed: Bools, free: Ints) -> tuple[Ints, Ints]:
    """The fixed cells that movements can reach from the free ones, and the free ones themselves."""
    inside = fixed.copy()
    inside[free] = True
    reached = np.zeros(fixed.size, dtype=np.bool_)
    reached[free] = True
    frontier = free
    while frontier.size:
        rows = np.unique(system.by_cell[:, frontier].indices)
        near = np.unique(system.equations[rows].indices)
        frontier = near[inside[near] & ~reached[near]]
        reached[frontier] = True
    return np.flatnonzero(reached & fixed), free


def _around(system: System, middle: int, size: int) -> Ints:
    """About `size` cells around `middle` that may be hidden and need not be, nearest first."""
    seen = np.zeros(system.value.size, dtype=np.bool_)
    seen[middle] = True
    eligible = ~system.primary & (system.reluctance == FREE)
    frontier = np.array([middle])
    while frontier.size and (seen & eligible).sum() < size:
        rows = np.unique(system.by_cell[:, frontier].indices)
        near = np.unique(system.equations[rows].indices)
        frontier = near[~seen[near] & (system.reluctance[near] == FREE)]
        seen[frontier] = True
    return np.flatnonzero(seen & eligible)


def _choose(system: System, attackers: Sequence[str], hide_zeros: bool) -> _Search:
    """The search among the cells that may be hidden; reluctant ones are among them only if a primary cell needs them."""
    needs = needs_of(system, attackers)
    weight = system.cost.copy()
    in_sight = ~system.primary & (system.reluctance == FREE)
    weight[system.reluctance == EMPTY] = weight[in_sight].mean() if in_sight.any() else 1.0
    before = -1
    for level in (FREE, EMPTY, TOTAL):
        allowed = (system.reluctance <= level) & (hide_zeros | (system.reluctance != EMPTY))
        if int(allowed.sum()) == before:
            continue
        before = int(allowed.sum())
        fixed, free = np.flatnonzero(system.primary), np.flatnonzero(allowed & ~system.primary)
        field, cells = Field.of(system, fixed, free)
        search = _Search(field, cells, weight[cells], needs)
        if not search.unprotected().size:
            break
    return search


class _Search:
    """The search for the best pattern of one field.

    Attributes:
        cells: the cells of the field in the system.
        oracle, master: what knows the outsider, and what chooses.
        best: the best pattern found, `bound` what it may cost at least, `complete` whether it meets all needs that can be met.
    """

    def __init__(self, field: Field, cells: Ints, weight: Floats, needs: Sequence[Need]) -> None:
        self.cells = cells
        self._fixed = field.fixed
        self._weight = np.where(field.fixed, 0.0, weight)
        self._integral = bool(np.all(self._weight == np.rint(self._weight)))
        at = np.searchsorted(cells, [need.cell for need in needs])
        inside = [
            need._replace(cell=int(place))
            for need, place in zip(needs, at, strict=True)
            if place < cells.size and cells[place] == need.cell
        ]
        first = Oracle(field, inside)
        asked = [inside[index] for index in first.look(field.fixed.astype(np.float64))]
        everything = Oracle(field, asked)
        hopeless = set(everything.look(np.ones(cells.size)).tolist())
        self._hopeless = [asked[index].cell for index in sorted(hopeless)]
        self.oracle = Oracle(field, [need for index, need in enumerate(asked) if index not in hopeless])
        self.oracle.programs = first.programs + everything.programs
        self.master = Master(self._weight, field.fixed, 1.0 - WHOLE if self._integral else 0.0)
        self.best = np.ones(cells.size, dtype=np.bool_)
        self.complete = False
        self.bound = 0.0

    def unprotected(self) -> Ints:
        """Cells with a need that cannot be met even if all cells of the field are hidden, as numbered in the system."""
        return np.unique(self.cells[np.array(self._hopeless, dtype=np.int64)])

    def offer(self, pattern: Bools) -> None:
        """Let the pattern be the best one if it is better and meets all needs."""
        pattern = pattern | self._fixed
        if self.loss(pattern) >= self.loss(self.best) and self.complete:
            return
        if not self.oracle.look(pattern.astype(np.float64)).size:
            self._take(pattern)

    def _take(self, safe: Bools) -> None:
        if not self.complete or self.loss(safe) < self.loss(self.best):
            self.best, self.complete = safe, True

    def root(self, work: int) -> None:
        """Cut the linear relaxation until no cut is left, or the work is done; raises the bound."""
        share = self._fixed.astype(np.float64)
        ascended = share
        while True:
            added, reached = self._separate(share, work)
            if not added:
                break
            ascended = reached
            share = self.master.relax()
            self._raise(self.master.relaxed)
        self.master.mark_root()
        self.offer(ascended > 0)

    def finish(self, work: int) -> None:
        """Find the best pattern in integers, as far as the work allows."""
        while not self._closed() and self.oracle.programs < work:
            best = self.loss(self.best) if self.complete else np.inf
            chosen = self.master.choose(best - (1.0 - WHOLE) * self._integral)
            self._raise(min(self.master.bound, best))
            if chosen is None:
                return
            added, reached = self._separate(chosen, work)
            self._strip(reached > 0, chosen > 0)
            if not added:
                return

    def _closed(self) -> bool:
        return self.complete and self.loss(self.best) <= self.bound + WHOLE

    def _raise(self, bound: float) -> None:
        self.bound = max(self.bound, float(np.ceil(bound - WHOLE)) if self._integral else bound)

    def loss(self, pattern: Bools) -> float:
        """What the pattern costs."""
        return float(self._weight[pattern].sum())

    def _separate(self, share: Floats, work: int) -> tuple[int, Floats]:
        """Add cuts that `share` does not meet, hiding the cheapest cell of each on the way, so that later cuts differ.

        Returns:
            The number of cuts, and the shares with all that was hidden on the way: unless the work ran out, a safe pattern.
        """
        left = self.master.left.copy()
        ascended = share.copy()
        added = 0
        for index in self.oracle.look(ascended).tolist():
            while not self.oracle.met(index, ascended) and self.oracle.programs < work:
                cut = self.oracle.cut(index, ascended)
                if cut is None or not cut.cells.size:  # nothing that may be hidden would help this need
                    break
                self.master.add(cut)
                added += 1
                price = left[cut.cells] / cut.shares
                cheapest = int(np.argmin(price))
                left[cut.cells] -= price[cheapest] * cut.shares
                ascended[cut.cells[cheapest]] = 1.0
        return added, ascended

    def _strip(self, pattern: Bools, chosen: Bools) -> None:
        """Offer the pattern, without those cells beyond `chosen` that its needs can do without, the dearest given back first."""
        if self.oracle.look(pattern.astype(np.float64)).size:
            return
        extra = np.flatnonzero(pattern & ~chosen)
        for cell in extra[np.argsort(-self._weight[extra], kind="stable")].tolist():
            pattern[cell] = False
            if not self.oracle.holds(pattern.astype(np.float64), cell):
                pattern[cell] = True
        self._take(pattern)
