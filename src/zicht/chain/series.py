"""Series of numbers over areas, as tables tell them: also of levels that a table leaves out, but whose parts it shows.

A figure of buurt and gemeente tells that of every wijk as well: the sum of its buurten. So what can be read of a table are all areas at or above the finest
level it shows, and tables of different levels are compared where both can be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zicht.disclosure import Dimension, Table

AREA = "area"
DECIMALS = 4
"""Sums are compared to this many decimals, so that adding up in another order changes nothing."""

_UNSEEN = 1e-6  # what hiding a cell costs that is nowhere published: next to nothing
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Codes = tuple[str, ...]


@dataclass(frozen=True)
class AreaTree:
    """All areas of a division, unknown children included, under one root.

    Attributes:
        codes: the areas, those above before those below.
        parents: the code that each lies in, None for the root.
        levels: the level of each.
    """

    codes: tuple[str, ...]
    parents: tuple[str | None, ...]
    levels: tuple[str, ...]
    _dimensions: dict[bytes, Dimension] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each code stands."""
        return {code: at for at, code in enumerate(self.codes)}

    @cached_property
    def parent(self) -> Ints:
        """Where the parent of each area stands, -1 for the root. Shape (areas,)."""
        return np.array([-1 if one is None else self.place[one] for one in self.parents], np.int64)

    @cached_property
    def by_depth(self) -> tuple[Ints, ...]:
        """The areas below the root, those that lie deepest first."""
        depth = np.zeros(len(self.codes), np.int64)
        for at, above in enumerate(self.parent.tolist()):
            depth[at] = 0 if above < 0 else depth[above] + 1
        return tuple(np.flatnonzero(depth == one) for one in range(int(depth.max(initial=0)), 0, -1))

    def dimension(self, mask: Bools) -> Dimension:
        """The areas of a mask as a dimension, each below the nearest area above it that is in the mask too; the root always is.

        Args:
            mask: which areas. Shape (areas,).
        """
        if mask.tobytes() not in self._dimensions:
            self._dimensions[mask.tobytes()] = self._dimension(mask)
        return self._dimensions[mask.tobytes()]

    def _dimension(self, mask: Bools) -> Dimension:
        kept = mask.copy()
        above = self.parent.copy()
        tops = 0
        for at in np.flatnonzero(mask).tolist():
            while above[at] >= 0 and not mask[above[at]]:
                above[at] = self.parent[above[at]]
            tops += above[at] < 0
        if tops != 1:
            kept[0] = True
            above[(above < 0) & (np.arange(above.size) > 0)] = 0
        places = np.flatnonzero(kept).tolist()
        codes = tuple(self.codes[one] for one in places)
        return Dimension(
            AREA, codes, tuple(None if above[one] < 0 else self.codes[above[one]] for one in places)
        )


@dataclass(frozen=True)
class Reading:
    """What can be read of one table. Arrays have an axis for each dimension of the table but the areas, and one for the areas of the tree.

    Attributes:
        table: the table.
        numbers: what it counts, or sums in units of its last decimal; 0 where nothing is told.
        units: how many units each is of.
        held: whether the table has the cell.
        published: whether the area is of a level that the table shows. Shape (areas,).
        told: whether the number of the area follows. Shape (areas,).
    """

    table: Table
    numbers: Ints
    units: Ints
    held: Bools
    published: Bools
    told: Bools


