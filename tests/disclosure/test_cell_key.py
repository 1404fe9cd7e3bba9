"""Tables of noise keep what they promise, and the same units get the same noise."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tables_as_text import crosstab, roll_up, tree

from zicht.disclosure import Profile, Table
from zicht.disclosure.methods import perturb_counts
from zicht.disclosure.perturbation.cell_key import look_up, perturb
from zicht.disclosure.perturbation.keys import KEY, scramble, uniform, unit_keys, with_cell_keys
from zicht.disclosure.perturbation.ptables import PTable, make_ptable
from zicht.errors import DisclosureError

SECRET = b"a secret of tests, nowhere else used"
CITY = tree("area", "GM > WK1 WK2\nWK1 > B11 B12\nWK2 > B21 B22 B23")


def steps_of(ptable: PTable) -> np.ndarray:
    return np.arange(-ptable.reach, ptable.reach + 1)


# Published tables of noise, from -D to D


def test_a_published_table_of_noise_is_found_again() -> None:
    # Vignette "introduction" of the R package ptable 1.0.0 (T. Enderle, CRAN): create_cnt_ptable(D = 2, V = 1). It prints
    # the rows of 1 (0.3665 0.3665 0.1676 0.0995; variance 0.932) and 2 (first 0.0638, p_stay 0.383; variance 1).
    row = make_ptable(2, 1).probability
    assert row[0] == pytest.approx([0, 0, 1, 0, 0])
    assert row[1] == pytest.approx([0, 0.3665, 0.3665, 0.1676, 0.0995], abs=5e-5)
    assert row[2] == pytest.approx([0.0638, 0.2447, 0.3830, 0.2447, 0.0638], abs=5e-5)
    assert row[1] @ np.square(steps_of(make_ptable(2, 1))) == pytest.approx(0.932, abs=5e-4)
    assert row[2, 2] == pytest.approx(0.383, abs=5e-4)


def test_a_second_published_table_of_noise_whose_variance_is_more_than_can_be_is_found_again() -> None:
    # Ø. Langsrud's R package experimentalRpackage (documentation of Pmatrix): round(Pmatrix(D = 2, js = 0), 2), with the
    # default V = 3, as cumulative probabilities of the results 0 to 4.
    printed = [[1, 1, 1, 1, 1], [0.37, 0.73, 0.90, 1, 1], [0.20, 0.40, 0.60, 0.80, 1]]
    row = make_ptable(2, 3).probability
    found = np.array([np.roll(row[count], count - 2).cumsum() for count in range(3)])
    assert found == pytest.approx(np.array(printed), abs=5e-3)


# Laws of tables of noise


@pytest.mark.parametrize(("reach", "variance", "threshold"), [(1, 0.5, 0), (5, 3, 2), (8, 3, 0), (10, 6.25, 4), (4, 2.5, 2)])  # fmt: skip
def test_noise_is_right_on_average_and_keeps_its_bounds(reach: int, variance: float, threshold: int) -> None:
    ptable = make_ptable(reach, variance, threshold=threshold)
    steps = steps_of(ptable)
    assert ptable.probability.sum(axis=1) == pytest.approx(1)
    assert ptable.probability @ steps == pytest.approx(0, abs=1e-10)
    assert np.all(ptable.probability @ np.square(steps) <= variance + 1e-9)
    for count, row in enumerate(ptable.probability):
        results = count + steps[row > 0]
        assert np.all((results == 0) | (results > threshold))


def test_noise_gets_no_likelier_with_distance() -> None:
    for row in make_ptable(5, 3, threshold=0).probability[1:]:
        right, left = row[5:], row[5::-1]
        assert np.all(np.diff(right[right > 0]) <= 1e-9)
        assert np.all(np.diff(left[left > 0]) <= 1e-9)


def entropy(row: np.ndarray) -> float:
    return float(-np.sum(row[row > 0] * np.log(row[row > 0])))


def test_no_distribution_near_it_with_the_same_mean_and_variance_has_greater_entropy() -> None:
    ptable, rng = make_ptable(4, 2.0, threshold=1, monotone=False), np.random.default_rng(5)
    steps = steps_of(ptable)
    for count in (1, 2, 4, 6):
        row = ptable.probability[count]
        inside = steps[row > 0]
        kept = np.stack([np.ones(inside.size), inside, np.square(inside)])
        free = np.linalg.svd(kept)[2][3:]  # moves that change neither the sum, nor the mean, nor the variance
        assert free.shape[0] > 0
        for _ in range(50):
            move = rng.normal(size=free.shape[0]) @ free
            near = row[row > 0] + move * rng.uniform(0.01, 0.9) * np.min(row[row > 0] / np.abs(move))
            assert entropy(near) < entropy(row)


def test_the_probability_to_stay_can_be_given() -> None:
    assert make_ptable(5, 3, stay=0.5).probability[1:, 5] == pytest.approx(0.5)


def test_noise_that_cannot_be_is_refused_with_the_count_and_the_least_variance() -> None:
    with pytest.raises(DisclosureError, match="a count of 1 has a variance of at least 2;"):
        make_ptable(5, 1.0, threshold=2)


@given(st.integers(1, 7), st.floats(0.3, 8), st.integers(0, 3), st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_noise_drawn_up_for_the_keys_is_the_noise_designed(
    reach: int, variance: float, threshold: int, monotone: bool
) -> None:
    try:
        ptable = make_ptable(reach, variance, threshold=threshold, monotone=monotone)
    except DisclosureError:
        assume(False)
    for row, noise in zip(ptable.probability, ptable.noise, strict=True):
        shares = np.bincount(noise.astype(int) + reach, minlength=2 * reach + 1) / noise.size
        assert np.abs(shares - row).max() <= 4 / 256
        assert set(noise.tolist()) <= set(steps_of(ptable)[row > 0].tolist())
        assert abs(noise.mean()) <= 2 / 256


def test_with_the_usual_conditions_the_noise_of_all_keys_adds_up_to_nothing() -> None:
    for ptable in (make_ptable(2, 1), make_ptable(5, 3, threshold=2), make_ptable(8, 3, keys=65536)):
        assert np.all(ptable.noise.astype(int).sum(axis=1) == 0)


# Keys


def test_the_key_of_a_cell_is_the_sum_of_the_keys_of_its_units_and_that_of_a_total_of_its_parts() -> None:
    keys = unit_keys(["ann", "bob", "eve"], SECRET)
    table = roll_up("t", (CITY,), {("B11",): 2, ("B21",): 1})
    keyed = with_cell_keys(table, pa.table({"area": ["B11", "B21", "B11"], KEY: keys}))
    found = dict(
        zip(keyed.cells.column("area").to_pylist(), keyed.cells.column(KEY).to_pylist(), strict=True)
    )
    ann, bob, eve = keys.to_pylist()
    assert found["B11"] == found["WK1"] == (ann + eve) % 2**64
    assert found["GM"] == (ann + bob + eve) % 2**64


def test_another_secret_gives_other_keys_and_the_same_secret_the_same() -> None:
    names = [f"p{i}" for i in range(50)]
    assert unit_keys(names, SECRET) == unit_keys(names, SECRET)
    assert not set(unit_keys(names, SECRET).to_pylist()) & set(unit_keys(names, SECRET[::-1]).to_pylist())


def test_draws_are_even_and_those_of_a_sum_of_keys_tell_nothing_of_the_parts() -> None:
    rng = np.random.default_rng(1)
    left, right = (rng.integers(0, 2**64, 200_000, dtype=np.uint64) for _ in range(2))
    drawn = uniform(left, 2)
    assert abs(drawn.mean() - 0.5) < 0.005
    assert abs(np.corrcoef(drawn, uniform(left + right, 2))[0, 1]) < 0.01
    assert abs(np.corrcoef(drawn, uniform(left, 1))[0, 1]) < 0.01
    few = np.arange(4096, dtype=np.uint64)  # keys that differ in a few bits
    assert np.bincount((scramble(few, 2) >> np.uint64(60)).astype(int), minlength=16).min() > 180


# Perturbed tables


def keyed(text: str) -> Table:
    table = crosstab(CITY, text)
    leaves = [c for c in table.cells.to_pylist() if c["area"].startswith("B") and c["kind"] != "TOTAL"]
    rows = [(c["area"], c["kind"], f"{c['area']} {c['kind']} {i}") for c in leaves for i in range(c["n"])]
    area, kind, who = zip(*rows, strict=True)
    return with_cell_keys(table, pa.table({"area": area, "kind": kind, KEY: unit_keys(who, SECRET)}))


TEXT = """
    area | young | old
    -----+-------+----
    B11  | 3     | 30
    B12  | 25    | 35
    B21  | 31    | 12
    B22  | 40    | 44
    B23  | 52    | 57
