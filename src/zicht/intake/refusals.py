"""Refused rows: kept with line, column and reason, and with the value where that tells nothing about a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zicht.declare import Column, Register
from zicht.intake.report import Refusals
from zicht.intake.rows import LINE, Broken, shortened
from zicht.pseudonyms import cells_that_identify

SCHEMA = pa.schema(
    [("line", pa.int64()), ("column", pa.string()), ("value", pa.string()), ("reason", pa.string())]
)
_WITHHELD = ("identifying", "personal", "special", "criminal")
_ABOUT_PERSONS = ("person", "household")
_VALUE_LENGTH = 80


def is_withheld(register: Register, column: Column) -> bool:
    """Whether values of a column are kept out of what people read: it is about persons, or may be.

    Where a row is taken apart wrongly an identifier can stand in any column, so a register that has identifiers shows no value at all.
    """
    if any(other.classification == "identifying" or other.is_pseudonym for other in register.columns):
        return True
    return column.classification in _WITHHELD or (
        column.classification is None and register.unit in _ABOUT_PERSONS
    )


def _without_identifiers(values: pa.Array) -> pa.Array:
    """Values as they may be shown: those that look as if they tell who somebody is fall out."""
    return pc.if_else(cells_that_identify(values), pa.scalar(None, pa.string()), values)


class Refused:
    """The refused cells of one delivery, spooled to a file as they are found."""

    def __init__(self, register: Register, reasons: Sequence[Sequence[str]], parts: Path) -> None:
        self._columns = register.columns
        self._names = pa.array([column.name for column in register.columns], pa.string())
        self._open = pa.array([not is_withheld(register, column) for column in register.columns], pa.bool_())
        width = max((len(of) for of in reasons), default=0) + 1
        self._width = width
        self._reasons = pa.array(
            [reason for of in reasons for reason in ("", *of, *[""] * (width - 1 - len(of)))], pa.string()
        )
        self._shown = {column.name: not is_withheld(register, column) for column in register.columns}
        self._parts = parts
        self._writer = pq.ParquetWriter(parts, SCHEMA, compression="zstd")
        self._counts: Counter[tuple[str, str]] = Counter()

    def add_found(self, batch: pa.RecordBatch) -> None:
        """Note the cells listed in `__found` of each row of a batch: a list of column `i`, code `b` and text `t`."""
        found = batch.column("__found")
        cells = found.flatten()
        index = cells.field("i").cast(pa.int64())
        self._add(
            batch.column(LINE).take(pc.list_parent_indices(found)),
            self._names.take(index),
            _without_identifiers(
                pc.if_else(self._open.take(index), cells.field("t"), pa.scalar(None, pa.string()))
            ),
            self._reasons.take(pc.add(pc.multiply(index, self._width), cells.field("b").cast(pa.int64()))),
        )

    def add_cells(self, batch: pa.RecordBatch, index: int, reason: str) -> None:
        """Note one column of every row of a batch."""
        name, count = self._columns[index].name, batch.num_rows
        values = batch.column(f"v{index}") if self._shown[name] else pa.nulls(count, pa.string())
        self._add(
            batch.column(LINE),
            pa.repeat(name, count),
            _without_identifiers(pc.utf8_slice_codeunits(values, 0, _VALUE_LENGTH)),
            pa.repeat(reason, count),
        )

    def add_rows(self, rows: Sequence[Broken]) -> None:
        """Note rows that could not be taken apart; they have no column."""
        self._add(
            pa.array([row.line for row in rows], pa.int64()),
            pa.repeat("", len(rows)),
            pa.nulls(len(rows), pa.string()),
            pa.array([row.why for row in rows], pa.string()),
        )

    def add_doubles(
        self,
        key: tuple[str, ...],
        lines: npt.NDArray[np.int64],
        first: npt.NDArray[np.int64],
        shown: pa.Array,
    ) -> None:
        """Note rows whose key an earlier row has already."""
        count = len(lines)
        open_ = all(self._shown[name] for name in key)
        what = pc.binary_join_element_wise(
            "stands already on line", pa.array(first, pa.int64()).cast(pa.string()), " "
        )
        self._counts[", ".join(key), "stands twice"] += count
        self._write(
            pa.array(lines, pa.int64()), pa.repeat(", ".join(key), count),
            _without_identifiers(shown) if open_ else pa.nulls(count, pa.string()), what,
        )  # fmt: skip

    def finish(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        """Write all that was noted, in order of line."""
        self._writer.close()
        rows = connection.sql(
            'SELECT line, "column", value, reason FROM read_parquet(?) ORDER BY ALL',
            params=[str(self._parts)],
        ).to_arrow_reader(100_000)
        with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
            for batch in rows:
                writer.write_batch(batch.cast(SCHEMA))

    def first(self, path: Path, count: int) -> Iterator[tuple[int, str, str | None, str]]:
        """The first cells that were written: line, column, value and reason."""
        with pq.ParquetFile(path) as file:
            table = next(file.iter_batches(count), None)
        for row in table.to_pylist() if table is not None else ():
            value = None if row["value"] is None else shortened(row["value"])
            yield row["line"], row["column"], value, row["reason"]

    def counted(self) -> tuple[Refusals, ...]:
        """How many rows, by column and reason."""
        return tuple(
            Refusals(column, reason, rows) for (column, reason), rows in sorted(self._counts.items())
        )

    def close(self) -> None:
        """Close the file."""
        self._writer.close()

    def _add(self, lines: pa.Array, columns: pa.Array, values: pa.Array, reasons: pa.Array) -> None:
        if len(lines):
            table = (
                pa.table({"column": columns, "reason": reasons})
                .group_by(["column", "reason"])
                .aggregate([([], "count_all")])
            )
            for row in table.to_pylist():
                self._counts[row["column"], row["reason"]] += row["count_all"]
            self._write(lines, columns, values, reasons)

    def _write(self, lines: pa.Array, columns: pa.Array, values: pa.Array, reasons: pa.Array) -> None:
        self._writer.write_table(pa.table([lines, columns, values, reasons], schema=SCHEMA))
