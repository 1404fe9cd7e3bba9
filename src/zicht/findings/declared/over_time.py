"""Declared patterns in a count of each month: signals, slow trends, and breaks in the sum of all areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import Breaks, RecentClusters, Signals, SlowTrend
from zicht.errors import ZichtError
from zicht.findings.declared.ground import Ground, chosen, of_level
from zicht.findings.signals import MONTHLY, ears, farrington
from zicht.findings.table import About, Floats, findings
from zicht.findings.trends import MONTHS, breaks, slow_trends

MAX_Q = 0.05

LEAST_YEARS = 3
"""A past of five years is best; with fewer than three a signal cannot be told from a trend."""

RECENT = 7
"""Months before that one is compared with where there are no years of past (EARS)."""

MOST_BREAKS = 4
SHARED = "shared"
"""Group of a signal that most areas share: one event, or one change in how things are counted, told once."""


def signals(analysis: Signals, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Look for months that are unlike the past of their area; see `look_for`.

    A month in which most areas are unlike their past is one row about all of them, with `group` “shared”; their own rows are then not relevant.
    """
    past = RECENT if analysis.past == "months" else _after(LEAST_YEARS) - 1
    months, codes, counts = monthly(analysis, analysis.indicator, figures, ground, past + analysis.months)
    judged = [
        _judged(analysis, months, codes, counts, now, ground)
        for now in range(len(months) - analysis.months, len(months))
    ]
    return pa.concat_tables(judged)


