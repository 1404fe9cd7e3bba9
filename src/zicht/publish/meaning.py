"""What people made of signals, in words: of each signal what it turned out to be, and how many of the earlier ones were real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from zicht.publish.edition import Edition
from zicht.publish.texts import Texts
from zicht.release import Interpretation, Signal, Verdict

_ROLE = "interpreter"


def meaning_of(edition: Edition, texts: Texts, signal: Signal) -> str:
    """What is known of a signal: its interpretation or that it waits for one, and what became of the earlier signals of its finding.

    Args:
        edition: the release.
        texts: of the language.
        signal: that the release shows.

    Returns:
        One sentence or more.
    """
    told = _interpretations(edition)
    earlier = [
        one
        for one in told.values()
        if one.signal.finding == signal.finding and _end(one.signal) < _end(signal)
    ]
    real = sum(one.verdict == Verdict.REAL for one in earlier)
    share = [texts.count("meaning.earlier", len(earlier), real=str(real))] if earlier else []
    return " ".join([said_of(texts, told.get(signal.id)), *share])


def said_of(texts: Texts, one: Interpretation | None) -> str:
    """What was concluded about a signal, or that it waits.

    Args:
        texts: of the language.
        one: the interpretation; None where there is none.
    """
    if one is None:
        return texts("meaning.waits")
    by = texts("meaning.interpreter") if one.by == _ROLE else one.by
    return texts(f"meaning.{one.verdict}", day=texts.day(one.on), by=by, reason=one.reason)


def _end(signal: Signal) -> str:
    return signal.period.split("/")[-1]


def _interpretations(edition: Edition) -> dict[str, Interpretation]:
    """By id of a signal what the release tells that it means."""
    listed = cast("Sequence[Mapping[str, object]]", edition.evidence("signals").get("interpretations", ()))
    found = [Interpretation.of(told) for told in listed]
    return {one.signal.id: one for one in found}
