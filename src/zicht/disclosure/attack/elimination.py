"""Sparse Gaussian elimination of linear equations with integer coefficients, modulo a large prime (part of the audit).

Exact and quick: modulo a prime of 31 bits nothing is rounded and nothing grows, and a rank over the integers differs
from the rank modulo the prime with negligible chance only. Always the shortest row is taken, and of its unknowns the
one that the caller likes best and that is in fewest other rows (Markowitz, Management Science 3, 1957), so tables of
a million cells, whose hidden cells fall apart in small groups, stay sparse.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from zicht.compiled import compiled
from zicht.disclosure.model import Bools, Ints

PRIME = (1 << 31) - 1


@dataclass(frozen=True)
class Echelon:
    """Equations solved for some of their unknowns, the pivots: pivot + sum of entry · other = 0 modulo PRIME.

    The other unknowns of row i are free, or pivots of rows after i: who chooses the free unknowns and goes through the
    rows backwards finds a solution of the homogeneous equations, and finds all of them so.

    Attributes:
        unknowns: number of unknowns.
        pivots: the unknown that each row is solved for. Shape (rank,).
        start: where the others of each row start in `others` and `entries`. Shape (rank + 1,).
        others: the other unknowns, row after row.
        entries: their coefficients, from 1 to PRIME - 1.
    """

    unknowns: int
    pivots: Ints
    start: Ints
    others: Ints
    entries: Ints

    @cached_property
    def free(self) -> Bools:
        """Whether the unknown is no pivot. Shape (unknowns,)."""
        free = np.ones(self.unknowns, dtype=np.bool_)
        free[self.pivots] = False
        return free

    def solve(self, sample: Ints) -> Ints:
        """The solutions with these values of the free unknowns; those given for pivots are not looked at.

        Args:
            sample: from 0 to PRIME - 1. Shape (unknowns, solutions).

        Returns:
            The solutions, modulo PRIME, of the same shape.
        """
        solutions = np.array(sample, dtype=np.int64, order="C")
        _substitute(self.pivots, self.start, self.others, self.entries, solutions)
        return solutions


def eliminate(equations: sp.csr_matrix, liking: Ints | None = None) -> Echelon:
    """Solve equations for as many of their unknowns as they have rank.

    Args:
        equations: integer coefficients of less than PRIME, one column per unknown.
        liking: which unknowns are rather solved for (higher) than left free. Shape (unknowns,).

    Returns:
        The equations in echelon form.
    """
    matrix = sp.csr_matrix(equations, copy=True)
    matrix.sum_duplicates()  # which also puts the columns of each row in order
    unknowns = matrix.shape[1]
    liked = np.zeros(unknowns, dtype=np.int64) if liking is None else np.asarray(liking, dtype=np.int64)
    pivots, start, others, entries = _eliminate(
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int64),
        np.rint(matrix.data).astype(np.int64) % PRIME,
        unknowns,
        liked,
    )
    return Echelon(unknowns, pivots, start, others, entries)


@compiled
def inverse(number: int) -> int:
    """The number that makes 1 with `number` modulo PRIME, by Fermat's little theorem."""
    power, out, exponent = number % PRIME, 1, PRIME - 2
    while exponent > 0:
        if exponent & 1:
            out = out * power % PRIME
        power = power * power % PRIME
        exponent >>= 1
    return out


@compiled
def _substitute(pivots, start, others, entries, solutions):  # type: ignore[no-untyped-def]
    for row in range(pivots.size - 1, -1, -1):
        for vector in range(solutions.shape[1]):
            total = 0
            for at in range(start[row], start[row + 1]):
                total = (total + entries[at] * solutions[others[at], vector]) % PRIME
            solutions[pivots[row], vector] = (PRIME - total) % PRIME


@compiled
def _grown(array, size):  # type: ignore[no-untyped-def]
    out = np.empty(size, dtype=array.dtype)
    for at in range(
        min(size, array.size)
    ):  # a slice assignment would take longer to compile than all else here
        out[at] = array[at]
    return out


