"""A population pyramid: two groups back to back over the ages (or another ordered dimension), the youngest below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zicht.publish.charts.draw import (
    GRID,
    INK,
    LETTER,
    PARTS,
    SOFT,
    WIDTH,
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

_ROW, _TOP, _BOTTOM, _MIDDLE = 30, 34, 34, 150


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


def pyramid_svg(shown: Pyramid, quantity: Quantity, name: str = "pyramid") -> str:
    """The picture; empty where no bar has a value.

    Args:
        shown: what it shows.
        quantity: how values are written.
        name: of the chart, for marks that need a name of their own in the page.
    """
    if not np.isfinite(shown.value).any():
        return ""
    room = (WIDTH - _MIDDLE) / 2
    ticks = nice_ticks(0, float(np.nanmax(shown.value)), 3)
    rows = len(shown.bands)
    bottom = _TOP + _ROW * rows
    edges = (room, room + _MIDDLE)
    signs = (-1, 1)
    length = (room - 60) / ticks[-1]  # room for the value behind the longest bar
    out = [hatch(f"h-{name}")] if any(any(side) for side in shown.hidden) else []
    for side in (0, 1):
        out.append(_axis(ticks, edges[side], signs[side] * length, bottom, quantity))
        out.append(
            words(
                edges[side] + signs[side] * 4,
                _TOP - 14,
                shown.sides[side],
                "end" if side == 0 else "start",
                f'font-weight="600" fill="{INK}"',
            )
        )
    for row in range(rows):
        top = bottom - _ROW * (row + 1)
        out.append(
            words(
                WIDTH / 2,
                top + _ROW / 2 + 5,
                clipped(shown.bands[row], (_MIDDLE - 10) / LETTER),
                "middle",
                f'fill="{INK}"',
            )
        )
        out += [
            _bar(shown, side, row, edges[side], signs[side], length, top, quantity, name) for side in (0, 1)
        ]
    return sheet("pyramid", bottom + _BOTTOM, shown.says, out)


def _axis(ticks: Sequence[float], edge: float, step: float, bottom: float, quantity: Quantity) -> str:
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
    value, tall = float(shown.value[side, row]), _ROW - 8
    anchor = "end" if side == 0 else "start"
    if value != value:
        box = (
            hatched(f"h-{name}", edge - 34 if side == 0 else edge, top + 4, 34, tall)
            if shown.hidden[side][row]
            else ""
        )
        return box + words(
            edge + sign * (40 if box else 6),
            top + _ROW / 2 + 5,
            shown.missing[side][row],
            anchor,
            'font-size="13"',
        )
    long = value * length
    return (
        f'<rect class="p{side}" x="{at(edge - long if side == 0 else edge)}" y="{at(top + 4)}" width="{at(long)}" height="{tall}"'
        f' fill="{PARTS[side]}">{hint(f"{shown.sides[side]}, {shown.bands[row]}: {quantity.short(value)}")}</rect>'
        + words(
            edge + sign * (long + 6),
            top + _ROW / 2 + 5,
            quantity.short(value),
            anchor,
            f'font-size="13" fill="{SOFT}"',
        )
    )
