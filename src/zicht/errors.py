"""What can go wrong, said once: where it is, what is wrong, what would be right.

Every error a user can cause is a `ZichtError`. One that comes from something people wrote or delivered
carries `Problem`s, each with a `Place`, so that all mistakes are reported at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands: a file and, where known, its line and column (both from 1)."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: its place, what is wrong and what would be right."""

    place: Place
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.place}: {self.what}{remedy}"


class ZichtError(Exception):
    """Any error a user can cause and mend; the command line shows it without a traceback."""


class ProblemsError(ZichtError):
    """One or more mistakes, each with its place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(
            sorted(problems, key=lambda p: (p.place.file, p.place.line or 0, p.place.column or 0))
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def at(cls, place: Place, what: str, remedy: str = "") -> Self:
        """The error with this one mistake."""
        return cls([Problem(place, what, remedy)])


class DeclarationError(ProblemsError):
    """Mistakes in a project folder."""


class DeliveryError(ProblemsError):
    """Mistakes in delivered data: a file that cannot be read, or one that breaks its contract."""


class DisclosureError(ZichtError):
    """A table that cannot be protected, or is not fit to be protected."""
