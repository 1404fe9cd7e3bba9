"""The folder that the public sees: made of what the decisions say, and of nothing else.

`.zicht/public` holds the site of the published release, or the page that says it was withdrawn, and `besluit.json`: which decision put it
there. Whoever has copied that file can ask later for a log in which it stands. The folder is made beside and moved into place.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from zicht.chain.build import Workplace
from zicht.chain.published import published_releases
from zicht.declare import ProjectFile
from zicht.errors import ZichtError
from zicht.publish import Earlier, History, Notice, publish_notice, publish_site
from zicht.release import Action, Decision, State, standings

PUBLIC = "public"
PROOF = "besluit.json"
SHOWING = (Action.PUBLISH, Action.PUBLISH_UNREVIEWED)  # the decisions after which the public sees a release


def shown_by(decisions: Iterable[Decision]) -> Decision | None:
    """The decision that says what the public sees: the last publication or withdrawal; None before the first."""
    listed = tuple(decisions)
    found = standings(listed)
    on = next((one for one in found.values() if one.state == State.PUBLISHED), None)
    if on is not None:
        return next(one for one in reversed(on.decisions) if one.action in SHOWING)
    return next((one for one in reversed(listed) if one.action == Action.WITHDRAW), None)


def public_history(place: Workplace, decisions: Iterable[Decision]) -> History:
    """What was public before the release that the decisions show; what was withdrawn is not told of.

    Args:
        place: where results are kept.
        decisions: all of the project, in order.

    Raises:
        ZichtError: what was published is not whole any more.
    """
    listed = tuple(decisions)
    shown = shown_by(listed)
    if shown is None or shown.action == Action.WITHDRAW:
        return History()
    days = {digest: dt.date.fromisoformat(at[:10]) for digest, at in _shown_until(listed, shown)}
    kept = {one.digest: one for one in published_releases(place.project)}
    earlier = [Earlier(kept[digest], day) for digest, day in days.items() if digest in kept]
    return History(tuple(earlier), dt.date.fromisoformat(shown.at[:10]))


def _shown_until(decisions: tuple[Decision, ...], shown: Decision) -> Iterator[tuple[str, str]]:
    """Releases that were public before the decision `shown`, with when they last became so; oldest first, each once."""
    states = standings(decisions)
    last = {one.release: one for one in decisions if one.action in SHOWING and one.number < shown.number}
    for one in sorted(last.values(), key=lambda one: one.number):
        if one.release != shown.release and states[one.release].state != State.WITHDRAWN:
            yield one.release, one.at


def is_in_line(place: Workplace, decisions: Iterable[Decision]) -> bool:
    """Whether the public folder shows what `decisions` say, by the proof in it in `place`."""
    listed = tuple(decisions)
    decision = shown_by(listed)
    try:
        said = json.loads((place.folder / PUBLIC / PROOF).read_text("utf-8"))
    except (OSError, ValueError):
        return decision is None
    return decision is not None and said == _proof(decision, listed)


def bring_in_line(place: Workplace, file: ProjectFile, decisions: Iterable[Decision]) -> Path | None:
    """Make the public folder show what the decisions say; nothing is done where it does.

    Args:
        place: where results are kept.
        file: zicht.yaml, for the notice of a withdrawal.
        decisions: all of the project, in order.

    Returns:
        The folder; None where nothing was ever published.

    Raises:
        ZichtError: the published release is not kept, or is not whole.
    """
    listed = tuple(decisions)
    decision = shown_by(listed)
    if decision is None:
        return None
    folder = place.folder / PUBLIC
    if is_in_line(place, listed):
        return folder
    making, old = (place.folder / f".{PUBLIC}-{name}" for name in ("making", "old"))
    for left in (making, old):
        shutil.rmtree(left, ignore_errors=True)
    making.mkdir(parents=True)
    if decision.action == Action.WITHDRAW:
        publish_notice(_notice(file, decision), making)
    else:
        _publish(place, decision, listed, making)
    (making / PROOF).write_text(
        json.dumps(_proof(decision, listed), indent=1, sort_keys=True) + "\n", "utf-8"
    )
    if folder.exists():
        folder.replace(old)
    making.replace(folder)
    shutil.rmtree(old, ignore_errors=True)
    return folder


def _publish(place: Workplace, decision: Decision, decisions: tuple[Decision, ...], folder: Path) -> None:
    kept = [one for one in published_releases(place.project) if one.digest == decision.release]
    if not kept:
        raise ZichtError(
            f"Release {decision.release[:16]} was published and is not in {place.project / 'published'}; put it back."
        )
    publish_site(kept[0], folder, history=public_history(place, decisions))


def _notice(file: ProjectFile, decision: Decision) -> Notice:
    return Notice(
        file.title.nl,
        file.organisation.name,
        file.organisation.email,
        decision.release,
        decision.at[:10],
        decision.reason,
    )


def _proof(decision: Decision, decisions: tuple[Decision, ...]) -> dict[str, object]:
    return {
        "number": decision.number,
        "digest": decision.digest,
        "release": decision.release,
        "action": str(decision.action),
        "at": decision.at,
        "before": [release for release, _ in _shown_until(decisions, decision)],
    }
