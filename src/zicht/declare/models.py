"""What people write in a project folder, as types. One class a kind of file; every field says what it is for.

These models are the only description of the folder: the checks, the JSON Schema for editors and the reference are made from them.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from zicht.declare.analyses import Analysis
from zicht.declare.area_changes import AreaChange
from zicht.declare.base import Declared, Id, Level, Named, PublicText, Sql
from zicht.declare.catalogue import CatalogueEntry
from zicht.declare.points import Points
from zicht.declare.review import Review
from zicht.declare.schemes import Scheme
from zicht.declare.secrets import Keys
from zicht.declare.site import Site
from zicht.declare.story import StorySection

Measure = Literal["count", "share", "rate", "sum", "mean", "median", "percentile", "distinct", "take"]
"""Ways in which units become a number."""

Status = Literal["primary", "not_available", "not_yet_published", "unreliable"]
"""Why a deliverer may have left a value out."""

Personal = Literal["none", "ordinary", "special", "criminal"]
FileKind = Literal["csv", "xlsx", "parquet", "json", "geojson", "gpkg"]

Division = Annotated[
    int,
    Field(ge=1830, le=2100, description="Year of the official division into gemeenten, wijken and buurten."),
]


class Organisation(Declared):
    """Who answers for the figures."""

    name: str = Field(min_length=1, description="Its name.")
    url: str = Field(default="", description="Its website.")
    email: str = Field(default="", description="Where the public can ask questions.")


class Theme(Named):
    """A heading under which indicators stand."""

    id: Id = Field(description="Id of the theme; indicators refer to it.")
    title: PublicText = Field(description="The heading.")


class Boundaries(Declared):
    """Where the polygons of a level come from, when not from the source that names the areas."""

    source: Id = Field(description="The source with the polygons.")
    code: Sql = Field(description="The area code, as an expression over the columns of that source.")


class LevelSource(Declared):
    """Where the areas of one level come from."""

    level: Literal["buurt", "wijk", "gemeente"] = Field(description="The level.")
    source: Id = Field(description="The source that names its areas.")
    code: Sql = Field(description="The area code, as an expression over the columns of the source.")
    name: Sql = Field(description="The name of the area, as an expression over the columns of the source.")
    where: Sql | None = Field(
        default=None, description="Which rows of the source are areas of this level; all where left out."
    )
    boundaries: Boundaries | None = Field(
        default=None,
        description="Where the polygons come from; from the same source where left out, if that has them.",
    )


class RegionSource(Declared):
    """Which gemeente lies in which regio."""

    source: Id = Field(description="The source that says it.")
    gemeente: Sql = Field(description="Code of the gemeente, as an expression over its columns.")
    code: Sql = Field(description="Code of the regio.")
    name: Sql = Field(description="Name of the regio.")


class AreaDivision(Declared):
    """The areas of the project: one division year, its levels and their polygons."""

    division: Division = Field(
        description="Year of the official division; it belongs to the key of every area."
    )
    levels: tuple[LevelSource, ...] = Field(
        min_length=1, description="The levels, each with the source that names its areas."
    )
    regions: RegionSource | None = Field(
        default=None,
        description="Where it stands which gemeente lies in which regio; no level regio where left out.",
    )
    land: bool = Field(default=False, description="Whether figures are also made for the country as a whole.")
    simplify: float = Field(
        default=10.0,
        ge=0,
        le=1000,
        description="Tolerance in metres when polygons are simplified for the map.",
    )
    close_gaps: float = Field(
        default=0.0,
        ge=0,
        le=1000,
        description=(
            "Gaps between polygons that are narrower than this many metres are closed on the map, for polygons that do not"
            " quite meet; wider ones stay, for they may be water. 0 leaves them open."
        ),
    )
    successions: Id | None = Field(
        default=None,
        description=(
            "Source with begin and end dates of gemeenten, or with their successors. Figures that are taken over for earlier"
            " years then follow the land of gemeenten that merged or changed their code."
        ),
    )

    changes: tuple[AreaChange, ...] = Field(
        default=(),
        description="Areas whose land changed, with the year; the site marks them and compares no figures across it.",
    )

    @model_validator(mode="after")
    def _each_level_once(self) -> Self:
        levels = [level.level for level in self.levels]
        if len(set(levels)) < len(levels):
            raise ValueError("a level stands here twice")
        return self


class ProjectFile(Named):
    """`zicht.yaml`: whose project this is, which areas it is about and where things are kept."""

    id: Id = Field(description="Id of the project.")
    zicht: Literal[1] = Field(description="Version of this format.")
    title: PublicText = Field(description="Title of the site.")
    description: PublicText = Field(description="What the site is about, in a sentence or two.")
    notice: PublicText | None = Field(
        default=None, description="A sentence on every page, such as that the city is invented."
    )
    organisation: Organisation = Field(description="Whose project it is, and whom the public can ask.")
    languages: tuple[Literal["nl", "en"], ...] = Field(
        default=("nl", "en"), description="Languages of the site, the first of them first."
    )
    areas: AreaDivision = Field(description="The areas that figures are made for.")
    themes: tuple[Theme, ...] = Field(
        default=(), description="The themes, in the order in which the site shows them."
    )
    catalogue: CatalogueEntry | None = Field(
        default=None,
        description="How the data stand in catalogues of open data; they are in none where left out.",
    )
    site: Site = Field(default=Site(), description="Where the public finds the site, and how it looks.")
    keys: Keys = Field(
        default=Keys(), description="Where the secret is kept that pseudonyms of identifiers are made with."
    )
    local_copies: str | None = Field(
        default=None,
        description="A folder beside the project where copies of public sources may lie; used before the network is.",
    )
    review: Review | None = Field(
        default=None,
        description="Who decides about releases; nothing can be published where it is left out.",
    )


class Statline(Declared):
    """A table of CBS StatLine, fetched over OData."""

    table: str = Field(
        pattern=r"^[0-9]{5}[A-Za-z]{2,4}$|^[0-9]{5}$", description="Number of the table, such as `85984NED`."
    )
    api: Literal["v3", "v4"] = Field(default="v4", description="Version of OData; v3 has the older tables.")
    filter: str | None = Field(
        default=None, description="OData filter, such as startswith(WijkenEnBuurten,'GM0344')."
    )
    columns: dict[str, str] = Field(
        default_factory=dict, description="Name in the table: name in the register's contract."
    )


class Origin(Declared):
    """Where a source comes from: one of a file in the project folder, a web address or a StatLine table."""

    file: str | None = Field(default=None, description="Path in the project folder.")
    url: str | None = Field(
        default=None, pattern=r"^https://", description="Web address of a file; https only."
    )
    statline: Statline | None = Field(default=None, description="A table of CBS StatLine.")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(part is not None for part in (self.file, self.url, self.statline)) != 1:
            raise ValueError("needs exactly one of `file`, `url` and `statline`")
        return self


class Format(Declared):
    """How a file is written; what is left out is found out from the file itself."""

    kind: FileKind | None = Field(default=None, description="Kind of file; its first bytes must agree.")
    delimiter: str | None = Field(
        default=None, min_length=1, max_length=1, description="What stands between cells of a CSV file."
    )
    encoding: Literal["utf-8", "latin-1", "utf-16"] | None = Field(
        default=None, description="How its characters are written."
    )
    decimal: Literal[",", "."] | None = Field(default=None, description="The decimal sign of its numbers.")
    sheet: str | None = Field(default=None, description="Sheet of a workbook; the first where left out.")
    header_row: int = Field(
        default=1, ge=1, le=1000, description="The row with the names of columns; rows above it are skipped."
    )
    layer: str | None = Field(default=None, description="Layer of a GeoPackage.")
    records: str | None = Field(default=None, description="JSON: dotted path to the list of records.")
    crs: str | None = Field(
        default=None,
        pattern=r"^EPSG:[0-9]{4,6}$",
        description="Coordinate reference system, where the file does not say it, such as `EPSG:28992`.",
    )


class LocalCopy(Declared):
    """A copy of a public source that may lie in the folder `local_copies` of zicht.yaml."""

    file: str = Field(description="Path in the folder `local_copies` of zicht.yaml.")
    format: Format = Field(default=Format(), description="How the copy is written, where that differs.")


class SourceFile(Named):
    """`sources/*.yaml`: where data comes from, who delivers it, how often, under which agreement."""

    id: Id = Field(description="Id of the source; contracts refer to it under `bron`.")
    title: PublicText = Field(description="What the source is called.")
    deliverer: str = Field(min_length=1, description="Who delivers it.")
    attribution: PublicText | None = Field(
        default=None, description="Shown with every figure, such as “Bron: CBS”."
    )
    licence: str | None = Field(
        default=None, description="Its licence, by SPDX id where there is one, such as `CC-BY-4.0`."
    )
    agreement: str | None = Field(default=None, description="The agreement under which it is delivered.")
    frequency: Literal["once", "daily", "weekly", "monthly", "quarterly", "yearly"] = Field(
        default="yearly", description="How often it is delivered."
    )
    delivered: Annotated[dt.date, Field(strict=False)] | None = Field(
        default=None,
        description="The day on which the delivery in use arrived; that of the file itself where left out.",
    )
    personal: Personal = Field(
        default="none", description="Whether it holds personal data, and of which kind (AVG art. 9, 10)."
    )
    pseudonym_domain: Id | None = Field(
        default=None,
        description=(
            "The domain in which its identifiers become pseudonyms: within a domain the same identifier gives the same pseudonym, between domains "
            "nothing can be joined. A domain of its own where left out."
        ),
    )
    origin: Origin = Field(description="Where it comes from.")
    format: Format = Field(
        default=Format(),
        description="How the file is written; found out from the file itself where left out.",
    )
    local_copy: LocalCopy | None = Field(
        default=None,
        description="A copy that may lie in the folder `local_copies` of zicht.yaml; used before the network is.",
    )


class Category(Declared):
    """One value of a dimension."""

    id: str = Field(min_length=1, max_length=60, description="What the SQL of the dimension gives for it.")
    title: PublicText = Field(description="What it is called.")


class DimensionDeclared(Named):
    """A way to break figures down, such as age group."""

    id: Id = Field(description="Id of the dimension, and name of its column in tables of figures.")
    title: PublicText = Field(description="What it is called.")
    sql: Sql = Field(
        description="The id of the category that a unit is in; a unit in none is counted as unknown."
    )
    categories: tuple[Category, ...] = Field(
        min_length=1, description="The categories, in the order in which they are shown."
    )
    places: bool = Field(
        default=False,
        description="Whether the categories are places that units go to; the site then draws flows from the areas to them.",
    )

    @model_validator(mode="after")
    def _each_category_once(self) -> Self:
        ids = [category.id for category in self.categories]
        if len(set(ids)) < len(ids):
            raise ValueError("a category stands here twice")
        if "TOTAL" in ids:
            raise ValueError("`TOTAL` is written by Zicht itself; leave it out of the categories")
        return self


class MethodBreak(Declared):
    """From this period on the figure is made in another way."""

    period: str = Field(description="The first period of the new method.")
    text: PublicText = Field(description="What changed.")


_USED_BY = {
    "numerator": ("share", "rate", "take"),
    "per_indicator": ("rate",),
    "value": ("sum", "mean", "median", "percentile", "distinct", "take"),
    "percentile": ("percentile",),
    "size": ("share",),
    "protected_ground": ("share", "rate", "take"),
}
"""Keys that mean something for some measures only."""


class Indicator(Named):
    """What is counted: unit, population, numerator, breakdowns, protection profile."""

    id: Id = Field(description="Id of the indicator; it stands in addresses of the site.")
    title: PublicText = Field(description="What it is called.")
    question: PublicText | None = Field(
        default=None, description="The title as a question, as a resident would ask it."
    )
    explanation: PublicText = Field(
        description="What is counted, so that a reader can tell what is in it and what is not."
    )
    unit: PublicText = Field(description="What the number is of, such as “% van de huishoudens”.")
    theme: Id = Field(description="The theme under which it stands.")
    register_: Id = Field(alias="register", description="The register whose rows are the units.")
    measure: Measure = Field(
        description="How units become a number; the reference tells what each measure gives and which keys it needs."
    )
    population: Sql | None = Field(default=None, description="Which units belong to it; all where left out.")
    numerator: Sql | None = Field(
        default=None, description="share, rate: which units have the trait. take: column with the numerator."
    )
    denominator: Sql | None = Field(default=None, description="take: column with the denominator.")
    per_indicator: Id | None = Field(
        default=None, description="rate: the count that stands below the line, such as inhabitants."
    )
    value: Sql | None = Field(
        default=None,
        description="sum, mean, median, percentile, distinct, take: what is added, averaged or told apart.",
    )
    percentile: int | None = Field(default=None, ge=1, le=99, description="Which percentile, such as 90.")
    per: int = Field(default=1000, ge=1, description="rate: per how many.")
    area: Sql | None = Field(
        default=None,
        description="Area code of the unit; the column that the contract marks with `gebied` where left out.",
    )
    period: Sql | None = Field(
        default=None,
        description="Period of the unit as ISO 8601 text or year; the contract's `periode` where left out.",
    )
    by: tuple[Id, ...] = Field(default=(), max_length=3, description="Dimensions it is broken down by.")
    levels: tuple[Level, ...] | None = Field(
        default=None, description="Levels for which it is made; all levels of the project where left out."
    )
    purpose: Id | None = Field(
        default=None,
        description="The purpose for which the data are used; needed where any of them are about persons.",
    )
    protection: str | None = Field(
        default=None,
        description="Protection profile; `microdata` for registers with personal data, `open` for published statistics.",
    )
    decimals: int = Field(default=0, ge=0, le=4, description="Decimals shown.")
    rounded_to: int | None = Field(
        default=None,
        ge=2,
        le=1000,
        description="take: the base to which the deliverer rounds counts below the gemeente.",
    )
    adds_up: bool = Field(
        default=False,
        description="take: whether children should add up to their parent; differences are then reported, rounding apart.",
    )
    better: Literal["higher", "lower", "neither"] = Field(
        default="neither", description="Which way is better, where that is beyond dispute."
    )
    breaks: tuple[float, ...] | None = Field(
        default=None, description="Class limits on the map; natural breaks where left out."
    )
    method_breaks: tuple[MethodBreak, ...] = Field(
        default=(), description="Where the series may not be compared across."
    )
    caution: PublicText | None = Field(default=None, description="What the figure does not say.")
    provisional: Annotated[int, Field(ge=1, le=24)] | tuple[str, ...] = Field(
        default=(),
        description="Periods of which the figures may still change, or how many of the last ones, as where reports come in late; the site marks them.",
    )
    phenomenon: bool = Field(
        default=False,
        description="Whether it points at a phenomenon such as subversive crime; every map and chart then says what it is no proof of.",
    )
    enforcement: bool = Field(
        default=False,
        description="Whether it counts what police, inspectors or others registered who enforce rules; the site then says that more is registered where they look more.",
    )
    protected_ground: str | None = Field(
        default=None,
        min_length=2,
        max_length=60,
        description=(
            "share, rate, take: the protected ground of which it tells the share in each area, such as `herkomst`. No finding describes or chooses by it,"
            " and what findings do describe by is held against it as a stand-in."
        ),
    )
    size: Id | None = Field(
        default=None,
        description="share: the published count of the units it is a share of; the site then draws a funnel plot.",
    )
    points: Points | None = Field(
        default=None,
        description="Public objects that its map can show where they stand, such as charging points.",
    )

    @model_validator(mode="after")
    def _fields_fit_the_measure(self) -> Self:
        needed = {
            "share": ("numerator",), "rate": (), "sum": ("value",), "mean": ("value",), "median": ("value",),
            "percentile": ("value", "percentile"), "distinct": ("value",), "take": ("value",), "count": (),
        }[self.measure]  # fmt: skip
        for name in needed:
            if getattr(self, name) is None:
                raise ValueError(f"a {self.measure} needs `{name}`")
        for name, measures in _USED_BY.items():
            if getattr(self, name) is not None and self.measure not in measures:
                raise ValueError(
                    f"a {self.measure} does not use `{name}`; leave it out, or use another measure"
                )
        if self.measure == "rate" and (self.numerator is None) == (self.per_indicator is None):
            raise ValueError(
                "a rate needs `numerator` (share of its own units) or `per_indicator` (events per head), and not both"
            )
        if self.breaks is not None and list(self.breaks) != sorted(set(self.breaks)):
            raise ValueError("the class limits in `breaks` must go up")
        if self.measure != "take" and (
            self.rounded_to is not None or self.adds_up or self.denominator is not None
        ):
            raise ValueError("`rounded_to`, `adds_up` and `denominator` belong to a take")
        return self


class IndicatorsFile(Declared):
    """`indicators/*.yaml`: indicators, the dimensions they are broken down by, and schemes of which indicators are made."""

    dimensions: tuple[DimensionDeclared, ...] = Field(default=(), description="Ways to break figures down.")
    indicators: tuple[Indicator, ...] = Field(default=(), description="The indicators.")
    schemes: tuple[Scheme, ...] = Field(
        default=(),
        description="Schemes with their rules; Zicht makes indicators of entitlement and non-take-up of them.",
    )


class ProductFile(Named):
    """`products/*.yaml`: a policy question, the indicators that answer it, the text around them, the audience."""

    id: Id = Field(description="Id of the product.")
    title: PublicText = Field(description="What it is called.")
    question: PublicText = Field(description="The policy question this product answers.")
    answer: PublicText = Field(description="The answer in a few sentences, in plain words.")
    audience: PublicText = Field(description="Who it is for.")
    indicators: tuple[Id, ...] = Field(min_length=1, description="The indicators that answer it, in order.")
    text: PublicText | None = Field(
        default=None, description="Markdown: what the figures say, and what they do not say."
    )
    sections: tuple[StorySection, ...] = Field(
        default=(), description="The story: findings as headings, each with its text and picture, in order."
    )
    limits: PublicText = Field(description="What cannot be concluded from it.")
    purposes: tuple[Id, ...] = Field(
        default=(),
        description="The purposes under which its data are used: at least those of its indicators.",
    )
    findings: tuple[Analysis, ...] = Field(
        default=(), description="Patterns to look for in its figures, each with a sentence on its page."
    )
