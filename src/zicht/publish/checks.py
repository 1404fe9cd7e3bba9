"""What the evidence says about sums: which figures differ from the sum of their parts, and whether rounding explains it.

`evidence/checks.json` holds under `sums` by indicator the lists `differs` and `rounding`, with the columns of
`zicht.figures.SUMS` and the name of the parent. The sums were taken before anything was hidden. A sum over parts of
which one is hidden now would give it away, so such a check is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from zicht.publish.edition import Edition
from zicht.publish.frames import Standing
from zicht.publish.numbers import number
from zicht.publish.texts import Texts

MOST_APART = 4  # areas of one period that each get a sentence of their own


@dataclass(frozen=True, slots=True)
class Check:
    """One figure that is not the sum of its parts.

    Attributes:
        name: of the area.
        level: of the parts.
        period: of the figure.
        whole: the figure.
        sum: of the parts.
        rounding: whether rounding explains the difference.
    """

    name: str
    level: str
    period: str
    whole: float
    sum: float
    rounding: bool


def sums_of(edition: Edition, indicator: str) -> list[Check]:
    """The sums of an indicator that do not add up, those that rounding does not explain first."""
    sums = edition.evidence("checks").get("sums")
    found = sums.get(indicator) if isinstance(sums, Mapping) else None
    if not isinstance(found, Mapping) or indicator not in edition.catalogue.indicators:
        return []
    return [
        _check(row, kind == "rounding")
        for kind in ("differs", "rounding")
        for row in cast("list[Mapping[str, object]]", found.get(kind) or [])
        if not _gives_away(edition, indicator, row)
    ]


def _check(row: Mapping[str, object], rounding: bool) -> Check:
    whole, total = (float(cast("float", row[name])) for name in ("own_value", "sum_of_children"))
    name = str(row.get("name") or row["parent"])
    return Check(name, str(row["level"]), str(row["period"]), whole, total, rounding)


def _gives_away(edition: Edition, indicator: str, row: Mapping[str, object]) -> bool:
    """Whether the area itself or one of the parts is hidden."""
    figures = edition.figures(edition.catalogue.indicators[indicator])
    whole = edition.areas.number.get(str(row["parent"]))
    if whole is None or row["period"] not in figures.periods:
        return True
    standing = figures.standing[figures.periods.index(str(row["period"]))]
    inside = [whole]
    while inside:
        if any(standing[place] == Standing.HIDDEN for place in inside):
            return True
        inside = [child for place in inside for child in edition.areas.with_unknown.get(place, ())]
    return False


def check_lines(texts: Texts, checks: Sequence[Check]) -> list[str]:
    """Sums that do not add up, in sentences: one each, or one for all areas of a period where they are many."""
    groups: dict[tuple[str, str, bool], list[Check]] = {}
    for check in checks:
        groups.setdefault((check.period, check.level, check.rounding), []).append(check)
    return [line for group in groups.values() for line in _group_lines(texts, group)]


def _group_lines(texts: Texts, group: list[Check]) -> list[str]:
    if len(group) <= MOST_APART:
        return [_words(texts, check) for check in group]
    first = group[0]
    return [
        texts(
            "checks.rounding_many" if first.rounding else "checks.differs_many",
            count=number(len(group), 0, texts.language),
            kind=texts.levels(first.level),
            period=texts.period(first.period),
            names=", ".join(check.name for check in group),
        )
    ]


def _words(texts: Texts, check: Check) -> str:
    """A sum that does not add up, in a sentence that names area, numbers and cause."""
    return texts(
        "checks.rounding" if check.rounding else "checks.differs",
        name=check.name,
        kind=texts.levels(check.level),
        period=texts.period(check.period),
        whole=number(check.whole, 0, texts.language),
        sum=number(check.sum, 0, texts.language),
    )
