"""Everything that a published file says, read back: texts and numbers of pages, pictures, data files and documents.

A reader gives all strings of a file in which a figure could stand, names of properties and hidden metadata too. A kind of file
without a reader is an error, so that none goes in unread.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import brotli
import pikepdf
import pyarrow.parquet as pq

SHAPE = {
    "d", "points", "viewbox", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "transform", "dx", "dy",
    "href", "src", "srcset", "sizes", "id", "class", "for", "aria-labelledby", "aria-controls", "aria-describedby",
}  # fmt: skip
"""Attributes that say where something stands and not what it is."""


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_comment(self, data: str) -> None:
        self.said.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value for name, value in attrs if value and name not in SHAPE]


def _markup(data: bytes) -> Iterator[str]:
    parser = _Html()
    parser.feed(data.decode("utf-8-sig"))
    parser.close()
    yield from parser.said


def _json(data: bytes) -> Iterator[str]:
    yield from _leaves(json.loads(data))


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            if key not in ("coordinates", "paths", "boxes"):  # where areas lie
                yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif value is not None:
        yield str(value)


def _csv(data: bytes) -> Iterator[str]:
    text = data.decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ","):
        yield from row


def _parquet(data: bytes) -> Iterator[str]:
    file = pq.ParquetFile(io.BytesIO(data))
    yield from (f"{key!r} {value!r}" for key, value in (file.metadata.metadata or {}).items())
    for column in file.read().itercolumns():
        yield from (str(value) for value in column.to_pylist() if value is not None)
    for group in range(file.metadata.num_row_groups):  # smallest and largest value of every column
        for column in range(file.metadata.num_columns):
            found = file.metadata.row_group(group).column(column).statistics
            if found is not None and found.has_min_max:
                yield from (str(found.min), str(found.max))


def _geopackage(data: bytes) -> Iterator[str]:
    connection = sqlite3.connect(":memory:")
    connection.deserialize(data)
    tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
    for table in tables:
        if table.startswith(("rtree_", "gpkg_spatial", "gpkg_tile")):
            continue
        for row in connection.execute(f'select * from "{table}"'):
            yield from (str(cell) for cell in row if cell is not None and not isinstance(cell, bytes))
    # Rows that were removed stay in the file until it is vacuumed.
    yield from re.findall(r"[\d.,]{4,}", data.decode("latin-1"))


def _png(data: bytes) -> Iterator[str]:
    at = 8
    while at < len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + size]
        if kind in (b"tEXt", b"iTXt", b"eXIf"):
            yield body.decode("latin-1")
        elif kind == b"zTXt":
            name, _, packed = body.partition(b"\0")
            yield f"{name.decode('latin-1')} {zlib.decompress(packed[1:]).decode('latin-1')}"
        at += 12 + size


def _pdf(data: bytes) -> Iterator[str]:
    with pikepdf.open(io.BytesIO(data)) as document:
        yield from (str(value) for value in document.docinfo.values())
        for thing in document.objects:
            if isinstance(thing, pikepdf.Dictionary):
                yield from (str(value) for value in thing.values() if isinstance(value, pikepdf.String))
            elif isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/XML":
                yield thing.read_bytes().decode("utf-8")
        for page in document.pages:
            yield "".join(_page_text(page))


def _page_text(page: pikepdf.Page) -> Iterator[str]:
    fonts = {name: _letters(font) for name, font in (page.resources.get("/Font") or {}).items()}
    letters: dict[bytes, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            letters = fonts.get(str(operands[0]), {})
        elif str(operator) in ("Tj", "TJ", "'", '"'):
            parts = operands[-1] if isinstance(operands[-1], pikepdf.Array) else [operands[-1]]
            for part in parts:
                if isinstance(part, pikepdf.String):
                    yield _spelled(bytes(part), letters)
        elif str(operator) in ("Td", "TD", "T*", "Tm", "BT"):
            yield " "


def _spelled(codes: bytes, letters: dict[bytes, str]) -> str:
    if not letters:
        return codes.decode("latin-1")
    size = len(next(iter(letters)))
    return "".join(letters.get(codes[at : at + size], "") for at in range(0, len(codes), size))


def _letters(font: pikepdf.Object) -> dict[bytes, str]:
    """What the codes of a font stand for, as its ToUnicode map says."""
    if "/ToUnicode" not in font:
        return {}
    found: dict[bytes, str] = {}
    text = font.ToUnicode.read_bytes().decode("latin-1")
    for block in re.findall(r"beginbfchar(.*?)endbfchar", text, re.S):
        for code, letter in re.findall(r"<(\w+)>\s*<(\w+)>", block):
            found[bytes.fromhex(code)] = bytes.fromhex(letter).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", text, re.S):
        for first, last, letter in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for step in range(int(last, 16) - int(first, 16) + 1):
                code = (int(first, 16) + step).to_bytes(len(first) // 2)
                found[code] = chr(int(letter, 16) + step)
    return found


def _text(data: bytes) -> Iterator[str]:
    yield data.decode("utf-8")


def _nothing(_data: bytes) -> Iterator[str]:
    yield from ()


READERS: dict[str, Callable[[bytes], Iterable[str]]] = {
    ".html": _markup, ".svg": _markup, ".xml": _markup, ".json": _json, ".jsonld": _json, ".geojson": _json, ".ttl": _text, ".csv": _csv, ".txt": _text,
    ".parquet": _parquet, ".gpkg": _geopackage, ".png": _png, ".pdf": _pdf, "": _text, ".conf": _text,
    # Ours and the same in every site, or letters only.
    ".js": _nothing, ".css": _nothing, ".woff2": _nothing, ".wasm": _nothing,
}  # fmt: skip


def said(path: Path) -> list[str]:
    """All strings in a file in which a figure could stand.

    Raises:
        KeyError: nobody reads this kind of file.
    """
    data = path.read_bytes()
    if path.suffix in (".br", ".gz"):
        unpacked = brotli.decompress(data) if path.suffix == ".br" else gzip.decompress(data)
        return list(READERS[path.with_suffix("").suffix](unpacked))
    return list(READERS[path.suffix](data))


def holds(texts: Iterable[str], forms: Iterable[str]) -> bool:
    """Whether one of the ways in which a number is written stands in the texts, by itself and not inside another number."""
    wanted = re.compile("|".join(rf"(?<![\d.,]){re.escape(form)}(?![\d]|[.,]\d)" for form in forms))
    return any(wanted.search(text) for text in texts)


def forms(value: float, decimals: int) -> set[str]:
    """The ways in which a site would write a number."""
    rounded = f"{value:.{decimals}f}"
    grouped = f"{value:,.{decimals}f}"
    dutch = grouped.translate(str.maketrans(",.", ".,"))
    return {rounded, rounded.replace(".", ","), grouped, dutch, repr(value), repr(value).replace(".", ",")}


def files_of(site: Path) -> Iterator[Path]:
    """All files of a site that the public can ask for."""
    for path in sorted(site.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(site).parts):
            yield path
