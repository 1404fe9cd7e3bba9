"""Parts of a whole: a bar a period (or group), as long as all parts together, with a key that names them.

A bar of which a part is hidden is not drawn: what is left over would show how large that part is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zicht.publish.charts.draw import (
    INK,
    LETTER,
    NARROW,
    PAPER,
    PARTS,
    WIDE,
    Room,
    at,
    clipped,
    hatch,
    hatched,
    held,
    hint,
    sheet,
    words,
)
from zicht.publish.frames import Floats
from zicht.publish.numbers import Quantity, number

_TALL, _KEY, _TICKS = 30, 24, 26


@dataclass(frozen=True, slots=True)
class _Places:
    """Of a row, in pixels: how tall it is, where its bar begins, and how far the bar lies below its top."""

    tall: float
    left: float
    bar: float


_PLACES = {WIDE: _Places(44, 130, 0), NARROW: _Places(64, 0, 22)}
"""On a phone the name of a bar stands above it."""


@dataclass(frozen=True)
class Stacked:
    """What a stacked bar shows.

    Attributes:
        bars: a name each.
        parts: of the whole, in order.
        value: shape (bars, parts), NaN where there is none.
        missing: what is said of a bar that cannot be drawn, such as `verborgen`.
        hidden: per bar, whether a part of it is hidden for privacy.
        says: in place of the picture, for who does not see it.
    """

    bars: Sequence[str]
    parts: Sequence[str]
    value: Floats
    missing: Sequence[str]
    hidden: Sequence[bool]
    says: str


def shares(value: Floats) -> Floats:
    """The parts of each bar in whole percentages of their sum; NaN for a bar of which a part is not known.

    Args:
        value: shape (bars, parts), NaN where there is none.
    """
    whole = value.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, np.rint(100 * value / whole), np.nan)


def stacked_svg(shown: Stacked, quantity: Quantity, name: str = "stacked", room: Room = WIDE) -> str:
    """The picture; empty where no bar is known in all its parts.

    Args:
        shown: what it shows.
        quantity: how values are written.
        name: of the chart, for marks that need a name of their own in the page.
        room: that it has.
    """
    part = shares(shown.value)
    if not np.isfinite(part).any():
        return ""
    places, pattern = _PLACES[room], f"h-{name}{room.mark}"
    keys, first = _keys(shown.parts, room)
    out = [keys]
    if any(shown.hidden):
        out.append(hatch(pattern))
    for bar, label in enumerate(shown.bars):
        top = first + places.tall * bar
        middle = top + places.bar + _TALL / 2
        out.append(_label(label, places, top, middle, room))
        if np.isfinite(part[bar]).all():
            out.append(_bar(shown, bar, part[bar], top + places.bar, quantity, (places.left, room.width)))
        else:
            box = hatched(pattern, places.left, middle - 8, 60, 16) if shown.hidden[bar] else ""
            out.append(box + words(places.left + (70 if box else 0), middle + 5, shown.missing[bar]))
    bottom = first + places.tall * len(shown.bars)
    ticks = "".join(
        words(
            held(places.left + (room.width - places.left) * tick / 100, f"{tick}%", room),
            bottom + 12,
            f"{tick}%",
            "middle",
            'font-size="13"',
        )
        for tick in (0, 25, 50, 75, 100)
    )
    return sheet("stacked", bottom + _TICKS, shown.says, [*out, f'<g aria-hidden="true">{ticks}</g>'], room)


def _label(label: str, places: _Places, top: float, middle: float, room: Room) -> str:
    if room is NARROW:
        return words(0, top + 14, clipped(label, room.width / LETTER), more=f'fill="{INK}"')
    space = places.left - 12
    return words(space, middle + 5, clipped(label, space / LETTER), "end", f'fill="{INK}"')


def _keys(parts: Sequence[str], room: Room) -> tuple[str, float]:
    """The key, in as many lines as it needs, and where the bars can begin."""
    x, y, out = 0.0, 14.0, []
    for place, part in enumerate(parts):
        wide = 24 + len(part) * LETTER + 16
        if x and x + wide > room.width:
            x, y = 0.0, y + _KEY
        out.append(
            f'<rect class="p{place % len(PARTS)}" x="{at(x)}" y="{at(y - 11)}" width="14" height="14" fill="{PARTS[place % len(PARTS)]}"/>'
            + words(x + 20, y + 1, clipped(part, (room.width - 20) / LETTER))
        )
        x += wide
    return f'<g aria-hidden="true">{"".join(out)}</g>', y + 22


def _bar(
    shown: Stacked, bar: int, part: Floats, top: float, quantity: Quantity, ends: tuple[float, float]
) -> str:
    values = shown.value[bar]
    edges = np.concatenate([[0.0], np.cumsum(values) / values.sum()]) * (ends[1] - ends[0]) + ends[0]
    out = []
    for place, value in enumerate(values.tolist()):
        left, wide = float(edges[place]), float(edges[place + 1] - edges[place])
        said = f"{number(float(part[place]), 0, quantity.language)}%"
        out.append(
            f'<rect class="p{place % len(PARTS)}" x="{at(left)}" y="{at(top)}" width="{at(wide)}" height="{_TALL}" fill="{PARTS[place % len(PARTS)]}"'
            f' stroke="{PAPER}">{hint(f"{shown.bars[bar]}, {shown.parts[place]}: {quantity.long(value)} ({said})")}</rect>'
        )
        if wide > len(said) * LETTER + 8:
            light = place % len(PARTS) in (2, 4, 7)
            out.append(
                words(
                    left + wide / 2,
                    top + _TALL / 2 + 5,
                    said,
                    "middle",
                    f'fill="{INK if light else PAPER}" class="{"on-light" if light else "on-dark"}"',
                )
            )
    return "".join(out)
