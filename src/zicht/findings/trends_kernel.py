"""Where straight lines fit a series best, compiled: the best places to break it, by dynamic programming."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zicht.compiled import compiled

_Floats = npt.NDArray[np.float64]


@compiled
def segments(values: _Floats, shortest: int, most: int) -> tuple[_Floats, npt.NDArray[np.int64]]:
    """The least sum of squares round 1, 2, ... straight lines, each over its own stretch (Bai and Perron 2003).

    Args:
        values: the series.
        shortest: moments a stretch holds at least.
        most: breaks at most.

    Returns:
        For 0 to `most` breaks the sum of squares (infinite where so many do not fit), and the first moments after each break
        (breaks × most, the unused ones 0).
    """
    n = len(values)
    cost = _costs(values, shortest)
    best, back = np.full((most + 1, n), np.inf), np.zeros((most + 1, n), np.int64)
    best[0] = cost[0]
    for breaks in range(1, most + 1):
        for end in range(n):
            for start in range(shortest * breaks, end - shortest + 2):
                total = best[breaks - 1, start - 1] + cost[start, end]
                if total < best[breaks, end]:
                    best[breaks, end], back[breaks, end] = total, start
    places = np.zeros((most + 1, max(most, 1)), np.int64)
    for breaks in range(1, most + 1):
        end = n - 1
        for which in range(breaks, 0, -1):
            if best[breaks, n - 1] < np.inf:
                places[breaks, which - 1] = back[which, end]
                end = back[which, end] - 1
    return best[:, n - 1].copy(), places


@compiled
def _costs(values: _Floats, shortest: int) -> _Floats:
    """First × last moment: the sum of squares round the straight line over that stretch."""
    n = len(values)
    cost = np.full((n, n), np.inf)
    for start in range(n):
        time = value = squares = cross = total = 0.0
        for end in range(start, n):
            at, length = float(end - start), end - start + 1.0
            time += at
            squares += at * at
            value += values[end]
            cross += at * values[end]
            total += values[end] ** 2
            if length >= shortest:
                spread = squares - time * time / length
                slope = (cross - time * value / length) / spread if spread > 0 else 0.0
                cost[start, end] = max(total - value * value / length - slope * slope * spread, 0.0)
    return cost
