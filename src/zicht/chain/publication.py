"""To where the public looks: the site of what was published, and the feed that tells of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from zicht.chain.public import shown_by
from zicht.chain.published import day_of, published_releases
from zicht.chain.review import Desk, public_site
from zicht.chain.signals import entries_of, interpretations_told
from zicht.engine import Progress
from zicht.publish import FEED, Delivered, Issue, SignalNews, base_path, deliver, feed
from zicht.release import Interpretation, Release, State, standings

_FIGURES = "figures/"


def publish_to(at: Desk, target: str, *, progress: Progress | None = None) -> Delivered:
    """Bring what the public is to see to a web server: the site of the release that was published, or the notice of one that was withdrawn.

    What to bring is read from the decisions, so nothing leaves that was not decided to. Once a release was withdrawn, files of earlier releases do
    not stay at the target: they might be of that one.

    Args:
        at: the desk.
        target: a folder, or the address of a place in an object store, such as `s3://bucket/site`.
        progress: told how many files are done, how many there are, and of what.

    Returns:
        What became of the files of the site.

    Raises:
        ZichtError: nothing was published, what was is not whole, or the target cannot be written.
    """
    site = public_site(at)
    decisions = at.decisions()
    states, shown = standings(decisions), shown_by(decisions)
    public = at.public()
    gone = {digest for digest, one in states.items() if one.state == State.WITHDRAWN}
    known = [one for one in published_releases(at.place.project) if one.digest not in gone]
    return deliver(
        site,
        target,
        base=base_path(at.release(shown.release if shown else None)),
        more=None if public is None else {FEED: feed(public, issues(known))},
        keep_versions=not gone,
        progress=None if progress is None else lambda done, total: progress(done, total, "files"),
    )


def issues(releases: Sequence[Release]) -> list[Issue]:
    """What the feed tells of releases that were published.

    Args:
        releases: kept in folders that begin with the day, oldest first.
    """
    found: list[Issue] = []
    before: dict[str, str] = {}
    known: dict[str, Interpretation | None] = {}
    for release in releases:
        figures = {
            name: digest
            for name, digest in cast("Mapping[str, str]", release.manifest["files"]).items()
            if name.startswith(_FIGURES)
        }
        titles = _titles(release)
        changed = [
            titles.get(name.removeprefix(_FIGURES).removesuffix(".parquet"), name)
            for name, digest in sorted(figures.items())
            if before.get(name) != digest
        ]
        found.append(Issue(release.digest, day_of(release), tuple(changed), tuple(_news(release, known))))
        before = figures
    return found


def _news(release: Release, known: dict[str, Interpretation | None]) -> Iterator[SignalNews]:
    """Signals of a release that were not `known` so, which from then on they are."""
    told = interpretations_told(release)
    for entry in entries_of(release, told):
        one = entry.signal
        if one.id not in known or known[one.id] != told.get(one.id):
            known[one.id] = told.get(one.id)
            yield SignalNews(one.id, one.finding, entry.title, one.period, entry.names, told.get(one.id))


def _titles(release: Release) -> dict[str, str]:
    listed = cast("Sequence[Mapping[str, object]]", release.catalogue["indicators"])
    return {str(item["id"]): cast("Mapping[str, str]", item["title"])["nl"] for item in listed}
