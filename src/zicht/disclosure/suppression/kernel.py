"""The null space of the equations between hidden cells: what can move at all, whatever its limits.

A hidden cell follows from the equations alone when no vector of the null space moves it. Showing cell j leaves
the vectors that do not move j, so it gives away exactly the cells whose rows in a basis are multiples of the
row of j. That test needs no linear program and refuses most cells that one would like to show again. Arithmetic
is modulo a prime, so nothing is lost to rounding.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from zicht.compiled import compiled
from zicht.disclosure.model import Bools, Ints

PRIME = (1 << 31) - 1  # a Mersenne prime: entries fit in 32 bits and products in 64

Residues = npt.NDArray[np.int32]


class Kernel:
    """A basis of the null space of `equations` (one column per cell), narrowed each time a cell is held still."""

    def __init__(self, equations: sp.csr_matrix) -> None:
        dense = np.zeros(equations.shape, dtype=np.int32)
        entries = equations.tocoo()
        dense[entries.row, entries.col] = np.rint(entries.data).astype(np.int64) % PRIME
        self._basis = _basis(dense)

    def kin(self, cell: int, needed: Bools) -> Ints:
        """The other cells, of those `needed`, that move only with `cell`: holding it still would fix them."""
        return np.asarray(_parallel(self._basis, cell, needed), dtype=np.int64)

    def hold(self, cell: int) -> None:
        """Hold `cell` still from now on."""
        _narrow(self._basis, cell)


@compiled
def _inverse(number: int) -> int:
    """The inverse modulo PRIME, by Fermat's little theorem."""
    result, base, exponent = 1, number, PRIME - 2
    while exponent > 0:
        if exponent & 1:
            result = result * base % PRIME
        base = base * base % PRIME
        exponent >>= 1
    return result


@compiled
def _eliminate(rows: Residues) -> npt.NDArray[np.int64]:
    """Bring `rows` to reduced form, sparse rows first; returns the row that each column is the pivot of, -1 for none."""
    height, width = rows.shape
    pivot_row = np.full(width, -1, dtype=np.int64)
    length = np.zeros(height, dtype=np.int64)
    filled = np.zeros(width, dtype=np.int64)
    for row in range(height):
        for column in range(width):
            if rows[row, column]:
                length[row] += 1
                filled[column] += 1
    used = np.zeros(height, dtype=np.bool_)
    for _ in range(height):
        best = -1
        for row in range(height):
            if not used[row] and length[row] and (best < 0 or length[row] < length[best]):
                best = row
        if best < 0:
            break
        used[best] = True
        support = np.flatnonzero(rows[best])
        pivot = int(support[0])
        for at in support:
            if filled[at] < filled[pivot]:
                pivot = int(at)
        pivot_row[pivot] = best
        scale = _inverse(int(rows[best, pivot]))
        for at in support:
            rows[best, at] = np.int64(rows[best, at]) * scale % PRIME
        for row in range(height):
            factor = np.int64(rows[row, pivot])
            if row == best or factor == 0:
                continue
            for at in support:
                before = rows[row, at]
                after = (np.int64(before) - factor * np.int64(rows[best, at])) % PRIME
                rows[row, at] = after
                change = (after != 0) - (before != 0)
                length[row] += change
                filled[at] += change
    return pivot_row


@compiled
def _basis(rows: Residues) -> Residues:
    """A basis of the null space, one column per vector. Shape (columns of rows, nullity)."""
    pivot_row = _eliminate(rows)
    free = np.flatnonzero(pivot_row < 0)
    basis = np.zeros((rows.shape[1], free.size), dtype=np.int32)
    for vector in range(free.size):
        basis[free[vector], vector] = 1
    for column in range(rows.shape[1]):
        row = pivot_row[column]
        if row >= 0:
            for vector in range(free.size):
                entry = rows[row, free[vector]]
                if entry:
                    basis[column, vector] = PRIME - entry
    return basis


@compiled
def _parallel(basis: Residues, cell: int, needed: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Rows of `needed` cells that are multiples of the row of `cell`."""
    found = np.empty(basis.shape[0], dtype=np.int64)
    count = 0
    own = np.flatnonzero(basis[cell])
    if own.size == 0:
        return found[:0]
    first = int(own[0])
    scale = _inverse(int(basis[cell, first]))
    for other in np.flatnonzero(basis[:, first]):
        if other == cell or not needed[other]:
            continue
        factor = np.int64(basis[other, first]) * scale % PRIME
        same = True
        for vector in range(basis.shape[1]):
            if factor * np.int64(basis[cell, vector]) % PRIME != basis[other, vector]:
                same = False
                break
        if same:
            found[count] = other
            count += 1
    return found[:count]


@compiled
def _narrow(basis: Residues, cell: int) -> None:
    own = np.flatnonzero(basis[cell])
    if own.size == 0:
        return
    pivot = int(own[0])
    fewest = basis.shape[0] + 1
    for vector in own:
        count = np.count_nonzero(basis[:, vector])
        if count < fewest:
            pivot, fewest = int(vector), int(count)
    scale = _inverse(int(basis[cell, pivot]))
    moved = np.flatnonzero(basis[:, pivot])
    for vector in own:
        if vector == pivot:
            continue
        factor = np.int64(basis[cell, vector]) * scale % PRIME
        for row in moved:
            basis[row, vector] = (np.int64(basis[row, vector]) - factor * np.int64(basis[row, pivot])) % PRIME
    basis[:, pivot] = 0
