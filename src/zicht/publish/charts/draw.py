"""What every drawing shares: the sheet it is drawn on, its axes, its colours and its marks.

Colours stand in the drawing as presentation attributes, so that a picture that is downloaded, or made into a PNG, looks right
by itself; the classes beside them let the style sheet of the site win, for house styles, dark and forced colours. Nothing is
coloured alone: what colour says is also said by shape or in words. Positions are tenths of pixels of numbers that are already
rounded as published, so a picture says no more than the page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeVar

from zicht.errors import ZichtError
from zicht.publish.frames import Floats
from zicht.publish.numbers import Quantity, number

WIDTH = 640
"""Of a chart on a page, in pixels of its own; the page scales it."""
FONT = "'Zicht Sans', 'Source Sans 3', 'Liberation Sans', Arial, sans-serif"
SIZE = 15
LETTER = 7.2  # width of a letter at that size, pixels, on the wide side

INK, SOFT, STRONG, GRID, AXIS, QUIET, RANGE, PAPER = (
    "#17212b", "#4a5763", "#b3380a", "#e4e8eb", "#7a8691", "#3d4d5c", "#c3cbd3", "#fff",
)  # fmt: skip
RAMP = ("#dcedc8", "#a3d5b0", "#56aeb0", "#23758f", "#1a3a6b")
"""From light to dark; readable for colour-blind people (a test holds that)."""
PARTS = ("#1a3a6b", "#c9702c", "#56aeb0", "#7a4b8a", "#8fae3a", "#a2373f", "#6e7881", "#d8b94a")
"""Colours of parts of a whole, which have no order; each part is also named."""
HATCH_GROUND, HATCH_LINE = "#fbfaf6", "#8f8775"

HALO = f'stroke="{PAPER}" stroke-width="4" paint-order="stroke"'
"""Attributes of a text that may lie over a line."""

Place = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Room:
    """How much room a chart has. A phone is no small page: the same letters need other places there.

    Attributes:
        width: of the sheet, in pixels.
        mark: added to the class and to the names of patterns, for both drawings may stand in one page.
    """

    width: float
    mark: str


WIDE, NARROW = Room(WIDTH, ""), Room(320, "narrow")
"""The room of a page, and that of a phone; the style sheet shows the drawing that fits."""


@dataclass(frozen=True, slots=True)
class Field:
    """Where on the sheet of a chart its lines and marks lie, in pixels; keys, reasons and labels stand around it.

    Attributes:
        room: of the chart.
        left, right, top, bottom: its sides.
    """

    room: Room
    left: float
    right: float
    top: float
    bottom: float


Shown = TypeVar("Shown")
Draw = Callable[[Shown, Quantity, str, Room], str]
"""How a kind of chart is drawn: what it shows, how values are written, its name, and its room; empty where there is nothing to draw."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart drawn for a page and for a phone; false where there is nothing to draw."""

    wide: str
    narrow: str

    def __bool__(self) -> bool:
        """Whether there is anything to see."""
        return bool(self.wide)

    def __str__(self) -> str:
        """Both drawings, as they stand in a page."""
        return self.wide + self.narrow


def drawn(draw: Draw[Shown], shown: Shown, quantity: Quantity, name: str) -> Drawing:
    """A chart for a page and for a phone.

    Args:
        draw: of its kind, such as `interval_svg`.
        shown: what it shows.
        quantity: how values are written.
        name: of the chart, for marks that need a name of their own in the page.
    """
    return Drawing(draw(shown, quantity, name, WIDE), draw(shown, quantity, name, NARROW))


def shade(place: int, classes: int) -> int:
    """The colour on the ramp for class `place` of `classes`: few classes lie far apart."""
    return round(place * (len(RAMP) - 1) / (classes - 1)) if classes > 1 else len(RAMP) // 2


def at(place: float) -> str:
    """A position as it is written: tenths of a pixel, without a needless zero."""
    return f"{place:.1f}".removesuffix(".0")


def sheet(kind: str, height: float, says: str, parts: Iterable[str], room: Room = WIDE) -> str:
    """A chart as SVG.

    Args:
        kind: of chart; a class that the style sheet knows.
        height: pixels.
        says: what a screen reader says in place of the picture.
        parts: SVG elements, every text in them escaped.
        room: that it has.

    Raises:
        ZichtError: nothing is said in place of the picture.
    """
    if not says.strip():
        raise ZichtError(f"A chart ({kind}) has no words for people who do not see it.")
    width, names = room.width, f"chart {kind} {room.mark}".strip()
    return (
        f'<svg class="{names}" viewBox="0 0 {at(width)} {at(height)}" width="{at(width)}" height="{at(height)}" role="img"'
        f' aria-label="{escape(says)}" font-family="{FONT}" font-size="{SIZE}" fill="{SOFT}">{"".join(parts)}</svg>'
    )


def words(x: float, y: float, text: str, anchor: str = "start", more: str = "") -> str:
    """A text at a place; `more` holds attributes such as a class."""
    side = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{at(x)}" y="{at(y)}"{side}{" " + more if more else ""}>{escape(text)}</text>'


def clipped(text: str, letters: float) -> str:
    """A text of at most so many letters; what is cut off stands in the table beside the chart."""
    longest = max(2, int(letters))
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def scale(low: float, high: float, start: float, stop: float) -> Place:
    """A function that puts a number from [low, high] between two pixels."""
    span = (high - low) or 1.0
    return lambda value: start + (value - low) / span * (stop - start)


def padded(low: float, high: float) -> tuple[float, float]:
    """A range with room around it, that does not go below zero where no number does."""
    pad = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    return (max(0.0, low - pad) if low >= 0 else low - pad), high + pad


