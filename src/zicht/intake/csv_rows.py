"""CSV of any dialect, as a stream.

The file is surveyed once (encoding, quotes, line ends: some GB/s), then parsed by Arrow in batches. Line numbers are
exact with quoted line ends and rows that do not fit the header, because a refusal is worth little without its place.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from zicht.declare import Format
from zicht.errors import DeliveryError, Place, ProblemsError
from zicht.intake.rows import (
    MAX_RATIO,
    MAX_UNPACKED,
    RATIO_FROM,
    Broken,
    Delivery,
    NumberStyle,
    RowSource,
    batch_schema,
    checked_columns,
)

_Misfit = tuple[int, int, int]  # number of the record, cells, line ends in it
_CHUNK = 4 << 20
_SAYS = re.compile(
    r"^.*?got [0-9]+|^[^:]*"
)  # of what Arrow says of a broken row; the rest is the row itself, with its values
_SAMPLE = 1 << 20
_DELIMITERS = ";,\t|"
_DIGITS_COMMA = re.compile(r"[-+]?\d+,\d+|[-+]?\d{1,3}(\.\d{3}){2,}|[-+]?\d{1,3}(\.\d{3})+,\d+")
_DIGITS_POINT = re.compile(r"[-+]?\d*\.(\d{1,2}|\d{4,})")
_DIGITS_UNSURE = re.compile(r"[-+]?[1-9]\d{0,2}\.\d{3}")


def _cp1252_gaps(error: UnicodeError) -> tuple[str, int]:
    # What is called latin-1 is in practice Windows-1252 (the euro sign); its five unused bytes stay what latin-1 says.
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101 -- registered for decoding only
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("zicht_latin1", _cp1252_gaps)


@dataclass(frozen=True)
class _Survey:
    """What one pass over the bytes tells: encoding, and numbers of quotes and line ends in it."""

    encoding: str
    quotes: int
    lines: int
    old_mac: bool


class _Utf8(io.RawIOBase):
    """A text file as UTF-8 bytes: unpacked, decoded, without byte order mark and without its first lines."""

    def __init__(
        self, path: Path, shown: str, encoding: str, *, skip_lines: int = 0, old_mac: bool = False
    ) -> None:
        super().__init__()
        self._shown, self._encoding, self._old_mac = shown, encoding, old_mac
        self._taken = 0
        self._allowed: int | None = None  # bytes it may unpack to
        if is_gzip(path):
            self._file = cast("IO[bytes]", gzip.GzipFile(path))
            self._allowed = min(MAX_UNPACKED, max(RATIO_FROM, path.stat().st_size * MAX_RATIO))
        else:
            self._file = path.open("rb")
        errors = "zicht_latin1" if encoding == "cp1252" else "strict"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._left = b""
        self.lines = 0
        for _ in range(skip_lines):
            self._skip_line()

    def _skip_line(self) -> None:
        while b"\n" not in self._left:
            more = self._next()
            if not more:
                self._left = b""
                return
            self._left += more
        self._left = self._left[self._left.index(b"\n") + 1 :]

    def _next(self) -> bytes:
        try:
            raw = self._file.read(_CHUNK)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DeliveryError.at(
                Place(self._shown), f"is a gzip file that is damaged or cut short ({error})."
            ) from error
        self._guard(len(raw))
        try:
            text = self._decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            line = self.lines + 1 + error.object[: error.start].count(b"\n")
            raise DeliveryError.at(
                Place(self._shown, line),
                f"is not {self._encoding.removesuffix('-sig')}: byte 0x{error.object[error.start]:02x} at this line.",
                "Declare the `encoding` of the source, or have it saved as UTF-8.",
            ) from error
        if "\0" in text:
            line = self.lines + 1 + text[: text.index("\0")].count("\n")
            raise DeliveryError.at(
                Place(self._shown, line),
                "holds a NUL byte, which text never does.",
                "Have the file exported again.",
            )
        out = text.encode("utf-8")
        if self._old_mac:
            out = out.replace(b"\r", b"\n")
        self.lines += out.count(b"\n")
        return out or (self._next() if raw else b"")

    def _guard(self, size: int) -> None:
        self._taken += size
        if self._allowed is not None and self._taken > self._allowed:
            raise DeliveryError.at(
                Place(self._shown), f"unpacks to more than {self._allowed:,} bytes; refused as a zip bomb."
            )

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        while size < 0 or not self._left:
            more = self._next()
            self._left += more
            if not more:
                break
        if size < 0 or size >= len(self._left):
            out, self._left = self._left, b""
        else:
            out, self._left = self._left[:size], self._left[size:]
        return out

    def close(self) -> None:
        self._file.close()
        super().close()


def is_gzip(path: Path) -> bool:
    """Whether a file begins as gzip does."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def read_csv(delivery: Delivery) -> RowSource:
    """The rows of a CSV file, plain or gzipped.

    Args:
        delivery: the file; what its format leaves out (encoding, delimiter, decimal sign) is found out.

    Raises:
        DeliveryError: not text, wrong encoding, no header, no rows, a name twice.
    """
    path, shown, declared = delivery.path, delivery.shown, delivery.format
    survey, warnings = _surveyed(path, shown, declared)
    with _Utf8(path, shown, survey.encoding, old_mac=survey.old_mac) as stream:
        sample = stream.read(_SAMPLE).decode("utf-8", errors="ignore")
    delimiter = declared.delimiter or _delimiter(sample, declared.header_row)
    records, header_lines = _records(sample, delimiter, declared.header_row, shown)
    columns = checked_columns(records[0], delivery.rename, Place(shown, declared.header_row))
    if survey.lines < header_lines or len(records) < 2:
        raise DeliveryError.at(
            Place(shown, header_lines), "has a header and no rows.", "Have the file exported again."
        )
    numbers, unsure = _number_style(records[1:], declared, delimiter)
    broken: list[Broken] = []
    reader = _Reader(path, shown, survey, delimiter, columns, header_lines, broken)
    return RowSource(
        columns=columns,
        kind="csv",
        numbers=numbers,
        batches=reader.batches,
        warnings=(*warnings, *unsure),
        broken=broken,
        total=survey.lines,
    )


