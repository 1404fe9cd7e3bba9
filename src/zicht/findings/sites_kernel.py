"""Choosing sites, compiled: one round of the Lagrangean bound, and exchange of one site for another.

Both walk for each demand point along its candidates from near to far and stop where nothing can change any more, so most trips are never
looked at. Resende, M.G.C., Werneck, R.F. (2007), A fast swap-based local search procedure for location problems, Annals of Operations
Research 150(1), 205-230 (what an exchange saves is what is won, less what is lost, plus what the two have in common).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zicht.compiled import compiled

_Floats = npt.NDArray[np.float64]
_Numbers = npt.NDArray[np.int64]
_Short = npt.NDArray[np.int32]
_Bools = npt.NDArray[np.bool_]


@compiled
def worth_of(order: _Short, ranked: _Floats, prices: _Floats) -> _Floats:
    """For each candidate the sum over points of what a trip costs less than the price of the point; 0 or less.

    Args:
        order: points × candidates: numbers of the candidates of each point, from near to far.
        ranked: the costs of those trips.
        prices: of each point.
    """
    worth = np.zeros(order.shape[1])
    for point in range(order.shape[0]):
        price = prices[point]
        for place in range(order.shape[1]):
            gain = ranked[point, place] - price
            if gain >= 0:
                break
            worth[order[point, place]] += gain
    return worth


@compiled
def served(order: _Short, ranked: _Floats, prices: _Floats, chosen: _Bools) -> tuple[_Floats, float]:
    """For each point 1 less the chosen sites that are worth its price, and what it costs to serve all points.

    Args:
        order: as in `worth_of`.
        ranked: as in `worth_of`.
        prices: as in `worth_of`.
        chosen: whether a candidate has a site; one at least does.
    """
    slope = np.ones(order.shape[0])
    total = 0.0
    for point in range(order.shape[0]):
        met = False
        for place in range(order.shape[1]):
            cost = ranked[point, place]
            if met and cost >= prices[point]:
                break
            if chosen[order[point, place]]:
                if not met:
                    total += cost
                    met = True
                if cost < prices[point]:
                    slope[point] -= 1.0
    return slope, total


@compiled
def exchanged(order: _Short, ranked: _Floats, chosen: _Bools, kept: _Bools) -> float:
    """Exchange one site for another as long as that helps; `chosen` is changed in place.

    Args:
        order: as in `worth_of`.
        ranked: as in `worth_of`.
        chosen: whether a candidate has a site; one at least does.
        kept: whether it must keep it.

    Returns:
        What it costs to serve all points.
    """
    while True:
        sites = np.flatnonzero(chosen)
        gain, loss, both, total = _exchanges(order, ranked, chosen, sites)
        best, out, into = 0.0, -1, -1
        for place in range(len(sites)):
            if not kept[sites[place]]:
                for new in range(len(gain)):
                    saved = gain[new] - loss[place] + both[place, new]
                    if saved > best and not chosen[new]:
                        best, out, into = saved, sites[place], new
        if out < 0 or best <= 1e-9 * max(total, 1e-300):
            return total
        chosen[out], chosen[into] = False, True


@compiled
def _exchanges(
    order: _Short, ranked: _Floats, chosen: _Bools, sites: _Numbers
) -> tuple[_Floats, _Floats, _Floats, float]:
    """What each candidate would save, what each site saves now, what the two have in common (site × candidate), and what all points cost."""
    candidates = order.shape[1]
    gain, loss, both = np.zeros(candidates), np.zeros(len(sites)), np.zeros((len(sites), candidates))
    number = np.zeros(candidates, np.int64)
    number[sites] = np.arange(len(sites))
    dearest = ranked.max()
    total = 0.0
    for point in range(order.shape[0]):
        first, near, second = -1, dearest, dearest
        for place in range(candidates):
            if chosen[order[point, place]]:
                if first >= 0:
                    second = ranked[point, place]
                    break
                first, near = number[order[point, place]], ranked[point, place]
        total += near
        loss[first] += second - near
        for place in range(candidates):
            cost = ranked[point, place]
            if cost >= second:
                break
            other = order[point, place]
            gain[other] += max(near - cost, 0.0)
            both[first, other] += second - max(cost, near)
    return gain, loss, both, total


@compiled
def exchanged_cover(
    starts: _Numbers,
    points: _Numbers,
    weights: _Floats,
    group: _Numbers,
    needs: _Floats,
    chosen: _Bools,
    sites: int,
) -> float:
    """Add the site that covers most until there are enough, then exchange one for another as long as that helps; `chosen` is changed in place.

    Args:
        starts: where in `points` those of each candidate begin, and where the last end.
        points: numbers of the points that each candidate reaches.
        weights: demand of each point.
        group: of each point.
        needs: what of each group must be covered; what is lacking counts a thousand times.
        chosen: whether a candidate has a site.
        sites: how many may have one.

    Returns:
        The demand covered, less what groups lack a thousand times.
    """
    times = np.zeros(len(weights), np.int64)
    have = np.zeros(len(needs))
    for site in np.flatnonzero(chosen):
        _put(site, 1, starts, points, weights, group, times, have)
    count = int(chosen.sum())
    while count < sites:
        into, _ = _best_to_add(starts, points, weights, group, needs, chosen, times, have)
        chosen[into] = True
        _put(into, 1, starts, points, weights, group, times, have)
        count += 1
    while True:
        now = _worth(have, needs)
        best, out, into = now + 1e-9 * max(abs(now), 1.0), -1, -1
        for site in np.flatnonzero(chosen):
            _put(site, -1, starts, points, weights, group, times, have)
            other, value = _best_to_add(starts, points, weights, group, needs, chosen, times, have)
            if value > best:
                best, out, into = value, int(site), int(other)
            _put(site, 1, starts, points, weights, group, times, have)
        if out < 0:
            return now
        _put(out, -1, starts, points, weights, group, times, have)
        _put(into, 1, starts, points, weights, group, times, have)
        chosen[out], chosen[into] = False, True


@compiled
def _worth(have: _Floats, needs: _Floats) -> float:
    """Demand covered, less a thousand times what groups lack."""
    return float(have.sum() - 1000.0 * np.maximum(needs - have, 0.0).sum())


@compiled
def _put(
    site: int,
    sign: int,
    starts: _Numbers,
    points: _Numbers,
    weights: _Floats,
    group: _Numbers,
    times: _Numbers,
    have: _Floats,
) -> None:
    """Open (1) or close (-1) a site: how many sites each point has, and what each group has."""
    for at in range(starts[site], starts[site + 1]):
        point = points[at]
        times[point] += sign
        if sign > 0 and times[point] == 1:
            have[group[point]] += weights[point]
        elif sign < 0 and times[point] == 0:
            have[group[point]] -= weights[point]


@compiled
def _best_to_add(
    starts: _Numbers,
    points: _Numbers,
    weights: _Floats,
    group: _Numbers,
    needs: _Floats,
    chosen: _Bools,
    times: _Numbers,
    have: _Floats,
) -> tuple[int, float]:
    """The candidate that makes the choice best, and what it is worth then."""
    now = _worth(have, needs)
    best, into = -np.inf, -1
    more = have.copy()
    for site in range(len(chosen)):
        if chosen[site]:
            continue
        value = now
        for at in range(starts[site], starts[site + 1]):
            point = points[at]
            if times[point] == 0:
                own = group[point]
                lacked = max(needs[own] - more[own], 0.0)
                more[own] += weights[point]
                value += weights[point] + 1000.0 * (lacked - max(needs[own] - more[own], 0.0))
        if value > best:
            best, into = value, site
        for at in range(starts[site], starts[site + 1]):
            own = group[points[at]]
            more[own] = have[own]
    return into, best
