"""Where to put it: the sites that bring most people near, with how far from the best possible the answer may be.

ReVelle, C., Swain, R. (1970), Central facilities location, Geographical Analysis 2(1), 30-42 (p-median); Church, R., ReVelle, C. (1974),
The maximal covering location problem, Papers of the Regional Science Association 32, 101-118; Minieka, E. (1970), The m-center problem,
SIAM Review 12(1), 138-139 (p-center by covering); Beasley, J.E. (1993), Lagrangean heuristics for location problems, European Journal of
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

SECONDS = 60.0  # after which the best answer so far is given, with its gap
_ROUNDS = 600  # of the subgradient method
_PATIENCE = 15  # rounds without a better bound before its steps are halved

_Floats = npt.NDArray[np.float64]
_Numbers = npt.NDArray[np.int64]


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
    seconds: float = SECONDS,
) -> Sites:
    """Choose sites so that the sum of demand times distance to the nearest is least.

    Args:
        distance: demand points × candidates: metres along the network; infinite where there is no way.
        demand: for each demand point how many people.
        sites: how many candidates are chosen, existing ones included.
        existing: candidates that have a site and keep it.
        seconds: time for the exact method where the bound does not yet prove the answer.

    Returns:
        The sites, with the bound and the gap to it.

    Raises:
        ZichtError: shapes do not agree, a number is negative or missing, or so many sites cannot be.
    """
    matrix, weights, kept = _checked(distance, demand, sites, existing)
    far = float(matrix[np.isfinite(matrix)].max(initial=1.0)) * len(matrix)  # dearer than any way there is
    costs = weights[:, None] * np.where(np.isfinite(matrix), matrix, far)
    chosen, value, bound, prices = _lagrangean(costs, sites, kept)
    unit = (
        1.0 if (costs == np.floor(costs)).all() else 0.0
    )  # whole costs: nothing lies between two whole numbers
    if value - bound >= max(unit, 1e-9 * abs(value)):
        chosen, value, bound = _exact_median(costs, sites, kept, chosen, value, bound, prices, seconds)
    elif unit:
        bound = value
    if not np.isfinite(matrix[weights > 0][:, chosen].min(axis=1, initial=np.inf)).all():
        raise ZichtError(f"With {sites} sites not everybody can reach one.")
    return _answer(matrix, chosen, value, min(bound, value))


def p_center(
    distance: npt.ArrayLike, sites: int, *, existing: Sequence[int] = (), seconds: float = SECONDS
) -> Sites:
    """Choose sites so that nobody is farther from one than need be: the longest distance is least.

    Everyone counts the same.

    Args:
        distance: as in `p_median`.
        sites: as in `p_median`.
        existing: as in `p_median`.
        seconds: as in `p_median`.

    Returns:
        As `p_median`.

    Raises:
        ZichtError: as `p_median`.
    """
    matrix = np.asarray(distance, float)
    matrix, _, kept = _checked(matrix, np.ones(len(matrix)), sites, existing)
    radii = np.unique(matrix[np.isfinite(matrix)])
    best = _within(np.isfinite(matrix), sites, kept, seconds)
    if best is None:
        raise ZichtError(f"With {sites} sites not everybody can reach one.")
    low, high = int(np.searchsorted(radii, matrix.min(axis=1).max())), len(radii) - 1
    while low < high:
        middle = (low + high) // 2
        chosen = _within(matrix <= radii[middle], sites, kept, seconds)
        if chosen is None:
            low = middle + 1
        else:
            best, high = chosen, middle
    value = float(matrix[:, best].min(axis=1).max())
    return _answer(matrix, best, value, value)


def max_cover(
    distance: npt.ArrayLike,
    demand: npt.ArrayLike,
    sites: int,
    reach: float,
    *,
    existing: Sequence[int] = (),
    groups: npt.ArrayLike | None = None,
    least: float = 0.0,
    seconds: float = SECONDS,
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
        seconds: as in `p_median`.

    Returns:
        As `p_median`; its value is the demand within reach.

    Raises:
        ZichtError: as in `p_median`, or no choice covers so much of each group.
    """
    matrix, weights, kept = _checked(distance, demand, sites, existing)
    near = sparse.csr_array((matrix <= reach).astype(float))
    points, candidates = matrix.shape
    rows = [sparse.hstack([near, -sparse.eye_array(points)])]
    lower = [np.zeros(points)]
    if groups is not None:
        names, number = np.unique(np.asarray(groups), return_inverse=True)
        parts = sparse.csr_array((weights, (number, np.arange(points))), shape=(len(names), points))
        rows.append(sparse.hstack([sparse.csr_array((len(names), candidates)), parts]))
        lower.append(least * parts.sum(axis=1))
    count = np.concatenate([np.ones(candidates), np.zeros(points)])
    result = optimize.milp(
        -np.concatenate([np.zeros(candidates), weights]),
        integrality=np.concatenate([np.ones(candidates), np.zeros(points)]),
        bounds=optimize.Bounds(np.concatenate([kept.astype(float), np.zeros(points)]), 1),
        constraints=[
            optimize.LinearConstraint(sparse.vstack(rows).tocsc(), np.concatenate(lower), np.inf),
            optimize.LinearConstraint(count[None, :], -np.inf, sites),
        ],
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if result.x is None:
        raise ZichtError(f"No choice of {sites} sites covers {least:.0%} of every group within {reach}.")
    chosen = np.flatnonzero(result.x[:candidates] > 0.5)
    value = float(weights[(matrix[:, chosen] <= reach).any(axis=1)].sum())
    return _answer(matrix, chosen, value, max(-float(result.mip_dual_bound), value))


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
) -> tuple[_Floats, _Floats, npt.NDArray[np.bool_]]:
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


