"""Where to put it: the sites that bring most people near, with how far from the best possible the answer may be.

ReVelle, C., Swain, R. (1970), Central facilities location, Geographical Analysis 2(1), 30-42 (p-median); Church, R., ReVelle, C. (1974),
The maximal covering location problem, Papers of the Regional Science Association 32, 101-118; Minieka, E. (1970), The m-center problem,
SIAM Review 12(1), 138-139 (p-center by covering); Gonzalez, T.F. (1985), Theoretical Computer Science 38, 293-306 (a first answer to it); Beasley, J.E. (1993), Lagrangean heuristics for location problems, European Journal of
Operational Research 65(3), 383-399; Teitz, M.B., Bart, P. (1968), Operations Research 16(5), 955-961 (interchange).

The best sites for the demand that was given are not the best for another: solve for several demands (`in_scenarios`) before deciding. None
of it knows what a site costs, whether land is for sale or who would object.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import optimize, sparse

from zicht.errors import ZichtError
from zicht.findings.covering import Covering, Fair
from zicht.findings.sites_kernel import exchanged, served, worth_of

NODES = 500
"""Branches looked into at most, after which the best answer so far is given with its gap; no clock, so every machine gives the same."""
_ROUNDS = 1_500  # of the subgradient method
_PATIENCE = 15  # rounds without a better bound before its steps are halved
_STARTS = 12  # answers of that method from which sites are exchanged
_MOST_TRIPS = 60_000
"""Trips that branch and bound is given at most; with more it takes minutes to hours, for a fraction of a per cent."""

_Floats = npt.NDArray[np.float64]
_Numbers = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sites:
    """An answer, and what is known of it.

    Attributes:
        chosen: numbers of the candidates that get a site, existing ones included.
        nearest: for each demand point the chosen candidate it goes to.
        distance: for each demand point how far that is.
        value: what was made small or large: weighted distance, demand covered, or the longest distance.
        bound: no answer at all can be better than this.
        gap: |value - bound| as a part of the value; 0 is proven best.
    """

    chosen: _Numbers
    nearest: _Numbers
    distance: _Floats
    value: float
    bound: float
    gap: float


def p_median(
    distance: npt.ArrayLike,
    demand: npt.ArrayLike,
    sites: int,
    *,
    existing: Sequence[int] = (),
    nodes: int = NODES,
) -> Sites:
    """Choose sites so that the sum of demand times distance to the nearest is least.

    Args:
        distance: demand points × candidates: metres along the network; infinite where there is no way.
        demand: for each demand point how many people.
        sites: how many candidates are chosen, existing ones included.
        existing: candidates that have a site and keep it.
        nodes: branches looked into at most, where the bound does not yet prove the answer; 0 for none.

    Returns:
        The sites, with the bound and the gap to it.

    Raises:
        ZichtError: shapes do not agree, a number is negative or missing, or so many sites cannot be.
    """
    matrix, weights, kept = _checked(distance, demand, sites, existing)
    far = float(matrix[np.isfinite(matrix)].max(initial=1.0)) * len(matrix)  # dearer than any way there is
    costs = weights[:, None] * np.where(np.isfinite(matrix), matrix, far)
    chosen, value, bound, prices = _lagrangean(_Trips.of(costs), sites, kept)
    unit = (
        1.0 if (costs == np.floor(costs)).all() else 0.0
    )  # whole costs: nothing lies between two whole numbers
    if value - bound >= max(unit, 1e-9 * abs(value)):
        chosen, value, bound = _exact_median(costs, sites, kept, (chosen, value, bound), prices, nodes)
    elif unit:
        bound = value
    if not np.isfinite(matrix[weights > 0][:, chosen].min(axis=1, initial=np.inf)).all():
        raise ZichtError(f"With {sites} sites not everybody can reach one.")
    return _answer(matrix, chosen, value, min(bound, value))


def p_center(
    distance: npt.ArrayLike, sites: int, *, existing: Sequence[int] = (), nodes: int = NODES
) -> Sites:
    """Choose sites so that nobody is farther from one than need be: the longest distance is least.

    Everyone counts the same.

    Args:
        distance: as in `p_median`.
        sites: as in `p_median`.
        existing: as in `p_median`.
        nodes: as in `p_median`.

    Returns:
        As `p_median`.

    Raises:
        ZichtError: as `p_median`.
    """
    matrix = np.asarray(distance, float)
    matrix, _, kept = _checked(matrix, np.ones(len(matrix)), sites, existing)
    radii = np.unique(matrix[np.isfinite(matrix)])
    best: _Numbers | None = _spread(matrix, sites, kept)
    if not np.isfinite(matrix[:, best].min(axis=1)).all():
        best, _ = _within(np.isfinite(matrix), sites, kept, nodes)
    if best is None:
        raise ZichtError(f"With {sites} sites not everybody can reach one.")
    proven = low = int(np.searchsorted(radii, matrix.min(axis=1).max()))
    high = int(np.searchsorted(radii, matrix[:, best].min(axis=1).max()))
    while low < high:
        middle = (low + high) // 2
        chosen, sure = _within(matrix <= radii[middle], sites, kept, nodes)
        if chosen is not None:
            best, high = chosen, int(np.searchsorted(radii, matrix[:, chosen].min(axis=1).max()))
        else:
            low = middle + 1
            proven = low if sure else proven
    return _answer(matrix, best, float(radii[high]), float(radii[proven]))


def max_cover(
    distance: npt.ArrayLike,
    demand: npt.ArrayLike,
    sites: int,
    reach: float,
    *,
    existing: Sequence[int] = (),
    groups: npt.ArrayLike | None = None,
    least: float = 0.0,
    nodes: int = NODES,
) -> Sites:
    """Choose sites so that most demand lies within reach of one.

    Args:
        distance: as in `p_median`.
        demand: as in `p_median`.
        sites: as in `p_median`.
        reach: metres that people walk.
        existing: as in `p_median`.
        groups: for each demand point the group (wijk, income third) that has a right to its part.
        least: share of the demand of each group that must be covered.
        nodes: as in `p_median`.

    Returns:
        As `p_median`; its value is the demand within reach.

    Raises:
        ZichtError: as in `p_median`, or no choice covers so much of each group.
    """
    matrix, weights, kept = _checked(distance, demand, sites, existing)
    if groups is None:
        fair = Fair(np.zeros(len(matrix), np.int64), 0.0)
    else:
        fair = Fair(np.unique(np.asarray(groups), return_inverse=True)[1], least)
    chosen, bound, sure = Covering.of(matrix <= reach, kept, fair).best(weights, sites, nodes)
    if chosen is None and sure:
        raise ZichtError(f"No choice of {sites} sites covers {least:.0%} of every group within {reach}.")
    if chosen is None:
        raise ZichtError(
            f"It could not be told whether {sites} sites cover {least:.0%} of every group within {reach}."
        )
    return covered_by(matrix, weights, reach, chosen, bound)


def covered_by(matrix: _Floats, demand: _Floats, reach: float, chosen: _Numbers, bound: float) -> Sites:
    """What a choice covers.

    Args:
        matrix: distances, as in `p_median`.
        demand: as in `p_median`.
        reach: as in `max_cover`.
        chosen: the choice; where it is empty, no demand has a site.
        bound: the most that any choice covers.
    """
    if not len(chosen):
        chosen = np.array([0])  # a site that covers nothing is as good as none
    value = float(demand[(matrix[:, chosen] <= reach).any(axis=1)].sum())
    return _answer(matrix, chosen, value, max(bound, value))


def in_scenarios(solve: Callable[[_Floats], Sites], demands: npt.ArrayLike) -> tuple[Sites, pa.Table]:
    """Solve for the mean of several demands, and say in what share of them each candidate is chosen.

    Args:
        solve: one of the functions above with all but the demand filled in.
        demands: scenarios × demand points.

    Returns:
        The answer for the mean demand, and a table of candidates: `site`, `chosen` (in that answer), `share` of the
        scenarios whose own best answer has it too.
    """
    scenarios = np.atleast_2d(np.asarray(demands, float))
    mean = solve(scenarios.mean(axis=0))
    times: dict[int, int] = dict.fromkeys(mean.chosen.tolist(), 0)
    for demand in scenarios:
        for site in solve(demand).chosen.tolist():
            times[site] = times.get(site, 0) + 1
    names = sorted(times)
    table = pa.table(
        {
            "site": pa.array(names, pa.int64()),
            "chosen": [bool((mean.chosen == name).any()) for name in names],
            "share": [times[name] / len(scenarios) for name in names],
        }
    )
    return mean, table


def per_group(answer: Sites, demand: npt.ArrayLike, groups: npt.ArrayLike, reach: float) -> pa.Table:
    """Who is served: for each group its demand, mean and longest distance, and the share within reach.

    Args:
        answer: what was chosen.
        demand: for each demand point how many people.
        groups: for each demand point its group.
        reach: metres that people walk.
    """
    weights = np.asarray(demand, float)
    names, number = np.unique(np.asarray(groups), return_inverse=True)
    total = np.bincount(number, weights)
    longest = np.zeros(len(names))
    np.maximum.at(longest, number, answer.distance)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(number, weights * answer.distance) / total
        share = np.bincount(number, weights * (answer.distance <= reach)) / total
    return pa.table(
        {"group": names.tolist(), "demand": total, "mean": mean, "longest": longest, "within_reach": share}
    )


def _checked(
    distance: npt.ArrayLike, demand: npt.ArrayLike, sites: int, existing: Sequence[int]
) -> tuple[_Floats, _Floats, _Bools]:
    matrix, weights = np.asarray(distance, float), np.asarray(demand, float)
    if matrix.ndim != 2 or weights.shape != matrix.shape[:1]:
        raise ZichtError("Sites need a row of distances and a demand for each demand point.")
    if np.isnan(matrix).any() or (matrix < 0).any() or not (weights >= 0).all():
        raise ZichtError("Distances and demand must be 0 or more; infinite is allowed where there is no way.")
    kept = np.zeros(matrix.shape[1], bool)
    kept[list(existing)] = True
    if not max(kept.sum(), 1) <= sites <= matrix.shape[1]:
        raise ZichtError(
            f"{sites} sites cannot be chosen from {matrix.shape[1]} candidates of which {kept.sum()} stay."
        )
    return matrix, weights, kept


def _answer(matrix: _Floats, chosen: _Numbers, value: float, bound: float) -> Sites:
    chosen = np.sort(chosen)
    nearest = matrix[:, chosen].argmin(axis=1)
    gap = abs(value - bound) / abs(value) if value else 0.0
    return Sites(
        chosen,
        chosen[nearest],
        matrix[np.arange(len(matrix)), chosen[nearest]],
        value,
        bound,
        gap if gap > 1e-9 else 0.0,
    )


@dataclass(frozen=True, slots=True)
class _Trips:
    """Costs of all trips: points × candidates as they are, and of each point from near to far."""

    costs: _Floats
    order: npt.NDArray[np.int32]
    ranked: _Floats

    @classmethod
    def of(cls, costs: _Floats) -> _Trips:
        order = np.argsort(costs, axis=1, kind="stable").astype(np.int32)
        return cls(costs, order, np.take_along_axis(costs, order, axis=1))

    def exchanged(self, chosen: _Numbers, kept: _Bools) -> tuple[_Numbers, float]:
        """Sites that no exchange of one for another makes better, and what they cost."""
        open_ = np.zeros(self.costs.shape[1], bool)
        open_[chosen] = True
        value = exchanged(self.order, self.ranked, open_, kept)
        return np.flatnonzero(open_), value


def _lagrangean(trips: _Trips, sites: int, kept: _Bools) -> tuple[_Numbers, float, float, _Floats]:
    """Sites by a price for serving each point: chosen, value, bound, and the prices of the best bound."""
    prices = trips.ranked[:, min(1, trips.ranked.shape[1] - 1)].copy()
    best, value, bound, step, waited = np.empty(0, np.int64), np.inf, -np.inf, 1.0, 0
    top = prices
    seen: set[bytes] = set()
    for _ in range(_ROUNDS):
        worth = worth_of(trips.order, trips.ranked, prices)
        chosen = np.zeros(len(worth), bool)
        chosen[np.argpartition(np.where(kept, -np.inf, worth), sites - 1)[:sites]] = True
        now = float(prices.sum() + worth[chosen].sum())
        slope, found = served(trips.order, trips.ranked, prices, chosen)
        waited += 1
        if now > bound + 1e-9 * abs(now):
            bound, top, waited = now, prices.copy(), 0
        open_ = np.flatnonzero(chosen)
        if found < value * 1.02 and open_.tobytes() not in seen and len(seen) < _STARTS:
            seen.add(open_.tobytes())
            open_, found = trips.exchanged(open_, kept)
        if found < value:
            best, value = open_, found
        length = float((slope**2).sum())
        if length == 0 or value - bound < 1e-9 * abs(value) or step < 1e-4:
            break
        if waited >= _PATIENCE:
            step, waited, prices = step / 2, 0, top.copy()
            continue
        prices = prices + step * (1.02 * value - now) / length * slope
    return best, value, bound, top


def _exact_median(
    costs: _Floats,
    sites: int,
    kept: _Bools,
    known: tuple[_Numbers, float, float],
    prices: _Floats,
    nodes: int,
) -> tuple[_Numbers, float, float]:
    """Prove or improve by branch and bound, over the sites and trips that the prices do not rule out; `known` where these are too many."""
    chosen, value, bound = known
    worth = np.minimum(costs - prices[:, None], 0).sum(axis=0)
    last = np.sort(np.where(kept, -np.inf, worth))[sites - 1]
    open_to = kept | (bound + worth - last <= value + 1e-6)
    point, site = np.nonzero((costs - prices[:, None] <= value - bound + 1e-6) & open_to)
    points, candidates, trips = *costs.shape, len(point)
    if nodes == 0 or trips > _MOST_TRIPS:
        return known
    at = np.arange(trips)
    go = sparse.csr_array((np.ones(trips), (point, candidates + at)), shape=(points, candidates + trips))
    there = sparse.csr_array(
        (
            np.concatenate([np.ones(trips), -np.ones(trips)]),
            (np.tile(at, 2), np.concatenate([site, candidates + at])),
        ),
        shape=(trips, candidates + trips),
    )
    count = np.concatenate([np.ones(candidates), np.zeros(trips)])
    result = optimize.milp(
        np.concatenate([np.zeros(candidates), costs[point, site]]),
        integrality=count,
        bounds=optimize.Bounds(
            np.concatenate([kept.astype(float), np.zeros(trips)]),
            np.concatenate([open_to.astype(float), np.ones(trips)]),
        ),
        constraints=[
            optimize.LinearConstraint(go, 1, 1),
            optimize.LinearConstraint(there, 0, np.inf),
            optimize.LinearConstraint(count[None, :], sites, sites),
        ],
        options={"node_limit": nodes, "mip_rel_gap": 0.0},
    )
    if result.status == 2:  # nothing that is not ruled out beats the answer, so it is the best
        return chosen, value, value
    if result.mip_dual_bound is not None:
        bound = max(bound, min(float(result.mip_dual_bound), value))
    if result.x is not None:
        found = np.flatnonzero(result.x[:candidates] > 0.5)
        total = float(costs[:, found].min(axis=1).sum())
        if total < value:
            return found, total, min(bound, total)
    return chosen, value, bound


def _spread(matrix: _Floats, sites: int, kept: _Bools) -> _Numbers:
    """Sites far from each other: the next is always the one nearest to the point that has farthest to go (Gonzalez 1985)."""
    chosen = np.flatnonzero(kept).tolist() or [int(matrix.max(axis=0).argmin())]
    away = matrix[:, chosen].min(axis=1)
    while len(chosen) < sites:
        nearest = matrix[int(away.argmax())].copy()
        nearest[chosen] = np.inf
        free = np.setdiff1d(np.arange(matrix.shape[1]), chosen)
        chosen.append(int(nearest.argmin()) if np.isfinite(nearest).any() else int(free[0]))
        away = np.minimum(away, matrix[:, chosen[-1]])
    return np.array(chosen)


def _within(near: _Bools, sites: int, kept: _Bools, nodes: int) -> tuple[_Numbers | None, bool]:
    """Sites from which all points are near, or None; and whether it is sure that so many cannot do it."""
    alike = np.unique(np.packbits(near, axis=1), axis=0)  # points with the same candidates near are one
    rows = np.unpackbits(alike, axis=1, count=near.shape[1])
    if not rows.any(axis=1).all():
        return None, True
    count = np.ones(near.shape[1])
    result = optimize.milp(
        count,
        integrality=count,
        bounds=optimize.Bounds(kept.astype(float), 1),
        constraints=[
            optimize.LinearConstraint(sparse.csr_array(rows.astype(float)), 1, np.inf),
            optimize.LinearConstraint(count[None, :], -np.inf, sites),
        ],
        options={"node_limit": nodes, "mip_rel_gap": 1.0},  # any choice will do
    )
    if result.x is None:
        return None, result.status == 2
    chosen = np.flatnonzero(result.x > 0.5)
    spare = np.setdiff1d(np.arange(near.shape[1]), chosen)[: sites - len(chosen)]
    return np.concatenate([chosen, spare]), True
