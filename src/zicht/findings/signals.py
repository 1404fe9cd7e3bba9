"""Early signals: a count now that is higher than its own past explains.

Farrington, C.P. et al. (1996), A statistical algorithm for the early detection of outbreaks, JRSS A 159(3), 547-563; Noufaily, A. et al.
(2013), An improved algorithm for outbreak detection in multiple surveillance systems, Statistics in Medicine 32(7), 1206-1222 (all of the
past in seasonal levels, outbreaks in it weighed down, negative binomial thresholds); Hutwagner, L. et al. (2003), The bioterrorism
preparedness and response Early Aberration Reporting System, Journal of Urban Health 80(2), i89-i96 (EARS, for a short past).

A signal says that a count is unlike the past, not why: new registration, a changed definition and a real outbreak look alike, so every
signal waits for a person's interpretation. Do not use it on counts that are late in full, nor on what changes slowly (see `trends`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import special

from zicht.errors import ZichtError
from zicht.findings.chance import benjamini_hochberg
from zicht.findings.signals_kernel import expect

ALPHA = 0.005  # Noufaily et al. 2013: a threshold at the 99.5th percentile
Q = 0.10  # share of false signals among those of one period that is accepted
SHARED = 0.5  # above this share of the series at once it is one signal about all of them
SIGNALS = pa.schema(
    [
        ("series", pa.int64()),
        ("period", pa.int32()),
        ("observed", pa.int64()),
        ("expected", pa.float64()),
        ("upper", pa.float64()),
        ("score", pa.float64()),
        ("p", pa.float64()),
        ("q", pa.float64()),
        ("alarm", pa.bool_()),
        ("signal", pa.bool_()),
        ("shared", pa.bool_()),
        ("provisional", pa.bool_()),
        ("dispersion", pa.float64()),
        ("trend", pa.float64()),
    ]
)
"""One series in one period a row. `upper` is null where too little happened to judge. `score` is the excess over what is expected as a part
of what would just be no alarm; `alarm`: observed above upper; `signal`: an alarm that also withstands the number of series looked at;
`shared`: most series alarm in this period, so that it is one event or one change of registration, to be reported once."""

Threshold = Literal["negative binomial", "two thirds power", "normal"]
_Floats = npt.NDArray[np.float64]
_Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rule:
    """Which past a count is compared with.

    Attributes:
        per_year: periods in a year.
        years: how many years back.
        half: periods on either side of the same moment in earlier years that are the same season.
        groups: seasonal levels; 1 for only the same season in earlier years (Farrington 1996).
        exclude: last periods left out, in which an outbreak may already be going on.
        reweight: Anscombe residual above which the past weighs less; None for never.
        few: (number, periods): no judgement where fewer than this number happened in so many last periods.
    """

    per_year: int
    years: int
    half: int
    groups: int
    exclude: int
    reweight: float | None = 2.58
    few: tuple[int, int] = (5, 4)


MONTHLY = Rule(per_year=12, years=5, half=1, groups=4, exclude=3, few=(5, 3))
"""Monthly series: five years back, a month to either side."""
WEEKLY = Rule(per_year=52, years=5, half=3, groups=10, exclude=26)
"""Weekly series: five years back, three weeks to either side."""


def farrington(
    counts: npt.ArrayLike,
    now: int,
    rule: Rule = MONTHLY,
    *,
    alpha: float = ALPHA,
    threshold: Threshold = "negative binomial",
    starts: Sequence[date] | None = None,
    settled: int | None = None,
) -> pa.Table:
    """Compare all series in one period with their past (Farrington Flexible).

    Args:
        counts: series × periods: whole numbers.
        now: the period judged, from 0; later periods are not looked at.
        rule: which past.
        alpha: chance, for a series in which nothing is going on, of exceeding its threshold.
        threshold: of a negative binomial with the expectation as if known; or of a normal distribution for counts to the power two
            thirds (Farrington 1996) or for counts, in both of which the expectation is uncertain.
        starts: first day of each period, where years are not a whole number of periods (weeks): the same moment in an
            earlier year is then the period whose first day lies nearest to the same date. None: `per_year` periods back.
        settled: first period whose counts may still grow by late reports; from there on rows are provisional. None: none.

    Returns:
        A table as SIGNALS, in the order of the series.

    Raises:
        ZichtError: the past is too short, or a count is missing, negative or not whole.
    """
    table = _whole(counts)
    times, levels = baseline(now, rule, table.shape[1], starts)
    bound = np.inf if rule.reweight is None else rule.reweight
    past = np.ascontiguousarray(table[:, times.astype(np.int64)].astype(np.float64))
    fitted = expect(past, times, levels, rule.groups, float(now), bound, rule.years >= 3)
    expected, dispersion, slope, error = fitted.T
    observed = table[:, now]
    upper = _upper(expected, dispersion, error, alpha, threshold)
    number, periods = rule.few
    enough = table[:, max(now - periods + 1, 0) : now + 1].sum(axis=1) >= number
    p = np.where(enough, _tail(observed, expected, dispersion), np.nan)
    return _judged(now, observed, expected, np.where(enough, upper, np.nan), p, dispersion, slope, settled)


def ears(
    counts: npt.ArrayLike,
    now: int,
    method: Literal["C1", "C2", "C3"] = "C1",
    *,
    periods: int = 7,
    alpha: float = 0.001,
    settled: int | None = None,
) -> pa.Table:
    """Compare all series in one period with the last few periods: for series without years of past.

    Args:
        counts: series × periods: whole numbers.
        now: the period judged.
        method: C1 compares with the periods just before; C2 leaves two out; C3 lets what the two periods
            before exceeded by in C2 lower the threshold, and so finds what rises slowly.
        periods: how many form the past.
        alpha: chance of exceeding the threshold, were counts normal; they are not, so it is a convention.
        settled: as in `farrington`.

    Returns:
        As `farrington`; `p` is that of a predictive t distribution with at least the spread of a Poisson count.

    Raises:
        ZichtError: the past is too short, or a count is missing, negative or not whole.
    """
    table = _whole(counts)
    gap = {"C1": 0, "C2": 2, "C3": 2}[method]
    first = now - periods - gap - (2 if method == "C3" else 0)
    if first < 0 or now >= table.shape[1]:
        raise ZichtError(f"{method} with {periods} periods of past cannot judge period {now}.")
    z = float(special.ndtri(1 - alpha))

    def fit(at: int) -> tuple[_Floats, _Floats]:
        past = table[:, at - gap - periods : at - gap]
        return past.mean(axis=1), past.std(axis=1, ddof=1)

    mean, spread = fit(now)
    upper = mean + z * spread
    if method == "C3":
        upper = table[:, now] + z * spread
        for back in (1, 2):
            level, width = fit(now - back)
            with np.errstate(divide="ignore", invalid="ignore"):
                excess = np.nan_to_num((table[:, now - back] - level) / width - 1, nan=0.0)
            upper = upper - spread * np.maximum(excess, 0)
        upper = np.maximum(upper, 0)
    observed = table[:, now]
    # Few periods tell the spread poorly, and counts vary as Poisson does at least: a predictive t, where the threshold keeps to the convention.
    wide = np.sqrt(np.maximum(spread**2, np.maximum(mean, 0.25)) * (1 + 1 / periods))
    p = special.stdtr(periods - 1, (mean - observed) / wide)
    nothing = np.full(len(table), np.nan)
    return _judged(now, observed, mean, upper, p, nothing, nothing, settled)


def baseline(
    now: int, rule: Rule, periods: int, starts: Sequence[date] | None = None
) -> tuple[_Floats, _Counts]:
    """The periods of the past and the seasonal level of each; the season of now is level 0.

    Between the seasons of two years the rest of the year is cut into equal parts, the first of which take what remains.

    Args:
        now: the period judged.
        rule: which past.
        periods: how many periods there are.
        starts: as in `farrington`.

    Raises:
        ZichtError: the past is too short.
    """
    anchors = [_back(now, year, rule, starts) for year in range(rule.years + 1)]
    first = anchors[-1] - rule.half
    if not 0 <= first <= now < periods:
        raise ZichtError(
            f"To judge period {now} with {rule.years} years of past, periods are needed from {first} on; there are {periods} from 0 on."
        )
    level = np.full(now + rule.half + 1, -1)
    for later, earlier in pairwise(anchors):
        rest = np.arange(earlier + rule.half + 1, later - rule.half)
        if rule.groups > 1:
            level[rest] = 1 + np.arange(len(rest)) * (rule.groups - 1) // max(len(rest), 1)
    for anchor in anchors:
        level[anchor - rule.half : anchor + rule.half + 1] = 0
    times = np.flatnonzero(level >= 0)
    times = times[(times >= first) & (times < now - rule.exclude)]
    return times.astype(np.float64), level[times].astype(np.int64)


def _back(now: int, years: int, rule: Rule, starts: Sequence[date] | None) -> int:
    if starts is None:
        return now - years * rule.per_year
    then = starts[now]
    day = min(then.day, 28) if then.month == 2 else then.day
    wanted = date(then.year - years, then.month, day)
    days = [abs((start - wanted).days) for start in starts[: now + 1]]
    nearest = min(days)
    if nearest > 366 / rule.per_year:
        raise ZichtError(f"The past does not reach back to {wanted}, {years} years before {then}.")
    return days.index(nearest)


def _upper(
    expected: _Floats, dispersion: _Floats, error: _Floats, alpha: float, threshold: Threshold
) -> _Floats:
    if threshold == "negative binomial":
        from scipy import stats  # takes a third of a second to load

        over = np.maximum(dispersion - 1, 1e-12)
        wide = stats.nbinom.ppf(1 - alpha, expected / over, 1 / dispersion)
        narrow = stats.poisson.ppf(1 - alpha, expected)
        return np.asarray(np.where(dispersion > 1, wide, narrow), np.float64)
    z = special.ndtri(1 - alpha)
    # variance of the count around its expectation, and of that expectation, by the delta method
    relative, power = np.sqrt(dispersion / expected + error**2), 1.0
    if threshold == "two thirds power":
        relative, power = relative * 2 / 3, 1.5
    upper: _Floats = np.power(1 + z * relative, power) * expected
    return upper


def _tail(observed: _Counts, expected: _Floats, dispersion: _Floats) -> _Floats:
    """The chance of so many or more."""
    over = np.maximum(dispersion - 1, 1e-12)
    many = np.maximum(observed, 1).astype(np.float64)
    wide = special.betainc(many, expected / over, 1 - 1 / dispersion)
    some = np.where(dispersion > 1, wide, special.gammainc(many, expected))
    return np.asarray(np.where(observed == 0, 1.0, some), np.float64)


def _judged(
    now: int,
    observed: _Counts,
    expected: _Floats,
    upper: _Floats,
    p: _Floats,
    dispersion: _Floats,
    trend: _Floats,
    settled: int | None,
) -> pa.Table:
    n = len(observed)
    q = benjamini_hochberg(p)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = (observed - expected) / (upper - expected)
    alarm = np.nan_to_num(upper, nan=np.inf) < observed
    signal = alarm & (np.nan_to_num(q, nan=1.0) <= Q)
    shared = n > 1 and alarm.mean() > SHARED
    late = settled is not None and now >= settled
    values = [
        np.arange(n),
        np.full(n, now, np.int32),
        observed,
        expected,
        upper,
        score,
        p,
        q,
        alarm,
        signal,
        alarm & shared,
        np.full(n, late),
        dispersion,
        trend,
    ]
    arrays = [
        pa.array(value, field.type, from_pandas=True) for value, field in zip(values, SIGNALS, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=SIGNALS)


def _whole(counts: npt.ArrayLike) -> _Counts:
    table = np.atleast_2d(np.asarray(counts))
    if table.ndim != 2 or not np.isfinite(table.astype(np.float64)).all():
        raise ZichtError(
            "Signals need a whole number for each series and period; a missing month is not zero."
        )
    if (table < 0).any() or (table != np.floor(table)).any():
        raise ZichtError("Signals are about counts: whole numbers of 0 or more.")
    return table.astype(np.int64)
