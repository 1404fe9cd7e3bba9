"""Decisions: a chain that shows what was done to it, in SQLite and in PostgreSQL alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from postgres import cluster

import zicht.release.log as log_module
from zicht.declare import Review
from zicht.errors import ZichtError
from zicht.release import (
    TRANSITIONS,
    Action,
    Actor,
    DecisionLog,
    Head,
    State,
    Wish,
    decide,
    next_state,
    possible_in,
    standings,
)
from zicht.release.decisions import FIRST, Decision, Row, read_rows, row_of, verify_rows

REVIEW = Review.model_validate(
    {
        "people": (
            {"id": "m", "name": "M", "roles": ("maker",)},
            {"id": "r", "name": "R", "roles": ("reviewer",)},
            {"id": "a", "name": "A", "roles": ("approver", "publisher")},
        )
    }
)
WHO = {
    Action.CHECK: "m",
    Action.SUBMIT: "m",
    Action.REVIEW: "r",
    Action.APPROVE: "a",
    Action.RETURN: "r",
    Action.PUBLISH: "a",
    Action.WITHDRAW: "a",
}
NOON = dt.datetime(2025, 3, 1, 12, 0, tzinfo=dt.UTC)
WAY = (Action.CHECK, Action.SUBMIT, Action.REVIEW, Action.APPROVE, Action.PUBLISH)


def wish(action: Action, release: str = "a" * 64, minute: int = 0) -> Wish:
    actor = Actor(REVIEW.person(WHO[action]), "root")
    return Wish(action, release, actor, NOON + dt.timedelta(minutes=minute), "een goede reden om dit te doen")


def chain(choices: Sequence[tuple[int, int]]) -> list[Decision]:
    """Decisions that can be taken, chosen by numbers: about which of three releases, and which of what is possible."""
    made: list[Decision] = []
    for which, choice in choices:
        release = f"{which}" * 64
        found = standings(made).get(release)
        possible = [
            one
            for one in possible_in(found.state if found else State.CANDIDATE)
            if one != Action.PUBLISH_UNREVIEWED
        ]
        if not possible:
            continue
        action = possible[choice % len(possible)]
        previous = made[-1].digest if made else FIRST
        at = (NOON + dt.timedelta(minutes=len(made))).strftime("%Y-%m-%dT%H:%M:%SZ")
        made.append(
            Decision(len(made) + 1, "p", release, action, WHO[action], "role", "root", at, previous=previous)
        )
    return made


chains = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=2, max_size=14).map(chain)


@given(chains)
def test_a_chain_that_was_left_alone_is_whole_and_read_as_it_was_written(decisions: list[Decision]) -> None:
    rows = [row_of(one) for one in decisions]
    assert read_rows(rows, "p", [Head(len(rows), rows[-1].digest, "elsewhere")]) == tuple(decisions)


@given(chains, st.data())
def test_any_edit_of_a_text_is_found(decisions: list[Decision], data: st.DataObject) -> None:
    rows = [row_of(one) for one in decisions]
    at = data.draw(st.integers(0, len(rows) - 1))
    place = data.draw(st.integers(0, len(rows[at].text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda c: c != rows[at].text[place]))
    rows[at] = replace(rows[at], text=rows[at].text[:place] + other + rows[at].text[place + 1 :])
    assert verify_rows(rows, "p")


@given(chains, st.data())
def test_an_edit_with_its_digest_made_right_is_found_unless_all_after_it_is_made_right_too(
    decisions: list[Decision], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(decisions) - 1))
    rows = [row_of(one) for one in decisions]
    head = Head(len(rows), rows[-1].digest, "the public site")
    rows[at] = row_of(replace(decisions[at], reason="iets anders dan er stond"))
    assert verify_rows(rows, "p", [head])


@given(chains, st.data())
def test_rows_that_are_deleted_swapped_or_repeated_are_found(
    decisions: list[Decision], data: st.DataObject
) -> None:
    rows = [row_of(one) for one in decisions]
    at = data.draw(st.integers(0, len(rows) - 2))
    without = [*rows[:at], *rows[at + 1 :]]
    swapped = [*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]]
    renumbered = [replace(row, number=number) for number, row in enumerate(swapped, start=1)]
    for changed in (without, swapped, renumbered, [*rows[: at + 1], *rows[at:]]):
        assert verify_rows(changed, "p")


@given(chains, st.data())
def test_a_tail_cut_off_is_found_by_whoever_kept_the_head(
    decisions: list[Decision], data: st.DataObject
) -> None:
    rows = [row_of(one) for one in decisions]
    cut = rows[: data.draw(st.integers(0, len(rows) - 1))]
    assert verify_rows(cut, "p", [Head(len(rows), rows[-1].digest, "the public site")])
    assert not verify_rows(cut, "p")  # a chain alone cannot tell


@given(chains)
def test_a_chain_of_another_project_is_not_taken_for_ones_own(decisions: list[Decision]) -> None:
    assert verify_rows([row_of(one) for one in decisions], "q")


@given(chains)
def test_the_public_sees_one_release_at_most(decisions: list[Decision]) -> None:
    for at in range(len(decisions)):
        states = [one.state for one in standings(decisions[: at + 1]).values()]
        assert states.count(State.PUBLISHED) <= 1


def test_a_withdrawn_release_has_no_way_out_and_every_other_state_has() -> None:
    assert [state for state in State if not possible_in(state)] == [State.WITHDRAWN]


def test_nothing_is_published_without_a_review_and_an_approval_or_saying_so() -> None:
    into = {one.action for one in TRANSITIONS if one.after == State.PUBLISHED}
    assert into == {Action.PUBLISH, Action.PUBLISH_UNREVIEWED}
    assert [one.before for one in TRANSITIONS if one.action == Action.PUBLISH] == [
        State.APPROVED,
        State.SUPERSEDED,
    ]
    assert next_state(State.REVIEWED, Action.PUBLISH) is None


# In a database


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with cluster() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> DecisionLog:
    """An empty log; each test is a project of its own in the one database."""
    url = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    return DecisionLog(tmp_path.name, tmp_path, url)


def engine_of(log: DecisionLog) -> sa.Engine:
    return log._engine


def test_what_was_decided_is_read_back_from_either_database(log: DecisionLog) -> None:
    made = [decide(log, REVIEW, [wish(action, minute=at)])[0] for at, action in enumerate(WAY)]
    assert log.decisions() == tuple(made)
    assert log.verify() == ()
    assert [one.number for one in made] == [1, 2, 3, 4, 5]
    assert all(after.previous == before.digest for before, after in pairwise(made))


@pytest.mark.parametrize("statement", ["UPDATE decision SET text = 'x'", "DELETE FROM decision"])
def test_either_database_refuses_to_change_or_delete_a_row(log: DecisionLog, statement: str) -> None:
    decide(log, REVIEW, [wish(Action.CHECK)])
    with (
        pytest.raises(sa.exc.DatabaseError, match="appended, never changed"),
        engine_of(log).begin() as connection,
    ):
        connection.execute(sa.text(statement))


def test_postgresql_refuses_to_empty_the_table(postgres: str, tmp_path: Path) -> None:
    log = DecisionLog(tmp_path.name, tmp_path, postgres)
    decide(log, REVIEW, [wish(Action.CHECK)])
    with (
        pytest.raises(sa.exc.DatabaseError, match="appended, never changed"),
        engine_of(log).begin() as connection,
    ):
        connection.execute(sa.text("TRUNCATE decision"))


def test_two_who_decide_at_once_never_follow_the_same_decision(log: DecisionLog) -> None:
    decide(log, REVIEW, [wish(Action.CHECK, "0" * 64)])

    def check(which: int) -> str:
        return decide(log, REVIEW, [wish(Action.CHECK, f"{which}" * 64)])[0].digest

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(check, range(1, 9)))
    assert log.verify() == ()
    kept = [one.digest for one in log.decisions()]
    assert len(kept) == 9
    assert sorted(kept[1:]) == sorted(told)
    assert [head.number for head in log.heads()] == [9]


def test_the_last_decision_is_told_of_though_another_process_told_of_it_first(
    log: DecisionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another decides after this one looked at the file, and tells of it before this one does: no lock holds between processes."""
    write = log_module._write_head

    def overtaken(path: Path, decision: Decision) -> None:
        with monkeypatch.context() as alone:
            alone.setattr(log_module, "_write_head", write)
            if decision.number == 1:
                decide(log, REVIEW, [wish(Action.CHECK, "1" * 64)])
            write(path, decision)

    monkeypatch.setattr(log_module, "_WITNESSED", nullcontext())
    monkeypatch.setattr(log_module, "_write_head", overtaken)
    decide(log, REVIEW, [wish(Action.CHECK, "0" * 64)])
    assert [head.number for head in log.heads()] == [2]
    assert log.verify() == ()


