"""What stands out in the figures of a project: its declared findings, each carried out on the figures as the public will have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from zicht.areas import Areas, Boundaries, is_unknown
from zicht.declare import Analysis, Project
from zicht.errors import DeclarationError, Problem, ZichtError

if TYPE_CHECKING:
    from zicht.findings import Ground

FILE = "findings.parquet"


def declared_findings(project: Project) -> dict[str, Analysis]:
    """Every finding that products declare, by id, in the order of products."""
    return {analysis.id: analysis for product in project.products.values() for analysis in product.findings}


def find(
    project: Project, figures: Mapping[str, pa.Table], areas: Areas, maps: Path, gaps_m: float, out: Path
) -> None:
    """Carry out all declared findings and write them as one table.

    Args:
        project: the project.
        figures: by indicator id, the figures as the public will have them; anything else would have to be protected again.
        areas: the division.
        maps: the folder with the polygons of each level; see `make_boundaries`.
        gaps_m: how far apart polygons of neighbours may lie.
        out: an empty folder; gets findings.parquet.

    Raises:
        DeclarationError: a finding that cannot be carried out on these figures, each with its place.
    """
    from zicht.findings import FINDINGS, look_for  # loads compiled code, which a plan does not need

    grounds: dict[str, Ground] = {}
    problems: list[Problem] = []
    found = [FINDINGS.empty_table()]
    for product in project.products.values():
        for index, analysis in enumerate(product.findings):
            if analysis.level not in grounds:
                grounds[analysis.level] = _ground(areas, analysis.level, maps, gaps_m)
            try:
                found.append(look_for(analysis, figures, grounds[analysis.level]))
            except ZichtError as error:
                place = project.written["products", product.id].place("findings", index)
                problems += DeclarationError.at(place, str(error)).problems
    if problems:
        raise DeclarationError(problems)
    pq.write_table(pa.concat_tables(found), out / FILE)


def _ground(areas: Areas, level: str, maps: Path, gaps_m: float) -> Ground:
    from zicht.findings import Ground

    codes = [code for code in areas.codes(level) if not is_unknown(code)]
    gemeente = dict(_within(areas, level, codes))
    path = maps / f"{level}.parquet"
    if not path.is_file():
        return Ground(codes, gemeente, None, {}, areas.division)
    boundaries = Boundaries.from_table(pq.read_table(path))
    inside = shapely.get_coordinates(shapely.point_on_surface(boundaries.geometries)).tolist()
    points = {code: (x, y) for code, (x, y) in zip(boundaries.codes, inside, strict=True)}
    return Ground(codes, gemeente, boundaries.adjacency(gaps_m), points, areas.division)


def _within(areas: Areas, level: str, codes: Iterable[str]) -> Iterable[tuple[str, str]]:
    ancestry = areas.ancestry()
    if level == "gemeente" or "gemeente" not in ancestry.column_names:
        return ((code, code) for code in codes)
    return zip(ancestry[level].to_pylist(), ancestry["gemeente"].to_pylist(), strict=True)
