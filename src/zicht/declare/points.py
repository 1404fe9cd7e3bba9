"""Points on a map: where public objects stand, such as charging points and lamp posts; never where people or firms are.

Whether a register may be drawn as points follows from its declarations alone: its rows are objects, it is delivered as it is, and
every column of it is public. What fails one of these is refused, not warned about.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from zicht.declare.base import Declared, Id, PublicText
from zicht.declare.names import unknown
from zicht.errors import Place, Problem

if TYPE_CHECKING:
    from zicht.declare.contract import Column, Register
    from zicht.declare.project import Project, Written

_NUMBERS = ("integer", "number")


class Points(Declared):
    """Objects that the map of an indicator shows where they stand."""

    register_: Id = Field(
        alias="register",
        description="The register of the objects; its rows are objects and all its columns are public.",
    )
    title: PublicText = Field(description="What they are called, such as “Openbare laadpunten”.")
    x: str = Field(
        default="x",
        min_length=1,
        description="Column with the x of the Dutch grid (RD, EPSG:28992), in metres.",
    )
    y: str = Field(default="y", min_length=1, description="Column with the y, likewise.")


def check_points(project: Project) -> Iterator[Problem]:
    """Points that may not be shown, or cannot be.

    Args:
        project: what was read so far.

    Yields:
        One problem a reason, with its place.
    """
    for indicator in project.indicators.values():
        points = indicator.points
        if points is None:
            continue
        written = project.written["indicators", indicator.id]
        place = written.place("points", "register")
        register = project.registers.get(points.register_)
        if register is None:
            yield unknown(place, "register", points.register_, project.registers)
            continue
        yield from _not_public(project, register, place)
        yield from _no_numbers(register, points, written)


def _not_public(project: Project, register: Register, place: Place) -> Iterator[Problem]:
    """Why the rows of a register may not be shown one by one."""
    if register.unit != "object":
        yield Problem(
            place,
            f"a row of `{register.id}` is a {register.unit}; only objects are shown as points.",
            "Show a register with `eenheid: object`, or leave `points` out.",
        )
    if register.source is None:
        yield Problem(
            place,
            f"`{register.id}` is made by SQL, so its declarations do not say whose places it holds.",
            "Name a register that is delivered.",
        )
    elif (source := project.sources.get(register.source)) is not None and source.personal != "none":
        yield Problem(
            place,
            f"`{register.id}` comes from `{source.id}`, which holds personal data.",
            "Show a register whose source has `personal: none`.",
        )
    yield from _told_by_protection(project, register, place)
    closed = [column.name for column in register.columns if column.classification != "public"]
    if closed:
        yield Problem(
            place,
            f"`{register.id}` has columns that are not public: {', '.join(closed[:6])}.",
            "Only a register of which every column is classified `public` can be shown row by row.",
        )


def _told_by_protection(project: Project, register: Register, place: Place) -> Iterator[Problem]:
    """Figures over the same objects that are protected: whoever counts the points would know what is hidden."""
    for indicator in project.indicators.values():
        if indicator.register_ == register.id and indicator.protection not in (None, "open"):
            yield Problem(
                place,
                f"figures of `{indicator.id}` over `{register.id}` are protected (`{indicator.protection}`), and points can be counted.",
                "Leave `points` out, or leave `protection` out where nothing has to be hidden.",
            )


def _no_numbers(register: Register, points: Points, written: Written) -> Iterator[Problem]:
    """Why the columns with coordinates cannot be read."""
    for key in ("x", "y"):
        name = getattr(points, key)
        column: Column | None = register.column(name)
        place = written.place("points", key) if key in points.model_fields_set else written.place("points")
        if column is None:
            yield unknown(place, "column", name, [column.name for column in register.columns])
        elif column.logical_type not in _NUMBERS:
            yield Problem(
                place,
                f"`{name}` is a {column.logical_type}; a coordinate is a number.",
                "Name a column of type `number`.",
            )
