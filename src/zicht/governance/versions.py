"""Versions of purposes: a text under which data were used is kept beside the purposes, and is never another text afterwards.

    purposes/armoede.yaml               the text of now, with its number
    purposes/versions/armoede.v1.yaml   what version 1 said when a release was made under it

`zicht build` writes the copy when it makes a release; keep it with the project. A purpose whose text differs from the copy of its own version is refused.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from zicht.declare import Document, Project, PurposeFile, read_yaml
from zicht.errors import Place, Problem

FOLDER = "purposes/versions"
"""Where copies of used versions stand in a project folder."""


@dataclass(frozen=True)
class KeptVersion:
    """A version of a purpose under which data were used.

    Attributes:
        purpose: id of the purpose.
        version: its number.
        document: the copy.
    """

    purpose: str
    version: int
    document: Document


def kept_versions(folder: Path) -> tuple[KeptVersion, ...]:
    """The versions that were kept, by purpose and number.

    Args:
        folder: the project folder.

    Raises:
        DeclarationError: a copy that cannot be read.
    """
    found = []
    for path in sorted((folder / FOLDER).glob("*.v*.yaml")):
        purpose, _, number = path.name.removesuffix(".yaml").rpartition(".v")
        if number.isdecimal():
            found.append(KeptVersion(purpose, int(number), read_yaml(path, f"{FOLDER}/{path.name}")))
    return tuple(sorted(found, key=lambda one: (one.purpose, one.version)))


def check_versions(project: Project) -> Iterator[Problem]:
    """Every purpose whose text was changed without a new version, or whose number went back.

    Args:
        project: the project.

    Yields:
        A problem for each key that differs, with its place.

    Raises:
        DeclarationError: a copy that cannot be read.
    """
    kept: dict[str, dict[int, KeptVersion]] = {}
    for one in kept_versions(project.folder):
        kept.setdefault(one.purpose, {})[one.version] = one
    for purpose in project.purposes.values():
        versions = kept.get(purpose.id, {})
        place = project.written["purposes", purpose.id].place("version")
        last = max(versions, default=0)
        if purpose.version < last:
            yield Problem(
                place,
                f"purpose `{purpose.id}` goes back to version {purpose.version}, and version {last} was used.",
                f"A version is never taken up again: write version {last + 1}.",
            )
        elif purpose.version in versions:
            yield from _changed(project, purpose, versions[purpose.version])


def _changed(project: Project, purpose: PurposeFile, kept: KeptVersion) -> Iterator[Problem]:
    written = project.written["purposes", purpose.id]
    now, then = written.document.value, kept.document.value
    if not isinstance(now, Mapping) or not isinstance(then, Mapping):
        yield Problem(Place(kept.document.file), "is no purpose.", "Put the copy back as it was.")
        return
    for key in sorted({*now, *then}):
        if now.get(key) != then.get(key):
            place = written.place(key) if key in now else written.place("version")
            yield Problem(
                place,
                f"`{key}` of purpose `{purpose.id}` is not what version {purpose.version} said when data were used under it ({kept.document.file}).",
                f"Raise `version` to {purpose.version + 1} and set `valid_from`, or put the text back.",
            )


def keep_versions(project: Project) -> tuple[Path, ...]:
    """Keep a copy of each purpose that was not kept in this version.

    Args:
        project: a project without mistakes.

    Returns:
        The copies that were written.
    """
    written = []
    for purpose in project.purposes.values():
        source = project.folder / project.written["purposes", purpose.id].document.file
        copy = project.folder / FOLDER / f"{purpose.id}.v{purpose.version}.yaml"
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            beside = copy.with_name(f".{copy.name}")
            shutil.copyfile(source, beside)
            beside.replace(copy)
            written.append(copy)
    return tuple(written)
