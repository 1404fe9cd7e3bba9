"""Pictures the size of a word: a line beside a row of a table, and a bar with a dot, its margin and what it is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from zicht.publish.frames import Floats

_BAR = 200


def sparklines(
    value: Floats,
    starts: frozenset[int],
    apart: Mapping[int, frozenset[int]] | None = None,
    width: int = 96,
    height: int = 28,
) -> list[str]:
    """A small line a column, each on its own scale; empty where fewer than two periods have a value.

    Args:
        value: shape (periods, areas), NaN where there is none.
        starts: periods (by place) at which another method begins; the line is broken before them.
        apart: by column, of those that are broken elsewhere, all periods at which they are.
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
    for number, column in enumerate(rows.T.tolist()):
        breaks = (apart or {}).get(number, starts)
        line, pen, joined = [], "M", False
        for place, y in enumerate(column):
            if y < 0 or place in breaks:
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