@compiled
def _rows(start):  # type: ignore[no-untyped-def]
    """Where each row begins, and how long it is."""
    begin, length = np.empty(start.size - 1, dtype=np.int64), np.empty(start.size - 1, dtype=np.int64)
    for row in range(begin.size):
        begin[row], length[row] = start[row], start[row + 1] - start[row]
    return begin, length


@compiled
def _total(length):  # type: ignore[no-untyped-def]
    total = 0
    for each in length:
        total += each
    return total


@compiled
def _compact(begin, length, columns, entries, size):  # type: ignore[no-untyped-def]
    """Move the rows together, in arrays of a new size; the number of places taken."""
    new_columns, new_entries = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    at = 0
    for row in range(begin.size):
        old = begin[row]
        begin[row] = at
        for step in range(length[row]):
            new_columns[at] = columns[old + step]
            new_entries[at] = entries[old + step]
            at += 1
    return new_columns, new_entries, at


@compiled
def _entry(columns, entries, begin, length, unknown):  # type: ignore[no-untyped-def]
    """The coefficient of an unknown in a row, whose columns are in order; 0 where it has none."""
    low, high = begin, begin + length
    while low < high:
        middle = (low + high) // 2
        if columns[middle] < unknown:
            low = middle + 1
        else:
            high = middle
    return entries[low] if low < begin + length and columns[low] == unknown else 0


@compiled
def _choose(columns, begin, length, liking, holders):  # type: ignore[no-untyped-def]
    best = columns[begin]
    for at in range(begin + 1, begin + length):
        unknown = columns[at]
        if liking[unknown] > liking[best] or (
            liking[unknown] == liking[best] and holders[unknown] < holders[best]
        ):
            best = unknown
    return best


@compiled
def _merge(columns, entries, target, target_end, source, source_end, factor, place):  # type: ignore[no-untyped-def]
    """Write target + factor · source from `place` on, both in order of columns; where it ends."""
    while target < target_end or source < source_end:
        left = columns[target] if target < target_end else np.int64(1 << 62)
        right = columns[source] if source < source_end else np.int64(1 << 62)
        entry = np.int64(0)
        if left <= right:
            entry = entries[target]
            target += 1
        if right <= left:
            entry = (entry + factor * entries[source]) % PRIME
            source += 1
        if entry != 0:
            columns[place] = min(left, right)
            entries[place] = entry
            place += 1
    return place


@compiled
def _chains(start, indices, unknowns):  # type: ignore[no-untyped-def]
    """Of each unknown the rows that hold it: how many, and as a chain, in which a row may later stand in vain or twice."""
    holders, head = np.zeros(unknowns, dtype=np.int64), np.full(unknowns, -1)
    chain, chained = (
        np.empty(2 * indices.size + 64, dtype=np.int64),
        np.empty(2 * indices.size + 64, dtype=np.int64),
    )
    for row in range(start.size - 1):
        for at in range(start[row], start[row + 1]):
            holders[indices[at]] += 1
            chain[at], chained[at] = head[indices[at]], row
            head[indices[at]] = at
    return holders, head, chain, chained


@compiled
def _shelves(length, unknowns):  # type: ignore[no-untyped-def]
    """The rows of each length, as a chain, in which a row may later stand in vain."""
    shelf, rows = np.full(unknowns + 1, -1), length.size
    below, shelved = np.empty(2 * rows + 64, dtype=np.int64), np.empty(2 * rows + 64, dtype=np.int64)
    for row in range(rows):
        below[row], shelved[row] = shelf[length[row]], row
        shelf[length[row]] = row
    return shelf, below, shelved


