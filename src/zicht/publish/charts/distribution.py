"""How areas are spread: the histogram in the colours of the map, and the strip under the map that is legend and histogram in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from zicht.publish.charts.draw import (
    AXIS,
    HALO,
    INK,
    LETTER,
    RAMP,
    WIDE,
    Place,
    Room,
    at,
    clipped,
    dashed,
    held,
    hint,
    scale,
    shade,
    sheet,
    tick_words,
    words,
)
from zicht.publish.classes import class_of
from zicht.publish.frames import Floats, Ints
from zicht.publish.numbers import Quantity, nice_ticks, number

_HEIGHT, _LEFT, _TOP, _BOTTOM = 250, 16, 44, 44
_STRIP_WIDTH, _STRIP_HEIGHT, _STRIP_BINS = 380, 84, 40
_STRIP_BASE, _STRIP_BAR = _STRIP_HEIGHT - 30, (_STRIP_WIDTH - 12) / _STRIP_BINS - 1.2
_BINS = 14


@dataclass(frozen=True)
class Distribution:
    """What a histogram shows.

    Attributes:
        value: of all areas, NaN where there is none.
        breaks: class limits of the map.
        marks: names and values to point out, such as the gemeente.
        says: in place of the picture, for who does not see it.
    """

    value: Floats
    breaks: tuple[float, ...]
    marks: Sequence[tuple[str, float]]
    says: str


def bins_of(value: Floats) -> tuple[list[float], Ints]:
    """Round limits that cover all values, and how many areas lie between each two; a value on a limit belongs above it.

    Args:
        value: NaN where there is none; at least one is finite.
    """
    shown = value[np.isfinite(value)]
    edges = nice_ticks(float(shown.min()), float(shown.max()), _BINS)
    counts = np.histogram(shown, [*edges[:-1], np.nextafter(edges[-1], np.inf)])[0]
    return edges, counts.astype(np.int64)


def distribution_svg(
    shown: Distribution,
    quantity: Quantity,
    name: str = "distribution",  # noqa: ARG001 - as all kinds of drawings
    room: Room = WIDE,
) -> str:
    """The picture; empty where no area has a value.

    Args:
        shown: what it shows.
        quantity: how values are written.
        name: of the chart.
        room: that it has.
    """
    if not np.isfinite(shown.value).any():
        return ""
    edges, counts = bins_of(shown.value)
    x = scale(edges[0], edges[-1], _LEFT, room.width - _LEFT)
    base = _HEIGHT - _BOTTOM
    y = scale(0, float(counts.max()), base, _TOP + 16)
    classes = class_of((np.array(edges[:-1]) + np.array(edges[1:])) / 2, shown.breaks)
    bars = "".join(
        _bar(low, high, int(count), shade(int(place), len(shown.breaks) + 1), x, y, quantity)
        for (low, high), count, place in zip(pairwise(edges), counts.tolist(), classes.tolist(), strict=True)
        if count
    )
    axis = f'<line class="base" x1="{_LEFT}" x2="{at(room.width - _LEFT)}" y1="{base}" y2="{base}" stroke="{AXIS}"/>'
    return sheet(
        "distribution",
        _HEIGHT,
        shown.says,
        [bars, axis, _edges(edges, x, quantity, room), *_marks(shown, quantity, x, room)],
        room,
    )


def _bar(low: float, high: float, count: int, colour: int, x: Place, y: Place, quantity: Quantity) -> str:
    said = f"{quantity.short(low)} – {quantity.short(high)}: {count}"
    return (
        f'<rect class="k{colour}" x="{at(x(low) + 1)}" y="{at(y(count))}" width="{at(x(high) - x(low) - 2)}" height="{at(y(0) - y(count))}"'
        f' fill="{RAMP[colour]}" stroke="{AXIS}" stroke-width=".6">{hint(said)}</rect>'
        + words((x(low) + x(high)) / 2, y(count) - 5, str(count), "middle", f'font-size="13" {HALO}')
    )


def _edges(edges: Sequence[float], x: Place, quantity: Quantity, room: Room) -> str:
    out, free = [], -100.0
    for edge, said in zip(edges, tick_words(edges, quantity), strict=True):
        half, centre = len(said) * LETTER / 2, held(x(edge), said, room)
        if centre - half > free:
            out.append(words(centre, _HEIGHT - _BOTTOM + 20, said, "middle"))
            free = centre + half + 6
    return f'<g class="axis" aria-hidden="true">{"".join(out)}</g>'


def _marks(shown: Distribution, quantity: Quantity, x: Place, room: Room) -> list[str]:
    out = []
    for row, (name, value) in enumerate(shown.marks):
        said = f"{clipped(name, 30)} {quantity.short(value)}"
        centre = held(x(value), said, room)
        top = 16 + 18 * row
        out.append(
            dashed(x(value), top + 5, x(value), _HEIGHT - _BOTTOM)
            + words(centre, top, said, "middle", f'font-weight="600" fill="{INK}"')
        )
    return out


@dataclass(frozen=True)
class StripScale:
    """The axis of a strip, the same for all periods of a map.

    Attributes:
        low, high: its ends.
        breaks: the class limits.
    """

    low: float
    high: float
    breaks: tuple[float, ...]

    @classmethod
    def over(cls, value: Floats, breaks: tuple[float, ...]) -> StripScale | None:
        """The axis that holds all values (NaN left out) and limits; None where there is no value."""
        shown = value[np.isfinite(value)]
        if shown.size == 0:
            return None
        low, high = min([float(shown.min()), *breaks[:1]]), max([float(shown.max()), *breaks[-1:]])
        return cls(low, high if high > low else low + 1.0, breaks)

    @property
    def bars(self) -> list[tuple[float, int]]:
        """Left side in pixels and colour of each bar."""
        edges = np.linspace(self.low, self.high, _STRIP_BINS + 1)
        classes = class_of((edges[:-1] + edges[1:]) / 2, self.breaks).tolist()
        return [
            (round(float(self.x(left)) + 0.6, 1), shade(place, len(self.breaks) + 1))
            for left, place in zip(edges[:-1].tolist(), classes, strict=True)
        ]

    @property
    def x(self) -> Place:
        """Where a value lies, in pixels."""
        return scale(self.low, self.high, 6, _STRIP_WIDTH - 6)

    def settings(self) -> dict[str, object]:
        """What a script needs to draw the bars of another period."""
        return {
            "low": self.low,
            "high": self.high,
            "bars": self.bars,
            "wide": _STRIP_BAR,
            "base": _STRIP_BASE,
        }


def strip_svg(value: Floats, axis: StripScale, quantity: Quantity, says: str) -> str:
    """How the areas are spread, in the colours of the map: the legend and a histogram in one.

    Args:
        value: of all areas of the map in one period, NaN where there is none.
        axis: of all periods.
        quantity: how values are written.
        says: in place of the picture, for who does not see it.
    """
    shown = value[np.isfinite(value)]
    heights = np.histogram(shown, np.linspace(axis.low, axis.high, _STRIP_BINS + 1))[0]
    most, bars = max(int(heights.max()), 1), []
    for (left, colour), count in zip(axis.bars, heights.tolist(), strict=True):
        if count:
            tall = max(3.0, count / most * (_STRIP_BASE - 4))
            bars.append(
                f'<rect class="k{colour}" x="{left:.1f}" y="{_STRIP_BASE - tall:.1f}" width="{_STRIP_BAR:.1f}" height="{tall:.1f}"/>'
            )
    x, breaks, classes = axis.x, axis.breaks, len(axis.breaks) + 1
    out = [f'<g class="bars">{"".join(bars)}</g>']
    limits = [x(limit) for limit in (axis.low, *breaks, axis.high)]
    out += [
        f'<rect class="k{shade(place, classes)}" x="{left:.1f}" y="{_STRIP_BASE + 3}" width="{right - left:.1f}" height="9"/>'
        for place, (left, right) in enumerate(pairwise(limits))
    ]
    out.append(_strip_ticks(breaks, x, quantity))
    return sheet("strip", _STRIP_HEIGHT, says, out, Room(_STRIP_WIDTH, "")).replace(
        'class="chart strip"', 'class="strip"'
    )


def _strip_ticks(breaks: tuple[float, ...], x: Place, quantity: Quantity) -> str:
    texts, free = [], -1.0
    for limit in breaks:
        label = (
            number(limit, quantity.decimals if limit != round(limit) else 0, quantity.language)
            + quantity.sign
        )
        half = len(label) * 4.2
        centre = min(max(x(limit), half), _STRIP_WIDTH - half)
        if centre - half > free:  # labels that would overlap are left out; the list of classes has them all
            texts.append(
                f'<text x="{centre:.1f}" y="{_STRIP_HEIGHT - 3}" text-anchor="middle">{label}</text>'
            )
            free = centre + half + 4
    return "".join(texts)
