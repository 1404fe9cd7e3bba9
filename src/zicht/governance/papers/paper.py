"""What a paper is, and how one is held against the schema of its standard."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, cast, get_args

import jsonschema_rs

from zicht.governance.papers.facts import digest_of_facts

Kind = Literal[
    "catalogue", "algorithms", "logbook", "lineage", "contracts", "dpia", "iama", "prescan", "processings"
]
"""The kinds of papers."""

KINDS: tuple[Kind, ...] = get_args(Kind)
"""All of them, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper.

    Attributes:
        kind: which kind it is.
        name: name of its file.
        text: its content, UTF-8.
        standard: the standard that it keeps to.
        breaches: what in it breaks that standard, a sentence each; nothing where it is valid.
        facts: SHA-256 of the facts it was made from; it stays the same where only the time differs.
        filled, asked: how many questions are answered and how many there are, for an assessment; 0 otherwise.
    """

    kind: Kind
    name: str
    text: str
    standard: str
    breaches: tuple[str, ...]
    facts: str
    filled: int = 0
    asked: int = 0

    @property
    def valid(self) -> bool:
        """Whether it keeps to its standard."""
        return not self.breaches


def json_paper(
    kind: Kind, name: str, value: object, standard: str, breaches: tuple[str, ...], facts: object
) -> Paper:
    """A paper of JSON.

    Args:
        kind: which kind it is.
        name: name of its file.
        value: what JSON can hold.
        standard: the standard that it keeps to.
        breaches: what in it breaks that standard.
        facts: what it was made from, without times.
    """
    text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    return Paper(kind, name, text, standard, breaches, digest_of_facts(facts))


def standard_text(name: str) -> str:
    """The text of a file that ships with the papers.

    Args:
        name: name of the file.
    """
    return resources.files("zicht.governance.papers.standards").joinpath(name).read_text("utf-8")


@cache
def standard_json(name: str) -> Mapping[str, object]:
    """A JSON file that ships with the papers.

    Args:
        name: name of the file.
    """
    return cast("Mapping[str, object]", json.loads(standard_text(name)))


def breaches_of(schema: str, value: object, what: str) -> tuple[str, ...]:
    """What in a document breaks a JSON Schema.

    Args:
        schema: name of the file of the schema.
        value: the document.
        what: what the document is called in the sentences.

    Returns:
        A sentence a breach, with where it stands; the value itself is not repeated.
    """
    return tuple(said(error, what) for error in _validator(schema).iter_errors(value))


def said(error: jsonschema_rs.ValidationError, what: str) -> str:
    """One breach as a sentence.

    Args:
        error: what the validator found.
        what: what the document is called.
    """
    where = ".".join(map(str, error.instance_path)) or "the whole of it"
    return (
        f"{what}: {where} breaks `{error.kind.name}` of the schema ({'/'.join(map(str, error.schema_path))})"
    )


@cache
def _validator(schema: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(dict(standard_json(schema)), validate_formats=True)
