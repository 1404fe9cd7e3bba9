"""A project in one file and back: what people wrote, what was delivered in the folder, what was decided, and every release that was published.

A backup is a tar archive compressed with Zstandard. It begins with `backup.json`: the digest of every file in it, the releases and the last decision.
Decisions go in as they are kept, one a line, whichever database holds them. What a build can make again is left out, but for the last release and
those that are public. A backup of a project with deliveries in its folder holds what was delivered, so only its maker may read the file.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

import pyarrow as pa

from zicht.chain.build import FOLDER, Workplace
from zicht.chain.public import bring_in_line
from zicht.chain.review import Desk, desk, verify_decisions
from zicht.engine import digest_of, file_digest
from zicht.errors import Place, Problem, ProblemsError, ZichtError
from zicht.release import Row

FORMAT = 1
MANIFEST, DECISIONS = "backup.json", "decisions.jsonl"
_FOLDER = "project"  # the folder of the archive with the project
_LEFT_OUT = {".git", ".venv", "__pycache__"}
_DATABASE = "decisions/decisions.sqlite"
MAX_MANIFEST = 64 * 2**20


@dataclass(frozen=True)
class Backup:
    """What is in a backup.

    Attributes:
        file: the archive.
        digest: of all that is in it; the same project gives the same.
        files: number of files of the project.
        decisions: number of decisions.
        release: digest of the last release; None where nothing was built.
    """

    file: Path
    digest: str
    files: int
    decisions: int
    release: str | None


def back_up(folder: Path, to: Path, workplace: Path | None = None) -> Backup:
    """Put a project in one file.

    Args:
        folder: the project folder.
        to: the file to make, such as `zicht.tar.zst`; there must be none yet, and not inside the folder.
        workplace: where results are kept; `.zicht` in the folder where left out.

    Returns:
        What is in it.

    Raises:
        DeclarationError: mistakes in the folder.
        ZichtError: the file is there already, or decisions or releases are not whole: a backup of those would replace a good one.
    """
    at = desk(folder, workplace)
    if to.exists():
        raise ZichtError(f"{to} is there already; a backup never replaces another.")
    if to.resolve().is_relative_to(folder.resolve()):
        raise ZichtError(f"{to} lies in the project itself; keep a backup somewhere else.")
    if problems := at.log.verify(at.heads()):
        raise ProblemsError(problems)
    rows = at.log.rows()
    files = dict(_files(at))
    manifest = _manifest(at, files, rows)
    beside = to.with_name(f".{to.name}.making")
    try:
        _write(beside, manifest, files, rows)
        beside.replace(to)
    finally:
        beside.unlink(missing_ok=True)
    return _told(to, manifest)


def restore(file: Path, folder: Path) -> Backup:
    """Put a backup back.

    Args:
        file: made by `back_up`.
        folder: an absent or empty folder for the project.

    Returns:
        What was in it; every digest was held against the file, and the decisions and releases verified.

    Raises:
        ZichtError: the folder holds something, or the file is no backup, or not whole; the folder is then left as it was.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ZichtError(f"{folder} is there already and is not empty; name a new folder.")
    beside = folder.with_name(f".{folder.name}.restoring")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        manifest, rows = _read(file, beside)
        at = desk(beside)
        at.log.restore(rows)
        if problems := [one for one in verify_decisions(at) if one.place.file != "public/"]:
            raise ProblemsError(problems)
        if folder.exists():
            folder.rmdir()
        beside.replace(folder)
        back = desk(folder)
        bring_in_line(back.place, back.project.file, back.decisions())
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return _told(file, manifest)


def _told(file: Path, manifest: Mapping[str, object]) -> Backup:
    release = manifest["release"]
    return Backup(
        file,
        digest_of(manifest),
        len(cast("Mapping[str, str]", manifest["files"])),
        cast("int", manifest["decisions"]),
        None if release is None else str(release),
    )


def _manifest(at: Desk, files: Mapping[str, Path], rows: tuple[Row, ...]) -> dict[str, object]:
    return {
        "format": FORMAT,
        "project": at.project.file.id,
        "files": {name: file_digest(path) for name, path in sorted(files.items())},
        "decisions": len(rows),
        "head": rows[-1].digest if rows else None,
        "release": _last_release(at.place),
    }


