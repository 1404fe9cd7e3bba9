"""What outsiders have already: earlier publications, those of others, and how the areas in them overlap.

Areas change: between two years a buurt is split, merged or moved to another gemeente. Who subtracts a figure
for the new area from one for the old finds the units that moved. The pieces into which all area divisions
together cut the land are *atoms*; each published area is a sum of them. No outsider is told how many units an
atom holds, but the maker knows: he counts them in the register, by address (`common_refinement`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.disclosure.model import Floats, Ints, Link, Table, positions
from zicht.errors import DisclosureError

SAME = 1e-6  # relative difference up to which two numbers count as the same


@dataclass(frozen=True)
class Published:
    """One table of a publication that cannot be changed any more.

    Attributes:
        release: how the publication is called in reports, such as `2023`.
        table: the true numbers, under a name that no other table bears.
        least: what an outsider knows each cell to be at least; -inf where it is hidden. Shape (cells,).
        most: what he knows it to be at most, equal to `least` where the number itself is shown. Shape (cells,).

    Raises:
        DisclosureError: when a cell lies outside what is said to be known of it.
    """

    release: str
    table: Table
    least: Floats
    most: Floats

    def __post_init__(self) -> None:
        room = SAME * np.maximum(1.0, np.abs(self.table.value))
        off = (self.least > self.table.value + room) | (self.most < self.table.value - room)
        if off.any():
            row = int(np.flatnonzero(off)[0])
            raise DisclosureError(
                f"Release {self.release!r} says that {self.table.label_at(int(self.table.position[row]))} of "
                f"{self.table.name!r} is {self.least[row]:.12g} to {self.most[row]:.12g}, but it is {self.table.value[row]:.12g}."
            )

    @classmethod
    def whole(cls, release: str, table: Table) -> Published:
        """The publication of every cell of `table`, in the release called `release`."""
        return cls(release, table, table.value, table.value)

    @classmethod
    def with_status(
        cls, release: str, table: Table, status: pa.Table, *, base: float | None = None
    ) -> Published:
        """A protected publication.

        Args:
            release: how the publication is called.
            table: the true numbers.
            status: the dimension columns and `status`: `ok` shows a cell, `rounded` shows it rounded to the nearest
                multiple of `base`, anything else hides it.
            base: what is rounded to.

        Raises:
            DisclosureError: when a cell has no status, a status names no cell, or cells are rounded to no base.
        """
        kind = _in_order(table, status)
        if base is None and np.any(kind == "rounded"):
            raise DisclosureError(
                f"Release {release!r} holds rounded cells of {table.name!r}; say to which base."
            )
        least, most = _nearest(table, base or 1.0)
        shown, rounded = kind == "ok", kind == "rounded"
        return cls(
            release,
            table,
            np.where(shown, table.value, np.where(rounded, least, -np.inf)),
            np.where(shown, table.value, np.where(rounded, most, np.inf)),
        )

    @classmethod
    def rounded(cls, release: str, table: Table, base: float, *, exact: Iterable[str] = ()) -> Published:
        """A publication rounded to the nearest multiple of a base, as CBS does with its Kerncijfers wijken en buurten.

        Args:
            release: how the publication is called.
            table: the true numbers.
            base: what is rounded to, such as 5.
            exact: codes of the first dimension whose cells are shown as they are, such as gemeenten.
        """
        least, most = _nearest(table, base)
        codes = set(exact)
        plain = np.array([code in codes for code in table.dimensions[0].codes])[table.places[0]]
        return cls(release, table, np.where(plain, table.value, least), np.where(plain, table.value, most))


@dataclass(frozen=True)
class Refinement:
    """The atoms of several area divisions: which units each publication counts where.

    Two tables belong in one refinement if they count units of the same register at the same date. A unit that
    only one of them counts (a correction, a late registration) has null for the area in the other.

    Attributes:
        atoms: one row per atom: a string column per division with the code of the area there, a string column per
            further dimension that the tables have (under the name of the dimension, with its lowest codes), `n`
            (int64, number of units), and `value` (double) where the tables hold sums. Areas that are not named have
            no atoms; of an area that is, all must be there. Rows with n = 0 may be left out.
        divisions: for each table, by name, the column that holds the codes of its first dimension.

    Raises:
        DisclosureError: when a column is missing, an `n` is null or negative, or no table is named.
    """

    atoms: pa.Table
    divisions: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.divisions:
            raise DisclosureError(
                "A refinement names no table; say which column holds the areas of which table."
            )
        needed = [*dict.fromkeys(self.divisions.values()), "n"]
        if missing := [column for column in needed if column not in self.atoms.column_names]:
            raise DisclosureError(f"The atoms have no column {missing[0]!r}; they need {', '.join(needed)}.")
        n = self.atoms.column("n")
        if n.null_count or pc.any(pc.less(n, 0)).as_py():
            raise DisclosureError(
                "Atoms have a number of units of 0 or more; some have none or a negative one."
            )

    @property
    def further(self) -> tuple[str, ...]:
        """The names of the dimensions by which the atoms are counted, besides the areas."""
        others = {*self.divisions.values(), "n", "value"}
        return tuple(name for name in self.atoms.column_names if name not in others)

    def rows_of(self, table: Table) -> Ints:
        """The row of `table` that each atom is counted in, -1 for an atom that it does not count. Shape (atoms,).

        Raises:
            DisclosureError: when an atom names a code or cell that the table has not, or the atoms of a cell do not
                add up to it.
        """
        areas = self.atoms.column(self.divisions[table.name])
        counted = np.flatnonzero(pc.is_valid(areas).to_numpy(zero_copy_only=False))
        inside = self.atoms.take(counted)
        columns = {table.dimensions[0].name: inside.column(self.divisions[table.name])}
        for dimension in table.dimensions[1:]:
            columns[dimension.name] = (
                inside.column(dimension.name)
                if dimension.name in self.further
                else pa.array([dimension.codes[dimension.root]] * inside.num_rows, pa.string())
            )
        position = positions(table.name, table.dimensions, pa.table(columns))
        rows = np.full(self.atoms.num_rows, -1, dtype=np.int64)
        rows[counted] = table.dense(np.arange(table.n.size), -1).ravel()[position]
        self._check(table, rows, counted, position)
        return rows

    def _check(self, table: Table, rows: Ints, counted: Ints, position: Ints) -> None:
        held = np.asarray(self.atoms.column("n").to_numpy(), dtype=np.float64)
        lost = (rows[counted] < 0) & (held[counted] > 0)
        if lost.any():
            label = table.label_at(int(position[lost][0]))
            raise DisclosureError(f"An atom lies in {label}, a cell that table {table.name!r} does not hold.")
        found = np.bincount(rows[rows >= 0], weights=held[rows >= 0], minlength=table.n.size)
        named = np.isin(np.arange(table.n.size), rows)
        if np.any(named & (found != table.n)):
            row = int(np.flatnonzero(named & (found != table.n))[0])
            raise DisclosureError(
                f"The atoms of {table.label_at(int(table.position[row]))} hold {found[row]:.12g} units, but table {table.name!r} "
                f"counts {table.n[row]}. Give units that one of the publications does not count a null for their area there."
            )
        measure = self.atoms.column("value" if "value" in self.atoms.column_names else "n")
        amount = np.asarray(pc.cast(measure, pa.float64()).to_numpy())
        summed = np.bincount(rows[rows >= 0], weights=amount[rows >= 0], minlength=table.n.size)
        off = named & (np.abs(summed - table.value) > SAME * np.maximum(1.0, np.abs(table.value)))
        if off.any():
            label = table.label_at(int(table.position[np.flatnonzero(off)[0]]))
            raise DisclosureError(
                f"The atoms of {label} do not add up to its value in table {table.name!r}; counts and sums need refinements of their own."
            )


@dataclass(frozen=True)
class Identity:
    """Tables of which a sum is 0 in every cell, such as population + births - deaths + moves in - moves out - next population.

    Attributes:
        terms: the name of each table with the factor it is taken with, +1 or -1. Cells are those that the tables
            have in common: equal codes on the dimensions that all have (by name), totals on the others.
    """

    terms: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class History:
    """All that is out: what a new release is attacked with.

    Attributes:
        publications: tables of earlier releases, and of others.
        refinements: which units they, and the tables of the new release, count in which of their areas.
        identities: sums that hold between the tables of different periods.
        links: cells of two tables, of which at least one is published, that are the same number.
    """

    publications: tuple[Published, ...] = ()
    refinements: tuple[Refinement, ...] = ()
    identities: tuple[Identity, ...] = ()
    links: tuple[Link, ...] = ()


def common_refinement(
    units: pa.Table, divisions: Mapping[str, str], *, by: Sequence[str] = (), value: str | None = None
) -> Refinement:
    """Count the units of a register by the areas that every division puts them in.

    Args:
        units: one row per unit, with a column per division (null: not counted there).
        divisions: for each table, by name, the column with the codes of its first dimension.
        by: columns with the further dimensions of the tables, named as these are.
        value: the column that sums are made of, if the tables hold sums.

    Returns:
        The refinement, its atoms in order of their codes.
    """
    keys = [*dict.fromkeys(divisions.values()), *by]
    sums = [([], "count_all"), *([(value, "sum")] if value else [])]
    counted = units.group_by(keys).aggregate(sums).sort_by([(key, "ascending") for key in keys])
    columns = {key: pc.cast(counted.column(key), pa.string()) for key in keys}
    columns["n"] = counted.column("count_all")
    if value:
        columns["value"] = pc.cast(counted.column(f"{value}_sum"), pa.float64())
    return Refinement(pa.table(columns), dict(divisions))


def _in_order(table: Table, status: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    """The status of each cell of `table`, in the order of its cells."""
    kind = np.full(int(np.prod(table.shape)), "", dtype="U16")
    kind[positions(table.name, table.dimensions, status)] = np.array(
        status.column("status").to_pylist(), dtype="U16"
    )
    kind = kind[table.position]
    if np.any(kind == ""):
        lost = table.label_at(int(table.position[kind == ""][0]))
        raise DisclosureError(f"The statuses of table {table.name!r} leave out the cell {lost}.")
    return kind


def _nearest(table: Table, base: float) -> tuple[Floats, Floats]:
    """What is known of each cell when it is shown rounded to the nearest multiple of `base`; a half may go either way."""
    middle = np.round(table.value / base) * base
    reach = float(np.floor(base / 2)) if table.is_count else base / 2
    least = np.maximum(middle - reach, 0.0) if table.is_count else middle - reach
    return least, middle + reach
