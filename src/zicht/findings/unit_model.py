"""Small areas from answers of persons: the unit-level model with an effect of the area.

Battese, G.E., Harter, R.M. and Fuller, W.A. (1988), An error-components model for prediction of county crop areas using survey and satellite
data, JASA 83. Fitted by restricted maximum likelihood, through sums per area only, so that its cost hardly grows with the number of persons;
mean squared errors as in Prasad and Rao (1990) and Rao and Molina (2015), chapter 7.

Not for yes-no answers with shares near 0 or 1, nor for samples that were drawn by what is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from zicht.errors import ZichtError
from zicht.findings.area_model import SmallAreas
from zicht.findings.table import Floats, Ints

_GRID = np.r_[0.0, np.logspace(-6, 6, 61)]  # of the variance between areas, in units of that within


@dataclass(frozen=True, slots=True)
class _Sums:
    """What the model needs of a sample: sizes, sums of each area, and squares over all units."""

    n: Floats
    x: Floats
    y: Floats
    xx: Floats
    xy: Floats
    yy: float

    def solve(self, ratio: float) -> tuple[Floats, Floats, float]:
        """Q (without the variance within), coefficients and weighted squares at a ratio of the variances."""
        w = ratio / (1 + ratio * self.n)
        q = np.asarray(np.linalg.inv(self.xx - self.x.T @ (w[:, None] * self.x)), np.float64)
        beta = q @ (self.xy - self.x.T @ (w * self.y))
        rest = self.y - self.x @ beta
        squares = self.yy - 2 * beta @ self.xy + beta @ self.xx @ beta - float(np.sum(w * rest**2))
        return q, beta, float(squares)

    def likelihood(self, ratio: float) -> float:
        """Twice the restricted log likelihood with the variance within at its best, but for a constant."""
        q, beta, squares = self.solve(ratio)
        free = self.n.sum() - len(beta)
        return float(-free * np.log(squares) - np.log1p(ratio * self.n).sum() + np.linalg.slogdet(q)[1])

    def slope(self, ratio: float) -> float:
        """Its slope in the ratio."""
        q, beta, squares = self.solve(ratio)
        u = 1 / (1 + ratio * self.n)
        free = self.n.sum() - len(beta)
        rest = self.y - self.x @ beta
        gain = free * np.sum((rest * u) ** 2) / squares - np.sum(self.n * u)
        return float(gain + np.sum(q * (self.x.T @ (u[:, None] ** 2 * self.x))))


def unit_level(area: Ints, value: Floats, design: Floats, means: Floats, population: Floats) -> SmallAreas:
    """Means of small areas from a sample of units and what is known of all.

    Args:
        area: number of the area of each unit in the sample, from 0.
        value: what was measured of it.
        design: units × coefficients, with a column of ones.
        means: areas × coefficients: means of the same columns over all units of the area.
        population: units of each area, at least those in the sample; infinite for the mean of the model.

    Returns:
        The mean of each area with its mean squared error; for an area without a sample the regression alone.

    Raises:
        ZichtError: columns that say the same, too few units, or an area with fewer units than its sample.
    """
    areas = len(means)
    sums = _sums(area, value, design, areas)
    if (population < sums.n).any():
        raise ZichtError("an area has fewer units than its sample")
    if len(value) <= design.shape[1] + 1 or np.linalg.matrix_rank(design) < design.shape[1]:
        raise ZichtError("there must be more units than coefficients, and columns that do not say the same")
    ratio = _ratio(sums)
    q, beta, squares = sums.solve(ratio)
    within = squares / (sums.n.sum() - len(beta))
    return _predict(sums, means, population, (ratio * within, within), (q * within, beta))


def _sums(area: Ints, value: Floats, design: Floats, areas: int) -> _Sums:
    n = np.bincount(area, minlength=areas).astype(np.float64)
    x = np.column_stack([np.bincount(area, column, areas) for column in design.T]).astype(np.float64)
    y = np.bincount(area, value, areas).astype(np.float64)
    return _Sums(n, x, y, design.T @ design, design.T @ value, float(value @ value))


def _ratio(sums: _Sums) -> float:
    slopes = [sums.slope(ratio) for ratio in _GRID]
    falls = [i for i in range(len(_GRID) - 1) if slopes[i] > 0 >= slopes[i + 1]]
    roots = [
        float(optimize.brentq(sums.slope, _GRID[i], _GRID[i + 1], xtol=1e-300, rtol=1e-14)) for i in falls
    ]
    return max([0.0, *roots] if slopes[0] <= 0 or not roots else roots, key=sums.likelihood)


def _predict(
    sums: _Sums,
    means: Floats,
    population: Floats,
    variances: tuple[float, float],
    regression: tuple[Floats, Floats],
) -> SmallAreas:
    between, within = variances
    q, beta = regression
    n = sums.n
    total = within + n * between  # n times the variance of a sample mean about the regression
    gamma = n * between / total
    sampled = np.maximum(n, 1)[:, None]
    x, y = sums.x / sampled, sums.y / sampled[:, 0]
    share = n / population
    # Only units that were not asked are predicted; those asked are known.
    with np.errstate(divide="ignore", invalid="ignore"):
        others = np.where((share < 1)[:, None], (means - share[:, None] * x) / (1 - share)[:, None], means)
    effect = gamma * (y - x @ beta)
    estimate = share * y + (1 - share) * (others @ beta + effect)
    apart = others - gamma[:, None] * x
    mse = between * (1 - gamma) + np.einsum("ij,jk,ik->i", apart, q, apart)
    mse += 2 * n * _spread(n, between, within) / total**3
    mse = (1 - share) ** 2 * mse + (1 - share) * within / population
    return SmallAreas(
        estimate, mse, gamma, beta, q, between, within, _likelihood(sums, beta, between, within)
    )


def _spread(n: Floats, between: float, within: float) -> float:
    """Variance of between ÷ within as estimated, times within to the fourth: what is lost by not knowing γ."""
    total = within + n * between
    bb = np.sum((n / total) ** 2) / 2
    bw = np.sum(n / total**2) / 2
    asked = n > 0
    ww = np.sum(((n - 1) / within**2 + 1 / total**2)[asked]) / 2
    covariance = np.linalg.inv(np.array([[bb, bw], [bw, ww]]))
    slope = np.array([within, -between])
    return float(slope @ covariance @ slope)


def _likelihood(sums: _Sums, beta: Floats, between: float, within: float) -> float:
    n = sums.n[sums.n > 0]
    rest = sums.y - sums.x @ beta
    squares = sums.yy - 2 * beta @ sums.xy + beta @ sums.xx @ beta
    squares = squares / within - float(np.sum(between * rest**2 / (within * (within + sums.n * between))))
    logs = np.sum((n - 1) * np.log(within) + np.log(within + n * between))
    return float(-0.5 * (n.sum() * np.log(2 * np.pi) + logs + squares))
