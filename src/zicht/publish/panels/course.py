"""Charts of the profile of an area: in what it clearly differs from what it is held against, and how that went over the years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from zicht.publish.catalogue import Indicator
from zicht.publish.charts import (
    Chart,
    Column,
    Dumbbell,
    Facet,
    drawn,
    dumbbell_svg,
    facets_drawing,
    names_column,
)
from zicht.publish.edition import Edition, Latest
from zicht.publish.numbers import Quantity
from zicht.publish.panels.desk import Desk
from zicht.publish.texts import Texts

_MOST_PANELS, _MOST_PERIODS, _FEWEST_PERIODS = 6, 12, 2
_MOST_ROWS, _FEWEST_ROWS = 12, 2
_LABEL = 320  # pixels, for titles of figures, which are longer than names of areas


@dataclass(frozen=True)
class _Own:
    """One figure of the area: how it is written and where it stands among those of its level."""

    desk: Desk
    latest: Latest
    at: int

    @property
    def differs(self) -> bool:
        return abs(int(self.latest.verdict[self.at])) == 1

    @property
    def title(self) -> str:
        return self.desk.texts.pick(self.desk.indicator.title)


def course_charts(edition: Edition, texts: Texts, level: str, at: int) -> list[Chart]:
    """The charts of an area: some of its figures over the years, and its percentages beside those of what it is held against.

    Args:
        edition: the release.
        texts: of the language.
        level: of the area.
        at: where it stands among the areas of its level.
    """
    place = int(edition.areas.members[level][at])
    own = list(_figures(edition, texts, level, at))
    charts = [_course(edition, texts, place, own), _beside(edition, texts, place, own)]
    return [chart for chart in charts if chart is not None]


def _figures(edition: Edition, texts: Texts, level: str, at: int) -> Iterator[_Own]:
    for theme in edition.catalogue.themes:
        for indicator in edition.catalogue.of_theme(theme.id):
            latest = edition.latest(indicator, level)
            if latest is not None and np.isfinite(latest.value[at]):
                yield _Own(Desk(edition, texts, indicator), latest, at)


def _one_of_each_theme(own: Sequence[_Own]) -> list[_Own]:
    first: dict[str, _Own] = {}
    for one in own:
        first.setdefault(one.desk.indicator.theme, one)
    return list(first.values())


def _sources(texts: Texts, indicators: Sequence[Indicator]) -> str:
    titles = [texts.pick(source.title) for one in indicators for source in one.sources]
    return texts("source.short", name="; ".join(dict.fromkeys(titles)) or texts("about.no_source").lower())


def _warned(texts: Texts, indicators: Sequence[Indicator], said: str) -> str:
    return f"{said} {texts('phenomenon.chart')}" if any(one.phenomenon for one in indicators) else said


def _course(edition: Edition, texts: Texts, place: int, own: Sequence[_Own]) -> Chart | None:
    """Figures over the years: those that clearly differ, else one of every theme."""
    name, other = edition.areas.names[place], edition.reference[place]
    known = [one for one in own if _over_time(one, place)]
    different = [one for one in known if one.differs]
    which = different if len(different) >= _FEWEST_ROWS else _one_of_each_theme(known)
    if len(which) < _FEWEST_ROWS:
        return None
    chosen = [(one, _facet(edition, place, other, one)) for one in which[:_MOST_PANELS]]
    beside = edition.name_beside(place, other, texts) if other >= 0 else ""
    key = "course.different" if which is different else "course.themes"
    title = texts(key, name=name, reference=beside)
    under = texts("course.under", count=str(len(chosen)), total=str(len(which)))
    note = (
        texts("course.note.beside", name=name, reference=beside)
        if beside
        else texts("course.note", name=name)
    )
    indicators = [one.desk.indicator for one, _ in chosen]
    says = texts("chart.says", kind=texts("chart.kind.multiples"), title=title)
    return Chart(
        "multiples", "door-de-jaren", title, under, says, _sources(texts, indicators),
        _warned(texts, indicators, note), facets_drawing([facet for _, facet in chosen], says), _course_table(texts, name, beside, chosen),
    )  # fmt: skip


def _span(one: _Own) -> slice:
    """The periods of a figure that are shown."""
    last = one.latest.period
    return slice(max(0, last + 1 - _MOST_PERIODS), last + 1)


def _over_time(one: _Own, place: int) -> bool:
    return bool(np.isfinite(one.desk.figures.value[_span(one), place]).sum() >= _FEWEST_PERIODS)


def _facet(edition: Edition, place: int, other: int, one: _Own) -> Facet:
    figures, span, last = one.desk.figures, _span(one), one.latest.period
    value = figures.value[span, place]
    held = one.latest.reference[one.at] >= 0
    starts = {start - span.start for start in edition.starts_at(one.desk.indicator, place)}
    return Facet(
        one.title, one.desk.quantity, [one.desk.period(at) for at in range(span.start, span.stop)], value,
        figures.lower[span, place], figures.upper[span, place], figures.value[span, other] if held else np.full(value.size, np.nan),
        frozenset(start for start in starts if start > 0), one.desk.missing(figures.standing[last : last + 1, place])[0],
    )  # fmt: skip


def _course_table(
    texts: Texts, name: str, beside: str, chosen: Sequence[tuple[_Own, Facet]]
) -> tuple[Column, ...]:
    """A row a period of a figure, with the value of the area, its interval, and what it is held against."""
    rows = [(facet, at) for _, facet in chosen for at in range(len(facet.periods))]

    def cells(part: str) -> tuple[tuple[str, ...], tuple[float | None, ...]]:
        numbers = [float(getattr(facet, part)[at]) for facet, at in rows]
        write = [
            facet.quantity.margin if part in ("lower", "upper") else facet.quantity.short for facet, _ in rows
        ]
        shown = tuple(
            say(number) if number == number else "–" for say, number in zip(write, numbers, strict=True)
        )
        return shown, tuple(number if number == number else None for number in numbers)

    columns = [
        names_column("figure", texts("alike.figure"), [facet.name for facet, _ in rows]),
        names_column("period", texts("table.period"), [facet.periods[at] for facet, at in rows]),
        Column("value", name, *cells("value")),
        Column("lower", texts("chart.lower"), *cells("lower")),
        Column("upper", texts("chart.upper"), *cells("upper")),
    ]
    return (*columns, Column("reference", beside, *cells("reference"))) if beside else tuple(columns)


def _beside(edition: Edition, texts: Texts, place: int, own: Sequence[_Own]) -> Chart | None:
    """The percentages that clearly differ, beside those of what the area is held against."""
    name, other = edition.areas.names[place], edition.reference[place]
    chosen = [one for one in own if one.differs and one.desk.quantity.percent][:_MOST_ROWS]
    if len(chosen) < _FEWEST_ROWS or other < 0:
        return None
    beside, indicators = edition.name_beside(place, other, texts), [one.desk.indicator for one in chosen]
    title = texts("beside.title", count=str(len(chosen)), reference=beside)
    then = np.array([one.latest.reference_value[one.at] for one in chosen])
    now = np.array([one.latest.value[one.at] for one in chosen])
    quantity = Quantity("%", max(one.desk.indicator.decimals for one in chosen), texts.language)
    says = texts("chart.says", kind=texts("chart.kind.dumbbell"), title=title)
    titles, blank = [one.title for one in chosen], [""] * len(chosen)
    shown = Dumbbell(titles, (beside, name), then, now, blank, [False] * len(chosen), says, _LABEL)
    columns = (
        names_column("figure", texts("alike.figure"), titles),
        names_column("period", texts("table.period"), [one.desk.period(one.latest.period) for one in chosen]),
        *(
            Column(key, head, tuple(one.desk.quantity.short(value) for one, value in zip(chosen, part.tolist(), strict=True)), tuple(part.tolist()))
            for key, head, part in (("value", name, now), ("reference", beside, then))
        ),
    )  # fmt: skip
    note = _warned(texts, indicators, texts("beside.note", reference=beside))
    return Chart(
        "dumbbell", "ernaast", title, texts("beside.under", name=name, reference=beside), says, _sources(texts, indicators), note,
        drawn(dumbbell_svg, shown, quantity, "ernaast"), columns,
    )  # fmt: skip
