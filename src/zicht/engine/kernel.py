"""The inner loops of a tally, compiled: each row is looked at once for all counts and sums.

A GROUP BY updates one aggregate after another over cells that lie far apart in memory. These loops take a block of rows that fits the
processor's cache and do everything that is asked with it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

BLOCK = 256  # rows; what is known of them stays in the nearest cache
LIMIT = 9.0e18  # beyond it a sum of whole numbers would no longer fit


@njit(cache=True, nogil=True)
def count(
    cell: npt.NDArray[np.int64], holds: npt.NDArray[np.uint8], pairs: npt.NDArray[np.int64], counts: npt.NDArray[np.int32]
) -> None:  # fmt: skip
    """Count rows in cells.

    Args:
        cell: for each row its cell.
        holds: conditions × rows: 1 where the condition holds.
        pairs: counts × 2: the two conditions that must hold.
        counts: cells × counts; added to.
    """
    width = len(pairs)
    block = np.empty((BLOCK, width), np.uint8)
    for start in range(0, len(cell), BLOCK):
        end = min(start + BLOCK, len(cell))
        for which in range(width):
            one, other = holds[pairs[which, 0]], holds[pairs[which, 1]]
            for row in range(start, end):
                block[row - start, which] = one[row] & other[row]
        for row in range(start, end):
            at, found = counts[cell[row]], block[row - start]
            for which in range(width):
                at[which] += found[which]


@njit(cache=True, nogil=True)
def add_up(
    cell: npt.NDArray[np.int64], values: npt.NDArray[np.float64], holds: npt.NDArray[np.uint8], wanted: npt.NDArray[np.int64],
    scale: float, sums: npt.NDArray[np.int64], top: npt.NDArray[np.float64],
) -> float:  # fmt: skip
    """Add up values in cells and keep the two largest absolute ones of each.

    Args:
        cell: for each row its cell.
        values: values × rows; NaN where there is none.
        holds: conditions × rows: 1 where the condition holds.
        wanted: sums × 3: which value, and the two conditions that must hold.
        scale: what values are multiplied by before they are rounded to whole numbers, halves away from nought.
        sums: cells × sums; added to.
        top: cells × sums × 2; the largest absolute value so far, and the one after it.

    Returns:
        The sum of all absolute values, scaled; where it is over `LIMIT` the sums are not to be used.
    """
    size = 0.0
    for row in range(len(cell)):
        at = cell[row]
        for which in range(len(wanted)):
            value = values[wanted[which, 0], row]
            if holds[wanted[which, 1], row] & holds[wanted[which, 2], row] and value == value:
                far = abs(value)
                scaled = far * scale
                size += scaled
                if size > LIMIT:
                    return float(size)
                whole = np.int64(scaled)
                if scaled - whole >= 0.5:
                    whole += 1
                sums[at, which] += whole if value > 0 else -whole
                if far > top[at, which, 0]:
                    top[at, which, 1] = top[at, which, 0]
                    top[at, which, 0] = far
                elif far > top[at, which, 1]:
                    top[at, which, 1] = far
    return float(size)
