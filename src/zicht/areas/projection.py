"""Coordinate systems: everything inside is in metres in the Dutch grid, and this is the way in and out.

The grid is Amersfoort / RD New (EPSG:28992). PROJ chooses the transformation; without the correction grid of the
Kadaster, which its wheels do not carry, that is the published seven-parameter one, good to some decimetres: ample for
deciding in which buurt a point lies.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyproj

from zicht.errors import ZichtError

RD = "EPSG:28992"
"""Amersfoort / RD New: x and y in metres."""

WGS84 = "OGC:CRS84"
"""Longitude and latitude in degrees, the only system of GeoJSON since RFC 7946."""

Numbers = npt.NDArray[np.float64]

# Where RD is defined, in degrees, with its part of the North Sea (area of use in the EPSG register, rounded outward).
_WEST, _SOUTH, _EAST, _NORTH = 2.5, 50.5, 7.5, 56.0


def to_rd(x: Numbers, y: Numbers, crs: str) -> tuple[Numbers, Numbers]:
    """Coordinates in RD.

    Args:
        x: eastings or longitudes.
        y: northings or latitudes, as long as `x`.
        crs: their coordinate system, in any form that PROJ reads, such as `EPSG:4326` or an OGC URN. Axes are
            always in the order x, y, whatever the definition of the system says.

    Returns:
        x and y in metres; NaN where a coordinate is not finite.

    Raises:
        ZichtError: the coordinate system is not known, or degrees lie outside the Netherlands.
    """
    system = _system(crs)
    if system == _system(RD):
        return x, y
    known = np.isfinite(x) & np.isfinite(y)
    if system.is_geographic:
        _check_degrees(x[known], y[known], crs)
    in_x, in_y = _transformer(crs, RD).transform(np.where(known, x, 0.0), np.where(known, y, 0.0))
    known &= np.isfinite(in_x) & np.isfinite(in_y)
    return np.where(known, in_x, np.nan), np.where(known, in_y, np.nan)


def from_rd(x: Numbers, y: Numbers, crs: str) -> tuple[Numbers, Numbers]:
    """RD coordinates in another system; the reverse of `to_rd`.

    Raises:
        ZichtError: the coordinate system is not known.
    """
    if _system(crs) == _system(RD):
        return x, y
    out_x, out_y = _transformer(RD, crs).transform(x, y)
    return np.asarray(out_x), np.asarray(out_y)


@lru_cache(maxsize=32)
def _system(crs: str) -> pyproj.CRS:
    try:
        found = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise ZichtError(f"'{crs}' is not a coordinate system. Write it as {RD} or EPSG:4326.") from error
    return found.to_2d() if len(found.axis_info) > 2 else found


@lru_cache(maxsize=32)
def _transformer(from_crs: str, to_crs: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(_system(from_crs), _system(to_crs), always_xy=True)


def _check_degrees(x: Numbers, y: Numbers, crs: str) -> None:
    """Degrees must lie in the Netherlands; the two usual mistakes are told apart."""
    if _inside(x, y).all():
        return
    outside = int(np.flatnonzero(~_inside(x, y))[0])
    at = f"({x[outside]:g}, {y[outside]:g})"
    if np.abs(x).max() > 180 or np.abs(y).max() > 90:
        remedy = f"These are no degrees. If they are metres in the Dutch grid, give the system: {RD}."
    elif _inside(y, x).all():
        remedy = "Latitude and longitude are swapped: longitude, about 5, comes first."
    else:
        remedy = "Longitudes run from 2.5 to 7.5 and latitudes from 50.5 to 56."
    raise ZichtError(f"Coordinates {at} in {crs} do not lie in the Netherlands. {remedy}")


def _inside(x: Numbers, y: Numbers) -> npt.NDArray[np.bool_]:
    return np.asarray((x >= _WEST) & (x <= _EAST) & (y >= _SOUTH) & (y <= _NORTH))
