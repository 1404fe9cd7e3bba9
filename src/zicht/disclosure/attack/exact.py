"""Which unknowns a set of linear equations determines, computed exactly (part of the audit).

Random vectors of the null space over the integers modulo a large prime show it for all unknowns at once:
an unknown that is 0 in each of them is determined by the equations; two unknowns that are proportional
in all of them determine each other. The chance that chance deceives us is about 1 in 2^31 per vector.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from zicht.disclosure.model import Bools, Ints

PRIME = (1 << 31) - 1
VECTORS = 3
_SEED = 20240531  # fixed: the audit of one pattern is the same everywhere


@dataclass(frozen=True)
class Determined:
    """What follows from the equations alone.

    Attributes:
        known: whether the equations determine the unknown. Shape (unknowns,).
        kin: a class number per unknown: who knows one of a class can compute the others of it; -1 where known.
    """

    known: Bools
    kin: Ints


def determine(equations: sp.csr_matrix) -> Determined:
    """Find the unknowns that `equations` (integer coefficients, one column per unknown) determine, whatever the right side."""
    sample = _null_vectors(equations)
    known = (sample == 0).all(axis=1)
    keys: dict[tuple[int, ...], int] = {}
    kin = np.full(known.size, -1, dtype=np.int64)
    for unknown in np.flatnonzero(~known):
        row = [int(entry) for entry in sample[unknown]]
        lead = next(entry for entry in row if entry)
        inverse = pow(lead, PRIME - 2, PRIME)
        kin[unknown] = keys.setdefault(tuple(entry * inverse % PRIME for entry in row), len(keys))
    return Determined(np.asarray(known, dtype=np.bool_), kin)


def _null_vectors(equations: sp.csr_matrix) -> Ints:
    """Random solutions x of equations · x = 0 modulo PRIME. Shape (unknowns, VECTORS)."""
    pivots = _eliminate(equations)
    rng = np.random.default_rng(_SEED)
    sample = [[int(x) for x in row] for row in rng.integers(1, PRIME, size=(equations.shape[1], VECTORS))]
    # A pivot row may hold unknowns that were pivots later on, so these are solved first.
    for pivot, row in reversed(pivots):
        inverse = pow(row[pivot], PRIME - 2, PRIME)
        rest = [(factor, sample[unknown]) for unknown, factor in row.items() if unknown != pivot]
        sample[pivot] = [-sum(f * x[v] for f, x in rest) * inverse % PRIME for v in range(VECTORS)]
    return np.array(sample, dtype=np.int64).reshape(-1, VECTORS)


def _eliminate(equations: sp.csr_matrix) -> list[tuple[int, dict[int, int]]]:
    """Sparse Gaussian elimination, shortest row first, its pivot the unknown in fewest rows: (pivot, row) in order."""
    rows, holders = _as_rows(equations)
    queue = [(len(row), index) for index, row in enumerate(rows)]
    heapq.heapify(queue)
    done = [False] * len(rows)
    pivots = []
    while queue:
        length, index = heapq.heappop(queue)
        row = rows[index]
        if done[index] or length != len(row):
            continue
        done[index] = True
        for unknown in row:
            holders[unknown].discard(index)
        if not row:
            continue
        pivot = min(row, key=lambda unknown: (len(holders[unknown]), unknown))
        pivots.append((pivot, row))
        inverse = pow(row[pivot], PRIME - 2, PRIME)
        for other in sorted(holders[pivot]):
            _subtract(rows[other], row, rows[other][pivot] * inverse % PRIME, other, holders)
            heapq.heappush(queue, (len(rows[other]), other))
    return pivots


def _as_rows(equations: sp.csr_matrix) -> tuple[list[dict[int, int]], list[set[int]]]:
    rows: list[dict[int, int]] = []
    holders: list[set[int]] = [set() for _ in range(equations.shape[1])]
    indices, signs, ends = equations.indices.tolist(), equations.data.tolist(), equations.indptr.tolist()
    for start, end in itertools.pairwise(ends):
        row = {
            unknown: int(sign) % PRIME
            for unknown, sign in zip(indices[start:end], signs[start:end], strict=True)
        }
        for unknown in row:
            holders[unknown].add(len(rows))
        rows.append(row)
    return rows, holders


def _subtract(
    target: dict[int, int], row: dict[int, int], factor: int, index: int, holders: list[set[int]]
) -> None:
    for unknown, entry in row.items():
        left = (target.get(unknown, 0) - factor * entry) % PRIME
        if left:
            if unknown not in target:
                holders[unknown].add(index)
            target[unknown] = left
        elif unknown in target:
            del target[unknown]
            holders[unknown].discard(index)
