"""Workbooks (XLSX), read straight from their XML as a stream.

Not through a spreadsheet library, for three reasons: a formula without a stored value must be an error and not an empty
cell, a number must come out with all its digits, and a file from outside must not be able to fill memory. Format:
ECMA-376 part 1, SpreadsheetML.
"""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from xml.parsers import expat

import pyarrow as pa

from zicht.errors import DeliveryError, Place
from zicht.intake.rows import (
    MAX_COLUMNS,
    Delivery,
    RowSource,
    batch_schema,
    checked_columns,
    shortened,
)

MAX_PART = 2_000_000_000  # bytes of one part of a workbook once unpacked: a million rows of a hundred cells
MAX_PART_RATIO = 400  # unpacked to packed; sheets of one repeated cell reach some 200
_RATIO_FROM = 20_000_000
_MAX_TEXT = 300_000_000  # characters of shared text held in memory
_MAX_PARTS = 10_000
_BATCH = 20_000
_CHUNK = 1 << 18
_DATE_FORMATS = {
    *range(14, 23),
    *range(27, 37),
    *range(45, 48),
    *range(50, 59),
}  # built-in numbers, ECMA-376 18.8.30
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 -- days in a workbook have no zone
_NO_DATE = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|_.|\*.', re.IGNORECASE)


