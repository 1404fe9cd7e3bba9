"""The one table that flows through Zicht: a row is a figure about an area, a period and a breakdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

TOTAL = "TOTAL"
"""What stands in a breakdown column for all categories together; never null."""

_PART = 1 << 15  # rows of a column that says the same in every row

UNKNOWN = "UNKNOWN"
"""The category of units of which the trait is not known or is none of the declared ones; there only where such units are. With it the
categories add up to `TOTAL`, which whoever protects the table must know."""

STATUSES: tuple[str, ...] = (
    "ok", "primary", "secondary", "rounded", "perturbed", "not_available", "not_yet_published", "unreliable",
)  # fmt: skip
"""Every status a figure can have; `zicht.figures` itself gives `ok` and, for what is taken over, what the deliverer says."""

_KEYS = [
    ("indicator", pa.string()), ("area", pa.string()), ("division", pa.int16()), ("level", pa.string()), ("period", pa.string()),
]  # fmt: skip
_MEASURES = [
    ("value", pa.float64()), ("numerator", pa.float64()), ("denominator", pa.float64()), ("n", pa.int64()), ("largest", pa.float64()),
    ("second", pa.float64()), ("lower", pa.float64()), ("upper", pa.float64()), ("status", pa.string()),
]  # fmt: skip

FIGURES = pa.schema([*_KEYS, *_MEASURES])
"""The columns of every figure; those of the breakdowns come after `period`."""


def figure_schema(dimension_ids: Iterable[str]) -> pa.Schema:
    """The schema of figures that are broken down.

    Args:
        dimension_ids: the breakdowns, in the order of their columns.

    Returns:
        `FIGURES` with a string column for each breakdown after `period`.
    """
    return pa.schema([*_KEYS, *((id_, pa.string()) for id_ in dimension_ids), *_MEASURES])


@dataclass(frozen=True, slots=True)
class Leftover:
    """Rows of a register that do not stand where they should.

    Attributes:
        what: what could not be placed: an area code, a period or a category of a dimension.
        value: what the register says; None where it says nothing.
        rows: how many rows.
        counted_in: where they are counted all the same; None where they are in no figure.
        dimension: id of the dimension, for a category.
    """

    what: Literal["area", "period", "category"]
    value: str | None
    rows: int
    counted_in: str | None = None
    dimension: str | None = None

    def __str__(self) -> str:
        said = "nothing" if self.value is None else f"'{self.value}'"
        subject = {"area": "the area", "period": "the period", "category": f"dimension {self.dimension}"}[
            self.what
        ]
        end = f"counted in {self.counted_in}" if self.counted_in else "in no figure"
        return f"{self.rows} rows where {subject} is {said}: {end}"


def period_text(said: str | None) -> str | None:
    """A period as figures have it: ISO 8601 text. A year that a register keeps as a number with a decimal point loses that."""
    if said is None or not said.strip():
        return None
    text = said.strip()
    return text[:-2] if text.endswith(".0") and text[:-2].isdigit() else text


def codes_to_strings(codes: npt.NDArray[np.signedinteger], values: Sequence[str]) -> pa.Array:
    """Strings for codes 0, 1, …; one Arrow array."""
    return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(values, pa.string())).cast(pa.string())


def constant(value: str, size: int) -> pa.ChunkedArray:
    """A column with the same text in every row; its parts are one and the same in memory."""
    text = value.encode()
    rows = min(size, _PART)
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(len(text))
    part = pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(text * rows))
    whole, rest = divmod(size, _PART)
    return pa.chunked_array([*[part] * whole, part.slice(0, rest)], pa.string())


def nothing(size: int) -> pa.Array:
    """A column of floats without any value. Its memory is never written, so that it takes none."""
    valid = pa.py_buffer(np.zeros((size + 7) // 8, np.uint8))
    return pa.Array.from_buffers(pa.float64(), size, [valid, pa.py_buffer(np.zeros(size))], size)


def nullable(values: npt.NDArray[np.generic], missing: Bools | None = None) -> pa.Array:
    """A column that is null where `missing` says so; of floats also where they are not finite. Takes the values as they are: no copy."""
    values = np.ascontiguousarray(values)
    if values.dtype.kind == "f":
        bad = ~np.isfinite(values)
        missing = bad if missing is None else missing | bad
    if missing is None or not missing.any():
        return pa.array(values)
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(
        pa.from_numpy_dtype(values.dtype), len(values), [valid, pa.py_buffer(values)]
    )
