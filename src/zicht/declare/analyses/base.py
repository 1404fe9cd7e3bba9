"""What every declared finding has, whatever pattern it looks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from zicht.declare.analyses.justified import Justification
from zicht.declare.base import Id, Named, PublicText
from zicht.declare.names import unknown
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.models import Indicator
    from zicht.declare.project import Project, Written

Trail = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """That a finding describes or chooses by a dimension, which the guard against profiling looks at.

    Attributes:
        id: of the dimension.
        trail: where in the finding it is named.
    """

    id: str
    trail: Trail


class AnyAnalysis(Named):
    """One pattern that a product looks for; each pattern has a model of its own, told by `pattern`."""

    measures: ClassVar[tuple[str, ...]] = ()
    """The measures of indicators that the pattern can be looked for in."""

    id: Id = Field(description="Id of the finding.")
    title: PublicText = Field(
        description="What it is called, such as “Waar is vaker jeugdzorg dan verwacht?”."
    )
    pattern: str
    indicator: Id = Field(description="The figures looked at.")
    level: Literal["buurt", "wijk", "gemeente"] = Field(description="The areas that are compared.")
    phenomenon: Annotated[
        bool,
        Field(
            description="Whether it is about something that can be taken for wrongdoing; the page then says that more than average proves nothing."
        ),
    ] = False
    justified: tuple[Justification, ...] = Field(
        default=(),
        description="Written decisions to go on although something in it goes with a protected ground; see the guard against profiling.",
    )

    @property
    def described_by(self) -> tuple[Described, ...]:
        """Dimensions by whose categories it describes or chooses units; those that are only allowed for are not in it."""
        return ()

    @property
    def figures(self) -> tuple[str, ...]:
        """Ids of the indicators whose figures it is made of."""
        return (self.indicator,)

    def suits(self, indicator: Indicator) -> bool:
        """Whether the pattern can be looked for in the figures of an indicator.

        Args:
            indicator: the indicator.
        """
        return indicator.measure in self.measures or ("share" in self.measures and made_of_counts(indicator))

    def mistakes(self, project: Project, written: Written, trail: Trail) -> Iterator[Problem]:
        """What is wrong with it in its project; patterns with fields of their own add to this.

        Args:
            project: what was read so far.
            written: the file of the product.
            trail: where in that file the finding stands.

        Yields:
            One problem a mistake, with its place.
        """
        indicator = project.indicators.get(self.indicator)
        if indicator is None:
            yield unknown(written.place(*trail, "indicator"), "indicator", self.indicator, project.indicators)
            return
        if not self.suits(indicator):
            yield Problem(
                written.place(*trail, "indicator"),
                f"`{self.pattern}` is looked for in a {' or a '.join(self.measures)}, and `{indicator.id}` is a {indicator.measure}.",
                "Name another indicator, or give this one `numerator` and `denominator`."
                if indicator.measure == "take" and "share" in self.measures
                else "Name another indicator.",
            )
        yield from not_made_for(indicator, self.level, written, (*trail, "level"))


def made_of_counts(indicator: Indicator) -> bool:
    """Whether what a source delivers comes with the counts that it is made of, so that it can be judged as a share or a rate.

    Args:
        indicator: the indicator.
    """
    return indicator.numerator is not None and indicator.denominator is not None


def not_made_for(indicator: Indicator, level: str, written: Written, trail: Trail) -> Iterator[Problem]:
    """The problem with an indicator that has no figures of a level.

    Args:
        indicator: the indicator.
        level: the level asked for.
        written: the file.
        trail: where in it the level, or the indicator, is asked for.
    """
    if indicator.levels is not None and level not in indicator.levels:
        yield Problem(
            written.place(*trail),
            f"`{indicator.id}` is not made for level `{level}`.",
            f"It is made for: {', '.join(indicator.levels)}.",
        )


def not_broken_down(
    indicator: Indicator, dimensions: Iterable[tuple[str, Trail]], written: Written
) -> Iterator[Problem]:
    """The problems with dimensions that an indicator is not broken down by.

    Args:
        indicator: the indicator.
        dimensions: each with where it is named in the file.
        written: the file.
    """
    for dimension, trail in dimensions:
        if dimension not in indicator.by:
            yield Problem(
                written.place(*trail),
                f"`{indicator.id}` is not broken down by `{dimension}`.",
                f"Add it to `by` of the indicator, or name one of: {', '.join(indicator.by) or 'nothing'}.",
            )


def unknown_categories(
    project: Project, only: Mapping[str, str], written: Written, trail: Trail
) -> Iterator[Problem]:
    """The problems with categories that a dimension of the project does not have.

    Args:
        project: what was read so far.
        only: by dimension the category.
        written: the file.
        trail: where in it `only` stands.
    """
    for dimension, category in only.items():
        if dimension in project.dimensions:
            known = [one.id for one in project.dimensions[dimension].categories]
            if category not in known:
                yield unknown(written.place(*trail, dimension), "category", category, known)
