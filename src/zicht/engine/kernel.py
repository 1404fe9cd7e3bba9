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
    # Unsigned numbers all through: a signed index costs a test for counting from the end.
    none, size, width, step = np.uint64(0), np.uint64(len(cell)), np.uint64(len(pairs)), np.uint64(BLOCK)
    block = np.empty((BLOCK, len(pairs)), np.uint8)
    for start in range(none, size, step):
        end = min(start + step, size)
        for which in range(none, width):
            one, other = np.uint64(pairs[which, 0]), np.uint64(pairs[which, 1])
            for row in range(start, end):
                block[row - start, which] = holds[one, row] & holds[other, row]
        for row in range(start, end):
            at = np.uint64(cell[row])
            for which in range(none, width):
                counts[at, which] += block[row - start, which]


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
