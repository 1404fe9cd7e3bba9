"""Small maps of all periods side by side: one picture file a level, in the classes of its map, and a table with the same figures.

The shapes stand in the file once; every period uses them in its own colours and is a view of it (`#2024`), so that a page shows each
period where it wants and the browser fetches one file. The file has no words: all languages share it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from zicht.declare import Palette
from zicht.publish.catalogue import Indicator
from zicht.publish.edition import Edition, Latest
from zicht.publish.look import Look
from zicht.publish.mapdata import circles_of
from zicht.publish.maps import Circles
from zicht.publish.render import safe
from zicht.publish.shapes import Shapes, view_box
from zicht.publish.tables import rows_shown, status_words
from zicht.publish.texts import Texts

MOST_PERIODS = 12
"""Of a longer series, the latest so many."""
_MOST_SHAPES = 6_000
"""Shapes in a picture, all periods together; of more, the script draws the maps when a reader asks."""


@dataclass(frozen=True)
class Years:
    """The periods of a level that are shown side by side.

    Attributes:
        path: of the picture, in the site.
        periods: ISO 8601, oldest first.
        moments: the figures of each.
        width, height: of the map of a period, in cells of the picture.
    """

    path: str
    periods: Sequence[str]
    moments: Sequence[Latest]
    width: int
    height: int


def years_of(edition: Edition, indicator: Indicator, level: str) -> Years | None:
    """Which periods of a level stand side by side.

    Args:
        edition: the release.
        indicator: of it.
        level: likewise.

    Returns:
        None for a level without shapes, with one area or one period only, and with too many shapes for a picture.
    """
    shapes, members = edition.shapes(level), edition.areas.members[level]
    figures = edition.figures(indicator)
    known = np.flatnonzero(np.isfinite(figures.value[:, members]).any(axis=1)).tolist()[-MOST_PERIODS:]
    box = (
        None if shapes is None else shapes.extent([edition.areas.codes[place] for place in members.tolist()])
    )
    if box is None or members.size < 2 or len(known) < 2 or members.size * len(known) > _MOST_SHAPES:
        return None
    moments = [edition.moment(indicator, level, period) for period in known]
    _, _, width, height = (int(part) for part in view_box(box).split())
    path = f"grafiek/{indicator.id}/{level}-periodes.svg"
    return Years(path, [figures.periods[period] for period in known], moments, width, height)


def years_svg(edition: Edition, indicator: Indicator, level: str, years: Years) -> bytes:
    """The picture of all periods, one beside the other.

    Args:
        edition: the release.
        indicator: of it.
        level: likewise.
        years: see `years_of`; of the same level.
    """
    shapes = edition.shapes(level)
    if shapes is None:
        raise ValueError(f"{level} has no shapes")
    codes = [edition.areas.codes[place] for place in years.moments[0].members.tolist()]
    west, north = (int(part) for part in view_box(shapes.extent(codes) or (0, 0, 1, 1)).split()[:2])
    look = edition.catalogue.look
    palette = look.style.dark if look.scheme == "dark" else look.style.light
    parts = [
        f'<view id="p{period}" viewBox="{at * years.width} 0 {years.width} {years.height}"/>'
        f'<g transform="translate({at * years.width - west} {-north})">{"".join(_period(edition, indicator, level, moment, codes, shapes, palette))}</g>'
        for at, (period, moment) in enumerate(zip(years.periods, years.moments, strict=True))
    ]
    paths = "".join(
        f'<path id="a{place}" d="{shapes.paths[code]}"/>'
        for place, code in enumerate(codes)
        if code in shapes.paths
    )
    wide = years.width * len(years.periods)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {years.height}">{_other_ground(look)}'
        f"<defs>{_hatch(years.width / 40, palette)}{paths}</defs>"
        f'<g stroke="{palette.border}" class="border" stroke-width="{max(1, round(years.width / 400))}">{"".join(parts)}</g></svg>\n'
    ).encode()


def _period(
    edition: Edition,
    indicator: Indicator,
    level: str,
    moment: Latest,
    codes: Sequence[str],
    shapes: Shapes,
    palette: Palette,
) -> Iterator[str]:
    """The areas of one period, those of a class together, and circles for numbers that add up."""
    circles = circles_of(edition, indicator, level)
    paints = edition.paints(moment, edition.breaks(indicator, level))
    if circles is not None:
        paints = [paint if paint in ("hidden", "none") else "land" for paint in paints]
    colours = _colours(palette)
    for paint in sorted(set(paints)):
        uses = "".join(
            f'<use href="#a{place}"/>'
            for place, (one, code) in enumerate(zip(paints, codes, strict=True))
            if one == paint and code in shapes.paths
        )
        yield f'<g class="{paint}" fill="{colours[paint]}">{uses}</g>'
    if circles is not None:
        yield _rounds(circles, codes, moment, palette)


def _rounds(circles: Circles, codes: Sequence[str], moment: Latest, palette: Palette) -> str:
    drawn = sorted(
        ((circles.radius_of(value), circles.points[code]) for code, value in zip(codes, moment.value.tolist(), strict=True) if code in circles.points),
        reverse=True,
    )  # fmt: skip
    rounds = "".join(
        f'<circle cx="{x}" cy="{y}" r="{radius:.1f}"/>' for radius, (x, y) in drawn if radius > 0
    )
    return f'<g class="circle" fill="{palette.circle}" fill-opacity=".75">{rounds}</g>'


def _colours(palette: Palette) -> dict[str, str]:
    ramp = {f"k{place}": str(colour) for place, colour in enumerate(palette.ramp)}
    return {**ramp, "hidden": "url(#h)", "none": str(palette.none), "land": str(palette.land)}


def _hatch(cell: float, palette: Palette) -> str:
    """The pattern of what is hidden."""
    return (
        f'<pattern id="h" patternUnits="userSpaceOnUse" width="{cell:.1f}" height="{cell:.1f}" patternTransform="rotate(45)">'
        f'<rect class="hatch" width="{cell:.1f}" height="{cell:.1f}" fill="{palette.hatch}"/>'
        f'<path class="line" d="M0 0V{cell:.1f}" stroke="{palette.hatch_line}" stroke-width="{cell * 0.4:.1f}"/></pattern>'
    )


def _other_ground(look: Look) -> str:
    """The colours on a dark ground, where the reader's device may ask for it; they go before those of the shapes."""
    if look.scheme != "auto":
        return ""
    dark = look.style.dark
    colours = {name: colour for name, colour in _colours(dark).items() if name != "hidden"}
    rules = [
        f".{name}{{fill:{colour}}}"
        for name, colour in {**colours, "circle": dark.circle, "hatch": dark.hatch}.items()
    ]
    rules += [f".line{{stroke:{dark.hatch_line}}}", f".border{{stroke:{dark.border}}}"]
    return f"<style>@media (prefers-color-scheme:dark){{{''.join(rules)}}}</style>"


def years_shown(edition: Edition, texts: Texts, indicator: Indicator, years: Years) -> dict[str, object]:
    """The periods of a level as the template of the map reads them: the picture of each, and a table of all.

    Args:
        edition: the release.
        texts: of the language.
        indicator: of the release.
        years: see `years_of`.

    Returns:
        path, width and height of a map, `periods` as id and words, and `rows` as name and cells.
    """
    quantity, latest = edition.quantity(indicator, texts), years.moments[-1]
    count = rows_shown(latest)
    cells = [
        [
            quantity.short(value) if value == value else status_words(texts, status)
            for value, status in zip(
                moment.value[:count].tolist(), moment.standing[:count].tolist(), strict=True
            )
        ]
        for moment in years.moments
    ]
    names = [escape(edition.areas.names[place]) for place in latest.members[:count].tolist()]
    rows = [
        f'<tr><th scope="row">{name}</th>{"".join(f"""<td class="num">{escape(cell)}</td>""" for cell in row)}</tr>'
        for name, *row in zip(names, *cells, strict=True)
    ]
    return {
        "path": years.path,
        "width": years.width,
        "height": years.height,
        "periods": [(period, texts.period(period)) for period in years.periods],
        "rows": safe("\n".join(rows)),
    }
