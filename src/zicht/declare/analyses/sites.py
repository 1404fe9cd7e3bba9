"""Where to put it: places chosen from public objects or from areas, so that demand has one near.

Demand is the public figure of an area, and a place is a public object or a point in an area. Homes and persons are neither: registers of
those are refused here, whatever their columns say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from zicht.declare.analyses.base import AnyAnalysis, Trail
from zicht.declare.base import Declared, Id
from zicht.declare.names import unknown
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.contract import Register
    from zicht.declare.project import Project, Written

RD = "EPSG:28992"


class PublicPoints(Declared):
    """Points of a register of public objects, such as charging points."""

    register_: Id = Field(
        alias="register", description="The register: a row an object, every column used public."
    )
    x: str = Field(default="x", description="Column with the RD x coordinate, in metres.")
    y: str = Field(default="y", description="Column with the RD y coordinate, in metres.")

    @property
    def columns(self) -> dict[str, str]:
        """By key the column that it names."""
        return {"x": self.x, "y": self.y}


class StreetNetwork(Declared):
    """Pieces of street that people can walk along, from crossing to crossing."""

    register_: Id = Field(
        alias="register", description="The register: a row a piece of street, every column used public."
    )
    from_x: str = Field(default="van_x", description="Column with the RD x coordinate of one end, in metres.")
    from_y: str = Field(default="van_y", description="Column with the RD y coordinate of that end.")
    to_x: str = Field(default="naar_x", description="Column with the RD x coordinate of the other end.")
    to_y: str = Field(default="naar_y", description="Column with the RD y coordinate of the other end.")
    length: str | None = Field(
        default=None, description="Column with the length in metres; the straight line where left out."
    )

    @property
    def columns(self) -> dict[str, str]:
        """By key the column that it names."""
        ends = {"from_x": self.from_x, "from_y": self.from_y, "to_x": self.to_x, "to_y": self.to_y}
        return ends if self.length is None else {**ends, "length": self.length}


class Sites(AnyAnalysis):
    """Places chosen so that most demand has one within reach, or has least far to go."""

    measures: ClassVar[tuple[str, ...]] = ("count", "sum", "take")

    pattern: Literal["sites"] = Field(
        description="`sites`: where to put it, chosen from public objects or areas, with how far from the best possible the choice may be."
    )
    choose: int = Field(ge=1, le=200, description="How many new places are chosen.")
    objective: Literal["max_cover", "p_median", "p_center"] = Field(
        description=(
            "`max_cover`: most demand has a place within `reach`; `p_median`: all demand together has least far to go;"
            " `p_center`: whoever has farthest to go has it as near as can be."
        )
    )
    reach: float | None = Field(
        default=None, gt=0, le=100_000, description="max_cover: how many metres people walk."
    )
    candidates: PublicPoints | None = Field(
        default=None,
        description="Where a place may come; a point in each area of the level where left out.",
    )
    existing: PublicPoints | None = Field(default=None, description="Places that are there and stay.")
    demand_at: PublicPoints | None = Field(
        default=None,
        description="Points over which the figure of their area is divided evenly; one point in the area where left out.",
    )
    network: StreetNetwork | None = Field(
        default=None,
        description="The streets along which is walked; straight lines times `detour` where left out, which the page says.",
    )
    detour: float = Field(
        default=1.3,
        ge=1,
        le=3,
        description="How many times as long as the straight line a walk is, where no `network` is declared.",
    )
    least: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="max_cover: the share of the demand of each wijk that must have a place within reach.",
    )
    uncertainty: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description=(
            "How far the demand of an area may be off, as the standard deviation divided by the figure; used for figures without an interval of"
            " their own. A hundred scenarios are drawn with it."
        ),
    )

    @model_validator(mode="after")
    def _reach_is_of_max_cover(self) -> Self:
        if (self.reach is None) == (self.objective == "max_cover"):
            raise ValueError("`max_cover` needs `reach`, in metres, and no other objective has one")
        if self.least and self.objective != "max_cover":
            raise ValueError("`least` belongs to `max_cover`; leave it out")
        return self

    @property
    def points(self) -> dict[str, PublicPoints]:
        """By key the points that it names."""
        found = {"candidates": self.candidates, "existing": self.existing, "demand_at": self.demand_at}
        return {key: points for key, points in found.items() if points is not None}

    @property
    def registers(self) -> tuple[str, ...]:
        """Ids of the registers whose points and streets it uses."""
        streets = [self.network.register_] if self.network else []
        return tuple(dict.fromkeys([*(one.register_ for one in self.points.values()), *streets]))

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
        if indicator is not None and indicator.measure == "take" and not indicator.adds_up:
            yield Problem(
                written.place(*trail, "indicator"),
                f"`{indicator.id}` does not say that it adds up, and demand must.",
                "Write `adds_up: true` in the indicator if areas add up to the one they lie in, or name another.",
            )
        used = [(key, points.register_, points.columns) for key, points in self.points.items()]
        if self.network:
            used.append(("network", self.network.register_, self.network.columns))
        for key, id_, columns in used:
            register = project.registers.get(id_)
            here = (*trail, key)
            if register is None:
                yield unknown(written.place(*here, "register"), "register", id_, project.registers)
                continue
            yield from _not_public(project, register, columns, written, here)
            if key != "network":
                yield from _not_placed(register, self.level, written, here)


def place_key(register: Register) -> str | None:
    """The column that names an object of a register; None where more than one does, or none.

    Args:
        register: of public objects; where its rows are of more periods, the period is not part of the name.
    """
    period = register.period_column
    names = [name for name in register.key if period is None or name != period.name]
    return names[0] if len(names) == 1 else None


def _not_public(
    project: Project, register: Register, columns: dict[str, str], written: Written, trail: Trail
) -> Iterator[Problem]:
    """The problems with a register that is not of public objects, or whose columns are not public numbers."""
    source = None if register.source is None else project.sources.get(register.source)
    if register.unit != "object" or (source is not None and source.personal != "none"):
        yield Problem(
            written.place(*trail, "register"),
            f"places are public objects, and a row of `{register.id}` is of a {register.unit}"
            f"{'' if source is None or source.personal == 'none' else ' with personal data'}.",
            "Name a register of objects such as charging points or parking places, or leave this out for points in areas.",
        )
    for key, name in columns.items():
        column = register.column(name)
        if column is None:
            yield unknown(
                written.place(*trail, key), "column", name, [known.name for known in register.columns]
            )
        elif column.classification != "public" or column.logical_type not in ("number", "integer"):
            yield Problem(
                written.place(*trail, key),
                f"column `{name}` of `{register.id}` is not a public number.",
                "Name a column of metres that the contract classifies as `public`.",
            )


def _not_placed(register: Register, level: str, written: Written, trail: Trail) -> Iterator[Problem]:
    """The problems with a register that does not name its objects, or not the area that each lies in."""
    key, area = place_key(register), register.area_column
    named = None if key is None else register.column(key)
    if named is None or named.classification != "public":
        yield Problem(
            written.place(*trail, "register"),
            f"`{register.id}` has no public column that names each object.",
            "Mark one column as `primaryKey` in its contract, and classify it as `public`.",
        )
    if area is None or area.area_level != level or area.classification != "public":
        yield Problem(
            written.place(*trail, "register"),
            f"`{register.id}` does not say in which {level} each object lies.",
            f"Give it a public column with `gebied: {level}`; with `ligging` the {level} follows from the coordinates.",
        )
    if area is not None and area.located is not None and area.located.crs != RD:
        yield Problem(
            written.place(*trail, "register"),
            f"the coordinates of `{register.id}` are in {area.located.crs}.",
            f"Distances are in metres, so deliver them in {RD}.",
        )
