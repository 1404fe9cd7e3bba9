"""Small areas: Fay-Herriot on milk, the unit-level model on corn, adding up, and what may be shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keys import column, rows
from scipy import optimize

from zicht.errors import ZichtError
from zicht.findings.area_model import SmallAreas, fay_herriot
from zicht.findings.small_areas import (
    BADGES,
    benchmarked,
    estimated,
    measured,
    raked,
    showable,
    stable_class,
)
from zicht.findings.table import METHODS, About
from zicht.findings.unit_model import unit_level

ABOUT = About("example", "buurt", 2025, "2024")


class Milk:
    """Milk expenditure in 43 areas of the United States (Arora and Lahiri 1997), with four major areas as regression."""

    def __init__(self, answers: Path) -> None:
        table = rows(answers / "sae/milk.csv")
        key = rows(answers / "answers_open/milk_fh_reml.csv")
        self.direct, self.variance = column(table, "yi"), column(table, "SD") ** 2
        major = column(table, "MajorArea")
        self.design = np.column_stack([np.ones(43), *((major == k).astype(float) for k in (2, 3, 4))])
        self.eblup, self.mse = column(key, "eblup"), column(key, "mse")


@pytest.fixture(scope="module")
def milk(shared: Path) -> Milk:
    return Milk(shared / "answers")


@pytest.mark.shared
def test_milk_by_restricted_likelihood_equals_the_key_in_every_area(milk: Milk):
    made = fay_herriot(milk.direct, milk.variance, milk.design)
    # The reference program stops when a step is small, at 0.0185502; the root of the equation is 0.0185503.
    assert made.between == pytest.approx(0.01855022232, abs=2e-7)
    assert made.coefficients == pytest.approx(
        [0.9681889704, 0.1327801425, 0.2269462189, -0.2413010797], abs=1e-6
    )
    assert made.estimate == pytest.approx(milk.eblup, abs=1e-6)
    assert made.mse == pytest.approx(milk.mse, abs=1e-6)
    assert np.sqrt(np.diag(made.covariance)) == pytest.approx(
        [0.06936208, 0.10300072, 0.09232981, 0.08161707], abs=1e-6
    )
    assert made.likelihood == pytest.approx(12.677478, abs=1e-5)


@pytest.mark.shared
def test_milk_by_maximum_likelihood_equals_the_measured_variance(milk: Milk):
    assert fay_herriot(milk.direct, milk.variance, milk.design, "ml").between == pytest.approx(
        0.0155176, abs=2e-7
    )


@pytest.mark.shared
@pytest.mark.parametrize("fitting", ["reml", "ml"])
def test_the_variance_between_areas_is_where_the_likelihood_is_highest_by_brute_force(milk: Milk, fitting):
    def minus(log_between: float) -> float:
        v = np.diag(np.exp(log_between) + milk.variance)
        inverse = np.linalg.inv(v)
        information = milk.design.T @ inverse @ milk.design
        beta = np.linalg.solve(information, milk.design.T @ inverse @ milk.direct)
        rest = milk.direct - milk.design @ beta
        penalty = np.linalg.slogdet(information)[1] if fitting == "reml" else 0.0
        return float(np.linalg.slogdet(v)[1] + rest @ inverse @ rest + penalty)

    best = optimize.minimize_scalar(minus, bounds=(-8, 0), method="bounded", options={"xatol": 1e-10})
    made = fay_herriot(milk.direct, milk.variance, milk.design, fitting)
    assert made.between == pytest.approx(np.exp(best.x), rel=1e-5)


@pytest.mark.shared
def test_the_moment_estimate_solves_fay_and_herriots_equation(milk: Milk):
    made = fay_herriot(milk.direct, milk.variance, milk.design, "moment")
    rest = milk.direct - milk.design @ made.coefficients
    assert np.sum(rest**2 / (made.between + milk.variance)) == pytest.approx(43 - 4, rel=1e-12)


def test_an_area_where_nobody_was_asked_gets_the_regression_and_a_wider_margin():
    random = np.random.default_rng(1)
    design = np.column_stack([np.ones(60), random.normal(size=60)])
    direct = design @ [10, 2] + random.normal(size=60) + random.normal(size=60) * 0.5
    direct[7] = np.nan
    made = fay_herriot(direct, np.full(60, 0.25), design)
    assert made.estimate[7] == pytest.approx(design[7] @ made.coefficients)
    assert made.weight[7] == 0
    assert made.mse[7] == made.mse.max() > made.between


def test_areas_that_differ_no_more_than_sampling_makes_them_get_the_regression():
    made = fay_herriot(np.array([1.0, 1.01, 0.99, 1.0, 1.02, 0.98]), np.full(6, 0.5), np.ones((6, 1)))
    assert made.between == 0
    assert made.estimate == pytest.approx(np.ones(6))


@pytest.mark.slow
@pytest.mark.parametrize("fitting", ["reml", "ml", "moment"])
def test_margins_are_as_wide_as_the_errors_they_promise(fitting):
    random = np.random.default_rng(2)
    design = np.column_stack([np.ones(30), random.normal(size=30)])
    variance = random.uniform(0.3, 2, 30)
    errors, promised = [], []
    for _ in range(1500):
        truth = design @ [5, 1] + random.normal(size=30)
        made = fay_herriot(truth + random.normal(size=30) * np.sqrt(variance), variance, design, fitting)
        errors.append((made.estimate - truth) ** 2)
        promised.append(made.mse)
    assert np.mean(promised) == pytest.approx(np.mean(errors), rel=0.04)


@pytest.mark.parametrize(
    ("variance", "design", "message"),
    [([0.0, 1, 1], np.ones((3, 1)), "above 0"), ([1.0, 1, 1], np.ones((3, 2)), "do not say the same")],
)
def test_a_model_that_cannot_be_fitted_is_refused(variance, design, message: str):
    with pytest.raises(ZichtError, match=message):
        fay_herriot(np.array([1.0, 2, 3]), np.array(variance), design)


# The unit-level model

CORN = """
    county mean     sd
    1      122.1954 9.9
    2      126.2280 9.7
    3      106.6638 9.3
    4      108.4222 8.1
    5      144.3072 6.5
    6      112.1586 6.6
    7      112.7801 6.6
    8      122.0020 6.7
    9      115.3438 5.8
    10     124.4144 5.3
    11     106.8883 5.2
    12     143.0312 5.7
