"""What holds of figures whatever the indicator: their shape, their intervals, and what goes wrong."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from figure_tables import arrow, city, computed, dimension, indicator, register
from scipy import stats

import zicht.figures.cube as cube
from zicht.errors import ZichtError
from zicht.figures import (
    FIGURES,
    STATUSES,
    SUMS,
    Leftover,
    check_sums,
    complete_rates,
    figure_schema,
    garwood,
    wilson,
)

PERSONS = arrow("""
    id | buurt      | sex | age | income
    ---+------------+-----+-----+-------
    1  | BU90010101 | m   | 10  |
    2  | BU90010101 | v   | 30  | 100.5
    3  | BU90010102 | v   | 40  | 200
""")


def test_a_figure_has_the_columns_of_the_house_with_its_breakdowns_after_the_period():
    assert FIGURES.names == [
        "indicator", "area", "division", "level", "period", "value", "numerator", "denominator", "n", "largest", "second",
        "lower", "upper", "status",
    ]  # fmt: skip
    assert figure_schema(["sex", "age"]).names[4:8] == ["period", "sex", "age", "value"]


@pytest.mark.parametrize(
    "measure", ["count", "share", "rate", "sum", "mean", "median", "percentile", "distinct", "take"]
)
def test_every_measure_gives_a_valid_table_of_that_shape(measure):
    fields = {
        "share": {"numerator": "age >= 18"}, "rate": {"numerator": "age >= 18"}, "percentile": {"percentile": 10, "value": "income"},
    }.get(measure, {} if measure == "count" else {"value": "income"})  # fmt: skip
    units = PERSONS if measure != "take" else PERSONS.slice(1)
    sex = dimension("sex", "sex", "m", "v")
    table = computed(units, indicator("it", measure, by=("sex",), **fields), dimensions=(sex,)).figures["it"]
    table.validate(full=True)
    assert table.schema.equals(figure_schema(["sex"]))
    assert set(table["status"].to_pylist()) <= set(STATUSES)
    for key in ("indicator", "area", "division", "level", "period", "sex", "status"):
        assert table[key].null_count == 0
    assert set(table["division"].to_pylist()) == {2024}


@pytest.mark.parametrize("least", [0, 2, 9], ids=["all have a value", "some", "none"])
def test_indicators_of_other_levels_have_a_status_for_each_of_their_own_areas(least):
    """Where nothing is missing, three buurten and two gemeenten are alike in the bits that say so."""
    units = pa.table({"buurt": ["BU90010101", "BU90010102", "BU90020101"], "income": [1.0, 2.0, 3.0]})
    of = {"population": f"income >= {least}"}
    levels = {"fine": ("buurt",), "coarse": ("gemeente",), "both": ("buurt", "gemeente")}
    made = computed(
        units,
        *(indicator(id_, "mean", value="income", levels=own, **of) for id_, own in levels.items()),
        areas=city(),
    )
    found = {id_: table["status"].to_pylist() for id_, table in made.figures.items()}
    assert {id_: len(own) for id_, own in found.items()} == {"fine": 3, "coarse": 2, "both": 5}
    for id_, table in made.figures.items():
        assert found[id_] == [
            "not_available" if value is None else "ok" for value in table["value"].to_pylist()
        ]


def test_indicators_of_one_register_do_not_change_each_other():
    sex = dimension("sex", "sex", "m", "v")
    several = [
        indicator("a", "count", by=("sex",)), indicator("b", "mean", value="income"), indicator("c", "share", numerator="age > 20"),
        indicator("d", "median", value="age", by=("sex",)),
    ]  # fmt: skip
    together = computed(PERSONS, *several, dimensions=(sex,)).figures
    for one in several:
        assert together[one.id].equals(computed(PERSONS, one, dimensions=(sex,)).figures[one.id])


def test_wilson_agrees_with_scipy_and_is_closed_at_the_ends():
    numerator, denominator = np.array([0, 1, 5, 20, 7]), np.array([12, 10, 9, 20, 1000])
    lower, upper = wilson(numerator, denominator)
    for k, n, low, high in zip(numerator, denominator, lower, upper, strict=True):
        interval = stats.binomtest(int(k), int(n)).proportion_ci(method="wilson")
        assert (low, high) == (
            pytest.approx(interval.low, abs=1e-12),
            pytest.approx(interval.high, abs=1e-12),
        )
    assert lower[0] == 0.0
    assert upper[3] == 1.0
    assert np.isnan(wilson(np.array([0]), np.array([0]))).all()


def test_garwood_agrees_with_chi_squared():
    events = np.array([0, 1, 10, 10, 25_000])
    lower, upper = garwood(events)
    assert lower[0] == 0.0
    np.testing.assert_allclose(lower[1:], stats.chi2.ppf(0.025, 2 * events[1:]) / 2)
    np.testing.assert_allclose(upper, stats.chi2.ppf(0.975, 2 * events + 2) / 2)
    assert (round(lower[2], 3), round(upper[2], 3)) == (4.795, 18.39)


def test_an_expression_that_does_not_fit_is_told_with_the_indicator():
    with pytest.raises(ZichtError, match="Indicator `wrong` does not fit register `units`"):
        computed(PERSONS, indicator("right", "count"), indicator("wrong", "sum", value="lower(age)"))


def test_values_that_are_no_numbers_are_told_with_the_indicator():
    with pytest.raises(ZichtError, match="Indicator `wrong`"):
        computed(PERSONS, indicator("right", "count"), indicator("wrong", "sum", value="sex"))


def test_an_expression_that_is_not_allowed_is_not_run():
    with pytest.raises(ZichtError, match="may not be used"):
        computed(PERSONS, indicator("x", "count", population="read_text('/etc/passwd') = 'x'"))


def test_figures_beyond_counting_are_refused_with_advice(monkeypatch):
    monkeypatch.setattr(cube, "MAX_FIGURES", 3)
    with pytest.raises(ZichtError, match="name its `levels`"):
        computed(PERSONS, indicator("x", "count"))


def test_an_area_that_is_delivered_twice_is_not_taken_over():
    units = arrow("""
        area   | homes
        -------+------
        GM9001 | 1
        GM9001 | 2
    """)
    with pytest.raises(ZichtError, match="GM9001 stands 2 times in period 2024"):
        computed(units, indicator("x", "take", value="homes"))


def test_a_register_without_rows_has_figures_of_nought():
    empty = PERSONS.slice(0, 0)
    assert computed(empty, indicator("x", "count")).figures["x"]["value"].to_pylist() == [0.0] * 4


def test_a_rate_needs_the_figures_it_is_divided_by():
    rate = indicator("r", "rate", per_indicator="heads")
    with pytest.raises(ZichtError, match="`heads`, of which there are no figures"):
        complete_rates(dict(computed(PERSONS, rate).figures), [rate])


@pytest.mark.parametrize(
    ("children", "rounded_to", "verdict"),
    [((10, 20), None, "equal"), ((10, 15), None, "differs"), ((10, 15), 5, "rounding"), ((10, 35), 5, "differs"), ((10, None), 5, "rounding")],
)  # fmt: skip
def test_sums_are_equal_rounded_or_different(children, rounded_to, verdict):
    """Two children and a parent rounded to fives can be off by 3 × 4."""
    units = pa.table(
        {"area": ["GM9001", "BU90010101", "BU90010102"], "n": [30 if children[1] else 20, *children]}
    )
    one = indicator("x", "take", value="n", rounded_to=rounded_to, adds_up=True)
    sums = check_sums(computed(units, one, areas=city()).figures["x"], city(), one)
    assert sums.schema.equals(SUMS)
    (row,) = sums.to_pylist()
    assert (row["parent"], row["level"], row["verdict"]) == ("GM9001", "buurt", verdict)


def test_a_leftover_says_what_became_of_the_rows():
    assert str(Leftover("area", None, 3)) == "3 rows where the area is nothing: in no figure"


def test_a_contract_without_area_or_period_is_told():
    with pytest.raises(ZichtError, match="does not say one"):
        computed(PERSONS, indicator("x", "count"), period=None)
    bare = PERSONS.drop_columns(["buurt"])
    assert register(bare).area_column is None
    with pytest.raises(ZichtError, match="marks no column"):
        computed(bare, indicator("x", "count"))
