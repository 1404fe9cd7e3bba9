"""What is said of figures that a model made: always that they are estimated, and how wide their margin is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pyarrow.compute as pc
from markupsafe import Markup
from typing_extensions import override

from zicht.publish.catalogue import Finding
from zicht.publish.edition import Edition
from zicht.publish.found.area_map import DARK, MIDDLE, STIPPLE, area_map
from zicht.publish.found.expected import expectation
from zicht.publish.found.speaker import Row, Speaker
from zicht.publish.texts import Texts

_STEPS = ((2 / 3, "far_below"), (5 / 6, "below"), (6 / 5, "near"), (3 / 2, "above"))
"""Ratios below which a colour ends; the last colour is of all others."""
_SHADES: Mapping[str, str] = {
    "far_below": "k0",
    "below": "k1",
    "near": "k2",
    "above": "k3",
    "far_above": "k4",
}


class Smoothed(Speaker):
    """Ratios in which small areas borrow from others."""

    method = "bym2"
    methods: ClassVar[Mapping[str, str]] = {"gamma_poisson": "shrunken_ratio"}
    head = ("found.observed", "found.expected", "found.smoothed.ratio", "found.margin", "found.verdict")

    @override
    def summary(self) -> str:
        more = sum(row.estimate > 1 for row in self.outstanding)
        first, second = (
            self.some("found.over", more),
            self.some("found.under", len(self.outstanding) - more),
        )
        borrowed = self.texts(f"found.smoothed.{self.finding.text('method')}", **self.names)
        return f"{self.texts('found.two', first=first, second=second)} {borrowed}"

    @override
    def line(self, row: Row) -> str:
        ratio, low, high = (self.shown(value, 1) for value in (row.estimate, row.lower, row.upper))
        return self.texts("found.smoothed.line", area=row.name, ratio=ratio, low=low, high=high)

    @override
    def notes(self) -> list[str]:
        return [self.texts("found.smoothed.estimated", **self.names), *expectation(self)]

    @override
    def word(self, row: Row) -> str:
        return next((word for end, word in _STEPS if row.estimate < end), "far_above")

    @override
    def picture(self) -> Markup | None:
        return area_map(self, _SHADES)

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        counts = self.shown(row.observed, 0), self.shown(row.expected, 1)
        return (*counts, self.shown(row.estimate, 2), self.span(row, 2), self.verdict(row))


class SmallAreas(Speaker):
    """Shares and means of areas in which few were asked."""

    method = "fay_herriot"
    methods: ClassVar[Mapping[str, str]] = {"spatial": "spatial_fay_herriot"}
    head = (
        "found.small.measured",
        "found.small.estimated",
        "found.margin",
        "found.small.weight",
        "found.small.badge",
    )

    def __init__(self, texts: Texts, finding: Finding, edition: Edition, rows: Sequence[Row]) -> None:
        super().__init__(texts, finding, edition, rows)
        self._measured = _measured(edition, finding)
        self.outstanding = [row for row in self.rows if row.there and row.area not in self._measured]
        indicator = edition.catalogue.indicators[finding.indicator]
        self._quantity, self._decimals = edition.quantity(indicator, texts), indicator.decimals

    @override
    def summary(self) -> str:
        there = [row for row in self.rows if row.there]
        told = [
            self.some("found.small.of_measured", len(there) - len(self.outstanding)),
            self.some("found.small.of_estimated", len(self.outstanding)),
        ]
        unsure = sum(row.unsure for row in self.rows)
        said = self.texts("found.two", first=told[0], second=told[1])
        return " ".join([said, *([self.count("found.small.of_unsure", unsure)] if unsure else [])])

    @override
    def line(self, row: Row) -> str:
        return self.texts(
            "found.small.line", area=row.name, value=self._quantity.short(round(row.estimate, self._decimals)),
            low=self.shown(row.lower, self._decimals), high=self.shown(row.upper, self._decimals),
        )  # fmt: skip

    @override
    def notes(self) -> list[str]:
        return [self.texts("found.small.adds_up"), self.texts("found.small.how", **self.names)]

    @override
    def word(self, row: Row) -> str:
        return "measured" if row.area in self._measured else "estimated"

    @override
    def picture(self) -> Markup | None:
        return area_map(self, {"measured": DARK, "estimated": MIDDLE, "unsure": STIPPLE})

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        if not row.there:
            return "–", "–", "–", "–", self.verdict(row)
        own = self.shown(row.observed, self._decimals) if row.area in self._measured else "–"
        return (
            own, self.shown(row.estimate, self._decimals), self.span(row, self._decimals), f"{self.shown(row.statistic * 100, 0)}%", self.verdict(row),
        )  # fmt: skip


def _measured(edition: Edition, finding: Finding) -> frozenset[str]:
    """The areas of which enough were asked to show what was measured."""
    table = edition.findings
    if table is None:
        return frozenset()
    wanted = pc.and_(pc.equal(table["finding"], finding.id), pc.equal(table["method"], "direct"))
    return frozenset(table.filter(pc.and_(wanted, pc.equal(table["status"], "ok")))["area"].to_pylist())
