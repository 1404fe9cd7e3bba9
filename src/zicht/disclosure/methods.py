"""Methods that change numbers instead of hiding them, each followed by the attack on what it made.

This is where perturbation and attack meet, as suppression and attack do in the loop. Each method may be held to some
cells of a table (buurten, say); the others are then published exactly, and protected by suppression among themselves.
What the attack still finds is repaired where hiding helps, and refused where it does not: nothing unsafe leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.disclosure.attack import perturbed as a5
from zicht.disclosure.attack.failures import Json
from zicht.disclosure.changes import Change, MethodReport, Perturbed
from zicht.disclosure.model import Bools, Floats, Ints, Link, Table
from zicht.disclosure.perturbation.cell_key import perturb
from zicht.disclosure.perturbation.controlled_rounding import round_controlled
from zicht.disclosure.perturbation.equations import gather
from zicht.disclosure.perturbation.keys import depths, disagreeing
from zicht.disclosure.perturbation.ptables import PTable, make_ptable
from zicht.disclosure.perturbation.random_rounding import round_randomly
from zicht.disclosure.profiles import Profile
from zicht.disclosure.protect import protect
from zicht.disclosure.rules import REASONS, assess
from zicht.errors import DisclosureError

METHODS = ("round", "random_round", "cell_key")
REACH, VARIANCE = 5, 3.0  # [D] of the noise where nothing else is asked for
REPAIRS = 8  # rounds of hiding what the attack finds
STATUSES = ("ok", "primary", "secondary", "rounded", "perturbed")
OK, PRIMARY, SECONDARY = 0, 1, 2

Where = Mapping[str, Bools]
See = Callable[[Table, Floats], a5.Seen]


def change(
    tables: Sequence[Table],
    profile: Profile,
    method: str,
    *,
    links: Sequence[Link] = (),
    base: float | None = None,
    ptable: PTable | None = None,
    levels: Mapping[str, int] | None = None,
) -> Perturbed:
    """Protect tables by one of METHODS, by its name.

    Args:
        tables: one or more tables; tables of the same units belong in one call.
        profile: the rules that say which cells are sensitive.
        method: `round` (adds up), `random_round` or `cell_key` (the same for the same units; tables with keys of cells).
        links: which cells of different tables are the same number.
        base: what is rounded to; that of the profile if not given.
        ptable: the table of noise of the cell key method; one with a reach of 5 and a variance of 3 if not given.
        levels: by name of a dimension, from which level below its total (level 0) cells are changed; of a table with several
            of the dimensions, cells that lie at or below the level in each. The others are published exactly, and hidden where
            the rules and suppression among them say so; a number that is exact in one table is so in all.

    Returns:
        What may be read of each table, and a report with an attack that found nothing.

    Raises:
        DisclosureError: when there is no such method, no base, or the method or the attack on it refuses.
    """
    where = {table.name: _below(table, levels) for table in tables} if levels else None
    if method == "cell_key":
        noise = ptable or make_ptable(REACH, VARIANCE)
        return perturb_counts(tables, profile, noise, links=links, where=where)
    if method not in METHODS:
        raise DisclosureError(f"There is no method {method!r}; there are {', '.join(METHODS)}.")
    multiple = base or profile.rounding_base
    if not multiple:
        raise DisclosureError(f"Profile {profile.id!r} names no base of rounding; give one.")
    if method == "round":
        return round_additively(tables, profile, multiple, links=links, where=where)
    return round_at_random(tables, profile, multiple, links=links, where=where)


def round_additively(
    tables: Sequence[Table],
    profile: Profile,
    base: float,
    *,
    links: Sequence[Link] = (),
    where: Where | None = None,
) -> Perturbed:
    """Round tables to multiples of `base` that still add up, and attack the result.

    Args:
        tables: one or more additive tables; tables of the same units belong in one call.
        profile: the rules that say which cells are sensitive.
        base: what is rounded to, in the unit of the tables.
        links: which cells of different tables are the same number.
        where: by name of a table, which of its cells are rounded, all if not given; see `below_level`. The others are
            exact, hidden where the rules and suppression among them say so. A number that is exact in one table is so in all.

    Returns:
        What may be read of each table, and a report with an attack that found nothing.

    Raises:
        DisclosureError: when nothing adds up, or a sensitive cell can be narrowed down too far all the same.

    Source: see `zicht.disclosure.perturbation.controlled_rounding`.
    """
    where = _agreed(tables, links, where)
    found = round_controlled(tables, base, links=links, where=where)
    work = _Work(tables, profile, links, where, found.values, "rounded")
    parameters: dict[str, Json] = {"base": base, "farther": found.farther}

    def see(table: Table, published: Floats) -> a5.Seen:
        return a5.rounded(table, published, base, where=work.where[table.name], farther=found.farther)

    # A rounded number that is hidden follows from the others, which still add up: hiding would repair nothing.
    return work.finish("round", parameters, see, repairs=0)


def round_at_random(
    tables: Sequence[Table],
    profile: Profile,
    base: float,
    *,
    links: Sequence[Link] = (),
    where: Where | None = None,
) -> Perturbed:
    """Round tables to multiples of `base` at random, right on average and the same for the same units, and attack the result.

    Args:
        tables: one or more tables with keys of cells (`with_cell_keys`); their rounded numbers need not add up.
        profile: the rules that say which cells are sensitive.
        base: what is rounded to, in the unit of the tables.
        links: which cells of different tables are the same number.
        where: as in `round_additively`.

    Returns:
        What may be read of each table, and a report with an attack that found nothing.

    Raises:
        DisclosureError: when a table has no keys, linked cells have other keys, or what is found out cannot be hidden.

    Source: see `zicht.disclosure.perturbation.random_rounding`.
    """
    _check_keys(tables, links)
    where = _agreed(tables, links, where)
    chosen = where or {}
    values = {table.name: round_randomly(table, base, chosen.get(table.name)) for table in tables}
    work = _Work(tables, profile, links, where, values, "rounded")
    spread = (base**2 - 1) / 6 if all(table.is_count for table in tables) else base**2 / 6  # mean of r(b - r)

    def see(table: Table, published: Floats) -> a5.Seen:
        return a5.rounded(table, published, base, where=work.where[table.name], variance=spread)

    return work.finish("random_round", {"base": base}, see, repairs=REPAIRS)


def perturb_counts(
    tables: Sequence[Table],
    profile: Profile,
    ptable: PTable,
    *,
    links: Sequence[Link] = (),
    where: Where | None = None,
) -> Perturbed:
    """Add noise from a table of noise to counts, the same for the same units, and attack the result.

    Args:
        tables: one or more tables of counts with keys of cells (`with_cell_keys`); noisy counts need not add up.
        profile: the rules that say which cells are sensitive.
        ptable: the table of noise, of `make_ptable`; may be published.
        links: which cells of different tables are the same number.
        where: as in `round_additively`.

    Returns:
        What may be read of each table, and a report with an attack that found nothing.

    Raises:
        DisclosureError: when a table has no keys or holds sums, linked cells have other keys, or what is found out cannot be
            hidden.

    Source: see `zicht.disclosure.perturbation.cell_key`.
    """
    _check_keys(tables, links)
    where = _agreed(tables, links, where)
    chosen = where or {}
    values = {table.name: perturb(table, ptable, chosen.get(table.name)) for table in tables}
    work = _Work(tables, profile, links, where, values, "perturbed")
    parameters: dict[str, Json] = {
        "reach": ptable.reach,
        "variance": ptable.variance,
        "threshold": ptable.threshold,
        "keys": int(ptable.noise.shape[1]),
    }

    def see(table: Table, published: Floats) -> a5.Seen:
        return a5.perturbed(table, published, ptable.probability, work.where[table.name])

    return work.finish("cell_key", parameters, see, repairs=REPAIRS)


def below_level(table: Table, dimension: str, level: int) -> Bools:
    """Which cells of a table lie at a level of one dimension or below it; `where` for what is rounded there only.

    Args:
        table: a table.
        dimension: the name of one of its dimensions.
        level: how many levels below the total, which is level 0.

    Returns:
        One flag per cell.

    Raises:
        DisclosureError: when the table has no such dimension.
    """
    names = [one.name for one in table.dimensions]
    if dimension not in names:
        raise DisclosureError(
            f"Table {table.name!r} has no dimension {dimension!r}; it has {', '.join(names)}."
        )
    axis = names.index(dimension)
    return np.asarray(depths(table.dimensions[axis])[table.places[axis]] >= level, dtype=np.bool_)


class _Work:
    """Tables on their way from a method to publication.

    Attributes:
        where: by name of a table, which of its cells the method was applied to.
    """

    def __init__(
        self,
        tables: Sequence[Table],
        profile: Profile,
        links: Sequence[Link],
        where: Where | None,
        values: Mapping[str, Floats],
        word: str,
    ) -> None:
        self.where = {
            table.name: (where or {}).get(table.name, np.ones(table.n.size, dtype=np.bool_))
            for table in tables
        }
        self._tables, self._profile, self._links = tuple(tables), profile, tuple(links)
        self._values, self._word = values, STATUSES.index(word)
        self._kind = {name: np.where(chosen, self._word, OK) for name, chosen in self.where.items()}
        self._reason = {table.name: assess(table, profile).reason for table in tables}
        self._suppress()

    def finish(self, method: str, parameters: dict[str, Json], see: See, repairs: int) -> Perturbed:
        """Attack, hide what is found out, and attack again, `repairs` times at most.

        Args:
            method: what was done.
            parameters: what with.
            see: what an outsider sees of a table, given what is published of it.
            repairs: how many times cells may be hidden.

        Raises:
            DisclosureError: when that does not help.
        """
        for rounds in range(repairs + 1):
            published = {table.name: self._published(table) for table in self._tables}
            verdict = a5.attack(
                [see(table, published[table.name]) for table in self._tables], self._profile, self._links
            )
            if verdict.safe:
                changes = tuple(self._change(table, published[table.name]) for table in self._tables)
                report = MethodReport(self._profile.id, method, parameters, changes, verdict, rounds)
                shown = {table.name: (published[table.name], self._status(table)) for table in self._tables}
                return Perturbed(self._tables, report, shown)
            fresh = [one for one in verdict.failures if self._kind[one.table][one.row] == self._word]
            if rounds == repairs or not fresh:
                break
            for one in fresh:
                self._hide(one.table, one.row)
        worst = verdict.failures[0]
        raise DisclosureError(
            f"{worst.table}: {worst.cell} can be narrowed down to {worst.interval[0]:.6g} to {worst.interval[1]:.6g}, and so can "
            f"{len(verdict.failures) - 1} more. Use more noise or a larger base, or publish fewer cells exactly."
        )

    def _hide(self, name: str, row: int) -> None:
        """Hide a cell, and the same number in other tables, where it would be read as well."""
        number = int(self._numbers[name][row])
        for other, numbers in self._numbers.items():
            for place in np.flatnonzero(numbers == number).tolist():
                sensitive = self._reason[other][place]
                self._kind[other][place] = PRIMARY if sensitive else SECONDARY

    @cached_property
    def _numbers(self) -> Mapping[str, Ints]:
        return gather(self._tables, self._links).of_cell

    def _published(self, table: Table) -> Floats:
        hidden = np.isin(self._kind[table.name], (PRIMARY, SECONDARY))
        return np.where(hidden, np.nan, self._values[table.name])

    def _suppress(self) -> None:
        """Protect the cells that are published exactly among themselves."""
        parts = [
            Table(table.name, table.dimensions, table.cells.filter(pa.array(~self.where[table.name])))
            for table in self._tables
            if not self.where[table.name].all()
        ]
        if not parts:
            return
        done = protect(parts, self._profile, links=self._links_among([part.name for part in parts]))
        for part in parts:
            status = done.status(part.name).column("status")
            kind = pc.index_in(status, value_set=pa.array(STATUSES)).to_numpy()
            self._kind[part.name][~self.where[part.name]] = kind

    def _links_among(self, names: list[str]) -> list[Link]:
        """The links between cells that are published exactly."""
        by_name, found = {table.name: table for table in self._tables}, []
        for link in self._links:
            if link.left in names and link.right in names:
                left, right = link.rows(by_name)
                kept = ~self.where[link.left][left] & ~self.where[link.right][right]
                if kept.any():
                    found.append(Link(link.left, link.right, link.cells.filter(pa.array(kept))))
        return found

    def _status(self, table: Table) -> pa.Table:
        columns = {d.name: pc.cast(table.cells.column(d.name), pa.string()) for d in table.dimensions}
        kind = self._kind[table.name]
        reason = pa.array(np.array(REASONS)[self._reason[table.name]], pa.string(), mask=kind != PRIMARY)
        return pa.table(
            columns | {"status": pa.array(np.array(STATUSES)[kind], pa.string()), "reason": reason}
        )

    def _change(self, table: Table, published: Floats) -> Change:
        moved = np.abs(published - table.value)[self.where[table.name]]
        moved = moved[~np.isnan(moved)]
        return Change(
            table=table.name,
            cells=int(self.where[table.name].sum()),
            changed=int((moved > 0).sum()),
            hidden=int(np.isnan(published).sum()),
            mean=float(moved.mean()) if moved.size else 0.0,
            largest=float(moved.max(initial=0.0)),
        )


def _below(table: Table, levels: Mapping[str, int]) -> Bools:
    found = np.ones(table.n.size, dtype=np.bool_)
    for dimension in table.dimensions:
        if dimension.name in levels:
            found &= below_level(table, dimension.name, levels[dimension.name])
    return found


def _agreed(tables: Sequence[Table], links: Sequence[Link], where: Where | None) -> Where | None:
    """The same choice for cells that are the same number: what one table shows or hides as it is, no other one changes."""
    if where is None:
        return None
    numbers = gather(tables, links)
    exact = np.zeros(numbers.value.size, dtype=np.bool_)
    for name, chosen in where.items():
        exact[numbers.of_cell[name][~chosen]] = True
    return {table.name: ~exact[numbers.of_cell[table.name]] for table in tables}


def _check_keys(tables: Sequence[Table], links: Sequence[Link]) -> None:
    """Refuse keys of cells that differ for the same units.

    Raises:
        DisclosureError: when a table has no keys, or a link does not hold.
    """
    by_name = {table.name: table for table in tables}
    pairs = [(by_name[link.left], by_name[link.right], *link.rows(by_name)) for link in links]
    if (found := disagreeing(pairs)) is not None:
        raise DisclosureError(
            f"{found}: linked cells hold the same units, so keys must be made from the same records."
        )
