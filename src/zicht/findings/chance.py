"""What chance does: p-values and intervals of counts, many tests at once, and seeds that come from what is drawn for.

Garwood, F. (1936), Fiducial limits for the Poisson distribution, Biometrika 28. Lancaster, H.O. (1961), Significance tests in discrete
distributions, JASA 56 (mid-P). Benjamini, Y. and Hochberg, Y. (1995), Controlling the false discovery rate, JRSS B 57; Benjamini, Y. and
Yekutieli, D. (2001), The control of the false discovery rate in multiple testing under dependency, Annals of Statistics 29.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special

from zicht.findings.table import Floats, Ints

Z = 1.959963984540054
"""The 97.5th percentile of the normal distribution."""

_BISECTIONS = 60  # halves an interval to the last bit of a double


def benjamini_hochberg(p: Floats, families: npt.NDArray[np.generic] | None = None) -> Floats:
    """q-values: the share of false findings among all with a q at most this, whether tests are independent or lean the same way.

    Args:
        p: p-values; NaN is no test and counts for nothing.
        families: for each test the family within which is corrected (a level, a period); all together if None.

    Returns:
        q-values between 0 and 1, as long as `p`; NaN where p is.
    """
    return _step_up(p, families, lambda n: np.ones(n))


def benjamini_yekutieli(p: Floats, families: npt.NDArray[np.generic] | None = None) -> Floats:
    """As `benjamini_hochberg`, valid under any dependence between the tests (overlapping regions), and stricter for it.

    Args:
        p: p-values; NaN is no test and counts for nothing.
        families: for each test the family within which is corrected; all together if None.

    Returns:
        q-values between 0 and 1, as long as `p`; NaN where p is.
    """
    return _step_up(p, families, lambda n: np.full(n, np.sum(1 / np.arange(1, n + 1))))


def _step_up(p: Floats, families: npt.NDArray[np.generic] | None, penalty: Callable[[int], Floats]) -> Floats:
    q = np.full(len(p), np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    if not len(tested):
        return q
    family = np.zeros(len(tested), np.intp)
    if families is not None:
        family = np.unique(families[tested], return_inverse=True)[1]
    order = np.lexsort((p[tested], family))
    starts = np.flatnonzero(np.r_[True, np.diff(family[order]) > 0])
    for start, stop in zip(starts, np.r_[starts[1:], len(order)], strict=True):
        rows = tested[order[start:stop]]
        n = len(rows)
        raised = p[rows] * n / np.arange(1, n + 1) * penalty(n)
        q[rows] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return q


def poisson_p(observed: Ints, expected: Floats) -> Floats:
    """Two-sided exact p of a number of events.

    Twice the smaller tail, so that p < 0.05 exactly where the interval of `garwood` leaves out what was expected.

    Args:
        observed: events.
        expected: expected events; NaN or 0 where nothing is known to be expected.

    Returns:
        p between 0 and 1; NaN where expected is NaN.
    """
    k = observed.astype(np.float64)
    at_least = np.where(k == 0, 1.0, special.gammainc(np.maximum(k, 1), expected))
    at_most = special.gammaincc(k + 1, expected)
    p: Floats = np.minimum(2 * np.minimum(at_least, at_most), 1.0)
    return np.where(np.isnan(expected), np.nan, p)


def mid_p(events: Ints) -> tuple[Floats, Floats]:
    """The 95 % mid-P interval of the expected number of events: narrower than Garwood's, right on average, and not for flags.

    Its coverage falls below 95 % where few are expected (91.7 % at 3), so it is for drawing.

    Args:
        events: numbers of events, 0 or more.

    Returns:
        Lower and upper bounds, as long as `events`.
    """
    distinct, where = np.unique(events, return_inverse=True)
    k = distinct.astype(np.float64)
    lower = np.where(k == 0, 0.0, _mid_quantile(k, 0.025))
    return lower[where], _mid_quantile(k, 0.975)[where]


def _mid_quantile(k: Floats, level: float) -> Floats:
    """The expected number at which more than k, and half of k itself, have this chance."""
    low = np.where(k == 0, 0.0, special.gammaincinv(np.maximum(k, 1), level))
    high = special.gammaincinv(k + 1, level)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        at_least = np.where(k == 0, 1.0, special.gammainc(np.maximum(k, 1), middle))
        below = (at_least + special.gammainc(k + 1, middle)) / 2 < level
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    result: Floats = (low + high) / 2
    return result


def generator(*content: npt.NDArray[np.generic] | str) -> np.random.Generator:
    """Random numbers that depend on nothing but what they are drawn for, so that a re-run gives the same bytes.

    Args:
        content: the data of the analysis and its name.

    Returns:
        A generator, seeded with the digest of the content.
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in content:
        data = part.encode() if isinstance(part, str) else np.ascontiguousarray(part).tobytes()
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return np.random.default_rng(int.from_bytes(digest.digest(), "little"))
