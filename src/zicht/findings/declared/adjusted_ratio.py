"""The declared pattern of adjusted ratios: which category has more, the controls and the area being equal.

The cells are figures that are public. A cell that is hidden is left out of the model: what is known of all others still says how
categories differ, as long as a category has cells at all.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import AdjustedRatio
from zicht.errors import ZichtError
from zicht.findings.adjusted import RATE, adjusted_ratios
from zicht.findings.chance import benjamini_hochberg
from zicht.findings.declared.ground import Ground, chosen, of_level
from zicht.findings.over import statistically_relevant
from zicht.findings.table import About

MOST_AREAS = 60
"""Every area is a control of its own, so more of them make a model that says little and takes long."""


def adjusted_ratio(analysis: AdjustedRatio, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """How many times as often it happens in each category as in the base, in the last period of a share or a rate; see `look_for`."""
    dimensions = (analysis.breakdown, *analysis.controls)
    level = chosen(of_level(analysis, analysis.indicator, figures, ground), dimensions, analysis.only)
    period = max(level["period"].to_pylist())
    level = level.filter(pc.equal(level["period"], period))
    known = level.filter(pc.and_(pc.is_valid(level["numerator"]), pc.is_valid(level["denominator"])))
    areas = pc.unique(known["area"]).to_pylist()
    if len(areas) > MOST_AREAS:
        raise ZichtError(
            f"Finding `{analysis.id}`: {len(areas)} areas are too many to hold equal; {MOST_AREAS} is the most. Look at a larger level."
        )
    cube = pa.table(
        {
            "area": known["area"],
            **{name: known[name] for name in dimensions},
            "observed": known["numerator"],
            "population": known["denominator"],
        }
    )
    held = [name for name in ("area", *analysis.controls) if len(pc.unique(cube[name])) > 1]
    about = About(analysis.id, analysis.level, ground.division, period)
    try:
        ratios = adjusted_ratios(about, RATE, cube, analysis.breakdown, analysis.base, held)
    except ZichtError as error:
        raise ZichtError(f"Finding `{analysis.id}`: {error}.") from None
    return _judged(ratios)


def _judged(ratios: pa.Table) -> pa.Table:
    """The ratios with q over the categories, and with which of them are statistically relevant."""
    ratio, lower, upper, observed, p = (
        ratios[name].to_numpy() for name in ("estimate", "lower", "upper", "observed", "p")
    )
    q = benjamini_hochberg(p)
    relevant = statistically_relevant(observed.astype(np.int64), ratio, lower, upper, q)
    for name, values in (("q", q), ("relevant", relevant)):
        at = ratios.column_names.index(name)
        ratios = ratios.set_column(at, ratios.schema.field(at), pa.array(values))
    return ratios
