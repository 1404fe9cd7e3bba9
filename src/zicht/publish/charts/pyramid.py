"""A population pyramid: two groups back to back over the ages (or another ordered dimension), the youngest below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zicht.publish.charts.draw import (
    GRID,
    INK,
    LETTER,
    NARROW,
    PARTS,
    SOFT,
    WIDE,
    Room,
    at,
    clipped,
    hatch,
    hatched,
    hint,
    sheet,
    words,
)
from zicht.publish.frames import Floats
from zicht.publish.numbers import Quantity, nice_ticks, number

_TOP, _BOTTOM, _TALL = 34, 34, 22


@dataclass(frozen=True, slots=True)
class _Places:
    """Of a row, in pixels: how tall it is, the gap between the two sides, and where its name and its bars stand in it."""

    tall: float
    middle: float
    name: float
    bar: float


_PLACES = {WIDE: _Places(30, 150, 20, 4), NARROW: _Places(48, 4, 18, 24)}
"""On a phone the name of a row stands above its bars, and not between them."""


@dataclass(frozen=True)
class Pyramid:
    """What a pyramid shows.

    Attributes:
        sides: names of the two groups, left and right.
        bands: names of the categories, the first is drawn lowest.
        value: shape (2, bands), NaN where there is none.
        missing: what is said of a bar without a value, shape (2, bands).
        hidden: whether it is hidden for privacy, shape (2, bands).
        says: in place of the picture, for who does not see it.
    """

    sides: tuple[str, str]
    bands: Sequence[str]
    value: Floats
    missing: tuple[Sequence[str], Sequence[str]]
    hidden: tuple[Sequence[bool], Sequence[bool]]
    says: str


def pyramid_svg(shown: Pyramid, quantity: Quantity, name: str = "pyramid", room: Room = WIDE) -> str:
    """The picture; empty where no bar has a value.

    Args:
        shown: what it shows.
        quantity: how values are written.
        name: of the chart, for marks that need a name of their own in the page.
        room: that it has.
    """
    if not np.isfinite(shown.value).any():
        return ""
    places, pattern = _PLACES[room], f"h-{name}{room.mark}"
    side_room = (room.width - places.middle) / 2
    ticks = nice_ticks(0, float(np.nanmax(shown.value)), 3)
    bottom = _TOP + places.tall * len(shown.bands)
    length = (side_room - 60) / ticks[-1]  # room for the value behind the longest bar
    sides = [(0, side_room, -1), (1, side_room + places.middle, 1)]
    out = [hatch(pattern)] if any(any(side) for side in shown.hidden) else []
    for side, edge, sign in sides:
        anchor = "end" if side == 0 else "start"
        out.append(_axis(ticks, edge, sign * length, bottom, quantity, room))
        out.append(
            words(edge + sign * 4, _TOP - 14, shown.sides[side], anchor, f'font-weight="600" fill="{INK}"')
        )
    space = (places.middle - 10 if room is WIDE else room.width) / LETTER
    for row, band in enumerate(shown.bands):
        top = bottom - places.tall * (row + 1)
        out.append(words(room.width / 2, top + places.name, clipped(band, space), "middle", f'fill="{INK}"'))
        out += [
            _bar(shown, side, row, edge, sign, length, top + places.bar, quantity, pattern)
            for side, edge, sign in sides
        ]
    return sheet("pyramid", bottom + (_BOTTOM if room is WIDE else 6), shown.says, out, room)


def _axis(
    ticks: Sequence[float], edge: float, step: float, bottom: float, quantity: Quantity, room: Room
) -> str:
    """Lines with their numbers below; on a phone without, for each bar has its number beside it."""
    lines = "".join(
        f'<line x1="{at(edge + step * tick)}" x2="{at(edge + step * tick)}" y1="{_TOP}" y2="{at(bottom)}"/>'
        for tick in ticks
    )
    numbers = "".join(
        words(
            edge + step * tick,
            bottom + 20,
            number(tick, 0, quantity.language) + quantity.sign,
            "middle",
            'font-size="13"',
        )
        for tick in ticks
        if room is WIDE
    )
    return (
        f'<g class="grid" stroke="{GRID}" aria-hidden="true">{lines}</g><g aria-hidden="true">{numbers}</g>'
    )


def _bar(
    shown: Pyramid,
    side: int,
    row: int,
    edge: float,
    sign: int,
    length: float,
    top: float,
    quantity: Quantity,
    name: str,
) -> str:
    value = float(shown.value[side, row])
    anchor = "end" if side == 0 else "start"
    if value != value:
        box = (
            hatched(name, edge - 34 if side == 0 else edge, top, 34, _TALL) if shown.hidden[side][row] else ""
        )
        return box + words(
            edge + sign * (40 if box else 6),
            top + _TALL / 2 + 5,
            shown.missing[side][row],
            anchor,
            'font-size="13"',
        )
    long = value * length
    return (
        f'<rect class="p{side}" x="{at(edge - long if side == 0 else edge)}" y="{at(top)}" width="{at(long)}" height="{_TALL}"'
        f' fill="{PARTS[side]}">{hint(f"{shown.sides[side]}, {shown.bands[row]}: {quantity.short(value)}")}</rect>'
        + words(
            edge + sign * (long + 6),
            top + _TALL / 2 + 5,
            quantity.short(value),
            anchor,
            f'font-size="13" fill="{SOFT}"',
        )
    )
