"""Declared patterns that are figures of a model: ratios that borrow from others, and small areas of which few were asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import SmallAreaEstimates, Smoothing
from zicht.errors import ZichtError
from zicht.findings.area_model import SmallAreas, fay_herriot
from zicht.findings.bym2 import smoothed
from zicht.findings.chance import Z
from zicht.findings.declared.ground import Ground, chosen, of_level, points_of
from zicht.findings.declared.standardised import counted
from zicht.findings.local import neighbours_of
from zicht.findings.over import MIN_DIFFERENCE, shrunken_ratios
from zicht.findings.small_areas import benchmarked, estimated, measured
from zicht.findings.spatial import averaged, join_islands
from zicht.findings.spatial_model import spatial_fay_herriot
from zicht.findings.table import About, Bools, Floats, findings


def smooth(analysis: Smoothing, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Ratios of the last period of a share or a rate, in which small areas borrow from others; see `look_for`."""
    base = counted(analysis, figures, ground)
    counts = base.expected
    if analysis.method == "gamma_poisson":
        found = shrunken_ratios(base.about, counts, base.reference)
        told = [found[name].to_numpy(zero_copy_only=False) for name in ("estimate", "lower", "upper")]
        place = found.column_names.index("relevant")
        return found.set_column(place, found.schema.field(place), pa.array(_surely(*told)))
    if ground.adjacency is None:
        raise ZichtError(
            f"Finding `{analysis.id}`: `bym2` needs the boundaries of each {analysis.level}. Use `method: gamma_poisson` without them."
        )
    observed, expected = counts["observed"].to_numpy(), counts["expected"].to_numpy()
    by = neighbours_of(counts["area"].to_pylist(), ground.adjacency)
    made = smoothed(np.rint(observed).astype(np.int64), expected, by)
    columns = {
        "area": counts["area"], "estimate": made.ratio, "lower": made.lower, "upper": made.upper, "reference": [base.reference] * len(expected),
        "observed": observed, "expected": expected, "statistic": made.above, "relevant": _surely(made.ratio, made.lower, made.upper),
    }  # fmt: skip
    return findings(base.about, "bym2", columns)


def _surely(ratio: Floats, lower: Floats, upper: Floats) -> Bools:
    """Whether the 95 % interval leaves out 1 and the ratio is at least 0.20 from it."""
    return ((lower > 1) | (upper < 1)) & (np.round(np.abs(ratio - 1), 12) >= MIN_DIFFERENCE)


