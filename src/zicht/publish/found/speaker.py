"""What every pattern needs to say what was found: the rows of its method, words for counts, and numbers as people write them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup, escape

from zicht.publish.catalogue import Finding
from zicht.publish.charts import Drawing
from zicht.publish.edition import Edition
from zicht.publish.numbers import number
from zicht.publish.render import safe
from zicht.publish.texts import Texts
from zicht.release import Signal


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
    unsure: bool


def charted(drawing: Drawing, note: str) -> Markup | None:
    """A chart with how to read it, None where there is nothing to draw; the table of the finding is its twin."""
    return safe(f'{drawing}<p class="note-line">{escape(note)}</p>') if drawing else None


@dataclass(frozen=True, slots=True)
class Twin:
    """A table beside that of areas: what it is called, its headings, and for each row what heads it and its cells."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


class Speaker(ABC):
    """Says what one pattern found; each pattern has its own.

    Attributes:
        method: of the methods that one analysis carries out, the one that judges.
        methods: the same by the `method` that is declared, where that is another one.
        head: headings of the columns of numbers in the table.
        judged: whether the last column of the table is a verdict in words.
        sliding: whether its picture becomes a slider where scripts run.
        about: `areas` or `groups`: what it is about, as no one may be chosen by it.
        rows: what was found of each area, in order of name.
        groups: what was found of pieces of the map and of groups that are no area.
        outstanding: those of `rows`, or of `groups` where a pattern tells of these, that are relevant.
    """

    method: ClassVar[str]
    methods: ClassVar[Mapping[str, str]] = {}
    tells_groups: ClassVar[bool] = False
    head: ClassVar[tuple[str, ...]] = ()
    judged: ClassVar[bool] = True
    sliding: ClassVar[bool] = False
    about: ClassVar[str] = "areas"

    def __init__(self, texts: Texts, finding: Finding, edition: Edition, rows: Sequence[Row]) -> None:
        self.rows = [row for row in rows if row.area]
        self.groups = [row for row in rows if not row.area]
        told = self.groups if self.tells_groups else self.rows
        self.outstanding = [row for row in told if row.relevant]
        self.texts = texts
        self.finding = finding
        self.edition = edition
        self.names = {"kind": texts.level(finding.level), "kinds": texts.levels(finding.level)}

    @classmethod
    def judged_by(cls, finding: Finding) -> str:
        """The method of which the rows are told, where that is for the declaration to say."""
        return cls.methods.get(str(finding.declared.get("method")), cls.method)

    @abstractmethod
    def summary(self) -> str:
        """The answer to what is asked, in sentences."""

    @abstractmethod
    def line(self, row: Row) -> str:
        """The sentence of one that stands out."""

    @abstractmethod
    def cells(self, row: Row) -> tuple[str, ...]:
        """What the table says of an area, under the headings of `head`."""

    def headings(self) -> tuple[str, ...]:
        """The headings of the columns of the table, but for that of areas."""
        return tuple(self.texts(key) for key in self.head)

    @abstractmethod
    def word(self, row: Row) -> str:
        """What is judged of an area that is there: the last part of its message `found.verdict.…`."""

    def table(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """The rows of its table: code of the area (empty for what is none), name and cells."""
        return [(row.area, row.name, self.cells(row)) for row in self.rows]

    def captions(self) -> tuple[str, str]:
        """What its table is called, and the heading of the first column."""
        return self.texts("found.numbers", **self.names), self.texts("table.area")

    def signal(self, row: Row) -> Signal | None:  # noqa: ARG002 - of most patterns a row is no signal
        """The signal that a row is, where it is one that waits until somebody says what it means."""
        return None

    def picture(self) -> Markup | None:
        """HTML of the map or chart that shows it, with its key; None where words and the table are all."""
        return None

    def tables(self) -> list[Twin]:
        """Tables beside that of areas; none for most patterns."""
        return []

    def notes(self) -> list[str]:
        """How to read it, and how not to."""
        return []

    def count(self, key: str, count: int, **values: str) -> str:
        """The message for a count of areas."""
        return self.texts.count(key, count, **self.names, **values)

    def some(self, key: str, count: int, **values: str) -> str:
        """The message for a count, or the one for none at all."""
        return (
            self.count(key, count, **values) if count else self.texts(f"{key}.none", **self.names, **values)
        )

    def shown(self, value: float, decimals: int) -> str:
        """A number as people write it; a dash where there is none."""
        return "–" if math.isnan(value) else number(value, decimals, self.texts.language)

    def span(self, row: Row, decimals: int) -> str:
        """The 95 % interval of a row; a dash where there is none."""
        if math.isnan(row.lower) or math.isnan(row.upper):
            return "–"
        low, high = self.shown(row.lower, decimals), self.shown(row.upper, decimals)
        return self.texts("table.interval", low=low, high=high)

    def said_of(self, row: Row) -> str:
        """The last part of the message `found.verdict.…` of any area: what is judged of it, or why nothing is."""
        return self.word(row) if row.there else "unsure" if row.unsure else "absent"

    def verdict(self, row: Row) -> str:
        """What is judged of an area; of one that is not there that it is not."""
        return self.texts(f"found.verdict.{self.said_of(row)}")
