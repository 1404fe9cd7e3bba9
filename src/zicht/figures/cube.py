"""From the finest cells to every level and margin, by adding up: nothing is counted twice.

A cube is a dense array of areas × periods × categories. Counts and sums of a level are a sparse matrix (which finest area lies in which
area) times the cube; a margin is a sum along an axis. Everything is a whole number, so adding is exact in any order. The two largest
contributions of a union are the two largest among the two largest of its parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zicht.areas import Areas, is_unknown
from zicht.declare import DimensionDeclared, Indicator
from zicht.errors import ZichtError
from zicht.figures.table import TOTAL, UNKNOWN, Bools, Floats, Ints, codes_to_strings, constant

Number = TypeVar("Number", np.int64, np.float64)

MAX_FIGURES = 60_000_000
"""The most figures of one indicator: more do not fit in memory, and nobody reads them."""

NONE = -np.inf
"""Stands for a contribution that is not there."""


@dataclass(frozen=True)
class Upwards:
    """How the areas of one level are made of those of a finer one.

    Attributes:
        below: where the finer ones stand among all areas.
        order: puts those in the order of the areas they lie in; everything where they are already.
        begins: where in that order each area begins.
        own: where the areas stand among all areas.
    """

    below: slice
    order: Ints | slice
    begins: Ints
    own: slice

    @classmethod
    def of(cls, start: int, begin: int, parent: Ints) -> Upwards:
        """From where both levels begin among all areas, and for each of the finer ones which it lies in."""
        order = np.argsort(parent, kind="stable")
        begins = np.flatnonzero(np.diff(parent[order], prepend=-1))
        ordered = bool((parent[:-1] <= parent[1:]).all())
        stop = begin + len(begins)
        return cls(
            slice(start, start + len(parent)), slice(None) if ordered else order, begins, slice(begin, stop)
        )


@dataclass(frozen=True)
class Land:
    """The areas that figures are about, as arrays.

    Attributes:
        finest: codes of the finest level, unknown children included.
        codes: codes of all areas, level by level from fine to coarse; so `finest` comes first.
        levels: the level of each of `codes`.
        rows: for each level, for each of `finest` the place in `codes` of the area it lies in.
        division: year of the division.
    """

    finest: tuple[str, ...]
    codes: tuple[str, ...]
    levels: tuple[str, ...]
    rows: Mapping[str, Ints]
    division: int

    @classmethod
    def of(cls, areas: Areas) -> Land:
        """The areas of a division."""
        ancestry = areas.ancestry()
        codes: list[str] = []
        levels: list[str] = []
        rows: dict[str, Ints] = {}
        for level in ancestry.column_names:
            encoded = ancestry[level].combine_chunks().dictionary_encode()
            names = np.array(encoded.dictionary.to_pylist(), dtype=np.str_)
            order = np.argsort(names, kind="stable")
            place = np.empty(len(order), np.int64)
            place[order] = np.arange(len(order))
            rows[level] = len(codes) + place[encoded.indices.to_numpy(zero_copy_only=False)]
            codes += names[order].tolist()
            levels += [level] * len(order)
        return cls(tuple(ancestry.column(0).to_pylist()), tuple(codes), tuple(levels), rows, areas.division)

    @cached_property
    def upwards(self) -> tuple[Upwards, ...]:
        """How every level but the finest is made of one below it, in that order."""
        made: list[Upwards] = []
        begin = 0
        places: list[tuple[int, Ints]] = []
        for rows in self.rows.values():
            own = rows - begin
            for start, below in reversed(places):
                parent = np.empty(int(below.max(initial=-1)) + 1, np.int64)
                parent[below] = own
                if (parent[below] == own).all():  # each area below lies in one of these
                    made.append(Upwards.of(start, begin, parent))
                    break
            places.append((begin, own))
            begin += int(own.max(initial=-1)) + 1
        return tuple(made)

    @cached_property
    def unknown(self) -> Bools:
        """Which of `codes` are unknown children."""
        return np.array([is_unknown(code) for code in self.codes], np.bool_)


def levels_of(indicator: Indicator, areas: Areas) -> tuple[str, ...]:
    """The levels at which an indicator has figures, finest first."""
    if indicator.levels is None:
        return areas.levels
    wanted = set(indicator.levels)
    return tuple(
        level
        for level in areas.levels
        if level in wanted or ("regio" in wanted and level in areas.regio_levels)
    )


@dataclass
class Cells:
    """The finest cells of one pass, with everything as numbers.

    Attributes:
        land: the areas.
        periods: in order.
        area, period: for each cell its place in `land.finest` and in `periods`.
        dimensions: ids of the dimensions of the cells.
        categories: for each dimension for each cell the number of the category; one past the declared ones where unknown.
        sizes: for each dimension the number of categories, the unknown one included only where there is one.
        table: the cells as the engine gave them, in the same order.
    """

    land: Land
    periods: tuple[str, ...]
    area: Ints
    period: Ints
    dimensions: tuple[str, ...]
    categories: Mapping[str, Ints]
    sizes: Mapping[str, int]
    table: pa.Table
    _places: dict[tuple[str, ...], Ints] = field(default_factory=dict)
    _apart: dict[tuple[str, ...], bool] = field(default_factory=dict)
    _cubes: dict[tuple[str, ...], Ints] = field(default_factory=dict)

    @cached_property
    def occupied(self) -> Bools:
        """Which of the areas have a unit."""
        found = np.zeros(len(self.land.codes), np.bool_)
        found[self.area] = True
        for step in self.land.upwards:
            found[step.own] = np.logical_or.reduceat(found[step.below][step.order], step.begins)
        return found

    def column(self, name: str) -> Ints:
        """A column of counts or sums, one number for each cell."""
        return np.asarray(
            self.table[name].fill_null(0).combine_chunks().to_numpy(zero_copy_only=False), np.int64
        )

    def shape(self, by: Sequence[str]) -> tuple[int, ...]:
        """The cube of a breakdown: (total and categories) of each dimension × periods × areas, along which adding is quickest."""
        return (*(self.sizes[id_] + 1 for id_ in by), len(self.periods), len(self.land.codes))

    def places(self, by: tuple[str, ...]) -> Ints:
        """For each cell its place in the flattened cube of a breakdown."""
        if by not in self._places:
            self._places[by] = np.ravel_multi_index(
                (*(self.categories[id_] + 1 for id_ in by), self.period, self.area), self.shape(by)
            ).astype(np.int64)
        return self._places[by]

    def apart(self, by: tuple[str, ...]) -> bool:
        """Whether no two cells have the same place in the cube of a breakdown."""
        if by not in self._apart:
            self._apart[by] = bool(np.bincount(self.places(by), minlength=1).max() <= 1)
        return self._apart[by]

    def add_up(self, name: str, grid: Grid) -> Ints:
        """A count or sum at every level and margin, for each figure of a grid.

        Raises:
            ZichtError: the numbers are too great to be added up exactly.
        """
        by, cell = grid.by, self.column(name)
        if float(np.abs(cell, dtype=np.float64).sum()) > np.iinfo(np.int64).max / 2:
            raise ZichtError("The values are too great to be added up; express them in a greater unit.")
        # One cube serves one column after another: whatever one fills in, the next fills in as well.
        cube = self._cubes.get(by)
        if cube is None:
            cube = self._cubes[by] = np.zeros(self.shape(by), np.int64)
        below = cube[..., : len(self.land.finest)]
        if self.apart(by):
            cube.reshape(-1)[self.places(by)] = cell
        else:
            below[:] = 0
            np.add.at(cube.reshape(-1), self.places(by), cell)
        for axis in range(len(by)):
            total, first, *others = np.moveaxis(below, axis, 0)
            total[:] = first
            # One category after another: along a short axis that is many times as fast as `sum`.
            for category in others:
                total += category
        for step in self.land.upwards:
            ordered = cube[..., step.below][..., step.order]
            np.add.reduceat(ordered, step.begins, axis=-1, out=cube[..., step.own])
        return grid.flat(_areas_first(cube))

    def largest(self, name: str, grid: Grid) -> tuple[Floats, Floats]:
        """The two largest contributions at every level and margin, for each figure of a grid; `NONE` where there are not so many."""
        by, shape = grid.by, self.shape(grid.by)
        first, second = (
            np.asarray(self.table[f"{name}_{which}"].fill_null(NONE).to_numpy(), np.float64)
            for which in ("largest", "second")
        )
        top, next_ = cubes = np.full((2, *shape), NONE)
        _merge_cells(self.places(by), first, second, cubes.reshape(2, -1), apart=self.apart(by))
        finest = len(self.land.finest)
        for axis in range(len(by)):
            # Axes that come later have no total yet.
            done, later = (slice(None),) * axis, (slice(1, None),) * (len(by) - axis - 1)
            below = (*done, slice(None), *later, slice(None), slice(finest))
            _with_largest(np.moveaxis(top[below], axis, 0), np.moveaxis(next_[below], axis, 0))
        for step in self.land.upwards:
            _grouped(top, next_, step)
        return grid.flat(_areas_first(top)), grid.flat(_areas_first(next_))


def _areas_first(cube: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """A cube of `Cells` as areas × periods × categories."""
    return np.moveaxis(cube, (-1, -2), (0, 1))


def _with_largest(top: Floats, next_: Floats) -> None:
    """Fill in the two largest of all but the first, as the first."""
    top[0], next_[0] = top[1], next_[1]
    for first, second in zip(top[2:], next_[2:], strict=True):
        np.maximum(np.minimum(top[0], first), np.maximum(next_[0], second), out=next_[0])
        np.maximum(top[0], first, out=top[0])


def _merge_cells(places: Ints, first: Floats, second: Floats, cubes: Floats, *, apart: bool) -> None:
    """Put in their places the two largest of all cells that fall there."""
    top, next_ = cubes
    if apart:
        top[places], next_[places] = first, second
        return
    values = np.concatenate([first, second])
    where = np.concatenate([places, places])
    keep = values > NONE
    values, where = values[keep], where[keep]
    order = np.lexsort((-values, where))
    values, where = values[order], where[order]
    begins = np.flatnonzero(np.diff(where, prepend=-1))
    top[where[begins]] = values[begins]
    after = begins + 1
    has = np.zeros(len(begins), np.bool_)
    has[: len(after)] = after < len(where)
    has[has] = where[after[has]] == where[begins[has]]
    next_[where[begins[has]]] = values[after[has]]


def _grouped(top: Floats, next_: Floats, step: Upwards) -> None:
    """Fill in the two largest of the areas of a level."""
    ordered, below = top[..., step.below][..., step.order], next_[..., step.below][..., step.order]
    if len(step.begins) == ordered.shape[-1]:
        top[..., step.own], next_[..., step.own] = ordered, below
        return
    largest = np.maximum.reduceat(ordered, step.begins, axis=-1)
    sizes = np.diff(np.append(step.begins, ordered.shape[-1]))
    is_largest = ordered == np.repeat(largest, sizes, axis=-1)
    ties = np.add.reduceat(is_largest, step.begins, axis=-1, dtype=np.int64)
    runner_up = np.maximum.reduceat(np.where(is_largest, below, ordered), step.begins, axis=-1)
    top[..., step.own], next_[..., step.own] = largest, np.where(ties > 1, largest, runner_up)


@dataclass(frozen=True)
class Grid:
    """The figures that an indicator has: every area × period × category, in the order of the table.

    Attributes:
        keep: which of `land.codes` are in it.
        land, periods: as in the cells.
        by: the dimensions.
        labels: for each dimension its categories, total first.
    """

    keep: Ints
    land: Land
    periods: tuple[str, ...]
    by: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]

    @classmethod
    def of(
        cls,
        cells: Cells,
        indicator: Indicator,
        levels: Sequence[str],
        dimensions: Mapping[str, DimensionDeclared],
    ) -> Grid:
        """The grid of an indicator; of the unknown children those where the register has units.

        Raises:
            ZichtError: it has more than `MAX_FIGURES` figures.
        """
        wanted = np.isin(np.array(cells.land.levels), levels) & (~cells.land.unknown | cells.occupied)
        labels = []
        for id_ in indicator.by:
            declared = [category.id for category in dimensions[id_].categories]
            labels.append((TOTAL, *declared, UNKNOWN)[: cells.sizes[id_] + 1])
        grid = cls(np.flatnonzero(wanted), cells.land, cells.periods, indicator.by, tuple(labels))
        if grid.size > MAX_FIGURES:
            raise ZichtError(
                f"Indicator `{indicator.id}` would have {grid.size:,} figures; {MAX_FIGURES:,} is the most. Break it down"
                " by fewer categories, or name its `levels`."
            )
        return grid

    @property
    def size(self) -> int:
        """The number of figures."""
        return len(self.keep) * len(self.periods) * prod(map(len, self.labels))

    def flat(self, cube: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """A cube as a column: the kept areas, in the order of the table."""
        return np.moveaxis(np.take(cube, self.keep, axis=0), 1, 0).reshape(-1)

    @cached_property
    def keys(self) -> dict[str, pa.Array]:
        """The columns area, division, level, period and those of the dimensions."""
        shape = (len(self.periods), len(self.keep), *map(len, self.labels))
        index = np.indices(shape, dtype=np.int32, sparse=True)
        spread = [np.broadcast_to(part, shape).reshape(-1) for part in index]
        codes = [self.land.codes[row] for row in self.keep]
        names = list(self.land.rows)
        level = np.array([names.index(self.land.levels[row]) for row in self.keep], np.int32)
        columns = {
            "area": codes_to_strings(spread[1], codes),
            "division": pa.array(np.full(self.size, self.land.division, np.int16)),
            "level": codes_to_strings(level[spread[1]], names) if len(level) else constant("", 0),
            "period": codes_to_strings(spread[0], self.periods),
        }
        for id_, labels, numbers in zip(self.by, self.labels, spread[2:], strict=True):
            columns[id_] = codes_to_strings(numbers, labels)
        return columns
