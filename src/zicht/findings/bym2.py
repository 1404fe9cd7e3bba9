"""Ratios of small areas that borrow from their neighbours: the model BYM2, by nested Laplace approximation on sparse matrices.

Counts are Poisson with mean expected × exp(xβ + σ(√(1-ρ) v + √ρ u)): v is of the area alone, u leans on its neighbours and is scaled, so
that σ is the spread of log ratios and ρ the part of its square that neighbours share. Riebler, A., Sørbye, S.H., Simpson, D. and Rue, H. (2016), An
intuitive Bayesian spatial model for disease mapping that accounts for scaling, SMMR 25; priors: Simpson, D. et al. (2017), Penalising model
component complexity, Statistical Science 32. Integration over (σ, ρ): Rue, H., Martino, S. and Chopin, N. (2009), Approximate Bayesian
inference for latent Gaussian models, JRSS B 71. The margin of each area is not taken as normal but made from its own Poisson likelihood: Cseke, B.
and Heskes, T. (2011), Approximate marginals in latent Gaussian models, JMLR 12 (the local correction).

v has a diagonal precision and is eliminated by hand, so that what is factored is one matrix with the pattern of the map.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import interpolate, optimize, special

from zicht.errors import ZichtError
from zicht.findings.spatial import Neighbours
from zicht.findings.structure import Structure
from zicht.findings.table import Floats, Ints

SPREAD = (1.0, 0.01)
"""The prior of σ: a spread of log ratios above the first has this chance."""

SHARED = (0.5, 2 / 3)
"""The prior of ρ: a shared part below the first has this chance, so that the simpler map without neighbours is favoured."""

_STEPS = 50
_CLOSE = 1e-6  # of all log ratios
_FALL = 5.0  # of the log density, after which the grid over (σ, ρ) stops
_POINTS = 61  # at which the margin of an area is known
_REACH = 5.0  # standard deviations to each side
_FURTHEST = 1.0  # step of the grid, of log σ and logit ρ
_LEAP = 3.0  # of a log ratio in one step
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Smoothed:
    """Ratios of areas that borrow from their neighbours; intervals hold 95 %.

    Attributes:
        ratio: posterior mean of each area's ratio.
        lower: lower bound.
        upper: upper bound.
        above: chance that the ratio is above 1.
        coefficients: mean of each.
        errors: standard deviation of each.
        spread: mean of σ.
        shared: mean of ρ.
        scales: scaling factor of each part of the map.
    """

    ratio: Floats
    lower: Floats
    upper: Floats
    above: Floats
    coefficients: Floats
    errors: Floats
    spread: float
    shared: float
    scales: Floats


@dataclass(frozen=True, slots=True)
class _Solved:
    """All effects at one (σ, ρ) for one quadratic approximation of the likelihood.

    Attributes:
        beta: coefficients.
        covariance: of the coefficients.
        u: leaning effects.
        rest: what the line leaves over, times its weight; √own times it is v.
        eta: log ratios.
        flat: 1 + own × weight of each area.
        line: what an area's log ratio is but for v: how it changes with the coefficients (areas × coefficients).
        variance: of the leaning part of the line, given the coefficients.
        log_determinant: of the precision of all effects.
    """

    beta: Floats
    covariance: Floats
    u: Floats
    rest: Floats
    eta: Floats
    flat: Floats
    line: Floats
    variance: Callable[[], Floats]
    log_determinant: float


@dataclass(frozen=True, slots=True)
class _Mode:
    """The most likely effects at one (σ, ρ), as far as margins need them; `density` is that of the place, but for a constant."""

    density: float
    eta: Floats
    mean: Floats
    variance: Floats
    beta: Floats
    covariance: Floats


def smoothed(observed: Ints, expected: Floats, by: Neighbours, design: Floats | None = None) -> Smoothed:
    """Ratios drawn to those of the neighbours and to the mean, as far as chance can have made them.

    Args:
        observed: events of each area.
        expected: expected events, above 0.
        by: neighbours that count alike; an area may have none.
        design: areas × coefficients with a column of ones; a constant alone if None.

    Returns:
        Ratios with their 95 % credible intervals.

    Raises:
        ZichtError: an expected number that is not above 0, no events, no neighbours, or columns that say the same.
    """
    if not (expected > 0).all() or observed.sum() == 0:
        raise ZichtError("expected numbers must be above 0, and something must have happened")
    x = np.ones((len(observed), 1)) if design is None else design
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise ZichtError("two columns say the same")
    model = _Model(observed.astype(np.float64), expected, x, Structure(by))
    places, modes = model.explored()
    weights = np.exp([mode.density - max(other.density for other in modes) for mode in modes])
    weights /= weights.sum()
    beta = np.array([mode.beta for mode in modes])
    mean = weights @ beta
    second = weights @ (beta**2 + np.array([np.diag(mode.covariance) for mode in modes]))
    return Smoothed(
        *_margins(weights, modes), mean, np.sqrt(second - mean**2), float(weights @ np.exp(places[:, 0])),
        float(weights @ special.expit(places[:, 1])), model.structure.scales,
    )  # fmt: skip


class _Model:
    """The model on one map; a place is (log σ, logit ρ)."""

    def __init__(self, y: Floats, e: Floats, x: Floats, structure: Structure) -> None:
        self.y, self.e, self.x, self.structure = y, e, x, structure
        self.shared_prior = _shared_prior(structure)
        self.eta = np.log((y + 1) / (e + 1))  # the last mode, from which the next is found in few steps

    def explored(self) -> tuple[Floats, list[_Mode]]:
        """The places that matter, on a grid along the axes of the density, and the mode at each."""
        top = optimize.minimize(
            lambda place: -self.at(place)[0],
            np.array([-1.2, 0.0]),
            method="Nelder-Mead",
            options={
                "xatol": 0.02,
                "fatol": 0.01,
                "initial_simplex": [[-1.2, 0.0], [-0.7, 0.0], [-1.2, 1.0]],
            },
        ).x
        axes = self._axes(top)
        found: dict[tuple[int, int], _Mode] = {}
        ahead, best = [(0, 0)], -np.inf
        while ahead:
            at = ahead.pop(0)
            if at in found:
                continue
            found[at] = self.mode(top + axes @ np.array(at, np.float64))
            best = max(best, found[at].density)
            if found[at].density > best - _FALL:
                ahead += [(at[0] + a, at[1] + b) for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        kept = {at: mode for at, mode in found.items() if mode.density > best - _FALL}
        return top + np.array(list(kept), np.float64) @ axes.T, list(kept.values())

    def _axes(self, top: Floats) -> Floats:
        """One standard deviation along each axis of the density at its top, as columns; never longer than 1."""
        step, lengths, vectors = 0.2, np.ones(2), np.eye(2)
        for _ in range(2):
            steps = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)]
            f = {at: self.at(top + step * np.array(at))[0] for at in steps}
            curve = [2 * f[0, 0] - f[1, 0] - f[-1, 0], 2 * f[0, 0] - f[0, 1] - f[0, -1]]
            twist = (f[1, -1] + f[-1, 1] - f[1, 1] - f[-1, -1]) / 4
            values, vectors = np.linalg.eigh(np.array([[curve[0], twist], [twist, curve[1]]]) / step**2)
            lengths = 1 / np.sqrt(np.maximum(values, _FURTHEST**-2))
            step = float(lengths.min())
        return np.asarray(vectors * lengths, np.float64)

    def mode(self, place: Floats) -> _Mode:
        """The mode of all effects at a place, with the variance of each log ratio about it."""
        density, mean, at = self.at(place)
        own = np.exp(2 * place[0]) * special.expit(-place[1])
        line = at.variance() + np.einsum("ij,jk,ik->i", at.line, at.covariance, at.line)
        variance = line / at.flat**2 + own / at.flat
        return _Mode(density, at.eta, mean, variance, at.beta, at.covariance)

    def at(self, place: Floats) -> tuple[float, Floats, _Solved]:
        """The log density of a place by Laplace's approximation, the counts to expect at the mode, and the mode."""
        own = float(np.exp(2 * place[0]) * special.expit(-place[1]))
        leaning = float(np.exp(place[0]) * np.sqrt(special.expit(place[1])))
        for _ in range(_STEPS):
            mean = self.e * np.exp(self.eta)
            made = self._solved(own, leaning, mean)
            step = made.eta - self.eta
            self.eta = self.eta + np.clip(step, -_LEAP, _LEAP)
            if np.abs(step).max() < _CLOSE:
                break
        mean = self.e * np.exp(self.eta)
        density = float(np.sum(self.y * self.eta - mean)) - 0.5 * own * float(np.sum(made.rest**2))
        density -= 0.5 * (float(np.sum(made.u * (self.structure.precision @ made.u))) + made.log_determinant)
        prior = place[0] + np.log(SPREAD[1]) / SPREAD[0] * np.exp(place[0]) + self.shared_prior(place[1])
        return density + float(prior), mean, made

    def _solved(self, own: float, leaning: float, mean: Floats) -> _Solved:
        """One step of Newton: all effects, with each Poisson likelihood taken as normal about the last log ratios."""
        x, parts, p = self.x, self.structure.parts, self.x.shape[1]
        flat = 1 + own * mean
        weight = mean / flat  # of an area's own figure once v is eliminated
        target = weight * self.eta + (self.y - mean) / flat
        factor = self.structure.factor(1.0, leaning**2 * weight)
        pull = leaning * weight[:, None] * x
        sides = factor.solve(np.column_stack([pull, leaning * target, parts]))
        # The effects of a part of the map add up to 0.
        towards = sides[:, p + 1 :]
        sums = np.linalg.inv(_product(parts, towards))
        too_much = sums @ _product(parts, sides[:, : p + 1])
        free = sides[:, : p + 1] - np.einsum("ij,jk->ik", towards, too_much)
        information = _product(x, weight[:, None] * x) - _product(pull, free[:, :p])
        covariance = np.asarray(np.linalg.inv(information), np.float64)
        beta = covariance @ (_product(x, target[:, None]) - _product(pull, free[:, p:]))[:, 0]
        u = free[:, p] - np.einsum("ij,j->i", free[:, :p], beta)
        line = np.einsum("ij,j->i", x, beta) + leaning * u
        rest = target - weight * line

        def variance() -> Floats:
            taken = np.einsum("ij,jk,ik->i", towards, sums, towards)
            return np.asarray(leaning**2 * (factor.variances() - taken), np.float64)

        logs = float(np.log(flat).sum()) + factor.log_determinant()
        logs += np.linalg.slogdet(information)[1] - np.linalg.slogdet(sums)[1]
        changes = x - leaning * free[:, :p]
        return _Solved(beta, covariance, u, rest, line + own * rest, flat, changes, variance, float(logs))


