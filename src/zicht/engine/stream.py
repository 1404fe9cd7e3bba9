"""A tally over rows that stream by, for registers so large that a GROUP BY would take most of the time.

The engine evaluates each condition and value once for each row and hands them over as they are; the cells are arrays that grow as new
keys come by. Conditions that many counts share, such as `adult`, split the cells: a row then counts once for its traits, and not once for
everybody and once more for the adults. The result is that of `Tally.sql`, to the bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zicht.engine.kernel import LANES, LIMIT, add_up, count, counted, number
from zicht.engine.tally import FIXED, Tally

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Number = TypeVar("Number", np.uint64, np.int64)
_Wanted = tuple[str | None, frozenset[str]]

MAX_CELLS = (
    400_000_000  # numbers in all cells together: 3 GB would be too much, and so sparse that SQL does better
)
FIRST_CELLS = 1 << 20  # room to begin with; memory that is not used yet is not taken yet
MAX_SPLITS = 3  # conditions that split cells: each can double their number
MIN_SAVED = 2  # counts that a split must make unnecessary: one is not worth more cells


class TooWideError(Exception):
    """The cells do not fit in memory as arrays."""


class ValuesError(Exception):
    """The values are too great, or are no numbers."""


@dataclass(frozen=True)
class Layout:
    """What is kept of each cell, so that all counts and sums of a tally can be made of it.

    Attributes:
        splits: conditions that split cells, into rows for which they hold and rows for which they do not.
        counts: conditions that must all hold for each count of a cell; first none, which counts all rows.
        sums: value, and conditions that must all hold, for each sum of a cell.
    """

    splits: tuple[str, ...]
    counts: tuple[frozenset[str], ...]
    sums: tuple[tuple[str, frozenset[str]], ...]

    @classmethod
    def of(cls, tally: Tally) -> Layout:
        """The layout with the fewest counts and sums."""
        counts = [(None, frozenset(conditions)) for conditions in tally.counts.values()]
        sums = [(value, frozenset(conditions)) for value, conditions in tally.sums.values()]
        wanted: dict[_Wanted, None] = dict.fromkeys([(None, frozenset()), *counts, *sums])
        conditions = dict.fromkeys(part for _, parts in wanted for part in sorted(parts))
        splits: list[str] = []
        while conditions and len(splits) < MAX_SPLITS:
            best = min(conditions, key=lambda condition: len(_without(wanted, condition)))
            left = _without(wanted, best)
            if len(wanted) - len(left) < MIN_SAVED:
                break
            splits.append(best)
            wanted = left
        return cls(
            tuple(splits),
            tuple(parts for value, parts in wanted if value is None),
            tuple((value, parts) for value, parts in wanted if value is not None),
        )

    def count_of(self, conditions: Iterable[str]) -> int:
        """Which count of a cell has the rows that meet the conditions, given that they meet those that split."""
        return self.counts.index(frozenset(conditions) - set(self.splits))

    def sum_of(self, value: str, conditions: Iterable[str]) -> int:
        """Which sum of a cell has the rows that meet the conditions, given that they meet those that split."""
        return self.sums.index((value, frozenset(conditions) - set(self.splits)))


def _without(wanted: Iterable[_Wanted], condition: str) -> dict[_Wanted, None]:
    """What is left to count where a condition splits the cells."""
    return dict.fromkeys((value, parts - {condition}) for value, parts in wanted)


class _Lists:
    """Which conditions must hold, for each of a row of counts or sums; the first condition is no condition at all."""

    def __init__(self, wanted: Sequence[frozenset[str]], numbers: Mapping[str, int]) -> None:
        lists = [sorted(numbers[part] for part in parts) or [0] for parts in wanted]
        self.begins = np.cumsum([0, *map(len, lists)], dtype=np.int64)
        self.parts = np.array([part for parts in lists for part in parts], np.int64)


class _Numbers:
    """Numbers for keys, given in the order in which they come by; the room for keys can grow along each axis."""

    def __init__(self, shape: Sequence[int]) -> None:
        self._of = np.full(shape, -1, np.int32)
        self.used = 0

    def take(self, key: Sequence[Ints], shape: Sequence[int]) -> Ints:
        """The numbers of keys that have a part along each axis, all within the shape."""
        if any(wanted > have for wanted, have in zip(shape, self._of.shape, strict=True)):
            if prod(shape) > MAX_CELLS:
                raise TooWideError
            grown = np.full(
                [
                    have if wanted <= have else wanted + wanted // 2
                    for wanted, have in zip(shape, self._of.shape, strict=True)
                ],
                -1,
                np.int32,
            )
            grown[tuple(map(slice, self._of.shape))] = self._of
            self._of = grown
        flat = key[0].astype(np.int64)
        for part, size in zip(key[1:], self._of.shape[1:], strict=True):
            flat *= size
            flat += part
        self.used = number(flat, self._of.reshape(-1), self.used)
        return flat

    def keys(self) -> tuple[Ints, tuple[Ints, ...]]:
        """All numbers in the order of their keys, and the keys."""
        found = np.nonzero(self._of >= 0)
        return self._of[found].astype(np.int64), found


class Streamed:
    """The cells of a tally, filled batch by batch."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._layout = layout = Layout.of(tally)
        named = [*layout.splits, *(part for parts in layout.counts for part in sorted(parts))]
        named += [part for _, parts in layout.sums for part in sorted(parts)]
        self._conditions = {"": 0} | {part: at for at, part in enumerate(dict.fromkeys(named), 1)}
        self._values = {
            value: at for at, value in enumerate(dict.fromkeys(value for value, _ in layout.sums))
        }
        self._counted = _Lists(layout.counts, self._conditions)
        self._added = _Lists([parts for _, parts in layout.sums], self._conditions)
        self._which_value = np.array([self._values[value] for value, _ in layout.sums], np.int64)
        self._codes = {name: pa.array([], pa.string()) for name in tally.texts}
        self._places = _Numbers([1] * len(tally.texts))
        sizes = [size for _, size in tally.numbers.values()]
        self._inner = (1, *sizes, *(2 for _ in layout.splits))
        self._cells = _Numbers([1, prod(self._inner)])
        self._size = 0.0
        words = -(-len(layout.counts) // LANES)
        self._bytes = np.zeros((FIRST_CELLS, words), np.uint64)
        self._totals = np.zeros((FIRST_CELLS, len(layout.counts)), np.int64)
        self._sums = np.zeros((FIRST_CELLS, len(layout.sums), 3), np.int64)

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
        holds = np.ones((len(self._conditions), batch.num_rows), np.uint8)
        for at in range(1, len(holds)):
            holds[at] = batch.column(f"c{at}").to_numpy()
        cell = self._cell(batch, holds)
        count(cell, holds, self._counted.begins, self._counted.parts, self._bytes, self._totals)
        if self._values:
            values = np.stack([_floats(batch.column(f"v{at}")) for at in self._values.values()])
            self._size += add_up(
                cell, values, holds, self._added.begins, self._added.parts, self._which_value, float(FIXED), self._sums
            )  # fmt: skip
            if not self._size <= LIMIT:
                raise ValuesError

    def _cell(self, batch: pa.RecordBatch, holds: npt.NDArray[np.uint8]) -> Ints:
        """The cell of each row: one of a place (the keys that are texts), the numbers and the split."""
        codes = [self._code(name, batch.column(name)) for name in self._tally.texts]
        place = self._places.take(codes, [len(seen) for seen in self._codes.values()])
        rest = np.zeros(batch.num_rows, np.int64)
        for name, (_, size) in self._tally.numbers.items():
            rest *= size
            rest += batch.column(name).to_numpy()
        for split in self._layout.splits:
            rest *= 2
            rest += holds[self._conditions[split]]
        cell = self._cells.take([place, rest], [self._places.used, prod(self._inner)])
        self._grow()
        return cell

    def _code(self, name: str, column: pa.Array) -> Ints:
        codes = pc.index_in(column, self._codes[name])
        if codes.null_count:
            new = column.filter(pc.is_null(codes)).unique()
            self._codes[name] = pa.concat_arrays([self._codes[name], new])
            codes = pc.index_in(column, self._codes[name])
        return np.asarray(codes.to_numpy(), np.int64)

    def _grow(self) -> None:
        """Room for all cells that there are."""
        used, have = self._cells.used, len(self._bytes)
        if used <= have:
            return
        if used * (len(self._layout.counts) + 3 * len(self._layout.sums)) > MAX_CELLS:
            raise TooWideError
        room = max(used, 2 * have)
        self._bytes, self._totals = _longer(self._bytes, room), _longer(self._totals, room)
        self._sums = _longer(self._sums, room)

    def table(self) -> pa.Table:
        """The cells that have rows, in the shape of the answer to `Tally.sql`."""
        cell, (place, rest) = self._cells.keys()
        together = _Together(place * prod(self._inner) + rest, 1 << len(self._layout.splits))
        counts = counted(self._bytes, self._totals, cell)
        sums = np.ascontiguousarray(np.moveaxis(self._sums[cell], 0, -1))
        inner = dict(
            zip(
                ["", *self._tally.numbers, *self._layout.splits],
                np.unravel_index(rest, self._inner),
                strict=True,
            )
        )
        holds = {split: inner[split] == 1 for split in self._layout.splits}
        columns = self._keys(
            place[together.begins], {name: inner[name][together.begins] for name in self._tally.numbers}
        )
        for name, conditions in self._tally.counts.items():
            own = counts[self._layout.count_of(conditions)]
            columns[name] = pa.array(together.sum(own, _all(holds, conditions)))
        for name, (value, conditions) in self._tally.sums.items():
            total, largest, second = sums[self._layout.sum_of(value, conditions)]
            wanted = _all(holds, conditions)
            largest, second = together.largest(largest, second, wanted)
            columns[name] = pa.array(together.sum(total, wanted), mask=largest == 0)
            for which, bits in (("largest", largest), ("second", second)):
                columns[f"{name}_{which}"] = pa.array((bits - 1).view(np.float64), mask=bits == 0)
        return pa.table(columns)

    def _keys(self, place: Ints, numbers: Mapping[str, Ints]) -> dict[str, pa.Array]:
        found, codes = self._places.keys()
        row = np.empty(len(found), np.int64)
        row[found] = np.arange(len(found))
        texts = {
            name: seen.take(pa.array(code[row[place]]))
            for (name, seen), code in zip(self._codes.items(), codes, strict=True)
        }
        return texts | {name: pa.array(values.astype(np.uint8)) for name, values in numbers.items()}


class _Together:
    """Cells that were split, put together again."""

    def __init__(self, keys: Ints, splits: int) -> None:
        """`keys` in order; those that differ in their split only follow one another."""
        whole = keys // splits
        self.begins = np.flatnonzero(np.diff(whole, prepend=-1))
        self._sizes = np.diff(np.append(self.begins, len(whole)))

    def sum(self, values: Ints, wanted: Bools | None) -> Ints:
        """The sum of values over the splits that are wanted."""
        return np.asarray(
            np.add.reduceat(values if wanted is None else values * wanted, self.begins), np.int64
        )

    def largest(self, largest: Ints, second: Ints, wanted: Bools | None) -> tuple[Ints, Ints]:
        """The two largest over the splits that are wanted, of the two largest of each."""
        if wanted is not None:
            largest, second = largest * wanted, second * wanted
        top = np.maximum.reduceat(largest, self.begins)
        is_top = largest == np.repeat(top, self._sizes)
        ties = np.add.reduceat(is_top, self.begins, dtype=np.int64)
        below = np.maximum.reduceat(np.where(is_top, second, largest), self.begins)
        return top, np.where(ties > 1, top, below)


def _all(holds: Mapping[str, Bools], conditions: Iterable[str]) -> Bools | None:
    """Where all conditions that split hold; None where none of them splits."""
    splitting = [holds[one] for one in conditions if one in holds]
    return np.logical_and.reduce(splitting) if splitting else None


def _longer(cells: npt.NDArray[Number], room: int) -> npt.NDArray[Number]:
    """More cells, of nought."""
    more = np.zeros((room, *cells.shape[1:]), cells.dtype)
    more[: len(cells)] = cells
    return more


def _floats(column: pa.Array) -> Floats:
    """Values as floats, NaN where there is none."""
    values = column.to_numpy(zero_copy_only=False)
    if int(np.isnan(values).sum()) != column.null_count:
        raise ValuesError
    return np.asarray(values, np.float64)
