"""What the map of a level is made of beyond its picture: the settings in the page, and the files that its script reads.

Areas (names, what they lie in, a point inside each) and shapes stand in files of their own that all indicators share; figures stand in
one file an indicator and level, or one a period where there are very many. Every number passed `frames` and is as the page has it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zicht.publish.catalogue import Indicator
from zicht.publish.charts import StripScale
from zicht.publish.classes import class_of
from zicht.publish.data import POINTS
from zicht.publish.edition import Edition, Latest
from zicht.publish.frames import Floats, Standing
from zicht.publish.maps import MOST_IN_SVG, Circles, shapes_json
from zicht.publish.numbers import Quantity, number
from zicht.publish.periods import period_words
from zicht.publish.render import home_of
from zicht.publish.texts import Texts
from zicht.publish.verdicts import Verdict

MOST_IN_PACK = 60_000
"""Figures (areas by periods) up to which all periods of a level share a file."""
_VERDICTS = {Verdict.LOWER: "-", Verdict.UNCLEAR: "0", Verdict.HIGHER: "+"}
_TEXTS = {
    "about": "panel.around", "probably": "panel.probably", "hundred": "panel.hundred", "above": "panel.higher", "in": "search.in",
    "below": "panel.lower", "unclear": "panel.unclear", "profile": "panel.profile", "deeper": "map.deeper", "higher": "map.higher",
    "rounded": "status.rounded.why", "perturbed": "status.perturbed.why", "spark": "map.course", "unknown": "map.unknown",
    "failed": "map.failed", "zoomIn": "map.zoom_in", "zoomOut": "map.zoom_out", "zoomHome": "map.zoom_home", "tools": "map.tools",
    "background": "map.background", "absent": "status.absent", "absentWhy": "status.absent.why", "hidden": "status.hidden",
    "hiddenWhy": "status.hidden.why", "pending": "status.pending", "pendingWhy": "status.pending.why",
    "unreliable": "status.unreliable", "unreliableWhy": "status.unreliable.why", "interval": "table.interval", "shown": "status.shown",
    "isRounded": "status.rounded", "isPerturbed": "status.perturbed", "isHigher": "table.higher", "isLower": "table.lower",
    "isUnclear": "table.unclear",
}  # fmt: skip
"""The sentences that the script fills in, by the name it knows them by."""


def json_bytes(value: object) -> bytes:
    """A file of the site that a script reads."""
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def ground_files(edition: Edition) -> Iterator[tuple[str, bytes]]:
    """The areas of every level, and the shapes of those that a canvas draws, as path and bytes."""
    areas = edition.areas
    for level in areas.levels:
        members = areas.members[level].tolist()
        codes = [areas.codes[place] for place in members]
        yield f"data/gebieden/{level}.json", json_bytes(_areas(edition, level, members, codes))
        shapes = edition.shapes(level) if len(members) > MOST_IN_SVG else None
        if shapes is not None:
            yield f"data/grenzen/{level}.json", shapes_json(shapes, codes).encode()


def _areas(edition: Edition, level: str, members: Sequence[int], codes: Sequence[str]) -> dict[str, object]:
    areas = edition.areas
    above = list(dict.fromkeys(areas.parent[place] for place in members if areas.parent[place] >= 0))
    rank = {place: at for at, place in enumerate(above)}
    shapes, points = edition.shapes(level), edition.points(level)
    return {
        "codes": codes,
        "names": [areas.names[place] for place in members],
        "parents": [[areas.codes[place], areas.names[place]] for place in above],
        "parent": [rank.get(areas.parent[place], -1) for place in members],
        "points": [part for code in codes for part in points.get(code, (0, 0))] if points else [],
        "grid": shapes.grid if shapes else 1,
    }


@dataclass(frozen=True, slots=True)
class Pack:
    """Periods (by number) of which the figures stand in one file, and where that is in the site."""

    path: str
    periods: tuple[int, ...]


def packs(edition: Edition, indicator: Indicator, level: str) -> list[Pack]:
    """The files with figures of a level: one, or one a period where there are very many figures."""
    figures, members = edition.figures(indicator), edition.areas.members[level]
    standing = figures.standing[:, members]
    told = np.isin(standing, (Standing.ABSENT, Standing.PENDING), invert=True).any(axis=1)
    # The period that the page opens with is there even if nothing of it is known: the map then says so.
    periods = sorted({figures.latest[level], *np.flatnonzero(told).tolist()})
    folder = f"data/kaart/{indicator.id}"
    if len(periods) * members.size <= MOST_IN_PACK:
        return [Pack(f"{folder}/{level}.json", tuple(periods))]
    return [Pack(f"{folder}/{level}-{figures.periods[period]}.json", (period,)) for period in periods]


def figure_files(edition: Edition, indicator: Indicator, level: str) -> Iterator[tuple[str, bytes]]:
    """The figures of a level that its map shows, as path and bytes; the same for all languages."""
    breaks = edition.breaks(indicator, level)
    for pack in packs(edition, indicator, level):
        yield pack.path, json_bytes(_figures(edition, indicator, level, pack.periods, breaks))


def _figures(
    edition: Edition, indicator: Indicator, level: str, periods: Sequence[int], breaks: tuple[float, ...]
) -> dict[str, object]:
    moments = [edition.moment(indicator, level, period) for period in periods]
    banded = any(np.isfinite(moment.lower).any() for moment in moments)
    reference = edition.reference_of(moments[-1]) if moments else None
    return {
        "periods": [edition.figures(indicator).periods[period] for period in periods],
        "value": [plain_numbers(moment.value) for moment in moments],
        "lower": [plain_numbers(moment.lower) for moment in moments] if banded else None,
        "upper": [plain_numbers(moment.upper) for moment in moments] if banded else None,
        "status": ["".join(map(str, moment.standing.tolist())) for moment in moments],
        "verdict": ["".join(_VERDICTS.get(Verdict(one), ".") for one in moment.verdict.tolist()) for moment in moments],
        "paint": ["".join(paint.removeprefix("k")[0] for paint in edition.paints(moment, breaks)) for moment in moments],
        "unsure": ["".join(map(str, unsure(moment, breaks).tolist())) for moment in moments] if banded else [],
        "reference": "" if reference is None else edition.areas.names[reference],
        "base": [plain_numbers(moment.reference_value[:1])[0] for moment in moments] if reference is not None else [],
    }  # fmt: skip


def plain_numbers(numbers: Floats) -> list[float | int | None]:
    """Numbers as JSON has them: whole ones without decimals, None where there is none."""
    return [
        None if value != value else int(value) if value.is_integer() else value for value in numbers.tolist()
    ]


def unsure(moment: Latest, breaks: tuple[float, ...]) -> np.typing.NDArray[np.int8]:
    """Where the colour of an area says more than is known: 1 where its interval spans three classes or more.

    Args:
        moment: figures with their bounds.
        breaks: the limits of the classes.
    """
    low, high = class_of(moment.lower, breaks), class_of(moment.upper, breaks)
    return ((low >= 0) & (high - low >= 2)).astype(np.int8)


def circles_of(edition: Edition, indicator: Indicator, level: str) -> Circles | None:
    """How large circles are, for values that add up: of those a large area would seem much for being large.

    Returns:
        None for values that do not add up, and where nothing can be drawn.
    """
    shapes, points = edition.shapes(level), edition.points(level)
    if not edition.adds_up(indicator) or shapes is None or not points:
        return None
    values = edition.figures(indicator).value[:, edition.areas.members[level]]
    most = float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
    box = shapes.extent()
    if most <= 0 or box is None:
        return None
    across = max(box[2] - box[0], box[3] - box[1])
    # As if every area were a square of the same size, and the largest circle just filled one.
    radius = 0.48 * ((box[2] - box[0]) * (box[3] - box[1]) / len(points)) ** 0.5
    return Circles(most, min(max(radius, across / 60), across / 12), points)


def strip_scale(edition: Edition, indicator: Indicator, level: str) -> StripScale | None:
    """The axis of the strip in the legend, the same for all periods; None where nothing has a value."""
    value = edition.figures(indicator).value[:, edition.areas.members[level]]
    return StripScale.over(value, edition.breaks(indicator, level))


def circle_key(circles: Circles, quantity: Quantity) -> list[tuple[float, str]]:
    """The circles of a legend, largest first: radius in cells of the map and what it stands for."""
    top = 10.0 ** np.floor(np.log10(circles.most))
    first = next(top * step for step in (5, 2, 1) if top * step <= circles.most)
    found = [first, first / 4 if first >= 4 * 10**-quantity.decimals else 0.0]
    return [(circles.radius_of(value), number(value, 0 if value == round(value) else quantity.decimals, quantity.language)) for value in found if value > 0]  # fmt: skip


def map_scale(edition: Edition, level: str) -> float:
    """About how many pixels a cell of a map has on a wide screen, for the circles of its legend."""
    box = None if (shapes := edition.shapes(level)) is None else shapes.extent()
    return 0.0 if box is None else min(860 / max(box[2] - box[0], 1), 560 / max(box[3] - box[1], 1))


def settings(
    edition: Edition, texts: Texts, indicator: Indicator, level: str, quantity: Quantity, root: str
) -> Mapping[str, object]:
    """What the page tells the script of its map; addresses are relative to the page.

    Args:
        edition: the release.
        texts: of the language.
        indicator: of the map.
        level: likewise.
        quantity: how values are written.
        root: from the page to the root of the site.
    """
    figures = edition.figures(indicator)
    circles = circles_of(edition, indicator, level)
    places = [(period, pack.path) for pack in packs(edition, indicator, level) for period in pack.periods]
    return {
        "indicator": indicator.id,
        "level": level,
        "levels": [
            {"id": name, "one": texts.level(name), "many": texts.levels(name)} for name in reversed(edition.levels(indicator))
        ],
        "home": root + home_of(texts.language),
        "language": texts.language,
        "format": {
            "decimals": indicator.decimals, "margin": quantity.margin_decimals, "sign": quantity.sign, "rest": quantity.rest,
            "whole": quantity.whole or "",
        },
        "areas": f"{root}data/gebieden/{level}.json",
        "shapes": f"{root}data/grenzen/{level}.json",
        "periods": [[figures.periods[period], period_words(texts, indicator, figures.periods[period]), root + path] for period, path in places],
        "latest": next(at for at, (period, _) in enumerate(places) if period == figures.latest[level]),
        "circles": {"most": circles.most, "radius": circles.radius} if circles else None,
        "background": edition.catalogue.look.background,
        "strip": strip.settings() if circles is None and (strip := strip_scale(edition, indicator, level)) else None,
        "points": f"{root}data/{indicator.id}{POINTS}" if edition.objects(indicator) else None,
        "label": texts("map.label", title=texts.pick(indicator.title), kind=texts.levels(level)),
        "texts": {name: texts.raw(key) for name, key in _TEXTS.items()}
        | {"caption": texts("table.caption", title=texts.pick(indicator.title), kind=texts.levels(level), period="{period}")},
    }  # fmt: skip
