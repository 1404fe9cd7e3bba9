"""The page of an area: where it lies, and of every theme a block with its figures, how sure they are and how they compare.

A country has eighteen thousand of these pages with dozens of figures each, so their rows are made a column at a time:
one indicator for a whole shard of areas, from arrays. Only the frame around them is a template.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from zicht.publish.alike import alike_blocks
from zicht.publish.catalogue import Indicator
from zicht.publish.charts import Scale, margin_bar, sparklines
from zicht.publish.edition import LOCATOR_GRID, Edition, Latest
from zicht.publish.exhibits import shown
from zicht.publish.frames import Ints, Standing
from zicht.publish.maps import context_svg
from zicht.publish.numbers import Quantity
from zicht.publish.panels import course_charts
from zicht.publish.periods import period_words
from zicht.publish.render import Frame, safe
from zicht.publish.shapes import view_box
from zicht.publish.texts import Texts
from zicht.publish.verdicts import Verdict

WHOLE = "geheel"
"""Name of the picture of all areas together, for those that lie in no gemeente."""
_EMPTY = "<span></span>"
_VERDICTS = {
    Verdict.HIGHER: "verdict.higher",
    Verdict.LOWER: "verdict.lower",
    Verdict.UNCLEAR: "verdict.unclear",
}
WORDLESS = {
    Standing.HIDDEN: "status.hidden",
    Standing.ABSENT: "status.absent",
    Standing.PENDING: "status.pending",
    Standing.UNRELIABLE: "status.unreliable",
}
"""What is said where there is no number, by its key; what follows as the reason is called so with `.why`."""
ADJUSTED = {Standing.ROUNDED: "status.rounded.why", Standing.PERTURBED: "status.perturbed.why"}
MOST_PRINTED = 500
"""Up to this many areas each has a profile on paper; making those of a whole country would take longer than its pages."""


@dataclass(frozen=True)
class Locator:
    """A picture of where areas lie: its file in the site, its SVG and its `viewBox`."""

    file: str
    svg: str
    view_box: str


class Locators:
    """The pictures of where areas lie: one a gemeente, and one of the whole.

    Args:
        edition: the release.
    """

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._members = self._group()
        self._made: dict[str, Locator | None] = {}

    def names(self) -> list[str]:
        """The names of all pictures that can be made."""
        return sorted(self._members)

    def name_for(self, place: int) -> str:
        """Which picture shows an area: that of its gemeente, or that of the whole."""
        areas = self._edition.areas
        inside = [other for other in (place, *areas.ancestors(place)) if areas.level_of[other] == "gemeente"]
        if inside and (inside[0] != place or areas.members["gemeente"].size == 1):
            return areas.codes[inside[0]]
        return WHOLE

    def get(self, name: str) -> Locator | None:
        """A picture; None where its areas have no shapes."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Locator | None:
        level, codes = self._members.get(name, ("", []))
        shapes = self._edition.shapes(level, LOCATOR_GRID) if level else None
        drawn = context_svg(shapes, codes) if shapes else None
        return Locator(f"kaart/{name}.svg", drawn[0], view_box(drawn[1])) if drawn else None

    def _group(self) -> dict[str, tuple[str, list[str]]]:
        areas, edition = self._edition.areas, self._edition
        mapped = [level for level in areas.levels if edition.shapes(level, LOCATOR_GRID)]
        groups: dict[str, tuple[str, list[str]]] = {}
        inside = [level for level in mapped if level in ("wijk", "buurt")]
        for level in inside[-1:]:  # wijken where there are any: fewer lines than buurten
            for place in areas.members[level].tolist():
                gemeente = [
                    areas.codes[up] for up in areas.ancestors(place) if areas.level_of[up] == "gemeente"
                ]
                for code in gemeente:
                    groups.setdefault(code, (level, []))[1].append(areas.codes[place])
        above = [level for level in mapped if level not in inside]
        if above:
            groups[WHOLE] = (above[0], [areas.codes[place] for place in areas.members[above[0]].tolist()])
        return groups


def has_papers(edition: Edition) -> bool:
    """Whether the areas of a release have a profile on paper (`zicht.publish.paper`)."""
    return sum(members.size for members in edition.areas.members.values()) <= MOST_PRINTED


