"""What a reviewer sees of a release, as data.

It counts what is hidden, so it is for inside. Evidence on quality or exceptions is taken from the release as it stands there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zicht.chain.review import Desk, check_release
from zicht.chain.review_checks import CheckResult
from zicht.errors import ZichtError
from zicht.release import (
    Action,
    Decision,
    Differences,
    Doubt,
    Release,
    SampledPage,
    Standing,
    State,
    differences,
    possible_in,
    sample_pages,
    unsure,
)

QUALITY, EXCEPTIONS = "quality", "exceptions"
UNDECIDED = set(State) - {State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN}


@dataclass(frozen=True)
class Dossier:
    """All that a reviewer needs to know of a release.

    Attributes:
        release: which one.
        last: whether it is the last build, whose site is the preview.
        standing: where it stands.
        possible: what can be decided about it now.
        checks: what the automatic checks find now; empty where it is not the last build, or was published.
        differences: what changes for the public.
        quality: evidence on quality and lead times, as it is in the release.
        exceptions: exceptions that were granted or refused, as they are in the release.
        refused: decisions that sent it back or withdrew it, with their reasons.
        sample: pages to look at.
        doubts: what the record leaves in doubt about who decided.
    """

    release: Release
    last: bool
    standing: Standing
    possible: tuple[Action, ...]
    checks: tuple[CheckResult, ...]
    differences: Differences
    quality: Mapping[str, object]
    exceptions: Mapping[str, object]
    refused: tuple[Decision, ...]
    sample: tuple[SampledPage, ...]
    doubts: tuple[Doubt, ...]

    def as_dict(self) -> dict[str, object]:
        """All of it, as JSON can hold it."""
        return {
            "release": self.release.digest,
            "state": str(self.standing.state),
            "possible": [str(action) for action in self.possible],
            "checks": [{"id": one.id, "title": one.title, "problems": list(one.problems)} for one in self.checks],
            "differences": self.differences.as_dict(),
            "quality": self.quality,
            "exceptions": self.exceptions,
            "decisions": [decision_as_dict(one) for one in self.standing.decisions],
            "sample": [
                {"path": page.path, "hidden": page.hidden, "changed": page.changed, "fewest": page.fewest, "weight": page.weight}
                for page in self.sample
            ],
            "doubts": [str(one) for one in self.doubts],
        }  # fmt: skip


def decision_as_dict(one: Decision) -> dict[str, object]:
    """One decision, as JSON can hold it.

    Args:
        one: which decision.
    """
    return {
        "number": one.number, "release": one.release, "action": str(one.action), "person": one.person, "role": one.role,
        "account": one.account, "at": one.at, "reason": one.reason, "evidence": one.evidence, "digest": one.digest,
    }  # fmt: skip


def dossier(at: Desk, digest: str | None = None) -> Dossier:
    """What a reviewer sees of a release.

    Args:
        at: the desk.
        digest: of the release, or the start of it; the last build where left out.

    Returns:
        What changes for the public against what it sees now, what was checked, decided and hidden, and pages to look at.

    Raises:
        ZichtError: there is no such release, or it or the decisions are not whole.
    """
    release = at.release(digest)
    before = at.public()
    standing = at.standing(release.digest)
    review = at.project.file.review
    last = _is_last(at, release)
    return Dossier(
        release=release,
        last=last,
        standing=standing,
        possible=possible_in(standing.state),
        checks=check_release(at, release) if standing.state in UNDECIDED and last else (),
        differences=differences(before, release),
        quality=release.evidence(QUALITY),
        exceptions=release.evidence(EXCEPTIONS),
        refused=tuple(one for one in standing.decisions if one.action in (Action.RETURN, Action.WITHDRAW)),
        sample=tuple(sample_pages(before, release)),
        doubts=tuple(unsure(standing.decisions, review.people if review is not None else ())),
    )


def _is_last(at: Desk, release: Release) -> bool:
    try:
        return at.place.release().digest == release.digest
    except ZichtError:
        return False
