"""How a project stands in catalogues of open data: who publishes it, where it is, under which licence."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from zicht.declare.base import Declared, Id

DataTheme = Literal[
    "AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "INTR", "JUST", "REGI", "SOCI", "TECH", "TRAN"
]
"""Themes of the EU for data sets (authority table `data-theme`)."""

HighValue = Literal[
    "geospatial", "earth_observation", "meteorological", "statistics", "companies", "mobility"
]
"""Categories of high-value data sets (Regulation (EU) 2023/138)."""

DataLicence = Literal["CC-BY-4.0", "CC0-1.0"]


class CatalogueEntry(Declared):
    """How the data stand in catalogues of open data (DCAT-AP-NL)."""

    publisher: str = Field(
        pattern=(
            r"^(https://identifier\.overheid\.nl/tooi/id/(gemeente/gm[0-9]{4}|provincie/pv[0-9]{2}|waterschap/ws[0-9]{4}|ministerie/mnre[0-9]{4}|oorg/oorg[0-9]{5})"
            r"|https://ror\.org/0[0-9a-z]{6}[0-9]{2})$"
        ),
        description="Official address of the organisation in TOOI (or ROR), such as `https://identifier.overheid.nl/tooi/id/gemeente/gm0344`.",
    )
    address: str = Field(
        pattern=r"^https://[^\s?#]+[^\s/?#]$",
        description="Web address at which the site stands, without a slash at the end.",
    )
    licence: DataLicence = Field(default="CC-BY-4.0", description="Licence of the figures.")
    themes: dict[Id, DataTheme] = Field(
        default_factory=dict,
        description="Theme of the EU by theme of the project, such as `SOCI`; `GOVE` for a theme that is not named.",
    )
    high_value: dict[Id, HighValue] = Field(
        default_factory=dict,
        description="Indicators that are high-value data sets by EU law, each with its category.",
    )
