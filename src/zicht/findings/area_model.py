"""Small areas from their own survey estimates: the area-level model of Fay and Herriot.

The direct estimate of an area is its true value plus sampling error of known variance; the true value is a regression on what is known of every
area plus an effect of the area. Fay, R.E. and Herriot, R.A. (1979), Estimates of income for small places, JASA 74. Mean squared errors: Prasad,
N.G.N. and Rao, J.N.K. (1990), JASA 85; Datta, G.S. and Lahiri, P. (2000), Statistica Sinica 10; Datta, G.S., Rao, J.N.K. and Smith, D.D. (2005),
Biometrika 92 (moment estimate). All as in Rao, J.N.K. and Molina, I. (2015), Small area estimation, chapter 6.

Not for counts near 0, nor where the sampling variances are themselves rough guesses: the model takes them as known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize

from zicht.errors import ZichtError
from zicht.findings.table import Floats

Fitting = Literal["reml", "ml", "moment"]

_GRID = np.r_[
    0.0, np.logspace(-6, 4, 61)
]  # of the variance between areas, in units of the median sampling variance


@dataclass(frozen=True, slots=True)
class SmallAreas:
    """Estimates of areas by a model.

    Attributes:
        estimate: of each area, in the unit of the figure.
        mse: mean squared error, in that unit squared.
        weight: γ, how much the area's own figure counts (0-1); 0 where it has none.
        coefficients: of the regression.
        covariance: of the coefficients.
        between: variance between areas that the regression does not explain.
        within: variance of units within an area; NaN for the area-level model, which is told it.
        likelihood: log likelihood (not the restricted one) at these parameters.
    """

    estimate: Floats
    mse: Floats
    weight: Floats
    coefficients: Floats
    covariance: Floats
    between: float
    within: float
    likelihood: float


@dataclass(frozen=True, slots=True)
class _Solved:
    """The regression at one variance between areas; v is the inverse of the variance of each direct estimate."""

    v: Floats
    q: Floats
    beta: Floats
    py: Floats
    x: Floats

    def trace(self, power: int) -> float:
        """tr(Q X'VᵖX), p below 0."""
        return float(np.sum(self.q * (self.x.T @ (self.v[:, None] ** -power * self.x))))


def fay_herriot(direct: Floats, variance: Floats, design: Floats, fitting: Fitting = "reml") -> SmallAreas:
    """Estimates of small areas from direct estimates and what is known of every area.

    Args:
        direct: direct estimate of each area; NaN where nobody was asked, which gives the regression alone.
        variance: its sampling variance, above 0 where there is a direct estimate.
        design: areas × coefficients, with a column of ones.
        fitting: how the variance between areas is estimated: restricted maximum likelihood, maximum likelihood, or moments (which asks no
            normal distribution).

    Returns:
        Estimates with their mean squared error.

    Raises:
        ZichtError: a variance that is not above 0, columns that say the same, or no more areas than coefficients.
    """
    asked = ~np.isnan(direct)
    y, d, x = direct[asked], variance[asked], design[asked]
    if not (d > 0).all():
        raise ZichtError("the sampling variance of a direct estimate must be above 0")
    if len(y) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        raise ZichtError("there must be more areas than coefficients, and columns that do not say the same")
    between = _between(y, d, x, fitting)
    at = _solve(between, y, d, x)
    spread, bias = _precision(at, fitting)
    gamma = np.zeros(len(direct))
    gamma[asked] = between * at.v
    fixed = design @ at.beta
    # Where nobody was asked γ is 0, and the whole variance between areas is part of the error.
    estimate = fixed + gamma * np.where(asked, direct - fixed, 0.0)
    own = (1 - gamma) ** 2 * np.einsum("ij,jk,ik->i", design, at.q, design)
    mse = between * (1 - gamma) + own
    mse[asked] += 2 * d**2 * at.v**3 * spread - bias * (d * at.v) ** 2
    likelihood = -0.5 * float(np.sum(np.log(2 * np.pi / at.v) + at.py**2 / at.v))
    return SmallAreas(estimate, mse, gamma, at.beta, at.q, between, np.nan, likelihood)


def _solve(between: float, y: Floats, d: Floats, x: Floats) -> _Solved:
    v = 1 / (between + d)
    q = np.asarray(np.linalg.inv(x.T @ (v[:, None] * x)), np.float64)
    beta = q @ (x.T @ (v * y))
    return _Solved(v, q, beta, v * (y - x @ beta), x)


def _between(y: Floats, d: Floats, x: Floats, fitting: Fitting) -> float:
    """The variance between areas: where the equation of the method holds and the likelihood is highest, or 0."""

    def equation(a: float) -> float:
        at = _solve(a, y, d, x)
        if fitting == "moment":
            return float(np.sum(at.py**2 / at.v) - (len(y) - x.shape[1]))
        trace = at.v.sum() - (at.trace(-2) if fitting == "reml" else 0.0)
        return float(at.py @ at.py - trace)

    def fit(a: float) -> float:
        at = _solve(a, y, d, x)
        penalty = np.linalg.slogdet(at.q)[1] if fitting == "reml" else 0.0
        return float(np.log(at.v).sum() - np.sum(at.py**2 / at.v) + penalty)

    grid = _GRID * max(float(np.median(d)), float(np.var(y)) * 1e-3)
    slopes = [equation(a) for a in grid]
    falls = [i for i in range(len(grid) - 1) if slopes[i] > 0 >= slopes[i + 1]]
    roots = [float(optimize.brentq(equation, grid[i], grid[i + 1], xtol=1e-300, rtol=1e-14)) for i in falls]
    if fitting == "moment":  # falls throughout, so there is one root, or none above 0
        return roots[0] if roots else 0.0
    return max([0.0, *roots] if slopes[0] <= 0 else roots, key=fit)


def _precision(at: _Solved, fitting: Fitting) -> tuple[float, float]:
    """Variance and bias of the variance between areas as estimated."""
    v1, v2, m = float(at.v.sum()), float(np.sum(at.v**2)), len(at.v)
    if fitting == "moment":
        return 2 * m / v1**2, 2 * (m * v2 - v1**2) / v1**3
    return 2 / v2, (-at.trace(-2) / v2 if fitting == "ml" else 0.0)
