"""What is protected: dimensions that are trees, additive tables over them, and links between tables.

A table holds cells over the cross product of its dimensions. Every dimension is a tree, so each internal
node of one dimension, combined with any nodes of the others, is the sum of its children: those equations
are what an attacker subtracts with, and what the rest of this room reasons about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import DisclosureError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Number = TypeVar("Number", np.int64, np.float64)

ABSENCE = ("no", "nee")  # categories of not having a trait
TOLERANCE = 1e-6  # relative difference up to which a total counts as the sum of its parts


@dataclass(frozen=True)
class Dimension:
    """A classification as a tree: each code with the code it is part of; the root (the total) has None.

    A level may have a single child: the child then equals its parent, and they stand or fall together.

    Attributes:
        name: the column of the table that holds the codes.
        codes: every code, in any order, the total included.
        parents: the parent of each code, None for the one root.
        reveals: whether falling in one category says something about a unit (age band, yes or no), so that
            a group nearly all of which falls in one category is disclosed. None: a flat dimension does, unless
            it is the first of its table; that one, and deeper hierarchies, say where units are found.
        harmless: categories that all of a group may be seen to fall in, such as not having a trait. That says no
            more than the empty cell beside it, where zeros are published.

    Raises:
        DisclosureError: on double codes, an unknown parent, more or fewer roots than one, or a cycle.
    """

    name: str
    codes: tuple[str, ...]
    parents: tuple[str | None, ...]
    reveals: bool | None = None
    harmless: tuple[str, ...] = ABSENCE

    def __post_init__(self) -> None:
        if len(self.codes) != len(self.parents):
            raise DisclosureError(
                f"Dimension {self.name!r} has {len(self.codes)} codes and {len(self.parents)} parents."
            )
        if len(set(self.codes)) != len(self.codes):
            double = next(code for code in self.codes if self.codes.count(code) > 1)
            raise DisclosureError(
                f"Dimension {self.name!r} has the code {double!r} twice; each code stands once."
            )
        roots = [code for code, parent in zip(self.codes, self.parents, strict=True) if parent is None]
        if len(roots) != 1:
            raise DisclosureError(
                f"Dimension {self.name!r} has {len(roots)} roots; it needs one total with parent None."
            )
        if unknown := sorted({p for p in self.parents if p is not None} - set(self.codes)):
            raise DisclosureError(
                f"Dimension {self.name!r} names the parent {unknown[0]!r}, which is not among its codes."
            )
        if np.any(self._depth < 0):
            lost = self.codes[int(np.flatnonzero(self._depth < 0)[0])]
            raise DisclosureError(
                f"In dimension {self.name!r} the parents of {lost!r} go round and never reach the total."
            )

    @classmethod
    def flat(cls, name: str, categories: Iterable[str], total: str = "TOTAL") -> Dimension:
        """A total and its categories, without levels between.

        Args:
            name: the column of the table that holds the codes.
            categories: the codes of the categories.
            total: the code of the total.
        """
        parts = tuple(categories)
        return cls(name, (total, *parts), (None, *([total] * len(parts))))

    @cached_property
    def parent_index(self) -> Ints:
        """The index of each code's parent, -1 for the root. Shape (codes,)."""
        place = {code: index for index, code in enumerate(self.codes)}
        return np.array([-1 if parent is None else place[parent] for parent in self.parents], dtype=np.int64)

    @cached_property
    def children(self) -> tuple[Ints, ...]:
        """The indices of each code's children, empty for a leaf."""
        found: list[list[int]] = [[] for _ in self.codes]
        for index, parent in enumerate(self.parent_index):
            if parent >= 0:
                found[parent].append(index)
        return tuple(np.array(part, dtype=np.int64) for part in found)

    @cached_property
    def internal(self) -> Ints:
        """The indices of the codes that have children."""
        return np.unique(self.parent_index[self.parent_index >= 0])

    @property
    def root(self) -> int:
        """The index of the total."""
        return int(np.flatnonzero(self.parent_index < 0)[0])

    @property
    def is_flat(self) -> bool:
        """Whether no level stands between the total and the categories."""
        return bool(self._depth.max(initial=0) <= 1)

    @cached_property
    def _depth(self) -> Ints:
        depth = np.full(len(self.codes), -1, dtype=np.int64)
        frontier = np.flatnonzero(self.parent_index < 0)
        level = 0
        while frontier.size:
            depth[frontier] = level
            frontier = np.flatnonzero(np.isin(self.parent_index, frontier))
            level += 1
        return depth


