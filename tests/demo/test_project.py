"""The project folder of Voorbeeldstad is right, complete in two languages, and says nothing the data do not bear out."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import fastexcel
import pyarrow.parquet as pq
import pytest
import yaml

import zicht.demo
from zicht.declare import Project, columns_used, read_project
from zicht.demo import packs, voorbeeldstad

FOLDER = Path(zicht.demo.__file__).parent / "voorbeeldstad"
SENSITIVE = ("personal", "special", "criminal", "identifying")


@pytest.fixture(scope="module")
def project() -> Project:
    return read_project(FOLDER)


def test_there_are_forty_indicators_in_nine_themes_and_six_products_at_least(project):
    assert len(project.indicators) >= 40
    assert len(project.file.themes) == 9
    assert {indicator.theme for indicator in project.indicators.values()} == {
        theme.id for theme in project.file.themes
    }
    assert len(project.products) >= 6
    of_packs = {Path(file).stem for pack in packs() for file in pack.files}
    assert all(
        product.question.nl.endswith("?") and len(product.indicators) >= (2 if product.id in of_packs else 5)
        for product in project.products.values()
    )


def test_every_page_says_that_the_city_is_invented(project):
    assert "verzonnen" in project.file.notice.nl
    assert "invented" in project.file.notice.en
    assert all("verzonnen" in source.attribution.nl for source in project.sources.values())


def test_every_public_text_is_there_in_dutch_and_english():
    lacking = [
        f"{path.name}: {text['nl'][:60]}"
        for path in sorted(FOLDER.rglob("*.yaml"))
        if path.parent.name != "registers"
        for text in _texts(_plain(path))
        if not text.get("en")
    ]
    assert lacking == []


def test_every_indicator_asks_a_question_and_what_is_sensitive_says_what_it_is_no_proof_of(project):
    for indicator in project.indicators.values():
        assert indicator.question is not None, indicator.id
        assert indicator.question.nl.endswith("?"), indicator.id
        if indicator.theme == "vastgoed" and indicator.measure == "rate":
            assert indicator.phenomenon, indicator.id
    for id_ in ("verdachten", "doorsluiswoningen", "onverklaarbare_aankopen"):
        assert project.indicators[id_].phenomenon, id_  # the site then says so under every map and chart


def test_no_indicator_uses_a_column_that_points_at_a_person_nor_the_proxy(project):
    for indicator in project.indicators.values():
        register = project.registers[indicator.register_]
        kinds = {column.name: column.classification for column in register.columns}
        for sql in (
            indicator.population,
            indicator.numerator,
            indicator.denominator,
            indicator.value,
            indicator.area,
        ):
            for name in columns_used(sql) if sql else ():
                assert kinds[name] != "identifying", (indicator.id, name)
                assert name != "afstand_familie_km"
    queries = " ".join(project.register_sql.values())
    assert "afstand_familie_km" not in queries
    assert "burgerservicenummer" not in queries


def test_registers_made_by_sql_leave_ids_behind_but_for_what_a_search_for_groups_divides_by(project):
    divides = {
        (project.indicators[finding.indicator].register_, finding.unit)
        for product in project.products.values()
        for finding in product.findings
        if finding.pattern == "subgroups"
    }
    for id_ in project.register_sql:
        for column in project.registers[id_].columns:
            assert column.classification != "identifying" or (id_, column.name) in divides


def test_every_register_with_personal_data_serves_a_purpose(project):
    served = {register for purpose in project.purposes.values() for register in purpose.registers}
    for register in project.registers.values():
        if any(column.classification in SENSITIVE for column in register.columns):
            assert register.id in served, register.id


def test_copying_it_beside_deliveries_leaves_those_alone(tmp_path):
    (tmp_path / "leveringen").mkdir()
    (tmp_path / "leveringen" / "wmo.csv").write_text("mine")
    voorbeeldstad(tmp_path)
    assert (tmp_path / "leveringen" / "wmo.csv").read_text() == "mine"
    assert len(read_project(tmp_path).indicators) >= 40


@pytest.mark.slow
def test_contracts_name_the_columns_of_the_deliveries_exactly(project, city):
    for register in project.registers.values():
        if register.source is None:
            continue
        path = city.folder / project.sources[register.source].origin.file
        delivered = _header(path, project.sources[register.source].format.encoding or "utf-8-sig")
        assert [column.physical_name for column in register.columns if column.located is None] == delivered, (
            register.id
        )


@pytest.mark.slow
def test_what_the_products_answer_is_so(city):
    """Numbers in the texts of products/, recomputed from the deliveries."""
    income = "studentenhuishouden = 'N' and onvolledig_jaar = 'N' and inkomen_pct_sociaal_minimum is not null"
    unused = dict(city.rows(f"""
        select case when hoofdinkomensbron in ('loon', 'eigen bedrijf') then 'werk' else 'anders' end, avg((r.huishouden_id is null)::int)
        from huishoudens h left join (from regelingen where regeling = 'stadspas') r using (peiljaar, huishouden_id)
        where peiljaar = 2025 and {income} and inkomen_pct_sociaal_minimum <= 120 group by all"""))  # fmt: skip
    assert 0.60 < unused["werk"] < 0.67
    assert 0.27 < unused["anders"] < 0.33
    poor = dict(city.rows(f"""
        select coalesce(buurtcode[1:8] = 'BU900104', false), sum(aantal_minderjarigen) filter (inkomen_pct_sociaal_minimum <= 120)
        / sum(aantal_minderjarigen) from huishoudens where peiljaar = 2025 and {income} group by all"""))  # fmt: skip
    assert poor[True] > 3 * 0.05
    old = "from personen p left join (select distinct peiljaar, persoon_id from wmo) w using (peiljaar, persoon_id) where peiljaar = 2025 and leeftijd >= 75"
    assert (
        city.one(f"select avg((w.persoon_id is not null)::int) {old} and buurtcode[1:8] = 'BU900107'") > 0.5
    )
    assert city.one(f"select avg((w.persoon_id is not null)::int) {old}") == pytest.approx(0.38, abs=0.02)
    woz = dict(
        city.rows(
            "select buurtcode[1:8], avg(woz_waarde) / 380000 from adressen where peiljaar = 2025 group by all"
        )
    )
    assert woz["BU900104"] == pytest.approx(0.75, abs=0.04)
    assert woz["BU900106"] == pytest.approx(1.5, abs=0.06)
    reports = (
        city.one("select count(*) from meldingen where maand >= '2024-01'") / city.truth.totals["inwoners"]
    )
    assert reports == pytest.approx(1 / 9, rel=0.05)
    assert (
        city.one(
            "select avg((dagen_tot_afhandeling <= 7)::int) from meldingen where dagen_tot_afhandeling >= 0"
        )
        > 0.6
    )


def _header(path: Path, encoding: str) -> list[str]:
    if path.suffix == ".parquet":
        return pq.read_schema(path).names
    if path.suffix == ".xlsx":
        return fastexcel.read_excel(path).load_sheet(0).to_arrow().column_names
    with path.open(encoding=encoding, newline="") as file:
        return next(csv.reader(file, delimiter=";"))


def _plain(path: Path) -> object:
    return json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8")), default=str))


def _texts(value: object) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        if "nl" in value:
            yield value
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
