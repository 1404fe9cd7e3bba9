"""What stands out, in words: for each finding that a product declares a summary, a sentence for every area that it is true of, and a table.

The verdicts are those of the release. Nothing is judged here, and no area is ranked: sentences and rows are in order of name.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from zicht.publish.catalogue import Finding, Product
from zicht.publish.edition import Edition
from zicht.publish.numbers import number
from zicht.publish.texts import Texts

_METHOD = {
    "over_representation": "ratio",
    "clusters": "local_moran",
    "scan": "scan",
    "signals": "signal",
    "slow_trend": "slow_trend",
}
"""Of the methods that one analysis carries out, the one that judges."""
_NUMBERS = ("estimate", "lower", "upper", "observed", "expected", "statistic", "p")


@dataclass(frozen=True, slots=True)
class Row:
    """What is found of one area, or of a group of them, as in `zicht.findings.FINDINGS`; NaN where there is no number."""

    area: str
    name: str
    group: str
    period: str
    estimate: float
    lower: float
    upper: float
    observed: float
    expected: float
    statistic: float
    p: float
    relevant: bool
    there: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What a page says of one finding.

    Attributes:
        id: of the finding.
        title: what is asked.
        summary: the answer, in sentences.
        lines: for each area that stands out its code and the sentence; of several areas together there is no code.
        notes: how to read it, and how not to.
        kinds: what the areas are called.
        indicator: id of the indicator behind it.
        head: headings of the columns of numbers in the table.
        rows: code, name and cells of every area.
    """

    id: str
    title: str
    summary: str
    lines: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    kinds: str
    indicator: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]


def findings_of(edition: Edition, texts: Texts, product: Product) -> list[Said]:
    """What stands out in the figures of a product, in the order in which it declares it; nothing where it declares none."""
    table = edition.release.findings()
    if table is None:
        return []
    said = []
    for finding in product.findings:
        rows = _rows(edition, table, finding)
        said.append(_said(texts, finding, _SPEAKERS[finding.pattern](texts, finding, edition, rows)))
    return said


def _rows(edition: Edition, table: pa.Table, finding: Finding) -> list[Row]:
    """The rows of the method that judges, in order of the names of areas."""
    wanted = pc.and_(
        pc.equal(table["finding"], finding.id), pc.equal(table["method"], _METHOD[finding.pattern])
    )
    names = dict(zip(edition.areas.codes, edition.areas.names, strict=True))
    rows = [
        Row(
            area=row["area"] or "",
            name=names.get(row["area"], ""),
            group=row["group"] or "",
            period=row["period"],
            **{name: math.nan if row[name] is None else row[name] for name in _NUMBERS},
            relevant=bool(row["relevant"]),
            there=row["status"] == "ok",
        )
        for row in table.filter(wanted).to_pylist()
    ]
    return sorted(rows, key=lambda row: (row.name, row.area))


def _said(texts: Texts, finding: Finding, speak: _Speaker) -> Said:
    absent = sum(not row.there for row in speak.rows)
    summary = [speak.summary(), *([speak.count("found.absent", absent)] if absent else [])]
    phenomenon = [texts("phenomenon.map")] if finding.phenomenon else []
    return Said(
        id=finding.id,
        title=texts.pick(finding.title),
        summary=" ".join(summary),
        lines=tuple((row.area, speak.line(row)) for row in speak.outstanding),
        notes=(*speak.notes(), *phenomenon, texts("found.areas_only")),
        kinds=texts.levels(finding.level),
        indicator=finding.indicator,
        head=tuple(texts(key) for key in speak.head),
        rows=tuple((row.area, row.name, speak.cells(row)) for row in speak.rows),
    )


class _Speaker(ABC):
    """Says what one pattern found; each pattern has its own."""

    head: tuple[str, ...] = ()

    def __init__(self, texts: Texts, finding: Finding, edition: Edition, rows: Sequence[Row]) -> None:
        self.rows = [row for row in rows if row.area]
        self.groups = [row for row in rows if not row.area]
        told = self.groups if finding.pattern == "scan" else self.rows
        self.outstanding = [row for row in told if row.relevant]
        self.texts = texts
        self.finding = finding
        self.edition = edition
        self.names = {"kind": texts.level(finding.level), "kinds": texts.levels(finding.level)}

    @abstractmethod
    def summary(self) -> str: ...

    @abstractmethod
    def line(self, row: Row) -> str: ...

    @abstractmethod
    def cells(self, row: Row) -> tuple[str, ...]: ...

    def notes(self) -> list[str]:
        return []

    def count(self, key: str, count: int, **values: str) -> str:
        return self.texts.count(key, count, **self.names, **values)

    def some(self, key: str, count: int, **values: str) -> str:
        """The message for a count, or the one for none at all."""
        return (
            self.count(key, count, **values) if count else self.texts(f"{key}.none", **self.names, **values)
        )

    def shown(self, value: float, decimals: int) -> str:
        return "–" if math.isnan(value) else number(value, decimals, self.texts.language)

    def span(self, row: Row, decimals: int) -> str:
        if math.isnan(row.lower) or math.isnan(row.upper):
            return "–"
        low, high = self.shown(row.lower, decimals), self.shown(row.upper, decimals)
        return self.texts("table.interval", low=low, high=high)

    def verdict(self, row: Row, word: Callable[[Row], str]) -> str:
        return self.texts("found.verdict." + (word(row) if row.there else "absent"))


