"""Why a cell is not safe, in words that a reviewer can follow with the publication beside him (part of the audit)."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import scipy.sparse as sp

from zicht.disclosure.attack.exact import Determined
from zicht.disclosure.attack.intervals import components
from zicht.disclosure.attack.programs import Group
from zicht.disclosure.attack.publication import Publication
from zicht.disclosure.model import Bools, Ints


class Evidence:
    """The equations of one pattern, to draw witnesses from.

    Hidden cells are meant by their places among the unknowns of the pattern.
    """

    def __init__(
        self, view: Publication, shown: Bools, unknown: Ints, rows: Ints, equations: sp.csr_matrix
    ) -> None:
        self._view = view
        self._shown = shown
        self._unknown = unknown
        self._rows = rows
        self._equations = equations
        self._groups: dict[int, tuple[Ints, Ints, Group]] = {}

    def derivation(self, place: int, given: tuple[int, ...] = ()) -> tuple[str, ...]:
        """The equations that determine a cell, for who knows the cells `given`."""
        members, rows, group = self._group(place)
        known = np.array([cell for cell in given if cell in members], dtype=np.int64)
        found = group.derive(int(np.searchsorted(members, place)), np.searchsorted(members, known))
        return self._in_words(rows[found])

    def bounds(self, binding: Ints, place: int, interval: tuple[float, float], known: str) -> tuple[str, ...]:
        """The equations that leave a cell too little room, what the attacker knows besides, and what follows."""
        low, high = interval
        span = f"is {low:.12g}" if high - low < 1e-6 else f"lies between {low:.12g} and {high:.12g}"
        reason = f"{known}, so " if known else ""
        return (*self._in_words(binding), f"{reason}{self._name(place)} {span}")

    def told(self, place: int, insiders: tuple[int, ...], determined: Determined) -> tuple[str, ...]:
        """How the contributors to the cells of insiders compute a cell."""
        knowing = tuple(
            f"{self._who(insider)} knows that it is {self._value(insider)}" for insider in insiders
        )
        conclusion = f"so {self._name(place)} is {self._value(place)}"
        if len(insiders) == 1 and abs(sign := determined.ratio(place, insiders[0])) == 1:
            rest = self._amount(place) - sign * self._amount(insiders[0])
            how = f"{rest:.12g} {'+' if sign > 0 else '-'} {self._name(insiders[0])}"
            conclusion = f"so {self._name(place)} = {how} = {self._value(place)}"
        return (*knowing, *self.derivation(place, insiders), conclusion)

    def seen_through(self, place: int, insider: int, own: float) -> tuple[str, ...]:
        """How the largest contributor to one sum estimates the largest contribution to another."""
        both = self._amount(place) + self._amount(insider)
        return (
            f"the largest contributor to {self._name(insider)} knows that it is at least {own:.12g}",
            *self.derivation(place, (insider,)),
            f"{self._name(place)} + {self._name(insider)} = {both:.12g}, so {self._name(place)} is at most {both - own:.12g}",
        )

    def _group(self, place: int) -> tuple[Ints, Ints, Group]:
        label = int(self._labels[place])
        if label not in self._groups:
            members = np.flatnonzero(self._labels == label)
            narrowed = self._equations[:, members]
            rows = np.flatnonzero(np.diff(narrowed.indptr))
            self._groups[label] = (members, rows, Group(narrowed[rows]))
        return self._groups[label]

    @cached_property
    def _labels(self) -> Ints:
        return components(self._equations)

    def _in_words(self, equations: Ints) -> tuple[str, ...]:
        return tuple(
            self._view.equation_in_words(int(row), self._shown) for row in np.sort(self._rows[equations])
        )

    def _cell(self, place: int) -> int:
        return int(self._view.first[self._unknown[place]])

    def _name(self, place: int) -> str:
        return self._view.words(self._cell(place), shown=False)

    def _amount(self, place: int) -> float:
        return float(self._view.value[self._cell(place)])

    def _value(self, place: int) -> str:
        return f"{self._amount(place):.12g}"

    def _who(self, place: int) -> str:
        n = int(self._view.n[self._cell(place)])
        return (
            f"the only unit in {self._name(place)}"
            if n == 1
            else f"who is one of the {n} units in {self._name(place)} and asks the others"
        )
