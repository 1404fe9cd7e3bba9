"""What is protected: dimensions that are trees, additive tables over them, and links between tables.

A table holds cells over the cross product of its dimensions. Every dimension is a tree, so each internal
node of one dimension, combined with any nodes of the others, is the sum of its children: those equations
are what an attacker subtracts with, and what the rest of this room reasons about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zicht.disclosure.checks import TOLERANCE, check_columns, check_numbers, check_sums
from zicht.disclosure.dimensions import Bools, Dimension, Floats, Ints
from zicht.errors import DisclosureError

__all__ = ["Bools", "Dimension", "Floats", "Ints", "Link", "Table", "positions"]

Number = TypeVar("Number", np.int64, np.float64)


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

    Of contributors, the columns `largest` and `second` count those of one holding as one, and `largest` is the largest of
    those who gave no leave (a waiver); `second` is then the largest of all others. Further columns, none of them needed;
    nulls stand for "nothing said":

    - `largest_holder`, `second_holder` (string): who they are, the same word for the same holding in every cell.
    - `largest_weight`, `second_weight` (double): how many units of the population each stands for, in a sample.
    - `waived` (int64): contributors that gave leave to publish what they contributed.
    - `requested` (double): the largest contribution of those who asked for protection, 0 where none did.
    - `objects` (int64): number of objects that a mean is taken over, where these are not the units.
    - `degrees_of_freedom` (int64): residual degrees of freedom of the model that the value comes from.
    - `known_lower`, `known_upper` (double): what is known of the value from elsewhere, such as earlier publications.
    - `importance` (double): multiplies the cost of hiding the cell; 1 where nothing is said.
    - `keep` (bool): a cell that must not be hidden to protect another as long as that can be avoided.
    - `sensitive` (bool), `protect_lower`, `protect_upper` (double): cells that must be hidden whatever the rules say, and
      how far below and above its value the interval of a hidden cell must reach, where the maker of the table decides.

    Raises:
        DisclosureError: when a column is missing or holds nulls, a code is unknown, a cell occurs twice, numbers
            contradict each other, or a total is not the sum of its parts (the first such cell is named).
    """

    name: str
    dimensions: tuple[Dimension, ...]
    cells: pa.Table

    def __post_init__(self) -> None:
        if not self.dimensions:
            raise DisclosureError(f"Table {self.name!r} has no dimensions; it needs at least one.")
        check_columns(self)
        positions(self.name, self.dimensions, self.cells)  # refuses unknown codes, before unused are left out
        trimmed = _without_unused(self.dimensions, self.reveals, self.cells)
        object.__setattr__(self, "dimensions", trimmed)
        if np.bincount(self.position).max(initial=0) > 1:
            raise DisclosureError(f"Table {self.name!r} holds the cell {self._first_double()} twice.")
        check_numbers(self)
        check_sums(self)

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
        return self.numbers("value", 0.0)

    @cached_property
    def n(self) -> Ints:
        """Number of units in each cell. Shape (cells,)."""
        return np.asarray(self.cells.column("n").to_numpy(), dtype=np.int64)

    @cached_property
    def largest(self) -> Floats | None:
        """The largest contribution to each cell, if this is a table of sums."""
        return self.numbers("largest", 0.0) if "largest" in self.cells.column_names else None

    @cached_property
    def second(self) -> Floats | None:
        """The second largest contribution to each cell, if known."""
        return self.numbers("second", 0.0) if "second" in self.cells.column_names else None

    @cached_property
    def waived(self) -> Ints:
        """Number of contributors that gave leave, which need no protection. Shape (cells,)."""
        return self.numbers("waived", 0.0).astype(np.int64)

    @cached_property
    def known_lower(self) -> Floats:
        """The least that each cell can be as far as is known from elsewhere, -inf where nothing is. Shape (cells,)."""
        return self.numbers("known_lower", -np.inf)

    @cached_property
    def known_upper(self) -> Floats:
        """The most that each cell can be as far as is known from elsewhere, inf where nothing is. Shape (cells,)."""
        return self.numbers("known_upper", np.inf)

    @cached_property
    def importance(self) -> Floats:
        """What the cost of hiding each cell is multiplied by. Shape (cells,)."""
        return self.numbers("importance", 1.0)

    @cached_property
    def keep(self) -> Bools:
        """The cells that may not be hidden to protect others as long as that can be avoided. Shape (cells,)."""
        return self._flags("keep")

    @cached_property
    def sensitive(self) -> Bools:
        """The cells that must be hidden whatever the rules say. Shape (cells,)."""
        return self._flags("sensitive")

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

    def numbers(self, column: str, empty: float) -> Floats:
        """The numbers of a column, `empty` where it is null or not there. Shape (cells,).

        Args:
            column: name of a column of numbers.
            empty: what stands where nothing is said.
        """
        if column not in self.cells.column_names:
            return np.full(self.cells.num_rows, empty)
        found = pc.cast(self.cells.column(column), pa.float64())
        return np.asarray(pc.fill_null(found, empty).to_numpy(), dtype=np.float64)

    def _flags(self, column: str) -> Bools:
        if column not in self.cells.column_names:
            return np.zeros(self.cells.num_rows, dtype=np.bool_)
        found = pc.fill_null(pc.cast(self.cells.column(column), pa.bool_()), fill_value=False)
        return np.asarray(found.to_numpy(), dtype=np.bool_)

    def _first_double(self) -> str:
        order = np.sort(self.position)
        return self.label_at(int(order[1:][order[1:] == order[:-1]][0]))


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
        seen = pc.is_in(codes, value_set=pc.unique(given)).to_numpy(zero_copy_only=False)
        if seen.all():
            trimmed.append(replace(dimension, reveals=revealing))
            continue
        used = set(np.flatnonzero(seen).tolist())
        for code in tuple(used):
            above = int(dimension.parent_index[code])
            while above >= 0 and above not in used:
                used.add(above)
                above = int(dimension.parent_index[above])
        kept = sorted(used | {dimension.root})
        trimmed.append(
            replace(
                dimension,
                codes=tuple(dimension.codes[code] for code in kept),
                parents=tuple(dimension.parents[code] for code in kept),
                reveals=revealing,
                unknown=tuple(c for c in dimension.unknown if dimension.codes.index(c) in used),
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