@pytest.mark.parametrize("reading", ["rows", "heads"])
def test_who_reads_while_another_decides_is_not_told_that_the_log_is_broken(
    log: DecisionLog, reading: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(log, REVIEW, [wish(Action.CHECK, "0" * 64)])
    read = getattr(DecisionLog, reading)

    def read_and_let_another_decide(self: DecisionLog) -> object:
        found = read(self)
        with monkeypatch.context() as alone:
            alone.setattr(DecisionLog, reading, read)
            decide(self, REVIEW, [wish(Action.CHECK, f"{len(self.rows())}" * 64)])
        return found

    monkeypatch.setattr(DecisionLog, reading, read_and_let_another_decide)
    log.decisions()
    assert log.verify() == ()


def test_only_one_of_two_who_take_the_same_decision_at_once_succeeds(log: DecisionLog) -> None:
    decide(log, REVIEW, [wish(Action.CHECK), wish(Action.SUBMIT)])

    def review(_: int) -> bool:
        try:
            return bool(decide(log, REVIEW, [wish(Action.REVIEW)]))
        except ZichtError:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(review, range(4))) == 1
    assert log.verify() == ()


def test_decisions_that_cannot_all_be_taken_are_none_of_them_taken(log: DecisionLog) -> None:
    with pytest.raises(ZichtError, match="is checked, so it cannot be decided to approve"):
        decide(log, REVIEW, [wish(Action.CHECK), wish(Action.APPROVE)])
    assert log.rows() == ()


