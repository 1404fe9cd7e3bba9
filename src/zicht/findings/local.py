"""Areas that stand out together with their neighbours: local Moran and Gi* on ratios that chance in small areas does not drive.

Local Moran on z-scores of equal variance (Assunção and Reis 1999), Gi* on ratios drawn to the mean (Marshall 1991); p by conditional
permutation and q over all areas (Caldas de Castro, M. and Singer, B.H. (2006), Controlling the false discovery rate, Geographical Analysis 38).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from zicht.errors import ZichtError
from zicht.findings.chance import benjamini_hochberg, generator
from zicht.findings.rates import comparable, marshall
from zicht.findings.spatial import Neighbours, averaged, conditional_p, gi_star, local_moran, neighbours
from zicht.findings.table import About, Floats, findings

MAX_Q = 0.05


def neighbours_of(areas: Sequence[str], adjacency: pa.Table) -> Neighbours:
    """The neighbours of these areas.

    Args:
        areas: codes, in the order of the values.
        adjacency: columns code and neighbour, each pair in both directions; areas that are not asked for are passed over.

    Returns:
        Neighbours that count alike.
    """
    number = {code: i for i, code in enumerate(areas)}
    pairs = [
        (number[a], number[b])
        for a, b in zip(adjacency["code"].to_pylist(), adjacency["neighbour"].to_pylist(), strict=True)
        if a in number and b in number
    ]
    area, neighbour = np.array(pairs, np.int64).reshape(-1, 2).T
    return neighbours(area, neighbour, len(areas))


def local_clusters(about: About, counts: pa.Table, binary: Neighbours, reference: str) -> pa.Table:
    """Where high areas lie together, low areas lie together, or one differs from those around it.

    Args:
        about: what all rows share.
        counts: what `standardise` gives, with an expected number above 0 for every area and some events.
        binary: neighbours that count alike, in the order of `counts`; give islands the nearest area first (`join_islands`).
        reference: name of the reference of the expected numbers.

    Returns:
        `FINDINGS`, two rows an area. Method `local_moran`: `statistic` is I and `estimate` the mean z-score of the neighbours, so that an area
        is high among high ones where both are above 0, low among low ones where only `estimate` is below 0, and otherwise unlike its
        neighbours. Method `gi_star`: `statistic` is Gi* and `estimate` the area's ratio drawn to the mean. An area without neighbours has no
        p, and status `not_available` for local Moran.

    Raises:
        ZichtError: an expected number that is not above 0, or no event at all.
    """
    observed = counts["observed"].to_numpy()
    expected = counts["expected"].to_numpy().astype(np.float64)
    if not (expected > 0).all() or not observed.any():
        raise ZichtError("every area needs an expected number above 0, and some must have events")
    scores, ratios, means = comparable(observed, expected), marshall(observed, expected), averaged(binary)
    around = np.where(binary.without, np.nan, means.weights @ (scores - scores.mean()))
    analyses: list[tuple[str, Floats, Floats, Floats]] = [
        ("local_moran", around, scores, local_moran(scores, means)),
        ("gi_star", ratios, ratios, gi_star(ratios, binary)),
    ]
    return pa.concat_tables(
        [
            _rows(about, method, counts, reference, (estimate, statistic, _p(about, method, values, binary)))
            for method, estimate, values, statistic in analyses
        ]
    )


def clusters_of_values(about: About, areas: Sequence[str], values: Floats, binary: Neighbours) -> pa.Table:
    """As `local_clusters`, of values of which it is not known how many people they rest on: every area weighs the same.

    Args:
        about: what all rows share.
        areas: codes.
        values: one each, not all the same.
        binary: neighbours that count alike, in the order of `areas`.

    Returns:
        `FINDINGS` with method `local_moran`; `observed` is the value.

    Raises:
        ZichtError: all values are the same.
    """
    if not np.ptp(values) > 0:
        raise ZichtError("all areas have the same value, so none stands out")
    scores, means = (values - values.mean()) / values.std(), averaged(binary)
    around = np.where(binary.without, np.nan, means.weights @ scores)
    p = _p(about, "local_moran", scores, binary)
    q, statistic = benjamini_hochberg(p), local_moran(scores, means)
    return findings(
        about,
        "local_moran",
        {
            "area": list(areas), "estimate": around, "observed": values, "statistic": statistic, "p": p, "q": q, "relevant": q < MAX_Q,
            "status": ["not_available" if np.isnan(value) else "ok" for value in statistic],
        },
    )  # fmt: skip


def _p(about: About, method: str, values: Floats, binary: Neighbours) -> Floats:
    return conditional_p(values, binary, generator(about.finding, about.period, method, values))


def _rows(
    about: About, method: str, counts: pa.Table, reference: str, made: tuple[Floats, Floats, Floats]
) -> pa.Table:
    estimate, statistic, p = made
    q = benjamini_hochberg(p)
    return findings(
        about,
        method,
        {
            "area": counts["area"], "estimate": estimate, "observed": counts["observed"], "expected": counts["expected"],
            "reference": [reference] * len(p), "statistic": statistic, "p": p, "q": q, "relevant": q < MAX_Q,
            "status": ["not_available" if np.isnan(value) else "ok" for value in statistic],
        },
    )  # fmt: skip
