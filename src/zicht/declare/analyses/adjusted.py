"""Adjusted ratios: in which category of a breakdown something happens more often, all else being equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator
from typing_extensions import override

from zicht.declare.analyses.base import Described, Trail, not_broken_down
from zicht.declare.analyses.patterns import InCategories
from zicht.declare.base import Id
from zicht.declare.names import unknown
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.project import Project, Written


class AdjustedRatio(InCategories):
    """How many times as often something happens in each category of a breakdown as in a base category, all else being equal."""

    measures: ClassVar[tuple[str, ...]] = ("share", "rate")

    pattern: Literal["adjusted_ratio"] = Field(
        description=(
            "`adjusted_ratio`: how many times as often it happens in each category of `breakdown` as in `base`, the `controls` being equal; the areas"
            " of the level are held equal as well, so at the level of wijken people of the same wijk are compared."
        )
    )
    breakdown: Id = Field(
        description="The breakdown (`by`) of which categories are compared; never a protected ground."
    )
    base: str = Field(
        description="The category that all others are compared with: the largest, or the usual one."
    )
    controls: tuple[Id, ...] = Field(
        default=(),
        max_length=2,
        description="Breakdowns that are held equal; here a protected ground may stand, as it can explain and is not reported.",
    )

    @model_validator(mode="after")
    def _each_dimension_once(self) -> Self:
        used = [self.breakdown, *self.controls, *self.only]
        if twice := [name for name in used if used.count(name) > 1]:
            raise ValueError(f"`{twice[0]}` can stand in one of `breakdown`, `controls` and `only`")
        return self

    @property
    @override
    def described_by(self) -> tuple[Described, ...]:
        """Dimensions by whose categories it describes or chooses units; those that are held equal are not in it."""
        return (Described(self.breakdown, ("breakdown",)), *super().described_by)

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
        if indicator is None:
            return
        named = [
            (self.breakdown, (*trail, "breakdown")),
            *((control, (*trail, "controls", index)) for index, control in enumerate(self.controls)),
        ]
        yield from not_broken_down(indicator, named, written)
        if self.breakdown in indicator.by:
            known = [one.id for one in project.dimensions[self.breakdown].categories]
            if self.base not in known:
                yield unknown(written.place(*trail, "base"), "category", self.base, known)
