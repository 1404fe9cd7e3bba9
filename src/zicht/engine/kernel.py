"""The inner loops of a tally, compiled: each row is looked at once for all counts and sums.

A GROUP BY updates one aggregate after another over cells that lie far apart in memory. Here a cell is small: eight counts lie side by side
in one number of 64 bits, a byte each, so that one addition counts a row for all eight; before a byte is full, it is added to a greater
number elsewhere (SWAR: Lamport, L., 1975, Multiple byte processing with full-word instructions, CACM 18).
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from zicht.compiled import LINE, ask_for, compiled

Kept = TypeVar("Kept", np.uint64, np.uint32, np.int64)
Small = TypeVar("Small", np.uint8, np.int64)

BLOCK = 128  # rows; what is known of them and of their cells stays in the nearest cache, and a byte less than half full can count them
LIMIT = 9.0e18  # beyond it a sum of whole numbers would no longer fit
LANES = 8  # bytes in a number of 64 bits
_LANES = np.uint64(LANES)
_FULL = np.uint64(255)
_HALF = np.uint64(128)
_UNSIGNED = np.int64(0x7FFF_FFFF_FFFF_FFFF)  # the bits of a number but for its sign
_PART = 8  # bits


@compiled
def refer(codes: npt.NDArray[np.int32], values: npt.NDArray[Small], rows: npt.NDArray[Small]) -> None:
    """Put the value of each row in its place.

    Args:
        codes: for each row which of the values it has.
        values: the values.
        rows: for each row its value; filled in.
    """
    for row in range(len(codes)):
        rows[row] = values[np.uint32(codes[row])]


@compiled
def number(
    first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], numbers: npt.NDArray[np.int32], used: int
) -> int:
    """Replace pairs of keys by numbers given in the order in which pairs come by.

    Args:
        first: for each row its first key, from 0; becomes the number of the pair.
        second: for each row its second key, from 0.
        numbers: first keys × second keys: the number of each pair, -1 where it has none yet; filled in.
        used: how many numbers have been given.

    Returns:
        How many have been given now.
    """
    flat, width = numbers.reshape(-1), np.uint64(numbers.shape[1])
    for row in range(len(first)):
        key = np.uint64(first[row]) * width + np.uint64(second[row])
        found = flat[key]
        if found < 0:
            found = flat[key] = used
            used += 1
        first[row] = found
    return used


@compiled
def combine(
    facts: npt.NDArray[np.uint8], sizes: npt.NDArray[np.int64], combined: npt.NDArray[np.int64]
) -> None:
    """Make one number of several small ones.

    Args:
        facts: small numbers × rows.
        sizes: for each of the first of those, how many values it takes; the others are left out.
        combined: for each row the number; filled in.
    """
    combined[:] = 0
    for which in range(len(sizes)):
        size, fact = sizes[which], facts[which]
        for row in range(len(combined)):
            combined[row] = combined[row] * size + fact[row]


@compiled
def count(
    cell: npt.NDArray[np.int64], facts: npt.NDArray[np.uint8], begins: npt.NDArray[np.int64], parts: npt.NDArray[np.int64],
    bytes_: npt.NDArray[np.uint64], totals: npt.NDArray[np.uint32],
) -> None:  # fmt: skip
    """Count rows in cells.

    Args:
        cell: for each row its cell.
        facts: facts × rows, among which conditions: 1 where they hold.
        begins: for each count where the conditions that must all hold begin in `parts`, and the end; the first count is of all rows.
        parts: which facts those conditions are, at least one for each count.
        bytes_: cells × ⌈counts / 8⌉: the counts so far that are not in `totals`, a byte each; added to.
        totals: cells × counts; added to when a byte is half full.
    """
    # Unsigned numbers all through: a signed index costs a test for counting from the end.
    none = np.uint64(0)
    block = np.empty((bytes_.shape[1], BLOCK), np.uint64)
    all_hold = np.empty(BLOCK, np.uint8)
    for start in range(0, len(cell), BLOCK):
        stop = min(start + BLOCK, len(cell))
        own = cell[start:stop]
        _ask_for_all(bytes_, own)
        block[:] = 0
        for which in range(len(begins) - 1):
            holds = facts[parts[begins[which]], start:stop]
            if begins[which + 1] - begins[which] > 1:
                all_hold[: stop - start] = holds
                holds = all_hold[: stop - start]
                for part in parts[begins[which] + 1 : begins[which + 1]]:
                    holds &= facts[part, start:stop]
            word, shift = block[which // LANES], np.uint64(8 * (which % LANES))
            for row in range(len(holds)):
                word[row] |= np.uint64(holds[row]) << shift
        many = np.uint64(len(own))
        for eight in range(none, np.uint64(bytes_.shape[1])):
            word = block[eight]
            for row in range(none, many):
                bytes_[np.uint64(own[row]), eight] += word[row]
        for row in range(none, many):
            at = np.uint64(own[row])
            if bytes_[at, none] & _HALF:  # no count is greater than the first, of all rows
                empty(bytes_[at], totals[at])


@compiled
def empty(bytes_: npt.NDArray[np.uint64], totals: npt.NDArray[np.uint32]) -> None:
    """Add the bytes of one cell to its totals."""
    for which in range(np.uint64(0), np.uint64(len(totals))):
        totals[which] += np.uint32(_byte(bytes_[which // _LANES], which))
    bytes_[:] = 0


@compiled
def _byte(word: np.uint64, which: np.uint64) -> np.uint64:
    """The count `which` of a cell, out of the word it is in."""
    return np.uint64(word >> np.uint64(8) * (which % _LANES) & _FULL)


@compiled
def counted(
    bytes_: npt.NDArray[np.uint64], totals: npt.NDArray[np.uint32], cells: npt.NDArray[np.int64], whole: npt.NDArray[np.int64],
    splits: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:  # fmt: skip
    """The counts of cells, those that were split put together.

    Args:
        bytes_: what is not in `totals`.
        totals: cells × counts.
        cells: numbers of cells.
        whole: for each of those the cell that it was split from, in order from 0.
        splits: for each of those the conditions that split and that its rows meet, a bit each.
        wanted: for each count that is asked for, which count of a cell, and the bits that there must be.

    Returns:
        Counts × whole cells.
    """
    found = np.zeros((len(wanted), whole[-1] + 1 if len(whole) else 0), np.int64)
    for at in range(len(cells)):
        if at % BLOCK == 0:
            _ask_for_all(bytes_, cells[at : at + BLOCK])
            _ask_for_all(totals, cells[at : at + BLOCK])
        cell, into = np.uint64(cells[at]), np.uint64(whole[at])
        for which in range(len(wanted)):
            own, bits = np.uint64(wanted[which, 0]), wanted[which, 1]
            if splits[at] & bits == bits:
                byte = _byte(bytes_[cell, own // _LANES], own)
                found[which, into] += np.int64(totals[cell, own]) + np.int64(byte)
    return found


@compiled
def added(
    sums: npt.NDArray[np.int64], cells: npt.NDArray[np.int64], whole: npt.NDArray[np.int64], splits: npt.NDArray[np.int64],
    wanted: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:  # fmt: skip
    """The sums of cells with their two largest, those that were split put together.

    Args:
        sums: cells × sums × 3, as in `add_up`.
        cells: numbers of cells.
        whole: as for `counted`.
        splits: as for `counted`.
        wanted: as for `counted`, of sums.

    Returns:
        Sums × 3 × whole cells.
    """
    found = np.zeros((len(wanted), 3, whole[-1] + 1 if len(whole) else 0), np.int64)
    for at in range(len(cells)):
        if at % BLOCK == 0:
            _ask_for_all(sums, cells[at : at + BLOCK])
        cell, into = np.uint64(cells[at]), np.uint64(whole[at])
        for which in range(len(wanted)):
            own, bits = np.uint64(wanted[which, 0]), wanted[which, 1]
            if splits[at] & bits == bits:
                largest, so_far = sums[cell, own, 1], found[which, 1, into]
                found[which, 0, into] += sums[cell, own, 0]
                found[which, 2, into] = max(found[which, 2, into], sums[cell, own, 2], min(so_far, largest))
                found[which, 1, into] = max(so_far, largest)
    return found


@compiled
def add_up(
    cell: npt.NDArray[np.int64], values: npt.NDArray[np.float64], facts: npt.NDArray[np.uint8], begins: npt.NDArray[np.int64],
    parts: npt.NDArray[np.int64], which_value: npt.NDArray[np.int64], scale: float, sums: npt.NDArray[np.int64],
) -> float:  # fmt: skip
    """Add up values in cells and keep the two largest absolute ones of each.

    Args:
        cell: for each row its cell.
        values: values × rows; NaN where there is none.
        facts: facts × rows, among which conditions: 1 where they hold.
        begins: for each sum where the conditions that must all hold begin in `parts`, and the end.
        parts: which facts those conditions are, at least one for each sum.
        which_value: for each sum which value.
        scale: what values are multiplied by before they are rounded to whole numbers, halves away from nought.
        sums: cells × sums × 3; changed. The sum, the largest absolute value so far, and the one after it. Those two are kept as 1 more than
            the bits of the number, read as a whole number: 0 is none, and the order is that of the numbers.

    Returns:
        The sum of all absolute values, scaled; where it is over `LIMIT` the sums are not to be used.
    """
    size = 0.0
    none, one, two = np.uint64(0), np.uint64(1), np.uint64(2)
    whole = np.empty((len(values), BLOCK), np.int64)
    bits = np.empty((len(values), BLOCK), np.int64)
    wanted = np.empty((len(which_value), BLOCK), np.uint8)
    for start in range(0, len(cell), BLOCK):
        stop = min(start + BLOCK, len(cell))
        own = cell[start:stop]
        _ask_for_all(sums, own)
        for value in range(len(values)):
            size += _whole(values[value, start:stop], scale, whole[value], bits[value])
        if size > LIMIT:
            return float(size)
        for which in range(len(which_value)):
            there, holds = values[which_value[which], start:stop], wanted[which, : stop - start]
            for row in range(len(there)):
                holds[row] = there[row] == there[row]
            for part in parts[begins[which] : begins[which + 1]]:
                holds &= facts[part, start:stop]
        for which in range(none, np.uint64(len(which_value))):
            holds, own_whole, own_bits = wanted[which], whole[which_value[which]], bits[which_value[which]]
            for row in range(none, np.uint64(len(own))):
                # No part of `sums` gets a name of its own: counting who refers to it would take half of the time.
                at, counts = np.uint64(own[row]), np.int64(holds[row])
                sums[at, which, none] += own_whole[row] * counts
                far = own_bits[row] * counts
                if far > sums[at, which, two]:
                    largest = sums[at, which, one]
                    sums[at, which, two] = min(far, largest)
                    sums[at, which, one] = max(far, largest)
    return float(size)


@compiled
def _ask_for_all(kept: npt.NDArray[Kept], cells: npt.NDArray[np.int64]) -> None:
    """Ask for what is kept of some cells, before it is needed."""
    size = np.uint64(kept.strides[0])
    for at in cells:
        for byte in range(np.uint64(0), size, np.uint64(LINE)):
            ask_for(kept, np.uint64(at), byte)
        ask_for(kept, np.uint64(at), size - np.uint64(1))


@compiled
def _whole(
    values: npt.NDArray[np.float64], scale: float, whole: npt.NDArray[np.int64], bits: npt.NDArray[np.int64]
) -> float:
    """Values as `add_up` adds them up and compares them; what they come to, signs left out and to within 256 a value."""
    # Adding floats has an order, whole numbers have none: several are then added at once. Without their last bits these cannot get too great.
    parts, too_great = np.int64(0), np.int64(0)
    raw = values.view(np.int64)
    for row in range(len(values)):
        bits[row] = (raw[row] & _UNSIGNED) + 1
    for row in range(len(values)):
        scaled = abs(values[row]) * scale
        fits = scaled <= LIMIT  # nor does what is no number
        down = np.int64(scaled if fits else 0.0)
        up = down + np.int64(scaled - down >= 0.5) if fits else 0
        too_great |= np.int64(scaled > LIMIT)
        parts += up >> _PART
        whole[row] = up if values[row] > 0 else -up
    return np.inf if too_great else np.float64(parts) * 2**_PART
