"""A classification as a tree: what a table is spread over, and where the equations between its cells come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from zicht.errors import DisclosureError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ABSENCE = ("no", "nee")  # categories of not having a trait


@dataclass(frozen=True)
class Dimension:
    """A classification as a tree: each code with the code it is part of; the root (the total) has None.

    A level may have a single child: the child then equals its parent, and they stand or fall together.

    Attributes:
        name: the column of the table that holds the codes.
        codes: every code, in any order, the total included.
        parents: the parent of each code, None for the one root.
        reveals: whether falling in one category says something about a unit (age band, yes or no), so that
            a group nearly all of which falls in one category is disclosed. None: a flat dimension does, unless
            it is the first of its table; that one, and deeper hierarchies, say where units are found.
        harmless: categories that all of a group may be seen to fall in, such as not having a trait. That says no
            more than the empty cell beside it, where zeros are published.
        unknown: codes of units of which it is not known where they belong (no address, category not given). Such a
            code stands beside the known ones so that totals add up; it has no parts and says nothing of anybody.

    Raises:
        DisclosureError: on double codes, an unknown parent, more or fewer roots than one, a cycle, or a code of
            unknown units that is not there or has parts.
    """

    name: str
    codes: tuple[str, ...]
    parents: tuple[str | None, ...]
    reveals: bool | None = None
    harmless: tuple[str, ...] = ABSENCE
    unknown: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.codes) != len(self.parents):
            raise DisclosureError(
                f"Dimension {self.name!r} has {len(self.codes)} codes and {len(self.parents)} parents."
            )
        if len(set(self.codes)) != len(self.codes):
            double = next(code for code in self.codes if self.codes.count(code) > 1)
            raise DisclosureError(
                f"Dimension {self.name!r} has the code {double!r} twice; each code stands once."
            )
        roots = [code for code, parent in zip(self.codes, self.parents, strict=True) if parent is None]
        if len(roots) != 1:
            raise DisclosureError(
                f"Dimension {self.name!r} has {len(roots)} roots; it needs one total with parent None."
            )
        if unknown := sorted({p for p in self.parents if p is not None} - set(self.codes)):
            raise DisclosureError(
                f"Dimension {self.name!r} names the parent {unknown[0]!r}, which is not among its codes."
            )
        if np.any(self._depth < 0):
            lost = self.codes[int(np.flatnonzero(self._depth < 0)[0])]
            raise DisclosureError(
                f"In dimension {self.name!r} the parents of {lost!r} go round and never reach the total."
            )
        self._check_unknown()

    def _check_unknown(self) -> None:
        if absent := sorted(set(self.unknown) - set(self.codes)):
            raise DisclosureError(
                f"Dimension {self.name!r} has no code {absent[0]!r}, which should hold its unknown units."
            )
        if refined := sorted(set(self.unknown) & set(self.parents)):
            raise DisclosureError(
                f"In dimension {self.name!r} the code {refined[0]!r} of unknown units has parts; unknown units are known no further."
            )

    @classmethod
    def flat(cls, name: str, categories: Iterable[str], total: str = "TOTAL") -> Dimension:
        """A total and its categories, without levels between.

        Args:
            name: the column of the table that holds the codes.
            categories: the codes of the categories.
            total: the code of the total.
        """
        parts = tuple(categories)
        return cls(name, (total, *parts), (None, *([total] * len(parts))))

    @cached_property
    def parent_index(self) -> Ints:
        """The index of each code's parent, -1 for the root. Shape (codes,)."""
        place = {code: index for index, code in enumerate(self.codes)}
        return np.array([-1 if parent is None else place[parent] for parent in self.parents], dtype=np.int64)

    @cached_property
    def children(self) -> tuple[Ints, ...]:
        """The indices of each code's children, empty for a leaf."""
        found: list[list[int]] = [[] for _ in self.codes]
        for index, parent in enumerate(self.parent_index):
            if parent >= 0:
                found[parent].append(index)
        return tuple(np.array(part, dtype=np.int64) for part in found)

    @cached_property
    def tells(self) -> Bools:
        """Whether being seen in the code says something of a unit: it is neither harmless nor unknown. Shape (codes,)."""
        quiet = {*self.harmless, *self.unknown}
        return np.array([code not in quiet for code in self.codes], dtype=np.bool_)

    @cached_property
    def internal(self) -> Ints:
        """The indices of the codes that have children."""
        return np.unique(self.parent_index[self.parent_index >= 0])

    @property
    def root(self) -> int:
        """The index of the total."""
        return int(np.flatnonzero(self.parent_index < 0)[0])

    @property
    def is_flat(self) -> bool:
        """Whether no level stands between the total and the categories."""
        return bool(self._depth.max(initial=0) <= 1)

    @cached_property
    def _depth(self) -> Ints:
        depth = np.full(len(self.codes), -1, dtype=np.int64)
        frontier = np.flatnonzero(self.parent_index < 0)
        level = 0
        while frontier.size:
            depth[frontier] = level
            frontier = np.flatnonzero(np.isin(self.parent_index, frontier))
            level += 1
        return depth
