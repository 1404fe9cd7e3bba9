"""Polygons from the files that people deliver: GeoJSON and GeoPackage, packed with gzip or not.

What is delivered is not trusted. A file is recognised by its content, only these two formats are opened (a general
geometry reader follows references to other files and to the network), sizes are bounded, and every mistake comes out as
a `DeliveryError` that says where it stands.
"""

from __future__ import annotations

import gzip
import io
import json
import math
import warnings
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import numpy as np
import shapely

from zicht.areas.boundaries import MAX_VERTICES, Boundaries, Geometries, assembled, too_many_vertices
from zicht.areas.projection import WGS84, Numbers
from zicht.errors import DeliveryError, Place, Problem, ZichtError

MAX_BYTES = 512 << 20
"""The largest file that is opened, and the most that a packed file may unpack to: 512 MB."""

_GZIP = b"\x1f\x8b"
_GEOPACKAGE = b"SQLite format 3\x00"
_ENOUGH = 50  # mistakes told one by one; reading stops there

Properties = Mapping[str, object]
CodeOf = str | Callable[[Properties], str]


def read_polygons(
    source: Path | str | bytes, code: CodeOf, *, crs: str | None = None, layer: str | None = None
) -> Boundaries:
    """The boundaries that stand in a file.

    Polygons that are invalid are repaired, and parts with the same code become one area.

    Args:
        source: a GeoJSON or GeoPackage file, packed with gzip or not, or its content.
        code: the property that holds the area code, or a function that makes the code from an object's properties.
        crs: the coordinate system, when what the file says is wrong or missing. By default GeoJSON is in degrees
            (WGS84, RFC 7946) unless it has the old `crs` member, and a GeoPackage says it itself.
        layer: the layer of a GeoPackage that has more than one.

    Returns:
        The boundaries in EPSG:28992, in order of code.

    Raises:
        DeliveryError: the file is missing, too large, damaged, of another format, without polygons or codes, or has
            coordinates outside the Netherlands.
    """
    file = "polygons" if isinstance(source, bytes) else str(source)
    content = _unpacked(source, file)
    if content.startswith(_GEOPACKAGE):
        return _from_geopackage(content, code, crs, layer, file)
    return _from_geojson(content, code, crs, file)


def _unpacked(source: Path | str | bytes, file: str) -> bytes:
    try:
        content = source if isinstance(source, bytes) else _read(Path(source), file)
        if content.startswith(_GZIP):
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
                content = packed.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DeliveryError.at(
            Place(file), f"The file cannot be read: {error}.", "Deliver it again, whole."
        ) from error
    if len(content) > MAX_BYTES:
        raise _too_large(file)
    return content


def _read(path: Path, file: str) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise _too_large(file)
    return path.read_bytes()


def _too_large(file: str) -> DeliveryError:
    what = f"The file is larger than {MAX_BYTES >> 20} MB."
    return DeliveryError(
        [Problem(Place(file), what, "Deliver a generalised map, or a GeoPackage of one layer.")]
    )


def _from_geopackage(
    content: bytes, code: CodeOf, crs: str | None, layer: str | None, file: str
) -> Boundaries:
    import pyogrio.raw  # GDAL takes a third of a second to load, and few projects have a GeoPackage

    # GDAL goes by the name as well as the content, and looks beside a file for others: so a copy, alone in a folder.
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # what GDAL warns of is checked here: layers, number, geometry
        path = Path(folder, "polygons.gpkg")
        path.write_bytes(content)
        try:
            chosen = _layer([str(name) for name, kind in pyogrio.list_layers(path) if kind], layer, file)
            info = pyogrio.read_info(path, layer=chosen)
            fields = list(info["fields"])
            wanted = fields if callable(code) else [name for name in fields if name == code]
            meta, _, wkb, columns = pyogrio.raw.read(path, layer=chosen, columns=wanted, force_2d=True)
            if len(wkb) != info["features"]:
                raise ValueError(f"it holds {len(wkb)} objects and says that there are {info['features']}")
        except (RuntimeError, ValueError) as error:  # what GDAL raises for a damaged file
            what = f"The GeoPackage cannot be read: {error}.".replace(str(path), file)
            raise DeliveryError.at(Place(file), what, "Deliver it again.") from error
    system = crs or meta["crs"]
    if not system:
        raise DeliveryError.at(
            Place(file), f"Layer '{chosen}' has no coordinate system.", "Give it, such as EPSG:28992."
        )
    texts = [column.tolist() for column in columns]
    objects = [dict(zip(meta["fields"], row, strict=True)) for row in zip(*texts, strict=True)] or [
        {} for _ in wkb
    ]
    codes = _codes(objects, code, fields, file)
    return Boundaries.from_wkb(codes, wkb, str(system), file=file)


def _layer(names: list[str], layer: str | None, file: str) -> str:
    listed = ", ".join(names) or "none"
    if layer is not None and layer not in names:
        raise DeliveryError.at(
            Place(file), f"There is no layer '{layer}' of polygons.", f"Its layers are: {listed}."
        )
    if layer is None and len(names) != 1:
        raise DeliveryError.at(
            Place(file), f"There are {len(names)} layers.", f"Say which of them: {listed}."
        )
    return layer or names[0]


