"""What is known of each cell before publication: bounds from elsewhere, and what the sums of a table make of them.

If an earlier publication says that a total is 10 at most and that one of its two parts is 8 at least, the other part was known
to be 2 at most already: no protection can make it less certain. Bounds are handed on from totals to parts and back until
nothing changes (bound propagation, as in the presolving of linear programs: Savelsbergh, ORSA J. Comput. 6, 1994).
"""

from __future__ import annotations

import numpy as np

from zicht.disclosure.dimensions import Bools, Floats, Ints
from zicht.disclosure.model import Table

ROUNDS = 30  # times that bounds are handed on; what is left after these is little
STILL = 1e-9  # smaller changes count as none, relative to the largest value


def narrowed(table: Table, least: Floats, most: Floats) -> tuple[Floats, Floats]:
    """Bounds of cells narrowed down by the sums of a table.

    Args:
        table: the cells.
        least: what each is known to be at least; -inf where nothing is known. Shape (cells,).
        most: what each is known to be at most; inf where nothing is known. Shape (cells,).

    Returns:
        The least and the most of each cell, never beyond its value.
    """
    there = table.dense(np.ones(table.value.size), 0.0) > 0
    value = table.dense(table.value, 0.0)
    low, high = table.dense(least, 0.0), table.dense(most, 0.0)
    still = STILL * max(1.0, float(np.abs(table.value).max(initial=0.0)))
    for _ in range(ROUNDS):
        before = low.copy(), high.copy()
        for axis, dimension in enumerate(table.dimensions):
            present, true = np.moveaxis(there, axis, 0), np.moveaxis(value, axis, 0)
            lows, highs = np.moveaxis(low, axis, 0), np.moveaxis(high, axis, 0)
            for node in dimension.internal:
                parts = dimension.children[node]
                # A total none of whose parts is given, though it is not 0, is the sum of nothing in sight.
                holds = np.asarray(present[parts].any(axis=0) | (true[node] == 0), dtype=np.bool_)
                _hand_on(lows, highs, int(node), parts, holds)
        if not (np.any(low > before[0] + still) or np.any(high < before[1] - still)):
            break
    at = table.position
    return np.minimum(low.ravel()[at], table.value), np.maximum(high.ravel()[at], table.value)


def _hand_on(low: Floats, high: Floats, node: int, parts: Ints, holds: Bools) -> None:
    """Narrow down one total and its parts, where their sum holds; `low` and `high` are changed in place."""
    least, most = low[parts].sum(axis=0), high[parts].sum(axis=0)
    low[node] = np.where(holds, np.maximum(low[node], least), low[node])
    high[node] = np.where(holds, np.minimum(high[node], most), high[node])
    others_least, others_most = _without_each(low[parts]), _without_each(high[parts])
    low[parts] = np.where(holds, np.maximum(low[parts], low[node] - others_most), low[parts])
    high[parts] = np.where(holds, np.minimum(high[parts], high[node] - others_least), high[parts])


def _without_each(bound: Floats) -> Floats:
    """For each part the sum of the bounds of all others; infinite where one of those is."""
    known = np.isfinite(bound)
    finite = np.where(known, bound, 0.0)
    endless = (~known).sum(axis=0) - ~known
    sign = np.where(np.any(bound == -np.inf, axis=0), -1.0, 1.0)
    return np.where(endless > 0, sign * np.inf, finite.sum(axis=0) - finite)
