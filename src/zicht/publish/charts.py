"""Pictures made of figures, as SVG text: trend with its band, sparkline, margin bar, and the strip that is the legend.

Everything drawn here also stands in a table or in words beside it. Positions are tenths of pixels of values that are
already rounded as published, so a picture says no more than the page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

import numpy as np

from zicht.publish.classes import class_of
from zicht.publish.frames import Floats
from zicht.publish.numbers import Quantity, nice_ticks, number

RAMP = 5
"""How many colours the ramp has."""
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 320, 70, 160, 26, 34
_LETTER = 7.5  # width of a letter on an axis, pixels, on the wide side
_MANY = 24  # from this many periods on, dots would hide the line
_BAR = 200
_STRIP_WIDTH, _STRIP_HEIGHT, _STRIP_BINS = 380, 84, 40

Place = Callable[[float], float]


@dataclass(frozen=True)
class Trend:
    """What a trend shows.

    Attributes:
        name: of the area.
        labels: a period each, in words.
        value: one a period, NaN where there is none.
        lower: bounds, NaN where there are none.
        upper: likewise.
        breaks: at which period (by place) another method begins, and why.
        alt: what a screen reader says.
    """

    name: str
    labels: Sequence[str]
    value: Floats
    lower: Floats
    upper: Floats
    breaks: Sequence[tuple[int, str]]
    alt: str


def shade(place: int, classes: int) -> int:
    """The colour on the ramp for class `place` of `classes`: few classes lie far apart."""
    return round(place * (RAMP - 1) / (classes - 1)) if classes > 1 else RAMP // 2


def trend_svg(trend: Trend, quantity: Quantity) -> str:
    """The development of one area as a line with its 95 % band, broken where the method changed."""
    if np.isfinite(trend.value).sum() < 2:
        return ""
    shown = np.concatenate([trend.value, trend.lower, trend.upper])
    low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
    pad = (high - low) * 0.15 or abs(high) * 0.1 or 1.0
    ticks = nice_ticks(max(0.0, low - pad) if low >= 0 else low - pad, high + pad)

    def x(place: float) -> float:
        return _LEFT + place / (len(trend.labels) - 1) * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _TOP + (1 - (value - ticks[0]) / (ticks[-1] - ticks[0])) * (_HEIGHT - _TOP - _BOTTOM)

    runs = _runs(trend.value, {place for place, _ in trend.breaks})
    return "".join(
        [
            f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" role="img"'
            f' aria-label="{escape(trend.alt)}">',
            _grid(ticks, y, quantity),
            _axis(trend.labels, x),
            *(_break(place, why, x) for place, why in trend.breaks if place > 0),
            *(_run(trend, run, x, y) for run in runs),
            _end(trend, quantity, x, y),
            "</svg>",
        ]
    )


def _runs(value: Floats, starts: set[int]) -> list[list[int]]:
    runs: list[list[int]] = [[]]
    for place, number_ in enumerate(value.tolist()):
        if place in starts or number_ != number_:
            runs.append([])
        if number_ == number_:
            runs[-1].append(place)
    return [run for run in runs if run]


def _grid(ticks: Sequence[float], y: Place, quantity: Quantity) -> str:
    decimals = max(len(f"{tick:.10f}".rstrip("0").partition(".")[2]) for tick in ticks)
    lines = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>'
        f'<text x="{_LEFT - 10}" y="{y(tick) + 5:.1f}" text-anchor="end">{number(tick, decimals, quantity.language)}{quantity.sign}</text>'
        for tick in ticks
    )
    return f'<g class="grid" aria-hidden="true">{lines}</g>'


def _axis(labels: Sequence[str], x: Place) -> str:
    widest = max(map(len, labels)) * _LETTER + 16
    every = max(1, math.ceil(len(labels) * widest / (_WIDTH - _LEFT - _RIGHT)))
    texts = "".join(
        f'<text x="{x(place):.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(label)}</text>'
        for place, label in enumerate(labels)
        if (len(labels) - 1 - place) % every == 0
    )
    return f'<g class="axis" aria-hidden="true">{texts}</g>'


def _break(place: int, why: str, x: Place) -> str:
    at = (x(place - 1) + x(place)) / 2
    return (
        f'<g class="break" aria-hidden="true"><line x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP - 8}" y2="{_HEIGHT - _BOTTOM}"/>'
        f'<text x="{at - 6:.1f}" y="{_TOP - 10}" text-anchor="middle">{escape(_clipped(why, 60))}</text></g>'
    )


def _run(trend: Trend, run: Sequence[int], x: Place, y: Place) -> str:
    out = []
    banded = [place for place in run if np.isfinite(trend.lower[place]) and np.isfinite(trend.upper[place])]
    if len(banded) > 1:
        up = [f"{x(place):.1f},{y(float(trend.upper[place])):.1f}" for place in banded]
        down = [f"{x(place):.1f},{y(float(trend.lower[place])):.1f}" for place in reversed(banded)]
        out.append(f'<polygon class="band" points="{" ".join(up + down)}"/>')
    spots = [(x(place), y(float(trend.value[place]))) for place in run]
    out.append(f'<polyline class="line" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in spots)}"/>')
    if len(trend.labels) < _MANY or len(spots) == 1:
        out += [f'<circle class="dot" cx="{a:.1f}" cy="{b:.1f}" r="4"/>' for a, b in spots]
    return "".join(out)


def _end(trend: Trend, quantity: Quantity, x: Place, y: Place) -> str:
    last = int(np.flatnonzero(np.isfinite(trend.value))[-1])
    value = float(trend.value[last])
    left = f"{x(last) + 14:.1f}"
    return (
        f'<g class="end" aria-hidden="true"><text x="{left}" y="{y(value):.1f}"><tspan class="name">{escape(_clipped(trend.name, 19))}</tspan>'
        f'<tspan x="{left}" dy="18">{quantity.short(value)}</tspan></text></g>'
    )


def _clipped(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def sparklines(value: Floats, starts: frozenset[int], width: int = 96, height: int = 28) -> list[str]:
    """A small line a column, each on its own scale; empty where fewer than two periods have a value.

    Args:
        value: shape (periods, areas), NaN where there is none.
        starts: periods (by place) at which another method begins; the line is broken before them.
        width: of a picture, pixels.
        height: likewise.
    """
    periods, areas = value.shape
    if periods < 2 or areas == 0:
        return [""] * areas
    known = np.isfinite(value)
    low = np.where(known, value, np.inf).min(axis=0)
    span = np.where(known, value, -np.inf).max(axis=0) - low
    with np.errstate(invalid="ignore"):
        share = (value - low) / np.where(span > 0, span, 1.0)
        share = np.where(span > 0, share, 0.5)
    rows = np.where(known, np.rint(3 + (1 - share) * (height - 6)), -1).astype(np.int64)
    xs = [round(4 + place / (periods - 1) * (width - 8)) for place in range(periods)]
    head = f'<svg class="spark" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true"><path d="'
    out = []
    for column in rows.T.tolist():
        line, pen, joined = [], "M", False
        for place, y in enumerate(column):
            if y < 0 or place in starts:
                pen = "M"
            if y >= 0:
                line.append(f"{pen}{xs[place]},{y}")
                joined, pen, last = joined or pen == "L", "L", (xs[place], y)
        out.append(
            f'{head}{"".join(line)}"/><circle cx="{last[0]}" cy="{last[1]}" r="2.6"/></svg>' if joined else ""
        )
    return out


@dataclass(frozen=True)
class Scale:
    """The axis that all margin bars of one indicator share: from the lowest to the highest value or bound."""

    low: float
    high: float

    @classmethod
    def over(cls, *numbers: Floats) -> Scale:
        """The scale that holds all numbers (NaN left out)."""
        shown = np.concatenate(numbers)
        shown = shown[np.isfinite(shown)]
        return cls(float(shown.min()), float(shown.max())) if shown.size else cls(0.0, 1.0)

    def at(self, numbers: Floats) -> list[int]:
        """Where numbers lie on the bar, in pixels; -1 for NaN."""
        span = (self.high - self.low) or 1.0
        with np.errstate(invalid="ignore"):
            places = np.rint(8 + (np.clip(numbers, self.low, self.high) - self.low) / span * (_BAR - 16))
        return [int(place) for place in np.where(np.isfinite(places), places, -1).tolist()]


def margin_bar(value: int, lower: int, upper: int, reference: int) -> str:
    """A dot on a track with its interval and the reference as a dashed line; places from `Scale.at`, -1 for none."""
    if value < 0:
        return ""
    interval = f'<path class="m" d="M{lower} 12H{upper}"/>' if lower >= 0 and upper >= 0 else ""
    line = f'<path class="r" d="M{reference} 2V22"/>' if reference >= 0 else ""
    return (
        f'<svg class="bar" viewBox="0 0 {_BAR} 24" preserveAspectRatio="none" aria-hidden="true"><path class="t" d="M0 12H{_BAR}"/>{interval}'
        f'<path class="p" d="M{value} 12h.01"/>{line}</svg>'
    )


def strip_svg(value: Floats, breaks: tuple[float, ...], quantity: Quantity, alt: str) -> str:
    """How the areas are spread, in the colours of the map: the legend and a histogram in one.

    Args:
        value: of all areas of the map, NaN where there is none.
        breaks: the class limits.
        quantity: how values are written.
        alt: what a screen reader says.
    """
    shown = value[np.isfinite(value)]
    if shown.size == 0:
        return ""
    low, high = min([float(shown.min()), *breaks[:1]]), max([float(shown.max()), *breaks[-1:]])
    span = (high - low) or 1.0
    base, classes = _STRIP_HEIGHT - 30, len(breaks) + 1

    def x(number_: float) -> float:
        return 6 + (number_ - low) / span * (_STRIP_WIDTH - 12)

    edges = np.linspace(low, low + span, _STRIP_BINS + 1)
    heights = np.histogram(shown, edges)[0]
    bins = class_of((edges[:-1] + edges[1:]) / 2, breaks)
    width = (_STRIP_WIDTH - 12) / _STRIP_BINS
    out = [
        f'<svg class="strip" viewBox="0 0 {_STRIP_WIDTH} {_STRIP_HEIGHT}" width="{_STRIP_WIDTH}" height="{_STRIP_HEIGHT}" role="img" aria-label="{escape(alt)}">'
    ]
    for place, count in enumerate(heights.tolist()):
        if count:
            tall = max(3.0, count / heights.max() * (base - 4))
            out.append(
                f'<rect class="k{shade(int(bins[place]), classes)}" x="{x(float(edges[place])) + 0.6:.1f}" y="{base - tall:.1f}" width="{width - 1.2:.1f}" height="{tall:.1f}"/>'
            )
    limits = [x(limit) for limit in (low, *breaks, low + span)]
    out += [
        f'<rect class="k{shade(place, classes)}" x="{left:.1f}" y="{base + 3}" width="{right - left:.1f}" height="9"/>'
        for place, (left, right) in enumerate(pairwise(limits))
    ]
    out.append(_strip_ticks(breaks, x, quantity))
    return "".join(out) + "</svg>"


def _strip_ticks(breaks: tuple[float, ...], x: Place, quantity: Quantity) -> str:
    texts, free = [], -1.0
    for limit in breaks:
        label = (
            number(limit, quantity.decimals if limit != round(limit) else 0, quantity.language)
            + quantity.sign
        )
        half = len(label) * 4.2
        at = min(max(x(limit), half), _STRIP_WIDTH - half)
        if at - half > free:  # labels that would overlap are left out; the list of classes has them all
            texts.append(f'<text x="{at:.1f}" y="{_STRIP_HEIGHT - 3}" text-anchor="middle">{label}</text>')
            free = at + half + 4
    return "".join(texts)
