"""Decisions about releases: each is appended, never changed, and bears the digest of the one before it.

A decision is kept as one text, its canonical JSON; the SHA-256 of that text is its digest and stands in the next. Who edits, deletes, inserts or
re-orders a row breaks the chain from there on (Haber and Stornetta, *How to time-stamp a digital document*, 1991). A chain alone says nothing of a
tail that was cut off or of a log written anew from the start; for that `Head`s are kept elsewhere and must be found in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from zicht.errors import Place, Problem, ZichtError
from zicht.release.interpreting import forbidden_to_interpret
from zicht.release.permissions import NOBODY
from zicht.release.relinking import RELINKING, Deed, forbidden, relinkings
from zicht.release.states import Action, State, next_state

FIRST = "0" * 64
"""What stands as the digest before the first decision."""

PLACE = "decisions"
MAX_REASON = 2_000
_KEYS = {"number", "project", "release", "action", "person", "role", "account", "at", "reason", "evidence", "previous"}  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """One decision about one release, one request for re-linking, or one signal.

    Attributes:
        number: its place in the log of the project, from 1.
        project: id of the project.
        release: digest of the release or request it is about, or id of the signal; it counts for no other.
        action: what was decided.
        person: id of who decided; `nobody` where the project publishes without review.
        role: the role in which, empty where the project publishes without review.
        account: name of the account on the machine, as the operating system gave it.
        at: when, in UTC, such as `2025-03-01T09:30:00Z`.
        reason: why, in the words of the person.
        evidence: what the decision rests on: digests, results of checks; what JSON can hold.
        previous: digest of the decision before it.
    """

    number: int
    project: str
    release: str
    action: Action
    person: str
    role: str
    account: str
    at: str
    reason: str = ""
    evidence: Mapping[str, object] = field(default_factory=dict)
    previous: str = FIRST

    def text(self) -> str:
        """The decision as the one text that is kept and digested."""
        return canonical({key: getattr(self, key) for key in _KEYS})

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hex."""
        return _digest(self.text())


@dataclass(frozen=True, slots=True)
class Row:
    """A decision as it is kept.

    Attributes:
        number: its place in the log.
        previous: digest of the decision before it.
        digest: of the text.
        text: canonical JSON of the decision.
    """

    number: int
    previous: str
    digest: str
    text: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last decision at some moment, as somebody kept it outside the log.

    Attributes:
        number: its place in the log.
        digest: its digest.
        kept: where this was kept, for a person.
    """

    number: int
    digest: str
    kept: str


@dataclass(frozen=True)
class Standing:
    """What the decisions about one release add up to.

    Attributes:
        release: its digest.
        state: where it stands.
        by: the last decision of each kind since it was last submitted.
        decisions: all decisions about it, in order.
    """

    release: str
    state: State = State.CANDIDATE
    by: Mapping[Action, Decision] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()


def canonical(value: object) -> str:
    """JSON in the one way in which a value can be written here: keys in order, no spaces.

    Args:
        value: what JSON can hold.
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def row_of(decision: Decision) -> Row:
    """The row in which a decision is kept.

    Args:
        decision: which one.
    """
    return Row(decision.number, decision.previous, decision.digest, decision.text())


def read_rows(rows: Sequence[Row], project: str, heads: Iterable[Head] = ()) -> tuple[Decision, ...]:
    """The decisions in rows of a log, if it is whole.

    Args:
        rows: in order of number.
        project: id of the project.
        heads: what was kept of the log elsewhere.

    Raises:
        ZichtError: rows were edited, deleted, inserted or re-ordered, or are not there any more.
    """
    problems = verify_rows(rows, project, heads)
    if problems:
        raise ZichtError(
            f"The decisions of `{project}` are not as they were taken, so nothing can be decided on them: {problems[0]} "
            "`zicht release log --verify` lists all; put the log back from a backup."
        )
    return tuple(_parse(row.text) for row in rows)


def verify_rows(rows: Sequence[Row], project: str, heads: Iterable[Head] = ()) -> tuple[Problem, ...]:
    """What is wrong with the rows of a log.

    Args:
        rows: in order of number.
        project: id of the project.
        heads: what was kept of the log elsewhere.

    Returns:
        A problem each with the number of the decision; nothing where the log is whole.
    """
    problems = [*_broken(rows, project), *_beheaded(rows, heads)]
    if not problems:
        problems.extend(_unlawful([_parse(row.text) for row in rows]))
    return tuple(problems)


def standings(decisions: Iterable[Decision]) -> dict[str, Standing]:
    """What decisions add up to, for each release that they are about.

    Args:
        decisions: all of one project, in order.

    Returns:
        By digest of the release, in the order in which they were first decided about.
    """
    found: dict[str, Standing] = {}
    for one in decisions:
        _take(found, one)
    return found


