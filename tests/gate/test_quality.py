"""Attempts to publish from data that are not good enough, or to learn of a person from how they are checked: all refused or seen."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from deliveries_again import CONTRACT, ask, cell, deliver
from typer.testing import CliRunner

from zicht.chain import NormsBrokenError, build, check, quality_account
from zicht.cli.app import app
from zicht.demo import new_project
from zicht.errors import DeclarationError, ZichtError
from zicht.intake import quality_page

PLANTED = "P99999-Geheim"
YOUNG = "{type: custom, engine: zicht, implementation: {metric: falseConditions, condition: geboortejaar < 1990, mustBe: 0}%s}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A fresh starter project."""
    new_project(tmp_path / "proefdorp")
    return tmp_path / "proefdorp"


def test_a_broken_norm_cannot_be_gone_round_by_asking_for_one_figure_only(project: Path) -> None:
    ask(project, YOUNG % "")
    for target in ("inwoners", "bijstand", "figures/inwoners", "protected/inwoners", "release", "site"):
        with pytest.raises(NormsBrokenError):
            build(project, [target])
    assert not (project / ".zicht" / "steps" / "figures").exists()
    assert not (project / ".zicht" / "releases").exists()


def test_a_broken_norm_of_the_delivery_stops_the_figures_of_a_register_that_sql_makes_of_it(
    project: Path,
) -> None:
    ask(project, YOUNG % "")
    made = (
        (project / CONTRACT)
        .read_text("utf-8")
        .replace("name: inwoners", "name: kopie")
        .replace("{property: bron, value: inwoners}", "{property: sql, value: kopie.sql}")
    )
    made = re.sub(r"    quality:\n(      - .*\n)+", "", made).replace("unique: true, ", "")
    (project / "registers" / "kopie.yaml").write_text(made, "utf-8")
    columns = "persoon_id, peiljaar, geboortejaar, geslacht, inkomen, bijstand, buurtcode"
    (project / "registers" / "kopie.sql").write_text(f"SELECT {columns} FROM inwoners", "utf-8")
    file = project / "indicators" / "bevolking.yaml"
    file.write_text(file.read_text("utf-8").replace("register: inwoners", "register: kopie"), "utf-8")
    with pytest.raises(NormsBrokenError, match="register `inwoners` breaks a quality norm"):
        build(project, ["figures/kopie"])
    assert not (project / ".zicht" / "steps" / "figures").exists()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM read_csv(''/etc/passwd'')",
        "SELECT 0; DROP TABLE inwoners",
        "SELECT count(*) FROM ''leveringen/inwoners.csv''",
        "SELECT getenv(''HOME'')",
        "SELECT count(*) FROM information_schema.tables",
    ],
)
def test_the_query_of_a_norm_reads_registers_and_nothing_else(project: Path, query: str) -> None:
    ask(project, f"{{type: sql, query: '{query}', mustBe: 0}}")
    with pytest.raises(DeclarationError, match=r"registers/inwoners\.yaml:\d+:\d+"):
        check(project)


def test_a_norm_cannot_say_that_it_blocks_and_act_as_one_that_warns(project: Path) -> None:
    ask(project, YOUNG % ", severity: warning, customProperties: [{property: norm.actie, value: blokkeren}]")
    with pytest.raises(DeclarationError, match="which is not the same"):
        check(project)


@pytest.mark.parametrize("value", ["NULL", "'NaN'::DOUBLE", "'Infinity'::DOUBLE", "0.0 / 0.0"])
def test_a_measure_that_is_no_number_does_not_meet_a_norm(project: Path, value: str) -> None:
    limit = "mustNotBe: 5"
    ask(
        project,
        f'{{type: sql, query: "SELECT CAST({value} AS DOUBLE) + 0 * count(*) FROM inwoners", {limit}}}',
    )
    with pytest.raises(ZichtError):
        build(project, ["norms/inwoners"])
    assert not (project / ".zicht" / "steps" / "norms").exists()


def test_what_earlier_snapshots_were_like_cannot_be_edited_to_hide_a_shift(project: Path) -> None:
    build(project, ["norms/inwoners"])
    history = project / ".zicht" / "snapshots" / "inwoners.jsonl"
    entry = json.loads(history.read_text("utf-8"))
    entry["measured"]["rows"] = 1_400
    history.write_text(json.dumps(entry) + "\n", "utf-8")
    deliver(project, lambda rows: rows[:1_400])
    with pytest.raises(ZichtError, match=r"inwoners\.jsonl:1 was changed after it was written"):
        build(project, ["norms/inwoners"])


def test_a_snapshot_cannot_be_taken_out_of_the_history(project: Path) -> None:
    for rows_left in (1_490, 1_480, 1_470):
        deliver(project, lambda rows, left=rows_left: rows[:left])
        build(project, ["norms/inwoners"])
    history = project / ".zicht" / "snapshots" / "inwoners.jsonl"
    first, _, third = history.read_text("utf-8").splitlines()
    history.write_text(f"{first}\n{third}\n", "utf-8")
    with pytest.raises(ZichtError, match=r"inwoners\.jsonl:2 was changed after it was written"):
        build(project, ["norms/inwoners"])


def test_delivering_the_same_file_twice_does_not_make_a_shift_the_new_normal(project: Path) -> None:
    ask(
        project,
        "{type: custom, engine: zicht, implementation: {metric: rowCountChange, mustBeBetween: [-2, 2]}}",
    )
    build(project, ["norms/inwoners"])
    deliver(project, lambda rows: rows[:1_400])
    for _ in range(3):
        with pytest.raises(NormsBrokenError, match=r"-6\.67 %"):
            build(project, ["norms/inwoners"])


def test_no_value_of_a_person_that_breaks_a_norm_is_told_or_kept_by_its_check(project: Path) -> None:
    deliver(project, lambda rows: [cell(row, 0, PLANTED) if at == 7 else row for at, row in enumerate(rows)])
    rule = "{metric: invalidValues, arguments: {pattern: '^P[0-9]{5}$'}, mustBe: 0}"
    contract = project / CONTRACT
    text = contract.read_text("utf-8").replace(
        "{name: persoon_id, ", f"{{name: persoon_id, quality: [{rule}], ", 1
    )
    contract.write_text(text, "utf-8")
    result = CliRunner().invoke(app, ["build", str(project)])
    assert result.exit_code == 1
    told = result.output + CliRunner().invoke(app, ["quality", str(project)]).output
    sheets = quality_account(project)
    told += quality_page(sheets, "Kwaliteit") + json.dumps([sheet.as_dict() for sheet in sheets])
    assert "persoon_id" in told
    assert PLANTED not in told
    failing = sheets[0].failing
    assert failing is not None
    assert [path for path in failing.parent.rglob("*") if PLANTED.encode() in path.read_bytes()] == []
    # The scan can find it: in the accepted rows, where it has to be.
    delivered = (project / "leveringen" / "inwoners.csv").read_bytes()
    assert PLANTED.encode() in delivered