@dataclass(frozen=True)
class Table:
    """Cells over the cross product of dimensions, additive along each of them.

    Attributes:
        name: how the table is called in statuses and reports.
        dimensions: one or more dimensions.
        cells: one string column per dimension, named as it, and `value` (double, the published quantity),
            `n` (int64, number of contributing units), for sums also `largest` and `second` (double, the two
            largest contributions). A cell that is not there is empty and stays visibly empty: only a cell
            that is given, with n = 0, can be hidden to protect another. Where none of the parts of a total is
            given, though it is not 0, its parts are not published at all: so a level can be left out.

    Raises:
        DisclosureError: when a column is missing or holds nulls, a code is unknown, a cell occurs twice, or
            a total is not the sum of its parts (the first such total is named).
    """

    name: str
    dimensions: tuple[Dimension, ...]
    cells: pa.Table

    def __post_init__(self) -> None:
        if not self.dimensions:
            raise DisclosureError(f"Table {self.name!r} has no dimensions; it needs at least one.")
        needed = [dimension.name for dimension in self.dimensions] + ["value", "n"]
        if missing := [column for column in needed if column not in self.cells.column_names]:
            raise DisclosureError(
                f"Table {self.name!r} has no column {missing[0]!r}; it needs {', '.join(needed)}."
            )
        if holes := [column for column in needed if self.cells.column(column).null_count]:
            raise DisclosureError(
                f"Column {holes[0]!r} of table {self.name!r} holds nulls; leave the cell out instead."
            )
        if np.any(self.n < 0) or not np.all(np.isfinite(self.value)):
            raise DisclosureError(f"Table {self.name!r} holds a negative n or a value that is no number.")
        positions(
            self.name, self.dimensions, self.cells
        )  # refuses unknown codes, before unused ones are left out
        object.__setattr__(self, "dimensions", _without_unused(self.dimensions, self.reveals, self.cells))
        if np.unique(self.position).size != self.position.size:
            order = np.sort(self.position)
            double = order[1:][order[1:] == order[:-1]][0]
            raise DisclosureError(f"Table {self.name!r} holds the cell {self.label_at(int(double))} twice.")
        self._check_sums()

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Number of codes of each dimension."""
        return tuple(len(dimension.codes) for dimension in self.dimensions)

    @cached_property
    def position(self) -> Ints:
        """The place of each cell in the cross product, row-major. Shape (cells,).

        Raises:
            DisclosureError: while the table is made, when a code is unknown.
        """
        return positions(self.name, self.dimensions, self.cells)

    @cached_property
    def places(self) -> tuple[Ints, ...]:
        """For each dimension, the index of the code of each cell."""
        return tuple(np.unravel_index(self.position, self.shape))

    @property
    def reveals(self) -> tuple[bool, ...]:
        """For each dimension, whether its categories say something about a unit; see `Dimension`."""
        return tuple(
            axis > 0 and dimension.is_flat if dimension.reveals is None else dimension.reveals
            for axis, dimension in enumerate(self.dimensions)
        )

    @cached_property
    def value(self) -> Floats:
        """The published quantity of each cell. Shape (cells,)."""
        return self._numbers("value")

    @cached_property
    def n(self) -> Ints:
        """Number of units in each cell. Shape (cells,)."""
        return np.asarray(self.cells.column("n").to_numpy(), dtype=np.int64)

    @cached_property
    def largest(self) -> Floats | None:
        """The largest contribution to each cell, if this is a table of sums."""
        return self._numbers("largest") if "largest" in self.cells.column_names else None

    @cached_property
    def second(self) -> Floats | None:
        """The second largest contribution to each cell, if known."""
        return self._numbers("second") if "second" in self.cells.column_names else None

    @cached_property
    def sensitive(self) -> Bools | None:
        """Whether the maker of the table says that the cell must be hidden, whatever the rules; None where he says nothing."""
        if "sensitive" not in self.cells.column_names:
            return None
        filled = pc.fill_null(pc.cast(self.cells.column("sensitive"), pa.bool_()), False)
        return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.bool_)

    @cached_property
    def protect_lower(self) -> Floats | None:
        """How far below its value the interval of a hidden cell must reach, where the maker says so; NaN where the rules do."""
        return self._optional("protect_lower")

    @cached_property
    def protect_upper(self) -> Floats | None:
        """How far above its value the interval of a hidden cell must reach, where the maker says so; NaN where the rules do."""
        return self._optional("protect_upper")

    @cached_property
    def is_count(self) -> bool:
        """Whether the cells count their own units; otherwise they are sums of contributions."""
        return self.largest is None and bool(np.all(self.value == self.n))

    @property
    def grand_total(self) -> int:
        """The position of the cell with the total of every dimension."""
        return int(np.ravel_multi_index(tuple(d.root for d in self.dimensions), self.shape))

    def dense(self, column: npt.NDArray[Number], empty: float) -> npt.NDArray[Number]:
        """Spread numbers of cells over the cross product.

        Args:
            column: one number per cell. Shape (cells,).
            empty: what stands where there is no cell.

        Returns:
            The numbers, in an array of the shape `shape`.
        """
        spread = np.full(int(np.prod(self.shape)), empty, dtype=column.dtype)
        spread[self.position] = column
        return spread.reshape(self.shape)

    def label_at(self, position: int) -> str:
        """The codes at a position of the cross product, as a reader would write them."""
        places = np.unravel_index(position, self.shape)
        return " × ".join(d.codes[int(place)] for d, place in zip(self.dimensions, places, strict=True))

    def _numbers(self, column: str) -> Floats:
        filled = pc.fill_null(pc.cast(self.cells.column(column), pa.float64()), 0.0)
        return np.asarray(filled.to_numpy(), dtype=np.float64)

    def _optional(self, column: str) -> Floats | None:
        """The numbers of a column, NaN where it is null; None without the column."""
        if column not in self.cells.column_names:
            return None
        filled = pc.fill_null(pc.cast(self.cells.column(column), pa.float64()), np.nan)
        return np.asarray(filled.to_numpy(), dtype=np.float64)

    def _check_sums(self) -> None:
        spread = self.dense(self.value, 0.0)
        size, given = self.dense(np.abs(self.value), 0.0), self.dense(np.ones(self.n.size), 0.0)
        for axis, dimension in enumerate(self.dimensions):
            cube, scale = np.moveaxis(spread, axis, 0), np.moveaxis(size, axis, 0)
            has_parent = dimension.parent_index >= 0
            total, room, parts_given = np.zeros_like(cube), np.array(scale), np.zeros_like(cube)
            np.add.at(total, dimension.parent_index[has_parent], cube[has_parent])
            np.add.at(
                parts_given, dimension.parent_index[has_parent], np.moveaxis(given, axis, 0)[has_parent]
            )
            np.add.at(room, dimension.parent_index[has_parent], scale[has_parent])
            off = np.abs(total - cube) > TOLERANCE * np.maximum(room, 1.0)
            off &= parts_given > 0
            if not off.any():
                continue
            places = np.moveaxis(off, 0, axis)
            first = int(np.flatnonzero(places.ravel())[0])
            parts = float(np.moveaxis(total, 0, axis).ravel()[first])
            raise DisclosureError(
                f"In table {self.name!r} the cell {self.label_at(first)} is {spread.ravel()[first]:.12g}, but its parts along "
                f"{dimension.name!r} add up to {parts:.12g}. Give units of unknown {dimension.name!r} a code of their own."
            )


@dataclass(frozen=True)
class Link:
    """Cells of one table that are the same number as cells of another.

    Attributes:
        left: name of a table.
        right: name of another table.
        cells: one row per pair of equal cells: a string column `left.<dimension>` for every dimension of the
            left table and `right.<dimension>` for every one of the right.
    """

    left: str
    right: str
    cells: pa.Table

    @classmethod
    def shared(cls, left: Table, right: Table) -> Link:
        """The link of two tables of the same units: equal codes on the dimensions both have (by name), totals on the others.

        Args:
            left: a table.
            right: another table of the same units.

        Raises:
            DisclosureError: when the tables have no such cell in common.
        """
        names = sorted({d.name for d in left.dimensions} & {d.name for d in right.dimensions})
        sides = [_margin(table, names, left) for table in (left, right)]
        _, *common = np.intersect1d(sides[0][1], sides[1][1], return_indices=True)
        if not common[0].size:
            raise DisclosureError(
                f"Tables {left.name!r} and {right.name!r} have no cell in common, so they cannot be linked."
            )
        columns: dict[str, pa.Array] = {}
        for side, table, (found, _), at in zip(("left", "right"), (left, right), sides, common, strict=True):
            cells = table.cells.take(found[at])
            columns |= {
                f"{side}.{d.name}": pc.cast(cells.column(d.name), pa.string()) for d in table.dimensions
            }
        return cls(left.name, right.name, pa.table(columns))

    def rows(self, tables: dict[str, Table]) -> tuple[Ints, Ints]:
        """The row numbers, in the cells of the left and of the right table, of each pair.

        Args:
            tables: the tables by name, the two of the link among them.

        Raises:
            DisclosureError: when a table or cell named here does not exist, or two linked cells differ.
        """
        found = []
        for side, name in (("left", self.left), ("right", self.right)):
            if name not in tables:
                raise DisclosureError(
                    f"A link names the table {name!r}, which is not among the tables given."
                )
            table = tables[name]
            named = {d.name: self.cells.column(f"{side}.{d.name}") for d in table.dimensions}
            position = positions(name, table.dimensions, pa.table(named))
            order = np.argsort(table.position)
            at = np.minimum(np.searchsorted(table.position[order], position), order.size - 1)
            if np.any(table.position[order][at] != position):
                lost = int(position[table.position[order][at] != position][0])
                raise DisclosureError(
                    f"A link names the cell {table.label_at(lost)}, which table {name!r} does not hold."
                )
            found.append(order[at])
        left, right = tables[self.left], tables[self.right]
        differ = np.abs(left.value[found[0]] - right.value[found[1]]) > TOLERANCE * np.maximum(
            1.0, np.abs(left.value[found[0]])
        )
        if differ.any():
            row = int(found[0][differ][0])
            raise DisclosureError(
                f"Tables {self.left!r} and {self.right!r} are linked, but differ on {left.label_at(int(left.position[row]))}."
            )
        return found[0], found[1]


def positions(name: str, dimensions: tuple[Dimension, ...], cells: pa.Table) -> Ints:
    """The place of each row of `cells` in the cross product of the dimensions of the table called `name`.

    Raises:
        DisclosureError: when a code is unknown.
    """
    places = []
    for dimension in dimensions:
        given = pc.cast(cells.column(dimension.name), pa.string())
        found = pc.index_in(given, value_set=pa.array(dimension.codes, pa.string()))
        if found.null_count:
            stranger = given.filter(pc.is_null(found))[0].as_py()
            raise DisclosureError(
                f"Table {name!r} holds {stranger!r}, which is no code of {dimension.name!r}."
            )
        places.append(found.to_numpy().astype(np.int64))
    shape = tuple(len(dimension.codes) for dimension in dimensions)
    return np.asarray(np.ravel_multi_index(tuple(places), shape), dtype=np.int64)


def _without_unused(
    dimensions: tuple[Dimension, ...], reveals: tuple[bool, ...], cells: pa.Table
) -> tuple[Dimension, ...]:
    """The dimensions without codes that no cell bears, nor any cell below them; what each reveals stays as it was."""
    trimmed = []
    for dimension, revealing in zip(dimensions, reveals, strict=True):
        given = pc.cast(cells.column(dimension.name), pa.string())
        codes = pa.array(dimension.codes, pa.string())
        used = set(
            np.flatnonzero(
                pc.is_in(codes, value_set=pc.unique(given)).to_numpy(zero_copy_only=False)
            ).tolist()
        )
        for code in tuple(used):
            above = int(dimension.parent_index[code])
            while above >= 0 and above not in used:
                used.add(above)
                above = int(dimension.parent_index[above])
        kept = sorted(used | {dimension.root})
        trimmed.append(
            Dimension(
                dimension.name,
                tuple(dimension.codes[code] for code in kept),
                tuple(dimension.parents[code] for code in kept),
                revealing,
                dimension.harmless,
            )
        )
    return tuple(trimmed)


def _margin(table: Table, names: list[str], reference: Table) -> tuple[Ints, Ints]:
    """The rows that are totals on every dimension outside `names`, and a key for their codes on those in it.

    Keys are places in the cross product of the dimensions `names` of `reference`; rows it has no code for are left out.
    """
    keep = np.ones(table.position.size, dtype=np.bool_)
    key = np.zeros(table.position.size, dtype=np.int64)
    own = {d.name: (d, place) for d, place in zip(table.dimensions, table.places, strict=True)}
    wanted = {d.name: d for d in reference.dimensions}
    for name, (dimension, place) in own.items():
        if name not in names:
            keep &= place == dimension.root
    for name in names:
        dimension, place = own[name]
        codes = wanted[name].codes
        number = {code: index for index, code in enumerate(codes)}
        translated = np.array([number.get(code, -1) for code in dimension.codes])[place]
        keep &= translated >= 0
        key = key * len(codes) + translated
    return np.flatnonzero(keep), key[keep]
