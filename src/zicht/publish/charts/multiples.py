"""Small multiples: the development of many areas beside one another, all on the same scale, in the order of their names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zicht.publish.charts.draw import (
    AXIS,
    GRID,
    INK,
    LETTER,
    NARROW,
    STRONG,
    WIDE,
    Place,
    Room,
    at,
    broken_line,
    clipped,
    padded,
    scale,
    sheet,
    words,
)
from zicht.publish.frames import Floats
from zicht.publish.numbers import Quantity, nice_ticks

_TALL, _FOOT = 74, 20


@dataclass(frozen=True, slots=True)
class _Places:
    """How panels stand, in pixels: so many beside one another, a gap between them, and what stands above the lines of each."""

    columns: int
    gap: float
    head: float
    name: float
    value: float


_PLACES = {WIDE: _Places(3, 26, 42, 14, 14), NARROW: _Places(2, 18, 58, 34, 14)}
"""On a phone the value stands under the name, and not beside it."""


@dataclass(frozen=True)
class Multiples:
    """What small multiples show.

    Attributes:
        names: of the areas.
        periods: in words.
        value: shape (periods, areas), NaN where there is none.
        reference: name and values per period of what each is held against, or None.
        starts: periods (by place) at which another method begins.
        missing: what is said of the last period where it has no value, per area.
        ahead: what is expected, and the bounds between which, each of the shape of `value`; NaN where nothing is. None where nobody looks ahead.
        says: in place of the picture, for who does not see it.
    """

    names: Sequence[str]
    periods: Sequence[str]
    value: Floats
    reference: tuple[str, Floats] | None
    starts: frozenset[int]
    missing: Sequence[str]
    says: str
    ahead: tuple[Floats, Floats, Floats] | None = None


def multiples_svg(
    shown: Multiples,
    quantity: Quantity,
    name: str = "multiples",  # noqa: ARG001 - as all kinds of drawings
    room: Room = WIDE,
) -> str:
    """The picture; empty where there are fewer than two periods or no area has two values.

    Args:
        shown: what it shows.
        quantity: how values are written.
        name: of the chart.
        room: that it has.
    """
    if len(shown.periods) < 2 or not (np.isfinite(shown.value).sum(axis=0) > 1).any():
        return ""
    numbers = [
        shown.value.ravel(),
        *([] if shown.reference is None else [shown.reference[1]]),
        *(part.ravel() for part in shown.ahead or ()),
    ]
    both = np.concatenate(numbers)
    ticks = nice_ticks(*padded(float(np.nanmin(both)), float(np.nanmax(both))), 2)
    places = _PLACES[room]
    wide = (room.width - places.gap * (places.columns - 1)) / places.columns
    tall = places.head + _TALL + _FOOT + 10
    out = []
    for place in range(len(shown.names)):
        left = (place % places.columns) * (wide + places.gap)
        top = (place // places.columns) * tall + places.head
        out.append(_panel(shown, place, (left, top, wide), (ticks[0], ticks[-1]), quantity, places))
    rows = math.ceil(len(shown.names) / places.columns)
    return sheet("multiples", rows * tall, shown.says, out, room)


def _panel(
    shown: Multiples,
    area: int,
    box: tuple[float, float, float],
    ends: tuple[float, float],
    quantity: Quantity,
    places: _Places,
) -> str:
    left, top, wide = box
    x = scale(0, len(shown.periods) - 1, left + 6, left + wide - 8)
    y = scale(ends[0], ends[1], top + _TALL, top)
    value = shown.value[:, area]
    last = float(value[-1])
    said = quantity.short(last) if last == last else shown.missing[area]
    beside = places.name == places.value
    letters = (wide - (len(said) * LETTER + 10 if beside else 0)) / LETTER
    colour = f'fill="{STRONG if last == last else AXIS}"'
    out = [
        words(
            left,
            top - places.name,
            clipped(shown.names[area], letters),
            more=f'font-weight="600" fill="{INK}"',
        ),
        words(
            left + wide if beside else left, top - places.value, said, "end" if beside else "start", colour
        ),
        f'<line class="base" x1="{at(left)}" x2="{at(left + wide)}" y1="{at(top + _TALL)}" y2="{at(top + _TALL)}" stroke="{AXIS}"/>',
        f'<line class="faint" x1="{at(left)}" x2="{at(left + wide)}" y1="{at(top)}" y2="{at(top)}" stroke="{GRID}"/>',
        words(left, top + _TALL + 17, shown.periods[0], more='font-size="12"'),
        words(left + wide, top + _TALL + 17, shown.periods[-1], "end", 'font-size="12"'),
    ]
    if shown.reference is not None:
        out += broken_line(
            shown.reference[1],
            shown.starts,
            x,
            y,
            f'class="other" stroke="{AXIS}" stroke-width="1.6" stroke-dasharray="4 3"',
        )
    if shown.ahead is not None:
        out += _fan(value, [part[:, area] for part in shown.ahead], x, y)
    out += broken_line(value, shown.starts, x, y, f'class="line" stroke="{STRONG}" stroke-width="2.6"')
    if last == last:
        out.append(
            f'<circle class="dot" cx="{at(x(len(shown.periods) - 1))}" cy="{at(y(last))}" r="3.6" fill="{STRONG}"/>'
        )
    return f"<g>{''.join(out)}</g>"


def _fan(value: Floats, ahead: Sequence[Floats], x: Place, y: Place) -> list[str]:
    """What is expected as a dashed line that goes on from the last value, between its bounds."""
    told = np.flatnonzero(np.isfinite(ahead[0]))
    known = np.flatnonzero(np.isfinite(value))
    if not told.size or not known.size:
        return []
    start = int(known[-1])
    mean, low, high = (part.copy() for part in ahead)
    for part in (mean, low, high):
        part[start] = value[start]
    places = [start, *told.tolist()]
    spots = [f"{at(x(place))},{at(y(float(high[place])))}" for place in places]
    spots += [f"{at(x(place))},{at(y(float(low[place])))}" for place in reversed(places)]
    band = f'<polygon class="band" points="{" ".join(spots)}" fill="{STRONG}" fill-opacity=".2"/>'
    pen = f'class="ahead" stroke="{STRONG}" stroke-width="2.2" stroke-dasharray="3 4"'
    return [band, *broken_line(mean, frozenset(), x, y, pen)]