def _surveyed(path: Path, shown: str, declared: Format) -> tuple[_Survey, tuple[str, ...]]:
    with path.open("rb") as plain, cast("IO[bytes]", gzip.open(plain) if is_gzip(path) else plain) as file:
        try:
            head = file.read(4)
        except (OSError, EOFError, zlib.error) as error:
            raise DeliveryError.at(
                Place(shown), f"is a gzip file that is damaged or cut short ({error})."
            ) from error
    if not head:
        raise DeliveryError.at(Place(shown), "is empty.", "Have the file delivered again.")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _survey(path, shown, "utf-16"), ()
    if declared.encoding == "utf-16":
        return _survey(path, shown, "utf-16-le"), ()
    if declared.encoding == "latin-1" and head[:3] != b"\xef\xbb\xbf":
        return _survey(path, shown, "cp1252"), ()
    try:
        return _survey(path, shown, "utf-8-sig"), ()
    except DeliveryError:
        # A NUL byte or a damaged archive is as wrong in any other encoding; then this says so.
        if declared.encoding is not None or head[:3] == b"\xef\xbb\xbf":
            raise
        return _survey(path, shown, "cp1252"), (
            "It is not UTF-8 and was read as latin-1; declare `encoding` to be sure.",
        )


def _survey(path: Path, shown: str, encoding: str) -> _Survey:
    quotes = lines = returns = 0
    last = b""
    with _Utf8(path, shown, encoding) as stream:
        while chunk := stream.read(_CHUNK):
            quotes += chunk.count(b'"')
            lines += chunk.count(b"\n")
            returns += chunk.count(b"\r")
            last = chunk[-1:]
    old_mac = lines == 0 and returns > 0
    lines = (returns if old_mac else lines) + (last not in (b"\n", b"\r"))
    return _Survey(encoding, quotes, lines, old_mac)