class _Ratios(_Speaker):
    head = ("found.observed", "found.expected", "found.ratio", "found.margin", "found.verdict")

    def summary(self) -> str:
        more = sum(row.estimate > 1 for row in self.outstanding)
        less, same = len(self.outstanding) - more, sum(row.there for row in self.rows) - len(self.outstanding)
        first, second = self.some("found.over", more), self.some("found.under", less)
        told = [self.texts("found.two", first=first, second=second)]
        return " ".join([*told, *([self.count("found.same", same)] if same else [])])

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

    def notes(self) -> list[str]:
        told = [self.texts(f"found.expected.{self.finding.compared_with}", **self.names)]
        dimensions = self.edition.catalogue.dimensions
        controls = [self.texts.pick(dimensions[name].title).lower() for name in self.finding.controls]
        return [*told, *([self.texts("found.controls", controls=", ".join(controls))] if controls else [])]

    def cells(self, row: Row) -> tuple[str, ...]:
        verdict = self.verdict(
            row, lambda row: ("more" if row.estimate > 1 else "less") if row.relevant else "same"
        )
        return (
            self.shown(row.observed, 0),
            self.shown(row.expected, 0),
            self.shown(row.estimate, 2),
            self.span(row, 2),
            verdict,
        )


class _Clusters(_Speaker):
    head = ("found.observed", "found.expected", "found.verdict")

    def summary(self) -> str:
        return self.some("found.clusters", len(self.outstanding))

    def _kind(self, row: Row) -> str:
        if not row.statistic > 0:
            return "unlike"
        return "high" if row.estimate > 0 else "low"

    def line(self, row: Row) -> str:
        return self.texts(f"found.cluster.{self._kind(row)}", area=row.name, **self.names)

    def cells(self, row: Row) -> tuple[str, ...]:
        verdict = self.verdict(row, lambda row: self._kind(row) if row.relevant else "same")
        return self.shown(row.observed, 0), self.shown(row.expected, 1), verdict


class _Scan(_Speaker):
    head = ("found.observed", "found.expected", "found.verdict")

    def summary(self) -> str:
        return self.some("found.scan", len(self.groups))

    def line(self, row: Row) -> str:
        members = [other.name for other in self.rows if other.group == row.group]
        return self.texts(
            "found.scan.line", areas=self.texts.listed(members), ratio=self.shown(row.observed / row.expected, 1),
            observed=self.shown(row.observed, 0), expected=self.shown(row.expected, 0), chance=self.shown(row.p * 1000, 0),
        )  # fmt: skip

    def notes(self) -> list[str]:
        return [self.texts("found.scan.edge", **self.names)]

    def cells(self, row: Row) -> tuple[str, ...]:
        verdict = self.verdict(row, lambda row: "inside" if row.relevant else "outside")
        return self.shown(row.observed, 0), self.shown(row.expected, 1), verdict


class _Signals(_Speaker):
    head = ("found.observed", "found.expected", "found.upper", "found.verdict")

    def summary(self) -> str:
        return self.some(
            "found.signals", len(self.outstanding), period=self.texts.period(self.rows[0].period)
        )

    def line(self, row: Row) -> str:
        return self.texts(
            "found.signal", area=row.name, observed=self.shown(row.observed, 0), expected=self.shown(row.expected, 0),
            upper=self.shown(row.upper, 0),
        )  # fmt: skip

    def notes(self) -> list[str]:
        return [self.texts("found.signal.open")]

    def cells(self, row: Row) -> tuple[str, ...]:
        verdict = self.verdict(row, lambda row: "signal" if row.relevant else "none")
        return (
            self.shown(row.observed, 0),
            self.shown(row.expected, 1),
            self.shown(row.upper, 0),
            verdict,
        )


class _Trends(_Speaker):
    head = ("found.yearly", "found.margin", "found.verdict")

    def summary(self) -> str:
        return self.some("found.trends", len(self.outstanding))

    def line(self, row: Row) -> str:
        percent, *ends = (abs(value - 1) * 100 for value in (row.estimate, row.lower, row.upper))
        change, low, high = (self.shown(value, 0) for value in (percent, *sorted(ends)))
        key = "found.trend.more" if row.estimate > 1 else "found.trend.less"
        return self.texts(key, area=row.name, change=change, low=low, high=high, **self.names)

    def cells(self, row: Row) -> tuple[str, ...]:
        verdict = self.verdict(
            row, lambda row: ("more" if row.estimate > 1 else "less") if row.relevant else "same"
        )
        return self.shown(row.estimate, 2), self.span(row, 2), verdict


_SPEAKERS: Mapping[str, Callable[[Texts, Finding, Edition, Sequence[Row]], _Speaker]] = {
    "over_representation": _Ratios,
    "clusters": _Clusters,
    "scan": _Scan,
    "signals": _Signals,
    "slow_trend": _Trends,
}
