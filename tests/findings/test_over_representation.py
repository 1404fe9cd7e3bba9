"""Over-representation: expected numbers, exact intervals, the rule, shrinkage and adjusted ratios, against published and computed keys."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keys import column, rows
from scipy import optimize, stats

from zicht.errors import ZichtError
from zicht.figures import garwood
from zicht.findings.adjusted import ODDS, RATE, Counts, _state, adjusted_ratios, fit, profile
from zicht.findings.chance import benjamini_hochberg, benjamini_yekutieli, generator, mid_p, poisson_p
from zicht.findings.over import over_representation, ratio_bands, shrunken_ratios, statistically_relevant
from zicht.findings.shrink import gamma_poisson, moments
from zicht.findings.standardise import everybody, peers, standardise, within
from zicht.findings.table import FINDINGS, METHODS, About, findings

ABOUT = About("example", "buurt", 2025, "2024")


def cube(text: str) -> pa.Table:
    """A cube from a table as text: area, age, observed, population."""
    lines = [line.split() for line in text.strip().splitlines()[1:]]
    area, age, observed, population = zip(*lines, strict=True)
    return pa.table(
        {
            "area": area,
            "age": age,
            "observed": [int(o) for o in observed],
            "population": [int(p) for p in population],
        }
    )


def counts(observed: list[int], expected: list[float]) -> pa.Table:
    return pa.table(
        {"area": [f"B{i}" for i in range(len(observed))], "observed": observed, "expected": expected}
    )


# Standardisation

TWO_AGES = cube("""
    area age observed population
    A    0   1        1000
    A    65  30       1000
    B    0   9        9000
    B    65  10       1000
    C    0   0        1000
    C    65  20       2000
""")


def test_an_area_is_expected_to_have_the_rates_of_its_reference_in_each_stratum():
    made = standardise(TWO_AGES, ["age"], everybody("all", ["A", "B", "C"]))
    # Every area is a large part of all, so each is compared with the other two: A with 9/10,000 and 30/3,000.
    assert made["observed"].to_pylist() == [31, 19, 20]
    assert made["expected"].to_pylist() == pytest.approx([0.9 + 10.0, 4.5 + 50 / 3, 1.0 + 40.0])
    assert made["left_out"].to_pylist() == [True, True, True]


def test_without_controls_ages_make_an_area_look_worse_than_it_is():
    crude = standardise(TWO_AGES, [], everybody("all", ["A", "B", "C"]))
    assert crude["expected"].to_pylist()[0] == pytest.approx(2000 * 39 / 13000)


def test_a_small_area_stays_in_its_reference_and_a_large_one_is_left_out():
    areas = [f"B{i}" for i in range(40)]
    table = pa.table({"area": areas, "observed": [5] * 39 + [50], "population": [100] * 39 + [1000]})
    made = standardise(table, [], everybody("all", areas))
    assert made["left_out"].to_pylist().count(True) == 1
    by_area = dict(zip(made["area"].to_pylist(), made["expected"].to_pylist(), strict=True))
    assert by_area["B39"] == pytest.approx(1000 * 0.05)
    assert by_area["B0"] == pytest.approx(100 * 245 / 4900)


def test_areas_are_compared_within_their_gemeente_or_with_their_peers():
    made = standardise(TWO_AGES, ["age"], within("gemeente", {"A": "G1", "B": "G1", "C": "G2"}))
    assert made["expected"].to_pylist()[:2] == pytest.approx([1.0 + 10.0, 9.0 + 30.0])
    assert made["expected"].to_pylist()[2] is None  # alone in its gemeente: there is nobody to compare with
    alike = standardise(TWO_AGES, ["age"], peers("look-alikes", {"A": ["C"], "B": ["A", "C"]}))
    assert alike["expected"].to_pylist() == [pytest.approx(10.0), pytest.approx(4.5 + 50 / 3), None]


def test_people_in_a_stratum_that_the_reference_lacks_leave_nothing_expected():
    table = cube("""
        area age observed population
        A    0   1        10
        A    99  1        10
        B    0   2        20
    """)
    made = standardise(table, ["age"], peers("look-alikes", {"A": ["B"], "B": ["A"]}))
    assert made["expected"].to_pylist() == [None, pytest.approx(2.0)]
    assert over_representation(ABOUT, made, "x")["status"].to_pylist() == ["not_available", "ok"]


def test_a_reference_that_wants_an_area_without_counts_is_refused():
    with pytest.raises(ZichtError, match="'look-alikes' wants X"):
        standardise(TWO_AGES, [], peers("look-alikes", {"A": ["B", "X"]}))


@pytest.mark.parametrize("bad", [-1, None])
def test_counts_below_zero_or_missing_are_refused(bad: int | None):
    with pytest.raises(ZichtError, match="observed has values"):
        standardise(
            pa.table({"area": ["A"], "observed": pa.array([bad], pa.int64()), "population": [10]}),
            [],
            everybody("all", ["A"]),
        )


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABCDEFGH"), st.sampled_from("xyz"), st.integers(0, 9), st.integers(10, 99)
        ),
        min_size=3,
    )
)
def test_a_reference_that_holds_everybody_expects_as_many_as_there_were(
    rows: list[tuple[str, str, int, int]],
):
    area, age, observed, population = zip(*rows, strict=True)
    table = pa.table({"area": area, "age": age, "observed": observed, "population": population})
    # A pool a hundred times as large of the same areas: nobody is a large part of it, and its rates are theirs.
    pools = sorted(set(area))
    same = {code: [other for other in pools for _ in range(100)] for code in pools}
    made = standardise(table, ["age"], peers("all", same))
    assert not any(made["left_out"].to_pylist()) or len(pools) == 1
    assert sum(made["expected"].to_pylist()) == pytest.approx(sum(observed))


# Chance

INTERVALS = """
    observed garwood_low garwood_high midp_low midp_high
    0        0           3.6889       0        2.9957
    10       4.7954      18.3904      5.0795   17.8249
