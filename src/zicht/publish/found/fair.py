"""What is said of fair comparison: the funnel, places with their margin, and look-alikes. Areas are in order of name, never of place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from typing_extensions import override

from zicht.publish.catalogue import Finding
from zicht.publish.charts import Funnel, Intervals, drawn, funnel_svg, interval_svg
from zicht.publish.edition import Edition
from zicht.publish.found.expected import alike_in, expectation
from zicht.publish.found.speaker import Row, Speaker, charted
from zicht.publish.frames import Floats
from zicht.publish.numbers import Quantity
from zicht.publish.texts import Texts
from zicht.publish.verdicts import Verdict

MOST_DOTS = 600
"""A funnel of more areas than this cannot be read, and is too heavy for its page."""
MOST_LINES = 40
"""Places are drawn of all areas up to this many; of more, those of which the half is known, up to as many."""
_WIDER = 1.05  # limits that are less than this many times as far as chance has them need no words
_NAMED = 3  # look-alikes in the table; the page of the area names all


class InFunnel(Speaker):
    """Areas by their size, and the limits within which chance leaves them."""

    method = "funnel"
    head = ("found.observed", "found.expected", "found.ratio", "found.funnel.limits", "found.verdict")

    @property
    def _spread(self) -> float:
        """How many times as far as by chance alone the limits lie."""
        return next((row.estimate for row in self.groups), 1.0)

    @override
    def summary(self) -> str:
        return self.some("found.funnel", len(self.outstanding))

    @override
    def line(self, row: Row) -> str:
        return self.texts(
            "found.funnel.line", area=row.name, ratio=self.shown(row.estimate, 2), observed=self.shown(row.observed, 0),
            expected=self.shown(row.expected, 0), low=self.shown(row.lower, 2), high=self.shown(row.upper, 2), **self.names,
        )  # fmt: skip

    @override
    def notes(self) -> list[str]:
        wider = [self.texts("found.funnel.wider", spread=self.shown(self._spread, 1), **self.names)]
        return [*expectation(self), *(wider if self._spread > _WIDER else [])]

    @override
    def word(self, row: Row) -> str:
        return ("more" if row.estimate > 1 else "less") if row.relevant else "same"

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        numbers = self.shown(row.observed, 0), self.shown(row.expected, 0), self.shown(row.estimate, 2)
        return (*numbers, self.span(row, 2), self.verdict(row))

    @override
    def picture(self) -> Markup | None:
        known = [row for row in self.rows if row.there]
        if len(known) > MOST_DOTS:
            return None
        texts = self.texts
        shown = Funnel(
            [row.name for row in known], _column(known, "expected"), np.round(_column(known, "estimate"), 2), _verdicts(self, known),
            (texts("found.expected"), 1.0), 1.0, False, texts("found.funnel.across"), self._says("funnel"), self._spread,
        )  # fmt: skip
        quantity = Quantity(texts("found.ratio"), 2, texts.language)
        return charted(drawn(funnel_svg, shown, quantity, self.finding.id), texts("found.funnel.note"))

    def _says(self, kind: str) -> str:
        return self.texts("chart.says", kind=self.texts(f"chart.kind.{kind}"), title=self.summary())


class Places(Speaker):
    """The place of each area, as far as it can be known."""

    method = "rank"
    head = ("found.observed", "found.expected", "found.place", "found.margin", "found.verdict")

    @override
    def summary(self) -> str:
        known = [row for row in self.rows if row.there]
        width = float(np.median(_column(known, "upper") - _column(known, "lower"))) + 1
        margin = self.texts(
            "found.ranks.width", width=self.shown(width, 0), total=self.shown(len(known), 0), **self.names
        )
        return f"{self.some('found.ranks', len(self.outstanding))} {margin}"

    @override
    def line(self, row: Row) -> str:
        total = sum(row.there for row in self.rows)
        place, low, high = (self.shown(value, 0) for value in (row.estimate, row.lower, row.upper))
        return self.texts(
            "found.rank", area=row.name, place=place, total=self.shown(total, 0), low=low, high=high
        )

    @override
    def notes(self) -> list[str]:
        return [self.texts("found.ranks.first", **self.names), *expectation(self)]

    @override
    def word(self, row: Row) -> str:
        if not row.relevant:
            return "anywhere"
        return "upper" if row.upper <= sum(row.there for row in self.rows) / 2 else "lower"

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        numbers = self.shown(row.observed, 0), self.shown(row.expected, 0), self.shown(row.estimate, 0)
        return (*numbers, self.span(row, 0), self.verdict(row))

    @override
    def picture(self) -> Markup | None:
        known = [row for row in self.rows if row.there]
        lines = known if len(known) <= MOST_LINES else [row for row in known if row.relevant]
        if not 0 < len(lines) <= MOST_LINES:
            return None
        texts = self.texts
        shown = Intervals(
            [row.name for row in lines], _column(lines, "estimate"), _column(lines, "lower"), _column(lines, "upper"),
            _verdicts(self, lines), [""] * len(lines), [False] * len(lines), None,
            texts("chart.says", kind=texts("chart.kind.interval"), title=self.summary()),
        )  # fmt: skip
        quantity = Quantity(texts("found.place"), 0, texts.language)
        return charted(drawn(interval_svg, shown, quantity, self.finding.id), texts("found.ranks.note"))


class Alike(Speaker):
    """The areas that are most like each area."""

    method = "look_alikes"
    head = ("table.value", "found.alike.middle", "found.alike.span", "found.alike.nearest")

    def __init__(self, texts: Texts, finding: Finding, edition: Edition, rows: Sequence[Row]) -> None:
        super().__init__(texts, finding, edition, rows)
        self._peers: dict[str, list[Row]] = {}
        for row in self.rows:
            self._peers.setdefault(row.area, []).append(row)
        self.rows = [peers[0] for peers in self._peers.values()]
        self._indicator = edition.catalogue.indicators[finding.indicator]

    @override
    def summary(self) -> str:
        count = max(sum(row.there for row in peers) for peers in self._peers.values())
        return self.count("found.alike", count)

    @override
    def line(self, row: Row) -> str:
        return ""  # nothing is judged, so no area stands out

    @override
    def notes(self) -> list[str]:
        return [alike_in(self), self.texts("found.alike.how", **self.names)]

    @override
    def word(self, row: Row) -> str:
        return "same"

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        if not row.there:
            return ("–", "–", "–", self.texts("found.verdict.absent"))
        peers = sorted(self._peers[row.area], key=lambda peer: peer.statistic)
        number, names = self.edition.areas.number, self.edition.areas.names
        values = self._values(row.period)
        theirs = values[[number[peer.group] for peer in peers]]
        theirs = theirs[np.isfinite(theirs)]
        quantity = self.edition.quantity(self._indicator, self.texts)
        own = float(values[number[row.area]])
        if not theirs.size or own != own:
            return ("–", "–", "–", self.texts("found.verdict.absent"))
        low, high = quantity.short(float(theirs.min())), quantity.short(float(theirs.max()))
        return (
            quantity.short(own),
            quantity.short(float(np.median(theirs))),
            self.texts("table.interval", low=low, high=high),
            self.texts.listed([names[number[peer.group]] for peer in peers[:_NAMED]]),
        )

    def _values(self, period: str) -> Floats:
        """The figures of all areas in a period, as published."""
        figures = self.edition.figures(self._indicator)
        values: Floats = figures.value[figures.periods.index(period)]
        return values


def _column(rows: Sequence[Row], name: str) -> Floats:
    return np.array([getattr(row, name) for row in rows], dtype=np.float64)


def _verdicts(speaker: Speaker, rows: Sequence[Row]) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    """How the rows are drawn: those that are relevant full, all others open."""
    higher = {"more", "upper"}
    return np.array(
        [
            (Verdict.HIGHER if speaker.word(row) in higher else Verdict.LOWER)
            if row.relevant
            else Verdict.UNCLEAR
            for row in rows
        ],
        dtype=np.int8,
    )
