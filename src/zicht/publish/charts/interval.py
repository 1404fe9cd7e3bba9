"""Areas or groups beside one another, each with the interval in which the real value probably lies, and what they are held against.

Rows stand in the order in which they are given, that of their names: there is no ranking. A full dot differs clearly, an open one
does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zicht.publish.charts.draw import (
    HALO,
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
    clipped,
    dashed,
    grid_down,
    hatch,
    hatched,
    held,
    hint,
    padded,
    rows_of,
    scale,
    sheet,
    tick_words,
    words,
)
from zicht.publish.frames import Floats, Small
from zicht.publish.numbers import Quantity, nice_ticks
from zicht.publish.verdicts import Verdict

_TOP, _ROWS = 52, (27, 190, 78)


@dataclass(frozen=True)
class Intervals:
    """What an interval plot shows.

    Attributes:
        names: of the rows.
        value: a row each, NaN where there is none.
        lower: bounds, NaN where there are none.
        upper: likewise.
        verdict: a `Verdict` each.
        missing: what is said of a row without a value, such as `verborgen`.
        hidden: per row, whether it is hidden for privacy.
        reference: name and value of what the rows are held against, or None.
        says: in place of the picture, for who does not see it.
    """

    names: Sequence[str]
    value: Floats
    lower: Floats
    upper: Floats
    verdict: Small
    missing: Sequence[str]
    hidden: Sequence[bool]
    reference: tuple[str, float] | None
    says: str


def interval_svg(shown: Intervals, quantity: Quantity, name: str = "interval", room: Room = WIDE) -> str:
    """The picture; empty where no row has a value.

    Args:
        shown: what it shows.
        quantity: how values are written.
        name: of the chart, for marks that need a name of their own in the page.
        room: that it has.
    """
    numbers = np.concatenate([shown.value, shown.lower, shown.upper, _reference_value(shown)])
    if not np.isfinite(shown.value).any():
        return ""
    rows = rows_of(room, *_ROWS)
    ticks = nice_ticks(*padded(float(np.nanmin(numbers)), float(np.nanmax(numbers))))
    x = scale(ticks[0], ticks[-1], rows.left, rows.right)
    bottom = _TOP + rows.tall * len(shown.names)
    pattern = f"h-{name}{room.mark}"
    out = [grid_down(ticks, x, _TOP, bottom, tick_words(ticks, quantity), room)]
    if any(shown.hidden):
        out.append(hatch(pattern))
    if shown.reference is not None:  # under the rows, whose words stay readable
        out.append(_reference(shown.reference, quantity, x, bottom, room))
    out += [
        f"<g>{_row(shown, place, quantity, x, rows, pattern, room)}</g>" for place in range(len(shown.names))
    ]
    return sheet("interval", bottom + 8, shown.says, out, room)


def _reference_value(shown: Intervals) -> Floats:
    return np.array([] if shown.reference is None else [shown.reference[1]], dtype=np.float64)


def _reference(reference: tuple[str, float], quantity: Quantity, x: Place, bottom: float, room: Room) -> str:
    name, value = reference
    said = f"{clipped(name, 34)} {quantity.short(value)}"
    return f"{dashed(x(value), _TOP - 22, x(value), bottom)}" + words(
        held(x(value), said, room), _TOP - 30, said, "middle", f'font-weight="600" fill="{INK}"'
    )


def _row(
    shown: Intervals, place: int, quantity: Quantity, x: Place, rows: Rows, pattern: str, room: Room
) -> str:
    value, lower, upper = (float(part[place]) for part in (shown.value, shown.lower, shown.upper))
    top = _TOP + rows.tall * place
    middle = top + rows.middle
    if value != value:
        box = hatched(pattern, rows.left + 2, middle - 6, 40, 12) if shown.hidden[place] else ""
        missing = words(rows.left + (50 if box else 2), middle + 5, shown.missing[place], more=HALO)
        return rows.named(shown.names[place], top, 0, room) + box + missing
    differs = shown.verdict[place] in (Verdict.HIGHER, Verdict.LOWER)
    colour = STRONG if differs else QUIET
    span = ""
    said = f"{shown.names[place]}: {quantity.short(value)}"
    if np.isfinite(lower) and np.isfinite(upper):
        span = (
            f'<line class="range{" strong" if differs else ""}" x1="{at(x(lower))}" x2="{at(x(upper))}" y1="{at(middle)}" y2="{at(middle)}"'
            f' stroke="{STRONG if differs else RANGE}" stroke-opacity="{0.35 if differs else 1}" stroke-width="8"/>'
        )
        said += f" ({quantity.margin(lower)} – {quantity.margin(upper)})"
    fill = colour if differs or not span else PAPER
    dot = (
        f'<circle class="{"dot" if differs else "quiet"}" cx="{at(x(value))}" cy="{at(middle)}" r="5" fill="{fill}" stroke="{colour}"'
        f' stroke-width="2">{hint(said)}</circle>'
    )
    number = quantity.short(value)
    figure = words(
        room.width, top + rows.line, number, "end", f'fill="{INK}" font-weight="{600 if differs else 400}"'
    )
    return rows.named(shown.names[place], top, len(number) * LETTER, room) + span + dot + figure
