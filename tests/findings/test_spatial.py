"""Spatial statistics against spdep's results on Columbus and SIDS 1974, and against brute force."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from keys import column, rows

from zicht.errors import ZichtError
from zicht.findings.local import local_clusters, neighbours_of
from zicht.findings.rates import (
    chance_map,
    comparable,
    homogeneity,
    marshall,
    marshall_local,
    potthoff_whittinghill,
)
from zicht.findings.spatial import (
    Neighbours,
    averaged,
    conditional_p,
    geary,
    general_g,
    gi,
    gi_star,
    join_islands,
    joins,
    local_moran,
    moran,
    neighbours,
)
from zicht.findings.table import About

ABOUT = About("example", "buurt", 2025, "2024")


def values(path: Path, name: str) -> np.ndarray:
    return column(rows(path), name)


def pairs(path: Path, areas: int) -> Neighbours:
    first, second = values(path, "i").astype(np.int64), values(path, "j").astype(np.int64)
    there = second > 0  # an area without neighbours stands there with 0
    return neighbours(first[there] - 1, second[there] - 1, areas)


@pytest.fixture(scope="module")
def columbus(shared: Path) -> tuple[np.ndarray, Neighbours]:
    folder = shared / "answers/columbus"
    return values(folder / "columbus.csv", "CRIME"), pairs(folder / "col_gal_nb.csv", 49)


class Sids:
    """SIDS in North Carolina, 1974-78: deaths, births and two lists of neighbours."""

    def __init__(self, folder: Path) -> None:
        self.deaths = values(folder / "nc_sids.csv", "SID74").astype(np.int64)
        self.births = values(folder / "nc_sids.csv", "BIR74")
        self.expected = self.births * self.deaths.sum() / self.births.sum()
        self.cr85, self.cc89 = (pairs(folder / f"nc{name}_nb.csv", 100) for name in ("CR85", "CC89"))
        self.raw = self.deaths / self.births
        self.freeman_tukey = np.sqrt(1000) * (np.sqrt(self.raw) + np.sqrt((self.deaths + 1) / self.births))


@pytest.fixture(scope="module")
def sids(shared: Path) -> Sids:
    return Sids(shared / "answers/nc_sids")


def grid(side: int) -> Neighbours:
    """Squares that share a border or a corner."""
    places = list(itertools.product(range(side), repeat=2))
    near = [(a, b) for a in places for b in places if a != b and max(abs(a[0] - b[0]), abs(a[1] - b[1])) == 1]
    number = {place: i for i, place in enumerate(places)}
    first, second = zip(*((number[a], number[b]) for a, b in near), strict=True)
    return neighbours(np.array(first), np.array(second), len(places))


# Statistics of all areas together

COLUMBUS = """
    statistic value          expected        variance        z
    moran     0.485770913662 -0.020833333333 0.008991121322  5.342713639
    geary     0.54780337717  1.0             0.00980410787   4.566918634
    g         0.1227242454   0.09778911565   3.383971558e-05 4.286455111
    low_low   34             29.336735       18.638455       1.08015
    high_high 52             26.989796       17.648398       5.95339
"""


@pytest.mark.shared
@pytest.mark.parametrize("row", COLUMBUS.strip().splitlines()[1:], ids=lambda row: row.split()[0])
def test_statistics_of_columbus_crime_equal_the_keys(columbus, row: str):
    crime, binary = columbus
    name, *key = row.split()
    made = {
        "moran": lambda: moran(crime, averaged(binary)),
        "geary": lambda: geary(crime, averaged(binary)),
        "g": lambda: general_g(crime, binary),
        "low_low": lambda: joins(crime <= 35, binary),
        "high_high": lambda: joins(crime > 35, binary),
    }[name]()
    tolerance = 1e-5 if "_" in name else 1e-9
    assert [made.value, made.expected, made.variance, made.z] == pytest.approx(
        [float(v) for v in key], rel=tolerance
    )


SIDS = """
    values        neighbours value        variance       z           p
    freeman_tukey cr85       0.2471926139 0.004297036214 3.925043889 4.335696339e-05
    raw           cr85       0.2385172335 0.004132649813 3.86739642  5.5001764e-05
    freeman_tukey cc89       0.2697568697 0.005566389384 3.753823308 8.707882444e-05
    raw           cc89       0.2472397435 0.005348564723 3.52161015  0.0002144672136