def _take(found: dict[str, Standing], one: Decision) -> None:
    """Let a decision change where releases stand; one about re-linking or about a signal changes nothing there."""
    if one.action in RELINKING or one.action == Action.INTERPRET:
        return
    before = found.get(one.release, Standing(one.release))
    state = next_state(before.state, one.action) or before.state
    by = {} if one.action == Action.CHECK else dict(before.by)
    if state == State.PUBLISHED:
        for other, standing in found.items():
            after = next_state(standing.state, Action.SUPERSEDE)
            if after is not None:
                found[other] = replace(standing, state=after)
    found[one.release] = Standing(one.release, state, {**by, one.action: one}, (*before.decisions, one))


def published(decisions: Iterable[Decision]) -> Standing | None:
    """The release that the public sees.

    Args:
        decisions: all of one project, in order.

    Returns:
        Where that release stands; None where the public sees none.
    """
    return next((one for one in standings(decisions).values() if one.state == State.PUBLISHED), None)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _parse(text: str) -> Decision:
    value = cast("dict[str, object]", json.loads(text))
    return Decision(**{**value, "action": Action(str(value["action"]))})  # type: ignore[arg-type]


def _broken(rows: Sequence[Row], project: str) -> Iterator[Problem]:
    """Where the chain does not hold."""
    before = FIRST
    for at, row in enumerate(rows, start=1):
        place = Place(PLACE, row.number)
        if row.number != at:
            yield Problem(
                place, f"stands where decision {at} is expected: one was deleted, inserted or re-ordered."
            )
            return
        if row.previous != before:
            yield Problem(
                place, "does not follow the decision before it: one was deleted, inserted or re-ordered."
            )
        if _digest(row.text) != row.digest:
            yield Problem(place, "was edited: its text has another digest than was kept with it.")
        yield from (Problem(place, what) for what in _misread(row, project))
        before = row.digest


def _misread(row: Row, project: str) -> Iterator[str]:
    try:
        value = json.loads(row.text)
    except ValueError:
        yield "was edited: it is no JSON any more."
        return
    if not isinstance(value, dict) or set(value) != _KEYS or canonical(value) != row.text:
        yield "was edited: it is not written as decisions are."
    elif value["action"] not in set(Action):
        yield f"was edited: there is no decision `{value['action']}`."
    elif (value["number"], value["previous"], value["project"]) != (row.number, row.previous, project):
        yield "was edited: its number, project or predecessor is not that of its row."


def _beheaded(rows: Sequence[Row], heads: Iterable[Head]) -> Iterator[Problem]:
    """Where what was kept elsewhere is not in the log."""
    for head in heads:
        if head.number > len(rows):
            yield Problem(
                Place(PLACE, head.number),
                f"is not there any more: {head.kept} tells of {head.number} decisions, and the log has {len(rows)}.",
            )
        elif head.number > 0 and rows[head.number - 1].digest != head.digest:
            yield Problem(
                Place(PLACE, head.number),
                f"is another than the one that {head.kept} tells of: the log was written anew.",
            )


def _unlawful(decisions: Sequence[Decision]) -> Iterator[Problem]:
    """Decisions that could not have been taken: somebody wrote them into the log, chain and all."""
    latest = ""
    found: dict[str, Standing] = {}
    for one in decisions:
        place = Place(PLACE, one.number)
        standing = found.get(one.release, Standing(one.release))
        if one.action in RELINKING:
            before = relinkings(decisions[: one.number - 1]).get(one.release)
            deed = Deed(one.action, one.person, one.role, one.account, one.at)
            yield from (Problem(place, f"cannot have been taken: {why}") for why in forbidden(before, deed))
        elif one.action == Action.INTERPRET:
            yield from (
                Problem(place, f"cannot have been taken: {why}") for why in forbidden_to_interpret(one)
            )
        elif next_state(standing.state, one.action) is None or one.action == Action.SUPERSEDE:
            yield Problem(
                place, f"cannot have been taken: a release that is {standing.state} knows no `{one.action}`."
            )
        if reason := twice(standing, one.action, one.person):
            yield Problem(place, f"cannot have been taken: {reason}")
        if one.at < latest or not _is_moment(one.at):
            yield Problem(place, "cannot have been taken: it is older than the one before it.")
        latest = max(latest, one.at)
        _take(found, one)


def twice(standing: Standing, action: Action, person: str) -> str | None:
    """Why a person may not take a decision on account of another about the same release.

    Args:
        standing: of the release.
        action: the decision.
        person: id of who would take it.

    Returns:
        The reason in a sentence; None where nothing stands in the way.
    """
    apart = {
        Action.SUBMIT: (),
        Action.REVIEW: (Action.SUBMIT,),
        Action.APPROVE: (Action.SUBMIT, Action.REVIEW),
    }
    for earlier in apart.get(action, ()):
        decision = standing.by.get(earlier)
        if decision is not None and decision.person == person and person != NOBODY:
            done = {Action.SUBMIT: "made and submitted", Action.REVIEW: "reviewed"}[earlier]
            return (
                f"`{person}` {done} this release, and nobody may {action} after that: it takes somebody else."
            )
    return None


def _is_moment(text: str) -> bool:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").utcoffset() is not None
    except ValueError:
        return False
