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
    WIDTH,
    Place,
    at,
    clipped,
    dashed,
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
from zicht.publish.frames import Floats, Small
from zicht.publish.numbers import Quantity, nice_ticks
from zicht.publish.verdicts import Verdict

_ROW, _TOP, _LABEL, _VALUE = 27, 52, 190, 78


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


def interval_svg(shown: Intervals, quantity: Quantity, name: str = "interval") -> str:
    """The picture; empty where no row has a value.

    Args:
        shown: what it shows.
        quantity: how values are written.
        name: of the chart, for marks that need a name of their own in the page.
    """
    numbers = np.concatenate([shown.value, shown.lower, shown.upper, _reference_value(shown)])
    if not np.isfinite(shown.value).any():
        return ""
    ticks = nice_ticks(*padded(float(np.nanmin(numbers)), float(np.nanmax(numbers))))
    x = scale(ticks[0], ticks[-1], _LABEL + 12, WIDTH - _VALUE)
    bottom = _TOP + _ROW * len(shown.names)
    out = [grid_down(ticks, x, _TOP, bottom, tick_words(ticks, quantity))]
    if any(shown.hidden):
        out.append(hatch(f"h-{name}"))
    if shown.reference is not None:  # under the rows, whose words stay readable
        out.append(_reference(shown.reference, quantity, x, bottom))
    out += [_row(shown, place, quantity, x, name) for place in range(len(shown.names))]
    return sheet("interval", bottom + 8, shown.says, out)


def _reference_value(shown: Intervals) -> Floats:
    return np.array([] if shown.reference is None else [shown.reference[1]], dtype=np.float64)


def _reference(reference: tuple[str, float], quantity: Quantity, x: Place, bottom: float) -> str:
    name, value = reference
    said = f"{clipped(name, 34)} {quantity.short(value)}"
    half = len(said) * LETTER / 2
    centre = min(max(x(value), half), WIDTH - half)
    return f"{dashed(x(value), _TOP - 22, x(value), bottom)}" + words(
        centre, _TOP - 30, said, "middle", f'font-weight="600" fill="{INK}"'
    )


def _row(shown: Intervals, place: int, quantity: Quantity, x: Place, name: str) -> str:
    value, lower, upper = (float(part[place]) for part in (shown.value, shown.lower, shown.upper))
    middle = _TOP + _ROW * place + _ROW / 2
    label = words(_LABEL, middle + 5, clipped(shown.names[place], _LABEL / LETTER), "end", f'fill="{INK}"')
    if value != value:
        box = hatched(f"h-{name}", _LABEL + 14, middle - 6, 40, 12)
        mark = box if shown.hidden[place] else ""
        return f"<g>{label}{mark}{words(_LABEL + (62 if mark else 14), middle + 5, shown.missing[place], more=HALO)}</g>"
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
    figure = words(
        WIDTH,
        middle + 5,
        quantity.short(value),
        "end",
        f'fill="{INK}" font-weight="{600 if differs else 400}"',
    )
    return f"<g>{label}{span}{dot}{figure}</g>"
