"""The public objects that findings choose places from: points and streets of registers, as the declaration names them.

They are looked at one by one, which no other finding may do. So it has to be sure that they are public: the declaration refuses registers of
anything but objects and columns that are not classified as public, and here those are refused that were made from data about persons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zicht.areas import Areas
from zicht.chain.sources import is_personal
from zicht.declare import Project, PublicPoints, Register, Sites, place_key
from zicht.errors import Problem
from zicht.intake import ACCEPTED

if TYPE_CHECKING:
    from zicht.findings import Ground


def choices(project: Project) -> Iterator[tuple[str, int, Sites]]:
    """Every finding that chooses places, with the id of its product and its number in it.

    Args:
        project: the project.
    """
    for product in project.products.values():
        for index, analysis in enumerate(product.findings):
            if isinstance(analysis, Sites):
                yield product.id, index, analysis


def registers_of_places(project: Project) -> tuple[str, ...]:
    """Ids of the registers whose objects are looked at.

    Args:
        project: the project.
    """
    return tuple(dict.fromkeys(id_ for _, _, analysis in choices(project) for id_ in analysis.registers))


def check_places(project: Project) -> Iterator[Problem]:
    """The problems with places that would be chosen from data about persons.

    Args:
        project: the project.

    Yields:
        One problem a register, with its place.
    """
    for product, index, analysis in choices(project):
        for id_ in analysis.registers:
            if is_personal(project, project.registers[id_]):
                yield Problem(
                    project.written["products", product].place("findings", index),
                    f"`{id_}` is made from data about persons, and a place is never a person or a home.",
                    "Choose places from a register of public objects, or from areas.",
                )


def with_objects(
    ground: Ground, project: Project, areas: Areas, analysis: Sites, inputs: Mapping[str, Path]
) -> Ground:
    """The ground of an analysis, with the public objects that it looks at and the area that each area lies in.

    Args:
        ground: the areas of its level.
        project: the project.
        areas: the division.
        analysis: what is looked for.
        inputs: by step its folder, `register/…` of each of its registers too.
    """

    def read(id_: str) -> pa.Table:
        register = project.registers[id_]
        return _of_last_period(register, pq.read_table(inputs[f"register/{id_}"] / ACCEPTED))

    objects = {
        key: _points(project.registers[one.register_], one, read(one.register_))
        for key, one in analysis.points.items()
    }
    if analysis.network:
        columns = analysis.network.columns
        streets = read(analysis.network.register_).select(list(columns.values()))
        objects["network"] = streets.rename_columns(list(columns)).drop_null()
    table = areas.table
    above = {
        code: parent
        for code, parent in zip(table["code"].to_pylist(), table["parent"].to_pylist(), strict=True)
        if parent is not None
    }
    return replace(ground, above=above, objects=objects)


def _of_last_period(register: Register, table: pa.Table) -> pa.Table:
    column = register.period_column
    if column is None:
        return table
    return table.filter(pc.equal(table[column.name], pc.max(table[column.name])))


def _points(register: Register, points: PublicPoints, table: pa.Table) -> pa.Table:
    """Name, area and place of each object, in order of name; those of which any is not known are left out."""
    key, area = place_key(register), register.area_column
    named = {
        "place": table[key or ""].cast(pa.string()),
        "area": table[area.name if area else ""].cast(pa.string()),
        "x": table[points.x].cast(pa.float64()),
        "y": table[points.y].cast(pa.float64()),
    }
    return pa.table(named).drop_null().sort_by("place").combine_chunks()
