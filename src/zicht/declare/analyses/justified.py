"""Why a finding may go on although something in it goes with a protected ground: who decided so, when and why."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from zicht.declare.base import Declared, PublicText


class Justification(Declared):
    """A written decision to let one ground through the guard against profiling; it is published with the finding."""

    ground: str = Field(
        min_length=1,
        max_length=60,
        description="The protected ground it is about, such as `leeftijd`. Race, ethnicity, nationality and origin cannot be justified.",
    )
    by: str = Field(
        min_length=3, description="Who decided it: a function, such as “Functionaris gegevensbescherming”."
    )
    on: Annotated[dt.date, Field(strict=False)] = Field(description="The day of the decision.")
    why: PublicText = Field(
        description="Why it is needed for the aim, and why nothing less will do; for the public."
    )
