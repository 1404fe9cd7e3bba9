"""Parquet: typed columns, handed over as text like every other kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zicht.errors import DeliveryError, Place
from zicht.intake.rows import Delivery, RowSource, batch_schema, checked_columns, shortened

_BATCH = 65_536
_FAULTS = (pa.ArrowException, OSError, ValueError)


def read_parquet(delivery: Delivery) -> RowSource:
    """The rows of a Parquet file.

    Args:
        delivery: the file. Row numbers count from 1.

    Raises:
        DeliveryError: damaged, no rows, or a column of a nested or binary type.
    """
    place = Place(delivery.shown)
    try:
        file = pq.ParquetFile(delivery.path)
        schema, rows = file.schema_arrow, file.metadata.num_rows
        file.close()
    except _FAULTS as error:
        raise DeliveryError.at(
            place,
            f"is not a Parquet file that can be read ({shortened(str(error), 160)}).",
            "Have it delivered again.",
        ) from error
    columns = checked_columns(schema.names, delivery.rename, place)
    if rows == 0:
        raise DeliveryError.at(place, "has columns and no rows.", "Have the file exported again.")
    delivered = dict(zip(columns, schema.names, strict=True))

    def batches(wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        names = list(columns if wanted is None else wanted)
        for name in names:
            _refuse_unreadable(name, schema.field(delivered[name]).type, place)
        return _batches(delivery, names, [delivered[name] for name in names])

    return RowSource(columns=columns, kind="parquet", numbers="mixed", batches=batches, total=rows)


def _refuse_unreadable(name: str, kind: pa.DataType, place: Place) -> None:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_nested(inner) or pa.types.is_binary(inner) or pa.types.is_large_binary(inner):
        raise DeliveryError.at(
            place, f"column `{shortened(name)}` is of type {shortened(str(kind))}, which is not one value a row.",
            "Leave it out of the contract, or have it delivered as text or numbers.",
        )  # fmt: skip


def _batches(delivery: Delivery, names: list[str], delivered: list[str]) -> Iterator[pa.RecordBatch]:
    schema = batch_schema(names, geometry=False)
    line = 1
    try:
        with pq.ParquetFile(delivery.path) as file:
            # With no column asked for there are still rows.
            for batch in file.iter_batches(_BATCH, columns=delivered or file.schema_arrow.names[:1]):
                lines = pa.array(range(line, line + batch.num_rows), pa.int64())
                cells = [as_text(batch.column(name)) for name in delivered]
                yield pa.RecordBatch.from_arrays([lines, *cells], schema=schema)
                line += batch.num_rows
    except _FAULTS as error:
        raise DeliveryError.at(
            Place(delivery.shown, line),
            f"is damaged from here on ({shortened(str(error), 160)}).",
            "Have it delivered again.",
        ) from error


def as_text(column: pa.Array) -> pa.Array:
    """Values as text that reads back as the same values.

    Args:
        column: any array of single values.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        # Moments with a zone become UTC, and say so, as they do in every other kind of file.
        column = pc.strftime(column.cast(pa.timestamp("us", "UTC")), format="%Y-%m-%d %H:%M:%S+00:00")
    return column.cast(pa.string())
