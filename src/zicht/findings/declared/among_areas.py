"""Declared patterns in a share or a rate: over-representation, clusters and the scan of the map."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import AmongAreas
from zicht.errors import ZichtError
from zicht.findings.circles import circles
from zicht.findings.declared.ground import Ground, points_of
from zicht.findings.declared.standardised import counted
from zicht.findings.local import local_clusters, neighbours_of
from zicht.findings.over import over_representation, shrunken_ratios
from zicht.findings.scan import scan_poisson
from zicht.findings.spatial import join_islands
from zicht.findings.table import About, findings

MAX_P = 0.05
CAP = 0.20
"""The part of all that is expected that a round piece of the map may hold at most: more of it than that is no piece of it."""


def among_areas(analysis: AmongAreas, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Look for areas, or pieces of the map, that stand out in the last period of a share or a rate; see `look_for`."""
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
    if analysis.pattern == "scan":
        return _scanned(about, counts, ground, name)
    return _clusters(about, counts, ground.adjacency, ground, name)


def _clusters(about: About, counts: pa.Table, adjacency: pa.Table, ground: Ground, name: str) -> pa.Table:
    binary = neighbours_of(counts["area"].to_pylist(), adjacency)
    return local_clusters(
        about, counts, join_islands(binary, *points_of(counts["area"].to_pylist(), ground)), name
    )


def _scanned(about: About, counts: pa.Table, ground: Ground, name: str) -> pa.Table:
    """A row for each cluster that chance does not explain, and one for each area, with the number of its cluster."""
    expected = counts["expected"].to_numpy()
    found = scan_poisson(
        counts["observed"].to_numpy(),
        expected,
        circles(*points_of(counts["area"].to_pylist(), ground), expected, share=CAP),
    )
    clusters = found.clusters.filter(pc.less_equal(found.clusters["p"], MAX_P))
    member = np.full(counts.num_rows, None, dtype=object)
    for number, areas in zip(clusters["cluster"].to_pylist(), clusters["areas"].to_pylist(), strict=True):
        member[areas] = str(number)
    of_clusters = {
        "group": clusters["cluster"].cast(pa.string()), "estimate": clusters["relative_risk"], "reference": [name] * clusters.num_rows,
        "observed": clusters["cases"], "expected": clusters["expected"], "statistic": clusters["llr"], "p": clusters["p"],
        "relevant": [True] * clusters.num_rows,
    }  # fmt: skip
    of_areas = {
        "area": counts["area"], "group": member.tolist(), "observed": counts["observed"], "expected": counts["expected"],
        "reference": [name] * counts.num_rows, "relevant": [group is not None for group in member],
    }  # fmt: skip
    return pa.concat_tables([findings(about, "scan", of_clusters), findings(about, "scan", of_areas)])
