"""Looks for identifiers in every byte of a folder: raw, unpacked, and every value of every Parquet file."""

from __future__ import annotations

import csv
import gzip
import io
import re
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import brotli
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# A number stands by itself, for nine digits within a digest are no citizen number; what begins with a letter may stand anywhere.
_TOKENS = re.compile(rb"(?<![0-9A-Za-z])[0-9]{8,18}(?![0-9A-Za-z])|[A-Z][0-9]{5,9}")
_AT_ONCE = 1 << 24
_OVERLAP = 32


def identifiers_of(path: Path, *columns: str) -> set[str]:
    """All values of these columns of a delivery, CSV or Parquet."""
    if path.suffix == ".parquet":
        table = pq.read_table(path, columns=list(columns))
        return {
            value for name in columns for value in pc.unique(table[name]).to_pylist() if value is not None
        }
    with path.open(encoding="utf-8-sig", newline="") as file:
        delimiter = ";" if ";" in file.readline() else ","
        file.seek(0)
        return {
            row[name] for row in csv.DictReader(file, delimiter=delimiter) for name in columns if row[name]
        }


def found_in(folder: Path, identifiers: Iterable[str]) -> dict[str, list[str]]:
    """The files below a folder in which identifiers stand, with the first of them; nothing where there is none."""
    wanted = {identifier.encode() for identifier in identifiers}
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        hits = _in_bytes(path.name.encode(), wanted) | (_in_file(path, wanted) if path.is_file() else set())
        if hits:
            found[path.relative_to(folder).as_posix()] = sorted(hit.decode() for hit in hits)[:5]
    return found


def found_in_text(text: str, identifiers: Iterable[str]) -> set[str]:
    """The identifiers that stand in a text, such as what a command shows."""
    return {hit.decode() for hit in _in_bytes(text.encode(), {one.encode() for one in identifiers})}


def _in_bytes(data: bytes, wanted: set[bytes]) -> set[bytes]:
    return {match[0] for match in _TOKENS.finditer(data)} & wanted


def _in_file(path: Path, wanted: set[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    with path.open("rb") as file:
        tail = b""
        while data := file.read(_AT_ONCE):
            found |= _in_bytes(tail + data, wanted)
            tail = data[-_OVERLAP:]
    for unpacked in _unpacked(path):
        found |= _in_bytes(unpacked, wanted)
    return found


def _unpacked(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"PAR1"):
        yield from _values(pq.ParquetFile(path))
    elif head.startswith(b"\x1f\x8b"):
        yield gzip.decompress(path.read_bytes())
    elif path.suffix == ".br":
        yield brotli.decompress(path.read_bytes())
    elif head.startswith(b"PK"):
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                data = packed.read(name)
                yield data
                if data.startswith(b"PAR1"):
                    yield from _values(pq.ParquetFile(io.BytesIO(data)))
    elif head.startswith(b"SQLite format 3\0"):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            yield from (line.encode() for line in connection.iterdump())


def _values(file: pq.ParquetFile) -> Iterator[bytes]:
    """Every value of every column as text, and what stands in the metadata."""
    with file:
        yield f"{file.schema_arrow}{file.metadata.metadata}".encode()
        for name in file.schema_arrow.names:
            column = (
                pc.unique(file.read([name])[name])
                if not pa.types.is_nested(file.schema_arrow.field(name).type)
                else None
            )
            if column is None:
                yield str(file.read([name])[name].to_pylist()).encode()
            elif pa.types.is_binary(column.type):
                yield b"\n".join(value for value in column.to_pylist() if value)
            else:
                texts = column.cast(pa.string()).drop_null()
                yield (
                    pc.binary_join(pa.ListArray.from_arrays([0, len(texts)], texts), "\n")[0].as_py().encode()
                )
