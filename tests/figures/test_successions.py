"""A series of gemeenten over years is about the land of today: what merged is added up, what cannot be followed is said."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pytest
from figure_tables import Shown, arrow, dimension, indicator, register

from zicht.areas import Areas, Successions
from zicht.engine import DuckDBEngine
from zicht.errors import ZichtError
from zicht.figures import Computed, compute

HISTORY = """gemeentecode;gemeentenaam;begindatum;einddatum
9001;Oost;1970-01-01;2018-01-01
9002;West;1970-01-01;2018-01-01
9003;Oostwest;2018-01-01;
9004;Oud;1970-01-01;2017-01-01
9005;Nieuw;2017-01-01;
9006;Gedeeld;1970-01-01;2019-01-01
9007;Links;1970-01-01;
9008;Rechts;1970-01-01;
9009;Groot;1970-01-01;
9010;Klein;1970-01-01;2020-01-01
9011;Zelfde;1970-01-01;
"""
WRITTEN = """code,successor,date,source
9001,9003,2018-01-01,Act A
9002,9003,2018-01-01,Act A
9004,9005,2017-01-01,Act B
9006,9007,2019-01-01,Act C
9006,9008,2019-01-01,Act C
9010,9009,2020-01-01,Act D
"""
NOW = ("GM9003", "GM9005", "GM9007", "GM9008", "GM9009", "GM9011")
THEN = """
    area   | period | number
    -------+--------+-------
    GM9001 | 2016   | 1
    GM9002 | 2016   | 2
    GM9004 | 2016   | 4
    GM9006 | 2016   | 8
    GM9007 | 2016   | 16
    GM9008 | 2016   | 32
    GM9009 | 2016   | 64
    GM9010 | 2016   | 128
    GM9011 | 2016   | 256
