"""One command from a project folder to a site; what did not change is not made again."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from zicht.chain import Built, Listener, Workplace, build, check, explain, status
from zicht.errors import DeclarationError, DeliveryError, ZichtError
from zicht.release import HIDDEN, verify_release


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def test_a_build_ends_in_a_release_that_holds_and_a_site(built: Built) -> None:
    assert built.release is not None
    assert verify_release(built.release.path).holds
    assert built.site is not None
    assert (built.site / "index.html").is_file()
    assert {indicator["id"] for indicator in built.release.catalogue["indicators"]} == {
        "bijstand",
        "gemiddeld_inkomen",
        "inwoners",
    }  # type: ignore[attr-defined]


def test_figures_add_up_from_buurt_to_gemeente_unknown_addresses_included(built: Built) -> None:
    assert built.release is not None
    table = built.release.figures("inwoners")
    total = table.filter(pc.and_(pc.equal(table["leeftijd"], "TOTAL"), pc.equal(table["level"], "gemeente")))
    assert total["value"].to_pylist() == [1500.0]


def test_a_buurt_with_few_people_is_hidden_and_so_is_another_so_that_subtraction_fails(built: Built) -> None:
    assert built.release is not None
    table = built.release.figures("bijstand")
    buurten = table.filter(pc.equal(table["level"], "buurt"))
    hidden = buurten.filter(pc.is_in(buurten["status"], pa.array(HIDDEN)))
    wijken = {area[:8] for area in hidden["area"].to_pylist()}
    for wijk in wijken:
        inside = [area for area in hidden["area"].to_pylist() if area[2:6] == wijk[2:6]]
        assert len(inside) != 1
    assert hidden.num_rows >= 2


def test_a_second_build_makes_nothing(project: Path) -> None:
    first = build(project)
    again = build(project)
    assert {step.state for step in again.steps} == {"kept"}
    assert again.pages_written == 0
    assert again.release is not None
    assert first.release is not None
    assert again.release.digest == first.release.digest


def test_the_same_project_elsewhere_gives_the_same_release(project: Path, built: Built) -> None:
    assert built.release is not None
    other = build(project)
    assert other.release is not None
    assert other.release.digest == built.release.digest


def test_a_changed_text_makes_the_release_anew_and_no_figure(project: Path) -> None:
    build(project)
    edit(project / "products" / "rondkomen.yaml", "Rondkomen in Proefdorp", "Rondkomen in ons dorp")
    made = [step.name for step in build(project).steps if step.state == "made"]
    assert made == ["release"]


def test_a_changed_indicator_leaves_the_register_as_it_is(project: Path) -> None:
    build(project)
    edit(project / "indicators" / "bevolking.yaml", "geboortejaar >= 18", "geboortejaar >= 21")
    made = {step.name for step in build(project).steps if step.state == "made"}
    assert made == {"figures/inwoners", "protected/inwoners", "release"}


def test_a_new_delivery_is_noticed_and_said(project: Path) -> None:
    build(project)
    file = project / "leveringen" / "inwoners.csv"
    file.write_text(file.read_text("utf-8") + "P99999;2025;1980;V;30000,00;nee;BU90020101\n", "utf-8")
    step = next(step for step in build(project).steps if step.name == "register/inwoners")
    assert step.state == "made"
    assert "delivery `inwoners` is new" in step.why


def test_status_says_what_the_next_build_would_make(project: Path) -> None:
    assert {step.state for step in status(project)} == {"to make"}
    build(project)
    assert {step.state for step in status(project)} == {"up to date"}
    edit(project / "indicators" / "bevolking.yaml", "geboortejaar >= 18", "geboortejaar >= 21")
    stale = {step.name for step in status(project) if step.state == "to make"}
    assert stale == {"figures/inwoners", "protected/inwoners", "release"}


@pytest.mark.parametrize(
    ("target", "last"),
    [
        ("areas", "areas"),
        ("inwoners", "protected/inwoners"),
        ("register/inwoners", "register/inwoners"),
        ("release", "release"),
    ],
)
def test_a_target_makes_what_it_rests_on_and_no_more(project: Path, target: str, last: str) -> None:
    assert build(project, [target]).steps[-1].name == last


def test_an_unknown_target_gets_a_suggestion(project: Path) -> None:
    with pytest.raises(ZichtError, match="Did you mean bijstand"):
        build(project, ["bijstant"])


def test_a_delivery_that_is_not_there_is_said_plainly(project: Path) -> None:
    (project / "leveringen" / "inwoners.csv").unlink()
    with pytest.raises(DeliveryError, match="inwoners"):
        build(project)
    assert not (project / ".zicht" / "release").exists()


def test_rows_that_break_the_contract_stop_the_build_where_it_says_so(project: Path) -> None:
    file = project / "leveringen" / "inwoners.csv"
    file.write_text(re.sub(r";2025;(\d{4});M;", r";2025;\1;X;", file.read_text("utf-8")), "utf-8")
    with pytest.raises(DeliveryError, match=r"inwoners\.csv:\d+"):
        build(project)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("numerator: bijstand", "numerator: bijstand = 'ja'", ":33:16: `numerator`: compares `bijstand`, which is boolean, with 'ja'. Write `bijstand` alone"),
        ("numerator: bijstand", "numerator: inkomen in ('veel', '3')", "compares `inkomen`, which is number, with 'veel'."),
        ("numerator: bijstand", "numerator: inkomen", "`numerator`: must be true or false for each unit. Write a comparison, such as `inkomen > 0`."),
        ("value: inkomen", "value: geslacht", "`value`: must be a number. Use a column of numbers. By the contract `geslacht` is string."),
        ("population: peiljaar - geboortejaar >= 18", "population: peiljaar - interval 18 years > geboortejaar", "does not fit register `inwoners`"),
        ("sql: case when peiljaar - geboortejaar < 25", "sql: case when peiljaar - geslacht < 25", ":5:10: dimension `leeftijd`: does not fit"),
    ],
)  # fmt: skip
def test_sql_that_does_not_fit_the_types_of_columns_is_said_before_there_is_data(
    project: Path, before: str, after: str, said: str
) -> None:
    edit(project / "indicators" / "bevolking.yaml", before, after)
    with pytest.raises(DeclarationError) as caught:
        check(project)
    assert len(caught.value.problems) == 1
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "numerator",
    ["geslacht = '1'", "inkomen > '3'", "inkomen is null or bijstand = true", "geboortejaar in (1990)"],
)
def test_sql_that_fits_is_let_through(project: Path, numerator: str) -> None:
    edit(project / "indicators" / "bevolking.yaml", "numerator: bijstand", f"numerator: {numerator}")
    assert check(project).indicators["bijstand"].numerator == numerator


def test_personal_data_cannot_be_declared_open(project: Path) -> None:
    edit(
        project / "indicators" / "bevolking.yaml",
        "    measure: share\n",
        "    measure: share\n    protection: open\n",
    )
    with pytest.raises(DeclarationError, match="made from personal data and cannot be `open`"):
        build(project)


def test_figures_over_persons_cannot_be_taken_over_unprotected(project: Path) -> None:
    edit(project / "indicators" / "bevolking.yaml", "    measure: mean\n", "    measure: take\n")
    with pytest.raises(DeclarationError, match="how many units are behind them is not known"):
        build(project)


def test_nobody_without_an_address_has_a_mean_income(built: Built) -> None:
    assert built.release is not None
    assert any("-" in area for area in built.release.figures("inwoners")["area"].to_pylist())
    assert not any("-" in area for area in built.release.figures("gemiddeld_inkomen")["area"].to_pylist())


def test_the_site_has_no_trace_of_a_person(built: Built) -> None:
    assert built.site is not None
    for path in built.site.rglob("*"):
        if path.is_file():
            assert not re.search(rb"P\d{5}\b", path.read_bytes()), path


def test_a_release_does_not_count_a_few_refused_persons(project: Path) -> None:
    file = project / "leveringen" / "inwoners.csv"
    file.write_text(file.read_text("utf-8").replace(";M;", ";X;", 3), "utf-8")
    release = build(project, ["release"]).release
    assert release is not None
    assert release.evidence("intake")["inwoners"] == {"rows": 1500}
    edit(project / "registers" / "inwoners.yaml", "value: 0.01}", "value: 0.05}")
    file.write_text(file.read_text("utf-8").replace(";M;", ";X;", 30), "utf-8")
    release = build(project, ["release"]).release
    assert release is not None
    assert release.evidence("intake")["inwoners"] == {"rows": 1500, "accepted": 1467, "refused": 33}


TREES = """\
gemeentecode;jaar;bomen
GM9000;2023;40
GM9001;2023;60
GM9002;2024;105
"""
LIVES = """\
code,successor,date,source
GM9000,GM9002,2024-01-01,invented
GM9001,GM9002,2024-01-01,invented
"""


def test_a_series_follows_the_land_when_gemeenten_merge(project: Path) -> None:
    (project / "leveringen" / "bomen.csv").write_text(TREES, "utf-8")
    (project / "leveringen" / "opvolging.csv").write_text(LIVES, "utf-8")
    for id_ in ("bomen", "opvolging"):
        text = (project / "sources" / "gebieden.yaml").read_text("utf-8")
        (project / "sources" / f"{id_}.yaml").write_text(text.replace("gebieden", id_), "utf-8")
    edit(project / "zicht.yaml", "  division: 2025\n", "  division: 2025\n  successions: opvolging\n")
    (project / "registers" / "bomen.yaml").write_text(
        """\
