"""Adjusted ratios: how many times as often something happens in a group, all controls being equal, also where it is rare.

Poisson and logistic regression on counts with the penalty of Firth, D. (1993), Bias reduction of maximum likelihood estimates, Biometrika 80:
half the log determinant of the information (Jeffreys' prior) is added, which takes away the bias of few events and stays finite where a group
has none. Intervals and p by the profile of the penalised likelihood: Heinze, G. and Schemper, M. (2002), A solution to the problem of
separation in logistic regression, Statistics in Medicine 21.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import optimize, special

from zicht.errors import ZichtError
from zicht.findings.table import About, Bools, Floats, findings

_CHI2_95 = 3.841458820694124  # 95th percentile of chi² with one degree of freedom
_STEPS, _HALVINGS = 500, 40
_CLOSE = 1e-10  # of all coefficients
_FAR = 60.0  # no bound of a log ratio lies further


@dataclass(frozen=True, slots=True)
class Family:
    """How events come about: log likelihood, mean and weight (the information of one row) at a linear predictor.

    Attributes:
        estimate: what the exponent of a coefficient is a ratio of.
        likelihood: (predictor, events, size) to the log likelihood of each row, but for a constant.
        moments: (predictor, size) to mean, weight, and slope of the weight ÷ weight.
        start: (events, size) in total to the intercept to start from.
    """

    estimate: str
    likelihood: Callable[[Floats, Floats, Floats], Floats]
    moments: Callable[[Floats, Floats], tuple[Floats, Floats, Floats]]
    start: Callable[[float, float], float]


def _poisson_likelihood(eta: Floats, events: Floats, size: Floats) -> Floats:
    return np.asarray(events * eta - size * np.exp(eta), np.float64)


def _poisson_moments(eta: Floats, size: Floats) -> tuple[Floats, Floats, Floats]:
    mean = size * np.exp(eta)
    return mean, mean, np.ones(len(eta))


def _binomial_likelihood(eta: Floats, events: Floats, size: Floats) -> Floats:
    return np.asarray(events * eta - size * np.logaddexp(0, eta), np.float64)


def _binomial_moments(eta: Floats, size: Floats) -> tuple[Floats, Floats, Floats]:
    share = special.expit(eta)
    return size * share, size * share * special.expit(-eta), 1 - 2 * share


RATE = Family("rate", _poisson_likelihood, _poisson_moments, lambda o, n: float(np.log((o + 0.5) / n)))
"""Events per person-year: rate ratios."""

ODDS = Family(
    "odds", _binomial_likelihood, _binomial_moments, lambda o, n: float(np.log((o + 0.5) / (n - o + 0.5)))
)
"""Persons with a trait among all: odds ratios."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model.

    Attributes:
        coefficients: on the log scale, in the order of the columns of the design.
        covariance: the inverse of the information.
        likelihood: the penalised log likelihood, but for a constant.
    """

    coefficients: Floats
    covariance: Floats
    likelihood: float


@dataclass(frozen=True, slots=True)
class Counts:
    """What a model is fitted to, a row a cell of the cube.

    Attributes:
        design: rows × coefficients, the first column ones.
        events: events of each row.
        size: person-years (`RATE`) or persons (`ODDS`) of each row, above 0.
    """

    design: Floats
    events: Floats
    size: Floats


def fit(
    family: Family, counts: Counts, held: Mapping[int, float] | None = None, start: Floats | None = None
) -> Fit:
    """The coefficients with the highest penalised likelihood.

    Args:
        family: `RATE` or `ODDS`.
        counts: what is fitted to.
        held: coefficients that keep a given value (the penalty is still that of the whole model).
        start: coefficients to start from.

    Returns:
        The fit.

    Raises:
        ZichtError: the columns of the design are not independent, or no highest point was found.
    """
    columns = counts.design.shape[1]
    if np.linalg.matrix_rank(counts.design) < columns:
        raise ZichtError("controls say the same: leave one of them out")
    at = np.zeros(columns) if start is None else start.copy()
    if start is None:
        at[0] = family.start(float(counts.events.sum()), float(counts.size.sum()))
    for index, value in (held or {}).items():
        at[index] = value
    free = np.array([index not in (held or {}) for index in range(columns)])
    return _climb(family, counts, at, free)


def _climb(family: Family, counts: Counts, at: Floats, free: Bools) -> Fit:
    value, score, information = _state(family, counts, at)
    for _ in range(_STEPS):
        step = np.zeros(len(at))
        if free.any():
            step[free] = np.linalg.solve(information[np.ix_(free, free)], score[free])
        step *= min(1.0, 5.0 / max(float(np.abs(step).max()), 5.0))
        for _ in range(_HALVINGS):
            new = _state(family, counts, at + step)
            if new[0] >= value - 1e-13 * abs(value):
                break
            step = step / 2
        at, (value, score, information) = at + step, new
        if np.abs(step).max() < _CLOSE:
            return Fit(at, np.asarray(np.linalg.inv(information), np.float64), value)
    raise ZichtError(
        "no highest point of the likelihood was found: there are too few events for these controls"
    )


def _state(family: Family, counts: Counts, at: Floats) -> tuple[float, Floats, Floats]:
    """Penalised log likelihood, its slope, and the information."""
    x = counts.design
    eta = x @ at
    mean, weight, bend = family.moments(eta, counts.size)
    information = x.T @ (weight[:, None] * x)
    sign, logdet = np.linalg.slogdet(information)
    if sign <= 0:
        return -np.inf, np.zeros(len(at)), np.eye(len(at))
    leverage = weight * np.einsum("ij,ji->i", x, np.linalg.solve(information, x.T))
    value = float(family.likelihood(eta, counts.events, counts.size).sum() + logdet / 2)
    return value, x.T @ (counts.events - mean + leverage * bend / 2), information


def profile(family: Family, counts: Counts, best: Fit, index: int) -> tuple[float, float, float]:
    """The 95 % bounds of a coefficient and the chi² that it is 0, by the profile of the penalised likelihood.

    Args:
        family: `RATE` or `ODDS`.
        counts: what was fitted to.
        best: what `fit` gave.
        index: which coefficient.

    Returns:
        Lower and upper bound on the log scale, and twice the fall of the likelihood when the coefficient is held at 0.
    """

    def fall(value: float) -> float:
        return 2 * (best.likelihood - fit(family, counts, {index: value}, best.coefficients).likelihood)

    middle = float(best.coefficients[index])
    reach = 2 * float(np.sqrt(best.covariance[index, index]))
    bounds = [_crossing(lambda v: fall(v) - _CHI2_95, middle, sign * reach) for sign in (-1.0, 1.0)]
    return bounds[0], bounds[1], fall(0.0)


def _crossing(above: Callable[[float], float], middle: float, reach: float) -> float:
    """Where the fall reaches its bound, on one side of the highest point; infinite if it never does."""
    outer = middle + reach
    while above(outer) < 0:
        reach *= 2
        outer = middle + reach
        if abs(reach) > _FAR:
            return float(np.copysign(np.inf, reach))
    return float(optimize.brentq(above, middle, outer, xtol=1e-9))


def adjusted_ratios(
    about: About, family: Family, cube: pa.Table, group: str, base: str, controls: Sequence[str]
) -> pa.Table:
    """How many times as often something happens in each category of a trait as in a base category, other things equal.

    Args:
        about: what all rows share.
        family: `RATE` for rate ratios, `ODDS` for odds ratios.
        cube: counts: columns `observed` and `population`, the trait and the controls.
        group: column of the trait.
        base: category of the trait that others are compared with.
        controls: columns that are held equal, each as categories.

    Returns:
        `FINDINGS` with method `adjusted_ratio`, a row for each category but the base, sorted; `group` is the trait and its category,
        `reference` the trait and its base.

    Raises:
        ZichtError: the base does not occur, or the model cannot be fitted.
    """
    summed = cube.group_by([group, *controls]).aggregate([("observed", "sum"), ("population", "sum")])
    summed = summed.filter(pc.greater(summed["population_sum"], 0))
    labels = sorted(set(summed[group].to_pylist()) - {base}, key=str)
    if base not in summed[group].to_pylist():
        raise ZichtError(f"{group} has no category '{base}'")
    columns = [np.ones(summed.num_rows), *_dummies(summed[group], labels)]
    for control in controls:
        columns += _dummies(summed[control], sorted(set(summed[control].to_pylist()), key=str)[1:])
    counts = Counts(
        np.column_stack(columns),
        summed["observed_sum"].to_numpy().astype(np.float64),
        summed["population_sum"].to_numpy().astype(np.float64),
    )
    best = fit(family, counts)
    rows = np.array([profile(family, counts, best, 1 + i) for i in range(len(labels))]).reshape(-1, 3)
    of_label = [summed.filter(pc.equal(summed[group], label))["observed_sum"] for label in labels]
    return findings(
        about,
        "adjusted_ratio",
        {
            "group": [f"{group}={label}" for label in labels], "reference": [f"{group}={base}"] * len(labels),
            "estimate": np.exp(best.coefficients[1 : 1 + len(labels)]), "lower": np.exp(rows[:, 0]), "upper": np.exp(rows[:, 1]),
            "observed": [float(pc.sum(events).as_py()) for events in of_label],
            "statistic": rows[:, 2], "p": special.chdtrc(1, np.maximum(rows[:, 2], 0)),
        },
    )  # fmt: skip


def _dummies(column: pa.ChunkedArray, labels: Sequence[object]) -> list[Floats]:
    values = np.array(column.to_pylist(), object)
    return [(values == label).astype(np.float64) for label in labels]
