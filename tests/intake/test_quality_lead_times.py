"""Lead times: how long each step took, and what holds of it."""

from __future__ import annotations

import datetime as dt

from zicht.declare import Duration, LeadTimes
from zicht.intake import Times, lead_times

DECLARED = LeadTimes(
    "begin",
    {
        "delivered": Duration(0, 30),
        "built": Duration(0, 1),
        "published": Duration(0, 10),
        "total": Duration(2),
    },
    Duration(12),
)


def day(month: int, number: int, year: int = 2025) -> dt.date:
    return dt.date(year, month, number)


def verdicts(
    times: Times, today: dt.date, declared: LeadTimes = DECLARED
) -> dict[str, tuple[int | None, str]]:
    return {lead.step: (lead.days, lead.verdict) for lead in lead_times(declared, times, today)}


def test_each_step_counts_from_the_one_before_and_the_whole_from_the_reference_date() -> None:
    times = Times(day(1, 1), day(1, 31), day(2, 10), day(2, 12), day(2, 20))
    assert verdicts(times, day(3, 1)) == {
        "delivered": (30, "met"),
        "taken_in": (10, "free"),
        "built": (2, "late"),
        "published": (8, "met"),
        "total": (50, "met"),
        "next": (29, "waiting"),
    }


def test_what_has_not_happened_is_late_from_the_day_after_it_was_due() -> None:
    times = Times(day(1, 1), day(1, 20), day(1, 21), day(1, 21))
    assert verdicts(times, day(1, 31))["published"] == (10, "waiting")
    assert verdicts(times, day(2, 1))["published"] == (11, "late")
    assert verdicts(times, day(1, 21, 2026))["next"][1] == "late"


def test_without_a_day_to_count_from_nothing_is_said() -> None:
    found = verdicts(Times(), day(1, 1))
    assert found["delivered"] == (None, "unknown")
    assert found["taken_in"] == (None, "free")


def test_without_norms_the_days_are_told_and_nothing_is_late() -> None:
    found = verdicts(Times(day(1, 1), day(6, 1)), day(12, 1), LeadTimes())
    assert found["delivered"] == (151, "free")
    assert "next" not in found
