"""Patterns in a share or a rate of areas, and what all patterns in the figures of one indicator can say of categories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator
from typing_extensions import override

from zicht.declare.analyses.base import AnyAnalysis, Described, Trail, not_broken_down, unknown_categories
from zicht.declare.analyses.traits import WithTraits
from zicht.declare.base import Id
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.models import Indicator
    from zicht.declare.project import Project, Written


_VALUES = ("take", "median", "percentile")
"""Measures whose figures need not come with the counts that they are made of."""


class InCategories(AnyAnalysis):
    """A pattern that can be looked for in one category alone."""

    only: dict[Id, str] = Field(
        default_factory=dict,
        description="By dimension of the indicator the one category looked at, such as `{soort_melding: afval}`; all together where left out.",
    )

    @property
    @override
    def described_by(self) -> tuple[Described, ...]:
        """Dimensions by whose categories it describes or chooses units; those that are only allowed for are not in it."""
        return tuple(Described(id_, ("only", id_)) for id_ in self.only)

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
        if indicator is not None:
            named = ((dimension, (*trail, "only", dimension)) for dimension in self.only)
            yield from not_broken_down(indicator, named, written)
            mine = {dimension: one for dimension, one in self.only.items() if dimension in indicator.by}
            yield from unknown_categories(project, mine, written, (*trail, "only"))


class Standardised(InCategories, WithTraits):
    """A pattern in which what happens in an area is held against what one would expect there."""

    measures: ClassVar[tuple[str, ...]] = ("share", "rate")

    controls: tuple[Id, ...] = Field(
        default=(),
        max_length=2,
        description=(
            "Dimensions of the indicator whose make-up is allowed for (indirect standardisation),"
            " so that an area does not stand out because it is, say, older."
        ),
    )
    compared_with: Literal["all", "gemeente", "look_alikes"] = Field(
        default="all",
        description=(
            "over_representation, funnel: all areas of the level, those in the same gemeente, or the ten that are most like each area by `traits`."
        ),
    )

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if both := set(self.controls) & set(self.only):
            raise ValueError(f"`{min(both)}` cannot be in `controls` and in `only`")
        if (self.compared_with == "look_alikes") != bool(self.traits):
            raise ValueError(
                "`compared_with: look_alikes` and `traits` go together: the traits say who is alike"
            )
        return self

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
        if indicator is not None:
            named = ((control, (*trail, "controls", index)) for index, control in enumerate(self.controls))
            yield from not_broken_down(indicator, named, written)


class AmongAreas(Standardised):
    """Areas, alone or with their neighbours, in which a share or a rate is higher or lower than where they are compared with."""

    pattern: Literal["over_representation", "clusters"] = Field(
        description=(
            "`over_representation`: areas with more, or fewer, than those they are compared with; `clusters`: areas that stand out together with"
            " their neighbours."
        )
    )

    def suits(self, indicator: Indicator) -> bool:
        """Whether the pattern can be looked for in the figures of an indicator; neighbours can be alike in a value as well.

        Args:
            indicator: the indicator.
        """
        return super().suits(indicator) or (self.pattern == "clusters" and indicator.measure in _VALUES)

    @model_validator(mode="after")
    def _one_measure_for_a_map(self) -> Self:
        if self.pattern != "over_representation" and self.compared_with == "look_alikes":
            raise ValueError(
                f"`{self.pattern}` cannot compare with `look_alikes`, which are others for each area"
            )
        return self
