"""A planted combination is found and rightly measured; where there is none, none is reported."""

from __future__ import annotations

import time
from itertools import combinations

import numpy as np
import pytest

from zicht.errors import ZichtError
from zicht.findings.subgroups import Search, subgroups
from zicht.findings.subgroups_kernel import count, slices

NAMES = [f"flag {number}" for number in range(12)]


def people(seed: int, number: int, ratio: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Flags, cases and a stratum that matters, for persons among whom flags 3 and 7 together may raise the share."""
    random = np.random.default_rng(seed)
    stratum = random.integers(0, 3, number)
    # flag 1 goes with the stratum: without control it would seem to matter
    flags = random.random((number, 12)) < np.where(np.arange(12) == 1, 0.1 + 0.3 * stratum[:, None], 0.3)
    share = 0.02 * (1 + stratum) * np.where(flags[:, 3] & flags[:, 7], ratio, 1.0)
    return flags, (random.random(number) < share).astype(int), stratum


def test_persons_are_counted_as_they_would_be_one_by_one() -> None:
    flags, _, stratum = people(1, 700)
    words = (flags * (1 << np.arange(12))).sum(axis=1).astype(np.uint64)
    pieces = [slices(words[stratum == which], 12) for which in range(3)]
    starts = np.cumsum([0, *[piece.shape[1] for piece in pieces]])
    groups = np.array(list(combinations(range(12), 3)))
    counted = count(np.concatenate(pieces, axis=1), groups, starts)
    for group, row in zip(groups, counted, strict=True):
        inside = flags[:, group].all(axis=1)
        assert row.tolist() == np.bincount(stratum[inside], minlength=3).tolist()


def test_a_planted_pair_is_the_best_of_the_search() -> None:
    flags, cases, stratum = people(2, 40_000, ratio=3)
    found = subgroups(flags, np.ones(len(flags), int), cases, NAMES, strata=stratum).to_pylist()
    assert found[0]["flags"] == ["flag 3", "flag 7"]
    assert found[0]["p"] == 0.001
    assert not any("flag 1" in row["flags"] for row in found)


def test_a_cube_of_counts_gives_what_its_persons_give_in_law() -> None:
    flags, cases, stratum = people(3, 40_000, ratio=3)
    keys, cell = np.unique(np.column_stack([stratum, flags]), axis=0, return_inverse=True)
    cube = subgroups(
        keys[:, 1:].astype(bool),
        np.bincount(cell),
        np.bincount(cell, cases).astype(int),
        NAMES,
        strata=keys[:, 0],
    ).to_pylist()
    assert cube[0]["flags"] == ["flag 3", "flag 7"]
    assert cube[0]["lower"] < 3 / 1.18 * 1.2
    assert (
        cube
        == subgroups(
            keys[:, 1:].astype(bool),
            np.bincount(cell),
            np.bincount(cell, cases).astype(int),
            NAMES,
            strata=keys[:, 0],
        ).to_pylist()
    )


def test_what_is_controlled_for_is_not_reported() -> None:
    flags, cases, stratum = people(4, 40_000)
    uncontrolled = subgroups(flags, np.ones(len(flags), int), cases, NAMES).to_pylist()
    assert uncontrolled[0]["flags"] == ["flag 1"]
    assert not len(subgroups(flags, np.ones(len(flags), int), cases, NAMES, strata=stratum))


@pytest.mark.slow
def test_of_two_hundred_populations_in_which_nothing_matters_at_most_seven_per_cent_report_anything() -> None:
    found = 0
    for seed in range(200):
        flags, cases, stratum = people(1000 + seed, 6000)
        search = Search(runs=199)
        found += len(subgroups(flags, np.ones(6000, int), cases, NAMES, strata=stratum, search=search)) > 0
    assert found <= 14


@pytest.mark.slow
def test_the_reported_ratio_is_that_of_the_population_and_not_that_of_the_luckiest() -> None:
    ratios = []
    for seed in range(80):
        flags, cases, stratum = people(2000 + seed, 30_000, ratio=2)
        search = Search(runs=99)
        rows = subgroups(flags, np.ones(30_000, int), cases, NAMES, strata=stratum, search=search).to_pylist()
        ratios += [row["ratio"] for row in rows if row["flags"] == ["flag 3", "flag 7"]]
    truth = 2 / (1 + 0.09)  # all others include the nine per cent whose share is double
    assert len(ratios) > 75
    assert np.mean(ratios) == pytest.approx(truth, rel=0.03)


@pytest.mark.slow
def test_a_million_persons_with_sixty_flags_are_searched_in_seconds() -> None:
    random = np.random.default_rng(5)
    shares = random.uniform(0.02, 0.4, 60)
    shares[[3, 7]] = 0.3
    flags = random.random((1_000_000, 60)) < shares
    cases = (random.random(1_000_000) < 0.01 * (1 + 2 * (flags[:, 3] & flags[:, 7]))).astype(int)
    names, ones = [str(number) for number in range(60)], np.ones(1_000_000, int)
    subgroups(flags[:9000], ones[:9000], cases[:9000], names, search=Search(runs=1))
    start = time.process_time()
    found = subgroups(flags, ones, cases, names, strata=random.integers(0, 20, 1_000_000))
    assert time.process_time() - start < 10
    assert found["flags"][0].as_py() == ["3", "7"]


def test_a_refinement_that_adds_nothing_is_left_out_and_small_groups_are_never_shown() -> None:
    flags, cases, stratum = people(6, 60_000, ratio=4)
    rows = subgroups(
        flags, np.ones(60_000, int), cases, NAMES, strata=stratum, search=Search(depth=3, runs=199)
    ).to_pylist()
    assert not any({"flag 3", "flag 7"} < set(row["flags"]) for row in rows)
    assert all(row["cases"] >= 10 and row["persons"] - row["cases"] >= 50 for row in rows)


@pytest.mark.parametrize(
    ("persons", "cases", "search"),
    [([1, 1], [2, 0], Search()), ([1], [1], Search()), ([5, 5], [1, 1], Search(depth=4))],
)
def test_what_cannot_be_searched_is_refused(persons: list[int], cases: list[int], search: Search) -> None:
    with pytest.raises(ZichtError):
        subgroups([[True], [False]], persons, cases, ["a"], search=search)
