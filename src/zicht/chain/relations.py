"""Which series of counts are the same units, or together another one: equations between tables that an attacker reads in the definitions.

`leeftijd >= 65` is two age bands of one indicator, the numerator of a second and the population of a third, and *not lived in* is the rest of
*lived in*. Whoever knows the definitions subtracts with that, so protection must know it too. It is read from the numbers and not from the SQL:
series of counts over all areas that are equal in every one of them, or add up in every one of them, are taken to do so by definition. Should that
be chance, the equation holds all the same, and a little more is hidden than need be. To find sums, series get random numbers as fingerprints
that add up as the series do (Freivalds, 1977); what the fingerprints suggest is checked in full.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zicht.disclosure import Dimension, Link, Table

MAX_CATEGORIES = 10
"""Of breakdowns with more categories that hold units, only pairs of categories are tried as parts of another series."""

PART = "part"
Ints = npt.NDArray[np.int64]
Codes = tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where a series stands: a table, and a code of each of its dimensions but the areas."""

    table: str
    codes: Codes


@dataclass(frozen=True)
class Relation:
    """A series that is the sum of others, each known by its number."""

    total: int
    parts: tuple[int, ...]


def relate(tables: Mapping[str, Table]) -> tuple[tuple[Table, ...], tuple[Link, ...]]:
    """Find equal series and sums of series among tables of counts.

    Args:
        tables: by name; the first dimension of each holds the areas, and tables are compared in the areas of the one that has fewest. Tables of
            sums take no part.

    Returns:
        Tables that each hold a series and the parts of which it is the sum, and links: of those tables, and between equal series.
    """
    groups: dict[frozenset[str], list[Table]] = {}
    for table in tables.values():
        if table.is_count:
            groups.setdefault(frozenset(table.dimensions[0].codes), []).append(table)
    extra: list[Table] = []
    links: list[Link] = []
    for areas, group in groups.items():
        wider = [table for codes, others in groups.items() if areas < codes for table in others]
        series = _Series(group, wider)
        links += series.equalities()
        for relation in series.relations():
            table = series.table(relation, f"relation.{len(extra)}")
            extra.append(table)
            links += series.ties(relation, table)
    return tuple(extra), tuple(links)