def read_xlsx(delivery: Delivery) -> RowSource:
    """The rows of one sheet of a workbook.

    Args:
        delivery: the file; `format.sheet` names the sheet (the first where left out), `format.header_row` its header.

    Raises:
        DeliveryError: not a workbook, damaged, a zip bomb, no such sheet, no header, no rows.
    """
    book = _Book(delivery)
    header = book.header()
    columns = checked_columns(header, delivery.rename, Place(delivery.shown, delivery.format.header_row))
    if next(iter(book.rows()), None) is None:
        raise DeliveryError.at(Place(delivery.shown, delivery.format.header_row), "has a header and no rows.")

    def batches(wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        names = list(columns if wanted is None else wanted)
        return _batched(book.rows(), [columns.index(name) for name in names], names)

    return RowSource(columns=columns, kind="xlsx", numbers="mixed", batches=batches)


def _batched(
    rows: Iterator[tuple[int, dict[int, str]]], places: list[int], names: list[str]
) -> Iterator[pa.RecordBatch]:
    schema = batch_schema(names, geometry=False)
    lines: list[int] = []
    cells: list[list[str | None]] = [[] for _ in places]
    for line, row in rows:
        lines.append(line)
        for place, column in zip(places, cells, strict=True):
            column.append(row.get(place))
        if len(lines) == _BATCH:
            yield pa.record_batch(
                [pa.array(lines, pa.int64()), *(pa.array(c, pa.string()) for c in cells)], schema=schema
            )
            lines, cells = [], [[] for _ in places]
    if lines:
        yield pa.record_batch(
            [pa.array(lines, pa.int64()), *(pa.array(c, pa.string()) for c in cells)], schema=schema
        )


class _Book:
    """One workbook: its sheet, shared texts and which styles are dates."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery, self.shown = delivery, delivery.shown
        self._header_row = delivery.format.header_row
        with self._opened() as archive:
            self._check(archive)
            self._part, self._from_1904 = self._sheet_part(archive)
            texts, styles = _Texts(self.shown), _Styles(self.shown)
            _read_part(self._xml(archive, "xl/sharedStrings.xml"), texts, "xl/sharedStrings.xml")
            _read_part(self._xml(archive, "xl/styles.xml"), styles, "xl/styles.xml")
            self._texts, self._dates = texts.found, styles.dates()

    def header(self) -> list[str]:
        """The cells of the header row."""
        for number, row in self._read(first=self._header_row):
            if number == self._header_row and row:
                return [row.get(index, "") for index in range(max(row) + 1)]
            break
        raise DeliveryError.at(
            Place(self.shown, self._header_row), "has no header in this row of the sheet.",
            "Say with `header_row` where it stands, and with `sheet` in which sheet.",
        )  # fmt: skip

    def rows(self) -> Iterator[tuple[int, dict[int, str]]]:
        """Row numbers with their cells by column, below the header; empty rows are left out."""
        return ((number, row) for number, row in self._read(first=self._header_row + 1) if row)

    def _read(self, first: int) -> Iterator[tuple[int, dict[int, str]]]:
        with self._opened() as archive:
            sheet = _Sheet(self.shown, first, self._texts, self._dates, from_1904=self._from_1904)
            for _ in _fed(self._xml(archive, self._part), sheet, self._part):
                yield from sheet.take()

    def _opened(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self.delivery.path)
        except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
            raise DeliveryError.at(
                Place(self.shown),
                f"is not a workbook that can be opened ({error}).",
                "Have it saved as .xlsx again.",
            ) from error

    def _check(self, archive: zipfile.ZipFile) -> None:
        parts = archive.infolist()
        names = [part.filename for part in parts]
        if "xl/workbook.xml" not in names:
            raise DeliveryError.at(Place(self.shown), "is a zip file, but no workbook (.xlsx) in it.")
        if len(parts) > _MAX_PARTS or len(set(names)) < len(names):
            raise DeliveryError.at(
                Place(self.shown), "is a workbook with parts that stand in it twice, or too many of them."
            )
        if any(part.flag_bits & 1 for part in parts):
            raise DeliveryError.at(
                Place(self.shown), "is protected with a password.", "Have it saved without one."
            )
        for part in parts:
            self._refuse_bomb(part, part.file_size)

    def _refuse_bomb(self, part: zipfile.ZipInfo, size: int) -> None:
        if size > MAX_PART or (size > _RATIO_FROM and size > MAX_PART_RATIO * max(part.compress_size, 1)):
            raise DeliveryError.at(
                Place(self.shown),
                f"unpacks to {size:,} bytes in {shortened(part.filename)}; refused as a zip bomb.",
            )

    def _xml(self, archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
        if part not in archive.NameToInfo:
            return
        info = archive.getinfo(part)
        taken = 0
        try:
            with archive.open(info) as file:
                while chunk := file.read(_CHUNK):
                    taken += len(chunk)
                    self._refuse_bomb(info, taken)
                    yield chunk
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OSError,
            RuntimeError,
        ) as error:
            raise DeliveryError.at(
                Place(self.shown),
                f"is a damaged workbook: {part} cannot be unpacked ({error}).",
                "Have it delivered again.",
            ) from error

    def _sheet_part(self, archive: zipfile.ZipFile) -> tuple[str, bool]:
        book = _Workbook(self.shown)
        _read_part(self._xml(archive, "xl/workbook.xml"), book, "xl/workbook.xml")
        wanted = self.delivery.format.sheet or next(iter(book.sheets), "")
        if wanted not in book.sheets:
            raise DeliveryError.at(
                Place(self.shown),
                f"has no sheet `{shortened(wanted)}`.",
                f"It has: {', '.join(map(shortened, book.sheets))}.",
            )
        links = _Links(self.shown)
        _read_part(self._xml(archive, "xl/_rels/workbook.xml.rels"), links, "xl/_rels/workbook.xml.rels")
        target = links.targets.get(book.sheets[wanted], "")
        part = posixpath.normpath(posixpath.join("xl", target)).lstrip("/") if target else ""
        if part not in archive.NameToInfo:
            raise DeliveryError.at(
                Place(self.shown), f"is a damaged workbook: sheet `{shortened(wanted)}` is not in it."
            )
        return part, book.from_1904


class _Part:
    """Handles the elements of one XML part; names of elements come without their namespace prefix."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._first
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self._doctype
        self._prefix = 0
        self._text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def collect(self) -> None:
        """Keep the text from here on."""
        self._text.clear()
        self.parser.CharacterDataHandler = self._text.append

    def collected(self) -> str:
        """The text since `collect`."""
        self.parser.CharacterDataHandler = None
        return "".join(self._text)

    def _first(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            cut = tag.index(":") + 1
            self.parser.StartElementHandler = lambda name, found: self.start(name[cut:], found)
            self.parser.EndElementHandler = lambda name: self.end(name[cut:])
            self.start(tag[cut:], attributes)
        else:
            self.parser.StartElementHandler = self.start
            self.start(tag, attributes)

    def _doctype(self, *_: object) -> None:
        raise DeliveryError.at(
            Place(self.shown),
            "is a workbook with a document type in its XML, which no workbook has; it is refused.",
        )


def _fed(chunks: Iterable[bytes], part: _Part, name: str) -> Iterator[None]:
    """Feed a part to its handler, stopping after each chunk."""
    try:
        for chunk in chunks:
            part.parser.Parse(chunk, False)
            yield
        part.parser.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        raise DeliveryError.at(
            Place(part.shown),
            f"is a damaged workbook: {name} is not XML ({error}).",
            "Have it saved as .xlsx again.",
        ) from error


def _read_part(chunks: Iterator[bytes], part: _Part, name: str) -> None:
    first = next(chunks, None)
    if first is None:
        return
    for _ in _fed((chunk for source in ((first,), chunks) for chunk in source), part, name):
        pass


class _Workbook(_Part):
    """xl/workbook.xml: the sheets, and from which day days count."""

    def __init__(self, shown: str) -> None:
        super().__init__(shown)
        self.sheets: dict[str, str] = {}
        self.from_1904 = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            link = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            self.sheets[attributes.get("name", "")] = link
        elif tag == "workbookPr":
            self.from_1904 = attributes.get("date1904") in ("1", "true")


class _Links(_Part):
    """xl/_rels/workbook.xml.rels: which part a link means."""

    def __init__(self, shown: str) -> None:
        super().__init__(shown)
        self.targets: dict[str, str] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")


class _Texts(_Part):
    """xl/sharedStrings.xml: texts by number."""

    def __init__(self, shown: str) -> None:
        super().__init__(shown)
        self.found: list[str] = []
        self._parts: list[str] = []
        self._phonetic = False
        self._length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 -- the face of _Part
        if tag == "si":
            self._parts = []
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "t":
            self.collect()

    def end(self, tag: str) -> None:
        if tag == "t":
            text = self.collected()
            if not self._phonetic:
                self._parts.append(text)
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "si":
            self.found.append("".join(self._parts))
            self._length += len(self.found[-1])
            if self._length > _MAX_TEXT:
                raise DeliveryError.at(
                    Place(self.shown), f"holds more than {_MAX_TEXT:,} characters of text; too large."
                )


class _Styles(_Part):
    """xl/styles.xml: which styles show a number as a date."""

    def __init__(self, shown: str) -> None:
        super().__init__(shown)
        self._codes: dict[str, str] = {}
        self._formats: list[str] = []
        self._in_cells = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt":
            self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            self._in_cells = True
        elif tag == "xf" and self._in_cells:
            self._formats.append(attributes.get("numFmtId", "0"))

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._in_cells = False

    def dates(self) -> frozenset[str]:
        """Numbers of the styles, as cells name them."""
        return frozenset(str(index) for index, number in enumerate(self._formats) if self._is_date(number))

    def _is_date(self, number: str) -> bool:
        if number in self._codes:
            code = _NO_DATE.sub("", self._codes[number])
            return code.lower() != "general" and re.search("[dmyhs]", code, re.IGNORECASE) is not None
        return number.isdecimal() and int(number) in _DATE_FORMATS


class _Sheet(_Part):
    """A worksheet: rows of cells as text."""

    def __init__(
        self, shown: str, first: int, texts: list[str], dates: frozenset[str], *, from_1904: bool
    ) -> None:
        super().__init__(shown)
        self._first_row, self._texts, self._dates = first, texts, dates
        self._offset = 1462 if from_1904 else 0
        self._rows: list[tuple[int, dict[int, str]]] = []
        self._row: dict[int, str] = {}
        self._number = 0
        self._column = -1
        self._kind = self._style = ""
        self._value: str | None = None
        self._formula = False

    def take(self) -> list[tuple[int, dict[int, str]]]:
        """The rows completed since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            address = attributes.get("r")
            self._column = _column_index(address.rstrip("0123456789")) if address else self._column + 1
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._value, self._formula = None, False
        elif tag in ("v", "t"):
            self.collect()
        elif tag == "f":
            self._formula = True
        elif tag == "row":
            number = attributes.get("r", "")
            self._number = int(number) if number.isdecimal() else self._number + 1
            self._row, self._column = {}, -1

    def end(self, tag: str) -> None:
        if tag == "v":
            self._value = self.collected()
        elif tag == "t":
            self._value = (self._value or "") + self.collected()
        elif tag == "c":
            if self._number >= self._first_row and (self._value or self._formula):
                self._keep()
        elif tag == "row" and self._number >= self._first_row:
            self._rows.append((self._number, self._row))

    def _keep(self) -> None:
        value, kind = self._value, self._kind
        if self._formula and (value is None or (value == "" and kind != "str")):
            raise DeliveryError.at(
                self._place(),
                f"the formula in cell {_letters(self._column)}{self._number} has no stored value.",
                "Open the workbook in a spreadsheet program and save it, or paste values.",
            )
        if self._column >= MAX_COLUMNS:
            raise DeliveryError.at(
                self._place(), f"has a value beyond column {MAX_COLUMNS:,}; that many are not read."
            )
        if kind == "s":
            self._row[self._column] = self._shared(value or "")
        elif kind == "b":
            self._row[self._column] = "true" if value == "1" else "false"
        elif kind == "n" and self._style in self._dates:
            self._row[self._column] = self._as_date(value or "")
        else:
            self._row[self._column] = value or ""

    def _shared(self, value: str) -> str:
        index = int(value) if value.isdecimal() and len(value) < 10 else len(self._texts)
        if index >= len(self._texts):
            raise DeliveryError.at(
                self._place(),
                f"is a damaged workbook: the text of cell {_letters(self._column)}{self._number} is not in it.",
            )
        return self._texts[index]

    def _as_date(self, value: str) -> str:
        try:
            days = float(value) + self._offset
            if days < 1:
                return str((_EPOCH + dt.timedelta(seconds=round(days * 86400))).time())
            # Workbooks count 29 February 1900, which never was.
            moment = _EPOCH + dt.timedelta(days=days // 1 + (days < 60), seconds=round(days % 1 * 86400))
        except (ValueError, OverflowError):
            return value
        return str(moment.date()) if moment.time() == dt.time() else moment.isoformat(" ")

    def _place(self) -> Place:
        return Place(self.shown, self._number, self._column + 1)


@lru_cache(maxsize=20_000)
def _column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def _letters(index: int) -> str:
    letters = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        letters = chr(65 + rest) + letters
        index -= 1
    return letters
