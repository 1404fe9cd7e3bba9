"""Papers that people signed: whether the facts they were signed on still hold, and whether one that is required is there.

A DPIA is required for a purpose with data of AVG art. 9 or 10 (art. 35 paragraph 3 under b), and for one that says so itself (`verplicht-open`); an IAMA for an
algorithm that is a high-risk AI system or has impact on people. Where such a paper is missing, was signed on other facts, or is not the document that was
signed, nothing may be published.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from zicht.declare import KeptPaper, PaperKind
from zicht.errors import ZichtError
from zicht.governance.papers.assessments import dpia, iama, prescan
from zicht.governance.papers.facts import Facts
from zicht.governance.papers.forms import Form, part_title

State = Literal["current", "stale", "missing", "changed"]
"""Whether a kept paper rests on the facts of now, on other facts, is not there, or is not the document that was signed."""


@dataclass(frozen=True, slots=True)
class KeptState:
    """How one kept paper stands.

    Attributes:
        kind: which assessment it is.
        about: the purpose or algorithm it assesses.
        state: how it stands.
        required: whether nothing may be published without it.
        why: what differs, for a person.
        file: the signed document; empty where there is none.
    """

    kind: PaperKind
    about: str
    state: State
    required: bool
    why: str
    file: str = ""

    @property
    def blocks(self) -> bool:
        """Whether it keeps the project from publishing."""
        return self.required and self.state != "current"

    def __str__(self) -> str:
        return f"{self.kind} of `{self.about}` is {self.state}: {self.why}"


def kept_papers(facts: Facts) -> tuple[KeptState, ...]:
    """Every signed paper, and every one that is required and not there.

    Args:
        facts: what the project knows.

    Raises:
        ZichtError: a kept paper is about a purpose or algorithm that is not there.
    """
    required = dict.fromkeys(_required(facts))
    found = [
        _state(facts, paper, required=(paper.kind, paper.about) in required) for paper in facts.kept.values()
    ]
    there = {(one.kind, one.about) for one in found}
    for kind, about in required:
        if (kind, about) not in there:
            why = f"it is required. Make it with `zicht papers {kind}`, have it signed, and keep it with `zicht keep {kind} {about}`."
            found.append(KeptState(kind, about, "missing", required=True, why=why))
    return tuple(_newest(found))


def stale_papers(facts: Facts) -> tuple[KeptState, ...]:
    """The papers that keep the project from publishing.

    Args:
        facts: what the project knows.

    Returns:
        Those that are required and stale, missing or changed; nothing where the papers are in order.

    Raises:
        ZichtError: as for `kept_papers`.
    """
    return tuple(one for one in kept_papers(facts) if one.blocks)


def facts_of(facts: Facts, kind: PaperKind, about: str) -> dict[str, str]:
    """What a paper of this kind rests on now: a digest by part.

    Args:
        facts: what the project knows.
        kind: which assessment.
        about: the purpose or algorithm.

    Raises:
        ZichtError: there is no such purpose or algorithm.
    """
    return _form(facts, kind, about).parts()


def _form(facts: Facts, kind: PaperKind, about: str) -> Form:
    known = facts.algorithms if kind == "iama" else facts.purposes
    if about not in known:
        what = "algorithm" if kind == "iama" else "purpose"
        raise ZichtError(f"There is no {what} `{about}`; there are {', '.join(known) or 'none'}.")
    if kind == "iama":
        return iama(facts, facts.algorithms[about])
    return (dpia if kind == "dpia" else prescan)(facts, facts.purposes[about])


def _required(facts: Facts) -> Iterator[tuple[PaperKind, str]]:
    in_use = {id_ for one in facts.indicators.values() for id_ in one.purposes}
    for purpose in facts.purposes.values():
        if purpose.id in in_use and (purpose.special or purpose.criminal or purpose.dpia == "verplicht-open"):
            yield "dpia", purpose.id
    for algorithm in facts.algorithms.values():
        if algorithm.status == "in_use" and algorithm.category != "other":
            yield "iama", algorithm.id


def _state(facts: Facts, paper: KeptPaper, *, required: bool) -> KeptState:
    now = facts_of(facts, paper.kind, paper.about)
    digest = facts.kept_files.get(paper.id)
    differs = [part for part in {**paper.facts, **now} if paper.facts.get(part) != now.get(part)]
    state: State
    if digest is None:
        state, why = "missing", f"{paper.file} is not in the folder papers."
    elif digest != paper.sha256:
        state, why = "changed", f"{paper.file} is not the document that was signed on {paper.signed_on}."
    elif differs:
        parts = ", ".join(f"{part} ({part_title(paper.kind, part)})" for part in differs)
        state, why = (
            "stale",
            f"since it was signed on {paper.signed_on} this changed: {parts}. Have it assessed anew.",
        )
    else:
        state, why = "current", f"signed on {paper.signed_on} by {', '.join(paper.signed_by)}."
    return KeptState(paper.kind, paper.about, state, required, why, paper.file)


def _newest(found: list[KeptState]) -> Iterator[KeptState]:
    """Of papers about the same, one that is current stands for all."""
    current = {(one.kind, one.about) for one in found if one.state == "current"}
    for one in found:
        if one.state == "current" or (one.kind, one.about) not in current:
            yield one
