"""Charts of how areas of one level differ: each with its margin, how they are spread, and what their size explains."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from zicht.publish.charts import (
    Chart,
    Column,
    Distribution,
    Funnel,
    Intervals,
    bins_of,
    bounds_columns,
    distribution_svg,
    drawn,
    funnel_svg,
    interval_svg,
    names_column,
    values_column,
)
from zicht.publish.edition import Latest
from zicht.publish.frames import Floats
from zicht.publish.numbers import Quantity, number
from zicht.publish.panels.desk import Desk
from zicht.publish.verdicts import Verdict

MOST_ROWS = 40
"""An interval plot holds all areas of a level up to this many; of more, those that differ clearly, up to as many."""
_FEWEST_SPREAD = 12  # fewer areas than this are read one by one, not as a histogram


def interval_chart(desk: Desk, level: str, latest: Latest) -> Chart | None:
    """The areas of a level with their margins, by name; None where there are no margins or too few or too many areas."""
    banded = np.isfinite(latest.lower) & np.isfinite(latest.upper)
    if banded.sum() < 2:
        return None
    every = np.arange(latest.members.size)
    chosen = every if every.size <= MOST_ROWS else np.flatnonzero(np.abs(latest.verdict) == 1)
    if not 0 < chosen.size <= MOST_ROWS:
        return None
    areas, texts = desk.edition.areas, desk.texts
    names = [areas.names[place] for place in latest.members[chosen].tolist()]
    one = desk.edition.reference_of(latest)
    base = None if one is None else float(latest.reference_value[latest.reference == one][0])
    title = _interval_title(desk, level, latest)
    shown = Intervals(
        names, latest.value[chosen], latest.lower[chosen], latest.upper[chosen], latest.verdict[chosen],
        desk.missing(latest.standing[chosen]), desk.hidden(latest.standing[chosen]),
        None if one is None or base is None or base != base else (areas.names[one], base), desk.says("interval", title),
    )  # fmt: skip
    name = f"{level}-marges"
    columns = [
        names_column("area", texts("table.area"), names),
        values_column("value", texts("table.value"), shown.value, desk.quantity, shown.missing),
        *bounds_columns(shown.lower, shown.upper, desk.quantity, desk.bounds),
        *desk.verdict_column(shown.verdict),
    ]
    kind = (
        texts.levels(level)
        if chosen.size == every.size
        else texts("chart.only_different", kind=texts.levels(level))
    )
    note = desk.note("interval", [desk.figures.periods[latest.period]])
    return desk.chart(
        "interval",
        name,
        title,
        desk.under(kind, desk.period(latest.period)),
        drawn(interval_svg, shown, desk.quantity, name),
        columns,
        note,
    )


def _interval_title(desk: Desk, level: str, latest: Latest) -> str:
    """In how many areas the figure differs clearly, as the verdicts say; where there are none, how far it runs."""
    texts, one = desk.texts, desk.edition.reference_of(latest)
    judged = latest.verdict != Verdict.NONE
    reference = texts("chart.area_above") if one is None else desk.edition.areas.names[one]
    if judged.any():
        clear = int((np.abs(latest.verdict) == 1).sum())
        if not clear:
            return texts("chart.interval.none", one=texts.level(level), reference=reference)
        return texts.count(
            "chart.interval.some",
            clear,
            total=int(judged.sum()),
            kind=texts.levels(level),
            reference=reference,
        )
    return _range_title(desk, level, latest.value)


def _range_title(desk: Desk, level: str, value: Floats) -> str:
    shown = value[np.isfinite(value)]
    low, high = (desk.quantity.short(float(end)) for end in (shown.min(), shown.max()))
    return desk.texts("chart.range", kind=desk.texts.levels(level), low=low, high=high)


def distribution_chart(desk: Desk, level: str, latest: Latest) -> Chart | None:
    """How the areas of a level are spread; None where there are few of them or all are alike."""
    shown = latest.value[np.isfinite(latest.value)]
    if shown.size < _FEWEST_SPREAD or shown.min() == shown.max():
        return None
    texts, quantity = desk.texts, desk.quantity
    low, high = (quantity.short(float(end)) for end in np.quantile(shown, (0.25, 0.75), method="nearest"))
    key = "chart.spread.around" if low == high else "chart.spread.between"
    title = texts(key, kind=texts.levels(level), low=low, high=high)
    one = desk.edition.reference_of(latest)
    base = np.nan if one is None else float(latest.reference_value[latest.reference == one][0])
    marks = [] if base != base or one is None else [(desk.edition.areas.names[one], base)]
    breaks = desk.edition.breaks(desk.indicator, level)
    name = f"{level}-spreiding"
    shape = Distribution(latest.value, breaks, marks, desk.says("distribution", title))
    drawing = drawn(distribution_svg, shape, quantity, name)
    edges, counts = bins_of(latest.value)
    decimals = max(len(f"{edge:.10f}".rstrip("0").partition(".")[2]) for edge in edges)
    said = [
        texts("map.between", low=_edge(left, decimals, quantity), high=_edge(right, decimals, quantity))
        for left, right in pairwise(edges)
    ]
    columns = (
        names_column("class", quantity.unit, said),
        Column(
            "areas", texts("chart.count_of", kind=texts.levels(level)),
            tuple(number(count, 0, texts.language) for count in counts.tolist()), tuple(float(count) for count in counts.tolist()),
        ),
    )  # fmt: skip
    note = desk.note("distribution", [desk.figures.periods[latest.period]])
    under = desk.under(texts.levels(level), desk.period(latest.period))
    return desk.chart("distribution", name, title, under, drawing, columns, note)


def _edge(value: float, decimals: int, quantity: Quantity) -> str:
    return number(value, decimals, quantity.language) + quantity.sign


def funnel_chart(desk: Desk, level: str, latest: Latest) -> Chart | None:
    """The areas of a level by their size; None where their size is not published or nothing can be judged."""
    indicator, edition, texts = desk.indicator, desk.edition, desk.texts
    counted = edition.catalogue.indicators.get(indicator.size or "")
    one = edition.reference_of(latest)
    if counted is None or one is None or indicator.measure not in ("share", "rate"):
        return None
    sizes = edition.figures(counted)
    period = desk.figures.periods[latest.period]
    if period not in sizes.periods or not (latest.verdict != Verdict.NONE).any():
        return None
    size = sizes.value[sizes.periods.index(period), latest.members]
    base = float(latest.reference_value[latest.reference == one][0])
    known = np.isfinite(size) & np.isfinite(latest.value)
    if known.sum() < _FEWEST_SPREAD or base != base:
        return None
    names = [edition.areas.names[place] for place in latest.members.tolist()]
    clear = int((np.abs(latest.verdict[known]) == 1).sum())
    kind, unit = texts.levels(level), texts.pick(counted.unit)
    title = (
        texts.count("chart.funnel.some", clear, total=int(known.sum()), kind=kind)
        if clear
        else texts("chart.funnel.none", kind=kind)
    )
    shown = Funnel(
        names, size, latest.value, latest.verdict, (edition.areas.names[one], base), float(indicator.per),
        indicator.measure == "share", unit, desk.says("funnel", title),
    )  # fmt: skip
    name = f"{level}-trechter"
    drawing = drawn(funnel_svg, shown, desk.quantity, name)
    columns = [
        names_column("area", texts("table.area"), names),
        values_column("size", unit, size, edition.quantity(counted, texts)),
        values_column(
            "value", texts("table.value"), latest.value, desk.quantity, desk.missing(latest.standing)
        ),
        *desk.verdict_column(latest.verdict),
    ]
    note = desk.note("funnel", [period])
    return (
        desk.chart(
            "funnel",
            name,
            title,
            desk.under(kind, desk.period(latest.period)),
            drawing,
            columns,
            note,
        )
        if drawing
        else None
    )
