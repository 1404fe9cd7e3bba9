"""A delivery becomes a register: accepted rows in the types of the contract, refused rows beside them with their reason.

The rows stream through once: reader, one SQL query that types and checks (`checks`), Parquet. Nothing but a bounded
number of batches is in memory. A second pass over what was written is needed only where keys turn out to stand twice
or a column turns out to be empty throughout.
"""

from __future__ import annotations

import contextlib
import difflib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zicht.areas import LEVELS, Boundaries, check_codes, is_unknown
from zicht.declare import Column, Register
from zicht.engine import Progress, said_by
from zicht.errors import DeclarationError, DeliveryError, Place, Problem, ZichtError
from zicht.intake.accepted import ROW_GROUP, Counter, Writer
from zicht.intake.checks import plan
from zicht.intake.door import Door
from zicht.intake.reading import read_rows
from zicht.intake.refusals import Refused
from zicht.intake.report import IntakeReport, Pseudonyms
from zicht.intake.rows import (
    LINE,
    PLACES,
    Delivery,
    RowSource,
    X,
    Y,
    batch_schema,
    shortened,
    without_odd_blanks,
)
from zicht.intake.unique import KeyHashes, Spool, doubles
from zicht.pseudonyms import DomainKey

ACCEPTED, REFUSED, REPORT = "accepted.parquet", "refused.parquet", "report.json"
"""Names of the files that taking in a delivery writes: accepted rows, refused rows, and the report."""

_MEMORY = 400  # MB for DuckDB; the batches under way come on top of it
_MEMORY_A_COLUMN = 2  # MB more: a query holds a vector for every step of every column
_NOT_YET = "not_yet_published"
_SHOWN = 20  # mistakes that are listed when the build stops


def take_in(
    register: Register,
    delivery: Delivery,
    folder: Path,
    *,
    boundaries: Boundaries | None = None,
    key: DomainKey | None = None,
    progress: Progress | None = None,
) -> IntakeReport:
    """Take a delivery in under its contract.

    Writes into `folder`: `accepted.parquet` (a column a column of the contract, in its type; beside a column with declared
    missing codes `<name>__status`, which says why there is no value; identifiers are pseudonyms or are not there), `refused.parquet` (line, column, value, reason; no
    values of columns that identify or describe persons) and `report.json` (`IntakeReport`). The same delivery and
    contract give the same bytes. When it fails it leaves nothing behind.

    Args:
        register: the contract.
        delivery: the file.
        folder: where to write; made when it is not there.
        boundaries: the polygons of the level that located columns ask for.
        key: makes pseudonyms; of the domain of the register. Needed where columns identify.
        progress: told the lines read so far.

    Returns:
        What was found.

    Raises:
        DeliveryError: the file cannot be read, lacks columns, or more of its rows break the contract than that allows; then
            the first twenty mistakes are listed with their places. A StatLine table may lack columns that are neither required
            nor say of which area or period a row is: those are `not_available` in every row, and the report warns of it. Also where
            a column identifies persons (see `zicht.pseudonyms`) and the contract does not say so.
        ZichtError: columns identify, and there is no key.
        DeclarationError: a pattern, limit or expression in the contract that cannot be used.
    """
    new = not folder.exists()
    work = folder / ".taking-in"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        report = _Taking(register, delivery, work, boundaries, key, progress).run()
        for name in (ACCEPTED, REFUSED, REPORT):
            (work / name).replace(folder / name)
        return report
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if new and not any(folder.iterdir()):
            folder.rmdir()


