"""Symmetric matrices that are nearly all zero, compiled: LDLᵀ, what solves with it, and those parts of the inverse that its pattern holds.

Davis, T.A. (2005), Algorithm 849: a concise sparse Cholesky factorization package, ACM TOMS 31 (row by row along the elimination tree);
Takahashi, K., Fagan, J. and Chen, M.-S. (1973), Formation of a sparse bus impedance matrix, PICA 8; Rue, H. and Martino, S. (2007), Approximate
Bayesian inference for hierarchical Gaussian Markov random field models, JSPI 137 (the same for variances).

Only the upper triangle is read, in compressed columns with a diagonal in each. Written from the papers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zicht.compiled import compiled

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int32]


@compiled
def tree(starts: _Ints, rows: _Ints) -> tuple[_Ints, npt.NDArray[np.int64]]:
    """The elimination tree and where the columns of L start.

    Args:
        starts: of each column, and the end.
        rows: of the entries, in any order within a column; those below the diagonal are passed over.

    Returns:
        The parent of each column (-1 at a root), and n + 1 starts of the columns of L without its diagonal.
    """
    n = len(starts) - 1
    parent, seen = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    counts = np.zeros(n + 1, np.int64)
    for k in range(n):
        seen[k] = k
        for at in range(starts[k], starts[k + 1]):
            i = rows[at]
            while i < k and seen[i] != k:
                if parent[i] < 0:
                    parent[i] = k
                counts[i + 1] += 1
                seen[i] = k
                i = parent[i]
    return parent, np.cumsum(counts)


@compiled
def factor(
    starts: _Ints, rows: _Ints, values: _Floats, parent: _Ints, columns: npt.NDArray[np.int64]
) -> tuple[_Ints, _Floats, _Floats]:
    """L and D of a positive definite matrix.

    Args:
        starts: of each column, and the end.
        rows: of the entries.
        values: the entries.
        parent: of `tree`.
        columns: of `tree`.

    Returns:
        Rows and values of L without its diagonal of ones, rising within a column, and D.
    """
    n = len(parent)
    below, lower, d = np.empty(columns[n], np.int32), np.empty(columns[n]), np.empty(n)
    filled = columns[:-1].copy()
    work, path, seen = np.zeros(n), np.empty(n, np.int32), np.full(n, -1, np.int32)
    for k in range(n):
        top = n
        seen[k] = k
        for at in range(starts[k], starts[k + 1]):
            i = rows[at]
            if i > k:
                continue
            work[i] += values[at]
            steps = 0
            while seen[i] != k:
                path[steps] = i
                seen[i] = k
                steps += 1
                i = parent[i]
            while steps > 0:
                steps -= 1
                top -= 1
                path[top] = path[steps]
        d[k] = work[k]
        work[k] = 0.0
        for at in range(top, n):
            i = path[at]
            value = work[i]
            work[i] = 0.0
            for entry in range(columns[i], filled[i]):
                work[below[entry]] -= lower[entry] * value
            below[filled[i]], lower[filled[i]] = k, value / d[i]
            d[k] -= value * value / d[i]
            filled[i] += 1
    return below, lower, d


@compiled
def solve(columns: npt.NDArray[np.int64], below: _Ints, lower: _Floats, d: _Floats, right: _Floats) -> None:
    """Turn right-hand sides into solutions, in place.

    Args:
        columns: of `tree`.
        below: of `factor`.
        lower: of `factor`.
        d: of `factor`.
        right: n × number of right-hand sides, rows together in memory.
    """
    n, sides = right.shape
    for j in range(n):
        for entry in range(columns[j], columns[j + 1]):
            for side in range(sides):
                right[below[entry], side] -= lower[entry] * right[j, side]
    for j in range(n - 1, -1, -1):
        for side in range(sides):
            right[j, side] /= d[j]
        for entry in range(columns[j], columns[j + 1]):
            for side in range(sides):
                right[j, side] -= lower[entry] * right[below[entry], side]


@compiled
def variances(columns: npt.NDArray[np.int64], below: _Ints, lower: _Floats, d: _Floats) -> _Floats:
    """The diagonal of the inverse, from those of its entries that the pattern of L holds (Takahashi).

    Args:
        columns: of `tree`.
        below: of `factor`.
        lower: of `factor`.
        d: of `factor`.
    """
    n = len(d)
    inverse, diagonal = np.zeros(len(lower)), np.empty(n)
    place = np.full(n, -1, np.int64)
    for j in range(n - 1, -1, -1):
        first, last = columns[j], columns[j + 1]
        for entry in range(first, last):
            place[below[entry]] = entry
        for entry in range(first, last):
            k = below[entry]
            inverse[entry] -= lower[entry] * diagonal[k]
            for other in range(columns[k], columns[k + 1]):
                beside = place[below[other]]
                if beside >= 0:
                    inverse[beside] -= lower[entry] * inverse[other]
                    inverse[entry] -= lower[beside] * inverse[other]
        total = 1.0 / d[j]
        for entry in range(first, last):
            total -= lower[entry] * inverse[entry]
            place[below[entry]] = -1
        diagonal[j] = total
    return diagonal