def slow_trend(analysis: SlowTrend, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Look for areas that drift from all others; see `look_for`."""
    months, codes, counts = monthly(analysis, analysis.indicator, figures, ground, MONTHS)
    trend = slow_trends(counts)
    columns = {
        name: pc.add(trend["change" if name == "estimate" else name], 1.0)
        for name in ("estimate", "lower", "upper")
    }
    relevant = pc.fill_null(pc.less(trend["q"], MAX_Q), fill_value=False)
    return findings(
        About(analysis.id, analysis.level, ground.division, months[-1]),
        "slow_trend",
        {"area": codes, **columns, "p": trend["p"], "q": trend["q"], "relevant": relevant},
    )


def sudden_breaks(analysis: Breaks, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Look for months from which on the sum of all areas has another level or direction; see `look_for`.

    A row a break, about no area and with its first month as period, and one for each area in the sum, which is not judged.
    """
    needed = (MOST_BREAKS + 1) * 3 + 2
    months, codes, counts = monthly(analysis, analysis.indicator, figures, ground, needed)
    others, there, beside = months, codes, counts
    if analysis.relative_to is not None:
        others, there, beside = monthly(analysis, analysis.relative_to, figures, ground, needed)
    both = [month for month in months if month in set(others) and month >= (analysis.since or "")]
    kept = [code for code in codes if code in set(there)]
    counts = _part(counts, (codes, months), (kept, both))
    measure = _part(beside, (there, others), (kept, both)).sum(axis=0) if analysis.relative_to else None
    months, codes = both, kept
    _long_enough(analysis, analysis.indicator, months, needed)
    total = counts.sum(axis=0)
    found = breaks(total, relative_to=measure, most=MOST_BREAKS).to_pylist()
    about = About(analysis.id, analysis.level, ground.division, months[-1])
    of_breaks = {
        "group": [f"break {number}" for number in range(1, len(found) + 1)],
        "period": [months[one["period"]] for one in found],
        "estimate": [one["jump"] for one in found],
        "observed": [total[one["period"]] for one in found],
        "expected": [total[one["period"]] / one["jump"] for one in found],
        "p": [one["p"] for one in found],
        "reference": [analysis.relative_to] * len(found),
        "relevant": [True] * len(found),
    }
    of_areas = {"area": codes, "observed": counts.sum(axis=1)}
    return pa.concat_tables([findings(about, "break", of_breaks), findings(about, "break", of_areas)])


def monthly(
    analysis: Signals | SlowTrend | Breaks | RecentClusters,
    indicator: str,
    figures: Mapping[str, pa.Table],
    ground: Ground,
    needed: int,
) -> tuple[list[str], list[str], Floats]:
    """What is counted each month in the areas of which every month is public.

    Args:
        analysis: what is looked for.
        indicator: id of the indicator.
        figures: by indicator id, as the public has them.
        ground: the areas.
        needed: how many months there must be.

    Returns:
        The months, the codes of the areas, and areas × months of counts.

    Raises:
        ZichtError: the figures are not of months that follow one another, of too few, or of no area in every month.
    """
    only = analysis.only if indicator == analysis.indicator else {}
    level = chosen(of_level(analysis, indicator, figures, ground), (), only)
    # Before the first and after the last month of which anything is public the series is not there, or not any more.
    level = level.filter(pc.is_valid(level["value"]))
    months = sorted(set(level["period"].to_pylist()))
    _long_enough(analysis, indicator, months, needed)
    codes, counts = series_of(level, months)
    if not codes:
        raise ZichtError(
            f"Finding `{analysis.id}`: of 0 of {len(ground.codes)} areas the figures of `{indicator}` are public in every month. Look at a larger level."
        )
    return months, codes, counts


def _long_enough(
    analysis: Signals | SlowTrend | Breaks | RecentClusters,
    indicator: str,
    months: Sequence[str],
    needed: int,
) -> None:
    wrong = any(len(month) != 7 or not month[5:].isdigit() for month in months)
    if wrong or len(months) < needed:
        raise ZichtError(
            f"Finding `{analysis.id}`: `{analysis.pattern}` needs figures of {needed} months or more, and `{indicator}` has "
            f"{len(months)} periods" + (f", from {months[0]} to {months[-1]}." if months else ".")
        )
    place = [int(month[:4]) * 12 + int(month[5:]) for month in months]
    if place[-1] - place[0] != len(months) - 1:
        raise ZichtError(
            f"Finding `{analysis.id}`: between {months[0]} and {months[-1]} months of `{indicator}` are missing, and a missing month is not zero."
        )


def _judged(
    analysis: Signals, months: Sequence[str], codes: Sequence[str], counts: Floats, now: int, ground: Ground
) -> pa.Table:
    """What is found of each area in one month."""
    if analysis.past == "months":
        judged = ears(counts, now, periods=RECENT)
    else:
        years = max(years for years in range(LEAST_YEARS, MONTHLY.years + 1) if _after(years) <= now + 1)
        judged = farrington(counts, now, replace(MONTHLY, years=years))
    shared = pc.any(judged["shared"]).as_py()
    about = About(analysis.id, analysis.level, ground.division, months[now])
    of_areas = {
        "area": codes, "estimate": judged["observed"], "upper": judged["upper"], "observed": judged["observed"],
        "expected": judged["expected"], "statistic": judged["score"], "p": judged["p"], "q": judged["q"],
        "relevant": pc.and_(judged["signal"], not shared), "group": pc.if_else(judged["shared"], SHARED, None),
    }  # fmt: skip
    found = findings(about, "signal", of_areas)
    if not shared:
        return found
    of_all = {
        "group": [SHARED], "estimate": [pc.sum(judged["alarm"]).as_py()], "observed": [pc.sum(judged["observed"]).as_py()],
        "expected": [pc.sum(judged["expected"]).as_py()], "relevant": [True],
    }  # fmt: skip
    return pa.concat_tables([findings(about, "signal", of_all), found])


def _after(years: int) -> int:
    """How many months there must be for a past of so many years."""
    return years * MONTHLY.per_year + MONTHLY.half + 1


def _part(
    counts: Floats, there: tuple[Sequence[str], Sequence[str]], wanted: tuple[Sequence[str], Sequence[str]]
) -> Floats:
    """The rows and columns of a table that have these codes and months."""
    places = [
        [{name: at for at, name in enumerate(names)}[name] for name in some]
        for names, some in zip(there, wanted, strict=True)
    ]
    part: Floats = counts[np.ix_(*places)]
    return part


def series_of(level: pa.Table, months: Sequence[str]) -> tuple[list[str], Floats]:
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
