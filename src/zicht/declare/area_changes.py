"""Areas whose land changed: from which year on, and what happened. Readers are told, and figures of before and after are not held against each other."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from zicht.declare.base import Declared, PublicText

AreaCode = Annotated[
    str,
    Field(
        pattern=r"^(GM[0-9]{4}|WK[0-9]{4}[0-9A-Z]{2}|BU[0-9]{4}[0-9A-Z]{4})$", description="Code of an area."
    ),
]


class AreaChange(Declared):
    """Areas whose borders changed while they kept their code, or that are new."""

    areas: tuple[AreaCode, ...] = Field(
        min_length=1, description="Codes of the areas, as in the division of the project."
    )
    year: int = Field(
        ge=1900, le=2100, description="The first year in which figures are about the land of today."
    )
    text: PublicText = Field(description="What happened, for the public.")
