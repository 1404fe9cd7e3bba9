"""SQL on DuckDB, locked down: it reads the tables it was given and nothing else.

DuckDB can read any file, fetch from the network and install extensions from within a SELECT. None of that is wanted here: external access
is switched off, what may be read is a list of the very files that were added, and the configuration is locked before the first query. SQL
that slipped past the checks of `zicht.declare.sql` would still find nothing to read.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from zicht.engine.expressions import Expression, Expressions, abreast
from zicht.engine.tally import Tally
from zicht.errors import ZichtError

if TYPE_CHECKING:
    from zicht.engine.stream import Streamed

STREAM_FROM = 2_000_000
"""Rows from which on a tally streams: for fewer, loading compiled code would take longer than it saves."""

ROW_GROUP = 122_880  # rows; what DuckDB itself uses, so that a reader can skip and share out work
_WRITTEN = 61_440  # rows handed over at a time; divides ROW_GROUP
_NOTHING = pa.record_batch([], names=[])
_VALUES = "zicht_values"  # what values that expressions are computed over are called in SQL


class Engine(Protocol):
    """What Zicht asks of whatever runs SQL. Spark can stand behind it as well as DuckDB."""

    def add(self, name: str, table: Path | pa.Table) -> None:
        """Make a Parquet file or an Arrow table known under a name.

        Args:
            name: what SQL calls it.
            table: path of a Parquet file, or a table.
        """

    def query(self, sql: str) -> pa.Table:
        """Run one SELECT over the tables that were added.

        Args:
            sql: the query, in DuckDB's dialect.

        Returns:
            Its rows; in no fixed order where the query gives none.
        """

    def write(self, sql: str, path: Path) -> int:
        """Run one SELECT and keep its rows, in its order, as a Parquet file.

        Args:
            sql: the query, in DuckDB's dialect.
            path: where the file comes to stand.

        Returns:
            The number of rows.
        """

    def tally(self, name: str, tally: Tally) -> pa.Table:
        """Count and add up the rows of a table in cells: the answer to `Tally.sql`.

        Args:
            name: the table.
            tally: what to count and add up, and in which cells.

        Returns:
            One row a cell that has rows, in no fixed order.
        """

    def close(self) -> None:
        """Let go of everything."""


_OVER_VALUES = (
    duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException, duckdb.ConstraintException,
    duckdb.TypeMismatchException,
)  # fmt: skip


class EngineError(ZichtError):
    """SQL that could not be run; the message is the engine's own, without the SQL."""


def quote(name: str) -> str:
    """A name as it stands in SQL, whatever is in it.

    Args:
        name: name of a table or column.

    Raises:
        EngineError: no SQL can hold the name.
    """
    if not name or "\0" in name:
        raise EngineError(f"{name!r} cannot be the name of a table or column.")
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | int | float | None) -> str:
    """A value as it stands in SQL.

    Args:
        value: text, a number or nothing.

    Raises:
        EngineError: the text holds a null character.
    """
    if value is None:
        return "NULL"
    if isinstance(value, str):
        if "\0" in value:
            raise EngineError(f"{value!r} cannot stand in SQL.")
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


