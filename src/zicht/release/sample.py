"""Which pages a reviewer is asked to look at: drawn by risk, and the same for everybody who looks at the same release.

A page weighs more where figures are hidden or change and where what is shown rests on few units. Half of the sample are the heaviest pages, so that
chance cannot pass them by. The other half is drawn from the rest without replacement, with probability in proportion to weight (Efraimidis and Spirakis,
*Weighted random sampling with a reservoir*, 2006); the draws come from the digest of the release, so that nobody picks pages by hand.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.release.bundle import Release
from zicht.release.differences import changes, indicators_of
from zicht.release.protected import HIDDEN

AREAS, INDICATORS = 12, 8  # pages drawn of areas and of indicators [D]
FEW = 50  # units below which a shown figure adds to the risk of its page [D]
WEIGHT_HIDDEN, WEIGHT_CHANGED, WEIGHT_FEW = 3.0, 2.0, 3.0  # [D]


@dataclass(frozen=True)
class SampledPage:
    """A page to look at, and what makes it worth it.

    Attributes:
        path: in the site, such as `gebied/BU90010101/`.
        hidden: hidden figures on it.
        changed: figures on it that are others than the public sees now.
        fewest: the smallest number of units that a shown figure rests on; None where no figure tells.
        weight: its weight in the draw.
    """

    path: str
    hidden: int
    changed: int
    fewest: int | None
    weight: float


def sample_pages(before: Release | None, after: Release) -> list[SampledPage]:
    """Draw the pages to look at.

    Args:
        before: what the public sees; None where that is nothing.
        after: the release that is reviewed.

    Returns:
        Pages of indicators and then of areas, each part the heaviest first.

    Raises:
        ZichtError: a file of a release cannot be read.
    """
    rows = [_rows(before, after, indicator) for indicator in indicators_of(after)]
    if not rows:
        return []
    every = pa.concat_tables(rows)
    pages = {
        "indicator": (_pages(every, ["indicator", "level"], "indicator/{}/{}/"), INDICATORS),
        "area": (_pages(every, ["area"], "gebied/{}/"), AREAS),
    }
    return [page for found, count in pages.values() for page in _draw(found, count, after.digest)]


def _rows(before: Release | None, after: Release, indicator: str) -> pa.Table:
    """Per figure of an indicator: where it stands, whether it is hidden, whether it changes, and how many units it rests on."""
    figures = after.figures(indicator)
    found = changes(before, after, indicator)
    changed = found.filter(
        pc.and_(pc.not_equal(found["kind"], "same"), pc.not_equal(found["kind"], "removed"))
    )
    hidden = pc.is_in(figures["status"], pa.array(HIDDEN)).cast(pa.int64())
    none = pa.nulls(changed.num_rows, pa.int64())
    return pa.concat_tables(
        [
            _row_table(
                indicator, figures, hidden, pa.repeat(0, figures.num_rows), figures["n"].cast(pa.int64())
            ),
            _row_table(
                indicator, changed, pa.repeat(0, changed.num_rows), pa.repeat(1, changed.num_rows), none
            ),
        ]
    )


def _row_table(
    indicator: str, at: pa.Table, hidden: pa.Array, changed: pa.Array, units: pa.Array
) -> pa.Table:
    return pa.table(
        {
            "indicator": pa.repeat(pa.scalar(indicator), at.num_rows),
            "level": at["level"],
            "area": at["area"],
            "hidden": hidden.cast(pa.int64()),
            "changed": changed.cast(pa.int64()),
            "n": units,
        }
    )


def _pages(every: pa.Table, keys: Sequence[str], path: str) -> list[SampledPage]:
    # Figures of units without a known address have no page.
    known = every.filter(pc.invert(pc.match_substring(every["area"], "-")))
    units = pc.if_else(pc.greater(known["n"], 0), known["n"], pa.scalar(None, pa.int64()))
    known = known.set_column(known.column_names.index("n"), "n", units)
    grouped = known.group_by(list(keys), use_threads=False).aggregate(
        [("hidden", "sum"), ("changed", "sum"), ("n", "min")]
    )
    return [
        _page(path.format(*(row[key] for key in keys)), row["hidden_sum"], row["changed_sum"], row["n_min"])
        for row in grouped.to_pylist()
    ]


def _page(path: str, hidden: int, changed: int, fewest: int | None) -> SampledPage:
    weight = 1.0 + WEIGHT_HIDDEN * math.log1p(hidden) + WEIGHT_CHANGED * math.log1p(changed)
    weight += WEIGHT_FEW if fewest is not None and fewest < FEW else 0.0
    return SampledPage(path, hidden, changed, fewest, round(weight, 3))


def _draw(pages: Iterable[SampledPage], count: int, seed: str) -> list[SampledPage]:
    def key(page: SampledPage) -> float:
        drawn = hashlib.sha256(f"{seed} {page.path}".encode()).digest()[:8]
        uniform = (int.from_bytes(drawn) + 1) / (np.iinfo(np.uint64).max + 2)
        return -math.log(uniform) / page.weight

    drawn = sorted(pages, key=key)
    heaviest = sorted(drawn, key=lambda page: -page.weight)[: count // 2]
    chosen = [*heaviest, *(page for page in drawn if page not in heaviest)][:count]
    return sorted(chosen, key=lambda page: (-page.weight, page.path))
