"""What people do with a release, one function a deed: submit, review, approve, send back, publish, withdraw, verify.

A web workspace calls the same functions as the command. Each takes who acts and when from outside; nothing here reads the clock or the account.
"""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from zicht.chain.build import Workplace
from zicht.chain.public import bring_in_line, is_in_line
from zicht.chain.published import FOLDER as PUBLISHED
from zicht.chain.published import mark_published, published_releases
from zicht.chain.review_checks import CheckResult, Subject, run_checks
from zicht.declare import Project, read_project
from zicht.errors import Place, Problem, ZichtError
from zicht.release import (
    Action,
    Actor,
    Decision,
    DecisionLog,
    Head,
    Release,
    Standing,
    State,
    Wish,
    decide,
    open_release,
    published,
    read_heads,
    standings,
    verify_release,
    write_head,
)

HEAD_FILE = "decisions.json"  # beside what is published: which decision was the last when it was published


@dataclass(frozen=True)
class Desk:
    """A project with its releases and the decisions about them; made by `desk`.

    Attributes:
        project: what is declared.
        place: where results are kept.
        log: the decisions.
    """

    project: Project
    place: Workplace
    log: DecisionLog

    def heads(self) -> list[Head]:
        """The last decision when something was last published, as is kept beside that.

        Raises:
            ZichtError: the file cannot be read.
        """
        return read_heads(self.place.project / PUBLISHED / HEAD_FILE)

    def decisions(self) -> tuple[Decision, ...]:
        """All decisions, in order.

        Raises:
            ZichtError: the log is not whole.
        """
        return self.log.decisions(self.heads())

    def standing(self, digest: str) -> Standing:
        """Where the release with a `digest` stands.

        Raises:
            ZichtError: the log is not whole.
        """
        return standings(self.decisions()).get(digest, Standing(digest))

    def release(self, digest: str | None = None) -> Release:
        """A release that was built or published; the last that was built where no `digest`, or start of one, is given.

        Raises:
            ZichtError: there is no such release, or several begin so.
        """
        if digest is None:
            return self.place.release()
        found = {one.digest: one for one in self._releases() if one.digest.startswith(digest.lower())}
        if len(found) != 1:
            raise ZichtError(
                f"No release has a digest that begins with {digest}."
                if not found
                else f"{len(found)} releases begin with {digest}; give more of the digest."
            )
        return next(iter(found.values()))

    def public(self) -> Release | None:
        """The release that the public sees; None where there is none.

        Raises:
            ZichtError: the log is not whole, or what was published is not.
        """
        shown = published(self.decisions())
        return None if shown is None else self.release(shown.release)

    def _releases(self) -> Iterator[Release]:
        for folder in (self.place.project / PUBLISHED, self.place.folder / "releases"):
            for path in sorted(folder.glob("[!.]*")):
                if (path / "release.json").is_file():
                    yield open_release(path)


def desk(folder: Path, workplace: Path | None = None) -> Desk:
    """The desk of a project.

    Args:
        folder: the project folder.
        workplace: where results are kept; `.zicht` in the folder where left out.

    Raises:
        DeclarationError: mistakes in the folder.
        ZichtError: the database of its decisions cannot be reached.
    """
    project = read_project(folder)
    review = project.file.review
    return Desk(
        project,
        Workplace.of(folder, workplace),
        DecisionLog(project.file.id, folder, None if review is None else review.database),
    )


def actor(at: Desk, account: str, person: str | None = None) -> Actor:
    """Who acts.

    Args:
        at: the desk.
        account: name of the account on the machine, as the operating system gives it.
        person: id of the person; found by account where left out.

    Raises:
        ZichtError: there is no such person, or the account is nobody's.
    """
    review = at.project.file.review
    if review is None or review.none is not None:
        if person is not None:
            raise ZichtError(f"zicht.yaml declares nobody who decides, so nobody can act as `{person}`.")
        return Actor(None, account)
    if person is None:
        found = next((one for one in review.people if one.account == account), None)
        if found is None:
            raise ZichtError(
                f"No person in zicht.yaml has the account `{account}`; say with --as who you are."
            )
        return Actor(found, account)
    found = review.person(person)
    if found is None:
        ids = [one.id for one in review.people]
        near = difflib.get_close_matches(person, ids, n=1)
        raise ZichtError(
            f"`{person}` is not declared in zicht.yaml; "
            + (f"did you mean `{near[0]}`?" if near else f"there are {', '.join(ids)}.")
        )
    return Actor(found, account)


