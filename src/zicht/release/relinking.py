"""Re-linking under four eyes, as a state machine beside that of releases: asked, then agreed or refused by another, then opened once.

The rules stand here once. They are asked before a decision is taken, and again whenever the log is read: a row that breaks them was written into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from zicht.release.states import Action

if TYPE_CHECKING:
    from zicht.release.decisions import Decision

RELINKING = frozenset({Action.RELINK_ASK, Action.RELINK_AGREE, Action.RELINK_REFUSE, Action.RELINK_OPEN})
"""The decisions that are about a request for re-linking, and not about a release."""


class RelinkState(StrEnum):
    """Where a request for re-linking stands: asked, agreed, refused or opened."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    OPENED = "opened"


_NEXT: Mapping[tuple[RelinkState | None, Action], RelinkState] = {
    (None, Action.RELINK_ASK): RelinkState.ASKED,
    (RelinkState.ASKED, Action.RELINK_AGREE): RelinkState.AGREED,
    (RelinkState.ASKED, Action.RELINK_REFUSE): RelinkState.REFUSED,
    (RelinkState.AGREED, Action.RELINK_REFUSE): RelinkState.REFUSED,
    (RelinkState.AGREED, Action.RELINK_OPEN): RelinkState.OPENED,
}


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody does about a request.

    Attributes:
        action: what it is.
        person: id of who does it.
        role: the role in which.
        account: the account on the machine.
        at: when, in UTC, such as `2025-03-01T09:30:00Z`.
    """

    action: Action
    person: str
    role: str
    account: str
    at: str


@dataclass(frozen=True)
class Relinking:
    """Where a request for re-linking stands.

    Attributes:
        request: its digest.
        state: what was decided last.
        decisions: all about it, in order; the first is the request itself.
    """

    request: str
    state: RelinkState
    decisions: tuple[Decision, ...]

    @property
    def asked(self) -> Decision:
        """The request, whose evidence says what is asked."""
        return self.decisions[0]

    @property
    def until(self) -> str:
        """The moment after which it counts no more, in UTC."""
        return str(self.asked.evidence.get("until", ""))


def relinkings(decisions: Iterable[Decision]) -> dict[str, Relinking]:
    """What decisions add up to, for each request for re-linking.

    Args:
        decisions: all of one project, in order.

    Returns:
        By digest of the request, in the order in which they were asked.
    """
    found: dict[str, Relinking] = {}
    for one in decisions:
        before = found.get(one.release)
        state = _NEXT.get((before.state if before else None, one.action))
        if one.action in RELINKING and state is not None:
            found[one.release] = Relinking(one.release, state, (*(before.decisions if before else ()), one))
    return found


def forbidden(before: Relinking | None, deed: Deed) -> Iterator[str]:
    """Why something may not be done about a request.

    Args:
        before: where the request stands; None where there is none.
        deed: what somebody would do.

    Yields:
        A sentence for each reason.
    """
    if (before.state if before else None, deed.action) not in _NEXT:
        yield f"a request for re-linking that is {before.state if before else 'not there'} knows no `{deed.action}`."
    if before is None:
        return
    asked = before.asked
    if deed.action == Action.RELINK_OPEN and deed.person != asked.person:
        yield f"`{asked.person}` asked, and nobody else is given what was asked."
    if deed.action in (Action.RELINK_AGREE, Action.RELINK_REFUSE):
        if deed.person == asked.person or deed.account == asked.account:
            yield f"`{deed.person}` asked for it himself, or from the same account; it takes somebody else to decide."
        if deed.role == asked.role:
            yield "who asks and who consents must act in two roles."
    if deed.action in (Action.RELINK_AGREE, Action.RELINK_OPEN) and deed.at > before.until:
        yield f"the request expired on {before.until}; ask again."
