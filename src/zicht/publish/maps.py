"""Maps: the choropleth as SVG, its shapes as JSON where there are too many for that, and the picture of where an area lies.

The classes of the paths are colours of the stylesheet (`k0` … `k4`, `hidden`, `none`); no colour is written in the page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from zicht.publish.shapes import Box, Shapes, view_box

MOST_IN_SVG = 3000
"""Above this many areas a map is drawn by the script on a canvas."""
_DENSE = 200
"""Above this many areas borders are drawn thin, for they would hide the colours."""
_HATCH = (
    '<pattern id="hatch{name}" patternUnits="userSpaceOnUse" width="{w}" height="{w}" patternTransform="rotate(45)">'
    '<rect class="hatch-ground" width="{w}" height="{w}"/><path class="hatch-line" d="M0 0V{w}" stroke-width="{s}"/></pattern>'
)
_DOTS = '<pattern id="dots" patternUnits="userSpaceOnUse" width="{w}" height="{w}"><circle cx="{h}" cy="{h}" r="{d}"/></pattern>'
_STIPPLE = (
    '<pattern id="stipple{name}" patternUnits="userSpaceOnUse" width="{w}" height="{w}"><rect class="land" width="{w}" height="{w}"/>'
    '<circle class="k4" cx="{h}" cy="{h}" r="{s}"/></pattern>'
)
_PATTERNED = {"hidden": "hatch", "stipple": "stipple"}
"""Classes of areas that are filled with a pattern, and its id."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One area on a map: its code, the class that colours it, what a pointer reads on it and where a click leads."""

    code: str
    paint: str
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Circles:
    """How numbers that add up are drawn: as circles whose surface is the number.

    Attributes:
        most: the largest number of all periods.
        radius: of its circle, in cells of the map.
        points: where the circle of each area stands, by code.
    """

    most: float
    radius: float
    points: Mapping[str, tuple[int, int]]

    def radius_of(self, value: float) -> float:
        """The radius of the circle of a number, in cells; 0 for none."""
        return self.radius * float(max(value, 0.0) / self.most) ** 0.5 if value == value else 0.0


def picture_svg(
    patches: Sequence[Patch], shapes: Shapes, outlines: Sequence[str], label: str, name: str
) -> str:
    """A map that stands on its page beside others, as a picture; empty when no area has a shape.

    Args:
        patches: the areas; beside the classes of a choropleth there is `stipple`.
        shapes: those of their level.
        outlines: as in `choropleth_svg`.
        label: name of the map.
        name: of no other map of the page: its patterns are called by it, as ids on a page must differ.
    """
    fills = {paint: f' fill="url(#{pattern}-{name})"' for paint, pattern in _PATTERNED.items()}
    return _drawn(patches, shapes, outlines, label, _HATCH + _STIPPLE, f"-{name}", fills)


def choropleth_svg(
    patches: Sequence[Patch],
    shapes: Shapes,
    outlines: Sequence[str],
    label: str,
    circles: tuple[Circles, Sequence[float]] | None = None,
) -> str:
    """A map of which every area is a link; empty when no area has a shape.

    Args:
        patches: the areas.
        shapes: those of their level.
        outlines: paths of the level above, on the same grid, drawn over it.
        label: name of the map.
        circles: for numbers that add up, how they are drawn, and the number of each area (NaN where there is none).
    """
    rounds = _rounds(patches, *circles) if circles else ""
    return _drawn(patches, shapes, outlines, label, _HATCH + _DOTS, "", {}, rounds)


def _drawn(
    patches: Sequence[Patch],
    shapes: Shapes,
    outlines: Sequence[str],
    label: str,
    patterns: str,
    name: str,
    fills: Mapping[str, str],
    rounds: str = "",
) -> str:
    box = shapes.extent([patch.code for patch in patches])
    if box is None:
        return ""
    width = max(box[2] - box[0], box[3] - box[1]) / 90
    drawn = "".join(
        f'<a href="{escape(patch.href)}" data-code="{patch.code}" tabindex="-1"><title>{escape(patch.title)}</title>'
        f'<path class="{patch.paint}"{fills.get(patch.paint, "")} d="{shapes.paths[patch.code]}"/></a>'
        for patch in patches
        if patch.code in shapes.paths
    )
    over = "".join(f'<path d="{path}"/>' for path in outlines)
    defined = patterns.format(
        w=f"{width:.1f}", s=f"{width / 3.2:.1f}", h=f"{width / 2:.1f}", d=f"{width / 4.5:.1f}", name=name
    )
    return (
        f'<svg class="{"map many" if len(patches) > _DENSE else "map"}" viewBox="{view_box(box)}" role="group" aria-label="{escape(label)}">'
        f'<defs>{defined}</defs><g class="areas">{drawn}</g><g class="outlines" aria-hidden="true">{over}</g>{rounds}</svg>'
    )


def _rounds(patches: Sequence[Patch], circles: Circles, values: Sequence[float]) -> str:
    """The circles, small ones over large ones; each leads where its area leads."""
    drawn = [
        (circles.radius_of(value), patch)
        for patch, value in zip(patches, values, strict=True)
        if patch.code in circles.points
    ]
    return (
        '<g class="circles">'
        + "".join(
            f'<a href="{escape(patch.href)}" tabindex="-1"><title>{escape(patch.title)}</title>'
            f'<circle data-code="{patch.code}" cx="{circles.points[patch.code][0]}" cy="{circles.points[patch.code][1]}" r="{radius:.1f}"/></a>'
            for radius, patch in sorted(drawn, key=lambda pair: (-pair[0], pair[1].code))
        )
        + "</g>"
    )


def context_svg(shapes: Shapes, codes: Sequence[str]) -> tuple[str, Box] | None:
    """A picture file of some areas in grey, and the box it shows; None when none has a shape."""
    box = shapes.extent(list(codes))
    if box is None:
        return None
    stroke = max(1, round(max(box[2] - box[0], box[3] - box[1]) / 250))
    paths = "".join(f'<path d="{shapes.paths[code]}"/>' for code in codes if code in shapes.paths)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view_box(box)}"><g fill="#ddd8cc" stroke="#fff" stroke-width="{stroke}">{paths}</g></svg>\n',
        box,
    )


def shapes_json(shapes: Shapes, codes: Sequence[str]) -> str:
    """The shapes of a level for the canvas: `viewBox`, and `paths` in the order of `codes` (empty where there is none)."""
    box = shapes.extent(list(codes)) or (0, 0, 1, 1)
    drawing = {
        "viewBox": [int(part) for part in view_box(box).split()],
        "paths": [shapes.paths.get(code, "") for code in codes],
    }
    return json.dumps(drawing, separators=(",", ":")) + "\n"
