"""Points on maps: taken from a register that may be shown row by row, without anything else that a row says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zicht.declare import Points, Project
from zicht.engine import Progress, Step, code_digest
from zicht.intake import ACCEPTED
from zicht.release import POINTS, PublicPoints

STEP = "points"


def declared_points(project: Project) -> dict[str, Points]:
    """The points that indicators declare, by id of the indicator."""
    return {
        indicator.id: indicator.points
        for indicator in project.indicators.values()
        if indicator.points is not None
    }


def points_step(project: Project) -> Step:
    """The step that makes the points of all indicators, a file each.

    Args:
        project: the project; at least one indicator declares points.
    """
    declared = declared_points(project)

    def run(inputs: Mapping[str, Path], out: Path, _: Progress) -> None:
        for id_, points in declared.items():
            rows = pq.read_table(
                inputs[f"register/{points.register_}"] / ACCEPTED, columns=list({points.x, points.y})
            )
            pq.write_table(places(rows, points), out / f"{id_}.parquet")

    said = {id_: points.model_dump(mode="json", by_alias=True) for id_, points in declared.items()}
    registers = dict.fromkeys(points.register_ for points in declared.values())
    needs = tuple(f"{kind}/{register}" for register in registers for kind in ("register", "norms"))
    return Step(
        STEP, run, needs, said, {}, code_digest("chain", "release"), f"points on {len(declared)} maps"
    )


def places(rows: pa.Table, points: Points) -> pa.Table:
    """Where objects stand: whole metres, each place once, in an order that says nothing of the register.

    Args:
        rows: of the register, with the columns that the points name; a row without both coordinates is left out.
        points: which columns hold the coordinates.

    Returns:
        The columns of `zicht.release.POINTS`, by x and then y.
    """
    columns = [pc.round(rows[name].cast(pa.float64())).cast(pa.int32()) for name in (points.x, points.y)]
    table = pa.Table.from_arrays(columns, schema=POINTS).drop_null()
    return (
        table.group_by(POINTS.names, use_threads=False)
        .aggregate([])
        .sort_by([(name, "ascending") for name in POINTS.names])
    )


def public_points(folder: Path, id_: str) -> PublicPoints:
    """The points of an indicator as a release takes them.

    Args:
        folder: what the step made.
        id_: of the indicator.

    Raises:
        DisclosureError: they hold anything but places.
    """
    return PublicPoints(id_, pq.read_table(folder / f"{id_}.parquet"))
