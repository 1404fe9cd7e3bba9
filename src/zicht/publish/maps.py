"""Maps: the choropleth as SVG, its shapes as JSON where there are too many for that, and the picture of where an area lies.

The classes of the paths are colours of the stylesheet (`k0` … `k4`, `hidden`, `none`); no colour is written in the page.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from zicht.publish.shapes import Box, Shapes, view_box

MOST_IN_SVG = 3000
"""Above this many areas a map is drawn by the script on a canvas."""
_DENSE = 200
"""Above this many areas borders are drawn thin, for they would hide the colours."""
_HATCH = (
    '<defs><pattern id="hatch" patternUnits="userSpaceOnUse" width="{w}" height="{w}" patternTransform="rotate(45)">'
    '<rect class="hatch-ground" width="{w}" height="{w}"/><path class="hatch-line" d="M0 0V{w}" stroke-width="{s}"/></pattern></defs>'
)


@dataclass(frozen=True, slots=True)
class Patch:
    """One area on a map: its code, the class that colours it, what a pointer reads on it and where a click leads."""

    code: str
    paint: str
    title: str
    href: str


def choropleth_svg(patches: Sequence[Patch], shapes: Shapes, outlines: Sequence[str], label: str) -> str:
    """A map of which every area is a link; empty when no area has a shape.

    Args:
        patches: the areas.
        shapes: those of their level.
        outlines: paths of the level above, on the same grid, drawn over it.
        label: name of the map.
    """
    box = shapes.extent([patch.code for patch in patches])
    if box is None:
        return ""
    width = max(box[2] - box[0], box[3] - box[1]) / 90
    drawn = "".join(
        f'<a href="{escape(patch.href)}" data-code="{patch.code}" tabindex="-1"><title>{escape(patch.title)}</title>'
        f'<path class="{patch.paint}" d="{shapes.paths[patch.code]}"/></a>'
        for patch in patches
        if patch.code in shapes.paths
    )
    over = "".join(f'<path d="{path}"/>' for path in outlines)
    hatch = _HATCH.format(w=f"{width:.1f}", s=f"{width / 3.2:.1f}")
    return (
        f'<svg class="{"map many" if len(patches) > _DENSE else "map"}" viewBox="{view_box(box)}" role="group" aria-label="{escape(label)}">{hatch}'
        f'<g class="areas">{drawn}</g><g class="outlines" aria-hidden="true">{over}</g><g class="chosen" aria-hidden="true"></g></svg>'
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
