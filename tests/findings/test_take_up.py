"""Non-take-up allows for what a rule gets wrong, small areas are drawn towards the mean, and other limits count what they take in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from scipy import stats

from zicht.declare import Analysis
from zicht.errors import ZichtError
from zicht.figures import FIGURES
from zicht.findings import Ground, look_for
from zicht.findings.take_up import RuleErrorBounds, beta_binomial, non_take_up, stands_out, truly_entitled

_ANALYSES: TypeAdapter[Analysis] = TypeAdapter(Analysis)
EXACT = RuleErrorBounds((0.0, 0.0), (0.0, 0.0))


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_of_a_rule_that_is_right_only_chance_is_left() -> None:
    found = non_take_up(ints(30), ints(100), EXACT)
    exact = stats.binomtest(30, 100).proportion_ci(method="exact")
    assert (found.estimate[0], found.lower[0], found.upper[0]) == pytest.approx(
        (0.30, exact.low, exact.high), abs=1e-9
    )
    whole = truly_entitled(ints(100), EXACT)
    assert (whole.estimate[0], whole.lower[0], whole.upper[0]) == (100, 100, 100)


def test_who_is_wrongly_computed_is_taken_out_of_those_that_do_not_use_it() -> None:
    """Of 1,000 computed 100 are not entitled; 600 use it. So 300 of 900 leave it, not 400 of 1,000; with 10 % missed, 1,000 are entitled."""
    errors = RuleErrorBounds((0.1, 0.1), (0.1, 0.1))
    assert non_take_up(ints(400), ints(1000), errors).estimate[0] == pytest.approx(300 / 900)
    assert truly_entitled(ints(1000), errors).estimate[0] == pytest.approx(1000)


@given(
    st.integers(1, 5000),
    st.floats(0, 1),
    st.floats(0, 0.3),
    st.floats(0, 0.3),
    st.floats(0, 0.3),
    st.floats(0, 0.3),
)
def test_the_interval_holds_every_rule_within_the_bounds(
    entitled: int, part: float, one: float, two: float, three: float, four: float
) -> None:
    unused = round(part * entitled)
    wrongly, missed = (min(one, two), max(one, two)), (min(three, four), max(three, four))
    found = non_take_up(ints(unused), ints(entitled), RuleErrorBounds(wrongly, missed))
    number = truly_entitled(ints(entitled), RuleErrorBounds(wrongly, missed))
    assert 0 <= found.lower[0] <= found.estimate[0] <= found.upper[0] <= 1
    for share in np.linspace(*wrongly, 4):
        true = max(1 - (1 - unused / entitled) / (1 - share), 0.0)
        assert found.lower[0] - 1e-9 <= true <= found.upper[0] + 1e-9
        for lost in np.linspace(*missed, 4):
            assert number.lower[0] - 1e-6 <= entitled * (1 - share) / (1 - lost) <= number.upper[0] + 1e-6


def test_where_nobody_is_entitled_there_is_no_share() -> None:
    found = non_take_up(ints(0), ints(0), EXACT)
    assert np.isnan([found.estimate[0], found.lower[0], found.upper[0]]).all()


def test_the_likelihood_of_the_beta_binomial_is_highest_where_it_was_fitted() -> None:
    random = np.random.default_rng(4)
    n = random.integers(20, 400, 80)
    k = random.binomial(n, random.beta(8, 12, 80))
    fit = beta_binomial(k, n)

    def likelihood(a: float, b: float) -> float:
        return float(stats.betabinom.logpmf(k, n, a, b).sum())

    best = likelihood(fit.a, fit.b)
    assert (fit.a, fit.b) == pytest.approx((8, 12), rel=0.35)
    for step in (0.98, 1.02):
        assert likelihood(fit.a * step, fit.b) < best > likelihood(fit.a, fit.b * step)


def test_areas_that_differ_by_chance_alone_are_all_the_mean() -> None:
    k = ints(*([50] * 30))
    fit = beta_binomial(k, ints(*([100] * 30)))
    drawn, weight = fit.drawn(k, ints(*([100] * 30)))
    assert np.isinf(fit.a)
    assert set(drawn.estimate) == {0.5}
    assert not weight.any()


def test_a_small_area_is_drawn_further_to_the_mean_than_a_large_one() -> None:
    k, n = ints(9, 900, 300, 420, 510, 250), ints(10, 1000, 1000, 1000, 1000, 1000)
    fit = beta_binomial(k, n)
    drawn, weight = fit.drawn(k, n)
    assert weight[0] < 0.8 < 0.98 < weight[1]
    assert abs(drawn.estimate[0] - fit.mean) < abs(drawn.estimate[1] - fit.mean)
    assert drawn.estimate[1] == pytest.approx(0.9, abs=0.01)


def test_of_two_hundred_cities_in_which_nothing_is_the_matter_few_report_anything() -> None:
    random = np.random.default_rng(11)
    entitled = random.integers(30, 900, 60)
    reported = sum(bool(stands_out(random.binomial(entitled, 0.4), entitled)[2].any()) for _ in range(200))
    assert reported <= 14


def test_p_is_twice_the_smaller_tail_of_the_binomial() -> None:
    unused, entitled = ints(60, 300, 310), ints(100, 900, 900)
    p, _, relevant = stands_out(unused, entitled)
    tail = stats.binom(100, 610 / 1800).sf(59)
    assert p[0] == pytest.approx(2 * tail)
    assert relevant.tolist() == [True, False, False]


def figures(
    rows: list[tuple[str, str, str, float | None, float | None, float | None]], axis: str
) -> pa.Table:
    """Figures from level, area, category, value, numerator and denominator; a value of None is hidden."""
    told = [
        {"indicator": "i", "level": level, "area": area, "division": 2025, "period": "2025", axis: category, "value": value,
         "numerator": above, "denominator": below, "status": "primary" if value is None else "ok"}
        for level, area, category, value, above, below in rows
    ]  # fmt: skip
    return pa.Table.from_pylist(told, pa.schema([*FIGURES, pa.field(axis, pa.string())]))


def ground(*codes: str) -> Ground:
    return Ground(list(codes), dict.fromkeys(codes, "GM1"), None, {}, 2025)


def shares(counts: dict[tuple[str, str, str], tuple[float, float] | None]) -> pa.Table:
    rows = [
        (*key, None, None, None) if told is None else (*key, told[0] / told[1] * 100, *told)
        for key, told in counts.items()
    ]
    return figures(rows, "bron")  # type: ignore[arg-type]


def test_who_leaves_it_unused_is_told_of_areas_of_all_and_of_groups() -> None:
    counts: dict[tuple[str, str, str], tuple[float, float] | None] = {
        ("wijk", "W1", "TOTAL"): (30, 100), ("wijk", "W2", "TOTAL"): (300, 1000), ("wijk", "W3", "TOTAL"): (400, 500), ("wijk", "W4", "TOTAL"): None,
        ("gemeente", "GM1", "TOTAL"): (760, 1700), ("gemeente", "GM1", "werk"): (560, 800), ("gemeente", "GM1", "anders"): (200, 900),
    }  # fmt: skip
    analysis = _ANALYSES.validate_python({
        "id": "f", "title": {"nl": "Wie?"}, "pattern": "take_up", "indicator": "i", "level": "wijk", "groups": ("bron",),
        "rule_errors": {"wrongly": (0.0, 0.1), "missed": (0.0, 0.1), "because": {"nl": "Zomaar."}},
    })  # fmt: skip
    rows = look_for(analysis, {"i": shares(counts)}, ground("W1", "W2", "W3", "W4")).to_pylist()
    judged = {row["area"] or row["group"]: row for row in rows if row["method"] == "take_up"}
    assert {name for name, row in judged.items() if row["relevant"]} == {
        "W1",
        "W2",
        "W3",
        "bron=werk",
        "bron=anders",
    }
    assert judged["W4"]["status"] == "not_available"
    assert judged["W4"]["observed"] is None
    assert judged["bron=werk"]["estimate"] == pytest.approx(100 * (1 - 0.3 / 0.95))
    assert judged["W2"]["statistic"] == 1000
    entitled = {row["group"]: row for row in rows if row["method"] == "entitled" and row["group"]}
    assert (entitled["TOTAL"]["lower"], entitled["TOTAL"]["upper"]) == pytest.approx((1530, 1700 / 0.9))


def limits(side: str = "up_to", **more: object) -> Analysis:
    called = {"nl": "{limit}"}
    declared = {"id": "f", "title": {"nl": "Wat als?"}, "pattern": "other_limit", "indicator": "i", "level": "wijk", "dimension": "k",
                "limits": ("1", "2", "3"), "limit": "2", "side": side, "called": called}  # fmt: skip
    return _ANALYSES.validate_python({**declared, **more})


def classes(*of_areas: tuple[str, str, dict[str, float | None]]) -> pa.Table:
    return figures(
        [(level, area, k, n, None, None) for level, area, counts in of_areas for k, n in counts.items()], "k"
    )


def at_limits(
    analysis: Analysis, table: pa.Table, more: dict[str, pa.Table] | None = None
) -> dict[str, list[float | None]]:
    found: dict[str, list[float | None]] = {}
    for row in look_for(analysis, {"i": table, **(more or {})}, ground("W1", "W2")).to_pylist():
        found.setdefault(row["area"] or "all", []).append(row["estimate"])
    return found


W1 = ("wijk", "W1", {"TOTAL": 100.0, "1": 10.0, "2": 20.0, "3": 30.0, "meer": 40.0})


def test_what_lies_up_to_a_limit_is_counted_and_what_lies_from_it() -> None:
    assert at_limits(limits(), classes(W1))["W1"] == [10, 30, 60]
    assert at_limits(limits("from", limits=("2", "3", "meer")), classes(W1))["W1"] == [90, 70, 40]


def test_a_hidden_class_is_counted_only_where_the_public_can_count_it_too() -> None:
    """With the lowest two classes hidden, both together are known from the rest; what each of them holds is not."""
    hidden = ("wijk", "W1", {**W1[2], "1": None, "2": None})
    assert at_limits(limits(), classes(hidden))["W1"] == [None, 30, 60]
    without_total = ("wijk", "W1", {**W1[2], "1": None, "TOTAL": None})
    with pytest.raises(ZichtError):
        at_limits(limits(), classes(without_total))


def test_the_whole_is_told_without_an_area_and_an_area_without_figures_is_absent() -> None:
    found = at_limits(
        limits(),
        classes(
            W1, ("gemeente", "GM1", {"TOTAL": 1000.0, "1": 100.0, "2": 200.0, "3": 300.0, "meer": 400.0})
        ),
    )
    assert found["all"] == [100, 300, 600]
    assert found["W2"] == [None]


def test_a_share_is_told_of_all_units_or_of_those_of_another_indicator() -> None:
    assert at_limits(limits(per=1000), classes(W1))["W1"] == [100, 300, 600]
    other = shares({("wijk", "W1", "TOTAL"): (30, 200)})
    assert at_limits(limits(per=100, of="o"), classes(W1), {"o": other})["W1"] == [5, 15, 30]


def test_where_nothing_is_public_the_finding_is_refused_with_advice() -> None:
    hidden = ("wijk", "W1", dict.fromkeys(W1[2]))
    with pytest.raises(ZichtError, match="of no area the figures at the limits of `k` are public"):
        look_for(limits(), {"i": classes(hidden)}, ground("W1"))