def _product(left: Floats, right: Floats) -> Floats:
    """leftᵀ right of two long and narrow matrices, without the threads that a linear algebra library would wake for it."""
    return np.asarray(np.einsum("ij,ik->jk", left, right), np.float64)


def _shared_prior(structure: Structure) -> Callable[[float], float]:
    """The log density of logit ρ: exponential in the distance to the map without neighbours, the root of twice the Kullback-Leibler divergence."""
    at = np.linspace(-9, 9, 37)
    rho = special.expit(at)
    n, parts = structure.parts.shape
    logs = np.array([structure.factor(1 - r, np.full(n, r)).log_determinant() for r in rho])
    # Eigenvalues of the covariance of u: 0 for each part of the map, elsewhere those of the precision turned over.
    logs += parts * (np.log1p(-rho) - np.log(rho)) - structure.log_determinant
    distance = np.sqrt(np.maximum(rho * (structure.trace - n) - logs, 0.0))
    curve = interpolate.CubicSpline(at, np.log(np.maximum(distance, _TINY)))
    rate = -np.log(1 - SHARED[1]) / np.exp(float(curve(special.logit(SHARED[0]))))

    def density(place: float) -> float:
        inside = float(np.clip(place, at[0], at[-1]))
        length = np.exp(float(curve(inside)))
        outside = -2.0 * abs(place - inside)
        return float(np.log(rate * length * max(float(curve(inside, 1)), _TINY)) - rate * length + outside)

    return density


