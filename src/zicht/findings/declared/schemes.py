"""Declared patterns in schemes and definitions: non-take-up with what the rule gets wrong, and what another limit would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import OtherLimit, TakeUp
from zicht.errors import ZichtError
from zicht.figures import FIGURES, TOTAL
from zicht.findings.declared.ground import Ground, chosen, of_level
from zicht.findings.table import About, Floats, Ints, findings
from zicht.findings.take_up import (
    Between,
    RuleErrorBounds,
    beta_binomial,
    non_take_up,
    stands_out,
    truly_entitled,
)

LEVELS = ("buurt", "wijk", "gemeente", "regio", "land")
"""From small to large."""


def take_up(analysis: TakeUp, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Shares that leave a scheme unused in the last period, by area, for all areas together and for each group; see `look_for`."""
    table = figures[analysis.indicator]
    level = _known(chosen(of_level(analysis, analysis.indicator, figures, ground), (), {}))
    if level.num_rows < 2:
        raise ZichtError(
            f"Finding `{analysis.id}`: of {level.num_rows} of {len(ground.codes)} areas the figure is public; two or more are needed."
        )
    period = max(level["period"].to_pylist())
    level = level.filter(pc.equal(level["period"], period))
    whole = _largest(table.filter(pc.equal(table["period"], period)))
    about = About(analysis.id, analysis.level, ground.division, period)
    errors = RuleErrorBounds(analysis.rule_errors.wrongly, analysis.rule_errors.missed)
    return pa.concat_tables(
        [
            *_of_areas(about, level, errors),
            *_of_groups(about, _known(chosen(whole, (), {})), None, errors),
            *(
                part
                for axis in analysis.groups
                for part in _of_groups(about, _known(chosen(whole, (axis,), {})), axis, errors)
            ),
        ]
    )


def _of_areas(about: About, level: pa.Table, errors: RuleErrorBounds) -> list[pa.Table]:
    unused, entitled = _counts(level)
    p, q, relevant = stands_out(unused, entitled)
    drawn, weight = beta_binomial(unused, entitled).drawn(unused, entitled)
    expected = entitled * (unused.sum() / max(int(entitled.sum()), 1))
    shared = {
        "area": level["area"],
        "observed": unused,
        "expected": expected,
        "reference": ["others"] * len(unused),
    }
    judged = {
        **_percent(non_take_up(unused, entitled, errors)),
        "statistic": entitled,
        "p": p,
        "q": q,
        "relevant": relevant,
    }
    wrongly = sum(errors.wrongly) / 2
    shrunken = Between(
        *(
            np.maximum(1 - (1 - part) / (1 - wrongly), 0.0)
            for part in (drawn.estimate, drawn.lower, drawn.upper)
        )
    )
    return [
        findings(about, "take_up", shared | judged),
        findings(about, "take_up_shrunken", shared | {**_percent(shrunken), "statistic": weight}),
        findings(about, "entitled", {"area": level["area"], **_numbers(truly_entitled(entitled, errors)), "observed": entitled}),
    ]  # fmt: skip


def _of_groups(about: About, whole: pa.Table, axis: str | None, errors: RuleErrorBounds) -> list[pa.Table]:
    """The same of groups in all areas together, each held against the others; of everybody, where there is no axis."""
    if whole.num_rows == 0:
        return []
    unused, entitled = _counts(whole)
    group = [TOTAL] * len(unused) if axis is None else [f"{axis}={one}" for one in whole[axis].to_pylist()]
    p, q, relevant = stands_out(unused, entitled)
    judged = {
        **_percent(non_take_up(unused, entitled, errors)),
        "statistic": entitled,
        "p": p,
        "q": q,
        "relevant": relevant,
        "observed": unused,
    }
    return [
        findings(about, "take_up", {"group": group, **judged}),
        findings(about, "entitled", {"group": group, **_numbers(truly_entitled(entitled, errors)), "observed": entitled}),
    ]  # fmt: skip