def check_release(at: Desk, release: Release) -> tuple[CheckResult, ...]:
    """What the automatic checks find of a release.

    Args:
        at: the desk.
        release: which one.
    """
    return run_checks(Subject(at.project, at.place, release))


def submit(at: Desk, who: Actor, when: datetime, reason: str = "") -> tuple[Decision, ...]:
    """Check the last build, and ask for review of it.

    Args:
        at: the desk.
        who: acts, a maker.
        when: the moment.
        reason: what reviewers should know.

    Returns:
        The decisions: that it was checked and that it was submitted.

    Raises:
        ZichtError: a check fails, or who acts may not do this.
    """
    release = at.release()
    wishes = [
        _wish(at, release, Action.CHECK, who, when, evidence=_checked(at, release)),
        _wish(at, release, Action.SUBMIT, who, when, reason),
    ]
    return decide(at.log, at.project.file.review, wishes, at.heads())


def judge(
    at: Desk, action: Action, who: Actor, when: datetime, digest: str | None = None, reason: str = ""
) -> Decision:
    """Review a release, approve it, or send it back.

    Args:
        at: the desk.
        action: `REVIEW`, `APPROVE` or `RETURN`.
        who: acts.
        when: the moment.
        digest: of the release, or the start of it; the last build where left out.
        reason: why; needed to send it back.

    Returns:
        The decision.

    Raises:
        ZichtError: the release is not whole any more, or who acts may not do this, or not now.
    """
    release = at.release(digest)
    _refuse_changed(release)
    wish = _wish(at, release, action, who, when, reason)
    return decide(at.log, at.project.file.review, [wish], at.heads())[-1]


def publish(at: Desk, who: Actor, when: datetime, digest: str | None = None, reason: str = "") -> Decision:
    """Let the public see a release: keep it in `published/`, and make the public site of it.

    Args:
        at: the desk.
        who: acts, a publisher.
        when: the moment, in the time zone in which the day of publication is named.
        digest: of the release, or the start of it; the last build where left out.
        reason: what is to be kept with the decision.

    Returns:
        The decision.

    Raises:
        ZichtError: the release was not approved, not protected together with what is public, or is not whole; or who acts may not do this.
    """
    release = at.release(digest)
    _refuse_changed(release)
    _refuse_instead_of_approved(at, release)
    review = at.project.file.review
    wishes = [_wish(at, release, Action.PUBLISH, who, when, reason)]
    if (
        review is not None
        and review.none is not None
        and at.standing(release.digest).state != State.SUPERSEDED
    ):
        wishes = [
            _wish(at, release, Action.CHECK, who, when, evidence=_checked(at, release)),
            _wish(at, release, Action.PUBLISH_UNREVIEWED, who, when, reason or review.none),
        ]
    # Kept first: where something stops between the two, protection reckons with a release too many, never with one too few.
    kept = None if _is_kept(at, release) else mark_published(release, at.place.project, when.date())
    try:
        decision = decide(at.log, review, wishes, at.heads())[-1]
    except ZichtError:
        if kept is not None:
            shutil.rmtree(kept)
        raise
    _tell(at, decision)
    return decision


def withdraw(at: Desk, who: Actor, when: datetime, reason: str, digest: str | None = None) -> Decision:
    """Take a release off the site at once. It stays in `published/`: what it showed cannot be taken back.

    Args:
        at: the desk.
        who: acts.
        when: the moment.
        reason: why; the public reads it.
        digest: of the release, or the start of it; the one that the public sees where left out.

    Returns:
        The decision.

    Raises:
        ZichtError: there is nothing to withdraw, or who acts may not do this.
    """
    release = at.release(digest) if digest is not None else at.public()
    if release is None:
        raise ZichtError("The public sees no release, so there is nothing to withdraw.")
    wish = _wish(at, release, Action.WITHDRAW, who, when, reason)
    decision = decide(at.log, at.project.file.review, [wish], at.heads())[-1]
    _tell(at, decision)
    return decision