def test_rows_of_one_database_are_put_back_in_another(log: DecisionLog, tmp_path: Path) -> None:
    for at, action in enumerate(WAY):
        decide(log, REVIEW, [wish(action, minute=at)])
    other = DecisionLog(log.project, tmp_path / "other")
    other.restore(log.rows())
    assert other.rows() == log.rows()
    assert other.heads() == log.heads()
    other.restore(log.rows())  # a second time changes nothing
    decide(other, REVIEW, [wish(Action.CHECK, "b" * 64, 9)])
    decide(log, REVIEW, [wish(Action.CHECK, "c" * 64, 9)])
    with pytest.raises(ZichtError, match="has other decisions"):
        other.restore(log.rows())


def test_rows_that_are_not_whole_are_not_put_back(log: DecisionLog) -> None:
    with pytest.raises(ZichtError, match="not as they were taken"):
        log.restore([Row(1, FIRST, "0" * 64, "{}")])
    assert log.rows() == ()


def test_a_database_that_cannot_be_reached_is_said_without_a_traceback(tmp_path: Path) -> None:
    log = DecisionLog("p", tmp_path, f"postgresql://zicht@/postgres?host={tmp_path}")
    with pytest.raises(ZichtError, match="The decisions of `p` cannot be reached"):
        log.rows()
