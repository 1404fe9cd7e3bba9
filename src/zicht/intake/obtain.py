"""Where a delivery comes from: a local copy, the project folder, the web or StatLine, in that order of cost."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import httpx

from zicht.declare import Format, SourceFile
from zicht.engine import Progress
from zicht.errors import DeliveryError, Place, Problem
from zicht.intake.fetch import client_or_own, download
from zicht.intake.rows import Delivery
from zicht.intake.statline import fetch_statline

_DIGESTS = "digests.json"


def obtain(
    source: SourceFile,
    project_folder: Path,
    local_copies: Path | None,
    cache: Path,
    *,
    progress: Progress | None = None,
    client: httpx.Client | None = None,
) -> Delivery:
    """Have the delivery of a source at hand.

    A local copy is used when it is there, then the file in the project folder. What comes over the network is kept in
    `cache` as a snapshot and not fetched again: a changed table would change figures that were published. To fetch anew,
    remove the snapshot.

    Args:
        source: the source.
        project_folder: the project; files that lead out of it are refused.
        local_copies: folder where copies of public sources may lie, where the project has one.
        cache: folder for snapshots, and for digests of files so that a large file is read for its digest once.
        progress: told how far a fetch is.
        client: asks over HTTP; one of our own where left out.

    Returns:
        The file, with its digest and how it is written.

    Raises:
        DeliveryError: the delivery is nowhere; the message says where it was looked for and what to do.
    """
    place = Place(f"sources/{source.id}.yaml")
    copy = source.local_copy
    copied = None
    if copy is not None and local_copies is not None:
        copied = _inside(local_copies, copy.file, place)
        if copied.is_file():
            return _delivery(copied, copy.format, f"{local_copies.name}/{copy.file}", {}, cache)
    looked = f" There is no local copy at {copied} either." if copied else ""
    origin = source.origin
    if origin.file is not None:
        path = _inside(project_folder, origin.file, place)
        if not path.is_file():
            raise DeliveryError.at(
                place, f"source `{source.id}` is not there: no file {origin.file} in the project folder ({project_folder}).{looked}",
                "Put the delivery there.",
            )  # fmt: skip
        return _delivery(path, source.format, origin.file, {}, cache)
    try:
        return _fetched(source, cache, progress, client)
    except DeliveryError as error:
        remedy = (
            f"Connect to the internet, or put a copy at {copied}." if copied else "Connect to the internet."
        )
        raise DeliveryError(
            Problem(
                place, f"source `{source.id}` is not there: {problem.place} {problem.what}{looked}", remedy
            )
            for problem in error.problems
        ) from error


def _fetched(
    source: SourceFile, cache: Path, progress: Progress | None, client: httpx.Client | None
) -> Delivery:
    origin = source.origin
    with client_or_own(client) as asking:
        if origin.statline is not None:
            folder = cache / "statline"
            folder.mkdir(parents=True, exist_ok=True)
            path = fetch_statline(origin.statline, folder, client=asking, progress=progress)
            shown = f"StatLine {origin.statline.table}"
            found = _delivery(path, Format(kind="parquet"), shown, dict(origin.statline.columns), cache)
            return replace(found, origin="statline")
        url = origin.url or ""
        kept = cache / "downloads"
        note = kept / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"
        snapshot = _kept(note, kept)
        if snapshot is None:
            snapshot, digest = download(asking, url, kept, Place(url), progress=progress)
            note.write_text(json.dumps({"url": url, "sha256": digest, "file": snapshot.name}) + "\n", "utf-8")
    return _delivery(snapshot, source.format, url, {}, cache)


def _kept(note: Path, folder: Path) -> Path | None:
    try:
        found = json.loads(note.read_text("utf-8"))
        path = folder / str(found["sha256"]) / str(found["file"])
    except (OSError, ValueError, KeyError):
        return None
    return path if path.is_file() else None


def _inside(folder: Path, relative: str, place: Place) -> Path:
    """A path within a folder; one that leads out of it, by `..` or by a link, is refused."""
    if "\0" in relative:
        raise DeliveryError.at(place, "names a file with a NUL in it; that is refused.")
    path = folder / relative
    try:
        fits = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError) as error:
        raise DeliveryError.at(
            place, f"names the file {relative}, which cannot be followed ({error})."
        ) from error
    if not fits:
        raise DeliveryError.at(
            place,
            f"names the file {relative}, which lies outside {folder}.",
            "Put the file itself in the folder.",
        )
    return path


def _delivery(path: Path, format_: Format, shown: str, rename: Mapping[str, str], cache: Path) -> Delivery:
    try:
        return Delivery(path, format_, shown, rename, _digest(path, cache))
    except OSError as error:
        raise DeliveryError.at(Place(shown), f"cannot be read ({error.strerror or error}).") from error


def _digest(path: Path, cache: Path) -> str:
    """SHA-256 of a file; read once as long as size, time and inode stay what they were."""
    known = _digests(cache)
    state = path.stat()
    mark = [state.st_size, state.st_mtime_ns, state.st_ino]
    key = str(path.resolve())
    entry = known.get(key)
    if isinstance(entry, list) and entry[:3] == mark and len(entry) == 4:
        return str(entry[3])
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    cache.mkdir(parents=True, exist_ok=True)
    part = cache / f"{_DIGESTS}.part"
    part.write_text(json.dumps({**known, key: [*mark, digest]}, indent=1, sort_keys=True) + "\n", "utf-8")
    part.replace(cache / _DIGESTS)
    return digest


def _digests(cache: Path) -> dict[str, object]:
    try:
        found = json.loads((cache / _DIGESTS).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def delivered_at(cache: Path) -> Mapping[str, dt.datetime]:
    """When deliveries were put in place, as far as their files tell, by digest.

    Args:
        cache: the folder given to `obtain`.

    Returns:
        By SHA-256 of the delivery, the time of its file (UTC).
    """
    found: dict[str, dt.datetime] = {}
    for entry in _digests(cache).values():
        if isinstance(entry, list) and len(entry) == 4:
            found[str(entry[3])] = dt.datetime.fromtimestamp(int(entry[1]) / 1e9, dt.UTC)
    return found
