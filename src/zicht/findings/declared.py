"""A declared analysis, carried out on figures as the public has them.

What goes in went through protection, and nothing else does, so what comes out can be computed by anybody from what is published: a finding
gives nothing away. Areas of which a figure is hidden are left out and named as such, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import OF_SHARES, Analysis
from zicht.errors import ZichtError
from zicht.figures import FIGURES, TOTAL
from zicht.findings.circles import circles
from zicht.findings.local import local_clusters, neighbours_of
from zicht.findings.over import over_representation, shrunken_ratios
from zicht.findings.scan import scan_poisson
from zicht.findings.signals import MONTHLY, farrington
from zicht.findings.spatial import join_islands
from zicht.findings.standardise import Reference, everybody, standardise, within
from zicht.findings.table import About, Floats, findings
from zicht.findings.trends import MONTHS, slow_trends

MAX_Q = 0.05
MAX_P = 0.05
CAP = 0.20
"""The part of all that is expected that a round piece of the map may hold at most: more of it than that is no piece of it."""

LEAST_YEARS = 3
"""A past of five years is best; with fewer than three a signal cannot be told from a trend."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The areas of one level, as far as an analysis needs them.

    Attributes:
        codes: of the areas, those of which the place is unknown left out.
        gemeente: for each code that of its gemeente.
        adjacency: columns code and neighbour; None where there are no boundaries.
        points: by code x and y (metres) of a point in each area that has boundaries.
        division: year of the area division.
    """

    codes: Sequence[str]
    gemeente: Mapping[str, str]
    adjacency: pa.Table | None
    points: Mapping[str, tuple[float, float]]
    division: int


def look_for(analysis: Analysis, figures: pa.Table, ground: Ground) -> pa.Table:
    """Carry out one declared analysis, on the last period of the figures.

    Args:
        analysis: what to look for.
        figures: the figures of its indicator as the public has them: the columns of `zicht.figures.FIGURES` but for contributions, and a
            column a breakdown.
        ground: the areas of its level.

    Returns:
        `FINDINGS`: a row (or one for each method) for each area; areas of which not all figures are public have status `not_available`.

    Raises:
        ZichtError: the figures are not of months where they must be, span too short a time, or leave nothing to compare.
    """
    level = figures.filter(pc.equal(figures["level"], analysis.level))
    level = level.filter(pc.is_in(level["area"], pa.array(ground.codes, pa.string())))
    if level.num_rows == 0:
        raise ZichtError(
            f"Finding `{analysis.id}`: `{analysis.indicator}` has no figure of any {analysis.level}."
        )
    level = _chosen(level, analysis)
    found = (_of_shares if analysis.pattern in OF_SHARES else _of_months)(analysis, level, ground)
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


def _chosen(figures: pa.Table, analysis: Analysis) -> pa.Table:
    """The categories looked at: those of controls each, else the one asked for, else all together."""
    for axis in (name for name in figures.column_names if name not in FIGURES.names):
        total = pc.equal(figures[axis], analysis.only.get(axis, TOTAL))
        figures = figures.filter(pc.not_equal(figures[axis], TOTAL) if axis in analysis.controls else total)
    return figures


def _silenced(found: pa.Table) -> pa.Table:
    """Findings of which those that are not available hold no number."""
    said = pc.equal(found["status"], "ok")
    for name in ("estimate", "lower", "upper", "observed", "expected", "statistic", "p", "q", "relevant"):
        column = found.column_names.index(name)
        field = found.schema.field(column)
        found = found.set_column(column, field, pc.if_else(said, found[name], pa.scalar(None, field.type)))
    return found


def _of_shares(analysis: Analysis, level: pa.Table, ground: Ground) -> pa.Table:
    period = max(level["period"].to_pylist())
    cube = _cube(level.filter(pc.equal(level["period"], period)), analysis.controls)
    codes = pc.unique(cube["area"]).to_pylist()
    if len(codes) < 2:
        raise ZichtError(
            f"Finding `{analysis.id}`: of {len(codes)} of {len(ground.codes)} areas all figures are public; two or more are needed. "
            "Look at a larger level, or control for less."
        )
    counts = standardise(cube, analysis.controls, _reference(analysis, codes, ground))
    about = About(analysis.id, analysis.level, ground.division, period)
    name = analysis.compared_with
    if analysis.pattern == "over_representation":
        return pa.concat_tables(
            [over_representation(about, counts, name), shrunken_ratios(about, counts, name)]
        )
    if ground.adjacency is None:
        raise ZichtError(
            f"Finding `{analysis.id}`: `{analysis.pattern}` needs the boundaries of each {analysis.level}."
        )
    placed = pc.is_in(counts["area"], pa.array(list(ground.points), pa.string()))
    counts = counts.filter(pc.and_(placed, pc.greater(pc.fill_null(counts["expected"], 0.0), 0.0)))
    if analysis.pattern == "scan":
        return _scanned(about, counts, ground, name)
    return _clusters(about, counts, ground.adjacency, ground, name)


def _cube(figures: pa.Table, controls: Sequence[str]) -> pa.Table:
    """Events and people of each area and stratum; areas of which one is not public are left out."""
    known = pc.and_(pc.is_valid(figures["numerator"]), pc.is_valid(figures["denominator"]))
    # A stratum in which there is nobody has no share, and needs none.
    nobody = pc.equal(figures["status"], "not_available")
    partly = pc.unique(figures.filter(pc.invert(pc.or_(known, nobody)))["area"])
    whole = figures.filter(pc.and_(known, pc.invert(pc.is_in(figures["area"], partly))))
    return pa.table(
        {
            "area": whole["area"],
            **{name: whole[name] for name in controls},
            "observed": whole["numerator"],
            "population": whole["denominator"],
        }
    )


def _reference(analysis: Analysis, codes: Sequence[str], ground: Ground) -> Reference:
    if analysis.compared_with == "all":
        return everybody("all", codes)
    return within("gemeente", {code: ground.gemeente[code] for code in codes})


def _clusters(about: About, counts: pa.Table, adjacency: pa.Table, ground: Ground, name: str) -> pa.Table:
    binary = neighbours_of(counts["area"].to_pylist(), adjacency)
    return local_clusters(about, counts, join_islands(binary, *_points(counts, ground)), name)


def _scanned(about: About, counts: pa.Table, ground: Ground, name: str) -> pa.Table:
    """A row for each cluster that chance does not explain, and one for each area, with the number of its cluster."""
    expected = counts["expected"].to_numpy()
    found = scan_poisson(
        counts["observed"].to_numpy(), expected, circles(*_points(counts, ground), expected, share=CAP)
    )
    clusters = found.clusters.filter(pc.less_equal(found.clusters["p"], MAX_P))
    member = np.full(counts.num_rows, None, dtype=object)
    for number, areas in zip(clusters["cluster"].to_pylist(), clusters["areas"].to_pylist(), strict=True):
        member[areas] = str(number)
    of_clusters = {
        "group": clusters["cluster"].cast(pa.string()), "estimate": clusters["relative_risk"], "reference": [name] * clusters.num_rows,
        "observed": clusters["cases"], "expected": clusters["expected"], "statistic": clusters["llr"], "p": clusters["p"],
        "relevant": [True] * clusters.num_rows,
    }  # fmt: skip
    of_areas = {
        "area": counts["area"], "group": member.tolist(), "observed": counts["observed"], "expected": counts["expected"],
        "reference": [name] * counts.num_rows, "relevant": [group is not None for group in member],
    }  # fmt: skip
    return pa.concat_tables([findings(about, "scan", of_clusters), findings(about, "scan", of_areas)])


def _points(counts: pa.Table, ground: Ground) -> tuple[Floats, Floats]:
    x, y = np.array([ground.points[code] for code in counts["area"].to_pylist()]).reshape(-1, 2).T
    return x, y


def _of_months(analysis: Analysis, level: pa.Table, ground: Ground) -> pa.Table:
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
