"""The facts of a project for its papers: what the folder declares, and what the last build made of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from zicht import __version__
from zicht.chain.rests import registers_of, sources_of
from zicht.chain.sources import is_personal, origins, read_registers
from zicht.declare import Indicator, ProductFile, Project, Register, SourceFile
from zicht.disclosure import Profile
from zicht.engine import digest_of, file_digest
from zicht.governance import (
    SITE_FILES,
    ColumnFacts,
    DataFile,
    Facts,
    IndicatorFacts,
    Lineage,
    NormFacts,
    ProductFacts,
    ProjectFacts,
    PurposeFacts,
    RegisterFacts,
    SourceFacts,
    StepRun,
    activity_of,
    uri_of,
)
from zicht.release import HIDDEN, Release

PAPERS = "papers"
"""The folder of a project with signed papers."""

NO_CLOCK = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""The time of facts that go into a release, which knows no clock."""


@dataclass(frozen=True)
class LastBuild:
    """What is left of the last build.

    Attributes:
        release: the release.
        site: folder of the site.
        snapshots: digest of the snapshot of each register.
        delivered: when deliveries were put in place, by digest.
        runs: runs of steps.
        log: records of the log of data processing.
    """

    release: Release | None = None
    site: Path | None = None
    snapshots: Mapping[str, str] = field(default_factory=dict)
    delivered: Mapping[str, dt.datetime] = field(default_factory=dict)
    runs: tuple[StepRun, ...] = ()
    log: tuple[Mapping[str, object], ...] = ()


def gather(project: Project, profiles: Mapping[str, Profile], at: dt.datetime, last: LastBuild) -> Facts:
    """All that is known of a project for its papers.

    Args:
        project: the project.
        profiles: the protection profile of each indicator.
        at: when the papers are made.
        last: what is left of the last build; `LastBuild()` for what the folder says alone.
    """
    known = _Known(project, profiles, last)
    return Facts(
        made=at,
        version=__version__,
        project=_project(project),
        purposes={id_: _purpose(project, id_) for id_ in project.purposes},
        sources={one.id: known.source(one) for one in project.sources.values()},
        registers={one.id: known.register(one) for one in project.registers.values()},
        indicators={one.id: known.indicator(one) for one in project.indicators.values()},
        products={one.id: _product(project, one) for one in project.products.values()},
        algorithms=project.algorithms,
        activities={one.id: activity_of(project, one) for one in project.purposes.values()},
        kept=project.papers,
        kept_files={one.id: _digest(project.folder / PAPERS / one.file) for one in project.papers.values()},
        release=last.release.digest if last.release else None,
        runs=last.runs,
        log=last.log,
    )


def _project(project: Project) -> ProjectFacts:
    file = project.file
    return ProjectFacts(
        file.id, file.title, file.description, file.organisation.name, file.organisation.url, file.organisation.email,
        file.areas.division, file.languages, file.catalogue,
    )  # fmt: skip


def _purpose(project: Project, id_: str) -> PurposeFacts:
    said = project.purposes[id_]
    return PurposeFacts(
        id=said.id, version=said.version, title=said.title, aim=said.aim, uri=uri_of(project, "verwerking", said.id),
        grounds=tuple(ground.partition(":")[2] for ground in said.legal_basis), legal_basis=said.legal_basis_text,
        controller=said.controller.name, subjects=tuple(one.title.nl for one in said.data_subjects),
        categories=tuple(one.title.nl for one in said.categories), special=said.special, criminal=said.criminal, bsn=said.bsn,
        bsn_basis=said.bsn_basis, retention=said.retention, retention_basis=said.retention_basis,
        recipients=tuple(one.name for one in said.recipients), outside_eea=said.transfer_outside_eea,
        measures=tuple(one.title.nl for one in said.measures), dpia=said.dpia.status, registers=said.registers,
    )  # fmt: skip


def _product(project: Project, product: ProductFile) -> ProductFacts:
    own = (project.indicators[id_].purpose for id_ in product.indicators)
    purposes = dict.fromkeys([*product.purposes, *(id_ for id_ in own if id_)])
    return ProductFacts(
        product.id,
        product.title,
        product.question,
        product.answer,
        product.audience,
        product.indicators,
        tuple(purposes),
    )


