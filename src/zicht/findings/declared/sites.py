"""Declared `sites`: places chosen for the demand that public figures tell of.

Demand is made of figures after protection, and places are public objects or points in areas, so what comes out can be computed by anybody
from what is published. A place is never a home: registers of anything but objects are refused in the declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import Sites as Declared
from zicht.errors import ZichtError
from zicht.findings.chance import generator
from zicht.findings.covering import Covering, Fair
from zicht.findings.declared.ground import Ground, chosen, of_level
from zicht.findings.sites import NODES, Sites, covered_by, p_center, p_median
from zicht.findings.table import About, Floats, Ints, findings
from zicht.findings.ways import Straight, Streets

SCENARIOS = 100
PLACES = pa.schema(
    [
        ("finding", pa.string()),
        ("place", pa.string()),
        ("kind", pa.string()),
        ("area", pa.string()),
        ("x", pa.float64()),
        ("y", pa.float64()),
    ]
)
"""Where the places of a finding lie: `kind` is `new` or `existing`, x and y are metres (RD); one row a place."""
ALL = "all"
"""The group that the row about the whole answer is of."""
_MOST_WAYS = 60_000_000  # distances that are kept at once: half a gigabyte
_WIDTH = 2 * 1.959963984540054  # standard deviations in a 95 % interval


@dataclass(frozen=True, slots=True)
class _Demand:
    """Where demand is.

    Attributes:
        areas: codes of areas with a public figure and a point.
        value: of each.
        deviation: standard deviation of each.
        owner: for each point the number of its area.
        part: of the demand of its area.
        at: points × x and y.
    """

    areas: list[str]
    value: Floats
    deviation: Floats
    owner: Ints
    part: Floats
    at: Floats

    def at_points(self, values: Floats) -> Floats:
        """Demand at each point, for other values of the areas (any shape that ends in areas)."""
        return values[..., self.owner] * self.part


def places_for(analysis: Declared, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Choose places for the demand of the last period; see `look_for`.

    Rows of method `sites` are about areas (how much of their demand is served, or how far it has to go), those of `site` about a place each,
    and the one of `sites_answer` about the whole answer.
    """
    level = chosen(of_level(analysis, analysis.indicator, figures, ground), (), {})
    period = max(level["period"].to_pylist())
    level = level.filter(pc.and_(pc.equal(level["period"], period), pc.is_valid(level["value"])))
    demand = _demand(analysis, level, ground)
    candidates = _candidates(analysis, ground)
    if analysis.choose > candidates.num_rows:
        raise ZichtError(
            f"Finding `{analysis.id}`: {analysis.choose} places cannot be chosen from {candidates.num_rows} candidates."
        )
    ways, existing = _distances(analysis, ground, demand, candidates)
    problem = _Problem.of(analysis, ground, demand, ways, existing)
    try:
        answer = problem.solved(demand.at_points(demand.value))
    except ZichtError as error:
        raise ZichtError(f"Finding `{analysis.id}`: {error}") from error
    about = About(analysis.id, analysis.level, ground.division, period)
    before = ways[:, 0] if existing else np.full(len(ways), np.nan)
    shares = _returns(analysis, problem, demand, answer)
    return pa.concat_tables(
        [
            _of_areas(about, analysis, demand, before, answer),
            _of_places(about, demand, candidates, existing, answer, shares),
            _of_all(about, analysis, demand, before, answer),
        ]
    )


def places_of(analysis: Declared, found: pa.Table, ground: Ground) -> pa.Table:
    """Where the places of a finding lie.

    Args:
        analysis: what was asked.
        found: what `look_for` made of it.
        ground: the ground that it was made on.

    Returns:
        `PLACES`: the new ones in the order of `found`, then those that exist.
    """
    candidates = _candidates(analysis, ground)
    new = found.filter(pc.equal(found["method"], "site"))["group"].combine_chunks()
    kinds = [("new", candidates.take(pc.index_in(new, candidates["place"].combine_chunks())))]
    if analysis.existing:
        kinds.append(("existing", ground.objects["existing"]))
    return pa.concat_tables(
        pa.table(
            {
                "finding": [analysis.id] * table.num_rows, "place": table["place"], "kind": [kind] * table.num_rows,
                "area": table["area"], "x": table["x"], "y": table["y"],
            },
            schema=PLACES,
        )
        for kind, table in kinds
    )  # fmt: skip


def _candidates(analysis: Declared, ground: Ground) -> pa.Table:
    if analysis.candidates:
        return ground.objects["candidates"]
    codes = [code for code in ground.codes if code in ground.points]
    x, y = np.array([ground.points[code] for code in codes]).reshape(-1, 2).T
    return pa.table({"place": codes, "area": codes, "x": x, "y": y})


