"""A first draft of a register's contract, from what is in a real file.

A draft, not a contract: it says what the file holds, and leaves what only people can know (what a column means, how
sensitive it is, how many rows may be refused) as comments to be filled in.
"""

from __future__ import annotations

import json
import re
import tempfile
import unicodedata
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from zicht.areas import LEVELS, check_codes
from zicht.declare import Format, LogicalType, Status
from zicht.engine import Progress
from zicht.errors import DeliveryError, Place
from zicht.intake.checks import text
from zicht.intake.reading import read_rows
from zicht.intake.rows import Delivery, RowSource, shortened, without_odd_blanks
from zicht.pseudonyms import KINDS, kind_of

MAX_ROWS = 1_000_000
"""Rows that a draft is made from; of a longer file the first."""

_CODES: dict[str, Status] = {
    "": "not_available", ".": "not_available", "x": "primary", "-99999999": "not_available", "-99997": "primary",
    "-99998": "not_available", "-99999": "not_available",
}  # fmt: skip
_AT_ONCE = 25  # columns a query: beyond some hundreds of expressions a plan costs more than the data
_SAMPLE = 2_000  # different values looked at one by one
_BOOLEAN = {"true", "false", "ja", "nee", "j", "n", "yes", "no", "waar", "onwaar"}
_NAME_OF_PERSON = re.compile(
    r"voornaam|voornamen|achternaam|voorletters|geboortenaam|geslachtsnaam|roepnaam|tussenvoegsel|volledige_?naam"
    r"|first_?name|last_?name|surname|given_?name|full_?name",
    re.IGNORECASE,
)
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[-+]\d\d:?\d\d)?|\d\d?-\d\d?-\d{4} \d\d?:\d\d(:\d\d)?"
)
_PERIOD = re.compile(r"(peil|verslag)?jaar|year|periode?n?", re.IGNORECASE)


@dataclass
class _Seen:
    """What was seen in one column."""

    physical: str
    filled: int = 0
    distinct: int = 0
    codes: list[str] = field(default_factory=list)
    kind: LogicalType = "string"
    low: str | None = None
    high: str | None = None
    level: str | None = None
    identifying: str | None = None
    shows_range: bool = True
    name: str = ""


def profile(path: Path, *, progress: Progress | None = None) -> str:
    """Draft a register contract from a file.

    Recognised are types, codes for missing values, columns that name a row, area codes, periods, and columns that
    identify persons: citizen numbers, e-mail addresses, telephone numbers, account numbers and names by their values (as `zicht.pseudonyms` does
    at the door), and names also by the name of their column.

    Args:
        path: the file, of any kind that is read.
        progress: told the rows looked at.

    Returns:
        The text of an ODCS 3.1 contract that `read_contract` accepts. No value that may be about a person stands in it.

    Raises:
        DeliveryError: the file cannot be read.
    """
    delivery = Delivery(path, Format(), path.name, {}, "")
    source = read_rows(delivery)
    with tempfile.TemporaryDirectory(prefix="zicht-") as folder:
        staged = Path(folder) / "rows.parquet"
        rows, more = _staged(source, staged, progress)
        if rows == 0:
            raise DeliveryError.at(Place(path.name), "has no rows.", "Have the file exported again.")
        seen = [_Seen(name) for name in source.columns]
        _name(seen)
        with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": folder}) as connection:
            connection.execute(resources.files("zicht.intake").joinpath("values.sql").read_text("utf-8"))
            for start in range(0, len(seen), _AT_ONCE):
                _look(connection, staged, seen[start : start + _AT_ONCE], start, source)
    return "".join(f"{line}\n" for line in _lines(path, source, seen, rows, more=more))


def _staged(source: RowSource, path: Path, progress: Progress | None) -> tuple[int, bool]:
    """Write the first rows as text columns `c0`, `c1`, …; how many, and whether there were more."""
    names = [f"c{i}" for i in range(len(source.columns))]
    schema = pa.schema([(name, pa.string()) for name in names])
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in source.batches(None):
            if rows >= MAX_ROWS:
                return rows, True
            part = batch.slice(0, MAX_ROWS - rows)
            writer.write_table(
                pa.table([without_odd_blanks(part.column(i + 1)) for i in range(len(names))], schema=schema)
            )
            rows += part.num_rows
            if progress:
                progress(rows, source.total, "rows")
    return rows, False


