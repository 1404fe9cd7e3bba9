"""Closing the gaps between polygons that should share their borders.

Polygons of which each was drawn or generalised on its own leave long, narrow openings. Handing such a gap whole to one
neighbour, as a coverage cleaner does, drags a thin tail of that area along the borders of others. So a gap is cut up
first, into triangles between its corners, and each goes to an area it lies against: of several the one with most border
of the gap. Corners are neither moved nor added, so that what matched before matches after.

Triangles: constrained Delaunay triangulation by ear clipping, as GEOS does it (Eberly, Triangulation by ear clipping).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[np.object_]
Ints = npt.NDArray[np.int64]

_NOBODY = -1


def without_gaps(geometries: Geometries, width_m: float) -> Geometries:
    """A coverage of which the enclosed gaps that are narrower than a width have been handed out.

    Args:
        geometries: polygons that form a valid coverage.
        width_m: gaps into which no circle of this diameter fits are closed, in metres.

    Returns:
        As many polygons, still a valid coverage.
    """
    return _handed_out(geometries, _narrow_gaps(geometries, width_m))


def without_crumbs(geometries: Geometries, parts: Ints) -> Geometries:
    """A coverage of which the crumbs have been handed out: parts that areas only got by being made to match.

    Args:
        geometries: polygons that form a valid coverage.
        parts: of how many parts each is to be made at most; the largest are kept. Of the others those go to their neighbours
            that lie wholly between other areas.

    Returns:
        As many polygons, still a valid coverage.
    """
    pieces, area = shapely.get_parts(geometries, return_index=True)
    order = np.lexsort((-shapely.area(pieces), area))
    pieces, area = pieces[order], area[order]
    place = np.arange(len(area)) - np.searchsorted(area, area)
    loose = (place >= parts[area]) & _enclosed(pieces)
    kept = [
        shapely.multipolygons(part) if len(part) > 1 else part[0]
        for part in _grouped(pieces[~loose], area[~loose])
    ]
    gaps = shapely.get_parts(shapely.coverage_union_all(pieces[loose]))
    return _handed_out(np.array(kept, dtype=object), gaps)


def _handed_out(geometries: Geometries, gaps: Geometries) -> Geometries:
    """The coverage with each gap added to the areas around it; what lies against nobody stays open."""
    if not len(gaps):
        return geometries
    triangles, gap = shapely.get_parts(shapely.constrained_delaunay_triangles(gaps), return_index=True)
    owner = _owners(geometries, triangles, gap)
    owned = owner != _NOBODY
    pieces = np.concatenate([geometries, triangles[owned]])
    parts = _grouped(pieces, np.concatenate([np.arange(len(geometries)), owner[owned]]))
    return np.array(
        [part[0] if len(part) == 1 else shapely.coverage_union_all(part) for part in parts], dtype=object
    )


def _grouped(pieces: Geometries, group: Ints) -> list[Geometries]:
    """The pieces of each group, in order of group."""
    order = np.argsort(group, kind="stable")
    return np.split(pieces[order], np.flatnonzero(np.diff(group[order])) + 1)


def _enclosed(pieces: Geometries) -> npt.NDArray[np.bool_]:
    """Which pieces have another piece behind every side."""
    points, piece, along = _outlines(pieces)
    number = _numbered(points)
    side = _keys(number[:-1][along], number[1:][along])
    _, which, times = np.unique(side, return_inverse=True, return_counts=True)
    open_sides = np.bincount(piece[1:][along], times[which] == 1, minlength=len(pieces))
    return np.asarray(open_sides == 0)


def _narrow_gaps(geometries: Geometries, width_m: float) -> Geometries:
    """The holes in all areas together, less the islands in them, into which no circle of this diameter fits."""
    land = shapely.get_parts(shapely.coverage_union_all(geometries))
    rings = np.array([ring for part in land for ring in part.interiors], dtype=object)
    if not len(rings):
        return rings
    holes = shapely.polygons(rings)
    # An island is left out with all that it encloses: its own holes are among the holes already.
    islands = shapely.polygons(shapely.get_exterior_ring(land))
    around, island = shapely.STRtree(islands).query(holes, predicate="contains")
    for hole in np.unique(around):
        holes[hole] = shapely.difference(holes[hole], shapely.union_all(islands[island[around == hole]]))
    holes = shapely.get_parts(holes)
    return np.asarray(holes[shapely.is_empty(shapely.buffer(holes, -width_m / 2))])


def _owners(geometries: Geometries, triangles: Geometries, gap: Ints) -> Ints:
    """For each triangle the area that gets it.

    A triangle lies against the areas it has a side in common with, and against one of which it has a corner that no
    other area has: without the latter the border in a gap between two areas would zigzag.
    """
    points, area, along = _outlines(geometries)
    corners = shapely.get_coordinates(triangles).reshape(-1, 4, 2)[:, :3]
    number = _numbered(np.concatenate([points, corners.reshape(-1, 2)]))
    border, corner = number[: len(points)], number[len(points) :].reshape(-1, 3)
    of_side = _only(_keys(border[:-1][along], border[1:][along]), area[1:][along])
    of_corner = _only(border, area)
    side = _keys(corner, np.roll(corner, -1, axis=1))
    against = np.concatenate([of_side(side), of_corner(corner)], axis=1)
    length = np.hypot(*np.moveaxis(corners - np.roll(corners, -1, axis=1), -1, 0))
    rank = _Rank(len(geometries), gap, against[:, :3], length)
    owner = rank.first(gap, against)
    first, second = _shared(side)
    while (owner == _NOBODY).any():  # between corners where areas meet: with the triangles beside it
        beside = np.full((len(owner), 3), _NOBODY)
        beside.ravel()[first], beside.ravel()[second] = owner[second // 3], owner[first // 3]
        found = np.where(owner == _NOBODY, rank.first(gap, beside), owner)
        if (found == owner).all():
            break
        owner = found
    return owner


class _Rank:
    """How much border each gap has with each area.

    Args:
        areas: how many areas there are.
        gap: for each triangle its gap.
        area: for each triangle and side the area behind it.
        length: as long as each side is, in metres.
    """

    def __init__(self, areas: int, gap: Ints, area: Ints, length: npt.NDArray[np.float64]) -> None:
        self._areas = areas
        keys = self._key(gap, area)
        self._keys, which = np.unique(keys[area != _NOBODY], return_inverse=True)
        self._length = np.bincount(which, length[area != _NOBODY])

    def first(self, gap: Ints, area: Ints) -> Ints:
        """Of the areas of each row the one with most border of its gap; `_NOBODY` where there are none."""
        keys = self._key(gap, area)
        at = np.searchsorted(self._keys, keys).clip(max=len(self._keys) - 1)
        known = (area != _NOBODY) & (self._keys[at] == keys)
        best = np.where(known, self._length[at], -1.0).argmax(axis=1)
        chosen = np.take_along_axis(np.where(known, area, _NOBODY), best[:, None], axis=1)
        return np.asarray(chosen[:, 0], np.int64)

    def _key(self, gap: Ints, area: Ints) -> Ints:
        return np.asarray(gap[:, None] * self._areas + area, np.int64)


def _outlines(geometries: Geometries) -> tuple[npt.NDArray[np.float64], Ints, npt.NDArray[np.bool_]]:
    """The points of all rings, for each the geometry it is of, and for each but the first whether a line comes from the last."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    return points, owner[part[ring]], ring[1:] == ring[:-1]


