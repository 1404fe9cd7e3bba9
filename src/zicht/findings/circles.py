"""Circles on a map: for each centre the areas in the order in which a growing circle takes them in.

A circle is closed: areas at the same distance enter together. It grows until it would hold more than a set share of the
population at risk (Kulldorff, M., 1997, A spatial scan statistic, Communications in Statistics 26(6), 1481-1496).
Areas are kept in Morton order (Morton, 1966), so that what lies together on the map lies together in memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zicht.compiled import compiled
from zicht.errors import ZichtError

_SMALL = 65536  # areas that a number of 16 bits can tell apart
_SAME = 1e-11  # squared distances that differ relatively by less are one distance: rounding of the coordinates' products


@dataclass(frozen=True, slots=True)
class Circles:
    """All circles on a map of n areas; make it once for a map and scan any number of themes with it.

    Attributes:
        order: for each place in memory, the number of the area as the caller knows it.
        starts: n + 1 places in `members` where the circles of each centre begin; centres are in the order of `order`.
        members: for each centre its areas (as places in `order`), nearest first, itself at the front.
        closed: for each member, 1 where a circle may end there, 0 where the next area lies equally far.
        x, y: coordinates in metres, in the order of `order`.
    """

    order: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    members: npt.NDArray[np.integer]
    closed: npt.NDArray[np.uint8]
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.order)

    def radius(self, centre: int, size: int) -> float:
        """The distance in metres from a `centre` to the farthest of its first `size` areas."""
        last = int(self.members[self.starts[centre] + size - 1])
        return float(np.hypot(self.x[last] - self.x[centre], self.y[last] - self.y[centre]))


def circles(x: npt.ArrayLike, y: npt.ArrayLike, population: npt.ArrayLike, *, share: float = 0.5) -> Circles:
    """Lay all circles on a map.

    Args:
        x: for each area the first coordinate of its centroid, in metres (degrees must be projected first).
        y: the second.
        population: for each area what counts for the largest circle: people at risk, or expected cases.
        share: the part of all population that a circle may hold at most, above 0 and at most 1.

    Returns:
        For each centre its nearest areas, as far as a circle may hold them.

    Raises:
        ZichtError: a coordinate or a population is missing or negative, or the share cannot be.
    """
    places = np.column_stack([np.asarray(x, float), np.asarray(y, float)])
    people = np.asarray(population, float)
    if people.shape != (len(places),) or not len(people):
        raise ZichtError("A scan needs one centroid and one population for each area.")
    if not (np.isfinite(places).all() and np.isfinite(people).all() and (people >= 0).all()):
        raise ZichtError("A scan needs for each area a centroid in metres and a population of 0 or more.")
    if not 0 < share <= 1:
        raise ZichtError(f"The largest circle holds a share of the population between 0 and 1, not {share}.")
    order = np.argsort(_morton(places), kind="stable")
    places, people = np.ascontiguousarray(places[order]), people[order]
    limit = (
        share * people.sum() * (1 + 1e-12)
    )  # a circle exactly at the limit may stay, whatever the rounding
    counts, found = _neighbours(places[:, 0].copy(), places[:, 1].copy(), people, limit)
    starts = np.concatenate([[0], np.cumsum(counts)])
    narrow: type[np.integer] = np.uint16 if len(people) <= _SMALL else np.int32
    members: npt.NDArray[np.integer] = (found >> 1).astype(narrow)
    closed = (found & 1).astype(np.uint8)
    return Circles(order, starts, members, closed, places[:, 0].copy(), places[:, 1].copy())


def _morton(places: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """For each place its number along a curve that keeps near things near."""
    low, high = places.min(axis=0), places.max(axis=0)
    cell = ((places - low) / max(float((high - low).max()), 1e-300) * 1023).astype(np.int64)
    code = np.zeros(len(places), np.int64)
    for bit in range(10):
        code |= ((cell[:, 0] >> bit) & 1) << (2 * bit) | ((cell[:, 1] >> bit) & 1) << (2 * bit + 1)
    return code


@compiled
def _neighbours(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], people: npt.NDArray[np.float64], limit: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """For each centre how many areas its circles take in, and these areas: twice the number, plus 1 where a circle may end."""
    n = len(x)
    counts, found, used = np.zeros(n, np.int64), np.empty(64 * n, np.int32), 0
    squares, near, away = np.empty(n), np.empty(n, np.int64), np.empty(n)
    reach = 0.0
    for centre in range(n):
        farthest = 0.0
        for other in range(n):
            squares[other] = (x[other] - x[centre]) ** 2 + (y[other] - y[centre]) ** 2
            farthest = max(farthest, squares[other])
        # the circle of the centre before, somewhat widened, nearly always holds this one: only what lies in it is sorted
        reach = min(max(reach, farthest / n), farthest)
        while True:
            held, inside = 0.0, 0
            for other in range(n):
                if squares[other] <= reach:
                    near[inside], away[inside] = other, squares[other]
                    held += people[other]
                    inside += 1
            if held > limit or reach >= farthest:
                break
            reach = min(reach * 1.3, farthest)
        ranked = np.argsort(away[:inside])
        if used + inside > len(found):
            longer = np.empty(2 * len(found) + inside, np.int32)
            longer[:used] = found[:used]
            found = longer
        counts[centre] = _fill(ranked, near, away, people, limit, found[used : used + inside])
        if counts[centre]:
            reach = away[ranked[counts[centre] - 1]] * 1.05
        used += counts[centre]
    return counts, found[:used]


@compiled
def _fill(
    ranked: npt.NDArray[np.int64],
    near: npt.NDArray[np.int64],
    away: npt.NDArray[np.float64],
    people: npt.NDArray[np.float64],
    limit: float,
    found: npt.NDArray[np.int32],
) -> int:
    """Take areas in by distance until the limit; returns how many, after the last whole circle."""
    held, whole, at = 0.0, 0, 0
    while at < len(ranked):
        group = at
        while group < len(ranked) and away[ranked[group]] <= away[ranked[at]] * (1 + _SAME):
            held += people[near[ranked[group]]]
            found[group] = 2 * near[ranked[group]]
            group += 1
        if held > limit:
            break
        found[group - 1] += 1
        whole = at = group
    return whole
