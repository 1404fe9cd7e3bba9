"""Fair comparison: look-alikes, funnels and places with a margin."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keys import column, rows
from scipy import stats

from zicht.errors import ZichtError
from zicht.findings.compare import (
    _poisson_quantile,
    funnel,
    funnel_of_ratios,
    funnel_of_shares,
    look_alikes,
    overdispersion,
    ranks,
)
from zicht.findings.table import About

ABOUT = About("example", "gemeente", 2025, "2024")

TRAITS = pa.table(
    {
        "area": ["D", "A", "B", "C"],
        "density": [4000.0, 0, 1000, None],
        "students": [30, 10, 10, 20],
        "coast": ["no", "yes", "no", "yes"],
    }
)

DISTANCES = """
    area place peer distance
    A    1     C    0.25
    A    2     B    0.41667
    B    1     A    0.41667
    B    2     D    0.58333
    C    1     A    0.25
    C    2     B    0.75
    D    1     B    0.58333
    D    2     C    0.75
"""


def test_look_alikes_are_the_nearest_by_gowers_distance_over_what_is_known_of_both():
    made = look_alikes(TRAITS, count=2).to_pylist()
    for row, line in zip(made, DISTANCES.strip().splitlines()[1:], strict=True):
        area, place, peer, distance = line.split()
        assert (row["area"], row["place"], row["peer"]) == (area, int(place), peer)
        assert row["distance"] == pytest.approx(float(distance), abs=1e-5)


def test_a_trait_that_weighs_more_decides():
    made = look_alikes(TRAITS, {"coast": 100.0}, count=1).to_pylist()
    assert {row["area"]: row["peer"] for row in made} == {"A": "C", "B": "A", "C": "A", "D": "B"} | {"B": "D"}


@given(st.permutations(range(12)))
def test_look_alikes_do_not_depend_on_the_order_of_the_areas(order: list[int]):
    random = np.random.default_rng(1)
    table = pa.table(
        {"area": [f"G{i:02d}" for i in range(12)], "x": random.normal(size=12), "y": random.normal(size=12)}
    )
    assert look_alikes(table.take(order), count=3).equals(look_alikes(table, count=3))


def test_areas_without_traits_in_common_are_refused():
    table = pa.table({"area": ["A", "B"], "x": [1.0, None], "y": [None, 2.0]})
    with pytest.raises(ZichtError, match="A has no trait in common"):
        look_alikes(table)
    with pytest.raises(ZichtError, match="there are none"):
        look_alikes(pa.table({"area": ["A", "B"]}))


def test_an_area_alone_has_no_look_alikes():
    assert look_alikes(pa.table({"area": ["A"], "x": [1.0]})).num_rows == 0


def test_fourteen_thousand_areas_find_their_look_alikes_in_seconds():
    random = np.random.default_rng(2)
    table = pa.table(
        {
            "area": [f"B{i:05d}" for i in range(14_000)],
            **{f"t{k}": random.normal(size=14_000) for k in range(4)},
        }
    )
    look_alikes(table.slice(0, 20))
    start = time.process_time()
    look_alikes(table)
    assert time.process_time() - start < 6


# Funnels


@pytest.mark.parametrize("chance", [0.001, 0.025, 0.5, 0.975, 0.999])
def test_quantiles_of_counts_equal_those_of_scipy(chance: float):
    expected = np.r_[0.01, 0.1, 0.5, 1, 3, 10.3, 50, 1000, 1e5]
    assert _poisson_quantile(expected, chance).tolist() == stats.poisson.ppf(chance, expected).tolist()


@given(st.floats(0.05, 5000), st.sampled_from([0.95, 0.998]))
def test_about_as_many_areas_fall_outside_the_funnel_as_it_says(expected: float, part: float):
    lower, upper = (limit[0] * expected for limit in funnel_of_ratios(np.array([expected]), part))
    # The limits lie between whole numbers: the next outward never leaves out more, the next inward never less.
    tail = (1 - part) / 2
    assert stats.poisson.sf(np.ceil(upper), expected) <= tail + 1e-9 <= 1
    assert stats.poisson.sf(np.ceil(upper) - 2, expected) >= tail - 1e-9
    assert stats.poisson.cdf(np.floor(lower) - 1, expected) <= tail + 1e-9


def test_funnels_narrow_as_areas_grow():
    ratio = funnel_of_ratios(np.array([5.0, 50, 500, 5000]), 0.95)
    share = funnel_of_shares(np.array([50, 500, 5000, 50000]), 0.1, 0.998)
    for lower, upper in (ratio, share):
        assert (np.diff(lower) > 0).all()
        assert (np.diff(upper) < 0).all()
    assert ratio[1][-1] == pytest.approx(1 + 1.96 / np.sqrt(5000), abs=1e-3)
    assert share[1][-1] == pytest.approx(0.1 + 3.09 * np.sqrt(0.09 / 50000), abs=1e-4)


def test_areas_that_differ_more_than_chance_makes_them_are_seen_to():
    z = np.random.default_rng(3).normal(size=5000)
    assert overdispersion(z) < 1
    assert overdispersion(2 * z) == pytest.approx(4 * overdispersion(z))
    assert overdispersion(np.r_[z, np.full(100, 50.0)]) < 1.1


def test_a_funnel_says_where_each_area_lies():
    counts = pa.table({"area": ["A", "B"], "observed": [30, 12], "expected": [10.0, 12.0]})
    made = funnel(ABOUT, counts, "everybody").to_pylist()
    assert made[0]["estimate"] == 3 > made[0]["upper"] > 1 > made[0]["lower"]
    assert made[1]["statistic"] == 0


# Places


def counts_of(seed: int, areas: int, spread: float, mean: float) -> pa.Table:
    random = np.random.default_rng(seed)
    expected = random.lognormal(np.log(mean), 0.8, areas)
    ratio = random.gamma(1 / spread**2, spread**2, areas)
    return pa.table(
        {
            "area": [f"G{i:03d}" for i in range(areas)],
            "observed": random.poisson(expected * ratio),
            "expected": expected,
        }
    )


def test_places_have_wide_margins_where_little_happens():
    made = ranks(ABOUT, counts_of(4, 342, 0.35, 55), "everybody")
    width = np.median(made["upper"].to_numpy() - made["lower"].to_numpy())
    assert 60 < width < 200
    assert made.equals(ranks(ABOUT, counts_of(4, 342, 0.35, 55), "everybody"))


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 1000))
def test_places_lie_within_their_margin_and_the_list(seed: int):
    made = ranks(ABOUT, counts_of(seed, 30, 0.4, 20), "everybody")
    lower, middle, upper = (made[name].to_numpy() for name in ("lower", "estimate", "upper"))
    assert ((lower >= 1) & (lower <= middle) & (middle <= upper) & (upper <= 30)).all()
    assert made["statistic"].to_numpy().sum() == pytest.approx(
        3
    )  # three places in the highest tenth are always taken


def test_the_true_place_lies_within_the_margin_in_95_of_100():
    inside = []
    for seed in range(20):
        random = np.random.default_rng(seed)
        expected = random.lognormal(3.5, 0.8, 200)
        truth = random.gamma(16, 1 / 16, 200)
        table = pa.table(
            {
                "area": np.arange(200).astype(str),
                "observed": random.poisson(expected * truth),
                "expected": expected,
            }
        )
        made = ranks(ABOUT, table, "everybody")
        place = stats.rankdata(-truth)
        inside.append(((made["lower"].to_numpy() <= place) & (place <= made["upper"].to_numpy())).mean())
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)


def test_where_areas_do_not_differ_any_place_may_be_theirs():
    made = ranks(
        ABOUT,
        pa.table({"area": [str(i) for i in range(40)], "observed": [10] * 40, "expected": [10.0] * 40}),
        "everybody",
    )
    assert (made["upper"].to_numpy() - made["lower"].to_numpy() >= 35).all()


@pytest.mark.shared
def test_counties_of_north_carolina_have_no_bare_ranking(shared: Path):
    counties = rows(shared / "answers/nc_sids/nc_sids.csv")
    observed, births = column(counties, "SID74").astype(np.int64), column(counties, "BIR74")
    table = pa.table(
        {
            "area": [row["CNTY"] for row in counties],
            "observed": observed,
            "expected": births * observed.sum() / births.sum(),
        }
    )
    made = {row["area"]: row for row in ranks(ABOUT, table, "everybody").to_pylist()}
    # Anson, the well-known outlier, is surely near the top; most others are hardly placed at all.
    assert made["Anson"]["upper"] <= 20
    assert np.median([row["upper"] - row["lower"] for row in made.values()]) > 40
