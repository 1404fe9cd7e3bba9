"""When pseudonyms may be re-linked to persons: the `relink` part of a purpose, and who must be there for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from zicht.declare.base import Declared, Id
from zicht.declare.identifiers import pseudonym_domains
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.project import Project


class Relink(Declared):
    """That pseudonyms may be re-linked to the persons they stand for, which takes one who asks and another who consents."""

    reason: str = Field(min_length=10, max_length=500, description="In which case, and what for.")
    basis: str = Field(min_length=5, max_length=500, description="The law and article that allow it.")
    domains: tuple[Id, ...] = Field(
        min_length=1, description="Domains whose pseudonyms may be re-linked; those of no other are."
    )
    days: int = Field(default=7, ge=1, le=31, description="Days after which a request counts no more.")
    most: int = Field(
        default=25, ge=1, le=1000, description="The most pseudonyms that one request may be about."
    )


def check_relinking(project: Project) -> Iterator[Problem]:
    """Every mistake in what is said of re-linking.

    Args:
        project: all that is declared.

    Yields:
        Domains that no delivered register of the purpose has, and people who lack.
    """
    for purpose in project.purposes.values():
        if purpose.relink is None:
            continue
        written = project.written["purposes", purpose.id]
        registers = [project.registers[id_] for id_ in purpose.registers if id_ in project.registers]
        known = sorted(
            {domain for one in registers if one.source for domain in pseudonym_domains(project, one)}
        )
        for index, domain in enumerate(purpose.relink.domains):
            if domain not in known:
                yield Problem(
                    written.place("relink", "domains", index),
                    f"no delivered register of purpose `{purpose.id}` has pseudonyms of the domain `{domain}`.",
                    f"Its registers have those of: {', '.join(known) or 'none'}.",
                )
        if not _two_people(project):
            yield Problem(
                written.place("relink"),
                "nobody can re-link pseudonyms: it takes two people in zicht.yaml, one with the role `applicant` and one with `privacy_officer`.",
                "Give both an `account` under `review: people:`.",
            )


def _two_people(project: Project) -> bool:
    review = project.file.review
    people = () if review is None else [one for one in review.people if one.account is not None]
    ask = {one.id for one in people if "applicant" in one.roles}
    consent = {one.id for one in people if "privacy_officer" in one.roles}
    return bool(ask and consent and len(ask | consent) > 1)
