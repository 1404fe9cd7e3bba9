"""What is said of patterns in a count of each month."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup
from typing_extensions import override

from zicht.publish.catalogue import Finding
from zicht.publish.edition import Edition
from zicht.publish.found.area_map import DARK, STIPPLE, area_map
from zicht.publish.found.speaker import Row, Speaker
from zicht.publish.texts import Texts
from zicht.release import Signal


class Signals(Speaker):
    """Months that their own past does not explain, the last first; of a month that most areas share one row about all of them."""

    method = "signal"
    head = ("found.observed", "found.expected", "found.upper", "found.verdict")

    def __init__(self, texts: Texts, finding: Finding, edition: Edition, rows: Sequence[Row]) -> None:
        super().__init__(texts, finding, edition, rows)
        relevant = [row for row in (*self.groups, *self.rows) if row.relevant]
        self.months = sorted({row.period for row in self.rows if row.there})
        self.sizes = {
            month: sum(row.there and row.period == month for row in self.rows) for month in self.months
        }
        self.outstanding = sorted(relevant, key=lambda row: row.period, reverse=True)
        self.rows = [row for row in self.rows if row.period == self.months[-1]]

    @property
    def _provisional(self) -> list[str]:
        """The months judged whose counts may still grow."""
        indicator = self.edition.catalogue.indicators.get(self.finding.indicator)
        return [month for month in self.months if indicator is not None and month in indicator.provisional]

    @override
    def summary(self) -> str:
        last = self.texts.period(self.months[-1])
        if len(self.months) == 1:
            return self.some("found.signals", len(self.outstanding), period=last)
        told = self.some(
            "found.signals.since", len(self.outstanding), first=self.texts.period(self.months[0]), last=last
        )
        everywhere = [self.texts.period(row.period) for row in reversed(self.outstanding) if not row.area]
        return " ".join([told, *self._at_once(everywhere)])

    def _at_once(self, months: Sequence[str]) -> list[str]:
        """The sentence about months in which most areas had a signal at the same time."""
        if not months:
            return []
        return [self.count("found.signals.shared", len(months), periods=self.texts.listed(months))]

    @override
    def line(self, row: Row) -> str:
        told = {name: self.shown(getattr(row, name), 0) for name in ("observed", "expected", "upper")}
        period = self.texts.period(row.period)
        if row.area:
            said = self.texts("found.signal", area=row.name, period=period, **told)
        else:
            said = self.texts(
                "found.signal.shared", period=period, n=self.shown(row.estimate, 0),
                all=self.shown(self.sizes[row.period], 0), **told, **self.names,
            )  # fmt: skip
        late = [self.texts("found.signal.provisional")] if row.period in self._provisional else []
        return " ".join([said, *late])

    @override
    def signal(self, row: Row) -> Signal | None:
        return Signal(self.finding.id, row.period, (row.area,) if row.area else ())

    @override
    def notes(self) -> list[str]:
        loose = self._provisional
        months = self.texts.listed([self.texts.period(month) for month in loose]) if loose else ""
        late = [self.texts.count("found.provisional", len(loose), periods=months)] if loose else []
        return [
            *late,
            self.texts(f"found.signal.{self.finding.declared.get('past', 'years')}"),
            self.texts("found.signal.open"),
        ]

    @override
    def word(self, row: Row) -> str:
        return "signal" if row.relevant else "shared" if row.group else "none"

    @override
    def picture(self) -> Markup | None:
        return area_map(self, {"signal": DARK, "shared": STIPPLE})

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
    def signal(self, row: Row) -> Signal | None:
        return Signal(self.finding.id, row.period, (row.area,) if row.area else ())

    @override
    def word(self, row: Row) -> str:
        return ("more" if row.estimate > 1 else "less") if row.relevant else "same"

    @override
    def picture(self) -> Markup | None:
        return area_map(self, {"more": DARK, "less": STIPPLE})

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        return self.shown(row.estimate, 2), self.span(row, 2), self.verdict(row)


class Breaks(Speaker):
    """Months from which on all areas together have another level."""

    method = "break"
    tells_groups = True
    head = ("found.observed", "found.expected", "found.jump", "found.verdict")

    @override
    def summary(self) -> str:
        return self.some("found.breaks", len(self.outstanding))

    @override
    def line(self, row: Row) -> str:
        more = row.estimate > 1
        return self.texts(
            "found.break.more" if more else "found.break.less", period=self.texts.period(row.period),
            ratio=self.shown(row.estimate if more else row.estimate * 100, 1 if more else 0),
            observed=self.shown(row.observed, 0), expected=self.shown(row.expected, 0),
        )  # fmt: skip

    @override
    def notes(self) -> list[str]:
        other = self.edition.catalogue.indicators.get(self.finding.text("relative_to"))
        beside = [self.texts("found.break.beside", title=self.texts.pick(other.title))] if other else []
        return [*beside, self.texts("found.break.why")]

    @override
    def word(self, row: Row) -> str:
        return "risen" if row.estimate > 1 else "fallen"

    @override
    def table(self) -> list[tuple[str, str, tuple[str, ...]]]:
        return [("", self.texts.period(row.period), self.cells(row)) for row in self.groups]

    @override
    def captions(self) -> tuple[str, str]:
        return self.texts("found.breaks.table"), self.texts("found.month")

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        return (
            self.shown(row.observed, 0),
            self.shown(row.expected, 0),
            self.shown(row.estimate, 2),
            self.verdict(row),
        )
