"""Ratios of small areas, drawn towards the mean as far as chance can have made them: gamma-Poisson empirical Bayes.

Events are Poisson with mean θ × expected, and θ differs between areas as a gamma distribution with shape ν and rate α. Clayton, D. and Kaldor, J.
(1987), Empirical Bayes estimates of age-standardized relative risks for use in disease mapping, Biometrics 43. ν and α by maximum likelihood
(the counts are then negative binomial); their moment estimates, which lean to the largest areas, are the start.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from zicht.errors import ZichtError
from zicht.findings.table import Floats, Ints

_STEPS = 200
_CLOSE = 1e-11  # of both parameters on the log scale


@dataclass(frozen=True, slots=True)
class GammaPoisson:
    """How ratios differ between areas.

    Attributes:
        shape: ν; infinite where areas differ no more than chance makes them.
        rate: α; infinite together with ν.
        mean: ν ÷ α, the ratio to which areas are drawn.
    """

    shape: float
    rate: float
    mean: float

    def posterior(self, observed: Ints, expected: Floats) -> tuple[Floats, Floats]:
        """What is known of each area's ratio, given its count.

        Args:
            observed: events.
            expected: expected events.

        Returns:
            Shape and rate of a gamma distribution for each area; both infinite where areas do not differ.
        """
        return self.shape + observed.astype(np.float64), self.rate + expected

    def shrunken(self, observed: Ints, expected: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """The ratios drawn to the mean.

        Args:
            observed: events.
            expected: expected events; 0 has no weight of its own and gets the mean.

        Returns:
            The ratio, the bounds of its 95 % credible interval, and the weight of the area's own figure (0-1).
        """
        if np.isinf(self.shape):
            same = np.full(len(observed), self.mean)
            return same, same.copy(), same.copy(), np.zeros(len(observed))
        shape, rate = self.posterior(observed, expected)
        lower = special.gammaincinv(shape, 0.025) / rate
        upper = special.gammaincinv(shape, 0.975) / rate
        return shape / rate, lower, upper, expected / rate


def gamma_poisson(observed: Ints, expected: Floats) -> GammaPoisson:
    """How ratios differ between areas, by maximum likelihood.

    Args:
        observed: events of each area.
        expected: expected events, above 0.

    Returns:
        The distribution; without spread where the counts differ no more than Poisson counts do.

    Raises:
        ZichtError: no areas, or an expected number that is not above 0.
    """
    if not len(expected) or not (expected > 0).all():
        raise ZichtError("expected numbers must be above 0")
    o = observed.astype(np.float64)
    mean = o.sum() / expected.sum()
    # The slope of the likelihood at no spread; without a rise there is nothing to find.
    if mean == 0 or np.sum((o - mean * expected) ** 2 - o) <= 0:
        return GammaPoisson(np.inf, np.inf, float(mean))
    start = moments(observed, expected)
    shape = start.shape if np.isfinite(start.shape) else 1.0
    at = np.log([shape, shape / mean])
    value, slope, curve = _likelihood(at, o, expected)
    for _ in range(_STEPS):
        step = _uphill(slope, curve)
        while True:
            new = _likelihood(at + step, o, expected)
            if new[0] >= value - 1e-12 * abs(value) or np.abs(step).max() < _CLOSE:
                break
            step = step / 2
        at, (value, slope, curve) = at + step, new
        if np.abs(step).max() < _CLOSE:
            break
    nu, alpha = np.exp(at)
    return GammaPoisson(float(nu), float(alpha), float(nu / alpha))


def moments(observed: Ints, expected: Floats) -> GammaPoisson:
    """ν and α by Clayton and Kaldor's moment equations, to compare with what other programs give; analyses use `gamma_poisson`.

    Args:
        observed: events of each area.
        expected: expected events, above 0.

    Returns:
        The distribution; without spread where the moment estimate of the variance is not above 0.
    """
    ratio = observed / expected
    nu, alpha = np.inf, np.inf
    mean = float(np.sum(observed) / np.sum(expected))
    for _ in range(_STEPS):
        shrunk = ratio if np.isinf(nu) else (observed + nu) / (expected + alpha)
        new = float(np.mean(shrunk))
        weight = 1.0 if np.isinf(alpha) else 1 + alpha / expected
        variance = float(np.sum(weight * (shrunk - new) ** 2) / (len(ratio) - 1))
        if variance <= 0:
            return GammaPoisson(np.inf, np.inf, mean)
        before, (nu, alpha) = nu, (new * new / variance, new / variance)
        if abs(nu - before) < 1e-12 * nu:
            break
    return GammaPoisson(nu, alpha, nu / alpha)


def _likelihood(at: Floats, o: Floats, e: Floats) -> tuple[float, Floats, Floats]:
    """The log likelihood at (log ν, log α), its slope and its curve."""
    nu, alpha = np.exp(at)
    rate = alpha + e
    value = float(
        np.sum(
            special.gammaln(o + nu) - special.gammaln(nu) + nu * np.log(alpha / rate) + o * np.log(e / rate)
        )
    )
    by_nu = np.sum(special.digamma(o + nu) - special.digamma(nu) + np.log(alpha / rate))
    by_alpha = np.sum(nu / alpha - (nu + o) / rate)
    nu_nu = np.sum(special.polygamma(1, o + nu)) - len(o) * special.polygamma(1, nu)
    nu_alpha = np.sum(1 / alpha - 1 / rate)
    alpha_alpha = np.sum((nu + o) / rate**2) - len(o) * nu / alpha**2
    slope = np.array([nu * by_nu, alpha * by_alpha])
    curve = np.array(
        [[nu**2 * nu_nu, nu * alpha * nu_alpha], [nu * alpha * nu_alpha, alpha**2 * alpha_alpha]]
    )
    return value, slope, curve + np.diag(slope)


def _uphill(slope: Floats, curve: Floats) -> Floats:
    """Newton's step where the likelihood bends down, else a step along the slope; at most a factor e² in each parameter."""
    values, vectors = np.linalg.eigh(curve)
    step = vectors @ ((vectors.T @ slope) / np.maximum(np.abs(values), 1e-12))
    longest = float(np.abs(step).max())
    return np.asarray(step * min(1.0, 2.0 / longest) if longest > 0 else step, np.float64)
