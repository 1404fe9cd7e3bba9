"""Purposes: processing activities as the register of AVG art. 30 asks for them, in words of W3C DPV 2.3.

Terms are written short (`dpv:PublicPolicyMaking`, `pd:Income`, `eu-gdpr:A6-1-e`) and are held against the vocabulary, which ships as a list.
"""

from __future__ import annotations

import datetime as dt
import difflib
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Literal, Self, cast

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from zicht.declare.base import Declared, Id, Named, PublicText
from zicht.declare.relink import Relink

_ORGANISATION = (
    r"^(https://identifier\.overheid\.nl/tooi/id/(gemeente/gm\d{4}|provincie/pv\d{2}|waterschap/ws\d{4}|ministerie/mnre\d{4}|oorg/oorg\d{5})"
    r"|https://ror\.org/0[0-9a-z]{6}\d{2}|urn:nl:kvk:\d{8}|urn:nl:oin:\d{20})$"
)
_DURATION = r"^P[0-9]+[YMWD]$"


@cache
def vocabulary() -> Mapping[str, tuple[str, ...]]:
    """The terms of W3C DPV 2.3 that purposes and contracts may use, by kind; without their prefix."""
    text = resources.files("zicht.declare.schemas").joinpath("dpv-2.3.terms.json").read_text("utf-8")
    kinds = cast("Mapping[str, list[str]]", json.loads(text))
    return {kind: tuple(terms) for kind, terms in kinds.items()}


def check_term(kind: str, prefix: str, term: str) -> str:
    """A term, if the vocabulary has it.

    Args:
        kind: which list of `vocabulary`.
        prefix: what stands before the colon.
        term: such as `pd:Income`.

    Returns:
        The term itself.

    Raises:
        ValueError: the vocabulary has no such term; the message names the nearest.
    """
    start, _, name = term.partition(":")
    terms = vocabulary()[kind]
    if start != prefix or name not in terms:
        near = difflib.get_close_matches(name or start, terms, n=1, cutoff=0.5)
        hint = (
            f"; did you mean `{prefix}:{near[0]}`" if near else f"; a term looks like `{prefix}:{terms[0]}`"
        )
        raise ValueError(f"`{term}` is no term of DPV 2.3 for this{hint}")
    return term


def _term(kind: str, prefix: str) -> AfterValidator:
    return AfterValidator(lambda term: check_term(kind, prefix, term))


PurposeTerm = Annotated[str, _term("purpose", "dpv")]
ProcessingTerm = Annotated[str, _term("processing", "dpv")]
SubjectTerm = Annotated[str, _term("subject", "dpv")]
DataTerm = Annotated[str, _term("personal_data", "pd")]
MeasureTerm = Annotated[str, _term("measure", "dpv")]
BasisTerm = Annotated[str, _term("legal_basis", "eu-gdpr")]


def _as_date(value: object) -> object:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


Day = Annotated[
    dt.date,
    BeforeValidator(_as_date, json_schema_input_type=str),
    Field(description="A day, such as 2026-01-31."),
]


class Party(Declared):
    """An organisation, by its name and its official number."""

    name: str = Field(min_length=1, description="Its name.")
    id: str = Field(
        pattern=_ORGANISATION,
        description=(
            "Its official number: a TOOI address such as `https://identifier.overheid.nl/tooi/id/gemeente/gm0344`, a ROR address,"
            " `urn:nl:kvk:…` or `urn:nl:oin:…`."
        ),
    )


class Subjects(Declared):
    """A group of people whose data are used."""

    title: PublicText = Field(description="Who they are, in plain words.")
    term: SubjectTerm = Field(description="The term of DPV, such as `dpv:Citizen`.")


class DataCategory(Declared):
    """A category of personal data."""

    title: PublicText = Field(description="What it is, in plain words.")
    term: DataTerm = Field(description="The term of DPV-PD, such as `pd:Income`.")


class Recipient(Declared):
    """Who receives personal data; the public, which only sees protected figures, is none."""

    name: str = Field(min_length=1, description="Its name.")
    id: str = Field(pattern=_ORGANISATION, description="Its official number, as of the controller.")
    role: Literal["Controller", "JointController", "Processor", "ThirdParty", "Authority"] = Field(
        description="What it is in law."
    )
    agreement: str | None = Field(
        default=None, pattern=r"^(https://|urn:)\S+$", description="Where the agreement is."
    )


class SafetyMeasure(Declared):
    """A measure that protects the data."""

    title: PublicText = Field(description="What is done, in plain words.")
    term: MeasureTerm = Field(description="The term of DPV, such as `dpv:Pseudonymisation`.")
    kind: Literal["technisch", "organisatorisch"] = Field(
        description="Whether it is technical or organisational."
    )
    against: str | None = Field(default=None, min_length=1, description="The risk that it is against.")


