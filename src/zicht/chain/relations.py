"""Which series of numbers are the same units, or together another one: equations between tables that an attacker reads in the definitions.

`leeftijd >= 65` is two age bands of one indicator, the numerator of a second and the population of a third, and *not lived in* is the rest of
*lived in*. Whoever knows the definitions subtracts with that, so protection must know it too. It is read from the numbers and not from the SQL:
series over all areas that are equal in every one of them, or add up in every one of them, are taken to do so by definition. Should that
be chance, the equation holds all the same, and a little more is hidden than need be. To find sums, series get random numbers as fingerprints
that add up as the series do (Freivalds, 1977); what the fingerprints suggest is checked in full.

Tables may show different levels. They are compared in all areas that can be read of both (`zicht.chain.series`), and where no table shows all areas of
a series, a table of that series alone holds them together: its buurten that one figure shows, its wijken that another does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zicht.chain.series import AreaTree, Bools, Codes, Ints, Reading, Series, read, table_of
from zicht.chain.tables import TRAIT
from zicht.disclosure import Dimension, Link, Table

MAX_CATEGORIES = 10
"""Of breakdowns with more categories that hold units, only pairs of categories are tried as parts of another series."""

ENOUGH_AREAS = 4
"""Where fewer areas hold units sums come about by chance, and of pairs of figures only those without a breakdown are tried."""

ENOUGH_FOR_THREE = 3
"""Where fewer areas hold units, no three figures are tried as parts of another."""

MAX_TRIED = 400
"""With more series, only figures without a breakdown are tried as three parts of another; with more of those, none."""

PART = "part"


@dataclass(frozen=True)
class Relation:
    """A series that is the sum of others, each known by its number."""

    total: int
    parts: tuple[int, ...]


def relate(tables: Mapping[str, Table], tree: AreaTree) -> tuple[tuple[Table, ...], tuple[Link, ...]]:
    """Find equal series and sums of series, among tables of counts and among tables of sums.

    Args:
        tables: by name; the first dimension of each holds the areas.
        tree: all areas of the division.

    Returns:
        Tables that each hold a series over areas of which no table shows all, or a series and the parts of which it is the sum; and links: of
        those tables, and between equal series.
    """
    readings = [read(table, tree) for table in tables.values()]
    made = _Made(tree)
    for counts in (True, False):
        groups: dict[bytes, list[Reading]] = {}
        for one in readings:
            if one.table.is_count == counts:
                groups.setdefault(one.told.tobytes(), []).append(one)
        for group in groups.values():
            told = group[0].told
            wider = [
                one for other in groups.values() for one in other
                if not (told & ~one.told).any() and (one.told & ~told).any()
            ]  # fmt: skip
            _Group(made, group, wider).relate()
    return tuple(made.tables), tuple(made.links())


@dataclass
class _Made:
    """The tables and links that were made so far."""

    tree: AreaTree
    tables: list[Table] = field(default_factory=list)
    _pairs: dict[tuple[str, str], tuple[Table, Table, list[tuple[Codes, Codes, Ints]]]] = field(
        default_factory=dict
    )
    _completed: dict[tuple[str, Codes, bytes], Series] = field(default_factory=dict)

    def table(self, areas: Bools, parts: Dimension | None, series: Sequence[Series]) -> Table:
        """One table more."""
        made = table_of(f"relation.{len(self.tables)}", self.tree, areas, parts, series)
        self.tables.append(made)
        return made

    def joined(self, areas: Bools, places: Sequence[Series]) -> Series:
        """A table of its own for one series, of areas that several places of it show."""
        first = places[0]
        held = np.logical_or.reduce([one.held for one in places])
        one = Series(first.table, (), first.numbers, first.units, held, areas)
        return Series(self.table(areas, None, [one]), (), first.numbers, first.units, held & areas, areas)

    def completed(self, place: Series, areas: Bools) -> Series:
        """A place with areas of a level that it does not show; itself where it shows all."""
        if place.covers(areas):
            return place
        key = (place.table.name, place.codes, areas.tobytes())
        if key not in self._completed:
            every = place.published | areas
            table = self.table(every, None, [place])
            held = every & (place.held | (place.numbers != 0))
            found = Series(table, (), place.numbers, place.units, held, every)
            self._completed[key] = found
            self.link(found, place, place.published)
        return self._completed[key]

    def link(self, left: Series, right: Series, areas: Bools) -> None:
        """Say that two series are the same in those of some areas that both hold."""
        if left.table.name == right.table.name:
            return
        both = np.flatnonzero(left.held & right.held & left.published & right.published & areas)
        names = (left.table.name, right.table.name)
        _, _, pairs = self._pairs.setdefault(names, (left.table, right.table, []))
        pairs.append((left.codes, right.codes, both))

    def links(self) -> Iterator[Link]:
        """All that was said to be the same, a link for each two tables."""
        for left, right, pairs in self._pairs.values():
            columns: dict[str, list[str]] = {
                f"{side}.{dimension.name}": []
                for side, table in (("left", left), ("right", right))
                for dimension in table.dimensions
            }
            for left_codes, right_codes, both in pairs:
                areas = [self.tree.codes[at] for at in both.tolist()]
                for side, table, codes in (("left", left, left_codes), ("right", right, right_codes)):
                    columns[f"{side}.{table.dimensions[0].name}"] += areas
                    for dimension, code in zip(table.dimensions[1:], codes, strict=True):
                        columns[f"{side}.{dimension.name}"] += [code] * len(areas)
            yield Link(
                left.name,
                right.name,
                pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()}),
            )


class _Group:
    """All series of tables that tell of the same areas; equal ones have one number.

    Tables that tell of more areas take part in as much as they tell of these, since a figure of one gemeente tells what another table hides of it.
    """

    def __init__(self, made: _Made, own: Sequence[Reading], wider: Sequence[Reading]) -> None:
        self._made = made
        self._own = {one.table.name for one in own}
        self._told = own[0].told
        parent = made.tree.parent
        above = np.zeros_like(self._told)
        above[parent[self._told & (parent >= 0)]] = True
        self._finest = self._told & ~above
        self.places: list[list[Series]] = []
        self.numbers: list[Ints] = []
        self._known: list[Relation] = []
        self._siblings: list[tuple[int, ...]] = []
        self._anchors: dict[int, Series] = {}
        found: dict[bytes, int] = {}
        for one in (*own, *wider):
            self._read(one, found)
        draws = np.random.default_rng(len(self.numbers)).integers(1, 2**62, size=int(self._told.sum()))
        stacked = np.stack(self.numbers) if self.numbers else np.zeros((0, draws.size), np.int64)
        self._prints = (stacked * draws).sum(axis=1)  # overflow wraps, and so adds up all the same
        filled = stacked.any(axis=0) if len(stacked) else np.zeros(draws.size, np.bool_)
        self._areas = int((filled & self._finest[self._told]).sum())

    def _read(self, reading: Reading, found: dict[bytes, int]) -> None:
        table = reading.table
        told = np.ascontiguousarray(reading.numbers[..., self._told])
        number_of = np.full(told.shape[:-1], -1, dtype=np.int64)
        for at in np.ndindex(*told.shape[:-1]):
            numbers = told[at]
            if not numbers.any():
                continue
            number = number_of[at] = found.setdefault(numbers.tobytes(), len(self.numbers))
            if number == len(self.numbers):
                self.numbers.append(numbers)
                self.places.append([])
            codes = tuple(
                dimension.codes[place] for dimension, place in zip(table.dimensions[1:], at, strict=True)
            )
            series = Series(
                table, codes, reading.numbers[at], reading.units[at], reading.held[at], reading.published
            )
            self.places[number].append(series)
        for axis, dimension in enumerate(table.dimensions[1:]):
            for line in np.moveaxis(number_of, axis, -1).reshape(-1, len(dimension.codes)):
                for node in dimension.internal:
                    parts = tuple(int(n) for n in line[dimension.children[node]] if n >= 0)
                    if len(parts) > 1:
                        self._known.append(Relation(int(line[node]), parts))
                        self._siblings.append(parts)

    def relate(self) -> None:
        """Make the tables and links of all that is equal or adds up."""
        for number, places in enumerate(self.places):
            if self._is_own(number) and len({one.table.name for one in places}) > 1:
                self._anchor(number)
        for relation in list(self._relations()):
            members = [self._anchor(number) for number in (relation.total, *relation.parts)]
            areas = np.logical_and.reduce([self._told, *(one.published for one in members)])
            # What a part is of the whole is for the tables it stands in to judge, so nothing is revealed by it here.
            flat = Dimension.flat(PART, map(str, range(len(relation.parts))))
            parts = Dimension(PART, flat.codes, flat.parents, reveals=False)
            table = self._made.table(areas, parts, members)
            for code, one in zip(parts.codes, members, strict=True):
                same = Series(table, (code,), one.numbers, one.units, one.held, areas)
                self._made.link(same, one, areas)

    def _anchor(self, number: int) -> Series:
        """A place of a series that shows all its areas in this group, to which all other places are linked; a table of its own where there is none."""
        if number in self._anchors:
            return self._anchors[number]
        places = self.places[number]
        wanted = self._told & (self._finest | np.logical_or.reduce([one.published for one in places]))
        anchor = next((one for one in places if one.covers(wanted)), None)
        if anchor is None and self._is_own(number):
            anchor = self._made.joined(wanted, places)
        if anchor is None:
            anchor = self._made.completed(places[0], self._finest)
        self._anchors[number] = anchor
        for one in places:
            # What a place leaves out are sums of what it shows, and must be so in the eyes of protection too.
            whole = one if one.table.name in self._own else self._made.completed(one, self._finest)
            if whole is not anchor:
                self._made.link(anchor, whole, self._told)
        return anchor

    def _relations(self) -> Iterator[Relation]:
        """Sums that do not follow from the tables themselves, nor from sums found before; those of few parts first."""
        independent = _Independent(len(self.numbers))
        for known in self._known:
            independent.add(known)
        numbers: dict[int, int] = {int(value): number for number, value in enumerate(self._prints)}
        for parts in self._candidates(np.array(sorted(numbers), np.int64)):
            total = numbers.get(int(self._prints[list(parts)].sum()))
            if total is None or not np.array_equal(
                sum(self.numbers[part] for part in parts), self.numbers[total]
            ):
                continue
            relation = Relation(total, parts)
            if any(map(self._is_own, (total, *parts))) and independent.add(relation):
                yield relation

    def _candidates(self, totals: Ints) -> Iterator[tuple[int, ...]]:
        tried = self._tried(len(self.numbers))
        for first in range(tried.size):
            sums = self._prints[tried[first]] + self._prints[tried[first + 1 :]]
            near = np.minimum(np.searchsorted(totals, sums), totals.size - 1)
            for other in np.flatnonzero(totals[near] == sums).tolist():
                yield int(tried[first]), int(tried[first + 1 + other])
        groups = sorted({tuple(sorted(parts)) for parts in self._siblings if len(parts) <= MAX_CATEGORIES})
        for size in range(3 if self._areas >= ENOUGH_AREAS else 2, MAX_CATEGORIES):
            for parts in groups:
                yield from combinations(parts, size)
        yield from self._triples()

    def _triples(self) -> Iterator[tuple[int, ...]]:
        """Three series that may add up to a fourth: a total less one of them is what two others are together."""
        tried = self._tried(MAX_TRIED)
        if self._areas < ENOUGH_FOR_THREE or tried.size > MAX_TRIED:
            return
        first, second = np.triu_indices(tried.size, 1)
        sums = self._prints[tried[first]] + self._prints[tried[second]]
        order = np.argsort(sums)
        for total in self._prints[tried]:
            rest = total - self._prints[tried]
            since = np.searchsorted(sums[order], rest, "left")
            until = np.searchsorted(sums[order], rest, "right")
            for third in np.flatnonzero(since < until).tolist():
                for pair in order[since[third] : until[third]].tolist():
                    if third > second[pair]:  # each three of them once
                        yield int(tried[first[pair]]), int(tried[second[pair]]), int(tried[third])

    def _tried(self, most: int) -> Ints:
        """The series that are tried as parts: all, unless there are more than `most` or areas are few; then those without a breakdown."""
        every = self._areas >= ENOUGH_AREAS and len(self.numbers) <= most
        return np.array([at for at in range(len(self.numbers)) if every or self._is_plain(at)], np.int64)

    def _is_own(self, number: int) -> bool:
        """Whether a series stands in a table that tells of just these areas; the others are looked at with their own."""
        return any(place.table.name in self._own for place in self.places[number])

    def _is_plain(self, number: int) -> bool:
        """Whether a series is a figure without a breakdown, or those with or without its trait."""
        return any(
            all(
                dimension.name.startswith(f"{TRAIT}.") or code == dimension.codes[dimension.root]
                for dimension, code in zip(place.table.dimensions[1:], place.codes, strict=True)
            )
            for place in self.places[number]
        )


class _Independent:
    """Sums that do not follow from each other, by Gaussian elimination."""

    def __init__(self, size: int) -> None:
        self._rows: dict[int, npt.NDArray[np.float64]] = {}
        self._size = size

    def add(self, relation: Relation) -> bool:
        """Whether a sum is new; if so, it is remembered."""
        row = np.zeros(self._size)
        row[relation.total] = -1.0
        np.add.at(row, list(relation.parts), 1.0)
        for pivot, known in self._rows.items():
            row -= row[pivot] * known
        row[np.abs(row) < 1e-9] = 0.0
        if not row.any():
            return False
        pivot = int(np.argmax(np.abs(row)))
        self._rows[pivot] = row / row[pivot]
        return True
