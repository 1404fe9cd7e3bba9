"""Fair comparison: with areas that are alike, within what chance allows, and never a place without its margin."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from zicht.declare.analyses.patterns import Standardised
from zicht.declare.analyses.traits import WithTraits


class LookAlikes(WithTraits):
    """The ten areas that are most like each area, with the figures that they have."""

    measures: ClassVar[tuple[str, ...]] = (
        "count", "share", "mean", "median", "percentile", "rate", "sum", "distinct", "take",
    )  # fmt: skip

    pattern: Literal["look_alikes"] = Field(
        description="`look_alikes`: the ten areas that are most like each area, by `traits`; areas differ in `indicator`."
    )

    @model_validator(mode="after")
    def _has_traits(self) -> Self:
        if not self.traits:
            raise ValueError("`look_alikes` needs `traits`: the indicators by which areas are alike")
        return self


class Funnel(Standardised):
    """Which areas differ more from expected than areas of their size do by chance."""

    pattern: Literal["funnel"] = Field(
        description="`funnel`: areas by their size, with the limits within which chance leaves them."
    )


class Ranks(Standardised):
    """The place of each area by its ratio, as far as it can be known."""

    pattern: Literal["ranks"] = Field(
        description="`ranks`: the place of each area with its 95 % interval; areas stay in order of name."
    )

    @model_validator(mode="after")
    def _with_all(self) -> Self:
        if self.compared_with != "all":
            raise ValueError("places are among all areas: leave `compared_with` out")
        return self
