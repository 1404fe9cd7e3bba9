"""Measures all norms of a register in one query, so that its rows are read once, however many norms there are.

Each norm is an aggregate of that query. Known values of other registers are joined to it as sets of distinct keys. Beside it stand only
norms that are SQL of their own, and those of uniqueness: sorting the hashes of their columns shows whether any are the same for a third of
what counting distinct values costs, and only where some are is that done. What was found broken is looked at again, for the rows that go
into the side table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from zicht.declare import (
    OF_ROWS,
    Column,
    Metric,
    Norm,
    Register,
    columns_used,
    norms_of,
    parse_expression,
    parse_query,
)
from zicht.engine import Engine, EngineError, literal, quote
from zicht.errors import DeclarationError, DeliveryError
from zicht.intake.quality.measured import Measured, Shape, Shaped
from zicht.intake.refusals import is_withheld

MOST_FAILING = 1_000
"""Rows that the side table holds of one norm, the first of them."""

FAILING_SCHEMA = pa.schema(
    [("norm", pa.string()), ("row", pa.int64()), ("column", pa.string()), ("value", pa.string())]
)
"""Columns of the side table: the id of the norm, the number of the accepted row from 1, and a column that the norm is about with its
value; the value is null where it would tell of a person."""

FEW = 10
"""Rows fewer than this of one kind are not kept apart in a distribution; the rule of thumb for units in a cell."""

MOST_KINDS = 200
"""Kinds that a distribution keeps apart, the most frequent of them."""

_TEXT = 80  # characters of a value that are kept
_EXACT = 64  # whole numbers up to here are kinds of their own; greater ones are kept in two digits
_APART: tuple[Metric, ...] = ("sql", "duplicateValues", "rowCountChange")  # not measured in the one query
_SHAPES: Mapping[str, Shape] = {
    "integer": "number", "number": "number", "date": "month", "timestamp": "month", "boolean": "kind", "string": "kind",
}  # fmt: skip


def measure(engine: Engine, register: Register, tables: Mapping[str, Sequence[str]]) -> Measured:
    """Measure all norms of a register.

    Args:
        engine: knows the accepted rows under the id of the register, and those of the registers that its norms look at.
        register: the contract.
        tables: for each of these registers the columns that its accepted rows have.

    Returns:
        What was found, for `judge` to hold against the limits.

    Raises:
        DeclarationError: a norm that is SQL gives no single number.
        DeliveryError: a norm cannot be computed over these rows; the message shows no value.
    """
    norms = [norm for norm in norms_of(register) if norm.metric not in _APART]
    parts = {norm.id: _Part(register, norm, at) for at, norm in enumerate(norms)}
    found = _run(engine, register, parts)
    values: dict[str, float | None] = {}
    shapes: dict[str, Shaped] = {}
    rows = cast("int", found["rows"])
    for id_, part in parts.items():
        cell = found[part.name]
        if part.norm.metric == "distributionDrift":
            shapes[part.norm.columns[0]] = _shaped(part.column, cell, rows)
        else:
            values[id_] = float(cast("float", cell))
    for norm in norms_of(register):
        if norm.metric == "sql":
            values[norm.id] = _single(engine, register, norm, tables)
        elif norm.metric == "duplicateValues":
            values[norm.id] = _doubles(engine, register, norm)
    return Measured(register.id, rows, _last_reference(register, found["last"]), values, shapes)


def failing_rows(engine: Engine, register: Register, measured: Measured) -> pa.Table:
    """The rows that break norms, for whoever must mend them.

    Args:
        engine: as for `measure`.
        register: the contract.
        measured: what `measure` found.

    Returns:
        A table with the columns of FAILING_SCHEMA: of each norm the first MOST_FAILING rows, and nothing but the columns that it is
        about.
    """
    tables = [FAILING_SCHEMA.empty_table()]
    for at, norm in enumerate(norms_of(register)):
        if norm.metric in OF_ROWS and measured.values.get(norm.id):
            tables.append(_failing(engine, register, norm, at))
    return pa.concat_tables(tables)


def write_measured(
    engine: Engine, register: Register, tables: Mapping[str, Sequence[str]], folder: Path
) -> Measured:
    """Measure a register, and keep what was found: `measured.json`, and `failing.parquet` with the rows that break norms.

    Args:
        engine: as for `measure`.
        register: as for `measure`.
        tables: as for `measure`.
        folder: where to write.

    Returns:
        What was found.

    Raises:
        DeclarationError, DeliveryError: as `measure`.
    """
    measured = measure(engine, register, tables)
    measured.write(folder / "measured.json")
    pq.write_table(
        failing_rows(engine, register, measured), folder / "failing.parquet", compression="zstd", store_schema=False
    )  # fmt: skip
    return measured


class _Part:
    """One norm in the query: what it counts, and what must be joined for it."""

    def __init__(self, register: Register, norm: Norm, at: int) -> None:
        self.register, self.norm, self.at = register, norm, at
        self.name = f"v{at}"
        self.joined = f"known {at}"  # no column of a register can be called this, for the blank in it

    @property
    def column(self) -> Column:
        return cast("Column", self.register.column(self.norm.columns[0]))

    @property
    def counted(self) -> str:
        """What is computed over all rows."""
        norm = self.norm
        if norm.metric == "rowCount":
            return "count(*)"
        if norm.metric == "nullValues":
            return f"count(*) - count({self._cell(norm.columns[0])})"
        if norm.metric == "distributionDrift":
            return f"histogram({_kind(self.column, self._cell(self.column.name))})"
        return f"coalesce(count_if({self.fails}), 0)"

    @property
    def fails(self) -> str:
        """When one row breaks the norm, and nothing (NULL) where that cannot be told; not of duplicates, which no row is by itself."""
        norm = self.norm
        if norm.metric == "falseConditions":
            return f"NOT ({parse_expression(norm.sql).sql('duckdb', comments=False)})"
        cells = [self._cell(name) for name in norm.columns]
        if norm.metric == "unmatchedValues":
            whole = " AND ".join(f"{cell} IS NOT NULL" for cell in cells)
            return f'{whole} AND {quote(self.joined)}."is known" IS NULL'
        if norm.metric == "invalidValues":
            return " OR ".join(_wrong(norm, self.column, cells[0])) or "false"
        absent = f"{cells[0]} IS NULL"
        if norm.metric == "missingValues":
            texts = ", ".join(literal(text) for text in ("", *norm.missing))
            absent += f" OR trim({cells[0]}::VARCHAR) IN ({texts})"
        return absent

    @property
    def join(self) -> str:
        """What is joined for it; nothing for most norms."""
        if self.norm.metric != "unmatchedValues":
            return ""
        known = ", ".join(f'{quote(name)} AS "key {i}"' for i, name in enumerate(self.norm.matched))
        same = " AND ".join(
            f'{self._cell(name)} = {quote(self.joined)}."key {i}"' for i, name in enumerate(self.norm.columns)
        )
        return f' LEFT JOIN (SELECT DISTINCT {known}, true AS "is known" FROM {quote(self.norm.register)}) AS {quote(self.joined)} ON {same}'

    def _cell(self, name: str) -> str:
        return f"{quote(self.register.id)}.{quote(name)}"


def _query(register: Register, parts: Sequence[_Part]) -> str:
    counted = ["count(*) AS rows", f"{_last(register)} AS last"]
    counted += [f"{part.counted} AS {part.name}" for part in parts]
    return f"SELECT {', '.join(counted)} FROM {quote(register.id)}{''.join(part.join for part in parts)}"


def _run(engine: Engine, register: Register, parts: Mapping[str, _Part]) -> dict[str, object]:
    try:
        return _row(engine, _query(register, list(parts.values())))
    except EngineError:
        # Which of them it is, the engine cannot say without showing the value that it fell over.
        for part in parts.values():
            try:
                engine.query(_query(register, [part]))
            except EngineError:
                raise _cannot(register, part.norm) from None
        raise


def _cannot(register: Register, norm: Norm) -> DeliveryError:
    return DeliveryError.at(
        register.document.place(norm.trail),
        f"the norm `{norm.id}` cannot be computed over the rows of `{register.id}`.",
        "Look for a pattern that cannot be used, or a text that is taken for a number; `TRY_CAST` gives no value there.",
    )


def _row(engine: Engine, sql: str) -> dict[str, object]:
    return cast("dict[str, object]", engine.query(sql).to_pylist()[0])


def _last(register: Register) -> str:
    """The last date that the rows are about, or the last period."""
    reference = register.lead_times.reference
    if isinstance(reference, str) and register.column(reference):
        return f"max({quote(register.id)}.{quote(reference)})::VARCHAR"
    period = register.period_column
    return "NULL" if period is None else f"max({quote(register.id)}.{quote(period.name)})::VARCHAR"


def _last_reference(register: Register, last: object) -> str | None:
    reference = register.lead_times.reference
    if isinstance(reference, dt.date):
        return reference.isoformat()
    found = register.period if last is None and register.period_column is None else last
    return None if found is None else str(found)


def _wrong(norm: Norm, column: Column, cell: str) -> Iterator[str]:
    valid = norm.valid
    if valid.values is not None:
        texts = ", ".join(literal(value) for value in valid.values)
        yield f"{cell}::VARCHAR NOT IN ({texts})"
    if valid.pattern is not None:
        yield f"NOT regexp_matches({cell}::VARCHAR, {literal(valid.pattern)})"
    for limit, sign in ((valid.minimum, "<"), (valid.maximum, ">")):
        if limit is None:
            continue
        if column.logical_type in ("integer", "number"):
            number = float(limit)
            # A whole limit stays whole, so that whole numbers need not be turned into others to be compared.
            yield f"{cell} {sign} {int(number) if number.is_integer() else number!r}"
        else:
            yield f"{cell}::VARCHAR {sign} {literal(str(limit))}"
    if column.logical_type == "number" and valid.maximum is None:
        yield f"isnan({cell})"  # greater than any maximum, where there is one


def _kind(column: Column, cell: str) -> str:
    """What a distribution tells apart: kinds, months, or numbers in two digits, which are at most 5 % off."""
    shape = _SHAPES[column.logical_type]
    if shape == "month":
        return f"(year({cell}) * 12 + month({cell}) - 1)::DOUBLE"
    if shape == "kind":
        return f"{cell}::VARCHAR"
    number = f"{cell}::DOUBLE"
    rounded = f"round({number}, 1 - floor(log10(abs({number})))::INTEGER)"
    if column.logical_type == "integer":
        return f"CASE WHEN {cell} BETWEEN -{_EXACT} AND {_EXACT} THEN {number} ELSE {rounded} END"
    exact = f"abs({number}) <= {_EXACT} AND {number} = trunc({number})"
    return f"CASE WHEN NOT isfinite({number}) THEN NULL WHEN {exact} THEN {number} ELSE {rounded} END"


def _shaped(column: Column, cell: object, rows: int) -> Shaped:
    counts: dict[str, int] = {}
    for kind, count in cast("list[tuple[object, int]]", cell or []):
        counts[str(kind)[:_TEXT]] = counts.get(str(kind)[:_TEXT], 0) + count
    empty = rows - sum(counts.values())
    if _SHAPES[column.logical_type] == "kind":
        named = sorted(counts, key=lambda kind: (-counts[kind], kind))[:MOST_KINDS]
        kept = {kind: counts[kind] for kind in named if counts[kind] >= FEW}
        return Shaped("kind", dict(sorted(kept.items())), sum(counts.values()) - sum(kept.values()), empty)
    kept, rest = _together({kind: counts[kind] for kind in sorted(counts, key=float)})
    return Shaped(_SHAPES[column.logical_type], kept, rest, empty)


def _together(counts: Mapping[str, int]) -> tuple[dict[str, int], int]:
    """Numbers in their order, rare ones put with the next so that no count is of fewer than FEW rows; and what is left where all are."""
    found: dict[str, int] = {}
    waiting = 0
    for kind, rows in counts.items():
        waiting += rows
        if waiting >= FEW:
            found[kind], waiting = waiting, 0
    if waiting and found:
        found[list(found)[-1]] += waiting
        waiting = 0
    return found, waiting


def _doubles(engine: Engine, register: Register, norm: Norm) -> float:
    """Rows whose values an earlier row has; rows that lack one of them have none in common."""
    cells = [f"{quote(register.id)}.{quote(name)}" for name in norm.columns]
    listed, whole = ", ".join(cells), " AND ".join(f"{cell} IS NOT NULL" for cell in cells)
    rows = f"FROM {quote(register.id)} WHERE {whole}"
    hashes = np.sort(engine.query(f"SELECT hash({listed}) AS h {rows}").column(0).to_numpy())
    if not (hashes[1:] == hashes[:-1]).any():
        return 0.0
    # Two values may have one hash, so equal hashes prove nothing.
    distinct = _row(engine, f"SELECT count(*) AS n FROM (SELECT DISTINCT {listed} {rows})")["n"]
    return float(len(hashes) - cast("int", distinct))


def _single(
    engine: Engine, register: Register, norm: Norm, tables: Mapping[str, Sequence[str]]
) -> float | None:
    """The one number that a query gives."""
    place = register.document.place((*norm.trail, "query"))
    query = parse_query(norm.sql, tables).sql("duckdb", comments=False)
    try:
        found = engine.query(f"SELECT * FROM ({query}) LIMIT 2")
    except EngineError:
        raise _cannot(register, norm) from None
    if found.num_rows != 1 or found.num_columns != 1:
        raise DeclarationError.at(
            place, f"the query of norm `{norm.id}` gives {found.num_rows} rows of {found.num_columns} columns.",
            "A norm is held against one number: select one, over all rows.",
        )  # fmt: skip
    value = found.column(0)[0].as_py()
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        raise DeclarationError.at(
            place, f"the query of norm `{norm.id}` gives no number.", "Select a count, a sum or a share."
        ) from None


def _failing(engine: Engine, register: Register, norm: Norm, at: int) -> pa.Table:
    part = _Part(register, norm, at)
    own = quote(register.id)
    names = norm.columns or columns_used(norm.sql)
    cells = ", ".join(f"{own}.{quote(name)} AS {quote(name)}" for name in names)
    rows = f'(SELECT *, row_number() OVER () AS "row number" FROM {own}) AS {own}'
    if norm.metric == "duplicateValues":
        keys = ", ".join(f"{own}.{quote(name)}" for name in norm.columns)
        whole = " AND ".join(f"{own}.{quote(name)} IS NOT NULL" for name in norm.columns)
        where = f'WHERE {whole} QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY "row number") > 1'
    else:
        where = f"WHERE {part.fails}"
    found = engine.query(f'SELECT "row number", {cells} FROM {rows}{part.join} {where} ORDER BY "row number" LIMIT {MOST_FAILING}')  # fmt: skip
    return pa.concat_tables(_cells(register, norm, name, found) for name in names)


def _cells(register: Register, norm: Norm, name: str, found: pa.Table) -> pa.Table:
    column = next(c for c in register.columns if c.name.lower() == name.lower().removesuffix("__status"))
    withheld = is_withheld(register, column)
    values = pa.nulls(found.num_rows, pa.string()) if withheld else found.column(name).cast(pa.string())
    texts = [None if value is None else value[:_TEXT] for value in values.to_pylist()]
    return pa.table(
        [
            pa.repeat(norm.id, found.num_rows),
            found.column("row number"),
            pa.repeat(name, found.num_rows),
            pa.array(texts, pa.string()),
        ],
        schema=FAILING_SCHEMA,
    )
