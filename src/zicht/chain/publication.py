"""Publishing to where the public looks: the release is kept as published, its site is whole, and the feed tells of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from zicht.chain.build import Workplace
from zicht.chain.published import mark_published, published_releases
from zicht.engine import Progress
from zicht.publish import FEED, Delivered, Issue, base_path, deliver, feed, publish_site
from zicht.release import Release

_FIGURES = "figures/"


def publish_to(
    folder: Path,
    target: str,
    on: dt.date,
    *,
    workplace: Path | None = None,
    progress: Progress | None = None,
) -> Delivered:
    """Keep the last release of a project as published, and bring its site to a web server.

    The release is kept before anything leaves: what the public may have seen must be reckoned with, even where the way was
    cut half-way. A release that is kept already is brought there again.

    Args:
        folder: the project folder.
        target: a folder, or the address of a place in an object store, such as `s3://bucket/site`.
        on: the day.
        workplace: where results are kept; `.zicht` in the folder where left out.
        progress: told how many files are done, how many there are, and of what.

    Returns:
        What became of the files of the site.

    Raises:
        ZichtError: nothing was built, the release was changed, or the target cannot be written.
    """
    place = Workplace.of(folder, workplace)
    release = place.release()
    if release.digest not in {one.digest for one in published_releases(folder)}:
        mark_published(release, folder, on)
    publish_site(release, place.site)
    return deliver(
        place.site,
        target,
        base=base_path(release),
        more={FEED: feed(release, issues(published_releases(folder)))},
        progress=None if progress is None else lambda done, total: progress(done, total, "files"),
    )


def issues(releases: Sequence[Release]) -> list[Issue]:
    """What the feed tells of releases that were published.

    Args:
        releases: kept in folders that begin with the day, oldest first.
    """
    found: list[Issue] = []
    before: dict[str, str] = {}
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
        found.append(Issue(release.digest, dt.date.fromisoformat(release.path.name[:10]), tuple(changed)))
        before = figures
    return found


def _titles(release: Release) -> dict[str, str]:
    listed = cast("Sequence[Mapping[str, object]]", release.catalogue["indicators"])
    return {str(item["id"]): cast("Mapping[str, str]", item["title"])["nl"] for item in listed}
