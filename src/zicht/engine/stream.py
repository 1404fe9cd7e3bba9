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

from zicht.engine.expressions import FLOAT, SMALL, TEXT, Expression, encoded
from zicht.engine.kernel import LANES, LIMIT, add_up, added, combine, count, counted, number, refer
from zicht.engine.tally import FIXED, Tally, present

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Number = TypeVar("Number", np.uint64, np.uint32, np.int64)
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

    def split_of(self, conditions: Iterable[str]) -> int:
        """Which conditions that split must hold, a bit each, the first the greatest."""
        wanted = set(conditions)
        return sum((split in wanted) << at for at, split in enumerate(reversed(self.splits)))

    def sum_of(self, value: str, conditions: Iterable[str]) -> int:
        """Which sum of a cell has the rows that meet the conditions, given that they meet those that split."""
        return self.sums.index((value, frozenset(conditions) - set(self.splits)))


def _without(wanted: Iterable[_Wanted], condition: str) -> dict[_Wanted, None]:
    """What is left to count where a condition splits the cells."""
    return dict.fromkeys((value, parts - {condition}) for value, parts in wanted)


class _Lists:
    """Which conditions must hold, for each of a row of counts or sums; where none need, the one that always does."""

    def __init__(self, wanted: Sequence[frozenset[str]], numbers: Mapping[str, int]) -> None:
        lists = [sorted(numbers[part] for part in parts) or [numbers[""]] for parts in wanted]
        self.begins = np.cumsum([0, *map(len, lists)], dtype=np.int64)
        self.parts = np.array([part for parts in lists for part in parts], np.int64)


class _Texts:
    """Numbers for texts, given in the order in which they come by."""

    def __init__(self) -> None:
        self.known = pa.array([], pa.string())

    def __len__(self) -> int:
        return len(self.known)

    def take(self, texts: pa.Array, numbers: Ints) -> None:
        """The number of each text; nothing is a text of its own."""
        rows = encoded(texts)
        found = pc.index_in(rows.dictionary, self.known)
        if found.null_count:
            self.known = pa.concat_arrays([self.known, rows.dictionary.filter(found.is_null()).unique()])
            found = pc.index_in(rows.dictionary, self.known)
        refer(_codes(rows), found.to_numpy().astype(np.int64), numbers)


def _codes(rows: pa.DictionaryArray) -> npt.NDArray[np.int32]:
    return np.asarray(rows.indices.to_numpy(), np.int32)


class _Pairs:
    """Numbers for pairs of keys, given in the order in which the pairs come by; the room for keys can grow."""

    def __init__(self, second: int) -> None:
        self._of = np.full((1, second), -1, np.int32)
        self.used = 0

    def take(self, first: Ints, second: Ints, shape: tuple[int, int]) -> None:
        """Replace the first keys by the numbers of the pairs; all keys are within the shape."""
        if any(wanted > have for wanted, have in zip(shape, self._of.shape, strict=True)):
            if prod(shape) > MAX_CELLS:
                raise TooWideError
            room = [
                have if wanted <= have else wanted + wanted // 2
                for wanted, have in zip(shape, self._of.shape, strict=True)
            ]
            grown = np.full(room, -1, np.int32)
            grown[: self._of.shape[0], : self._of.shape[1]] = self._of
            self._of = grown
        self.used = number(first, second, self._of, self.used)

    def keys(self) -> tuple[Ints, Ints, Ints]:
        """All numbers in the order of their keys, and the first and the second keys."""
        first, second = np.nonzero(self._of >= 0)
        return self._of[first, second].astype(np.int64), first, second


