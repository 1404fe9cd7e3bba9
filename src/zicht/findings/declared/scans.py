"""Declared scans: round pieces of the map with more than chance explains, in the last period, in some years, or in the last months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import RecentClusters, Scan
from zicht.errors import ZichtError
from zicht.findings import scan as methods
from zicht.findings.circles import Circles, circles
from zicht.findings.declared.ground import Ground, chosen, of_level, points_of
from zicht.findings.declared.over_time import monthly
from zicht.findings.declared.standardised import public_counts, reference_of
from zicht.findings.standardise import standardise
from zicht.findings.table import About, Floats, Ints, findings

MAX_P = 0.05
PAST = 24
"""Months that the last ones are compared with at most: over a longer time buurten grow apart, and chance does not explain that."""


def scanned(analysis: Scan, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Scan the map for a share or a rate, in the last period or over all of them; see `look_for`."""
    level = chosen(of_level(analysis, analysis.indicator, figures, ground), analysis.controls, analysis.only)
    periods = sorted(set(level["period"].to_pylist()))
    periods = periods if analysis.pattern == "scan_over_years" else periods[-1:]
    each = [
        _expected(analysis, level.filter(pc.equal(level["period"], period)), ground) for period in periods
    ]
    codes = sorted(set.intersection(*(set(counts) for counts in each)) & set(ground.points))
    _enough(analysis, codes, ground)
    observed = np.array([[counts[code][0] for counts in each] for code in codes], np.int64)
    expected = np.array([[counts[code][1] for counts in each] for code in codes])
    people = np.array([[counts[code][2] for counts in each] for code in codes])
    if analysis.model == "bernoulli":
        others = np.maximum(np.rint(people).astype(np.int64) - observed, 0)
        found = methods.scan_bernoulli(observed, others, _laid(codes, people, analysis.cap, ground))
    else:
        windows = methods.Windows() if len(periods) > 1 else None
        found = methods.scan_poisson(
            observed, expected, _laid(codes, expected, analysis.cap, ground), windows=windows
        )
    about = About(analysis.id, analysis.level, ground.division, periods[-1])
    return _rows(about, codes, periods, (observed, expected), found, analysis.compared_with)


def recent(analysis: RecentClusters, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Scan the map for what is going on in the last months; see `look_for`."""
    needed = analysis.months + 3
    months, codes, counts = monthly(analysis, analysis.indicator, figures, ground, needed)
    months, counts = months[-PAST:], counts[:, -PAST:]
    people = _people(analysis, figures, ground)
    kept = [at for at, code in enumerate(codes) if code in ground.points and people.get(code, 1.0) > 0]
    codes, cases = [codes[at] for at in kept], np.rint(counts[kept]).astype(np.int64)
    _enough(analysis, codes, ground)
    windows = methods.Windows(longest=analysis.months, current=True)
    if people:
        size = np.array([people[code] for code in codes])
        expected = np.outer(size / size.sum(), cases.sum(axis=0))
        found = methods.scan_poisson(
            cases, expected, _laid(codes, expected, analysis.cap, ground), windows=windows
        )
    else:
        expected = np.outer(cases.sum(axis=1), cases.sum(axis=0)) / max(int(cases.sum()), 1)
        found = methods.scan_permutation(cases, _laid(codes, cases, analysis.cap, ground), windows=windows)
    about = About(analysis.id, analysis.level, ground.division, months[-1])
    return _rows(about, codes, months, (cases, expected), found, "per" if people else "past")


def _expected(analysis: Scan, level: pa.Table, ground: Ground) -> dict[str, tuple[int, float, float]]:
    """By area what is observed and expected in one period, and how many people there are; only where something is expected."""
    cube = public_counts(level, analysis.controls)
    if not cube.num_rows:
        return {}
    reference = reference_of(analysis.compared_with, pc.unique(cube["area"]).to_pylist(), ground)
    counts = standardise(cube, analysis.controls, reference)
    rows = counts.filter(pc.greater(pc.fill_null(counts["expected"], 0.0), 0.0)).to_pylist()
    return {row["area"]: (row["observed"], row["expected"], row["population"]) for row in rows}


def _people(analysis: RecentClusters, figures: Mapping[str, pa.Table], ground: Ground) -> dict[str, float]:
    """By area how many there are that it can happen to, in the last period; nothing where that is not declared."""
    if analysis.per is None:
        return {}
    level = chosen(of_level(analysis, analysis.per, figures, ground), (), {})
    last = level.filter(pc.equal(level["period"], max(level["period"].to_pylist())))
    told = dict.fromkeys(ground.codes, 0.0)
    return told | {
        area: value or 0.0
        for area, value in zip(last["area"].to_pylist(), last["value"].to_pylist(), strict=True)
    }


def _enough(analysis: Scan | RecentClusters, codes: Sequence[str], ground: Ground) -> None:
    if ground.adjacency is None:
        raise ZichtError(
            f"Finding `{analysis.id}`: `{analysis.pattern}` needs the boundaries of each {analysis.level}."
        )
    if len(codes) < 2:
        raise ZichtError(
            f"Finding `{analysis.id}`: of {len(codes)} of {len(ground.codes)} areas all figures are public; two or more are needed. "
            "Look at a larger level."
        )


def _laid(codes: Sequence[str], sizes: Floats | Ints, cap: float, ground: Ground) -> Circles:
    return circles(*points_of(codes, ground), sizes.sum(axis=1), share=cap)


def _rows(
    about: About,
    codes: Sequence[str],
    periods: Sequence[str],
    counts: tuple[Ints, Floats],
    found: methods.Scan,
    name: str,
) -> pa.Table:
    """A row for each cluster that chance does not explain, and one for each area, with the number of its cluster."""
    clusters = found.clusters.filter(pc.less_equal(found.clusters["p"], MAX_P))
    member = np.full(len(codes), None, dtype=object)
    for number, areas in reversed(
        list(zip(clusters["cluster"].to_pylist(), clusters["areas"].to_pylist(), strict=True))
    ):
        member[areas] = str(number)
    spans = [
        periods[last] if first == last else f"{periods[first]}/{periods[last]}"
        for first, last in zip(clusters["first"].to_pylist(), clusters["last"].to_pylist(), strict=True)
    ]
    of_clusters = {
        "group": clusters["cluster"].cast(pa.string()), "period": spans, "estimate": clusters["relative_risk"], "reference": [name] * clusters.num_rows,
        "observed": clusters["cases"], "expected": clusters["expected"], "statistic": clusters["llr"], "p": clusters["p"],
        "relevant": [True] * clusters.num_rows,
    }  # fmt: skip
    observed, expected = counts
    of_areas = {
        "area": codes, "group": member.tolist(), "observed": observed[:, -1], "expected": expected[:, -1],
        "reference": [name] * len(codes), "relevant": [group is not None for group in member],
    }  # fmt: skip
    return pa.concat_tables([findings(about, "scan", of_clusters), findings(about, "scan", of_areas)])
