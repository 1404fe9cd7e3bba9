"""What papers are made from: one typed record of what the folder declares, what a build made and when it did.

Papers are pure functions of these facts. Nothing here reads a file or a clock; whoever fills the record does.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from zicht.declare import AlgorithmFile, CatalogueEntry, Classification, KeptPaper, Text


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """The project.

    Attributes:
        id, title, description: as declared.
        organisation, url, email: whose it is, its website and where the public can ask.
        division: year of the area division.
        languages: of the site, the first of them first.
        catalogue: how its data stand in catalogues; None where it is in none.
    """

    id: str
    title: Text
    description: Text
    organisation: str
    url: str
    email: str
    division: int
    languages: tuple[str, ...]
    catalogue: CatalogueEntry | None

    @property
    def address(self) -> str:
        """The web address under which things of the project have their identifiers, without a slash at the end."""
        said = self.catalogue.address if self.catalogue else self.url
        # A project that says no address gets one that can never be somebody else's (RFC 2606).
        return said.rstrip("/") or f"https://{self.id.replace('_', '-')}.invalid"


@dataclass(frozen=True, slots=True)
class PurposeFacts:
    """A purpose: a processing activity (AVG art. 30).

    Attributes:
        id, version, title, aim: as declared.
        uri: the address that names it.
        grounds: of the AVG, such as `A6-1-e`.
        legal_basis: law and article.
        controller: who is the controller.
        subjects, categories: whose data and which, in plain words.
        special, criminal, bsn: whether data of art. 9, of art. 10 and the citizen service number are used.
        bsn_basis: the law that allows that number.
        retention, retention_basis: how long data may be kept (ISO 8601), and why.
        recipients: who receives personal data.
        outside_eea: whether data leave the EEA.
        measures: what protects the data, in plain words.
        dpia: whether an assessment is needed and how far it is.
        registers: ids of the registers it may use.
    """

    id: str
    version: int
    title: Text
    aim: Text
    uri: str
    grounds: tuple[str, ...]
    legal_basis: str
    controller: str
    subjects: tuple[str, ...]
    categories: tuple[str, ...]
    special: bool
    criminal: bool
    bsn: bool
    bsn_basis: str | None
    retention: str
    retention_basis: str
    recipients: tuple[str, ...]
    outside_eea: bool
    measures: tuple[str, ...]
    dpia: str
    registers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A source.

    Attributes:
        id, title, deliverer, licence, agreement, frequency: as declared.
        personal: which kind of personal data it holds.
        origin: where it comes from.
        link: web address of it; empty where it has none.
        digest: SHA-256 of the last delivery; None where nothing was built.
        delivered: the day of that delivery; None where nobody said it and nothing was built.
    """

    id: str
    title: Text
    deliverer: str
    licence: str | None
    agreement: str | None
    frequency: str
    personal: str
    origin: str
    link: str
    digest: str | None = None
    delivered: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column of a register.

    Attributes:
        name, type, description: as in the contract.
        classification: how sensitive it is; None where the contract does not say.
    """

    name: str
    type: str
    description: str
    classification: Classification | None


ColumnName = tuple[str, str]
"""A column: id of the register and name of the column."""


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """A register.

    Attributes:
        id, title, description, unit: as declared.
        contract: the ODCS contract, as it was written.
        contract_file, contract_id, version: of the contract.
        contract_digest: SHA-256 of the contract.
        columns: in its order.
        source: id of the source it is taken from; None where SQL makes it.
        sql: the query that makes it; None where it is delivered.
        made_of: ids of the registers that the query reads.
        origins: ids of all sources it goes back to.
        lineage: for a register made by SQL, the columns that each of its columns is made of.
        personal: whether it holds data about persons.
        rows, refused: how many were accepted and refused in the last build; None where nothing was built.
        size: bytes of the snapshot.
        snapshot: digest of the snapshot; None where nothing was built.
        norms: outcomes of its quality norms.
    """

    id: str
    title: str
    description: str
    unit: str
    contract: Mapping[str, object]
    contract_file: str
    contract_id: str
    version: str
    contract_digest: str
    columns: tuple[ColumnFacts, ...]
    source: str | None
    sql: str | None
    made_of: tuple[str, ...]
    origins: tuple[str, ...]
    lineage: Mapping[str, tuple[ColumnName, ...]]
    personal: bool
    rows: int | None = None
    refused: int | None = None
    size: int | None = None
    snapshot: str | None = None
    norms: tuple[NormFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class NormFacts:
    """What came of a quality norm.

    Attributes:
        name: what is held, such as `nullValues`.
        column: the column it is about; None for the whole register.
        dimension: of quality, such as `completeness`.
        holds: whether it was met.
        blocks: whether a build stops when it is not.
    """

    name: str
    column: str | None
    dimension: str
    holds: bool
    blocks: bool


SITE_FILES: Mapping[Literal["csv", "json", "parquet", "gpkg"], str] = {
    "csv": "plain.csv",
    "json": "json",
    "parquet": "parquet",
    "gpkg": "gpkg",
}
"""Files with figures on the site that a catalogue names, by format, with how their names end."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of figures that the public can fetch.

    Attributes:
        path: on the site.
        format: kind of file.
        size: in bytes.
        sha256: its digest.
    """

    path: str
    format: Literal["csv", "json", "parquet", "gpkg"]
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class IndicatorFacts:
    """An indicator and its published figures.

    Attributes:
        id, title, explanation, unit, theme, measure: as declared.
        register, registers: the register whose rows it counts, and all that it rests on.
        sources: ids of the sources it rests on.
        columns: the columns it uses, of the registers it counts in.
        purposes: ids of the purposes it serves.
        protection: id of the protection profile.
        by: its breakdowns.
        levels, periods: for which it has figures; nothing where nothing was built.
        figures, hidden: how many there are, and how many of them are hidden.
        files: where the public fetches them.
    """

    id: str
    title: Text
    explanation: Text
    unit: Text
    theme: str
    measure: str
    register: str
    registers: tuple[str, ...]
    sources: tuple[str, ...]
    columns: tuple[ColumnName, ...]
    purposes: tuple[str, ...]
    protection: str
    by: tuple[str, ...]
    levels: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    figures: int = 0
    hidden: int = 0
    files: tuple[DataFile, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product: id, title, question, answer and audience as declared, and ids of its indicators and purposes."""

    id: str
    title: Text
    question: Text
    answer: Text
    audience: Text
    indicators: tuple[str, ...]
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepRun:
    """One run of one step of a build.

    Attributes:
        run, trace: UUID of the run of the step; id of the build it was part of (32 hexadecimal digits).
        name, title: of the step.
        began, ended: when; `ended` is None where the build was killed.
        state: what became of it.
        error: which kind of error ended it; never its text, which may hold data.
        digest: digest of its result.
        needs: digests of the results it read, by step.
        outside: digests of the deliveries it read, by source.
        size: bytes of its result.
    """

    run: str
    trace: str
    name: str
    title: str
    began: dt.datetime
    ended: dt.datetime | None
    state: Literal["made", "failed", "killed"]
    error: str | None = None
    digest: str | None = None
    needs: Mapping[str, str] = field(default_factory=dict)
    outside: Mapping[str, str] = field(default_factory=dict)
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that papers are made from.

    Attributes:
        made: when the papers are made.
        version: of Zicht.
        project: the project.
        purposes, sources, registers, indicators, products, algorithms: by id.
        activities: the processing activity of each purpose, as JSON.
        kept: signed papers, by id.
        kept_files: digest of the document of each of these now; None where it is not there.
        release: digest of the last release; None where nothing was built.
        runs: the last run of each step, and runs that failed or were killed.
        log: the records of the log of data processing.
    """

    made: dt.datetime
    version: str
    project: ProjectFacts
    purposes: Mapping[str, PurposeFacts]
    sources: Mapping[str, SourceFacts]
    registers: Mapping[str, RegisterFacts]
    indicators: Mapping[str, IndicatorFacts]
    products: Mapping[str, ProductFacts]
    algorithms: Mapping[str, AlgorithmFile]
    activities: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    kept: Mapping[str, KeptPaper] = field(default_factory=dict)
    kept_files: Mapping[str, str | None] = field(default_factory=dict)
    release: str | None = None
    runs: tuple[StepRun, ...] = ()
    log: tuple[Mapping[str, object], ...] = ()

    def columns_for(self, purpose: str) -> dict[str, tuple[ColumnFacts, ...]]:
        """The columns that figures for the purpose with the id `purpose` are made of, by id of the delivered register."""
        found: dict[str, dict[str, ColumnFacts]] = {}
        for indicator in self.indicators.values():
            if purpose in indicator.purposes:
                for register, name in self.delivered(indicator.columns):
                    column = next((c for c in self.registers[register].columns if c.name == name), None)
                    if column is not None:
                        found.setdefault(register, {})[name] = column
        return {
            id_: tuple(columns[name] for name in sorted(columns)) for id_, columns in sorted(found.items())
        }

    def delivered(self, columns: tuple[ColumnName, ...]) -> tuple[ColumnName, ...]:
        """The delivered columns that `columns` are made of, through all queries between."""
        found: dict[ColumnName, None] = {}
        waiting, seen = list(columns), set(columns)
        while waiting:
            register, name = waiting.pop(0)
            if self.registers[register].sql is None:
                found[register, name] = None
            for one in self.registers[register].lineage.get(name, ()):
                if one not in seen and one[0] in self.registers:
                    seen.add(one)
                    waiting.append(one)
        return tuple(found)

    def indicators_of(self, algorithm: AlgorithmFile) -> tuple[IndicatorFacts, ...]:
        """The indicators that `algorithm` works on."""
        return tuple(self.indicators[id_] for id_ in algorithm.indicators or self.indicators)


def digest_of_facts(value: object) -> str:
    """SHA-256 of facts, in hex.

    Args:
        value: what JSON can hold.
    """
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
