"""Linear programs over fixed equations: how low and how high one unknown can be. Held open, for each next question begins at the last answer."""

from __future__ import annotations

import highspy
import numpy as np
import scipy.sparse as sp


class Program:
    """Unknowns of which linear equations are known; what bounds them may differ from question to question."""

    def __init__(self, equations: sp.spmatrix | np.ndarray, right: np.ndarray | None = None) -> None:
        rows = sp.csr_matrix(equations)
        equal = np.zeros(rows.shape[0]) if right is None else right
        self.all = np.arange(rows.shape[1], dtype=np.int32)
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        self.solver.addVars(self.all.size, np.zeros(self.all.size), np.zeros(self.all.size))
        begin, members = rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32)
        self.solver.addRows(rows.shape[0], equal, equal, rows.nnz, begin, members, rows.data.astype(float))

    def bound(self, low: np.ndarray, high: np.ndarray) -> None:
        """Let every unknown lie between two numbers, which may be infinite."""
        self.solver.changeColsBounds(self.all.size, self.all, low.astype(float), high.astype(float))

    def ends(self, unknown: int) -> tuple[float, float]:
        """The least and the most that an unknown can be; infinite where nothing holds it."""
        found = [sign * self._least(unknown, sign) for sign in (1.0, -1.0)]
        self.solver.changeColCost(unknown, 0.0)
        return found[0], found[1]

    def _least(self, unknown: int, sign: float) -> float:
        self.solver.changeColCost(unknown, sign)
        status = self._solved()
        if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnbounded):
            self.solver.clearSolver()  # where it went on from, such as a direction without end, can leave it without an answer
            status = self._solved()
        if status == highspy.HighsModelStatus.kUnbounded:
            return -np.inf
        assert status == highspy.HighsModelStatus.kOptimal, status
        return float(self.solver.getInfo().objective_function_value)

    def _solved(self) -> highspy.HighsModelStatus:
        self.solver.run()
        return self.solver.getModelStatus()
