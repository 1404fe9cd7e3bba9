"""The development of an area as a line with its 95 % band, broken where the method changed.

Between two methods is a gap, a dashed line and the reason. A figure that may still change is an open dot at the end of a dashed
line. A period without a figure is marked on the axis: hatched where it is hidden, open where there is none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zicht.publish.charts.draw import (
    AXIS,
    INK,
    LETTER,
    PAPER,
    STRONG,
    WIDE,
    Field,
    Place,
    Room,
    at,
    clipped,
    grid_across,
    hatch,
    hatched,
    held,
    hint,
    numbers_room,
    padded,
    scale,
    sheet,
    words,
)
from zicht.publish.frames import Floats
from zicht.publish.numbers import Quantity, nice_ticks

_FIELD, _LEFT, _ENDS, _TOP, _BOTTOM = 226, 66, 128, 14, 40
_LINE, _KEY = 20, 24  # of a reason above the lines, of a row of the key
BOLD = 'font-weight="600"'
_MANY = 24  # from this many periods on, dots would hide the line


@dataclass(frozen=True)
class Series:
    """One line: a name and per period a value with its bounds, NaN where there is none."""

    name: str
    value: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Trend:
    """What a trend shows.

    Attributes:
        main: the area that it is about.
        reference: another line to hold it against, or None.
        labels: a period each, in words.
        hidden: per period, whether the figure is hidden for privacy.
        breaks: at which period (by place) another method begins, and why.
        provisional: which periods (by place) may still change.
        says: in place of the picture, for who does not see it.
        jumps: at which period (by place) the line itself suddenly has another level, and in words which way.
    """

    main: Series
    reference: Series | None
    labels: Sequence[str]
    hidden: Sequence[bool]
    breaks: Sequence[tuple[int, str]]
    provisional: frozenset[int]
    says: str
    jumps: Sequence[tuple[int, str]] = ()


def trend_svg(trend: Trend, quantity: Quantity, name: str = "trend", room: Room = WIDE) -> str:
    """The picture; empty where fewer than two periods have a value.

    Args:
        trend: what it shows.
        quantity: how values are written.
        name: of the chart, for marks that need a name of their own in the page.
        room: that it has.
    """
    if np.isfinite(trend.main.value).sum() < 2:
        return ""
    lines = [trend.main] if trend.reference is None else [trend.reference, trend.main]
    shown = np.concatenate([part for line in lines for part in (line.value, line.lower, line.upper)])
    ticks = nice_ticks(*padded(float(np.nanmin(shown)), float(np.nanmax(shown))))
    left, right = numbers_room(ticks, quantity), room.width - (_ENDS if room is WIDE else 16)
    if room is WIDE:
        left = max(left, _LEFT)
    x = scale(0, len(trend.labels) - 1, left + 8, right)
    reasons = _reasons(trend, x, room)
    keys = 0 if room is WIDE else _KEY * len(lines)
    top = keys + _TOP + _LINE * max([1, *(row + 1 for *_, row in reasons)])
    on = Field(room, left, right, top, top + _FIELD)
    y = scale(ticks[0], ticks[-1], on.bottom, on.top)
    drawn = [grid_across(ticks, y, left, right + 8, quantity), _axis(trend, x, on)]
    drawn += [_break(reason, on, keys) for reason in reasons]
    drawn.append(_gaps(trend, x, on, f"{name}{room.mark}"))
    for line in lines:
        drawn += [_run(trend, line, run, quantity, x, y) for run in _runs(trend, line)]
    drawn.append(_ends(lines, quantity, x, y, on) if room is WIDE else _key(lines, quantity))
    return sheet("trend", on.bottom + _BOTTOM, trend.says, drawn, room)


def _runs(trend: Trend, line: Series) -> list[list[int]]:
    starts = {place for place, _ in trend.breaks}
    runs: list[list[int]] = [[]]
    for place, value in enumerate(line.value.tolist()):
        if place in starts or value != value:
            runs.append([])
        if value == value:
            runs[-1].append(place)
    return [run for run in runs if run]


def _axis(trend: Trend, x: Place, on: Field) -> str:
    """The periods, as many as there is room for, and always the last."""
    texts, free = [], math.inf
    for place in range(len(trend.labels) - 1, -1, -1):
        label = trend.labels[place]
        half, centre = len(label) * LETTER / 2, held(x(place), label, on.room)
        if centre + half <= free:
            texts.append(words(centre, on.bottom + _BOTTOM - 12, label, "middle"))
            free = centre - half - 14
    return f'<g class="axis" aria-hidden="true">{"".join(reversed(texts))}</g>'


_Reason = tuple[float, float, str, int]


def _reasons(trend: Trend, x: Place, room: Room) -> list[_Reason]:
    """Why the line is broken: where, the middle of the words, the words, and on which row they stand so that none touch."""
    out: list[_Reason] = []
    for place, why in sorted((*trend.breaks, *trend.jumps)):
        if place <= 0:
            continue
        said = clipped(why, 44)
        where = (x(place - 1) + x(place)) / 2
        centre = held(where, said, room)
        taken = {
            row
            for _, other, text, row in out
            if abs(other - centre) < (len(text) + len(said)) * LETTER / 2 + 8
        }
        out.append((where, centre, said, next(row for row in range(len(out) + 1) if row not in taken)))
    return out


def _break(reason: _Reason, on: Field, keys: float) -> str:
    where, centre, said, row = reason
    line = keys + _TOP + _LINE * row
    return (
        f'<g class="break" aria-hidden="true"><line x1="{at(where)}" x2="{at(where)}" y1="{at(line + 6)}" y2="{at(on.bottom)}"'
        f' stroke="{AXIS}" stroke-dasharray="2 3"/>{words(centre, line, said, "middle")}</g>'
    )


def _gaps(trend: Trend, x: Place, on: Field, name: str) -> str:
    """Periods without a figure: a small box on the axis."""
    marks = []
    for place, value in enumerate(trend.main.value.tolist()):
        if value != value and trend.hidden[place]:
            marks.append(hatched(f"h-{name}", x(place) - 6, on.bottom - 6, 12, 12))
        elif value != value:
            marks.append(
                f'<rect class="gap" x="{at(x(place) - 6)}" y="{at(on.bottom - 6)}" width="12" height="12" fill="{PAPER}"'
                f' stroke="{AXIS}" stroke-dasharray="2 2"/>'
            )
    return (hatch(f"h-{name}") + "".join(marks)) if marks else ""


def _run(trend: Trend, line: Series, run: Sequence[int], quantity: Quantity, x: Place, y: Place) -> str:
    out = []
    banded = [place for place in run if np.isfinite(line.lower[place]) and np.isfinite(line.upper[place])]
    main = line is trend.main
    if main and len(banded) > 1:
        up = [f"{at(x(place))},{at(y(float(line.upper[place])))}" for place in banded]
        down = [f"{at(x(place))},{at(y(float(line.lower[place])))}" for place in reversed(banded)]
        out.append(
            f'<polygon class="band" points="{" ".join(up + down)}" fill="{STRONG}" fill-opacity=".15"/>'
        )
    sure = [place for place in run if place not in trend.provisional]
    loose = [*sure[-1:], *(place for place in run if place in trend.provisional)]
    for places, dash in ((sure, ""), (loose, ' stroke-dasharray="3 5"')):
        if len(places) > 1:
            spots = " ".join(f"{at(x(place))},{at(y(float(line.value[place])))}" for place in places)
            out.append(
                f'<polyline class="{"line" if main else "other"}" points="{spots}" {_pen(main)}{dash}/>'
            )
    if main and (len(trend.labels) < _MANY or len(run) == 1):
        out += [_dot(trend, place, quantity, x, y) for place in run]
    return "".join(out)


def _pen(main: bool) -> str:
    colour, width, dash = (STRONG, "3.2", "") if main else (INK, "2", ' stroke-dasharray="5 4"')
    return f'fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round" stroke-linecap="round"{dash}'


def _dot(trend: Trend, place: int, quantity: Quantity, x: Place, y: Place) -> str:
    value = float(trend.main.value[place])
    open_ = place in trend.provisional
    fill, stroke = (PAPER, STRONG) if open_ else (STRONG, PAPER)
    return (
        f'<circle class="{"open" if open_ else "dot"}" cx="{at(x(place))}" cy="{at(y(value))}" r="4.6" fill="{fill}" stroke="{stroke}"'
        f' stroke-width="1.8">{hint(f"{trend.labels[place]}: {quantity.short(value)}")}</circle>'
    )


_APART = 38.0
"""Between a name at the right and the next."""


def _ends(lines: Sequence[Series], quantity: Quantity, x: Place, y: Place, on: Field) -> str:
    """Names and last values at the right, moved apart where they would touch."""
    spots = sorted(((y(_last(line)[1]), _last(line)[0], line) for line in lines), key=lambda spot: spot[0])
    tops: list[float] = []
    for spot, _, _ in spots:
        tops.append(max(spot, tops[-1] + _APART if tops else 14.0))
    lowest = on.bottom + _BOTTOM - _APART
    for place in reversed(range(len(tops))):
        tops[place] = min(tops[place], lowest)
        lowest = tops[place] - _APART
    out = []
    for top, (_, last, line) in zip(tops, spots, strict=True):
        colour = STRONG if line is lines[-1] else INK
        left = x(last) + 14
        out.append(
            f'<g class="{"end" if line is lines[-1] else "end other"}" aria-hidden="true" fill="{colour}">'
            f"{words(left, top, clipped(line.name, 15), more=BOLD)}"
            f"{words(left, top + 18, quantity.short(_last(line)[1]))}</g>"
        )
    return "".join(out)


def _last(line: Series) -> tuple[int, float]:
    place = int(np.flatnonzero(np.isfinite(line.value))[-1])
    return place, float(line.value[place])


def _key(lines: Sequence[Series], quantity: Quantity) -> str:
    """Names and last values above the lines, where there is no room beside them."""
    out = []
    for row, line in enumerate(reversed(lines)):
        main, middle = line is lines[-1], _KEY * row + 12
        said = f"{clipped(line.name, 26)} {quantity.short(_last(line)[1])}"
        out.append(
            f'<line x1="0" x2="24" y1="{middle}" y2="{middle}" {_pen(main)}/>'
            + words(
                32, middle + 5, said, more=f'{BOLD if main else ""} fill="{STRONG if main else INK}"'.strip()
            )
        )
    return f'<g aria-hidden="true">{"".join(out)}</g>'
