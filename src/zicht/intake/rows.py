"""Rows as delivered: whatever the kind of file, text cells with the line they stand on.

A reader says nothing about what a value means; it finds the cells. Types, missing codes and rules are the business of
`zicht.intake.take`. Every reader treats its file as untrusted: sizes, numbers of columns and depths are bounded here.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import Format
from zicht.errors import DeliveryError, Place

NumberStyle = Literal["point", "comma", "mixed"]
"""How numbers are written in text: `1234.5` (point), `1.234,5` (comma), or by programs (mixed: point, and no groups)."""

LINE, GEOMETRY, X, Y = "__line", "__geometry", "__x", "__y"
PLACES = (X, Y)
"""Where a row that is a point lies, in metres; a contract can take either as the physical name of a column."""

MAX_COLUMNS = 5_000  # the widest published area statistics have some 700
MAX_CELL = 100_000  # characters; a cell of a workbook holds at most 32,767
MAX_IN_MEMORY = 1_000_000_000  # bytes of a file that has to be read whole (JSON)
MAX_UNPACKED = 200_000_000_000  # bytes of a packed text file that is read as a stream
MAX_RATIO = 300  # unpacked to packed; real tables reach about 60
RATIO_FROM = 50_000_000  # below this many unpacked bytes a high ratio does no harm

_ODD_BLANKS = (b"\t", b"\r", b"\n", b"\xc2\xa0", b"\xe2\x80\x8b", b"\xef\xbb\xbf")

FileKind = Literal["csv", "xlsx", "parquet", "json", "geojson", "gpkg"]

Origin = Literal["file", "statline"]
"""Whether a deliverer sent a file, which must hold every column of its contract, or it is a StatLine table, which CBS adds
columns to and drops columns from as it goes."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivered file, found and named.

    Attributes:
        path: the file.
        format: how it is written, as far as declared.
        shown: what to call it in messages.
        rename: names in the file that the contract knows under another name (name in the file: physical name).
        digest: SHA-256 of its bytes, in hex.
        origin: whether it is a file or a StatLine table.
    """

    path: Path
    format: Format
    shown: str
    rename: Mapping[str, str]
    digest: str
    origin: Origin = "file"


@dataclass(frozen=True)
class Broken:
    """A row that could not be taken apart into cells."""

    line: int
    why: str


@dataclass(frozen=True)
class RowSource:
    """The rows of one delivery.

    Attributes:
        columns: physical names, in the order of the file.
        kind: the kind of file it turned out to be.
        numbers: how numbers are written in it.
        geometry: whether batches carry `__geometry` (WKB in EPSG:28992), and `__x` and `__y` in metres for points.
        warnings: what was assumed and had better be declared.
        broken: rows that could not be taken apart; filled while batches are read.
        total: what `done` of a progress counts up to, where known: lines or rows.
        batches: the rows in order as record batches. Given names, it leaves other columns out. The first column is
            `__line` (int64: line, row or feature number, from 1), then a string column a name; null is no cell at all.
    """

    columns: tuple[str, ...]
    kind: FileKind
    numbers: NumberStyle
    batches: Callable[[Sequence[str] | None], Iterator[pa.RecordBatch]]
    geometry: bool = False
    warnings: tuple[str, ...] = ()
    broken: list[Broken] = field(default_factory=list)
    total: int | None = None

    @property
    def schema(self) -> pa.Schema:
        """The schema of the batches when all columns are asked for."""
        return batch_schema(self.columns, geometry=self.geometry)


def batch_schema(columns: Sequence[str], *, geometry: bool) -> pa.Schema:
    """The schema of a batch with these columns.

    Args:
        columns: physical names.
        geometry: whether it carries geometry and points.
    """
    fields = [pa.field(LINE, pa.int64()), *(pa.field(name, pa.string()) for name in columns)]
    if geometry:
        fields += [pa.field(GEOMETRY, pa.binary()), pa.field(X, pa.float64()), pa.field(Y, pa.float64())]
    return pa.schema(fields)


def checked_columns(names: Sequence[str], rename: Mapping[str, str], place: Place) -> tuple[str, ...]:
    """The physical names of a header, once it is found fit to use.

    A cell without a name becomes `__unnamed_N` (N counts from 1), which no contract can ask for by accident.

    Args:
        names: the header as delivered.
        rename: names in the file that the contract knows under another name.
        place: where the header stands.

    Raises:
        DeliveryError: no columns, more than `MAX_COLUMNS`, or a name that stands there twice.
    """
    if not any(name.strip() for name in names):
        raise DeliveryError.at(
            place, "has no header with names of columns.", "Say with `header_row` where it stands."
        )
    if len(names) > MAX_COLUMNS:
        raise DeliveryError.at(place, f"has {len(names):,} columns; at most {MAX_COLUMNS:,} are read.")
    found: dict[str, int] = {}
    for index, written in enumerate(names, start=1):
        name = written.strip()
        name = rename.get(name, name) or f"__unnamed_{index}"
        if name in found or name in (LINE, GEOMETRY, X, Y):
            first = f"; the first is column {found[name]}" if name in found else ""
            raise DeliveryError.at(
                Place(place.file, place.line, index),
                f"the header says `{shortened(name)}` for the second time{first}."
                if name in found
                else f"the header uses `{name}`, a name that Zicht keeps for itself.",
                "Give every column a name of its own.",
            )
        found[name] = index
    return tuple(found)


def without_odd_blanks(column: pa.Array) -> pa.Array:
    """A string column without tabs, line ends, hard spaces and the like around its values; plain spaces stay.

    Looking through the bytes of all values at once costs next to nothing, and nearly always there is nothing to do.
    """
    data = column.buffers()[2]
    raw = b"" if data is None else data.to_pybytes()
    if not any(blank in raw for blank in _ODD_BLANKS):
        return column
    return pc.utf8_trim(column, characters=" \t\r\n\u00a0\u200b\ufeff")


def shortened(text: str, length: int = 80) -> str:
    """A text cut off for a message."""
    flat = " ".join(text.split())
    return flat if len(flat) <= length else f"{flat[: length - 1]}…"


def unpack_limited(path: Path, shown: str, limit: int = MAX_IN_MEMORY) -> bytes:
    """The bytes of a file, gunzipped where it is packed.

    Raises:
        DeliveryError: the file is larger than `limit`, packed too tightly to be data, cut short or damaged.
    """
    with path.open("rb") as file:
        raw = file.read(limit + 1)
    if len(raw) > limit:
        raise DeliveryError.at(Place(shown), f"is larger than {limit:,} bytes, too large to be read whole.")
    if raw[:2] != b"\x1f\x8b":
        return raw
    inflater = zlib.decompressobj(wbits=31)
    allowed = min(limit, max(RATIO_FROM, MAX_RATIO * len(raw)))
    try:
        data = inflater.decompress(raw, allowed + 1)
    except zlib.error as error:
        raise DeliveryError.at(
            Place(shown), f"is a damaged gzip file ({error}).", "Have it delivered again."
        ) from error
    if len(data) > allowed:
        raise DeliveryError.at(
            Place(shown), f"unpacks to more than {allowed:,} bytes; that is refused as a zip bomb."
        )
    if not inflater.eof:
        raise DeliveryError.at(Place(shown), "is a gzip file that was cut short.", "Have it delivered again.")
    return data
