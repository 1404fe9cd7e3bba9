"""What a release says about its indicators, themes and products, as types that the pages read.

Names that become part of a web address or file name are checked here, once: a release with an id that could climb out
of the site folder is refused whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from zicht.errors import ZichtError

if TYPE_CHECKING:
    from zicht.release import Release
from zicht.publish.look import Look, read_look

Text = Mapping[str, str] | str
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def safe_name(name: str) -> str:
    """A name that may stand in a path: letters, digits, `_` and `-`, at most 64.

    Raises:
        ZichtError: it may not.
    """
    if not _SAFE.fullmatch(name):
        raise ZichtError(
            f"The release has the id or code {name!r}, which cannot be part of a web address; only letters, digits, _ and - can."
        )
    return name


@dataclass(frozen=True, slots=True)
class Source:
    """A source of an indicator: who delivered it, under which licence, and how to name it."""

    id: str
    title: Text
    deliverer: str
    licence: str
    attribution: Text | None


@dataclass(frozen=True, slots=True)
class MethodBreak:
    """From this period on the figure is made in another way."""

    period: str
    text: Text


@dataclass(frozen=True, slots=True)
class Indicator:
    """A published indicator.

    `levels` are coarsest last; `breaks` are class limits declared for the map; `provisional` are periods whose figures may
    still change; `size` is the published count of its units and `per` per how many of them it is; `points` is what the
    public objects are called that its map can show; `located` says that units lie in the areas of today in every period.
    """

    id: str
    title: Text
    question: Text | None
    explanation: Text
    unit: Text
    theme: str
    measure: str
    decimals: int
    better: str
    breaks: tuple[float, ...] | None
    by: tuple[str, ...]
    levels: tuple[str, ...]
    protection: Text | None
    caution: Text | None
    attribution: Text | None
    method_breaks: tuple[MethodBreak, ...]
    sources: tuple[Source, ...]
    steps: tuple[Text, ...]
    provisional: frozenset[str]
    phenomenon: bool
    enforcement: bool
    size: str | None
    per: int
    located: bool
    points: Text | None


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way in which figures are broken down: its categories by id, in order; `places` where units go to them."""

    id: str
    title: Text
    categories: Mapping[str, Text]
    places: bool


@dataclass(frozen=True, slots=True)
class Theme:
    """A heading under which indicators stand."""

    id: str
    title: Text


@dataclass(frozen=True, slots=True)
class Finding:
    """A pattern that a product looks for in its figures; `zicht.declare.Analysis` says what each part means."""

    id: str
    title: Text
    pattern: str
    indicator: str
    level: str
    phenomenon: bool
    declared: Mapping[str, object]

    def text(self, key: str) -> str:
        """A word that its declaration has under a key of its pattern."""
        return str(self.declared[key])

    def names(self, key: str) -> tuple[str, ...]:
        """The names that its declaration has under a key of its pattern; none where there are none."""
        return _names(self.declared.get(key))


@dataclass(frozen=True, slots=True)
class Named:
    """A figure that a text names: of which indicator, area (or `geheel`) and period (or `laatste`), and which categories."""

    indicator: str
    area: str
    period: str
    by: Mapping[str, str]


Pieces = Mapping[str, Sequence[str | Named]]
"""A text by language, in pieces: plain text and the figures between them."""


@dataclass(frozen=True, slots=True)
class Section:
    """A finding with its text, and which picture shows it: `chart` is `map` or a kind of chart, empty for none."""

    title: Pieces
    text: Pieces
    indicator: str
    chart: str
    level: str


