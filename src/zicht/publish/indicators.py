"""The pages of an indicator: the question, the answer in a sentence, map, table, development, breakdown, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np

from zicht.publish.alike import MOST_NAMED, alike_rows
from zicht.publish.catalogue import Indicator
from zicht.publish.charts import shade, strip_svg
from zicht.publish.checks import check_lines, sums_of
from zicht.publish.data import Parcel, dataset
from zicht.publish.edition import Edition, Latest
from zicht.publish.exhibits import Book, shown
from zicht.publish.framed import framed_map, map_note
from zicht.publish.frames import Standing
from zicht.publish.mapdata import circle_key, circles_of, map_scale, settings, strip_scale
from zicht.publish.maps import MOST_IN_SVG, Patch, choropleth_svg
from zicht.publish.method import method_lines
from zicht.publish.numbers import Quantity, number
from zicht.publish.periods import period_words
from zicht.publish.registers import has_provenance
from zicht.publish.render import Frame, home_of, safe
from zicht.publish.sentences import of_every, probably, what_we_see
from zicht.publish.tables import area_rows, developed_in, rows_shown, status_words
from zicht.publish.texts import Texts
from zicht.publish.verdicts import Verdict
from zicht.publish.years import years_of, years_shown


def indicator_pages(
    edition: Edition, frame: Frame, indicator: Indicator, book: Book, files: Parcel
) -> Iterator[tuple[str, str]]:
    """The pages of an indicator, one a level and the first of them at its own address too, as path and HTML.

    Args:
        edition: the release.
        frame: of the language.
        indicator: of the release.
        book: its charts in that language.
        files: what it offers to download.
    """
    first = edition.first_level(indicator)
    shared = _shared(edition, frame.texts, indicator) | {"files": files}
    for level in reversed(edition.levels(indicator)):
        latest = edition.latest(indicator, level)
        if latest is None:
            continue
        parts = {
            **shared,
            **_of_level(edition, frame.texts, indicator, level, latest),
            **_charts(book, level),
        }
        for place in (
            f"indicator/{indicator.id}/{level}/",
            *([f"indicator/{indicator.id}/"] if level == first else []),
        ):
            back = "../" * (place.count("/") + (frame.texts.language != "nl"))
            here = _linked(edition, indicator, level, latest, frame.texts, "../" * place.count("/"))
            if here["map"] and place.endswith(f"/{level}/"):
                yield framed_map(edition, frame, indicator, level, latest, {**parts, **here})
            title = str(shared["heading"])
            yield frame.page(
                "indicator.html", place, title=title, summary=str(shared["explanation"]), nav="indicators",
                back=back, canonical=f"indicator/{indicator.id}/{level}/", **parts, **here,
                dataset=safe(_dataset(edition, frame, indicator, level, files)),
            )  # fmt: skip


def _shared(edition: Edition, texts: Texts, indicator: Indicator) -> dict[str, object]:
    """What all levels of an indicator show alike."""
    theme = next(theme for theme in edition.catalogue.themes if theme.id == indicator.theme)
    top = edition.areas.top
    quantity = edition.quantity(indicator, texts)
    levels = [
        {"id": level, "title": texts.level(level).capitalize()}
        for level in reversed(edition.levels(indicator))
    ]
    return {
        "provenance": has_provenance(edition, indicator),
        "map_note": map_note(edition, texts, indicator),
        "points": _points(edition, texts, indicator),
        "indicator": indicator,
        "theme": theme,
        "heading": texts.pick(indicator.question or indicator.title),
        "explanation": texts.pick(indicator.explanation),
        "unit": quantity.unit,
        "levels": levels,
        "top": None if top is None else edition.areas.names[top],
        "summary_of_top": None if top is None else _summary(edition, texts, indicator, top),
        "protection": protection_words(edition, texts, indicator),
        "steps": method_lines(texts, indicator, edition.catalogue.dimensions),
        "method_breaks": [
            (texts.period(item.period), texts.pick(item.text)) for item in indicator.method_breaks
        ],
        "checks": check_lines(texts, sums_of(edition, indicator.id)),
    }


def _points(edition: Edition, texts: Texts, indicator: Indicator) -> str | None:
    """The words beside the switch that shows public objects on the map; None where there are none."""
    size = edition.objects(indicator)
    if not size or indicator.points is None:
        return None
    return texts("map.points", title=texts.pick(indicator.points), n=number(size, 0, texts.language))


def _dataset(edition: Edition, frame: Frame, indicator: Indicator, level: str, files: Parcel) -> str:
    """The page as a Dataset for search engines; addresses are whole where that of the site is declared."""
    base = edition.catalogue.url
    place = f"{home_of(frame.texts.language)}indicator/{indicator.id}/{level}/"
    root = base or "../" * place.count("/")
    downloads = [(root + offer.path, offer.media) for offer in files.offers]
    return dataset(edition, indicator, frame.texts, base + place if base else "", downloads)


def _summary(edition: Edition, texts: Texts, indicator: Indicator, place: int) -> dict[str, str] | None:
    """The latest value of an area in the words of the panel; None where it has none."""
    figures, quantity = edition.figures(indicator), edition.quantity(indicator, texts)
    period = figures.latest.get(edition.areas.level_of[place])
    if period is None or not np.isfinite(figures.value[period, place]):
        return None
    value, lower, upper = (
        float(series[period, place]) for series in (figures.value, figures.lower, figures.upper)
    )
    return {
        "period": period_words(texts, indicator, figures.periods[period]),
        "number": number(value, indicator.decimals, texts.language),
        "sign": quantity.sign,
        "rest": quantity.rest,
        "hundred": of_every(value, quantity, texts),
        "probably": probably(lower, upper, quantity, texts),
    }


def _charts(book: Book, level: str) -> dict[str, object]:
    """The charts of a page: the development first, then how the areas of the level differ, then the parts of the whole."""
    first = [chart for chart in book.whole if chart.kind == "trend"]
    rest = [chart for chart in book.whole if chart.kind != "trend"]
    return {
        "lead": [shown(chart) for chart in first],
        "exhibits": [shown(chart) for chart in (*book.levels[level], *rest)],
    }


def protection_words(edition: Edition, texts: Texts, indicator: Indicator) -> str:
    """How the figures are protected, in words; of a profile without words of its own, the general sentence."""
    profile = indicator.protection
    if isinstance(profile, Mapping):
        return texts.pick(profile)
    if profile == "open" and (edition.figures(indicator).standing == Standing.HIDDEN).any():
        return texts("protection.divided")
    key = f"protection.{profile}"
    return texts(key) if profile and texts.has(key) else texts("protection.general")


def answer(edition: Edition, texts: Texts, indicator: Indicator, level: str) -> str:
    """The question answered in one or two sentences, as HTML."""
    figures, quantity = edition.figures(indicator), edition.quantity(indicator, texts)
    latest = edition.latest(indicator, level)
    top, told = edition.areas.top, -1
    sentences: list[str] = []
    if top is not None and edition.areas.level_of[top] in figures.latest:
        period = figures.latest[edition.areas.level_of[top]]
        value = float(figures.value[period, top])
        if value == value:
            told = period
            sentences.append(
                texts.html(
                    "answer.top",
                    name=edition.areas.names[top],
                    period=period_words(texts, indicator, figures.periods[period]),
                    value=quantity.long(value),
                )
            )
    if latest is not None:
        sentences += _spread_words(edition, texts, indicator, level, latest, told)
    return " ".join(sentences)


def _spread_words(
    edition: Edition, texts: Texts, indicator: Indicator, level: str, latest: Latest, told: int
) -> list[str]:
    """How the areas of a level differ; the period stands in it where it is not the one that was just `told`."""
    quantity, figures = edition.quantity(indicator, texts), edition.figures(indicator)
    kind = texts.levels(level)
    if (
        edition.reference_of(latest) == edition.areas.top is not None
        and (latest.verdict != Verdict.NONE).any()
    ):
        lower, higher = (
            int((latest.verdict == verdict).sum()) for verdict in (Verdict.LOWER, Verdict.HIGHER)
        )
        key = (
            f"answer.{'lower' if lower else ''}{'higher' if higher else ''}"
            if lower or higher
            else "answer.same"
        )
        areas = [
            texts.count("answer.areas", size, one=texts.level(level), kind=kind) for size in (lower, higher)
        ]
        return [texts.html(key, lower=areas[0], higher=areas[1], one=texts.level(level))]
    shown = latest.value[np.isfinite(latest.value)]
    if shown.size < 2 or shown.min() == shown.max():
        return []
    return [
        texts.html(
            "answer.spread" if latest.period == told else "answer.spread.in", kind=kind, period=period_words(texts, indicator, figures.periods[latest.period]),
            low=quantity.short(float(shown.min())), high=quantity.short(float(shown.max())),
        )
    ]  # fmt: skip


def _of_level(
    edition: Edition, texts: Texts, indicator: Indicator, level: str, latest: Latest
) -> dict[str, object]:
    figures, quantity = edition.figures(indicator), edition.quantity(indicator, texts)
    breaks = edition.breaks(indicator, level)
    period = period_words(texts, indicator, figures.periods[latest.period])
    shown = int(np.isfinite(latest.value).sum())
    pending = figures.pending(edition.areas, level)
    strip = strip_scale(edition, indicator, level)
    strip_alt = texts("map.strip", kind=texts.levels(level), unit=quantity.unit)
    return {
        "answer": safe(answer(edition, texts, indicator, level)),
        "level": level,
        "kind": texts.levels(level),
        "see": what_we_see(edition, texts, indicator, level, latest),
        "period": period,
        "pending": None if pending is None else texts.period(pending),
        "legend": legend(breaks, quantity, texts),
        "strip": safe(strip_svg(latest.value, strip, quantity, strip_alt) if strip else ""),
        "counts": {
            "shown": shown,
            "hidden": int((latest.standing == Standing.HIDDEN).sum()),
            "absent": int(((latest.standing != Standing.HIDDEN) & ~np.isfinite(latest.value)).sum()),
        },
        "compared": bool(np.isfinite(latest.reference_value).any()),
        "reference": None if (one := edition.reference_of(latest)) is None else edition.areas.names[one],
        "developed": developed_in(figures, latest),
        "years": None
        if (years := years_of(edition, indicator, level)) is None
        else years_shown(edition, texts, indicator, years),
        "margins": bool(np.isfinite(latest.lower).any()),
        "total_rows": int(latest.members.size),
        "most_rows": rows_shown(latest),
        "format": {
            "decimals": indicator.decimals,
            "margin": quantity.margin_decimals,
            "sign": quantity.sign,
            "rest": quantity.rest,
            "whole": quantity.whole or "",
        },
    }


def legend(breaks: tuple[float, ...], quantity: Quantity, texts: Texts) -> list[tuple[int, str]]:
    """Colour and words of every class, lowest first."""
    if not breaks:
        return [(shade(0, 1), texts("map.one_class"))]
    decimals = quantity.decimals if any(limit != round(limit) for limit in breaks) else 0
    limits = [number(limit, decimals, quantity.language) + quantity.sign for limit in breaks]
    words = [texts("map.below", limit=limits[0])]
    words += [texts("map.between", low=low, high=high) for low, high in pairwise(limits)]
    words.append(texts("map.from", limit=limits[-1]))
    return [(shade(place, len(words)), word) for place, word in enumerate(words)]


def _linked(
    edition: Edition, indicator: Indicator, level: str, latest: Latest, texts: Texts, home: str
) -> dict[str, object]:
    """What holds links to the pages of areas: map and table."""
    quantity = edition.quantity(indicator, texts)
    drawn = (
        choropleth(edition, indicator, level, latest, texts, home)
        if latest.members.size <= MOST_IN_SVG
        else ""
    )
    canvas = latest.members.size > MOST_IN_SVG and edition.shapes(level) is not None
    circles = circles_of(edition, indicator, level)
    root = "../" * home_of(texts.language).count("/") + home
    return {
        "map": safe(drawn),
        "canvas": canvas,
        "circles": circle_key(circles, quantity) if circles else None,
        "map_scale": map_scale(edition, level),
        "map_settings": settings(edition, texts, indicator, level, quantity, root),
        "alike_named": latest.members.size <= MOST_NAMED,
        "alike": safe(alike_rows(edition, indicator, level, latest, texts, home)),
        "rows": safe(area_rows(edition, indicator, level, latest, texts, quantity, home)),
    }


def choropleth(
    edition: Edition, indicator: Indicator, level: str, latest: Latest, texts: Texts, home: str
) -> str:
    """The map of a level as SVG; `home` leads to the start of the language. Empty where the level has no shapes."""
    shapes = edition.shapes(level)
    if shapes is None:
        return ""
    areas, quantity = edition.areas, edition.quantity(indicator, texts)
    paints = edition.paints(latest, edition.breaks(indicator, level))
    if edition.adds_up(indicator):
        paints = [paint if paint in ("hidden", "none") else "land" for paint in paints]
    patches = [
        Patch(
            areas.codes[place],
            paint,
            f"{areas.names[place]}: {quantity.short(value) if value == value else status_words(texts, status)}",
            f"{home}gebied/{areas.codes[place]}/",
        )
        for place, paint, value, status in zip(
            latest.members.tolist(), paints, latest.value.tolist(), latest.standing.tolist(), strict=True
        )
    ]
    label = texts("map.label", title=texts.pick(indicator.title), kind=texts.levels(level))
    circles = circles_of(edition, indicator, level)
    rounds = (circles, latest.value.tolist()) if circles else None
    return choropleth_svg(patches, shapes, edition.outlines(level, shapes.grid), label, rounds)
