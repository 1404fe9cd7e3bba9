"""A declared analysis, carried out on figures as the public has them.

What goes in went through protection, and nothing else does, so what comes out can be computed by anybody from what is published: a finding
gives nothing away. Areas of which a figure is hidden are left out and named as such, never guessed: only
`small_areas` says what the public figures of other areas make likely there, with its margin and as an estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import (
    AdjustedRatio,
    AmongAreas,
    Analysis,
    AnyAnalysis,
    Breaks,
    Forecasting,
    Funnel,
    LookAlikes,
    OtherLimit,
    Ranks,
    RecentClusters,
    Scan,
    Signals,
    Sites,
    SlowTrend,
    SmallAreaEstimates,
    Smoothing,
    Subgroups,
    TakeUp,
)
from zicht.errors import ZichtError
from zicht.findings.declared.adjusted_ratio import adjusted_ratio
from zicht.findings.declared.alike import alike
from zicht.findings.declared.among_areas import among_areas
from zicht.findings.declared.described import look_for_groups
from zicht.findings.declared.estimates import small_areas, smooth
from zicht.findings.declared.fair import in_fairness
from zicht.findings.declared.forecasts import forecast
from zicht.findings.declared.ground import Ground
from zicht.findings.declared.over_time import signals, slow_trend, sudden_breaks
from zicht.findings.declared.scans import recent, scanned
from zicht.findings.declared.schemes import other_limit, take_up
from zicht.findings.declared.sites import PLACES, places_for, places_of
from zicht.findings.table import About, findings

__all__ = ["PLACES", "Ground", "look_for", "look_for_groups", "places_of"]

_CARRIED_OUT: Mapping[type[AnyAnalysis], Callable[..., pa.Table]] = {
    AdjustedRatio: adjusted_ratio,
    AmongAreas: among_areas,
    Breaks: sudden_breaks,
    Forecasting: forecast,
    Funnel: in_fairness,
    LookAlikes: alike,
    OtherLimit: other_limit,
    Ranks: in_fairness,
    RecentClusters: recent,
    Scan: scanned,
    Signals: signals,
    Sites: places_for,
    SlowTrend: slow_trend,
    SmallAreaEstimates: small_areas,
    Smoothing: smooth,
    TakeUp: take_up,
}
"""By model what carries it out, given the analysis, the figures by indicator, and the ground."""


def look_for(analysis: Analysis, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Carry out one declared analysis, on the last period of the figures or what it says itself.

    Args:
        analysis: what to look for.
        figures: by indicator id its figures as the public has them: the columns of `zicht.figures.FIGURES` but for contributions, and a
            column a breakdown; those of `analysis.figures` at least.
        ground: the areas of its level.

    Returns:
        `FINDINGS`: a row (or one for each method) for each area; areas of which not all figures are public have status `not_available`.

    Raises:
        ZichtError: the figures are not of months where they must be, span too short a time, or leave nothing to compare.
    """
    if isinstance(analysis, Subgroups):
        raise ZichtError(
            f"Finding `{analysis.id}` describes groups and is not made of figures; see `look_for_groups`."
        )
    found = _CARRIED_OUT[type(analysis)](analysis, figures, ground)
    there = set(found["area"].to_pylist())
    absent = [] if there == {None} else sorted(set(ground.codes) - there)  # groups leave out no area
    about = About(analysis.id, analysis.level, ground.division, _last(found))
    rows = [
        findings(about, method, {"area": absent, "status": ["not_available"] * len(absent)})
        for method in pc.unique(found.filter(pc.is_valid(found["area"]))["method"]).to_pylist()
        if absent
    ]
    order = [(name, "ascending") for name in ("method", "area", "period")]
    return _silenced(pa.concat_tables([found, *rows]).sort_by(order))


def _last(found: pa.Table) -> str:
    """The last period that something is found of; of several together its end."""
    periods: list[str] = found["period"].to_pylist()
    return max(period.split("/")[-1] for period in periods)


def _silenced(found: pa.Table) -> pa.Table:
    """Findings of which those that are not available hold no number."""
    said = pc.equal(found["status"], "ok")
    for name in ("estimate", "lower", "upper", "observed", "expected", "statistic", "p", "q", "relevant"):
        column = found.column_names.index(name)
        field = found.schema.field(column)
        found = found.set_column(column, field, pc.if_else(said, found[name], pa.scalar(None, field.type)))
    return found
