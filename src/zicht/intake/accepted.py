"""Accepted rows: their schema, how they are written, and what is counted of them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zicht.declare import Column, Register
from zicht.intake.report import ColumnReport

ROW_GROUP = 131_072
"""Rows in a row group of what is written."""

_TYPES = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "boolean": pa.bool_(),
}


def accepted_schema(register: Register) -> pa.Schema:
    """The schema of `accepted.parquet`: each column of the contract that does not fall away, and beside it its status where codes are declared.

    Args:
        register: the contract.
    """
    fields = []
    for column in register.kept:
        fields.append(pa.field(column.name, pa.string() if column.located else _TYPES[column.logical_type]))
        if column.status_name and column.located is None:
            fields.append(pa.field(column.status_name, pa.string()))
    return pa.schema(fields)


class Counter:
    """Counts values and statuses of accepted rows, and what was found of points."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._points: dict[str, tuple[int, int, int]] = {}
        self.restart()

    def restart(self) -> None:
        """Forget the values counted; points stay."""
        self._rows = 0
        self._filled = dict.fromkeys((column.name for column in self._register.kept), 0)
        self._missing: dict[str, dict[str, int]] = {column.name: {} for column in self._register.kept}

    def add(self, table: pa.Table) -> None:
        """Count the rows of a table with the schema of accepted rows."""
        self._rows += table.num_rows
        for column in self._register.kept:
            filled = table.num_rows - table.column(column.name).null_count
            self._filled[column.name] += filled
            if filled < table.num_rows:
                self._count_missing(column, table, table.num_rows - filled)

    def _count_missing(self, column: Column, table: pa.Table, empty: int) -> None:
        missing = self._missing[column.name]
        if not column.status_name or column.located is not None:
            missing["empty"] = missing.get("empty", 0) + empty
            return
        for item in pc.value_counts(table.column(column.status_name).drop_null()).to_pylist():
            missing[item["values"]] = missing.get(item["values"], 0) + item["counts"]

    def located(self, column: Column, codes: pa.Array, known: pa.Array, said: pa.Array) -> None:
        """Count points: outside every area, without coordinates, in another area than the delivery says."""
        outside, without, against = self._points.get(column.name, (0, 0, 0))
        outside += pc.sum(pc.and_(known, codes.is_null())).as_py() or 0
        without += len(known) - (pc.sum(known).as_py() or 0)
        against += pc.sum(pc.not_equal(codes, said)).as_py() or 0
        self._points[column.name] = (outside, without, against)

    def empty_throughout(self) -> tuple[str, ...]:
        """Columns with declared missing codes that have a value in no row."""
        columns = [column for column in self._register.kept if column.missing and column.located is None]
        return tuple(column.name for column in columns if self._rows and not self._filled[column.name])

    def report(self) -> dict[str, ColumnReport]:
        """What was counted, by column."""
        found = {}
        for column in self._register.kept:
            missing = dict(sorted(self._missing[column.name].items()))
            outside, without, against = self._points.get(column.name, (None, None, None))
            if column.located is None or column.located.against is None:
                against = None
            found[column.name] = ColumnReport(self._filled[column.name], missing, outside, without, against)
        return found


class Writer:
    """Writes Parquet in row groups of one size, so that the bytes do not depend on how batches came."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(path, schema, compression="zstd", compression_level=1)
        self._schema = schema
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._rows:
            self._write(self._rows)
        self._writer.close()

    def add(self, table: pa.Table) -> None:
        """Add rows at the end."""
        self._waiting.append(table)
        self._rows += table.num_rows
        while self._rows >= ROW_GROUP:
            self._write(ROW_GROUP)

    def _write(self, count: int) -> None:
        table = pa.concat_tables(self._waiting)
        # One chunk a column: pages are cut per chunk, and chunks come as they come.
        self._writer.write_table(table.slice(0, count).combine_chunks(), row_group_size=count)
        self._waiting = [table.slice(count)]
        self._rows -= count