"""


def test_the_same_persons_get_the_same_noise_in_another_table() -> None:
    whole, ptable = keyed(TEXT), make_ptable(4, 3)
    rng = np.random.default_rng(2)
    order = rng.permutation(whole.n.size)
    other = Table("other order", whole.dimensions, whole.cells.take(pa.array(order)))
    assert np.array_equal(perturb(whole, ptable)[order], perturb(other, ptable))


def test_empty_cells_stay_empty_and_no_small_count_is_published() -> None:
    rng, ptable = np.random.default_rng(3), make_ptable(5, 3, threshold=2)
    counts, keys = rng.integers(0, 12, 100_000), rng.integers(0, 2**64, 100_000, dtype=np.uint64)
    published = counts + look_up(counts, keys, ptable)
    assert not np.any((published > 0) & (published <= 2))
    assert np.all(published[counts == 0] == 0)
    assert published.min() == 0


def test_sums_are_refused() -> None:
    table = keyed(TEXT)
    euros = Table("euros", table.dimensions, table.cells.append_column("largest", pa.array(table.value)))
    with pytest.raises(DisclosureError, match="holds sums"):
        perturb(euros, make_ptable(2, 1))


def test_a_perturbed_table_says_so_and_hides_what_the_attack_finds() -> None:
    few = Profile("few", min_units=5, max_group_share=None)
    done = perturb_counts([keyed(TEXT)], few, make_ptable(3, 2))
    assert done.report.attack.safe
    assert set(done.visible("t").column("status").to_pylist()) <= {"perturbed", "primary", "secondary"}
    assert done.visible("t").column_names == ["area", "kind", "value", "status"]
    assert done.report.as_dict()["parameters"] == {"reach": 3, "variance": 2, "threshold": 0, "keys": 256}


@pytest.mark.slow
def test_ten_million_cells_take_half_a_second() -> None:
    rng, ptable = np.random.default_rng(4), make_ptable(5, 3, threshold=2)
    counts = rng.poisson(rng.gamma(0.7, 20, 10_000_000)).astype(np.int64)
    keys = rng.integers(0, 2**64, counts.size, dtype=np.uint64)
    start = time.process_time()
    look_up(counts, keys, ptable)
    assert time.process_time() - start < 0.5