"""


@pytest.fixture
def successions(tmp_path: Path) -> Successions:
    (tmp_path / "history.csv").write_text(HISTORY, "utf-8")
    (tmp_path / "written.csv").write_text(WRITTEN, "utf-8")
    return Successions.read(tmp_path / "history.csv", tmp_path / "written.csv")


def gemeenten(*codes: str) -> Areas:
    return Areas.from_tables(2024, {"gemeente": pa.table({"code": sorted(codes), "name": sorted(codes)})})


def taken(
    table: pa.Table | str, successions: Successions | None, *, areas: Areas | None = None, dimensions=(), **declared: object
) -> Computed:  # fmt: skip
    """One indicator `it` that is taken over; its value is the column `number` where nothing else is declared."""
    units = arrow(table) if isinstance(table, str) else table
    units = units.set_column(units.column_names.index("period"), "period", units["period"].cast(pa.string()))
    one = indicator("it", "take", **{"value": "number", "by": tuple(d.id for d in dimensions), **declared})
    with DuckDBEngine(threads=2) as engine:
        engine.add("units", units)
        known = {d.id: d for d in dimensions}
        return compute(
            engine, register(units), "units", [one], known, areas or gemeenten(*NOW), None, successions
        )


def shown(made: Computed) -> Shown:
    return Shown(made.figures["it"])


def said(made: Computed) -> list[str]:
    return [str(left) for left in made.leftovers.get("it", ())]


def test_values_of_gemeenten_that_merged_are_added_up_and_land_that_was_divided_is_not_followed(
    successions: Successions,
):
    made = taken(THEN, successions, adds_up=True)
    shown(made).are("""
        area   | period | value | status
        -------+--------+-------+--------------
        GM9003 | '2016' | 3     | ok
        GM9005 | '2016' | 4     | ok
        GM9007 | '2016' |       | not_available
        GM9008 | '2016' |       | not_available
        GM9009 | '2016' | 192   | ok
        GM9011 | '2016' | 256   | ok
    """)
    divided = "GM9006 Gedeeld was divided on 2019-01-01 over GM9007 Links, GM9008 Rechts and cannot be followed (Act C)."
    assert said(made) == [
        f"1 rows where the area is 'GM9006' in 2016: in no figure. {divided}",
        f"1 rows where the area is 'GM9007' in 2016: in no figure. GM9007 Links also got land of GM9006 Gedeeld. {divided}",
        f"1 rows where the area is 'GM9008' in 2016: in no figure. GM9008 Rechts also got land of GM9006 Gedeeld. {divided}",
    ]


def test_what_does_not_add_up_is_carried_over_only_where_it_is_the_same_land(successions: Successions):
    made = taken(THEN, successions)
    shown(made).are("""
        area   | value | status
        -------+-------+--------------
        GM9003 |       | not_available
        GM9005 | 4     | ok
        GM9007 |       | not_available
        GM9008 |       | not_available
        GM9009 |       | not_available
        GM9011 | 256   | ok
    """)
    merged = "became GM9003 Oostwest on 2018-01-01 (Act A). Its value cannot be carried over, because it does not add up."
    joined = "GM9010 Klein became GM9009 Groot on 2020-01-01 (Act D). Its value cannot be carried over, because it does not add up."
    assert said(made)[:2] == [
        f"1 rows where the area is 'GM9001' in 2016: in no figure. GM9001 Oost {merged}",
        f"1 rows where the area is 'GM9002' in 2016: in no figure. GM9002 West {merged}",
    ]
    assert said(made)[-2:] == [
        f"1 rows where the area is 'GM9009' in 2016: in no figure. {joined}",
        f"1 rows where the area is 'GM9010' in 2016: in no figure. {joined}",
    ]


def test_without_successions_and_in_the_year_of_the_division_rows_are_what_they_are(successions: Successions):
    without = taken(THEN, None, adds_up=True)
    shown(without).where(area="GM9009").are("value\n-----\n64")
    assert "1 rows where the area is 'GM9001': in no figure" in said(without)
    now = taken(
        "area | period | number\n---\nGM9009 | 2024 | 5\nGM9001 | 2024 | 6", successions, adds_up=True
    )
    shown(now).where(area="GM9009").are("value\n-----\n5")
    assert said(now) == ["1 rows where the area is 'GM9001': in no figure"]


def test_a_sum_with_a_part_missing_is_no_sum(successions: Successions):
    made = taken(
        """
        area   | period | number
        -------+--------+-------
        GM9001 | 2016   | 1
        GM9002 | 2016   |
        GM9009 | 2016   |
        GM9001 | 2017   | 5
        GM9009 | 2017   | 7
        GM9010 | 2017   | 8
        """,
        successions, adds_up=True, areas=gemeenten("GM9003", "GM9009"),
    )  # fmt: skip
    shown(made).are("""
        area   | period | value | status
        -------+--------+-------+--------------
        GM9003 | '2016' |       | not_available
        GM9009 | '2016' |       | not_available
        GM9003 | '2017' |       | not_available
        GM9009 | '2017' | 15    | ok
    """)
    lacks = "GM9001 Oost became GM9003 Oostwest on 2018-01-01 (Act A). Its value cannot be added to those of the others: there is none of GM9002."
    assert said(made) == [
        f"1 rows where the area is 'GM9001' in {year}: in no figure. {lacks}" for year in (2016, 2017)
    ]


def test_a_hidden_part_hides_the_sum_and_an_unreliable_part_makes_it_unreliable(successions: Successions):
    made = taken(
        """
        area   | period | number | number__status
        -------+--------+--------+---------------
        GM9001 | 2016   | 1      | primary
        GM9002 | 2016   | 2      |
        GM9009 | 2016   | 3      | unreliable
        GM9010 | 2016   | 4      |
        GM9004 | 2016   |        | not_yet_published
        """,
        successions, adds_up=True, areas=gemeenten("GM9003", "GM9005", "GM9009"),
    )  # fmt: skip
    shown(made).are("""
        area   | value | status
        -------+-------+------------------
        GM9003 |       | not_available
        GM9005 |       | not_yet_published
        GM9009 | 7     | unreliable
    """)
    assert len(said(made)) == 1
    assert "there is none of GM9001" in said(made)[0]


def test_categories_are_followed_each_on_its_own(successions: Successions):
    kind = dimension("kind", "kind", "a", "b")
    made = taken(
        """
        area   | period | kind | number
        -------+--------+------+-------
        GM9001 | 2016   | a    | 1
        GM9002 | 2016   | a    | 2
        GM9001 | 2016   | b    | 4
        GM9001 | 2016   |      | 5
        GM9002 | 2016   |      | 9
        """,
        successions, adds_up=True, areas=gemeenten("GM9003"), dimensions=(kind,),
    )  # fmt: skip
    shown(made).are("""
        kind  | value
        ------+------
        TOTAL | 14
        a     | 3
        b     |
    """)
    assert len(said(made)) == 1


def test_a_deliverer_who_followed_the_land_already_is_believed(successions: Successions):
    made = taken(
        """
        area   | period | number
        -------+--------+-------
        GM9003 | 2016   | 3
        GM9001 | 2016   |
        GM9009 | 2016   | 64
        GM9008 | 2016   | 7
        """,
        successions, adds_up=True, areas=gemeenten("GM9003", "GM9008", "GM9009"),
    )  # fmt: skip
    shown(made).are("area | value\n---\nGM9003 | 3\nGM9008 | 7\nGM9009 | 64")
    assert said(made) == []


def test_empty_rows_of_gemeenten_that_are_no_more_say_nothing_and_full_ones_are_said(
    successions: Successions,
):
    made = taken(
        """
        area   | period | number
        -------+--------+-------
        GM9001 | 2020   |
        GM9002 | 2020   | 5
        GM9003 | 2020   | 6
        GM0999 | 2020   | 7
        """,
        successions, adds_up=True, areas=gemeenten("GM9003"),
    )  # fmt: skip
    shown(made).are("value\n---\n6")
    assert said(made) == [
        "1 rows where the area is 'GM0999': in no figure",
        "1 rows where the area is 'GM9002' in 2020: in no figure. GM9002 West did not exist any more on 2020-01-01:"
        " it ended on 2018-01-01.",
    ]


def test_a_gemeente_that_stands_twice_is_refused_before_it_is_added_up(successions: Successions):
    with pytest.raises(ZichtError, match="Area GM9001 stands 2 times in period 2016"):
        taken("area | period | number\n---\nGM9001 | 2016 | 1\nGM9001 | 2016 | 1", successions, adds_up=True)


@pytest.mark.shared
def test_355_gemeenten_of_2020_are_followed_to_the_342_of_2024(shared: Path):
    folder = shared / "data/regions"
    real = Successions.read(folder / "gemeentelijke-indeling.csv", folder / "rvig_tabel33_gemeenten_2019.csv")
    with (folder / "gemeentelijke-indeling.csv").open(encoding="utf-8") as file:
        lives = list(csv.DictReader(file, delimiter=";"))

    def division(year: int) -> list[str]:
        day = f"{year}-01-01"
        return [
            f"GM{x['gemeentecode']}" for x in lives if x["begindatum"] <= day < (x["einddatum"] or "9999")
        ]

    before, now = division(2020), division(2024)
    assert (len(before), len(now)) == (355, 342)
    table = pa.table({"area": before, "period": ["2020"] * 355, "number": pa.array([1.0] * 355)})
    made = taken(table, real, adds_up=True, areas=gemeenten(*now))
    rows = {row["area"]: row for row in made.figures["it"].to_pylist()}
    assert len(rows) == 342
    # Haaren was divided over four gemeenten in 2021: those five are in no figure, everybody else is.
    lost = {left.value for left in made.leftovers["it"]}
    assert lost == {"GM0788", "GM0757", "GM0824", "GM0855", "GM0865"}
    assert all("GM0788 Haaren was divided on 2021-01-01" in text for text in said(made))
    assert {code for code, row in rows.items() if row["status"] != "ok"} == lost - {"GM0788"}
    assert sum(row["value"] or 0 for row in rows.values()) == 355 - 5
    assert rows["GM1979"]["value"] == 3  # Eemsdelta: Appingedam, Delfzijl, Loppersum
    assert rows["GM1982"]["value"] == 5  # Land van Cuijk
    assert rows["GM0363"]["value"] == 2  # Amsterdam with Weesp
    assert rows["GM0344"]["value"] == 1
