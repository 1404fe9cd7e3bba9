"""The null space of the equations between hidden cells: what can move at all, whatever its limits.

A hidden cell follows from the equations alone when no vector of the null space moves it. Showing cell j leaves
the vectors that do not move j, so it gives away exactly the cells whose rows in a basis are multiples of the
row of j. That test needs no linear program and refuses most cells that one would like to show again. Arithmetic
is modulo a prime, so nothing is lost to rounding.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from zicht.disclosure.model import Bools

PRIME = (1 << 31) - 1  # a Mersenne prime: entries fit in 32 bits and products in 64

Residues = npt.NDArray[np.int32]


class Kernel:
    """A basis of the null space of `equations` (one column per cell), narrowed each time a cell is held still."""

    def __init__(self, equations: sp.csr_matrix) -> None:
        dense = np.zeros(equations.shape, dtype=np.int32)
        entries = equations.tocoo()
        dense[entries.row, entries.col] = np.rint(entries.data).astype(np.int64) % PRIME
        self._basis = _basis(dense)

    def moves(self, cell: int) -> bool:
        """Whether `cell` can move."""
        return bool(self._basis[cell].any())

    def fixes(self, cell: int, needed: Bools) -> bool:
        """Whether holding `cell` still would fix another cell, one of `needed`, that moves now."""
        return bool(_parallel(self._basis, cell, needed))

    def hold(self, cell: int) -> None:
        """Hold `cell` still from now on."""
        _narrow(self._basis, cell)


@nb.njit(cache=True)
def _inverse(number: int) -> int:
    """The inverse modulo PRIME, by Fermat's little theorem."""
    result, base, exponent = 1, number, PRIME - 2
    while exponent > 0:
        if exponent & 1:
            result = result * base % PRIME
        base = base * base % PRIME
        exponent >>= 1
    return result


@nb.njit(cache=True)
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
        pivot = support[0]
        for column in support:
            if filled[column] < filled[pivot]:
                pivot = column
        pivot_row[pivot] = best
        scale = _inverse(np.int64(rows[best, pivot]))
        for column in support:
            rows[best, column] = np.int64(rows[best, column]) * scale % PRIME
        for row in range(height):
            factor = np.int64(rows[row, pivot])
            if row == best or factor == 0:
                continue
            for column in support:
                before = rows[row, column]
                after = (np.int64(before) - factor * np.int64(rows[best, column])) % PRIME
                rows[row, column] = after
                change = (after != 0) - (before != 0)
                length[row] += change
                filled[column] += change
    return pivot_row


@nb.njit(cache=True)
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


@nb.njit(cache=True)
def _parallel(basis: Residues, cell: int, needed: npt.NDArray[np.bool_]) -> bool:
    own = np.flatnonzero(basis[cell])
    if own.size == 0:
        return False
    first = own[0]
    scale = _inverse(np.int64(basis[cell, first]))
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
            return True
    return False


@nb.njit(cache=True)
def _narrow(basis: Residues, cell: int) -> None:
    own = np.flatnonzero(basis[cell])
    if own.size == 0:
        return
    pivot = own[0]
    fewest = basis.shape[0] + 1
    for vector in own:
        count = np.count_nonzero(basis[:, vector])
        if count < fewest:
            pivot, fewest = vector, count
    scale = _inverse(np.int64(basis[cell, pivot]))
    moved = np.flatnonzero(basis[:, pivot])
    for vector in own:
        if vector == pivot:
            continue
        factor = np.int64(basis[cell, vector]) * scale % PRIME
        for row in moved:
            basis[row, vector] = (np.int64(basis[row, vector]) - factor * np.int64(basis[row, pivot])) % PRIME
    basis[:, pivot] = 0