def _margins(weights: Floats, modes: Sequence[_Mode]) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean and 95 % interval of each ratio, and the chance that it is above 1, over all places.

    At each place the normal margin of a log ratio is divided by the normal likelihood that went into it and multiplied by its Poisson one.
    """
    eta, variance = (np.array([getattr(mode, name) for mode in modes]) for name in ("eta", "variance"))
    centre = weights @ eta
    spread = np.sqrt(weights @ (variance + (eta - centre) ** 2))
    at = centre[:, None] + spread[:, None] * np.linspace(-_REACH, _REACH, _POINTS)
    density = np.zeros_like(at)
    for weight, mode in zip(weights, modes, strict=True):
        off = at - mode.eta[:, None]
        logs = -(off**2) / (2 * mode.variance[:, None]) - mode.mean[:, None] * (
            np.expm1(off) - off - off**2 / 2
        )
        made = np.exp(logs - logs.max(1, keepdims=True))
        density += weight * made / made.sum(1, keepdims=True)
    below = np.cumsum(density, axis=1) - density / 2
    bounds = [
        np.exp([np.interp(share, b, a) for b, a in zip(below, at, strict=True)]) for share in (0.025, 0.975)
    ]
    above = 1 - np.array([np.interp(0.0, a, b, 0.0, 1.0) for b, a in zip(below, at, strict=True)])
    return np.sum(density * np.exp(at), axis=1), bounds[0], bounds[1], above