def _lagrangean(
    costs: _Floats, sites: int, kept: npt.NDArray[np.bool_]
) -> tuple[_Numbers, float, float, _Floats]:
    """Sites by a price for serving each point: chosen, value, bound, and the prices of the best bound."""
    prices = np.sort(costs, axis=1)[:, min(1, costs.shape[1] - 1)].copy()
    best, value, bound, step, waited = np.empty(0, np.int64), np.inf, -np.inf, 1.0, 0
    top = prices
    seen: set[bytes] = set()
    for _ in range(_ROUNDS):
        gains = np.minimum(costs - prices[:, None], 0)
        worth = np.where(kept, -np.inf, gains.sum(axis=0))
        chosen = np.sort(np.argpartition(worth, sites - 1)[:sites])
        relaxed = chosen
        now = float(prices.sum() + gains[:, relaxed].sum())
        waited += 1
        if now > bound + 1e-9 * abs(now):
            bound, top, waited = now, prices.copy(), 0
        found = float(costs[:, chosen].min(axis=1).sum())
        if found < value * 1.02 and chosen.tobytes() not in seen and len(seen) < 12:
            seen.add(chosen.tobytes())
            chosen, found = _interchange(costs, chosen, kept)
        if found < value:
            best, value = chosen, found
        slope = 1.0 - (gains[:, relaxed] < 0).sum(axis=1)
        length = float((slope**2).sum())
        if length == 0 or value - bound < 1e-9 * abs(value) or step < 1e-4:
            break
        if waited >= _PATIENCE:
            step, waited, prices = step / 2, 0, top.copy()
            continue
        prices = prices + step * (1.02 * value - now) / length * slope
    return best, value, bound, top


def _interchange(costs: _Floats, chosen: _Numbers, kept: npt.NDArray[np.bool_]) -> tuple[_Numbers, float]:
    """Exchange one site for another as long as that helps."""
    chosen = chosen.copy()
    rows = np.arange(len(costs))
    while True:
        among = costs[:, chosen]
        first = among.argmin(axis=1)
        nearest = among[rows, first]
        among[rows, first] = np.inf
        second = among.min(axis=1) if len(chosen) > 1 else np.full(len(costs), nearest.max() * 1e6)
        # what a new site gains for all, less what the points of the site that goes lose, were the new one not there
        saved = np.maximum(nearest[:, None] - costs, 0)
        lost = np.minimum(costs, second[:, None]) - np.minimum(costs, nearest[:, None])
        owner = sparse.csr_array((np.ones(len(costs)), (first, rows)), shape=(len(chosen), len(costs)))
        change = owner @ lost - saved.sum(axis=0)[None, :]
        change[kept[chosen]] = np.inf
        out, into = np.unravel_index(int(change.argmin()), change.shape)
        if change[out, into] >= -1e-9 * max(float(nearest.sum()), 1e-300):
            return np.sort(chosen), float(nearest.sum())
        chosen[out] = into


def _exact_median(
    costs: _Floats,
    sites: int,
    kept: npt.NDArray[np.bool_],
    chosen: _Numbers,
    value: float,
    bound: float,
    prices: _Floats,
    seconds: float,
) -> tuple[_Numbers, float, float]:
    """Prove or improve by branch and bound, over the sites and trips that the prices do not rule out."""
    worth = np.minimum(costs - prices[:, None], 0).sum(axis=0)
    last = np.sort(np.where(kept, -np.inf, worth))[sites - 1]
    open_to = kept | (bound + worth - last <= value + 1e-6)
    extra = np.maximum(costs - prices[:, None], 0)
    point, site = np.nonzero((extra <= value - bound + 1e-6) & open_to)
    points, candidates, trips = *costs.shape, len(point)
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
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
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


def _within(
    near: npt.NDArray[np.bool_], sites: int, kept: npt.NDArray[np.bool_], seconds: float
) -> _Numbers | None:
    """Sites from which all points are near, or None where so many cannot do it."""
    if not near.any(axis=1).all():
        return None
    result = optimize.milp(
        np.ones(near.shape[1]),
        integrality=np.ones(near.shape[1]),
        bounds=optimize.Bounds(kept.astype(float), 1),
        constraints=optimize.LinearConstraint(sparse.csr_array(near.astype(float)), 1, np.inf),
        options={"time_limit": seconds},
    )
    if result.x is None or result.status == 1:
        raise ZichtError(
            f"In {seconds:.0f} seconds it could not be told whether {sites} sites reach everybody."
        )
    chosen = np.flatnonzero(result.x > 0.5)
    if len(chosen) > sites:
        return None
    spare = np.setdiff1d(np.arange(near.shape[1]), chosen)[: sites - len(chosen)]
    return np.concatenate([chosen, spare])
