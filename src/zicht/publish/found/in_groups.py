"""What is said of groups that are no area: in which category of a breakdown something happens more often, all else being equal."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from typing_extensions import override

from zicht.publish.charts import Intervals, drawn, interval_svg
from zicht.publish.found.speaker import Row, Speaker, charted
from zicht.publish.numbers import Quantity
from zicht.publish.verdicts import Verdict


class Adjusted(Speaker):
    """Categories with more, or less, than the base, the controls and the area being equal."""

    method = "adjusted_ratio"
    tells_groups = True
    about = "groups"
    head = ("found.observed", "found.ratio.adjusted", "found.margin", "found.verdict")

    @property
    def _base(self) -> str:
        return self._title(f"{self.finding.text('breakdown')}={self.finding.text('base')}")

    def _title(self, group: str) -> str:
        """A category by its name, from `dimension=category`."""
        dimension, _, category = group.partition("=")
        known = self.edition.catalogue.dimensions[dimension].categories
        return self.texts.pick(known[category]) if category in known else self.texts("chart.unknown")

    @override
    def table(self) -> list[tuple[str, str, tuple[str, ...]]]:
        return [("", self._title(row.group), self.cells(row)) for row in self._in_order()]

    @override
    def captions(self) -> tuple[str, str]:
        return self.texts("found.numbers.groups"), self.texts("found.group")

    def _in_order(self) -> list[Row]:
        """The rows in the order in which the categories are declared."""
        order = list(self.edition.catalogue.dimensions[self.finding.text("breakdown")].categories)
        return sorted(
            self.groups,
            key=lambda row: order.index(key) if (key := row.group.partition("=")[2]) in order else len(order),
        )

    @override
    def summary(self) -> str:
        return self.some("found.adjusted", len(self.outstanding), base=self._base)

    @override
    def line(self, row: Row) -> str:
        more = row.estimate > 1
        scale, decimals = (1.0, 1) if more else (100.0, 0)
        ratio, low, high = (
            self.shown(value * scale, decimals) for value in (row.estimate, row.lower, row.upper)
        )
        key = "found.adjusted.more" if more else "found.adjusted.less"
        return self.texts(key, group=self._title(row.group), base=self._base, ratio=ratio, low=low, high=high)

    @override
    def notes(self) -> list[str]:
        dimensions = self.edition.catalogue.dimensions
        held = [self.texts.pick(dimensions[name].title).lower() for name in self.finding.names("controls")]
        if self.edition.areas.members[self.finding.level].size > 1:
            held.append(self.names["kind"])
        equal = [self.texts("found.adjusted.equal", held=self.texts.listed(held))] if held else []
        return [*equal, self.texts("found.adjusted.how")]

    @override
    def word(self, row: Row) -> str:
        return ("more" if row.estimate > 1 else "less") if row.relevant else "same"

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        return self.shown(row.observed, 0), self.shown(row.estimate, 2), self.span(row, 2), self.verdict(row)

    @override
    def picture(self) -> Markup | None:
        rows = self._in_order()
        values, lower, upper = (
            np.array([getattr(row, name) for row in rows], dtype=np.float64)
            for name in ("estimate", "lower", "upper")
        )
        verdicts = [
            Verdict.UNCLEAR if not row.relevant else Verdict.HIGHER if row.estimate > 1 else Verdict.LOWER
            for row in rows
        ]
        says = self.texts("chart.says", kind=self.texts("chart.kind.interval"), title=self.summary())
        shown = Intervals(
                [self._title(row.group) for row in rows], values.round(2), lower.round(2), upper.round(2), np.array(verdicts, np.int8),
                [""] * len(rows), [False] * len(rows), (self._base, 1.0), says,
        )  # fmt: skip
        quantity = Quantity(self.texts("found.ratio.adjusted"), 2, self.texts.language)
        note = self.texts("found.adjusted.picture", base=self._base)
        return charted(drawn(interval_svg, shown, quantity, self.finding.id), note)
