"""What anybody could compute, found the slow way: every set of atoms is tried."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float64]


def small_sets(known: Rows, units: list[int], threshold: int) -> set[frozenset[int]]:
    """The sets of atoms of 1 to threshold - 1 units whose sum follows from the published sums.

    Args:
        known: one row per published sum, 1 for each atom in it. Shape (sums, atoms).
        units: units in each atom, all positive.
        threshold: from how many units on a set may be known.
    """
    found = set()
    basis = _independent(known)
    few = [atom for atom, held in enumerate(units) if held < threshold]
    for size in range(1, len(few) + 1):
        for atoms in itertools.combinations(few, size):
            if sum(units[atom] for atom in atoms) < threshold:
                indicator = np.zeros(len(units))
                indicator[list(atoms)] = 1.0
                if _spans(basis, indicator):
                    found.add(frozenset(atoms))
    return found


def _independent(rows: Rows) -> Rows:
    """Orthonormal rows that span the same."""
    if not rows.size:
        return rows
    _, strength, directions = np.linalg.svd(rows, full_matrices=False)
    return np.asarray(directions[strength > 1e-9])


def _spans(basis: Rows, row: npt.NDArray[np.float64]) -> bool:
    rest = row - basis.T @ (basis @ row) if basis.size else row
    return bool(np.abs(rest).max() < 1e-7)
