"""The picture that a page shows when somebody shares it: the question, the figure that answers it, and the map.

1200 x 630 pixels, the size that others expect. A hidden area is hatched here as on the map, and the map has no words.
"""

from __future__ import annotations

from html import escape
from textwrap import wrap

import numpy as np

from zicht.publish.catalogue import Indicator
from zicht.publish.charts import RAMP
from zicht.publish.edition import Edition, Latest
from zicht.publish.periods import period_words
from zicht.publish.pictures import Picture
from zicht.publish.shapes import view_box
from zicht.publish.texts import Texts

SIZE = (1200, 630)
_MOST_SHAPES = 1500
"""A map of more areas would weigh more than it says at this size."""
_MOST_PRINT = 130
_PAPER, _INK, _SOFT, _BRAND, _LINE = "#ffffff", "#17212b", "#4a5763", "#0b263d", "#d8dde2"
_PAINT = {
    **{f"k{place}": colour for place, colour in enumerate(RAMP)},
    "hidden": "url(#h)",
    "none": "#fdfdfb",
}


def card_picture(edition: Edition, texts: Texts, indicator: Indicator) -> Picture:
    """The card of an indicator as a picture.

    Args:
        edition: the release.
        texts: of the language.
        indicator: of the release.
    """
    return Picture(card_svg(edition, texts, indicator))


def card_svg(edition: Edition, texts: Texts, indicator: Indicator) -> str:
    """The card of an indicator as a drawing.

    Args:
        edition: the release.
        texts: of the language.
        indicator: of the release.
    """
    width, height = SIZE
    drawn = _map(edition, indicator)
    question = wrap(texts.pick(indicator.question or indicator.title), 22 if drawn else 44)[:4]
    parts = [
        f'<rect width="{width}" height="{height}" fill="{_PAPER}"/><rect width="{width}" height="14" fill="{_BRAND}"/>',
        drawn,
        *(
            f'<text x="64" y="{118 + 62 * row}" font-family="Zicht Serif" font-size="52" font-weight="600" fill="{_INK}">{escape(line)}</text>'
            for row, line in enumerate(question)
        ),
        *_answer(edition, texts, indicator, 118 + 62 * len(question)),
        f'<line x1="64" x2="{width - 64}" y1="540" y2="540" stroke="{_LINE}" stroke-width="2"/>',
        f'<text x="64" y="576" font-size="26" font-weight="600" fill="{_BRAND}">{escape(texts.pick(edition.catalogue.title))}</text>',
        f'<text x="64" y="606" font-size="18" fill="{_SOFT}">{escape(_small_print(edition, texts, indicator))}</text>',
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' font-family="Zicht Sans">{"".join(parts)}</svg>\n'
    )


def _answer(edition: Edition, texts: Texts, indicator: Indicator, top: int) -> list[str]:
    """The figure of the area that all others lie in; nothing where it has none."""
    place, figures = edition.areas.top, edition.figures(indicator)
    if place is None or edition.areas.level_of[place] not in figures.latest:
        return []
    period = figures.latest[edition.areas.level_of[place]]
    value = float(figures.value[period, place])
    if value != value:
        return []
    quantity = edition.quantity(indicator, texts)
    under = f"{edition.areas.names[place]}, {period_words(texts, indicator, figures.periods[period])}"
    lines = [*wrap(quantity.rest, 38)[:2], under]
    big = max(top + 62, 330)
    return [
        f'<text x="60" y="{big}" font-size="104" font-weight="600" fill="{_INK}">{escape(quantity.short(value))}</text>',
        *(
            f'<text x="64" y="{big + 46 + 34 * row}" font-size="28" fill="{_SOFT}">{escape(line)}</text>'
            for row, line in enumerate(lines)
        ),
    ]


def _small_print(edition: Edition, texts: Texts, indicator: Indicator) -> str:
    """What a map of a phenomenon is no proof of, else the notice of the project; a shared picture travels without its page."""
    said = texts("phenomenon.map") if indicator.phenomenon else texts.pick(edition.catalogue.notice)
    return said if len(said) <= _MOST_PRINT else said[: _MOST_PRINT - 1] + "…"


def _map(edition: Edition, indicator: Indicator) -> str:
    """The map of the first level at the right of the card; empty where there is none to draw."""
    level = edition.first_level(indicator)
    latest = edition.latest(indicator, level)
    shapes = edition.shapes(level) if latest is not None and latest.members.size <= _MOST_SHAPES else None
    if latest is None or shapes is None or edition.adds_up(indicator) or not np.isfinite(latest.value).any():
        return ""
    codes = [edition.areas.codes[place] for place in latest.members.tolist()]
    box = shapes.extent(codes)
    if box is None:
        return ""
    hatch = _hatch(max(box[2] - box[0], box[3] - box[1]) / 50)
    paths = "".join(
        f'<path d="{shapes.paths[code]}" fill="{_PAINT[paint]}"/>'
        for code, paint in zip(codes, _paints(edition, indicator, level, latest), strict=True)
        if code in shapes.paths
    )
    stroke = max(box[2] - box[0], box[3] - box[1]) / 500
    # What lies outside is not cut off: nothing does, and cutting costs a sixth of the time of drawing.
    return (
        f'<svg x="640" y="50" width="520" height="480" viewBox="{view_box(box)}" overflow="visible">{hatch}'
        f'<g stroke="#ffffff" stroke-width="{stroke:.2f}">{paths}</g></svg>'
    )


def _paints(edition: Edition, indicator: Indicator, level: str, latest: Latest) -> list[str]:
    return edition.paints(latest, edition.breaks(indicator, level))


def _hatch(cell: float) -> str:
    """The pattern of what is hidden: slanted lines in a square tile, which costs a third less to draw than a turned pattern."""
    part = cell * 0.28
    lines = f"M0 {cell:.1f}L{cell:.1f} 0M{-part:.1f} {part:.1f}L{part:.1f} {-part:.1f}M{cell - part:.1f} {cell + part:.1f}L{cell + part:.1f} {cell - part:.1f}"
    return (
        f'<defs><pattern id="h" patternUnits="userSpaceOnUse" width="{cell:.1f}" height="{cell:.1f}"><rect width="{cell:.1f}" height="{cell:.1f}"'
        f' fill="#fbfaf6"/><path d="{lines}" stroke="#8f8775" stroke-width="{part:.1f}"/></pattern></defs>'
    )
