"""The life of a release, as a state machine: which decision leads from which state to which.

Who may take a decision stands in `permissions`, under which circumstances in `policies`. The diagram in the documentation is drawn from
`TRANSITIONS`. A release is never changed: what changes is its state, and the state is what the decisions about it add up to.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a release stands: candidate, checked, submitted, reviewed, approved, published, superseded, withdrawn or returned."""

    CANDIDATE = "candidate"
    CHECKED = "checked"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"


class Action(StrEnum):
    """What is decided: about a release check, submit, review, approve, return, publish, publish_unreviewed, supersede or withdraw.

    About a request for re-linking pseudonyms: relink_ask, relink_agree, relink_refuse or relink_open. About a signal: interpret.
    """

    CHECK = "check"
    SUBMIT = "submit"
    REVIEW = "review"
    APPROVE = "approve"
    RETURN = "return"
    PUBLISH = "publish"
    PUBLISH_UNREVIEWED = "publish_unreviewed"
    SUPERSEDE = "supersede"
    WITHDRAW = "withdraw"
    RELINK_ASK = "relink_ask"
    RELINK_AGREE = "relink_agree"
    RELINK_REFUSE = "relink_refuse"
    RELINK_OPEN = "relink_open"
    INTERPRET = "interpret"


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow of the machine.

    Attributes:
        before: the state in which the decision can be taken.
        action: the decision.
        after: the state that it leads to.
        meaning: what it comes to, in a sentence.
    """

    before: State
    action: Action
    after: State
    meaning: str


_S, _A = State, Action

TRANSITIONS: tuple[Transition, ...] = (
    Transition(_S.CANDIDATE, _A.CHECK, _S.CHECKED, "The automatic checks passed."),
    Transition(_S.RETURNED, _A.CHECK, _S.CHECKED, "The automatic checks passed again; the reviews of before count no more."),
    Transition(_S.CHECKED, _A.CHECK, _S.CHECKED, "The automatic checks were done again."),
    Transition(_S.CHECKED, _A.SUBMIT, _S.SUBMITTED, "The maker asks for review."),
    Transition(_S.SUBMITTED, _A.REVIEW, _S.REVIEWED, "The reviewer, another than the maker, has no objection."),
    Transition(_S.REVIEWED, _A.APPROVE, _S.APPROVED, "The approver, a third person, agrees."),
    Transition(_S.SUBMITTED, _A.RETURN, _S.RETURNED, "Sent back, with a reason."),
    Transition(_S.REVIEWED, _A.RETURN, _S.RETURNED, "Sent back, with a reason."),
    Transition(_S.APPROVED, _A.RETURN, _S.RETURNED, "Sent back before it was published, with a reason."),
    Transition(_S.APPROVED, _A.PUBLISH, _S.PUBLISHED, "The public sees it."),
    Transition(_S.CHECKED, _A.PUBLISH_UNREVIEWED, _S.PUBLISHED, "The public sees it without review, where the project says why."),
    Transition(_S.PUBLISHED, _A.SUPERSEDE, _S.SUPERSEDED, "Another release is published; follows by itself."),
    Transition(_S.SUPERSEDED, _A.PUBLISH, _S.PUBLISHED, "The public sees it again."),
    Transition(_S.PUBLISHED, _A.WITHDRAW, _S.WITHDRAWN, "Off the site at once, with a reason, and never back."),
    Transition(_S.SUPERSEDED, _A.WITHDRAW, _S.WITHDRAWN, "Never back on the site, with a reason."),
)  # fmt: skip
"""Every arrow there is; what is not here cannot happen."""

_NEXT = {(one.before, one.action): one.after for one in TRANSITIONS}


def next_state(state: State, action: Action) -> State | None:
    """The state that a decision leads to.

    Args:
        state: that of the release.
        action: the decision.

    Returns:
        The state after it; None where the decision cannot be taken in this state.
    """
    return _NEXT.get((state, action))


def possible_in(state: State) -> tuple[Action, ...]:
    """The decisions that can be taken in a state, in the order of the table.

    Args:
        state: that of a release.
    """
    return tuple(one.action for one in TRANSITIONS if one.before == state and one.action != Action.SUPERSEDE)


def diagram() -> str:
    """The machine as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> candidate: build"]
    lines += [f"    {one.before} --> {one.after}: {one.action}" for one in TRANSITIONS]
    return "\n".join([*lines, "    withdrawn --> [*]"]) + "\n"
