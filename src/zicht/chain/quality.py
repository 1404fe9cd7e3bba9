"""Quality in a build: a register is measured, held against its norms before any figure is made of it, and told about.

    quality/<register>     what was measured, and the rows that break norms: made of the register and of the registers its norms look at
    norms/<register>       nothing but the word that its norms, and those of the registers it is made of, are met; fails otherwise

What was measured is a pure function of the data and the contract. Only `norms/` looks at the snapshot before, which is a declared input
of it, and its result is the same whatever that was; so a release does not depend on what was built before it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from zicht.chain.published import published_releases
from zicht.chain.snapshots import Snapshot, earlier_than, read_snapshots, remember
from zicht.chain.sources import is_personal, origins, read_registers
from zicht.declare import OF_ROWS, Project, Register, norms_of, period_day, registers_read_by
from zicht.engine import DuckDBEngine, Made, Progress, Step, Store, code_digest, digest_of
from zicht.errors import DeliveryError, Problem, ZichtError
from zicht.intake import (
    ACCEPTED,
    REPORT,
    Delivery,
    IntakeReport,
    Judged,
    Measured,
    QualitySheet,
    Times,
    judge,
    lead_times,
    limit_in_words,
    norm_as_dict,
    norm_in_words,
    seen_in_words,
    write_measured,
)

MEASURED, FAILING = "measured.json", "failing.parquet"
FEW = 10  # rows about persons fewer than this are not counted in a release; the rule of thumb for units in a cell


class NormsBrokenError(DeliveryError):
    """Data that break quality norms which block; each problem stands at the norm in its contract."""


@dataclass(frozen=True)
class Past:
    """What is known of a register before it is built.

    Attributes:
        delivery: digest of the deliveries that it is made of now.
        delivered: the day on which the last of these arrived.
        earlier: the snapshot to compare with; None where there is none.
    """

    delivery: str
    delivered: dt.date
    earlier: Snapshot | None


def past_of(project: Project, deliveries: Mapping[str, Delivery], workplace: Path | None) -> dict[str, Past]:
    """What is known of each register before it is built.

    Args:
        project: the project.
        deliveries: every delivery it uses, by source id.
        workplace: the folder with results; None where nothing is remembered.

    Returns:
        By id of the register.

    Raises:
        ZichtError: what is remembered was changed.
    """
    found = {}
    for register in project.registers.values():
        sources = origins(project, register)
        delivery = digest_of({id_: deliveries[id_].digest for id_ in sources})
        known = read_snapshots(workplace, register.id) if workplace else []
        days = [_delivered(project, id_, deliveries[id_]) for id_ in sources]
        found[register.id] = Past(delivery, max(days, default=dt.date.min), earlier_than(known, delivery))
    return found


def quality_steps(project: Project, registers: Sequence[Register], past: Mapping[str, Past]) -> list[Step]:
    """The steps that measure registers, and those that hold them against their norms.

    Args:
        project: the project.
        registers: in an order in which each stands after those it is made of.
        past: what is known of each.

    Returns:
        First all that measure, so that a build that fails can tell of every broken norm.
    """
    return [
        *(_measuring(project, register) for register in registers),
        *(_holding(project, register, past) for register in registers),
    ]


def _measuring(project: Project, register: Register) -> Step:
    beside = [id_ for id_ in registers_read_by(register) if id_ in project.registers]
    known = {id_: project.registers[id_] for id_ in (register.id, *beside)}

    def run(inputs: Mapping[str, Path], out: Path, _: Progress) -> None:
        with DuckDBEngine() as engine:
            tables = {}
            for id_ in known:
                path = inputs[f"register/{id_}"] / ACCEPTED
                engine.add(id_, path)
                tables[id_] = pq.read_schema(path).names
            write_measured(engine, register, tables, out)

    return Step(
        f"quality/{register.id}", run, tuple(f"register/{id_}" for id_ in known), {"contract": register.document.value}, {},
        code_digest("intake", "engine", "declare", "chain"), f"quality of {register.title}",
    )  # fmt: skip


def _holding(project: Project, register: Register, past: Mapping[str, Past]) -> Step:
    below = read_registers(project, register)
    own = past[register.id]

    def run(inputs: Mapping[str, Path], out: Path, _: Progress) -> None:
        problems = list(_problems(register, Measured.read(inputs[f"quality/{register.id}"] / MEASURED), own))
        if problems:
            raise NormsBrokenError(problems)
        (out / "met.json").write_text(json.dumps({"met": True}), "utf-8")

    outside = {"snapshot before": own.earlier.digest} if own.earlier else {}
    if register.lead_times.blocks:
        outside["day of delivery"] = own.delivered.isoformat()
    needs = (f"quality/{register.id}", *(f"norms/{id_}" for id_ in below))
    return Step(
        f"norms/{register.id}", run, needs, {"contract": register.document.value}, outside,
        code_digest("intake", "declare", "chain"), f"norms of {register.title}",
    )  # fmt: skip


def all_broken(
    project: Project, chosen: Sequence[Step], store: Store, past: Mapping[str, Past]
) -> NormsBrokenError:
    """The error that names every broken norm of the registers that a build measured, not of the first only.

    Args:
        project: the project.
        chosen: the steps of the build; those that measure have run.
        store: holds their results.
        past: what is known of each register.

    Returns:
        The error, to be raised.
    """
    problems: list[Problem] = []
    for step in chosen:
        kind, _, id_ = step.name.partition("/")
        last = store.last(step.name) if kind == "quality" else None
        if last is not None:
            problems += _problems(project.registers[id_], Measured.read(last[1] / MEASURED), past[id_])
    return NormsBrokenError(problems)


def _problems(register: Register, measured: Measured, past: Past) -> Iterator[Problem]:
    for one in _judged(register, measured, past):
        if one.verdict == "broken":
            yield Problem(
                register.document.place(one.norm.trail),
                f"register `{register.id}` breaks a quality norm: {norm_in_words(one.norm, 'en')} is "
                f"{seen_in_words(one, one.value, 'en')}, and must be {limit_in_words(one.norm, 'en')}.",
                f"`zicht quality` shows the rows; have `{register.id}` delivered again, or agree on another norm.",
            )
    lead = lead_times(register.lead_times, _times(measured, register, past), past.delivered)[0]
    if register.lead_times.blocks and lead.verdict == "late":
        yield Problem(
            register.document.place(register.lead_times.trails["delivered"]),
            f"register `{register.id}` was delivered on {lead.end}, and was due on {lead.due}.",
            "Agree on another lead time, or let it warn with `norm.actie` waarschuwen.",
        )


def _judged(register: Register, measured: Measured, past: Past) -> tuple[Judged, ...]:
    return judge(norms_of(register), measured, past.earlier.measured if past.earlier else None)


def keep_measured(
    workplace: Path, project: Project, made: Mapping[str, Made], past: Mapping[str, Past], today: dt.date
) -> None:
    """Remember what a build measured of the registers whose norms were met.

    Args:
        workplace: the folder with results.
        project: the project.
        made: what became of each step.
        past: what was known of each register.
        today: the day of the build.

    Raises:
        ZichtError: what is remembered was changed.
    """
    for register in project.registers.values():
        if f"norms/{register.id}" not in made:
            continue
        measured = Measured.read(made[f"quality/{register.id}"].folder / MEASURED)
        own = past[register.id]
        built = today if "release" in made or f"figures/{register.id}" in made else None
        remember(workplace, register.id, Snapshot(own.delivery, measured, own.delivered, today, built))


def quality_remarks(project: Project, made: Mapping[str, Made], past: Mapping[str, Past]) -> Iterator[str]:
    """What a build should say of norms that only warn, and of deliveries that came too late.

    Args:
        project: the project.
        made: what became of each step.
        past: what was known of each register.

    Yields:
        A sentence a matter.
    """
    for register in project.registers.values():
        step = made.get(f"quality/{register.id}")
        if step is None:
            continue
        measured = Measured.read(step.folder / MEASURED)
        for one in _judged(register, measured, past[register.id]):
            if one.verdict == "warning":
                seen, limit = seen_in_words(one, one.value, "en"), limit_in_words(one.norm, "en")
                yield f"Register `{register.id}`: {norm_in_words(one.norm, 'en')} is {seen}; the norm is {limit}."
        times = _times(measured, register, past[register.id])
        lead = lead_times(register.lead_times, times, past[register.id].delivered)[0]
        if lead.verdict == "late":
            yield f"Register `{register.id}`: delivered on {lead.end}; the norm is {lead.due}."


def quality_evidence(project: Project, register: Register, folder: Path) -> dict[str, object]:
    """What a release tells of the quality of a register: of persons, no count of a few of them.

    Args:
        project: the project.
        register: the register.
        folder: the result of its `quality/` step.

    Returns:
        Its norms with what holds of each, as JSON can hold it. Norms that compare with the snapshot before are named without a verdict:
        a release is the same whatever was built before it.
    """
    personal = is_personal(project, register)
    measured = Measured.read(folder / MEASURED)
    return {
        "title": register.title,
        "place": register.document.file,
        "personal": personal,
        "norms": [
            {
                **norm_as_dict(one.norm),
                "verdict": None if one.verdict == "first" else one.verdict,
                "value": None if personal and not _may_tell(one, measured) else one.value,
            }
            for one in judge(norms_of(register), measured)
        ],
    }


def _may_tell(one: Judged, measured: Measured) -> bool:
    """Whether a number about persons is no count of a few of them, nor of all but a few."""
    count = measured.values.get(one.norm.id)
    if one.norm.metric not in OF_ROWS or count is None:
        return False
    return count == 0 or FEW <= count <= measured.rows - FEW or count == measured.rows


def quality_sheets(
    project: Project,
    workplace: Path,
    deliveries: Mapping[str, Delivery],
    registers: Sequence[str],
    today: dt.date,
) -> list[QualitySheet]:
    """The quality of registers as measured in the last build.

    Args:
        project: the project.
        workplace: the folder with results.
        deliveries: every delivery it uses, by source id.
        registers: ids of the registers to tell of; all where empty.
        today: the day of asking, for what has not happened yet.

    Returns:
        A sheet for each register that was measured.

    Raises:
        ZichtError: there is no such register, or what is remembered was changed.
    """
    if unknown := [id_ for id_ in registers if id_ not in project.registers]:
        raise ZichtError(f"There is no register `{unknown[0]}`; there are {', '.join(project.registers)}.")
    store, past = Store(workplace), past_of(project, deliveries, workplace)
    published = _published_on(project)
    sheets = []
    for id_ in registers or project.registers:
        last, register = store.last(f"quality/{id_}"), project.registers[id_]
        taken = store.last(f"register/{id_}")
        if last is None or taken is None:
            continue
        known = next((o for o in reversed(read_snapshots(workplace, id_)) if o.delivery == past[id_].delivery), None)  # fmt: skip
        sheets.append(_sheet(project, register, last[1], taken[1], past[id_], known, published, today))
    return sheets


def _sheet(
    project: Project, register: Register, measured_in: Path, taken_in: Path, past: Past, known: Snapshot | None,
    published: Mapping[str, dt.date], today: dt.date,
) -> QualitySheet:  # fmt: skip
    measured = Measured.read(measured_in / MEASURED)
    judged = _judged(register, measured, past)
    report = IntakeReport.read(taken_in / REPORT) if register.source else None
    failing = measured_in / FAILING
    times = _times(measured, register, past, known, published)
    document = register.document
    return QualitySheet(
        register.id,
        register.title,
        tuple(dict.fromkeys(project.sources[id_].deliverer for id_ in origins(project, register))),
        measured.rows,
        report.refused if report else 0,
        register.max_refused,
        report.refusals if report else (),
        judged,
        lead_times(register.lead_times, times, today) if _is_timed(register) else (),
        past.earlier.taken_in if past.earlier else None,
        {one.norm.id: str(document.place(one.norm.trail)) for one in judged},
        failing if pq.read_metadata(failing).num_rows else None,
    )


def _is_timed(register: Register) -> bool:
    # A register made by SQL is as old as what it is made of; only where its contract says so is it timed itself.
    declared = register.lead_times
    return register.source is not None or bool(declared.norms) or declared.frequency is not None


def _times(
    measured: Measured,
    register: Register,
    past: Past,
    known: Snapshot | None = None,
    published: Mapping[str, dt.date] | None = None,
) -> Times:
    delivered = known.delivered if known else past.delivered
    return Times(
        _reference_day(measured, register),
        None if delivered == dt.date.min else delivered,
        known.taken_in if known else None,
        known.built if known else None,
        (published or {}).get(past.delivery),
    )


def _reference_day(measured: Measured, register: Register) -> dt.date | None:
    if measured.last is None:
        return None
    reference = register.lead_times.reference
    return period_day(measured.last[:10], "begin" if reference == "begin" else "end")


def _delivered(project: Project, source: str, delivery: Delivery) -> dt.date:
    said = project.sources[source].delivered
    return said or dt.datetime.fromtimestamp(delivery.path.stat().st_mtime, dt.UTC).date()


def _published_on(project: Project) -> dict[str, dt.date]:
    """The day on which each delivery first stood behind a published release, by the digest that names it."""
    found: dict[str, dt.date] = {}
    for release in published_releases(project.folder):
        registers = release.evidence("lineage").get("registers")
        trail = registers if isinstance(registers, dict) else {}
        digests = {
            one["source"]["id"]: one["source"]["digest"]
            for one in trail.values()
            if one["source"] is not None
        }
        day = dt.date.fromisoformat(release.path.name[:10])
        for register in project.registers.values():
            sources = origins(project, register)
            if set(sources) <= set(digests):
                found.setdefault(digest_of({id_: digests[id_] for id_ in sources}), day)
    return found
