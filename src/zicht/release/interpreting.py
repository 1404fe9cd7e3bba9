"""What a person makes of a signal: real, an artefact, or of a known cause. One decision that a later one about the same signal replaces.

Nobody is held to four eyes here: a signal is public already, and what is concluded is told with its reason. It takes a role. The rules stand here once, and
are asked before a decision is taken and again whenever the log is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, cast

import pyarrow as pa
import pyarrow.compute as pc

from zicht.release.states import Action

if TYPE_CHECKING:
    from zicht.release.decisions import Decision

PATTERNS = ("signals", "recent_clusters", "slow_trend")
"""Patterns whose findings are signals: each waits until a person says what it means."""

METHODS: Mapping[str, str] = {"signals": "signal", "recent_clusters": "scan", "slow_trend": "slow_trend"}
"""By pattern the method of findings that judges."""


class Verdict(StrEnum):
    """What a signal turned out to be: real, artefact or known_cause."""

    REAL = "real"
    ARTEFACT = "artefact"
    KNOWN_CAUSE = "known_cause"


@dataclass(frozen=True, slots=True)
class Signal:
    """Something unexpected in a series, as a release shows it.

    Attributes:
        finding: id of the declared finding.
        period: ISO 8601 month, or `first/last` of several.
        areas: codes of the areas it is about, in order; none where it is about all of them together.
    """

    finding: str
    period: str
    areas: tuple[str, ...]

    @property
    def id(self) -> str:
        """SHA-256 of what it is about, in hex: the same signal in another release has the same."""
        said = json.dumps([self.finding, self.period, *self.areas], separators=(",", ":"))
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What a person concluded about a signal.

    Attributes:
        signal: what it is about.
        verdict: what it turned out to be.
        reason: why, for the public.
        by: the function of who decided, or the role; never a name.
        on: the day, ISO 8601.
    """

    signal: Signal
    verdict: Verdict
    reason: str
    by: str
    on: str

    def as_dict(self) -> dict[str, object]:
        """As a release tells it.

        Returns:
            What JSON can hold.
        """
        return {
            "finding": self.signal.finding, "period": self.signal.period, "areas": list(self.signal.areas),
            "verdict": str(self.verdict), "reason": self.reason, "by": self.by, "on": self.on,
        }  # fmt: skip

    @classmethod
    def of(cls, told: Mapping[str, object]) -> Interpretation:
        """As it was told in a release.

        Args:
            told: what `as_dict` gives.

        Returns:
            The interpretation.
        """
        areas = tuple(cast("Sequence[str]", told["areas"]))
        return cls(
            Signal(str(told["finding"]), str(told["period"]), areas),
            Verdict(str(told["verdict"])), str(told["reason"]), str(told["by"]), str(told["on"]),
        )  # fmt: skip


def signals_in(findings: pa.Table, patterns: Mapping[str, str]) -> list[Signal]:
    """The signals that a release shows.

    Args:
        findings: of the release.
        patterns: by id of a finding its pattern.

    Returns:
        One a signal, by finding, with the last period first.
    """
    found: list[Signal] = []
    for finding, pattern in patterns.items():
        if pattern not in PATTERNS:
            continue
        wanted = pc.and_(
            pc.equal(findings["finding"], finding), pc.equal(findings["method"], METHODS[pattern])
        )
        rows = findings.filter(wanted).select(["area", "group", "period", "relevant"]).to_pylist()
        found += sorted(
            _of_rows(finding, pattern, rows),
            key=lambda one: (one.period.split("/")[-1], one.id),
            reverse=True,
        )
    return found


def _of_rows(finding: str, pattern: str, rows: Sequence[Mapping[str, object]]) -> Iterator[Signal]:
    """A signal for each row that is relevant; of a piece of the map the row about all of it, and not those of its areas."""
    pieces = pattern == "recent_clusters"
    for row in rows:
        if not row["relevant"] or (pieces and row["area"] is not None):
            continue
        members = sorted(str(one["area"]) for one in rows if one["area"] and one["group"] == row["group"])
        areas = members if pieces else [str(row["area"])] if row["area"] is not None else []
        yield Signal(finding, str(row["period"]), tuple(areas))


def interpretations(decisions: Iterable[Decision], functions: Mapping[str, str]) -> dict[str, Interpretation]:
    """What was concluded about each signal, the last conclusion where there are more.

    Args:
        decisions: all of one project, in order.
        functions: by id of a person the function, where it is declared.

    Returns:
        By id of the signal.
    """
    found: dict[str, Interpretation] = {}
    for one in decisions:
        if one.action == Action.INTERPRET:
            said = {
                **one.evidence,
                "reason": one.reason,
                "by": functions.get(one.person) or one.role,
                "on": one.at[:10],
            }
            found[one.release] = Interpretation.of(said)
    return found


def forbidden_to_interpret(decision: Decision) -> Iterator[str]:
    """Why a decision about a signal cannot have been taken.

    Args:
        decision: as it stands in the log.

    Yields:
        A sentence for each reason.
    """
    told = {**decision.evidence, "reason": decision.reason, "by": decision.role, "on": decision.at}
    try:
        about = Interpretation.of(told)
    except (KeyError, TypeError, ValueError):
        yield "it does not say of which signal it is, or what was concluded."
        return
    if about.signal.id != decision.release:
        yield "the signal that it tells of is another than the one it is about."
    if decision.role != "interpreter":
        yield "it takes the role `interpreter`."
