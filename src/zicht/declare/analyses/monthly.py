"""Patterns in a count of each month: signals, slow trends, and breaks in the whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from zicht.declare.analyses.base import Trail, not_made_for
from zicht.declare.analyses.patterns import InCategories
from zicht.declare.base import Id
from zicht.declare.names import unknown
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.project import Project, Written

COUNTED = ("count", "sum", "take")
"""Measures of which a month has a number that can be a count."""


class Signals(InCategories):
    """Areas in which a month is unlike their own past; each waits until a person says what it means."""

    measures: ClassVar[tuple[str, ...]] = COUNTED

    pattern: Literal["signals"] = Field(description="A month that the past of the area does not explain.")
    past: Literal["years", "months"] = Field(
        default="years",
        description=(
            "What a month is compared with. `years`: the three to five years before, with their seasons (Farrington Flexible); `months`: the seven"
            " months before (EARS), for series that are too short for that and for what comes in waves."
        ),
    )
    months: int = Field(
        default=1, ge=1, le=120, description="How many of the last months are judged, each with its own past."
    )

    def mistakes(self, project: Project, written: Written, trail: Trail) -> Iterator[Problem]:
        """What is wrong with it in its project.

        Args:
            project: what was read so far.
            written: the file of the product.
            trail: where in that file the finding stands.

        Yields:
            One problem a mistake, with its place.
        """
        yield from super().mistakes(project, written, trail)
        indicator = project.indicators.get(self.indicator)
        loose = indicator.provisional if indicator is not None else ()
        if isinstance(loose, int) and 0 < self.months <= loose:
            at = (*trail, "months") if "months" in self.model_fields_set else (*trail, "indicator")
            yield Problem(
                written.place(*at),
                f"judges the last {self.months}, and the last {loose} months of `{self.indicator}` are provisional: no month would be judged whole.",
                f"Write `months: {loose + 1}` or more.",
            )


class SlowTrend(InCategories):
    """Areas that drift away from all others."""

    measures: ClassVar[tuple[str, ...]] = COUNTED

    pattern: Literal["slow_trend"] = Field(description="Areas that rise or fall against all others.")


class Breaks(InCategories):
    """Months in which the sum of all areas suddenly has another level or direction."""

    measures: ClassVar[tuple[str, ...]] = COUNTED

    pattern: Literal["breaks"] = Field(
        description="Months from which on all areas together have another level or direction, as when something is counted otherwise."
    )
    relative_to: Id | None = Field(
        default=None,
        description=(
            "An indicator that the same causes move but that is counted otherwise, such as hospital admissions beside positive tests: what is then"
            " found is a change in how one of them is counted."
        ),
    )
    since: str | None = Field(
        default=None,
        pattern=r"^\d{4}-(0[1-9]|1[0-2])$",
        description="First month looked at, such as `2020-06`; months before it do not count, as where one knows that they were counted otherwise.",
    )

    @property
    def figures(self) -> tuple[str, ...]:
        """Ids of the indicators whose figures it is made of."""
        return (self.indicator, *((self.relative_to,) if self.relative_to else ()))

    def mistakes(self, project: Project, written: Written, trail: Trail) -> Iterator[Problem]:
        """What is wrong with it in its project.

        Args:
            project: what was read so far.
            written: the file of the product.
            trail: where in that file the finding stands.

        Yields:
            One problem a mistake, with its place.
        """
        yield from super().mistakes(project, written, trail)
        if self.relative_to is None:
            return
        other = project.indicators.get(self.relative_to)
        at = (*trail, "relative_to")
        if other is None:
            yield unknown(written.place(*at), "indicator", self.relative_to, project.indicators)
        elif other.measure not in COUNTED:
            yield Problem(
                written.place(*at),
                f"`{other.id}` is a {other.measure}, and a count is needed beside a count.",
                "Name another indicator.",
            )
        else:
            yield from not_made_for(other, self.level, written, at)