"""


@pytest.mark.shared
@pytest.mark.parametrize("row", SIDS.strip().splitlines()[1:])
def test_moran_of_sids_1974_equals_the_keys_with_and_without_areas_that_have_no_neighbours(
    sids: Sids, row: str
):
    values, near, *key = row.split()
    made = moran(getattr(sids, values), averaged(getattr(sids, near)))
    assert [made.value, made.variance, made.z, made.p] == pytest.approx([float(v) for v in key], rel=2e-9)


@pytest.mark.shared
def test_moran_of_rates_made_comparable_equals_the_key(sids: Sids):
    made = moran(comparable(sids.deaths, sids.births), averaged(sids.cr85))
    assert made.value == pytest.approx(0.2542309912, abs=5e-11)


@pytest.mark.parametrize("values", [[3, 8, 1, 20, 4, 11], [1, 2, 3, 4, 5, 50]])
def test_moments_under_random_exchange_are_those_of_all_exchanges(values: list[int]):
    ring = neighbours(
        np.array([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 0]), np.array([1, 0, 2, 1, 3, 2, 4, 3, 5, 4, 0, 5]), 6
    )
    x = np.array(values, float)
    trait = x > np.median(x)
    for statistic, start in ((moran, x), (geary, x), (general_g, x), (joins, trait)):
        made = statistic(start, ring)
        all_ = [statistic(np.array(order), ring).value for order in itertools.permutations(start)]
        assert np.mean(all_) == pytest.approx(made.expected, abs=1e-9)
        assert np.var(all_) == pytest.approx(made.variance, rel=1e-6)


# Statistics of each area


@pytest.mark.shared
@pytest.mark.parametrize("name", ["localmoran", "localGstar", "localG"])
def test_local_statistics_of_columbus_equal_the_keys_in_every_area(columbus, shared: Path, name: str):
    crime, binary = columbus
    made = {
        "localmoran": lambda: local_moran(crime, averaged(binary)),
        "localGstar": lambda: gi_star(crime, binary),
        "localG": lambda: gi(crime, binary),
    }[name]()
    key = values(
        shared / f"answers/answers_open/columbus_{name}_R.csv", "Ii" if name == "localmoran" else "x"
    )
    assert made == pytest.approx(key, abs=1e-12)
    if name == "localmoran":
        assert made.mean() == pytest.approx(0.4857709137, abs=1e-10)


def test_p_of_small_maps_is_the_share_of_all_ways_to_deal_out_the_others():
    values = np.array([9.0, 7.0, 8.0, 1.0, 2.0, 2.0, 4.0, 0.0])
    near = neighbours(np.array([0, 0, 1, 1, 2, 2]), np.array([1, 2, 0, 2, 0, 1]), 8)
    made = conditional_p(values, near, np.random.default_rng(1))
    others = [values[1:][list(pair)].sum() for pair in itertools.combinations(range(7), 2)]
    exact = np.mean(np.array(others) >= values[1] + values[2])
    assert made[0] == pytest.approx(2 * exact, abs=0.01)
    assert np.isnan(made[3:]).all()


def test_on_maps_without_pattern_p_is_spread_evenly():
    near = averaged(grid(30))
    made = conditional_p(
        np.random.default_rng(2).normal(size=900), near, np.random.default_rng(3), permutations=999
    )
    assert np.quantile(made, [0.1, 0.25, 0.5, 0.75, 0.9]) == pytest.approx(
        [0.1, 0.25, 0.5, 0.75, 0.9], abs=0.06
    )


def test_draws_are_different_numbers_and_each_as_likely():
    near = neighbours(np.repeat(0, 4), np.arange(1, 5), 6)
    values = np.array([0.0, 1, 10, 100, 1000, 10000])
    # The neighbours are 1 to 4: of the five ways to leave out one of the others, theirs is the lowest.
    made = conditional_p(values, near, np.random.default_rng(4))
    assert made[0] == pytest.approx(2 * 0.2, abs=0.02)


def test_a_map_where_all_values_are_equal_has_nothing_to_report():
    made = conditional_p(np.full(9, 3.0), averaged(grid(3)), np.random.default_rng(5), permutations=99)
    assert (made == 1).all()


def test_where_all_ratios_are_equal_no_area_stands_out():
    counts = pa.table({"area": list("ABCD"), "observed": [5, 5, 5, 5], "expected": [5.0] * 4})
    row = neighbours(np.array([0, 1, 1, 2, 2, 3]), np.array([1, 0, 2, 1, 3, 2]), 4)
    made = local_clusters(ABOUT, counts, row, "everybody")
    assert made["statistic"].to_pylist() == [0] * 8
    assert made["p"].to_pylist() == [1] * 8
    assert not any(made["relevant"].to_pylist())


def test_islands_get_the_nearest_area_as_neighbour_in_both_directions():
    near = neighbours(np.array([0, 1]), np.array([1, 0]), 3)
    joined = join_islands(near, np.array([0.0, 10, 13]), np.zeros(3))
    assert joined.weights.toarray().tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]


# Rates


@pytest.mark.shared
def test_rates_of_sids_1974_equal_the_keys(sids: Sids, shared: Path):
    answers = shared / "answers/answers_open"
    assert marshall(sids.deaths, sids.births) == pytest.approx(
        values(answers / "sids_EBest_74.csv", "estmm"), abs=1e-15
    )
    local = values(answers / "sids74_EBlocal_CR85.csv", "est")
    assert marshall_local(sids.deaths, sids.births, sids.cr85) == pytest.approx(local, abs=1e-15)
    first = [0.3532565834, 0.3736470427, 0.3771797259, 0.7258663072, 0.9992007008]
    assert chance_map(sids.deaths, sids.expected)[:5] == pytest.approx(first, abs=1e-10)
    assert homogeneity(sids.deaths, sids.expected) == pytest.approx((225.5722968, 7.135508414e-12), rel=1e-9)
    assert potthoff_whittinghill(sids.deaths, sids.expected) == pytest.approx(527848.8263, abs=5e-5)


def test_comparable_rates_vary_alike_in_small_and_large_areas():
    random = np.random.default_rng(6)
    population = np.r_[np.full(2000, 300.0), np.full(2000, 30_000.0)]
    scores = comparable(random.poisson(population * 0.01), population)
    assert scores[:2000].std() == pytest.approx(scores[2000:].std(), abs=0.1)


# Findings


def planted(side: int = 20) -> pa.Table:
    """A map on which the squares of one corner have twice as many events."""
    random = np.random.default_rng(7)
    expected = random.lognormal(3, 0.5, side * side)
    row, place = np.divmod(np.arange(side * side), side)
    high = (row < 4) & (place < 4)
    codes = [f"B{i:04d}" for i in range(side * side)]
    return pa.table(
        {"area": codes, "observed": random.poisson(expected * np.where(high, 2.0, 1.0)), "expected": expected}
    )


def test_a_planted_corner_is_found_and_little_else():
    made = local_clusters(ABOUT, planted(), grid(20), "everybody")
    assert set(made["method"].to_pylist()) == {"local_moran", "gi_star"}
    for method in ("local_moran", "gi_star"):
        relevant = {r["area"] for r in made.to_pylist() if r["method"] == method and r["relevant"]}
        corner = {f"B{row * 20 + place:04d}" for row in range(4) for place in range(4)}
        assert len(relevant & corner) >= 12
        # Squares beside the corner have neighbours in it.
        beside = {f"B{row * 20 + place:04d}" for row in range(5) for place in range(5)}
        assert len(relevant - beside) <= 2
    assert made.equals(local_clusters(ABOUT, planted(), grid(20), "everybody"))


@pytest.mark.parametrize(("observed", "expected"), [([0, 0], [1.0, 1.0]), ([1, 0], [1.0, 0.0])])
def test_a_map_without_events_or_with_an_area_where_none_can_be_is_refused(
    observed: list[int], expected: list[float]
):
    near = neighbours(np.array([0, 1]), np.array([1, 0]), 2)
    with pytest.raises(ZichtError, match="above 0"):
        local_clusters(
            ABOUT, pa.table({"area": ["A", "B"], "observed": observed, "expected": expected}), near, "x"
        )


def test_neighbours_are_found_by_code_and_others_passed_over():
    adjacency = pa.table(
        {"code": ["A", "B", "B", "C", "C", "X"], "neighbour": ["B", "A", "C", "B", "X", "C"]}
    )
    made = neighbours_of(["C", "A", "B"], adjacency)
    assert made.weights.toarray().tolist() == [[0, 0, 1], [0, 0, 1], [1, 1, 0]]
    assert neighbours_of(["C", "A"], adjacency).without.all()


def test_fourteen_thousand_areas_take_a_few_seconds():
    side = 118
    number = np.arange(side * side).reshape(side, side)
    first = np.concatenate([number[1:].ravel(), number[:, 1:].ravel(), number[1:, 1:].ravel()])
    second = np.concatenate([number[:-1].ravel(), number[:, :-1].ravel(), number[:-1, :-1].ravel()])
    near = averaged(neighbours(np.r_[first, second], np.r_[second, first], side * side))
    values = np.random.default_rng(8).normal(size=side * side)
    conditional_p(values, near, np.random.default_rng(9), permutations=1)
    start = time.process_time()
    conditional_p(values, near, np.random.default_rng(9))
    assert time.process_time() - start < 5  # esda: some 9
