"""Sentences made from a figure and its interval, in plain words, saying no more than the interval carries.

Whether something is higher, lower or not clearly different is never decided here: that is `zicht.publish.verdicts`, once. Every
sentence comes from the message catalogue, so it exists in every language of the site or the site is not made.
"""

from __future__ import annotations

import math

import numpy as np

from zicht.publish.catalogue import Indicator
from zicht.publish.edition import COUNTS, Change, Edition, Latest
from zicht.publish.frames import Standing
from zicht.publish.numbers import Quantity, number
from zicht.publish.texts import Texts
from zicht.publish.verdicts import Verdict

_RARE = 1.0
"""Below this percentage, and above a hundred less this, "of every 100" would round to none or all."""


def source_line(texts: Texts, indicator: Indicator) -> str:
    """The source as it wants to be named, else by its title."""
    named = texts.pick(indicator.attribution).rstrip(".")
    if named:
        return f"{named}."
    titles = ", ".join(texts.pick(source.title) for source in indicator.sources)
    return texts("source.short", name=titles or texts("about.no_source").lower())


def of_every(value: float, quantity: Quantity, texts: Texts) -> str:
    """A percentage as people: `Van elke 100 huishoudens gaat het om ongeveer 64.`; empty where the unit names no whole.

    Args:
        value: a percentage, rounded as published.
        quantity: how it is written.
        texts: of the language.
    """
    if quantity.whole is None:
        return ""
    if value == 0:
        return texts("panel.hardly", whole=quantity.whole)
    if value < _RARE or 100 - _RARE < value < 100:
        return texts("panel.thousand", whole=quantity.whole, n=number(value * 10, 0, texts.language))
    return texts("panel.hundred", whole=quantity.whole, n=number(value, 0, texts.language))


def probably(lower: float, upper: float, quantity: Quantity, texts: Texts) -> str:
    """Where the real value probably lies; empty where there is no interval."""
    if not (math.isfinite(lower) and math.isfinite(upper)):
        return ""
    low, high = quantity.margin(lower), quantity.margin(upper)
    return texts("panel.about", value=low) if low == high else texts("panel.probably", low=low, high=high)


def judged(verdict: Verdict, reference: str, texts: Texts) -> str:
    """How an area compares with its reference, in the words of its verdict; empty where nothing may be said.

    Args:
        verdict: as `zicht.publish.verdicts` gave it.
        reference: what it is compared with, such as `Proefstad (40,4%)`.
        texts: of the language.
    """
    keys = {Verdict.HIGHER: "panel.higher", Verdict.LOWER: "panel.lower", Verdict.UNCLEAR: "panel.unclear"}
    return texts(keys[verdict], reference=reference) if verdict in keys else ""


def apart(difference: float, quantity: Quantity, texts: Texts) -> str:
    """How far two values are apart, without a sign: `3,4 procentpunt`, `120 inwoners`. A difference of percentages is no percentage."""
    size = number(abs(difference), quantity.decimals, texts.language)
    if quantity.percent:
        return texts("difference.point" if size == "1" else "difference.points", n=size)
    return f"{size} {quantity.unit}".rstrip()


def change_words(
    value: tuple[float, float], since: str, verdict: Verdict, quantity: Quantity, texts: Texts
) -> str:
    """How a figure changed between two periods, said as surely as its verdict allows.

    Args:
        value: in the first and in the last period.
        since: the first of them, in words.
        verdict: on the last against the first; NONE for a figure without an interval.
        quantity: how values are written.
        texts: of the language.
    """
    first, last = (quantity.short(one) for one in value)
    if first == last:
        return texts("change.same", value=last, first=since)
    if verdict == Verdict.UNCLEAR:
        return texts("change.unclear", first=since)
    way = "more" if value[1] > value[0] else "less"
    return texts(f"change.{way}", first=since, apart=apart(value[1] - value[0], quantity, texts))


def what_we_see(
    edition: Edition, texts: Texts, indicator: Indicator, level: str, latest: Latest
) -> list[str]:
    """What a reader should take from the charts of a level: change, breaks in method, what is hidden, what chance does.

    Args:
        edition: the release.
        texts: of the language.
        indicator: the indicator.
        level: of the page.
        latest: its latest figures at that level.
    """
    said = []
    top, quantity = edition.areas.top, edition.quantity(indicator, texts)
    change = None if top is None else edition.change(indicator, edition.areas.level_of[top])
    if (
        top is not None
        and change is not None
        and math.isfinite(change.before[0])
        and math.isfinite(change.after[0])
    ):
        said.append(f"{edition.areas.names[top]}: {_changed(edition, texts, indicator, change, quantity)}")
    said += breaks_said(edition, texts, indicator, top)
    hidden = int((latest.standing == Standing.HIDDEN).sum())
    if hidden:
        said.append(texts.count("see.hidden", hidden, one=texts.level(level), kind=texts.levels(level)))
    if indicator.measure not in COUNTS and np.isfinite(latest.lower).any() and latest.members.size > 1:
        said.append(texts("see.chance", kind=texts.levels(level)))
    return said


def breaks_said(edition: Edition, texts: Texts, indicator: Indicator, place: int | None) -> list[str]:
    """Why figures of before and after a period cannot be compared: another method or, of an area, other land.

    Args:
        edition: the release.
        texts: of the language.
        indicator: the indicator.
        place: number of the area; None for what holds of all.
    """
    methods, periods = edition.starts(indicator), edition.figures(indicator).periods
    starts = methods if place is None else edition.starts_at(indicator, place)
    return [
        texts(
            "chart.break" if start in methods else "chart.break_land",
            period=texts.period(periods[start]),
            why=texts.pick(why).rstrip("."),
        )
        for start, why in sorted(starts.items())
        if start
    ]


def _changed(edition: Edition, texts: Texts, indicator: Indicator, change: Change, quantity: Quantity) -> str:
    periods = edition.figures(indicator).periods
    since = texts.period(periods[change.first])
    value = float(change.before[0]), float(change.after[0])
    return change_words(value, since, Verdict(int(change.verdict[0])), quantity, texts)
