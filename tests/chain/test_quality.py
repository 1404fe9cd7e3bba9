"""Quality in a build: nothing is made of data that break a norm, and the past is compared with and changes nothing."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from deliveries_again import CONTRACT, ask, cell, deliver

from zicht.chain import Built, NormsBrokenError, build, quality_account
from zicht.chain.snapshots import earlier_than, read_snapshots
from zicht.errors import ZichtError

FIRST, LATER = dt.date(2025, 1, 22), dt.date(2025, 2, 3)
HALF_A_RULE = "{type: custom, engine: zicht, implementation: {metric: falseConditions, condition: geboortejaar < 1990, mustBe: 0}, severity: %s}"


def norms(project: Path, today: dt.date = FIRST) -> Built:
    return build(project, ["norms/inwoners"], today=today)


def sheet(project: Path, today: dt.date = LATER):
    (found,) = quality_account(project, today=today)
    return found


def test_a_broken_norm_stops_the_build_with_its_place_and_the_count(project: Path) -> None:
    ask(project, HALF_A_RULE % "error")
    with pytest.raises(NormsBrokenError, match=r"registers/inwoners\.yaml:\d+:\d+: register `inwoners` breaks a quality norm") as caught:  # fmt: skip
        build(project)
    (problem,) = caught.value.problems
    line = (project / CONTRACT).read_text("utf-8").splitlines()[(problem.place.line or 0) - 1]
    assert "geboortejaar < 1990" in line
    count = next(int(one.value or 0) for one in sheet(project).judged if one.norm.id == "falseConditions")
    assert f"is {count}, and must be exactly 0" in problem.what
    steps = project / ".zicht" / "steps"
    assert (steps / "quality" / "inwoners.json").is_file()
    assert not (steps / "figures").exists()
    assert not (project / ".zicht" / "release").exists()


def test_every_broken_norm_is_told_at_once(project: Path) -> None:
    ask(project, HALF_A_RULE % "error")
    ask(project, "{type: library, metric: rowCount, mustBeLessThan: 10}")
    with pytest.raises(NormsBrokenError) as caught:
        build(project)
    assert len(caught.value.problems) == 2


def test_a_norm_that_warns_is_told_and_lets_figures_be_made(project: Path) -> None:
    ask(project, HALF_A_RULE % "warning")
    built = build(project, ["figures/inwoners"], today=FIRST)
    assert any("not true: geboortejaar < 1990" in remark for remark in built.remarks)
    assert [one.norm.id for one in sheet(project).warned] == ["falseConditions"]


def test_the_account_names_the_rows_in_a_side_table_without_values_of_persons(project: Path) -> None:
    ask(project, HALF_A_RULE % "warning")
    norms(project)
    failing = sheet(project).failing
    assert failing is not None
    rows = pq.read_table(failing)
    assert set(rows.column("column").to_pylist()) == {"geboortejaar", "inkomen"}
    assert rows.column("value").null_count == rows.num_rows


def test_building_again_compares_with_the_snapshot_before_and_not_with_itself(project: Path) -> None:
    norms(project)
    assert sheet(project).earlier is None
    deliver(project, lambda rows: rows[:-30])
    norms(project, LATER)
    for _ in range(2):
        change = next(one for one in sheet(project).judged if one.norm.metric == "rowCountChange")
        assert change.value == pytest.approx(-2)
        assert sheet(project).earlier == FIRST
        again = norms(project, LATER)
        assert {step.state for step in again.steps} == {"kept"}


def test_going_back_to_an_older_delivery_compares_as_the_first_time(project: Path) -> None:
    before = (project / "leveringen" / "inwoners.csv").read_text("utf-8")
    norms(project)
    deliver(project, lambda rows: rows[:-30])
    norms(project, LATER)
    (project / "leveringen" / "inwoners.csv").write_text(before, "utf-8")
    norms(project, LATER)
    assert sheet(project).earlier is None
    assert [one.taken_in for one in read_snapshots(project / ".zicht", "inwoners")] == [FIRST, LATER]


def test_a_delivery_that_was_stopped_is_no_measure_for_its_successor(project: Path) -> None:
    norms(project)
    rows = (project / "leveringen" / "inwoners.csv").read_text("utf-8")
    deliver(project, lambda rows: rows[:500])
    with pytest.raises(NormsBrokenError, match="Het hele dorp"):
        norms(project, LATER)
    (project / "leveringen" / "inwoners.csv").write_text(rows, "utf-8")
    deliver(project, lambda rows: rows[:-3])
    norms(project, LATER)
    change = next(one for one in sheet(project).judged if one.norm.metric == "rowCountChange")
    assert change.value == pytest.approx(-0.2)


def test_a_release_is_the_same_whatever_was_built_before(project: Path, built: Built) -> None:
    before = (project / "leveringen" / "inwoners.csv").read_text("utf-8")
    deliver(project, lambda rows: [cell(row, 4, "") for row in rows[:1_400]])
    norms(project)
    (project / "leveringen" / "inwoners.csv").write_text(before, "utf-8")
    release = build(project, ["release"], today=LATER).release
    assert sheet(project).earlier == FIRST
    assert release is not None
    assert built.release is not None
    assert release.digest == built.release.digest


def test_the_evidence_tells_verdicts_and_no_count_of_a_few_persons(project: Path) -> None:
    deliver(
        project,
        lambda rows: [
            cell(row, 4, "1") if at < 3 else cell(row, 4, "99") if at < 30 else row
            for at, row in enumerate(rows)
        ],
    )
    for most in (2, 100):
        rule = f"{{metric: falseConditions, condition: inkomen is null or inkomen > {most}, mustBeLessThan: 900}}"
        ask(project, f"{{type: custom, engine: zicht, implementation: {rule}}}")
    release = build(project, ["release"], today=FIRST).release
    assert release is not None
    (evidence,) = release.evidence("quality").values()
    assert isinstance(evidence, dict)
    told = {norm["id"]: (norm["verdict"], norm["value"]) for norm in evidence["norms"]}
    assert told["falseConditions.2"] == ("met", None)
    assert told["falseConditions"] == ("met", 30)
    assert told["rowCountChange"] == (None, None)


def test_lead_times_run_from_the_reference_date_to_publication(project: Path) -> None:
    build(project, ["release"], today=FIRST)
    steps = {lead.step: lead for lead in sheet(project).leads}
    assert steps["delivered"].begin == dt.date(2025, 1, 1)
    assert (steps["delivered"].end, steps["delivered"].verdict) == (dt.date(2025, 1, 20), "met")
    assert (steps["taken_in"].days, steps["built"].days) == (2, 0)
    assert steps["published"].end is None
    assert steps["next"].due == dt.date(2026, 1, 20)


def test_a_late_delivery_warns_and_stops_the_build_where_the_contract_asks_for_it(project: Path) -> None:
    source = project / "sources" / "inwoners.yaml"
    source.write_text(source.read_text("utf-8").replace("2025-01-20", "2025-03-02"), "utf-8")
    assert any("delivered on 2025-03-02; the norm is 2025-01-31" in line for line in norms(project).remarks)
    contract = project / CONTRACT
    action = "    customProperties:\n      - {property: norm.actie, value: blokkeren}\n"
    contract.write_text(contract.read_text("utf-8").replace("    customProperties:\n", action, 1), "utf-8")
    with pytest.raises(NormsBrokenError, match="was delivered on 2025-03-02, and was due on 2025-01-31"):
        norms(project)


def test_nothing_is_told_of_registers_that_were_never_measured(project: Path) -> None:
    with pytest.raises(ZichtError, match="was measured yet; run `zicht build"):
        quality_account(project)
    with pytest.raises(ZichtError, match="There is no register `nergens`"):
        quality_account(project, ["nergens"])


def test_the_snapshot_before_is_the_last_of_other_deliveries(project: Path) -> None:
    norms(project)
    (one,) = read_snapshots(project / ".zicht", "inwoners")
    assert earlier_than([], one.delivery) is None
    assert earlier_than([one], one.delivery) is None
    assert earlier_than([one], "another") == one


def test_the_account_is_json_whatever_was_seen(project: Path) -> None:
    ask(project, "{type: sql, query: SELECT max(inkomen) / 0 FROM inwoners, mustBe: 1, severity: warning}")
    norms(project)
    text = json.dumps(sheet(project).as_dict(), allow_nan=False)
    assert '"verdict": "warning"' in text
