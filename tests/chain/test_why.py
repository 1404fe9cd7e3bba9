"""Why one figure is hidden is told from the last build: the rule, the equation, or the release beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from two_divisions import TwoDivisions, publish
from typer.testing import CliRunner

from zicht.chain import why
from zicht.cli.app import app
from zicht.errors import ZichtError

FEW = """
    b2024      | b2025      | M  | V
    -----------+------------+----+---
    BU90020101 | BU90020101 | 60 | 57
    BU90020102 | BU90020102 | 50 | 61
    BU90020103 | BU90020103 | 6  | 40
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = TwoDivisions(tmp_path_factory.mktemp("why") / "dorp", FEW)
    project.release(2024)
    return project.folder


def test_a_figure_of_few_people_is_hidden_by_a_rule(folder: Path) -> None:
    (reason,) = why(folder, "inwoners", "BU90020103", "2023", {"geslacht": "M"})
    assert (reason.number, reason.status, reason.rule) == (
        "inwoners.n: BU90020103 × M",
        "primary",
        "min_units",
    )


def test_a_figure_beside_it_is_hidden_for_the_equation_that_it_stands_in(folder: Path) -> None:
    reasons = why(folder, "inwoners", "BU90020103", "2023", {"geslacht": "V"})
    (reason,) = reasons
    assert reason.status == "secondary"
    assert any("BU90020103 × M" in cell and witness for cell, witness in reason.gives_away)


def test_a_figure_that_is_shown_has_no_reason(folder: Path) -> None:
    assert why(folder, "inwoners", "GM9002", "2023") == []


def test_a_figure_hidden_beside_a_release_is_told_with_the_subtraction(tmp_path: Path) -> None:
    project = TwoDivisions(tmp_path / "dorp")
    publish(project.release(2024), project, "2025-03-01")
    project.release(2025, earlier=[2024])
    (reason,) = why(project.folder, "inwoners", "BU90020102", "2023")
    assert any(
        "[BU90020102: 114] - 2025-03-01 inkomen.n [BU90020102: 111] = 3" in line for line in reason.beside
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("people", "GM9002", "2023"), "There is no indicator `people`"),
        (("inwoners", "GM0000", "2023"), "has no figure GM0000"),
        (("inwoners", "GM9002", "1999"), "There are no figures over register `inwoners` in 1999"),
        (("inwoners", "GM9002", "2023", {"age": "x"}), "has no breakdown `age`"),
    ],
)
def test_what_cannot_be_told_of_is_said(folder: Path, asked: tuple[object, ...], said: str) -> None:
    with pytest.raises(ZichtError, match=said):
        why(folder, *asked)  # type: ignore[arg-type]


def test_the_command_tells_it_in_words_and_as_data(folder: Path) -> None:
    asked = ["disclosure", str(folder), "--why", "inwoners", "BU90020103", "2023", "--by", "geslacht=M"]
    said = CliRunner().invoke(app, asked)
    assert "inwoners.n: BU90020103 × M: primary" in said.output
    assert "hidden by the rule `min_units`" in said.output
    (reason,) = json.loads(CliRunner().invoke(app, [*asked, "--json"]).output)
    assert reason["rule"] == "min_units"
    wrong = CliRunner().invoke(app, [*asked[:-1], "M"])
    assert wrong.exit_code == 1