def tick_words(ticks: Sequence[float], quantity: Quantity) -> list[str]:
    """The numbers of an axis, all with the decimals that the finest needs."""
    decimals = max(len(f"{tick:.10f}".rstrip("0").partition(".")[2]) for tick in ticks)
    return [number(tick, decimals, quantity.language) + quantity.sign for tick in ticks]


def grid_across(ticks: Sequence[float], y: Place, left: float, right: float, quantity: Quantity) -> str:
    """Horizontal lines with their numbers on the left."""
    lines = "".join(
        f'<line x1="{at(left)}" x2="{at(right)}" y1="{at(y(tick))}" y2="{at(y(tick))}"/>' for tick in ticks
    )
    numbers = "".join(
        words(left - 10, y(tick) + 5, word, "end")
        for tick, word in zip(ticks, tick_words(ticks, quantity), strict=True)
    )
    return (
        f'<g class="grid" stroke="{GRID}" aria-hidden="true">{lines}</g><g aria-hidden="true">{numbers}</g>'
    )


def numbers_room(ticks: Sequence[float], quantity: Quantity) -> float:
    """How many pixels the numbers of `grid_across` need left of its lines."""
    return max(map(len, tick_words(ticks, quantity))) * LETTER + 12


def held(centre: float, text: str, room: Room) -> float:
    """Where the middle of a text goes that belongs at `centre` and stays on the sheet."""
    half = len(text) * LETTER / 2
    return min(max(centre, half), room.width - half)


def grid_down(
    ticks: Sequence[float], x: Place, top: float, bottom: float, said: Sequence[str], room: Room = WIDE
) -> str:
    """Vertical lines with their numbers above them; numbers that would overlap are left out."""
    lines = "".join(
        f'<line x1="{at(x(tick))}" x2="{at(x(tick))}" y1="{at(top)}" y2="{at(bottom)}"/>' for tick in ticks
    )
    texts, free = [], -math.inf
    for tick, word in zip(ticks, said, strict=True):
        half, centre = len(word) * LETTER / 2, held(x(tick), word, room)
        if centre - half > free:
            texts.append(words(centre, top - 7, word, "middle"))
            free = centre + half + 4
    return f'<g class="grid" stroke="{GRID}" aria-hidden="true">{lines}</g><g aria-hidden="true">{"".join(texts)}</g>'


def dashed(x1: float, y1: float, x2: float, y2: float) -> str:
    """The dashed line of what others are compared with."""
    return (
        f'<line class="reference" x1="{at(x1)}" y1="{at(y1)}" x2="{at(x2)}" y2="{at(y2)}" stroke="{INK}" stroke-width="2"'
        f' stroke-dasharray="4 3"/>'
    )


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the parts of a row stand: its name beside its marks, or above them where there is little room.

    Attributes:
        tall: a row, pixels.
        name: where its name begins (or ends, see `anchor`), from the left.
        anchor: of the name, `start` or `end`.
        line: where names and values stand, below the top of the row.
        middle: where marks lie, below the top of the row.
        left: where marks begin.
        right: where they end.
    """

    tall: float
    name: float
    anchor: str
    line: float
    middle: float
    left: float
    right: float

    def named(self, name: str, top: float, taken: float, room: Room) -> str:
        """The name of a row, cut off where it would reach what stands at the right, over `taken` pixels."""
        space = self.name if self.anchor == "end" else room.width - taken - LETTER
        over = "" if self.anchor == "end" else f" {HALO}"
        return words(
            self.name,
            top + self.line,
            clipped(name, space / LETTER),
            self.anchor,
            f'fill="{INK}"{over}',
        )


def rows_of(room: Room, tall: float, label: float, value: float) -> Rows:
    """The places in rows of a chart.

    Args:
        room: of the chart.
        tall: a row on a page, pixels.
        label: room for names on a page; on a phone they stand above.
        value: room for values on a page, at the right.
    """
    if room is NARROW:
        return Rows(46, 0, "start", 17, 31, 8, room.width - 8)
    return Rows(tall, label, "end", tall / 2 + 5, tall / 2, label + 12, room.width - value)


def broken_line(value: Floats, starts: frozenset[int], x: Place, y: Place, pen: str) -> list[str]:
    """A line through values, broken at each period in `starts` and where there is no value; `pen` holds its attributes."""
    runs: list[list[str]] = [[]]
    for place, one in enumerate(value.tolist()):
        if place in starts or one != one:
            runs.append([])
        if one == one:
            runs[-1].append(f"{at(x(place))},{at(y(one))}")
    return [f'<polyline points="{" ".join(run)}" fill="none" {pen}/>' for run in runs if len(run) > 1]


def hatch(name: str) -> str:
    """The pattern of what is hidden, under a name of its own; `hatched` fills with it."""
    return (
        f'<defs><pattern id="{name}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect class="hatch-ground" width="7" height="7" fill="{HATCH_GROUND}"/>'
        f'<line class="hatch-line" x1="0" y1="0" x2="0" y2="7" stroke="{HATCH_LINE}" stroke-width="3"/></pattern></defs>'
    )


def hatched(name: str, x: float, y: float, width: float, height: float) -> str:
    """A rectangle of what is hidden."""
    return (
        f'<rect class="hatched" x="{at(x)}" y="{at(y)}" width="{at(width)}" height="{at(height)}" fill="url(#{name})"'
        f' stroke="{HATCH_LINE}"/>'
    )


def hint(text: str) -> str:
    """What a mark says under the pointer."""
    return f"<title>{escape(text)}</title>"
