"""A release as a folder: Parquet and JSON, every file named with its digest in `release.json`.

    release.json                 format, project, division, languages, the digest of every file, and of these the digest of the release
    catalogue.json               what the public should know: titles, explanations, sources, products
    areas.parquet                code, name, level, parent, division
    boundaries/<level>.parquet   code, geometry (WKB, EPSG:28992)
    figures/<indicator>.parquet  protected figures
    findings.parquet             what stands out in them, where a product declares it
    points/<indicator>.parquet   x, y of public objects that a map shows, where an indicator declares them
    places.parquet               where the places lie that findings choose, where there are any
    evidence/<name>.json         how deliveries were checked, figures protected, sums compared, and what each figure rests on

Nothing in it depends on the clock or the machine: the same project and data give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq

from zicht.engine import digest_of, files_in
from zicht.errors import Place, Problem, ZichtError
from zicht.release.protected import ProtectedFigures, PublicFindings, PublicPoints

FORMAT = 1
MANIFEST = "release.json"
FINDINGS = "findings.parquet"
PLACES = "places.parquet"


@dataclass(frozen=True)
class Content:
    """What goes into a release.

    Attributes:
        catalogue: what JSON can hold; see the module for the keys that `publish` reads.
        areas: code, name, level, parent, division.
        boundaries: by level: code, geometry (WKB in EPSG:28992).
        figures: one a published indicator.
        evidence: by name, what JSON can hold.
        findings: what stands out in the figures; None where no product asks it.
        points: of the indicators whose maps show public objects.
    """

    catalogue: Mapping[str, object]
    areas: pa.Table
    boundaries: Mapping[str, pa.Table]
    figures: Iterable[ProtectedFigures]
    evidence: Mapping[str, object]
    findings: PublicFindings | None = None
    points: Iterable[PublicPoints] = ()


@dataclass(frozen=True)
class Verification:
    """Whether a release is what its manifest says.

    Attributes:
        digest: the digest that its files give now.
        files: how many files were read.
        problems: what differs, each with the file.
    """

    digest: str
    files: int
    problems: tuple[Problem, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing differs."""
        return not self.problems


@dataclass(frozen=True)
class Release:
    """An open release; made by `open_release`.

    Attributes:
        path: its folder.
        manifest: what `release.json` says.
    """

    path: Path
    manifest: Mapping[str, object]

    @property
    def digest(self) -> str:
        """The digest that names this release."""
        return str(self.manifest["digest"])

    @cached_property
    def catalogue(self) -> Mapping[str, object]:
        """Titles, explanations, sources, products.

        Raises:
            ZichtError: the file is not there or cannot be read.
        """
        return _read_json(self.path / "catalogue.json")

    def areas(self) -> pa.Table:
        """The areas: code, name, level, parent, division.

        Raises:
            ZichtError: the file is not there or cannot be read.
        """
        return _read_table(self.path / "areas.parquet")

    def boundaries(self, level: str) -> pa.Table | None:
        """The polygons of a level: code, geometry (WKB, EPSG:28992); None where it has none.

        Raises:
            ZichtError: the file cannot be read.
        """
        path = self.path / "boundaries" / f"{level}.parquet"
        return _read_table(path) if path.is_file() else None

    def figures(self, indicator: str) -> pa.Table:
        """The protected figures of one indicator.

        Args:
            indicator: its id.

        Raises:
            KeyError: the release has no such indicator.
            ZichtError: the file is not there or cannot be read.
        """
        path = self.path / "figures" / f"{indicator}.parquet"
        if f"figures/{indicator}.parquet" not in cast("Mapping[str, str]", self.manifest["files"]):
            raise KeyError(indicator)
        return _read_table(path)

    def findings(self) -> pa.Table | None:
        """What stands out in the figures, with the columns of `zicht.findings.FINDINGS`; None where no product asks it.

        Raises:
            ZichtError: the file cannot be read.
        """
        path = self.path / FINDINGS
        return _read_table(path) if path.is_file() else None

    def places(self) -> pa.Table | None:
        """Where the places lie that findings choose, with the columns of `zicht.findings.PLACES`; None where there are none.

        Raises:
            ZichtError: the file cannot be read.
        """
        path = self.path / PLACES
        return _read_table(path) if path.is_file() else None

    def points(self, indicator: str) -> pa.Table | None:
        """Where the public objects of an indicator stand, with the columns of `POINTS`; None where it declares none.

        Raises:
            ZichtError: the file cannot be read.
        """
        path = self.path / "points" / f"{indicator}.parquet"
        return _read_table(path) if path.is_file() else None

    def evidence(self, name: str) -> Mapping[str, object]:
        """One part of the evidence.

        Args:
            name: which part, such as `protection`.

        Returns:
            What the part holds; empty where there is none.

        Raises:
            ZichtError: the file cannot be read.
        """
        path = self.path / "evidence" / f"{name}.json"
        return _read_json(path) if path.is_file() else {}


