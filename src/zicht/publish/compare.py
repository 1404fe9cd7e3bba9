"""The page on which a reader sets up to four areas side by side, and the files that it reads: one an area, with its latest figures.

Which areas are compared stands in the address, so a comparison can be sent to somebody. The page judges nothing: it sets figures with
their margins on one scale, in the order in which areas were chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from zicht.publish.catalogue import Indicator
from zicht.publish.edition import Edition
from zicht.publish.mapdata import json_bytes, plain_numbers
from zicht.publish.periods import period_words
from zicht.publish.render import Frame
from zicht.publish.texts import Texts

PLACE = "vergelijk/"
"""Where the page stands in its language."""
MOST = 4
"""More areas than this are a table for who downloads it, and no longer a comparison for who reads."""
_TEXTS = {
    "chosen": "compare.chosen", "remove": "compare.remove", "added": "compare.added", "removed": "compare.removed", "full": "compare.full",
    "twice": "compare.twice", "start": "compare.start", "one": "compare.one", "failed": "compare.failed", "area": "table.area", "value": "table.value",
    "margin": "paper.margin", "dots": "compare.dots", "profile": "panel.profile", "interval": "paper.interval", "in": "search.in",
    "title": "compare.between", "absent": "status.absent", "hidden": "status.hidden", "pending": "status.pending",
    "unreliable": "status.unreliable", "rounded": "status.rounded", "perturbed": "status.perturbed", "scroll": "table.scroll",
}  # fmt: skip
"""The sentences that the script fills in, by the name it knows them by."""


def compare_page(edition: Edition, frame: Frame) -> tuple[str, str]:
    """The page of a language, as path and HTML; without scripts it leads to the profiles.

    Args:
        edition: the release.
        frame: of the language.
    """
    texts = frame.texts
    themes = [
        {
            "id": theme.id,
            "title": texts.pick(theme.title),
            "indicators": [_about(edition, texts, one) for one in edition.catalogue.of_theme(theme.id)],
        }
        for theme in edition.catalogue.themes
    ]
    settings = {
        "language": texts.language,
        "most": MOST,
        "levels": {level: texts.level(level) for level in edition.areas.levels},
        "themes": [theme for theme in themes if theme["indicators"]],
        "texts": {name: texts.raw(key) for name, key in _TEXTS.items()},
    }
    return frame.page(
        "compare.html", PLACE, title=texts("compare.title"), summary=texts("compare.lede", n=MOST), nav="areas", settings=settings,
    )  # fmt: skip


def _about(edition: Edition, texts: Texts, indicator: Indicator) -> Mapping[str, object]:
    """How an indicator is written; `periods` is by level the period of its latest figures, in words."""
    quantity, figures = edition.quantity(indicator, texts), edition.figures(indicator)
    return {
        "id": indicator.id,
        "title": texts.pick(indicator.title),
        "unit": f"{quantity.sign} {quantity.rest}".strip(),
        "sign": quantity.sign,
        "decimals": indicator.decimals,
        "margin": quantity.margin_decimals,
        "periods": {
            level: period_words(texts, indicator, figures.periods[period])
            for level, period in figures.latest.items()
        },
    }


def area_files(edition: Edition, level: str, shard: slice) -> Iterator[tuple[str, bytes]]:
    """The latest figures of some areas of one level, a file an area, as path and bytes; the same for all languages.

    Args:
        edition: the release.
        level: of the areas.
        shard: which of its members.

    Returns:
        By indicator its value, its bounds and what the public is told about it (a `Standing`).
    """
    areas = edition.areas
    columns = {}
    for indicator in edition.catalogue.indicators.values():
        latest = edition.latest(indicator, level)
        if latest is not None:
            series = (plain_numbers(part[shard]) for part in (latest.value, latest.lower, latest.upper))
            columns[indicator.id] = list(zip(*series, latest.standing[shard].tolist(), strict=True))
    for position, place in enumerate(areas.members[level][shard].tolist()):
        above = areas.parent[place]
        file = {
            "code": areas.codes[place],
            "name": areas.names[place],
            "level": level,
            "within": areas.names[above] if above >= 0 else "",
            "figures": {name: rows[position] for name, rows in columns.items()},
        }
        yield f"data/gebied/{areas.codes[place]}.json", json_bytes(file)
