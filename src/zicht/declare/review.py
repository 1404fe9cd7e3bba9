"""Who decides about releases: the `review` part of `zicht.yaml`.

Roles are declared here; what each may do, and in which state of a release, stands in `zicht.release`.
"""

from __future__ import annotations

from itertools import permutations
from typing import Annotated, Literal, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, Field, model_validator

from zicht.declare.base import Declared, Id, Named

Role = Literal["maker", "reviewer", "approver", "publisher", "interpreter", "applicant", "privacy_officer"]
"""What a person may be in the life of a release; of signals who says what they mean; and in the re-linking of pseudonyms who asks, and who consents."""

Account = Annotated[
    str,
    Field(
        pattern=r"^[^\s/\\]{1,64}$",
        description="Name of an account on the machine, without the name of a domain.",
    ),
]


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "postgresql" or not parts.path.strip("/"):
        raise ValueError("is no address of a PostgreSQL database; write postgresql://account@host/database")
    if parts.password or any(key == "password" for key, _ in parse_qsl(parts.query)):
        raise ValueError(
            "holds a password, and a project folder is read by many; leave it out and keep it in ~/.pgpass or PGPASSWORD"
        )
    return url


DatabaseUrl = Annotated[str, AfterValidator(_without_password)]


class Person(Named):
    """Somebody who decides about releases."""

    id: Id = Field(description="Id of the person; decisions bear it, so it never passes to another.")
    name: str = Field(min_length=1, description="Name of the person, as decisions show it.")
    roles: tuple[Role, ...] = Field(
        min_length=1,
        description="What the person may be; about one release nobody is maker, reviewer or approver in two ways.",
    )
    function: str = Field(default="", description="Function in the organisation, such as privacy officer.")
    account: Account | None = Field(
        default=None,
        description="Account on the machine: decisions in this name from another account are refused. On the person's word where left out.",
    )


class Review(Declared):
    """Who decides about releases, and where their decisions are kept."""

    none: str | None = Field(
        default=None,
        min_length=10,
        max_length=500,
        description="Why releases are published without review, for the public; stands instead of `people`, and on the site.",
    )
    people: tuple[Person, ...] = Field(
        default=(),
        description="Who may make, review, approve and publish; at least a maker, a reviewer and an approver who are three persons.",
    )
    database: DatabaseUrl | None = Field(
        default=None,
        description="PostgreSQL database for the decisions, without password, such as postgresql://zicht@db.example/zicht; a SQLite file in decisions/ where left out.",
    )

    @model_validator(mode="after")
    def _can_decide(self) -> Self:
        if (self.none is None) == (not self.people):
            raise ValueError("needs either `people` or, with a reason for the public, `none`")
        if self.none is not None:
            return self
        ids = [person.id for person in self.people]
        if twice := next((one for one in ids if ids.count(one) > 1), None):
            raise ValueError(f"names `{twice}` twice; every person stands in the list once")
        accounts = [person.account for person in self.people if person.account is not None]
        if shared := next((one for one in accounts if accounts.count(one) > 1), None):
            raise ValueError(f"gives the account `{shared}` to two persons; a decision must tell who took it")
        needed: tuple[Role, ...] = ("maker", "reviewer", "approver")
        if not any(
            all(role in person.roles for role, person in zip(needed, three, strict=True))
            for three in permutations(self.people, len(needed))
        ):
            raise ValueError("has no three persons of whom one makes, another reviews and a third approves")
        if not any("publisher" in person.roles for person in self.people):
            raise ValueError("has nobody with the role `publisher`")
        return self

    def person(self, id_: str) -> Person | None:
        """The person with an id.

        Args:
            id_: which person; None is given where there is nobody with it.
        """
        return next((person for person in self.people if person.id == id_), None)
