"""What is said of patterns in a count of each month."""

from __future__ import annotations

from markupsafe import Markup
from typing_extensions import override

from zicht.publish.found.area_map import DARK, STIPPLE, area_map
from zicht.publish.found.speaker import Row, Speaker


class Signals(Speaker):
    """Months that their own past does not explain."""

    method = "signal"
    head = ("found.observed", "found.expected", "found.upper", "found.verdict")

    @override
    def summary(self) -> str:
        return self.some(
            "found.signals", len(self.outstanding), period=self.texts.period(self.rows[0].period)
        )

    @override
    def line(self, row: Row) -> str:
        return self.texts(
            "found.signal", area=row.name, observed=self.shown(row.observed, 0), expected=self.shown(row.expected, 0),
            upper=self.shown(row.upper, 0),
        )  # fmt: skip

    @override
    def notes(self) -> list[str]:
        return [self.texts("found.signal.open")]

    @override
    def word(self, row: Row) -> str:
        return "signal" if row.relevant else "none"

    @override
    def picture(self) -> Markup | None:
        return area_map(self, {"signal": DARK})

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        return (
            self.shown(row.observed, 0),
            self.shown(row.expected, 1),
            self.shown(row.upper, 0),
            self.verdict(row),
        )


class Trends(Speaker):
    """Areas that rise or fall against all others."""

    method = "slow_trend"
    head = ("found.yearly", "found.margin", "found.verdict")

    @override
    def summary(self) -> str:
        return self.some("found.trends", len(self.outstanding))

    @override
    def line(self, row: Row) -> str:
        percent, *ends = (abs(value - 1) * 100 for value in (row.estimate, row.lower, row.upper))
        change, low, high = (self.shown(value, 0) for value in (percent, *sorted(ends)))
        key = "found.trend.more" if row.estimate > 1 else "found.trend.less"
        return self.texts(key, area=row.name, change=change, low=low, high=high, **self.names)

    @override
    def word(self, row: Row) -> str:
        return ("more" if row.estimate > 1 else "less") if row.relevant else "same"

    @override
    def picture(self) -> Markup | None:
        return area_map(self, {"more": DARK, "less": STIPPLE})

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        return self.shown(row.estimate, 2), self.span(row, 2), self.verdict(row)
