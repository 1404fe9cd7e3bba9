"""Charts over time: the development of one area, and of all areas of a level beside one another."""

from __future__ import annotations

import numpy as np

from zicht.publish.charts import (
    Chart,
    Column,
    Multiples,
    Series,
    Slope,
    Trend,
    bounds_columns,
    drawn,
    multiples_svg,
    names_column,
    slope_svg,
    trend_svg,
    values_column,
)
from zicht.publish.edition import Change, Latest
from zicht.publish.frames import Standing
from zicht.publish.panels.desk import Desk
from zicht.publish.panels.jumps import jumps_of
from zicht.publish.sentences import breaks_said
from zicht.publish.verdicts import Verdict, changed

MOST_BESIDE = 24
"""At most this many areas beside one another."""
_MOST_SLOPES = 20


def trend_chart(desk: Desk, place: int, reference: int | None = None) -> Chart | None:
    """The development of an area; None where fewer than two periods have a value.

    Args:
        desk: the indicator.
        place: number of the area.
        reference: number of an area to hold it against.
    """
    figures, texts = desk.figures, desk.texts
    value, lower, upper = (part[:, place] for part in (figures.value, figures.lower, figures.upper))
    if np.isfinite(value).sum() < 2:
        return None
    labels = [texts.period(period) for period in figures.periods]
    title = _trend_title(desk, place)
    name = desk.edition.areas.names[place]
    other = None if reference is None else _series(desk, reference)
    jumps = jumps_of(desk, place)
    shown = Trend(
        main=Series(name, value, lower, upper),
        reference=other,
        labels=labels,
        hidden=desk.hidden(figures.standing[:, place]),
        breaks=[
            (start, texts.pick(why))
            for start, why in sorted(desk.edition.starts_at(desk.indicator, place).items())
        ],
        provisional=frozenset(
            at for at, period in enumerate(figures.periods) if period in desk.indicator.provisional
        ),
        says=desk.says("trend", title),
        jumps=list(jumps.items()),
    )
    missing = desk.missing(figures.standing[:, place])
    columns = [
        names_column(
            "period", texts("table.period"), [desk.period(at) for at in range(len(figures.periods))]
        ),
        values_column("value", name, value, desk.quantity, missing),
        *bounds_columns(lower, upper, desk.quantity, desk.bounds),
    ]
    if other is not None:
        columns.append(values_column("reference", other.name, other.value, desk.quantity))
    banded = bool(np.isfinite(lower).any())
    note = " ".join(
        part
        for part in (
            texts("trend.band") + "." if banded else "",
            desk.note("trend", figures.periods),
            " ".join(breaks_said(desk.edition, desk.texts, desk.indicator, place)),
            _jumped(desk, list(jumps)),
        )
        if part
    )
    span = f"{labels[0]}–{labels[-1]}"
    return desk.chart(
        "trend",
        "ontwikkeling",
        title,
        desk.under(name, span),
        drawn(trend_svg, shown, desk.quantity, "ontwikkeling"),
        columns,
        note,
    )


def _series(desk: Desk, place: int) -> Series:
    figures = desk.figures
    value, lower, upper = (part[:, place] for part in (figures.value, figures.lower, figures.upper))
    return Series(desk.edition.areas.names[place], value, lower, upper)


def _jumped(desk: Desk, jumps: list[int]) -> str:
    if not jumps:
        return ""
    named = desk.texts.listed([desk.period(at) for at in jumps])
    return desk.texts.count("chart.jump", len(jumps), periods=named)


def _trend_title(desk: Desk, place: int) -> str:
    """What the line shows, said only as far as its intervals carry it."""
    figures, texts = desk.figures, desk.texts
    name = desk.edition.areas.names[place]
    value = figures.value[:, place]
    known = np.flatnonzero(np.isfinite(value))
    begun = max(
        (start for start in desk.edition.starts_at(desk.indicator, place) if start <= known[-1]), default=0
    )
    since = known[known >= begun]
    if since.size < 2:
        return texts("chart.trend.new", name=name, first=desk.period(int(known[-1])))
    first, last = int(since[0]), int(since[-1])
    then, now = (
        tuple(part[at : at + 1, place] for part in (figures.value, figures.lower, figures.upper))
        for at in (first, last)
    )
    verdict = Verdict(int(changed((then[0], then[1], then[2]), (now[0], now[1], now[2]))[0]))
    if verdict != Verdict.NONE:
        return texts(f"chart.trend.{verdict.name.lower()}", name=name, first=desk.period(first))
    low, high = (desk.quantity.short(float(value[at])) for at in (first, last))
    key = "chart.trend.same" if low == high else "chart.trend.plain"
    return texts(key, name=name, low=low, high=high, first=desk.period(first), last=desk.period(last))


