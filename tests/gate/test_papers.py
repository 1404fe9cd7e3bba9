"""Attempts to publish on papers that do not hold, to name an algorithm other than it is, and to process without a trace. All are refused or detected."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from paper_facts import HIGH_RISK, NOW, RULES, algorithm, facts, purpose
from reviewed_village import Village

from zicht.chain import build, check, explain_figure, keep_paper, publication_papers
from zicht.declare import KeptPaper
from zicht.demo import new_project
from zicht.errors import DeclarationError, ZichtError
from zicht.governance import Facts, Logbook, LogRecord, facts_of, stale_papers
from zicht.release import Action

SIGNED = "f" * 64
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def signed(city: Facts, about: str = "zorg") -> Facts:
    """The city with a DPIA that was signed on its facts of now."""
    paper = KeptPaper(
        id="dpia", kind="dpia", about=about, file="dpia.pdf", sha256=SIGNED, facts=facts_of(city, "dpia", about), signed_by=("FG",),
        signed_on="2026-01-15",
    )  # fmt: skip
    return replace(city, kept={"dpia": paper}, kept_files={"dpia": SIGNED})


def blocks(city: Facts) -> list[tuple[str, str, str]]:
    return [(one.kind, one.about, one.state) for one in stale_papers(city)]


@pytest.fixture
def dorp(tmp_path: Path) -> Path:
    """A fresh starter project."""
    new_project(tmp_path / "dorp")
    return tmp_path / "dorp"


def with_algorithm(dorp: Path, **changes: object) -> None:
    said = {
        "id": "kiezen", "title": "Kiezen", "summary": "Kiest.", "status": "in_use", "category": "other", "goal": "Kiezen.",
        "proportionality": "Wij vinden het redelijk.", "human_intervention": "Geen.", "risks": "Geen.", "method": "Leert.",
        "ai_act": {"answers": RULES, "decided_by": "maker", "decided_on": "2026-01-01"},
    }  # fmt: skip
    (dorp / "algorithms").mkdir(exist_ok=True)
    (dorp / "algorithms" / "kiezen.yaml").write_text(yaml.safe_dump({**said, **changes}), "utf-8")


def test_data_on_health_cannot_be_published_without_a_dpia() -> None:
    assert blocks(facts()) == [("dpia", "zorg", "missing")]
    assert blocks(signed(facts())) == []


def test_a_dpia_that_was_signed_before_another_column_came_into_use_blocks_publication() -> None:
    city = signed(facts())
    more = replace(city.indicators["zorg_telling"], columns=(("zorg", "zorgsoort"), ("zorg", "leeftijd")))
    found = stale_papers(replace(city, indicators={"zorg_telling": more}))
    assert [one.state for one in found] == ["stale"]
    assert "2 (Persoonsgegevens)" in found[0].why


def test_a_dpia_that_was_signed_for_a_shorter_retention_blocks_publication() -> None:
    city = signed(facts())
    found = stale_papers(replace(city, purposes={"zorg": purpose(retention="P30Y")}))
    assert [one.state for one in found] == ["stale"]
    assert "10 (Bewaartermijnen)" in found[0].why


def test_a_signed_dpia_that_was_swapped_for_another_document_is_detected() -> None:
    assert blocks(replace(signed(facts()), kept_files={"dpia": "0" * 64})) == [("dpia", "zorg", "changed")]
    assert blocks(replace(signed(facts()), kept_files={"dpia": None})) == [("dpia", "zorg", "missing")]


def test_the_dpia_of_another_purpose_does_not_count() -> None:
    city = facts(purposes={"zorg": purpose(), "wonen": purpose(id="wonen", special=False)})
    assert blocks(signed(city, "wonen")) == [("dpia", "zorg", "missing")]


def test_an_algorithm_with_impact_cannot_be_used_without_an_iama() -> None:
    city = signed(facts(algorithms={"recht": algorithm(category="impactful")}))
    assert blocks(city) == [("iama", "recht", "missing")]


def test_an_algorithm_cannot_call_itself_harmless_where_its_answers_make_it_high_risk(dorp: Path) -> None:
    with_algorithm(dorp, ai_act={"answers": HIGH_RISK, "decided_by": "maker", "decided_on": "2026-01-01"})
    with pytest.raises(
        DeclarationError,
        match=r"algorithms/kiezen\.yaml:\d+:\d+: `other` is not what the answers.*Write `high_risk`",
    ):
        check(dorp)


def test_an_algorithm_that_the_ai_act_forbids_cannot_stand_in_a_project(dorp: Path) -> None:
    forbidden = {
        **{key: HIGH_RISK[key] for key in ("1.1", "1.2", "1.3", "1.4.1", "1.5")},
        "2.1": "Ja",
        "2.2": "Nee",
    }
    with_algorithm(dorp, ai_act={"answers": forbidden, "decided_by": "maker", "decided_on": "2026-01-01"})
    with pytest.raises(DeclarationError, match="is forbidden by the AI Act"):
        check(dorp)


def test_an_algorithm_cannot_skip_a_question_of_the_ai_act(dorp: Path) -> None:
    some = {key: value for key, value in HIGH_RISK.items() if key != "2.5"}
    with_algorithm(dorp, ai_act={"answers": some, "decided_by": "maker", "decided_on": "2026-01-01"})
    with pytest.raises(DeclarationError, match=r"Question 2\.5 of the AI Act tree has no answer"):
        check(dorp)


@pytest.mark.parametrize(
    "who", ["999990019", "99999001", "0999990019000000000", "jan.jansen@stad.nl", "Jan Jansen uit Stad"]
)
def test_a_person_cannot_be_named_in_the_log_by_what_others_know_them_by(tmp_path: Path, who: str) -> None:
    record = LogRecord(TRACE, SPAN, None, "inzien", "https://stad.example/id/verwerking/zorg", int(NOW.timestamp() * 1000),
                       int(NOW.timestamp() * 1000), "Ok", subject=who, subject_kind="BSN")  # fmt: skip
    with pytest.raises(ZichtError, match="no pseudonym") as refused:
        Logbook(tmp_path / "log.jsonl").write([record])
    assert who not in str(refused.value)
    assert who not in (tmp_path / "log.jsonl").read_text("utf-8")


def test_nothing_is_processed_when_it_cannot_be_logged(dorp: Path) -> None:
    (dorp / ".zicht").mkdir()
    (dorp / ".zicht" / "logbook").write_text("in the way", "utf-8")
    with pytest.raises(ZichtError, match="without it no personal data are processed"):
        build(dorp)
    assert not (dorp / ".zicht" / "objects").exists()


def test_a_build_that_fails_on_personal_data_is_in_the_log_all_the_same(dorp: Path) -> None:
    delivery = dorp / "leveringen" / "inwoners.csv"
    lines = delivery.read_text("utf-8").splitlines()
    delivery.write_text("\n".join([lines[0], *("kapot" for _ in lines[1:])]), "utf-8")
    with pytest.raises(ZichtError):
        build(dorp)
    log = [
        json.loads(line)
        for path in (dorp / ".zicht" / "logbook").iterdir()
        for line in path.read_text("utf-8").splitlines()
    ]
    assert [(one["status"], one["name"].split(":")[0]) for one in log] == [
        ("Error", "register/inwoners"),
        ("Error", "Bouw"),
    ]
    assert log[0]["parent_span_id"] == log[1]["span_id"]


def test_a_document_from_elsewhere_cannot_be_kept_as_signed(dorp: Path, tmp_path: Path) -> None:
    (tmp_path / "dpia.pdf").write_bytes(b"signed")
    with pytest.raises(ZichtError, match="Put the signed document there first"):
        keep_paper(dorp, "dpia", "beleidsinformatie", tmp_path / "dpia.pdf", ["FG"], NOW)


def test_a_paper_that_was_kept_is_current_until_its_purpose_changes(dorp: Path) -> None:
    (dorp / "papers").mkdir()
    (dorp / "papers" / "dpia.pdf").write_bytes(b"signed")
    kept = keep_paper(dorp, "dpia", "beleidsinformatie", Path("dpia.pdf"), ["FG"], NOW)
    assert yaml.safe_load(kept.read_text("utf-8"))["signed_on"] == "2026-03-01"
    declared = dorp / "purposes" / "beleidsinformatie.yaml"
    text = (
        declared.read_text("utf-8")
        .replace("P10Y", "P9Y")
        .replace('"eu-gdpr:A6-1-e"', '"eu-gdpr:A6-1-e", "eu-gdpr:A9-2-j"')
    )
    declared.write_text(text + "special: true\n", "utf-8")
    found = publication_papers(dorp, NOW + dt.timedelta(days=1))
    assert [(one.state, one.about) for one in found] == [("stale", "beleidsinformatie")]


def test_a_release_cannot_be_submitted_without_the_dpia_that_its_data_ask_for(village: Village) -> None:
    declared = "purposes/beleidsinformatie.yaml"
    village.edit(declared, '"eu-gdpr:A6-1-e"]', '"eu-gdpr:A6-1-e", "eu-gdpr:A9-2-j"]\nspecial: true')
    village.edit(declared, "version: 1", "version: 2")
    build(village.folder)
    with pytest.raises(ZichtError, match="dpia of `beleidsinformatie` is missing"):
        village.submit()
    (village.folder / "papers").mkdir()
    (village.folder / "papers" / "dpia.pdf").write_bytes(b"signed")
    keep_paper(village.folder, "dpia", "beleidsinformatie", Path("dpia.pdf"), ["FG"], NOW)
    build(village.folder)
    village.submit()
    village.judge(Action.REVIEW, "toetser")
    explained = explain_figure(village.folder, "bijstand", "GM9002", "2025")
    assert [str(one["person"]) for one in explained.decisions][-1] == "Tess de Toetser"
