"""What stands out in the figures of a project: its declared findings, each carried out on the figures as the public will have them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from zicht.areas import Areas, Boundaries, is_unknown
from zicht.chain.described import read_counted
from zicht.chain.guarding import Guard
from zicht.chain.places import with_objects
from zicht.declare import Analysis, Project, Sites, Subgroups
from zicht.errors import DeclarationError, Problem, ZichtError
from zicht.figures import Counted

if TYPE_CHECKING:
    from zicht.findings import Ground

FILE = "findings.parquet"
GUARD = "guard.json"
PLACES_FILE = "places.parquet"


def declared_findings(project: Project) -> dict[str, Analysis]:
    """Every finding that products declare, by id, in the order of products."""
    return {analysis.id: analysis for product in project.products.values() for analysis in product.findings}


def find(
    project: Project,
    figures: Mapping[str, pa.Table],
    areas: Areas,
    inputs: Mapping[str, Path],
    gaps_m: float,
    out: Path,
) -> None:
    """Carry out all declared findings that the guard lets through, and write them as one table.

    Args:
        project: the project.
        figures: by indicator id, the figures as the public will have them; anything else would have to be protected again.
        areas: the division.
        inputs: by step its folder: `boundaries`, what was counted by characteristics for findings that describe groups, and registers of
            public objects for those that choose places.
        gaps_m: how far apart polygons of neighbours may lie.
        out: an empty folder; gets findings.parquet, guard.json with what the guard tried, and places.parquet with the places that were chosen.

    Raises:
        DeclarationError: a finding that profiles, or that cannot be carried out on these figures, each with its place.
    """
    from zicht.findings import FINDINGS, PLACES, places_of  # loads compiled code, which a plan does not need

    guard, maps = Guard(project, figures, areas), inputs["boundaries"] / "map"
    grounds: dict[str, Ground] = {}
    problems: list[Problem] = []
    found, places = [FINDINGS.empty_table()], [PLACES.empty_table()]
    for product in project.products.values():
        for index, analysis in enumerate(product.findings):
            if analysis.level not in grounds:
                grounds[analysis.level] = _ground(areas, analysis.level, maps, gaps_m)
            counted = read_counted(project, analysis, inputs) if isinstance(analysis, Subgroups) else None
            if refused := guard.problems(product.id, index, analysis, counted):
                problems += refused
                continue
            ground = grounds[analysis.level]
            if isinstance(analysis, Sites):
                ground = with_objects(ground, project, areas, analysis, inputs)
            try:
                found.append(_carried_out(guard, analysis, counted, ground))
                if isinstance(analysis, Sites):
                    places.append(places_of(analysis, found[-1], ground))
            except ZichtError as error:
                place = project.written["products", product.id].place("findings", index)
                problems += DeclarationError.at(place, str(error)).problems
    if problems:
        raise DeclarationError(problems)
    pq.write_table(pa.concat_tables(found), out / FILE)
    pq.write_table(pa.concat_tables(places), out / PLACES_FILE)
    (out / GUARD).write_text(json.dumps(guard.account, ensure_ascii=False, sort_keys=True), "utf-8")


def _carried_out(guard: Guard, analysis: Analysis, counted: Counted | None, ground: Ground) -> pa.Table:
    """The rows of a finding, looked at again before anybody has them."""
    from zicht.findings import check_found, look_for, look_for_groups, without_homogeneous

    if isinstance(analysis, Subgroups) and counted is not None:
        found = look_for_groups(analysis, counted, guard.project.dimensions, ground.division)
        check_found(found, ground.codes, analysis.least)
        return found
    figures = dict(guard.figures)
    if guard.is_sensitive(analysis) and guard.project.indicators[analysis.indicator].measure == "share":
        figures[analysis.indicator] = without_homogeneous(figures[analysis.indicator])
    found = look_for(analysis, figures, ground)
    check_found(found, ground.codes, 0)
    return found


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
