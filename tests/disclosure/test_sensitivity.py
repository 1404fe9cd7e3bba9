"""Each rule of each profile, at its border."""

from __future__ import annotations

import pyarrow as pa
import pytest
from tables_as_text import crosstab, tree

from zicht.disclosure import PROFILES, Dimension, Profile, Table, protect

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


def test_every_profile_says_where_it_comes_from() -> None:
    assert {"microdata", "acro", "rdsc", "open"} <= set(PROFILES)
    for name, profile in PROFILES.items():
        assert profile.id == name
        assert profile.description
    assert Dimension.flat("x", ("yes", "no")).harmless == ("no", "nee")