def verify_decisions(at: Desk) -> tuple[Problem, ...]:
    """What is wrong with the decisions, with what was published on them, or with what the public sees.

    Args:
        at: the desk.

    Returns:
        A problem each; nothing where all holds.

    Raises:
        ZichtError: the decisions cannot be reached.
    """
    found = [*at.log.verify(at.heads())]
    if found:
        return tuple(found)
    decisions = at.decisions()
    shown = {State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN}
    decided = {digest for digest, one in standings(decisions).items() if one.state in shown}
    kept: set[str] = set()
    for path in sorted((at.place.project / PUBLISHED).glob("[!.]*/release.json")):
        verification = verify_release(path.parent)
        kept.add(open_release(path.parent).digest)
        found += [
            Problem(Place(f"{path.parent.name}/{p.place}"), p.what, p.remedy) for p in verification.problems
        ]
    found += [
        Problem(Place(f"{PUBLISHED}/"), f"holds release {digest[:16]}, and no decision published it.")
        for digest in sorted(kept - decided)
    ]
    found += [
        Problem(Place(f"{PUBLISHED}/"), f"does not hold release {digest[:16]}, which was published.")
        for digest in sorted(decided - kept)
    ]
    if not found and not is_in_line(at.place, decisions):
        found.append(
            Problem(
                Place("public/"),
                "shows something else than was decided.",
                "`zicht serve --public` makes it anew.",
            )
        )
    return tuple(found)


def public_site(at: Desk) -> Path:
    """The folder that the public is to see, brought in line with the decisions.

    Args:
        at: the desk.

    Raises:
        ZichtError: nothing was published yet, or what was is not whole.
    """
    folder = bring_in_line(at.place, at.project.file, at.decisions())
    if folder is None:
        raise ZichtError("Nothing was published yet; see `zicht release show`.")
    return folder


def _wish(
    at: Desk,
    release: Release,
    action: Action,
    who: Actor,
    when: datetime,
    reason: str = "",
    evidence: dict[str, object] | None = None,
) -> Wish:
    # What goes off the site must go, also where something that was published is not whole any more.
    public = [] if action == Action.WITHDRAW else published_releases(at.place.project)
    beside = [one.digest for one in public if one.digest != release.digest]
    return Wish(action, release.digest, who, when, reason, evidence or {}, beside)


def _checked(at: Desk, release: Release) -> dict[str, object]:
    results = check_release(at, release)
    failed = [f"{one.id}: {problem}" for one in results for problem in one.problems]
    if failed:
        raise ZichtError(
            f"Release {release.digest[:16]} does not pass the automatic checks:\n" + "\n".join(failed)
        )
    return {"checks": [one.id for one in results]}


def _refuse_changed(release: Release) -> None:
    problems = verify_release(release.path).problems
    if problems:
        raise ZichtError(
            f"Release {release.digest[:16]} was changed after it was made: {problems[0]} Build again."
        )


def _refuse_instead_of_approved(at: Desk, release: Release) -> None:
    approved = [one for one in standings(at.decisions()).values() if one.state == State.APPROVED]
    standing = at.standing(release.digest)
    if approved and standing.state in (State.CANDIDATE, State.CHECKED):
        raise ZichtError(
            f"What was approved is release {approved[-1].release[:16]}; the last build is another, {release.digest[:16]}, for which that approval does not count. "
            f"Submit it, or publish the approved one by its digest."
        )


def _is_kept(at: Desk, release: Release) -> bool:
    return any(one.digest == release.digest for one in published_releases(at.place.project))


def _tell(at: Desk, decision: Decision) -> None:
    """Let the public folder and the note beside what is published follow a decision."""
    write_head(at.place.project / PUBLISHED / HEAD_FILE, decision)
    bring_in_line(at.place, at.project.file, at.decisions())


def states_of(at: Desk) -> Sequence[Standing]:
    """Where every release stands about which something was decided, and the last build.

    Args:
        at: the desk.

    Raises:
        ZichtError: the log is not whole.
    """
    found = standings(at.decisions())
    try:
        last = at.release().digest
    except ZichtError:
        return list(found.values())
    return list({**found, last: found.get(last, Standing(last))}.values())