class ImpactAssessment(Declared):
    """The data protection impact assessment (DPIA)."""

    status: Literal["niet-nodig", "pre-scan", "uitgevoerd", "verplicht-open"] = Field(
        description="Whether one is needed, and how far it is; with `verplicht-open` nothing may be used yet."
    )
    document: str | None = Field(default=None, pattern=r"^(https://|urn:)\S+$", description="Where it is.")
    date: Day | None = Field(default=None, description="When it was established.")


class PurposeFile(Named):
    """`purposes/*.yaml`: a processing activity, as in the register of AVG art. 30."""

    id: Id = Field(description="Id of the purpose; contracts and indicators refer to it.")
    version: int = Field(
        ge=1,
        description="Number of this text. A version that was used is never changed: raise the number with the text.",
    )
    valid_from: Day = Field(description="First day on which data may be used for it, such as 2026-01-31.")
    valid_until: Day | None = Field(default=None, description="Last day; no end where left out.")
    title: PublicText = Field(description="What it is called.")
    aim: PublicText = Field(description="What the data are used for.")
    purpose: tuple[PurposeTerm, ...] = Field(
        min_length=1, description="The aim in terms of DPV, such as `dpv:PublicPolicyMaking`."
    )
    legal_basis: tuple[BasisTerm, ...] = Field(
        min_length=1,
        description="Grounds of the AVG, such as `eu-gdpr:A6-1-e`; with special data one of art. 9 as well, such as `eu-gdpr:A9-2-j`.",
    )
    legal_basis_text: str = Field(min_length=1, description="Law and article.")
    controller: Party = Field(description="Who is the controller (verwerkingsverantwoordelijke).")
    dpo_contact: str = Field(
        pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
        description="E-mail address of the data protection officer (FG).",
    )
    data_subjects: tuple[Subjects, ...] = Field(min_length=1, description="Whose data they are.")
    categories: tuple[DataCategory, ...] = Field(min_length=1, description="Which categories of data.")
    special: bool = Field(
        default=False, description="Whether data of AVG art. 9 are used, such as on health."
    )
    criminal: bool = Field(
        default=False, description="Whether data of AVG art. 10 are used: offences and suspicions."
    )
    bsn: bool = Field(default=False, description="Whether the citizen service number is received.")
    bsn_basis: str | None = Field(
        default=None, min_length=1, description="The law that allows the use of that number."
    )
    retention: str = Field(
        pattern=_DURATION,
        description="How long after the end of the period that data are of they may be kept: ISO 8601, such as P5Y.",
    )
    retention_basis: str = Field(min_length=1, description="Why that long.")
    processing: tuple[ProcessingTerm, ...] = Field(
        min_length=1, description="What is done with the data, in terms of DPV, such as `dpv:Aggregate`."
    )
    recipients: tuple[Recipient, ...] = Field(
        default=(), description="Who receives personal data. Readers of protected figures do not."
    )
    transfer_outside_eea: bool = Field(default=False, description="Whether data go outside the EEA.")
    transfer_safeguard: str | None = Field(
        default=None, min_length=1, description="The safeguard for data that go outside the EEA."
    )
    measures: tuple[SafetyMeasure, ...] = Field(
        min_length=1, description="Technical and organisational measures."
    )
    dpia: ImpactAssessment = Field(description="The data protection impact assessment.")
    min_units: int = Field(
        default=0,
        ge=0,
        le=1000,
        description="The fewest units that a figure for it may be about; an indicator with a weaker protection profile is refused.",
    )
    registers: tuple[Id, ...] = Field(
        min_length=1,
        description="The registers it may use. Their contracts must name the purpose too (`verwerkingsactiviteit`).",
    )
    pseudonym_domain: Id | None = Field(
        default=None,
        description="The only domain whose pseudonyms it may use; all its registers with identifiers must be of it. Any where left out.",
    )
    relink: Relink | None = Field(
        default=None,
        description="When pseudonyms may be re-linked to persons for it, by two people; never where left out.",
    )

    @model_validator(mode="after")
    def _what_belongs_together(self) -> Self:
        article_9 = any(basis.startswith("eu-gdpr:A9-2-") for basis in self.legal_basis)
        wanted = (
            (any(basis.startswith("eu-gdpr:A6-1-") for basis in self.legal_basis), "`legal_basis` needs a ground of art. 6, such as `eu-gdpr:A6-1-e`"),
            (not self.special or article_9, "special data need a ground of art. 9 in `legal_basis`, such as `eu-gdpr:A9-2-j`"),
            (not self.bsn or self.bsn_basis, "the citizen service number needs `bsn_basis`: the law that allows it"),
            (not self.transfer_outside_eea or self.transfer_safeguard, "data that go outside the EEA need `transfer_safeguard`"),
            (self.valid_until is None or self.valid_until >= self.valid_from, "`valid_until` lies before `valid_from`"),
            (self.dpia.status != "uitgevoerd" or self.dpia.date, "a `dpia` that is done (`uitgevoerd`) needs its `date`"),
        )  # fmt: skip
        for holds, what in wanted:
            if not holds:
                raise ValueError(what)
        return self