"""


@pytest.fixture(scope="module")
def corn(shared: Path) -> SmallAreas:
    """Hectares of corn per segment in 12 counties of Iowa, without the 33rd observation (Battese, Harter and Fuller 1988)."""
    table = [row for i, row in enumerate(rows(shared / "answers/sae/cornsoybean.csv"), 1) if i != 33]
    known = rows(shared / "answers/sae/cornsoybeanmeans.csv")
    design = np.column_stack([np.ones(len(table)), column(table, "CornPix"), column(table, "SoyBeansPix")])
    names = ("MeanCornPixPerSeg", "MeanSoyBeansPixPerSeg")
    means = np.column_stack([np.ones(12), *(column(known, name) for name in names)])
    county = column(table, "County").astype(np.int64) - 1
    return unit_level(county, column(table, "CornHec"), design, means, column(known, "PopnSegments"))


@pytest.mark.shared
def test_corn_equals_the_key(corn: SmallAreas):
    assert corn.coefficients == pytest.approx([51.0703981, 0.3287217, -0.1345684], abs=1e-6)
    # The reference program stops at a likelihood that is flat to its last digits.
    assert (corn.between, corn.within) == pytest.approx((140.02389, 147.26863), abs=2e-5)
    key = [line.split() for line in CORN.strip().splitlines()[1:]]
    assert corn.estimate == pytest.approx([float(mean) for _, mean, _ in key], abs=6e-5)
    # The paper fitted by constants rather than by likelihood: margins agree to half a hectare.
    assert np.sqrt(corn.mse) == pytest.approx([float(sd) for *_, sd in key], abs=0.5)


def sample(seed: int, between: float) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(seed)
    truth = random.normal(size=25) * np.sqrt(between)
    size = random.integers(1, 6, 25)
    area = np.repeat(np.arange(25), size)
    x = random.normal(size=len(area))
    value = 3 + 2 * x + truth[area] + random.normal(size=len(area))
    return (
        area,
        value,
        np.column_stack([np.ones(len(area)), x]),
        np.column_stack([np.ones(25), np.zeros(25)]),
        3 + truth,
    )


def test_variances_maximise_the_restricted_likelihood_by_brute_force():
    area, value, design, means, _ = sample(3, 1.0)
    made = unit_level(area, value, design, means, np.full(25, np.inf))

    def minus(at: np.ndarray) -> float:
        v = np.exp(at[0]) * (area[:, None] == area) + np.exp(at[1]) * np.eye(len(area))
        inverse = np.linalg.inv(v)
        information = design.T @ inverse @ design
        rest = value - design @ np.linalg.solve(information, design.T @ inverse @ value)
        return float(np.linalg.slogdet(v)[1] + rest @ inverse @ rest + np.linalg.slogdet(information)[1])

    best = optimize.minimize(
        minus, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-11}
    )
    assert (made.between, made.within) == pytest.approx(tuple(np.exp(best.x)), rel=1e-5)
    v = made.between * (area[:, None] == area) + made.within * np.eye(len(area))
    rest = value - design @ made.coefficients
    effect = made.between * (np.arange(25)[:, None] == area) @ np.linalg.solve(v, rest)
    assert made.estimate == pytest.approx(means @ made.coefficients + effect)
    likelihood = -0.5 * (
        len(area) * np.log(2 * np.pi) + np.linalg.slogdet(v)[1] + rest @ np.linalg.solve(v, rest)
    )
    assert made.likelihood == pytest.approx(likelihood)


def test_an_area_of_which_everybody_was_asked_is_known():
    area, value, design, _, _ = sample(4, 1.0)
    means = np.column_stack([np.bincount(area, column_) / np.bincount(area) for column_ in design.T])
    size = np.bincount(area).astype(float)
    made = unit_level(area, value, design, means, size)
    assert made.estimate == pytest.approx(np.bincount(area, value) / size)
    assert made.mse == pytest.approx(np.zeros(25), abs=1e-12)
    with pytest.raises(ZichtError, match="fewer units than its sample"):
        unit_level(area, value, design, means, size - 1)


@pytest.mark.slow
def test_margins_of_the_unit_level_model_are_as_wide_as_the_errors_they_promise():
    errors, promised = [], []
    for seed in range(1000):
        *data, truth = sample(seed, 0.8)
        made = unit_level(*data, np.full(25, np.inf))
        errors.append((made.estimate - truth) ** 2)
        promised.append(made.mse)
    # Sizes of samples differ between runs, as do the margins.
    assert np.mean(promised) == pytest.approx(np.mean(errors), rel=0.05)


# Adding up

AREAS = st.lists(
    st.tuples(
        st.sampled_from(["G1", "G2", "G3"]), st.floats(0.1, 50), st.floats(0.01, 9), st.integers(1, 999)
    ),
    min_size=1,
    max_size=20,
)


@given(AREAS, st.floats(0.5, 2))
def test_benchmarked_estimates_add_up_to_the_total_of_the_larger_area(areas, factor: float):
    larger, estimate, mse, size = (np.array(values) for values in zip(*areas, strict=True))
    size = size.astype(float)
    total = {
        code: float(size[larger == code] @ estimate[larger == code]) * factor for code in set(larger.tolist())
    }
    model = SmallAreas(estimate, mse, np.ones(len(mse)), np.ones(1), np.eye(1), 1.0, np.nan, 0.0)
    moved = benchmarked(model, size, larger, total)
    for code, wanted in total.items():
        rows_ = larger == code
        assert size[rows_] @ moved.estimate[rows_] == pytest.approx(wanted)
        assert size[rows_] @ raked(estimate, size, larger, total)[rows_] == pytest.approx(wanted)
    assert (moved.mse >= mse).all()


def test_benchmarking_moves_the_uncertain_areas_most_and_of_all_that_add_up_the_least():
    model = SmallAreas(
        np.array([10.0, 10, 10]), np.array([0.0, 1, 3]), np.ones(3), np.ones(1), np.eye(1), 1.0, np.nan, 0.0
    )
    made = benchmarked(model, np.ones(3), np.array(["G", "G", "G"]), {"G": 34.0})
    assert made.estimate == pytest.approx([10.0, 11.0, 13.0])


def test_estimates_that_are_all_nought_cannot_be_raked():
    with pytest.raises(ZichtError, match="estimates of G are all 0"):
        raked(np.zeros(2), np.ones(2), np.array(["G", "G"]), {"G": 5.0})
    assert raked(np.zeros(2), np.ones(2), np.array(["G", "G"]), {"G": 0.0}).tolist() == [0, 0]


# What may be shown

SHOWN = """
    estimate root classes status
    10       2.5  -       ok
    10       2.6  -       unreliable
    10       2.6  4,16    ok
    10       2.6  9,15    unreliable
    nan      1    -       not_available
