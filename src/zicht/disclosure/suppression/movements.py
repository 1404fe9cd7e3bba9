"""Movements of cells that leave every sum intact, found by linear programs that stay warm from one question to the next.

A movement y of the cells of a block has equations · y = 0; rising and falling are variables of their own, so
that a price can be put on the size of a movement. Between two questions only bounds and prices change, and
the simplex method of HiGHS (Huangfu and Hall, Math. Prog. Comp. 10, 2018) goes on from the basis it had.
"""

from __future__ import annotations

import highspy
import numpy as np
import scipy.sparse as sp

from zicht.disclosure.model import Floats, Ints

STILL = 1e-7  # movements below this are none
_OPTIONS = (
    ("output_flag", False),
    ("threads", 1),
    ("presolve", "off"),
    ("dual_simplex_cost_perturbation_multiplier", 0.0),  # halves the time of a warm run
)


class Movements:
    """min price · |y| with equations · y = 0, -fall <= y <= rise and one cell held to a movement.

    Args:
        equations: one column per cell of the block. Shape (rows, cells).
        price: what a unit of movement of each cell costs.
        fall, rise: how far each cell can go down and up; inf where nothing stops it.
    """

    def __init__(self, equations: sp.csr_matrix, price: Floats, fall: Floats, rise: Floats) -> None:
        matrix = sp.hstack([equations, -equations], format="csc")
        self._size = equations.shape[1]
        self.fall, self.rise = fall.astype(np.float64), rise.astype(np.float64)
        self._out: set[int] = set()
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = matrix.shape[1], matrix.shape[0]
        model.col_cost_ = np.concatenate([price, price])
        model.col_lower_ = np.zeros(matrix.shape[1])
        model.col_upper_ = _finite(np.concatenate([rise, fall]))
        model.row_lower_ = np.zeros(matrix.shape[0])
        model.row_upper_ = np.zeros(matrix.shape[0])
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = matrix.indptr
        model.a_matrix_.index_ = matrix.indices
        model.a_matrix_.value_ = matrix.data
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, setting in _OPTIONS:
            self._highs.setOptionValue(option, setting)
        self._highs.passModel(model)

    def reprice(self, cells: Ints, price: float) -> None:
        """Change what a unit of movement of `cells` costs."""
        for cell in cells.tolist():
            self._highs.changeColCost(cell, price)
            self._highs.changeColCost(cell + self._size, price)

    def stretch(self, fall: Floats, rise: Floats) -> None:
        """Change how far all cells can go."""
        self.fall, self.rise = fall.astype(np.float64), rise.astype(np.float64)
        top = _finite(np.concatenate([self.rise, self.fall]))
        for cell in self._out:
            top[cell] = top[cell + self._size] = 0.0
        columns = np.arange(top.size, dtype=np.int32)
        self._highs.changeColsBounds(top.size, columns, np.zeros(top.size), top)

    def leave_out(self, cell: int) -> None:
        """Hold a cell still."""
        self._out.add(cell)
        self._hold(cell, 0.0, 0.0, 0.0, 0.0)

    def take_back(self, cell: int) -> None:
        """Let a cell that was left out move again."""
        self._out.discard(cell)
        self._release(cell)

    def cheapest(self, cell: int, movement: float) -> Floats | None:
        """The cheapest movement of all in which `cell` moves by `movement`; None where there is none.

        Args:
            cell: a cell of the block, by its column.
            movement: how far it goes, up (positive) or down.
        """
        up, down = max(movement, 0.0), max(-movement, 0.0)
        if up > self.rise[cell] + STILL or down > self.fall[cell] + STILL:
            return None
        self._hold(cell, up, up, down, down)
        found = self._run()
        self._release(cell)
        return found

    def _run(self) -> Floats | None:
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        columns = np.asarray(self._highs.getSolution().col_value)
        return np.asarray(columns[: self._size] - columns[self._size :], dtype=np.float64)

    def _hold(self, cell: int, least_up: float, most_up: float, least_down: float, most_down: float) -> None:
        self._highs.changeColBounds(cell, least_up, most_up)
        self._highs.changeColBounds(cell + self._size, least_down, most_down)

    def _release(self, cell: int) -> None:
        if cell in self._out:
            self._hold(cell, 0.0, 0.0, 0.0, 0.0)
            return
        self._hold(cell, 0.0, _cap(self.rise[cell]), 0.0, _cap(self.fall[cell]))


def _finite(limits: Floats) -> Floats:
    return np.where(np.isfinite(limits), limits, highspy.kHighsInf)


def _cap(limit: float) -> float:
    return float(limit) if np.isfinite(limit) else float(highspy.kHighsInf)