@compiled
def _solve_for(row, begin, length, columns, entries, liking, holders):  # type: ignore[no-untyped-def]
    """Choose the pivot of a row, and divide the row by its coefficient."""
    first = begin[row]
    for at in range(first, first + length[row]):
        holders[columns[at]] -= 1
    chosen = _choose(columns, first, length[row], liking, holders)
    factor = inverse(_entry(columns, entries, first, length[row], chosen))
    for at in range(first, first + length[row]):
        entries[at] = entries[at] * factor % PRIME
    return chosen


@compiled
def _subtract(row, other, factor, begin, length, columns, entries, end, holders):  # type: ignore[no-untyped-def]
    """Write `other` + factor · `row` behind all rows, where there is room for it, as the new `other`; the new end."""
    for at in range(begin[other], begin[other] + length[other]):
        holders[columns[at]] -= 1
    stop = _merge(
        columns, entries, begin[other], begin[other] + length[other],
        begin[row], begin[row] + length[row], factor, end,
    )  # fmt: skip
    begin[other], length[other] = end, stop - end
    for at in range(end, stop):
        holders[columns[at]] += 1
    return stop


@compiled
def _eliminate(start, indices, data, unknowns, liking):  # type: ignore[no-untyped-def]
    begin, length = _rows(start)
    end = indices.size
    columns, entries = _grown(indices, 2 * end + 64), _grown(data, 2 * end + 64)
    holders, head, chain, chained = _chains(start, indices, unknowns)
    shelf, below, shelved = _shelves(length, unknowns)
    links, stored, rank, shortest = indices.size, length.size, 0, 1
    done = np.zeros(length.size, dtype=np.bool_)
    pivot_row, pivot = np.empty(length.size, dtype=np.int64), np.empty(length.size, dtype=np.int64)
    while shortest <= unknowns:
        if shelf[shortest] < 0:
            shortest += 1
            continue
        row = shelved[shelf[shortest]]
        shelf[shortest] = below[shelf[shortest]]
        if done[row] or length[row] != shortest:
            continue
        done[row] = True
        chosen = _solve_for(row, begin, length, columns, entries, liking, holders)
        pivot_row[rank], pivot[rank] = row, chosen
        rank += 1
        link = head[chosen]
        while link >= 0:
            other = chained[link]
            link = chain[link]
            held = _entry(columns, entries, begin[other], length[other], chosen)
            if done[other] or held == 0:
                continue
            most = length[other] + length[row]
            if end + most > columns.size:
                columns, entries, end = _compact(
                    begin, length, columns, entries, 2 * (_total(length) + most) + 64
                )
            if links + length[row] > chain.size:
                chain = _grown(chain, 2 * (links + length[row]))
                chained = _grown(chained, chain.size)
            for at in range(begin[row], begin[row] + length[row]):
                if _entry(columns, entries, begin[other], length[other], columns[at]) == 0:
                    chain[links], chained[links] = head[columns[at]], other
                    head[columns[at]] = links
                    links += 1
            end = _subtract(row, other, PRIME - held, begin, length, columns, entries, end, holders)
            if stored == below.size:
                below, shelved = _grown(below, 2 * stored), _grown(shelved, 2 * stored)
            below[stored], shelved[stored] = shelf[length[other]], other
            shelf[length[other]] = stored
            stored += 1
            if 0 < length[other] < shortest:
                shortest = length[other]
    return _pack(begin, length, columns, entries, pivot_row, pivot, rank)


@compiled
def _pack(begin, length, columns, entries, pivot_row, pivot, rank):  # type: ignore[no-untyped-def]
    start = np.zeros(rank + 1, dtype=np.int64)
    for place in range(rank):
        start[place + 1] = start[place] + length[pivot_row[place]] - 1
    others, values = np.empty(start[rank], dtype=np.int64), np.empty(start[rank], dtype=np.int64)
    for place in range(rank):
        row, to = pivot_row[place], start[place]
        for at in range(begin[row], begin[row] + length[row]):
            if columns[at] != pivot[place]:
                others[to], values[to] = columns[at], entries[at]
                to += 1
    return _grown(pivot, rank), start, others, values