class _Taking:
    """One delivery being taken in."""

    def __init__(
        self,
        register: Register,
        delivery: Delivery,
        work: Path,
        boundaries: Boundaries | None,
        key: DomainKey | None,
        progress: Progress | None,
    ) -> None:
        self.register, self.delivery, self.work = register, delivery, work
        self.boundaries, self.progress = boundaries, progress
        self.source = read_rows(delivery)
        self.door = Door.of(register, delivery, self.source, key)
        self.absent = self._absent()
        self.plan = plan(
            register,
            self.source.columns,
            self.source.numbers,
            may_be_blank=self.source.kind in ("csv", "xlsx"),
        )
        self._check_located()
        self.refused = Refused(register, self.plan.reasons, work / "refused.parts.parquet")
        self.counter = Counter(register)
        self.rows = self.blank = self.wrong = 0
        self.fault: ZichtError | None = None

    def run(self) -> IntakeReport:
        """Take in, and report."""
        lines = Spool(self.work / "lines", np.int64)
        hashes = KeyHashes(self.work, self.plan.keys)
        with contextlib.ExitStack() as stack:
            stack.callback(lines.close)
            stack.callback(hashes.close)
            stack.callback(self.refused.close)
            with (
                Writer(self.work / ACCEPTED, self.door.schema) as writer,
                _connection(self.work, len(self.register.columns)) as connection,
            ):
                for batch in self._checked(connection):
                    accepted = self._sorted_out(batch)
                    table = self._table(accepted)
                    writer.add(table)
                    hashes.add(table)
                    lines.add(accepted.column(LINE).to_numpy())
            self._refuse_broken()
            with _connection(self.work, len(self.register.columns)) as connection:
                dropped = self._refuse_doubles(connection, lines, hashes.spools)
                self.refused.finish(connection, self.work / REFUSED)
            self._stop_where_too_many()
            self._settle(dropped)
        report = self._report()
        report.write(self.work / REPORT)
        return report

    def _absent(self) -> tuple[Column, ...]:
        """Columns that a StatLine table does not have and a row can do without; any other column that lacks is an error."""
        lacking = [
            column
            for column in self.register.columns
            if column.located is None
            and column.physical_name not in self.source.columns
            and not (self.source.geometry and column.physical_name in PLACES)
        ]
        is_file = self.delivery.origin == "file"
        needed = [column for column in lacking if is_file or _needed(column)]
        if needed:
            place = Place(self.delivery.shown, self.delivery.format.header_row if is_file else None)
            raise DeliveryError(
                Problem(place, f"lacks the column `{column.physical_name}` (column `{column.name}` of register `{self.register.id}`).", _near(column, self.source))
                for column in needed[:50]
            )  # fmt: skip
        return tuple(lacking)

    def _check_located(self) -> None:
        located = next((column for column in self.register.columns if column.located), None)
        if located and self.boundaries is None:
            raise DeliveryError.at(
                Place(self.delivery.shown), f"column `{located.name}` follows from where points lie, and there are no polygons.",
                "Declare boundaries for its level in zicht.yaml.",
            )  # fmt: skip
        if self.plan.points and not self.source.geometry:
            raise DeliveryError.at(
                Place(self.delivery.shown), "holds no geometry, and the contract asks where points lie."
            )

    def _checked(self, connection: duckdb.DuckDBPyConnection) -> Iterator[pa.RecordBatch]:
        """The rows after the query of the plan."""
        schema = batch_schema([f"c{i}" for i, _ in enumerate(self.plan.delivered)], geometry=False)
        if self.plan.points:
            schema = schema.append(pa.field(X, pa.float64())).append(pa.field(Y, pa.float64()))
        reader = pa.RecordBatchReader.from_batches(schema, self._delivered(schema))
        self._check_patterns(connection)
        connection.register("delivered", reader)
        try:
            yield from connection.sql(self.plan.sql).to_arrow_reader(ROW_GROUP)
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            if self.fault is not None:
                raise self.fault from error
            raise DeliveryError.at(
                Place(self.delivery.shown),
                f"cannot be checked against its contract: {shortened(_said(error), 300)}",
            ) from error
        if self.fault is not None:
            raise self.fault

    def _delivered(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        # DuckDB reads this from threads of its own and keeps only the text of an error; so the error is kept here.
        try:
            for batch in self.source.batches(self.plan.delivered):
                arrays = [
                    batch.column(0),
                    *(without_odd_blanks(batch.column(i)) for i in range(1, len(self.plan.delivered) + 1)),
                ]
                if self.plan.points:
                    arrays += [batch.column(X), batch.column(Y)]
                if self.progress and batch.num_rows:
                    self.progress(batch.column(0)[-1].as_py(), self.source.total, self.register.id)
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)
        except ZichtError as error:
            self.fault = error
            raise

    def _check_patterns(self, connection: duckdb.DuckDBPyConnection) -> None:
        for index, column in enumerate(self.register.columns):
            if column.pattern is not None:
                try:
                    connection.execute("SELECT regexp_matches('', ?)", [column.pattern]).fetchall()
                except duckdb.Error as error:
                    place = self.register.document.place(
                        ("schema", 0, "properties", index, "logicalTypeOptions", "pattern")
                    )
                    raise DeclarationError.at(
                        place, f"the pattern of column `{column.name}` cannot be used ({shortened(str(error))}).",
                        "Write it without look-ahead and back references.",
                    ) from error  # fmt: skip

    def _sorted_out(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows that keep to the contract; the others are noted."""
        blank = batch.column("__blank").to_numpy(zero_copy_only=False)
        if blank.any():
            self.blank += int(blank.sum())
            batch = batch.filter(pa.array(~blank))
        self.rows += batch.num_rows
        self.door.look(batch)
        batch = self._with_located(batch)
        wrong = batch.column("__wrong").to_numpy(zero_copy_only=False).copy()
        if wrong.any():
            self.refused.add_found(batch.filter(pa.array(wrong)))
        for index, column in enumerate(self.register.columns):
            off = self._off(batch, index, column)
            if off is not None and off.any():
                self.refused.add_cells(batch.filter(pa.array(off)), index, _area_reason(column))
                wrong |= off
        self.wrong += int(wrong.sum())
        return batch.filter(pa.array(~wrong)) if wrong.any() else batch

    def _off(self, batch: pa.RecordBatch, index: int, column: Column) -> npt.NDArray[np.bool_] | None:
        """Where the column holds what is no area code of its level, or lacks the area it must have."""
        cells = batch.column(f"v{index}")
        if column.located is not None:
            nowhere: npt.NDArray[np.bool_] = cells.is_null().to_numpy(zero_copy_only=False)
            return nowhere if column.required else None
        if column.area_level is None or column.logical_type != "string":
            return None
        encoded = pc.dictionary_encode(cells)
        fits = _are_codes(encoded.dictionary, column.area_level)
        if fits.all():
            return None
        indices = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
        off: npt.NDArray[np.bool_] = ~fits[indices] & cells.is_valid().to_numpy(zero_copy_only=False)
        return off

    def _with_located(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        for index, column in enumerate(self.register.columns):
            if column.located is None or self.boundaries is None:
                continue
            x, y, said = (batch.column(f"{name}{index}") for name in ("lx", "ly", "la"))
            at_x, at_y = (part.fill_null(float("nan")).to_numpy(zero_copy_only=False) for part in (x, y))
            codes = self.boundaries.locate(at_x, at_y, column.located.crs)
            self.counter.located(column, codes, pc.and_(x.is_valid(), y.is_valid()), said)
            batch = batch.append_column(f"v{index}", codes)
        return batch

    def _table(self, batch: pa.RecordBatch) -> pa.Table:
        columns = {}
        for index, column in enumerate(self.register.columns):
            if not column.is_dropped:
                columns[column.name] = self.door.through(column, batch.column(f"v{index}"))
                if column.status_name and column.located is None:
                    columns[column.status_name] = batch.column(f"s{index}")
        schema = self.door.schema
        table = pa.table([columns[name] for name in schema.names], schema=schema)
        self.counter.add(table)
        return table

    def _refuse_broken(self) -> None:
        self.refused.add_rows(self.source.broken)
        self.rows += len(self.source.broken)
        self.wrong += len(self.source.broken)
        if self.rows == 0:
            raise DeliveryError.at(
                Place(self.delivery.shown), "has no rows.", "Have the file exported again."
            )

    def _refuse_doubles(
        self, connection: duckdb.DuckDBPyConnection, lines: Spool[np.int64], hashes: list[Spool[np.uint64]]
    ) -> npt.NDArray[np.int64]:
        dropped = np.empty(0, np.int64)
        for key, spool in zip(self.plan.keys, hashes, strict=True):
            found = doubles(connection, self.work / ACCEPTED, key, spool)
            at = lines.values()
            if len(found.rows):
                self.refused.add_doubles(key, at[found.rows], at[found.first], found.shown)
                dropped = np.union1d(dropped, found.rows)
        self.wrong += len(dropped)
        return dropped

    def _stop_where_too_many(self) -> None:
        allowed = self.register.max_refused
        if self.wrong <= allowed * self.rows:
            return
        shown = self.delivery.shown
        problems = []
        ordinals = {column.name: column.physical_name for column in self.register.columns}
        for line, name, value, reason in self.refused.first(self.work / REFUSED, _SHOWN):
            physical = ordinals.get(name, "")
            at = self.source.columns.index(physical) + 1 if physical in self.source.columns else None
            cell = f"`{name}` " if name else "the row "
            problems.append(
                Problem(Place(shown, line, at), f"{cell}{reason}{f': {value}' if value else ''}.")
            )
        # How many rows it are is no mistake of its own; it stands with the last one, so that mistakes count as what they are.
        *before, last = DeliveryError(problems).problems
        total = f"{self.wrong:,} of {self.rows:,} rows break the contract of `{self.register.id}`; it allows {allowed:.1%}."
        more = f" Shown are the first {len(problems)} mistakes." if len(problems) == _SHOWN else ""
        raise DeliveryError([*before, replace(last, remedy=total + more)])

    def _settle(self, dropped: npt.NDArray[np.int64]) -> None:
        """Write the accepted rows again where rows fall out or a column proves to be empty throughout."""
        absent = {column.name for column in self.absent}
        self.not_yet = tuple(name for name in self.counter.empty_throughout() if name not in absent)
        if not len(dropped) and not self.not_yet:
            return
        self.counter.restart()
        schema = self.door.schema
        place = 0
        with (
            pq.ParquetFile(self.work / ACCEPTED) as file,
            Writer(self.work / "settled.parquet", schema) as writer,
        ):
            for group in range(file.num_row_groups):
                table = file.read_row_group(group)
                keep = np.ones(table.num_rows, dtype=bool)
                keep[
                    dropped[
                        np.searchsorted(dropped, place) : np.searchsorted(dropped, place + table.num_rows)
                    ]
                    - place
                ] = False
                place += table.num_rows
                table = table.filter(pa.array(keep))
                for name in self.not_yet:
                    at = schema.get_field_index(f"{name}__status")
                    table = table.set_column(at, schema.field(at), pa.repeat(_NOT_YET, table.num_rows))
                self.counter.add(table)
                writer.add(table)
        (self.work / "settled.parquet").replace(self.work / ACCEPTED)

    def _report(self) -> IntakeReport:
        surplus = set(self.source.columns) - set(self.plan.delivered)
        key = self.door.key
        return IntakeReport(
            register=self.register.id,
            delivery=self.delivery.shown,
            digest=self.delivery.digest,
            rows=self.rows,
            accepted=self.rows - self.wrong,
            refused=self.wrong,
            blank=self.blank,
            refusals=self.refused.counted(),
            columns=self.counter.report(),
            not_yet_published=self.not_yet,
            surplus=len(surplus),
            warnings=(*self.source.warnings, *_without(self.absent, self.delivery)),
            pseudonyms=None if key is None else Pseudonyms(key.domain, key.version, key.fingerprint),
            dropped=tuple(column.name for column in self.register.columns if column.is_dropped),
        )


@contextlib.contextmanager
def _connection(work: Path, columns: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of bounded memory that knows how to read values and can reach no file but those in `work`."""
    memory = f"{_MEMORY + _MEMORY_A_COLUMN * columns}MB"
    # One thread: with more, batches come out in the order in which threads are ready, and the same delivery must give the same bytes.
    connection = duckdb.connect(
        config={"memory_limit": memory, "threads": 1, "temp_directory": str(work / "spill")}
    )
    try:
        connection.execute(resources.files("zicht.intake").joinpath("values.sql").read_text("utf-8"))
        connection.execute("SET allowed_directories = ?", [[str(work)]])
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()


def _are_codes(codes: pa.Array, level: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    fits = np.zeros(len(codes), dtype=bool)
    for one in LEVELS if level == "mixed" else (level,):
        fits |= check_codes(codes, one).to_numpy(zero_copy_only=False)
    for index in np.flatnonzero(~fits):
        fits[index] = is_unknown(codes[int(index)].as_py() or "")
    return fits


def _area_reason(column: Column) -> str:
    if column.located is not None:
        return "lies in no area, and must have one"
    return (
        "is not the code of an area"
        if column.area_level == "mixed"
        else f"is not the code of a {column.area_level}"
    )


def _said(error: Exception) -> str:
    """What went wrong, without values: of persons none may stand in a message."""
    return said_by(error) if isinstance(error, duckdb.Error) else type(error).__name__


def _needed(column: Column) -> bool:
    """Whether a row says nothing without it: of which area and period it is, or that it is there at all."""
    return column.required or column.key or column.area_level is not None or column.period


def _without(absent: tuple[Column, ...], delivery: Delivery) -> Iterator[str]:
    """What to say of columns that the table does not have, and of names in `columns` of the source that it does not know."""
    mapped = {physical: name for name, physical in delivery.rename.items()}
    unknown = [f"`{mapped[c.physical_name]}` ({c.name})" for c in absent if c.physical_name in mapped]
    unmapped = [f"`{c.name}`" for c in absent if c.physical_name not in mapped]
    if unmapped:
        yield f"{delivery.shown} has no column for {', '.join(unmapped)}: not available in any row."
    if unknown:
        yield (
            f"{delivery.shown} has no column {', '.join(unknown)}, which the source names under `columns`: not available in any "
            "row. CBS may have given it another number; look at the columns of the table."
        )


def _near(column: Column, source: RowSource) -> str:
    wanted = column.physical_name.casefold()
    known = {name.casefold(): name for name in source.columns if not name.startswith("__unnamed_")}
    near = (
        [known[wanted]]
        if wanted in known
        else [known[n] for n in difflib.get_close_matches(wanted, known, n=1)]
    )
    if near:
        return f"Did you mean `{near[0]}`? Write that as `physicalName`."
    names = [shortened(name, 40) for name in source.columns[:12]]
    return f"It has: {', '.join(names)}{' …' if len(source.columns) > len(names) else ''}."
