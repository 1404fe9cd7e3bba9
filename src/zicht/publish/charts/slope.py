"""A slope chart: a line an area from one period to another; what changed clearly is drawn strong, the rest pale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zicht.publish.charts.draw import (
    AXIS,
    INK,
    LETTER,
    NARROW,
    RANGE,
    STRONG,
    WIDE,
    Place,
    Room,
    at,
    clipped,
    hint,
    padded,
    scale,
    sheet,
    words,
)
from zicht.publish.frames import Floats, Small
from zicht.publish.numbers import Quantity
from zicht.publish.verdicts import Verdict

_TOP, _BOTTOM, _LINE = 40, 14, 19
_LETTER = LETTER * 14 / 15  # names are set in 14 pixels
_SIDES = {WIDE: (196, 196), NARROW: (70, 182)}
"""Left and right of the lines; on a phone names stand at the right alone."""


@dataclass(frozen=True)
class Slope:
    """What a slope chart shows.

    Attributes:
        names: of the areas.
        periods: the first and the last, in words.
        first: a value each, NaN where there is none.
        last: likewise.
        verdict: on the change of each: a `Verdict`.
        says: in place of the picture, for who does not see it.
    """

    names: Sequence[str]
    periods: tuple[str, str]
    first: Floats
    last: Floats
    verdict: Small
    says: str


def slope_svg(
    shown: Slope,
    quantity: Quantity,
    name: str = "slope",  # noqa: ARG001 - as all kinds of drawings
    room: Room = WIDE,
) -> str:
    """The picture; empty where fewer than two areas have both values.

    Args:
        shown: what it shows.
        quantity: how values are written.
        name: of the chart.
        room: that it has.
    """
    both = np.flatnonzero(np.isfinite(shown.first) & np.isfinite(shown.last))
    if both.size < 2:
        return ""
    numbers = np.concatenate([shown.first[both], shown.last[both]])
    height = max(260, _TOP + _BOTTOM + _LINE * both.size)
    y = scale(*padded(float(numbers.min()), float(numbers.max())), height - _BOTTOM, _TOP)
    left, right = float(_SIDES[room][0]), float(room.width - _SIDES[room][1])
    out = [
        words(x, 16, period, anchor, f'font-weight="600" fill="{INK}"')
        + f'<line class="base" x1="{at(x)}" x2="{at(x)}" y1="{_TOP - 14}" y2="{at(height - 4)}" stroke="{AXIS}"/>'
        for x, period, anchor in ((left, shown.periods[0], "middle"), (right, shown.periods[1], "middle"))
    ]
    calm = [int(place) for place in both if not _moved(shown, int(place))]
    out += [_slope(shown, place, y, left, right, quantity) for place in calm]
    out += [
        _slope(shown, int(place), y, left, right, quantity) for place in both if _moved(shown, int(place))
    ]
    for values, x, anchor, side in ((shown.first, left - 10, "end", 0), (shown.last, right + 10, "start", 1)):
        letters = 0 if room is NARROW and side == 0 else (_SIDES[room][side] - 14) / _LETTER
        out += _labels(shown, values, both.tolist(), y, x, anchor, quantity, height, letters)
    return sheet("slope", height, shown.says, out, room)


def _moved(shown: Slope, place: int) -> bool:
    return bool(shown.verdict[place] in (Verdict.HIGHER, Verdict.LOWER))


def _slope(shown: Slope, place: int, y: Place, left: float, right: float, quantity: Quantity) -> str:
    first, last = float(shown.first[place]), float(shown.last[place])
    moved = _moved(shown, place)
    colour = STRONG if moved else RANGE
    said = f"{shown.names[place]}: {quantity.short(first)} → {quantity.short(last)}"
    return (
        f'<g class="{"strong" if moved else "pale"}" stroke="{colour}" fill="{colour}"><line x1="{at(left)}" y1="{at(y(first))}" x2="{at(right)}"'
        f' y2="{at(y(last))}" stroke-width="{2.6 if moved else 1.6}">{hint(said)}</line>'
        f'<circle cx="{at(left)}" cy="{at(y(first))}" r="3.6"/><circle cx="{at(right)}" cy="{at(y(last))}" r="3.6"/></g>'
    )


def _labels(
    shown: Slope,
    values: Floats,
    places: Sequence[int],
    y: Place,
    x: float,
    anchor: str,
    quantity: Quantity,
    height: float,
    letters: float,
) -> list[str]:
    """Names and values beside the ends, moved apart where they would touch; without room for letters values alone."""
    spots = sorted(places, key=lambda place: (-float(values[place]), shown.names[place]))
    tops: list[float] = []
    for place in spots:
        tops.append(max(y(float(values[place])) + 5, tops[-1] + _LINE if tops else 0))
    over = tops[-1] - (height - 4)
    for back in range(len(tops) - 1, -1, -1):  # what ran off the foot is pushed up again
        limit = height - 4 - _LINE * (len(tops) - 1 - back)
        if over > 0 and tops[back] > limit:
            tops[back] = limit
    out = []
    for place, top in zip(spots, tops, strict=True):
        value = quantity.short(float(values[place]))
        name = clipped(shown.names[place], letters - len(value) - 1) if letters else ""
        said = (f"{name} {value}" if anchor == "end" else f"{value} {name}").strip()
        bold = f' font-weight="600" fill="{STRONG}"' if _moved(shown, place) else ""
        out.append(words(x, top, said, anchor, f'font-size="14"{bold}'))
    return out
