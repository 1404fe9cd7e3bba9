"""By which traits areas are alike: the indicators that a finding names for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from zicht.declare.analyses.base import AnyAnalysis, Trail, not_made_for
from zicht.declare.base import Id
from zicht.declare.names import unknown
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.project import Project, Written

MOST_TRAITS = 8


class WithTraits(AnyAnalysis):
    """A finding in which areas are compared with those that are most like them."""

    traits: tuple[Id, ...] = Field(
        default=(),
        max_length=MOST_TRAITS,
        description=(
            "Indicators by which areas are alike, such as inhabitants, density, age and income; they weigh the same. The ten areas that are nearest"
            " (Gower's distance over the latest public figures) are the look-alikes of an area."
        ),
    )
    ratios: tuple[Id, ...] = Field(
        default=(),
        description=(
            "Those of `traits` of which differences count as ratios, so that twice as many is as far at any size; for counts and densities, as"
            " otherwise one very large area makes all others alike."
        ),
    )

    @property
    def figures(self) -> tuple[str, ...]:
        """Ids of the indicators whose figures it is made of."""
        return tuple(dict.fromkeys((self.indicator, *self.traits)))

    @model_validator(mode="after")
    def _ratios_are_traits(self) -> Self:
        if stray := [name for name in self.ratios if name not in self.traits]:
            raise ValueError(f"`{stray[0]}` stands in `ratios` and not in `traits`")
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
        for index, name in enumerate(self.traits):
            place = (*trail, "traits", index)
            trait = project.indicators.get(name)
            if trait is None:
                yield unknown(written.place(*place), "indicator", name, project.indicators)
                continue
            yield from not_made_for(trait, self.level, written, place)
            if name == self.indicator:
                yield Problem(
                    written.place(*place),
                    f"`{name}` is what is compared, so it cannot be what areas are alike in.",
                    "Leave it out of `traits`.",
                )
