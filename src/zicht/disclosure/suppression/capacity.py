"""Capacity cuts: what every safe pattern must hide, told by an outsider who can still narrow a cell down.

A movement y of the hidden cells that leaves all equations true (A y = 0) is what an outsider cannot tell
from the truth; a cell needs movements of a certain amount. Where the largest movement is too small, the dual
of that linear program is a combination of equations, c y = 0, through which all movement of the cell must
pass: the cells in it must have the capacity for the amount, whatever else is hidden (Fischetti and Salazar,
Management Science 47(7), 2001, section 4). Amounts are scaled to 1 here, need by need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import highspy
import numpy as np
import scipy.sparse as sp

from zicht.disclosure.model import Bools, Floats, Ints
from zicht.disclosure.suppression.system import System

BLOCKS = (400, 2400, None)  # cells looked at for a cut, tried in turn; None is all
HINT = 1e-4  # capacity pretended in cells in sight, so that cuts pass through few of them
STILL = 1e-7  # coefficients and movements below this are none
ENOUGH = 1 - 1e-6  # share of the amount that counts as the amount
VIOLATED = 1e-4  # a cut that is short by less is held to be met
SWEEPS = 8  # programs that move all needy cells at once, before they are tried one by one
FEW = 3  # so few needs are settled one by one


class Need(NamedTuple):
    """A movement asked for: `cell` must be able to go `way` (1 up, -1 down, 0: both added up) by `amount`.

    `sight` is the index of the outsider who looks: 0 knows that nothing is negative, 1 knows the floors of `System.room`.
    """

    cell: int
    way: int
    amount: float
    sight: int


class Witness(NamedTuple):
    """A movement that leaves all equations true: the cells that move, and by how much."""

    cells: Ints
    movement: Floats


class Cut(NamedTuple):
    """Of the `cells` with these `shares`, so many must be hidden that the shares add up to 1 at least."""

    cells: Ints
    shares: Floats


def needs_of(system: System, attackers: Sequence[str]) -> list[Need]:
    """What the primary cells need to withstand the attacks A1 and A2 (as far as they are among `attackers`).

    Against A0 alone a cell needs to move at all, which whoever withstands A1 does.
    """
    found = []
    for cell in np.flatnonzero(system.primary).tolist():
        asked = [
            (1, float(system.upper[cell]), 0),
            (-1, float(system.lower[cell]), 0),
            (0, float(system.width[cell]), 0),
        ]
        if "A2" in attackers:
            asked.append((0, float(system.width[cell]) / 2, 1))
        found += [Need(cell, way, amount, sight) for way, amount, sight in asked if amount > 0]
    return found


@dataclass(frozen=True)
class Field:
    """The cells that may be hidden, as the program sees them; arrays over these cells.

    Attributes:
        equations: the equations between them; what is in sight anyway stands in none.
        rooms: how far each cell can fall in each sight.
        headroom: how far it can rise.
        fixed: whether it is hidden anyway; the others are decided about.
    """

    equations: sp.csr_matrix
    rooms: tuple[Floats, Floats]
    headroom: Floats
    fixed: Bools

    @classmethod
    def of(cls, system: System, fixed: Ints, free: Ints) -> tuple[Field, Ints]:
        """The field of the physical cells `fixed` and `free`, and the numbers of its cells in the system, ascending."""
        cells = np.union1d(fixed, free)
        part = system.by_cell[:, cells].tocsr()
        part = part[np.flatnonzero(np.diff(part.indptr))]
        plain = np.where(np.isfinite(system.room), np.maximum(system.value, 0.0), np.inf)
        return cls(
            part, (plain[cells], system.room[cells]), system.headroom[cells], np.isin(cells, fixed)
        ), cells


class Oracle:
    """Asks of a pattern, whole or fractional, which needs it does not meet, and for a cut that says so.

    Attributes:
        programs: linear programs solved so far, the measure of work.
    """

    def __init__(self, field: Field, needs: Sequence[Need]) -> None:
        self.needs = list(needs)
        self.programs = 0
        self._field = field
        self._by_cell = field.equations.tocsc()
        self._cell = np.array([need.cell for need in needs], dtype=np.int64)
        self._way = np.array([need.way for need in needs], dtype=np.int64)
        self._amount = np.array([need.amount for need in needs])
        self._sight = np.array([need.sight for need in needs], dtype=np.int64)
        self._witnesses: list[tuple[Witness, Bools]] = []
        self._met = np.zeros(len(needs), dtype=np.bool_)
        self._program = _Movements(self._by_cell)
        self._everywhere = _Movements(self._by_cell)
        self._everywhere.add(np.arange(field.fixed.size))

    def look(self, hidden: Floats) -> Ints:
        """Look at another pattern: the needs (their indices) that it does not meet, one after another if need be.

        What was found possible before, and still is, is not sought again.
        """
        self._met[:] = False
        older, self._witnesses = self._witnesses, []
        for witness, _ in reversed(older):
            self._note(witness, hidden)
        self._witnesses.reverse()
        self._sweep(hidden)
        unmet = [index for index in np.flatnonzero(~self._met).tolist() if not self.met(index, hidden)]
        return np.array(unmet, dtype=np.int64)

    def holds(self, hidden: Floats, cell: int) -> bool:
        """Whether all needs are still met now that `cell` is in sight; before, in the pattern last looked at, all were.

        The pattern last looked at is from then on the one without the cell if they are, and the one with it if not.
        """
        others = [(witness, meets) for witness, meets in self._witnesses if cell not in witness.cells]
        self._met[:] = False
        for _, meets in others:
            self._met |= meets
        with_it, self._witnesses = self._witnesses, others.copy()
        if all(self.met(index, hidden) for index in np.flatnonzero(~self._met).tolist()):
            return True
        self._witnesses = [*with_it, *self._witnesses[len(others) :]]
        self._met[:] = True
        return False

    def met(self, index: int, hidden: Floats) -> bool:
        """Whether need `index` is met by a pattern that hides all that the one last looked at does, and maybe more."""
        if self._met[index]:
            return True
        need = self.needs[index]
        total = 0.0
        for way in (need.way,) if need.way else (1, -1):
            fall, rise = self._capacities(need, hidden)
            self._program.add(np.flatnonzero(hidden > 0))
            self.programs += 1
            movement = self._program.push(need.cell, way, fall, rise)
            total += abs(float(movement[need.cell]))
            self._note(_witness(movement * need.amount), hidden)
            self._met[index] |= total >= ENOUGH
            if self._met[index]:
                break
        return bool(self._met[index])

    def _sweep(self, hidden: Floats) -> None:
        """Move all needy cells at once, as far as the needs of each ask, until that shows little more."""
        for turn in range(SWEEPS):
            unmet = np.flatnonzero(~self._met)
            if unmet.size <= FEW:
                return
            amount = np.zeros(hidden.size)
            np.maximum.at(amount, self._cell[unmet], self._amount[unmet])
            sign = np.where(np.arange(hidden.size) % 2 == turn % 2, 1.0, -1.0) if turn > 1 else 1.0 - 2 * turn
            most = np.where(amount > 0, amount, float(amount.max()))
            room = self._field.rooms[int(self._sight[unmet].min())]
            self._program.add(np.flatnonzero(hidden > 0))
            self.programs += 1
            fall, rise = (np.minimum(limit, most) * hidden for limit in (room, self._field.headroom))
            movement = self._program.sweep(np.where(amount > 0, sign / most, 0.0), fall, rise)
            if self._note(_witness(movement), hidden) <= FEW:
                return

    def _note(self, witness: Witness, hidden: Floats) -> int:
        """Note which needs a movement and its mirror show to be met, part by part; how many more that are."""
        if not witness.cells.size:
            return 0
        meets = self._met_by(witness, hidden)
        more = int((meets & ~self._met).sum())
        if more:
            self._met |= meets
            self._witnesses.append((witness, meets))
        return more

    def _met_by(self, witness: Witness, hidden: Floats) -> Bools:
        own = np.zeros(hidden.size)
        own[witness.cells] = witness.movement
        moved = own[self._cell]
        share = hidden[witness.cells]
        part = np.abs(witness.movement)
        # A cell wholly hidden may move as far as it has room; one hidden by a share, that share of the amount.
        scale = float(np.where(share >= 1 - STILL, np.inf, share / part).min())
        reach = np.zeros(moved.size)
        for sight, room in enumerate(self._field.rooms):
            for sign in (1.0, -1.0):
                falls = sign * witness.movement < 0
                limit = np.where(falls, room[witness.cells], self._field.headroom[witness.cells])
                depth = float((np.where(share > 0, limit, 0.0) * share / part).min())
                concerned = (self._sight == sight) & (moved != 0) & (self._way * sign * moved >= 0)
                size = np.abs(moved[concerned])
                reach[concerned] += np.minimum(
                    1.0, np.minimum(scale * size, depth * size / self._amount[concerned])
                )
        return np.asarray(reach >= ENOUGH, dtype=np.bool_)

    def cut(self, index: int, hidden: Floats) -> Cut | None:
        """A cut that `hidden` does not meet though need `index` asks for it; None where there is none.

        An empty cut says that no pattern meets the need.
        """
        for size in BLOCKS:
            rows, cells = self._surroundings(self.needs[index].cell, size)
            if (found := self._cut_within(rows, cells, index, hidden)) is not None:
                return found
            if rows.size == self._field.equations.shape[0]:
                return None
        return None

    def _cut_within(self, rows: Ints, cells: Ints, index: int, hidden: Floats) -> Cut | None:
        """A cut made of the equations `rows`, in which only `cells` stand."""
        need = self.needs[index]
        part = self._field.equations[rows][:, cells]
        hinted = np.where(self._field.fixed | (hidden > HINT), hidden, HINT)
        fall, rise = (limit[cells] for limit in self._capacities(need, hinted))
        at = int(np.searchsorted(cells, need.cell))
        room = self._field.rooms[need.sight][cells] / need.amount
        headroom = self._field.headroom[cells] / need.amount
        shares, given = np.zeros(cells.size), 0.0
        program = self._everywhere
        if cells.size < self._field.fixed.size:
            program = _Movements(part.tocsc())
            program.add(np.arange(cells.size))
        for way in (need.way,) if need.way else (1, -1):
            self.programs += 1
            most = min(float(headroom[at] if way > 0 else room[at]), 1.0)
            movement = program.push(at, way, fall, rise, most)
            if abs(movement[at]) >= most - STILL:
                given += most
                continue
            through = program.through(at, way)
            falling, rising = through > STILL, through < -STILL
            shares[falling] += through[falling] * room[falling]
            shares[rising] -= through[rising] * headroom[rising]
        if given >= ENOUGH:
            return None
        shares[at] = 0.0
        shares = np.minimum(np.where(shares > STILL, shares, 0.0), 1.0)
        short = 1.0 - given - float(shares[self._field.fixed[cells]].sum())
        if short <= STILL:
            return None
        open_to = (shares > 0) & ~self._field.fixed[cells]
        found = Cut(cells[open_to], np.minimum(shares[open_to] / short, 1.0))
        return found if 1.0 - found.shares @ hidden[found.cells] > VIOLATED else None

    def _capacities(self, need: Need, hidden: Floats) -> tuple[Floats, Floats]:
        """How far each cell can fall and rise, in amounts of the need, where it is hidden by this share."""
        room = self._field.rooms[need.sight] / need.amount
        whole = hidden >= 1 - STILL
        headroom = self._field.headroom / need.amount
        fall, rise = (np.where(whole, limit, np.minimum(limit, 1.0) * hidden) for limit in (room, headroom))
        return fall, rise

    def _surroundings(self, cell: int, size: int | None) -> tuple[Ints, Ints]:
        """Equations around `cell`, with about `size` cells in them."""
        equations = self._field.equations
        if size is None or size >= equations.shape[1]:
            return np.arange(equations.shape[0]), np.arange(equations.shape[1])
        cells = np.array([cell])
        rows = np.empty(0, dtype=np.int64)
        while True:
            wider = np.unique(self._by_cell[:, cells].indices)
            if wider.size == rows.size or (rows.size and cells.size > size):
                return rows.astype(np.int64), cells.astype(np.int64)
            rows = wider
            cells = np.unique(equations[rows].indices)


def _witness(movement: Floats) -> Witness:
    cells = np.flatnonzero(np.abs(movement) > STILL)
    return Witness(cells, movement[cells])


class _Movements:
    """The largest movement of cells, with `equations` · y = 0 and -fall <= y <= rise; warm-started from call to call.

    Cells take part once they were added; those that are not move nowhere.
    """

    def __init__(self, equations: sp.csc_matrix) -> None:
        self._equations = equations
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, setting in (
            ("output_flag", False),
            ("threads", 1),
            ("presolve", "off"),
            ("simplex_strategy", 4),
        ):
            self._highs.setOptionValue(option, setting)
        rows = equations.shape[0]
        none = np.empty(0, dtype=np.int32)
        self._highs.addRows(rows, np.zeros(rows), np.zeros(rows), 0, none, none, np.empty(0))
        self._cells = np.empty(0, dtype=np.int64)
        self._present = np.zeros(equations.shape[1], dtype=np.bool_)

    def add(self, cells: Ints) -> None:
        """Let cells take part."""
        new = cells[~self._present[cells]]
        if not new.size:
            return
        part = self._equations[:, new]
        still = np.zeros(new.size)
        self._highs.addCols(
            new.size, still, still, still, part.nnz, part.indptr[:-1], part.indices, part.data
        )
        self._present[new] = True
        self._cells = np.concatenate([self._cells, new])

    def push(self, cell: int, way: int, fall: Floats, rise: Floats, most: float = 1.0) -> Floats:
        """The movement that takes `cell` furthest up (way 1) or down (-1), by `most` at most."""
        aim = np.zeros(fall.size)
        aim[cell] = way
        fall, rise = fall.copy(), rise.copy()
        fall[cell], rise[cell] = (0.0, most) if way > 0 else (min(most, float(fall[cell])), 0.0)
        return self.sweep(aim, fall, rise)

    def sweep(self, aim: Floats, fall: Floats, rise: Floats) -> Floats:
        """The movement y with the greatest `aim` · y; none where the program cannot tell."""
        highs, cells, infinity = self._highs, self._cells, highspy.kHighsInf
        columns = np.arange(cells.size, dtype=np.int32)
        highs.changeColsBounds(
            cells.size, columns, np.maximum(-fall[cells], -infinity), np.minimum(rise[cells], infinity)
        )
        highs.changeColsCost(cells.size, columns, -aim[cells])
        highs.run()
        movement = np.zeros(fall.size)
        if highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            movement[cells] = np.asarray(highs.getSolution().col_value)
        return movement

    def through(self, cell: int, way: int) -> Floats:
        """After `push`: c with way · y[cell] <= c · -y, whatever moves; all 0 where nothing bounds it."""
        held = np.asarray(self._equations.T @ np.asarray(self._highs.getSolution().row_dual))
        own = float(held[cell])
        return held * (way / own) if abs(own) > STILL else np.zeros(held.size)