def area_pages(
    edition: Edition, frame: Frame, locators: Locators, level: str, shard: slice
) -> Iterator[tuple[str, str]]:
    """The pages of some areas of one level, as path and HTML.

    Args:
        edition: the release.
        frame: of the language.
        locators: pictures of where areas lie.
        level: of the areas.
        shard: which of its members.
    """
    texts = frame.texts
    places = edition.areas.members[level][shard]
    blocks, said = _blocks(edition, texts, level, shard), ledes(edition, texts, level, shard)
    alike = alike_blocks(edition, texts, level, shard)
    for position, place in enumerate(places.tolist()):
        yield frame.page(
            "area.html",
            f"gebied/{edition.areas.codes[place]}/",
            title=edition.areas.names[place],
            summary=texts("area.summary", name=edition.areas.names[place]),
            nav="areas",
            blocks=safe("".join(block[position] for block in blocks)),
            alike=safe(alike[position]),
            charts=_charts(edition, texts, level, shard.start + position),
            lede=said[position],
            printed=has_papers(edition),
            locator=_locator(edition, locators, place),
            land=edition.land.lines(texts, place),
            **_family(edition, texts, place),
        )


def _charts(edition: Edition, texts: Texts, level: str, at: int) -> list[dict[str, object]]:
    """The charts of an area; of a whole country they would take longer than its pages."""
    return [shown(chart) for chart in course_charts(edition, texts, level, at)] if has_papers(edition) else []


def _family(edition: Edition, texts: Texts, place: int) -> dict[str, object]:
    areas = edition.areas

    def link(other: int) -> dict[str, str]:
        return {
            "code": areas.codes[other],
            "name": areas.names[other],
            "level": texts.level(areas.level_of[other]),
        }

    inside: dict[str, list[dict[str, str]]] = {}
    for child in areas.children.get(place, ()):
        inside.setdefault(texts.levels(areas.level_of[child]), []).append(link(child))
    return {
        "name": areas.names[place],
        "code": areas.codes[place],
        "level": texts.level(areas.level_of[place]),
        "above": [link(other) for other in reversed(areas.ancestors(place))],
        "inside": list(inside.items()),
        "division": edition.release.manifest.get("division"),
    }


def _locator(edition: Edition, locators: Locators, place: int) -> dict[str, str] | None:
    found = locators.get(locators.name_for(place))
    if found is None:
        return None
    shapes = edition.shapes(edition.areas.level_of[place], LOCATOR_GRID)
    path = shapes.paths.get(edition.areas.codes[place], "") if shapes else ""
    return {
        "file": found.file,
        "view_box": found.view_box,
        "path": "" if edition.areas.top == place else path,
    }


def ledes(edition: Edition, texts: Texts, level: str, shard: slice) -> list[str]:
    """What a profile opens with, for some areas of a level: on how many subjects the area differs, else how many figures it has.

    Args:
        edition: the release.
        texts: of the language.
        level: of the areas.
        shard: which of its members.
    """
    places = edition.areas.members[level][shard]
    counts = np.zeros((3, places.size), dtype=np.int64)
    for latest in _shown(edition, level):
        verdict = latest.verdict[shard]
        counts += np.isfinite(latest.value[shard]), verdict != Verdict.NONE, abs(verdict) == 1
    return [
        _lede(edition, texts, place, *count)
        for place, count in zip(places.tolist(), counts.T.tolist(), strict=True)
    ]


def _shown(edition: Edition, level: str) -> Iterator[Latest]:
    """The latest figures of every indicator that stands in a profile of a level."""
    for theme in edition.catalogue.themes:
        found = (edition.latest(indicator, level) for indicator in edition.catalogue.of_theme(theme.id))
        yield from (latest for latest in found if latest is not None)


def _lede(edition: Edition, texts: Texts, place: int, figures: int, judged: int, different: int) -> str:
    reference = edition.reference[place]
    if judged and reference >= 0:
        return texts.count(
            "area.different", different, judged=judged, reference=edition.areas.names[reference]
        )
    return texts.count("area.figures", figures, name=edition.areas.names[place])


def _blocks(edition: Edition, texts: Texts, level: str, shard: slice) -> list[list[str]]:
    """The block of every theme for every area."""
    blocks = []
    for theme in edition.catalogue.themes:
        columns = []
        for indicator in edition.catalogue.of_theme(theme.id):
            latest = edition.latest(indicator, level)
            if latest is not None:
                columns.append(_rows(edition, texts, indicator, level, latest, shard))
        if columns:
            head = (
                f'<section class="theme-block" aria-labelledby="t-{theme.id}"><h2 id="t-{theme.id}">'
                f'{escape(texts.pick(theme.title))}</h2><ul class="profile">'
            )
            blocks.append([f"{head}{''.join(rows)}</ul></section>\n" for rows in zip(*columns, strict=True)])
    return blocks


