"""Schemes for people with little money, declared by their rule: who is entitled, by which limit of income, and who makes use of it.

A scheme is a rule and no figure. Zicht makes the indicators of it (`declare.scheme_figures`), which go the way of all indicators: the same SQL,
bound to the same purpose, protected together with the others over their register.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from zicht.declare.base import Id, Level, Named, PublicText, Sql

Limit = Annotated[int, Field(ge=1, le=1000)]


class Scheme(Named):
    """A scheme with its rule; of it are made how many are entitled, how many of those leave it unused, and how many other limits would reach."""

    id: Id = Field(
        description=(
            "Id of the scheme. Its indicators are called after it: `recht_<id>`, `niet_gebruik_<id>` and, with `other_limits`, `grens_<id>`."
        )
    )
    name: PublicText = Field(description="What it is called in a sentence, such as “de stadspas”.")
    entitled: PublicText = Field(
        description="The rule in plain words, such as “Recht heeft een huishouden met een inkomen tot 120 % van het minimum.”"
    )
    unit: PublicText = Field(description="Who is entitled, in the plural, such as “huishoudens”.")
    theme: Id = Field(description="The theme under which its indicators stand.")
    register_: Id = Field(alias="register", description="The register whose rows are the units.")
    purpose: Id | None = Field(default=None, description="The purpose for which the data are used.")
    population: Sql | None = Field(
        default=None, description="Units of which enough is known to judge; all where left out."
    )
    income: Sql = Field(
        description="What is held against the limit: income as a percentage of the social minimum."
    )
    limit: Limit = Field(description="The highest income with which one is entitled, such as 120.")
    conditions: Sql | None = Field(
        default=None,
        description="What the rule asks besides, such as savings below a bound or children at home; nothing where left out.",
    )
    used: Sql = Field(description="Which units make use of it.")
    by: tuple[Id, ...] = Field(
        default=(), max_length=2, description="Dimensions by which leaving it unused is broken down."
    )
    levels: tuple[Level, ...] | None = Field(
        default=None, description="Levels for which figures are made; all of the project where left out."
    )
    other_limits: tuple[Limit, ...] = Field(
        default=(),
        max_length=9,
        description="Other limits of income to count for, going up; `limit` itself is always one of them.",
    )
    caution: PublicText | None = Field(
        default=None,
        description="What the figures do not say, such as a condition that the register does not know.",
    )

    @model_validator(mode="after")
    def _limits_go_up(self) -> Self:
        if any(low >= high for low, high in pairwise(self.other_limits)):
            raise ValueError("the limits in `other_limits` must go up")
        return self

    @property
    def limits(self) -> tuple[int, ...]:
        """Every limit that is counted for, going up; nothing where only its own is."""
        return tuple(sorted({*self.other_limits, self.limit})) if self.other_limits else ()

    @property
    def entitlement(self) -> str:
        """Who is entitled, as one SQL expression."""
        return self.within(self.limit)

    def within(self, limit: int) -> str:
        """Who would be entitled at a limit of income, as one SQL expression.

        Args:
            limit: of income.
        """
        parts = (self.population, f"({self.income}) <= {limit}", self.conditions)
        first, *rest = (part for part in parts if part is not None)
        return " and ".join(f"({part})" for part in (first, *rest)) if rest else first
