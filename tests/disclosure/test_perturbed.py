"""What an outsider learns from rounded and noisy tables (A5) is found, and nothing is invented."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables_as_text import roll_up, tree

from zicht.disclosure import Dimension, Link, Profile, Table
from zicht.disclosure.attack import perturbed as a5
from zicht.disclosure.perturbation.ptables import make_ptable

FEW = Profile("few", min_units=5, max_group_share=None)
CITY = tree("area", "GM > WK1 WK2\nWK1 > B11 B12\nWK2 > B21 B22 B23")
TWO = tree("area", "GM > B1 B2")


def counts(table: Table, **published: float) -> np.ndarray:
    """What is published, by code."""
    return np.array([published[code] for code in table.cells.column("area").to_pylist()], dtype=float)


# Bounds


def test_rounded_numbers_that_add_up_give_nothing_away() -> None:
    table = roll_up("t", (TWO,), {("B1",): 3, ("B2",): 4})
    seen = a5.rounded(table, counts(table, GM=5, B1=0, B2=5), 5)
    assert a5.attack([seen], FEW, []).safe


def test_a_total_rounded_up_over_parts_rounded_down_gives_the_parts_away() -> None:
    # Published as 10, 0 and 0: at least 6 in all and at most 4 each, so at least 2 each.
    table = roll_up("t", (TWO,), {("B1",): 4, ("B2",): 3})
    wide = a5.attack([a5.rounded(table, counts(table, GM=10, B1=0, B2=0), 5)], FEW, [])
    assert wide.safe
    report = a5.attack(
        [a5.rounded(table, counts(table, GM=10, B1=0, B2=0), 5)],
        Profile("wider", min_units=5, max_group_share=None, count_margin=2),
        [],
    )
    assert {failure.cell: failure.interval for failure in report.failures} == {"B1": (2, 4), "B2": (2, 4)}
    assert {failure.attack for failure in report.failures} == {"A5"}
    assert report.failures[0].witness == (
        "t shows [B1: 0], which says 0 to 4",
        "t: [GM: 10] = [B1: 0] + [B2: 0]",
    )


def test_an_exact_total_over_rounded_parts_gives_them_away() -> None:
    table = roll_up("t", (TWO,), {("B1",): 4, ("B2",): 4})
    parts = np.array([code != "GM" for code in table.cells.column("area").to_pylist()])
    seen = a5.rounded(table, counts(table, GM=8, B1=0, B2=0), 5, where=parts)
    found = a5.attack([seen], FEW, []).failures
    assert {failure.cell: failure.interval for failure in found} == {"B1": (4, 4), "B2": (4, 4)}


def test_a_sensitive_number_that_is_published_as_it_is_fails() -> None:
    table = roll_up("t", (TWO,), {("B1",): 3, ("B2",): 40})
    hidden = np.zeros(3, dtype=bool)
    assert [failure.cell for failure in a5.attack([a5.exact(table, hidden)], FEW, []).failures] == ["B1"]


def test_a_linked_table_narrows_down_too() -> None:
    wider = Profile("wider", min_units=5, max_group_share=None, count_margin=2)
    table = roll_up("t", (TWO,), {("B1",): 4, ("B2",): 30})
    kinds = Dimension.flat("kind", ["a", "b"])
    other = roll_up("u", (TWO, kinds), {("B1", "a"): 2, ("B1", "b"): 2, ("B2", "a"): 30})
    first = a5.rounded(table, counts(table, GM=35, B1=0, B2=30), 5)
    assert a5.attack([first], wider, []).safe
    # Published as 0 to base 5 a number is at most 4; the same number, published as 6 to base 3, is at least 4.
    beside = a5.rounded(other, np.ceil(other.value / 3) * 3, 3)
    report = a5.attack([first, beside], wider, [Link.shared(table, other)])
    found = {failure.cell: failure.interval for failure in report.failures}
    assert found["B1"] == (4, 4)


def brute_force(table: Table, seen: a5.Seen) -> dict[str, tuple[int, int]]:
    """The least and most of each number over all whole numbers that fit, by trying every one."""
    codes = table.cells.column("area").to_pylist()
    low, high = dict(zip(codes, seen.least, strict=True)), dict(zip(codes, seen.most, strict=True))
    ranges = [range(int(low[code]), int(high[code]) + 1) for code in ("B1", "B2", "B3")]
    fits = [values for values in itertools.product(*ranges) if low["GM"] <= sum(values) <= high["GM"]]
    return {code: (min(column), max(column)) for code, column in zip(("B1", "B2", "B3"), zip(*fits, strict=True), strict=True)}  # fmt: skip


@given(st.lists(st.integers(1, 9), min_size=3, max_size=3), st.lists(st.booleans(), min_size=4, max_size=4), st.integers(1, 3))  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_what_is_found_is_what_trying_every_number_finds(
    parts: list[int], up: list[bool], margin: int
) -> None:
    table = roll_up("t", (tree("area", "GM > B1 B2 B3"),), {(f"B{i + 1}",): n for i, n in enumerate(parts)})
    lift = dict(zip(("GM", "B1", "B2", "B3"), up, strict=True))
    codes = table.cells.column("area").to_pylist()
    published = np.array(
        [n // 5 * 5 + 5 * (lift[code] and n % 5 > 0) for code, n in zip(codes, table.value, strict=True)]
    )
    seen = a5.rounded(table, published, 5)
    profile = Profile("some", min_units=5, max_group_share=None, count_margin=margin)
    found = {failure.cell: failure.interval for failure in a5.attack([seen], profile, []).failures}
    truth = brute_force(table, seen)
    value = dict(zip(codes, table.value, strict=True))
    narrow = {code for code, (low, high) in truth.items() if value[code] < 5 and high - low < 2 * margin}
    assert {code for code in found if code != "GM"} == narrow
    for code in narrow:
        assert found[code] == truth[code]


def test_noise_from_a_public_table_says_which_counts_fit() -> None:
    ptable = make_ptable(2, 1.0)
    table = roll_up("t", (TWO,), {("B1",): 1, ("B2",): 30})
    seen = a5.perturbed(table, counts(table, GM=31, B1=3, B2=0), ptable.probability)
    codes = table.cells.column("area").to_pylist()
    told = {code: (low, high) for code, low, high in zip(codes, seen.least, seen.most, strict=True)}
    assert told == {
        "GM": (29, 33),
        "B1": (1, 5),
        "B2": (0, 2),
    }  # an empty cell has no noise, so 3 is at least 1


# Averages


def test_little_noise_is_averaged_out_over_many_sums() -> None:
    kinds = Dimension.flat("kind", [f"k{i}" for i in range(3)])
    leaves = {(b, f"k{i}"): 2 + i for b in ("B11", "B12", "B21", "B22", "B23") for i in range(3)}
    table = roll_up("t", (CITY, kinds), leaves)
    rng = np.random.default_rng(7)
    for spread, safe in ((0.04, False), (1.5, True)):
        noise = np.rint(rng.normal(0, np.sqrt(spread), table.n.size))
        wide = np.full(table.n.size, 1e3)
        seen = a5.Seen(table, table.value + noise, -wide, table.value + wide, np.full(table.n.size, spread))
        report = a5.attack([seen], FEW, [])
        assert report.safe == safe
    assert "averaged" in a5.attack([a5.Seen(table, table.value, -wide, table.value + wide, wide * 0 + 0.04)], FEW, []).failures[0].witness[1]  # fmt: skip


def test_errors_of_a_large_table_are_estimated_about_as_they_are() -> None:
    rng = np.random.default_rng(1)
    leaves = {(f"B{i}", k): int(rng.integers(1, 30)) for i in range(300) for k in "abcde"}
    area = Dimension.flat("area", [f"B{i}" for i in range(300)])
    sight = a5._Sight([_noisy(roll_up("t", (area, Dimension.flat("kind", "abcde")), leaves))], FEW, [])
    checked = np.flatnonzero(sight.sensitive)
    probed = a5._explained(sight.all.equations, checked)
    dense = sight.all.equations.toarray()
    outright = np.einsum("ij,ji->i", np.linalg.pinv(dense)[checked], dense[:, checked])
    assert probed.mean() == pytest.approx(outright.mean(), rel=0.1)


def _noisy(table: Table) -> a5.Seen:
    return a5.Seen(table, table.value, table.value - 2, table.value + 2, np.ones(table.n.size))


# Odds


def test_odds_are_those_of_bayes() -> None:
    probability = make_ptable(2, 1.0).probability
    found = a5.odds(1, probability)
    # A published 1 was a 1 that stayed (0.3665), a 2 less one (0.2447) or a 3 less two (0.0638); never an empty cell.
    assert found == pytest.approx(np.array([0, 0.3665, 0.2447, 0.0638]) / 0.675, abs=1e-3)
    certain = np.array([0.0, 0.0, 1.0, 0.0])
    assert a5.odds(1, probability, certain).tolist() == [0, 0, 1, 0]


def test_no_odds_are_given_where_no_count_fits() -> None:
    assert a5.odds(2, make_ptable(5, 3, threshold=2).probability).size == 0


def test_any_difference_proves_that_two_cells_do_not_hold_the_same_units() -> None:
    probability = make_ptable(2, 1.0).probability
    assert a5.odds_of_difference(3, probability)[0] == 0
    same = a5.odds_of_difference(0, probability)
    assert same[0] == max(same)
    assert same.sum() == pytest.approx(1)
    # Without consistent noise the odds of none would be those of two noises that cancel out.
    row = probability[-1]
    assert same[0] == pytest.approx(1 / (1 + sum(np.convolve(row, row[::-1])[4 - k] for k in range(1, 5))))