def _delimiter(sample: str, header_row: int) -> str:
    """The delimiter with which most rows have as many cells as the header, and that more than one."""
    best, score = ",", (0.0, 0)
    for candidate in _DELIMITERS:
        widths = [len(record) for record in _parsed(sample, candidate, header_row, 100)]
        if not widths or widths[0] < 2:
            continue
        found = (round(sum(width == widths[0] for width in widths) / len(widths), 1), widths[0])
        if found > score:
            best, score = candidate, found
    return best


def _parsed(sample: str, delimiter: str, header_row: int, count: int) -> Iterator[list[str]]:
    lines = io.StringIO(sample, newline="")
    for _ in range(header_row - 1):
        lines.readline()
    try:
        for record, _ in zip(csv.reader(lines, delimiter=delimiter), range(count), strict=False):
            yield record
    except csv.Error:
        return


def _records(sample: str, delimiter: str, header_row: int, shown: str) -> tuple[list[list[str]], int]:
    """The first records, header first, and the number of lines down to the end of the header."""
    lines = io.StringIO(sample, newline="")
    for _ in range(header_row - 1):
        lines.readline()
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        header = next(reader)
        header_lines = header_row - 1 + reader.line_num
        rows = [record for record, _ in zip(reader, range(5_000), strict=False)]
    except StopIteration:
        raise DeliveryError.at(
            Place(shown, header_row), "has no header here.", "Say with `header_row` where it is."
        ) from None
    except csv.Error as error:
        raise DeliveryError.at(
            Place(shown, header_row + reader.line_num), f"cannot be taken apart into cells ({error}).",
            "Look for a quote that is not closed.",
        ) from error  # fmt: skip
    return [header, *rows], header_lines


def _number_style(
    records: list[list[str]], declared: Format, delimiter: str
) -> tuple[NumberStyle, tuple[str, ...]]:
    if declared.decimal:
        return ("comma" if declared.decimal == "," else "point"), ()
    cells = [cell.strip() for record in records for cell in record]
    comma = sum(_DIGITS_COMMA.fullmatch(cell) is not None for cell in cells) if delimiter != "," else 0
    point = sum(_DIGITS_POINT.fullmatch(cell) is not None for cell in cells)
    if comma > point:
        return "comma", ()
    unsure = next((cell for cell in cells if _DIGITS_UNSURE.fullmatch(cell)), None)
    if unsure and not point and delimiter != ",":
        return "mixed", (
            f"It holds numbers such as {unsure}, read with a decimal point; declare `decimal` in the format to be sure.",
        )
    return "mixed", ()


