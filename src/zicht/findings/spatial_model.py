"""Small areas from their own survey estimates and those of their neighbours: Fay and Herriot's model with effects that lean on each other.

The effect of an area is ρ times the weighted mean of those of its neighbours plus a part of its own (simultaneous autoregression). Petrucci, A. and
Salvati, N. (2006), Small area estimation for spatial correlation in watershed erosion assessment, JABES 11; mean squared error with its correction
for curvature: Singh, B.B., Shukla, G.K. and Kundu, D. (2005), Spatio-temporal models in small area estimation, Survey Methodology 31.

Matrices are dense: for the hundreds of areas that a survey samples, not for all 14,000 buurten.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from zicht.errors import ZichtError
from zicht.findings.area_model import SmallAreas
from zicht.findings.spatial import Neighbours
from zicht.findings.table import Floats

_LEAST = (
    1e-6  # of the variance between areas, in units of the least sampling variance; below it there is none
)
_PRECISION = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500}
_MOST = 0.999  # of ρ; at 1 the variance of the effects has no end


@dataclass(frozen=True, slots=True)
class SpatialAreas:
    """Estimates that lean on neighbours.

    Attributes:
        areas: the estimates; `between` is the variance of the part of its own, `weight` the weight of the area's own figure.
        correlation: ρ, between -1 and 1.
    """

    areas: SmallAreas
    correlation: float


@dataclass(frozen=True, slots=True)
class _Solved:
    """The model at one variance and ρ, with the first and second derivatives of the variance V of the direct estimates."""

    inverse: Floats
    effects: Floats
    q: Floats
    beta: Floats
    project: Floats
    first: tuple[Floats, Floats]
    second: tuple[Floats, Floats]
    likelihood: float


def spatial_fay_herriot(direct: Floats, variance: Floats, design: Floats, by: Neighbours) -> SpatialAreas:
    """Estimates of small areas that borrow from their neighbours too, by restricted maximum likelihood.

    Args:
        direct: direct estimate of each area.
        variance: its sampling variance, above 0.
        design: areas × coefficients, with a column of ones.
        by: averaged neighbours.

    Returns:
        The estimates with their mean squared error.

    Raises:
        ZichtError: a variance that is not above 0, an area without a direct estimate, columns that say the same, or areas that do not differ.
    """
    if not (variance > 0).all() or np.isnan(direct).any():
        raise ZichtError("every area needs a direct estimate with a sampling variance above 0")
    if len(direct) <= design.shape[1] or np.linalg.matrix_rank(design) < design.shape[1]:
        raise ZichtError("there must be more areas than coefficients, and columns that do not say the same")
    weights = by.weights.toarray()

    def minus(place: Floats) -> tuple[float, Floats]:
        solved = _solve(np.array([np.exp(place[0]), place[1]]), direct, variance, design, weights)
        return -solved.likelihood, -_scores(solved, direct)[0] * [np.exp(place[0]), 1.0]

    least = float(np.log(variance.min() * _LEAST))
    bounds = [(least, None), (-_MOST, _MOST)]
    start = [float(np.log(np.median(variance))), 0.5]
    found = optimize.minimize(minus, start, jac=True, method="L-BFGS-B", bounds=bounds, options=_PRECISION)
    if found.x[0] <= least + 1.0:
        raise ZichtError("areas do not differ by more than sampling: use the model without neighbours")
    at = np.array([np.exp(found.x[0]), found.x[1]])
    return _predict(at, _solve(at, direct, variance, design, weights), direct, variance, design)


def _solve(at: Floats, y: Floats, d: Floats, x: Floats, w: Floats) -> _Solved:
    between, rho = at
    own = np.eye(len(y)) - rho * w
    c = np.linalg.inv(own.T @ own)
    bend = w + w.T - 2 * rho * w.T @ w
    by_rho = c @ bend @ c
    curve = 2 * by_rho @ bend @ c - 2 * c @ (w.T @ w) @ c
    v = between * c + np.diag(d)
    inverse = np.linalg.inv(v)
    q = np.asarray(np.linalg.inv(x.T @ inverse @ x), np.float64)
    beta = q @ (x.T @ (inverse @ y))
    project = inverse - inverse @ x @ q @ x.T @ inverse
    likelihood = -0.5 * (np.linalg.slogdet(v)[1] - np.linalg.slogdet(q)[1] + y @ project @ y)
    return _Solved(
        inverse, between * c, q, beta, project, (c, between * by_rho), (by_rho, between * curve), float(likelihood)
    )  # fmt: skip


def _scores(at: _Solved, y: Floats) -> tuple[Floats, Floats]:
    """Slope of the restricted likelihood in the variance and ρ, and the information."""
    py = at.project @ y
    parts = [at.project @ first for first in at.first]
    slope = np.array(
        [(py @ first @ py - np.trace(part)) / 2 for first, part in zip(at.first, parts, strict=True)]
    )
    information = np.array([[np.sum(one * other.T) / 2 for other in parts] for one in parts])
    return slope, information


def _predict(at: Floats, made: _Solved, y: Floats, d: Floats, x: Floats) -> SpatialAreas:
    lean = made.effects @ made.inverse
    fixed = x @ made.beta
    rest = y - fixed
    spread = np.linalg.inv(_scores(made, y)[1])
    apart = x - lean @ x
    # d V⁻¹ is what is left of the direct estimate's error; the derivatives of the predictor are d V⁻¹ Vₖ V⁻¹.
    left = d[:, None] * made.inverse
    slopes = [left @ first @ made.inverse for first in made.first]
    v = made.effects + np.diag(d)
    unknown = sum(
        spread[k, m] * np.einsum("ij,ji->i", slopes[k] @ v, slopes[m].T) for k in (0, 1) for m in (0, 1)
    )
    bends = 2 * spread[0, 1] * made.second[0] + spread[1, 1] * made.second[1]
    curvature = np.einsum("ij,jk,ik->i", left, bends, left, optimize=True) / 2
    mse = np.diag(made.effects - lean @ made.effects) + np.einsum("ij,jk,ik->i", apart, made.q, apart)
    mse = mse + 2 * unknown - curvature
    likelihood = 0.5 * (
        np.linalg.slogdet(made.inverse)[1] - rest @ made.inverse @ rest - len(y) * np.log(2 * np.pi)
    )
    areas = SmallAreas(
        fixed + lean @ rest,
        mse,
        np.diag(lean).copy(),
        made.beta,
        made.q,
        float(at[0]),
        np.nan,
        float(likelihood),
    )
    return SpatialAreas(areas, float(at[1]))
