"""The signals of a project and what people make of them: listed from its releases, interpreted as decisions in its log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from zicht.chain.interpreted import signal_patterns
from zicht.chain.published import published_releases
from zicht.chain.relinking import refuse_telling
from zicht.chain.review import Desk
from zicht.errors import ZichtError
from zicht.release import (
    PATTERNS,
    Action,
    Actor,
    Decision,
    Interpretation,
    Release,
    Signal,
    Verdict,
    Wish,
    decide_interpretation,
    interpretations,
    signals_in,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A signal that waits until a person says what it means, or of which one did.

    Attributes:
        signal: what it is about.
        title: what the finding is called, in Dutch.
        names: of its areas.
        release: digest of the first release that shows it.
        interpretation: what was concluded; None while it waits.
    """

    signal: Signal
    title: str
    names: tuple[str, ...]
    release: str
    interpretation: Interpretation | None

    def as_dict(self) -> dict[str, object]:
        """What JSON can hold."""
        one = self.signal
        return {
            "signal": one.id, "finding": one.finding, "title": self.title, "period": one.period, "areas": list(one.areas),
            "names": list(self.names), "release": self.release,
            "interpretation": None if self.interpretation is None else self.interpretation.as_dict(),
        }  # fmt: skip


def signal_entries(at: Desk) -> tuple[Entry, ...]:
    """Every signal of the releases that were published and of the last build, the newest period first.

    Args:
        at: the desk.

    Raises:
        ZichtError: a release that was published is not whole, or the log is not.
    """
    review = at.project.file.review
    functions = {person.id: person.function for person in review.people} if review is not None else {}
    told = interpretations(at.decisions(), functions)
    found: dict[str, Entry] = {}
    for release in _releases(at):
        for entry in entries_of(release, told):
            found.setdefault(entry.signal.id, entry)
    return tuple(
        sorted(
            found.values(), key=lambda one: (one.signal.period.split("/")[-1], one.signal.id), reverse=True
        )
    )


def interpret(at: Desk, who: Actor, when: datetime, signal: str, verdict: Verdict, reason: str) -> Decision:
    """Say what a signal means; what was said of it before counts no more.

    Args:
        at: the desk.
        who: decides, an interpreter.
        when: the moment.
        signal: its id, or the start of it.
        verdict: what it turned out to be.
        reason: why; the public reads it, so it names nobody.

    Returns:
        The decision.

    Raises:
        ZichtError: there is no such signal, or several; the reason holds what identifies a person; or who acts may not decide this.
    """
    refuse_telling(reason)
    entries = [one for one in signal_entries(at) if one.signal.id.startswith(signal.lower())]
    if len(entries) != 1 or not signal:
        raise ZichtError(
            f"No signal has an id that begins with `{signal}`; `zicht signals list` shows them."
            if not entries
            else f"{len(entries)} signals begin with `{signal}`; give more of the id."
        )
    one = entries[0].signal
    if one.finding not in signal_patterns(at.project):
        raise ZichtError(
            f"Finding `{one.finding}` is not declared any more, so nothing would show what its signals mean."
        )
    evidence: dict[str, object] = {
        "finding": one.finding, "period": one.period, "areas": list(one.areas), "verdict": str(verdict), "shown_in": entries[0].release,
    }  # fmt: skip
    wish = Wish(Action.INTERPRET, one.id, who, when, reason, evidence)
    return decide_interpretation(at.log, at.project.file.review, wish, at.heads())


def entries_of(release: Release, told: Mapping[str, Interpretation]) -> Iterator[Entry]:
    """The signals that a release shows.

    Args:
        release: an open release.
        told: by id of a signal what was concluded about it.
    """
    table, found = release.findings(), _findings(release)
    patterns = {str(one["id"]): str(one["pattern"]) for one in found if one["pattern"] in PATTERNS}
    if table is None or not patterns:
        return
    titles = {str(one["id"]): cast("Mapping[str, str]", one["title"])["nl"] for one in found}
    areas = release.areas()
    names = dict(zip(areas["code"].to_pylist(), areas["name"].to_pylist(), strict=True))
    for one in signals_in(table, patterns):
        named = tuple(names.get(code, code) for code in one.areas)
        yield Entry(one, titles[one.finding], named, release.digest, told.get(one.id))


def interpretations_told(release: Release) -> dict[str, Interpretation]:
    """By id of a signal what a release tells that it means.

    Args:
        release: an open release.
    """
    told = release.evidence("signals").get("interpretations", ())
    found = [Interpretation.of(one) for one in cast("Sequence[Mapping[str, object]]", told)]
    return {one.signal.id: one for one in found}


def _releases(at: Desk) -> Iterator[Release]:
    yield from published_releases(at.place.project)
    if (at.place.folder / "release").is_file():
        yield at.place.release()


def _findings(release: Release) -> list[Mapping[str, object]]:
    products = cast("Sequence[Mapping[str, object]]", release.catalogue["products"])
    return [
        one
        for product in products
        for one in cast("Sequence[Mapping[str, object]]", product.get("findings", ()))
    ]
