"""A funnel plot: areas by size, with the limits within which chance alone would leave them.

The limits are those of Spiegelhalter (2005, *Funnel plots for comparing institutional performance*, Statistics in Medicine 24):
exact binomial ones for a share, exact Poisson ones for a rate, interpolated between whole numbers so that they run smoothly. The
narrow pair holds 95 % of areas that do not differ, the wide pair 99.8 %.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, pdtr

from zicht.publish.charts.draw import (
    AXIS,
    HALO,
    INK,
    LETTER,
    PAPER,
    QUIET,
    STRONG,
    WIDE,
    Field,
    Place,
    Room,
    at,
    clipped,
    dashed,
    grid_across,
    held,
    hint,
    numbers_room,
    padded,
    scale,
    sheet,
    words,
)
from zicht.publish.frames import Floats, Small
from zicht.publish.numbers import Quantity, nice_ticks, number
from zicht.publish.verdicts import Verdict

LEVELS = ((0.95, "5 4"), (0.998, "2 4"))
"""Share of areas within each pair of limits, and how its line is dashed."""
_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 330, 66, 70, 14, 52
_HEAD = 18  # above the lines, where the centre is named there and not beside them
_STEPS = 60

Cumulative = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Funnel:
    """What a funnel plot shows.

    Attributes:
        names: of the areas.
        size: how many units each has, as published; NaN where that is not known.
        value: of each, NaN where there is none.
        verdict: a `Verdict` each.
        centre: name and value of what the areas are held against.
        per: 100 for a percentage, 1000 for a rate per thousand.
        share: whether units either have the trait or not (binomial), or events happen to them (Poisson).
        across: what the size is of, such as `inwoners`.
        says: in place of the picture, for who does not see it.
        spread: how many times as far from the centre as by chance alone the limits lie.
    """

    names: Sequence[str]
    size: Floats
    value: Floats
    verdict: Small
    centre: tuple[str, float]
    per: float
    share: bool
    across: str
    says: str
    spread: float = 1.0


def limits(size: Floats, centre: float, per: float, share: bool, within: float) -> tuple[Floats, Floats]:
    """The limits around a value within which chance leaves an area of a certain size.

    Args:
        size: numbers of units, at least 1 each.
        centre: the value that all would have, in the unit that is published.
        per: 100 for a percentage, 1000 for a rate per thousand.
        share: binomial where true, else Poisson.
        within: how large a part of areas lies between the limits, such as 0.95.

    Returns:
        Lower and upper limit, in the unit that is published.
    """
    chance = centre / per
    whole = np.rint(size).astype(np.int64)
    expected: Floats = whole.astype(np.float64) * chance

    def cumulative(count: Floats) -> Floats:
        below = (
            bdtr(np.clip(count, 0, whole), whole, chance) if share else pdtr(np.maximum(count, 0), expected)
        )
        bounded: Floats = np.where(count < 0, 0.0, below)
        return bounded

    tail = (1 - within) / 2
    lower, upper = (_quantile(part, cumulative, expected) / whole * per for part in (tail, 1 - tail))
    return lower, upper


def _quantile(part: float, cumulative: Cumulative, expected: Floats) -> Floats:
    """The number below which lies `part` of chance, interpolated between whole numbers; found by halving."""
    low = np.full(expected.size, -1.0)
    high = np.ceil(expected + 12 * np.sqrt(expected + 1) + 12)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        enough = cumulative(middle) > part
        high, low = np.where(enough, middle, high), np.where(enough, low, middle)
    above, below = cumulative(high), cumulative(high - 1)
    step = np.where(above > below, (above - part) / np.where(above > below, above - below, 1.0), 0.0)
    found: Floats = np.clip(high - step, 0.0, None)
    return found


def _field(room: Room, ticks: Sequence[float], quantity: Quantity) -> Field:
    left = numbers_room(ticks, quantity)
    if room is WIDE:
        return Field(room, max(left, _LEFT), room.width - _RIGHT, _TOP, _HEIGHT - _BOTTOM)
    return Field(room, left, room.width - 8, _TOP + _HEAD, _HEIGHT - _BOTTOM)


def funnel_svg(shown: Funnel, quantity: Quantity, name: str = "funnel", room: Room = WIDE) -> str:  # noqa: ARG001 - as all kinds of drawings
    """The picture; empty where fewer than two areas have both a value and a size.

    Args:
        shown: what it shows.
        quantity: how values are written.
        name: of the chart.
        room: that it has.
    """
    known = np.isfinite(shown.value) & np.isfinite(shown.size) & (shown.size >= 1)
    if known.sum() < 2 or shown.centre[1] <= 0:
        return ""
    largest = float(shown.size[known].max())
    grid = np.unique(
        np.rint(np.geomspace(max(1.0, float(shown.size[known].min()) * 0.9), largest * 1.04, _STEPS))
    )
    curves = [(dash, _limits(shown, grid, within)) for within, dash in LEVELS]
    ticks = _ticks(shown, shown.value[known], curves[-1][1])
    on = _field(room, ticks, quantity)
    x = scale(0, largest * 1.04, on.left, on.right)
    y = scale(ticks[0], ticks[-1], on.bottom, on.top)
    out = [
        grid_across(ticks, y, on.left, on.right, quantity),
        _sizes(largest * 1.04, shown.across, x, quantity, on),
    ]
    for (dash, sides), (within, _) in zip(curves, LEVELS, strict=True):
        inside = [side <= ticks[-1] for side in sides]
        out += [_curve(grid[in_], side[in_], dash, x, y) for side, in_ in zip(sides, inside, strict=True)]
        out.append(_level(grid[inside[1]], sides[1][inside[1]], within, x, y, quantity))
    out.append(_centre(shown.centre, quantity, y, on))
    out += [_dot(shown, int(place), quantity, x, y) for place in np.flatnonzero(known)]
    return sheet("funnel", _HEIGHT, shown.says, out, room)


def _ticks(shown: Funnel, value: Floats, wide: tuple[Floats, Floats]) -> list[float]:
    """Ticks that hold all values, and the limits but for areas so small that these would press all others together."""
    low, high = wide
    most = high.size // 2 if shown.spread > 1 else 0
    top = max(float(value.max()), float(high[most]))
    first, last = padded(min(float(value.min()), float(low.min())), top)
    return nice_ticks(first, min(last, 100.0) if shown.share else last)


def _limits(shown: Funnel, size: Floats, within: float) -> tuple[Floats, Floats]:
    """The limits as they are drawn: as far from the centre as `spread` says, and never below zero."""
    centre = shown.centre[1]
    low, high = (
        np.maximum(centre + shown.spread * (side - centre), 0.0)
        for side in limits(size, centre, shown.per, shown.share, within)
    )
    return low, high


def _sizes(largest: float, across: str, x: Place, quantity: Quantity, on: Field) -> str:
    ticks = [tick for tick in nice_ticks(0, largest, 5) if tick <= largest]
    texts, free = [], -1.0
    for tick in ticks:
        said = number(tick, 0, quantity.language)
        half, centre = len(said) * LETTER / 2, held(x(tick), said, on.room)
        if centre - half > free:
            texts.append(words(centre, on.bottom + 20, said, "middle"))
            free = centre + half + 6
    named = words((on.right + on.left) / 2, _HEIGHT - 8, across, "middle")
    return f'<g class="axis" aria-hidden="true">{"".join(texts)}{named}</g>'


def _curve(grid: Floats, side: Floats, dash: str, x: Place, y: Place) -> str:
    spots = " ".join(f"{at(x(a))},{at(y(b))}" for a, b in zip(grid.tolist(), side.tolist(), strict=True))
    return f'<polyline class="limit" points="{spots}" fill="none" stroke="{AXIS}" stroke-width="1.4" stroke-dasharray="{dash}"/>'


def _level(grid: Floats, upper: Floats, within: float, x: Place, y: Place, quantity: Quantity) -> str:
    said = f"{number(within * 100, 1 if within > 0.99 else 0, quantity.language)}%"
    return words(x(float(grid[0])) + 4, y(float(upper[0])) - 6, said, more=f'font-size="13" {HALO}')


def _centre(centre: tuple[str, float], quantity: Quantity, y: Place, on: Field) -> str:
    """The dashed line of what areas are held against, its value beside it, or above all where there is no room beside."""
    line, bold = dashed(on.left, y(centre[1]), on.right, y(centre[1])), f'font-weight="600" fill="{INK}"'
    said = quantity.short(centre[1])
    if on.room is WIDE:
        return line + words(on.right + 6, y(centre[1]) + 5, said, more=bold)
    return dashed(0, 10, 24, 10) + words(32, 15, f"{clipped(centre[0], 28)} {said}", more=bold) + line


def _dot(shown: Funnel, place: int, quantity: Quantity, x: Place, y: Place) -> str:
    differs = shown.verdict[place] in (Verdict.HIGHER, Verdict.LOWER)
    colour = STRONG if differs else QUIET
    value, size = float(shown.value[place]), float(shown.size[place])
    said = (
        f"{shown.names[place]}: {quantity.short(value)}, {number(size, 0, quantity.language)} {shown.across}"
    )
    return (
        f'<circle class="{"dot" if differs else "quiet"}" cx="{at(x(size))}" cy="{at(y(value))}" r="5" fill="{colour if differs else PAPER}"'
        f' stroke="{colour}" stroke-width="1.8">{hint(said)}</circle>'
    )
