"""Declared patterns in a share or a rate: over-representation and clusters."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import AmongAreas
from zicht.errors import ZichtError
from zicht.findings.declared.ground import Ground, points_of
from zicht.findings.declared.standardised import counted
from zicht.findings.local import local_clusters, neighbours_of
from zicht.findings.over import over_representation, shrunken_ratios
from zicht.findings.spatial import join_islands
from zicht.findings.table import About


def among_areas(analysis: AmongAreas, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Look for areas, or areas with their neighbours, that stand out in the last period of a share or a rate; see `look_for`."""
    found = counted(analysis, figures, ground)
    about, counts, name = found.about, found.counts, found.reference
    if analysis.pattern == "over_representation":
        judged = [over_representation(about, counts, name), shrunken_ratios(about, counts, name)]
        return pa.concat_tables(judged if found.peers is None else [*judged, found.peers])
    if ground.adjacency is None:
        raise ZichtError(
            f"Finding `{analysis.id}`: `{analysis.pattern}` needs the boundaries of each {analysis.level}."
        )
    placed = pc.is_in(counts["area"], pa.array(list(ground.points), pa.string()))
    counts = counts.filter(pc.and_(placed, pc.greater(pc.fill_null(counts["expected"], 0.0), 0.0)))
    return _clusters(about, counts, ground.adjacency, ground, name)


def _clusters(about: About, counts: pa.Table, adjacency: pa.Table, ground: Ground, name: str) -> pa.Table:
    binary = neighbours_of(counts["area"].to_pylist(), adjacency)
    return local_clusters(
        about, counts, join_islands(binary, *points_of(counts["area"].to_pylist(), ground)), name
    )