def _look(
    connection: duckdb.DuckDBPyConnection, staged: Path, seen: Sequence[_Seen], start: int, source: RowSource
) -> None:
    """Fill in what one query over the rows tells of these columns."""
    codes = ", ".join(text(code) for code in _CODES)
    trims, reads, parts = [], [], []
    for i, _ in enumerate(seen, start):
        trims.append(f"trim(coalesce(c{i}, '')) AS t{i}")
        reads += [
            f"t{i} NOT IN ({codes}) AS f{i}",
            f"zicht_number_{source.numbers}(t{i}) AS n{i}",
            f"zicht_date(t{i}) AS d{i}",
            f"regexp_matches(t{i}, '^[-+]?0[0-9]') AS z{i}",
        ]
        parts += [
            f"count(*) FILTER (f{i})",
            f"count(DISTINCT t{i}) FILTER (t{i} <> '')",
            f"list_sort(list(DISTINCT t{i}) FILTER (NOT f{i}))",
            f"count(*) FILTER (f{i} AND NOT z{i} AND n{i} = trunc(n{i}) AND NOT contains(t{i}, '.'))",
            f"count(n{i}) FILTER (f{i} AND NOT z{i})",
            f"count(d{i}) FILTER (f{i})",
            f"min(n{i}) FILTER (f{i})",
            f"max(n{i}) FILTER (f{i})",
            f"min(d{i})::VARCHAR",
            f"max(d{i})::VARCHAR",
        ]
    # Kept in between: as one query DuckDB writes every reading out again in each of its uses.
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE looked AS SELECT *, {', '.join(reads)} FROM (SELECT {', '.join(trims)} FROM read_parquet(?))",
        [str(staged)],
    )
    row = connection.execute(f"SELECT {', '.join(parts)} FROM looked").fetchone()
    assert row is not None  # noqa: S101 -- an aggregate without groups has one row
    width = len(parts) // len(seen)
    for offset, column in enumerate(seen):
        _judge(column, row[offset * width : (offset + 1) * width])
        _look_at_values(column, _values(connection, start + offset))


def _values(connection: duckdb.DuckDBPyConnection, i: int) -> list[str]:
    found = connection.execute(
        f"SELECT DISTINCT t{i} AS v FROM looked WHERE t{i} NOT IN ('', '.') ORDER BY hash(v), v LIMIT {_SAMPLE}"
    ).fetchall()
    return [str(value) for (value,) in found]


def _judge(column: _Seen, row: Sequence[object]) -> None:
    filled, distinct, codes, integers, numbers, dates, low, high, first, last = row
    column.filled, column.distinct = int(str(filled)), int(str(distinct))
    column.codes = list(codes) if isinstance(codes, list) else []
    kinds: tuple[tuple[LogicalType, object], ...] = (
        ("date", dates),
        ("integer", integers),
        ("number", numbers),
    )
    full = next((kind for kind, count in kinds if column.filled and count == column.filled), None)
    if full == "date" and integers == column.filled and not _looks_like_days(str(first), str(last)):
        full = "integer"
    if full in ("integer", "number"):
        column.kind, column.low, column.high = full, _plain(low), _plain(high)
    elif full == "date":
        column.kind, column.low, column.high = full, str(first), str(last)
    elif not column.filled and column.codes:
        column.kind = "number"
    else:
        # In text only a point alone and nothing at all stand for a missing value; the rest may be words of their own.
        column.filled += sum(code not in ("", ".") for code in column.codes)
        column.codes = [code for code in column.codes if code in ("", ".")]


def _looks_like_days(first: str, last: str) -> bool:
    return first[:4] >= "1900" and last[:4] <= "2100"


def _plain(value: object) -> str | None:
    if not isinstance(value, float):
        return None
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _look_at_values(column: _Seen, values: list[str]) -> None:
    words = {value.lower() for value in values}
    if column.kind == "string" and len(words) > 1 and words <= _BOOLEAN:
        column.kind = "boolean"
    if column.kind == "string" and values and all(map(_MOMENT.fullmatch, values)):
        column.kind = "timestamp"
    if column.kind == "string" and values:
        column.level = _level(values)
    kind = kind_of(values)
    if kind is not None:
        column.identifying = KINDS[kind]
    if column.identifying is None and _NAME_OF_PERSON.search(column.physical):
        column.identifying = "names of persons (by the name of the column)"
    if column.identifying:
        column.kind, column.low, column.high = "string", None, None


def _level(values: list[str]) -> str | None:
    codes = pa.array(values, pa.string())
    shares = {
        level: check_codes(codes, level).true_count / len(values)
        for level in LEVELS
        if level not in ("regio", "land")
    }
    best = max(shares, key=lambda level: shares[level])
    if shares[best] == 1:
        return best
    return "mixed" if sum(shares.values()) > 0.95 else None


