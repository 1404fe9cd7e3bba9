"""Whether an area differs from the one it lies in: said once, here, and only where there is an interval.

The difference of two estimates has as margin the root of the squared margins on the sides that face each other (the
"square-and-add" interval of Zou and Donner, 2008; for proportions Newcombe, 1998). Because a map holds many such
comparisons, chance differences are held back by Benjamini and Hochberg's procedure (1995) over the areas of the level.
An area is part of its reference, which makes the words a little too careful, never too bold.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from zicht.publish.frames import Floats, Small

Z95 = 1.959964
"""Half width of a 95 % interval in standard errors."""
FALSE_DISCOVERY_RATE = 0.05
"""Of all areas called different, at most this share is expected to be called so by chance."""


class Verdict(IntEnum):
    """How an area compares with its reference."""

    NONE = 9
    LOWER = -1
    UNCLEAR = 0
    HIGHER = 1


def compare(value: Floats, lower: Floats, upper: Floats, reference: tuple[Floats, Floats, Floats]) -> Small:
    """The verdict on every area of a level.

    Args:
        value: shape (areas,), NaN where there is none.
        lower: bound of the 95 % interval, NaN where the figure has none.
        upper: likewise.
        reference: value, lower and upper of the area that each is compared with; bounds may be NaN.

    Returns:
        A `Verdict` an area; NONE where there is no interval or nothing to compare with.
    """
    base, base_lower, base_upper = reference
    difference = value - base
    above = difference > 0
    own = np.where(above, value - lower, upper - value)
    its = np.nan_to_num(np.where(above, base_upper - base, base - base_lower))
    margin = np.hypot(own, its)
    known = np.isfinite(margin) & np.isfinite(difference)
    verdict = np.full(value.size, Verdict.NONE, dtype=np.int8)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(difference == 0, 0.0, np.abs(difference) / (margin / Z95))
    found = np.zeros(value.size, dtype=np.bool_)
    found[known] = benjamini_hochberg(_two_sided(score[known]), FALSE_DISCOVERY_RATE)
    verdict[known] = Verdict.UNCLEAR
    verdict[found & above] = Verdict.HIGHER
    verdict[found & ~above] = Verdict.LOWER
    return verdict


def changed(first: tuple[Floats, Floats, Floats], last: tuple[Floats, Floats, Floats]) -> Small:
    """The verdict on how each area of a level changed between two periods.

    The two periods are taken as two separate measurements. Where the same people are counted in both, the real margin
    of the change is smaller, so the words are too careful, never too bold.

    Args:
        first: value, lower and upper of the first period, shape (areas,); NaN where there is none.
        last: likewise of the last period.

    Returns:
        A `Verdict` an area on the last period against the first; NONE where either has no interval.
    """
    known = np.isfinite(first[1]) & np.isfinite(first[2])
    base = tuple(np.where(known, part, np.nan) for part in first)
    return compare(*last, (base[0], base[1], base[2]))


def benjamini_hochberg(p: Floats, rate: float) -> npt.NDArray[np.bool_]:
    """Which hypotheses fall at a false discovery rate.

    Args:
        p: p-values, shape (tests,).
        rate: between 0 and 1.
    """
    order = np.argsort(p, kind="stable")
    passed = np.flatnonzero(p[order] <= rate * np.arange(1, p.size + 1) / max(p.size, 1))
    fallen = np.zeros(p.size, dtype=np.bool_)
    if passed.size:
        fallen[order[: passed[-1] + 1]] = True
    return fallen


def _two_sided(score: Floats) -> Floats:
    from math import erfc, sqrt

    return np.array([erfc(z / sqrt(2)) for z in score.tolist()], dtype=np.float64)