class _Series:
    """All series of counts in tables over the same areas; equal ones have one number.

    Tables over more areas take part in as much as they have of these, since a figure of one gemeente tells what another table hides of it. Few areas
    make chance sums many; so with those tables only sums of categories of one breakdown are tried.
    """

    def __init__(self, tables: Sequence[Table], wider: Sequence[Table]) -> None:
        self._areas = tables[0].dimensions[0]
        self._own = {table.name for table in tables}
        self._has_wider = bool(wider)
        tables = [*tables, *wider]
        self._tables = {table.name: table for table in tables}
        self.places: list[list[Place]] = []
        self.counts: list[Ints] = []
        self._known: list[Relation] = []
        self._siblings: list[tuple[int, ...]] = []
        numbers: dict[bytes, int] = {}
        for table in tables:
            self._read(table, numbers)
        draws = np.random.default_rng(len(self.counts)).integers(1, 2**62, size=len(self._areas.codes))
        stacked = np.stack(self.counts) if self.counts else np.zeros((0, draws.size), np.int64)
        self._prints = (stacked * draws).sum(axis=1)  # overflow wraps, and so adds up all the same

    def _read(self, table: Table, numbers: dict[bytes, int]) -> None:
        dense = table.dense(table.n, 0)
        order = [table.dimensions[0].codes.index(code) for code in self._areas.codes]
        dense = np.ascontiguousarray(np.moveaxis(dense[order], 0, -1))
        number_of = np.full(dense.shape[:-1], -1, dtype=np.int64)
        for at in np.ndindex(*dense.shape[:-1]):
            counts = dense[at]
            if not counts.any():
                continue
            number = number_of[at] = numbers.setdefault(counts.tobytes(), len(self.counts))
            if number == len(self.counts):
                self.counts.append(counts)
                self.places.append([])
            codes = tuple(
                dimension.codes[place] for dimension, place in zip(table.dimensions[1:], at, strict=True)
            )
            self.places[number].append(Place(table.name, codes))
        for axis, dimension in enumerate(table.dimensions[1:]):
            for line in np.moveaxis(number_of, axis, -1).reshape(-1, len(dimension.codes)):
                for node in dimension.internal:
                    parts = tuple(int(n) for n in line[dimension.children[node]] if n >= 0)
                    if len(parts) > 1:
                        self._known.append(Relation(int(line[node]), parts))
                        self._siblings.append(parts)

    def equalities(self) -> Iterator[Link]:
        """Links between the places of each series in different tables."""
        pairs: dict[tuple[str, str], list[tuple[Codes, Codes]]] = {}
        for first, *others in self.places:
            for other in others:
                if other.table != first.table and {first.table, other.table} & self._own:
                    pairs.setdefault((first.table, other.table), []).append((first.codes, other.codes))
        for (left, right), found in pairs.items():
            yield self._link(self._tables[left], self._tables[right], found)

    def relations(self) -> Iterator[Relation]:
        """Sums that do not follow from the tables themselves, nor from sums found before; those of few parts first."""
        independent = _Independent(len(self.counts))
        for known in self._known:
            independent.add(known)
        numbers: dict[int, int] = {int(value): number for number, value in enumerate(self._prints)}
        for parts in self._candidates(np.array(list(numbers), np.int64)):
            total = numbers.get(int(self._prints[list(parts)].sum()))
            if total is None or not np.array_equal(
                sum(self.counts[part] for part in parts), self.counts[total]
            ):
                continue
            relation = Relation(total, parts)
            if any(map(self._is_own, (total, *parts))) and independent.add(relation):
                yield relation

    def _candidates(self, totals: Ints) -> Iterator[tuple[int, ...]]:
        for first in range(0 if self._has_wider else len(self.counts)):
            second = np.flatnonzero(np.isin(self._prints[first] + self._prints[first + 1 :], totals))
            yield from ((first, first + 1 + int(other)) for other in second)
        groups = sorted({tuple(sorted(parts)) for parts in self._siblings if len(parts) <= MAX_CATEGORIES})
        for size in range(2 if self._has_wider else 3, MAX_CATEGORIES):
            for parts in groups:
                yield from combinations(parts, size)

    def _is_own(self, number: int) -> bool:
        """Whether a series stands in a table over just these areas; the others are looked at with their own."""
        return any(place.table in self._own for place in self.places[number])

    def table(self, relation: Relation, name: str) -> Table:
        """A series and its parts, as a table of areas × parts."""
        # What a part is of the whole is for the tables it stands in to judge, so nothing is revealed by it here.
        flat = Dimension.flat(PART, map(str, range(len(relation.parts))))
        parts = Dimension(PART, flat.codes, flat.parents, reveals=False)
        counts = [self.counts[number] for number in (relation.total, *relation.parts)]
        areas = np.tile(np.array(self._areas.codes), len(counts))
        n = np.concatenate(counts)
        columns = {
            self._areas.name: pa.array(areas.tolist(), pa.string()),
            PART: pa.array(np.repeat(np.array(parts.codes), len(self._areas.codes)).tolist(), pa.string()),
            "value": pa.array(n.astype(np.float64)),
            "n": pa.array(n),
        }
        return Table(name, (self._areas, parts), pa.table(columns))

    def ties(self, relation: Relation, table: Table) -> Iterator[Link]:
        """Links from such a table to where its series stand."""
        for code, number in zip(table.dimensions[1].codes, (relation.total, *relation.parts), strict=True):
            first = self.places[number][0]
            yield self._link(table, self._tables[first.table], [((code,), first.codes)])

    def _link(self, left: Table, right: Table, pairs: Sequence[tuple[Codes, Codes]]) -> Link:
        """The cells of the areas that both tables hold, for each pair of series."""
        columns: dict[str, list[str]] = {
            f"{side}.{dimension.name}": []
            for side, table in (("left", left), ("right", right))
            for dimension in table.dimensions
        }
        for codes in pairs:
            cells = [_held(table, part) for table, part in zip((left, right), codes, strict=True)]
            areas = [code for code in self._areas.codes if code in cells[0] and code in cells[1]]
            for side, table, part in zip(("left", "right"), (left, right), codes, strict=True):
                columns[f"{side}.{table.dimensions[0].name}"] += areas
                for dimension, code in zip(table.dimensions[1:], part, strict=True):
                    columns[f"{side}.{dimension.name}"] += [code] * len(areas)
        return Link(
            left.name,
            right.name,
            pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()}),
        )


def _held(table: Table, codes: Codes) -> set[str]:
    """The areas for which a table holds a cell of a series."""
    areas = table.dimensions[0].codes
    wanted = np.ones(table.n.size, dtype=np.bool_)
    for dimension, place, code in zip(table.dimensions[1:], table.places[1:], codes, strict=True):
        wanted &= place == dimension.codes.index(code)
    return {areas[place] for place in table.places[0][wanted].tolist()}


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