def _last_release(place: Workplace) -> str | None:
    try:
        return place.release().digest
    except ZichtError:
        return None


def _files(at: Desk) -> Iterator[tuple[str, Path]]:
    """The files that go in, by their place in the project: what people wrote and got, what is public, the last release."""
    project = at.place.project
    for path in sorted(project.rglob("*")):
        name = path.relative_to(project)
        if path.is_symlink() or not path.is_file() or name.parts[0] == FOLDER or _LEFT_OUT & set(name.parts):
            continue
        if not name.as_posix().startswith(_DATABASE):
            yield name.as_posix(), path
    digest = _last_release(at.place)
    if digest is not None:
        yield f"{FOLDER}/release", at.place.folder / "release"
        for path in sorted(at.place.release().path.rglob("*")):
            if path.is_file():
                yield f"{FOLDER}/{path.relative_to(at.place.folder).as_posix()}", path


def _write(
    to: Path, manifest: Mapping[str, object], files: Mapping[str, Path], rows: tuple[Row, ...]
) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(to, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
    with (
        pa.CompressedOutputStream(str(to), "zstd") as stream,
        tarfile.open(fileobj=stream, mode="w|") as archive,
    ):
        _add(archive, MANIFEST, json.dumps(manifest, sort_keys=True, indent=1).encode())
        _add(archive, DECISIONS, "".join(f"{json.dumps(asdict(row))}\n" for row in rows).encode())
        for name, path in sorted(files.items()):
            with path.open("rb") as file:
                archive.addfile(_info(f"{_FOLDER}/{name}", path.stat().st_size), file)


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    archive.addfile(_info(name, len(data)), io.BytesIO(data))


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with (
            pa.CompressedInputStream(str(file), "zstd") as stream,
            tarfile.open(fileobj=stream, mode="r|") as archive,
        ):
            yield archive
    except (OSError, tarfile.TarError, pa.ArrowException, ValueError, KeyError, TypeError) as error:
        raise ZichtError(f"{file} is no backup of Zicht, or a part of it is lost: {error}.") from error


def _read(file: Path, folder: Path) -> tuple[Mapping[str, object], list[Row]]:
    """Unpack a backup into a new folder, each file held against its digest."""
    manifest: Mapping[str, object] = {}
    rows: list[Row] = []
    problems: list[Problem] = []
    found: set[str] = set()
    with _opened(file) as archive:
        for member in archive:
            data = archive.extractfile(member)
            if data is None:
                raise ZichtError(f"{file} holds `{member.name}`, which is no plain file.")
            if member.name == MANIFEST:
                manifest = _manifest_in(file, data.read(MAX_MANIFEST))
            elif member.name == DECISIONS:
                rows = [Row(**json.loads(line)) for line in data.read().decode().splitlines()]
            else:
                name = _safe_name(file, member.name)
                found.add(name)
                said = cast("Mapping[str, str]", manifest["files"]).get(name)
                if _unpack(data, folder / name) != said:
                    problems.append(Problem(Place(name), "is not as it was backed up."))
        missing = set(cast("Mapping[str, str]", manifest["files"])) - found
        problems += [Problem(Place(name), "is not in the backup any more.") for name in sorted(missing)]
        if len(rows) != manifest["decisions"] or (rows[-1].digest if rows else None) != manifest["head"]:
            problems.append(Problem(Place(DECISIONS), "is not as it was backed up."))
    if problems:
        raise ProblemsError(problems)
    return manifest, rows


def _manifest_in(file: Path, data: bytes) -> Mapping[str, object]:
    manifest = json.loads(data)
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ZichtError(f"{file} is no backup that this version reads.")
    return manifest


def _safe_name(file: Path, name: str) -> str:
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or ".." in path.parts
        or len(path.parts) < 2
        or path.parts[0] != _FOLDER
        or "\\" in name
    ):
        raise ZichtError(f"{file} holds `{name}`, which would be written outside the project.")
    return PurePosixPath(*path.parts[1:]).as_posix()


def _unpack(data: IO[bytes], to: Path) -> str:
    to.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with to.open("wb") as out:
        while chunk := data.read(2**20):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()