def _demand(analysis: Declared, level: pa.Table, ground: Ground) -> _Demand:
    """Demand at points: those of the register that it is divided over, else one in each area."""
    points: dict[str, list[tuple[float, float]]] = {code: [at] for code, at in ground.points.items()}
    if analysis.demand_at:
        spread: dict[str, list[tuple[float, float]]] = {}
        table = ground.objects["demand_at"]
        for area, x, y in zip(*(table[name].to_pylist() for name in ("area", "x", "y")), strict=True):
            spread.setdefault(area, []).append((x, y))
        points |= spread
    level = level.filter(pc.is_in(level["area"], pa.array(list(points), pa.string()))).sort_by("area")
    areas, value = level["area"].to_pylist(), level["value"].to_numpy()
    if not areas or not (value >= 0).all() or not value.sum() > 0:
        raise ZichtError(
            f"Finding `{analysis.id}`: there is no public demand above 0 to choose places for, or some of it is below 0."
        )
    lower, upper = (
        level[name].cast(pa.float64()).to_numpy(zero_copy_only=False) for name in ("lower", "upper")
    )
    deviation = np.where(np.isfinite(upper - lower), (upper - lower) / _WIDTH, value * analysis.uncertainty)
    counts = np.array([len(points[area]) for area in areas])
    owner = np.repeat(np.arange(len(areas)), counts)
    at = np.array([point for area in areas for point in points[area]])
    return _Demand(areas, value, deviation, owner, 1.0 / counts[owner], at)


def _distances(
    analysis: Declared, ground: Ground, demand: _Demand, candidates: pa.Table
) -> tuple[Floats, bool]:
    """Metres from each demand point to each candidate, after those to the nearest place that exists, and whether there is one."""
    if len(demand.at) * candidates.num_rows > _MOST_WAYS:
        raise ZichtError(
            f"Finding `{analysis.id}`: from {len(demand.at)} points of demand to {candidates.num_rows} candidates there are too many ways. "
            "Name a register with fewer points."
        )
    if analysis.network:
        streets = ground.objects["network"]
        ends = np.stack(
            [streets[name].to_numpy() for name in ("from_x", "from_y", "to_x", "to_y")], axis=1
        ).astype(float)
        straight = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
        length = streets["length"].to_numpy().astype(float) if analysis.network.length else straight
        ways: Streets | Straight = Streets(ends, length)
    else:
        ways = Straight(analysis.detour)
    to_new = ways.between(demand.at, _at(candidates))
    there = ground.objects["existing"] if analysis.existing else None
    if there is None or there.num_rows == 0:
        return to_new, False
    return np.column_stack([ways.to_nearest(demand.at, _at(there)), to_new]), True


def _at(table: pa.Table) -> Floats:
    return np.stack([table["x"].to_numpy(), table["y"].to_numpy()], axis=1).astype(float)


@dataclass(frozen=True, slots=True)
class _Problem:
    """What is asked, for any demand; all places that exist are one candidate that stays, and stands first.

    Attributes:
        analysis: the declaration.
        ways: metres from each demand point to each candidate.
        kept: candidates that stay.
        sites: how many have a place in the end, those that stay included.
        groups: for each demand point the area one level up.
        covering: where people walk so far and no farther, who is within reach of what.
    """

    analysis: Declared
    ways: Floats
    kept: tuple[int, ...]
    sites: int
    groups: npt.NDArray[np.str_]
    covering: Covering | None

    @classmethod
    def of(
        cls, analysis: Declared, ground: Ground, demand: _Demand, ways: Floats, existing: bool
    ) -> _Problem:
        groups = np.array([ground.above.get(area, "") for area in demand.areas])[demand.owner]
        kept = (0,) if existing else ()
        covering = None
        if analysis.reach is not None:
            stays = np.zeros(ways.shape[1], bool)
            stays[list(kept)] = True
            fair = Fair(np.unique(groups, return_inverse=True)[1], analysis.least)
            covering = Covering.of(ways <= analysis.reach, stays, fair)
        return cls(analysis, ways, kept, analysis.choose + existing, groups, covering)

    def solved(self, demand: Floats) -> Sites:
        """The answer for a demand, with its bound."""
        if self.analysis.objective == "p_center":
            return p_center(self.ways, self.sites, existing=self.kept)
        if self.covering is None or self.analysis.reach is None:
            return p_median(self.ways, demand, self.sites, existing=self.kept)
        chosen, bound, _ = self.covering.best(demand, self.sites, NODES)
        if chosen is None:
            raise ZichtError(self._unfair(demand, self.analysis.reach))
        return covered_by(self.ways, demand, self.analysis.reach, chosen, bound)

    def roughly(self, demand: Floats, start: Ints) -> Ints:
        """What would be chosen for another demand, not proven best."""
        if self.covering is None:
            return p_median(self.ways, demand, self.sites, existing=self.kept, nodes=0).chosen
        return self.covering.rough(demand, self.sites, start)

    def _unfair(self, demand: Floats, reach: float) -> str:
        """That no choice was found that gives each group its part, and which has least in a choice that tries to."""
        tried = self.roughly(demand, np.empty(0, np.int64))
        near = (self.ways[:, tried] <= reach).any(axis=1)
        names, group = np.unique(self.groups, return_inverse=True)
        share = np.bincount(group, demand * near) / np.maximum(np.bincount(group, demand), 1e-300)
        share[np.bincount(group, demand) == 0] = 1.0
        return (
            f"with {self.analysis.choose} new places no choice was found in which each area one level up has {self.analysis.least:.0%} of its demand"
            f" within reach; {names[share.argmin()]} has {share.min():.0%} at most or nearly so. Choose more places, or ask less in `least`."
        )


