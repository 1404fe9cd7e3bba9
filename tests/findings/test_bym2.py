"""Borrowing from neighbours: the sparse algebra against dense algebra, Scotland's lip cancer, and how often the intervals are right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from zicht.errors import ZichtError
from zicht.findings import bym2
from zicht.findings.bym2 import smoothed
from zicht.findings.spatial import Neighbours, neighbours
from zicht.findings.structure import Structure

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def pairs(edges: list[tuple[int, int]], areas: int) -> Neighbours:
    first, second = np.array(edges, np.int64).reshape(-1, 2).T
    return neighbours(np.r_[first, second], np.r_[second, first], areas)


def lattice(rows: int, columns: int, islands: int = 0) -> Neighbours:
    at = np.arange(rows * columns).reshape(rows, columns)
    beside = [*zip(at[:, :-1].ravel(), at[:, 1:].ravel(), strict=True)]
    below = [*zip(at[:-1].ravel(), at[1:].ravel(), strict=True)]
    return pairs([*beside, *below], rows * columns + islands)


def dense(by: Neighbours) -> tuple[Floats, Floats]:
    """The scaled covariance of the leaning effects, and the scale of each part, by eigenvalues."""
    w = by.weights.toarray()
    inverse = np.linalg.pinv(np.diag(w.sum(1)) - w)
    reach = np.linalg.matrix_power(np.eye(len(w)) + (w > 0), len(w)) > 0
    scales = np.ones(len(w))
    for part in {tuple(row) for row in reach.tolist()}:
        inside = np.array(part)
        if inside.sum() > 1:
            scales[inside] = np.exp(np.log(np.diag(inverse)[inside]).mean())
    covariance = inverse / scales[:, None]
    np.fill_diagonal(covariance, np.where(by.without, 1.0, np.diag(covariance)))
    return covariance, scales


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 12))
def test_the_sparse_factor_solves_and_inverts_as_dense_algebra_does(seed: int, areas: int):
    random = np.random.default_rng(seed)
    edges = [(a, b) for a in range(areas) for b in range(a) if random.random() < 0.3] or [(0, 1)]
    structure = Structure(pairs(edges, areas))
    plus, right = random.random(areas) + 0.1, random.random((areas, 2))
    whole = 0.7 * structure.precision.toarray() + np.diag(plus)
    factor = structure.factor(0.7, plus)
    assert factor.solve(right) == pytest.approx(np.linalg.solve(whole, right), rel=1e-9)
    assert factor.variances() == pytest.approx(np.diag(np.linalg.inv(whole)), rel=1e-9)
    assert factor.log_determinant() == pytest.approx(np.linalg.slogdet(whole)[1], abs=1e-9)


def test_each_part_of_the_map_has_variances_of_one_on_average_and_an_island_has_one():
    by = pairs([(0, 1), (1, 2), (2, 3), (4, 5), (5, 6), (6, 4)], 8)
    structure = Structure(by)
    covariance, scales = dense(by)
    assert np.linalg.pinv(structure.precision.toarray()) == pytest.approx(covariance, abs=1e-9)
    assert sorted(structure.scales) == pytest.approx(sorted({round(s, 12) for s in scales[:7]}))
    values = np.linalg.eigvalsh(structure.precision.toarray())
    assert structure.log_determinant == pytest.approx(np.log(values[values > 1e-9]).sum())
    assert structure.trace == pytest.approx(np.trace(covariance))


def test_the_density_of_a_place_is_laplaces_as_computed_with_dense_matrices():
    by = lattice(4, 5, islands=2)
    random = np.random.default_rng(3)
    expected, x = random.uniform(0.5, 8, 22), np.column_stack([np.ones(22), random.normal(size=22)])
    y = random.poisson(expected).astype(float)
    model = bym2._Model(y, expected, x, Structure(by))
    covariance, _ = dense(by)
    gaps = []
    for place in np.array([[-1.0, 0.0], [-0.3, 2.0], [-1.5, -1.0]]):
        own, shared = np.exp(2 * place[0]), special.expit(place[1])
        s = own * ((1 - shared) * np.eye(22) + shared * covariance)
        eta = np.log(y + 1) - np.log(expected)
        for _ in range(60):
            mean = expected * np.exp(eta)
            inverse = np.linalg.inv(s + np.diag(1 / mean))
            beta = np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ (eta + (y - mean) / mean))
            effect = s @ inverse @ (eta + (y - mean) / mean - x @ beta)
            eta = x @ beta + effect
        mean, prior = expected * np.exp(eta), np.linalg.inv(s)
        whole = np.block([[prior + np.diag(mean), mean[:, None] * x], [x.T * mean, (x.T * mean) @ x]])
        joint = np.hstack([np.eye(22), x])
        made = model.mode(place)
        assert made.beta == pytest.approx(beta, abs=1e-6)
        assert made.eta == pytest.approx(eta, abs=1e-6)
        assert made.variance == pytest.approx(np.diag(joint @ np.linalg.inv(whole) @ joint.T), rel=1e-6)
        laplace = np.sum(y * eta - mean) - effect @ prior @ effect / 2
        laplace += (np.linalg.slogdet(prior)[1] - np.linalg.slogdet(whole)[1]) / 2
        priors = place[0] + np.log(0.01) * np.exp(place[0]) + model.shared_prior(place[1])
        gaps.append(laplace + priors - made.density)
    assert gaps == pytest.approx([gaps[0]] * 3, abs=1e-5)  # what is left out is the same everywhere


def test_the_prior_of_the_shared_part_is_a_density_with_two_thirds_below_one_half():
    density = bym2._shared_prior(Structure(lattice(6, 7)))
    at = np.linspace(-30, 30, 6001)
    mass = np.exp([density(place) for place in at]) * (at[1] - at[0])
    assert 0.85 < mass.sum() < 1  # the rest is cut off: a map without areas of their own lies infinitely far
    assert mass[at < 0].sum() == pytest.approx(2 / 3, abs=0.02)


@pytest.mark.shared
def test_lip_cancer_in_scotland_is_as_markov_chains_give_it(shared: Path):
    """NumPyro gave, with priors of its own, -0.307 (0.124), 0.436 (0.132), σ 0.541, ρ 0.885 and 4.99 for Skye."""
    folder = shared / "answers/scotland_lip"
    table = pyogrio.raw.read_arrow(folder / "scotland_sf.gpkg", read_geometry=False)[1].to_pydict()
    edges = np.loadtxt(folder / "edges_queen.csv", delimiter=",", skiprows=1, dtype=int)
    outdoors = np.array(table["AFF"]) * 10
    made = smoothed(
        np.array(table["cases"]).astype(np.int64), np.array(table["expected"]), pairs(edges.tolist(), 56),
        np.column_stack([np.ones(56), outdoors]),
    )  # fmt: skip
    assert made.scales == pytest.approx([0.5578], abs=5e-5)
    assert made.coefficients == pytest.approx([-0.307, 0.436], abs=0.035)
    assert made.errors == pytest.approx([0.124, 0.132], abs=0.005)
    assert (made.spread, made.shared) == (pytest.approx(0.541, abs=0.04), pytest.approx(0.885, abs=0.11))
    skye = table["county.names"].index("skye-lochalsh")
    assert made.ratio[skye] == pytest.approx(4.99, abs=0.08)
    assert made.lower[skye] > 1


@pytest.mark.slow
def test_intervals_hold_the_truth_in_95_of_100_areas_and_borrowing_halves_the_error():
    by = lattice(15, 16)
    random = np.random.default_rng(11)
    covariance, _ = dense(by)
    root = np.linalg.cholesky(covariance + 1e-9 * np.eye(240))
    held, own, borrowed = 0, 0.0, 0.0
    for _ in range(10):
        effects = 0.4 * (
            np.sqrt(0.8) * root @ random.normal(size=240) + np.sqrt(0.2) * random.normal(size=240)
        )
        expected = random.lognormal(1.5, 0.8, 240)
        truth = np.exp(effects)
        y = random.poisson(expected * truth)
        made = smoothed(y, expected, by)
        held += int(np.sum((made.lower < truth) & (truth < made.upper)))
        own += float(np.sum((y / expected - truth) ** 2))
        borrowed += float(np.sum((made.ratio - truth) ** 2))
    assert 0.935 <= held / (10 * 240) <= 0.965
    assert borrowed < own / 2


@pytest.mark.slow
def test_nowhere_is_surely_different_where_chance_made_all_differences():
    by = lattice(8, 8)
    random = np.random.default_rng(5)
    reported = 0
    for _ in range(20):
        expected = random.lognormal(2.5, 0.7, 64)
        made = smoothed(random.poisson(expected), expected, by)
        reported += bool(np.any((made.lower > 1) | (made.upper < 1)))
    assert reported <= 2


def test_what_cannot_be_smoothed_is_refused():
    alone = pairs([], 3)
    with pytest.raises(ZichtError, match="no area has a neighbour"):
        smoothed(np.array([1, 2, 3]), np.ones(3), alone)
    with pytest.raises(ZichtError, match="must be above 0"):
        smoothed(np.array([1, 2, 3]), np.array([1.0, 0.0, 1.0]), pairs([(0, 1)], 3))
    with pytest.raises(ZichtError, match="something must have happened"):
        smoothed(np.zeros(3, np.int64), np.ones(3), pairs([(0, 1)], 3))
    with pytest.raises(ZichtError, match="say the same"):
        smoothed(np.array([1, 2, 3]), np.ones(3), pairs([(0, 1)], 3), np.ones((3, 2)))