def _from_geojson(content: bytes, code: CodeOf, crs: str | None, file: str) -> Boundaries:
    document = _json(content, file)
    features = document.get("features") if document.get("type") == "FeatureCollection" else None
    if not isinstance(features, list) or not features:
        what = "This is no GeoJSON with objects, and no GeoPackage."
        raise DeliveryError.at(Place(file), what, "Deliver a FeatureCollection with a Polygon for each area.")
    objects = [feature if isinstance(feature, dict) else {} for feature in features]
    properties = [
        found if isinstance(found := feature.get("properties"), dict) else {} for feature in objects
    ]
    fields = list(dict.fromkeys(name for found in properties[:_ENOUGH] for name in found))
    codes = _codes(properties, code, fields, file)
    geometries = _geometries([feature.get("geometry") for feature in objects], codes, file)
    return assembled(codes, geometries, crs or _declared_crs(document, file), file)


def _json(content: bytes, file: str) -> dict[str, object]:
    """The JSON object in a file, strictly read; UTF-8, or else latin-1 as older programs write."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    try:
        document = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        place = Place(file, error.lineno, error.colno)
        raise DeliveryError.at(
            place, f"This is no JSON: {error.msg}.", "Deliver GeoJSON or a GeoPackage, whole."
        ) from error
    except (ValueError, RecursionError) as error:  # a number without end, NaN, brackets nested without end
        what = f"This is JSON that no GeoJSON needs: {error}."
        raise DeliveryError.at(Place(file), what, "Deliver GeoJSON or a GeoPackage.") from error
    return document if isinstance(document, dict) else {}


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _declared_crs(document: Mapping[str, object], file: str) -> str:
    """The coordinate system that GeoJSON declares: the `crs` member of 2008, or WGS84 where that is absent."""
    member = document.get("crs")
    if member is None:
        return WGS84
    match member:
        case {"type": "name", "properties": {"name": str(name)}}:
            return name
    remedy = f"Leave it out for WGS84, or give the system that holds, such as EPSG:28992; here stands {member!r:.80}."
    raise DeliveryError.at(Place(file), "The member `crs` names no coordinate system.", remedy)


def _codes(objects: Sequence[Properties], code: CodeOf, fields: list[str], file: str) -> list[str]:
    """The area code of every object; what has none is told, object by object."""
    codes: list[str] = []
    problems: list[Problem] = []
    for number, properties in enumerate(objects, 1):
        try:
            found = code(properties) if callable(code) else properties[code]
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, ZichtError):
            found = None
        if not isinstance(found, str) or not found.strip():
            what = f"Object {number} has no area code{'' if callable(code) else f' in {code!r}'}"
            remedy = f"Its properties are: {', '.join(map(str, fields)) or 'none'}."
            problems.append(Problem(Place(file), f"{what}, as text.", remedy))
            if len(problems) == _ENOUGH:
                break
            continue
        codes.append(found.strip())
    if problems:
        raise DeliveryError(problems)
    return codes


def _geometries(members: list[object], codes: list[str], file: str) -> Geometries:
    """The (multi)polygons of GeoJSON geometry members; what is no polygon is told, object by object."""
    shapes: list[object] = []
    problems: list[Problem] = []
    vertices = 0
    for number, (member, code) in enumerate(zip(members, codes, strict=True), 1):
        try:
            polygons = _polygons(member)
        except (ValueError, TypeError, OverflowError) as error:
            what = f"Object {number} ({code}) has no polygon: {error}."
            problems.append(Problem(Place(file), what, "An area needs a Polygon or MultiPolygon."))
            if len(problems) == _ENOUGH:
                break
            continue
        vertices += sum(len(ring) for rings in polygons for ring in rings)
        if vertices > MAX_VERTICES:
            raise too_many_vertices(file)
        parts = [shapely.Polygon(rings[0], rings[1:]) for rings in polygons]
        shapes.append(parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts))
    if problems:
        raise DeliveryError(problems)
    return np.array(shapes, dtype=object)


def _polygons(member: object) -> list[list[Numbers]]:
    """The rings of a GeoJSON Polygon or MultiPolygon, each n × 2.

    Raises:
        ValueError, TypeError, OverflowError: it is something else; the message says what.
    """
    match member:
        case {"type": "Polygon", "coordinates": [*_] as rings} if rings:
            return [[_ring(ring) for ring in rings]]
        case {"type": "MultiPolygon", "coordinates": [*_] as polygons} if any(polygons):
            return [[_ring(ring) for ring in rings] for rings in polygons if rings]
        case {"type": kind}:
            raise ValueError(f"it is {kind!r:.40}, or empty")
    raise ValueError("it has no geometry")


def _ring(points: list[list[float]]) -> Numbers:
    ring = np.asarray(points, dtype=np.float64)
    if ring.ndim != 2 or ring.shape[1] < 2 or len(ring) < 4:
        raise ValueError("a ring has at least four points of two numbers")
    if not math.isfinite(float(ring.sum())):
        raise ValueError("a coordinate is not finite")
    if (ring[0, :2] != ring[-1, :2]).any():
        raise ValueError("a ring does not end where it begins")
    return ring[:, :2]
