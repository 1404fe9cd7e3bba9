"""What a reviewer sees of a release: as data, and as a page that needs nothing from elsewhere.

The page counts what is hidden, so it is for inside. Where evidence on quality or exceptions is in the release it is shown as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from zicht.chain.build import SITE, protection_account
from zicht.chain.review import Desk, check_release
from zicht.chain.review_checks import CheckResult
from zicht.disclosure import report_page
from zicht.engine import write_whole
from zicht.errors import ZichtError
from zicht.release import (
    KINDS,
    Action,
    Decision,
    Differences,
    Release,
    SampledPage,
    Standing,
    State,
    differences,
    possible_in,
    sample_pages,
    unsure,
)

FOLDER = "review"
PAGE, PROTECTION = "index.html", "bescherming.html"
QUALITY, EXCEPTIONS = "quality", "exceptions"
UNDECIDED = set(State) - {State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN}


@dataclass(frozen=True)
class Dossier:
    """All that a reviewer needs to know of a release.

    Attributes:
        title: of the project.
        release: which one.
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

    title: str
    release: Release
    standing: Standing
    possible: tuple[Action, ...]
    checks: tuple[CheckResult, ...]
    differences: Differences
    quality: Mapping[str, object]
    exceptions: Mapping[str, object]
    refused: tuple[Decision, ...]
    sample: tuple[SampledPage, ...]
    doubts: tuple[str, ...]

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
            "doubts": list(self.doubts),
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
    return Dossier(
        title=at.project.file.title.nl,
        release=release,
        standing=standing,
        possible=possible_in(standing.state),
        checks=check_release(at, release) if standing.state in UNDECIDED and _is_last(at, release) else (),
        differences=differences(before, release),
        quality=release.evidence(QUALITY),
        exceptions=release.evidence(EXCEPTIONS),
        refused=tuple(one for one in standing.decisions if one.action in (Action.RETURN, Action.WITHDRAW)),
        sample=tuple(sample_pages(before, release)),
        doubts=tuple(unsure(standing.decisions, review.people if review is not None else ())),
    )


def write_review(at: Desk, found: Dossier) -> Path:
    """Write what a reviewer sees as a page, beside the report on protection where there is one.

    Args:
        at: the desk.
        found: what is shown.

    Returns:
        The page, in `.zicht/review/`, with links to the preview of the site.
    """
    folder = at.place.folder / FOLDER / found.release.digest[:16]
    folder.mkdir(parents=True, exist_ok=True)
    protection = _write_protection(at, found, folder / PROTECTION)
    names = {str(item["id"]): _dutch(item) for item in _records(found.release.catalogue.get("indicators"))}
    environment = Environment(
        loader=PackageLoader("zicht.chain"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda count: f"{count:,.0f}".replace(",", ".")
    page = environment.get_template("review.html").render(
        found=found,
        kinds=KINDS,
        names=names,
        changed=[one for one in found.differences.levels if one.differs],
        protection=PROTECTION if protection else "",
        site=f"../../{SITE}/" if _is_last(at, found.release) else "",
    )
    write_whole(folder / PAGE, page)
    return folder / PAGE


def _write_protection(at: Desk, found: Dossier, to: Path) -> bool:
    if not _is_last(at, found.release):
        return False
    try:
        sheets = protection_account(at.place.project, workplace=at.place.folder)
    except ZichtError:
        return False
    write_whole(to, report_page(sheets, f"Bescherming van {found.title}", "nl"))
    return True


def _is_last(at: Desk, release: Release) -> bool:
    try:
        return at.place.release().digest == release.digest
    except ZichtError:
        return False


def _records(found: object) -> Sequence[Mapping[str, object]]:
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _dutch(item: Mapping[str, object]) -> str:
    title = item.get("title")
    return str(title["nl"]) if isinstance(title, Mapping) else str(item["id"])
