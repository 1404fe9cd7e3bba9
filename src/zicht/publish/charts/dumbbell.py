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
    WIDE,
    Place,
    Room,
    Rows,
    at,
    grid_down,
    hatch,
    hatched,
    hint,
    padded,
    rows_of,
    scale,
    sheet,
    tick_words,
    words,
)
from zicht.publish.frames import Floats
from zicht.publish.numbers import Quantity, nice_ticks

_TOP, _ROW, _VALUE, _HATCHED = 58, 34, 78, 118


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
        label: room for names on a page, in pixels.
    """

    names: Sequence[str]
    ends: tuple[str, str]
    first: Floats
    last: Floats
    missing: Sequence[str]
    hidden: Sequence[bool]
    says: str
    label: float = 190


def dumbbell_svg(shown: Dumbbell, quantity: Quantity, name: str = "dumbbell", room: Room = WIDE) -> str:
    """The picture; empty where no group has both values.

    Args:
        shown: what it shows.
        quantity: how values are written.
        name: of the chart, for marks that need a name of their own in the page.
        room: that it has.
    """
    if not (np.isfinite(shown.first) & np.isfinite(shown.last)).any():
        return ""
    numbers = np.concatenate([shown.first, shown.last])
    rows = rows_of(room, _ROW, shown.label, _VALUE)
    ticks = nice_ticks(*padded(float(np.nanmin(numbers)), float(np.nanmax(numbers))))
    x = scale(ticks[0], ticks[-1], rows.left, rows.right)
    bottom = _TOP + rows.tall * len(shown.names)
    pattern = f"h-{name}{room.mark}"
    out = [_key(shown.ends, rows.left + 6)]
    out.append(grid_down(ticks, x, _TOP, bottom, tick_words(ticks, quantity), room))
    if any(shown.hidden):
        out.append(hatch(pattern))
    out += [
        f"<g>{_row(shown, place, quantity, x, rows, pattern, room)}</g>" for place in range(len(shown.names))
    ]
    return sheet("dumbbell", bottom + 8, shown.says, out, room)


def _key(ends: tuple[str, str], left: float) -> str:
    second = left + 30 + len(ends[0]) * LETTER + 18
    return (
        f'<circle class="quiet" cx="{at(left)}" cy="12" r="5" fill="{PAPER}" stroke="{QUIET}" stroke-width="2"/>'
        + words(left + 12, 17, ends[0])
        + f'<circle class="dot" cx="{at(second)}" cy="12" r="6" fill="{STRONG}"/>'
        + words(second + 13, 17, ends[1])
    )


def _row(
    shown: Dumbbell, place: int, quantity: Quantity, x: Place, rows: Rows, pattern: str, room: Room
) -> str:
    first, last = float(shown.first[place]), float(shown.last[place])
    top = _TOP + rows.tall * place
    middle = top + rows.middle
    said = quantity.short(last) if last == last else shown.missing[place]
    taken = _HATCHED if last != last and shown.hidden[place] else len(said) * LETTER
    out = [rows.named(shown.names[place], top, taken, room)]
    if first == first and last == last:
        out.append(
            f'<line class="range" x1="{at(x(first))}" x2="{at(x(last))}" y1="{at(middle)}" y2="{at(middle)}" stroke="{RANGE}" stroke-width="6"/>'
        )
    if first == first:
        told = hint(f"{shown.names[place]}, {shown.ends[0]}: {quantity.short(first)}")
        out.append(
            f'<circle class="quiet" cx="{at(x(first))}" cy="{at(middle)}" r="5" fill="{PAPER}" stroke="{QUIET}" stroke-width="2">{told}</circle>'
        )
    if last == last:
        told = hint(f"{shown.names[place]}, {shown.ends[1]}: {said}")
        out.append(
            f'<circle class="dot" cx="{at(x(last))}" cy="{at(middle)}" r="6" fill="{STRONG}">{told}</circle>'
        )
        out.append(words(room.width, top + rows.line, said, "end", f'fill="{INK}"'))
    else:
        if shown.hidden[place]:
            out.append(hatched(pattern, room.width - _HATCHED, top + rows.line - 12, 30, 14))
        out.append(words(room.width, top + rows.line, said, "end", 'font-size="13"'))
    return "".join(out)
