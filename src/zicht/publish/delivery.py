"""Bring a site to where the public sees it: a folder of a web server, or an object store.

A folder is made whole beside the one that is served and then takes its place, so that a visitor sees the old site or the
new one. What did not change is linked, not written. In a folder every text has a brotli and a gzip twin, which nginx and
Caddy send as they are.

An object store has no such move. There, files with a digest in their name go first and the start page last, and what is no
longer of the site is removed after that; only files that changed are sent, several at a time. A delivery that was cut off goes on
near where it was. A store has no twins either: what stands before it compresses by itself.

Files in `v/` are named by their own bytes. Those of earlier releases stay, so that a reference to a figure holds.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Protocol, cast

from zicht.errors import ZichtError
from zicht.publish.headers import LASTING, allow_background, has_background, headers_for, type_of
from zicht.publish.hosting import caddy, nginx, static_host
from zicht.publish.packing import is_packed, with_brotli, with_gzip

RECORD = ".zicht-delivered.json"
"""What a target holds, by path the digest of each file."""
VERSIONS = "v/"
HOSTING = ".hosting/"
"""Folder with configuration for web servers; they do not serve it."""
WELL_KNOWN = ".well-known"
"""The one folder with a dot that the public may read (RFC 8615)."""
STORES = ("s3", "gs", "az", "abfs")
"""Schemes of addresses of object stores."""
_MEMORY = "memory"  # a store of fsspec itself, for trying
_THREADS = 4
_LINES = 16  # files on their way to a store at the same time
_AT_ONCE = 64  # files sent to a store before progress is told
_PARTS = 10  # times at most that the record of a store is brought up to date while files are sent
_HERE, _SWAP = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux

Progress = Callable[[int, int], None]
Digests = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the files of a site that was delivered; twins and configuration are not counted.

    Attributes:
        target: where the site is.
        written: files that are new or changed.
        kept: files that were there already.
        removed: files that are no longer of the site.
        versions: files of earlier releases that stay.
    """

    target: str
    written: int
    kept: int
    removed: int
    versions: int


class ObjectStore(Protocol):
    """What is needed of a file system of fsspec."""

    def exists(self, path: str) -> bool:
        """Whether something is there."""

    def cat_file(self, path: str) -> bytes:
        """The bytes of a file."""

    def pipe_file(self, path: str, value: bytes, **kwargs: str) -> object:
        """Write a file."""

    def rm_file(self, path: str) -> object:
        """Remove a file."""

    def find(self, path: str) -> Sequence[str]:
        """All files below a path."""


def deliver(
    site: Path,
    target: str,
    *,
    base: str = "/",
    more: Mapping[str, bytes] | None = None,
    keep_versions: bool = True,
    progress: Progress | None = None,
) -> Delivered:
    """Bring a site to a folder or an object store.

    Args:
        site: a folder with a site; files and folders whose names begin with a dot stay behind, but for `.well-known`.
        target: a folder, or the address of a place in an object store, such as `s3://bucket/site`.
        base: the path at which the site will stand on its host.
        more: files to put in, or in the place of those of the site, by path.
        keep_versions: whether files in `v/` of earlier releases stay.
        progress: told how many files are done and how many there are.

    Returns:
        What became of the files.

    Raises:
        ZichtError: there is no site, the target holds something else or cannot be written, or a library is missing.
    """
    sources = _sources(site, more or {})
    if "index.html" not in sources:
        raise ZichtError(f"{site} holds no site; build one first.")
    allowed = allow_background if has_background(sources) else str
    sources["_headers"] = allowed(static_host(base, sources)).encode()
    tell = progress or (lambda _done, _total: None)
    try:
        if "://" in target:
            return _to_store(sources, target, keep_versions, tell)
        config = {
            f"{HOSTING}nginx.conf": allowed(nginx(base)).encode(),
            f"{HOSTING}Caddyfile": allowed(caddy(base)).encode(),
        }
        return _to_folder(sources, config, Path(target), keep_versions, tell)
    except OSError as error:
        raise ZichtError(f"The site cannot be put in {target}: {error.strerror or error}.") from error
    except _library_errors() as error:
        raise ZichtError(
            f"The site cannot be put in {target}: {error}. Check the address, and the keys where the library for it looks."
        ) from error