def other_limit(analysis: OtherLimit, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """What a figure would be at each limit, in the last period, by area and for all of them together; see `look_for`."""
    table = figures[analysis.indicator]
    level = of_level(analysis, analysis.indicator, figures, ground)
    period = max(level["period"].to_pylist())
    about = About(analysis.id, analysis.level, ground.division, period)
    of = _units(figures[analysis.of], about.period) if analysis.of is not None else None
    made = [
        _at_limits(about, analysis, rows, of, whole)
        for rows, whole in ((level, False), (_largest(table), True))
    ]
    if not any(pc.any(pc.equal(part["status"], "ok")).as_py() for part in made):
        raise ZichtError(
            f"Finding `{analysis.id}`: of no area the figures at the limits of `{analysis.dimension}` are public. Draw fewer limits, or take a larger level."
        )
    return pa.concat_tables(made)


def _units(figures: pa.Table, period: str) -> dict[str, float | None]:
    """By area how many units a share or rate is of, or a count counts; None where that is not public."""
    rows = chosen(figures.filter(pc.equal(figures["period"], period)), (), {})
    counted = pc.coalesce(rows["denominator"], pc.if_else(pc.is_null(rows["numerator"]), rows["value"], None))
    return dict(zip(rows["area"].to_pylist(), counted.to_pylist(), strict=True))


def _at_limits(
    about: About, analysis: OtherLimit, rows: pa.Table, units: Mapping[str, float | None] | None, whole: bool
) -> pa.Table:
    """A row for each area and limit; of the whole without its area."""
    axis = analysis.dimension
    rows = _of_axis(rows, axis)
    rows = rows.filter(pc.equal(rows["period"], about.period))
    classes: dict[str, dict[str, float | None]] = {}
    for row in rows.select(["area", axis, "value"]).to_pylist():
        classes.setdefault(row["area"], {})[row[axis]] = row["value"]
    made: dict[str, list[object]] = {
        name: [] for name in ("area", "group", "estimate", "observed", "expected", "status")
    }
    for area, of_area in classes.items():
        counts = _counted(of_area, analysis)
        of = of_area.get(TOTAL) if units is None else units.get(area)
        now = counts[analysis.limits.index(analysis.limit)]
        for limit, count in zip(analysis.limits, counts, strict=True):
            told = _per(count, of, analysis.per)
            made["area"].append(None if whole else area)
            made["group"].append(limit)
            made["estimate"].append(told)
            made["observed"].append(None if told is None else count)
            made["expected"].append(None if told is None else now)
            made["status"].append("not_available" if told is None else "ok")
    return findings(about, "other_limit", made)


def _of_axis(rows: pa.Table, axis: str) -> pa.Table:
    """Rows of each category of one breakdown and of all together, whatever else they are broken down by."""
    for name in (name for name in rows.column_names if name not in FIGURES.names and name != axis):
        rows = rows.filter(pc.equal(rows[name], TOTAL))
    return rows


def _counted(classes: Mapping[str, float | None], analysis: OtherLimit) -> list[float | None]:
    """How many count at each limit: those in its classes, or all but those in the others; None where neither is public."""
    places = range(len(analysis.limits))
    within = [
        analysis.limits[: place + 1] if analysis.side == "up_to" else analysis.limits[place:]
        for place in places
    ]
    whole = classes.get(TOTAL)
    sums = []
    for inside in within:
        rest = _sum(value for name, value in classes.items() if name not in (*inside, TOTAL))
        # What no row tells of is nobody.
        counted = _sum(classes.get(name, 0.0) for name in inside)
        if counted is None and whole is not None and rest is not None:
            counted = whole - rest
        sums.append(counted)
    return sums


def _per(count: float | None, of: float | None, per: int | None) -> float | None:
    if per is None or count is None:
        return count
    return count / of * per if of else None


def _sum(values: Iterable[float | None]) -> float | None:
    total = 0.0
    for value in values:
        if value is None:
            return None
        total += value
    return total


def _known(level: pa.Table) -> pa.Table:
    """Figures of which it is public what they were made of, of at least one unit."""
    known = pc.and_(pc.is_valid(level["numerator"]), pc.is_valid(level["denominator"]))
    return level.filter(pc.and_(known, pc.greater(pc.fill_null(level["denominator"], 0.0), 0.0)))


def _largest(figures: pa.Table) -> pa.Table:
    """Figures of the one area that all others lie in; none where there is no such area."""
    for level in reversed(LEVELS):
        rows = figures.filter(pc.equal(figures["level"], level))
        rows = rows.filter(pc.invert(pc.match_substring(rows["area"], "-")))
        if rows.num_rows:
            return rows if len(pc.unique(rows["area"])) == 1 else rows.slice(0, 0)
    return figures.slice(0, 0)


def _counts(figures: pa.Table) -> tuple[Ints, Ints]:
    unused, entitled = (
        np.rint(figures[name].to_numpy()).astype(np.int64) for name in ("numerator", "denominator")
    )
    return unused, entitled


def _percent(between: Between) -> dict[str, Floats]:
    return {name: 100 * part for name, part in _numbers(between).items()}


def _numbers(between: Between) -> dict[str, Floats]:
    return {"estimate": between.estimate, "lower": between.lower, "upper": between.upper}
