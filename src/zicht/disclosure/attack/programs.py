"""The linear programs of the audit: how far one hidden cell can move, and from which equations that follows.

HiGHS solves them (Huangfu and Hall, Mathematical Programming Computation 10, 2018). Small groups of cells that hang
together are one program, warm-started from one question to the next. In large groups the answer mostly lies close by:
among the cells around the one asked about, holding all others still shows how far it can move at least; forgetting all
equations but those between these cells shows how far it can move at most. Where the two agree nothing more is needed,
otherwise the circle is drawn wider.

A solver decides in absolute terms what is nothing, so each program is asked in a unit of its own: about as far as the
cell asked about is asked to move. What other cells move by far less than that may be noise, and is not believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import highspy
import numpy as np
import scipy.sparse as sp

from zicht.disclosure.model import Floats, Ints

STILL = 1e-6  # relative movement that counts as none
BELIEVED = 1e-3  # a movement this small beside the one asked for may be what the solver overlooks
SMALL = 500  # cells of a group that is one program
CIRCLES = (150, 1200)  # cells around the one asked about, before all of a large group is asked


class Program:
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

    def push(self, aim: Floats, fall: Floats, rise: Floats) -> tuple[Floats, Ints] | None:
        """The movement, and the rows whose equations hold it there; None where no optimum was found.

        Movements of less than `BELIEVED` of what is asked are given as 0: they are no witness.
        """
        highs = self._highs
        unit = _unit(aim, fall, rise)
        top = np.concatenate([rise, fall]) / unit
        highs.changeColsBounds(
            top.size, self._columns, np.zeros(top.size), np.where(np.isfinite(top), top, highspy.kHighsInf)
        )
        highs.changeColsCost(top.size, self._columns, np.concatenate([-aim, aim]))
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            # A basis that numbers spoilt: once more from the vertex y = 0.
            highs.clearSolver()
            highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = highs.getSolution()
        found = np.asarray(solution.col_value)
        binding = np.flatnonzero(np.abs(np.asarray(solution.row_dual)) > STILL)
        movement = found[: self._size] - found[self._size :]
        movement[(np.abs(movement) < BELIEVED) & (aim == 0)] = 0.0
        return movement * unit, binding


def _unit(aim: Floats, fall: Floats, rise: Floats) -> float:
    """The power of two nearest below how far the cells aimed at may go: dividing by it rounds nothing."""
    asked = float(np.max(np.where(aim > 0, rise, np.where(aim < 0, fall, 0.0)), initial=0.0))
    return float(2.0 ** np.floor(np.log2(asked))) if 0 < asked < np.inf else 1.0


class Group:
    """Hidden cells that hang together by equations, to ask one question after another about.

    Attributes:
        programs: linear programs solved so far.
    """

    def __init__(self, equations: sp.csr_matrix) -> None:
        self._equations = equations
        self.programs = 0

    def extreme(self, cell: int, sign: float, fall: Floats, rise: Floats) -> tuple[Floats, Ints]:
        """Move `cell` as far as it goes, up (1) or down (-1).

        Args:
            cell: the cell asked about; how far it may move at most must be finite.
            sign: 1.0 or -1.0.
            fall: how far each cell may move down.
            rise: how far each cell may move up.

        Returns:
            The movement, none where it could not be found, and the rows whose equations allow no more.
        """
        most = rise[cell] if sign > 0 else fall[cell]
        for rows, columns in self._circles(cell):
            still_others = self._ask(self._touching(columns), columns, cell, sign, fall, rise)
            if still_others is None:
                continue
            movement = np.zeros(fall.size)
            movement[columns] = still_others[0]
            if movement[cell] * sign >= most * (1 - STILL):
                return movement, np.empty(0, dtype=np.int64)
            at_most = self._ask(rows, columns, cell, sign, fall, rise)
            if at_most is not None and self._agree(at_most[0], columns, cell, movement, most):
                return movement, at_most[1]
        self.programs += 1
        aim = np.zeros(fall.size)
        aim[cell] = sign
        found = self._whole.push(aim, fall, rise)
        return found if found is not None else (np.zeros(fall.size), np.empty(0, dtype=np.int64))

    def derive(self, cell: int, given: Ints) -> Ints:
        """The rows whose equations, with the cells `given`, determine `cell`; none where they do not.

        Args:
            cell: a cell.
            given: cells that somebody knows.
        """
        size = self._equations.shape[1]
        fall, rise = np.full(size, np.inf), np.full(size, np.inf)
        fall[given] = rise[given] = 0.0
        fall[cell] = rise[cell] = 1.0
        for rows, columns in (*self._circles(cell), (np.arange(self._equations.shape[0]), np.arange(size))):
            found = self._ask(rows, columns, cell, 1.0, fall, rise)
            if found is not None and abs(found[0][np.searchsorted(columns, cell)]) < STILL:
                return found[1]
        return np.empty(0, dtype=np.int64)

    @cached_property
    def _whole(self) -> Program:
        return Program(self._equations)

    @cached_property
    def _by_cell(self) -> sp.csc_matrix:
        return self._equations.tocsc()

    def _circles(self, cell: int) -> Iterator[tuple[Ints, Ints]]:
        """Equations around a cell, and the cells in them: ever wider, but not all."""
        total = self._equations.shape[1]
        if total <= SMALL:
            return
        rows = columns = np.array([cell], dtype=np.int64)
        for size in CIRCLES:
            while columns.size < min(size, total):
                rows = self._touching(columns)
                wider = np.unique(self._equations[rows].indices)
                if wider.size == columns.size:
                    return
                columns = wider
            if columns.size <= total // 2:
                yield rows, columns

    def _touching(self, columns: Ints) -> Ints:
        return np.unique(self._by_cell[:, columns].indices)

    def _ask(
        self, rows: Ints, columns: Ints, cell: int, sign: float, fall: Floats, rise: Floats
    ) -> tuple[Floats, Ints] | None:
        aim = np.zeros(columns.size)
        aim[np.searchsorted(columns, cell)] = sign
        self.programs += 1
        found = Program(self._equations[rows][:, columns]).push(aim, fall[columns], rise[columns])
        return None if found is None else (found[0], rows[found[1]])

    @staticmethod
    def _agree(at_most: Floats, columns: Ints, cell: int, at_least: Floats, most: float) -> bool:
        return bool(abs(at_most[np.searchsorted(columns, cell)] - at_least[cell]) <= STILL * most)