"""


@pytest.mark.parametrize("row", SHOWN.strip().splitlines()[1:])
def test_an_uncertain_estimate_is_hidden_unless_its_class_is_stable(row: str):
    estimate, root, classes, status = row.split()
    model = SmallAreas(
        np.array([float(estimate)]),
        np.array([float(root) ** 2]),
        np.array([0.4]),
        np.ones(1),
        np.eye(1),
        1.0,
        np.nan,
        0.0,
    )
    bounds = [] if classes == "-" else [float(bound) for bound in classes.split(",")]
    made = estimated(ABOUT, "fay_herriot", ["B1"], model, np.array([12.0]), bounds).to_pylist()[0]
    assert made["status"] == status
    assert (made["observed"], made["statistic"]) == (12.0, 0.4)
    assert BADGES[METHODS[made["method"]].basis] == ("geschat", "estimated")


def test_a_direct_estimate_wears_that_it_was_measured_and_is_hidden_if_few_were_asked():
    made = measured(
        ABOUT, ["B1", "B2", "B3"], np.full(3, 10.0), np.array([1.0, 9.0, 1.0]), np.array([100, 400, 99])
    )
    assert made["status"].to_pylist() == ["ok", "unreliable", "unreliable"]
    assert made["lower"].to_pylist()[0] == pytest.approx(10 - 1.959964)
    assert BADGES[METHODS["direct"].basis] == ("gemeten", "measured")


def test_a_class_is_stable_if_95_of_100_draws_fall_in_it():
    random = np.random.default_rng(5)
    for estimate in (10.0, 11.0, 13.0):
        draws = random.normal(estimate, 2, 200_000)
        share = np.mean((draws >= 7) & (draws < 14.5))
        assert stable_class(np.array([estimate]), np.array([4.0]), [7, 14.5])[0] == (share >= 0.95)
    assert showable(np.array([0.0]), np.array([0.1])).tolist() == [False]
