"""Algorithms: what a project computes with, as the national algorithm register asks it (publicatiestandaard 1.0), and the class of the AI Act.

What the folder knows already (the organisation, the data, the legal basis, the assessments) is not written here again: it is filled in.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from zicht.declare.base import Declared, Id, Named, PublicText

AlgorithmTheme = Literal[
    "Organisatie en bedrijfsvoering", "Cultuur en recreatie", "Economie", "Overheidsfinanciën", "Wonen", "Internationaal",
    "Migratie en integratie", "Natuur en milieu", "Onderwijs en wetenschap", "Openbare orde en veiligheid", "Recht",
    "Ruimte en infrastructuur", "Sociale zekerheid", "Verkeer", "Werk", "Zorg en gezondheid",
]  # fmt: skip
"""Themes of the algorithm register, in its own words."""

_MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
_DAY = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


class Reference(Declared):
    """A document on the web."""

    title: str = Field(min_length=1, max_length=100, description="What it is called.")
    link: str = Field(pattern=r"^https://\S+$", max_length=500, description="Where it is.")


class AiAct(Declared):
    """The answers to the decision tree of the government for the AI Act, and who gave them."""

    answers: dict[str, str] = Field(
        min_length=1, description="Answer by number of the question, in the words of the tree."
    )
    decided_by: str = Field(min_length=1, description="Who answered: a role, not a name.")
    decided_on: str = Field(pattern=_DAY, description="When, such as 2026-01-31.")


class AlgorithmFile(Named):
    """`algorithms/*.yaml`: an algorithm, as it stands in the national algorithm register."""

    id: Id = Field(description="Id of the algorithm.")
    title: PublicText = Field(description="What it is called; at most 100 characters.")
    summary: PublicText = Field(description="What it does, in at most 400 characters.")
    status: Literal["in_development", "in_use", "retired"] = Field(description="Whether it is in use.")
    category: Literal["high_risk", "impactful", "other"] = Field(
        description="Publication category: a high-risk AI system, an algorithm with impact, or another one."
    )
    themes: tuple[AlgorithmTheme, ...] = Field(
        default=(), description="Fields of policy, in the words of the register."
    )
    begin: str | None = Field(
        default=None, pattern=_MONTH, description="Month from which it is used, such as 2026-01."
    )
    end: str | None = Field(default=None, pattern=_MONTH, description="Month in which its use ended.")
    goal: PublicText = Field(description="What it is for, and how residents and firms meet it.")
    proportionality: PublicText = Field(
        description="What speaks for and against it, and why it is fair to use it."
    )
    human_intervention: PublicText = Field(
        description="What people do with the outcome, and how they correct it."
    )
    risks: PublicText = Field(description="Which risks there are and what is done about them.")
    method: PublicText = Field(description="How it works.")
    self_learning: bool = Field(
        default=False, description="Whether it learns from data; false for rules that people wrote."
    )
    purposes: tuple[Id, ...] = Field(
        default=(), description="The purposes it serves; legal basis and DPIA come from there."
    )
    indicators: tuple[Id, ...] = Field(
        default=(), description="The indicators it works on; the data come from there. All where left out."
    )
    laws: tuple[Reference, ...] = Field(default=(), description="The laws it rests on, with a link to each.")
    assessments: tuple[Reference, ...] = Field(
        default=(), description="Assessments that were published, such as an IAMA."
    )
    no_assessment: PublicText | None = Field(default=None, description="Why an assessment was not made.")
    provider: str = Field(
        default="eigen ontwikkeling", min_length=1, max_length=200, description="Who made it."
    )
    source_code: str | None = Field(default=None, pattern=r"^https://\S+$", description="Where its code is.")
    tags: tuple[str, ...] = Field(default=(), description="Words by which it should be found.")
    ai_act: AiAct = Field(description="Its class in the AI Act, by the decision tree.")

    @model_validator(mode="after")
    def _what_belongs_together(self) -> Self:
        for name, text, most in (("title", self.title.nl, 100), ("summary", self.summary.nl, 400)):
            if len(text) > most:
                raise ValueError(f"`{name}` is {len(text)} characters long; the register takes {most}")
        if (self.status == "retired") != (self.end is not None):
            raise ValueError("an algorithm that is retired has an `end`, and no other has one")
        return self
