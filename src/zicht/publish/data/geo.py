"""The figures of an indicator with the shapes of their areas: GeoJSON for the web, GeoPackage for a GIS.

A shape is many times heavier than a figure, so a level of more than `MOST_SHAPED` areas has no file an indicator; one
GeoPackage of the whole site has all levels, with a column an indicator.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from pyproj import Transformer

from zicht.publish.catalogue import Indicator
from zicht.publish.data.tables import NUMBERS, PROVISIONAL, STATUS_NAMES
from zicht.publish.edition import Edition, Latest

MOST_SHAPED = 3000
"""A level of more areas is in the GeoPackage of the whole site only."""
RD = "EPSG:28992"
_OF_PLACE = ("finding", "place", "kind", "area")
_DEGREES = 6  # decimals of GeoJSON: a tenth of a metre
# GDAL writes when a GeoPackage was made, and the same figures must give the same bytes; what is read back at once need not
# reach the disk first.
_GDAL = {"OGR_CURRENT_DATE": "2000-01-01T00:00:00Z", "OGR_SQLITE_SYNCHRONOUS": "OFF"}

Objects = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Shaped:
    """The shapes of a level.

    Attributes:
        wkb: by area code, in RD.
    """

    wkb: Mapping[str, bytes]

    @cached_property
    def geojson(self) -> Mapping[str, str]:
        """By area code the geometry as GeoJSON, in WGS 84."""
        to_degrees = Transformer.from_crs(RD, "EPSG:4326", always_xy=True)
        shapes = shapely.from_wkb(list(self.wkb.values()))
        turned = shapely.transform(
            shapes, lambda xy: np.round(np.stack(to_degrees.transform(xy[:, 0], xy[:, 1]), axis=1), _DEGREES)
        )
        written = shapely.to_geojson(turned).tolist()
        return dict(zip(self.wkb, written, strict=True))


class Atlas:
    """The shapes of a release, each level read once.

    Args:
        edition: the release.
    """

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._levels: dict[str, Shaped | None] = {}

    def level(self, level: str) -> Shaped | None:
        """The shapes of a level; None where it has none."""
        if level not in self._levels:
            table = self._edition.release.boundaries(level)
            self._levels[level] = None if table is None or not table.num_rows else _shaped(table)
        return self._levels[level]


def shaped_levels(edition: Edition, indicator: Indicator) -> list[str]:
    """The levels at which an indicator has files with shapes, coarsest first."""
    return [
        level
        for level in reversed(edition.levels(indicator))
        if edition.areas.members[level].size <= MOST_SHAPED and edition.has_shapes(level)
    ]


def _shaped(table: pa.Table) -> Shaped:
    return Shaped(dict(zip(table["code"].to_pylist(), table["geometry"].to_pylist(), strict=True)))


def geojson(edition: Edition, atlas: Atlas, indicator: Indicator, level: str) -> bytes:
    """The latest figures of a level as GeoJSON (RFC 7946), a feature an area.

    Args:
        edition: the release.
        atlas: its shapes.
        indicator: of the release.
        level: at which it has figures.
    """
    latest, shapes = edition.latest(indicator, level), atlas.level(level)
    features = []
    if latest is not None:
        written = shapes.geojson if shapes else {}
        for row in _rows(edition, indicator, latest):
            code = str(row["code"])
            features.append(
                f'{{"type":"Feature","id":"{code}","properties":{_compact(row)},"geometry":{written.get(code, "null")}}}'
            )
    return _collection(indicator, features)


def places_geojson(edition: Edition, indicator: Indicator) -> bytes | None:
    """The places that findings about an indicator choose, and those that were there, as GeoJSON; None where none chooses.

    Args:
        edition: the release.
        indicator: of the release.

    Returns:
        A feature a place, with its finding, id, whether it is `new` or `existing`, and the code of its area.
    """
    chosen, table = edition.choosing(indicator), edition.release.places()
    if not chosen or table is None:
        return None
    rows = [row for row in table.to_pylist() if row["finding"] in chosen]
    turn = Transformer.from_crs(RD, "EPSG:4326", always_xy=True)
    at = zip(*turn.transform([row["x"] for row in rows], [row["y"] for row in rows]), strict=True)
    features = (
        f'{{"type":"Feature","properties":{_compact({key: row[key] for key in _OF_PLACE})},'
        f'"geometry":{{"type":"Point","coordinates":[{east:.{_DEGREES}f},{north:.{_DEGREES}f}]}}}}'
        for row, (east, north) in zip(rows, at, strict=True)
    )
    return _collection(indicator, features)


def _collection(indicator: Indicator, features: Iterable[str]) -> bytes:
    name = f'{{"type":"FeatureCollection","name":"{indicator.id}","features":[\n'
    return (name + ",\n".join(features) + "\n]}\n").encode()


def _rows(edition: Edition, indicator: Indicator, latest: Latest) -> Iterator[dict[str, object]]:
    areas, period = edition.areas, edition.figures(indicator).periods[latest.period]
    columns = [np.where(np.isnan(c), None, c).tolist() for c in (latest.value, latest.lower, latest.upper)]  # type: ignore[call-overload]
    for place, value, lower, upper, standing in zip(
        latest.members.tolist(), *columns, latest.standing.tolist(), strict=True
    ):
        yield {
            "code": areas.codes[place], "name": areas.names[place], "period": period,
            "value": value, "lower": lower, "upper": upper, "status": STATUS_NAMES[standing],
            PROVISIONAL: period in indicator.provisional,
        }  # fmt: skip


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def geopackage(edition: Edition, atlas: Atlas, indicator: Indicator) -> bytes | None:
    """The latest figures of an indicator as a GeoPackage in RD, a layer a level; None where no level has shapes.

    Args:
        edition: the release.
        atlas: its shapes.
        indicator: of the release.
    """
    layers = []
    for level in shaped_levels(edition, indicator):
        latest = edition.latest(indicator, level)
        if latest is not None:
            period = edition.figures(indicator).periods[latest.period]
            columns = _columns(latest, NUMBERS, "status")
            columns["period"] = np.full(latest.members.size, period, dtype=object)
            columns[PROVISIONAL] = np.full(latest.members.size, period in indicator.provisional)
            layers.append((level, latest.members.tolist(), columns))
    return _geopackage(edition, atlas, layers)


def all_in_one(edition: Edition, atlas: Atlas) -> bytes | None:
    """The latest figures of all indicators as one GeoPackage in RD, a layer a level; None where no level has shapes.

    An indicator has two columns, `<id>_<period>` and `<id>_<period>_status`.
    """
    layers = []
    for level in reversed(edition.areas.levels):
        if atlas.level(level) is None:
            continue
        columns: dict[str, npt.NDArray[np.generic]] = {}
        for indicator in edition.catalogue.indicators.values():
            latest = edition.latest(indicator, level)
            if latest is not None:
                name = f"{indicator.id}_{edition.figures(indicator).periods[latest.period]}"
                made = _columns(latest, ("value",), "status")
                columns |= {name: made["value"], f"{name}_status": made["status"]}
        layers.append((level, edition.areas.members[level].tolist(), columns))
    return _geopackage(edition, atlas, layers)


def _columns(latest: Latest, numbers: Sequence[str], status: str) -> dict[str, npt.NDArray[np.generic]]:
    found: dict[str, npt.NDArray[np.generic]] = {name: getattr(latest, name) for name in numbers}
    names = np.array(STATUS_NAMES, dtype=object)
    return {**found, status: names[latest.standing]}


def _geopackage(
    edition: Edition,
    atlas: Atlas,
    layers: Sequence[tuple[str, Sequence[int], Mapping[str, npt.NDArray[np.generic]]]],
) -> bytes | None:
    areas = edition.areas
    if not layers:
        return None
    import pyogrio.raw  # GDAL takes a third of a second to load

    with tempfile.TemporaryDirectory() as folder, _as_we_write():
        path = Path(folder) / "figures.gpkg"
        for number, (level, members, columns) in enumerate(layers):
            shapes = atlas.level(level)
            wkb = shapes.wkb if shapes else {}
            named = {
                "code": np.array([areas.codes[place] for place in members], dtype=object),
                "name": np.array([areas.names[place] for place in members], dtype=object),
                **columns,
            }
            geometry = np.array([wkb.get(code) for code in named["code"]], dtype=object)
            pyogrio.raw.write(
                path, geometry, list(named.values()), list(named), layer=level, driver="GPKG", crs=RD,
                geometry_type="MultiPolygon", promote_to_multi=True, append=number > 0,
            )  # fmt: skip
        return path.read_bytes()


@contextmanager
def _as_we_write() -> Iterator[None]:
    import pyogrio

    before = {name: pyogrio.get_gdal_config_option(name) for name in _GDAL}
    pyogrio.set_gdal_config_options(_GDAL)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)
