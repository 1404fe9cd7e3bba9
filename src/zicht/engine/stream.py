"""A tally over rows that stream by, for registers so large that a GROUP BY would take most of the time.

The engine evaluates each condition and value once for each row and hands them over as they are; the cells are dense arrays that grow as
new keys come by. The result is that of `Tally.sql`, to the bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zicht.engine.kernel import LIMIT, add_up, count
from zicht.engine.tally import FIXED, Tally

Number = TypeVar("Number", np.int32, np.int64, np.float64)
Ints = npt.NDArray[np.int64]
MAX_CELLS = (
    400_000_000  # numbers in all cells together: 3 GB would be too much, and so sparse that SQL does better
)


class TooWideError(Exception):
    """The cells do not fit in memory as dense arrays."""


class ValuesError(Exception):
    """The values are too great, or are no numbers."""


class Streamed:
    """The cells of a tally, filled batch by batch."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._conditions = {"": 0}
        self._values: dict[str, int] = {}
        for conditions in [*tally.counts.values(), *(conditions for _, conditions in tally.sums.values())]:
            for condition in conditions:
                self._conditions.setdefault(condition, len(self._conditions))
        for value, _ in tally.sums.values():
            self._values.setdefault(value, len(self._values))
        self._pairs = np.array(
            [self._pair(conditions) for conditions in tally.counts.values()], np.int64
        ).reshape(-1, 2)
        self._inner = prod(size for _, size in tally.numbers.values())
        self._wanted = np.array(
            [(self._values[value], *self._pair(conditions)) for value, conditions in tally.sums.values()],
            np.int64,
        ).reshape(-1, 3)
        self._dictionaries = {name: pa.array([], pa.string()) for name in tally.texts}
        self._slots = np.full((1,) * len(tally.texts), -1, np.int64)
        self._used = 0
        self._rows = 0
        self._size = 0.0
        self._counts = np.zeros((0, len(tally.counts)), np.int32)
        self._sums = np.zeros((0, len(tally.sums)), np.int64)
        self._top = np.zeros((0, len(tally.sums), 2))

    def _pair(self, conditions: tuple[str, ...]) -> tuple[int, int]:
        """A tally is of a population and at most one trait: two conditions."""
        first, second, *more = (*(self._conditions[condition] for condition in conditions), 0, 0)
        if any(more[: len(conditions) - 2]):
            raise TooWideError
        return first, second

    def sql(self, table: str) -> str:
        """The query whose rows are to stream by."""
        columns = [f"CAST({sql} AS VARCHAR) AS {name}" for name, sql in self._tally.texts.items()]
        columns += [f"{sql} AS {name}" for name, (sql, _) in self._tally.numbers.items()]
        columns += [
            f"CAST(COALESCE({sql}, FALSE) AS UTINYINT) AS c{at}"
            for sql, at in self._conditions.items()
            if sql
        ]
        columns += [f"CAST({sql} AS DOUBLE) AS v{at}" for sql, at in self._values.items()]
        return f"SELECT {', '.join(columns)} FROM {table}"

    def take(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Count and add up.

        Raises:
            TooWideError: too many cells.
            ValuesError: values that cannot be added up.
        """
        for batch in batches:
            if batch.num_rows:
                self._one(batch)

    def _one(self, batch: pa.RecordBatch) -> None:
        cell = self._cells(batch)
        ones = np.ones(batch.num_rows, np.uint8)
        holds = np.stack(
            [ones, *(batch.column(f"c{at}").to_numpy() for at in range(1, len(self._conditions)))]
        )
        count(cell, holds, self._pairs, self._counts)
        if len(self._wanted):
            values = np.stack([_numbers(batch.column(f"v{at}")) for at in range(len(self._values))])
            self._size += add_up(cell, values, holds, self._wanted, float(FIXED), self._sums, self._top)
            if not self._size <= LIMIT:
                raise ValuesError
        self._rows += batch.num_rows
        if self._rows > np.iinfo(np.int32).max:
            raise TooWideError  # a count might not fit

    def _cells(self, batch: pa.RecordBatch) -> Ints:
        codes = tuple(self._codes(name, batch.column(name)) for name in self._tally.texts)
        wanted = tuple(
            max(have, len(seen))
            for have, seen in zip(self._slots.shape, self._dictionaries.values(), strict=True)
        )
        if wanted != self._slots.shape:
            grown = np.full(tuple(2 * size for size in wanted), -1, np.int64)
            grown[tuple(slice(size) for size in self._slots.shape)] = self._slots
            self._slots = grown
        flat = np.ravel_multi_index(codes, self._slots.shape) if len(codes) > 1 else codes[0]
        slots = self._slots.reshape(-1)
        new = np.unique(flat[slots[flat] < 0])
        slots[new] = np.arange(self._used, self._used + len(new))
        self._used += len(new)
        self._grow(self._used * self._inner)
        cell = slots[flat]
        for name, (_, size) in self._tally.numbers.items():
            cell = cell * size + batch.column(name).to_numpy()
        return np.asarray(cell, np.int64)

    def _codes(self, name: str, column: pa.Array) -> Ints:
        codes = pc.index_in(column, self._dictionaries[name])
        if codes.null_count:
            new = column.filter(pc.is_null(codes)).unique()
            self._dictionaries[name] = pa.concat_arrays([self._dictionaries[name], new])
            codes = pc.index_in(column, self._dictionaries[name])
        return np.asarray(codes.to_numpy(), np.int64)

    def _grow(self, cells: int) -> None:
        have = len(self._counts)
        if cells <= have:
            return
        if cells * (len(self._pairs) + 6 * len(self._wanted)) > MAX_CELLS:
            raise TooWideError
        more = max(cells + cells // 4, have + have // 2) - have
        self._counts = _longer(self._counts, more, 0)
        self._sums = _longer(self._sums, more, 0)
        self._top = _longer(self._top, more, -np.inf)

    def table(self) -> pa.Table:
        """The cells that have rows, in the shape of the answer to `Tally.sql`."""
        names = list(self._tally.counts)
        everybody = names.index(
            next(name for name, conditions in self._tally.counts.items() if not conditions)
        )
        cells = np.flatnonzero(self._counts[:, everybody])
        columns = self._keys(cells)
        columns |= {name: pa.array(self._counts[cells, at].astype(np.int64)) for at, name in enumerate(names)}
        for at, name in enumerate(self._tally.sums):
            top = self._top[cells, at].T
            none = np.isinf(top)
            columns[name] = pa.array(self._sums[cells, at], mask=none[0])
            columns |= {
                f"{name}_{which}": pa.array(top[side], mask=none[side])
                for side, which in enumerate(("largest", "second"))
            }
        return pa.table(columns)

    def _keys(self, cells: Ints) -> dict[str, pa.Array]:
        rest, slots = cells, self._slots.reshape(-1)
        numbers: dict[str, pa.Array] = {}
        for name, (_, size) in reversed(list(self._tally.numbers.items())):
            numbers[name] = pa.array((rest % size).astype(np.uint8))
            rest = rest // size
        places = np.flatnonzero(slots >= 0)
        place = np.empty(self._used, np.int64)
        place[slots[places]] = places
        codes = np.unravel_index(place[rest], self._slots.shape)
        texts: Mapping[str, pa.Array] = {
            name: seen.take(pa.array(code))
            for (name, seen), code in zip(self._dictionaries.items(), codes, strict=True)
        }
        return {**texts, **{name: numbers[name] for name in self._tally.numbers}}


def _longer(cells: npt.NDArray[Number], more: int, empty: float) -> npt.NDArray[Number]:
    return np.concatenate([cells, np.full((more, *cells.shape[1:]), empty, cells.dtype)])


def _numbers(column: pa.Array) -> npt.NDArray[np.float64]:
    """Values as floats, NaN where there is none."""
    values = column.to_numpy(zero_copy_only=False)
    if int(np.isnan(values).sum()) != column.null_count:
        raise ValuesError
    return np.asarray(values, np.float64)
