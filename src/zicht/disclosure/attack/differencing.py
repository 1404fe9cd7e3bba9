"""A4: what a new release tells together with all that is out already, and would not tell alone.

An outsider subtracts: a figure for an area of this year from one for nearly the same area of last year leaves the
few units that moved. All publications are one linear system with the atoms of their areas as unknowns (`atoms`), and
what is asked of it is how many units each small number in it *could* have. By the duality of linear programming the
most that can be thought possible for an atom is the number of units in the smallest combination of figures that holds
it (Schrijver, Theory of Linear and Integer Programming, 1986, chapter 7); with two divisions the system is the
incidence matrix of a bipartite graph, so that this combination is a plain set of atoms (chapter 19). Hence no atom and
no set of atoms of 1 to threshold - 1 units can be computed, by subtracting however many figures, if each atom could
have as many units as the threshold. That holds for any number of divisions; with three and more it may also refuse a
combination that bounds an atom below the threshold although no whole set of atoms can be computed.

Figures known between bounds, such as rounded ones, blur a difference: there, and for hidden cells, it is enough that
the interval is as wide as the profile demands.

What earlier publications told already is no fault of the new release, and what one release tells alone is judged by
A0 to A2: an atom or hidden cell fails only when all together narrow it down further than each of these does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zicht.disclosure.attack.atoms import Ground, Source, View, at_release
from zicht.disclosure.attack.failures import Failure
from zicht.disclosure.attack.intervals import components
from zicht.disclosure.attack.narrowing import Need, Outlook, narrow
from zicht.disclosure.attack.reasons import Reasons
from zicht.disclosure.history import History
from zicht.disclosure.model import Bools, Ints, Link, Table
from zicht.disclosure.profiles import Profile

THIS = "this release"


@dataclass(frozen=True)
class Exposure:
    """A few units, or a hidden cell, that several releases give away together.

    Attributes:
        what: the atom or cell, in words.
        units: how many units it has. Not for the public.
        interval: what an outsider can narrow it down to (no further than the attack needed to look).
        releases: the releases that he needs for it.
        witness: the equations that give it away, in words.
        cells: the cells of the new release that they use: name of the table, and row in its cells. Hiding one of them
            well enough closes this way; another may be left.
    """

    what: str
    units: int
    interval: tuple[float, float]
    releases: tuple[str, ...]
    witness: tuple[str, ...]
    cells: tuple[tuple[str, int], ...]


class Differencer:
    """A new release and all that is out, ready to attack one pattern of hidden cells after another.

    Attributes:
        tables: the tables of the new release.
    """

    def __init__(
        self,
        tables: Sequence[Table],
        profile: Profile,
        history: History,
        *,
        links: Sequence[Link] = (),
        release: str = THIS,
    ) -> None:
        """Gather the equations.

        Args:
            tables: the tables of the new release, under names that no published table bears.
            profile: the rules; its `min_units` is the threshold.
            history: all that is out.
            links: which cells of the new tables are the same number.
            release: how the new release is called.

        Raises:
            DisclosureError: when names are not unique, or atoms, links or identities do not fit the tables.
        """
        self.tables = tuple(tables)
        fresh = [at_release(Source(release, t, t.value, t.value), t.n < 0) for t in tables]
        before = [Source(p.release, p.table, p.least, p.most) for p in history.publications]
        self._ground = Ground((*fresh, *before), profile, history, (*links, *history.links))
        self._new = np.arange(len(fresh) + len(before)) < len(fresh)
        self._groups = self._grouped(history)
        self._need = Need.of(self._ground, profile)
        self._past = self._ground.look(~self._new)

    def examine(self, hidden: Bools) -> tuple[Exposure, ...]:
        """What the new release exposes when it hides `hidden` (one flag per cell, table after table), the worst first."""
        ground, every, found = self._attack(hidden)
        reasons = Reasons(ground, self._need, every, ground.shown_by(~self._new), self._new)
        return exposures(ground, found, reasons)

    def close(self, hidden: Bools) -> tuple[Bools, tuple[Exposure, ...]]:
        """Hide more cells of the new release, as few and small as can be found quickly, until it exposes nothing.

        Cells are chosen so that each ends most of the exposures left, and those that turn out not to be needed are
        shown again. What it is given for `hidden` stays hidden.

        Returns:
            The cells to hide, those given included, and the exposures that hiding cannot end. There are none as long
            as every cell may be hidden: a release that shows nothing exposes nothing.
        """
        pattern = np.asarray(hidden, dtype=np.bool_).copy()
        left = self.examine(pattern)
        while left:
            chosen = self._hitting(left, pattern)
            if not chosen.size:
                return pattern, left
            pattern[chosen] = True
            left = self.examine(pattern)
        fewer = self._without_idle(pattern, np.flatnonzero(pattern & ~hidden))
        return (pattern if self._attack(fewer)[2].column.size else fewer), ()

    def _attack(self, hidden: Bools) -> tuple[Ground, View, Outlook]:
        ground = self._at(hidden)
        every = ground.look(np.ones(self._new.size, dtype=np.bool_))
        others = [self._past, *(ground.look(group) for group in self._groups)]
        return ground, every, narrow(ground, self._need, every, others)

    def _at(self, hidden: Bools) -> Ground:
        starts, sources = self._ground.starts, list(self._ground.sources)
        for index in range(len(self.tables)):
            sources[index] = at_release(sources[index], hidden[starts[index] : starts[index + 1]])
        return self._ground.with_sources(sources)

    def _grouped(self, history: History) -> list[Bools]:
        """The new tables over one division each, with those that are over none that is known to overlap another."""
        column_of: dict[str, set[tuple[int, str]]] = {table.name: set() for table in self.tables}
        for number, refinement in enumerate(history.refinements):
            for name, column in refinement.divisions.items():
                column_of.get(name, set()).add((number, column))
        divisions = sorted({division for found in column_of.values() for division in found})
        groups = []
        for division in divisions or [(-1, "")]:
            inside = np.zeros(self._new.size, dtype=np.bool_)
            for index, table in enumerate(self.tables):
                inside[index] = division in column_of[table.name] or not column_of[table.name]
            groups.append(inside)
        return groups

    def _hitting(self, left: Sequence[Exposure], pattern: Bools) -> Ints:
        """Cells of which every exposure uses one, chosen greedily: most exposures ended, then the least lost."""
        starts = {t.name: int(s) for t, s in zip(self.tables, self._ground.starts, strict=False)}
        uses = [
            {starts[name] + row for name, row in exposure.cells if not pattern[starts[name] + row]}
            for exposure in left
        ]
        size = np.abs(np.concatenate([table.value for table in self.tables]))
        chosen: list[int] = []
        waiting = [cells for cells in uses if cells]
        while waiting:
            ended: dict[int, int] = {}
            for cells in waiting:
                for cell in cells:
                    ended[cell] = ended.get(cell, 0) + 1
            best = min(ended, key=lambda cell: (-ended[cell], size[cell], cell))
            chosen.append(best)
            waiting = [cells for cells in waiting if best not in cells]
        return np.array(chosen, dtype=np.int64)

    def _without_idle(self, hidden: Bools, added: Ints) -> Bools:
        """The pattern without those of the cells `added` that need not be hidden, the largest tried first.

        Cells whose columns do not hang together cannot harm each other, so one of each component is tried at a time.
        """
        size = np.abs(np.concatenate([table.value for table in self.tables]))
        pattern, waiting = hidden.copy(), added[np.argsort(-size[added], kind="stable")]
        while waiting.size:
            ground = self._at(pattern)
            view = ground.look(np.ones(self._new.size, dtype=np.bool_))
            label = np.full(ground.size, -1, dtype=np.int64)
            label[view.unknown] = components(view.equations)[: view.unknown.size]
            around = label[ground.number[waiting]]
            _, first = np.unique(around, return_index=True)
            tried = waiting[first]
            pattern[tried] = False
            harmed = label[self._attack(pattern)[2].column]
            pattern[tried[np.isin(around[first], harmed)]] = True
            waiting = np.delete(waiting, first)
        return pattern


def differences(
    tables: Sequence[Table],
    hidden: Bools,
    profile: Profile,
    history: History,
    *,
    links: Sequence[Link] = (),
    release: str = THIS,
) -> tuple[Failure, ...]:
    """Attack a new release with all that is out.

    Args:
        tables: the true tables of the new release.
        hidden: which of their cells it hides, one flag per cell, table after table.
        profile: the rules; its `min_units` is the threshold.
        history: all that is out.
        links: which cells of the new tables are the same number.
        release: how the new release is called.

    Returns:
        A failure per exposure, under the cell of the new release that is the least loss to hide against it.

    Raises:
        DisclosureError: when names are not unique, or atoms, links or identities do not fit the tables.
    """
    differencer = Differencer(tables, profile, history, links=links, release=release)
    by_name = {table.name: table for table in tables}
    return tuple(as_failure(exposure, by_name) for exposure in differencer.examine(hidden))


def as_failure(exposure: Exposure, tables: dict[str, Table]) -> Failure:
    """The exposure as a failure of the smallest cell of the new release that it uses."""
    name, row = min(exposure.cells, key=lambda cell: (abs(tables[cell[0]].value[cell[1]]), cell))
    table = tables[name]
    witness = (
        f"{', '.join(exposure.releases)} together give away {exposure.what}",
        *exposure.witness,
    )
    return Failure("A4", name, row, table.label_at(int(table.position[row])), exposure.interval, witness)


def exposures(ground: Ground, found: Outlook, reasons: Reasons) -> tuple[Exposure, ...]:
    """What was found, with reasons; what the reason for a smaller one shows already is not told twice."""
    told: list[Exposure] = []
    covered: dict[int, float] = {}
    for place in np.lexsort((found.column, found.most)).tolist():
        column, most = int(found.column[place]), float(found.most[place])
        if covered.get(column, np.inf) <= most * (1 + 1e-9) + 1e-9:
            continue
        reason = reasons.of(column, found, place)
        for member in reason.members:
            covered[member] = min(covered.get(member, np.inf), most)
        interval = (float(found.least[place]), most)
        told.append(
            Exposure(
                reason.what,
                int(ground.units[column]),
                interval,
                reason.releases,
                reason.witness,
                reason.cells,
            )
        )
    return tuple(told)
