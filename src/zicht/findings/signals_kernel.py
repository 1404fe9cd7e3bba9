"""The regression behind a signal, compiled: one series after another, all on the same past.

A quasi-Poisson regression of counts on a season (a level for each part of the year) and a trend, by iteratively reweighted least squares
(McCullagh, P., Nelder, J.A., 1989, Generalized Linear Models). With one level a season the normal equations are diagonal but for the
trend, so each step costs one pass over the past.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from zicht.compiled import compiled

_STEPS = 25
_CLOSE = 1e-8  # relative change of the deviance at which the fit has converged

_Floats = npt.NDArray[np.float64]
_Levels = npt.NDArray[np.int64]


@compiled
def expect(
    past: _Floats, times: _Floats, levels: _Levels, groups: int, now: float, bound: float, trend: bool
) -> _Floats:
    """What is expected now, for each series.

    Args:
        past: series × moments: counts in the past.
        times: for each moment its time.
        levels: for each moment its part of the year, from 0; now belongs to 0.
        groups: how many parts there are.
        now: the time for which a count is expected.
        bound: standardised Anscombe residual above which a moment weighs less (an outbreak in the past); infinite for never.
        trend: whether there may be a trend; it is dropped where it carries the expectation above all counts of the past.

    Returns:
        Series × 4: expectation, dispersion (1 or more), slope of the logarithm for each unit of time, and the standard
        error of the logarithm of the expectation (dispersion included).
    """
    result = np.empty((len(past), 4))
    n = len(times)
    weights, mean, leverage = np.empty(n), np.empty(n), np.empty(n)
    away = times - now
    for series in range(len(past)):
        counts = past[series]
        sloping = trend
        while True:
            weights[:] = 1.0
            fit = _fit(counts, away, levels, groups, weights, sloping, mean, leverage)
            if bound < np.inf:
                _weigh(counts, mean, leverage, max(fit[1], 1.0), bound, weights)
                fit = _fit(counts, away, levels, groups, weights, sloping, mean, leverage)
            if not sloping or math.exp(fit[0]) <= counts.max():
                break
            sloping = False
        dispersion = max(fit[1], 1.0)
        result[series, 0] = math.exp(fit[0])
        result[series, 1] = dispersion
        result[series, 2] = fit[2]
        result[series, 3] = math.sqrt(dispersion * fit[3])
    return result


@compiled
def _fit(
    counts: _Floats,
    times: _Floats,
    levels: _Levels,
    groups: int,
    weights: _Floats,
    sloping: bool,
    mean: _Floats,
    leverage: _Floats,
) -> tuple[float, float, float, float]:
    """Fit one series: logarithm expected at time 0, dispersion, slope, variance of that logarithm; fills the last two."""
    n = len(counts)
    heavy, early, value = np.zeros(groups), np.zeros(groups), np.zeros(groups)
    eta = np.empty(n)
    for at in range(n):
        mean[at] = counts[at] + 0.1
        eta[at] = math.log(mean[at])
    deviance, squares, slope, spread = np.inf, 0.0, 0.0, 1.0
    for _ in range(_STEPS):
        heavy[:], early[:], value[:] = 0.0, 0.0, 0.0
        for at in range(n):
            level, weight = levels[at], weights[at] * mean[at]
            heavy[level] += weight
            early[level] += weight * times[at]
            value[level] += weight * (eta[at] + (counts[at] - mean[at]) / mean[at])
        for level in range(groups):
            if heavy[level] > 0:
                early[level] /= heavy[level]
                value[level] /= heavy[level]
        if sloping:
            spread, slope = 0.0, 0.0
            for at in range(n):
                weight, off = weights[at] * mean[at], times[at] - early[levels[at]]
                spread += weight * off * off
                slope += weight * off * (eta[at] + (counts[at] - mean[at]) / mean[at] - value[levels[at]])
            slope /= spread
        before, deviance, squares = deviance, 0.0, 0.0
        for at in range(n):
            level = levels[at]
            leverage[at] = weights[at] * mean[at] / heavy[level]
            if sloping:
                leverage[at] += weights[at] * mean[at] * (times[at] - early[level]) ** 2 / spread
            eta[at] = value[level] + slope * (times[at] - early[level])
            earlier, mean[at] = mean[at], max(math.exp(eta[at]), 1e-300)
            squares += weights[at] * earlier * ((counts[at] - mean[at]) / mean[at]) ** 2
            part = mean[at] - counts[at]
            if counts[at] > 0:
                part += counts[at] * (math.log(counts[at]) - eta[at])
            deviance += 2 * weights[at] * part
        if abs(deviance - before) < _CLOSE * (abs(deviance) + 0.1):
            break
    used = 0
    for level in range(groups):
        used += heavy[level] > 0
    variance = 1 / heavy[0] + (early[0] ** 2 / spread if sloping else 0.0)
    return value[0] - slope * early[0], squares / (n - used - sloping), slope, variance


@compiled
def _weigh(
    counts: _Floats, mean: _Floats, leverage: _Floats, dispersion: float, bound: float, weights: _Floats
) -> None:
    """Let moments with a residual above the bound weigh less, by its square; the weights add up to the number of moments."""
    for at in range(len(counts)):
        residual = 1.5 * (counts[at] ** (2 / 3) - mean[at] ** (2 / 3))
        residual /= mean[at] ** (1 / 6) * math.sqrt(dispersion * max(1 - leverage[at], 1e-12))
        weights[at] = residual**-2 if residual > bound else 1.0
    weights *= len(weights) / weights.sum()
