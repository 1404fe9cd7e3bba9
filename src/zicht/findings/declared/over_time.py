"""Declared patterns in a count of each month: signals and slow trends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import OverTime
from zicht.errors import ZichtError
from zicht.findings.declared.ground import Ground, chosen, of_level
from zicht.findings.signals import MONTHLY, farrington
from zicht.findings.table import About, Floats, findings
from zicht.findings.trends import MONTHS, slow_trends

MAX_Q = 0.05

LEAST_YEARS = 3
"""A past of five years is best; with fewer than three a signal cannot be told from a trend."""


def over_time(analysis: OverTime, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Look for areas that are unlike their own past, or drift from all others; see `look_for`."""
    level = chosen(of_level(analysis, analysis.indicator, figures, ground), (), analysis.only)
    months = sorted(set(level["period"].to_pylist()))
    needed = _after(LEAST_YEARS) if analysis.pattern == "signals" else MONTHS
    if any(len(month) != 7 or not month[5:].isdigit() for month in months) or len(months) < needed:
        raise ZichtError(
            f"Finding `{analysis.id}`: `{analysis.pattern}` needs figures of {needed} months or more, and `{analysis.indicator}` has "
            f"{len(months)} periods, from {months[0]} to {months[-1]}."
        )
    codes, counts = _series(level, months)
    about = About(analysis.id, analysis.level, ground.division, months[-1])
    if analysis.pattern == "signals":
        years = max(years for years in range(LEAST_YEARS, MONTHLY.years + 1) if _after(years) <= len(months))
        judged = farrington(counts, len(months) - 1, replace(MONTHLY, years=years))
        return findings(
            about,
            "signal",
            {
                "area": codes, "estimate": judged["observed"], "upper": judged["upper"], "observed": judged["observed"],
                "expected": judged["expected"], "statistic": judged["score"], "p": judged["p"], "q": judged["q"], "relevant": judged["signal"],
            },
        )  # fmt: skip
    trend = slow_trends(counts)
    columns = {
        name: pc.add(trend["change" if name == "estimate" else name], 1.0)
        for name in ("estimate", "lower", "upper")
    }
    relevant = pc.fill_null(pc.less(trend["q"], MAX_Q), fill_value=False)
    return findings(
        about,
        "slow_trend",
        {"area": codes, **columns, "p": trend["p"], "q": trend["q"], "relevant": relevant},
    )


def _after(years: int) -> int:
    """How many months there must be for a past of so many years."""
    return years * MONTHLY.per_year + MONTHLY.half + 1


def _series(level: pa.Table, months: Sequence[str]) -> tuple[list[str], Floats]:
    """Areas × months of what is counted, of the areas of which every month is public."""
    areas = sorted(set(level["area"].to_pylist()))
    row = {area: number for number, area in enumerate(areas)}
    column = {month: number for number, month in enumerate(months)}
    counts = np.full((len(areas), len(months)), np.nan)
    at = (
        [row[area] for area in level["area"].to_pylist()],
        [column[month] for month in level["period"].to_pylist()],
    )
    counts[at] = level["value"].to_numpy(zero_copy_only=False)
    whole = np.isfinite(counts).all(axis=1)
    return [area for area, there in zip(areas, whole.tolist(), strict=True) if there], counts[whole]
