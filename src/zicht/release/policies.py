"""Under which circumstances a decision about a release may be taken, whoever takes it; and about a request for re-linking.

`decide`, and for requests `decide_relinking`, is the one way in which a decision comes about: state machine, permissions and policies are asked while nobody else can decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from zicht.declare import Review
from zicht.engine import digest_of
from zicht.errors import ZichtError
from zicht.release.decisions import FIRST, MAX_REASON, Decision, Head, Standing, standings, twice
from zicht.release.log import DecisionLog
from zicht.release.permissions import Actor, role_for, why_not
from zicht.release.relinking import RELINKING, Deed, Relinking, forbidden, relinkings
from zicht.release.states import Action, State, next_state, possible_in

REASONED = (Action.RETURN, Action.WITHDRAW)
"""Decisions that say nothing without a reason."""

BOUND = (Action.SUBMIT, Action.REVIEW, Action.APPROVE)
"""Decisions that count only under the people that were declared when they were taken."""

MIN_REASON = 10  # characters; "ok" and "fout" are no reasons [D]


@dataclass(frozen=True)
class Wish:
    """A decision that somebody wants to take.

    Attributes:
        action: what is decided.
        release: digest of the release, or of the request for re-linking.
        actor: who decides.
        at: when; with its time zone.
        reason: why.
        evidence: what it rests on, besides what `decide` adds itself.
        beside: digests of the releases that are public already, sorted, against which the release was protected or is to be published.
    """

    action: Action
    release: str
    actor: Actor
    at: datetime
    reason: str = ""
    evidence: Mapping[str, object] = field(default_factory=dict)
    beside: Sequence[str] = ()


def decide(
    log: DecisionLog, review: Review | None, wishes: Sequence[Wish], heads: Sequence[Head] = ()
) -> tuple[Decision, ...]:
    """Take decisions, all or none.

    Args:
        log: the decisions of the project.
        review: who decides, as declared; None where it is not.
        wishes: what is decided, in order.
        heads: what was kept of the log elsewhere.

    Returns:
        The decisions as they were appended.

    Raises:
        ZichtError: one of them may not be taken: the message says why, and what would be right.
    """

    def make(before: tuple[Decision, ...]) -> list[Decision]:
        made: list[Decision] = []
        for wish in wishes:
            so_far = (*before, *made)
            standing = standings(so_far).get(wish.release, Standing(wish.release))
            for reason in objections(wish, standing, review):
                raise ZichtError(reason)
            made.append(_written(wish, log.project, review, so_far))
        return made

    log.decisions(heads)
    return log.append(make)


def decide_relinking(
    log: DecisionLog, review: Review | None, wish: Wish, heads: Sequence[Head] = ()
) -> Decision:
    """Take a decision about a request for re-linking.

    Args:
        log: the decisions of the project.
        review: who decides, as declared; None where it is not.
        wish: what is decided; its `release` is the digest of the request.
        heads: what was kept of the log elsewhere.

    Returns:
        The decision as it was appended.

    Raises:
        ZichtError: it may not be taken: the message says why.
    """

    def make(before: tuple[Decision, ...]) -> list[Decision]:
        for reason in relinking_objections(wish, relinkings(before).get(wish.release), review):
            raise ZichtError(f"Nothing is re-linked: {reason}")
        return [_written(wish, log.project, review, before)]

    log.decisions(heads)
    return log.append(make)[-1]


def decide_interpretation(
    log: DecisionLog, review: Review | None, wish: Wish, heads: Sequence[Head] = ()
) -> Decision:
    """Take a decision about a signal.

    Args:
        log: the decisions of the project.
        review: who decides, as declared; None where it is not.
        wish: the decision; `release` is the id of the signal, and the evidence says what it is about and what was concluded.
        heads: what was kept of the log elsewhere.

    Returns:
        The decision as it was appended.

    Raises:
        ZichtError: it may not be taken: the message says why.
    """

    def make(before: tuple[Decision, ...]) -> list[Decision]:
        for reason in _not_for_one_person(wish, review):
            raise ZichtError(f"The signal is not interpreted: {reason}")
        return [_written(wish, log.project, review, before)]

    log.decisions(heads)
    return log.append(make)[-1]


def _not_for_one_person(wish: Wish, review: Review | None) -> Iterator[str]:
    """Why somebody may not take a decision that takes a role and a reason, and no second person."""
    person = wish.actor.person
    if review is None or review.none is not None or person is None:
        yield "zicht.yaml declares nobody who decides; name people under `review: people:`, one with the role `interpreter`."
        return
    if review.person(person.id) != person:
        yield f"`{person.id}` is not declared in zicht.yaml."
    if reason := why_not(wish.actor, wish.action):
        yield reason
    if len(wish.reason.strip()) < MIN_REASON:
        yield f"it takes a reason of at least {MIN_REASON} characters, which the public reads."
    if len(wish.reason) > MAX_REASON:
        yield f"the reason has {len(wish.reason):,} characters; at most {MAX_REASON:,} are kept."


def relinking_objections(wish: Wish, before: Relinking | None, review: Review | None) -> Iterator[str]:
    """Why a decision about a request for re-linking may not be taken, the weightiest reason first.

    Args:
        wish: the decision.
        before: where the request stands; None where there is none.
        review: who decides, as declared.
    """
    person = wish.actor.person
    if review is None or review.none is not None or person is None:
        yield "zicht.yaml declares nobody who decides, and this takes two people; name them under `review: people:`."
        return
    if review.person(person.id) != person:
        yield f"`{person.id}` is not declared in zicht.yaml."
    if person.account is None:
        yield f"`{person.id}` declares no account, and here nobody acts on his word; give each an `account` in zicht.yaml."
    if reason := why_not(wish.actor, wish.action):
        yield reason
    role = role_for(wish.actor, wish.action) or ""
    yield from forbidden(before, Deed(wish.action, person.id, role, wish.actor.account, _moment(wish.at)))
    if wish.action != Action.RELINK_OPEN and len(wish.reason.strip()) < MIN_REASON:
        yield f"it takes a reason of at least {MIN_REASON} characters, which is kept."
    if len(wish.reason) > MAX_REASON:
        yield f"the reason has {len(wish.reason):,} characters; at most {MAX_REASON:,} are kept."


def objections(wish: Wish, standing: Standing, review: Review | None) -> Iterator[str]:
    """Why a decision may not be taken, the weightiest reason first.

    Args:
        wish: the decision.
        standing: where the release stands.
        review: who decides, as declared.
    """
    if review is None:
        yield (
            "zicht.yaml does not say who decides about releases. Add `review:` with the people who make, review, approve and publish, "
            "or `review: {none: why releases are published without}`, which the public reads."
        )
        return
    if next_state(standing.state, wish.action) is None:
        possible = " or ".join(possible_in(standing.state)) or "nothing"
        yield f"Release {wish.release[:16]} is {standing.state}, so it cannot be decided to {wish.action}; what can be: {possible}."
    yield from _by_declaration(wish, review)
    if reason := why_not(wish.actor, wish.action):
        yield reason
    if reason := twice(standing, wish.action, wish.actor.id):
        yield reason
    yield from _on_reason(wish)
    if wish.action in (Action.REVIEW, Action.APPROVE, Action.PUBLISH) and standing.state != State.SUPERSEDED:
        yield from _outdated(wish, standing, review)


def _by_declaration(wish: Wish, review: Review) -> Iterator[str]:
    if review.none is not None and wish.action not in (
        Action.CHECK,
        Action.PUBLISH_UNREVIEWED,
        Action.PUBLISH,
        Action.WITHDRAW,
    ):
        yield f"zicht.yaml says `review: none`, so there is nobody to {wish.action}; declare `people` there."
    if review.none is None and wish.action == Action.PUBLISH_UNREVIEWED:
        yield "zicht.yaml declares people who review, so nothing is published without them."
    if (wish.actor.person is None) != (review.none is not None):
        yield "Who decides is not known; name one of the people in zicht.yaml."
    elif wish.actor.person is not None and review.person(wish.actor.id) != wish.actor.person:
        yield f"`{wish.actor.id}` is not declared in zicht.yaml."


def _on_reason(wish: Wish) -> Iterator[str]:
    if wish.action in REASONED and len(wish.reason.strip()) < MIN_REASON:
        yield f"To {wish.action} a release takes a reason of at least {MIN_REASON} characters; it is kept."
    if len(wish.reason) > MAX_REASON:
        yield f"The reason has {len(wish.reason):,} characters; at most {MAX_REASON:,} are kept."
    if wish.at.tzinfo is None:
        yield "The moment of a decision needs its time zone."


def _outdated(wish: Wish, standing: Standing, review: Review) -> Iterator[str]:
    """Where what was decided before holds no more, because what it rested on changed."""
    submitted = standing.by.get(Action.SUBMIT)
    if submitted is not None and submitted.evidence.get("beside") != sorted(wish.beside):
        yield (
            f"Since release {wish.release[:16]} was submitted another was published, and it was not protected together with that one. "
            "Send it back, build, and submit what that gives."
        )
    for action in BOUND:
        earlier = standing.by.get(action)
        if earlier is not None and earlier.evidence.get("review") != _declared(review):
            yield (
                f"The people in zicht.yaml are others than when `{earlier.person}` decided to {action}, so that counts no more. "
                "Put them back, or send the release back and submit it again."
            )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _declared(review: Review) -> str:
    return digest_of(review.model_dump(mode="json"))


def _written(wish: Wish, project: str, review: Review | None, before: Sequence[Decision]) -> Decision:
    evidence = dict(wish.evidence)
    if wish.action not in RELINKING and wish.action != Action.INTERPRET:
        evidence["beside"] = sorted(wish.beside)
    if wish.action in BOUND and review is not None:
        evidence["review"] = _declared(review)
    at = _moment(wish.at)
    if before and at < before[-1].at:
        raise ZichtError(
            f"The clock of this machine stands at {at}, before the last decision ({before[-1].at}). Put it right first."
        )
    return Decision(
        number=len(before) + 1, project=project, release=wish.release, action=wish.action, person=wish.actor.id,
        role=role_for(wish.actor, wish.action) or "", account=wish.actor.account, at=at, reason=wish.reason.strip(),
        evidence=evidence, previous=before[-1].digest if before else FIRST,
    )  # fmt: skip
