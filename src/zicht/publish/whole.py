"""Whether a site is whole: every file as it was made from the release, every link inside it leading somewhere."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, cast

from zicht.publish.history import History
from zicht.publish.jobs import inputs_of
from zicht.publish.site import NOTHING_BEFORE, RECORD

if TYPE_CHECKING:
    from zicht.release import Release

_LINK = re.compile(rb"""\s(?:href|src)="([^"#?:]+)(?:[#?][^"]*)?\"""")
_MOST = 10  # problems of one kind that are named


def site_problems(release: Release, folder: Path, history: History = NOTHING_BEFORE) -> list[str]:
    """What is wrong with the site of a release.

    Args:
        release: what it is to be made of.
        folder: of the site.
        history: what was public before it.

    Returns:
        A sentence each; nothing where the site is that of the release, whole, and every link in it leads to a file of it.
    """
    try:
        record = json.loads((folder / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return ["There is no finished site; build it."]
    if record.get("inputs") != inputs_of(release, history):
        return ["The site is of another release or made by another version; build it again."]
    jobs = cast("Mapping[str, Mapping[str, Mapping[str, list[object]]]]", record["jobs"])
    files = {path: str(digest) for job in jobs.values() for path, (digest, _) in job["files"].items()}
    return [*_first(_changed(folder, files)), *_first(_dead_links(folder, files))]


def _changed(folder: Path, files: Mapping[str, str]) -> Iterator[str]:
    for path, digest in sorted(files.items()):
        file = folder / path
        if not file.is_file():
            yield f"{path} is not there."
        elif sha256(file.read_bytes()).hexdigest() != digest:
            yield f"{path} was changed after it was made."


def _dead_links(folder: Path, files: Mapping[str, str]) -> Iterator[str]:
    for path in sorted(files):
        if not path.endswith(".html") or path == "404.html" or not (folder / path).is_file():
            continue
        here = posixpath.dirname(path)
        for link in sorted(set(_LINK.findall((folder / path).read_bytes()))):
            target = posixpath.normpath(posixpath.join(here, link.decode()))
            if target not in files and posixpath.normpath(f"{target}/index.html") not in files:
                yield f"{path} links to {link.decode()}, which is not there."


def _first(problems: Iterator[str]) -> list[str]:
    found = list(problems)
    more = [f"And {len(found) - _MOST} more."] if len(found) > _MOST else []
    return [*found[:_MOST], *more]
