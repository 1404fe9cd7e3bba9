"""Over-representation: where more, or less, happens than the reference makes one expect, and by more than chance explains.

An area stands out only if all of these hold: enough events, an exact interval that leaves out 1, a ratio that matters, and a q that allows for
the number of areas looked at. All else is "niet te onderscheiden van het gemiddelde".
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zicht.figures import garwood
from zicht.findings.chance import benjamini_hochberg, mid_p, poisson_p
from zicht.findings.shrink import gamma_poisson
from zicht.findings.table import About, Bools, Floats, Ints, findings

MIN_OBSERVED = 10  # events; fewer is never called relevant, whatever the ratio
MIN_DIFFERENCE = 0.20  # of the ratio from 1; less is no reason to act
MAX_Q = 0.05


def over_representation(about: About, counts: pa.Table, reference: str) -> pa.Table:
    """The ratio of observed and expected of each area, with the exact interval and the verdict.

    Args:
        about: what all rows share; q is over the areas given here, so give the areas of one level.
        counts: what `standardise` gives: area, observed, expected.
        reference: name of the reference.

    Returns:
        `FINDINGS` with method `ratio`, one row an area. Null where nothing could be expected, with status `not_available`.
    """
    observed, expected = _counts(counts)
    known = expected > 0
    e = np.where(known, expected, np.nan)
    lower, upper = (bound / e for bound in garwood(observed))
    ratio = observed / e
    p = poisson_p(observed, e)
    q = benjamini_hochberg(p)
    with np.errstate(divide="ignore"):
        statistic = np.where(observed > 0, np.log(ratio), np.nan)
    return findings(
        about,
        "ratio",
        {
            "area": counts["area"], "estimate": ratio, "lower": lower, "upper": upper, "reference": [reference] * len(ratio),
            "observed": observed, "expected": expected, "statistic": statistic, "p": p, "q": q,
            "relevant": statistically_relevant(observed, ratio, lower, upper, q), "status": _status(known),
        },
    )  # fmt: skip


def statistically_relevant(observed: Ints, ratio: Floats, lower: Floats, upper: Floats, q: Floats) -> Bools:
    """The rule by which an area stands out.

    Args:
        observed: events.
        ratio: observed ÷ expected.
        lower: lower bound of its exact 95 % interval.
        upper: upper bound.
        q: p after correction for all areas of the level.

    Returns:
        Whether there are at least 10 events, the interval leaves out 1, the ratio differs from 1 by at least 0.20 and q is below 0.05.
    """
    apart = (lower > 1) | (upper < 1)
    # Rounded, as 1.2 - 1 is a little less than 0.2.
    matters = np.round(np.abs(ratio - 1), 12) >= MIN_DIFFERENCE
    return (observed >= MIN_OBSERVED) & apart & matters & (q < MAX_Q)


def shrunken_ratios(about: About, counts: pa.Table, reference: str) -> pa.Table:
    """The ratios of a map: small areas drawn towards the mean as far as chance can have made them differ.

    Args:
        about: what all rows share.
        counts: what `standardise` gives.
        reference: name of the reference.

    Returns:
        `FINDINGS` with method `shrunken_ratio`, one row an area; `statistic` is the weight of the area's own figure. Where areas differ no
        more than chance makes them all ratios are the mean with weight 0, without an interval.
    """
    observed, expected = _counts(counts)
    known = expected > 0
    columns = np.full((4, len(observed)), np.nan)
    if known.any():
        fit = gamma_poisson(observed[known], expected[known])
        columns[:, known] = fit.shrunken(observed[known], expected[known])
        if np.isinf(fit.shape):
            columns[1:3] = np.nan
    ratio, lower, upper, weight = columns
    return findings(
        about,
        "shrunken_ratio",
        {
            "area": counts["area"], "estimate": ratio, "lower": lower, "upper": upper, "reference": [reference] * len(ratio),
            "observed": observed, "expected": expected, "statistic": weight, "status": _status(known),
        },
    )  # fmt: skip


def ratio_bands(observed: Ints, expected: Floats) -> tuple[Floats, Floats]:
    """The bounds to draw around a ratio (mid-P); for a verdict use the exact ones of `over_representation`.

    Args:
        observed: events.
        expected: expected events, above 0.

    Returns:
        Lower and upper bounds of observed ÷ expected.
    """
    lower, upper = mid_p(observed)
    return lower / expected, upper / expected


def _counts(counts: pa.Table) -> tuple[Ints, Floats]:
    observed = counts["observed"].to_numpy()
    expected = counts["expected"].to_numpy().astype(np.float64)
    return observed.astype(np.int64), expected


def _status(known: Bools) -> list[str]:
    return ["ok" if there else "not_available" for there in known]
