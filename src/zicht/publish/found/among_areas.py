"""What is said of patterns in a share or a rate."""

from __future__ import annotations

import math

from markupsafe import Markup
from typing_extensions import override

from zicht.publish.found.area_map import DARK, MIDDLE, STIPPLE, area_map
from zicht.publish.found.expected import expectation
from zicht.publish.found.speaker import Row, Speaker


class Ratios(Speaker):
    """Areas with more, or fewer, than expected."""

    method = "ratio"
    head = ("found.observed", "found.expected", "found.ratio", "found.margin", "found.verdict")

    @override
    def summary(self) -> str:
        more = sum(row.estimate > 1 for row in self.outstanding)
        less, same = len(self.outstanding) - more, sum(row.there for row in self.rows) - len(self.outstanding)
        first, second = self.some("found.over", more), self.some("found.under", less)
        told = [self.texts("found.two", first=first, second=second)]
        return " ".join([*told, *([self.count("found.same", same)] if same else [])])

    @override
    def line(self, row: Row) -> str:
        more = row.estimate > 1
        scale, decimals = (1.0, 1) if more else (100.0, 0)
        ratio, low, high = (
            self.shown(value * scale, decimals) for value in (row.estimate, row.lower, row.upper)
        )
        return self.texts(
            "found.ratio.more" if more else "found.ratio.less",
            area=row.name, ratio=ratio, share=ratio, low=low, high=high,
            observed=self.shown(row.observed, 0), expected=self.shown(row.expected, 0),
        )  # fmt: skip

    @override
    def notes(self) -> list[str]:
        return expectation(self)

    @override
    def word(self, row: Row) -> str:
        return ("more" if row.estimate > 1 else "less") if row.relevant else "same"

    @override
    def picture(self) -> Markup | None:
        return area_map(self, {"more": DARK, "less": STIPPLE})

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        return (
            self.shown(row.observed, 0),
            self.shown(row.expected, 0),
            self.shown(row.estimate, 2),
            self.span(row, 2),
            self.verdict(row),
        )


class Clusters(Speaker):
    """Areas that stand out together with their neighbours."""

    method = "local_moran"
    head = ("found.observed", "found.expected", "found.verdict")

    @override
    def summary(self) -> str:
        return self.some("found.clusters", len(self.outstanding))

    def _kind(self, row: Row) -> str:
        if not row.statistic > 0:
            return "unlike"
        return "high" if row.estimate > 0 else "low"

    @override
    def line(self, row: Row) -> str:
        return self.texts(f"found.cluster.{self._kind(row)}", area=row.name, **self.names)

    @override
    def word(self, row: Row) -> str:
        return self._kind(row) if row.relevant else "same"

    @override
    def picture(self) -> Markup | None:
        return area_map(self, {"high": DARK, "low": STIPPLE, "unlike": MIDDLE})

    @property
    def _counted(self) -> bool:
        """Whether counts are looked at, and not values of which that is unknown."""
        return any(not math.isnan(row.expected) for row in self.rows)

    @override
    def headings(self) -> tuple[str, ...]:
        if self._counted:
            return super().headings()
        return self.texts("table.value"), self.texts("found.verdict")

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        if self._counted:
            return self.shown(row.observed, 0), self.shown(row.expected, 1), self.verdict(row)
        indicator = self.edition.catalogue.indicators[self.finding.indicator]
        return self.shown(row.observed, indicator.decimals), self.verdict(row)

    @override
    def notes(self) -> list[str]:
        return [] if self._counted else [self.texts("found.clusters.alike", **self.names)]
