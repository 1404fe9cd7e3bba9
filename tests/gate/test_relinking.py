"""Attempts to get from pseudonyms to persons without two people who agree, or to keep it off the record."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
import stat
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
from byte_scan import found_in
from typer.testing import CliRunner

from zicht.chain import (
    Desk,
    actor,
    ask_relink,
    check,
    desk,
    judge_relink,
    key_place,
    open_relink,
    relinkings_of,
    verify_decisions,
)
from zicht.cli.app import app
from zicht.demo import new_project
from zicht.errors import DeclarationError, ZichtError
from zicht.pseudonyms import pseudonymise
from zicht.release import Action, Decision, RelinkState

START = dt.datetime(2025, 3, 1, 9, 0, tzinfo=dt.UTC)
PEOPLE = """review:
  people:
    - {id: maker, name: Mae, roles: [maker], account: mae}
    - {id: toetser, name: Tess, roles: [reviewer], account: tess}
    - {id: hoofd, name: Gijs, roles: [approver, publisher], account: gijs}
    - {id: consulent, name: Cor, roles: [applicant, privacy_officer], account: cor}
    - {id: fg, name: Fleur, roles: [privacy_officer, applicant], account: fleur}
    - {id: los, name: Lo, roles: [applicant, privacy_officer]}
"""
RELINK = """relink:
  reason: Iemand uit het onderzoek loopt gevaar en moet worden gewaarschuwd
  basis: AVG artikel 6 lid 1 onder d
  domains: [inwoners]
  days: 3
  most: 5
