"""The command: one function each, exit codes, JSON for machines, errors without a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zicht.cli import INTERRUPTED, main, screen
from zicht.cli.app import app
from zicht.declare import KINDS
from zicht.engine import Made

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
    assert len(list((tmp_path / "schemas").glob("*.schema.json"))) == len(KINDS)


def test_a_profile_is_a_contract_that_can_be_read(project: Path) -> None:
    draft = zicht("profile", project / "leveringen" / "inwoners.csv")
    assert "apiVersion: v3.1.0" in draft
    assert "buurtcode" in draft


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zicht", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("zicht ")


def test_a_draft_makes_the_folder_it_goes_to(project: Path, tmp_path: Path) -> None:
    to = tmp_path / "new" / "registers" / "inwoners.yaml"
    zicht("profile", project / "leveringen" / "inwoners.csv", "--to", to)
    assert to.is_file()


def test_a_place_that_cannot_be_written_is_said_without_a_traceback(project: Path) -> None:
    (project / ".zicht").write_text("in the way", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "zicht", "build", str(project)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert ".zicht: File exists." in done.stderr


def test_steps_that_are_kept_do_not_push_the_rest_off_the_screen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def steps(count: int) -> list[str]:
        with screen.listening(quiet=False) as listener:
            assert listener is not None
            for number in range(count):
                listener.ended(Made(f"register/r{number}", "", Path(), "kept", "nothing has changed", 0.0))
            listener.ended(Made("release", "", Path(), "made", "new", 0.1))
        return capsys.readouterr().err.rstrip().splitlines()

    monkeypatch.setattr(screen, "err", screen.Console(stderr=True, soft_wrap=True, highlight=False))
    assert [line.split()[:2] for line in steps(2)] == [
        ["kept", "register/r0"], ["kept", "register/r1"], ["made", "release"],
    ]  # fmt: skip
    assert steps(50)[0] == "  kept  register/r0 … register/r49  (50 steps: nothing has changed)"


def test_who_stops_a_build_is_told_that_nothing_is_lost(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["zicht.cli.app"], "build", stopped)
    assert "What was finished is kept" in zicht("build", project, code=130)


def test_who_stops_the_command_while_it_loads_sees_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["zicht.cli.app"], "run", stopped)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == INTERRUPTED


def test_protection_is_told_as_text_as_a_page_and_for_machines(project: Path, tmp_path: Path) -> None:
    assert "run `zicht build" in zicht("disclosure", project, code=1)
    zicht("build", project)
    assert "Elke aanval is afgeslagen." in zicht("disclosure", project)
    assert "keep it inside" in zicht("disclosure", project, "--page", tmp_path / "report.html", "-l", "en")
    assert "Every attack was withstood." in (tmp_path / "report.html").read_text("utf-8")
    sheets = json.loads(zicht("disclosure", project, "--json"))
    assert sheets[0]["report"]["attack"]["safe"]
    assert {row["level"] for row in sheets[0]["overview"]} == {"buurt", "wijk", "gemeente"}
    assert "There is no report in `fr`; there are nl and en." in zicht(
        "disclosure", project, "-l", "fr", code=1
    )
    assert "There is no register `x`" in zicht("disclosure", project, "x", code=1)


def test_a_release_tells_how_many_cells_are_hidden_and_nothing_of_what_is_in_them(project: Path) -> None:
    release = Path(json.loads(zicht("build", project, "--json"))["release"]["path"])
    evidence = json.loads((release / "evidence" / "protection.json").read_text("utf-8"))
    (told,) = next(iter(evidence.values()))[:1]
    assert set(told) == {"title", "profile", "tables", "safe", "rounds"}
    assert set(told["tables"][0]) == {"table", "ok", "primary", "secondary"}
