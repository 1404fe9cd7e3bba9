"""Figures about areas that somebody draws: a union of buurten, asked for when everything else is out already.

Each answer is one more published sum, and a few of them can give a hidden buurt away. The guard keeps all answers it
gave, and answers only if no hidden cell, atom or set of them becomes known or nearly so; see `attack.differencing`.
Guards of this kind are as old as statistical databases (Chin and Ozsoyoglu, Auditing and inference control in
statistical databases, IEEE Trans. Softw. Eng. 8, 1982). A refusal tells something too (Kenthapadi, Mishra and Nissim,
Simulatable auditing, PODS 2005): who may ask without end should not be told why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from zicht.disclosure.attack.atoms import Ground, Source
from zicht.disclosure.attack.exact import determine
from zicht.disclosure.attack.narrowing import Need, narrow_among
from zicht.disclosure.attack.regions import Region, Regions, rows_of
from zicht.disclosure.history import History
from zicht.disclosure.model import Dimension, Ints, Table
from zicht.disclosure.profiles import Profile
from zicht.disclosure.rules import REASONS, assess
from zicht.errors import DisclosureError

TRIES = 8  # other unions that are tried where one is refused
NAMED = 3  # cells that a reason names


@dataclass(frozen=True)
class Answer:
    """What the guard says of one union of areas.

    Attributes:
        allowed: whether its figure may be published.
        value: the figure, None where it may not.
        reason: why not, in words and without numbers; empty where it may.
        guard: the guard to ask next: it knows of this answer. (Of a refusal there is nothing to know.)
    """

    allowed: bool
    value: float | None
    reason: str
    guard: Guard


@dataclass(frozen=True)
class _Asked:
    """A union: its lowest areas, the rows of the table in them, and the unknowns among those (see `Regions`)."""

    areas: tuple[int, ...]
    rows: Ints
    unknown: Ints


class Guard:
    """Answers for unions of areas, given all that is published and all that was answered. It is never changed.

    Attributes:
        answers: how many answers it knows of that told something new.
    """

    def __init__(self, history: History, profile: Profile, table: str) -> None:
        """Take all that is published.

        Args:
            history: every publication, that of the table included.
            profile: the rules; its `min_units` is the threshold.
            table: the name of the published table of which areas will be asked for: codes of its first dimension.

        Raises:
            DisclosureError: when no such table is published, or atoms, links or identities do not fit the tables.
        """
        published = {p.table.name: index for index, p in enumerate(history.publications)}
        if table not in published:
            raise DisclosureError(
                f"No table {table!r} was published; there are {', '.join(published) or 'none'}."
            )
        sources = [Source(p.release, p.table, p.least, p.most) for p in history.publications]
        self._profile = profile
        self._ground = Ground(sources, profile, history, history.links)
        self._need = Need.of(self._ground, profile)
        view = self._ground.look(np.ones(len(sources), dtype=np.bool_))
        self._source = published[table]
        self._table = sources[self._source].table
        self._regions = Regions(view)
        self._spread = self._table.dense(np.arange(self._table.n.size), -1)
        codes = self._table.dimensions[0].codes
        self._code = {code: index for index, code in enumerate(codes)}
        self._answers: tuple[Ints, ...] = ()
        self._touching: dict[int, tuple[int, ...]] = {}

    @property
    def answers(self) -> int:
        """How many answers it knows of that told something new."""
        return len(self._answers)

    def answer(self, areas: Collection[str], codes: Mapping[str, str] | None = None) -> Answer:
        """Whether the figure of the union of `areas` may be published, and if so, what it is.

        Args:
            areas: codes of the first dimension, at any level.
            codes: a code for further dimensions, by name; the totals where nothing is said.

        Returns:
            The answer. The next question is for its guard: this one does not know what it allowed.

        Raises:
            DisclosureError: when an area or code is unknown, or no area is given.
        """
        place = self._place(codes or {})
        wanted = self._asked(self._lowest(areas), place)
        reason = self._objection(wanted)
        if reason:
            return Answer(False, None, reason, self)
        return Answer(True, float(self._table.value[wanted.rows].sum()), "", self._with(wanted))

    def nearest(self, areas: Collection[str], codes: Mapping[str, str] | None = None) -> tuple[str, ...]:
        """A union much like one that was refused, with one lowest area more or less in the same wijk, that may be published.

        Args:
            areas: as in `answer`.
            codes: as in `answer`.

        Returns:
            The lowest areas of the union with the smallest change, among the few that are tried; nothing if none will do.

        Raises:
            DisclosureError: when an area or code is unknown, or no area is given.
        """
        place = self._place(codes or {})
        wanted = self._asked(self._lowest(areas), place)
        near = next((other for other in self._nearby(wanted, place) if not self._objection(other)), None)
        names = self._table.dimensions[0].codes
        return tuple(sorted(names[area] for area in near.areas)) if near else ()

    def _lowest(self, areas: Collection[str]) -> tuple[int, ...]:
        if not areas:
            raise DisclosureError("No area was asked for; a union needs at least one.")
        if unknown := sorted(set(areas) - set(self._code)):
            raise DisclosureError(f"Table {self._table.name!r} has no area {unknown[0]!r}.")
        dimension = self._table.dimensions[0]
        waiting, found = [self._code[area] for area in areas], set()
        while waiting:
            area = waiting.pop()
            parts = dimension.children[area]
            if parts.size:
                waiting.extend(parts.tolist())
            else:
                found.add(area)
        return tuple(sorted(found))

    def _place(self, codes: Mapping[str, str]) -> tuple[int, ...]:
        """The index of the code asked for in each further dimension."""
        further = {dimension.name: dimension for dimension in self._table.dimensions[1:]}
        if unknown := sorted(set(codes) - set(further)):
            raise DisclosureError(f"Table {self._table.name!r} has no further dimension {unknown[0]!r}.")
        place = []
        for name, dimension in further.items():
            code = codes.get(name, dimension.codes[dimension.root])
            if code not in dimension.codes:
                raise DisclosureError(
                    f"Dimension {name!r} of table {self._table.name!r} has no code {code!r}."
                )
            place.append(dimension.codes.index(code))
        return tuple(place)

    def _asked(self, areas: tuple[int, ...], place: tuple[int, ...]) -> _Asked:
        rows = self._spread[(np.array(areas, dtype=np.int64), *place)]
        rows = rows[rows >= 0]
        columns = self._ground.number[self._ground.starts[self._source] + rows]
        unknown = self._regions.place[columns]
        return _Asked(areas, rows, np.unique(unknown[unknown >= 0]))

    def _objection(self, asked: _Asked) -> str:
        """Why a figure may not be published; empty where it may."""
        if reason := self._unfit(asked.rows):
            return reason
        if not asked.unknown.size:
            return ""  # who adds up what is published has it already
        region, answers = self._around(asked.unknown)
        row = rows_of([asked.unknown], region.members)
        if _follows(sp.vstack([region.equations, answers], format="csr"), row):
            return ""
        every = self._regions.look(region, sp.vstack([answers, row]))
        published = self._regions.look(region, answers[:0])
        columns = every.unknown[self._need.checked[every.unknown]]
        found = narrow_among(self._ground, self._need, every, [published], columns)
        if not found.column.size:
            return ""
        names = dict.fromkeys(self._name(int(column)) for column in found.column[:NAMED])
        more = " and others" if found.column.size > NAMED else ""
        return f"With what is published already, it would tell too much of {', '.join(names)}{more}."

    def _unfit(self, rows: Ints) -> str:
        """Why the figure may not be published even if nothing else were."""
        table = self._table
        columns = {"value": [float(table.value[rows].sum())], "n": [int(table.n[rows].sum())]}
        if table.largest is not None:
            second = np.zeros(table.n.size) if table.second is None else table.second
            largest = np.sort(np.concatenate([table.largest[rows], second[rows], [0.0, 0.0]]))[::-1]
            columns |= {"largest": [float(largest[0])], "second": [float(largest[1])]}
        whole = Dimension("area", ("TOTAL",), (None,))
        union = Table("drawn", (whole,), pa.table({"area": ["TOTAL"], **columns}))
        rule = REASONS[int(assess(union, self._profile).reason[0])]
        if not rule:
            return ""
        if rule == "min_units":
            return f"It is about fewer than {self._profile.min_units} units."
        return f"By the rule {rule} it may not be published."

    def _around(self, unknown: Ints) -> tuple[Region, sp.csr_matrix]:
        """All that hangs together with some unknowns, by equations or by answers given; and those answers."""
        labels, answers = set[int](), set[int]()
        waiting = set(self._regions.label[unknown].tolist())
        while waiting:
            label = waiting.pop()
            labels.add(label)
            for answer in self._touching.get(label, ()):
                if answer not in answers:
                    answers.add(answer)
                    waiting |= set(self._regions.label[self._answers[answer]].tolist()) - labels
        region = self._regions.joined(sorted(labels))
        return region, rows_of([self._answers[answer] for answer in sorted(answers)], region.members)

    def _with(self, asked: _Asked) -> Guard:
        """This guard, with one answer more."""
        if not asked.unknown.size:
            return self
        other = object.__new__(Guard)
        touching = dict(self._touching)
        for label in set(self._regions.label[asked.unknown].tolist()):
            touching[label] = (*touching.get(label, ()), len(self._answers))
        other.__dict__ |= self.__dict__ | {
            "_answers": (*self._answers, asked.unknown),
            "_touching": touching,
        }
        return other

    def _nearby(self, asked: _Asked, place: tuple[int, ...]) -> Iterator[_Asked]:
        """Unions with one area in the same wijk more or less, the smallest change first.

        Taking in or leaving out what is published anyway changes nothing, unless the union is only too small.
        """
        dimension = self._table.dimensions[0]
        inside = set(asked.areas)
        above = np.unique(dimension.parent_index[list(asked.areas)])
        siblings = list(chain.from_iterable(dimension.children[a].tolist() for a in above if a >= 0))
        lowest = [area for area in siblings if not dimension.children[area].size]
        size = {
            area: abs(float(self._table.value[self._asked((area,), place).rows].sum())) for area in lowest
        }
        few = self._table.n[asked.rows].sum() < self._profile.min_units
        useful = [a for a in lowest if self._asked((a,), place).unknown.size or (few and a not in inside)]
        for area in sorted(useful, key=lambda area: (size[area], area))[:TRIES]:
            if changed := inside ^ {area}:
                yield self._asked(tuple(sorted(changed)), place)

    def _name(self, column: int) -> str:
        cells = self._ground.cells_of(column)
        if cells:
            source, row = cells[0]
            table = self._ground.sources[source].table
            return table.label_at(int(table.position[row]))
        refinement, row = self._ground.atom_of(column)
        atom = refinement.atoms.slice(row, 1).to_pylist()[0]
        return " ∩ ".join(
            dict.fromkeys(str(atom[name]) for name in refinement.divisions.values() if atom[name])
        )


def _follows(equations: sp.csr_matrix, row: sp.csr_matrix) -> bool:
    """Whether the equations give the sum over `row` already, exactly: the sum, taken as one unknown more, is determined."""
    with_sum = sp.bmat([[equations, None], [row, sp.csr_matrix([[-1.0]])]], format="csr")
    return bool(determine(with_sum).known[-1])
