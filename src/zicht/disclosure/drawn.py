"""Figures about areas that somebody draws: a union of buurten, asked for when everything else is out already.

Each answer is one more published sum, and a few of them can give a hidden buurt away. The guard keeps all answers it
gave, and answers only if no hidden cell, atom or set of them becomes known or nearly so; see `attack.differencing`.
Guards of this kind are as old as statistical databases (Chin and Ozsoyoglu, Auditing and inference control in
statistical databases, IEEE Trans. Softw. Eng. 8, 1982). A refusal tells something too (Kenthapadi, Mishra and Nissim,
Simulatable auditing, PODS 2005): who may ask without end should not be told why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from zicht.disclosure.history import History
from zicht.disclosure.profiles import Profile
from zicht.errors import DisclosureError


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
        # SciPy and HiGHS take a third of a second to load, which who only reads profiles should not wait for.
        from zicht.disclosure.attack.unions import Unions

        if table not in (names := [p.table.name for p in history.publications]):
            raise DisclosureError(
                f"No table {table!r} was published; there are {', '.join(names) or 'none'}."
            )
        self._unions = Unions(history, profile, table)

    @property
    def answers(self) -> int:
        """How many answers it knows of that told something new."""
        return self._unions.answered

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
        union = self._unions.union(areas, codes or {})
        if reason := self._unions.objection(union):
            return Answer(False, None, reason, self)
        knowing = object.__new__(Guard)
        knowing._unions = self._unions.with_answer(union)
        return Answer(True, self._unions.figure(union), "", knowing)

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
        return self._unions.nearest(self._unions.union(areas, codes or {}))
