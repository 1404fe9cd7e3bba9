"""Where areas lie: polygons that share their borders, which are neighbours, and which area a point lies in.

Polygons of a division form a coverage: they do not overlap and a border is the same line for both its areas.
Simplifying each polygon on its own breaks that (slivers), so `Boundaries.simplified` simplifies the borders: each once,
with the junctions kept. Method: Visvalingam and Whyatt, Line generalisation by repeated elimination of points (The
Cartographic Journal 30, 1993), on the edges of a coverage as GEOS 3.12 and later do; a coverage that does not match
is first cleaned (GEOS 3.14). See docs/decisions/0004-geometry.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from zicht.areas.gaps import without_crumbs, without_gaps
from zicht.areas.projection import RD, Numbers, from_rd, to_rd
from zicht.errors import DeliveryError, Place, Problem, ZichtError

MAX_VERTICES = 20_000_000
"""More vertices than this are refused: the finest published map of all buurten has about 8 million."""

_POINTS_AT_ONCE = 1_000_000  # bounds the memory of the index over points
_REPORTED = 50  # mistakes told one by one; of more only the number

Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Boundaries:
    """The polygons of areas, each code once, in order of code.

    Attributes:
        codes: the area codes.
        geometries: for each code a valid, non-empty Polygon or MultiPolygon in EPSG:28992 (metres).
    """

    codes: tuple[str, ...]
    geometries: Geometries

    @classmethod
    def from_wkb(
        cls,
        codes: Sequence[str],
        wkb: Sequence[bytes] | npt.NDArray[np.object_],
        crs: str,
        *,
        file: str = "polygons",
    ) -> Boundaries:
        """The boundaries in well-known binary.

        Args:
            codes: an area code a polygon; parts with the same code become one area.
            wkb: as many polygons or multipolygons; a Z coordinate is dropped.
            crs: the coordinate system of all of them.
            file: what to call the place in messages.

        Raises:
            DeliveryError: geometry that cannot be read or is no polygon, coordinates outside the Netherlands, more
                than `MAX_VERTICES` vertices.
        """
        raw = np.array([bytes(part) if part is not None else b"" for part in wkb], dtype=object)
        if (
            sum(map(len, raw)) > MAX_VERTICES * 32
        ):  # looked at before anything is unpacked; a vertex takes 16 to 32 bytes
            raise too_many_vertices(file)
        geometries = shapely.from_wkb(raw, on_invalid="ignore")
        return assembled(list(codes), geometries, crs, file)

    @classmethod
    def from_table(cls, table: pa.Table) -> Boundaries:
        """The boundaries in a `table` that `to_table` wrote.

        Raises:
            DeliveryError: as `from_wkb`.
        """
        crs = (table.schema.metadata or {}).get(b"crs", RD.encode()).decode()
        return cls.from_wkb(table["code"].to_pylist(), table["geometry"].to_pylist(), crs)

    def to_table(self, crs: str = RD) -> pa.Table:
        """The boundaries as a table that can be stored.

        Args:
            crs: the coordinate system to write, such as `OGC:CRS84` for GeoJSON.

        Returns:
            Columns code (string) and geometry (binary, little-endian well-known binary), with the coordinate system in
            the metadata of the schema under `crs`.

        Raises:
            ZichtError: the coordinate system is not known.
        """
        out = shapely.transform(self.geometries, lambda x, y: from_rd(x, y, crs), interleaved=False)
        columns = {
            "code": pa.array(self.codes, pa.string()),
            "geometry": pa.array(shapely.to_wkb(out, byte_order=1), pa.binary()),
        }
        return pa.table(columns).replace_schema_metadata({"crs": crs})

    def matched(self, gap_m: float) -> Boundaries:
        """The same areas with borders that match: what overlaps goes to the smallest, narrow gaps are filled.

        Polygons of which each was simplified on its own overlap a little here and leave a little open there. What
        matches already is left exactly as it is.

        Args:
            gap_m: gaps narrower than this, in metres, go to the neighbour with the longest border. Wider ones stay:
                they may be water.

        Raises:
            ZichtError: an area lies wholly under others, so that nothing of it would be left.
        """
        if shapely.coverage_is_valid(self.geometries):
            return self
        cleaned = shapely.coverage_clean(self.geometries, gap_width=gap_m, merge_strategy="min_area")
        lost = [code for code, empty in zip(self.codes, shapely.is_empty(cleaned), strict=True) if empty]
        if lost:
            raise ZichtError(
                f"Areas that lie wholly under others cannot be drawn: {', '.join(lost)}. Give each its own land."
            )
        return Boundaries(self.codes, cleaned)

    def closed(self, width_m: float) -> Boundaries:
        """The same areas without the narrow gaps between them.

        Borders are made to match (`matched`); then each enclosed gap is handed out among the areas around it, each piece to
        the one with most border of the gap (see `zicht.areas.gaps`). Wide gaps, what lies open to the outside and the
        outer border stay: those may be water.

        Args:
            width_m: gaps into which no circle of this diameter fits are closed, in metres; 0 leaves all as it is.

        Raises:
            ZichtError: the width is negative, or an area lies wholly under others.
        """
        if not width_m >= 0:
            raise ZichtError(f"A width is a number of metres from 0, not {width_m}.")
        if not width_m:
            return self
        closed = without_gaps(self.matched(0).geometries, width_m)
        return Boundaries(self.codes, without_crumbs(closed, shapely.get_num_geometries(self.geometries)))

    def simplified(self, tolerance_m: float) -> Boundaries:
        """The same areas with fewer vertices; borders stay shared, so no slivers and no gaps arise.

        Args:
            tolerance_m: detail that is left out, in metres: roughly the square root of the area of the triangles that
                are cut off. Where borders do not match to begin with, gaps narrower than this are filled (`matched`).

        Raises:
            ZichtError: the tolerance is negative, or an area lies wholly under others.
        """
        if not tolerance_m >= 0:
            raise ZichtError(f"A tolerance is a number of metres from 0, not {tolerance_m}.")
        return Boundaries(
            self.codes, shapely.coverage_simplify(self.matched(tolerance_m).geometries, tolerance_m)
        )

    def dissolved(self, parents: Mapping[str, str]) -> Boundaries:
        """The polygons of larger areas, made of those that lie in them.

        Args:
            parents: for every code here the code of the area it lies in.

        Raises:
            ZichtError: a code has no parent.
        """
        orphans = [code for code in self.codes if code not in parents]
        if orphans:
            raise ZichtError(f"These areas are in no larger one: {', '.join(orphans)}.")
        return _merged([parents[code] for code in self.codes], self.geometries)

    def adjacency(self, buffer_m: float = 0) -> pa.Table:
        """Which areas are neighbours.

        Args:
            buffer_m: 0 for areas that share a border (a line, not merely a corner) or overlap; otherwise areas that lie
                no further apart than this many metres, for polygons that are approximations (25 m suits polygons that
                are some 13 m off).

        Returns:
            Columns code and neighbour (strings), each pair in both directions, sorted; no area is its own neighbour.

        Raises:
            ZichtError: the distance is negative.
        """
        if not buffer_m >= 0:
            raise ZichtError(f"A distance is a number of metres from 0, not {buffer_m}.")
        if buffer_m:
            left, right = self._index.query(self.geometries, predicate="dwithin", distance=buffer_m)
            keep = left < right
        else:
            left, right = self._index.query(self.geometries, predicate="intersects")
            left, right = left[left < right], right[left < right]
            shared = shapely.intersection(self.geometries[left], self.geometries[right])
            keep = shapely.length(shared) > 0  # of an overlap this is its circumference
        pairs = sorted(
            {*zip(left[keep], right[keep], strict=True), *zip(right[keep], left[keep], strict=True)}
        )
        code = pa.array([self.codes[i] for i, _ in pairs], pa.string())
        return pa.table({"code": code, "neighbour": pa.array([self.codes[j] for _, j in pairs], pa.string())})

    def locate(self, x: npt.ArrayLike, y: npt.ArrayLike, crs: str) -> pa.Array:
        """In which area points lie.

        Args:
            x: eastings or longitudes of the points.
            y: northings or latitudes, as many.
            crs: their coordinate system; axes are in the order x, y.

        Returns:
            For each point the code, or null where it lies in no area or its coordinates are missing. A point on a border
            belongs to the first of its areas in order of code.

        Raises:
            ZichtError: the coordinate system is not known, degrees lie outside the Netherlands, or x and y differ in
                length.
        """
        at_x, at_y = np.asarray(x, dtype=float).ravel(), np.asarray(y, dtype=float).ravel()
        if len(at_x) != len(at_y):
            raise ZichtError(f"Points have an x and a y each; there are {len(at_x)} and {len(at_y)}.")
        at_x, at_y = to_rd(at_x, at_y, crs)
        found = np.full(len(at_x), len(self.codes))
        for start in range(0, len(at_x), _POINTS_AT_ONCE):
            part = slice(start, start + _POINTS_AT_ONCE)
            found[part] = self._first_at(at_x[part], at_y[part])
        return pa.array([*self.codes, None], pa.string()).take(pa.array(found))

    def _first_at(self, x: Numbers, y: Numbers) -> npt.NDArray[np.int64]:
        """For each point the position of the first area it lies in, the number of areas where it lies in none."""
        found = np.full(len(x), len(self.codes))
        known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        # Indexing the points lets GEOS prepare each polygon once, however many points lie in it.
        area, point = shapely.STRtree(shapely.points(x[known], y[known])).query(
            self.geometries, predicate="intersects"
        )
        np.minimum.at(found, known[point], area)
        return found

    @cached_property
    def _index(self) -> shapely.STRtree:
        return shapely.STRtree(self.geometries)


def assembled(codes: list[str], geometries: Geometries, crs: str, file: str) -> Boundaries:
    """Boundaries of raw geometry: projected, repaired, the parts of one code made one.

    Args:
        codes: an area code a geometry.
        geometries: shapely geometries in `crs`; None where nothing could be read.
        crs: their coordinate system.
        file: what to call the place in messages.

    Raises:
        DeliveryError: there is nothing, something is no polygon or has no area, coordinates lie outside the Netherlands.
    """
    if len(codes) != len(geometries) or not codes:
        what = f"There are {len(geometries)} polygons for {len(codes)} area codes."
        raise DeliveryError.at(Place(file), what, "Each area needs a polygon.")
    if int(shapely.get_num_coordinates(geometries).sum()) > MAX_VERTICES:
        raise too_many_vertices(file)
    flat = shapely.force_2d(geometries)
    wrong = ~np.isin(
        shapely.get_type_id(flat), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    )
    _refuse(codes, wrong, file, "has no polygon", "An area needs a Polygon or MultiPolygon.")
    try:
        projected = shapely.transform(flat, lambda x, y: to_rd(x, y, crs), interleaved=False)
    except ZichtError as error:
        raise DeliveryError.at(Place(file), str(error)) from error
    points, owner = shapely.get_coordinates(projected, return_index=True)
    nowhere = shapely.is_empty(projected)
    nowhere[owner[~np.isfinite(points).all(axis=1)]] = True
    _refuse(
        codes, nowhere, file, f"has coordinates that have no place in {RD}", f"Is its system really {crs}?"
    )
    valid = shapely.is_valid(projected)
    projected[~valid] = shapely.make_valid(projected[~valid], method="structure", keep_collapsed=False)
    _refuse(codes, shapely.area(projected) == 0, file, "has a polygon without area", "Draw its border.")
    return _merged(codes, projected)


def too_many_vertices(file: str) -> DeliveryError:
    """The error for geometry that is larger than any map of the Netherlands has reason to be."""
    remedy = "Deliver a generalised map."
    return DeliveryError(
        [Problem(Place(file), f"The polygons have more than {MAX_VERTICES:,} vertices.", remedy)]
    )


def _refuse(codes: list[str], wrong: npt.NDArray[np.bool_], file: str, what: str, so: str) -> None:
    places = np.flatnonzero(wrong)
    found = [Problem(Place(file), f"Object {i + 1} ({codes[i]}) {what}.", so) for i in places[:_REPORTED]]
    if len(places) > _REPORTED:
        found.append(
            Problem(Place(file), f"The same holds for {len(places) - _REPORTED} of its other objects.")
        )
    if found:
        raise DeliveryError(found)


def _merged(codes: Sequence[str], geometries: Geometries) -> Boundaries:
    """The union of the geometries of each code, in order of code."""
    unique, groups = np.unique(np.asarray(codes, dtype=object), return_inverse=True)
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(len(unique)))
    parts = np.split(geometries[order], starts[1:])
    merged = np.array(
        [part[0] if len(part) == 1 else shapely.union_all(part) for part in parts], dtype=object
    )
    return Boundaries(tuple(str(code) for code in unique), merged)
