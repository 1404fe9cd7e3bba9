"""A dumbbell: of every group two values, then and now (or one and the other), joined by a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zicht.publish.charts.draw import (
    INK,
    LETTER,
    PAPER,
    QUIET,
    RANGE,
    STRONG,
    WIDTH,
    Place,
    at,
    clipped,
    grid_down,
    hatch,
    hatched,
    hint,
    padded,
    scale,
    sheet,
    tick_words,
    words,
)
from zicht.publish.frames import Floats
from zicht.publish.numbers import Quantity, nice_ticks

_ROW, _TOP, _LABEL, _VALUE = 34, 58, 190, 78


@dataclass(frozen=True)
class Dumbbell:
    """What a dumbbell shows.

    Attributes:
        names: of the groups.
        ends: names of the two ends, such as `2019` and `2025`.
        first: a value each, NaN where there is none.
        last: likewise.
        missing: what is said of a group without a last value.
        hidden: per group, whether the last value is hidden for privacy.
        says: in place of the picture, for who does not see it.
    """

    names: Sequence[str]
    ends: tuple[str, str]
    first: Floats
    last: Floats
    missing: Sequence[str]
    hidden: Sequence[bool]
    says: str


def dumbbell_svg(shown: Dumbbell, quantity: Quantity, name: str = "dumbbell") -> str:
    """The picture; empty where no group has both values.

    Args:
        shown: what it shows.
        quantity: how values are written.
        name: of the chart, for marks that need a name of their own in the page.
    """
    if not (np.isfinite(shown.first) & np.isfinite(shown.last)).any():
        return ""
    numbers = np.concatenate([shown.first, shown.last])
    ticks = nice_ticks(*padded(float(np.nanmin(numbers)), float(np.nanmax(numbers))))
    x = scale(ticks[0], ticks[-1], _LABEL + 12, WIDTH - _VALUE)
    bottom = _TOP + _ROW * len(shown.names)
    key = (
        f'<circle class="quiet" cx="{_LABEL + 18}" cy="12" r="5" fill="{PAPER}" stroke="{QUIET}" stroke-width="2"/>'
        + words(_LABEL + 30, 17, shown.ends[0])
        + f'<circle class="dot" cx="{_LABEL + 128}" cy="12" r="6" fill="{STRONG}"/>'
        + words(_LABEL + 141, 17, shown.ends[1])
    )
    out = [key, grid_down(ticks, x, _TOP, bottom, tick_words(ticks, quantity))]
    if any(shown.hidden):
        out.append(hatch(f"h-{name}"))
    out += [_row(shown, place, quantity, x, name) for place in range(len(shown.names))]
    return sheet("dumbbell", bottom + 8, shown.says, out)


def _row(shown: Dumbbell, place: int, quantity: Quantity, x: Place, name: str) -> str:
    first, last = float(shown.first[place]), float(shown.last[place])
    middle = _TOP + _ROW * place + _ROW / 2
    out = [words(_LABEL, middle + 5, clipped(shown.names[place], _LABEL / LETTER), "end", f'fill="{INK}"')]
    if first == first and last == last:
        out.append(
            f'<line class="range" x1="{at(x(first))}" x2="{at(x(last))}" y1="{at(middle)}" y2="{at(middle)}" stroke="{RANGE}" stroke-width="6"/>'
        )
    if first == first:
        said = hint(f"{shown.names[place]}, {shown.ends[0]}: {quantity.short(first)}")
        out.append(
            f'<circle class="quiet" cx="{at(x(first))}" cy="{at(middle)}" r="5" fill="{PAPER}" stroke="{QUIET}" stroke-width="2">{said}</circle>'
        )
    if last == last:
        said = hint(f"{shown.names[place]}, {shown.ends[1]}: {quantity.short(last)}")
        out.append(
            f'<circle class="dot" cx="{at(x(last))}" cy="{at(middle)}" r="6" fill="{STRONG}">{said}</circle>'
        )
        out.append(words(WIDTH, middle + 5, quantity.short(last), "end", f'fill="{INK}"'))
    else:
        if shown.hidden[place]:
            out.append(hatched(f"h-{name}", WIDTH - 118, middle - 7, 30, 14))
        out.append(words(WIDTH, middle + 5, shown.missing[place], "end", 'font-size="13"'))
    return f"<g>{''.join(out)}</g>"
