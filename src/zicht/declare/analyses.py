"""Findings as people declare them in a product: which pattern to look for, in which figures, against whom.

A finding is made of figures as the public has them, after protection. So it can tell nothing that the figures do not tell already, and it needs
no protection of its own; an area of which a figure is hidden is simply not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from zicht.declare.base import Id, Named, PublicText
from zicht.declare.names import unknown
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.project import Project, Written

Pattern = Literal["over_representation", "clusters", "scan", "signals", "slow_trend"]
"""What can be looked for."""

OF_SHARES: tuple[Pattern, ...] = ("over_representation", "clusters", "scan")
"""Patterns in one number out of another, so only in shares and rates; the others are patterns in counts over time."""


class Analysis(Named):
    """One pattern that a product looks for."""

    id: Id = Field(description="Id of the finding.")
    title: PublicText = Field(
        description="What it is called, such as “Waar is vaker jeugdzorg dan verwacht?”."
    )
    pattern: Pattern = Field(
        description=(
            "`over_representation`: areas with more, or fewer, than those they are compared with; `clusters`: areas that stand out together with"
            " their neighbours; `scan`: a round piece of the map with more than chance explains, however many areas it takes; `signals`: a month that its own past does not explain; `slow_trend`: areas that rise or fall against all others."
        )
    )
    indicator: Id = Field(
        description="The figures looked at: a share or a rate for over_representation, clusters and scan, a count of each month for the others."
    )
    level: Literal["buurt", "wijk", "gemeente"] = Field(description="The areas that are compared.")
    controls: tuple[Id, ...] = Field(
        default=(),
        max_length=2,
        description=(
            "over_representation, clusters, scan: dimensions of the indicator whose make-up is allowed for (indirect standardisation),"
            " so that an area does not stand out because it is, say, older."
        ),
    )
    only: dict[Id, str] = Field(
        default_factory=dict,
        description="By dimension of the indicator the one category looked at, such as `{soort_melding: afval}`; all together where left out.",
    )
    compared_with: Literal["all", "gemeente"] = Field(
        default="all",
        description="over_representation: all areas of the level, or those in the same gemeente.",
    )
    phenomenon: Annotated[
        bool,
        Field(
            description="Whether it is about something that can be taken for wrongdoing; the page then says that more than average proves nothing."
        ),
    ] = False

    @model_validator(mode="after")
    def _controls_belong_to_shares(self) -> Self:
        if self.controls and self.pattern not in OF_SHARES:
            raise ValueError(f"`{self.pattern}` does not use `controls`; leave them out")
        if both := set(self.controls) & set(self.only):
            raise ValueError(f"`{min(both)}` cannot be in `controls` and in `only`")
        return self


def mistakes_in_findings(project: Project) -> Iterator[Problem]:
    """What is wrong with the findings that products declare.

    Args:
        project: what was read so far.

    Yields:
        One problem a mistake, with its place.
    """
    seen: dict[str, str] = {}
    for product in project.products.values():
        written = project.written["products", product.id]
        for index, analysis in enumerate(product.findings):
            trail = ("findings", index)
            if analysis.id in seen:
                yield Problem(
                    written.place(*trail, "id"),
                    f"finding `{analysis.id}` is declared in product `{seen[analysis.id]}` already.",
                    "Give it another id.",
                )
            seen[analysis.id] = product.id
            yield from _mistakes(project, analysis, written, trail)


def _mistakes(
    project: Project, analysis: Analysis, written: Written, trail: tuple[str | int, ...]
) -> Iterator[Problem]:
    indicator = project.indicators.get(analysis.indicator)
    if indicator is None:
        yield unknown(written.place(*trail, "indicator"), "indicator", analysis.indicator, project.indicators)
        return
    wanted = ("share", "rate") if analysis.pattern in OF_SHARES else ("count",)
    if indicator.measure not in wanted:
        yield Problem(
            written.place(*trail, "indicator"),
            f"`{analysis.pattern}` is looked for in a {' or a '.join(wanted)}, and `{indicator.id}` is a {indicator.measure}.",
            "Name another indicator.",
        )
    if indicator.levels is not None and analysis.level not in indicator.levels:
        yield Problem(
            written.place(*trail, "level"),
            f"`{indicator.id}` is not made for level `{analysis.level}`.",
            f"It is made for: {', '.join(indicator.levels)}.",
        )
    for index, control in enumerate(analysis.controls):
        if control not in indicator.by:
            yield Problem(
                written.place(*trail, "controls", index),
                f"`{indicator.id}` is not broken down by `{control}`.",
                f"Add it to `by` of the indicator, or control for one of: {', '.join(indicator.by) or 'nothing'}.",
            )
    for dimension, category in analysis.only.items():
        place = written.place(*trail, "only", dimension)
        if dimension not in indicator.by:
            yield Problem(
                place,
                f"`{indicator.id}` is not broken down by `{dimension}`.",
                f"It is by: {', '.join(indicator.by) or 'nothing'}.",
            )
        elif dimension in project.dimensions:
            known = [one.id for one in project.dimensions[dimension].categories]
            if category not in known:
                yield unknown(place, "category", category, known)
