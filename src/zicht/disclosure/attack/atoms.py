"""All publications as one linear system, with the atoms of their areas as unknowns (part of the attack).

Every distinct number is a *column*: a cell of a table, or an atom, the units that each publication counts in one
particular area. Equations hold between columns: a total is the sum of its parts, an area the sum of its atoms, and
what identities say. What an outsider knows depends on the publications he has, so the system is looked at through
a `View`: some sources, and what they show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from zicht.disclosure.attack.intervals import components
from zicht.disclosure.history import SAME, History, Identity, Refinement
from zicht.disclosure.model import Bools, Floats, Ints, Link, Table
from zicht.disclosure.profiles import Profile
from zicht.disclosure.rules import assess
from zicht.errors import DisclosureError

Hashes = npt.NDArray[np.uint64]

_SEED = 20240715  # fixed: signatures are the same everywhere
_BETWEEN = "\x1f"  # between codes in one text
_DEEPEST = 64  # levels that a dimension can have, at most


@dataclass(frozen=True)
class Source:
    """A table of one release, with what is known of each of its cells; see `Published`."""

    release: str
    table: Table
    least: Floats
    most: Floats


@dataclass(frozen=True)
class View:
    """What an outsider with some of the sources knows; arrays over the unknown columns unless said otherwise.

    Attributes:
        unknown: the numbers of the columns that no source shows.
        equations: one row per equation that holds an unknown, one column per unknown and per ceiling.
        rows: the number of each of those equations in the ground, -1 for a ceiling.
        fall: how far each unknown can fall for all he knows, ceilings included.
        sharp_fall: the same, for who knows that hidden counts are at least 1.
        capped: the unknowns with a ceiling, in order; ceilings follow the unknowns as further columns.
        known: whether a column is shown. Shape (columns of the ground,).
        signature: a number per column of the ground: equal in two views that tell the same about all it hangs together with.
    """

    unknown: Ints
    equations: sp.csr_matrix
    rows: Ints
    fall: Floats
    sharp_fall: Floats
    capped: Ints
    known: Bools
    signature: Hashes

    def in_units(self, units: Floats) -> View:
        """The same view of the numbers of units (one per column of the ground) that the columns are made of.

        A sum that is known is as good as a known number of units: what counts is how few it is the sum of. What is
        only known between bounds then tells nothing.
        """
        rows, size = np.flatnonzero(self.rows >= 0), self.unknown.size
        fall = units[self.unknown]
        return replace(
            self,
            equations=self.equations[rows][:, :size],
            rows=self.rows[rows],
            fall=fall,
            sharp_fall=fall,
            capped=self.capped[:0],
        )


class Ground:
    """The columns of a set of sources, and the equations between them.

    Attributes:
        sources: the tables, in the order in which their cells are numbered.
        number: the column of each cell, table after table.
        value: the true number of each column.
        units: how many units it counts.
        counts: whether its value is that number of units.
        equations: one row per equation, one column per column; the sum is 0.
        stated: which sources state each equation. Shape (equations, sources).
    """

    def __init__(
        self, sources: Sequence[Source], profile: Profile, history: History, links: Sequence[Link]
    ) -> None:
        self.sources = tuple(sources)
        self.starts = np.concatenate([[0], np.cumsum([s.table.n.size for s in sources])]).astype(np.int64)
        self._by_name = {source.table.name: index for index, source in enumerate(sources)}
        if len(self._by_name) != len(self.sources):
            raise DisclosureError("Two tables bear the same name, among those released now and before.")
        self.assessed = [assess(source.table, profile) for source in sources]
        self._refinements = tuple(r for r in history.refinements if self._concerned(r))
        self.ties = [self._tied(refinement) for refinement in self._refinements]
        self._number_columns(links)
        self._gather([identity for identity in history.identities if self._complete(identity)])
        size = self.value.size
        draw = np.random.default_rng(_SEED).integers(1, 2**63, size=(2, size), dtype=np.uint64)
        self._mark, self._weight = draw[0], draw[1] | np.uint64(1)

    @property
    def size(self) -> int:
        """Number of columns."""
        return int(self.value.size)

    @cached_property
    def primary(self) -> Bools:
        """Whether a rule hides the column in some table."""
        return np.asarray(self.over_columns([a.primary.astype(np.float64) for a in self.assessed], -1.0) > 0)

    def over_columns(self, per_source: Sequence[Floats], default: float) -> Floats:
        """The greatest of the numbers given for the cells of each column; `default` for an atom that is no cell."""
        found = np.full(self.size, -np.inf)
        np.maximum.at(found, self.number, np.concatenate(per_source))
        found[np.setdiff1d(np.arange(self.size), self.number)] = default
        return found

    def with_sources(self, sources: Sequence[Source]) -> Ground:
        """The same system where other things are known of the same tables."""
        other = object.__new__(Ground)
        other.__dict__ |= self.__dict__ | {"sources": tuple(sources)}
        return other

    def look(self, included: Bools) -> View:
        """What an outsider with the sources `included` knows. Shape (sources,)."""
        least, most = self._bounds(included)
        known = most - least <= SAME * np.maximum(1.0, np.abs(self.value))
        unknown = np.flatnonzero(~known)
        held = ~np.asarray((self.stated[:, ~included] != 0).sum(axis=1)).ravel().astype(np.bool_)
        part = self.equations[:, unknown]
        rows = np.flatnonzero(held & (np.diff(part.indptr) > 0))
        part = part[rows]
        capped = np.flatnonzero(np.isfinite(most[unknown]))
        ceilings = sp.csr_matrix(
            (np.ones(capped.size), (np.arange(capped.size), capped)), (capped.size, unknown.size)
        )
        slack = sp.identity(capped.size, format="csr")
        value, room = self.value[unknown], (most - self.value)[unknown][capped]
        return View(
            unknown=unknown,
            equations=sp.bmat([[part, None], [ceilings, slack]], format="csr")
            if capped.size
            else part.tocsr(),
            rows=np.concatenate([rows, np.full(capped.size, -1, dtype=np.int64)]),
            fall=np.concatenate([value - np.maximum(self._plain_floor, least)[unknown], room]),
            sharp_fall=np.concatenate([value - np.maximum(self._floor, least)[unknown], room]),
            capped=capped,
            known=known,
            signature=self._signature(part, unknown, least, most),
        )

    def shown_by(self, included: Bools) -> Bools:
        """Whether each column is shown as it is by one of the sources `included`."""
        least, most = self._bounds(included)
        return np.asarray(most - least <= SAME * np.maximum(1.0, np.abs(self.value)), dtype=np.bool_)

    def cells_of(self, column: int) -> list[tuple[int, int]]:
        """The cells that are this number: (source, row) each."""
        cells = np.flatnonzero(self.number == column)
        sources = np.searchsorted(self.starts, cells, side="right") - 1
        return [(int(s), int(c - self.starts[s])) for s, c in zip(sources, cells, strict=True)]

    def atom_of(self, column: int) -> tuple[Refinement, int]:
        """The refinement and row of an atom that is no cell."""
        tie, row = self._atom[column]
        return self._refinements[tie], row

    def _concerned(self, refinement: Refinement) -> bool:
        return bool(set(refinement.divisions) & set(self._by_name))

    def _complete(self, identity: Identity) -> bool:
        return {name for name, _ in identity.terms} <= set(self._by_name)

    def _tied(self, refinement: Refinement) -> list[tuple[int, Ints]]:
        """For every table of the refinement: its source, and the number of the cell that each atom lies in (-1 for none)."""
        found = []
        for name in refinement.divisions:
            if name in self._by_name:
                source = self._by_name[name]
                rows = refinement.rows_of(self.sources[source].table)
                found.append((source, np.where(rows >= 0, rows + self.starts[source], -1)))
        return found

    def _number_columns(self, links: Sequence[Link]) -> None:
        """Number the distinct cells and atoms; an atom that is all of a cell is that cell."""
        cells = int(self.starts[-1])
        tables = {source.table.name: source.table for source in self.sources}
        left, right = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
        for link in links:
            rows = link.rows(tables)
            left.append(rows[0] + self.starts[self._by_name[link.left]])
            right.append(rows[1] + self.starts[self._by_name[link.right]])
        value, units = [s.table.value for s in self.sources], [s.table.n for s in self.sources]
        self.atoms, size = [], cells
        for refinement, ties in zip(self._refinements, self.ties, strict=True):
            held = np.asarray(refinement.atoms.column("n").to_numpy(), dtype=np.int64)
            filled = np.flatnonzero(held > 0)
            place = np.full(held.size, -1, dtype=np.int64)
            place[filled] = size + np.arange(filled.size)
            size += filled.size
            self.atoms.append(place)
            units.append(held[filled])
            sums = "value" in refinement.atoms.column_names
            value.append(
                np.asarray(refinement.atoms.column("value" if sums else "n").to_numpy(), dtype=np.float64)[
                    filled
                ]
            )
            for _, cell in ties:
                inside = filled[cell[filled] >= 0]
                alone = np.bincount(cell[inside], minlength=cells)[cell[inside]] == 1
                left.append(cell[inside[alone]])
                right.append(place[inside[alone]])
        ends = (np.concatenate(left), np.concatenate(right))
        same = sp.coo_matrix((np.ones(ends[0].size), ends), (size, size))
        columns, label = connected_components(same, directed=False)
        first = np.full(columns, size, dtype=np.int64)
        np.minimum.at(first, label, np.arange(size))
        self._of_all, self.number = label.astype(np.int64), label[:cells].astype(np.int64)
        self.value, self.units = np.concatenate(value)[first], np.concatenate(units)[first]
        self._atom = {
            int(label[place[row]]): (tie, int(row))
            for tie, place in enumerate(self.atoms)
            for row in np.flatnonzero((place >= 0) & (first[label[place]] >= cells))
        }
        floors = [found.floor for found in self.assessed]
        self._floor = self.over_columns(floors, 0.0)
        loose = np.setdiff1d(np.arange(columns), self.number)
        counting = [np.full(s.table.n.size, float(s.table.is_count)) for s in self.sources]
        self.counts = self.over_columns(counting, 0.0) > 0
        for column, (tie, _) in self._atom.items():
            self.counts[column] = "value" not in self._refinements[tie].atoms.column_names
        below_zero = any(np.isneginf(floor).any() for floor in floors)
        self._floor[loose] = np.where(self.counts[loose], 1.0, -np.inf if below_zero else 0.0)
        self._plain_floor = np.where(np.isneginf(self._floor), -np.inf, 0.0)

    def _gather(self, identities: Sequence[Identity]) -> None:
        blocks: list[sp.csr_matrix] = []
        stated: list[sp.csr_matrix] = []

        def add(block: sp.csr_matrix, sources: Sequence[int]) -> None:
            block.sum_duplicates()
            block.eliminate_zeros()
            mask = np.zeros((1, len(self.sources)))
            mask[0, list(sources)] = 1.0
            blocks.append(block)
            stated.append(sp.csr_matrix(np.repeat(mask, block.shape[0], axis=0)))

        for index, source in enumerate(self.sources):
            rows, cells, signs = sums_of(source.table)
            add(self._block(rows, self.number[self.starts[index] + cells], signs), [index])
        for place, ties in zip(self.atoms, self.ties, strict=True):
            for index, cell in ties:
                inside = np.flatnonzero((cell >= 0) & (place >= 0))
                _, first, row = np.unique(cell[inside], return_index=True, return_inverse=True)
                members = np.concatenate([self._of_all[place[inside]], self.number[cell[inside[first]]]])
                factors = np.repeat([1.0, -1.0], [inside.size, first.size])
                add(self._block(np.concatenate([row, np.arange(first.size)]), members, factors), [index])
        for identity in identities:
            add(*self._balance(identity))
        self.equations = sp.vstack(blocks, format="csr")
        self.stated = sp.vstack(stated, format="csc")

    def _block(self, rows: Ints, columns: Ints, signs: Floats) -> sp.csr_matrix:
        return sp.csr_matrix((signs, (rows, columns)), (int(rows.max(initial=-1)) + 1, self.size))

    def _balance(self, identity: Identity) -> tuple[sp.csr_matrix, list[int]]:
        """The equations of an identity, one per cell of its tables; a cell that a table publishes the level of, but does not hold, is 0."""
        sources = [self._by_name[name] for name, _ in identity.terms]
        tables = [self.sources[source].table for source in sources]
        shared = [d.name for d in tables[0].dimensions if all(d.name in _names(t) for t in tables)]
        found = [_labelled(table, shared) for table in tables]
        every, first = np.unique(np.concatenate([label for label, _, _ in found]), return_index=True)
        depth = np.concatenate([level for _, level, _ in found])[first]
        held = np.ones(every.size, dtype=np.bool_)
        for _, level, _ in found:
            held &= np.isin(depth, level)
        row_of = np.where(held, np.cumsum(held) - 1, -1)
        total = np.zeros(int(held.sum()))
        rows, columns, signs = [], [], []
        for (label, _, cell), source, table, (_, sign) in zip(
            found, sources, tables, identity.terms, strict=True
        ):
            row = row_of[np.searchsorted(every, label)]
            cell, row = cell[row >= 0], row[row >= 0]
            np.add.at(total, row, sign * table.value[cell])
            rows.append(row)
            columns.append(self.number[self.starts[source] + cell])
            signs.append(np.full(row.size, float(sign)))
        if np.any(np.abs(total) > SAME * max(1.0, float(np.abs(tables[0].value).max()))):
            lost = every[held][int(np.argmax(np.abs(total)))].replace(_BETWEEN, " × ")
            raise DisclosureError(
                f"The identity over {', '.join(t.name for t in tables)} does not hold in {lost}: it adds up to {np.abs(total).max():.12g}."
            )
        return self._block(np.concatenate(rows), np.concatenate(columns), np.concatenate(signs)), sources

    def _bounds(self, included: Bools) -> tuple[Floats, Floats]:
        least, most = np.full(self.size, -np.inf), np.full(self.size, np.inf)
        for index in np.flatnonzero(included):
            columns = self.number[self.starts[index] : self.starts[index + 1]]
            np.maximum.at(least, columns, self.sources[index].least)
            np.minimum.at(most, columns, self.sources[index].most)
        return least, most

    def _signature(self, part: sp.csr_matrix, unknown: Ints, least: Floats, most: Floats) -> Hashes:
        """Per column a hash of its component: its unknowns, what bounds them, and the distinct equations between them."""
        label = components(part)
        tell = self._mark[unknown].copy()
        bounded = np.isfinite(least[unknown]) | np.isfinite(most[unknown])
        for edge in (least, most):
            tell[bounded] = (tell[bounded] ^ edge[unknown][bounded].view(np.uint64)) * self._weight[unknown][
                bounded
            ]
        summed = np.zeros(int(label.max(initial=-1)) + 1, dtype=np.uint64)
        np.add.at(summed, label, tell)
        if part.shape[0]:
            with np.errstate(over="ignore"):
                entries = self._weight[unknown][part.indices] * part.data.astype(np.int64).view(np.uint64)
                row = np.add.reduceat(entries, part.indptr[:-1])
            row = np.minimum(row, np.uint64(0) - row)  # an equation and its opposite say the same
            _, first = np.unique(row, return_index=True)
            np.add.at(summed, label[part.indices[part.indptr[:-1][first]]], row[first] * self._mark[0])
        found = np.zeros(self.size, dtype=np.uint64)
        found[unknown] = summed[label]
        return found


def at_release(source: Source, hidden: Bools) -> Source:
    """The source with the cells `hidden` hidden and all others shown."""
    value = source.table.value
    return replace(source, least=np.where(hidden, -np.inf, value), most=np.where(hidden, np.inf, value))


def sums_of(table: Table) -> tuple[Ints, Ints, Floats]:
    """The equations of a table as entries: the number of the equation, the row of the cell, +1 for a part, -1 for the total.

    A total whose parts are not published is in no equation.
    """
    spread = table.dense(np.arange(table.n.size), -1).ravel()
    rows, cells, signs, count = [], [], [], 0
    for axis, dimension in enumerate(table.dimensions):
        parent = dimension.parent_index[table.places[axis]]
        part = np.flatnonzero(parent >= 0)
        moved = [place[part] if other != axis else parent[part] for other, place in enumerate(table.places)]
        above, row = np.unique(np.ravel_multi_index(tuple(moved), table.shape), return_inverse=True)
        given = np.flatnonzero(spread[above] >= 0)
        rows += [count + row, count + given]
        cells += [part, spread[above[given]]]
        signs += [np.ones(part.size), -np.ones(given.size)]
        count += above.size
    return np.concatenate(rows), np.concatenate(cells).astype(np.int64), np.concatenate(signs)


def _names(table: Table) -> set[str]:
    return {dimension.name for dimension in table.dimensions}


def _labelled(table: Table, shared: Sequence[str]) -> tuple[npt.NDArray[np.str_], Ints, Ints]:
    """The cells that are totals outside the dimensions `shared`: their codes in these as one text, how deep they lie, and their rows."""
    inside = np.ones(table.n.size, dtype=np.bool_)
    for dimension, place in zip(table.dimensions, table.places, strict=True):
        if dimension.name not in shared:
            inside &= place == dimension.root
    cells = np.flatnonzero(inside)
    label, depth = np.full(cells.size, "", dtype=np.str_), np.zeros(cells.size, dtype=np.int64)
    own = {d.name: (d, place) for d, place in zip(table.dimensions, table.places, strict=True)}
    for name in shared:
        dimension, place = own[name]
        label = np.char.add(np.char.add(label, _BETWEEN), np.array(dimension.codes)[place[cells]])
        above = dimension.parent_index[place[cells]]
        depth *= _DEEPEST
        while np.any(above >= 0):
            depth += above >= 0
            above = np.where(above >= 0, dimension.parent_index[above], -1)
    return label, depth, cells
