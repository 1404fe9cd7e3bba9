"""Each rule of each profile, at its border."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pytest
from tables_as_text import crosstab, tree

from zicht.disclosure import PROFILES, Dimension, Profile, Table, protect
from zicht.disclosure.rules import REASONS, Sensitivity, assess
from zicht.errors import DisclosureError

TWO = tree("area", "GM > B1 B2")


def reasons(table: Table, profile: Profile) -> dict[str, str]:
    rows = protect([table], profile).status(table.name).to_pylist()
    names = [d.name for d in table.dimensions]
    return {" ".join(row[name] for name in names): row["reason"] for row in rows if row["reason"]}


def counted(first: int, second: int = 1000) -> Table:
    numbers = [first + second, first, second]
    return Table(
        "t",
        (TWO,),
        pa.table({"area": ["GM", "B1", "B2"], "value": [float(n) for n in numbers], "n": numbers}),
    )


@pytest.mark.parametrize(
    ("profile", "least"),
    [
        ("microdata", 10),
        ("acro", 10),
        ("rdsc", 5),
        ("kwb-energie", 6),
        ("kwb-pct-bevolking", 50),
        ("kwb-woning", 20),
        ("kwb-arbeid", 150),
        ("kwb-inkomen", 100),
        ("kwb-dichtheid", 10),
        ("kwb-telling", 5),
        ("cbs-microdata", 10),
        ("cbs-publicatie", 3),
        ("ons-srs", 10),
        ("eurostat-census", 3),
    ],
)
def test_fewer_units_than_the_profile_asks_are_hidden_and_just_enough_are_not(
    profile: str, least: int
) -> None:
    assert set(reasons(counted(least - 1), PROFILES[profile])) == {"B1"}
    assert reasons(counted(least), PROFILES[profile]) == {}


def test_an_empty_cell_is_no_small_cell_unless_zeros_are_secret() -> None:
    assert reasons(counted(0), PROFILES["microdata"]) == {}
    secret = Profile("secret", max_group_share=None, zeros_published=False)
    assert reasons(counted(0), secret) == {"B1": "zero"}


def test_the_base_of_a_percentage_counts_over_all_categories() -> None:
    table = crosstab(TWO, "area | yes | no\nB1 | 12 | 30\nB2 | 40 | 400")
    assert reasons(table, PROFILES["kwb-pct-bevolking"]) == {
        f"B1 {kind}": "min_base" for kind in ("TOTAL", "yes", "no")
    }


@pytest.mark.parametrize(("debt", "hidden"), [(90, False), (91, True)])
def test_a_cell_may_hold_nine_tenths_of_its_row_and_no_more(debt: int, hidden: bool) -> None:
    table = crosstab(TWO, f"area | debt | other\nB1 | {debt} | {100 - debt}\nB2 | 400 | 500")
    assert (reasons(table, PROFILES["microdata"]).get("B1 debt") == "group_share") == hidden


@pytest.mark.parametrize("levels", ["NL > GM1 GM2\nGM1 > B1 B2", "NL > GM2 B1 B2"])
def test_a_share_of_a_larger_area_reveals_nothing(levels: str) -> None:
    table = crosstab(
        tree("area", levels), "area | a | b\nB1 | 300 | 300\nB2 | 12 | 12\nGM2 | 9 | 9".replace("9", "10")
    )
    assert reasons(table, PROFILES["microdata"]) == {}


def test_a_dimension_can_be_declared_to_reveal_nothing() -> None:
    table = crosstab(TWO, "area | house | flat\nB1 | 95 | 15\nB2 | 400 | 20", reveals=False)
    assert reasons(table, PROFILES["microdata"]) == {}


def summed(largest: float, second: float, total: float = 1000.0) -> Table:
    columns = {
        "area": ["GM", "B1", "B2", "B3"],
        "value": [total + 9000, total, 4500.0, 4500.0],
        "n": [120, 40, 40, 40],
        "largest": [largest, largest, 200.0, 200.0],
        "second": [second, second, 200.0, 200.0],
    }
    return Table("t", (tree("area", "GM > B1 B2 B3"),), pa.table(columns))


@pytest.mark.parametrize(
    ("profile", "largest", "second", "reason"),
    [
        ("microdata", 500, 100, None),
        ("microdata", 501, 100, "largest_share"),
        ("acro", 480, 420, None),
        ("acro", 480, 421, "dominance"),
        ("rdsc", 450, 400, None),
        ("rdsc", 450, 401, "dominance"),
    ],
)
def test_a_sum_that_one_or_two_contributors_dominate_is_hidden(
    profile: str, largest: float, second: float, reason: str | None
) -> None:
    assert reasons(summed(largest, second), PROFILES[profile]) == ({"B1": reason} if reason else {})


@pytest.mark.parametrize(("rest", "hidden"), [(80, False), (79, True)])
def test_the_second_contributor_may_not_estimate_the_first_within_ten_percent(
    rest: float, hidden: bool
) -> None:
    profile = Profile("p", max_group_share=None, p_percent=10)
    assert ("B1" in reasons(summed(800, 1000 - 800 - rest), profile)) == hidden


def one_cell(profile: Profile, **columns: object) -> tuple[str, Sensitivity]:
    """The reason that a cell is hidden, and what is asked of it, given its columns."""
    cells = {"area": ["GM"], **{name: [content] for name, content in columns.items()}}
    found = assess(Table("t", (tree("area", "GM > B1"),), pa.table(cells)), profile)
    return REASONS[int(found.reason[0])], found


@pytest.mark.parametrize(
    ("rule", "reason", "upper"),
    [
        ({"max_largest_share": 0.5}, "largest_share", 600 / 0.5 - 1000),
        ({"p_percent": 90.0}, "p_percent", 0.9 * 600 - 100),
        ({"p_percent": 20.0, "q_percent": 40.0}, "p_percent", 0.5 * 600 - 100),
        ({"dominance": (1, 0.5)}, "dominance", 600 / 0.5 - 1000),
        ({"dominance": (2, 0.8)}, "dominance", (600 + 300) / 0.8 - 1000),
    ],
)
def test_the_interval_of_a_sum_must_reach_where_its_rule_would_not_apply(
    rule: dict[str, object], reason: str, upper: float
) -> None:
    profile = Profile("p", max_group_share=None, sum_margin=0.0, **rule)  # type: ignore[arg-type]
    found, asked = one_cell(profile, value=1000.0, n=40, largest=600.0, second=300.0)
    assert found == reason
    assert asked.upper[0] == pytest.approx(upper)
    assert asked.lower[0] == pytest.approx(upper)


def test_who_gave_leave_needs_no_protection() -> None:
    profile = Profile("p", min_units=3, max_group_share=None, p_percent=10)
    exposed = {"value": 1000.0, "n": 2, "largest": 900.0, "second": 60.0}
    assert one_cell(profile, **exposed)[0] == "min_units"
    assert one_cell(profile, **exposed | {"waived": 1})[0] == "min_units"
    assert one_cell(profile, **exposed | {"waived": 2})[0] == ""
    # The largest of the others is 60; who gave leave could still compute it.
    left = {"value": 1000.0, "n": 4, "largest": 60.0, "second": 937.0, "waived": 1}
    assert one_cell(profile, **left)[0] == "p_percent"
    assert one_cell(profile, **left | {"second": 900.0})[0] == ""


def test_a_contributor_in_a_sample_stands_for_several_alike() -> None:
    profile = Profile("p", min_units=0, max_group_share=None, dominance=(1, 0.7))
    two = {"value": 470.0, "n": 2, "largest": 100.0, "second": 10.0}
    assert one_cell(profile, **two | {"largest_weight": 4.0, "second_weight": 7.0})[0] == ""
    pairs = dataclasses.replace(profile, dominance=(2, 0.4))
    assert one_cell(pairs, **two)[0] == ""  # 110 of 470
    assert one_cell(pairs, **two | {"largest_weight": 4.0})[0] == "dominance"  # 200 of 470
    assert one_cell(pairs, **two | {"largest_weight": 1.5})[0] == ""  # 100 + 50 + 5 of 470


@pytest.mark.parametrize(
    ("requested", "n", "hidden"), [(0.0, 1, False), (701.0, 9, True), (700.0, 9, False), (1.0, 2, True)]
)
def test_in_foreign_trade_only_who_asked_is_protected(requested: float, n: int, hidden: bool) -> None:
    cell = {"value": 1000.0, "n": n, "largest": 701.0, "second": 200.0, "requested": requested}
    assert (one_cell(PROFILES["trade"], **cell)[0] == "request") == hidden


@pytest.mark.parametrize(
    ("profile", "column", "least", "reason"),
    [
        ("kwb-woning", "objects", 50, "min_objects"),
        ("microdata", "degrees_of_freedom", 10, "min_degrees"),
        ("acro", "degrees_of_freedom", 10, "min_degrees"),
    ],
)
def test_a_mean_or_a_model_needs_enough_to_rest_on(
    profile: str, column: str, least: int, reason: str
) -> None:
    cell = {"value": 7.5, "n": 200}
    assert one_cell(PROFILES[profile], **cell | {column: least})[0] == ""
    assert one_cell(PROFILES[profile], **cell | {column: least - 1})[0] == reason


@pytest.mark.parametrize(("unknown", "hidden"), [(50, set()), (51, {"B1 own", "B1 rent", "B1 unknown"})])
def test_shares_of_a_row_that_is_mostly_unknown_are_hidden(unknown: int, hidden: set[str]) -> None:
    rent = 100 - 30 - unknown
    table = crosstab(
        TWO,
        f"area | own | rent | unknown\nB1 | 30 | {rent} | {unknown}\nB2 | 40 | 50 | 10",
        unknown=("unknown",),
    )
    found = reasons(table, PROFILES["kwb-woning"])
    assert {cell for cell, reason in found.items() if reason == "unknown_share"} == hidden


def test_that_all_of_a_group_are_in_one_category_is_hidden_unless_the_category_says_nothing() -> None:
    table = crosstab(TWO, "area | debt | none\nB1 | 40 | 0\nB2 | 30 | 50")
    profile = Profile("p", min_units=0, max_group_share=None, all_but_one_zero=True)
    assert reasons(table, profile) == {"B1 debt": "all_but_one_zero"}
    unknown = crosstab(TWO, "area | debt | none\nB1 | 40 | 0\nB2 | 30 | 50", unknown=("debt",))
    assert reasons(unknown, profile) == {}


def test_the_maker_of_a_table_may_say_what_is_sensitive_and_by_how_much() -> None:
    cell = {"value": 1000.0, "n": 40, "largest": 100.0, "second": 90.0, "sensitive": True}
    reason, asked = one_cell(PROFILES["open"], **cell, protect_lower=20.0, protect_upper=30.0)
    assert (reason, asked.lower[0], asked.upper[0], asked.width[0]) == ("given", 20.0, 30.0, 0.0)
    reason, asked = one_cell(PROFILES["open"], **cell)
    assert (asked.lower[0], asked.upper[0]) == (100.0, 100.0)


def test_no_more_uncertainty_is_asked_than_there_was_before() -> None:
    profile = Profile("p", max_group_share=None)
    asked = one_cell(profile, value=7.0, n=7, known_lower=6.5, known_upper=7.5)[1]
    assert (asked.width[0], asked.floor[0], asked.ceiling[0]) == (1.0, 6.5, 7.5)
    asked = one_cell(profile, value=7.0, n=7, known_lower=3.0, known_upper=12.0)[1]
    assert asked.width[0] == 2.0


@pytest.mark.parametrize(("attackers", "floor"), [(("A0", "A1"), 0.0), (("A0", "A1", "A2"), 1.0)])
def test_that_a_hidden_count_is_no_zero_is_known_to_some_attackers_only(
    attackers: tuple[str, ...], floor: float
) -> None:
    asked = one_cell(Profile("p", max_group_share=None, attackers=attackers), value=3.0, n=3)[1]
    assert asked.floor[0] == floor


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"dominance": (3, 0.8)}, "counts the 3 largest contributions; a table holds the two largest"),
        ({"max_group_share": 1.2}, "share that does not lie above 0 and at most 1"),
        ({"p_percent": 50.0, "q_percent": 20.0}, "0 < p ≤ q ≤ 100"),
        ({"attackers": ("A0", "A9")}, "names the attack 'A9'"),
        ({"coalition": 0}, "coalitions of 0"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(rule: dict[str, object], said: str) -> None:
    with pytest.raises(DisclosureError, match=said):
        Profile("p", **rule)  # type: ignore[arg-type]


def test_rules_that_look_at_no_cell_leave_every_one_in_sight() -> None:
    found = assess(summed(999, 1), PROFILES["open"])
    assert not found.primary.any()
    assert not np.any(found.lower + found.upper + found.width)


def test_every_profile_says_where_it_comes_from() -> None:
    assert {"microdata", "acro", "rdsc", "open"} <= set(PROFILES)
    for name, profile in PROFILES.items():
        assert profile.id == name
        assert profile.description
    assert Dimension.flat("x", ("yes", "no")).harmless == ("no", "nee")
