"""The inner loops of the scan: the best circle of the data, and the highest ratio in each of many replicates.

Sixty-four replicates lie side by side, so that one pass round a centre counts all of them. For a given expectation the likelihood ratio
rises with the count, and for a given count it falls with the expectation. So over a stretch of circles it cannot exceed the ratio of the
last count with the first expectation: a whole stretch is passed over when that stays below the best each replicate has already.
The maxima are exact; nothing is approximated.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from zicht.compiled import compiled

LANES = 64  # replicates side by side: a row of bytes fills one line of the cache
POISSON, BERNOULLI = 0, 1
_BUCKETS = 256  # steps of the root of the expectation, for which critical counts are tabulated
_STEP = 0.25  # steps of the likelihood ratio in that table
_LEVELS = 240
_STRETCH = 0.7  # standard deviations that a stretch may add to the expectation

_Floats = npt.NDArray[np.float64]


@compiled
def ratio(model: int, cases: float, size: float, all_cases: float, whole: float) -> float:
    """Logarithm of the likelihood ratio of a circle with more cases than expected, else 0 (Kulldorff 1997).

    Args:
        model: POISSON or BERNOULLI.
        cases: cases in the circle.
        size: expected cases in it (Poisson), or cases and controls in it (Bernoulli).
        all_cases: all cases.
        whole: all expected cases (equal to all cases), or all cases and controls.
    """
    if size <= 0.0 or cases * whole <= all_cases * size:
        return 0.0
    if model == POISSON:
        result = cases * math.log(cases / size)
        if cases < all_cases:
            result += (all_cases - cases) * math.log((all_cases - cases) / (whole - size))
        return result
    outside, beyond = all_cases - cases, whole - size
    result = cases * math.log(cases / size) - all_cases * math.log(all_cases / whole)
    if cases < size:
        result += (size - cases) * math.log((size - cases) / size)
    if outside > 0.0:
        result += outside * math.log(outside / beyond)
    if outside < beyond:
        result += (beyond - outside) * math.log((beyond - outside) / beyond)
    if all_cases < whole:
        result -= (whole - all_cases) * math.log((whole - all_cases) / whole)
    return max(result, 0.0)


@compiled
def observed(
    model: int,
    counts: npt.NDArray[np.int64],
    sizes: _Floats,
    window: int,
    all_cases: float,
    whole: float,
    least: int,
    starts: npt.NDArray[np.int64],
    members: npt.NDArray[np.integer],
    closed: npt.NDArray[np.uint8],
    best: _Floats,
    best_size: npt.NDArray[np.int64],
    best_window: npt.NDArray[np.int64],
) -> None:
    """Keep for each centre its best circle, where one in this window beats what it had; fills the last three."""
    for centre in range(len(starts) - 1):
        cases, size = 0, 0.0
        for at in range(starts[centre], starts[centre + 1]):
            member = members[at]
            cases += counts[member]
            size += sizes[member]
            if closed[at] and cases >= least:
                found = ratio(model, cases, size, all_cases, whole)
                if found > best[centre]:
                    best[centre], best_window[centre] = found, window
                    best_size[centre] = at + 1 - starts[centre]


@compiled
def critical(model: int, largest: float, all_cases: float, whole: float) -> npt.NDArray[np.int32]:
    """Levels × buckets: the least count with which a circle in that bucket can exceed that level's ratio."""
    table = np.zeros((_LEVELS, _BUCKETS), np.int32)
    for bucket in range(1, _BUCKETS):
        size = (bucket / _BUCKETS) ** 2 * largest
        most = all_cases if model == POISSON else min(all_cases, size)
        count = float(math.floor(size * all_cases / whole))
        for level in range(_LEVELS):
            while count < most and ratio(model, count, size, all_cases, whole) <= level * _STEP:
                count += 1.0
            table[level, bucket] = int(count)
    return table


