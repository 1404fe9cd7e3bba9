"""What is said of schemes and definitions: who leaves a scheme unused, and what another limit would change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from markupsafe import Markup, escape
from typing_extensions import override

from zicht.publish.catalogue import Finding
from zicht.publish.edition import Edition
from zicht.publish.found.area_map import DARK, STIPPLE, area_map
from zicht.publish.found.rows import rows_of
from zicht.publish.found.speaker import Row, Speaker
from zicht.publish.numbers import Quantity
from zicht.publish.render import safe
from zicht.publish.texts import Texts

TOTAL = "TOTAL"
_WIDTH, _HEIGHT, _GAP = 600, 96, 8  # of the bars of limits


class TakeUp(Speaker):
    """Who leaves a scheme unused, by area and group."""

    method = "take_up"
    head = (
        "found.take_up.computed", "found.take_up.using", "found.take_up.reach", "found.take_up.unused", "found.margin",
        "found.take_up.drawn", "found.verdict",
    )  # fmt: skip

    def __init__(self, texts: Texts, finding: Finding, edition: Edition, rows: Sequence[Row]) -> None:
        super().__init__(texts, finding, edition, rows)
        self._drawn = {row.area: row for row in rows_of(edition, finding, "take_up_shrunken")}
        self._entitled = {row.group: row for row in rows_of(edition, finding, "entitled") if not row.area}
        order = [
            f"{name}={one}" for name, kind in edition.catalogue.dimensions.items() for one in kind.categories
        ]
        self._whole = [row for row in self.groups if row.group == TOTAL]
        groups = sorted(
            (row for row in self.groups if row.group in order), key=lambda row: order.index(row.group)
        )
        self.outstanding = [row for row in (*groups, *self.rows) if row.relevant]
        indicator = edition.catalogue.indicators[finding.indicator]
        self._quantity: Quantity = edition.quantity(indicator, texts)

    @override
    def headings(self) -> tuple[str, ...]:
        return tuple(
            self.texts(key, **self.names) if key.endswith("drawn") else self.texts(key) for key in self.head
        )

    @override
    def summary(self) -> str:
        whole = self._quantity.whole or self.texts("found.take_up.them")
        first = [self.texts("found.take_up", whole=whole, **self._bounds(row)) for row in self._whole]
        areas = [row for row in self.outstanding if row.area]
        more = sum(self.word(row) == "more" for row in areas)
        over, under = (
            self.some("found.take_up.over", more),
            self.some("found.take_up.under", len(areas) - more),
        )
        return " ".join([*first, self.texts("found.two", first=over, second=under)])

    @override
    def line(self, row: Row) -> str:
        if row.area:
            return self.texts(f"found.take_up.area.{self.word(row)}", area=row.name, **self._bounds(row))
        name, _, category = row.group.partition("=")
        kind = self.edition.catalogue.dimensions[name]
        group = f"{self.texts.pick(kind.title)}: {self.texts.pick(kind.categories[category])}"
        return self.texts(f"found.take_up.group.{self.word(row)}", group=group, **self._bounds(row))

    @override
    def word(self, row: Row) -> str:
        if not row.relevant:
            return "same"
        if row.area:
            return "more" if row.observed > row.expected else "less"
        return "more" if row.estimate > max(other.estimate for other in self._whole) else "less"

    @override
    def picture(self) -> Markup | None:
        return area_map(self, {"more": DARK, "less": STIPPLE})

    @override
    def notes(self) -> list[str]:
        errors = cast("Mapping[str, object]", self.finding.declared["rule_errors"])
        wrongly, missed = (cast("Sequence[float]", errors[name]) for name in ("wrongly", "missed"))
        told = [
            self.texts(
                "found.take_up.rule", because=self.texts.pick(errors["because"]),
                wrong_low=self.shown(100 * wrongly[0], 0), wrong_high=self.shown(100 * wrongly[1], 0),
                missed_low=self.shown(100 * missed[0], 0), missed_high=self.shown(100 * missed[1], 0),
            )
        ]  # fmt: skip
        row = self._entitled.get(TOTAL)
        if row is not None:
            low, high = self.shown(row.lower, 0), self.shown(row.upper, 0)
            told.append(
                self.texts("found.take_up.entitled", computed=self.shown(row.observed, 0), low=low, high=high)
            )
        return [*told, self.texts("found.take_up.how", **self.names)]

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        drawn = self._drawn.get(row.area)
        return (
            self.shown(row.statistic, 0),
            self.shown(row.statistic - row.observed, 0),
            self._percent(100 - row.estimate),
            self._percent(row.estimate),
            self.span(row, 0),
            self._percent(drawn.estimate if drawn else math.nan),
            self.verdict(row),
        )

    def _percent(self, value: float) -> str:
        return "–" if math.isnan(value) else f"{self.shown(value, 0)}%"

    def _bounds(self, row: Row) -> dict[str, str]:
        return {
            "share": self.shown(row.estimate, 0), "low": self.shown(row.lower, 0), "high": self.shown(row.upper, 0),
        }  # fmt: skip


class OtherLimit(Speaker):
    """What a figure would be with another limit in its definition."""

    method = "other_limit"
    judged = False
    sliding = True

    def __init__(self, texts: Texts, finding: Finding, edition: Edition, rows: Sequence[Row]) -> None:
        super().__init__(texts, finding, edition, rows)
        self._limits = finding.names("limits")
        self._now = finding.text("limit")
        self._at = {(row.area, row.group): row for row in rows}
        self._whole = [self._at["", limit] for limit in self._limits if ("", limit) in self._at]
        top = edition.areas.top
        name = "" if top is None or not self._whole else edition.areas.names[top]
        code = "" if top is None else edition.areas.codes[top]
        # An area takes part with those limits of which its figure is public.
        self.rows = [
            replace(row, there=True) for row in self.rows if row.group == self._now and row.area != code
        ]
        if name:
            self.rows.insert(0, self._of_whole(code, name))
        self._unit = texts.pick(edition.catalogue.indicators[finding.indicator].unit)
        self._per = cast("int | None", finding.declared["per"])

    def _of_whole(self, code: str, name: str) -> Row:
        """The row of all areas together, as that of the area they lie in."""
        for row in self._whole:
            self._at[code, row.group] = row
        return replace(self._at["", self._now], area=code, name=name, there=True)

    @override
    def headings(self) -> tuple[str, ...]:
        named = [self._called(limit) for limit in self._limits]
        return tuple(
            self.texts("found.limit.column_now", called=name) if limit == self._now else name
            for limit, name in zip(self._limits, named, strict=True)
        )

    @override
    def summary(self) -> str:
        if not self._whole:
            return self.texts("found.limit.areas", **self.names)
        place = self._limits.index(self._now)
        beside = self._limits[place + 1] if place + 1 < len(self._limits) else self._limits[place - 1]
        return " ".join(self._sentence(self._at["", limit]) for limit in (self._now, beside))

    @override
    def line(self, row: Row) -> str:
        return self._sentence(row)

    @override
    def word(self, row: Row) -> str:
        return "same"

    @override
    def notes(self) -> list[str]:
        hidden = any(not row.there for row in self._at.values())
        return [self.texts("found.limit.note"), *([self.texts("found.limit.dash")] if hidden else [])]

    @override
    def cells(self, row: Row) -> tuple[str, ...]:
        told = (self._at.get((row.area, limit)) for limit in self._limits)
        return tuple(self._value(one) if one is not None else "–" for one in told)

    @override
    def picture(self) -> Markup | None:
        """A bar and a sentence for each limit, of which a script makes a slider."""
        if not self._whole:
            return None
        lines = "".join(
            f'<li data-limit="{escape(self._called(row.group))}">{escape(self._sentence(row))}</li>'
            for row in self._whole
        )
        label = escape(self.texts("found.limit.slider"))
        now = self._limits.index(self._now)
        return safe(
            f'<div class="limits" data-now="{now}" data-label="{label}">{self._bars()}<ol>{lines}</ol></div>'
        )

    def _bars(self) -> str:
        """A bar for each limit, the one that holds now darker; what they show stands in the sentences."""
        values = [row.estimate if row.there else 0.0 for row in self._whole]
        most = max(*values, 1e-9)
        width = (_WIDTH + _GAP) / len(values) - _GAP
        bars = "".join(
            f'<rect class="{DARK if row.group == self._now else "k2"}" x="{place * (width + _GAP):.1f}" y="{_HEIGHT * (1 - value / most):.1f}"'
            f' width="{width:.1f}" height="{_HEIGHT * value / most:.1f}"/>'
            for place, (row, value) in enumerate(zip(self._whole, values, strict=True))
        )
        return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>'

    def _called(self, limit: str) -> str:
        return self.texts.pick(self.finding.declared["called"]).replace("{limit}", limit)

    def _value(self, row: Row) -> str:
        return self.shown(row.estimate, 1 if self._per else 0)

    def _sentence(self, row: Row) -> str:
        called = self._called(row.group)
        if not row.there:
            return self.texts("found.limit.hidden", called=called)
        now = self._at["", self._now]
        told = {"called": called, "value": self._value(row), "unit": self._unit, "now": self._value(now)}
        if self._per:
            key = "found.limit.share_now" if row.group == self._now else "found.limit.share"
            return self.texts(key, per=self.shown(self._per, 0), **told)
        if row.group == self._now or not now.there:
            return self.texts("found.limit.now" if row.group == self._now else "found.limit.count", **told)
        if row.estimate == now.estimate:
            return self.texts("found.limit.same", **told)
        apart = self.shown(abs(row.estimate - now.estimate), 0)
        return self.texts(
            "found.limit.more" if row.estimate >= now.estimate else "found.limit.less", apart=apart, **told
        )
