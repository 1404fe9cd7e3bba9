"""The page of a product: a policy question, its answer, and findings as headings with the chart or map that shows each.

Numbers in the text are not typed: each is looked up in the release here, and one that the release does not show stops the site,
with the name of the product and the figure.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import ZichtError
from zicht.publish.catalogue import Indicator, Named, Pieces, Product, Section
from zicht.publish.edition import Edition
from zicht.publish.exhibits import shown
from zicht.publish.found import about_words, findings_of
from zicht.publish.frames import TOTAL, publishable
from zicht.publish.indicators import answer, choropleth, legend
from zicht.publish.maps import MOST_IN_SVG
from zicht.publish.panels import charts_of_level, charts_of_whole
from zicht.publish.periods import period_words
from zicht.publish.render import Frame, safe
from zicht.publish.sentences import source_line
from zicht.publish.texts import Texts

_A_DEVELOPMENT = 6
"""So many periods and more are shown as a development; our own choice."""
WHOLE, LATEST = "geheel", "laatste"
"""In a figure that a text names: the area that all others lie in, and the last period with a value."""


def product_page(edition: Edition, frame: Frame, product: Product) -> tuple[str, str]:
    """The page of a product, as path and HTML.

    Args:
        edition: the release.
        frame: of the language.
        product: of the release.

    Raises:
        ZichtError: its text names a figure that the release does not show.
    """
    texts = frame.texts
    indicators = _indicators(edition, product)
    told = {section.indicator for section in product.sections}
    found = findings_of(edition, texts, product)
    return frame.page(
        "product.html", f"product/{product.id}/", title=texts.pick(product.question), summary=texts.pick(product.answer),
        nav="products", product=product, found=found, about=about_words(texts, found) if found else "", paragraphs=paragraphs(texts.pick(product.text)),
        sections=[_section(edition, texts, product, section) for section in product.sections],
        figures=[_figure(edition, texts, indicator) for indicator in indicators if not product.sections],
        more=[_card(edition, texts, indicator) for indicator in indicators if product.sections and indicator.id not in told],
    )  # fmt: skip


def _indicators(edition: Edition, product: Product) -> list[Indicator]:
    known = edition.catalogue.indicators
    return [known[name] for name in product.indicators if name in known]


def _card(edition: Edition, texts: Texts, indicator: Indicator) -> dict[str, object]:
    return {
        "id": indicator.id,
        "question": texts.pick(indicator.question or indicator.title),
        "title": texts.pick(indicator.title),
        "answer": safe(answer(edition, texts, indicator, edition.first_level(indicator))),
    }


def _section(edition: Edition, texts: Texts, product: Product, section: Section) -> dict[str, object]:
    """A finding: its heading and paragraphs with their figures filled in, and its picture."""
    indicator = edition.catalogue.indicators.get(section.indicator)
    picture: dict[str, object] = {"chart": None, "map": None, "id": section.indicator}
    if indicator is not None and section.chart == "map":
        picture["map"] = _map(edition, texts, indicator, section.level or edition.first_level(indicator))
    elif indicator is not None:
        picture["chart"] = _chart(edition, texts, product, indicator, section)
    return {
        "title": fill(edition, texts, product, section.title),
        "paragraphs": paragraphs(fill(edition, texts, product, section.text)),
        "phenomenon": indicator is not None and indicator.phenomenon,
        **picture,
    }


def _chart(
    edition: Edition, texts: Texts, product: Product, indicator: Indicator, section: Section
) -> dict[str, object]:
    level = section.level or edition.first_level(indicator)
    charts = [*charts_of_level(edition, texts, indicator, level), *charts_of_whole(edition, texts, indicator)]
    found = [chart for chart in charts if chart.kind == section.chart]
    if not found:
        kinds = ", ".join(dict.fromkeys(chart.kind for chart in charts)) or "none"
        raise ZichtError(
            f"The product `{product.id}` asks for a {section.chart} of `{indicator.id}` at level `{level}`, which its figures do not"
            f" allow; they allow: {kinds}."
        )
    return shown(found[0])


def _map(edition: Edition, texts: Texts, indicator: Indicator, level: str) -> dict[str, object] | None:
    latest = edition.latest(indicator, level)
    if latest is None or not 1 < latest.members.size <= MOST_IN_SVG:
        return None
    drawn = choropleth(edition, indicator, level, latest, texts, "../../")
    if not drawn:
        return None
    return {
        "title": texts.pick(indicator.title),
        "under": texts(
            "product.map", unit=texts.pick(indicator.unit), kind=texts.levels(level),
            period=period_words(texts, indicator, edition.figures(indicator).periods[latest.period]),
        ),
        "svg": safe(drawn),
        "legend": legend(edition.breaks(indicator, level), edition.quantity(indicator, texts), texts),
        "source": source_line(texts, indicator),
    }  # fmt: skip


def _figure(edition: Edition, texts: Texts, indicator: Indicator) -> dict[str, object]:
    """An indicator of a product without sections: its answer with its map, else its development or how it is made up."""
    level = edition.first_level(indicator)
    drawn = None if edition.adds_up(indicator) else _map(edition, texts, indicator, level)
    whole = charts_of_whole(edition, texts, indicator)
    # Over a few years a number that is made up of groups says more by its groups than by its development.
    few = len(edition.figures(indicator).periods) < _A_DEVELOPMENT
    kinds = ("stacked", "pyramid", "flow", "trend") if few else ("trend",)
    fitting = [chart for kind in kinds for chart in whole if chart.kind == kind]
    return {
        **_card(edition, texts, indicator),
        "map": drawn,
        "phenomenon": indicator.phenomenon,
        "chart": shown(fitting[0]) if fitting and drawn is None else None,
    }


def fill(edition: Edition, texts: Texts, product: Product, pieces: Pieces) -> str:
    """A text with every figure it names written in.

    Args:
        edition: the release.
        texts: of the language.
        product: whose text it is, for the message.
        pieces: the text by language; Dutch where there is no other.

    Raises:
        ZichtError: the release does not show a figure that is named.
    """
    parts: Iterable[str | Named] = pieces.get(texts.language) or pieces["nl"]
    return "".join(
        part if isinstance(part, str) else figure_words(edition, texts, product, part) for part in parts
    )


def figure_words(edition: Edition, texts: Texts, product: Product, named: Named) -> str:
    """A figure as it is written in running text: `12,4%`, `2.520`.

    Args:
        edition: the release.
        texts: of the language.
        product: whose text it is, for the message.
        named: the figure.

    Raises:
        ZichtError: the release does not show it.
    """
    indicator = edition.catalogue.indicators.get(named.indicator)
    place = edition.areas.top if named.area == WHOLE else edition.areas.number.get(named.area)
    value = float("nan") if indicator is None or place is None else _value(edition, indicator, place, named)
    if indicator is None or value != value:
        by = "".join(f", {key} {category}" for key, category in named.by.items())
        raise ZichtError(
            f"The product `{product.id}` names the figure `{named.indicator}` of {named.area} in {named.period}{by}, which the release"
            " does not show: it is hidden, or there is none. Write the sentence without it."
        )
    return edition.quantity(indicator, texts).short(value)


def _value(edition: Edition, indicator: Indicator, place: int, named: Named) -> float:
    figures = edition.figures(indicator)
    if named.period == LATEST:
        at = figures.latest.get(edition.areas.level_of[place], -1)
    else:
        at = figures.periods.index(named.period) if named.period in figures.periods else -1
    if at < 0:
        return float("nan")
    return (
        float(figures.value[at, place])
        if not named.by
        else _value_by(edition, indicator, place, figures.periods[at], named)
    )


def _value_by(edition: Edition, indicator: Indicator, place: int, period: str, named: Named) -> float:
    """The value of a category, rounded as published; NaN where it is hidden or there is none."""
    table: pa.Table = edition.release.figures(indicator.id)
    wanted = {
        "area": edition.areas.codes[place],
        "period": period,
        **{name: named.by.get(name, TOTAL) for name in indicator.by},
    }
    for name, key in wanted.items():
        table = table.filter(pc.equal(table[name], key))
    found = publishable(table, "value", indicator.decimals, np.rint)
    return float(found[0]) if found.size == 1 else float("nan")


def paragraphs(text: str) -> list[tuple[str, object]]:
    """The plain part of Markdown that products use: headings, lists and paragraphs, as (kind, text)."""
    found: list[tuple[str, object]] = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        lines = [line.strip() for line in block.strip().splitlines()]
        if not lines:
            continue
        if lines[0].startswith("#"):
            found.append(("heading", lines.pop(0).lstrip("# ")))
        if lines and all(line.startswith(("- ", "* ")) for line in lines):
            found.append(("list", [line[2:] for line in lines]))
        elif lines:
            found.append(("paragraph", " ".join(lines)))
    return found
