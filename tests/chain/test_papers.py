"""The papers of a project that was built: all of them, valid, and what a build leaves behind about itself."""

from __future__ import annotations

import datetime as dt
import json
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zicht.chain import Built, build, explain, explain_figure, project_facts, publication_papers, write_papers
from zicht.chain.recording import BUSY, RUNS, Recorder, log_records, step_runs
from zicht.cli.app import app
from zicht.engine import file_digest
from zicht.governance import KINDS, TraceContext

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
TRACE = TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")


@pytest.fixture(scope="session")
def folder(built: Built) -> Path:
    return built.project.folder


def test_all_papers_of_a_built_project_are_written_and_valid(folder: Path, tmp_path: Path) -> None:
    papers = write_papers(folder, tmp_path / "out", NOW)
    assert {paper.kind for paper in papers} == set(KINDS)
    assert [paper.breaches for paper in papers if not paper.valid] == []
    assert {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()} == {
        paper.name for paper in papers
    }


def test_the_catalogue_names_the_files_that_the_site_has(folder: Path) -> None:
    facts = project_facts(folder, NOW)
    files = [file for indicator in facts.indicators.values() for file in indicator.files]
    site = folder / ".zicht" / "site"
    assert {file.format for file in files} >= {"csv", "json"}
    assert [(site / file.path).stat().st_size for file in files] == [file.size for file in files]
    assert [file_digest(site / file.path) for file in files] == [file.sha256 for file in files]


def test_every_step_on_personal_data_is_logged_under_its_build(folder: Path) -> None:
    records = log_records(folder / ".zicht")
    whole = [one for one in records if str(one["name"]).startswith("Bouw")]
    parts = [one for one in records if one not in whole]
    assert len(whole) == 1
    assert {one["parent_span_id"] for one in parts} == {whole[0]["span_id"]}
    assert {str(one["name"]).split(":")[0] for one in parts} == {
        "register/inwoners",
        "figures/inwoners",
        "protected/inwoners",
    }
    assert {one["status"] for one in records} == {"Ok"}


def test_a_build_that_makes_nothing_processes_nothing(project: Path) -> None:
    build(project)
    before = log_records(project / ".zicht")
    build(project)
    assert log_records(project / ".zicht") == before


def test_a_build_goes_on_with_the_trace_that_asked_for_it(project: Path) -> None:
    build(project, trace=TRACE)
    records = log_records(project / ".zicht")
    assert {one["trace_id"] for one in records} == {TRACE.trace}
    assert [one["parent_span_id"] for one in records if str(one["name"]).startswith("Bouw")] == [TRACE.parent]


def test_what_a_killed_build_was_doing_is_told_by_the_next(folder: Path, tmp_path: Path) -> None:
    project = build(folder).project  # nothing to make: it is built
    runs = tmp_path / RUNS
    runs.mkdir()
    left = {"run": "9a2b7c1e-27f0-4b55-8b52-3f0d9c1b7e10", "trace": "1" * 32, "name": "register/inwoners", "title": "Inwoners",
            "began": NOW.isoformat()}  # fmt: skip
    (runs / BUSY).write_text(json.dumps(left), "utf-8")
    Recorder(project, tmp_path, TRACE)
    assert [(run.name, run.state, run.ended) for run in step_runs(tmp_path)] == [
        ("register/inwoners", "killed", None)
    ]
    assert [(one["status"], one["trace_id"]) for one in log_records(tmp_path)] == [("Error", "1" * 32)]
    assert not (runs / BUSY).exists()


def test_a_figure_goes_back_to_its_snapshot_its_purpose_and_the_day_of_delivery(folder: Path) -> None:
    found = explain_figure(folder, "bijstand", "GM9002", "2025")
    register = found.registers[0]
    assert (folder / ".zicht" / "objects" / register.snapshot / "accepted.parquet").is_file()
    assert set(register.columns) == {"bijstand", "buurtcode", "geboortejaar", "peiljaar"}
    assert dt.date.fromisoformat(register.delivered)
    assert found.purpose is not None
    assert found.purpose["legal_basis"] == "AVG artikel 6 lid 1 onder e; Gemeentewet artikel 108"


def test_decisions_of_people_stand_in_an_explanation(built: Built) -> None:
    assert built.release is not None
    decided = {"at": "2026-01-01", "action": "approve", "person": "A. de Wit", "role": "privacy officer"}
    found = explain(built.release, "bijstand", "GM9002", "2025", decisions=[decided])
    assert found.as_dict()["decisions"] == (decided,)


def test_the_command_makes_what_is_asked_and_tells_what_is_filled(folder: Path, tmp_path: Path) -> None:
    asked = ["papers", "prescan", "dpia", "-p", str(folder), "--out", str(tmp_path), "--json"]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert sorted(one["kind"] for one in told["papers"]) == ["dpia", "prescan"]
    assert all(0 < one["filled"] < one["asked"] for one in told["papers"])


def test_the_command_names_kinds_when_one_does_not_exist(folder: Path) -> None:
    result = CliRunner().invoke(app, ["papers", "dpla", "-p", str(folder)])
    assert result.exit_code == 1
    assert "no kind of paper called `dpla`" in result.output


def test_the_signed_papers_of_voorbeeldstad_rest_on_its_facts() -> None:
    folder = Path(str(resources.files("zicht.demo"))) / "voorbeeldstad"
    stale = [str(one) for one in publication_papers(folder, NOW, workplace=folder / ".nothing-built")]
    assert stale == [], (
        "what the demo declares changed: keep its papers again with `zicht keep`, as docs/how-to/papers.md tells"
    )
