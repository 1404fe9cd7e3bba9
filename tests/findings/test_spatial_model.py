"""Fay and Herriot's model with effects that lean on neighbours, against brute force and simulation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from keys import column, rows
from scipy import optimize, sparse

from zicht.errors import ZichtError
from zicht.findings.area_model import fay_herriot
from zicht.findings.spatial import Neighbours, averaged, neighbours
from zicht.findings.spatial_model import spatial_fay_herriot


def ring(areas: int) -> Neighbours:
    here = np.arange(areas)
    there = (here + 1) % areas
    return averaged(neighbours(np.r_[here, there], np.r_[there, here], areas))


def covariance(between: float, rho: float, weights: np.ndarray) -> np.ndarray:
    own = np.eye(len(weights)) - rho * weights
    return between * np.linalg.inv(own.T @ own)


def draw(random: np.random.Generator, areas: int = 60) -> tuple[np.ndarray, ...]:
    design = np.column_stack([np.ones(areas), np.linspace(-1, 1, areas)])
    truth = design @ [5, 2] + np.linalg.cholesky(
        covariance(1.0, 0.7, ring(areas).weights.toarray())
    ) @ random.normal(size=areas)
    variance = np.resize([0.4, 0.8, 1.6], areas)
    return truth, truth + random.normal(size=areas) * np.sqrt(variance), variance, design


def test_variance_and_correlation_maximise_the_restricted_likelihood_by_brute_force():
    _, direct, variance, design = draw(np.random.default_rng(1))
    weights = ring(60).weights.toarray()

    def minus(at: np.ndarray) -> float:
        v = covariance(np.exp(at[0]), np.tanh(at[1]), weights) + np.diag(variance)
        inverse = np.linalg.inv(v)
        information = design.T @ inverse @ design
        rest = direct - design @ np.linalg.solve(information, design.T @ inverse @ direct)
        return float(np.linalg.slogdet(v)[1] + rest @ inverse @ rest + np.linalg.slogdet(information)[1])

    best = optimize.minimize(
        minus, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-12}
    )
    made = spatial_fay_herriot(direct, variance, design, ring(60))
    assert made.areas.between == pytest.approx(np.exp(best.x[0]), rel=1e-5)
    assert made.correlation == pytest.approx(np.tanh(best.x[1]), abs=1e-5)
    effects = covariance(made.areas.between, made.correlation, weights)
    fixed = design @ made.areas.coefficients
    assert made.areas.estimate == pytest.approx(
        fixed + effects @ np.linalg.solve(effects + np.diag(variance), direct - fixed)
    )


@pytest.mark.slow
def test_neighbours_make_estimates_better_and_margins_keep_their_promise():
    random = np.random.default_rng(2)
    errors, promised, alone = [], [], []
    for _ in range(150):
        truth, direct, variance, design = draw(random)
        made = spatial_fay_herriot(direct, variance, design, ring(60)).areas
        errors.append((made.estimate - truth) ** 2)
        promised.append(made.mse)
        alone.append((fay_herriot(direct, variance, design).estimate - truth) ** 2)
    assert np.mean(promised) == pytest.approx(np.mean(errors), rel=0.07)
    assert np.mean(errors) < 0.95 * np.mean(alone)


@pytest.mark.shared
def test_grapes_of_tuscany_lean_on_their_neighbours(shared: Path):
    table = rows(shared / "answers/sae/grapes.csv")
    proximity = rows(shared / "answers/sae/grapesprox.csv")
    weights = sparse.csr_array(np.array([[float(cell) for cell in row.values()] for row in proximity]))
    design = np.column_stack([np.ones(274), column(table, "area"), column(table, "workdays")])
    direct, variance = column(table, "grapehect"), column(table, "var")
    made = spatial_fay_herriot(direct, variance, design, Neighbours(weights))
    alone = fay_herriot(direct, variance, design)
    assert 0.5 < made.correlation < 0.65
    assert made.areas.likelihood > alone.likelihood + 8
    assert np.median(made.areas.mse) < np.median(alone.mse)


def test_areas_that_differ_by_sampling_only_are_sent_to_the_simpler_model():
    direct = np.random.default_rng(3).normal(size=30) * 0.1
    with pytest.raises(ZichtError, match="without neighbours"):
        spatial_fay_herriot(direct, np.ones(30), np.ones((30, 1)), ring(30))
    with pytest.raises(ZichtError, match="every area needs"):
        spatial_fay_herriot(np.r_[np.nan, direct[1:]], np.ones(30), np.ones((30, 1)), ring(30))
