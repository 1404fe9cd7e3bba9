"""Controlled rounding: every number becomes a multiple of the base, and tables still add up.

Each number is rounded down or up, a multiple of the base stays what it is (zero-restricted), every equation of every
tree and every linked table still holds, and of all such roundings the one is chosen that changes least in total. In a
table of a tree and a flat dimension the equations are a network, so a linear programme gives whole numbers at once;
elsewhere what it leaves broken is settled by integer programming. Where no such rounding exists, numbers may also move
one multiple further, at a price that keeps this rare.

Source: Cox and Ernst (1982), Controlled rounding; Fischetti and Salazar-González (1998), Experiments with controlled rounding
for statistical disclosure control in tabular data with linear constraints; solved with HiGHS (Huangfu and Hall, 2018).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from zicht.disclosure.model import Bools, Floats, Link, Table
from zicht.disclosure.perturbation.equations import gather
from zicht.disclosure.perturbation.random_rounding import split
from zicht.errors import DisclosureError

MAX_RELAXED = 3  # multiples of the base further that a number may move, before rounding is given up
MAX_NODES = 2000  # of the search for whole numbers; a count and no time, so that every machine finds the same
GAP = 0.01  # of the total change, within which a rounding counts as the best
WHOLE = 1e-6


@dataclass(frozen=True)
class Rounding:
    """Rounded tables.

    Attributes:
        values: for each table, by name, its rounded values; shape (cells,).
        farther: how many multiples of the base farther than the nearest two a number was allowed to go; 0 almost always.
        programs: linear and integer programmes solved.
    """

    values: dict[str, Floats]
    farther: int
    programs: int


def round_controlled(
    tables: Sequence[Table],
    base: float,
    *,
    links: Sequence[Link] = (),
    where: Mapping[str, Bools] | None = None,
) -> Rounding:
    """Round tables so that they still add up.

    Args:
        tables: one or more tables.
        base: what is rounded to, in the unit of the tables.
        links: which cells of different tables are the same number; they stay the same.
        where: by name of a table, which of its cells are rounded, all if not given. The others keep their value; an equation
            that one of them is part of need not hold any more.

    Returns:
        The rounded values of each table.

    Raises:
        DisclosureError: when the base is not positive, a link does not hold, or no rounding adds up.
    """
    numbers = gather(tables, links)
    exact = np.zeros(numbers.value.size, dtype=np.bool_)
    for name, chosen in (where or {}).items():
        exact[numbers.of_cell[name][~chosen]] = True
    below, rest = split(numbers.value, base)
    kept = numbers.sums[np.asarray(abs(numbers.sums) @ exact == 0)]
    problem = _Problem(
        kept,
        below / base,
        rest / base,
        np.where(exact, 0.0, numbers.cells),
        bool(numbers.value.min(initial=0.0) < 0),
    )
    steps, farther, programs = problem.solve()
    rounded = np.where(exact, numbers.value, base * steps)
    values = {table.name: rounded[numbers.of_cell[table.name]] for table in tables}
    return Rounding(values, farther, programs)


@dataclass(frozen=True)
class _Problem:
    """Which whole number of bases each cell becomes.

    Attributes:
        equations: sum of children minus parent, over cells.
        below: the whole number of bases at or below the value.
        rest: what is left, in bases, from 0 up to 1.
        weight: how many cells of tables the number stands in; 0 for what is not rounded.
        negative: whether numbers may be below 0.
    """

    equations: sp.csr_matrix
    below: Floats
    rest: Floats
    weight: Floats
    negative: bool

    def solve(self) -> tuple[Floats, int, int]:
        """The whole numbers of bases, how much farther they were allowed to go, and the programmes it took.

        Raises:
            DisclosureError: when nothing adds up.
        """
        programs = 0
        for farther in range(MAX_RELAXED + 1):
            for whole in (False, True):
                programs += 1
                change = self._program(farther, whole)
                if change is None:
                    break
                if np.abs(change - np.rint(change)).max(initial=0.0) <= WHOLE:
                    return self.below + np.rint(change), farther, programs
        raise DisclosureError("No rounding of these tables adds up; give a larger base.")

    def _program(self, farther: int, whole: bool) -> Floats | None:
        """The change of each cell in bases from `below`, None where there is none."""
        size = self.below.size
        moving = np.arange(size) if farther else np.flatnonzero(self.rest > 0)
        columns = self.equations[:, moving]
        rows = np.flatnonzero(np.diff(columns.indptr))
        columns, owed = columns[rows], -(self.equations[rows] @ self.below)
        up = (self.rest[moving] > 0).astype(np.float64)
        cost = self.weight[moving] * (1 - 2 * self.rest[moving])
        down = np.zeros(0)
        if farther:
            # Beyond the two nearest multiples every step costs a whole base, so the nearest are used up first.
            floor = np.full(moving.size, np.inf) if self.negative else self.below[moving]
            down = np.minimum(floor, farther)
            columns = sp.hstack([columns, columns, -columns], format="csc")
            up = np.concatenate([up, np.full(moving.size, float(farther)), down])
            beyond = 2.0 * np.maximum(self.weight[moving], 1.0)
            cost = np.concatenate([cost, beyond, beyond])
        found = _optimise(columns.tocsc(), cost, up, owed, whole)
        if found is None:
            return None
        change = np.zeros(size)
        steps = found.reshape(3 if farther else 1, moving.size)
        change[moving] = steps[0] if not farther else steps[0] + steps[1] - steps[2]
        return change


def _optimise(matrix: sp.csc_matrix, cost: Floats, up: Floats, owed: Floats, whole: bool) -> Floats | None:
    """The cheapest x from 0 to `up` with matrix · x = owed; of whole numbers if asked. None where there is none."""
    if not cost.size:
        return np.zeros(0) if not np.any(np.abs(owed) > WHOLE) else None
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = matrix.shape[1], matrix.shape[0]
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.zeros(cost.size), up
    model.row_lower_ = model.row_upper_ = owed
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    if whole:
        model.integrality_ = [highspy.HighsVarType.kInteger] * cost.size
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, setting in (
        ("output_flag", False),
        ("threads", 1),
        # The equations of tables are already as short as can be: on 166,111 cells presolving takes two thirds of the time.
        ("presolve", "choose" if whole else "off"),
        ("mip_max_nodes", MAX_NODES),
        ("mip_rel_gap", GAP),
    ):
        highs.setOptionValue(option, setting)
    highs.passModel(model)
    highs.run()
    solved = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    if not solved and not (whole and highs.getInfo().primal_solution_status == 2):
        return None
    return np.asarray(highs.getSolution().col_value, dtype=np.float64)
