"""What every declaration stands on: models that are fixed once read, ids, SQL expressions and texts for the public."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Level = Literal["buurt", "wijk", "gemeente", "regio", "land"]
"""Levels that figures are made for, from small to large."""

Id = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,62}$",
        description="Small letters, digits and underscores; starts with a letter.",
    ),
]


def _one_line(sql: str) -> str:
    if not sql.strip():
        raise ValueError("is empty; write a SQL expression")
    return sql


Sql = Annotated[
    str,
    AfterValidator(_one_line),
    Field(description="One SQL expression (DuckDB dialect) over the columns of the register."),
]


class Declared(BaseModel):
    """The base of everything people write: fixed once read, and nothing in it that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Named(Declared):
    """The base of what other declarations refer to."""

    id: Id


class Text(Declared):
    """A text for the public: Dutch, and English beside it."""

    nl: str = Field(min_length=1, description="The Dutch text.")
    en: str = Field(default="", description="English; the Dutch text stands in where this is left out.")

    def of(self, language: str) -> str:
        """The text in a language; Dutch where there is no other."""
        return (self.en or self.nl) if language == "en" else self.nl


def _as_text(value: object) -> object:
    return {"nl": value} if isinstance(value, str) else value


PublicText = Annotated[Text, BeforeValidator(_as_text, json_schema_input_type=str | Text)]
