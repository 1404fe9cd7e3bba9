"""What is said of what comes: what is expected, between which bounds in 8 of 10 times, and how often such bounds were right before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup
from typing_extensions import override

from zicht.publish.catalogue import Finding
from zicht.publish.charts import Multiples, drawn, multiples_svg
from zicht.publish.edition import Edition
from zicht.publish.found.speaker import Row, Speaker, charted
from zicht.publish.frames import Floats
from zicht.publish.texts import Texts

MOST = 24
"""Areas above which so many small charts cannot be read."""
_PAST = 36  # periods of the past on a chart


class Forecasts(Speaker):
    """What a count will be in the next periods."""

    method = "forecast_80"
    head = ("found.forecast.period", "found.forecast.mean", "found.forecast.likely", "found.verdict")

    def __init__(self, texts: Texts, finding: Finding, edition: Edition, rows: Sequence[Row]) -> None:
        super().__init__(texts, finding, edition, rows)
        self.rows.sort(key=lambda row: (row.name, row.area, row.period))
        self._next = min(row.period for row in rows)
        self._judged = {row.group: row.estimate for row in self.groups if row.period == self._next}
        self.outstanding = [row for row in self.rows if row.there and row.period == self._next]

    @override
    def summary(self) -> str:
        values = {
            "period": self.texts.period(self._next),
            "held": self.shown(self._judged["held_80"] * 100, 0),
            "judged": self.shown(self._judged["judged"], 0),
        }
        if not self.outstanding:
            why = "as_last_year" if self._judged["skill"] <= 0 else "margin"
            return self.texts(f"found.forecast.none.{why}", **values, **self.names)
        return self.texts(
            "found.forecast", saved=self.shown(self._judged["skill"] * 100, 0), **values, **self.names
        )

    @override
    def line(self, row: Row) -> str:
        return self.texts(
            "found.forecast.line", area=row.name, mean=self.shown(row.estimate, 0), low=self.shown(row.lower, 0), high=self.shown(row.upper, 0),
        )  # fmt: skip

    @override
    def notes(self) -> list[str]:
        by = next(group for group in self._judged if group.startswith("by_"))
        return [self.texts(f"found.forecast.{by}", **self.names), self.texts("found.forecast.unchanged")]

    @override
    def word(self, row: Row) -> str:
        return "expected"

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        return (
            self.texts.period(row.period),
            self.shown(row.estimate, 0),
            self.span(row, 0),
            self.verdict(row),
        )

    @override
    def picture(self) -> Markup | None:
        """The past of each area with what is expected; none where one category is looked at, whose past the page of the indicator does not have."""
        if len(self.outstanding) > MOST or not self.outstanding or self.finding.declared.get("only"):
            return None
        indicator = self.edition.catalogue.indicators[self.finding.indicator]
        figures, quantity = self.edition.figures(indicator), self.edition.quantity(indicator, self.texts)
        latest = figures.latest[self.finding.level]
        past = slice(max(latest + 1 - _PAST, 0), latest + 1)
        place = {code: at for at, code in enumerate(self.edition.areas.codes)}
        known = figures.value[past, [place[row.area] for row in self.outstanding]]
        coming = sorted({row.period for row in self.rows if row.there})
        value = np.vstack([known, np.full((len(coming), known.shape[1]), np.nan)])
        ahead = self._ahead(value.shape, {period: len(known) + at for at, period in enumerate(coming)})
        shown = Multiples(
            [row.name for row in self.outstanding], [self.texts.period(period) for period in (*figures.periods[past], *coming)], value,
            None, frozenset(), [quantity.short(round(number)) for number in ahead[0][-1].tolist()],
            self.texts("chart.says", kind=self.texts("chart.kind.multiples"), title=self.summary()), ahead,
        )  # fmt: skip
        return charted(
            drawn(multiples_svg, shown, quantity, self.finding.id), self.texts("found.forecast.read")
        )

    def _ahead(self, shape: tuple[int, ...], periods: Mapping[str, int]) -> tuple[Floats, Floats, Floats]:
        """What is expected and its bounds (periods × areas); NaN where nothing is."""
        mean, low, high = (np.full(shape, np.nan) for _ in range(3))
        column = {row.area: at for at, row in enumerate(self.outstanding)}
        for row in self.rows:
            if row.there:
                at = periods[row.period], column[row.area]
                mean[at], low[at], high[at] = row.estimate, row.lower, row.upper
        return mean, low, high
