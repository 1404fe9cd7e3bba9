"""Boundaries as path strings of whole numbers on a grid in RD (EPSG:28992), ready for SVG and for canvas.

Every corner is rounded to the same grid, so neighbours that share a border in the release share it on the map. North
is up: y is negated. A grid a little finer than a screen keeps the strings short.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import shapely

GRIDS = (1, 2, 5, 10, 20, 50, 100, 200)
"""Sides of a grid cell, in metres."""
STEPS_ACROSS = 1600
"""So fine is the grid of a map at least, in cells along its longest side: two a pixel."""
STEPS_ACROSS_FINE = 14_000
"""The same where there are so many areas that a coarser grid would lose the small ones."""
_MANY = 3000

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Shapes:
    """The shapes of one level.

    Attributes:
        grid: side of a grid cell in metres; coordinates are counted in cells.
        paths: by area code, relative path commands (`M` absolute, `l` relative, `z`).
        boxes: by area code, west, north, east and south (y negated).
    """

    grid: int
    paths: Mapping[str, str]
    boxes: Mapping[str, Box]

    def extent(self, codes: list[str] | None = None) -> Box | None:
        """The box around some areas, or around all; None when none of them has a shape."""
        boxes = [self.boxes[code] for code in (self.boxes if codes is None else codes) if code in self.boxes]
        if not boxes:
            return None
        west, north, east, south = zip(*boxes, strict=True)
        return min(west), min(north), max(east), max(south)


def grid_for(table: pa.Table) -> int:
    """The grid on which a level is drawn as a whole.

    Args:
        table: code, geometry (WKB, EPSG:28992).
    """
    bounds = shapely.total_bounds(shapely.from_wkb(table["geometry"].to_numpy(zero_copy_only=False)))
    if not np.isfinite(bounds).all():
        return GRIDS[0]
    across = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) / (
        STEPS_ACROSS_FINE if table.num_rows > _MANY else STEPS_ACROSS
    )
    return next((grid for grid in GRIDS if grid >= across), GRIDS[-1])


def draw(table: pa.Table, grid: int) -> Shapes:
    """Turn polygons into path strings.

    Args:
        table: code, geometry (WKB polygons or multipolygons, EPSG:28992).
        grid: side of a grid cell, metres.

    Returns:
        The shapes; an area whose polygon vanishes on the grid, or that has none, is left out.
    """
    geometries = shapely.from_wkb(table["geometry"].to_numpy(zero_copy_only=False))
    parts, owner = shapely.get_parts(geometries, return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    cells = np.rint(points / grid).astype(np.int64)
    cells[:, 1] *= -1
    moved = np.ones(len(cells), dtype=np.bool_)
    moved[1:] = (np.diff(cells, axis=0) != 0).any(axis=1) | (np.diff(ring_of) != 0)
    cells, ring_of = cells[moved], ring_of[moved]
    steps = np.diff(cells, axis=0, prepend=cells[:1]).tolist()
    starts = np.flatnonzero(np.diff(ring_of, prepend=-1)).tolist()
    codes = table["code"].to_pylist()
    paths: dict[str, list[str]] = {}
    boxes: dict[str, Box] = {}
    for start, end in zip(starts, [*starts[1:], len(cells)], strict=True):
        if end - start < 4:  # a ring needs three corners and its way back
            continue
        code = codes[owner[part_of[ring_of[start]]]]
        ring = cells[start:end]
        x, y = ring[0].tolist()
        line = " ".join(f"{dx},{dy}" for dx, dy in steps[start + 1 : end - 1])
        paths.setdefault(code, []).append(f"M{x},{y}l{line}z")
        (west, north), (east, south) = ring.min(axis=0).tolist(), ring.max(axis=0).tolist()
        box = boxes.get(code, (west, north, east, south))
        boxes[code] = min(box[0], west), min(box[1], north), max(box[2], east), max(box[3], south)
    return Shapes(grid, {code: "".join(pieces) for code, pieces in paths.items()}, boxes)


def inner_points(table: pa.Table, grid: int) -> dict[str, tuple[int, int]]:
    """A point inside each area, in cells of a grid, y negated: where its circle or its name stands.

    Args:
        table: code, geometry (WKB polygons or multipolygons, EPSG:28992).
        grid: side of a grid cell, metres.
    """
    inside = shapely.point_on_surface(shapely.from_wkb(table["geometry"].to_numpy(zero_copy_only=False)))
    codes = np.array(table["code"].to_pylist(), dtype=object)[~shapely.is_empty(inside)]
    cells = np.rint(shapely.get_coordinates(inside) / grid).astype(np.int64)
    return {str(code): (x, -y) for code, (x, y) in zip(codes, cells.tolist(), strict=True)}


def view_box(box: Box, margin: float = 0.02) -> str:
    """The `viewBox` of a map around a box, with a margin as a share of its longest side."""
    west, north, east, south = box
    edge = max(1, round(max(east - west, south - north) * margin))
    return f"{west - edge} {north - edge} {max(east - west, 1) + 2 * edge} {max(south - north, 1) + 2 * edge}"
