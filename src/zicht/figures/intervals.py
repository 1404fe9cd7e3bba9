"""95 % intervals of shares and rates.

Wilson, E.B. (1927), Probable inference, the law of succession, and statistical inference, JASA 22: the interval of a share, which keeps
its width where the share is near 0 or 1. Garwood, F. (1936), Fiducial limits for the Poisson distribution, Biometrika 28: the exact
interval of a number of events.
"""

from __future__ import annotations

import numpy as np

from zicht.figures.table import Floats, Ints

Z = 1.959963984540054
"""The 97.5th percentile of the normal distribution."""


def wilson(numerator: Ints, denominator: Ints) -> tuple[Floats, Floats]:
    """The 95 % interval of shares.

    Args:
        numerator: units with the trait.
        denominator: all units, as long as `numerator`.

    Returns:
        Lower and upper bounds between 0 and 1; NaN where there are no units.
    """
    k, n = numerator.astype(np.float64), denominator.astype(np.float64)
    n[n == 0] = np.nan  # nobody has no share, and no bounds
    half = n - k
    half *= k
    half /= n
    half += Z**2 / 4
    np.sqrt(half, out=half)
    half *= Z
    middle, size = k + Z**2 / 2, n + Z**2
    # The bounds are exactly 0 and 1 at the ends; computed, they would be off by a rounding error.
    lower, upper = middle - half, middle + half
    for bound in (lower, upper):
        bound /= size
        np.clip(bound, 0.0, 1.0, out=bound)
    np.copyto(lower, n * 0.0, where=k == 0)
    np.copyto(upper, 1.0, where=k == n)
    return lower, upper


def garwood(events: Ints) -> tuple[Floats, Floats]:
    """The exact 95 % interval of the expected number of events, given how many there were.

    Args:
        events: numbers of events, 0 or more.

    Returns:
        Lower and upper bounds, as long as `events`: half the 2.5th percentile of chi² with 2k degrees of freedom, and half the 97.5th
        with 2k + 2.
    """
    from scipy import special  # takes a while to load, and shares have no need of it

    distinct, where = np.unique(events, return_inverse=True)
    k = distinct.astype(np.float64)
    lower = np.where(k == 0, 0.0, special.gammaincinv(np.maximum(k, 1), 0.025))
    upper = special.gammaincinv(k + 1, 0.975)
    return lower[where], upper[where]
