"""How long data may be kept: from the end of the period they are of, as long as the longest of their purposes says."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from zicht.declare import Project, Register, query_tables
from zicht.errors import Problem
from zicht.governance.classified import is_about_persons

_PERIOD = re.compile(r"^(\d{4})(?:-Q([1-4])|-(\d{2})(?:-(\d{2}))?)?$")
_DURATION = re.compile(r"^P(\d+)([YMWD])$")


@dataclass(frozen=True)
class Retention:
    """How long the rows of a register may be kept.

    Attributes:
        register: id of the register.
        purpose: id of the purpose that allows it longest.
        duration: ISO 8601, such as P5Y, counted from the end of the period.
    """

    register: str
    purpose: str
    duration: str

    def until(self, period: str) -> dt.date | None:
        """The last day on which data of `period` may be kept; None where it is no period."""
        end = period_end(period)
        return None if end is None else later(end, self.duration)


def period_end(period: str) -> dt.date | None:
    """The last day of a period.

    Args:
        period: ISO 8601: `2024`, `2024-Q3`, `2024-07` or `2024-07-31`.

    Returns:
        The day; None where the text is no period.
    """
    found = _PERIOD.match(period)
    if found is None:
        return None
    year, quarter, month, day = (int(part) if part else None for part in found.groups())
    try:
        last = month or (quarter * 3 if quarter else 12)
        return dt.date(int(year or 0), last, day or calendar.monthrange(int(year or 0), last)[1])
    except (ValueError, calendar.IllegalMonthError):
        return None


def later(day: dt.date, duration: str) -> dt.date:
    """A day so much later; the last of the month where the month has no such day.

    Args:
        day: from when.
        duration: ISO 8601 of one unit, such as P5Y, P18M, P6W or P90D.

    Raises:
        ValueError: it is no such duration.
    """
    found = _DURATION.match(duration)
    if found is None:
        raise ValueError(f"`{duration}` is no duration such as P5Y")
    count, unit = int(found[1]), found[2]
    if unit in "WD":
        return day + dt.timedelta(days=count * (7 if unit == "W" else 1))
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "Y" else 1)
    year, month = divmod(months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def retention_of(project: Project, register: Register) -> Retention | None:
    """How long the rows of a register may be kept: as long as a purpose that it serves allows.

    A delivered register may be kept for the longest of its purposes; one that SQL makes for the shortest of the registers it is made of.

    Args:
        project: the project.
        register: the register.

    Returns:
        The retention; None where the register is not about persons, or serves no purpose.
    """
    if register.id in project.register_sql:
        below = [
            project.registers[id_]
            for id_ in query_tables(project.register_sql[register.id])
            if id_ in project.registers
        ]
        found = [one for part in below if (one := retention_of(project, part)) is not None]
        shortest = min(found, key=lambda one: _length(one.duration), default=None)
        return None if shortest is None else Retention(register.id, shortest.purpose, shortest.duration)
    if not is_about_persons(project, register):
        return None
    served = set(register.purposes) | {id_ for column in register.columns for id_ in column.purposes or ()}
    purposes = [project.purposes[id_] for id_ in sorted(served)]
    if not purposes:
        return None
    longest = max(purposes, key=lambda purpose: _length(purpose.retention))
    return Retention(register.id, longest.id, longest.retention)


def check_fixed_periods(project: Project, today: dt.date) -> Iterator[Problem]:
    """Registers about persons whose one period lies past its retention, so that nothing of them may be read.

    Args:
        project: the project.
        today: the day on which they would be.

    Yields:
        A problem a register, with its place.
    """
    for register in project.registers.values():
        retention = retention_of(project, register)
        until = retention.until(register.period) if retention is not None and register.period else None
        if retention is not None and until is not None and until < today:
            yield Problem(
                register.document.place(("schema", 0, "customProperties")),
                f"register `{register.id}` is of {register.period}, and purpose `{retention.purpose}` allows keeping it until {until} ({retention.duration}).",
                "Remove the register and its delivery.",
            )


def _length(duration: str) -> dt.date:
    return later(dt.date(2000, 1, 1), duration)