class DuckDBEngine:
    """An `Engine` on DuckDB, in this process. A context manager; not for use from several threads at once."""

    def __init__(
        self, *, memory_limit: str = "2GB", threads: int | None = None, temp_folder: Path | None = None
    ) -> None:
        """Nothing is opened before the first query.

        Args:
            memory_limit: how much DuckDB may keep in memory before it spills to disk, such as `2GB`.
            threads: how many to use; as many as there are processors where left out.
            temp_folder: where to spill; a folder of its own that is removed on closing where left out.
        """
        self._memory_limit = memory_limit
        self._threads = (
            threads or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else threads
        )
        self._temp = (
            None if temp_folder else tempfile.TemporaryDirectory(prefix="zicht-", ignore_cleanup_errors=True)
        )
        self._temp_folder = temp_folder or Path(self._temp.name if self._temp else "")
        self._tables: dict[str, pa.Table] = {}
        self._files: dict[str, Path] = {}
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, name: str, table: Path | pa.Table) -> None:
        """Make a Parquet file or an Arrow table known under a name; what had the name before is forgotten.

        Args:
            name: what SQL calls it.
            table: path of a Parquet file, or a table.

        Raises:
            EngineError: there is no such file, or the name cannot be one.
        """
        quote(name)
        self._tables.pop(name, None)
        self._files.pop(name, None)
        if isinstance(table, Path):
            if not table.is_file():
                raise EngineError(f"There is no file {table} to read `{name}` from.")
            self._files[name] = table.resolve()
            self._disconnect()  # what may be read is fixed once a connection is open
        else:
            self._tables[name] = table
            if self._connection is not None:
                self._connection.register(name, table)

    def query(self, sql: str) -> pa.Table:
        """Run one SELECT over the tables that were added.

        Args:
            sql: the query, in DuckDB's dialect.

        Returns:
            Its rows; in no fixed order where the query gives none.

        Raises:
            EngineError: the query cannot be run, or reaches for something that was not added.
        """
        try:
            return self._select(sql).to_arrow_table()
        except duckdb.Error as error:
            raise EngineError(said_by(error)) from error

    def write(self, sql: str, path: Path) -> int:
        """Run one SELECT and keep its rows as a Parquet file: written beside it and moved into place when whole.

        The same rows in the same order give the same bytes: groups of `ROW_GROUP` rows, zstd, nothing about when or where.
        The order of the rows is that of the query's ORDER BY.

        Args:
            sql: the query, in DuckDB's dialect.
            path: where the file comes to stand.

        Returns:
            The number of rows.

        Raises:
            EngineError: the query cannot be run.
        """
        beside = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            reader = self._select(sql).to_arrow_reader(_WRITTEN)
            rows = _write_batches(reader, beside)
            beside.replace(path)
        except duckdb.Error as error:
            self._disconnect()
            raise EngineError(said_by(error)) from error
        finally:
            beside.unlink(missing_ok=True)
        return rows

    def tally(self, name: str, tally: Tally) -> pa.Table:
        """Count and add up the rows of a table in cells.

        A large table streams by and is counted in arrays; a small one is left to GROUP BY. The answer is the same.

        Args:
            name: the table.
            tally: what to count, and in which cells; one of the counts is that of all rows.

        Returns:
            One row a cell that has rows, in no fixed order, with the columns that `Tally.sql` says.

        Raises:
            EngineError: an expression does not fit the table, or values cannot be added up.
        """
        rows = self.query(f"SELECT count(*) FROM {quote(name)}").column(0)[0].as_py()
        if rows < max(STREAM_FROM, 1):
            return self.query(tally.sql(quote(name)))
        from zicht.engine.stream import TooWideError, ValuesError

        try:
            return self._streamed(name, tally).table()
        except TooWideError:
            return self.query(tally.sql(quote(name)))
        except ValuesError:
            raise EngineError("There are values that are no numbers, or too great to be added up.") from None
        except duckdb.Error as error:
            raise EngineError(said_by(error)) from error
        except (pa.ArrowException, OSError) as error:
            raise EngineError(
                f"The rows of `{name}` cannot be read: {str(error).partition(chr(10))[0]}"
            ) from error

    def _streamed(self, name: str, tally: Tally) -> Streamed:
        from zicht.engine.stream import Streamed

        streamed = Streamed(tally)
        try:
            for rows, told in self._told(name, streamed.wanted()):
                streamed.take(rows, told)
        finally:
            self._disconnect()  # rows may be still to come, and there is better use for the memory that was read with
        return streamed

    def _told(self, name: str, wanted: Mapping[str, Expression]) -> Iterator[tuple[int, dict[str, pa.Array]]]:
        """For each batch of a table how many rows it has, and what expressions say of them."""
        schema = self._tables[name].schema if name in self._tables else pq.read_schema(self._files[name])
        expressions = Expressions(wanted, schema, lambda columns: next(self._columns(name, columns)))
        streams: list[Iterator[pa.RecordBatch]] = []
        if expressions.computed:
            rows = self._select(f"SELECT {', '.join(expressions.computed)} FROM {quote(name)}")
            streams.append(rows.to_arrow_reader(ROW_GROUP))
        if expressions.read:
            streams.append(self._columns(name, expressions.read))
        with self._open().cursor() as beside:  # another query on the connection itself would end the stream

            def ask(select: str, values: pa.RecordBatch) -> pa.Table:
                beside.register(_VALUES, values)
                return _only_select(beside, f"SELECT {select} FROM {_VALUES}").to_arrow_table()

            for batches in abreast(streams):
                computed = batches[0] if expressions.computed else _NOTHING
                read = batches[-1] if expressions.read else _NOTHING
                yield batches[0].num_rows, expressions.of(computed, read, ask)

    def _columns(self, name: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Columns of a table as they are, in its order; texts as dictionaries where it has them so."""
        if name in self._tables:
            yield from self._tables[name].select(list(columns)).to_batches(ROW_GROUP)
            return
        with pq.ParquetFile(self._files[name], read_dictionary=list(columns)) as file:
            for group in range(file.num_row_groups):
                yield from file.iter_batches(
                    ROW_GROUP, row_groups=[group], columns=list(columns), use_threads=False
                )

    def close(self) -> None:
        """Let go of the tables, the memory and the folder for spilling."""
        self._disconnect()
        self._tables.clear()
        self._files.clear()
        if self._temp is not None:
            self._temp.cleanup()

    def _select(self, sql: str) -> duckdb.DuckDBPyRelation:
        return _only_select(self._open(), sql)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            connection = duckdb.connect(":memory:", config=self._config())
            paths = ", ".join(literal(str(path)) for path in self._files.values())
            connection.execute(f"SET allowed_paths = [{paths}]")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            for name, path in self._files.items():
                connection.execute(
                    f"CREATE VIEW {quote(name)} AS SELECT * FROM read_parquet({literal(str(path))}, hive_partitioning = false)"
                )
            for name, table in self._tables.items():
                connection.register(name, table)
            self._connection = connection
        return self._connection

    def _config(self) -> dict[str, str | bool | int | float | list[str]]:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": self._memory_limit,
            "temp_directory": str(self._temp_folder),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
            "preserve_insertion_order": "true",
        }
        if self._threads is not None:
            config["threads"] = self._threads
        return config


def _only_select(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyRelation:
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise EngineError("Only one SELECT can be run at a time.")
    return connection.sql(sql)


def _write_batches(reader: pa.RecordBatchReader, path: Path) -> int:
    """Rows in groups of a fixed size, however the batches come in."""
    rows, waiting, size = 0, [], 0
    schema = reader.schema.remove_metadata()
    with pq.ParquetWriter(path, schema, compression="zstd", store_schema=False) as writer:
        for batch in reader:
            waiting.append(batch)
            size += batch.num_rows
            while size >= ROW_GROUP:
                table = pa.Table.from_batches(waiting, schema)
                writer.write_table(table.slice(0, ROW_GROUP), row_group_size=ROW_GROUP)
                rest = table.slice(ROW_GROUP)
                rows, waiting, size = rows + ROW_GROUP, rest.to_batches(), rest.num_rows
        if size:
            writer.write_table(pa.Table.from_batches(waiting, schema), row_group_size=ROW_GROUP)
    return rows + size


def said_by(error: duckdb.Error) -> str:
    """What DuckDB says is wrong, without any value of the data.

    Args:
        error: of DuckDB. Its first line says what is wrong, and the lines below it repeat the SQL; of an error over a value, what it says
            after its kind holds that value, which may be a person's.

    Returns:
        One line.
    """
    first = str(error).strip().split("\n", 1)[0]
    if not isinstance(error, _OVER_VALUES):
        return first
    return f"{first.partition(':')[0]}: a value does not fit what is done with it (values are not shown)"