@compiled
def maxima(
    model: int,
    counts: npt.NDArray[np.integer],
    sizes: _Floats,
    all_cases: float,
    whole: float,
    least: int,
    starts: npt.NDArray[np.int64],
    members: npt.NDArray[np.integer],
    closed: npt.NDArray[np.uint8],
    table: npt.NDArray[np.int32],
    largest: float,
    held: npt.NDArray[np.signedinteger],
    limits: npt.NDArray[np.signedinteger],
    best: _Floats,
) -> None:
    """Raise `best` (64 replicates) to the highest ratio of all circles in one window.

    Args:
        model: POISSON or BERNOULLI.
        counts: areas × 64: simulated cases.
        sizes: for each area its expected cases, or its cases and controls.
        all_cases: as in `ratio`.
        whole: as in `ratio`.
        least: cases a circle must hold.
        starts: as in `Circles`.
        members: as in `Circles`.
        closed: as in `Circles`.
        table: as `critical` made it, for sizes up to `largest`.
        largest: no circle's size exceeds it.
        held: room for 64 counts, of a type that is wide enough for the largest.
        limits: buckets × 64 of the same type; room for the counts that matter.
        best: 64 ratios, raised where a circle beats them.
    """
    levels = np.full(LANES, -1, np.int64)
    scale = _BUCKETS / math.sqrt(largest)
    for lane in range(LANES):
        _tighten(lane, best, levels, table, limits)
    n = len(starts) - 1
    stride = 61 if n % 61 else 1  # hop over the map first, so that a good maximum is known early
    for step in range(n):
        centre = step * stride % n
        held[:] = 0
        at, end, size = starts[centre], starts[centre + 1], 0.0
        while at < end:
            first = size + sizes[members[at]]
            bound, until = first + _STRETCH * math.sqrt(first), at
            after = size
            while until < end:
                more = after + sizes[members[until]]
                if more > bound and until > at:
                    break
                after = more
                until += 1
            for member in members[at:until]:
                row = counts[member]
                for lane in range(LANES):
                    held[lane] += row[lane]
            limit = limits[min(int(math.sqrt(first) * scale), _BUCKETS - 1)]
            exceeding = 0
            for lane in range(LANES):
                exceeding += held[lane] >= limit[lane]
            if exceeding:
                for lane in range(LANES):
                    if held[lane] >= limit[lane]:
                        top = _along(
                            model,
                            counts,
                            sizes,
                            all_cases,
                            whole,
                            least,
                            members,
                            closed,
                            at,
                            until,
                            lane,
                            held[lane],
                            size,
                            best[lane],
                        )
                        if top > best[lane]:
                            best[lane] = top
                            _tighten(lane, best, levels, table, limits)
            at, size = until, after


@compiled
def _along(
    model: int,
    counts: npt.NDArray[np.integer],
    sizes: _Floats,
    all_cases: float,
    whole: float,
    least: int,
    members: npt.NDArray[np.integer],
    closed: npt.NDArray[np.uint8],
    at: int,
    until: int,
    lane: int,
    cases: int,
    size: float,
    best: float,
) -> float:
    """The highest ratio of one replicate on one stretch, which ends with this many cases and begins after this size."""
    before = cases
    for place in range(at, until):
        before -= counts[members[place], lane]
    for place in range(at, until):
        before += counts[members[place], lane]
        size += sizes[members[place]]
        if closed[place] and before >= least:
            best = max(best, ratio(model, before, size, all_cases, whole))
    return best


@compiled
def _tighten(
    lane: int,
    best: _Floats,
    levels: npt.NDArray[np.int64],
    table: npt.NDArray[np.int32],
    limits: npt.NDArray[np.signedinteger],
) -> None:
    """Take the critical counts that go with a replicate's maximum, where that has entered another level."""
    level = min(int(best[lane] / _STEP), _LEVELS - 1)
    if level != levels[lane]:
        levels[lane] = level
        for bucket in range(_BUCKETS):
            limits[bucket, lane] = table[level, bucket]
