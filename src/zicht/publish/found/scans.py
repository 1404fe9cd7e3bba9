"""What is said of pieces of the map: in the last period, in some stretch of years, and in the last months."""

from __future__ import annotations

from markupsafe import Markup
from typing_extensions import override

from zicht.publish.found.area_map import DARK, area_map
from zicht.publish.found.speaker import Row, Speaker
from zicht.release import Signal


class Scan(Speaker):
    """Pieces of the map."""

    method = "scan"
    tells_groups = True
    head = ("found.observed", "found.expected", "found.verdict")

    @override
    def summary(self) -> str:
        return self.some("found.scan", len(self.groups))

    @override
    def line(self, row: Row) -> str:
        members = [other.name for other in self.rows if other.group == row.group]
        return self.texts(
            "found.scan.line", areas=self.texts.listed(members), ratio=self.shown(row.observed / row.expected, 1),
            observed=self.shown(row.observed, 0), expected=self.shown(row.expected, 0), chance=self.shown(row.p * 1000, 0),
        )  # fmt: skip

    @override
    def notes(self) -> list[str]:
        return [self.texts("found.scan.edge", **self.names)]

    @override
    def word(self, row: Row) -> str:
        return "inside" if row.relevant else "outside"

    @override
    def picture(self) -> Markup | None:
        return area_map(self, {"inside": DARK})

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        return self.shown(row.observed, 0), self.shown(row.expected, 1), self.verdict(row)


class ScanOverYears(Scan):
    """Pieces of the map in a stretch of periods."""

    @override
    def line(self, row: Row) -> str:
        first, *last = (self.texts.period(period) for period in row.period.split("/"))
        when = self.texts("found.scan.when", first=first, last=last[0]) if last else first
        return self.texts("found.scan.then", when=when, line=super().line(row))


class Recent(ScanOverYears):
    """Pieces of the map where something is going on in the last months."""

    @override
    def summary(self) -> str:
        return self.some("found.recent", len(self.groups))

    @override
    def signal(self, row: Row) -> Signal | None:
        members = sorted(other.area for other in self.rows if other.group == row.group)
        return Signal(self.finding.id, row.period, tuple(members))

    @override
    def notes(self) -> list[str]:
        per = self.edition.catalogue.indicators.get(self.finding.text("per"))
        told = (
            self.texts("found.recent.per", title=self.texts.pick(per.title), **self.names)
            if per
            else self.texts("found.recent.past", **self.names)
        )
        return [told, *super().notes(), self.texts("found.signal.open")]