@dataclass(frozen=True, slots=True)
class Product:
    """A policy question with its answer and the indicators it rests on."""

    id: str
    title: Text
    question: Text
    answer: Text
    audience: Text | None
    indicators: tuple[str, ...]
    text: Text | None
    limits: Text | None
    findings: tuple[Finding, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that a release says in words.

    `url` is the address of the site, ending in a slash, or empty; `unreviewed` is why nobody reviews releases, empty where people do.
    """

    id: str
    title: Text
    description: Text | None
    notice: Text | None
    unreviewed: str
    organisation: Mapping[str, str]
    themes: tuple[Theme, ...]
    dimensions: Mapping[str, Dimension]
    indicators: Mapping[str, Indicator]
    products: tuple[Product, ...]
    levels: tuple[str, ...]
    url: str
    look: Look

    @property
    def base(self) -> str:
        """The path at which the site stands on its host: `/` where no address is declared."""
        return urlsplit(self.url).path or "/"

    def of_theme(self, theme: str) -> list[Indicator]:
        """The indicators of a theme, in the order of the catalogue."""
        return [indicator for indicator in self.indicators.values() if indicator.theme == theme]


def read_catalogue(raw: Mapping[str, object]) -> Catalogue:
    """Read the catalogue of a release.

    Args:
        raw: what `catalogue.json` holds.

    Raises:
        ZichtError: a part is missing, or an id cannot stand in a web address.
    """
    try:
        return _catalogue(raw)
    except (KeyError, TypeError, AttributeError) as error:
        raise ZichtError(f"The catalogue of this release cannot be read: {error!r}.") from error


def _catalogue(raw: Mapping[str, object]) -> Catalogue:
    project = cast("Mapping[str, object]", raw["project"])
    indicators = [_indicator(item) for item in _items(raw, "indicators")]
    products = [_product(item) for item in _items(raw, "products")]
    themes = [Theme(safe_name(str(item["id"])), _text(item["title"])) for item in _items(raw, "themes")]
    declared = {theme.id for theme in themes}
    for indicator in indicators:
        if indicator.theme not in declared:  # a figure without a heading would be on no page
            declared.add(indicator.theme)
            themes.append(Theme(indicator.theme, indicator.theme))
    return Catalogue(
        id=str(project["id"]),
        title=_text(project["title"]),
        description=_maybe(project.get("description")),
        notice=_maybe(project.get("notice")),
        unreviewed=str(project.get("unreviewed") or ""),
        organisation=cast("Mapping[str, str]", project.get("organisation") or {}),
        themes=tuple(themes),
        dimensions={str(item["id"]): _dimension(item) for item in _items(raw, "dimensions")},
        indicators={indicator.id: indicator for indicator in indicators},
        products=tuple(products),
        levels=tuple(
            safe_name(str(level)) for level in cast("Mapping[str, Sequence[str]]", raw["areas"])["levels"]
        ),
        url=_address(project.get("site")),
        look=read_look(cast("Mapping[str, object]", project.get("site") or {})),
    )


def base_path(release: Release) -> str:
    """The path at which the site of a release stands on its host: `/` where its address is not declared.

    Args:
        release: an open release.

    Returns:
        A path that begins and ends with a slash.

    Raises:
        ZichtError: the catalogue of the release cannot be read.
    """
    return read_catalogue(release.catalogue).base


def _address(site: object) -> str:
    """The declared address of the site, with a slash at its end; empty where there is none."""
    url = str(site.get("url") or "") if isinstance(site, Mapping) else ""
    return f"{url.rstrip('/')}/" if url else ""


def _items(raw: Mapping[str, object], name: str) -> Sequence[Mapping[str, object]]:
    return cast("Sequence[Mapping[str, object]]", raw.get(name) or ())


def _text(value: object) -> Text:
    return cast("Mapping[str, str]", value) if isinstance(value, Mapping) else str(value)


def _maybe(value: object) -> Text | None:
    return None if value is None else _text(value)


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(name) for name in cast("Sequence[object]", value or ()))


def _indicator(raw: Mapping[str, object]) -> Indicator:
    breaks = cast("Sequence[float] | None", raw.get("breaks"))
    return Indicator(
        id=safe_name(str(raw["id"])),
        title=_text(raw["title"]),
        question=_maybe(raw.get("question")),
        explanation=_text(raw["explanation"]),
        unit=_text(raw["unit"]),
        theme=safe_name(str(raw["theme"])),
        measure=str(raw["measure"]),
        decimals=int(cast("int", raw.get("decimals") or 0)),
        better=str(raw.get("better") or "neither"),
        breaks=tuple(float(limit) for limit in breaks) if breaks else None,
        by=_names(raw.get("by")),
        levels=tuple(safe_name(level) for level in _names(raw.get("levels"))),
        protection=_maybe(raw.get("protection")),
        caution=_maybe(raw.get("caution")),
        attribution=_maybe(raw.get("attribution")),
        method_breaks=tuple(
            MethodBreak(str(item["period"]), _text(item["text"])) for item in _items(raw, "method_breaks")
        ),
        sources=tuple(_source(item) for item in _items(raw, "sources")),
        steps=tuple(_text(step) for step in cast("Sequence[object]", raw.get("steps") or ())),
        provisional=frozenset(_names(raw.get("provisional"))),
        phenomenon=bool(raw.get("phenomenon")),
        enforcement=bool(raw.get("enforcement")),
        size=safe_name(str(raw["size"])) if raw.get("size") else None,
        per=int(cast("int", raw.get("per") or 100)),
        located=bool(raw.get("located")),
        points=_maybe(raw.get("points")),
    )


def _source(raw: Mapping[str, object]) -> Source:
    return Source(
        id=str(raw["id"]),
        title=_text(raw["title"]),
        deliverer=str(raw.get("deliverer") or ""),
        licence=str(raw.get("licence") or ""),
        attribution=_maybe(raw.get("attribution")),
    )


def _dimension(raw: Mapping[str, object]) -> Dimension:
    return Dimension(
        id=str(raw["id"]),
        title=_text(raw["title"]),
        categories={str(item["id"]): _text(item["title"]) for item in _items(raw, "categories")},
        places=bool(raw.get("places")),
    )


def _product(raw: Mapping[str, object]) -> Product:
    return Product(
        id=safe_name(str(raw["id"])),
        title=_text(raw["title"]),
        question=_text(raw["question"]),
        answer=_text(raw["answer"]),
        audience=_maybe(raw.get("audience")),
        indicators=tuple(safe_name(name) for name in _names(raw.get("indicators"))),
        text=_maybe(raw.get("text")),
        limits=_maybe(raw.get("limits")),
        findings=tuple(_finding(item) for item in _items(raw, "findings")),
        sections=tuple(_section(item) for item in _items(raw, "sections")),
    )


def _finding(raw: Mapping[str, object]) -> Finding:
    return Finding(
        id=safe_name(str(raw["id"])),
        title=_text(raw["title"]),
        pattern=str(raw["pattern"]),
        indicator=safe_name(str(raw["indicator"])),
        level=safe_name(str(raw["level"])),
        phenomenon=bool(raw["phenomenon"]),
        declared=raw,
    )


def _section(raw: Mapping[str, object]) -> Section:
    return Section(
        title=_pieces(raw["title"]),
        text=_pieces(raw["text"]),
        indicator=str(raw.get("indicator") or ""),
        chart=str(raw.get("chart") or ""),
        level=str(raw.get("level") or ""),
    )


def _pieces(raw: object) -> Pieces:
    by_language = cast("Mapping[str, Sequence[object]]", raw)
    return {language: [_piece(piece) for piece in pieces] for language, pieces in by_language.items()}


def _piece(raw: object) -> str | Named:
    if not isinstance(raw, Mapping):
        return str(raw)
    by = cast("Mapping[str, str]", raw.get("by") or {})
    return Named(str(raw["indicator"]), str(raw["area"]), str(raw["period"]), dict(by))
