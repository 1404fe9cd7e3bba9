"""Charts of a figure by its breakdowns: parts of a whole, groups beside one another, a pyramid, and flows to places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.publish.catalogue import Dimension
from zicht.publish.charts import (
    Chart,
    Column,
    Dumbbell,
    Flow,
    Intervals,
    Pyramid,
    Stacked,
    bounds_columns,
    drawn,
    dumbbell_svg,
    flow_svg,
    interval_svg,
    names_column,
    pyramid_svg,
    shares,
    stacked_svg,
    values_column,
)
from zicht.publish.edition import COUNTS, Latest
from zicht.publish.frames import TOTAL, Floats, Ints, Small, Standing, publishable, standings
from zicht.publish.numbers import number
from zicht.publish.panels.desk import Desk
from zicht.publish.verdicts import Verdict, compare

_MOST_BARS = 8
"""Parts of a whole are shown of the last so many periods."""
_MOST_ORIGINS, _MOST_TARGETS = 16, 16
_FEWEST_BANDS = 3


@dataclass(frozen=True)
class Cut:
    """Figures of one area by categories, rounded as published.

    Attributes:
        titles: of the categories, in the declared order.
        value: shape (periods, categories), NaN where there is none.
        lower: bounds, NaN where there are none.
        upper: likewise.
        standing: a `Standing` each.
    """

    titles: tuple[str, ...]
    value: Floats
    lower: Floats
    upper: Floats
    standing: Small


def breakdown_charts(desk: Desk, place: int) -> list[Chart]:
    """A chart for every way in which the figures of an area are broken down.

    Args:
        desk: the indicator.
        place: number of the area.
    """
    indicator, level = desk.indicator, desk.edition.areas.level_of[place]
    if not indicator.by or level not in desk.figures.latest:
        return []
    dimensions = desk.edition.catalogue.dimensions
    pyramid = _pyramid(desk, place)
    found = [] if pyramid is None else [pyramid]
    for name in indicator.by:
        dimension = dimensions.get(name)
        if dimension is None or dimension.places or pyramid is not None:
            continue
        cut = _cut(desk, place, dimension)
        chart = (
            _parts(desk, place, dimension, cut)
            if indicator.measure in COUNTS
            else _groups(desk, place, dimension, cut)
        )
        found += [] if chart is None else [chart]
    return found


def _rows(desk: Desk, by: Mapping[str, bool]) -> pa.Table:
    """The figures with the named dimensions told apart (true) or in total (false); all others in total."""
    table = desk.edition.release.figures(desk.indicator.id)
    for name in desk.indicator.by:
        total = pc.equal(table[name], TOTAL)
        table = table.filter(pc.invert(total) if by.get(name) else total)
    return table


def _spread(
    desk: Desk, rows: pa.Table, axes: Sequence[tuple[str, Sequence[str]]]
) -> tuple[Floats, Floats, Floats, Small]:
    """Value, bounds and status in an array with an axis a column; rows that fit on no place of an axis are left out."""
    places: list[Ints] = []
    keep = np.ones(rows.num_rows, dtype=np.bool_)
    for name, keys in axes:
        found = np.asarray(
            pc.fill_null(pc.index_in(rows[name], pa.array(keys, pa.string())), -1), dtype=np.int64
        )
        keep &= found >= 0
        places.append(found)
    where = tuple(place[keep] for place in places)
    shape = tuple(len(keys) for _, keys in axes)
    margin = desk.quantity.margin_decimals
    out: list[Floats] = []
    for name, decimals, rounding in (
        ("value", desk.indicator.decimals, np.rint), ("lower", margin, np.floor), ("upper", margin, np.ceil),
    ):  # fmt: skip
        spread = np.full(shape, np.nan)
        spread[where] = publishable(rows, name, decimals, rounding)[keep]
        out.append(spread)
    status = np.zeros(shape, dtype=np.int8)
    status[where] = standings(rows["status"])[keep]
    return out[0], out[1], out[2], status


def _of_area(desk: Desk, rows: pa.Table, place: int) -> pa.Table:
    return rows.filter(pc.equal(rows["area"], desk.edition.areas.codes[place]))


def _cut(desk: Desk, place: int, dimension: Dimension) -> Cut:
    rows = _of_area(desk, _rows(desk, {dimension.id: True}), place)
    present = set(rows[dimension.id].to_pylist())
    keys = [key for key in dimension.categories if key in present]
    keys += sorted(present.difference(keys))
    titles = tuple(
        desk.texts.pick(dimension.categories.get(key)) or desk.texts("chart.unknown") for key in keys
    )
    value, lower, upper, standing = _spread(
        desk, rows, [("period", desk.figures.periods), (dimension.id, keys)]
    )
    some = ((standing != Standing.ABSENT) & (standing != Standing.PENDING)).any(axis=0)
    kept = np.flatnonzero(some)
    return Cut(
        tuple(titles[at] for at in kept), value[:, kept], lower[:, kept], upper[:, kept], standing[:, kept]
    )


def _by(desk: Desk, dimension: Dimension) -> str:
    return desk.texts.pick(dimension.title)


def _parts(desk: Desk, place: int, dimension: Dimension, cut: Cut) -> Chart | None:
    """Counts by category: how the whole is made up, in the last periods."""
    filled = np.flatnonzero(
        (cut.standing != Standing.ABSENT).any(axis=1) & (cut.standing != Standing.PENDING).any(axis=1)
    )
    shown = filled[-_MOST_BARS:]
    part = shares(cut.value[shown])
    whole = np.isfinite(part).all(axis=1)
    if len(cut.titles) < 2 or not whole.any():
        return None
    texts = desk.texts
    periods = [desk.period(int(at)) for at in shown]
    latest = int(np.flatnonzero(whole)[-1])
    largest = cut.titles[int(cut.value[shown[latest]].argmax())]
    title = texts("chart.parts", by=_by(desk, dimension), largest=largest)
    hidden = [bool((cut.standing[at] == Standing.HIDDEN).any()) for at in shown]
    missing = [texts("status.hidden" if gone else "status.absent") for gone in hidden]
    name = f"naar-{dimension.id}"
    drawing = drawn(
        stacked_svg,
        Stacked(periods, cut.titles, cut.value[shown], missing, hidden, desk.says("stacked", title)),
        desk.quantity,
        name,
    )
    columns: list[Column] = [names_column("category", _by(desk, dimension), cut.titles)]
    for row, at in enumerate(shown.tolist()):
        gone = desk.missing(cut.standing[at])
        columns.append(
            values_column(desk.figures.periods[at], periods[row], cut.value[at], desk.quantity, gone)
        )
    share = part[latest].tolist()
    columns.append(
        Column(
            "share",
            texts("chart.share", period=periods[latest]),
            tuple(f"{number(one, 0, texts.language)}%" for one in share),
            tuple(share),
        )
    )
    span = periods[0] if len(periods) == 1 else f"{periods[0]}–{periods[-1]}"
    under = desk.under(desk.edition.areas.names[place], span)
    return desk.chart(
        "stacked",
        name,
        title,
        under,
        drawing,
        columns,
        desk.note("stacked", [desk.figures.periods[at] for at in shown]),
    )


def _groups(desk: Desk, place: int, dimension: Dimension, cut: Cut) -> Chart | None:
    """Shares, rates and means by category: with their margins, else then and now."""
    last = desk.figures.latest[desk.edition.areas.level_of[place]]
    if len(cut.titles) < 2 or not np.isfinite(cut.value[last]).any():
        return None
    if np.isfinite(cut.lower[last]).any():
        return _margins(desk, place, dimension, cut, last)
    begun = max((start for start in desk.edition.starts(desk.indicator) if start <= last), default=0)
    earlier = [at for at in range(begun, last) if np.isfinite(cut.value[at]).any()]
    if earlier:
        return _then_and_now(desk, place, dimension, cut, (earlier[0], last))
    return _margins(desk, place, dimension, cut, last)


def _margins(desk: Desk, place: int, dimension: Dimension, cut: Cut, last: int) -> Chart | None:
    figures, texts = desk.figures, desk.texts
    whole = [
        np.full(len(cut.titles), part[last, place]) for part in (figures.value, figures.lower, figures.upper)
    ]
    verdict = compare(cut.value[last], cut.lower[last], cut.upper[last], (whole[0], whole[1], whole[2]))
    title = _group_title(desk, dimension, cut.titles, verdict)
    base, standing = float(figures.value[last, place]), cut.standing[last]
    name = f"naar-{dimension.id}"
    reference = None if base != base else (desk.edition.areas.names[place], base)
    shown = Intervals(
        cut.titles, cut.value[last], cut.lower[last], cut.upper[last], verdict, desk.missing(standing), desk.hidden(standing),
        reference, desk.says("interval", title),
    )  # fmt: skip
    columns = [
        names_column("category", _by(desk, dimension), cut.titles),
        values_column("value", texts("table.value"), shown.value, desk.quantity, shown.missing),
        *bounds_columns(shown.lower, shown.upper, desk.quantity, desk.bounds),
        *desk.verdict_column(verdict),
    ]
    under = desk.under(desk.edition.areas.names[place], desk.period(last))
    note = desk.note("interval.groups" if columns[2:] else "groups", [figures.periods[last]])
    return desk.chart(
        "interval", name, title, under, drawn(interval_svg, shown, desk.quantity, name), columns, note
    )


def _group_title(desk: Desk, dimension: Dimension, titles: Sequence[str], verdict: Small) -> str:
    texts, by = desk.texts, _by(desk, dimension)
    clear = int((np.abs(verdict) == 1).sum())
    if not (verdict != Verdict.NONE).any():
        return texts("chart.groups.plain", by=by)
    if not clear:
        return texts("chart.groups.none", by=by)
    for one, key in ((Verdict.HIGHER, "chart.groups.higher"), (Verdict.LOWER, "chart.groups.lower")):
        if clear == 1 and (verdict == one).any():
            return texts(key, by=by, group=titles[int((verdict == one).argmax())])
    return texts("chart.groups.some", by=by, clear=clear, total=len(titles))


def _then_and_now(
    desk: Desk, place: int, dimension: Dimension, cut: Cut, ends: tuple[int, int]
) -> Chart | None:
    texts, (first, last) = desk.texts, ends
    periods = desk.period(first), desk.period(last)
    both = np.isfinite(cut.value[first]) & np.isfinite(cut.value[last])
    higher = int((cut.value[last][both] > cut.value[first][both]).sum())
    title = texts("chart.then_and_now", higher=higher, total=int(both.sum()), first=periods[0])
    name = f"naar-{dimension.id}"
    now = cut.standing[last]
    shown = Dumbbell(
        cut.titles,
        periods,
        cut.value[first],
        cut.value[last],
        desk.missing(now),
        desk.hidden(now),
        desk.says("dumbbell", title),
    )
    drawing = drawn(dumbbell_svg, shown, desk.quantity, name)
    columns = [
        names_column("category", _by(desk, dimension), cut.titles),
        values_column(
            "first", periods[0], cut.value[first], desk.quantity, desk.missing(cut.standing[first])
        ),
        values_column("last", periods[1], cut.value[last], desk.quantity, desk.missing(now)),
    ]
    under = desk.under(desk.edition.areas.names[place], f"{periods[0]}–{periods[1]}")
    note = desk.note("dumbbell", [desk.figures.periods[first], desk.figures.periods[last]])
    return desk.chart("dumbbell", name, title, under, drawing, columns, note) if drawing else None


def _sides(desk: Desk) -> tuple[Dimension, Dimension] | None:
    """The dimension of the two sides of a pyramid and that of its bands: two categories, and at least three."""
    dimensions = [desk.edition.catalogue.dimensions.get(name) for name in desk.indicator.by]
    if desk.indicator.measure not in COUNTS or len(dimensions) != 2:
        return None
    known = [one for one in dimensions if one is not None and not one.places]
    sides = [one for one in known if len(one.categories) == 2]
    bands = [one for one in known if len(one.categories) >= _FEWEST_BANDS]
    return (sides[0], bands[0]) if sides and bands else None


def _pyramid(desk: Desk, place: int) -> Chart | None:
    pair = _sides(desk)
    if pair is None:
        return None
    sides, bands = pair
    period = desk.figures.latest[desk.edition.areas.level_of[place]]
    rows = _of_area(desk, _rows(desk, {sides.id: True, bands.id: True}), place)
    rows = rows.filter(pc.equal(rows["period"], desk.figures.periods[period]))
    value, _, _, standing = _spread(
        desk, rows, [(sides.id, list(sides.categories)), (bands.id, list(bands.categories))]
    )
    if not np.isfinite(value).any():
        return None
    texts = desk.texts
    left, right = (texts.pick(title) for title in sides.categories.values())
    names = [texts.pick(title) for title in bands.categories.values()]
    title = _largest_band(desk, bands, value, names)
    shown = Pyramid(
        (left, right), names, value, (desk.missing(standing[0]), desk.missing(standing[1])),
        (desk.hidden(standing[0]), desk.hidden(standing[1])), desk.says("pyramid", title),
    )  # fmt: skip
    drawing = drawn(pyramid_svg, shown, desk.quantity, "opbouw")
    columns = [
        names_column("band", _by(desk, bands), names),
        *(
            values_column(key, name, value[at], desk.quantity, shown.missing[at])
            for at, (key, name) in enumerate(zip(sides.categories, (left, right), strict=True))
        ),
    ]
    under = desk.under(desk.edition.areas.names[place], desk.period(period))
    return desk.chart(
        "pyramid",
        "opbouw",
        title,
        under,
        drawing,
        columns,
        desk.note("pyramid", [desk.figures.periods[period]]),
    )


def _largest_band(desk: Desk, bands: Dimension, value: Floats, names: Sequence[str]) -> str:
    """Which band is the largest; not said where a bar is hidden, which might be larger."""
    both = value.sum(axis=0)
    if not np.isfinite(both).all():
        return desk.texts("chart.pyramid.plain", by=_by(desk, bands).lower())
    return desk.texts("chart.parts", by=_by(desk, bands), largest=names[int(both.argmax())])


def flow_chart(desk: Desk, level: str, latest: Latest) -> Chart | None:
    """How many go from each area of a level to each place; None where the indicator has no places or they are too many."""
    dimensions = [desk.edition.catalogue.dimensions.get(name) for name in desk.indicator.by]
    places = next((one for one in dimensions if one is not None and one.places), None)
    if places is None or desk.indicator.measure not in COUNTS or not 1 < latest.members.size <= _MOST_ORIGINS:
        return None
    rows = _rows(desk, {places.id: True})
    rows = rows.filter(pc.equal(rows["period"], desk.figures.periods[latest.period]))
    areas, texts = desk.edition.areas, desk.texts
    codes = [areas.codes[place] for place in latest.members.tolist()]
    value, _, _, standing = _spread(desk, rows, [("area", codes), (places.id, list(places.categories))])
    targets = [texts.pick(title) for title in places.categories.values()]
    if not np.isfinite(value).any() or len(targets) > _MOST_TARGETS:
        return None
    origins = [areas.names[place] for place in latest.members.tolist()]
    title = _largest_flow(desk, origins, targets, value)
    heads = texts.level(level).capitalize(), _by(desk, places)
    shown = Flow(heads, origins, targets, value, desk.says("flow", title))
    drawing = drawn(flow_svg, shown, desk.quantity, f"{level}-stromen")
    columns = [
        names_column("area", heads[0], origins),
        *(
            values_column(key, name, value[:, at], desk.quantity, desk.missing(standing[:, at]))
            for at, (key, name) in enumerate(zip(places.categories, targets, strict=True))
        ),
    ]
    under = desk.under(texts.levels(level), desk.period(latest.period))
    note = desk.note(
        "flow.hidden" if (standing == Standing.HIDDEN).any() else "flow",
        [desk.figures.periods[latest.period]],
    )
    return desk.chart("flow", f"{level}-stromen", title, under, drawing, columns, note)


def _largest_flow(desk: Desk, origins: Sequence[str], targets: Sequence[str], value: Floats) -> str:
    origin, target = np.unravel_index(int(np.nanargmax(value)), value.shape)
    return desk.texts("chart.flow", origin=origins[int(origin)], target=targets[int(target)])
