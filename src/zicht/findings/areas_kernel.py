"""The inner loops over areas, compiled: neighbours dealt out anew, and the nearest by traits."""

from __future__ import annotations

import numpy as np

from zicht.compiled import compiled
from zicht.findings.table import Bools, Floats, Ints

_TIE = 1e-9  # of sums of z-scores; equal sums differ by rounding


@compiled
def distinct(uniform: Floats, among: int) -> Ints:
    """Rows of different numbers below `among`, in random order.

    Args:
        uniform: rows × numbers, each between 0 and 1.
        among: how many numbers there are, at least as many as a row has.
    """
    rows, most = uniform.shape
    drawn = np.empty((rows, most), np.int64)
    for r in range(rows):
        for k in range(most):
            candidate = int(uniform[r, k] * (among - k))
            # The candidate-th of the numbers that are not drawn yet: skip those that are, from low to high.
            at = 0
            while at < k and candidate + at >= drawn[r, at]:
                at += 1
            value = candidate + at
            for j in range(k, at, -1):
                drawn[r, j] = drawn[r, j - 1]
            drawn[r, at] = value
        # Sorted by now; shuffled with the leftover of the same numbers.
        for k in range(most - 1, 0, -1):
            leftover = uniform[r, k] * (among - k) % 1.0
            j = int(leftover * (k + 1))
            drawn[r, k], drawn[r, j] = drawn[r, j], drawn[r, k]
    return drawn


@compiled
def count(
    values: Floats, indptr: Ints, weights: Floats, observed: Floats, draws: Ints, higher: Ints, lower: Ints
) -> None:
    """Add, for each area, the draws whose sum is at least, and at most, that of its neighbours.

    Args:
        values: z-scores of the areas.
        indptr: where the weights of each area begin.
        weights: of the neighbours, one area after another.
        observed: weighted sum over the neighbours of each area.
        draws: rows of different numbers of areas, the area itself left out of the numbering.
        higher: numbers of draws with at least that sum; added to.
        lower: numbers of draws with at most that sum; added to.
    """
    for i in range(len(values)):
        start, degree = indptr[i], indptr[i + 1] - indptr[i]
        top, bottom = observed[i] - _TIE, observed[i] + _TIE
        up, down = 0, 0
        for r in range(draws.shape[0]):
            total = 0.0
            for k in range(degree):
                j = draws[r, k]
                total += weights[start + k] * values[j + (j >= i)]
            up += total >= top
            down += total <= bottom
        higher[i] += up
        lower[i] += down


@compiled
def nearest(traits: Floats, numeric: Bools, weight: Floats, many: int) -> tuple[Ints, Floats]:
    """The areas nearest to each, by Gower's distance.

    Args:
        traits: areas × traits: between 0 and 1, or numbers of categories; NaN where unknown.
        numeric: which traits are no categories.
        weight: of each trait.
        many: how many are wanted.

    Returns:
        Their numbers (-1 where there are not so many) and distances, the nearest first; of equals the one with the lowest number.
    """
    areas, width = traits.shape
    peers, distances = np.full((areas, many), -1, np.int64), np.full((areas, many), np.inf)
    for i in range(areas):
        for j in range(areas):
            total, weights = 0.0, 0.0
            for t in range(width):
                apart = abs(traits[i, t] - traits[j, t])
                if not np.isnan(apart):
                    if not numeric[t]:
                        apart = 1.0 if apart > 0 else 0.0
                    total += weight[t] * apart
                    weights += weight[t]
            if i == j or weights == 0:
                continue
            distance = total / weights
            if distance < distances[i, many - 1]:
                at = many - 1
                while at > 0 and distance < distances[i, at - 1]:
                    distances[i, at], peers[i, at] = distances[i, at - 1], peers[i, at - 1]
                    at -= 1
                distances[i, at], peers[i, at] = distance, j
    return peers, distances
