"""Patterns in the figures of schemes and definitions: who leaves a scheme unused, and what another limit would change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from zicht.declare.analyses.base import (
    AnyAnalysis,
    Described,
    Trail,
    not_broken_down,
    not_made_for,
    unknown_categories,
)
from zicht.declare.base import Declared, Id, PublicText
from zicht.declare.names import unknown
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.project import Project, Written


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Category = Annotated[str, BeforeValidator(_as_text)]
"""Id of a category; a number may stand without quotes."""

Share = Annotated[float, Field(ge=0, lt=1)]


class RuleErrors(Declared):
    """How far the rule of a scheme may be off, as the least and the most of each kind of error."""

    wrongly: tuple[Share, Share] = Field(
        description="Of those whom the rule takes for entitled, the least and the largest part that is not, such as `[0.02, 0.08]`."
    )
    missed: tuple[Share, Share] = Field(
        description="Of those who are entitled, the least and the largest part that the rule misses."
    )
    because: PublicText = Field(
        description="Where the errors come from, such as an income of two years ago or savings that the register does not know."
    )

    @model_validator(mode="after")
    def _least_first(self) -> Self:
        for name in ("wrongly", "missed"):
            least, most = getattr(self, name)
            if least > most:
                raise ValueError(f"the least comes first in `{name}`: [{most}, {least}]")
        return self


class TakeUp(AnyAnalysis):
    """How many of the entitled leave a scheme unused, in which areas and groups more than elsewhere, and how sure that is."""

    measures: ClassVar[tuple[str, ...]] = ("share",)

    pattern: Literal["take_up"] = Field(
        description="`take_up`: the share of the entitled that leaves a scheme unused, by area and group, allowing for errors of its rule."
    )
    rule_errors: RuleErrors = Field(description="How far the computed entitlement may be off.")
    groups: tuple[Id, ...] = Field(
        default=(),
        max_length=2,
        description="Dimensions of the indicator whose groups are told of beside the areas, such as the source of income.",
    )

    @property
    def described_by(self) -> tuple[Described, ...]:
        """The dimensions by which it describes groups."""
        named = (Described(name, ("groups", index)) for index, name in enumerate(self.groups))
        return (*named, *super().described_by)

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
            named = ((group, (*trail, "groups", index)) for index, group in enumerate(self.groups))
            yield from not_broken_down(indicator, named, written)


class OtherLimit(AnyAnalysis):
    """What becomes of a count, or of a share, when the limit in its definition is drawn elsewhere."""

    measures: ClassVar[tuple[str, ...]] = ("count",)

    pattern: Literal["other_limit"] = Field(
        description="`other_limit`: what the figure would be with another limit in its definition, for each limit that it is broken down by."
    )
    dimension: Id = Field(
        description="The dimension of the indicator whose categories are the classes between limits."
    )
    limits: tuple[Category, ...] = Field(
        min_length=2,
        max_length=12,
        description=(
            "The limits told of, from low to high, as categories of the dimension: with `side: up_to` its first ones, with `side: from` its last ones."
        ),
    )
    limit: Category = Field(description="Which of `limits` holds now.")
    side: Literal["up_to", "from"] = Field(
        default="up_to", description="Whether what lies up to a limit counts, or what lies from it on."
    )
    called: PublicText = Field(
        description="What a limit is called in a sentence, with `{limit}` for the category, such as “een grens van {limit} %” or “{limit} of meer verkopen”."
    )
    of: Id | None = Field(
        default=None,
        description="The share or rate whose denominator it is told of, or the count; all units of the indicator itself where left out.",
    )
    per: Literal[100, 1000, 10_000] | None = Field(
        default=None,
        description="Of how many of all units it is told, such as 100; the number itself where left out.",
    )

    @model_validator(mode="after")
    def _names_the_limit(self) -> Self:
        if any("{limit}" not in self.called.of(language) for language in ("nl", "en")):
            raise ValueError("`called` does not say where the limit stands; write `{limit}` in it")
        if self.of is not None and self.per is None:
            raise ValueError("`of` says what the figure is told of; say of how many in `per`, such as 100")
        return self

    @property
    def figures(self) -> tuple[str, ...]:
        """Ids of the indicators whose figures it is made of."""
        return (self.indicator,) if self.of is None else (self.indicator, self.of)

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
        yield from self._wrong_whole(project, written, trail)
        indicator = project.indicators.get(self.indicator)
        if indicator is None:
            return
        yield from not_broken_down(indicator, [(self.dimension, (*trail, "dimension"))], written)
        dimension = project.dimensions.get(self.dimension)
        if self.dimension not in indicator.by or dimension is None:
            return
        for index, category in enumerate(self.limits):
            yield from unknown_categories(
                project, {self.dimension: category}, written, (*trail, "limits", index)
            )
        if self.limit not in self.limits:
            yield unknown(written.place(*trail, "limit"), "limit", self.limit, self.limits)
        known = tuple(category.id for category in dimension.categories)
        size = len(self.limits)
        if set(self.limits) <= set(known) and self.limits != (
            known[:size] if self.side == "up_to" else known[-size:]
        ):
            first = "first" if self.side == "up_to" else "last"
            yield Problem(
                written.place(*trail, "limits"),
                f"are not the {first} categories of `{self.dimension}` in their order, so nobody can tell what counts at each of them.",
                f"Its categories are, in order: {', '.join(known)}.",
            )

    def _wrong_whole(self, project: Project, written: Written, trail: Trail) -> Iterator[Problem]:
        whole = project.indicators.get(self.of) if self.of is not None else None
        place = written.place(*trail, "of")
        if self.of is not None and whole is None:
            yield unknown(place, "indicator", self.of, project.indicators)
        if whole is not None and whole.measure not in ("count", "share", "rate"):
            yield Problem(
                place,
                f"`{whole.id}` is a {whole.measure}, which counts no units.",
                "Name a count, a share or a rate.",
            )
        if whole is not None:
            yield from not_made_for(whole, self.level, written, (*trail, "of"))
