"""The pages that lead the way: start, themes, products, the list of areas, the catalogue, how it was made, and 404."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import numpy as np

from zicht.publish.catalogue import Indicator, Product
from zicht.publish.checks import Check, check_lines, sums_of
from zicht.publish.data import OPEN_DATA, offers_open_data
from zicht.publish.edition import Edition
from zicht.publish.frames import Standing
from zicht.publish.indicators import (
    answer,
    choropleth,
    protection_words,
)
from zicht.publish.maps import MOST_IN_SVG
from zicht.publish.numbers import number
from zicht.publish.postcodes import postcode_pages, postcodes_of
from zicht.publish.registers import accounts_for_data, algorithms_of, register_title
from zicht.publish.render import Frame, safe
from zicht.publish.story import product_page
from zicht.publish.texts import Texts

MOST_LISTED = 1500
"""The list of areas holds all of them up to this many; above it the coarse levels, whose pages lead on."""


def general_pages(edition: Edition, frame: Frame) -> Iterator[tuple[str, str]]:
    """All pages of a language that belong to no single area or indicator, as path and HTML."""
    texts = frame.texts
    yield _start(edition, frame)
    for theme in edition.catalogue.themes:
        cards = [_card(edition, texts, indicator) for indicator in edition.catalogue.of_theme(theme.id)]
        if cards:
            title = texts.pick(theme.title)
            products = [
                product for product in edition.catalogue.products if _touches(edition, product, theme.id)
            ]
            yield frame.page(
                "theme.html", f"thema/{theme.id}/", title=title, summary=texts("theme.summary", theme=title),
                nav="indicators", cards=cards, products=products,
            )  # fmt: skip
    for product in edition.catalogue.products:
        yield product_page(edition, frame, product)
    yield frame.page(
        "themes.html", "themas/", title=texts("themes.title"), summary=texts("themes.lede"), nav="indicators",
        themes=_themes(edition),
    )  # fmt: skip
    if edition.catalogue.products:
        yield frame.page(
            "products.html", "producten/", title=texts("products.title"), summary=texts("products.lede"), nav="products",
        )  # fmt: skip
    yield _areas(edition, frame)
    postcodes = postcodes_of(edition)
    if postcodes is not None:
        yield from postcode_pages(edition, frame, postcodes)
    yield _catalogue(edition, frame)
    yield _account(edition, frame)


def missing_page(frame: Frame) -> tuple[str, str]:
    """The page for an address that does not exist; its links start where the site does on its host, for it is shown anywhere."""
    title = frame.texts("missing.title")
    html = frame.render(
        "missing.html", "", "", {"title": title, "summary": title, "nav": ""}, root=frame.catalogue.base
    )
    return "404.html", html


def search_json(edition: Edition) -> str:
    """The index that the search box reads: `levels`, of every area its code, name, level and where it lies, and all questions."""
    areas, catalogue = edition.areas, edition.catalogue
    rows = [
        [
            areas.codes[place],
            areas.names[place],
            rank,
            areas.names[areas.parent[place]] if areas.parent[place] >= 0 else "",
        ]
        for rank, level in reversed(list(enumerate(areas.levels)))
        for place in areas.members[level].tolist()
    ]
    questions = [(f"product/{product.id}/", product.question) for product in catalogue.products]
    for item in catalogue.indicators.values():
        questions += [
            (f"indicator/{item.id}/", text) for text in (item.question, item.title) if text is not None
        ]
    postcodes = postcodes_of(edition)
    index = {
        **({"postcodes": postcodes.shared} if postcodes else {}),
        "levels": areas.levels,
        "areas": rows,
        "questions": [[place, {"nl": text} if isinstance(text, str) else text] for place, text in questions],
    }
    return json.dumps(index, ensure_ascii=False, separators=(",", ":")) + "\n"


def _touches(edition: Edition, product: Product, theme: str) -> bool:
    indicators = edition.catalogue.indicators
    return any(name in indicators and indicators[name].theme == theme for name in product.indicators)


def _card(edition: Edition, texts: Texts, indicator: Indicator) -> dict[str, object]:
    return {
        "id": indicator.id,
        "question": texts.pick(indicator.question or indicator.title),
        "title": texts.pick(indicator.title),
        "answer": safe(answer(edition, texts, indicator, edition.first_level(indicator))),
    }


def _themes(edition: Edition) -> list[tuple[object, list[Indicator]]]:
    found = [(theme, edition.catalogue.of_theme(theme.id)) for theme in edition.catalogue.themes]
    return [(theme, indicators) for theme, indicators in found if indicators]


def _start(edition: Edition, frame: Frame) -> tuple[str, str]:
    texts, catalogue = frame.texts, edition.catalogue
    # A story that is told in sections says most; else the first question stands in front.
    featured = next((one for one in catalogue.products if one.sections), next(iter(catalogue.products), None))
    products, featured_map = [one for one in catalogue.products if one is not featured], ""
    if featured is not None:
        for indicator in _indicators(edition, featured):
            featured_map = _map(edition, texts, indicator)
            if featured_map:
                break
    return frame.page(
        "start.html", "", title=texts.pick(catalogue.title), summary=texts.pick(catalogue.description), nav="start",
        featured=featured, map=safe(featured_map), products=products, themes=_themes(edition),
        kinds=[texts.level(level) for level in reversed(edition.areas.levels) if level != "land"],
    )  # fmt: skip


def _map(edition: Edition, texts: Texts, indicator: Indicator) -> str:
    level = edition.first_level(indicator)
    latest = edition.latest(indicator, level)
    if latest is None or latest.members.size > MOST_IN_SVG or edition.adds_up(indicator):
        return ""
    return choropleth(edition, indicator, level, latest, texts, "")


def _indicators(edition: Edition, product: Product) -> list[Indicator]:
    return [
        edition.catalogue.indicators[name]
        for name in product.indicators
        if name in edition.catalogue.indicators
    ]


def _areas(edition: Edition, frame: Frame) -> tuple[str, str]:
    texts, areas = frame.texts, edition.areas
    listed: list[dict[str, object]] = []
    total = 0
    for level in reversed(areas.levels):
        members = areas.members[level].tolist()
        total += len(members)
        if listed and total > MOST_LISTED:
            break
        rows = [
            (
                areas.codes[place],
                areas.names[place],
                areas.names[areas.parent[place]] if areas.parent[place] >= 0 else "",
            )
            for place in members
        ]
        listed.append({"level": level, "title": texts.levels(level).capitalize(), "areas": rows})
    return frame.page(
        "areas.html", "gebieden/", title=texts("areas.title"), summary=texts("areas.lede"), nav="areas",
        listed=listed, complete=len(listed) == len(areas.levels), postcodes=frame.postcodes,
    )  # fmt: skip


def _catalogue(edition: Edition, frame: Frame) -> tuple[str, str]:
    texts = frame.texts
    items = []
    for indicator in edition.catalogue.indicators.values():
        figures = edition.figures(indicator)
        theme = next(theme for theme in edition.catalogue.themes if theme.id == indicator.theme)
        periods = [texts.period(period) for period in figures.periods]
        items.append(
            {
                "indicator": indicator,
                "title": texts.pick(indicator.title),
                "text": texts.pick(indicator.explanation),
                "theme": texts.pick(theme.title),
                "levels": ", ".join(texts.level(level) for level in reversed(edition.levels(indicator))),
                "periods": periods[0]
                if len(periods) == 1
                else f"{periods[0]}–{periods[-1]}"
                if periods
                else "",
                "sources": [texts.pick(source.title) for source in indicator.sources],
            }
        )
    return frame.page(
        "catalogue.html", "catalogus/", title=texts("catalogue.title"), summary=texts("catalogue.lede"),
        nav="catalogue", items=items, packaged=[product for product in edition.catalogue.products if product.indicators],
        mapped=any(edition.has_shapes(level) for level in edition.areas.levels),
        open_data=OPEN_DATA if offers_open_data(edition) else "",
    )  # fmt: skip


def _account(edition: Edition, frame: Frame) -> tuple[str, str]:
    texts = frame.texts
    rows = []
    rules: dict[str, int] = {}
    for indicator in edition.catalogue.indicators.values():
        standing = edition.figures(indicator).standing
        rows.append(
            {
                "id": indicator.id,
                "title": texts.pick(indicator.title),
                "rule": rules.setdefault(protection_words(edition, texts, indicator), len(rules) + 1),
                "published": int(
                    np.isin(standing, (Standing.SHOWN, Standing.ROUNDED, Standing.PERTURBED)).sum()
                ),
                "hidden": int((standing == Standing.HIDDEN).sum()),
            }
        )
    checks = [
        (indicator, sums_of(edition, indicator.id)) for indicator in edition.catalogue.indicators.values()
    ]
    return frame.page(
        "account.html", "verantwoording/", title=texts("account.title"), summary=texts("account.lede"), nav="account",
        digest=str(edition.release.manifest.get("digest", "")), division=edition.release.manifest.get("division"),
        sources=_sources(edition), rows=rows, rules=list(rules),
        differs=_named(texts, checks, rounding=False),
        rounding=_named(texts, checks, rounding=True),
        deliveries=_deliveries(edition, texts), activities=accounts_for_data(edition), algorithms=bool(algorithms_of(edition)),
    )  # fmt: skip


def _named(
    texts: Texts, checks: list[tuple[Indicator, list[Check]]], *, rounding: bool
) -> list[tuple[str, list[str]]]:
    found = [
        (
            texts.pick(indicator.title),
            check_lines(texts, [check for check in sums if check.rounding == rounding]),
        )
        for indicator, sums in checks
    ]
    return [(title, lines) for title, lines in found if lines]


def _sources(edition: Edition) -> list[object]:
    found = {
        source.id: source
        for indicator in edition.catalogue.indicators.values()
        for source in indicator.sources
    }
    return [found[name] for name in sorted(found)]


def _deliveries(edition: Edition, texts: Texts) -> list[tuple[str, str]]:
    """How many rows of each register were accepted and refused, as the evidence on intake says."""
    found = []
    for name, report in edition.evidence("intake").items():
        counts = [report.get(key) for key in ("accepted", "refused")] if isinstance(report, Mapping) else []
        known = [number(count, 0, texts.language) for count in counts if isinstance(count, int)]
        if len(known) == 2:
            found.append(
                (
                    register_title(edition, name),
                    texts("account.delivery", accepted=known[0], refused=known[1]),
                )
            )
    return sorted(found)
