"""Sites are proven best where the literature has the answer, and never called best without proof."""

from __future__ import annotations

import time
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csgraph

from zicht.errors import ZichtError
from zicht.findings.sites import in_scenarios, max_cover, p_center, p_median, per_group


def network(path: Path) -> tuple[np.ndarray, int]:
    """Shortest ways between all points of a file of OR-Library, in which the last of two equal edges counts."""
    numbers = [int(word) for word in path.read_text().split()]
    points, edges, sites = numbers[:3]
    length = np.zeros((points, points))
    for one, other, metres in np.array(numbers[3 : 3 + 3 * edges]).reshape(edges, 3):
        length[one - 1, other - 1] = length[other - 1, one - 1] = metres
    return csgraph.floyd_warshall(length), sites


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "optimum"),
    [
        ("pmed1", 5819),
        ("pmed5", 1355),
        ("pmed10", 1255),
        ("pmed20", 1789),
        ("pmed30", 1989),
        ("pmed40", 5128),
    ],
)
def test_p_median_is_proven_best_on_the_networks_of_the_literature(
    shared: Path, name: str, optimum: int
) -> None:
    ways, sites = network(shared / "answers" / "orlib_pmed" / f"{name}.txt")
    p_median(np.eye(3), np.ones(3), 2)  # loads what is compiled, which is not the time that a problem takes
    start = time.process_time()
    answer = p_median(ways, np.ones(len(ways)), sites)
    assert time.process_time() - start < 2
    assert (answer.value, answer.bound, answer.gap) == (optimum, optimum, 0)
    assert answer.distance.sum() == optimum
    assert len(answer.chosen) == sites


@pytest.mark.shared
@pytest.mark.parametrize(("name", "longest"), [("pmed1", 127), ("pmed5", 48), ("pmed10", 20), ("pmed20", 13)])
def test_p_center_is_that_of_the_literature(shared: Path, name: str, longest: int) -> None:
    ways, sites = network(shared / "answers" / "orlib_pmed" / f"{name}.txt")
    answer = p_center(ways, sites)
    assert (answer.value, answer.gap, len(answer.chosen)) == (longest, 0, sites)


def town(seed: int, points: int = 14, candidates: int = 8) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    homes, places = generator.random((points, 2)) * 1000, generator.random((candidates, 2)) * 1000
    return np.hypot(*(homes[:, None] - places[None]).transpose(2, 0, 1)), generator.integers(1, 90, points)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5), st.booleans())
def test_no_other_choice_is_better(seed: int, sites: int, with_existing: bool) -> None:
    ways, people = town(seed)
    existing = [2] if with_existing else []
    choices = [set(c) for c in combinations(range(8), sites) if set(existing) <= set(c)]
    nearest = {tuple(c): ways[:, sorted(c)].min(axis=1) for c in choices}
    least = min(float((people * away).sum()) for away in nearest.values())
    median = p_median(ways, people, sites, existing=existing)
    assert median.value == pytest.approx(least)
    assert median.bound <= median.value + 1e-9
    assert median.gap < 1e-6
    assert set(existing) <= set(median.chosen.tolist())
    assert p_center(ways, sites, existing=existing).value == min(
        float(away.max()) for away in nearest.values()
    )
    cover = max_cover(ways, people, sites, 250.0, existing=existing)
    assert cover.value == max(float(people[away <= 250].sum()) for away in nearest.values())
    assert cover.gap < 1e-6


def test_each_group_gets_its_part_even_where_that_serves_fewer() -> None:
    ways = np.array([[100.0, 900], [100, 900], [900, 100]])
    people, groups = [50, 50, 10], ["centrum", "centrum", "rand"]
    most = max_cover(ways, people, 1, 300)
    assert (most.value, most.chosen.tolist()) == (100, [0])
    shares = per_group(most, people, groups, 300).to_pylist()
    assert [(row["group"], row["within_reach"], row["longest"]) for row in shares] == [
        ("centrum", 1, 100),
        ("rand", 0, 900),
    ]
    fair = max_cover(ways, people, 2, 300, groups=groups, least=1.0)
    assert fair.value == 110
    with pytest.raises(ZichtError, match="100% of every group"):
        max_cover(ways, people, 1, 300, groups=groups, least=1.0)


def test_a_site_is_shown_with_the_share_of_the_scenarios_in_which_it_returns() -> None:
    ways, people = town(4)
    demands = np.random.default_rng(1).poisson(people, (20, len(people)))
    mean, table = in_scenarios(lambda demand: p_median(ways, demand, 3), demands)
    rows = table.to_pylist()
    assert sum(row["share"] for row in rows) == pytest.approx(3)
    assert {row["site"] for row in rows if row["chosen"]} == set(mean.chosen.tolist())


def test_without_branches_the_gap_says_how_far_from_best_the_answer_may_be() -> None:
    ways, people = town(0, 160, 120)
    answer = p_median(ways, people, 9, nodes=0)
    assert answer.bound <= answer.value
    assert answer.gap == pytest.approx((answer.value - answer.bound) / answer.value, abs=1e-9)
    assert 0 < answer.gap < 0.05
    assert p_median(ways, people, 9).gap == 0


def test_the_same_question_has_the_same_answer_however_often_it_is_asked() -> None:
    ways, people = town(8, 150, 60)
    first, second = (p_median(ways, people, 9) for _ in range(2))
    assert first.chosen.tolist() == second.chosen.tolist()
    assert (first.value, first.bound) == (second.value, second.bound)


def test_where_branches_run_out_the_longest_way_has_a_bound_too() -> None:
    ways, _ = town(11, 120, 60)
    best, rough = p_center(ways, 8), p_center(ways, 8, nodes=0)
    assert best.gap == 0
    assert rough.bound <= best.value <= rough.value


def test_thousands_of_areas_are_solved_nearly_best_and_the_answer_says_how_nearly() -> None:
    generator = np.random.default_rng(1)
    towns = generator.random((60, 2)) * 200_000
    points = towns[generator.integers(0, 60, 3_000)] + generator.normal(0, 8_000, (3_000, 2))
    places = points[generator.choice(3_000, 300, replace=False)]
    ways = np.hypot(*(points[:, None] - places[None]).transpose(2, 0, 1))
    answer = p_median(ways, generator.lognormal(7, 0.8, 3_000).round(), 40)
    assert answer.gap < 0.005


@pytest.mark.parametrize("sites", [0, 9])
def test_a_number_of_sites_that_cannot_be_is_refused(sites: int) -> None:
    ways, people = town(1)
    with pytest.raises(ZichtError, match="cannot be chosen"):
        p_median(ways, people, sites)


def test_where_there_is_no_way_there_is_no_answer() -> None:
    ways = np.array([[1.0, np.inf], [np.inf, 1.0]])
    for solve in (lambda: p_median(ways, [1, 1], 1), lambda: p_center(ways, 1)):
        with pytest.raises(ZichtError, match="not everybody"):
            solve()
