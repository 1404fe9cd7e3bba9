"""How far the distribution of a column has moved since the snapshot before: the population stability index.

PSI = Σ (p − q) · ln(p / q) over groups, with q the shares before and p the shares now: the divergence of Jeffreys (1946), as scorecards
use it (Lewis, *An Introduction to Credit Scoring*, 1994). Below 0.10 little has changed, above 0.25 much; Yurdakul and Naranjo (*Statistical
properties of the population stability index*, 2020) show that by chance alone it is about (groups − 1) · (1/n + 1/m). An empty group
has half a row (Krichevsky and Trofimov, 1981), so that the index is finite.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from zicht.intake.quality.measured import Shaped

GROUPS = 10
"""Groups that numbers and months are put in, with about as many rows before in each."""

SMALLEST = 0.01
"""Share of the rows before that a kind needs for a group of its own; rarer ones go together."""

_HALF = 0.5


def stability_index(before: Shaped, now: Shaped) -> float:
    """The population stability index of a column between two snapshots.

    Args:
        before: its distribution in the earlier snapshot.
        now: its distribution in this one.

    Returns:
        The index: 0 where nothing moved, and no upper bound. Rows without a value are a group of their own. Where the
        column has another type than before, nothing can be compared and the index is infinite.
    """
    if before.shape != now.shape:
        return float("inf")
    groups = _kinds(before) if before.shape == "kind" else _ranges(before, now)
    old, new = _rows(before, groups), _rows(now, groups)
    there = (old + new) > 0
    old, new = old[there] + _HALF, new[there] + _HALF
    q, p = old / old.sum(), new / new.sum()
    return float(np.sum((p - q) * np.log(p / q)))


def _kinds(before: Shaped) -> dict[str, int]:
    total = sum(before.counts.values()) + before.rest + before.empty
    named = [kind for kind, rows in before.counts.items() if rows >= SMALLEST * total]
    return {kind: at for at, kind in enumerate(named)}


def _ranges(before: Shaped, now: Shaped) -> dict[str, int]:
    """The group of each number: groups end where about a tenth of the rows before is full."""
    numbers = sorted({*before.counts, *now.counts}, key=float)
    held = np.cumsum([before.counts.get(number, 0) for number in numbers])
    total = held[-1] if len(held) else 0
    if not total:
        return dict.fromkeys(numbers, 0)
    # Where a group ends is decided by the rows up to and with the number before it.
    begun = np.concatenate(([0], held[:-1]))
    at = np.minimum(begun * GROUPS // total, GROUPS - 1)
    return dict(zip(numbers, (int(one) for one in at), strict=True))


def _rows(shaped: Shaped, groups: Mapping[str, int]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Rows in each group, then those in none, then those without a value."""
    size = max(groups.values(), default=-1) + 1
    rows = np.zeros(size + 2)
    for kind, count in shaped.counts.items():
        rows[groups.get(kind, size)] += count
    rows[size] += shaped.rest
    rows[size + 1] += shaped.empty
    return rows
