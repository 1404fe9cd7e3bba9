"""Which unknowns a set of linear equations determines, computed exactly (part of the audit).

Random vectors of the null space over the integers modulo a large prime show it for all unknowns at once:
an unknown that is 0 in each of them is determined by the equations; two unknowns that are proportional
in all of them determine each other. The chance that chance deceives us is about 1 in 2^31 per vector.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from zicht.compiled import compiled
from zicht.disclosure.attack.elimination import PRIME, eliminate, inverse
from zicht.disclosure.model import Bools, Ints

VECTORS = 3
_SEED = 20240531  # fixed: the audit of one pattern is the same everywhere


@dataclass(frozen=True)
class Determined:
    """What follows from the equations alone.

    Attributes:
        known: whether the equations determine the unknown. Shape (unknowns,).
        kin: a class number per unknown: who knows one of a class can compute the others of it; -1 where known.
        sample: random vectors of the null space modulo PRIME; unknowns of one class have proportional rows.
            Shape (unknowns, vectors).
    """

    known: Bools
    kin: Ints
    sample: Ints

    def ratio(self, one: int, other: int) -> int:
        """How much `one` moves when `other`, of the same class, moves by 1; modulo PRIME, -1 and so on as negative numbers."""
        found = int(self.sample[one, 0]) * int(inverse(int(self.sample[other, 0]))) % PRIME
        return found - PRIME if found > PRIME // 2 else found


def determine(equations: sp.csr_matrix, vectors: int = VECTORS) -> Determined:
    """Find the unknowns that `equations` determine, whatever the right side.

    Args:
        equations: integer coefficients, one column per unknown.
        vectors: number of random vectors, at least two more than the number of unknowns that somebody may know.
    """
    found = eliminate(equations)
    draw = np.random.default_rng(_SEED).integers(1, PRIME, size=(found.unknowns, vectors))
    sample = found.solve(draw)
    known = (sample == 0).all(axis=1)
    return Determined(known, classes(sample), sample)


def classes(sample: Ints) -> Ints:
    """A class number per row of `sample`, the same for rows that are proportional modulo PRIME; -1 for rows of zeros.

    Classes are numbered in the order in which they first occur.
    """
    keys = _directions(np.ascontiguousarray(sample))
    kin = np.full(keys.size, -1, dtype=np.int64)
    free = np.flatnonzero(keys >= 0)
    _, first, of_class = np.unique(keys[free], return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(first.size)
    kin[free] = rank[of_class]
    return kin


@compiled
def _directions(sample):  # type: ignore[no-untyped-def]
    """A number of 62 bits per row, the same for proportional rows, from its first entries; -1 for rows of zeros."""
    keys = np.full(sample.shape[0], -1, dtype=np.int64)
    for row in range(sample.shape[0]):
        lead = 0
        while lead < sample.shape[1] and sample[row, lead] == 0:
            lead += 1
        if lead == sample.shape[1]:
            continue
        factor = inverse(sample[row, lead])
        key = np.int64(lead)
        for at in range(lead + 1, min(lead + 3, sample.shape[1])):
            key = (key << 31) + sample[row, at] * factor % PRIME
        keys[row] = key
    return keys
