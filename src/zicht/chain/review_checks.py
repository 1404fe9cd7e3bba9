"""What is checked of a release before people look at it. Each check is a function in `CHECKS`; another room's check is one line there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from zicht.chain.build import Workplace, status
from zicht.chain.facts import NO_CLOCK
from zicht.chain.papers import publication_papers
from zicht.chain.published import history_of, published_releases
from zicht.declare import Project
from zicht.engine import Store, folder_digest
from zicht.errors import ZichtError
from zicht.publish import site_problems
from zicht.release import Release, open_release, verify_release

MOST_NAMED = 5  # steps named in one sentence


@dataclass(frozen=True)
class Subject:
    """What is checked.

    Attributes:
        project: what is declared.
        place: where results are kept.
        release: the release.
    """

    project: Project
    place: Workplace
    release: Release


@dataclass(frozen=True)
class CheckResult:
    """What a check found.

    Attributes:
        id: of the check.
        title: what holds where it passes.
        problems: what does not hold, a sentence each.
    """

    id: str
    title: str
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


Check = Callable[[Subject], Iterable[str]]
"""Says what is wrong with a release, a sentence each; nothing where all is well."""


def run_checks(subject: Subject) -> tuple[CheckResult, ...]:
    """Do all automatic checks.

    Args:
        subject: what is checked.

    Returns:
        What each found, in the order of `CHECKS`.
    """
    return tuple(
        CheckResult(id_, title, tuple(_problems(check, subject))) for id_, (title, check) in CHECKS.items()
    )


def _problems(check: Check, subject: Subject) -> Iterator[str]:
    try:
        yield from check(subject)
    except ZichtError as error:
        yield str(error)


def _release_holds(subject: Subject) -> Iterator[str]:
    yield from (str(problem) for problem in verify_release(subject.release.path).problems)


def _is_current(subject: Subject) -> Iterator[str]:
    store = Store(subject.place.folder)
    last = store.last("release")
    if last is None or open_release(last[1]).digest != subject.release.digest:
        yield "Another release was built since; submit that one."
        return
    stale = [
        one.name
        for one in status(subject.place.project, workplace=subject.place.folder)
        if one.state == "to make"
    ]
    if stale:
        more = f" and {len(stale) - MOST_NAMED} more" if len(stale) > MOST_NAMED else ""
        yield f"The folder or its deliveries changed after the build ({', '.join(stale[:MOST_NAMED])}{more}); build again."


def _snapshots_hold(subject: Subject) -> Iterator[str]:
    store = Store(subject.place.folder)
    for id_ in subject.project.registers:
        last = store.last(f"register/{id_}")
        if last is not None and (not last[1].is_dir() or folder_digest(last[1]) != last[0]):
            yield f"The snapshot of register `{id_}` was changed after it was made: {last[1]}."


def _is_protected(subject: Subject) -> Iterator[str]:
    yield from (
        f"Figures of {where} did not withstand the attack."
        for where in _unsafe(subject.release.evidence("protection"))
    )


def _unsafe(found: object, where: str = "") -> Iterator[str]:
    """Where the evidence on protection says that an attack succeeded."""
    if isinstance(found, Mapping):
        if found.get("safe", True) is not True or found.get("failures"):
            yield str(found.get("title") or where)
            return
        for name, part in found.items():
            yield from _unsafe(
                part, str(name) if isinstance(part, Mapping | list) and name != "attack" else where
            )
    elif isinstance(found, list):
        for part in found:
            yield from _unsafe(part, where)


def _site_is_whole(subject: Subject) -> Iterator[str]:
    history = history_of(subject.release, subject.project.folder)
    yield from site_problems(subject.release, subject.place.site, history)


def _papers_hold(subject: Subject) -> Iterator[str]:
    found = publication_papers(subject.place.project, NO_CLOCK, workplace=subject.place.folder)
    yield from (f"The {one}" for one in found)


def _past_is_whole(subject: Subject) -> Iterator[str]:
    published_releases(subject.project.folder)
    yield from ()


CHECKS: dict[str, tuple[str, Check]] = {
    "current": ("The release is what the folder and its deliveries give today.", _is_current),
    "release": ("The release is whole: every file has its digest.", _release_holds),
    "snapshots": ("The snapshots of the registers are as they were made.", _snapshots_hold),
    "protection": ("The protected figures withstood the attack.", _is_protected),
    "papers": ("The signed papers that are required rest on what the folder says now.", _papers_hold),
    "past": ("What was published before is as it was.", _past_is_whole),
    "site": ("The site is that of the release, and its links lead somewhere.", _site_is_whole),
}
"""The checks by id: what holds where one passes, and the check."""
