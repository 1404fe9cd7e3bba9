"""What a chart is outside its page: a page of its own to embed elsewhere, a picture, a drawing, a spreadsheet and data for programs.

All of them hold the same published figures as the page, and none more: every file is made from the `Chart`, which never had them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from zicht.publish.catalogue import Indicator
from zicht.publish.charts import Chart, standalone
from zicht.publish.edition import Edition
from zicht.publish.panels import charts_of_level, charts_of_whole
from zicht.publish.pictures import Picture
from zicht.publish.render import Frame, home_of, safe
from zicht.publish.texts import Texts

PICTURED = ("trend",)
"""Kinds of chart that also become a PNG when the site is made; making one of every chart would take most of the time."""
_ZOOM = 1.25  # a picture is finer than a screen
_BOM = "\ufeff"


@dataclass(frozen=True)
class Book:
    """All charts of one indicator in one language.

    Attributes:
        whole: about the area that all others lie in.
        levels: about the areas of each level.
    """

    whole: Sequence[Chart]
    levels: Mapping[str, Sequence[Chart]]

    @property
    def all(self) -> list[Chart]:
        """Every chart once."""
        return [*self.whole, *(chart for charts in self.levels.values() for chart in charts)]


def book_of(edition: Edition, texts: Texts, indicator: Indicator) -> Book:
    """The charts of an indicator.

    Args:
        edition: the release.
        texts: of the language.
        indicator: of the release.

    Raises:
        ZichtError: a chart lacks a title, a label, a source or a table.
    """
    levels = {level: charts_of_level(edition, texts, indicator, level) for level in edition.levels(indicator)}
    return Book(charts_of_whole(edition, texts, indicator), levels)


def chart_files(
    edition: Edition, frame: Frame, indicator: Indicator, book: Book
) -> Iterator[tuple[str, bytes | Picture]]:
    """The files of all charts of an indicator, as path and bytes or a picture yet to be drawn.

    Args:
        edition: the release.
        frame: of the language.
        indicator: of the release.
        book: its charts.
    """
    home = home_of(frame.texts.language)
    for chart in book.all:
        drawing = standalone(chart, frame.texts.language)
        stem = f"{home}grafiek/{indicator.id}/{chart.name}"
        yield f"{stem}.svg", drawing.encode()
        if chart.kind in PICTURED:
            yield f"{stem}.png", Picture(drawing, _ZOOM)
        yield f"{stem}.csv", chart_csv(chart, frame.texts.language)
        yield f"{stem}.json", chart_json(edition, indicator, chart, frame.texts)
        path, html = frame.page(
            "embed.html", f"insluiten/{indicator.id}/{chart.name}/", title=chart.title, summary=chart.subtitle,
            chart=shown(chart), indicator=indicator,
        )  # fmt: skip
        yield path, html.encode()


def shown(chart: Chart) -> dict[str, object]:
    """A chart as templates read it."""
    return {
        "kind": chart.kind,
        "name": chart.name,
        "picture": chart.kind in PICTURED,
        "title": chart.title,
        "subtitle": chart.subtitle,
        "source": chart.source,
        "note": chart.note,
        "svg": safe(str(chart.drawing)),
        "columns": chart.columns,
        "rows": chart.rows,
    }


def chart_csv(chart: Chart, language: str) -> bytes:
    """The table of a chart for a spreadsheet: Dutch with semicolons and decimal commas, English with commas and points."""
    separator, point = (";", ",") if language == "nl" else (",", ".")
    lines = [
        [column.title for column in chart.columns],
        *(
            [_cell(column.raw[row], column.shown[row], point) for column in chart.columns]
            for row in range(len(chart.rows))
        ),
    ]
    text = "".join(separator.join(_quoted(cell, separator) for cell in line) + "\r\n" for line in lines)
    return (_BOM + text).encode()


def _cell(raw: float | str | None, said: str, point: str) -> str:
    """A number as a spreadsheet reads it; words, such as `verborgen`, where there is none. No name is taken for a formula."""
    if isinstance(raw, float):
        return f"{raw:.10g}".replace(".", point)
    text = said if raw is None or said else str(raw)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _quoted(cell: str, separator: str) -> str:
    return (
        '"' + cell.replace('"', '""') + '"'
        if any(mark in cell for mark in (separator, '"', "\n", "\r"))
        else cell
    )


def chart_json(edition: Edition, indicator: Indicator, chart: Chart, texts: Texts) -> bytes:
    """A chart for programs: what it is and a column a name; null where there is no value, with what the page says in its place."""
    document = {
        "indicator": indicator.id,
        "chart": chart.name,
        "kind": chart.kind,
        "title": chart.title,
        "subtitle": chart.subtitle,
        "description": chart.description,
        "note": chart.note,
        "source": chart.source,
        "language": texts.language,
        "unit": texts.pick(indicator.unit),
        "division": edition.release.manifest.get("division"),
        "columns": {
            column.key: {"title": column.title, "values": column.raw, "shown": column.shown}
            for column in chart.columns
        },
    }
    return (json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