"""
ACCOUNTS = {"maker": "mae", "consulent": "cor", "fg": "fleur", "los": "lo"}
WHY = "Een melding van gevaar die niet kan wachten"


@dataclass
class Case:
    """A village that declares re-linking, and three pseudonyms that somebody wants to know the persons of."""

    folder: Path
    file: Path
    into: Path
    people: list[str]
    pseudonyms: list[str]

    @property
    def desk(self) -> Desk:
        return desk(self.folder)

    def ask(self, person: str = "consulent", *, account: str | None = None, why: str = WHY) -> Decision:
        who = actor(self.desk, account or ACCOUNTS[person], person)
        return ask_relink(self.desk, who, START, "beleidsinformatie", "inwoners", self.file, why)

    def judge(
        self, person: str = "fg", action: Action = Action.RELINK_AGREE, days: int = 1, why: str = WHY
    ) -> Decision:
        who = actor(self.desk, ACCOUNTS[person], person)
        return judge_relink(self.desk, action, who, START + dt.timedelta(days=days), self.request, why)

    def open(self, person: str = "consulent", days: int = 2) -> int:
        who = actor(self.desk, ACCOUNTS[person], person)
        when = START + dt.timedelta(days=days)
        return open_relink(self.desk, who, when, self.request, self.file, self.into).found

    @property
    def request(self) -> str:
        return relinkings_of(self.desk)[-1].request

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), "utf-8")

    def refused(self, said: str, deed: str, *args: object, **named: object) -> None:
        """Refused, with nothing on record and no file."""
        before = self.desk.decisions()
        with pytest.raises(ZichtError, match=said) as error:
            getattr(self, deed)(*args, **named)
        assert not any(one in str(error.value) for one in (*self.people, *self.pseudonyms))
        assert desk(self.folder).decisions() == before
        assert not self.into.exists()


@pytest.fixture
def case(tmp_path: Path) -> Case:
    folder = tmp_path / "dorp"
    new_project(folder)
    path = folder / "zicht.yaml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(PEOPLE if line.startswith("review:") else line for line in lines), "utf-8")
    with (folder / "purposes" / "beleidsinformatie.yaml").open("a", encoding="utf-8") as purpose:
        purpose.write(RELINK)
    people = ["P00001", "P00002", "P99999"]  # the last is in no delivery
    key = key_place(desk(folder).project).read().domain("inwoners")
    pseudonyms = pseudonymise(pa.array(people), key).to_pylist()
    file = tmp_path / "gezocht.txt"
    file.write_text("\n".join(pseudonyms) + "\n", "utf-8")
    file.chmod(0o600)
    return Case(folder, file, tmp_path / "gevonden.csv", people, pseudonyms)


def test_two_people_who_agree_get_the_persons_in_a_file_of_the_asker_alone_and_all_of_it_is_on_record(
    case: Case,
) -> None:
    case.ask()
    case.judge()
    assert case.open() == 2
    lines = sorted(case.into.read_text("utf-8").splitlines()[1:])
    assert lines == sorted(f"{p};{one}" for p, one in zip(case.pseudonyms[:2], case.people, strict=False))
    assert stat.S_IMODE(case.into.stat().st_mode) == 0o600
    decisions = case.desk.decisions()
    assert [(one.action, one.person, one.role) for one in decisions] == [
        (Action.RELINK_ASK, "consulent", "applicant"),
        (Action.RELINK_AGREE, "fg", "privacy_officer"),
        (Action.RELINK_OPEN, "consulent", "applicant"),
    ]
    asked = decisions[0].evidence
    assert (asked["basis"], asked["pseudonyms"]) == ("AVG artikel 6 lid 1 onder d", 3)
    assert asked["file"] == hashlib.sha256(case.file.read_bytes()).hexdigest()
    assert verify_decisions(case.desk) == ()
    logged = next((case.folder / ".zicht" / "logbook").glob("*.jsonl")).read_text("utf-8")
    assert json.loads(logged)["attributes"]["dpl.core.processing_activity_id"].endswith("beleidsinformatie")


def test_no_log_of_a_re_linking_holds_a_pseudonym_or_an_identifier(case: Case) -> None:
    case.ask()
    case.judge()
    case.open()
    for kept in ("decisions", ".zicht"):
        assert (case.folder / kept).is_dir()
        assert found_in(case.folder / kept, {*case.people, *case.pseudonyms}) == {}


def test_nobody_can_consent_to_what_he_asked_himself(case: Case) -> None:
    case.ask("consulent")
    case.refused("asked for it himself", "judge", "consulent")
    case.refused("knows no `relink_open`", "open")


def test_nothing_is_given_back_before_another_consented(case: Case) -> None:
    case.ask()
    case.refused("that is asked knows no `relink_open`", "open")


def test_nothing_is_given_back_after_a_refusal_also_not_after_a_consent_that_was_taken_back(
    case: Case,
) -> None:
    case.ask()
    case.judge()
    case.judge(action=Action.RELINK_REFUSE)
    case.refused("that is refused knows no `relink_open`", "open")


def test_a_consent_opens_once_and_not_again(case: Case) -> None:
    case.ask()
    case.judge()
    case.open()
    case.into.unlink()
    case.refused("that is opened knows no `relink_open`", "open")


def test_who_consented_is_not_given_the_persons_himself(case: Case) -> None:
    case.ask("consulent")
    case.judge("fg")
    case.refused("nobody else is given", "open", "fg")


def test_persons_cannot_be_asked_for_without_a_declaration_in_the_purpose(case: Case) -> None:
    case.edit("purposes/beleidsinformatie.yaml", RELINK, "")
    case.refused("does not declare it", "ask")


def test_persons_of_a_domain_that_is_not_declared_cannot_be_asked_for(case: Case) -> None:
    case.ask()
    case.judge()
    case.edit("sources/inwoners.yaml", "personal: ordinary", "personal: ordinary\npseudonym_domain: zorg")
    with pytest.raises(DeclarationError, match="has pseudonyms of the domain `inwoners`"):
        check(case.folder)
    case.edit("purposes/beleidsinformatie.yaml", "domains: [inwoners]", "domains: [zorg]")
    case.refused("is another than when it was asked", "open")


def test_a_declaration_for_one_domain_opens_no_other(case: Case) -> None:
    for kind in ("sources", "registers"):
        text = (case.folder / kind / "inwoners.yaml").read_text("utf-8")
        (case.folder / kind / "wmo.yaml").write_text(text.replace("inwoners", "wmo"), "utf-8")
    case.edit("purposes/beleidsinformatie.yaml", "registers: [inwoners]", "registers: [inwoners, wmo]")
    case.edit("purposes/beleidsinformatie.yaml", "domains: [inwoners]", "domains: [wmo]")
    case.refused("declares it for the domain wmo, and the pseudonyms of `inwoners` are of inwoners", "ask")


def test_a_request_that_expired_can_be_neither_consented_to_nor_opened(case: Case) -> None:
    case.ask()
    case.refused("expired on 2025-03-04", "judge", days=4)
    case.judge()
    case.refused("expired on 2025-03-04", "open", days=4)


def test_other_pseudonyms_cannot_be_put_in_the_file_after_the_consent(case: Case) -> None:
    case.ask()
    case.judge()
    case.file.write_text(case.pseudonyms[0] + "\n", "utf-8")
    case.refused("not as it was when it was asked", "open")


def test_persons_that_are_not_declared_or_have_no_account_cannot_act(case: Case) -> None:
    with pytest.raises(ZichtError, match="`vreemde` is not declared"):
        actor(case.desk, "cor", "vreemde")
    case.refused("declares no account", "ask", "los")
    case.refused("log in as the one you act as", "ask", "consulent", account="fleur")
    case.refused("takes the role `applicant`", "ask", "maker")


def test_the_declaration_cannot_be_widened_between_the_request_and_the_consent(case: Case) -> None:
    case.ask()
    case.edit("purposes/beleidsinformatie.yaml", "most: 5", "most: 500")
    case.refused("is another than when it was asked", "judge")


def test_more_persons_than_the_purpose_allows_cannot_be_asked_for_at_once(case: Case) -> None:
    case.file.write_text("\n".join(letter * 32 for letter in "abcdef"), "utf-8")
    case.refused("allows 5 in one request", "ask")


def test_a_file_that_others_can_read_or_that_lies_in_the_project_is_refused(case: Case) -> None:
    case.file.chmod(0o644)
    case.refused("chmod 600", "ask")
    case.file = case.file.rename(case.folder / "gezocht.txt")
    case.refused("lies in a project folder", "ask")


def test_persons_cannot_be_written_into_the_project_or_over_another_file(case: Case) -> None:
    case.ask()
    case.judge()
    outside = case.into
    case.into = case.folder / "gevonden.csv"
    case.refused("identifiers have no place there", "open")
    case.into = outside
    outside.write_text("van een ander", "utf-8")
    with pytest.raises(ZichtError, match="cannot be made"):
        case.open()
    assert outside.read_text("utf-8") == "van een ander"


def test_a_reason_that_names_a_person_is_not_kept(case: Case) -> None:
    case.refused("holds what identifies a person", "ask", why=f"Zoek deze: {case.pseudonyms[0]}.")
    case.refused("holds what identifies a person", "ask", why="Het gaat om bsn 111222333, met spoed.")
    case.ask()
    case.refused("holds what identifies a person", "judge", why="Gebeld met a.b@voorbeeld.example hierover")


def test_a_consent_of_the_asker_that_is_written_into_the_log_chain_and_all_is_noticed(case: Case) -> None:
    from dataclasses import replace

    asked = case.ask()
    forged = replace(
        asked,
        number=2,
        action=Action.RELINK_AGREE,
        role="privacy_officer",
        previous=asked.digest,
        evidence={},
    )
    with sqlite3.connect(case.folder / "decisions" / "decisions.sqlite") as database:
        row = (forged.project, forged.number, forged.previous, forged.digest, forged.text())
        database.execute(
            "insert into decision (project, number, previous, digest, text) values (?, ?, ?, ?, ?)", row
        )
    with pytest.raises(ZichtError, match="asked for it himself"):
        case.open()


def test_the_log_of_releases_does_not_take_a_re_linking_for_a_release(case: Case) -> None:
    case.ask()
    result = CliRunner().invoke(app, ["release", "log", "-p", str(case.folder), "--json"])
    told = json.loads(result.output)
    assert [one["action"] for one in told["decisions"]] == ["relink_ask"]
    assert told["releases"] == []


def test_the_command_line_shows_where_requests_stand_and_who_may_not(case: Case) -> None:
    case.ask()
    runner, at = CliRunner(), ["-p", str(case.folder)]
    listed = json.loads(runner.invoke(app, ["keys", "relink", "list", *at, "--json"]).output)
    assert [one["state"] for one in listed["requests"]] == [RelinkState.ASKED]
    result = runner.invoke(
        app, ["keys", "relink", "consent", case.request[:12], "--as", "fg", "-r", WHY, *at]
    )
    assert result.exit_code == 1
    assert "log in as the one you act as" in " ".join(result.output.split())


def test_re_linking_that_nobody_could_do_with_two_people_is_refused_when_it_is_declared(case: Case) -> None:
    case.edit("zicht.yaml", "roles: [privacy_officer, applicant], account: fleur", "roles: [applicant]")
    case.edit("zicht.yaml", ", account: cor", "")
    with pytest.raises(DeclarationError, match="nobody can re-link pseudonyms"):
        check(case.folder)
