"""The figures of a release as arrays that pages are made from: [period, area], with one public status each.

This is the only place where figures come in. Values are rounded here to the decimals in which the indicator is
published and bounds to whole points for percentages, so page, picture and download hold the same number and none
holds a finer one. Primary and secondary suppression become one status; a hidden figure that still has a number stops
the build.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zicht.areas import is_unknown
from zicht.errors import DisclosureError, ZichtError
from zicht.publish.catalogue import Indicator, safe_name

TOTAL = "TOTAL"
_NUMBERS = ("value", "numerator", "denominator", "n", "lower", "upper")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int8]


class Standing(IntEnum):
    """What the public is told about a figure. Primary and secondary suppression are one: `HIDDEN`."""

    ABSENT = 0
    SHOWN = 1
    HIDDEN = 2
    ROUNDED = 3
    PERTURBED = 4
    PENDING = 5
    UNRELIABLE = 6


_STANDINGS = {
    "ok": Standing.SHOWN,
    "primary": Standing.HIDDEN,
    "secondary": Standing.HIDDEN,
    "rounded": Standing.ROUNDED,
    "perturbed": Standing.PERTURBED,
    "not_available": Standing.ABSENT,
    "not_yet_published": Standing.PENDING,
    "unreliable": Standing.UNRELIABLE,
}


@dataclass(frozen=True)
class AreaTable:
    """The areas of a release, sorted by level and name; a position in this order is an area's number here.

    Attributes:
        codes: of all areas, unknown children last.
        names: as declared.
        level_of: the level of each.
        parent: number of the parent, -1 where there is none.
        levels: finest first.
        members: by level the numbers of its areas, by name; unknown children left out.
        children: by number the numbers of the areas directly in it.
        number: by code.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    level_of: tuple[str, ...]
    parent: tuple[int, ...]
    levels: tuple[str, ...]
    members: Mapping[str, Ints]
    children: Mapping[int, tuple[int, ...]]
    number: Mapping[str, int]

    @cached_property
    def with_unknown(self) -> Mapping[int, tuple[int, ...]]:
        """By number the numbers of the areas directly in it, unknown children too."""
        found: dict[int, list[int]] = {}
        for place, parent in enumerate(self.parent):
            found.setdefault(parent, []).append(place)
        return {place: tuple(inside) for place, inside in found.items()}

    @property
    def top(self) -> int | None:
        """The one area that all others lie in, or None where there are several."""
        coarsest = self.members[self.levels[-1]]
        return int(coarsest[0]) if coarsest.size == 1 else None

    def ancestors(self, number: int) -> list[int]:
        """The areas it lies in, nearest first."""
        found = []
        while (number := self.parent[number]) >= 0:
            found.append(number)
        return found


def read_areas(table: pa.Table, levels: Sequence[str]) -> AreaTable:
    """Sort and check the areas of a release.

    Args:
        table: code, name, level, parent.
        levels: finest first, as the catalogue says.

    Raises:
        ZichtError: a code cannot stand in a web address, or a code stands there twice.
    """
    rows = table.select(["code", "name", "level", "parent"]).to_pylist()
    present = {row["level"] for row in rows}
    order = [level for level in levels if level in present]
    order += sorted(present.difference(order))
    rank = {level: place for place, level in enumerate(order)}
    rows.sort(
        key=lambda row: (is_unknown(row["code"]), rank[row["level"]], row["name"].casefold(), row["code"])
    )
    number = {safe_name(row["code"]): place for place, row in enumerate(rows)}
    if len(number) < len(rows):
        raise ZichtError("The areas of this release have a code twice.")
    parents = tuple(number.get(row["parent"] or "", -1) for row in rows)
    known = [place for place, row in enumerate(rows) if not is_unknown(row["code"])]
    children: dict[int, list[int]] = {}
    for place in known:
        children.setdefault(parents[place], []).append(place)
    return AreaTable(
        codes=tuple(row["code"] for row in rows),
        names=tuple(row["name"] for row in rows),
        level_of=tuple(row["level"] for row in rows),
        parent=parents,
        levels=tuple(order),
        members={
            level: np.array([place for place in known if rows[place]["level"] == level], dtype=np.int64)
            for level in order
        },
        children={place: tuple(inside) for place, inside in children.items()},
        number=number,
    )


