"""Flows from areas to places: bands whose width is how many go, such as from where people live to where they work.

A flow that is hidden has no band; it is named below, so that nobody takes a thin stack for a complete one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zicht.publish.charts.draw import INK, LETTER, PARTS, WIDTH, at, clipped, hint, sheet, words
from zicht.publish.frames import Floats
from zicht.publish.numbers import Quantity

_TOP, _SIDE, _GAP, _NODE, _LEAST = 34, 158, 10, 10, 20
_SCALE = 440


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


def flow_svg(shown: Flow, quantity: Quantity) -> str:
    """The picture; empty where no flow is known."""
    value = np.nan_to_num(np.clip(shown.value, 0, None))
    if value.sum() <= 0:
        return ""
    unit = _SCALE / value.sum()
    left, left_end = _nodes(value.sum(axis=1) * unit)
    right, right_end = _nodes(value.sum(axis=0) * unit)
    height = max(left_end, right_end) + 6
    out = [
        words(_SIDE, 16, shown.heads[0], "end", f'font-weight="600" fill="{INK}"'),
        words(WIDTH - _SIDE, 16, shown.heads[1], "start", f'font-weight="600" fill="{INK}"'),
        *_bands(shown, value * unit, left, right, quantity),
        *_ends(shown.origins, value.sum(axis=1), left, unit, _SIDE - _NODE, "end"),
        *_ends(shown.targets, value.sum(axis=0), right, unit, WIDTH - _SIDE, "start"),
    ]
    return sheet("flow", height, shown.says, out)


def _nodes(sizes: Floats) -> tuple[list[float], float]:
    """Where each node begins, with room for its label, and where the last one ends."""
    tops, y = [], float(_TOP)
    for size in sizes.tolist():
        room = max(size, _LEAST)
        tops.append(y + (room - size) / 2)
        y += room + _GAP
    return tops, y


def _bands(
    shown: Flow, sizes: Floats, left: Sequence[float], right: Sequence[float], quantity: Quantity
) -> list[str]:
    starts, stops = list(left), list(right)
    x1, x2 = float(_SIDE), float(WIDTH - _SIDE)
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
) -> list[str]:
    out = []
    for place, name in enumerate(names):
        size = float(totals[place]) * unit
        said = clipped(name, (_SIDE - 20) / LETTER)
        label = x - 8 if anchor == "end" else x + _NODE + 8
        out.append(
            f'<rect class="node" x="{at(x)}" y="{at(tops[place])}" width="{_NODE}" height="{at(max(size, 1))}" fill="{INK}"/>'
            + words(label, tops[place] + size / 2 + 5, said, anchor, f'fill="{INK}"')
        )
    return out