"""


@pytest.mark.parametrize("row", INTERVALS.strip().splitlines()[1:])
def test_intervals_of_counts_equal_the_keys(row: str):
    observed, *bounds = (float(cell) for cell in row.split())
    k = np.array([int(observed)])
    made = [float(b[0]) for b in (*garwood(k), *mid_p(k))]
    assert made == pytest.approx(bounds, abs=5e-5)


@given(st.integers(0, 500), st.floats(0.01, 600))
def test_p_is_below_5_percent_exactly_where_the_interval_leaves_out_what_was_expected(
    observed: int, expected: float
):
    lower, upper = (bound[0] for bound in garwood(np.array([observed])))
    p = poisson_p(np.array([observed]), np.array([expected]))[0]
    if min(abs(expected - lower), abs(expected - upper)) > 1e-6:
        assert (p < 0.05) == (not lower <= expected <= upper)


@pytest.mark.parametrize(("interval", "coverage"), [(mid_p, 0.917), (garwood, 0.988)])
def test_the_exact_interval_covers_and_mid_p_falls_short_at_three_expected(interval, coverage: float):
    k = np.arange(60)
    lower, upper = interval(k)
    covered = stats.poisson.pmf(k, 3.0)[(lower <= 3) & (upper >= 3)].sum()
    assert covered == pytest.approx(coverage, abs=5e-4)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_q_values_equal_those_of_scipy(p: list[float]):
    given_ = np.array(p)
    assert benjamini_hochberg(given_) == pytest.approx(stats.false_discovery_control(given_), abs=1e-15)
    assert benjamini_yekutieli(given_) == pytest.approx(
        stats.false_discovery_control(given_, method="by"), abs=1e-15
    )


def test_q_values_are_made_within_each_family_and_pass_over_what_was_not_tested():
    p = np.array([0.01, 0.04, np.nan, 0.03, 0.02])
    family = np.array(["a", "b", "a", "b", "a"])
    q = benjamini_hochberg(p, family)
    assert q[[0, 4]] == pytest.approx([0.02, 0.02])
    assert q[[3, 1]] == pytest.approx([0.04, 0.04])
    assert np.isnan(q[2])


def test_random_numbers_depend_on_what_they_are_drawn_for():
    data = np.arange(3)
    assert generator("a", data).random() == generator("a", data).random()
    assert generator("a", data).random() != generator("b", data).random()
    assert generator("ab", "c").random() != generator("a", "bc").random()


# The verdict

RULE = """
    observed ratio lower upper q     relevant
    10       1.20  1.01  1.50  0.049 yes
    9        3.00  1.50  5.00  0.001 no
    50       1.19  1.05  1.40  0.010 no
    50       1.30  1.00  1.60  0.010 no
    50       1.30  1.10  1.60  0.050 no
    50       0.70  0.50  0.90  0.010 yes
    50       nan   nan   nan   nan   no