apiVersion: v3.1.0
kind: DataContract
id: 6f0c2a9e-51d5-4d0c-8a3c-6f3f0f9d2a02
name: Bomen per gemeente
version: 1.0.0
status: active
schema:
  - name: bomen
    customProperties: [{property: bron, value: bomen}, {property: eenheid, value: area}]
    properties:
      - {name: gemeentecode, logicalType: string, required: true, classification: public, customProperties: [{property: gebied, value: gemeente}]}
      - {name: jaar, logicalType: integer, required: true, classification: public, customProperties: [{property: periode, value: true}]}
      - {name: bomen, logicalType: integer, classification: public}
""",
        "utf-8",
    )
    (project / "indicators" / "bomen.yaml").write_text(
        """\
indicators:
  - id: bomen
    title: Bomen
    explanation: Het aantal bomen.
    unit: bomen
    theme: bevolking
    register: bomen
    measure: take
    value: bomen
    adds_up: true
""",
        "utf-8",
    )
    release = build(project, ["release"]).release
    assert release is not None
    table = release.figures("bomen")
    assert dict(zip(table["period"].to_pylist(), table["value"].to_pylist(), strict=True)) == {
        "2023": 100.0,
        "2024": 105.0,
    }


def _spoil_release(place: Workplace) -> None:
    (place.release().path / "figures" / "bijstand.parquet").unlink()


def _write_in_release(place: Workplace) -> None:
    with (place.release().path / "figures" / "bijstand.parquet").open("ab") as file:
        file.write(b"x")


def _spoil_site(place: Workplace) -> None:
    (place.site / "index.html").unlink()


def _spoil_steps(place: Workplace) -> None:
    (place.folder / "steps" / "release.json").write_text('{"key": 1, "digest"', "utf-8")


@pytest.mark.parametrize("spoil", [_spoil_release, _write_in_release, _spoil_site, _spoil_steps])
def test_what_was_removed_or_changed_by_hand_is_put_back(
    project: Path, built: Built, spoil: Callable[[Workplace], None]
) -> None:
    build(project)
    place = Workplace.of(project)
    spoil(place)
    again = build(project)
    assert again.release is not None
    assert built.release is not None
    assert again.release.digest == built.release.digest
    assert verify_release(again.release.path).holds
    assert (place.site / "index.html").is_file()


def test_a_release_that_is_not_whole_is_said(project: Path) -> None:
    build(project)
    place = Workplace.of(project)
    _spoil_release(place)
    with pytest.raises(ZichtError, match=r"bijstand\.parquet is not there or cannot be read; `zicht verify"):
        explain(place.release(), "bijstand", "GM9002", "2025")


def test_nobody_builds_beside_a_build_not_even_its_site(project: Path) -> None:
    refused: list[str] = []

    def publishing(*_: object) -> None:
        with pytest.raises(ZichtError, match="Another run is busy") as error:
            build(project)
        refused.append(str(error.value))

    def nothing(*_: object) -> None:
        return

    build(project, listener=Listener(lambda _: nothing, nothing, nothing, publishing))
    assert refused


def test_who_builds_is_told_of_refused_rows_and_of_units_without_a_place(project: Path) -> None:
    edit(project / "leveringen" / "inwoners.csv", "P00004;2025;1966;M", "P00004;2025;1966;X")
    edit(project / "leveringen" / "inwoners.csv", ";nee;BU90020202", ";nee;BU90029999")
    remarks = build(project, ["figures/inwoners"]).remarks
    assert remarks == (
        "Register `inwoners`: 1 of 1,500 rows were refused (`geslacht` is not one of the allowed values: 1).",
        "`bijstand`, `gemiddeld_inkomen`, `inwoners`: 1 rows where the area is 'BU90029999': counted in BU9002----.",
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_build_killed_at_any_moment_is_finished_by_the_next(project: Path, built: Built, seed: int) -> None:
    def files(folder: Path) -> int:
        return sum(len(names) for _, _, names in os.walk(Workplace.of(folder).folder))

    # Not after so many seconds: on a slow machine it would not have begun, and on a fast one it would be done.
    # Most files are of the site, so that numbers of any size are drawn as often.
    enough = files(built.project.folder) ** random.Random(seed).random()
    run = subprocess.Popen(
        [sys.executable, "-m", "zicht", "build", str(project)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while run.poll() is None and files(project) < enough:
        time.sleep(0.01)
    run.kill()
    run.wait()
    assert built.release is not None
    again = build(project)
    assert again.release is not None
    assert again.release.digest == built.release.digest
    assert verify_release(again.release.path).holds
    assert not list((project / ".zicht" / "work").glob("*"))
    names = {
        path.relative_to(Workplace.of(project).site)
        for path in Workplace.of(project).site.rglob("*")
        if path.is_file()
    }
    assert built.site is not None
    assert names == {path.relative_to(built.site) for path in built.site.rglob("*") if path.is_file()}