class Streamed:
    """The cells of a tally, filled batch by batch."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._layout = layout = Layout.of(tally)
        named = [*layout.splits, "", *(part for parts in layout.counts for part in sorted(parts))]
        named += [part for _, parts in layout.sums for part in sorted(parts)]
        # Facts are the keys that are numbers, and then the conditions: those that split, "" that always holds, and the others.
        self._facts = {part: at for at, part in enumerate(dict.fromkeys(named), len(tally.numbers))}
        self._values = {
            value: at for at, value in enumerate(dict.fromkeys(value for value, _ in layout.sums))
        }
        self._present = {
            self._facts[present(value)]: at
            for value, at in self._values.items()
            if present(value) in self._facts
        }
        facts = [sql for sql, _ in tally.numbers.values()] + list(self._facts)
        self._told = {at: sql for at, sql in enumerate(facts) if sql and at not in self._present}
        self._counted = _Lists(layout.counts, self._facts)
        self._added = _Lists([parts for _, parts in layout.sums], self._facts)
        self._which_value = np.array([self._values[value] for value, _ in layout.sums], np.int64)
        self._codes = {name: _Texts() for name in tally.texts}
        # The number of the first text is that of a place; each further one makes another of the two together.
        self._places = {name: _Pairs(1) for name in list(tally.texts)[1:]}
        sizes = [size for _, size in tally.numbers.values()]
        self._inner = np.array([*sizes, *(2 for _ in layout.splits)], np.int64)
        self._cells = _Pairs(int(self._inner.prod()))
        self._size = 0.0
        words = -(-len(layout.counts) // LANES)
        self._bytes = np.zeros((FIRST_CELLS, words), np.uint64)
        self._totals = np.zeros((FIRST_CELLS, len(layout.counts)), np.uint32)
        self._sums = np.zeros((FIRST_CELLS, len(layout.sums), 3), np.int64)
        self._room = self._rooms(0)

    def _rooms(self, rows: int) -> tuple[npt.NDArray[np.uint8], Floats, Ints]:
        """Room for what is known of the rows of a batch: facts, values and two keys. It serves one batch after another."""
        facts = np.ones((len(self._tally.numbers) + len(self._facts), rows), np.uint8)
        return facts, np.empty((len(self._values), rows)), np.empty((2, rows), np.int64)

    def wanted(self) -> dict[str, Expression]:
        """What must be known of the rows that are to stream by."""
        wanted = {name: Expression(sql, TEXT) for name, sql in self._tally.texts.items()}
        wanted |= {f"f{at}": Expression(sql, SMALL) for at, sql in self._told.items()}
        return wanted | {f"v{at}": Expression(sql, FLOAT) for sql, at in self._values.items()}

    def take(self, rows: int, told: Mapping[str, pa.Array]) -> None:
        """Count and add up one batch.

        Args:
            rows: how many there are.
            told: what is wanted of them, by name.

        Raises:
            TooWideError: too many cells.
            ValuesError: values that cannot be added up.
        """
        if rows > self._room[-1].shape[-1]:
            self._room = self._rooms(rows)
        facts, values, keys = self._room
        for at in self._values.values():
            values[at, :rows] = _floats(told[f"v{at}"])
        for at, value in self._present.items():
            np.equal(values[value, :rows], values[value, :rows], out=facts[at, :rows].view(np.bool_))
        for at in self._told:
            _small(told[f"f{at}"], facts[at, :rows])
        cell = self._cell(rows, told, facts, keys)
        count(cell, facts, self._counted.begins, self._counted.parts, self._bytes, self._totals)
        if self._values:
            self._size += add_up(
                cell, values, facts, self._added.begins, self._added.parts, self._which_value, float(FIXED), self._sums
            )  # fmt: skip
            if not self._size <= LIMIT:
                raise ValuesError

    def _cell(
        self, rows: int, told: Mapping[str, pa.Array], facts: npt.NDArray[np.uint8], keys: Ints
    ) -> Ints:
        """The cell of each row: one of a place (the keys that are texts), and of the numbers and splits together."""
        cell, other = keys[0, :rows], keys[1, :rows]
        first, *others = self._codes
        self._codes[first].take(told[first], cell)
        used = len(self._codes[first])
        for name in others:
            self._codes[name].take(told[name], other)
            self._places[name].take(cell, other, (used, len(self._codes[name])))
            used = self._places[name].used
        combine(facts, self._inner, other)
        self._cells.take(cell, other, (used, int(self._inner.prod())))
        self._grow()
        return cell

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
        """The cells that have rows, in the shape of the answer to `Tally.sql`; those that were split are put together again."""
        layout, tally = self._layout, self._tally
        cells, place, other = self._cells.keys()
        numbers, splits = np.divmod(other, 1 << len(layout.splits))
        new = (np.diff(place, prepend=-1) != 0) | (np.diff(numbers, prepend=-1) != 0)
        whole = np.cumsum(new) - 1
        of_count, of_sum = (
            np.array(which, np.int64).reshape(-1, 2)
            for which in (
                [(layout.count_of(parts), layout.split_of(parts)) for parts in tally.counts.values()],
                [
                    (layout.sum_of(value, parts), layout.split_of(parts))
                    for value, parts in tally.sums.values()
                ],
            )
        )
        counts = counted(self._bytes, self._totals, cells, whole, splits, of_count)
        sums = added(self._sums, cells, whole, splits, of_sum)
        columns = self._keys(place[new], numbers[new])
        columns |= {name: pa.array(own) for name, own in zip(tally.counts, counts, strict=True)}
        for name, (total, largest, second) in zip(tally.sums, sums, strict=True):
            columns[name] = pa.array(total, mask=largest == 0)
            for which, bits in (("largest", largest), ("second", second)):
                columns[f"{name}_{which}"] = pa.array((bits - 1).view(np.float64), mask=bits == 0)
        return pa.table(columns)

    def _keys(self, place: Ints, numbers: Ints) -> dict[str, pa.Array]:
        texts = {}
        for name, pairs in reversed(self._places.items()):
            found, first, code = pairs.keys()
            row = np.empty(len(found), np.int64)
            row[found] = np.arange(len(found))
            texts[name] = self._codes[name].known.take(pa.array(code[row[place]]))
            place = first[row[place]]
        first_text, codes = next(iter(self._codes.items()))
        texts[first_text] = codes.known.take(pa.array(place))
        sizes = [size for _, size in self._tally.numbers.values()]
        parts = np.unravel_index(numbers, sizes) if sizes else ()
        return {name: texts[name] for name in self._tally.texts} | {
            name: pa.array(part.astype(np.uint8))
            for name, part in zip(self._tally.numbers, parts, strict=True)
        }


def _longer(cells: npt.NDArray[Number], room: int) -> npt.NDArray[Number]:
    """More cells, of nought."""
    more = np.zeros((room, *cells.shape[1:]), cells.dtype)
    more[: len(cells)] = cells
    return more


def _small(column: pa.Array, facts: npt.NDArray[np.uint8]) -> None:
    """Small whole numbers, or conditions, as bytes; nought where there is none."""
    if isinstance(column, pa.DictionaryArray):
        refer(_codes(column), column.dictionary.fill_null(0).to_numpy(), facts)
        return
    facts[:] = (column.fill_null(0) if column.null_count else column).to_numpy()


def _floats(column: pa.Array) -> Floats:
    """Values as floats, NaN where there is none."""
    values = np.asarray(column.to_numpy(zero_copy_only=False), np.float64)
    if np.count_nonzero(np.isnan(values)) != column.null_count:
        raise ValuesError
    return values
