"""Corona per month: every wave is one report about the whole country, and the end of test advice is a break and no alarm."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path

import pytest
from built_apart import Example

pytestmark = [pytest.mark.shared, pytest.mark.slow]
WAVES = ["2020-10", "2021-11", "2022-01", "2022-02"]


def rows(covid: Example, finding: str) -> list[dict[str, object]]:
    table = covid.release.findings()
    assert table is not None
    return [row for row in table.to_pylist() if row["finding"] == finding]


def test_each_wave_is_one_report_about_all_gemeenten_and_not_hundreds(covid: Example) -> None:
    found = rows(covid, "maanden_die_opvallen")
    assert sorted(str(row["period"]) for row in found if row["area"] is None) == WAVES
    own = Counter(str(row["period"]) for row in found if row["area"] and row["relevant"])
    assert not set(WAVES) & set(own)
    assert [month for month in own if month >= "2022-03"] == []


def test_what_is_said_of_a_wave_is_what_rivm_counted(covid: Example, shared: Path) -> None:
    with gzip.open(shared / "data" / "covid" / "monthly_gemeente_derived.csv.gz", "rt") as file:
        counted = [row for row in csv.DictReader(file) if row["month"] in WAVES]
    told = {
        str(row["period"]): row["observed"]
        for row in rows(covid, "maanden_die_opvallen")
        if row["area"] is None
    }
    assert told == {month: sum(int(row["positive_tests"]) for row in counted if row["month"] == month) for month in WAVES}  # fmt: skip


def test_the_end_of_test_advice_is_a_break_and_omikron_one_in_tests_beside_admissions(covid: Example) -> None:
    breaks = {row["period"]: row["estimate"] for row in rows(covid, "anders_getest") if row["area"] is None}
    assert sorted(breaks) == ["2020-10", "2021-11", "2022-04"]
    assert breaks["2022-04"] < 0.2
    beside = [row["period"] for row in rows(covid, "tests_naast_opnames") if row["area"] is None]
    assert beside == ["2022-01"]


def test_the_page_names_the_waves_and_the_month_in_which_testing_ended(covid: Example) -> None:
    page = (covid.site / "product" / "golven" / "index.html").read_text("utf-8")
    assert (
        "Daarvan gaan er 4 over alle gemeenten tegelijk: oktober 2020, november 2021, januari 2022 en februari 2022."
        in page
    )
    assert "Vanaf april 2022 is het nog 5% van wat het was" in page
    assert "Dit signaal wacht op duiding." in page