def _rows(
    edition: Edition, texts: Texts, indicator: Indicator, level: str, latest: Latest, shard: slice
) -> list[str]:
    """The row of one indicator for every area of a shard."""
    quantity = edition.quantity(indicator, texts)
    figures = edition.figures(indicator)
    scale = Scale.over(latest.value, latest.lower, latest.upper, latest.reference_value)
    spots = [
        scale.at(numbers[shard])
        for numbers in (latest.value, latest.lower, latest.upper, latest.reference_value)
    ]
    sparks = sparklines(
        figures.value[:, latest.members[shard]],
        frozenset(edition.starts(indicator)),
        edition.starts_apart(indicator, latest.members[shard].tolist()),
    )
    words = _comparisons(edition, texts, quantity, latest, shard)
    period = period_words(texts, indicator, figures.periods[latest.period])
    # The unit makes the figure readable by itself; the period is said because themes may differ in it.
    head = (
        f'<li><span class="what"><a href="../../indicator/{indicator.id}/{level}/">{escape(texts.pick(indicator.title))}</a>'
        f"<small>{escape(unit_line(quantity, period))}</small></span>"
    )
    plain, sign = quantity.plain(), f"<small>{quantity.sign}</small>" if quantity.sign else ""
    hidden = {status: _wordless(texts, status) for status in WORDLESS}
    out = []
    for position, (value, status) in enumerate(
        zip(latest.value[shard].tolist(), latest.standing[shard].tolist(), strict=True)
    ):
        if value != value:
            out.append(head + hidden.get(status, hidden[Standing.ABSENT]))
            continue
        places_on_bar = [spot[position] for spot in spots]
        bar = margin_bar(*places_on_bar) if places_on_bar[-1] >= 0 else ""
        out.append(
            f'{head}<span class="w">{plain(value)}{sign}</span>{bar or _EMPTY}{sparks[position] or _EMPTY}'
            f'<span class="d">{words(position)}</span></li>'
        )
    return out


def unit_line(quantity: Quantity, period: str) -> str:
    """What stands under the title of a figure: its unit where that is more than a sign, and its period in words."""
    return f"{quantity.sign} {quantity.rest}, {period}".strip() if quantity.rest else period


def _wordless(texts: Texts, status: Standing) -> str:
    tag = "tag hidden" if status == Standing.HIDDEN else "tag"
    return (
        f'<span class="w"><span class="{tag}">{escape(texts(WORDLESS[status]))}</span></span>{_EMPTY}{_EMPTY}'
        f'<span class="d">{escape(texts(WORDLESS[status] + ".why"))}</span></li>'
    )


def _comparisons(
    edition: Edition, texts: Texts, quantity: Quantity, latest: Latest, shard: slice
) -> Callable[[int], str]:
    """A function that says in words how the area at a position of the shard compares."""
    names = edition.areas.names
    reference, base = latest.reference[shard].tolist(), latest.reference_value[shard].tolist()
    verdict, status = latest.verdict[shard].tolist(), latest.standing[shard].tolist()
    templates = {int(key): str(texts.html(word, reference="{0}")) for key, word in _VERDICTS.items()}
    rounded = {int(standing): escape(texts(key)) for standing, key in ADJUSTED.items()}
    places = latest.members[shard].tolist()
    said: dict[tuple[int, int, bool], str] = {}

    def words(position: int) -> str:
        other, outcome = reference[position], verdict[position]
        if other < 0 or base[position] != base[position]:
            return rounded.get(status[position], "")
        place = places[position]
        key = (other, outcome, names[other] == names[place])
        if key not in said:
            name = escape(f"{edition.name_beside(place, other, texts)} ({quantity.short(base[position])})")
            plain = escape(texts("verdict.none", reference="{0}"))
            said[key] = templates.get(outcome, plain).replace("{0}", name)
        return said[key]

    return words


def shards(members: Ints, size: int) -> Sequence[slice]:
    """Slices that cut members into pieces of at most `size`."""
    return [slice(start, start + size) for start in range(0, members.size, size)]
