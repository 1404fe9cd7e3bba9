"""What a count of areas will be, with a margin that has proved right: last year's figure, the mean of three years, or a regression.

The regression is negative binomial with the level of an area as offset: season and trend are shared by all areas (fitted to their sum), and the
level of each is drawn to the mean as far as chance explains its past (gamma-Poisson, as `shrink.py`). Harvey, A.C. and Fernandes, C. (1989),
Time series models for count or qualitative observations, JBES 7. How wide a margin is follows from how far earlier forecasts were off, never
from the fit. Tashman, L.J. (2000), Out-of-sample tests of forecasting accuracy, International Journal of Forecasting 16 (rolling origin);
Czado, C., Gneiting, T. and Held, L. (2009), Predictive model assessment for count data, Biometrics 65; Gneiting, T. and Ranjan, R. (2011),
Comparing density forecasts using threshold- and quantile-weighted scoring rules, JBES 29 (the score, over 19 quantiles).

Each earlier moment is forecast from what was known before it. The first of them tell how wide margins must be, the next which way of
forecasting is best, and the last, which had no part in either, whether it can be trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from zicht.errors import ZichtError
from zicht.findings.shrink import gamma_poisson
from zicht.findings.table import Floats

if TYPE_CHECKING:
    from scipy.stats.distributions import rv_frozen

COVERED = {80: (0.76, 0.84), 95: (0.93, 0.97)}
"""A forecast is shown only where its 80 % and 95 % intervals held the truth this often, ends counted for the part of them that belongs to it."""

YEARS = 5
"""The past that the regression looks at; what is older says little."""

_FIRST = 3  # years before the first moment that is forecast
_LEAST = 8  # moments that are forecast anew
_FLOOR = 0.25  # of a mean: nobody can be sure that nothing will happen
_LEVELS = np.arange(1, 20) / 20
_ROUNDS = 8
_EVEN = 1e-9  # a spread at which counts are Poisson
_Ends = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of each area so many periods ahead, and how well such forecasts did before.

    Attributes:
        by: `three_years` or `regression`.
        mean: of each area.
        likely: bounds of its 80 % interval.
        bounds: bounds of its 95 % interval.
        skill: part of the error of last year's figure that it saves, at the last moments; below 0 it does worse.
        held: by 80 and 95 the share of the last forecasts whose interval, in whole numbers, held what came; for small counts more than 80 and
            95 %, as whole numbers cannot be cut.
        covered: the same with a number at an end counted for the part of its chance that lies inside, so that it is 80 and 95 % if all is well.
        judged: how many forecasts that is.
    """

    by: str
    mean: Floats
    likely: _Ends
    bounds: _Ends
    skill: float
    held: Mapping[int, float]
    covered: Mapping[int, float]
    judged: int

    @property
    def showable(self) -> bool:
        """Whether it does better than last year's figure, with intervals that held as often as they say."""
        right = all(low <= self.covered[level] <= high for level, (low, high) in COVERED.items())
        return self.skill > 0 and right


@dataclass(frozen=True, slots=True)
class _Tried:
    """One way of forecasting at every earlier moment (moments × areas): means, their spread (1 ÷ size) and what came."""

    mean: Floats
    spread: Floats
    came: Floats

    def score(self, moments: slice) -> float:
        """Mean quantile score, lower is better."""
        mean, came = self.mean[moments], self.came[moments]
        quantiles = _quantiles(mean[..., None], self.spread[moments, None, None], _LEVELS)
        off = came[..., None] - quantiles
        return float(np.mean(np.maximum(_LEVELS * off, (_LEVELS - 1) * off)))


def forecasts(counts: Floats, per_year: int, lead: int = 1) -> Forecast:
    """Forecast the period `lead` after the last, and try the same at every earlier moment.

    Args:
        counts: areas × periods, 0 or more.
        per_year: periods in a year: 12, 4 or 1.
        lead: periods ahead, at most a year where there are seasons.

    Returns:
        The better of the ways of forecasting, with how well it did.

    Raises:
        ZichtError: too few periods to try it, no areas, or a count that is missing or below 0.
    """
    periods = counts.shape[1]
    first = _FIRST * per_year
    moments = range(first, periods - lead + 1)
    if len(counts) == 0 or not np.isfinite(counts).all() or (counts < 0).any():
        raise ZichtError("a forecast needs a count of 0 or more of each area in each period")
    if len(moments) < _LEAST:
        raise ZichtError(
            f"a forecast needs {first + lead + _LEAST - 1} periods or more to be tried on the past, and there are {periods}"
        )
    tried = {name: _tried(way, counts, per_year, lead, moments) for name, way in _WAYS.items()}
    quarter = len(moments) // 4
    choosing, judging = slice(quarter, 2 * quarter), slice(2 * quarter, None)
    by = min((name for name in _WAYS if name != _BASE), key=lambda name: tried[name].score(choosing))
    best = tried[by]
    mean, spread = _WAYS[by](counts, per_year, lead), _spread(best.mean, best.came)
    ends = {level: _interval(mean, np.array(spread), level) for level in COVERED}
    mean_then, spread_then, came = best.mean[judging], best.spread[judging, None], best.came[judging]
    held, covered = {}, {}
    for level in COVERED:
        low, high = _interval(mean_then, spread_then, level)
        held[level] = float(np.mean((came >= low) & (came <= high)))
        covered[level] = _inside(mean_then, spread_then, came, level)
    skill = 1 - best.score(judging) / tried[_BASE].score(judging)
    return Forecast(by, mean, ends[80], ends[95], skill, held, covered, came.size)