def _returns(
    analysis: Declared, problem: _Problem, demand: _Demand, answer: Sites
) -> dict[int, float | None]:
    """By chosen candidate in what share of the scenarios it is chosen; nothing where demand plays no part."""
    if analysis.objective == "p_center":
        return dict.fromkeys(answer.chosen.tolist())
    doubtful = (demand.value > 0) & (demand.deviation > 0)
    spread = np.where(doubtful, demand.deviation, 1.0)
    value = np.where(doubtful, demand.value, 1.0)
    draws = generator(demand.value, demand.deviation, analysis.id).gamma(
        (value / spread) ** 2, spread**2 / value, (SCENARIOS, len(value))
    )
    draws = np.where(doubtful, draws, demand.value)
    times = np.zeros(problem.ways.shape[1])
    for drawn in draws:
        times[problem.roughly(demand.at_points(drawn), answer.chosen)] += 1
    return {site: float(times[site]) / SCENARIOS for site in answer.chosen.tolist()}


def _of_areas(about: About, analysis: Declared, demand: _Demand, before: Floats, answer: Sites) -> pa.Table:
    """For each area its demand, and which part of it is within reach, or how far it has to go: before and after."""

    def told(distance: Floats) -> Floats:
        each = distance if analysis.reach is None else (distance <= analysis.reach).astype(float)
        each = np.where(np.isnan(distance), np.nan, each)
        means = np.bincount(demand.owner, each * demand.part, len(demand.areas))
        return np.where(np.isfinite(means), means, np.nan)

    return findings(
        about,
        "sites",
        {
            "area": demand.areas, "estimate": told(answer.distance), "expected": told(before), "observed": demand.value,
            "reference": ["existing"] * len(demand.areas),
        },
    )  # fmt: skip


def _of_places(
    about: About,
    demand: _Demand,
    candidates: pa.Table,
    existing: bool,
    answer: Sites,
    shares: Mapping[int, float | None],
) -> pa.Table:
    """For each new place the demand that goes to it, and in what share of the scenarios it returns."""
    new = [site for site in answer.chosen.tolist() if site >= existing]
    serves = np.bincount(answer.nearest, demand.at_points(demand.value), candidates.num_rows + existing)
    names = candidates["place"].take(pa.array([site - existing for site in new], pa.int64()))
    return findings(
        about,
        "site",
        {
            "group": names, "estimate": [shares[site] for site in new], "observed": serves[new],
            "relevant": [True] * len(new),
        },
    )  # fmt: skip


def _of_all(about: About, analysis: Declared, demand: _Demand, before: Floats, answer: Sites) -> pa.Table:
    """The whole answer: what was made large or small, the best possible, what it is without new places, and the gap."""
    at_points = demand.at_points(demand.value)
    total = float(at_points.sum())
    scale = 1.0 if analysis.objective == "p_center" else 1.0 / total
    if analysis.reach is not None:
        now = float(at_points[before <= analysis.reach].sum()) / total
    else:
        now = float(before.max() if analysis.objective == "p_center" else (at_points * before).sum() / total)
    return findings(
        about,
        "sites_answer",
        {
            "group": [ALL], "estimate": [answer.value * scale], "observed": [total], "statistic": [answer.gap],
            "lower": [min(answer.value, answer.bound) * scale], "upper": [max(answer.value, answer.bound) * scale],
            "expected": [now if np.isfinite(now) else None],
        },
    )  # fmt: skip
