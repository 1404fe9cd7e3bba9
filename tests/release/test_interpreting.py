"""What people make of signals is a decision of one person with a role, and the last one counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from zicht.declare import Review
from zicht.errors import ZichtError
from zicht.findings import About, findings
from zicht.release import (
    Action,
    Actor,
    DecisionLog,
    Signal,
    Verdict,
    Wish,
    decide_interpretation,
    interpretations,
    signals_in,
    standings,
)
from zicht.release.decisions import row_of, verify_rows

REVIEW = Review.model_validate(
    {
        "people": (
            {"id": "m", "name": "M", "roles": ("maker",)},
            {"id": "r", "name": "R", "roles": ("reviewer",)},
            {"id": "a", "name": "A", "roles": ("approver", "publisher")},
            {"id": "w", "name": "W. de Vries", "roles": ("interpreter",), "function": "Wijkregisseur"},
        )
    }
)
NOON = dt.datetime(2025, 3, 1, 12, 0, tzinfo=dt.UTC)
SIGNAL = Signal("lampen", "2024-12", ("BU90010101",))
FUNCTIONS = {"w": "Wijkregisseur"}


def wish(verdict: Verdict = Verdict.REAL, who: str = "w", reason: str = "Er was een storing in de kabel", minute: int = 0) -> Wish:  # fmt: skip
    told = {
        "finding": SIGNAL.finding, "period": SIGNAL.period, "areas": list(SIGNAL.areas), "verdict": str(verdict), "shown_in": "a" * 64,
    }  # fmt: skip
    at = NOON + dt.timedelta(minutes=minute)
    return Wish(Action.INTERPRET, SIGNAL.id, Actor(REVIEW.person(who), "root"), at, reason, told)


@pytest.fixture
def log(tmp_path: Path) -> DecisionLog:
    return DecisionLog("stad", tmp_path)


def test_the_last_conclusion_about_a_signal_counts_and_bears_a_function_and_no_name(log: DecisionLog) -> None:
    decide_interpretation(log, REVIEW, wish(Verdict.REAL))
    decide_interpretation(
        log, REVIEW, wish(Verdict.KNOWN_CAUSE, reason="Toch de jaarmarkt op het plein", minute=5)
    )
    (found,) = interpretations(log.decisions(), FUNCTIONS).values()
    assert (found.signal, found.verdict, found.by, found.on) == (
        SIGNAL,
        Verdict.KNOWN_CAUSE,
        "Wijkregisseur",
        "2025-03-01",
    )
    assert "Vries" not in str(found.as_dict())
    assert len(log.decisions()) == 2
    assert log.verify() == ()


def test_who_has_no_function_is_told_by_role(log: DecisionLog) -> None:
    decide_interpretation(log, REVIEW, wish())
    assert interpretations(log.decisions(), {})[SIGNAL.id].by == "interpreter"


def test_an_interpretation_changes_nothing_about_releases(log: DecisionLog) -> None:
    decide_interpretation(log, REVIEW, wish())
    assert standings(log.decisions()) == {}


@pytest.mark.parametrize(
    ("wished", "review", "told"),
    [
        (wish(who="m"), REVIEW, "that takes the role `interpreter`"),
        (wish(reason="ok"), REVIEW, "a reason of at least 10 characters"),
        (wish(), None, "declares nobody who decides"),
        (wish(), Review.model_validate({"none": "een voorbeeld zonder toetsing"}), "declares nobody who decides"),
    ],
)  # fmt: skip
def test_what_may_not_be_decided_is_refused_and_leaves_nothing(
    log: DecisionLog, wished: Wish, review: Review | None, told: str
) -> None:
    with pytest.raises(ZichtError, match=told):
        decide_interpretation(log, review, wished)
    assert log.decisions() == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"role": "maker"}, "it takes the role `interpreter`"),
        ({"release": "b" * 64}, "is another than the one it is about"),
        ({"evidence": {"finding": "lampen"}}, "it does not say of which signal"),
    ],
)
def test_a_row_that_was_written_into_the_log_is_noticed(
    log: DecisionLog, change: dict[str, object], told: str
) -> None:
    made = decide_interpretation(log, REVIEW, wish())
    (problem,) = verify_rows([row_of(replace(made, **change))], "stad")
    assert told in str(problem)


def test_signals_are_relevant_rows_whole_pieces_of_the_map_and_what_all_share() -> None:
    about = About("f", "buurt", 2025, "2024-12")
    areas = ["B1", "B2", "B3"]
    months = findings(about, "signal", {"area": [*areas, None], "group": [None, "shared", None, "shared"], "relevant": [True, False, False, True]})  # fmt: skip
    assert {one.areas for one in signals_in(months, {"f": "signals"})} == {("B1",), ()}
    pieces = findings(about, "scan", {
        "area": [*areas, None], "group": ["1", "1", None, "1"], "relevant": [True, True, False, True], "period": ["2024-12"] * 3 + ["2024-11/2024-12"],
    })  # fmt: skip
    assert signals_in(pieces, {"f": "recent_clusters"}) == [Signal("f", "2024-11/2024-12", ("B1", "B2"))]
    assert signals_in(pieces, {"f": "scan"}) == []


def test_a_signal_is_the_same_in_every_release_and_another_elsewhere() -> None:
    assert Signal("lampen", "2024-12", ("BU90010101",)).id == SIGNAL.id
    others = {Signal("lampen", "2024-11", SIGNAL.areas).id, Signal("afval", "2024-12", SIGNAL.areas).id, Signal("lampen", "2024-12", ()).id}  # fmt: skip
    assert len(others - {SIGNAL.id}) == 3