def _tried(
    way: Callable[[Floats, int, int], Floats], counts: Floats, per_year: int, lead: int, moments: range
) -> _Tried:
    mean = np.array([way(counts[:, :moment], per_year, lead) for moment in moments])
    came = np.array([counts[:, moment + lead - 1] for moment in moments])
    # At a moment only what had come by then is known.
    spread = np.array(
        [_spread(mean[: max(at - lead + 1, 0)], came[: max(at - lead + 1, 0)]) for at in range(len(moments))]
    )
    return _Tried(mean, spread, came)


def _spread(mean: Floats, came: Floats) -> float:
    """By how much counts differ from their forecasts beyond chance: the variance is mean + spread × mean²."""
    if mean.size == 0:
        return 0.0
    return max(float(np.sum((came - mean) ** 2 - mean) / np.sum(mean**2)), 0.0)


def _last_year(counts: Floats, per_year: int, lead: int) -> Floats:
    return np.maximum(counts[:, counts.shape[1] - per_year + (lead - 1) % per_year], _FLOOR)


def _three_years(counts: Floats, per_year: int, lead: int) -> Floats:
    at = counts.shape[1] + (lead - 1) % per_year - per_year * np.arange(1, _FIRST + 1)
    return np.asarray(np.maximum(counts[:, at].mean(axis=1), _FLOOR), np.float64)


def _regression(counts: Floats, per_year: int, lead: int) -> Floats:
    past = counts[:, -YEARS * per_year :]
    periods = past.shape[1]
    at = np.arange(periods + lead)
    seasons = (at[:, None] % per_year == np.arange(1, per_year)).astype(np.float64)
    design = np.column_stack([(at - periods / 2) / per_year, seasons])
    sums = past.sum(axis=0)
    shared = np.full(periods + lead, max(float(sums.mean()), _FLOOR))
    if sums.min() > 0:
        x = np.column_stack([np.ones(periods), design[:periods]])
        beta = np.linalg.lstsq(x, np.log(sums), rcond=None)[0]
        for _ in range(
            _ROUNDS
        ):  # Newton's steps; the sum of all areas is never far from a straight line with seasons
            mean = np.exp(x @ beta)
            beta = beta + np.linalg.solve(x.T @ (mean[:, None] * x), x.T @ (sums - mean))
        shared = np.exp(np.column_stack([np.ones(periods + lead), design]) @ beta)
    offset = np.full(len(past), shared[:periods].sum() / len(past))
    levels = gamma_poisson(np.rint(past.sum(axis=1)).astype(np.int64), offset).shrunken(
        np.rint(past.sum(axis=1)).astype(np.int64), offset
    )[0]
    return np.asarray(np.maximum(levels * shared[-1] / len(past), _FLOOR), np.float64)


_BASE = "last_year"
_WAYS: Mapping[str, Callable[[Floats, int, int], Floats]] = {
    _BASE: _last_year,
    "three_years": _three_years,
    "regression": _regression,
}


def _interval(mean: Floats, spread: Floats, level: int) -> _Ends:
    """Whole numbers between which a count lies with this chance, as nearly as whole numbers can."""
    tail = (1 - level / 100) / 2
    low, high = (_quantiles(mean, spread, np.array(share)) for share in (tail, 1 - tail))
    return np.maximum(np.ceil(low - 0.5), 0.0), np.maximum(np.floor(high + 0.5), 0.0)


def _inside(mean: Floats, spread: Floats, came: Floats, level: int) -> float:
    """The share of counts inside the interval, each for the part of its chance that lies there."""
    law = _law(mean, spread)
    tail = (1 - level / 100) / 2
    up, chance = law.cdf(came), np.maximum(law.pmf(came), np.finfo(float).tiny)
    return float(np.mean(np.clip(np.minimum(up, 1 - tail) - np.maximum(up - chance, tail), 0, None) / chance))


def _law(mean: Floats, spread: Floats) -> rv_frozen:
    """The negative binomial law of counts with this mean and spread."""
    from scipy.stats import nbinom  # takes a third of a second to load

    size = 1 / np.maximum(spread, _EVEN)
    return nbinom(size, size / (size + mean))


def _quantiles(mean: Floats, spread: Floats, level: npt.NDArray[np.float64]) -> Floats:
    """Quantiles of a negative binomial count, between whole numbers by the middle of each step of its distribution."""
    law = _law(mean, spread)
    whole = law.ppf(level)
    above, here = law.cdf(whole), law.pmf(whole)
    middle = above - here / 2
    beside = np.where(level > middle, whole + 1, whole - 1)
    other = law.cdf(beside) - law.pmf(beside) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.clip((level - middle) / (other - middle), 0, 1)
    return np.asarray(whole + np.where(np.isfinite(part), part, 0.0) * (beside - whole), np.float64)
