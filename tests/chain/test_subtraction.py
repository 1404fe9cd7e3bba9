"""Figures of one register over different levels, populations and breakdowns do not tell of each other what they hide."""

from __future__ import annotations

import numpy as np
import pytest
from subtracting import WHO, Told, Town

YOUNG, GROWN_UP, AGE = Told(of="young"), Told(of="grown_up"), ("age",)
BUURT, WIJK = "buurt gemeente", "wijk gemeente"
CASES = {
    "the same people by age": (Told(levels=BUURT, by=AGE), Told(levels=WIJK, by=AGE)),
    "the same people, in one by age": (Told(levels=BUURT, by=AGE), Told(levels=WIJK)),
    "one age as a population of its own": (Told(levels=BUURT, by=AGE), Told(levels=WIJK, of="young")),
    "the two other ages as a population": (Told(levels=BUURT, by=AGE), Told(levels=WIJK, of="grown_up")),
    "one age as a numerator": (Told(levels=BUURT, by=AGE), Told("share", WIJK, which="young")),
    "no level in common": (Told(levels="buurt", by=AGE), Told(levels=WIJK, by=AGE)),
    "the levels between": (Told(levels="buurt wijk", by=AGE), Told(levels="gemeente", by=AGE)),
    "a sum over three figures": (Told(levels=BUURT, of="young"), Told(levels=WIJK, of="grown_up"), Told()),
    "a sum that only wijken show": (Told(levels=BUURT, of="young"), Told(levels=BUURT, of="grown_up"), Told(levels=WIJK)),
    "each level from another figure": (Told(levels="buurt", of="young"), Told(levels="wijk", of="grown_up"), Told(levels="gemeente"), Told(levels="buurt wijk")),
    "three ages as three figures": (Told(of="young"), Told(of="middle"), Told(levels=WIJK, of="old"), Told()),
    "shares with another breakdown": (Told("share", BUURT, which="car", by=AGE), Told("share", WIJK, which="car", by=("sex",))),
    "a numerator as a count": (Told("share", BUURT, which="car", by=AGE), Told(levels=WIJK, of="car")),
    "a share that all have": (Told("share", BUURT, which="young", by=AGE), Told(levels=WIJK, by=AGE)),
    "a mean and a sum": (Told("sum", BUURT, by=AGE), Told("mean", WIJK)),
    "a mean of some and sums of all": (Told("sum", by=AGE), Told("mean", WIJK, of="young"), Told("sum", WIJK, of="grown_up")),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_one_figure_hides_does_not_follow_from_others(case: str) -> None:
    for seed in range(3):
        town = Town(seed)
        for told in CASES[case]:
            town.tell(told)
        assert town.given_away() == []


def test_figures_drawn_at_random_do_not_tell_what_others_hide() -> None:
    for seed in range(12):
        draw = np.random.default_rng(seed)
        town = Town(seed, wijken=4)
        for _ in range(draw.integers(2, 6)):
            town.tell(_drawn(draw))
        assert town.given_away() == [], seed


def _drawn(draw: np.random.Generator) -> Told:
    levels = draw.choice(["buurt", "wijk", "gemeente", "buurt wijk", BUURT, WIJK, "buurt wijk gemeente"])
    measure = draw.choice(["count", "share", "sum", "mean"], p=[0.5, 0.3, 0.1, 0.1])
    of, which = draw.choice(list(WHO)[:-1]), draw.choice(["car", "young", "men", "grown_up"])
    by = [(), AGE, ("sex",)][draw.integers(3)]
    return Told(str(measure), str(levels), str(of), str(which) if measure == "share" else "all", by)
