"""Several figures of one area over time, each in a panel with a scale and periods of its own, beside what the area is held against.

The band is where the figure probably lies. A line is broken where the method or the land changed, or where there is no figure.
"""

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
    Drawing,
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
from zicht.publish.numbers import Quantity

_HEAD, _TALL, _FOOT, _GAP = 64, 82, 42, 26
_COLUMNS = {WIDE: 3, NARROW: 1}


@dataclass(frozen=True)
class Facet:
    """One figure of the area.

    Attributes:
        name: of the figure.
        quantity: how its values are written.
        periods: in words.
        value: of the area, a period each, NaN where there is none; at least two are known.
        lower: bounds of its intervals, NaN where there are none.
        upper: likewise.
        reference: of what the area is held against; NaN where there is none.
        starts: periods (by place) at which the line is broken.
        missing: what is said of the last period where it has no value.
    """

    name: str
    quantity: Quantity
    periods: Sequence[str]
    value: Floats
    lower: Floats
    upper: Floats
    reference: Floats
    starts: frozenset[int]
    missing: str


def facets_drawing(facets: Sequence[Facet], says: str) -> Drawing:
    """The picture, for a page and for a phone.

    Args:
        facets: the figures, at least one.
        says: in place of the picture, for who does not see it.
    """
    return Drawing(_drawn(facets, says, WIDE), _drawn(facets, says, NARROW))


def _drawn(facets: Sequence[Facet], says: str, room: Room) -> str:
    columns = _COLUMNS[room]
    wide, tall = (room.width - _GAP * (columns - 1)) / columns, _HEAD + _TALL + _FOOT
    out = [
        _panel(facet, (place % columns) * (wide + _GAP), (place // columns) * tall + _HEAD, wide)
        for place, facet in enumerate(facets)
    ]
    return sheet("multiples", math.ceil(len(facets) / columns) * tall, says, out, room)


def _panel(facet: Facet, left: float, top: float, wide: float) -> str:
    numbers = np.concatenate([facet.value, facet.lower, facet.upper, facet.reference])
    x = scale(0, len(facet.periods) - 1, left + 6, left + wide - 8)
    y = scale(*padded(float(np.nanmin(numbers)), float(np.nanmax(numbers))), top + _TALL, top)
    last = float(facet.value[-1])
    said = facet.quantity.short(last) if last == last else facet.missing
    first, second = _lines(facet.name, wide / LETTER)
    out = [
        words(left, top - (46 if second else 29), first, more=f'font-weight="600" fill="{INK}"'),
        words(left, top - 29, second, more=f'font-weight="600" fill="{INK}"') if second else "",
        words(left, top - 9, said, more=f'fill="{STRONG if last == last else AXIS}"'),
        f'<line class="base" x1="{at(left)}" x2="{at(left + wide)}" y1="{at(top + _TALL)}" y2="{at(top + _TALL)}" stroke="{AXIS}"/>',
        f'<line class="faint" x1="{at(left)}" x2="{at(left + wide)}" y1="{at(top)}" y2="{at(top)}" stroke="{GRID}"/>',
        words(left, top + _TALL + 17, facet.periods[0], more='font-size="12"'),
        words(left + wide, top + _TALL + 17, facet.periods[-1], "end", 'font-size="12"'),
        *_bands(facet, x, y),
    ]
    dashed = f'class="other" stroke="{AXIS}" stroke-width="1.6" stroke-dasharray="4 3"'
    out += broken_line(facet.reference, facet.starts, x, y, dashed)
    out += broken_line(facet.value, facet.starts, x, y, f'class="line" stroke="{STRONG}" stroke-width="2.6"')
    if last == last:
        out.append(
            f'<circle class="dot" cx="{at(x(len(facet.periods) - 1))}" cy="{at(y(last))}" r="3.6" fill="{STRONG}"/>'
        )
    return f"<g>{''.join(out)}</g>"


def _lines(name: str, letters: float) -> tuple[str, str]:
    """A name in at most two lines; what does not fit stands in the table."""
    first = ""
    for word in name.split():
        if first and len(first) + 1 + len(word) > letters:
            return first, clipped(name[len(first) :].strip(), letters)
        first = f"{first} {word}".strip()
    return clipped(first, letters), ""


def _bands(facet: Facet, x: Place, y: Place) -> list[str]:
    """The bands of the parts between which the line is not broken."""
    known = np.isfinite(facet.lower) & np.isfinite(facet.upper) & np.isfinite(facet.value)
    runs: list[list[int]] = [[]]
    for place, there in enumerate(known.tolist()):
        if place in facet.starts or not there:
            runs.append([])
        if there:
            runs[-1].append(place)
    out = []
    for run in runs:
        spots = [f"{at(x(place))},{at(y(float(facet.upper[place])))}" for place in run]
        spots += [f"{at(x(place))},{at(y(float(facet.lower[place])))}" for place in reversed(run)]
        if len(run) > 1:
            out.append(
                f'<polygon class="band" points="{" ".join(spots)}" fill="{STRONG}" fill-opacity=".15"/>'
            )
    return out
