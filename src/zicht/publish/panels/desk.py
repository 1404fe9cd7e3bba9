"""What every chart of an indicator is made from, and the words that go around each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from zicht.publish.catalogue import Indicator
from zicht.publish.charts import Chart, Column, Drawing
from zicht.publish.edition import Edition
from zicht.publish.frames import Figures, Small, Standing
from zicht.publish.numbers import Quantity, opening
from zicht.publish.periods import period_words
from zicht.publish.sentences import source_line
from zicht.publish.tables import status_words
from zicht.publish.texts import Texts
from zicht.publish.verdicts import Verdict

_VERDICTS = {Verdict.HIGHER: "table.higher", Verdict.LOWER: "table.lower", Verdict.UNCLEAR: "table.unclear"}


@dataclass(frozen=True)
class Desk:
    """One indicator of a release, in one language.

    Attributes:
        edition: the release.
        texts: of the language.
        indicator: the indicator.
    """

    edition: Edition
    texts: Texts
    indicator: Indicator

    @cached_property
    def quantity(self) -> Quantity:
        """How its values are written."""
        return self.edition.quantity(self.indicator, self.texts)

    @property
    def figures(self) -> Figures:
        """Its totals."""
        return self.edition.figures(self.indicator)

    def period(self, place: int) -> str:
        """A period in words, by its number."""
        return period_words(self.texts, self.indicator, self.figures.periods[place])

    def under(self, *parts: str) -> str:
        """The subtitle: unit, then whom and when."""
        quantity = self.quantity
        unit = f"{self.texts('chart.percentage')} {quantity.rest}" if quantity.percent else quantity.unit
        return ", ".join([opening(unit), *(part for part in parts if part)])

    def note(self, kind: str, periods: Sequence[str] = ()) -> str:
        """How to read a chart of a kind, what of it may still change, and what it is no proof of."""
        said = [self.texts(f"chart.note.{kind}")] if self.texts.has(f"chart.note.{kind}") else []
        loose = [period for period in periods if period in self.indicator.provisional]
        if loose:
            said.append(self.texts.count("chart.provisional", len(loose), periods=self.named(loose)))
        if self.indicator.phenomenon:
            said.append(self.texts("phenomenon.chart"))
        return " ".join(said)

    def named(self, periods: Sequence[str]) -> str:
        """Periods in a list, such as `2023, 2024 en 2025`."""
        return self.texts.listed([self.texts.period(period) for period in periods])

    def chart(
        self,
        kind: str,
        name: str,
        title: str,
        subtitle: str,
        drawing: Drawing,
        columns: Sequence[Column],
        note: str,
    ) -> Chart:
        """A chart with its source and with what a screen reader says of it."""
        return Chart(
            kind=kind,
            name=name,
            title=title,
            subtitle=subtitle,
            description=self.says(kind, title),
            source=source_line(self.texts, self.indicator),
            note=note,
            drawing=drawing,
            columns=tuple(columns),
        )

    def says(self, kind: str, title: str) -> str:
        """What a screen reader says in place of a chart."""
        return self.texts("chart.says", kind=self.texts(f"chart.kind.{kind}"), title=title)

    def missing(self, standing: Small) -> list[str]:
        """What stands in place of a value, by status."""
        return [status_words(self.texts, status) for status in standing.tolist()]

    def hidden(self, standing: Small) -> list[bool]:
        """Whether each figure is hidden for privacy."""
        return [status == Standing.HIDDEN for status in standing.tolist()]

    def verdict_column(self, verdict: Small) -> tuple[Column, ...]:
        """A column with the verdict on each row; none where nothing was judged."""
        if not (verdict != Verdict.NONE).any():
            return ()
        said = [self.texts(_VERDICTS[Verdict(one)]) if one in _VERDICTS else "–" for one in verdict.tolist()]
        raw = [Verdict(one).name.lower() if one in _VERDICTS else None for one in verdict.tolist()]
        return (Column("verdict", self.texts("chart.verdict"), tuple(said), tuple(raw), numeric=False),)

    @property
    def bounds(self) -> tuple[str, str]:
        """Headings of the bounds of an interval."""
        return self.texts("chart.lower"), self.texts("chart.upper")
