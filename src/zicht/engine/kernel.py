"""The inner loops of a tally, compiled: each row is looked at once for all counts and sums.

A GROUP BY updates one aggregate after another over cells that lie far apart in memory. Here a cell is small: eight counts lie side by side
in one number of 64 bits, a byte each, so that one addition counts a row for all eight; before a byte is full, it is added to a greater
number elsewhere (SWAR: Lamport, L., 1975, Multiple byte processing with full-word instructions, CACM 18).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

BLOCK = 512  # rows; what is known of them stays in the nearest cache
LIMIT = 9.0e18  # beyond it a sum of whole numbers would no longer fit
LANES = 8  # bytes in a number of 64 bits
_FULL = np.uint64(255)


@njit(cache=True, nogil=True)
def number(keys: npt.NDArray[np.int64], numbers: npt.NDArray[np.int32], used: int) -> int:
    """Replace keys by numbers given in the order in which keys come by.

    Args:
        keys: for each row its key, from 0; changed in place.
        numbers: for each key its number, -1 where it has none yet; filled in.
        used: how many numbers have been given.

    Returns:
        How many have been given now.
    """
    for row in range(len(keys)):
        key = np.uint64(keys[row])
        found = numbers[key]
        if found < 0:
            found = numbers[key] = used
            used += 1
        keys[row] = found
    return used


@njit(cache=True, nogil=True)
def count(
    cell: npt.NDArray[np.int64], holds: npt.NDArray[np.uint8], begins: npt.NDArray[np.int64], parts: npt.NDArray[np.int64],
    bytes_: npt.NDArray[np.uint64], totals: npt.NDArray[np.int64],
) -> None:  # fmt: skip
    """Count rows in cells.

    Args:
        cell: for each row its cell.
        holds: conditions × rows: 1 where the condition holds; the first always does.
        begins: for each count where the conditions that must all hold begin in `parts`, and the end; the first count is of all rows.
        parts: numbers of conditions, at least one for each count.
        bytes_: cells × ⌈counts / 8⌉: the counts so far that are not in `totals`, a byte each; added to.
        totals: cells × counts; added to when a byte is full.
    """
    # Unsigned numbers all through: a signed index costs a test for counting from the end.
    none, size, step = np.uint64(0), np.uint64(len(cell)), np.uint64(BLOCK)
    width = np.uint64(bytes_.shape[1])
    block = np.empty((bytes_.shape[1], BLOCK), np.uint64)
    all_hold = np.empty(BLOCK, np.uint8)
    for start in range(none, size, step):
        many = np.uint64(min(step, size - start))
        block[:] = 0
        for which in range(len(begins) - 1):
            first = np.uint64(parts[begins[which]])
            for row in range(none, many):
                all_hold[row] = holds[first, start + row]
            for part in parts[begins[which] + 1 : begins[which + 1]]:
                for row in range(none, many):
                    all_hold[row] &= holds[np.uint64(part), start + row]
            word, shift = np.uint64(which // LANES), np.uint64(8 * (which % LANES))
            for row in range(none, many):
                block[word, row] |= np.uint64(all_hold[row]) << shift
        for row in range(none, many):
            at = np.uint64(cell[start + row])
            for eight in range(none, width):
                bytes_[at, eight] += block[eight, row]
            if bytes_[at, none] & _FULL == _FULL:
                empty(bytes_[at], totals[at])


@njit(cache=True, nogil=True)
def empty(bytes_: npt.NDArray[np.uint64], totals: npt.NDArray[np.int64]) -> None:
    """Add the bytes of one cell to its totals."""
    for which in range(len(totals)):
        totals[which] += np.int64(bytes_[which // LANES] >> np.uint64(8 * (which % LANES)) & _FULL)
    bytes_[:] = 0


@njit(cache=True, nogil=True)
def counted(
    bytes_: npt.NDArray[np.uint64], totals: npt.NDArray[np.int64], cells: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The counts of cells, in the order in which the cells are asked for.

    Args:
        bytes_: what is not in `totals` yet; emptied.
        totals: cells × counts.
        cells: numbers of cells.

    Returns:
        Counts × cells.
    """
    found = np.empty((totals.shape[1], len(cells)), np.int64)
    for at in range(len(cells)):
        empty(bytes_[cells[at]], totals[cells[at]])
        for which in range(totals.shape[1]):
            found[which, at] = totals[cells[at], which]
    return found


@njit(cache=True, nogil=True)
def add_up(
    cell: npt.NDArray[np.int64], values: npt.NDArray[np.float64], holds: npt.NDArray[np.uint8], begins: npt.NDArray[np.int64],
    parts: npt.NDArray[np.int64], which_value: npt.NDArray[np.int64], scale: float, sums: npt.NDArray[np.int64],
) -> float:  # fmt: skip
    """Add up values in cells and keep the two largest absolute ones of each.

    Args:
        cell: for each row its cell.
        values: values × rows; NaN where there is none.
        holds: conditions × rows: 1 where the condition holds; the first always does.
        begins: for each sum where the conditions that must all hold begin in `parts`, and the end.
        parts: numbers of conditions, at least one for each sum.
        which_value: for each sum which value.
        scale: what values are multiplied by before they are rounded to whole numbers, halves away from nought.
        sums: cells × sums × 3; changed. The sum, the largest absolute value so far, and the one after it. Those two are kept as 1 more than
            the bits of the number, read as a whole number: 0 is none, and the order is that of the numbers.

    Returns:
        The sum of all absolute values, scaled; where it is over `LIMIT` the sums are not to be used.
    """
    size = 0.0
    none, rows, step = np.uint64(0), np.uint64(len(cell)), np.uint64(BLOCK)
    width = np.uint64(len(which_value))
    whole = np.empty((len(values), BLOCK), np.int64)
    bits = np.empty((len(values), BLOCK), np.int64)
    wanted = np.empty((len(which_value), BLOCK), np.uint8)
    for start in range(none, rows, step):
        many = np.uint64(min(step, rows - start))
        for value in range(len(values)):
            far = np.abs(values[value, start : start + many])
            bits[value, :many] = far.view(np.int64)
            for row in range(none, many):
                scaled = far[row] * scale
                size += scaled if scaled == scaled else 0.0
                down = np.int64(scaled) if scaled <= LIMIT else 0
                up = down + np.int64(scaled - down >= 0.5)
                whole[value, row] = up if values[value, start + row] > 0 else -up
        if size > LIMIT:
            return float(size)
        for which in range(none, width):
            for row in range(none, many):
                there = values[which_value[which], start + row]
                wanted[which, row] = there == there
            for part in parts[begins[which] : begins[which + 1]]:
                for row in range(none, many):
                    wanted[which, row] &= holds[part, start + row]
        for row in range(none, many):
            at = np.uint64(cell[start + row])
            for which in range(none, width):
                if wanted[which, row]:
                    own = np.uint64(which_value[which])
                    sums[at, which, 0] += whole[own, row]
                    new = bits[own, row] + 1
                    if new > sums[at, which, 2]:
                        sums[at, which, 2] = min(new, sums[at, which, 1])
                        sums[at, which, 1] = max(new, sums[at, which, 1])
    return float(size)
