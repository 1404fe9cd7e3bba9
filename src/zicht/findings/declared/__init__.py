"""A declared analysis, carried out on figures as the public has them.

What goes in went through protection, and nothing else does, so what comes out can be computed by anybody from what is published: a finding
gives nothing away. Areas of which a figure is hidden are left out and named as such, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import (
    AmongAreas,
    Analysis,
    Funnel,
    LookAlikes,
    OtherLimit,
    OverTime,
    Ranks,
    Subgroups,
    TakeUp,
)
from zicht.errors import ZichtError
from zicht.findings.declared.alike import alike
from zicht.findings.declared.among_areas import among_areas
from zicht.findings.declared.described import look_for_groups
from zicht.findings.declared.fair import in_fairness
from zicht.findings.declared.ground import Ground
from zicht.findings.declared.over_time import over_time
from zicht.findings.declared.schemes import other_limit, take_up
from zicht.findings.table import About, findings

__all__ = ["Ground", "look_for", "look_for_groups"]


def look_for(analysis: Analysis, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Carry out one declared analysis, on the last period of the figures.

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
    found = _carried_out(analysis, figures, ground)
    absent = sorted(set(ground.codes) - set(found["area"].to_pylist()))
    about = About(analysis.id, analysis.level, ground.division, found["period"][0].as_py())
    rows = [
        findings(about, method, {"area": absent, "status": ["not_available"] * len(absent)})
        for method in pc.unique(found["method"]).to_pylist()
        if absent
    ]
    return _silenced(
        pa.concat_tables([found, *rows]).sort_by([("method", "ascending"), ("area", "ascending")])
    )


def _carried_out(analysis: Analysis, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    match analysis:
        case AmongAreas():
            return among_areas(analysis, figures, ground)
        case Funnel() | Ranks():
            return in_fairness(analysis, figures, ground)
        case LookAlikes():
            return alike(analysis, figures, ground)
        case OtherLimit():
            return other_limit(analysis, figures, ground)
        case OverTime():
            return over_time(analysis, figures, ground)
        case Subgroups():
            raise ZichtError(
                f"Finding `{analysis.id}` describes groups and is not made of figures; see `look_for_groups`."
            )
        case TakeUp():
            return take_up(analysis, figures, ground)


def _silenced(found: pa.Table) -> pa.Table:
    """Findings of which those that are not available hold no number."""
    said = pc.equal(found["status"], "ok")
    for name in ("estimate", "lower", "upper", "observed", "expected", "statistic", "p", "q", "relevant"):
        column = found.column_names.index(name)
        field = found.schema.field(column)
        found = found.set_column(column, field, pc.if_else(said, found[name], pa.scalar(None, field.type)))
    return found
