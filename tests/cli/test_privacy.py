"""`zicht privacy`: what is used, the register of processing activities, and what is overdue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zicht.cli.app import app
from zicht.demo import new_project, voorbeeldstad
from zicht.governance import processing_breaches

runner = CliRunner()


def zicht(*arguments: str | Path, code: int = 0) -> str:
    result = runner.invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "220"})
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.output


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Voorbeeldstad without its deliveries: nothing here reads one."""
    folder = tmp_path_factory.mktemp("privacy") / "voorbeeldstad"
    voorbeeldstad(folder)
    return folder


def test_a_product_tells_what_it_uses_why_and_what_is_not_needed(city: Path) -> None:
    told = zicht("privacy", city, "opgroeien")
    assert "Statistiek over Wmo en jeugdzorg (zorg_en_jeugd, version 1)" in told
    assert "UAVG artikel 24; kept P10Y" in told
    assert "jeugdzorg.vorm" in told
    assert "Special or criminal data: jeugdzorg.(rows), jeugdzorg.vorm" in told
    unused = next(line for line in told.splitlines() if "Delivered in personen and used by nothing" in line)
    assert "afstand_familie_km" in unused
    assert "burgerservicenummer" in unused


def test_no_product_uses_suspects_but_the_two_about_safety(city: Path) -> None:
    products = json.loads(zicht("privacy", city, "--json"))["products"]
    uses = {one["id"]: {column["register"] for column in one["columns"]} for one in products}
    assert {id_ for id_, registers in uses.items() if "verdachten" in registers} == {
        "schoon_heel_veilig",
        "jonge_aanwas",
    }
    assert {id_ for id_, registers in uses.items() if "wmo" in registers} == {"ondersteuning_in_de_wijk"}
    assert uses["laden_in_de_straat"] == set()


@pytest.mark.shared
def test_the_register_of_processing_activities_is_valid_and_every_term_is_one_of_dpv(
    city: Path, tmp_path: Path, shared: Path
) -> None:
    assert len(json.loads(zicht("privacy", city, "--export", tmp_path, "--json"))["files"]) == 5
    files = ("dpv/dpv.ttl", "pd/pd.ttl", "legal/eu/gdpr/eu-gdpr.ttl")
    vocabulary = "".join((shared / "standards/dpv/2.3" / file).read_text("utf-8") for file in files)
    for path in tmp_path.glob("*.json"):
        activity = json.loads(path.read_text("utf-8"))
        assert processing_breaches(activity) == ()
        terms = [
            *activity["purpose"],
            *activity["processing"],
            *activity["legalBasis"],
            *activity["personalData"]["categories"],
        ]
        for term in terms:
            short = (
                term.replace("https://w3id.org/dpv/legal/eu/gdpr#", "eu-gdpr:")
                .replace("https://w3id.org/dpv/pd#", "pd:")
                .replace("https://w3id.org/dpv#", "dpv:")
            )
            assert f"\n{short} a " in vocabulary, term


def test_what_is_refused_or_not_there_is_told_for_machines_too(tmp_path: Path) -> None:
    new_project(tmp_path / "p")
    assert "There is no product `niets`" in zicht("privacy", tmp_path / "p", "niets", code=1)
    file = tmp_path / "p" / "indicators" / "bevolking.yaml"
    file.write_text(file.read_text("utf-8").replace("    purpose: beleidsinformatie\n", ""), "utf-8")
    told = json.loads(zicht("privacy", tmp_path / "p", "--json", code=1))
    assert "names no purpose" in told["problems"][0]["what"]
    assert "names no purpose" in zicht("check", tmp_path / "p", code=1)


def test_purging_where_nothing_is_overdue_removes_nothing(city: Path) -> None:
    assert json.loads(zicht("privacy", city, "--purge", "--json")) == {"ok": True, "removed": [], "steps": []}
