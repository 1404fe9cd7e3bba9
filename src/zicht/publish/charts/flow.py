"""Flows from areas to places: bands whose width is how many go, such as from where people live to where they work.

A flow that is hidden has no band; it is named below, so that nobody takes a thin stack for a complete one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np

from zicht.publish.charts.draw import INK, LETTER, NARROW, PARTS, WIDE, Room, at, clipped, hint, sheet, words
from zicht.publish.frames import Floats
from zicht.publish.numbers import Quantity

_TOP, _GAP, _NODE = 34, 10, 10
_SCALE = 440


@dataclass(frozen=True, slots=True)
class _Places:
    """Room for names left and right, least height of a place, both in pixels, and how many lines a name may take."""

    side: float
    least: float
    lines: int


_PLACES = {WIDE: _Places(158, 20, 1), NARROW: _Places(112, 38, 2)}


@dataclass(frozen=True)
class Flow:
    """What a flow chart shows.

    Attributes:
        heads: what stands left and right, such as `wonen` and `werken`.
        origins: names on the left.
        targets: names on the right.
        value: shape (origins, targets), NaN where there is none.
        says: in place of the picture, for who does not see it.
    """

    heads: tuple[str, str]
    origins: Sequence[str]
    targets: Sequence[str]
    value: Floats
    says: str


def flow_svg(shown: Flow, quantity: Quantity, name: str = "flow", room: Room = WIDE) -> str:  # noqa: ARG001 - as all kinds of drawings
    """The picture; empty where no flow is known.

    Args:
        shown: what it shows.
        quantity: how values are written.
        name: of the chart.
        room: that it has.
    """
    value = np.nan_to_num(np.clip(shown.value, 0, None))
    if value.sum() <= 0:
        return ""
    unit, places = _SCALE / value.sum(), _PLACES[room]
    left, left_end = _nodes(value.sum(axis=1) * unit, places)
    right, right_end = _nodes(value.sum(axis=0) * unit, places)
    ends = places.side, room.width - places.side
    bold = f'font-weight="600" fill="{INK}"'
    out = [
        words(ends[0], 16, shown.heads[0], "end", bold),
        words(ends[1], 16, shown.heads[1], "start", bold),
        *_bands(shown, value * unit, left, right, quantity, ends),
        *_ends(shown.origins, value.sum(axis=1), left, unit, ends[0] - _NODE, "end", places),
        *_ends(shown.targets, value.sum(axis=0), right, unit, ends[1], "start", places),
    ]
    return sheet("flow", max(left_end, right_end) + 6, shown.says, out, room)


def _nodes(sizes: Floats, places: _Places) -> tuple[list[float], float]:
    """Where each node begins, with room for its label, and where the last one ends."""
    tops, y = [], float(_TOP)
    for size in sizes.tolist():
        tall = max(size, places.least)
        tops.append(y + (tall - size) / 2)
        y += tall + _GAP
    return tops, y


def _bands(
    shown: Flow,
    sizes: Floats,
    left: Sequence[float],
    right: Sequence[float],
    quantity: Quantity,
    ends: tuple[float, float],
) -> list[str]:
    starts, stops = list(left), list(right)
    x1, x2 = ends
    bend = (x1 + x2) / 2
    out = []
    for origin in range(sizes.shape[0]):
        for target in range(sizes.shape[1]):
            size = float(sizes[origin, target])
            if size <= 0:
                continue
            a, b = starts[origin], stops[target]
            starts[origin], stops[target] = a + size, b + size
            said = f"{shown.origins[origin]} → {shown.targets[target]}: {quantity.long(float(shown.value[origin, target]))}"
            out.append(
                f'<path class="p{target % len(PARTS)}" d="M{at(x1)},{at(a)}C{at(bend)},{at(a)} {at(bend)},{at(b)} {at(x2)},{at(b)}V{at(b + size)}'
                f'C{at(bend)},{at(b + size)} {at(bend)},{at(a + size)} {at(x1)},{at(a + size)}z" fill="{PARTS[target % len(PARTS)]}" fill-opacity=".55">'
                f"{hint(said)}</path>"
            )
    return out


def _ends(
    names: Sequence[str],
    totals: Floats,
    tops: Sequence[float],
    unit: float,
    x: float,
    anchor: str,
    places: _Places,
) -> list[str]:
    out = []
    for place, name in enumerate(names):
        size = float(totals[place]) * unit
        label, middle = x - 8 if anchor == "end" else x + _NODE + 8, tops[place] + size / 2
        said = _lines(name, places)
        out.append(
            f'<rect class="node" x="{at(x)}" y="{at(tops[place])}" width="{_NODE}" height="{at(max(size, 1))}" fill="{INK}"/>'
            + "".join(
                words(label, middle + 5 + 17 * (row - (len(said) - 1) / 2), line, anchor, f'fill="{INK}"')
                for row, line in enumerate(said)
            )
        )
    return out


def _lines(name: str, places: _Places) -> list[str]:
    """A name in as many lines as there may be; what does not fit stands in the table."""
    letters = int((places.side - 20) / LETTER)
    if places.lines == 1:
        return [clipped(name, letters)]
    found = wrap(name, letters)
    kept, rest = found[: places.lines - 1], found[places.lines - 1 :]
    return [*kept, clipped(" ".join(rest), letters)] if rest else kept