def _numbered(points: npt.NDArray[np.float64]) -> Ints:
    """A number for each point, the same for points in the same place."""
    _, number = np.unique(points @ np.array([1, 1j]), return_inverse=True)
    return np.asarray(number, np.int64)


def _keys(one: Ints, other: Ints) -> Ints:
    """One number for each line between two points, the same in both directions."""
    return np.asarray((np.minimum(one, other) << 32) | np.maximum(one, other), np.int64)


def _only(keys: Ints, area: Ints) -> Callable[[Ints], Ints]:
    """A look-up of the one area that has a key; `_NOBODY` where there is none, or several."""
    order = np.lexsort((area, keys))
    keys, area = keys[order], area[order]
    new = np.append(True, (keys[1:] != keys[:-1]) | (area[1:] != area[:-1]))
    known, start, times = np.unique(keys[new], return_index=True, return_counts=True)
    single = np.where(times == 1, area[new][start], _NOBODY)

    def look_up(wanted: Ints) -> Ints:
        at = np.searchsorted(known, wanted).clip(max=len(known) - 1)
        return np.where(known[at] == wanted, single[at], _NOBODY)

    return look_up


def _shared(side: Ints) -> tuple[Ints, Ints]:
    """The positions of the sides that two triangles have in common, first of the one and then of the other."""
    flat = side.ravel()
    order = np.argsort(flat, kind="stable")
    same = flat[order][1:] == flat[order][:-1]
    return order[:-1][same], order[1:][same]