def _library_errors() -> tuple[type[Exception], ...]:
    """What the library for S3 raises that is not an `OSError`: no keys, no server, no such region."""
    try:
        from botocore.exceptions import BotoCoreError
    except ImportError:
        return ()
    return (BotoCoreError,)


def _sources(site: Path, more: Mapping[str, bytes]) -> dict[str, Path | bytes]:
    found: dict[str, Path | bytes] = {}
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        hidden = any(part.startswith(".") and part != WELL_KNOWN for part in name.split("/"))
        if path.is_file() and not hidden:
            found[name] = path
    return {**found, **more}


def _bytes(source: Path | bytes) -> bytes:
    return source if isinstance(source, bytes) else source.read_bytes()


def _digests(sources: Mapping[str, Path | bytes]) -> dict[str, str]:
    return {path: sha256(_bytes(source)).hexdigest() for path, source in sources.items()}


def _record(digests: Digests) -> bytes:
    return (json.dumps({"files": digests}, sort_keys=True, indent=0) + "\n").encode()


def _read_record(data: bytes | None, target: str) -> dict[str, str]:
    """What a target holds; nothing where it is new.

    Raises:
        ZichtError: its record cannot be read.
    """
    if data is None:
        return {}
    try:
        return cast("dict[str, str]", json.loads(data)["files"])
    except (ValueError, KeyError, TypeError) as error:
        raise ZichtError(
            f"{target}/{RECORD} cannot be read, so what stands there is not known. Empty the target and deliver again."
        ) from error


def _versions(before: Digests, digests: Digests, keep: bool) -> dict[str, str]:
    """Files of earlier releases that stay."""
    return {
        path: digest
        for path, digest in before.items()
        if keep and path.startswith(VERSIONS) and path not in digests
    }


# ---- a folder


def _to_folder(
    sources: Mapping[str, Path | bytes],
    config: Mapping[str, bytes],
    target: Path,
    keep: bool,
    tell: Progress,
) -> Delivered:
    target = target.absolute()
    beside, old = (target.with_name(f".{target.name}.{name}") for name in ("new", "old"))
    if old.exists() and not target.exists():
        old.replace(target)  # a run was killed between its two moves
    for left in (beside, old):
        shutil.rmtree(left, ignore_errors=True)
    before = _in_folder(target)
    digests = _digests(sources)
    versions = _versions(before, digests, keep)
    same = {path for path, digest in digests.items() if before.get(path) == digest}
    beside.mkdir(parents=True)

    def put(path: str) -> bool:
        if path in same and _link(target, beside, path):
            return False
        _write(beside, path, _bytes(sources[path]))
        return True

    written = 0
    with ThreadPoolExecutor(_THREADS) as pool:
        for done, new in enumerate(pool.map(put, digests), 1):
            written += new
            tell(done, len(digests))
    stay = {path: digest for path, digest in versions.items() if _link(target, beside, path)}
    for path, data in {**config, RECORD: _record({**digests, **stay})}.items():
        _place(beside / path, data)
    _take_place(beside, target, old)
    gone = before.keys() - digests.keys() - stay.keys()
    return Delivered(str(target), written, len(digests) - written, len(gone), len(stay))


def _in_folder(target: Path) -> dict[str, str]:
    record = target / RECORD
    if record.is_file():
        return _read_record(record.read_bytes(), str(target))
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ZichtError(
            f"{target} holds something that Zicht did not put there; give a new or empty folder."
        )
    return {}


def _twins(path: str) -> tuple[str, str]:
    return f"{path}.br", f"{path}.gz"


def _link(target: Path, beside: Path, path: str) -> bool:
    """Let a file of the old folder, and its twins, stand in the new one too."""
    found = [target / name for name in (path, *_twins(path))]
    if not found[0].is_file() or (is_packed(path, found[0].stat().st_size) and not found[1].is_file()):
        return False
    for file in found:
        if file.is_file():
            to = beside / file.relative_to(target)
            to.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(file, to)
            except OSError:  # a file system without links
                shutil.copy2(file, to)
    return True


def _write(folder: Path, path: str, data: bytes) -> None:
    _place(folder / path, data)
    if is_packed(path, len(data)):
        brotli, gzip = _twins(path)
        _place(folder / brotli, with_brotli(path, data))
        _place(folder / gzip, with_gzip(data))


