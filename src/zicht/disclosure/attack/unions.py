"""Unions of areas: what publishing the figure of one would tell, given all that is published and was answered (part of A4).

Only the part of the equations that the unknown areas of a union hang together with is looked at, so that an answer
takes milliseconds: does the figure follow already (exactly, modulo a prime); if not, does it narrow anything down.
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
class Union:
    """What is asked for.

    Attributes:
        areas: the indices of its lowest areas.
        place: the index of the code in each further dimension.
        rows: the rows of the table in it.
        unknown: the unknowns among those; see `Regions`.
    """

    areas: tuple[int, ...]
    place: tuple[int, ...]
    rows: Ints
    unknown: Ints


class Unions:
    """All that is published and was answered; it is never changed.

    Attributes:
        answered: how many answers told something new.
    """

    def __init__(self, history: History, profile: Profile, table: str) -> None:
        """Take all that is published; `table` is the name of the one that is asked of."""
        published = {p.table.name: index for index, p in enumerate(history.publications)}
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
    def answered(self) -> int:
        """How many answers told something new."""
        return len(self._answers)

    def union(self, areas: Collection[str], codes: Mapping[str, str]) -> Union:
        """The union of `areas`, for the `codes` of further dimensions.

        Raises:
            DisclosureError: when an area or code is unknown, or no area is given.
        """
        return self._asked(self._lowest(areas), self._place(codes))

    def figure(self, asked: Union) -> float:
        """The figure of the union `asked`."""
        return float(self._table.value[asked.rows].sum())

    def nearest(self, asked: Union) -> tuple[str, ...]:
        """The codes of a union much like the one `asked` that may be published; nothing if none of those tried may."""
        near = next((other for other in self._nearby(asked) if not self.objection(other)), None)
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

    def _asked(self, areas: tuple[int, ...], place: tuple[int, ...]) -> Union:
        rows = self._spread[(np.array(areas, dtype=np.int64), *place)]
        rows = rows[rows >= 0]
        columns = self._ground.number[self._ground.starts[self._source] + rows]
        unknown = self._regions.place[columns]
        return Union(areas, place, rows, np.unique(unknown[unknown >= 0]))

    def objection(self, asked: Union) -> str:
        """Why the figure of the union `asked` may not be published, in words; empty where it may."""
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

    def with_answer(self, asked: Union) -> Unions:
        """The same, with `asked` answered."""
        if not asked.unknown.size:
            return self
        other = object.__new__(Unions)
        touching = dict(self._touching)
        for label in set(self._regions.label[asked.unknown].tolist()):
            touching[label] = (*touching.get(label, ()), len(self._answers))
        other.__dict__ |= self.__dict__ | {
            "_answers": (*self._answers, asked.unknown),
            "_touching": touching,
        }
        return other

    def _nearby(self, asked: Union) -> Iterator[Union]:
        """Unions with one area in the same wijk more or less, the smallest change first.

        Taking in or leaving out what is published anyway changes nothing, unless the union is only too small.
        """
        dimension, place = self._table.dimensions[0], asked.place
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
