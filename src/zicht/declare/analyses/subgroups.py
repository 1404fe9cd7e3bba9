"""Which combinations of characteristics are found more often in a group than in those it is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator
from typing_extensions import override

from zicht.declare.analyses.base import AnyAnalysis, Described, Trail
from zicht.declare.base import Id
from zicht.declare.names import unknown
from zicht.declare.sql import columns_used
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.contract import Register
    from zicht.declare.models import Indicator
    from zicht.declare.project import Project, Written

MOST_CATEGORIES = 64
"""As many characteristics as one search holds; see `zicht.findings.subgroups`."""


class Subgroups(AnyAnalysis):
    """Combinations of characteristics that are over-represented among the units for which the numerator of an indicator holds."""

    measures: ClassVar[tuple[str, ...]] = ("share", "rate")

    pattern: Literal["subgroups"] = Field(
        description="`subgroups`: combinations of characteristics that are found more often where the numerator of the indicator holds."
    )
    level: Literal["gemeente"] = Field(
        default="gemeente",
        description="A group is described for the whole project, and never for a part of it.",
    )
    characteristics: tuple[Id, ...] = Field(
        min_length=1,
        max_length=6,
        description="Dimensions whose categories describe a group; no protected ground, and nothing that stands in for one.",
    )
    controls: tuple[Id, ...] = Field(
        default=(),
        max_length=3,
        description="Dimensions within which units are compared, such as age; a protected ground may stand here.",
    )
    unit: str = Field(
        min_length=1,
        description="Column of the register with the pseudonym of the unit: it decides in which half of the search the unit is, the same in every build.",
    )
    depth: int = Field(default=2, ge=1, le=3, description="How many characteristics are combined at most.")
    least: int = Field(
        default=10, ge=10, description="How many units with the trait a group has at least, in each half."
    )
    least_reference: int = Field(
        default=50, ge=50, description="How many units without the trait a group has at least, in each half."
    )

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if both := set(self.controls) & set(self.characteristics):
            raise ValueError(f"`{min(both)}` cannot be in `controls` and in `characteristics`")
        return self

    @property
    @override
    def described_by(self) -> tuple[Described, ...]:
        """Dimensions by whose categories it describes or chooses units; those that are only allowed for are not in it."""
        return tuple(Described(id_, ("characteristics", at)) for at, id_ in enumerate(self.characteristics))

    @override
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
        for key in ("characteristics", "controls"):
            for at, id_ in enumerate(getattr(self, key)):
                if id_ not in project.dimensions:
                    place = written.place(*trail, key, at)
                    yield unknown(place, "dimension", id_, project.dimensions)
        indicator = project.indicators.get(self.indicator)
        register = project.registers.get(indicator.register_) if indicator is not None else None
        if indicator is not None and register is not None:
            yield from self._mistakes_with(project, indicator, register, written, trail)

    def _mistakes_with(
        self, project: Project, indicator: Indicator, register: Register, written: Written, trail: Trail
    ) -> Iterator[Problem]:
        if indicator.numerator is None:
            yield Problem(
                written.place(*trail, "indicator"),
                f"`{indicator.id}` counts events of another register, so no unit of `{register.id}` has the trait or lacks it.",
                "Name a share, or a rate with a `numerator`.",
            )
        pseudonyms = [column.name for column in register.kept if column.is_pseudonym]
        if self.unit not in pseudonyms:
            yield Problem(
                written.place(*trail, "unit"),
                f"`{self.unit}` is no pseudonym of register `{register.id}`.",
                f"Name one of: {', '.join(pseudonyms)}."
                if pseudonyms
                else "Let its query pass on the pseudonym of the unit, classified `identifying`.",
            )
        flags = 0
        for key in ("characteristics", "controls"):
            for at, id_ in enumerate(getattr(self, key)):
                dimension = project.dimensions.get(id_)
                if dimension is None:
                    continue
                flags += len(dimension.categories) if key == "characteristics" else 0
                known = {column.name.lower() for column in register.kept}
                absent = [name for name in columns_used(dimension.sql) if name.lower() not in known]
                if absent:
                    yield Problem(
                        written.place(*trail, key, at),
                        f"dimension `{id_}` is made of `{absent[0]}`, which register `{register.id}` does not have.",
                        "Name a dimension over columns of that register.",
                    )
        if flags > MOST_CATEGORIES:
            yield Problem(
                written.place(*trail, "characteristics"),
                f"they have {flags} categories together, and a search holds {MOST_CATEGORIES}.",
                "Leave one out, or take categories together.",
            )