def _place(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def _take_place(beside: Path, target: Path, old: Path) -> None:
    """Put a folder in the place of another, in one step where the system can."""
    if not target.exists():
        beside.replace(target)
        return
    if _exchange(beside, target):
        beside.replace(old)
    else:
        target.replace(old)
        beside.replace(target)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step (Linux `renameat2`); False where that is not known or not possible."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    done: int = rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _SWAP)
    return done == 0


# ---- an object store


def _to_store(
    sources: Mapping[str, Path | bytes],
    target: str,
    keep: bool,
    tell: Progress,
) -> Delivered:
    store, root = _open(target)
    before = _in_store(store, root, target)
    digests = _digests(sources)
    versions = _versions(before, digests, keep)
    due = sorted((path for path, digest in digests.items() if before.get(path) != digest), key=_turn)
    gone = sorted(before.keys() - digests.keys() - versions.keys())
    there = dict(before)
    done = 0
    with ThreadPoolExecutor(_LINES) as pool:
        for part in _parts(due):
            # The record says nothing of files that are being replaced: a run that is killed sends those of this part anew.
            there |= dict.fromkeys(part, "")
            store.pipe_file(f"{root}/{RECORD}", _record(there))
            for paths in _batches(part):
                list(pool.map(lambda path: _send(store, root, path, sources[path]), paths))
                done += len(paths)
                tell(done, len(due))
            there |= {path: digests[path] for path in part}
        list(pool.map(lambda path: _remove(store, root, path), gone))
    store.pipe_file(f"{root}/{RECORD}", _record({**digests, **versions}))
    return Delivered(target, len(due), len(digests) - len(due), len(gone), len(versions))


def _in_store(store: ObjectStore, root: str, target: str) -> dict[str, str]:
    record = f"{root}/{RECORD}"
    if store.exists(record):
        return _read_record(store.cat_file(record), target)
    if store.find(root):
        raise ZichtError(f"{target} holds something that Zicht did not put there; give an empty place.")
    return {}


def _parts(due: Sequence[str]) -> Iterator[Sequence[str]]:
    """Files between which the record of a store is brought up to date."""
    size = max(-(-len(due) // _PARTS), _AT_ONCE)
    yield from (due[at : at + size] for at in range(0, len(due), size))


def _batches(part: Sequence[str]) -> Iterator[Sequence[str]]:
    """Files in the order in which they go, no more at once than are told of together, and never those of two turns."""
    for _, turn in groupby(part, key=lambda path: _turn(path)[0]):
        paths = list(turn)
        yield from (paths[at : at + _AT_ONCE] for at in range(0, len(paths), _AT_ONCE))


def _turn(path: str) -> tuple[int, str]:
    """The order in which files go: what pages need first, the start page last."""
    if path.startswith(LASTING):
        return 0, path
    return (3 if path == "index.html" else 2 if path.endswith(".html") else 1), path


def _send(store: ObjectStore, root: str, path: str, source: Path | bytes) -> None:
    said = {"ContentType": type_of(path), "CacheControl": headers_for(path)["Cache-Control"]}
    store.pipe_file(f"{root}/{path}", _bytes(source), **said)


def _remove(store: ObjectStore, root: str, path: str) -> None:
    if store.exists(f"{root}/{path}"):
        store.rm_file(f"{root}/{path}")


def _open(target: str) -> tuple[ObjectStore, str]:
    scheme, _, rest = target.partition("://")
    if "@" in rest.partition("/")[0]:
        raise ZichtError(
            "An address with a name or a key in it is not taken, for others can read it. Give the keys where the library looks for them."
        )
    if scheme not in (*STORES, _MEMORY):
        raise ZichtError(
            f"{target} is no folder and no object store; give the path of a folder, or an address that begins with "
            f"{', '.join(f'{one}://' for one in STORES)}."
        )
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise ZichtError(
            "To publish to an object store, install Zicht with it: pip install 'zicht[s3]'."
        ) from error
    try:
        store, root = url_to_fs(target)
    except (ImportError, ValueError) as error:
        raise ZichtError(f"{target} cannot be reached: {error}") from error
    return cast("ObjectStore", store), str(root).rstrip("/")