def read(table: Table, tree: AreaTree) -> Reading:
    """Read a table, and of the levels that it leaves out the sums of what it shows.

    Args:
        table: its first dimension holds the areas.
        tree: all areas.
    """
    size = len(tree.codes)
    at = np.array([tree.place[code] for code in table.dimensions[0].codes], np.int64)
    number = table.n if table.is_count else np.rint(table.value * 10**DECIMALS).astype(np.int64)
    spread = [_spread(table, column, at, size) for column in (number, table.n, np.ones_like(table.n))]
    numbers, units, held = (np.moveaxis(one, -1, 0) for one in spread)
    levels = np.array(tree.levels)
    published = np.isin(levels, np.unique(levels[at]))
    told, mismatch = published.copy(), np.zeros(size, np.bool_)
    for areas in tree.by_depth:
        above = tree.parent[areas]
        sums = [np.zeros_like(one) for one in (numbers, units)]
        for one, sum_ in zip((numbers, units), sums, strict=True):
            np.add.at(sum_, above, one[areas])
        parents = np.unique(above)
        all_told = np.ones(size, np.bool_)
        np.logical_and.at(all_told, above, told[areas])
        left_out = parents[~published[parents]]
        told[left_out] = all_told[left_out]
        numbers[left_out], units[left_out] = sums[0][left_out], sums[1][left_out]
        shown = parents[published[parents] & all_told[parents]]
        differ = numbers[shown] != sums[0][shown]
        mismatch[shown] = differ.any(axis=tuple(range(1, differ.ndim)))
    in_table = np.isin(np.arange(size), at)
    for areas in reversed(tree.by_depth):
        # Where parts do not add up they are not shown at all, so nothing is told of them.
        mismatch[areas] |= mismatch[tree.parent[areas]]
        below = areas[mismatch[tree.parent[areas]]]
        told[below] &= in_table[below]
    back = (np.moveaxis(one, 0, -1) for one in (numbers, units, held))
    numbers, units, held = back
    return Reading(table, numbers, units, held.astype(np.bool_), published, told)


def _spread(table: Table, column: Ints, at: Ints, size: int) -> Ints:
    dense = np.moveaxis(table.dense(column, 0), 0, -1)
    spread = np.zeros((*dense.shape[:-1], size), np.int64)
    spread[..., at] = dense
    return spread


@dataclass(frozen=True)
class Series:
    """One series: the numbers of one code of each dimension of a table but the areas, over all areas of the tree.

    Attributes:
        table: the table it stands in.
        codes: the codes.
        numbers: as in `Reading`. Shape (areas,).
        units: how many units each is of. Shape (areas,).
        held: whether the table has the cell. Shape (areas,).
        published: whether the area is of a level that the table shows. Shape (areas,).
    """

    table: Table
    codes: Codes
    numbers: Ints
    units: Ints
    held: Bools
    published: Bools

    def covers(self, areas: Bools) -> bool:
        """Whether the table shows the levels of all of some areas."""
        return bool(self.published[areas].all())


def table_of(
    name: str, tree: AreaTree, areas: Bools, parts: Dimension | None, series: Sequence[Series]
) -> Table:
    """Series as a table: of areas, or of areas × parts.

    Args:
        name: of the table.
        tree: all areas.
        areas: which of them. Shape (areas,).
        parts: the second dimension, with a code for each series; None where there is one.
        series: its series. A cell that neither is held nor counts anything is left out.
    """
    first = tree.dimension(areas)
    inside = np.array([tree.place[code] for code in first.codes], np.int64)
    columns: dict[str, list[pa.Array]] = {
        name: [] for name in (AREA, *([parts.name] if parts else ()), "value", "n", "importance")
    }
    for number, one in enumerate(series):
        # Of the root, which may stand there only to hold the others together, a cell is given as well.
        at = inside[one.held[inside] | (one.numbers[inside] != 0)]
        scale = 1.0 if one.table.is_count else 10.0**DECIMALS
        columns[AREA].append(pa.array([tree.codes[place] for place in at.tolist()], pa.string()))
        columns["value"].append(pa.array(one.numbers[at] / scale))
        columns["n"].append(pa.array(one.units[at]))
        columns["importance"].append(pa.array(np.where(one.held[at], 1.0, _UNSEEN)))
        if parts is not None:
            columns[parts.name].append(pa.array([parts.codes[number]] * at.size, pa.string()))
    cells = pa.table({column: pa.chunked_array(chunks) for column, chunks in columns.items()})
    return Table(name, (first,) if parts is None else (first, parts), cells)
