"""Papers that people signed and keep in the folder, such as a DPIA: what each is about, and the facts it was signed on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Literal, Protocol

from pydantic import Field

from zicht.declare.algorithms import AlgorithmFile
from zicht.declare.base import Id, Named
from zicht.declare.catalogue import CatalogueEntry

PaperKind = Literal["dpia", "iama", "prescan"]
"""Assessments that people sign."""

_DIGEST = r"^[0-9a-f]{64}$"


class KeptPaper(Named):
    """`papers/*.yaml`: a signed assessment, as `zicht keep` writes it."""

    id: Id = Field(description="Id of the paper.")
    kind: PaperKind = Field(description="Which assessment it is.")
    about: Id = Field(description="The purpose (dpia, prescan) or algorithm (iama) that it assesses.")
    file: str = Field(min_length=1, description="The signed document, in the folder `papers`.")
    sha256: str = Field(pattern=_DIGEST, description="Digest of the document when it was signed.")
    facts: dict[str, str] = Field(
        min_length=1,
        description="Digest of what the project knew then, by part of the assessment. When one differs, the paper is stale.",
    )
    signed_by: tuple[str, ...] = Field(min_length=1, description="Who signed it: roles or names.")
    signed_on: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="When, such as 2026-01-31.")


class _ProjectFile(Protocol):
    @property
    def catalogue(self) -> CatalogueEntry | None: ...


class _Project(Protocol):
    @property
    def file(self) -> _ProjectFile: ...
    @property
    def purposes(self) -> Collection[str]: ...
    @property
    def indicators(self) -> Collection[str]: ...
    @property
    def algorithms(self) -> Mapping[str, AlgorithmFile]: ...
    @property
    def papers(self) -> Mapping[str, KeptPaper]: ...


NameUsed = tuple[tuple[str | int, ...], str, str, Collection[str]]
"""Where a name stands, what it names, the name, and the names that are declared."""


def names_in_papers(kind: str, id_: str, project: _Project) -> Iterator[NameUsed]:
    """Every name that a thing in the folder uses for the sake of papers.

    Args:
        kind: which kind of declaration, such as `algorithms`.
        id_: its id.
        project: the project it stands in.

    Yields:
        Where the name stands, what it names, the name, and the names that are declared.
    """
    if kind == "algorithms":
        algorithm = project.algorithms[id_]
        for index, name in enumerate(algorithm.purposes):
            yield ("purposes", index), "purpose", name, project.purposes
        for index, name in enumerate(algorithm.indicators):
            yield ("indicators", index), "indicator", name, project.indicators
    elif kind == "papers":
        paper = project.papers[id_]
        if paper.kind == "iama":
            yield ("about",), "algorithm", paper.about, project.algorithms
        else:
            yield ("about",), "purpose", paper.about, project.purposes
    elif kind == "project" and project.file.catalogue is not None:
        for name in project.file.catalogue.high_value:
            yield ("catalogue", "high_value", name), "indicator", name, project.indicators
