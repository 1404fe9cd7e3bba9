"""Lead times of a contract: how long each step may take, from the reference date of the data to their publication.

ODCS says `latency` and `frequency` under `slaProperties`. Norms for the steps after delivery stand in the customProperty
`norm.doorlooptijd`, as ISO 8601 durations such as `P60D`; `peildatum` says what date the data are about.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from zicht.declare.quality import Fault
from zicht.declare.yaml_source import Trail

LeadStep = Literal["delivered", "taken_in", "built", "published", "total"]
"""Steps that take time; `total` is from the reference date to publication."""

_STEPS: Mapping[str, LeadStep] = {
    "geleverd": "delivered", "ingenomen": "taken_in", "gebouwd": "built", "gepubliceerd": "published", "totaal": "total",
}  # fmt: skip
_UNITS = {"d": "d", "day": "d", "days": "d", "w": "w", "week": "w", "weeks": "w", "m": "m", "month": "m", "months": "m",
          "y": "y", "yr": "y", "year": "y", "years": "y"}  # fmt: skip
_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
_PERIOD = re.compile(r"(\d{4})(?:-Q([1-4])|-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in the calendar.

    Attributes:
        months: whole months; twelve to the year.
        days: whole days on top of them.
    """

    months: int = 0
    days: int = 0

    def after(self, day: dt.date) -> dt.date:
        """The day that lies this long after `day`; the last of the month where that month is shorter."""
        year, month = divmod(day.year * 12 + day.month - 1 + self.months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return dt.date(year, month + 1, min(day.day, last)) + dt.timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """What a contract says of time.

    Attributes:
        reference: the column with reference dates, or `begin` or `end` of the last period, or one date.
        norms: how long each step may take; `delivered` counts from the reference date, the others from the step before.
        frequency: how long after a delivery the next is expected; None where the contract does not say.
        blocks: whether a build stops where the delivery came too late; it warns otherwise.
        trails: where each norm stands in the contract.
    """

    reference: str | dt.date = "end"
    norms: Mapping[LeadStep, Duration] = field(default_factory=dict)
    frequency: Duration | None = None
    blocks: bool = False
    trails: Mapping[LeadStep, Trail] = field(default_factory=dict)


def read_lead_times(
    root: Mapping[str, object], custom: Mapping[str, object], register: str, trail: Trail, fault: Fault
) -> LeadTimes:
    """What a contract says of time.

    Args:
        root: the contract, valid ODCS.
        custom: the customProperties of its table, by name.
        register: id of the register.
        trail: where the table stands.
        fault: told of every mistake, with its place.

    Returns:
        The norms and the reference date.
    """
    where: Trail = (*trail, "customProperties")
    norms, trails = _step_norms(custom.get("norm.doorlooptijd"), where, fault)
    reference = _reference(custom.get("peildatum"), where, fault)
    frequency = None
    for index, entry in enumerate(cast("list[Mapping[str, object]]", root.get("slaProperties") or [])):
        if entry["property"] not in ("latency", "frequency"):
            continue
        length = _agreed(entry)
        if length is None:
            fault(
                ("slaProperties", index),
                f"`{entry['property']}` is {entry['value']} {entry.get('unit', '')}.".replace(" .", "."),
                "Write a whole number and the unit d, w, m or y.",
            )
        elif entry["property"] == "frequency":
            frequency = length
        else:
            norms["delivered"], trails["delivered"] = length, ("slaProperties", index)
            element = str(entry.get("element") or "")
            reference = element.removeprefix(f"{register}.") or reference
    action = custom.get("norm.actie")
    if action not in (None, "blokkeren", "waarschuwen"):
        fault(where, f"`norm.actie` is {action}.", "Write blokkeren or waarschuwen.")
    return LeadTimes(
        reference,
        norms,
        frequency,
        action == "blokkeren",
        trails,
    )


def period_day(period: str, reference: str) -> dt.date | None:
    """The first day of a period, or the last.

    Args:
        period: ISO 8601, such as `2024`, `2024-Q3`, `2024-07` or `2024-07-15`.
        reference: `begin` or `end`.

    Returns:
        The day; None where the period cannot be read.
    """
    found = _PERIOD.fullmatch(period)
    if found is None:
        return None
    year, quarter, month, day = (int(part) if part else 0 for part in found.groups())
    first, length = (3 * quarter - 2, 3) if quarter else (month, 1) if month else (1, 12)
    try:
        begin = dt.date(year, first, day or 1)
    except ValueError:
        return None
    if day or reference == "begin":
        return begin
    return Duration(months=length).after(begin) - dt.timedelta(days=1)


def _agreed(entry: Mapping[str, object]) -> Duration | None:
    value, unit = entry["value"], _UNITS.get(str(entry.get("unit") or "").lower())
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return {
        "d": Duration(0, value),
        "w": Duration(0, 7 * value),
        "m": Duration(value),
        "y": Duration(12 * value),
    }.get(unit or "")


def _step_norms(
    value: object, where: Trail, fault: Fault
) -> tuple[dict[LeadStep, Duration], dict[LeadStep, Trail]]:
    norms: dict[LeadStep, Duration] = {}
    given = value if isinstance(value, dict) else {} if value is None else {"totaal": value}
    for name, text in given.items():
        found = _DURATION.fullmatch(str(text))
        if name not in _STEPS or found is None or not any(found.groups()):
            fault(
                where,
                f"`norm.doorlooptijd` says {name}: {text}.",
                f"Write a duration such as P60D, for the whole or for {', '.join(_STEPS)}.",
            )
            continue
        years, months, weeks, days = (int(part or 0) for part in found.groups())
        norms[_STEPS[name]] = Duration(12 * years + months, 7 * weeks + days)
    return norms, dict.fromkeys(norms, where)


def _reference(value: object, where: Trail, fault: Fault) -> str | dt.date:
    if value is None or value == "eind":
        return "end"
    if value == "begin":
        return "begin"
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        fault(where, f"`peildatum` is {value}.", "Write begin or eind (of the last period), or a date.")
        return "end"
