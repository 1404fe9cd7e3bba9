"""How far an outsider can narrow down hidden cells: their feasible intervals, by linear programming (part of the audit).

The outsider knows every equation and every published cell, and that no cell lies below its floor. Moving
the hidden cells by y leaves everything he knows true when the equations hold for y; the extremes of each
y are found with HiGHS. Each solution is a witness for all cells it moves, so a few programs over the
whole system clear nearly all of them, and only the rest get programs of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

import highspy
import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from zicht.disclosure.model import Bools, Floats, Ints

ROUNDS = 12  # programs over the whole system before cells are tried one by one
PATIENCE = 3  # programs that may clear nothing before sweeping ends
FEW = 3  # so few cells are settled one by one
BATCH = 400  # cells attacked in one program; more of them make each pivot dearer
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

    def among(self, members: Ints) -> tuple[Unknowns, Ints]:
        """These unknowns only (whole components), and the numbers of the equations between them."""
        narrowed = self.equations[:, members]
        rows = np.flatnonzero(np.diff(narrowed.indptr))
        others = (
            getattr(self, column.name)[members] for column in fields(self) if column.name != "equations"
        )
        return Unknowns(narrowed[rows], *others), rows


@dataclass
class Reach:
    """How far each hidden cell was seen to move, down and up, under the plain floor (A1) and the sharp one (A2)."""

    down: Floats
    up: Floats
    sharp_down: Floats
    sharp_up: Floats
    programs: int = 0
    binding: dict[int, Ints] = field(default_factory=dict)

    def among(self, members: Ints) -> Reach:
        """What was seen of these unknowns."""
        return Reach(self.down[members], self.up[members], self.sharp_down[members], self.sharp_up[members])

    def take_over(self, part: Reach, members: Ints, rows: Ints) -> None:
        """Add what was seen of a part: `members` are its unknowns, `rows` its equations."""
        self.down[members], self.up[members] = part.down, part.up
        self.sharp_down[members], self.sharp_up[members] = part.sharp_down, part.sharp_up
        self.programs += part.programs
        self.binding |= {int(members[cell]): rows[held] for cell, held in part.binding.items()}

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


def nothing_seen(size: int) -> Reach:
    """The reach of `size` cells before any attack."""
    return Reach(np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size))


def narrow_down(cells: Unknowns, reach: Reach | None = None) -> Reach:
    """Attack all hidden cells.

    Args:
        cells: what is hidden.
        reach: movements seen before that are still possible; more are added to it.

    Returns:
        How far each cell can move. For cells that lack uncertainty this is proven, and `binding` holds the
        equations (row numbers) that hold them.
    """
    size = cells.value.size
    reach = reach or nothing_seen(size)
    labels = _components(cells.equations)
    lacking = reach.lacking_plain(cells) | reach.lacking_sharp(cells)
    for members in _batches(labels, lacking):
        batch, rows = cells.among(members)
        found = reach.among(members)
        _sweep(batch, _components(batch.equations), found)
        _one_by_one(batch, found)
        reach.take_over(found, members, rows)
    return reach


def _batches(labels: Ints, lacking: Bools) -> Iterator[Ints]:
    """The components with cells that lack uncertainty, in batches of about BATCH cells."""
    concerned = np.flatnonzero(np.isin(labels, labels[lacking]))
    ordered = concerned[np.argsort(labels[concerned], kind="stable")]
    start = 0
    while start < ordered.size:
        last = labels[ordered[min(start + BATCH, ordered.size) - 1]]
        end = int(np.searchsorted(labels[ordered], last, side="right"))
        yield np.sort(ordered[start:end])
        start = end


def _components(equations: sp.csr_matrix) -> Ints:
    pattern = sp.csr_matrix((np.ones(equations.nnz), equations.indices, equations.indptr), equations.shape)
    _, labels = connected_components(sp.bmat([[None, pattern.T], [pattern, None]]), directed=False)
    return np.asarray(labels[: equations.shape[1]], dtype=np.int64)


def _sweep(cells: Unknowns, labels: Ints, reach: Reach) -> None:
    """Push all cells that still lack uncertainty at once, in random directions, until that clears no more."""
    box = _box(cells)
    fall = np.minimum(cells.value - cells.floor, box)
    program = _Program(cells.equations)
    rng = np.random.default_rng(_SEED)
    idle = 0
    for turn in range(ROUNDS):
        lacking = reach.lacking_plain(cells) | reach.lacking_sharp(cells)
        if lacking.sum() <= FEW or idle == PATIENCE:
            return
        sign = (
            rng.choice([-1.0, 1.0], size=lacking.size) if turn > 1 else np.full(lacking.size, 1.0 - 2 * turn)
        )
        movement, _ = program.push(np.where(lacking, sign, 0.0), fall, box)
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


def _one_by_one(cells: Unknowns, reach: Reach) -> None:
    """Settle the cells that still lack uncertainty, each with programs of its own, among its component only."""
    labels = _components(cells.equations)
    for label in np.unique(labels[reach.lacking_plain(cells) | reach.lacking_sharp(cells)]):
        members = np.flatnonzero(labels == label)
        component, rows = cells.among(members)
        found = reach.among(members)
        program = _Program(component.equations)
        for cell in range(members.size):
            _settle(component, program, found, cell)
        reach.take_over(found, members, rows)


def _settle(cells: Unknowns, program: _Program, reach: Reach, cell: int) -> None:
    """See how far one cell of a component can move, up and down, sharply and plainly, as far as that must be known."""
    one_component = np.zeros(cells.value.size, dtype=np.int64)
    for sharp in (True, False):
        lacking = reach.lacking_sharp if sharp else reach.lacking_plain
        for sign in (1.0, -1.0):
            if not lacking(cells)[cell]:
                break
            aim, rise = np.zeros(cells.value.size), np.full(cells.value.size, np.inf)
            fall = cells.value - (cells.floor if sharp else cells.plain_floor)
            most = max(cells.width[cell], cells.upper[cell] if sign > 0 else cells.lower[cell])
            aim[cell], rise[cell], fall[cell] = sign, most, min(fall[cell], most)
            movement, binding = program.push(aim, fall, rise)
            reach.programs += 1
            (_record if sharp else _record_plain)(cells, one_component, reach, movement)
            reach.binding[cell] = np.union1d(reach.binding.get(cell, binding), binding)


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
