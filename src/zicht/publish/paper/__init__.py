"""The profile of an area on paper: two sheets of A4 as a tagged PDF (PDF/UA-1), with the figures that its page has.

Set by Typst (<https://typst.app>) from `profile.typ`, with the letters that stand beside the pictures. Nothing is judged here, and all
numbers passed `frames`. No clock and no font of the machine comes in, so the same release gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice
from math import ceil

import typst

from zicht.errors import ZichtError
from zicht.publish.catalogue import Indicator
from zicht.publish.charts import Scale
from zicht.publish.edition import LOCATOR_GRID, Edition, Latest
from zicht.publish.frames import Standing
from zicht.publish.periods import period_words
from zicht.publish.pictures import letters
from zicht.publish.profile import ADJUSTED, WORDLESS, Locators, ledes, unit_line
from zicht.publish.render import Frame, home_of
from zicht.publish.texts import Texts
from zicht.publish.verdicts import Verdict

PAPER = "profiel.pdf"
"""Name of the file, beside the page of its area."""
SHEETS = 2
_SIZES = (9.5, 9.0, 8.5, 8.0, 7.5, 7.0)
"""Points that letters may have: the largest with which all figures fit."""
_MILLIMETRES = 0.3528  # a point
_ROOM, _COLUMN = 440.0, 78.0
"""Millimetres: what two sheets hold beside head and foot of the profile, and how wide the column of titles is."""
_LETTER, _SMALL = 0.48, 0.86
"""Width of a mean letter, and the size of the unit beside the title; both to the size of letters."""
_LINE, _MORE, _THEME = 1.36, 1.05, 2.6
"""Heights of a row, of each further line in it, and of the name of a theme; to the size of letters."""
_PAGE = re.compile(rb"/Type */Page\b")
_STRANGE = re.compile(r'the text `"([^"\\]+)"` could not be displayed')
_SHORT = {
    Verdict.HIGHER: "paper.higher",
    Verdict.LOWER: "paper.lower",
    Verdict.UNCLEAR: "paper.unclear",
    Verdict.NONE: "paper.none",
}

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Theme:
    """The rows of a theme for one area, as `profile.typ` reads them."""

    title: str
    rows: Sequence[Row]


def area_papers(
    edition: Edition, frame: Frame, locators: Locators, level: str, shard: slice
) -> Iterator[tuple[str, bytes]]:
    """The profiles of some areas of one level, as path and PDF.

    Args:
        edition: the release.
        frame: of the language.
        locators: pictures of where areas lie.
        level: of the areas.
        shard: which of its members.

    Raises:
        ZichtError: a profile cannot be set.
    """
    texts, areas = frame.texts, edition.areas
    themes = _themes(edition, texts, level, shard)
    said = ledes(edition, texts, level, shard)
    for position, place in enumerate(areas.members[level][shard].tolist()):
        about = _about(edition, texts, locators, place) | {"lede": said[position]}
        path = f"{home_of(texts.language)}gebied/{areas.codes[place]}/{PAPER}"
        yield path, _fitted(texts, about, [Theme(title, rows[position]) for title, rows in themes])


def _about(edition: Edition, texts: Texts, locators: Locators, place: int) -> dict[str, object]:
    """What a profile says beside its figures."""
    areas, catalogue = edition.areas, edition.catalogue
    code, name = areas.codes[place], areas.names[place]
    above = [f"{texts.level(areas.level_of[up])} {areas.names[up]}" for up in areas.ancestors(place)]
    kind = texts(
        "area.kind",
        level=texts.level(areas.level_of[place]),
        division=edition.release.manifest.get("division"),
    )
    page = f"{catalogue.url}{home_of(texts.language)}gebied/{code}/"
    reference = edition.reference[place]
    beside = (
        texts("paper.beside", reference=edition.name_beside(place, reference, texts))
        if reference >= 0
        else ""
    )
    return {
        "language": texts.language,
        "title": texts("paper.title", name=name),
        "author": str(catalogue.organisation.get("name") or texts.pick(catalogue.title)),
        "name": name,
        "notice": texts.pick(catalogue.notice),
        "map": _map(edition, locators, place),
        "words": {
            "kind": " · ".join([kind, *above]),
            "head": [texts("paper.what"), texts("table.value"), texts("paper.margin"), *([texts("paper.drawn"), beside] if beside else [])],
            "map": texts("area.locator", name=name),
            "foot": texts.pick(catalogue.title),
            "page": texts.raw("paper.page"),
            "end": [
                f"{texts('area.read')}. {texts('area.read.text')}",
                *([texts("paper.phenomenon")] if any(one.phenomenon for one in catalogue.indicators.values()) else []),
                texts("paper.sources", sources="; ".join(_sources(edition, texts))),
                *([texts("paper.address", address=page)] if catalogue.url else []),
            ],
            "address": page if catalogue.url else "",
        },
    }  # fmt: skip


def _sources(edition: Edition, texts: Texts) -> list[str]:
    found = {
        texts.pick(source.title)
        for indicator in edition.catalogue.indicators.values()
        for source in indicator.sources
    }
    return sorted(found)


def _map(edition: Edition, locators: Locators, place: int) -> str:
    """The picture of where an area lies, with the area in it; empty where it has no shape."""
    found = locators.get(locators.name_for(place))
    shapes = edition.shapes(edition.areas.level_of[place], LOCATOR_GRID)
    path = shapes.paths.get(edition.areas.codes[place], "") if shapes else ""
    if found is None or not path:
        return ""
    return found.svg.replace("</svg>", f'<path d="{path}" fill="#0b263d"/></svg>')


def _themes(edition: Edition, texts: Texts, level: str, shard: slice) -> list[tuple[str, list[list[Row]]]]:
    """Of every theme its title and for each area its rows."""
    found = []
    for theme in edition.catalogue.themes:
        columns = [
            _rows(edition, texts, indicator, latest, shard)
            for indicator in edition.catalogue.of_theme(theme.id)
            if (latest := edition.latest(indicator, level)) is not None
        ]
        if columns:
            found.append((texts.pick(theme.title), [list(rows) for rows in zip(*columns, strict=True)]))
    return found


def _rows(edition: Edition, texts: Texts, indicator: Indicator, latest: Latest, shard: slice) -> list[Row]:
    """The row of one indicator for every area of a shard."""
    quantity, figures = edition.quantity(indicator, texts), edition.figures(indicator)
    scale = Scale.over(latest.value, latest.lower, latest.upper, latest.reference_value)
    numbers = [series[shard] for series in (latest.value, latest.lower, latest.upper, latest.reference_value)]
    spots = zip(*(scale.at(series) for series in numbers), strict=True)
    head = {
        "title": texts.pick(indicator.title),
        "unit": unit_line(quantity, period_words(texts, indicator, figures.periods[latest.period])),
    }
    rows: list[Row] = []
    told = zip(*(series.tolist() for series in numbers), spots, strict=True)
    for position, (value, lower, upper, base, spot) in enumerate(told):
        standing, verdict = (
            Standing(int(latest.standing[shard][position])),
            Verdict(int(latest.verdict[shard][position])),
        )
        if value != value:
            rows.append({**head, "value": None, "word": _wordless(texts, standing)})
            continue
        adjusted = texts(ADJUSTED[standing]) if standing in ADJUSTED else ""
        word = texts(_SHORT[verdict], value=quantity.short(base)) if base == base else adjusted
        margin = (
            ""
            if lower != lower or upper != upper
            else texts("paper.interval", low=quantity.margin(lower), high=quantity.margin(upper))
        )
        ends = [None if at < 0 else at / 2 for at in spot]
        # One area alone has nothing to stand beside: its bar would only show its own margin.
        bar = (
            dict(zip(("at", "low", "high", "other"), ends, strict=True)) if latest.members.size > 1 else None
        )
        rows.append({**head, "value": quantity.short(value), "margin": margin, "bar": bar, "word": word})
    return rows


def _wordless(texts: Texts, standing: Standing) -> str:
    key = WORDLESS.get(standing, WORDLESS[Standing.ABSENT])
    return f"{texts(key).capitalize()}. {texts(f'{key}.why')}"


def _fitted(texts: Texts, about: Mapping[str, object], themes: Sequence[Theme]) -> bytes:
    """A profile in the largest letters with which it fits on its sheets; what does not fit at all is left out, and that is said.

    Raises:
        ZichtError: it fits in no way.
    """
    total = sum(len(theme.rows) for theme in themes)
    for size, most in _trials(themes, total):
        kept = themes if most == total else _first(themes, most)
        cut = "" if most == total else texts.count("paper.cut", total, shown=most)
        made = _set(
            {
                **about,
                "size": size,
                "cut": cut,
                "themes": [{"title": one.title, "rows": one.rows} for one in kept],
            }
        )
        if len(_PAGE.findall(made)) <= SHEETS:
            return made
    raise ZichtError(f"The profile of {about['name']} does not fit on {SHEETS} sheets of paper.")


def _trials(themes: Sequence[Theme], total: int) -> Iterator[tuple[float, int]]:
    """Sizes of letters with how many figures: all in the largest that is expected to fit, then ever fewer in the smallest."""
    yield from ((size, total) for size in _SIZES if _height(themes, size) <= _ROOM)
    # Heights are guessed rather too large than too small: begin with somewhat more than seems to fit.
    fit = int(1.2 * total * _ROOM / _height(themes, _SIZES[-1])) if total else 0
    yield from ((_SIZES[-1], most) for most in range(min(fit, total), 0, -4))
    yield _SIZES[-1], 0


def _height(themes: Sequence[Theme], size: float) -> float:
    """About how many millimetres rows take in letters of a size."""
    em = size * _MILLIMETRES

    def lines(row: Row) -> int:
        letters = len(str(row["title"])) + _SMALL * len(str(row["unit"]))
        return ceil(letters * _LETTER * em / _COLUMN)

    return em * sum(_THEME + sum(_LINE + _MORE * (lines(row) - 1) for row in theme.rows) for theme in themes)


def _first(themes: Sequence[Theme], most: int) -> list[Theme]:
    """The first rows, under their themes."""
    rows = islice(((theme.title, row) for theme in themes for row in theme.rows), most)
    kept: dict[str, list[Row]] = {}
    for title, row in rows:
        kept.setdefault(title, []).append(row)
    return [Theme(title, found) for title, found in kept.items()]


def _set(said: Mapping[str, object]) -> bytes:
    """The document as PDF; a sign that no font of ours has becomes a question mark.

    Raises:
        ZichtError: Typst refuses it.
    """
    text = json.dumps(said, ensure_ascii=False)
    while True:
        try:
            return _typesetter()(text)
        except typst.TypstError as error:
            strange = _STRANGE.search(error.message)
            if strange is None or strange[1] not in text:
                raise ZichtError(f"The profile of {said['name']} cannot be set: {error.message}.") from error
            text = text.replace(strange[1], "?")


@cache
def _typesetter() -> Callable[[str], bytes]:
    """Typst with our letters and its own, and none of the machine."""
    compiler = typst.Compiler(
        str(resources.files("zicht.publish") / "paper" / "profile.typ"), font_paths=letters()
    )

    def made(said: str) -> bytes:
        pdf = compiler.compile(format="pdf", sys_inputs={"said": said}, pdf_standards=["ua-1"])
        if not isinstance(pdf, bytes):
            raise ZichtError("Typst gave no PDF.")
        return pdf

    return made
