"""The scan gives the ratios of the reference program, and honest chances."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keys import column, new_mexico, rows

from zicht.errors import ZichtError
from zicht.findings import scan_kernel as kernel
from zicht.findings.circles import circles
from zicht.findings.scan import Windows, gumbel, scan_bernoulli, scan_permutation, scan_poisson


@pytest.mark.shared
def test_new_york_leukaemia_has_the_clusters_of_the_reference_program(shared: Path) -> None:
    folder = shared / "answers" / "ny_leukemia"
    places, data = rows(folder / "geo.csv"), rows(folder / "data.csv")
    people = column(data, "population")
    laid = circles(column(places, "x"), column(places, "y"), people, share=0.1)
    found = scan_poisson(np.floor(column(data, "cases")), people, laid).clusters.slice(0, 7).to_pylist()
    table = """
        tracts | cases | expected | ratio | risk | llr       | p
        26     | 85    | 49.71    | 1.71  | 1.84 | 11.577255 | 0.001
        8      | 38    | 17.79    | 2.14  | 2.22 | 9.019716  | 0.013
        33     | 64    | 40.85    | 1.57  | 1.64 | 6.114140  | 0.216
        4      | 25    | 12.82    | 1.95  | 1.99 | 4.651839  | 0.609
        7      | 28    | 15.54    | 1.80  | 1.84 | 4.169203  | 0.755
        4      | 12    | 5.14     | 2.34  | 2.37 | 3.363518  | 0.961
        3      | 11    | 4.61     | 2.38  | 2.41 | 3.209485  | 0.976
    """
    for row, line in zip(found, table.split("\n")[2:9], strict=True):
        tracts, cases, expected, ratio, risk, llr, p = (float(part) for part in line.split("|"))
        assert (len(row["areas"]), row["cases"]) == (tracts, cases)
        assert row["expected"] == pytest.approx(expected, abs=0.006)
        assert row["ratio"] == pytest.approx(ratio, abs=0.006)
        assert row["relative_risk"] == pytest.approx(risk, abs=0.006)
        assert row["llr"] == pytest.approx(llr, abs=1e-6)
        assert row["p"] == pytest.approx(p, abs=4 * math.sqrt(2 * p * (1 - p) / 999) + 0.002)
        assert row["p_gumbel"] == pytest.approx(row["p"], abs=0.04)
    binghamton = [
        49,
        48,
        50,
        47,
        1,
        15,
        51,
        2,
        13,
        14,
        3,
        35,
        16,
        52,
        36,
        37,
        12,
        11,
        5,
        17,
        10,
        4,
        6,
        38,
        18,
        9,
    ]
    assert {at + 1 for at in found[0]["areas"]} == set(binghamton)


@pytest.mark.shared
def test_new_mexico_brain_cancer_has_the_cylinders_of_the_reference_program(shared: Path) -> None:
    places, cases, expected, people = new_mexico(shared / "answers" / "satscan")
    found = scan_poisson(cases, expected, circles(*places.T, people), windows=Windows()).clusters.to_pylist()
    table = """
        counties | from | until | cases | expected | risk | llr       | p
        8        | 1985 | 1989  | 232   | 175.14   | 1.40 | 10.016706 | 0.030
        1        | 1988 | 1989  | 16    | 6.03     | 2.68 | 5.684828  | 0.699
        2        | 1982 | 1983  | 13    | 5.37     | 2.44 | 3.884186  | 0.997
        7        | 1973 | 1974  | 37    | 23.07    | 1.62 | 3.632667  | 0.999
    """
    for row, line in zip(found, table.split("\n")[2:6], strict=False):
        counties, first, last, count, expectation, risk, llr, p = (float(part) for part in line.split("|"))
        assert (len(row["areas"]), row["cases"]) == (counties, count)
        assert (row["first"] + 1973, row["last"] + 1973) == (first, last)
        assert row["expected"] == pytest.approx(expectation, abs=0.06)
        assert row["relative_risk"] == pytest.approx(risk, abs=0.006)
        assert row["llr"] == pytest.approx(llr, abs=1e-6)
        assert row["p"] == pytest.approx(p, abs=0.06)


@pytest.mark.shared
def test_what_is_controlled_for_can_change_where_the_cluster_lies(shared: Path) -> None:
    folder = shared / "answers" / "penn_lung"
    places, data = rows(folder / "geo.csv"), rows(folder / "data.csv")
    number = {row["county"]: at for at, row in enumerate(places)}
    strata = sorted({(row["race"], row["gender"], row["age"]) for row in data})
    cases, people = np.zeros((67, len(strata))), np.zeros((67, len(strata)))
    for row in data:
        at = number[row["county"]], strata.index((row["race"], row["gender"], row["age"]))
        cases[at] += float(row["cases"])
        people[at] += float(row["population"])
    # an equal-area look at one state: distances over the ground, from degrees
    x = column(places, "x") * 111195 * math.cos(math.radians(40.9))
    y = column(places, "y") * 111195
    counts = cases.sum(1).astype(int)
    plain = scan_poisson(counts, people.sum(1), circles(x, y, people.sum(1))).clusters.to_pylist()[0]
    names = {places[at]["county"] for at in plain["areas"]}
    assert names == {"washington", "greene", "allegheny", "beaver", "fayette", "westmoreland", "butler"}
    assert (plain["cases"], plain["llr"]) == (2359, pytest.approx(36.538616, abs=1e-6))
    assert plain["expected"] == pytest.approx(2008.22, abs=0.005)
    assert plain["p_gumbel"] < 1e-11
    expected = (people * (cases.sum(0) / people.sum(0))).sum(1)
    adjusted = scan_poisson(counts, expected, circles(x, y, expected)).clusters.to_pylist()[0]
    assert not set(adjusted["areas"]) & set(plain["areas"])


@pytest.mark.shared
@pytest.mark.parametrize(
    ("areas", "share", "llr"),
    [(500, 0.5, 36.601075), (3000, 0.1, 21.898214), (14000, 0.1, 35.368109)],
)
def test_the_best_circle_of_the_synthetic_maps(shared: Path, areas: int, share: float, llr: float) -> None:
    data = rows(shared / "answers" / "synthetic" / f"areas_{areas}.csv")
    people = column(data, "pop")
    laid = circles(column(data, "x"), column(data, "y"), people, share=share)
    best = scan_poisson(column(data, "cases"), people, laid, runs=0).clusters
    assert best["llr"][0].as_py() == pytest.approx(llr, abs=1e-6)
    assert best["p"][0].as_py() is None


@pytest.mark.shared
@pytest.mark.slow
def test_all_buurten_of_the_country_are_scanned_in_seconds(shared: Path) -> None:
    data = rows(shared / "answers" / "synthetic" / "areas_14000.csv")
    people, x, y = column(data, "pop"), column(data, "x"), column(data, "y")
    scan_poisson(column(data, "cases")[:50], people[:50], circles(x[:50], y[:50], people[:50]), runs=64)
    start = time.process_time()
    found = scan_poisson(column(data, "cases"), people, circles(x, y, people, share=0.1))
    assert time.process_time() - start < 22
    assert found.clusters["p"][0].as_py() == 0.001


def small_map(seed: int, areas: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return (
        generator.integers(0, 12, areas).astype(float),
        generator.integers(0, 12, areas).astype(float),
        generator.integers(20, 400, areas),
    )


def by_hand(
    model: int, x: np.ndarray, y: np.ndarray, counts: np.ndarray, sizes: np.ndarray, people: np.ndarray
) -> float:
    """The highest ratio over all closed circles that hold at most half of the people, one by one."""
    best = 0.0
    for centre in range(len(x)):
        away = (x - x[centre]) ** 2 + (y - y[centre]) ** 2
        for radius in np.unique(away):
            inside = away <= radius
            if people[inside].sum() <= people.sum() / 2 and counts[inside].sum() >= 2:
                best = max(
                    best,
                    kernel.ratio(model, counts[inside].sum(), sizes[inside].sum(), counts.sum(), sizes.sum()),
                )
    return best


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_skipping_what_cannot_win_never_skips_the_winner(seed: int) -> None:
    x, y, people = small_map(seed)
    laid = circles(x, y, people)
    generator = np.random.default_rng(seed)
    for model, sizes in ((kernel.POISSON, people * (300 / people.sum())), (kernel.BERNOULLI, people * 1.0)):
        drawn = np.zeros((40, 64), np.uint8)
        drawn[laid.order] = generator.multinomial(300, people / people.sum(), size=64).T
        placed = np.ascontiguousarray(drawn)
        best, whole = np.zeros(64), float(sizes.sum())
        table = kernel.critical(model, whole / 2 * 1.001, 300.0, whole)
        kernel.maxima(
            model,
            np.ascontiguousarray(placed[laid.order]),
            np.ascontiguousarray(sizes[laid.order]),
            300.0,
            whole,
            2,
            laid.starts,
            laid.members,
            laid.closed,
            table,
            whole / 2 * 1.001,
            np.zeros(64, np.int16),
            np.zeros((table.shape[1], 64), np.int16),
            best,
        )
        for lane in (0, 17, 63):
            hand = by_hand(model, x, y, placed[:, lane].astype(int), sizes, people)
            assert best[lane] == pytest.approx(hand, abs=1e-9)


def test_a_circle_takes_in_all_areas_that_lie_equally_far() -> None:
    laid = circles([0, 1, -1, 5], [0, 0, 0, 0], [1, 1, 1, 100])
    at = int(np.flatnonzero(laid.order == 0)[0])
    ends = laid.closed[laid.starts[at] : laid.starts[at + 1]].tolist()
    assert ends == [1, 0, 1]


def test_the_share_of_cases_is_scanned_against_controls() -> None:
    x, y, people = small_map(3)
    share = np.where((x < 4) & (y < 4), 0.5, 0.1)
    cases = np.random.default_rng(1).binomial(people, share)
    best = scan_bernoulli(cases, people - cases, circles(x, y, people)).clusters.to_pylist()[0]
    inside = np.isin(np.arange(40), best["areas"])
    assert best["p"] == 0.001
    assert (x[inside] < 6).all()
    assert best["llr"] == pytest.approx(by_hand(kernel.BERNOULLI, x, y, cases, people, people), abs=1e-9)


def outbreak() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, y, people = small_map(5)
    cases = np.random.default_rng(2).poisson(np.outer(people / 100, np.ones(24)))
    cases[(x < 4) & (y < 4), 22:] += 9
    return x, y, cases


def test_an_outbreak_that_lasts_is_found_by_place_and_time_without_any_population() -> None:
    x, y, cases = outbreak()
    laid = circles(x, y, cases.sum(1))
    found = scan_permutation(cases, laid, windows=Windows(longest=3, current=True))
    best = found.clusters.to_pylist()[0]
    assert (best["first"], best["last"], best["p"]) == (22, 23, 0.001)
    within = cases[best["areas"]]
    expected = within.sum() * cases[:, 22:].sum() / cases.sum()
    assert best["expected"] == pytest.approx(expected, rel=1e-12)
    assert best["llr"] == pytest.approx(
        kernel.ratio(kernel.POISSON, within[:, 22:].sum(), expected, cases.sum(), cases.sum()), abs=1e-9
    )


def test_looking_only_at_now_gives_the_same_ratio_as_looking_at_all_windows_that_end_now() -> None:
    x, y, cases = outbreak()
    laid = circles(x, y, cases.sum(1))
    expected = np.outer(cases.sum(1), np.ones(24))
    now = scan_poisson(cases, expected, laid, windows=Windows(longest=3, current=True), runs=0)
    ever = scan_poisson(cases, expected, laid, windows=Windows(longest=3), runs=0)
    assert now.clusters["llr"][0].as_py() == pytest.approx(ever.clusters["llr"][0].as_py(), abs=1e-9)
    assert (now.clusters["first"][0].as_py(), now.clusters["last"][0].as_py()) == (22, 23)


def test_the_answer_does_not_depend_on_the_order_of_the_areas() -> None:
    x, y, people = small_map(8)
    cases = np.random.default_rng(4).poisson(people / 20)
    shuffled = np.random.default_rng(5).permutation(40)
    one = scan_poisson(cases, people, circles(x, y, people), runs=99).clusters
    two = scan_poisson(
        cases[shuffled], people[shuffled], circles(x[shuffled], y[shuffled], people[shuffled]), runs=99
    ).clusters
    assert set(one["areas"][0].as_py()) == {int(shuffled[at]) for at in two["areas"][0].as_py()}
    assert one["llr"][0].as_py() == pytest.approx(two["llr"][0].as_py(), abs=1e-9)


@pytest.mark.slow
def test_of_a_hundred_maps_without_anything_about_five_have_a_cluster() -> None:
    x, y, people = small_map(9)
    laid, found = circles(x, y, people), 0
    for seed in range(100):
        cases = np.random.default_rng(seed).poisson(people / 20)
        found += scan_poisson(cases, people, laid, runs=199).clusters["p"][0].as_py() <= 0.05
    assert 1 <= found <= 12


def test_stopping_early_is_quicker_and_says_nothing_where_there_is_nothing() -> None:
    x, y, people = small_map(10)
    cases = np.random.default_rng(7).poisson(people / 20)
    laid = circles(x, y, people)
    whole, early = scan_poisson(cases, people, laid), scan_poisson(cases, people, laid, stop_after=10)
    assert len(early.maxima) < len(whole.maxima) == 999
    assert early.clusters["p"][0].as_py() == pytest.approx(whole.clusters["p"][0].as_py(), abs=0.2)


def test_the_gumbel_chance_agrees_with_counting_where_counting_can() -> None:
    maxima = np.random.default_rng(1).gumbel(6, 1.2, 9999)
    for p in (0.2, 0.05, 0.01):
        assert gumbel(float(np.quantile(maxima, 1 - p)), maxima) == pytest.approx(p, rel=0.15)


@pytest.mark.parametrize("cases", [[1, 2], [1, -1, 2], [0, 0, 0], [1.5, 1, 1]])
def test_what_cannot_be_scanned_is_refused_with_the_reason(cases: list[float]) -> None:
    with pytest.raises(ZichtError, match="scan"):
        scan_poisson(cases, [1, 1, 1], circles([0, 1, 2], [0, 0, 0], [1, 1, 1]))
