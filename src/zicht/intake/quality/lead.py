"""Lead times: how long each step took, from the reference date of the data to their publication, held against the contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from zicht.declare import Duration, LeadStep, LeadTimes

LeadVerdict = Literal["met", "late", "waiting", "unknown", "free"]
"""What holds of a step: in time; too late; not done and still in time; not known when; or there is no norm."""


@dataclass(frozen=True, slots=True)
class Times:
    """When things happened to the data of one delivery; None where that is not known, or has not happened yet.

    Attributes:
        reference: the last day that the data are about.
        delivered: the day on which they arrived; the last, where a register is made of several deliveries.
        taken_in: the day on which they were first taken in.
        built: the day on which figures were first made of them.
        published: the day on which a release with them was first published.
    """

    reference: dt.date | None = None
    delivered: dt.date | None = None
    taken_in: dt.date | None = None
    built: dt.date | None = None
    published: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """How long one step took.

    Attributes:
        step: which; `next` is waiting for the next delivery.
        begin, end: from when to when; `end` is None where it has not happened yet.
        due: by when it should have; None where there is no norm.
        days: how long it took, or has taken so far; None where that is not known.
        verdict: what holds.
    """

    step: LeadStep | Literal["next"]
    begin: dt.date | None
    end: dt.date | None
    due: dt.date | None
    days: int | None
    verdict: LeadVerdict


def lead_times(declared: LeadTimes, times: Times, today: dt.date) -> tuple[Lead, ...]:
    """Hold what happened when against the lead times of a contract.

    Args:
        declared: what the contract says.
        times: when things happened.
        today: the day of asking; what has not happened yet is late from the day after it was due.

    Returns:
        The steps in their order, then the whole, then the next delivery where the contract says how often there is one.
    """
    return tuple(_leads(declared, times, today))


def _leads(declared: LeadTimes, times: Times, today: dt.date) -> Iterator[Lead]:
    pairs: tuple[tuple[LeadStep, dt.date | None, dt.date | None], ...] = (
        ("delivered", times.reference, times.delivered),
        ("taken_in", times.delivered, times.taken_in),
        ("built", times.taken_in, times.built),
        ("published", times.built, times.published),
        ("total", times.reference, times.published),
    )
    for step, begin, end in pairs:
        yield _lead(step, begin, end, declared.norms.get(step), today)
    if declared.frequency is not None:
        yield _lead("next", times.delivered, None, declared.frequency, today)


def _lead(
    step: LeadStep | Literal["next"],
    begin: dt.date | None,
    end: dt.date | None,
    norm: Duration | None,
    today: dt.date,
) -> Lead:
    if begin is None:
        return Lead(step, None, end, None, None, "free" if norm is None else "unknown")
    days = ((end or today) - begin).days
    if norm is None:
        return Lead(step, begin, end, None, days if end else None, "free")
    due = norm.after(begin)
    if end is None:
        return Lead(step, begin, None, due, days, "late" if today > due else "waiting")
    return Lead(step, begin, end, due, days, "late" if end > due else "met")