class _Known:
    """What a project and its last build know of a source, a register and an indicator."""

    def __init__(self, project: Project, profiles: Mapping[str, Profile], last: LastBuild) -> None:
        self.project = project
        self.profiles = profiles
        self.last = last
        self.release = last.release
        self.lineage = Lineage(project)
        self.digests = _digests(last.release)

    def source(self, source: SourceFile) -> SourceFacts:
        origin = source.origin
        table = origin.statline.table if origin.statline else ""
        digest = self.digests.get(source.id)
        found = self.last.delivered.get(digest or "")
        return SourceFacts(
            id=source.id, title=source.title, deliverer=source.deliverer, licence=source.licence, agreement=source.agreement,
            frequency=source.frequency, personal=source.personal, origin=origin.file or origin.url or f"StatLine {table}",
            link=origin.url or (f"https://opendata.cbs.nl/#/CBS/nl/dataset/{table}" if table else ""),
            digest=digest, delivered=source.delivered or (None if found is None else found.date()),
        )  # fmt: skip

    def register(self, register: Register) -> RegisterFacts:
        intake = self.release.evidence("intake").get(register.id) if self.release else None
        counts = cast("Mapping[str, int]", intake) if isinstance(intake, dict) else {}
        sql = self.project.register_sql.get(register.id)
        columns = tuple(
            ColumnFacts(one.name, one.logical_type, one.description, one.classification)
            for one in register.columns
        )
        return RegisterFacts(
            id=register.id, title=register.title, description=register.description, unit=register.unit,
            contract=cast("Mapping[str, object]", register.document.value), contract_file=register.document.file,
            contract_id=register.contract_id, version=register.version, contract_digest=digest_of(register.document.value),
            columns=columns, source=register.source, sql=sql, made_of=read_registers(self.project, register),
            origins=origins(self.project, register),
            lineage={} if sql is None else {one.name: self.made_of(register.id, one.name) for one in columns},
            personal=is_personal(self.project, register), rows=counts.get("accepted", counts.get("rows")),
            refused=counts.get("refused"), snapshot=self.last.snapshots.get(register.id), norms=tuple(_norms(self.release, register.id)),
        )  # fmt: skip

    def made_of(self, register: str, column: str) -> tuple[tuple[str, str], ...]:
        return tuple((id_, name) for id_, name in self.lineage.column(register, column) if name is not None)

    def indicator(self, indicator: Indicator) -> IndicatorFacts:
        uses = self.lineage.indicator(indicator)
        found = IndicatorFacts(
            id=indicator.id, title=indicator.title, explanation=indicator.explanation, unit=indicator.unit, theme=indicator.theme,
            measure=indicator.measure, register=indicator.register_, registers=registers_of(self.project, indicator),
            sources=sources_of(self.project, indicator),
            columns=tuple(dict.fromkeys((use.register, use.column) for use in uses if use.column is not None)),
            purposes=(indicator.purpose,) if indicator.purpose else (), protection=self.profiles[indicator.id].id, by=indicator.by,
        )  # fmt: skip
        name = f"figures/{indicator.id}.parquet"
        if self.release is None or name not in cast("Mapping[str, str]", self.release.manifest["files"]):
            return found
        table = self.release.figures(indicator.id)
        return replace(
            found, levels=tuple(sorted(pc.unique(table["level"]).to_pylist())), periods=tuple(sorted(pc.unique(table["period"]).to_pylist())),
            figures=table.num_rows, hidden=pc.sum(pc.is_in(table["status"], pa.array(HIDDEN))).as_py() or 0,
            files=tuple(_files(self.last.site, indicator.id)) if self.last.site else (),
        )  # fmt: skip


def _norms(release: Release | None, register: str) -> Iterator[NormFacts]:
    """What came of the quality norms of a register, as far as the release tells it."""
    found = release.evidence("quality").get(register) if release else None
    told = cast("Mapping[str, list[Mapping[str, object]]]", found) if isinstance(found, dict) else {}
    for norm in told.get("norms", []):
        columns = cast("list[str]", norm["columns"])
        if norm["verdict"] is not None:
            holds = norm["verdict"] == "met"
            yield NormFacts(
                str(norm["id"]),
                columns[0] if len(columns) == 1 else None,
                str(norm["dimension"]),
                holds,
                bool(norm["blocks"]),
            )


def _digests(release: Release | None) -> dict[str, str]:
    """Digest of each delivery that the release rests on, by id of its source."""
    registers = release.evidence("lineage").get("registers", {}) if release else {}
    trails = cast("Mapping[str, Mapping[str, Mapping[str, str] | None]]", registers)
    return {source["id"]: source["digest"] for trail in trails.values() if (source := trail.get("source"))}


def _files(site: Path, indicator: str) -> Iterator[DataFile]:
    for format_, ending in SITE_FILES.items():
        path = site / "data" / f"{indicator}.{ending}"
        if path.is_file():
            yield DataFile(path.relative_to(site).as_posix(), format_, path.stat().st_size, file_digest(path))


def _digest(path: Path) -> str | None:
    return file_digest(path) if path.is_file() else None
