"""The command: one function each, exit codes, JSON for machines, errors without a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zicht.cli import app

runner = CliRunner()


def zicht(*arguments: str | Path, code: int = 0) -> str:
    result = runner.invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.output


@pytest.fixture
def project(tmp_path: Path) -> Path:
    zicht("new", tmp_path / "p")
    return tmp_path / "p"


def test_new_makes_a_folder_that_checks_and_builds(project: Path) -> None:
    assert "No mistakes" in zicht("check", project)
    assert "Release" in zicht("build", project)
    assert "up to date" in zicht("status", project)
    assert "Delivered by".lower() in zicht("explain", "bijstand", "GM9002", "2025", "-p", project).lower()
    release = json.loads(zicht("build", project, "--json"))["release"]["path"]
    assert "The release holds" in zicht("verify", release)


def test_new_never_writes_over_something(project: Path) -> None:
    assert "is not empty" in zicht("new", project, code=1)


def test_mistakes_have_exit_code_1_and_a_place_in_json(project: Path) -> None:
    file = project / "indicators" / "bevolking.yaml"
    file.write_text(file.read_text("utf-8").replace("measure: share", "mesure: share"), "utf-8")
    assert "Did you mean `measure`?" in zicht("check", project, code=1)
    found = json.loads(zicht("check", project, "--json", code=1))
    assert found["ok"] is False
    assert {problem["file"] for problem in found["problems"]} == {"indicators/bevolking.yaml"}
    assert all(problem["line"] for problem in found["problems"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "nowhere"),
        ("build", "nowhere"),
        ("status", "nowhere"),
        ("verify", "nowhere"),
        ("serve", "nowhere"),
        ("profile", "nowhere.csv"),
    ],
)
def test_what_is_not_there_is_said_without_a_traceback(arguments: tuple[str, ...]) -> None:
    zicht(*arguments, code=1)


def test_wrong_use_has_exit_code_2() -> None:
    zicht("build", "--nonsense", code=2)
    zicht("nonsense", code=2)


@pytest.mark.parametrize("kind", ["project", "sources", "registers", "indicators", "products", "purposes"])
def test_every_kind_of_declaration_has_a_schema(kind: str) -> None:
    assert json.loads(zicht("schema", kind))["$schema"].startswith("http")


def test_schemas_are_written_for_an_editor(tmp_path: Path) -> None:
    zicht("schema", "--to", tmp_path / "schemas")
    assert len(list((tmp_path / "schemas").glob("*.schema.json"))) == 6


def test_a_profile_is_a_contract_that_can_be_read(project: Path) -> None:
    draft = zicht("profile", project / "leveringen" / "inwoners.csv")
    assert "apiVersion: v3.1.0" in draft
    assert "buurtcode" in draft


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zicht", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("zicht ")
