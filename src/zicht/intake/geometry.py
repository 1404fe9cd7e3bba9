"""Geometry of delivered features, brought to metres in the Dutch grid (EPSG:28992)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyproj
import shapely

from zicht.areas import RD
from zicht.errors import DeliveryError, Place

_MAX_VERTICES = 50_000_000


@dataclass(frozen=True)
class Shapes:
    """Geometries in EPSG:28992, in the order of their features; None where a feature has none."""

    geometries: npt.NDArray[np.object_]

    def arrays(self, start: int, stop: int) -> list[pa.Array]:
        """`__geometry` (WKB), `__x` and `__y` (metres; null unless a point) of features start up to stop."""
        part = self.geometries[start:stop]
        points = shapely.get_type_id(part) == 0
        points &= ~shapely.is_empty(part)
        x, y = np.full(len(part), np.nan), np.full(len(part), np.nan)
        x[points], y[points] = shapely.get_x(part[points]), shapely.get_y(part[points])
        return [
            pa.array(shapely.to_wkb(part, byte_order=1), pa.binary()),
            pa.array(x, pa.float64(), mask=~np.isfinite(x)),
            pa.array(y, pa.float64(), mask=~np.isfinite(y)),
        ]


def shapes_of(geometries: Sequence[object], crs: str, shown: str) -> Shapes:
    """Geometries of GeoJSON features, numbers being numbers or text.

    Args:
        geometries: the members `geometry`, in the order of the features.
        crs: the coordinate system they are in, in any form PROJ reads.
        shown: the file, for messages.

    Raises:
        DeliveryError: a geometry that cannot be read, an unknown coordinate system.
    """
    points = _all_points(geometries)
    if points is not None:
        made = shapely.points(points)
        made[np.isnan(points).any(axis=1)] = None
        return in_rd(made, crs, shown)
    found = np.empty(len(geometries), dtype=object)
    for index, geometry in enumerate(geometries):
        found[index] = None if geometry is None else _shape(geometry, Place(shown, index + 1))
    return in_rd(found, crs, shown)


def in_rd(geometries: npt.NDArray[np.object_], crs: str, shown: str) -> Shapes:
    """Geometries brought from their coordinate system to EPSG:28992.

    Raises:
        DeliveryError: an unknown coordinate system, too many vertices.
    """
    if int(shapely.get_num_coordinates(geometries).sum()) > _MAX_VERTICES:
        raise DeliveryError.at(
            Place(shown), f"holds more than {_MAX_VERTICES:,} vertices.", "Deliver generalised polygons."
        )
    flat = shapely.force_2d(geometries)
    try:
        transformer = _transformer(crs)
    except pyproj.exceptions.CRSError as error:
        raise DeliveryError.at(
            Place(shown),
            f"is in a coordinate system that is not known ({crs[:60]}).",
            "Declare `crs` in its format.",
        ) from error
    if transformer is None:
        return Shapes(flat)
    return Shapes(shapely.transform(flat, lambda x, y: transformer.transform(x, y), interleaved=False))


@cache
def _transformer(crs: str) -> pyproj.Transformer | None:
    system, rd = pyproj.CRS.from_user_input(crs), pyproj.CRS.from_user_input(RD)
    return None if system == rd else pyproj.Transformer.from_crs(system, rd, always_xy=True)


def _all_points(geometries: Sequence[object]) -> npt.NDArray[np.float64] | None:
    """Coordinates where every feature is a point or has no geometry; that is read at once."""
    nowhere = (np.nan, np.nan)
    found: list[Sequence[object]] = []
    for geometry in geometries:
        if geometry is None:
            found.append(nowhere)
            continue
        at = (
            geometry.get("coordinates")
            if isinstance(geometry, dict) and geometry.get("type") == "Point"
            else None
        )
        if not isinstance(at, list) or len(at) < 2:
            return None
        found.append(at[:2])
    try:
        return np.array(found, dtype=np.float64).reshape(-1, 2)
    except (TypeError, ValueError):
        return None


def _shape(geometry: object, place: Place) -> shapely.Geometry:
    try:
        if not isinstance(geometry, dict):
            raise TypeError("no object")
        if geometry.get("type") == "GeometryCollection":
            raise TypeError("a collection of geometries")
        kind, coordinates = geometry["type"], _numbers(geometry["coordinates"])
        return shapely.geometry.shape({"type": kind, "coordinates": coordinates})
    except (
        shapely.errors.ShapelyError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        RecursionError,
    ) as error:
        raise DeliveryError.at(place, f"the geometry of this feature cannot be read ({error}).") from error


def _numbers(coordinates: object) -> object:
    if isinstance(coordinates, list):
        if coordinates and not isinstance(coordinates[0], list):
            return [float(number) for number in coordinates]
        return [_numbers(part) for part in coordinates]
    raise TypeError("coordinates are no list")
