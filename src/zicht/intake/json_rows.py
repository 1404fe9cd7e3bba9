"""JSON and GeoJSON: a list of records, or of features with their geometry.

They have to be read whole, so their size is bounded. Numbers keep the digits they were delivered with.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

import pyarrow as pa

from zicht.errors import DeliveryError, Place
from zicht.intake.geometry import Shapes, shapes_of
from zicht.intake.rows import Delivery, RowSource, batch_schema, checked_columns, shortened, unpack_limited

_BATCH = 50_000
_MAX_RECORDS = 50_000_000
_CRS84 = "OGC:CRS84"


def read_json(delivery: Delivery) -> RowSource:
    """The records of a JSON file: a list of objects, or an object that holds one under `format.records` (dotted path).

    Values that are objects or lists are handed over as JSON text. Row numbers count from 1.

    Raises:
        DeliveryError: not JSON, a key twice in one object, no list of records, no rows.
    """
    records = _records(_loaded(delivery), delivery)
    return _source(delivery, records, "json", None)


def read_geojson(delivery: Delivery) -> RowSource:
    """The features of a GeoJSON file, properties as columns.

    Coordinates are WGS84 unless the format or the file (member `crs`, GeoJSON 2008) says otherwise; they come out in
    EPSG:28992. Feature numbers count from 1.

    Raises:
        DeliveryError: not GeoJSON, no features, geometry that cannot be read.
    """
    root = _loaded(delivery)
    features = root.get("features") if isinstance(root, dict) else None
    if not isinstance(features, list):
        raise DeliveryError.at(
            Place(delivery.shown), "is JSON, but holds no list of `features`.", "Declare `kind: json`."
        )
    records, geometries = [], []
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(feature, dict) or not isinstance(properties, dict | None):
            raise DeliveryError.at(
                Place(delivery.shown, number), "this feature is no object with `properties`."
            )
        records.append(properties or {})
        geometries.append(feature.get("geometry"))
    crs = delivery.format.crs or _named_crs(cast("dict[str, object]", root)) or _CRS84
    return _source(delivery, records, "geojson", shapes_of(geometries, crs, delivery.shown))


def _loaded(delivery: Delivery) -> object:
    raw = unpack_limited(delivery.path, delivery.shown)
    text = _decoded(raw, delivery)
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise DeliveryError.at(
            Place(delivery.shown, error.lineno, error.colno),
            f"is not JSON: {error.msg}.",
            "Have the file exported again.",
        ) from error
    except RecursionError as error:
        raise DeliveryError.at(Place(delivery.shown), "is nested too deep to be a table.") from error
    except _KeyTwiceError as error:
        key = json.dumps(str(error))
        at = text.find(key, text.find(key) + 1)
        raise DeliveryError.at(
            Place(delivery.shown, text.count("\n", 0, max(at, 0)) + 1),
            f"a record says `{shortened(str(error))}` twice.", "Keep one.",
        ) from error  # fmt: skip


class _KeyTwiceError(Exception):
    """An object that holds a key twice; JSON does not say which one counts."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _KeyTwiceError(next(key for key in keys if keys.count(key) > 1))
    return found


def _decoded(raw: bytes, delivery: Delivery) -> str:
    declared = delivery.format.encoding
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or declared == "utf-16":
        codec = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-16-le"
        return raw.decode(codec, errors="replace")
    if declared == "latin-1":
        return raw.decode("cp1252", errors="zicht_latin1")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if declared == "utf-8":
            line = raw.count(b"\n", 0, error.start) + 1
            raise DeliveryError.at(
                Place(delivery.shown, line), f"is not utf-8: byte 0x{raw[error.start]:02x} at this line.",
                "Declare the `encoding` of the source.",
            ) from error  # fmt: skip
        return raw.decode("cp1252", errors="zicht_latin1")


def _records(root: object, delivery: Delivery) -> list[dict[str, object]]:
    found = root
    for part in (delivery.format.records or "").split(".") if delivery.format.records else ():
        if not isinstance(found, dict) or part not in found:
            known = ", ".join(map(shortened, found)) if isinstance(found, dict) else "no object"
            raise DeliveryError.at(Place(delivery.shown), f"has no `{part}` on the path `{delivery.format.records}`.", f"There is: {known}.")  # fmt: skip
        found = found[part]
    if delivery.format.records is None and isinstance(found, dict):
        # The usual envelope, such as OData's `value`: one list of objects among what else is said.
        lists = [
            key
            for key, value in found.items()
            if isinstance(value, list) and all(isinstance(v, dict) for v in value)
        ]
        if len(lists) == 1:
            found = found[lists[0]]
    if not isinstance(found, list):
        raise DeliveryError.at(
            Place(delivery.shown),
            "holds no list of records.",
            "Say with `records` in the format where the list is.",
        )
    for number, record in enumerate(found, start=1):
        if not isinstance(record, dict):
            raise DeliveryError.at(
                Place(delivery.shown, number), f"record {number} of the list is no object."
            )
    return cast("list[dict[str, object]]", found)


def _named_crs(root: dict[str, object]) -> str | None:
    crs = root.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else None


def _source(
    delivery: Delivery, records: list[dict[str, object]], kind: str, shapes: Shapes | None
) -> RowSource:
    place = Place(delivery.shown)
    if not records:
        raise DeliveryError.at(place, "holds an empty list.", "Have the file exported again.")
    if len(records) > _MAX_RECORDS:
        raise DeliveryError.at(
            place, f"holds more than {_MAX_RECORDS:,} records.", "Have it delivered as CSV or Parquet."
        )
    names = list(dict.fromkeys(key for record in records for key in record))
    columns = checked_columns(names, delivery.rename, place)
    keys = dict(zip(columns, names, strict=True))

    def batches(wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        chosen = list(columns if wanted is None else wanted)
        schema = batch_schema(chosen, geometry=shapes is not None)
        for start in range(0, len(records), _BATCH):
            part = records[start : start + _BATCH]
            arrays = [pa.array(range(start + 1, start + len(part) + 1), pa.int64())]
            arrays += [pa.array(_cells(part, keys[name]), pa.string()) for name in chosen]
            if shapes is not None:
                arrays += shapes.arrays(start, start + len(part))
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    return RowSource(
        columns=columns,
        kind="geojson" if kind == "geojson" else "json",
        numbers="mixed",
        batches=batches,
        geometry=shapes is not None,
        total=len(records),
    )


def _cells(records: Iterable[dict[str, object]], key: str) -> Iterator[str | None]:
    for record in records:
        value = record.get(key)
        if value is None or isinstance(value, str):
            yield value
        elif isinstance(value, bool):
            yield "true" if value else "false"
        else:
            yield json.dumps(value, ensure_ascii=False)
