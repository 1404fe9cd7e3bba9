"""Figures that a model makes: ratios that borrow from neighbours, small areas that were hardly asked, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from zicht.declare.analyses.base import AnyAnalysis, Trail, not_made_for
from zicht.declare.analyses.patterns import InCategories, Standardised
from zicht.declare.base import Id
from zicht.declare.names import unknown
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.project import Project, Written


class Smoothing(Standardised):
    """A map of ratios on which small areas borrow from others, so that it shows less of what chance does."""

    pattern: Literal["smoothed"] = Field(
        description="`smoothed`: areas with more, or fewer, than expected once small areas borrow from others."
    )
    method: Literal["bym2", "gamma_poisson"] = Field(
        default="bym2",
        description=(
            "smoothed: `bym2` borrows from the neighbours and needs boundaries; `gamma_poisson` borrows from all areas alike."
        ),
    )

    @model_validator(mode="after")
    def _one_measure_for_a_map(self) -> Self:
        if self.compared_with == "look_alikes":
            raise ValueError("`smoothed` cannot compare with `look_alikes`, which are others for each area")
        return self


class SmallAreaEstimates(AnyAnalysis):
    """A share or a mean of areas in which few people were asked, estimated with what is known of every area."""

    measures: ClassVar[tuple[str, ...]] = ("share", "mean")

    pattern: Literal["small_areas"] = Field(
        description=(
            "`small_areas`: a share or a mean estimated for every area, also where few were asked, such that they add up to the gemeente."
        )
    )
    method: Literal["reml", "ml", "moment", "spatial"] = Field(
        default="reml",
        description=(
            "small_areas: how areas differ beyond what the covariates explain is fitted by `reml` (restricted maximum likelihood), `ml` (maximum"
            " likelihood) or `moment` (which asks no normal distribution); `spatial` lets neighbours look alike and needs boundaries."
        ),
    )
    covariates: tuple[Id, ...] = Field(
        default=(),
        max_length=5,
        description="small_areas: ids of indicators that are known of every area and may explain the one looked at.",
    )
    size: Id = Field(
        description="small_areas: id of the indicator with the number of units in each area, by which estimates add up to the gemeente."
    )
    classes: tuple[float, ...] = Field(
        default=(),
        description=(
            "small_areas: bounds between the classes low, middle and high, rising; an estimate whose class is sure is shown however wide its margin."
        ),
    )

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if list(self.classes) != sorted(set(self.classes)):
            raise ValueError("`classes` must rise, such as [20, 40]")
        if self.indicator in self.covariates:
            raise ValueError("an indicator cannot explain itself: take it out of `covariates`")
        return self

    @property
    def figures(self) -> tuple[str, ...]:
        """Ids of the indicators whose figures it is made of."""
        return tuple(dict.fromkeys((self.indicator, *self.covariates, self.size)))

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
        named = [(name, (*trail, "covariates", index)) for index, name in enumerate(self.covariates)]
        for name, where in [*named, (self.size, (*trail, "size"))]:
            indicator = project.indicators.get(name)
            if indicator is None:
                yield unknown(written.place(*where), "indicator", name, project.indicators)
            else:
                yield from not_made_for(indicator, self.level, written, where)
        size = project.indicators.get(self.size)
        if size is not None and size.measure != "count":
            yield Problem(
                written.place(*trail, "size"),
                f"`size` asks how many units an area has, and `{size.id}` is a {size.measure}.",
                "Name an indicator that is a count.",
            )


class Forecasting(InCategories):
    """What a count will be in the next period, said only where earlier forecasts came true."""

    measures: ClassVar[tuple[str, ...]] = ("count",)

    pattern: Literal["forecast"] = Field(
        description=(
            "`forecast`: what a count will be in the next periods, with its margin; shown only where the same forecasts came true before."
        )
    )
    ahead: int = Field(
        default=1, ge=1, le=12, description="forecast: how many periods ahead, each judged by itself."
    )
