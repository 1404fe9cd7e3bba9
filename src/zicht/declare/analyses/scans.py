"""Round pieces of the map with more than chance explains: now, in some stretch of years, or in the last months."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from zicht.declare.analyses.base import Trail, not_made_for
from zicht.declare.analyses.monthly import COUNTED
from zicht.declare.analyses.patterns import InCategories, Standardised
from zicht.declare.base import Id
from zicht.declare.names import unknown
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.project import Project, Written

Cap = Annotated[float, Field(gt=0, le=0.5)]

_CAP = "The part of all that is expected that a piece of the map may hold at most, such as 0.1: more of it than half is no piece of it."


class Scan(Standardised):
    """A round piece of the map in which a share or a rate is higher than chance explains, however many areas it takes."""

    pattern: Literal["scan", "scan_over_years"] = Field(
        description=(
            "`scan`: a round piece of the map with more than chance explains, in the last period; `scan_over_years`: the same in any stretch of up to"
            " half of all periods, what happened everywhere at once allowed for."
        )
    )
    model: Literal["poisson", "bernoulli"] = Field(
        default="poisson",
        description=(
            "`poisson`: events against what is expected, best for what is rare; `bernoulli`: those who have it against those who have not, for shares"
            " that are not rare; of the last period, without `controls` and compared with all."
        ),
    )
    cap: Cap = Field(default=0.2, description=_CAP)

    @model_validator(mode="after")
    def _one_measure_for_a_map(self) -> Self:
        if self.compared_with == "look_alikes":
            raise ValueError(
                f"`{self.pattern}` cannot compare with `look_alikes`, which are others for each area"
            )
        if self.model == "bernoulli" and (
            self.controls or self.compared_with != "all" or self.pattern != "scan"
        ):
            raise ValueError(
                "has `model: bernoulli`, which knows no `controls`, no other comparison than with all, and no years; that takes `model: poisson`"
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
        if self.model == "bernoulli" and indicator is not None and indicator.measure == "rate":
            yield Problem(
                written.place(*trail, "model"),
                f"`{indicator.id}` is a rate, of events that one person can have more of, so there are no others to set against them.",
                "Write `model: poisson`.",
            )


class RecentClusters(InCategories):
    """A round piece of the map in which the last months have more than place and time by themselves explain."""

    measures: ClassVar[tuple[str, ...]] = COUNTED

    pattern: Literal["recent_clusters"] = Field(
        description="A round piece of the map with more in the last months than chance explains; it lasts until the last month."
    )
    months: int = Field(default=3, ge=1, le=6, description="How many months it may last at most.")
    per: Id | None = Field(
        default=None,
        description=(
            "A count of those it can happen to, such as inhabitants: areas are then compared by it. Where left out an area is compared with its own"
            " past (space-time permutation), and what is always high is not found."
        ),
    )
    cap: Cap = Field(default=0.1, description=_CAP)

    @property
    def figures(self) -> tuple[str, ...]:
        """Ids of the indicators whose figures it is made of."""
        return (self.indicator, *((self.per,) if self.per else ()))

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
        if self.per is None:
            return
        other = project.indicators.get(self.per)
        at = (*trail, "per")
        if other is None:
            yield unknown(written.place(*at), "indicator", self.per, project.indicators)
        elif other.measure not in COUNTED:
            yield Problem(
                written.place(*at),
                f"`{other.id}` is a {other.measure}, and it takes a count of those it can happen to.",
                "Name another indicator.",
            )
        else:
            yield from not_made_for(other, self.level, written, at)
