"""Declared patterns in a share or a rate: over-representation and clusters."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import AmongAreas
from zicht.errors import ZichtError
from zicht.findings.declared.ground import Ground, points_of
from zicht.findings.declared.standardised import counted, last_values, without_counts
from zicht.findings.local import clusters_of_values, local_clusters, neighbours_of
from zicht.findings.over import over_representation, shrunken_ratios
from zicht.findings.spatial import join_islands
from zicht.findings.table import About


def among_areas(analysis: AmongAreas, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Look for areas, or areas with their neighbours, that stand out in the last period of a share or a rate; see `look_for`."""
    if analysis.pattern == "clusters" and not analysis.controls and without_counts(analysis, figures, ground):
        return _of_values(analysis, figures, ground)
    found = counted(analysis, figures, ground)
    about, counts, name = found.about, found.counts, found.reference
    if analysis.pattern == "over_representation":
        judged = [over_representation(about, counts, name), shrunken_ratios(about, counts, name)]
        return pa.concat_tables(judged if found.peers is None else [*judged, found.peers])
    adjacency = _adjacency(analysis, ground)
    placed = pc.is_in(counts["area"], pa.array(list(ground.points), pa.string()))
    counts = counts.filter(pc.and_(placed, pc.greater(pc.fill_null(counts["expected"], 0.0), 0.0)))
    return _clusters(about, counts, adjacency, ground, name)


def _adjacency(analysis: AmongAreas, ground: Ground) -> pa.Table:
    if ground.adjacency is None:
        raise ZichtError(
            f"Finding `{analysis.id}`: `{analysis.pattern}` needs the boundaries of each {analysis.level}."
        )
    return ground.adjacency


def _of_values(analysis: AmongAreas, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Areas that lie high or low together, in the last period of a figure that comes without counts."""
    adjacency = _adjacency(analysis, ground)
    about, known = last_values(analysis, figures, ground)
    known = known.filter(pc.is_in(known["area"], pa.array(list(ground.points), pa.string())))
    areas = known["area"].to_pylist()
    near = join_islands(neighbours_of(areas, adjacency), *points_of(areas, ground))
    return clusters_of_values(about, areas, known["value"].to_numpy(), near)


def _clusters(about: About, counts: pa.Table, adjacency: pa.Table, ground: Ground, name: str) -> pa.Table:
    binary = neighbours_of(counts["area"].to_pylist(), adjacency)
    return local_clusters(
        about, counts, join_islands(binary, *points_of(counts["area"].to_pylist(), ground)), name
    )
