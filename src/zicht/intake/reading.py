"""Which reader a delivery needs; the contents decide, and must agree with the name."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import DeliveryError, Place, Problem
from zicht.intake.csv_rows import is_gzip, read_csv
from zicht.intake.json_rows import read_geojson, read_json
from zicht.intake.parquet_rows import read_parquet
from zicht.intake.rows import GEOMETRY, LINE, MAX_IN_MEMORY, Delivery, FileKind, RowSource
from zicht.intake.xlsx_rows import read_xlsx


def _read_geopackage(delivery: Delivery) -> RowSource:
    from zicht.intake.geopackage_rows import read_geopackage  # GDAL takes a third of a second to load

    return read_geopackage(delivery)


_READERS: dict[FileKind, Callable[[Delivery], RowSource]] = {
    "csv": read_csv,
    "xlsx": read_xlsx,
    "parquet": read_parquet,
    "json": read_json,
    "geojson": read_geojson,
    "gpkg": _read_geopackage,
}
_SUFFIXES: dict[str, FileKind] = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv", ".tab": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx", ".parquet": "parquet",
    ".json": "json", ".geojson": "geojson", ".gpkg": "gpkg",
}  # fmt: skip
_BEGINNINGS: dict[bytes, tuple[FileKind | None, str]] = {
    b"PK\x03\x04": ("xlsx", "a zip file or workbook"),
    b"PAR1": ("parquet", "Parquet"),
    b"SQLite format 3\x00": ("gpkg", "an SQLite database, as a GeoPackage is"),
    b"\xd0\xcf\x11\xe0": (None, "an old workbook (.xls)"),
    b"%PDF": (None, "a PDF"),
    b"\x7fELF": (None, "a program"),
    b"MZ\x90": (None, "a program"),
    b"7z\xbc\xaf": (None, "a 7z archive"),
    b"BZh": (None, "a bzip2 archive"),
    b"\x28\xb5\x2f\xfd": (None, "a zstd archive"),
    b"\xfd7zXZ": (None, "an xz archive"),
    b"\x1f\x8b": (None, "gzip within gzip"),
}
_PACKED: tuple[FileKind, ...] = ("csv", "json", "geojson")  # kinds that may come gzipped


def read_rows(delivery: Delivery) -> RowSource:
    """The rows of a delivery, as text, with the line each stands on.

    Args:
        delivery: a file of any kind in `FileKind`; CSV, JSON and GeoJSON may be gzipped.

    Returns:
        Its columns under their physical names, and batches to be read as a stream.

    Raises:
        DeliveryError: no such file, contents that disagree with the name or the declared kind, or whatever is wrong with it.
    """
    try:
        kind = _kind(delivery)
    except OSError as error:
        raise DeliveryError.at(
            Place(delivery.shown), f"cannot be read ({error.strerror or error})."
        ) from error
    return _READERS[kind](delivery)


def read_table(delivery: Delivery) -> pa.Table:
    """All of a small delivery at once, such as a list of areas.

    Args:
        delivery: the file, and how it is written.

    Returns:
        `__line` (int64), a string column a physical name (trimmed; empty cells are null), and for geographic kinds
        `__geometry` (WKB in EPSG:28992), `__x` and `__y`.

    Raises:
        DeliveryError: as `read_rows`; also where a row does not fit the header, or the table is over `MAX_IN_MEMORY` bytes.
    """
    source = read_rows(delivery)
    batches, size = [], 0
    for batch in source.batches(None):
        batches.append(batch)
        size += batch.nbytes
        if size > MAX_IN_MEMORY:
            raise DeliveryError.at(
                Place(delivery.shown), "is too large to be read at once; declare a register for it."
            )
    if source.broken:
        raise DeliveryError(_problems(source, delivery.shown))
    table = pa.Table.from_batches(batches, schema=source.schema)
    for index, name in enumerate(table.column_names):
        if name != LINE and name != GEOMETRY and pa.types.is_string(table.schema.field(index).type):
            table = table.set_column(index, name, _trimmed(table.column(index)))
    return table


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def _kind(delivery: Delivery) -> FileKind:
    path, place = delivery.path, Place(delivery.shown)
    if not path.is_file():
        raise DeliveryError.at(place, "is not there, or is not a file.")
    packed = is_gzip(path)
    head = _head(path, packed=packed, place=place)
    if not head.strip(b" \t\r\n\x00"):
        raise DeliveryError.at(place, "is empty.", "Have the file delivered again.")
    named = delivery.format.kind or _named(path)
    found, what = next((seen for start, seen in _BEGINNINGS.items() if head.startswith(start)), (None, ""))
    if what and (found is None or packed):
        raise DeliveryError.at(place, f"is {what}{', gzipped' if packed else ''}, which is not read.", "Deliver CSV, XLSX, Parquet, JSON, GeoJSON or GeoPackage.")  # fmt: skip
    if found is None and named in (None, *_PACKED):
        return _text_kind(head, named, place)
    if (found != named and named is not None) or (packed and named not in _PACKED):
        raise DeliveryError.at(
            place, f"should be {named} by its name or its declaration, and holds {what or 'text'}.",
            "Declare the right `kind`, or have the right file delivered.",
        )  # fmt: skip
    assert found is not None  # noqa: S101 -- the branch for text took what has no known beginning
    return found


def _text_kind(head: bytes, named: FileKind | None, place: Place) -> FileKind:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise DeliveryError.at(
            place, "is a web page and no data.", "Look whether the address asks to log in, or has moved."
        )
    looks_json = start[:1] in (b"{", b"[")
    utf16 = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    if named in ("json", "geojson") and not looks_json and not utf16:
        raise DeliveryError.at(
            place, f"should be {named} by its name or its declaration, and does not begin with {{ or [.",
            "Declare the right `kind`, or have the right file delivered.",
        )  # fmt: skip
    if named is None and looks_json:
        return "geojson" if b'"FeatureCollection"' in head else "json"
    if named == "csv" and start[:1] == b"{" and b'":' in head:
        raise DeliveryError.at(place, "should be csv by its name or its declaration, and holds JSON.", "Declare the right `kind`.")  # fmt: skip
    return named or "csv"


def _head(path: Path, *, packed: bool, place: Place) -> bytes:
    try:
        with cast("IO[bytes]", gzip.open(path)) if packed else path.open("rb") as file:
            return file.read(4096)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DeliveryError.at(place, f"is a gzip file that is damaged or cut short ({error}).", "Have it delivered again.") from error  # fmt: skip


def _named(path: Path) -> FileKind | None:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"]:
        suffixes.pop()
    return _SUFFIXES.get(suffixes[-1]) if suffixes else None


def _problems(source: RowSource, shown: str) -> list[Problem]:
    return [Problem(Place(shown, row.line), f"{row.why}.") for row in source.broken[:20]]