def beside_chart(desk: Desk, level: str, latest: Latest) -> Chart | None:
    """All areas of a level over time: as lines side by side, or as slopes where there are two periods only."""
    change = desk.edition.change(desk.indicator, level)
    filled = np.isfinite(desk.figures.value[: latest.period + 1, latest.members]).any(axis=1)
    shown = np.isfinite(latest.value) | (latest.standing == Standing.HIDDEN)
    if change is None or not 2 < shown.sum() <= MOST_BESIDE:
        return None
    if filled.sum() == 2 and change.first != change.last and shown.sum() <= _MOST_SLOPES:
        return _slopes(desk, level, latest, change)
    return _multiples(desk, level, latest, change) if filled.sum() > 2 else None


def _change_title(desk: Desk, level: str, change: Change) -> str:
    """How many areas changed clearly; where nothing can be judged, in how many the figure is higher."""
    texts, first = desk.texts, desk.period(change.first)
    one, kind = texts.level(level), texts.levels(level)
    judged = change.verdict != Verdict.NONE
    if judged.any():
        clear = int((np.abs(change.verdict) == 1).sum())
        if not clear:
            return texts("chart.change.none", one=one, first=first)
        return texts.count("chart.change.some", clear, total=int(judged.sum()), kind=kind, first=first)
    both = np.isfinite(change.before) & np.isfinite(change.after)
    higher = int((change.after[both] > change.before[both]).sum())
    return texts.count("chart.change.higher", higher, total=int(both.sum()), kind=kind, first=first)


def _slopes(desk: Desk, level: str, latest: Latest, change: Change) -> Chart:
    areas, texts = desk.edition.areas, desk.texts
    names = [areas.names[place] for place in latest.members.tolist()]
    title = _change_title(desk, level, change)
    periods = desk.period(change.first), desk.period(change.last)
    name = f"{level}-toen-en-nu"
    shown = Slope(names, periods, change.before, change.after, change.verdict, desk.says("slope", title))
    drawing = drawn(slope_svg, shown, desk.quantity, name)
    then = desk.figures.standing[change.first][latest.members]
    columns = [
        names_column("area", texts("table.area"), names),
        values_column("first", periods[0], change.before, desk.quantity, desk.missing(then)),
        values_column("last", periods[1], change.after, desk.quantity, desk.missing(latest.standing)),
        *desk.verdict_column(change.verdict),
    ]
    under = desk.under(texts.levels(level), f"{periods[0]}–{periods[1]}")
    raw = [desk.figures.periods[change.first], desk.figures.periods[change.last]]
    note = desk.note("slope" if (np.abs(change.verdict) == 1).any() else "slope.calm", raw)
    return desk.chart("slope", name, title, under, drawing, columns, note)


def _multiples(desk: Desk, level: str, latest: Latest, change: Change) -> Chart | None:
    areas, figures, texts = desk.edition.areas, desk.figures, desk.texts
    names = [areas.names[place] for place in latest.members.tolist()]
    title = _change_title(desk, level, change)
    periods = figures.periods[: latest.period + 1]
    value = figures.value[: latest.period + 1, latest.members]
    other = desk.edition.reference_of(latest)
    shown = Multiples(
        names=names,
        periods=[texts.period(period) for period in periods],
        value=value,
        reference=None if other is None else (areas.names[other], figures.value[: latest.period + 1, other]),
        starts=frozenset(desk.edition.starts(desk.indicator)),
        missing=desk.missing(latest.standing),
        says=desk.says("multiples", title),
    )
    name = f"{level}-door-de-tijd"
    drawing = drawn(multiples_svg, shown, desk.quantity, name)
    if not drawing:
        return None
    columns: list[Column] = [names_column("area", texts("table.area"), names)]
    for at, period in enumerate(periods):
        standing = figures.standing[at, latest.members]
        columns.append(
            values_column(period, desk.period(at), value[at], desk.quantity, desk.missing(standing))
        )
    columns += desk.verdict_column(change.verdict)
    note = desk.note("multiples", periods)
    if other is not None:
        note = f"{texts('chart.note.dashed', reference=areas.names[other])} {note}"
    under = desk.under(texts.levels(level), f"{shown.periods[0]}–{shown.periods[-1]}")
    return desk.chart("multiples", name, title, under, drawing, columns, note)
