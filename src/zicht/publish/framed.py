"""The map of a level as a page that other sites may show in a frame: its key, a table with every figure, and a way back."""

from __future__ import annotations

from collections.abc import Mapping

from zicht.publish.catalogue import Indicator
from zicht.publish.edition import Edition, Latest
from zicht.publish.mapdata import map_scale
from zicht.publish.periods import period_words
from zicht.publish.render import Frame
from zicht.publish.sentences import source_line
from zicht.publish.tables import rows_shown, status_words
from zicht.publish.texts import Texts

_SMALLER = 0.7
"""Of a map that stands in a text or a frame, in heights of the map on its own page (420 and 600 pixels in the style sheet)."""


def map_note(edition: Edition, texts: Texts, indicator: Indicator) -> str:
    """What a map is no proof of, where its figures come from, and the notice of the project: a map travels without its page."""
    said = [
        texts("phenomenon.map") if indicator.phenomenon else "",
        source_line(texts, indicator),
        texts.pick(edition.catalogue.notice),
    ]
    return " ".join(part for part in said if part)


def framed_map(
    edition: Edition,
    frame: Frame,
    indicator: Indicator,
    level: str,
    latest: Latest,
    page: Mapping[str, object],
) -> tuple[str, str]:
    """The page of a map for frames elsewhere, as path and HTML.

    Args:
        edition: the release.
        frame: of the language.
        indicator: of the release.
        level: of the areas.
        latest: their figures.
        page: what the page of the indicator at this level shows, with `map`, `legend` and `circles`.
    """
    texts, quantity = frame.texts, edition.quantity(indicator, frame.texts)
    period = period_words(texts, indicator, edition.figures(indicator).periods[latest.period])
    count = rows_shown(latest)
    rows = [
        (edition.areas.names[place], quantity.short(value) if value == value else status_words(texts, status))
        for place, value, status in zip(
            latest.members[:count].tolist(), latest.value[:count].tolist(), latest.standing[:count].tolist(), strict=True
        )
    ]  # fmt: skip
    title = texts.pick(indicator.title)
    under = texts("product.map", unit=quantity.unit, kind=texts.levels(level), period=period)
    return frame.page(
        "embed_map.html", f"insluiten/{indicator.id}/{level}-kaart/", title=title, summary=under, indicator=indicator, rows=rows,
        unit=quantity.unit, source=source_line(texts, indicator), scale=_SMALLER * map_scale(edition, level),
        **{name: page[name] for name in ("map", "legend", "circles")},
    )  # fmt: skip
