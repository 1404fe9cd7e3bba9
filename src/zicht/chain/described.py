"""The counts by characteristics behind findings that describe groups: made in a step of their own, and never published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from zicht.declare import DimensionDeclared, Project, Register, Subgroups
from zicht.engine import DuckDBEngine, Progress, Step, code_digest
from zicht.errors import DeclarationError, ZichtError
from zicht.figures import Counted, count_described
from zicht.intake import ACCEPTED

STEP = "described"
_PERIOD = "period.txt"


def searches(project: Project, register: str) -> list[Subgroups]:
    """The declared searches for groups among the units of a register.

    Args:
        project: the project.
        register: id of the register.
    """
    return [
        analysis
        for product in project.products.values()
        for analysis in product.findings
        if isinstance(analysis, Subgroups) and project.indicators[analysis.indicator].register_ == register
    ]


def described_steps(project: Project, registers: Sequence[Register]) -> Iterator[Step]:
    """The step that counts by characteristics, for each register in which groups are searched.

    Args:
        project: the project.
        registers: in the order in which they are made.
    """
    for register in registers:
        if wanted := searches(project, register.id):
            yield _step(project, register, wanted)


def _step(project: Project, register: Register, wanted: Sequence[Subgroups]) -> Step:
    dimensions = {one.id: dimensions_of(project, one) for one in wanted}

    def run(inputs: Mapping[str, Path], out: Path, _: Progress) -> None:
        with DuckDBEngine() as engine:
            engine.add(register.id, inputs[f"register/{register.id}"] / ACCEPTED)
            for analysis in wanted:
                indicator = project.indicators[analysis.indicator]
                try:
                    counted = count_described(
                        engine, register, register.id, indicator, dimensions[analysis.id], analysis.unit
                    )
                except ZichtError as error:
                    place = project.written["indicators", indicator.id].place("numerator")
                    raise DeclarationError.at(place, f"finding `{analysis.id}`: {error}") from error
                folder = out / analysis.id
                folder.mkdir()
                (folder / _PERIOD).write_text(counted.period, "utf-8")
                pq.write_table(counted.cube, folder / "cube.parquet")
                pq.write_table(counted.areas, folder / "areas.parquet")

    declared = {
        "contract": register.document.value,
        "searches": [
            {
                "finding": analysis.id,
                "unit": analysis.unit,
                "indicator": project.indicators[analysis.indicator].model_dump(mode="json", by_alias=True),
                "dimensions": [one.model_dump(mode="json") for one in dimensions[analysis.id]],
            }
            for analysis in wanted
        ],
    }
    return Step(
        f"{STEP}/{register.id}", run, (f"register/{register.id}", f"norms/{register.id}"), declared, {},
        code_digest("figures", "engine", "declare", "chain"), f"characteristics in {register.title}",
    )  # fmt: skip


def dimensions_of(project: Project, analysis: Subgroups) -> list[DimensionDeclared]:
    """The dimensions that a search describes by and allows for.

    Args:
        project: the project.
        analysis: the search.
    """
    return [project.dimensions[id_] for id_ in (*analysis.characteristics, *analysis.controls)]


def read_counted(project: Project, analysis: Subgroups, inputs: Mapping[str, Path]) -> Counted:
    """What was counted for a search.

    Args:
        project: the project.
        analysis: the search.
        inputs: by step its folder, that of the register of the search among them.
    """
    register = project.indicators[analysis.indicator].register_
    folder = inputs[f"{STEP}/{register}"] / analysis.id
    return Counted(
        (folder / _PERIOD).read_text("utf-8"),
        pq.read_table(folder / "cube.parquet"),
        pq.read_table(folder / "areas.parquet"),
    )
