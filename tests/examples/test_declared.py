"""The two project folders on real data: what they declare, before anything is built."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from zicht.declare import Project, read_project

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module", params=["utrecht", "nederland", "covid"])
def example(request: pytest.FixtureRequest) -> Project:
    return read_project(EXAMPLES / str(request.param))


def test_the_folder_has_no_mistake_and_every_indicator_asks_a_question(example: Project) -> None:
    assert [i.id for i in example.indicators.values() if i.question is None] == []


def test_every_source_says_its_true_origin_and_where_a_local_copy_may_lie(example: Project) -> None:
    for source in example.sources.values():
        assert source.origin.file is None, source.id
        assert source.local_copy is not None, source.id
        assert source.attribution is not None, source.id


@pytest.mark.shared
def test_every_local_copy_is_there(example: Project, shared: Path) -> None:
    for source in example.sources.values():
        assert source.local_copy is not None
        assert (shared / source.local_copy.file).is_file(), source.id
    assert example.file.local_copies is not None
    assert (example.folder / example.file.local_copies).resolve() == shared.resolve()


def test_columns_of_statline_are_given_names_that_the_contract_knows(example: Project) -> None:
    for source in example.sources.values():
        if source.origin.statline is not None:
            known = {
                c.physical_name
                for r in example.registers.values()
                if r.source == source.id
                for c in r.columns
            }
            named = list(source.origin.statline.columns.values())
            assert set(named) <= known, source.id
            assert len(set(named)) == len(named), source.id


@pytest.mark.shared
def test_the_table_of_2024_has_every_column_that_is_asked_of_it(shared: Path) -> None:
    described = json.loads((shared / "data" / "odata" / "85984NED_DataProperties.json").read_text("utf-8"))
    statline = read_project(EXAMPLES / "utrecht").sources["kwb_2024"].origin.statline
    assert statline is not None
    assert {key for key in statline.columns if not key.endswith("__title")} <= {
        item["Key"] for item in described
    }


def test_no_indicator_is_left_out_of_the_themes_and_products_name_what_exists(example: Project) -> None:
    used = Counter(indicator.theme for indicator in example.indicators.values())
    assert set(used) == {theme.id for theme in example.file.themes}


def test_utrecht_declares_all_columns_of_its_workbooks_and_at_least_sixty_indicators_on_them() -> None:
    utrecht = read_project(EXAMPLES / "utrecht")
    for year in ("kwb_2023", "kwb_2024"):
        assert len(utrecht.registers[year].columns) == 121
        assert utrecht.registers[year].max_refused == 0
    assert len(utrecht.registers["nabijheid_2023"].columns) == 115
    both_years = [i for i in utrecht.indicators.values() if i.register_ == "kwb" and i.measure == "take"]
    assert len(both_years) >= 60
    assert {i.levels for i in both_years} == {None}  # none is kept to fewer than the three levels


def test_the_country_declares_at_least_twenty_five_indicators_in_dutch_only() -> None:
    country = read_project(EXAMPLES / "nederland")
    assert len(country.indicators) >= 25
    assert country.file.languages == ("nl",)


def test_counts_that_cbs_rounds_say_so_and_the_crimes_of_the_police_do_not() -> None:
    utrecht = read_project(EXAMPLES / "utrecht")
    assert (utrecht.indicators["inwoners"].rounded_to, utrecht.indicators["inwoners"].adds_up) == (5, True)
    country = read_project(EXAMPLES / "nederland")
    assert (country.indicators["misdrijven"].rounded_to, country.indicators["misdrijven"].adds_up) == (
        None,
        True,
    )
