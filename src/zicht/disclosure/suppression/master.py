"""The choice of cells to hide under the cuts known so far: a linear program, then the same in integers.

Solved by HiGHS, which has no way to be given cuts while it branches: the program in integers is solved
anew when its answer turns out to be unsafe. Reduced costs of the relaxation keep it small.
"""

from __future__ import annotations

import highspy
import numpy as np

from zicht.disclosure.model import Bools, Floats
from zicht.disclosure.suppression.capacity import Cut

NODES = 20_000  # of one program in integers
NONE = 1e-9  # shares below this are none
_SEED = 20240601


class Master:
    """Which cells to hide, at the least price, so that all cuts added are met.

    Attributes:
        left: what is left of the price of each cell once the cuts have been paid for (reduced costs).
        relaxed: price of the relaxation.
        bound: what the last choice in integers costs at least.
        nodes: nodes of all choices so far.
    """

    def __init__(self, price: Floats, fixed: Bools, gap: float) -> None:
        self.left = price.copy()
        self.relaxed = 0.0
        self.bound = 0.0
        self.nodes = 0
        self._fixed = fixed.astype(np.float64)
        self._columns = np.arange(price.size, dtype=np.int32)
        self._highs = _solver()
        self._highs.addVars(price.size, self._fixed, np.ones(price.size))
        self._highs.changeColsCost(price.size, self._columns, price)
        self._gap = gap
        self._root = (0.0, np.zeros(price.size))

    def add(self, cut: Cut) -> None:
        """Demand that a cut be met."""
        self._highs.addRow(1.0, highspy.kHighsInf, cut.cells.size, cut.cells.astype(np.int32), cut.shares)

    def relax(self) -> Floats:
        """The cheapest shares (0 to 1) by which cells must be hidden."""
        self._highs.run()
        solution = self._highs.getSolution()
        self.relaxed = float(self._highs.getInfo().objective_function_value)
        self.left = np.maximum(np.asarray(solution.col_dual), 0.0)
        share = np.asarray(solution.col_value).copy()
        share[share < NONE] = 0.0
        return share

    def mark_root(self) -> None:
        """Keep the relaxation as it is now to judge by it which cells are too dear."""
        self._root = (self.relaxed, self.left)

    def choose(self, below: float) -> Floats | None:
        """The cheapest cells to hide, as 0 or 1, among those without which no pattern costs at most `below`.

        None where there is no such choice, or none was found within NODES.
        """
        relaxed, left = self._root
        size = self._columns.size
        too_dear = (relaxed + left > below) & (self._fixed == 0)
        highs = _solver()
        highs.setOptionValue("mip_max_nodes", NODES)
        highs.setOptionValue("mip_abs_gap", self._gap)
        highs.passModel(self._highs.getLp())
        highs.changeColsBounds(size, self._columns, self._fixed, np.where(too_dear, 0.0, 1.0))
        highs.changeColsIntegrality(size, self._columns, np.ones(size, dtype=np.uint8))
        highs.run()
        info = highs.getInfo()
        self.nodes += max(int(info.mip_node_count), 0)
        if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            self.bound = np.inf
            return None
        self.bound = float(info.mip_dual_bound)
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        return np.asarray(np.rint(highs.getSolution().col_value), dtype=np.float64)


def _solver() -> highspy.Highs:
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, setting in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", _SEED),
        ("mip_rel_gap", 0.0),
    ):
        highs.setOptionValue(option, setting)
    return highs
