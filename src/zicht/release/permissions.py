"""Who may take which decision about a release: by role, by who acted before, and by account.

Identity on a command line is what the operating system says, and no more. Where a person declares an account, a decision in that name from another
account is refused. Where not, the person acts on his word; the account is recorded, and `unsure` names what it leaves in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zicht.declare import Person, Role
from zicht.release.states import Action

if TYPE_CHECKING:
    from zicht.release.decisions import Decision

ROLES: Mapping[Action, tuple[Role, ...]] = {
    Action.CHECK: ("maker",),
    Action.SUBMIT: ("maker",),
    Action.REVIEW: ("reviewer",),
    Action.APPROVE: ("approver",),
    Action.RETURN: ("reviewer", "approver", "maker"),
    Action.PUBLISH: ("publisher",),
    Action.WITHDRAW: ("publisher", "approver"),
    Action.RELINK_ASK: ("applicant",),
    Action.RELINK_AGREE: ("privacy_officer",),
    Action.RELINK_REFUSE: ("privacy_officer",),
    Action.RELINK_OPEN: ("applicant",),
    Action.INTERPRET: ("interpreter",),
}
"""Roles that may take a decision, where people are declared; the first that a person has is the one recorded."""

NOBODY = "nobody"
"""The person of decisions in a project that publishes without review."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and as what account.

    Attributes:
        person: who it is; None in a project that publishes without review.
        account: name of the account on the machine, as the operating system gives it.
    """

    person: Person | None
    account: str

    @property
    def id(self) -> str:
        """Id of the person, or `nobody`."""
        return NOBODY if self.person is None else self.person.id


def role_for(actor: Actor, action: Action) -> Role | None:
    """The role in which somebody may take a decision.

    Args:
        actor: who acts.
        action: the decision.

    Returns:
        The first role of `ROLES` that the person has; None where there is none.
    """
    if actor.person is None:
        return None
    return next((role for role in ROLES.get(action, ()) if role in actor.person.roles), None)


def why_not(actor: Actor, action: Action) -> str | None:
    """Why somebody may not take a decision, whatever the release.

    Args:
        actor: who acts.
        action: the decision.

    Returns:
        The reason in a sentence; None where he may.
    """
    person = actor.person
    if person is None:
        return None
    if person.account is not None and person.account != actor.account:
        return f"`{person.id}` decides from the account `{person.account}`, and this is `{actor.account}`; log in as the one you act as."
    if role_for(actor, action) is None:
        wanted = " or ".join(f"`{role}`" for role in ROLES.get(action, ()))
        return f"`{person.id}` may not {action}: that takes the role {wanted}, and the roles here are {', '.join(person.roles)}."
    return None


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the record leaves in doubt about who decided.

    Attributes:
        account: the account that acted as several persons; None where the persons have no account declared.
        persons: ids of those in whose name it was decided.
    """

    account: str | None
    persons: tuple[str, ...]

    def __str__(self) -> str:
        """The doubt as a sentence."""
        if self.account is None:
            return f"No account is declared for {', '.join(self.persons)}: they decided on their word."
        return f"The account `{self.account}` decided as {' and as '.join(self.persons)}: nothing shows that these are different persons."


def unsure(decisions: Iterable[Decision], people: Iterable[Person]) -> list[Doubt]:
    """Where the record leaves in doubt who decided.

    Args:
        decisions: those about one release.
        people: who may decide.

    Returns:
        A doubt for each account that acted as several persons, and one for those whose account was not checked.
    """
    by_account: dict[str, list[str]] = {}
    for one in decisions:
        if one.person != NOBODY and one.person not in by_account.setdefault(one.account, []):
            by_account[one.account].append(one.person)
    found = [Doubt(account, tuple(persons)) for account, persons in by_account.items() if len(persons) > 1]
    checked = {person.id for person in people if person.account is not None}
    acted = sorted({person for persons in by_account.values() for person in persons} - checked)
    return [*found, Doubt(None, tuple(acted))] if acted else found
