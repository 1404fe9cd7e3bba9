"""Which colour an area gets: five classes with natural breaks, or the limits that the indicator declares.

Natural breaks are those of Fisher (1958, *On grouping for maximum homogeneity*), known from maps as Jenks: the classes
with the least squared distance to their means. Solved exactly by dynamic programming up to `EXACT` values; of more,
evenly spaced ones of the sorted values stand for all, which is `FisherJenksSampled` without chance.
`mapclassify` gives the same breaks (a test holds that) but takes two seconds to import and minutes on 14,574 values.
"""

from __future__ import annotations

import math

import numpy as np

from zicht.publish.frames import Floats, Small

CLASSES = 5
EXACT = 600


def natural_breaks(values: Floats, classes: int = CLASSES) -> list[float]:
    """Upper limits of all classes but the last.

    Args:
        values: finite, in any order.
        classes: at most how many; fewer distinct values give fewer classes.

    Returns:
        Limits in rising order; a value equal to a limit belongs to the class below it.
    """
    ordered = np.sort(values)
    if ordered.size > EXACT:
        ordered = ordered[np.linspace(0, ordered.size - 1, EXACT).round().astype(np.int64)]
    classes = min(classes, int(np.unique(ordered).size))
    if classes < 2:
        return []
    ends = _best_ends(ordered, classes)
    return [float(ordered[end - 1]) for end in ends]


def _best_ends(ordered: Floats, classes: int) -> list[int]:
    # cost[i, j]: squared deviation of ordered[i:j]; best[k, j]: least cost of the first j values in k classes.
    size = ordered.size
    shifted = ordered - ordered.mean()
    sums = np.concatenate([[0.0], np.cumsum(shifted)])
    squares = np.concatenate([[0.0], np.cumsum(shifted**2)])
    start, end = np.arange(size)[:, None], np.arange(1, size + 1)[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        cost = (squares[end] - squares[start]) - (sums[end] - sums[start]) ** 2 / (end - start)
    cost = np.where(end > start, cost, np.inf)
    best, cut = cost[0], np.zeros((classes, size), dtype=np.int64)
    for k in range(1, classes):
        total = best[:-1, None] + cost[1:, 1:]
        cut[k, 1:] = total.argmin(axis=0) + 1
        best = np.concatenate([[np.inf], total.min(axis=0)])
    ends, last = [], size
    for k in range(classes - 1, 0, -1):
        last = int(cut[k, last - 1])
        ends.append(last)
    return ends[::-1]


def map_breaks(values: Floats, decimals: int, declared: tuple[float, ...] | None) -> tuple[float, ...]:
    """The class limits of a map: what is declared, else natural breaks rounded to what a reader sees.

    Args:
        values: of all areas, NaN where there is none.
        decimals: those the indicator is published with.
        declared: limits from the declaration, which win.

    Returns:
        Limits in rising order; a value equal to one belongs to the class above it.
    """
    if declared is not None:
        return declared
    finite = values[np.isfinite(values)]
    if finite.size == 0 or finite.min() == finite.max():
        return ()
    low, high = float(finite.min()), float(finite.max())
    # A limit as coarse as a thirtieth of the range is easier to read and moves no area far.
    step = max(10.0**-decimals, 10.0 ** math.floor(math.log10((high - low) / 30 + 1e-12)))
    limits: list[float] = []
    for limit in natural_breaks(finite):
        rounded = round(math.floor(limit / step + 1) * step, 10)
        if low < rounded <= high and rounded not in limits:
            limits.append(rounded)
    return tuple(limits)


def class_of(values: Floats, breaks: tuple[float, ...]) -> Small:
    """The class of each value, from 0; -1 where there is no value.

    Args:
        values: NaN where there is none.
        breaks: limits in rising order; a value equal to one belongs to the class above it.
    """
    classes = np.searchsorted(np.array(breaks, dtype=np.float64), values, side="right").astype(np.int8)
    classes[~np.isfinite(values)] = -1
    return classes