def write_release(
    content: Content, folder: Path, *, project: str, division: int, languages: Iterable[str]
) -> str:
    """Write a release into an empty folder.

    Args:
        content: what goes in.
        folder: an empty folder.
        project: id of the project.
        division: year of the area division.
        languages: those of its texts.

    Returns:
        The digest that names the release.
    """
    _write_json(folder / "catalogue.json", content.catalogue)
    _write_table(folder / "areas.parquet", content.areas)
    for level, table in content.boundaries.items():
        _write_table(folder / "boundaries" / f"{level}.parquet", table)
    for figures in content.figures:
        _write_table(folder / "figures" / f"{figures.indicator}.parquet", figures.table)
    if content.findings is not None:
        _write_table(folder / FINDINGS, content.findings.table)
        if content.findings.places is not None and content.findings.places.num_rows:
            _write_table(folder / PLACES, content.findings.places)
    for points in content.points:
        _write_table(folder / "points" / f"{points.indicator}.parquet", points.table)
    for name, evidence in content.evidence.items():
        _write_json(folder / "evidence" / f"{name}.json", evidence)
    manifest = {
        "format": FORMAT,
        "project": project,
        "division": division,
        "languages": list(languages),
        "files": files_in(folder),
    }
    digest = digest_of(manifest)
    _write_json(folder / MANIFEST, {**manifest, "digest": digest})
    return digest


def open_release(path: Path) -> Release:
    """Open a release folder.

    Args:
        path: the folder.

    Returns:
        The release. Its files are not read yet; `verify_release` does that.

    Raises:
        ZichtError: it is no release, or one of a newer format.
    """
    manifest = _read_json(path / MANIFEST)
    if (
        manifest.get("format") != FORMAT
        or not isinstance(manifest.get("files"), dict)
        or "digest" not in manifest
    ):
        raise ZichtError(
            f"{path} is not a release that this version reads (format {manifest.get('format')}, expected {FORMAT})."
        )
    return Release(path, manifest)


def verify_release(path: Path) -> Verification:
    """Read every byte of a release again and hold it against its manifest.

    Args:
        path: the folder of the release.

    Returns:
        The digest that the files give now, and what differs.

    Raises:
        ZichtError: it is no release.
    """
    release = open_release(path)
    said = cast("Mapping[str, str]", release.manifest["files"])
    found = {name: digest for name, digest in files_in(path).items() if name != MANIFEST}
    problems = []
    for name in sorted({*said, *found}):
        if name not in found:
            problems.append(Problem(Place(name), "is in the manifest and not in the folder."))
        elif name not in said:
            problems.append(Problem(Place(name), "is in the folder and not in the manifest."))
        elif said[name] != found[name]:
            problems.append(
                Problem(
                    Place(name),
                    f"was changed: its digest is {found[name][:16]}…, the manifest says {said[name][:16]}….",
                )
            )
    digest = digest_of(
        {key: value for key, value in {**release.manifest, "files": found}.items() if key != "digest"}
    )
    if digest != release.digest and not problems:
        problems.append(
            Problem(
                Place(MANIFEST),
                f"says digest {release.digest[:16]}…, and what it says has digest {digest[:16]}….",
            )
        )
    return Verification(digest, len(found), tuple(problems))


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n", "utf-8", newline="\n"
    )


def _read_json(path: Path) -> Mapping[str, object]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ZichtError(f"{path.parent} is not a release: it has no {path.name}.") from error
    except (OSError, ValueError) as error:
        raise ZichtError(f"{path} cannot be read: {error}.") from error
    if not isinstance(value, dict):
        raise ZichtError(f"{path} cannot be read: it is not a list of names and values.")
    return value


def _read_table(path: Path) -> pa.Table:
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise ZichtError(
            f"{path} is not there or cannot be read; `zicht verify {_release_of(path)}` says what else differs."
        ) from error


def _release_of(path: Path) -> Path:
    return next((folder for folder in path.parents if (folder / MANIFEST).is_file()), path.parent)


def _write_table(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Chunks are an accident of how a table came about; the bytes must not show them.
    pq.write_table(
        table.combine_chunks().replace_schema_metadata(None), path, compression="zstd", store_schema=False
    )