def small_areas(analysis: SmallAreaEstimates, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Estimates of a share or a mean in the last period, beside what was measured; see `look_for`.

    The sampling variance of a figure is read off its published interval. An area of which it is not public, or has no interval, gets what
    the covariates say; an area of which a covariate or the size is not public gets nothing.
    """
    level = chosen(of_level(analysis, analysis.indicator, figures, ground), (), {})
    period = max(level["period"].to_pylist())
    known = {
        name: _values(of_level(analysis, name, figures, ground), period)
        for name in (*analysis.covariates, analysis.size)
    }
    areas = [code for code in ground.codes if all(code in values for values in known.values())]
    here = {row["area"]: row for row in level.filter(pc.equal(level["period"], period)).to_pylist()}
    told = np.array([_told(here.get(code)) for code in areas]).reshape(-1, 3)
    design = _design([[known[name][code] for code in areas] for name in analysis.covariates], len(areas))
    there = ~np.isnan(told[:, 0])
    if there.sum() < design.shape[1] + 2:
        raise ZichtError(
            f"Finding `{analysis.id}`: of {there.sum()} of {len(ground.codes)} areas `{analysis.indicator}` is public with an interval, and "
            f"{design.shape[1] + 2} or more are needed. Name a share, or a mean that has an interval; or fewer covariates."
        )
    spatial = analysis.method == "spatial"
    kept = there if spatial else np.ones(len(areas), np.bool_)
    codes = [code for code, keep in zip(areas, kept.tolist(), strict=True) if keep]
    direct, variance, asked = told[kept].T
    model = _fitted(analysis, codes, (direct, variance, design[kept]), ground)
    size = np.array([known[analysis.size][code] for code in codes])
    whole = _wholes(analysis, figures[analysis.indicator], period)
    if analysis.level != "gemeente":
        model = _adding_up(model, size, [ground.gemeente[code] for code in codes], whole)
    about = About(analysis.id, analysis.level, ground.division, period)
    method = "spatial_fay_herriot" if spatial else "fay_herriot"
    found = pa.concat_tables(
        [
            measured(about, codes, direct, variance, np.rint(asked).astype(np.int64)),
            estimated(about, method, codes, model, direct, analysis.classes),
        ]
    )
    return _in_hundred(found) if _are_shares(level) else found


def _are_shares(figures: pa.Table) -> bool:
    """Whether values are parts in a hundred, as public numerators and denominators have it."""
    value, part, whole = (
        figures[name].to_numpy().astype(np.float64) for name in ("value", "numerator", "denominator")
    )
    known = np.isfinite(value) & np.isfinite(part) & (whole > 0)
    return bool(known.any() and np.allclose(value[known], 100 * part[known] / whole[known], atol=0.1))


def _in_hundred(found: pa.Table) -> pa.Table:
    """Shares with bounds between 0 and 100; one that the straight line puts beyond these is too uncertain to show."""
    beyond = pc.or_(pc.less(found["estimate"], 0.0), pc.greater(found["estimate"], 100.0))
    wrong = pc.and_(pc.fill_null(beyond, fill_value=False), pc.equal(found["status"], "ok"))
    for name, column in (
        ("status", pc.if_else(wrong, "unreliable", found["status"])),
        ("lower", pc.max_element_wise(found["lower"], 0.0, skip_nulls=False)),
        ("upper", pc.min_element_wise(found["upper"], 100.0, skip_nulls=False)),
    ):
        place = found.column_names.index(name)
        found = found.set_column(place, found.schema.field(place), column)
    return found


def _told(row: Mapping[str, object] | None) -> tuple[float, float, float]:
    """What was measured, its sampling variance as its interval has it, and how many were asked; NaN, NaN and 0 where it is not public."""
    numbers = [row[name] if row else None for name in ("value", "lower", "upper")]
    if any(one is None for one in numbers) or numbers[1] == numbers[2]:
        return np.nan, np.nan, 0.0
    value, lower, upper = (float(str(one)) for one in numbers)
    asked = (row or {}).get("denominator") or (row or {}).get("n") or 0
    return value, ((upper - lower) / (2 * Z)) ** 2, float(str(asked))


def _values(figures: pa.Table, period: str) -> dict[str, float]:
    """By area the value of all together in a period, or in the last one before it, or else in the first."""
    figures = chosen(figures, (), {})
    periods = sorted(set(figures["period"].to_pylist()))
    at = max((one for one in periods if one <= period), default=periods[0])
    figures = figures.filter(pc.and_(pc.equal(figures["period"], at), pc.is_valid(figures["value"])))
    return dict(zip(figures["area"].to_pylist(), figures["value"].to_pylist(), strict=True))


def _wholes(analysis: SmallAreaEstimates, figures: pa.Table, period: str) -> dict[str, float]:
    """By gemeente the figure that estimates add up to."""
    gemeente = figures.filter(
        pc.and_(pc.equal(figures["level"], "gemeente"), pc.equal(figures["period"], period))
    )
    if gemeente.num_rows == 0 and analysis.level != "gemeente":
        raise ZichtError(
            f"Finding `{analysis.id}`: `{analysis.indicator}` has no figure of the gemeente in {period} to add up to."
        )
    return _values(gemeente, period) if gemeente.num_rows else {}


def _design(covariates: Sequence[Sequence[float]], areas: int) -> Floats:
    """Areas × coefficients: ones, and each covariate as a z-score so that none outweighs another by its unit."""
    columns = [np.ones(areas)]
    for covariate in covariates:
        values = np.array(covariate, np.float64)
        columns.append((values - values.mean()) / (values.std() or 1.0) if areas else values)
    return np.column_stack(columns)


def _fitted(
    analysis: SmallAreaEstimates, codes: Sequence[str], told: tuple[Floats, Floats, Floats], ground: Ground
) -> SmallAreas:
    if analysis.method != "spatial":
        return fay_herriot(*told, analysis.method)
    if ground.adjacency is None:
        raise ZichtError(
            f"Finding `{analysis.id}`: `method: spatial` needs the boundaries of each {analysis.level}. Use `reml` without them."
        )
    by = join_islands(neighbours_of(codes, ground.adjacency), *points_of(codes, ground))
    return spatial_fay_herriot(*told, averaged(by)).areas


def _adding_up(
    model: SmallAreas, size: Floats, gemeente: Sequence[str], whole: Mapping[str, float]
) -> SmallAreas:
    """Estimates whose mean, weighted by size, is the figure of the gemeente; as they are where that is not public."""
    larger = np.array(gemeente)
    totals = {}
    for code in np.unique(larger).tolist():
        rows = larger == code
        own = float(size[rows] @ model.estimate[rows])
        totals[code] = whole[code] * float(size[rows].sum()) if code in whole else own
    return benchmarked(model, size, larger, totals)
