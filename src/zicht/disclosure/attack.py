"""How far an outsider can narrow down hidden cells: their feasible intervals, by linear programming (part of the audit).

The outsider knows every equation and every published cell, and that no cell lies below its floor. Moving
the hidden cells by y leaves everything he knows true when the equations hold for y; the extremes of each
y are found with HiGHS. Each solution is a witness for all cells it moves, so a few programs over the
whole system clear nearly all of them, and only the rest get programs of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from zicht.disclosure.model import Bools, Floats, Ints

ROUNDS = 12  # programs over the whole system before cells are tried one by one
PATIENCE = 3  # programs that may clear nothing before sweeping ends
WORTH_SHRINKING = 0.7  # leave cleared components out as soon as this share of the cells is left
STILL = 1e-6  # relative movement that counts as none
_SEED = 20240601


@dataclass(frozen=True)
class Unknowns:
    """The hidden cells as an outsider sees them; arrays over hidden cells.

    Attributes:
        equations: sum of children minus parent, one column per hidden cell; the movements y have equations · y = 0.
        value: the true values.
        floor: what a well-informed outsider knows to be the least (A2).
        plain_floor: what everybody knows (A1): 0 for what cannot be negative.
        checked: whether the cell must be uncertain at all.
        lower, upper, width: by how much; see `Sensitivity`.
    """

    equations: sp.csr_matrix
    value: Floats
    floor: Floats
    plain_floor: Floats
    checked: Bools
    lower: Floats
    upper: Floats
    width: Floats


@dataclass
class Reach:
    """How far each hidden cell was seen to move, down and up, under the plain floor (A1) and the sharp one (A2)."""

    down: Floats
    up: Floats
    sharp_down: Floats
    sharp_up: Floats
    programs: int = 0
    binding: dict[int, Ints] = field(default_factory=dict)

    def lacking_plain(self, cells: Unknowns) -> Bools:
        """Cells not yet seen to be as uncertain as they must be to everybody (A1)."""
        slack = STILL * np.maximum(1.0, cells.width + cells.upper + cells.lower)
        enough = (
            (self.up - self.down >= cells.width - slack)
            & (self.up >= cells.upper - slack)
            & (-self.down >= cells.lower - slack)
        )
        return np.asarray(cells.checked & ~enough, dtype=np.bool_)

    def lacking_sharp(self, cells: Unknowns) -> Bools:
        """Cells not yet seen to be uncertain by half the width to those who know that hidden counts are at least 1 (A2)."""
        enough = self.sharp_up - self.sharp_down >= cells.width / 2 - STILL * np.maximum(1.0, cells.width)
        return np.asarray(cells.checked & ~enough, dtype=np.bool_)


def narrow_down(cells: Unknowns) -> Reach:
    """Attack all hidden cells.

    Returns:
        How far each cell can move. For cells that lack uncertainty this is proven, and `binding` holds the
        equations (row numbers) that hold them.
    """
    size = cells.value.size
    reach = Reach(np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size))
    if not size or not cells.checked.any():
        return reach
    labels = _components(cells.equations)
    _sweep(cells, labels, reach)
    left = np.flatnonzero(reach.lacking_plain(cells) | reach.lacking_sharp(cells))
    for component in np.unique(labels[left]):
        _one_by_one(cells, np.flatnonzero(labels == component), reach)
    return reach


def _components(equations: sp.csr_matrix) -> Ints:
    pattern = sp.csr_matrix((np.ones(equations.nnz), equations.indices, equations.indptr), equations.shape)
    _, labels = connected_components(sp.bmat([[None, pattern.T], [pattern, None]]), directed=False)
    return np.asarray(labels[: equations.shape[1]], dtype=np.int64)


def _sweep(cells: Unknowns, labels: Ints, reach: Reach) -> None:
    """Push all cells that still lack uncertainty at once, in random directions, until that clears no more."""
    box = _box(cells)
    fall = np.minimum(cells.value - cells.floor, box)
    rng = np.random.default_rng(_SEED)
    members = np.empty(0, dtype=np.int64)
    idle = 0
    for turn in range(ROUNDS):
        lacking = reach.lacking_plain(cells) | reach.lacking_sharp(cells)
        if not lacking.any() or idle == PATIENCE:
            return
        concerned = np.isin(labels, labels[lacking])
        if turn == 0 or concerned.sum() < members.size * WORTH_SHRINKING:
            members = np.flatnonzero(concerned)
            program = _Program(_part(cells.equations, members)[0])
        sign = (
            rng.choice([-1.0, 1.0], size=lacking.size) if turn > 1 else np.full(lacking.size, 1.0 - 2 * turn)
        )
        movement = np.zeros(lacking.size)
        movement[members], _ = program.push(
            np.where(lacking, sign, 0.0)[members], fall[members], box[members]
        )
        reach.programs += 1
        _record(cells, labels, reach, movement)
        still = reach.lacking_plain(cells) | reach.lacking_sharp(cells)
        idle = idle + 1 if still.sum() == lacking.sum() else 0


def _box(cells: Unknowns) -> Floats:
    """Limits to the movements of a sweep: the needs of the cells, and for the other cells the greatest need.

    Small movements have a mirror: where no count moves by more than it counts, the opposite is possible too.
    """
    need = np.maximum(np.maximum(cells.width / 2, cells.lower), cells.upper)
    return np.where(cells.checked, need, float(np.max(need, initial=1.0)))


def _part(equations: sp.csr_matrix, members: Ints) -> tuple[sp.csr_matrix, Ints]:
    """The equations restricted to some unknowns, and the numbers of those that are left."""
    narrowed = equations[:, members]
    rows = np.flatnonzero(np.diff(narrowed.indptr))
    return narrowed[rows], rows


def _record(cells: Unknowns, labels: Ints, reach: Reach, movement: Floats) -> None:
    np.minimum(reach.sharp_down, movement, out=reach.sharp_down)
    np.maximum(reach.sharp_up, movement, out=reach.sharp_up)
    _record_plain(cells, labels, reach, movement)


def _record_plain(cells: Unknowns, labels: Ints, reach: Reach, movement: Floats) -> None:
    """Book a movement, and its mirror as far as that is possible, component by component."""
    rising = movement > STILL
    share = np.ones(int(labels.max()) + 1)
    room = np.maximum(cells.value - cells.plain_floor, 0.0)
    np.minimum.at(share, labels[rising], np.minimum(1.0, room[rising] / movement[rising]))
    mirror = -movement * share[labels]
    np.minimum(reach.down, np.minimum(movement, mirror), out=reach.down)
    np.maximum(reach.up, np.maximum(movement, mirror), out=reach.up)


def _one_by_one(cells: Unknowns, members: Ints, reach: Reach) -> None:
    """Settle the cells of one component (`members`) that still lack uncertainty, each with programs of its own."""
    part, rows = _part(cells.equations, members)
    program = _Program(part)
    labels = np.zeros(cells.value.size, dtype=np.int64)
    unbounded = np.full(members.size, np.inf)
    for sharp in (True, False):
        room = (cells.value - (cells.floor if sharp else cells.plain_floor))[members]
        for place, cell in enumerate(members):
            for sign in (1.0, -1.0):
                if not (reach.lacking_sharp(cells)[cell] if sharp else reach.lacking_plain(cells)[cell]):
                    break
                aim = np.zeros(members.size)
                aim[place] = sign
                rise, fall = unbounded.copy(), room.copy()
                most = max(cells.width[cell], cells.upper[cell] if sign > 0 else cells.lower[cell])
                rise[place] = most
                fall[place] = min(room[place], most)
                found, binding = program.push(aim, fall, rise)
                reach.programs += 1
                movement = np.zeros(cells.value.size)
                movement[members] = found
                (_record if sharp else _record_plain)(cells, labels, reach, movement)
                reach.binding[int(cell)] = rows[binding]


class _Program:
    """max aim · y with equations · y = 0 and -fall <= y <= rise, warm-started from one call to the next."""

    def __init__(self, equations: sp.csr_matrix) -> None:
        self._size = equations.shape[1]
        matrix = sp.hstack([equations, -equations], format="csc")
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = matrix.shape[1], matrix.shape[0]
        model.col_cost_ = np.zeros(matrix.shape[1])
        model.col_lower_ = np.zeros(matrix.shape[1])
        model.col_upper_ = np.zeros(matrix.shape[1])
        model.row_lower_ = np.zeros(matrix.shape[0])
        model.row_upper_ = np.zeros(matrix.shape[0])
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = matrix.indptr
        model.a_matrix_.index_ = matrix.indices
        model.a_matrix_.value_ = matrix.data
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        # Rising and falling apart, y = 0 is a vertex and the primal simplex starts from a feasible basis.
        for option, setting in (
            ("output_flag", False),
            ("threads", 1),
            ("presolve", "off"),
            ("simplex_strategy", 4),
        ):
            self._highs.setOptionValue(option, setting)
        self._highs.passModel(model)
        self._columns = np.arange(matrix.shape[1], dtype=np.int32)

    def push(self, aim: Floats, fall: Floats, rise: Floats) -> tuple[Floats, Ints]:
        """The movement, and the rows whose equations hold it there."""
        highs = self._highs
        top = np.concatenate([rise, fall])
        highs.changeColsBounds(
            top.size, self._columns, np.zeros(top.size), np.where(np.isfinite(top), top, highspy.kHighsInf)
        )
        highs.changeColsCost(top.size, self._columns, np.concatenate([-aim, aim]))
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            # Unbounded or stopped by numbers: no movement is claimed, so the cell counts as not shown to be safe.
            return np.zeros(self._size), np.empty(0, dtype=np.int64)
        solution = highs.getSolution()
        found = np.asarray(solution.col_value)
        binding = np.flatnonzero(np.abs(np.asarray(solution.row_dual)) > STILL)
        return found[: self._size] - found[self._size :], binding
