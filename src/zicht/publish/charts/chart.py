"""A chart as it is published: never a picture alone, always with what it shows, of whom, from where, and every value in a table.

`Chart` refuses to exist without a title, a subtitle, a source, a description and a table, so a page, an embedded chart, a file and
a card cannot lack one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from zicht.errors import ZichtError
from zicht.publish.charts.draw import FONT, INK, NARROW, PAPER, SOFT, WIDTH, Drawing, at, words
from zicht.publish.frames import Floats
from zicht.publish.numbers import Quantity

KINDS = (
    "trend", "interval", "distribution", "funnel", "pyramid", "stacked", "multiples", "slope", "dumbbell", "flow",
)  # fmt: skip
"""All kinds of chart."""

Raw = float | str | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table beside a chart.

    Attributes:
        key: its name in files.
        title: its heading.
        shown: a cell each, as people read it.
        raw: a cell each, as programs read it; None where there is no value.
        numeric: whether cells stand to the right.
    """

    key: str
    title: str
    shown: tuple[str, ...]
    raw: tuple[Raw, ...]
    numeric: bool = True


def names_column(key: str, title: str, names: Sequence[str]) -> Column:
    """A column of names, which heads its rows."""
    return Column(key, title, tuple(names), tuple(names), numeric=False)


def values_column(
    key: str, title: str, values: Floats, quantity: Quantity, missing: Sequence[str] | None = None
) -> Column:
    """A column of values.

    Args:
        key: its name in files.
        title: its heading.
        values: rounded as published; NaN where there is none.
        quantity: how they are written.
        missing: what stands where there is no value, such as `verborgen`; a dash where left out.
    """
    numbers = values.tolist()
    said = missing or ["–"] * len(numbers)
    return Column(
        key,
        title,
        tuple(
            quantity.short(value) if value == value else said[place] for place, value in enumerate(numbers)
        ),
        tuple(value if value == value else None for value in numbers),
    )


def bounds_columns(
    lower: Floats, upper: Floats, quantity: Quantity, titles: tuple[str, str]
) -> tuple[Column, ...]:
    """Two columns with the bounds of the intervals; none where there is no interval at all."""
    both = [
        (low, high) if math.isfinite(low) and math.isfinite(high) else (math.nan, math.nan)
        for low, high in zip(lower.tolist(), upper.tolist(), strict=True)
    ]
    if not any(low == low for low, _ in both):
        return ()
    return tuple(
        Column(
            key,
            title,
            tuple(quantity.margin(pair[side]) if pair[side] == pair[side] else "–" for pair in both),
            tuple(pair[side] if pair[side] == pair[side] else None for pair in both),
        )
        for side, (key, title) in enumerate(zip(("lower", "upper"), titles, strict=True))
    )


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with everything that goes with it.

    Attributes:
        kind: one of `KINDS`.
        name: its name in addresses, such as `ontwikkeling` or `wijk-marges`.
        title: the finding, in at most ten words (names of areas apart).
        subtitle: unit, area and period.
        description: what a screen reader says in place of the picture.
        source: where the figures come from.
        note: how to read it.
        drawing: the picture, for a page and for a phone.
        columns: the table with every value of the picture.
    """

    kind: str
    name: str
    title: str
    subtitle: str
    description: str
    source: str
    note: str
    drawing: Drawing
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        """Refuse a chart that somebody could not read."""
        if self.kind not in KINDS:
            raise ZichtError(f"There is no chart of the kind `{self.kind}`; choose from {', '.join(KINDS)}.")
        for part in ("name", "title", "subtitle", "description", "source"):
            if not getattr(self, part).strip():
                raise ZichtError(f"The chart `{self.name or self.kind}` has no {part}.")
        for svg, mark in ((self.drawing.wide, ""), (self.drawing.narrow, f" {NARROW.mark}")):
            if not svg.strip():
                raise ZichtError(f"The chart `{self.name}` has no drawing.")
            if f'class="chart {self.kind}{mark}"' not in svg or 'role="img"' not in svg:
                raise ZichtError(f"The chart `{self.name}` has a picture without a label.")
        sizes = {len(column.shown) for column in self.columns} | {len(column.raw) for column in self.columns}
        if len(self.columns) < 2 or len(sizes) != 1 or sizes == {0}:
            raise ZichtError(f"The chart `{self.name}` has no table that holds its values.")

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The rows of the table, as people read them."""
        return list(zip(*(column.shown for column in self.columns), strict=True))


_HEAD, _LINE, _FOOT = 26, 19, 17


def standalone(chart: Chart, language: str) -> str:
    """A chart as a file of its own: title above it, source below it, readable without the page.

    Args:
        chart: the chart.
        language: of its words, for programs that read them aloud.

    Returns:
        An SVG document.
    """
    titles, unders = _lines(chart.title, 58), _lines(chart.subtitle, 88)
    sources = _lines(" ".join(part for part in (chart.note, chart.source) if part), 96)
    inner = chart.drawing.wide.partition(">")[2].rpartition("</svg>")[0]
    width, tall = _size(chart.drawing.wide)
    top = 22 + _HEAD * len(titles) + _LINE * len(unders) + 14
    height = top + tall + 12 + _FOOT * len(sources) + 12
    head = "".join(
        words(0, 26 + _HEAD * row, line, more=f'font-size="21" font-weight="600" fill="{INK}"')
        for row, line in enumerate(titles)
    )
    under = "".join(
        words(0, 20 + _HEAD * len(titles) + _LINE * row, line) for row, line in enumerate(unders, 1)
    )
    foot = "".join(
        words(0, top + tall + 12 + _FOOT * row, line, more='font-size="13"')
        for row, line in enumerate(sources, 1)
    )
    wide = max(width, WIDTH) + 40
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-20 0 {at(wide)} {at(height)}" width="{at(wide)}" height="{at(height)}"'
        f' role="img" xml:lang="{language}" font-family="{FONT}" font-size="15" fill="{SOFT}">'
        f"<title>{_escaped(chart.title)}</title><desc>{_escaped(chart.description)}</desc>"
        f'<rect x="-20" width="{at(wide)}" height="{at(height)}" fill="{PAPER}"/>{head}{under}'
        f'<g transform="translate(0 {at(top)})">{inner}</g>{foot}</svg>\n'
    )


def _escaped(text: str) -> str:
    from html import escape

    return escape(text, quote=False)


def _size(svg: str) -> tuple[float, float]:
    numbers = svg.partition('viewBox="')[2].partition('"')[0].split()
    return float(numbers[2]), float(numbers[3])


def _lines(text: str, letters: int) -> list[str]:
    from textwrap import wrap

    return wrap(text, letters)
