"""In which areas a postcode lies, for the search box of the site: where that stands, and what may serve for it.

A table of postcodes is no data about people: it says where addresses are, as the map does. So that it stays so, its rows must be addresses, its columns neither
about persons nor bound to purposes, and a postcode is told of an area only where enough addresses of it lie there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from zicht.declare.base import Declared, Id
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.contract import Column, Register
    from zicht.declare.project import Project

FEWEST = 5
"""Fewer addresses than this are never enough to tell a postcode of an area; our own choice."""
_OPEN = ("public", "internal")
_AT = ("site", "postcodes")


class Postcodes(Declared):
    """Which register says in which areas a postcode lies."""

    register_: Id = Field(
        alias="register", description="Register with a row an address, and a column with areas."
    )
    column: str = Field(
        default="postcode",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$",
        description="Its column with postcodes: four digits, with or without the two letters.",
    )
    least: int = Field(
        default=10,
        ge=FEWEST,
        le=1000,
        description="So many addresses of a postcode must lie in an area before the site says that it does.",
    )


def check_postcodes(project: Project) -> Iterator[Problem]:
    """What is wrong with the table of postcodes that a project declares.

    Args:
        project: the project.

    Yields:
        A problem each: no such register or column, rows that are no addresses, columns that may not serve for this.
    """
    declared = project.file.site.postcodes
    if declared is None:
        return
    written = project.written["project", project.file.id]
    register = project.registers.get(declared.register_)
    if register is None:
        yield Problem(
            written.place(*_AT, "register"),
            f"register `{declared.register_}` does not exist.",
            f"Use one of: {', '.join(sorted(project.registers))}.",
        )
        return
    if register.unit != "address":
        yield Problem(
            written.place(*_AT, "register"),
            f"a row of register `{register.id}` is no address but {register.unit}, so its postcodes would tell where those are.",
            "Use a register with `eenheid: address`.",
        )
    column = register.column(declared.column)
    if column is None:
        yield Problem(
            written.place(*_AT, "column"),
            f"register `{register.id}` has no column `{declared.column}`.",
            f"Use one of: {', '.join(one.name for one in register.kept)}.",
        )
    if register.area_column is None:
        yield Problem(
            written.place(*_AT, "register"),
            f"register `{register.id}` has no column with areas.",
            "Mark one with `gebied` in its contract.",
        )
    for one in (column, register.area_column):
        if one is not None and not _may_serve(one):
            yield _refused(project, register, one)


def _may_serve(column: Column) -> bool:
    return column.classification in _OPEN and column.purposes is None and not column.is_dropped


def _refused(project: Project, register: Register, column: Column) -> Problem:
    why = (
        "is bound to purposes"
        if column.classification in _OPEN
        else f"is classified as {column.classification or 'nothing'}"
    )
    return Problem(
        project.written["project", project.file.id].place(*_AT),
        f"column `{register.id}.{column.name}` {why}, so it cannot be published as a table of postcodes.",
        "Use a register of addresses whose columns are `public` or `internal`, such as the table of postcodes of CBS.",
    )