"""


@pytest.mark.parametrize("row", RULE.strip().splitlines()[1:])
def test_statistically_relevant_asks_enough_events_an_interval_off_1_a_difference_and_a_small_q(row: str):
    observed, ratio, lower, upper, q, verdict = row.split()
    made = statistically_relevant(
        np.array([int(observed)]), *(np.array([float(v)]) for v in (ratio, lower, upper, q))
    )
    assert bool(made[0]) == (verdict == "yes")


def test_findings_of_over_representation_have_the_columns_of_the_table():
    made = over_representation(ABOUT, counts([30, 10, 0], [10.0, 10.0, 3.0]), "everybody of the same age")
    assert made.schema == FINDINGS
    first = made.to_pylist()[0]
    assert first["estimate"] == pytest.approx(3.0)
    assert (first["lower"], first["upper"]) == pytest.approx((2.02409, 4.28267), abs=1e-4)
    assert (first["finding"], first["level"], first["division"], first["period"]) == (
        "example",
        "buurt",
        2025,
        "2024",
    )
    assert made["relevant"].to_pylist() == [True, False, False]
    low, high = ratio_bands(np.array([10]), np.array([10.0]))
    assert (low[0], high[0]) == pytest.approx((0.50795, 1.78249), abs=1e-5)


def test_an_unknown_method_or_column_is_refused():
    with pytest.raises(KeyError, match="no method 'guess'"):
        findings(ABOUT, "guess", {"area": ["A"]})
    with pytest.raises(KeyError, match="no column colour"):
        findings(ABOUT, "ratio", {"area": ["A"], "colour": ["red"]})
    assert all(method.source and method.estimate for method in METHODS.values())


def test_on_null_maps_at_most_seven_in_a_hundred_report_an_area():
    random = np.random.default_rng(20261122)
    expected = random.lognormal(3, 1, 300)
    reports = 0
    for _ in range(400):
        made = over_representation(ABOUT, counts(random.poisson(expected).tolist(), expected.tolist()), "all")
        reports += any(made["relevant"].to_pylist())
    assert reports <= 0.07 * 400


# Shrinkage


@pytest.fixture(scope="module")
def sids(shared: Path) -> tuple[np.ndarray, np.ndarray]:
    counties = rows(shared / "answers/nc_sids/nc_sids.csv")
    observed, births = column(counties, "SID74").astype(np.int64), column(counties, "BIR74")
    return observed, births * observed.sum() / births.sum()


@pytest.mark.shared
def test_gamma_poisson_by_maximum_likelihood_equals_the_key_on_sids_1974(sids):
    made = gamma_poisson(*sids)
    assert (made.shape, made.rate) == pytest.approx((6.3720, 6.0653), abs=5e-5)


@pytest.mark.shared
def test_gamma_poisson_by_moments_equals_clayton_and_kaldor_on_sids_1974(sids, shared: Path):
    made = moments(*sids)
    # The reference program stops iterating sooner; solved to the end the moment equations give 4.630749 and 4.395741.
    assert (made.shape, made.rate) == pytest.approx((4.630656, 4.395646), abs=1e-4)
    assert (made.shape, made.rate) == pytest.approx((4.630749, 4.395741), abs=1e-6)
    key = column(rows(shared / "answers/answers_open/sids74_empbaysmooth.csv"), "smthrr")
    assert made.shrunken(*sids)[0] == pytest.approx(key, abs=5e-5)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000))
def test_no_other_shape_and_rate_is_likelier(seed: int):
    random = np.random.default_rng(seed)
    expected = random.lognormal(2, 1, 60)
    observed = random.poisson(expected * random.gamma(4, 1 / 4, 60))
    made = gamma_poisson(observed, expected)
    if np.isinf(made.shape):
        return

    def likelihood(shape: float, rate: float) -> float:
        return float(stats.nbinom.logpmf(observed, shape, rate / (rate + expected)).sum())

    best = likelihood(made.shape, made.rate)
    for a in (0.99, 1, 1.01):
        for b in (0.99, 1, 1.01):
            assert likelihood(made.shape * a, made.rate * b) <= best + 1e-9


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0.1, 50)), min_size=2, max_size=30))
def test_a_shrunken_ratio_lies_between_its_own_and_the_mean(areas: list[tuple[int, float]]):
    observed, expected = np.array([o for o, _ in areas]), np.array([e for _, e in areas])
    fitted = gamma_poisson(observed, expected)
    ratio, lower, upper, weight = fitted.shrunken(observed, expected)
    own = observed / expected
    slack = 1e-9 * (1 + own)
    assert (ratio >= np.minimum(own, fitted.mean) - slack).all()
    assert (ratio <= np.maximum(own, fitted.mean) + slack).all()
    assert ((weight >= 0) & (weight <= 1)).all()
    assert ((lower <= ratio + slack) & (ratio <= upper + slack)).all()


def test_where_areas_differ_no_more_than_chance_makes_them_all_get_the_mean():
    made = shrunken_ratios(ABOUT, counts([10, 10, 11, 9], [10.0] * 4), "all")
    assert made["estimate"].to_pylist() == pytest.approx([1.0] * 4)
    assert made["statistic"].to_pylist() == [0.0] * 4
    assert made["lower"].null_count == 4


def test_shrinking_passes_over_areas_of_which_nothing_is_expected():
    made = shrunken_ratios(ABOUT, counts([30, 2, 12, 0], [10.0, 10.0, 10.0, 0.0]), "all")
    assert made["status"].to_pylist() == ["ok", "ok", "ok", "not_available"]
    assert made["estimate"].to_pylist()[3] is None
    with pytest.raises(ZichtError, match="above 0"):
        gamma_poisson(np.array([1]), np.array([0.0]))


def test_fourteen_thousand_areas_take_little_time():
    random = np.random.default_rng(3)
    expected = random.lognormal(3, 1, 14_000)
    table = pa.table(
        {
            "area": np.arange(14_000).astype(str),
            "observed": random.poisson(expected * 1.1),
            "expected": expected,
        }
    )
    start = time.process_time()
    over_representation(ABOUT, table, "all")
    shrunken_ratios(ABOUT, table, "all")
    assert time.process_time() - start < 1


# Adjusted ratios


def test_two_by_two_tables_equal_those_with_half_an_event_added():
    # With as many coefficients as rows Firth's penalty adds half an event (and, for odds, half a non-event) to each.
    table = Counts(np.array([[1.0, 0], [1, 1]]), np.array([0.0, 7]), np.array([20.0, 30]))
    odds = fit(ODDS, table).coefficients
    assert odds == pytest.approx([np.log(0.5 / 20.5), np.log(7.5 / 23.5) - np.log(0.5 / 20.5)], abs=1e-9)
    rate = fit(RATE, table).coefficients
    assert rate == pytest.approx([np.log(0.5 / 20), np.log(7.5 / 30) - np.log(0.5 / 20)], abs=1e-9)


@pytest.mark.parametrize("family", [RATE, ODDS], ids=["rate", "odds"])
@pytest.mark.parametrize("seed", range(3))
def test_coefficients_maximise_the_penalised_likelihood_by_brute_force(family, seed: int):
    random = np.random.default_rng(seed)
    size = random.integers(5, 50, 40).astype(float)
    design = np.column_stack([np.ones(40), random.integers(0, 2, 40), random.normal(size=40)])
    # No event in one group: ordinary maximum likelihood does not exist.
    events = np.where(design[:, 1] > 0, 0, random.binomial(size.astype(int), 0.05)).astype(float)
    table = Counts(design, events, size)
    made = fit(family, table)
    brute = optimize.minimize(
        lambda b: -_penalised(family, table, b),
        np.zeros(3),
        method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-13, "maxiter": 5000},
    )
    assert made.coefficients == pytest.approx(brute.x, abs=1e-5)
    assert made.likelihood == pytest.approx(-brute.fun, abs=1e-9)
    # The slope that the steps follow is that of the likelihood.
    at = np.array([-2.0, 0.3, -0.1])
    slope = optimize.approx_fprime(at, lambda b: _penalised(family, table, b), 1e-6)
    assert _state(family, table, at)[1] == pytest.approx(slope, abs=1e-3)


def _penalised(family, table: Counts, at: np.ndarray) -> float:
    """Written anew: log likelihood plus half the log determinant of the information."""
    eta = table.design @ at
    if family is RATE:
        mean = table.size * np.exp(eta)
        value, weight = np.sum(table.events * np.log(mean) - mean - table.events * np.log(table.size)), mean
    else:
        share = 1 / (1 + np.exp(-eta))
        value = np.sum(table.events * np.log(share) + (table.size - table.events) * np.log(1 - share))
        weight = table.size * share * (1 - share)
    return float(value + 0.5 * np.log(np.linalg.det(table.design.T @ np.diag(weight) @ table.design)))


def test_profile_bounds_lie_where_the_likelihood_has_fallen_by_half_of_chi_squared():
    random = np.random.default_rng(5)
    design = np.column_stack([np.ones(60), random.normal(size=60)])
    table = Counts(design, random.poisson(0.5, 60).astype(float), np.ones(60))
    best = fit(RATE, table)
    lower, upper, chi2 = profile(RATE, table, best, 1)
    for bound in (lower, upper):
        assert 2 * (best.likelihood - fit(RATE, table, {1: bound}).likelihood) == pytest.approx(
            stats.chi2.ppf(0.95, 1), abs=1e-5
        )
    assert chi2 == pytest.approx(2 * (best.likelihood - fit(RATE, table, {1: 0.0}).likelihood))


def test_controls_take_away_what_age_explains():
    table = pa.table(
        {
            "household": ["one parent", "couple"] * 2, "age": ["young", "young", "old", "old"],
            "observed": [180, 20, 10, 90], "population": [900, 100, 100, 900],
        }
    )  # fmt: skip
    crude = adjusted_ratios(ABOUT, RATE, table, "household", "couple", []).to_pylist()[0]
    adjusted = adjusted_ratios(ABOUT, RATE, table, "household", "couple", ["age"]).to_pylist()[0]
    assert crude["estimate"] == pytest.approx(190.5 / 110.5, abs=1e-6)
    assert adjusted["estimate"] == pytest.approx(1.0, abs=0.02)
    assert adjusted["lower"] < 1 < adjusted["upper"]
    assert (adjusted["group"], adjusted["reference"]) == ("household=one parent", "household=couple")
    assert adjusted["p"] > 0.5 > 0.001 > crude["p"]


def test_controls_that_say_the_same_and_unknown_bases_are_refused():
    table = pa.table({"a": ["x", "y"], "b": ["x", "y"], "observed": [1, 2], "population": [10, 10]})
    with pytest.raises(ZichtError, match="say the same"):
        adjusted_ratios(ABOUT, RATE, table, "a", "x", ["b"])
    with pytest.raises(ZichtError, match="no category 'z'"):
        adjusted_ratios(ABOUT, RATE, table, "a", "z", [])