@dataclass(frozen=True)
class Figures:
    """The totals of one indicator.

    Attributes:
        periods: sorted.
        value: [period, area], rounded as published; NaN where there is none.
        lower: bound of the 95 % interval, rounded outwards.
        upper: likewise.
        standing: [period, area], a `Standing`.
        latest: by level the number of the last period in which an area of it has a value.
    """

    periods: tuple[str, ...]
    value: Floats
    lower: Floats
    upper: Floats
    standing: Small
    latest: Mapping[str, int]

    def pending(self, areas: AreaTable, level: str) -> str | None:
        """The first period after the latest of which nothing has been published yet."""
        after = self.standing[self.latest[level] + 1 :, areas.members[level]]
        waiting = np.flatnonzero((after == Standing.PENDING).any(axis=1))
        return self.periods[self.latest[level] + 1 + int(waiting[0])] if waiting.size else None


def check_hidden(indicator: str, table: pa.Table) -> None:
    """Refuse figures of which a hidden one still has a number.

    Raises:
        DisclosureError: one has.
    """
    hidden = table.filter(pc.is_in(table["status"], pa.array(["primary", "secondary"])))
    for name in _NUMBERS:
        if name in hidden.column_names and hidden[name].null_count < hidden.num_rows:
            raise DisclosureError(
                f"A hidden figure of `{indicator}` still has its {name}; no page is made of it."
            )


def read_figures(indicator: Indicator, table: pa.Table, areas: AreaTable, percent: bool) -> Figures:
    """The totals of an indicator as arrays.

    Args:
        indicator: its declaration.
        table: its figure table in the release.
        areas: those of the release; figures of other areas are left out.
        percent: whether its bounds are rounded to whole points.

    Raises:
        DisclosureError: a hidden figure still has a number.
    """
    check_hidden(indicator.id, table)
    for dimension in indicator.by:
        table = table.filter(pc.equal(table[dimension], TOTAL))
    place = pc.index_in(table["area"], pa.array(areas.codes))
    table = table.filter(pc.is_valid(place))
    column = np.asarray(place.drop_null(), dtype=np.int64)
    periods = tuple(sorted(pc.unique(table["period"]).to_pylist()))
    row = np.asarray(pc.index_in(table["period"], pa.array(periods, pa.string())), dtype=np.int64)
    shape = (len(periods), len(areas.codes))
    standing = np.zeros(shape, dtype=np.int8)
    standing[row, column] = standings(table["status"])
    margin_decimals = 0 if percent else indicator.decimals
    value = _spread(shape, row, column, publishable(table, "value", indicator.decimals, np.rint))
    lower = _spread(shape, row, column, publishable(table, "lower", margin_decimals, np.floor))
    upper = _spread(shape, row, column, publishable(table, "upper", margin_decimals, np.ceil))
    latest = {}
    for level, members in areas.members.items():
        filled = np.flatnonzero(np.isfinite(value[:, members]).any(axis=1))
        some = np.flatnonzero((standing[:, members] != Standing.ABSENT).any(axis=1))
        if filled.size or some.size:
            latest[level] = int(filled[-1] if filled.size else some[-1])
    return Figures(periods, value, lower, upper, standing, latest)


def standings(status: pa.ChunkedArray) -> Small:
    """The public status of each row.

    Raises:
        ZichtError: a status that does not exist.
    """
    names = list(_STANDINGS)
    found = pc.index_in(status, pa.array(names))
    if found.null_count:
        raise ZichtError("The figures of this release have a status that does not exist.")
    ranks = np.array([_STANDINGS[name] for name in names], dtype=np.int8)
    return ranks[np.asarray(found, dtype=np.int64)]


def publishable(table: pa.Table, name: str, decimals: int, rounding: np.ufunc) -> Floats:
    """A column of numbers, rounded as the site publishes them; NaN where there is none or the figure is hidden.

    Args:
        table: figures.
        name: of the column.
        decimals: how many stay.
        rounding: `np.rint`, or `np.floor` and `np.ceil` for bounds.
    """
    numbers = np.asarray(pc.fill_null(table[name].cast(pa.float64()), float("nan")), dtype=np.float64).copy()
    numbers[standings(table["status"]) == Standing.HIDDEN] = np.nan
    factor = 10.0**decimals
    # Nine decimals first: 0.57 * 100 is 56.99999999999999, and its floor is not what anyone means.
    rounded: Floats = rounding(np.round(numbers * factor, 9)) / factor
    return rounded + 0.0


def _spread(shape: tuple[int, int], row: Ints, column: Ints, numbers: Floats) -> Floats:
    out = np.full(shape, np.nan)
    out[row, column] = numbers
    return out