@dataclass(frozen=True)
class _Reader:
    """Reads the rows below the header with Arrow, giving each its line."""

    path: Path
    shown: str
    survey: _Survey
    delimiter: str
    columns: tuple[str, ...]
    header_lines: int
    broken: list[Broken]

    def batches(self, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Record batches of the wanted columns, in order."""
        del self.broken[:]
        names = list(self.columns if wanted is None else wanted)
        # A quoted cell may hold line ends, and only all cells together tell how many.
        quoted = self.survey.quotes > 0
        misfits: list[_Misfit] = []
        reader = self._open(names, quoted=quoted, misfits=misfits)
        place = _Places(self.header_lines, quoted=quoted)
        schema = batch_schema(names, geometry=False)
        while True:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                break
            except pa.ArrowInvalid as error:
                raise self._explained(error, place) from error
            lines = place.lines(batch, misfits)
            yield pa.RecordBatch.from_arrays([lines, *(batch.column(name) for name in names)], schema=schema)
        place.lines(None, misfits)
        self._refuse_open_quote(place)
        self.broken.extend(
            Broken(line, f"has {cells} cells where the header has {len(self.columns)}")
            for line, (_, cells, _) in zip(place.misfit_lines, misfits, strict=True)
        )

    def _open(self, names: list[str], *, quoted: bool, misfits: list[_Misfit]) -> pacsv.CSVStreamingReader:
        def note(row: pacsv.InvalidRow) -> str:
            misfits.append((row.number, row.actual_columns, row.text.count("\n")))
            return "skip"

        stream = _Utf8(
            self.path,
            self.shown,
            self.survey.encoding,
            skip_lines=self.header_lines,
            old_mac=self.survey.old_mac,
        )
        try:
            return pacsv.open_csv(
                pa.PythonFile(stream, mode="r"),
                read_options=pacsv.ReadOptions(
                    column_names=list(self.columns), use_threads=False, block_size=_CHUNK
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=self.delimiter,
                    newlines_in_values=quoted,
                    ignore_empty_lines=False,
                    invalid_row_handler=note,
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(self.columns, pa.string()),
                    strings_can_be_null=False,
                    include_columns=None if quoted else names,
                ),
            )
        except pa.ArrowInvalid as error:
            raise self._explained(error, _Places(self.header_lines, quoted=quoted)) from error

    def _explained(self, error: Exception, place: _Places) -> ProblemsError:
        if "straddling" in str(error) or "block" in str(error):
            return DeliveryError.at(
                Place(self.shown, place.next_line), "a row here or below does not end within 4 MB.",
                "Look for a quote that is not closed.",
            )  # fmt: skip
        said = _SAYS.search(str(error))
        return DeliveryError.at(
            Place(self.shown, place.next_line),
            f"cannot be read as CSV from here on ({said[0] if said else ''}).",
        )

    def _refuse_open_quote(self, place: _Places) -> None:
        # An odd number of quotes may be innocent (5" pipe), but not when the last row runs over several lines.
        if self.survey.quotes % 2 and place.last_ends:
            line = place.next_line - 1 - place.last_ends
            raise DeliveryError.at(
                Place(self.shown, line), "a quote is opened here or above and never closed.", "Close it, or double it.",
            )  # fmt: skip


class _Places:
    """Turns the order of rows into lines: rows that were skipped and line ends within cells count too."""

    def __init__(self, header_lines: int, *, quoted: bool) -> None:
        self._quoted = quoted
        self._header_lines = header_lines
        self._next = 1  # number of the first record not yet seen
        self._extra = 0  # line ends within the cells of records seen
        self._used = 0
        self.misfit_lines: list[int] = []
        self.last_ends = 0  # line ends within the last record seen

    @property
    def next_line(self) -> int:
        """The line of the first record not yet seen."""
        return self._header_lines + self._next + self._extra

    def lines(self, batch: pa.RecordBatch | None, misfits: list[_Misfit]) -> pa.Array:
        """The line on which each row of the next batch begins; misfits before, between and after get theirs too."""
        inner = self._line_ends(batch)
        count = len(inner)
        ends = np.concatenate(([0], np.cumsum(inner)))
        fresh = np.array(misfits[self._used :], dtype=np.int64).reshape(-1, 3)
        rows_before = fresh[:, 0] - self._next - np.arange(len(fresh))
        fresh = fresh[rows_before <= count]
        rows_before = rows_before[: len(fresh)]
        misfit_ends = np.concatenate(([0], np.cumsum(fresh[:, 2])))
        base = self._header_lines + self._extra
        self.misfit_lines += (base + fresh[:, 0] + ends[rows_before] + misfit_ends[:-1]).tolist()
        rows = np.arange(count)
        skipped = np.searchsorted(rows_before, rows, side="right")
        lines = base + self._next + rows + skipped + ends[:-1] + misfit_ends[skipped]
        if len(fresh) and rows_before[-1] == count:
            self.last_ends = int(fresh[-1, 2])
        elif count:
            self.last_ends = int(inner[-1])
        self._next += count + len(fresh)
        self._extra += int(ends[-1] + misfit_ends[-1])
        self._used += len(fresh)
        return pa.array(lines, pa.int64())

    def _line_ends(self, batch: pa.RecordBatch | None) -> npt.NDArray[np.int64]:
        inner = np.zeros(0 if batch is None else batch.num_rows, dtype=np.int64)
        if self._quoted and batch is not None:
            for column in batch.columns:
                # Looking for any first: almost no cell has one.
                if pc.any(pc.match_substring(column, "\n")).as_py():
                    inner += pc.count_substring(column, "\n").to_numpy(zero_copy_only=False)
        return inner
