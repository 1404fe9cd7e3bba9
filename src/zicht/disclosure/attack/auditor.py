"""The audit: attack a protected publication as an outsider would, and say in words what gives a cell away.

It shares no code with the suppression: it gathers the equations anew from the tables (`publication`), and asks
- whether a cell that the rules hide is in sight (`published`);
- A0, which hidden cells follow from the equations alone, exactly (`exact`);
- A1, whether each hidden cell's feasible interval is as wide as the profile demands (`intervals`);
- A2, the same for an outsider who knows that empty cells are published, so that hidden counts are at least 1;
- A3, which sensitive cells the contributors to other hidden cells could compute (`insiders`).
Which of them a pattern must withstand, the profile says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from zicht.disclosure.attack.demands import contributions, demands
from zicht.disclosure.attack.evidence import Evidence
from zicht.disclosure.attack.exact import VECTORS, Determined, determine
from zicht.disclosure.attack.failures import AuditReport, Failure
from zicht.disclosure.attack.insiders import Contributors, Exposures, exposed
from zicht.disclosure.attack.intervals import Reach, Unknowns, components, narrow_down, nothing_seen
from zicht.disclosure.attack.publication import Publication
from zicht.disclosure.model import Bools, Ints, Link, Table
from zicht.disclosure.profiles import Profile
from zicht.disclosure.rules import assess


@dataclass(frozen=True)
class _Found:
    """What the attacks made of one pattern, over its unknowns."""

    unknown: Ints
    cells: Unknowns
    determined: Determined
    reach: Reach
    exposures: Exposures


class Auditor:
    """The equations of a set of tables, ready to attack one pattern of hidden cells after another.

    Cells that a link says are the same number are one unknown, known as soon as one of them is shown.

    Attributes:
        primary: which cells the rules hide. Shape (cells,), table after table.
    """

    def __init__(self, tables: Sequence[Table], profile: Profile, links: Sequence[Link]) -> None:
        self._profile = profile
        self._view = Publication(tables, links)
        assessed = [assess(table, profile) for table in tables]
        self.primary = np.concatenate([found.primary for found in assessed])
        self._demands = demands(self._view, assessed, profile)
        self._sums = contributions(self._view, profile)
        self._seen = nothing_seen(self._view.first.size)
        self._seen_in = np.arange(self._view.first.size)
        self._programs = 0

    def examine(self, hidden: Bools, *, words: bool = True) -> AuditReport:
        """Attack the pattern `hidden` (one flag per cell, table after table); `words` asks for the witnesses too."""
        view = self._view
        shown = np.zeros(view.first.size, dtype=np.bool_)
        shown[view.number[~hidden]] = True
        in_sight = np.flatnonzero((self.primary | hidden) & shown[view.number])
        unknown = np.flatnonzero(~shown)
        part = view.equations[:, unknown]
        rows = np.flatnonzero((np.diff(part.indptr) > 0) & ~view.lone_totals)
        found = self._attack(part[rows], unknown, shown)
        evidence = Evidence(view, shown, unknown, rows, part[rows]) if words else None
        return AuditReport(
            failures=(
                *(self._in_sight(cell, hidden) for cell in in_sight.tolist()),
                *self._given_away(found, evidence),
                *(self._told(found, place, evidence) for place in found.exposures if self._counts("A3")),
            ),
            hidden=int(hidden.sum()),
            primary=int(self.primary.sum()),
            exposed_to_contributor=len(found.exposures),
            programs=self._programs,
        )

    def locate(self, failure: Failure) -> int:
        """The number of the failing cell, counting table after table."""
        return self._view.cell_of(failure.table, failure.row)

    def _attack(self, equations: sp.csr_matrix, unknown: Ints, shown: Bools) -> _Found:
        coalition = self._profile.coalition
        determined = determine(equations, max(VECTORS, coalition + 2))
        group = components(equations)
        cells = self._demands.picked(equations, unknown)
        # What is determined needs no program to tell that it is not uncertain.
        open_cells = replace(cells, checked=cells.checked & ~determined.known)
        reach = narrow_down(open_cells, self._recall(shown, unknown))
        self._remember(reach, unknown, group)
        self._programs += reach.programs
        who = Contributors(
            sensitive=cells.checked,
            n=self._view.n[self._view.first[unknown]],
            group=group,
            units_within=lambda one, other: self._view.units_within(int(unknown[one]), int(unknown[other])),
        )
        sums = None if self._sums is None else self._sums.among(unknown)
        return _Found(unknown, open_cells, determined, reach, exposed(determined, who, coalition, sums))

    def _recall(self, shown: Bools, unknown: Ints) -> Reach:
        """Movements seen in earlier patterns; they are still possible if all that moved with them is still hidden."""
        before = self._seen
        moved = (before.up > 0) | (before.down < 0) | (before.sharp_up > 0) | (before.sharp_down < 0)
        lost = np.flatnonzero(np.isin(self._seen_in, self._seen_in[shown & moved]))
        before.take_over(nothing_seen(lost.size), lost, lost)
        return before.among(unknown)

    def _remember(self, reach: Reach, unknown: Ints, group: Ints) -> None:
        self._seen = nothing_seen(self._view.first.size)
        self._seen.take_over(reach.among(np.arange(unknown.size)), unknown, unknown)
        self._seen_in = np.arange(self._view.first.size)
        _, first, of_group = np.unique(group, return_index=True, return_inverse=True)
        self._seen_in[unknown] = unknown[first][of_group]

    def _counts(self, attack: str) -> bool:
        """Whether a pattern must withstand the attack. Whoever attacks can also subtract, so with any attack A0 counts."""
        return attack in self._profile.attackers or (attack == "A0" and bool(self._profile.attackers))

    def _in_sight(self, cell: int, hidden: Bools) -> Failure:
        return self._failure(
            "published", cell, (self._view.value[cell],) * 2, self._view.shown_at(cell, hidden)
        )

    def _given_away(self, found: _Found, evidence: Evidence | None) -> Iterator[Failure]:
        """The failures of the attacks from outside: A0, A1 and A2, each cell once."""
        known = found.determined.known & self._counts("A0")
        plain, sharp = found.reach.lacking_plain(found.cells), found.reach.lacking_sharp(found.cells)
        for place in np.flatnonzero(known | plain | sharp).tolist():
            cell = self._cell(found, place)
            value = float(self._view.value[cell])
            if known[place]:
                witness = evidence.derivation(place) if evidence else ()
                yield self._failure("A0", cell, (value, value), witness)
                continue
            attack, besides = ("A1", "") if plain[place] else ("A2", "no hidden count is 0")
            interval = found.reach.interval(place, value, sharp=attack == "A2")
            binding = found.reach.binding.get(place, np.empty(0, dtype=np.int64))
            witness = evidence.bounds(binding, place, interval, besides) if evidence else ()
            yield self._failure(attack, cell, interval, witness)

    def _told(self, found: _Found, place: int, evidence: Evidence | None) -> Failure:
        """The failure of A3: what contributors can compute."""
        allies = found.exposures[place]
        first, cell = allies[0], self._cell(found, place)
        value = float(self._view.value[cell])
        interval = (value, value)
        witness: tuple[str, ...] = ()
        if len(first) > 1 or self._view.n[self._cell(found, first[0])] <= self._profile.coalition:
            witness = evidence.told(place, first, found.determined) if evidence else ()
        elif self._sums is not None:
            own = float(self._sums.largest[found.unknown[first[0]]])
            floor = float(found.cells.plain_floor[place])
            interval = (floor, value + float(self._view.value[self._cell(found, first[0])]) - own)
            witness = evidence.seen_through(place, first[0], own) if evidence else ()
        by = tuple(tuple(self._cell(found, insider) for insider in ally) for ally in allies)
        return self._failure("A3", cell, interval, witness, by)

    def _cell(self, found: _Found, place: int) -> int:
        """One of the cells that an unknown is."""
        return int(self._view.first[found.unknown[place]])

    def _failure(
        self,
        attack: str,
        cell: int,
        interval: tuple[float, float],
        witness: tuple[str, ...],
        by: tuple[tuple[int, ...], ...] = (),
    ) -> Failure:
        table, row = self._view.table_of(cell)
        span = (float(interval[0]), float(interval[1]))
        return Failure(attack, table.name, row, self._view.label(cell), span, witness, by)