def _name(seen: Sequence[_Seen]) -> None:
    """Give each column a name that a contract allows."""
    taken: set[str] = set()
    for column in seen:
        base = _slug(column.physical)[:100]
        name, count = base, 1
        while name.lower() in taken or name.endswith("__status"):
            count += 1
            name = f"{base}_{count}"
        taken.add(name.lower())
        column.name = name


def _slug(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    tidy = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_") or "column"
    return tidy if tidy[0].isalpha() else f"k_{tidy}"


def _lines(path: Path, source: RowSource, seen: Sequence[_Seen], rows: int, *, more: bool) -> Iterator[str]:
    stem = _slug(path.name.split(".")[0]).lower()[:60]
    name = stem if stem[0].isalpha() else f"r_{stem}"
    keys = [
        c for c in seen if c.filled == c.distinct == rows and not c.codes and c.kind in ("string", "integer")
    ]
    key = next((c for c in keys if c.level or c.identifying or re.search(r"id$|code|nummer|sleutel|key", c.name, re.IGNORECASE)), keys[0] if keys else None)  # fmt: skip
    unit = "area" if key and key.level else "person" if any(c.identifying for c in seen) else "object"
    yield f"# Draft from {shortened(path.name)}: {source.kind}, {'the first ' if more else ''}{rows} rows, {len(seen)} columns."
    yield "# Look at every line: a program saw the values, and not what they mean."
    for warning in source.warnings:
        yield f"# {shortened(warning, 200)}"
    yield from (
        "apiVersion: v3.1.0",
        "kind: DataContract",
        f"id: {uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([path.name, *source.columns]))}",
        f"name: {_text(path.name)}",
        "version: 0.1.0",
        "status: draft",
        "description:",
        '  purpose: ""  # what it may be used for',
        "schema:",
        f"  - name: {name}",
        "    logicalType: object",
        "    customProperties:",
        f"      - {{property: bron, value: {name}}}  # id of the source",
        f"      - {{property: eenheid, value: {unit}}}  # person, household, address, firm, event, object or area",
        "      - {property: weigering, value: 0}  # share of rows that may be refused",
        "    properties:",
    )
    if key is None:
        yield "      # No column names a row by itself; mark those that do so together with `primaryKey: true`."
    if any(column.identifying for column in seen):
        # The least and the most of anything may be one person's.
        for column in seen:
            column.shows_range = False
    for column in seen:
        yield from _column_lines(column, rows, is_key=column is key, is_unique=column in keys)
    if source.geometry:
        yield "      # Where a point lies can give the area it is in:"
        yield "      # - {name: buurtcode, logicalType: string, customProperties: [{property: gebied, value: buurt}, {property: ligging, value: {x: __x, y: __y}}]}"


def _column_lines(column: _Seen, rows: int, *, is_key: bool, is_unique: bool) -> Iterator[str]:
    yield f"      - name: {column.name}"
    if column.physical != column.name:
        yield f"        physicalName: {_text(column.physical)}"
    yield f"        logicalType: {column.kind}"
    if is_key or (column.filled == rows and not column.codes):
        yield "        required: true"
    if is_unique:
        yield "        unique: true"
    if is_key:
        yield "        primaryKey: true"
    if column.identifying:
        yield f"        classification: identifying  # holds {column.identifying}"
    else:
        yield "        # classification: public, internal, personal, special, criminal or identifying"
    if column.kind in ("integer", "number") and column.low is not None:
        if column.shows_range:
            yield f"        # seen: {column.low} to {column.high}"
        if float(column.low) >= 0:
            yield "        logicalTypeOptions: {minimum: 0}"
    elif column.low is not None and column.shows_range:
        yield f"        # seen: {column.low} to {column.high}"
    if not column.filled:
        yield "        # no value in any row: the type is a guess"
    custom = []
    if column.level:
        custom.append(f"{{property: gebied, value: {column.level}}}")
    if (
        _PERIOD.fullmatch(column.name)
        and column.kind == "integer"
        and _is_year(column.low)
        and _is_year(column.high)
    ):
        custom.append("{property: periode, value: true}")
    if column.codes and not is_key:
        codes = ", ".join(f"{_text(code)}: {_CODES[code]}" for code in column.codes)
        custom.append(f"{{property: ontbreekt, value: {{{codes}}}}}")
    if custom:
        yield f"        customProperties: [{', '.join(custom)}]"


def _is_year(value: str | None) -> bool:
    return value is not None and value.isdecimal() and 1800 <= int(value) <= 2100


def _text(value: str) -> str:
    """A text between quotes, as YAML reads it."""
    return json.dumps(value)
