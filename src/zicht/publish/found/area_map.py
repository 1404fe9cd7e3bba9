"""The map of a finding about areas: those that stand out dark or stippled, those of which not every figure is public hatched.

Two fills that differ in lightness and in texture can be told apart by everybody; the table of the finding is the twin of its map.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup, escape

from zicht.publish.found.speaker import Speaker
from zicht.publish.maps import Patch, picture_svg
from zicht.publish.render import safe
from zicht.publish.shapes import GRIDS, Shapes

MOST = 600
"""Areas above which a map in a text is too small to read, and too heavy for its page."""
DARK, MIDDLE, STIPPLE = "k4", "k2", "stipple"
_PLAIN, _HIDDEN = "land", "hidden"
_HOME: Final = "../../"  # from the page of a product to the start of its language


def area_map(speaker: Speaker, paints: Mapping[str, str]) -> Markup | None:
    """The areas of a finding on the map, with its key.

    Args:
        speaker: of the finding; its `word` of a row is looked up in `paints`.
        paints: by word how an area is filled: `DARK`, `MIDDLE` or `STIPPLE`. Areas of which something else is said are left plain.

    Returns:
        HTML; None where the level has no shapes, or so many areas that the map could not be read.
    """
    level = speaker.finding.level
    shapes = coarse_shapes(speaker)
    if shapes is None or len(speaker.rows) > MOST:
        return None
    texts = speaker.texts
    words = [speaker.said_of(row) for row in speaker.rows]
    patches = [
        Patch(
            row.area,
            _paint(word, paints),
            f"{row.name}: {texts(f'found.verdict.{word}')}",
            f"{_HOME}gebied/{row.area}/",
        )
        for row, word in zip(speaker.rows, words, strict=True)
    ]
    label = texts("map.label", title=texts.pick(speaker.finding.title), kind=texts.levels(level))
    above = speaker.edition.outlines(level, shapes.grid)
    drawn = picture_svg(patches, shapes, above, label, speaker.finding.id)
    return safe(f'<div class="map-box small">{drawn}</div>{_key(speaker, words, paints)}') if drawn else None


def _paint(word: str, paints: Mapping[str, str]) -> str:
    return _HIDDEN if word == "absent" else paints.get(word, _PLAIN)


def _key(speaker: Speaker, words: list[str], paints: Mapping[str, str]) -> str:
    """What each fill stands for: those of `paints` that are on the map, in their order, then the rest."""
    rest = sorted({word for word in words if word not in paints}, key=lambda word: word == "absent")
    items = "".join(
        f"<li>{_sample(_paint(word, paints))}{escape(speaker.texts(f'found.verdict.{word}'))}</li>"
        for word in [*(word for word in paints if word in words), *rest]
    )
    return f'<ul class="classes">{items}</ul>'


def _sample(paint: str) -> str:
    inside = {
        _HIDDEN: '<rect class="hatch-ground" width="22" height="15"/><path class="hatch-line" d="M-2 8L8-2M2 17L20-1M10 19L26 3" stroke-width="3"/>',
        STIPPLE: f'<rect class="{_PLAIN}" width="22" height="15"/>'
        + "".join(
            f'<circle class="{DARK}" cx="{x}" cy="{y}" r="2"/>'
            for x, y in ((4, 4), (11, 4), (18, 4), (4, 11), (11, 11), (18, 11))
        ),
    }.get(paint, f'<rect class="{paint}" width="22" height="15"/>')
    return f'<svg viewBox="0 0 22 15" aria-hidden="true">{inside}</svg>'


def coarse_shapes(speaker: Speaker) -> Shapes | None:
    """Shapes on half the grid of a map of its own, as this one is half the size."""
    shapes = speaker.edition.shapes(speaker.finding.level)
    if shapes is None:
        return None
    grid = next((grid for grid in GRIDS if grid >= 2 * shapes.grid), shapes.grid)
    return speaker.edition.shapes(speaker.finding.level, grid)
