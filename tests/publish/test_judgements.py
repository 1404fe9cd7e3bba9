"""Classes on the map and verdicts on areas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.publish.classes import class_of, map_breaks, natural_breaks
from zicht.publish.verdicts import Verdict, benjamini_hochberg, compare

NAN = float("nan")


def _cost(values: np.ndarray, breaks: list[float]) -> float:
    classes = np.searchsorted(breaks, values, side="left")
    return sum(
        float(((part - part.mean()) ** 2).sum()) for k in set(classes) if (part := values[classes == k]).size
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_natural_breaks_are_as_good_as_those_of_mapclassify(seed):
    import mapclassify

    values = np.random.default_rng(seed).lognormal(3, 1, 120)
    theirs = mapclassify.FisherJenks(values, 5).bins[:-1].tolist()
    assert _cost(values, natural_breaks(values)) <= _cost(values, theirs) + 1e-9


def test_natural_breaks_find_the_groups_that_are_there():
    values = np.array([1, 2, 3, 40, 41, 42, 90, 91])
    assert natural_breaks(values.astype(float), 3) == [3.0, 42.0]


def test_the_country_is_classed_in_an_instant():
    values = np.random.default_rng(0).lognormal(3, 1, 14_574)
    assert len(natural_breaks(values)) == 4


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1000, 1000, allow_nan=False), min_size=1, max_size=60), st.integers(0, 2))
def test_breaks_rise_and_every_value_gets_a_class(values, decimals):
    values = np.round(np.array(values), decimals)
    breaks = map_breaks(values, decimals, None)
    assert list(breaks) == sorted(set(breaks))
    assert len(breaks) <= 4
    classes = class_of(values, breaks)
    assert classes.min() >= 0
    assert classes.max() <= len(breaks)


def test_declared_breaks_win_and_a_value_on_a_limit_belongs_above_it():
    breaks = map_breaks(np.array([1.0, 50.0]), 0, (10.0, 20.0))
    assert breaks == (10.0, 20.0)
    assert class_of(np.array([9.9, 10.0, 20.0, NAN]), breaks).tolist() == [0, 1, 2, -1]


def test_a_difference_within_the_margin_is_not_clear_and_one_beyond_it_is():
    value = np.array([50.0, 44.0, 36.0, 60.0])
    reference = (np.full(4, 45.0), np.full(4, 44.0), np.full(4, 46.0))
    verdict = compare(value, value - 3, value + 3, reference)
    assert verdict.tolist() == [Verdict.HIGHER, Verdict.UNCLEAR, Verdict.LOWER, Verdict.HIGHER]


def test_without_interval_or_reference_nothing_is_said():
    value = np.array([50.0, 50.0, NAN])
    bounds = np.array([NAN, 45.0, NAN]), np.array([NAN, 55.0, NAN])
    reference = (np.array([40.0, NAN, 40.0]), np.full(3, NAN), np.full(3, NAN))
    assert compare(value, *bounds, reference).tolist() == [Verdict.NONE] * 3


def test_the_margin_of_the_reference_counts_too():
    value = np.array([50.0])
    narrow = (np.array([45.0]), np.array([45.0]), np.array([45.0]))
    wide = (np.array([45.0]), np.array([40.0]), np.array([50.0]))
    assert compare(value, value - 4, value + 4, narrow).tolist() == [Verdict.HIGHER]
    assert compare(value, value - 4, value + 4, wide).tolist() == [Verdict.UNCLEAR]


def test_one_lucky_area_among_a_thousand_is_not_called_different():
    value = np.full(1000, 50.0)
    value[0] = 54.2
    verdict = compare(
        value, value - 4, value + 4, (np.full(1000, 50.0), np.full(1000, NAN), np.full(1000, NAN))
    )
    assert set(verdict.tolist()) == {Verdict.UNCLEAR}


def test_the_false_discovery_rate_is_that_of_the_textbook():
    p = np.array([0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216])
    assert benjamini_hochberg(p, 0.05).tolist() == [
        True,
        True,
        *[False] * 8,
    ]  # Benjamini and Hochberg's procedure by hand
