"""What is kept of persons in a workplace, until when it may be, and removing what may not be kept any more.

Of which periods a snapshot is stands in the statistics of its Parquet file; no row is read.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from zicht.declare import Project, Register
from zicht.engine import Made, Store
from zicht.errors import Place, Problem, ZichtError
from zicht.governance import Retention, retention_of
from zicht.intake import ACCEPTED


@dataclass(frozen=True)
class Snapshot:
    """A kept snapshot of a register about persons.

    Attributes:
        digest: of the snapshot.
        register: id of its register.
        first, last: the periods it reaches from and to.
        retention: how long it may be kept.
        until: the last day on which its first period may be kept.
    """

    digest: str
    register: str
    first: str
    last: str
    retention: Retention
    until: dt.date

    def is_overdue(self, today: dt.date) -> bool:
        """Whether it holds, on the day `today`, data that should be gone."""
        return self.until < today


class RetentionError(ZichtError):
    """Data about persons that may not be kept any more."""


def snapshots(project: Project, store: Store) -> Iterator[Snapshot]:
    """Every kept snapshot of a register about persons, earlier ones too.

    Args:
        project: the project.
        store: its results.

    Yields:
        The snapshots of which a period can be told.
    """
    for digest, folder in store.objects().items():
        if (folder / ACCEPTED).is_file():
            for register in _registers_of(project, folder):
                found = _snapshot(project, register, digest, folder)
                if found is not None:
                    yield found
                    break


def refuse_overdue(project: Project, store: Store, today: dt.date) -> None:
    """Refuse to go on where the workplace keeps data past their retention.

    Args:
        project: the project.
        store: its results.
        today: the day.

    Raises:
        RetentionError: there is such a snapshot; the message names its register, period and purpose.
    """
    overdue = [one for one in snapshots(project, store) if one.is_overdue(today)]
    if overdue:
        lines = [f"{_said(project, one)} It is kept in {store.folder}." for one in overdue]
        raise RetentionError("\n".join([*lines, f"Remove them: zicht privacy {project.folder} --purge"]))


def refuse_delivered(project: Project, store: Store, made: Made, today: dt.date) -> None:
    """Refuse a register that was taken in just now and holds data past their retention; it is not kept.

    Args:
        project: the project.
        store: where its result is.
        made: what became of a step.
        today: the day.

    Raises:
        RetentionError: it is such a register.
    """
    register = project.registers.get(made.name.removeprefix("register/"))
    if register is None or not made.name.startswith("register/"):
        return
    found = _snapshot(project, register, made.digest, made.folder)
    if found is not None and found.is_overdue(today):
        store.remove([made.digest])
        delivery = (
            "Have earlier periods left out of the delivery."
            if register.source
            else "Leave earlier periods out of its query."
        )
        raise RetentionError(f"{_said(project, found)} {delivery}")


def purge(project: Project, store: Store, today: dt.date) -> tuple[list[Snapshot], tuple[str, ...]]:
    """Remove every snapshot that holds data past their retention, and all results made of it.

    Args:
        project: the project.
        store: its results.
        today: the day.

    Returns:
        The snapshots that are gone, and names of steps that the next build makes anew.

    Raises:
        ZichtError: another run is busy with this project.
    """
    overdue = [one for one in snapshots(project, store) if one.is_overdue(today)]
    return overdue, store.remove([one.digest for one in overdue]) if overdue else ()


def _said(project: Project, one: Snapshot) -> str:
    place = Place(project.registers[one.register].document.file)
    what = (
        f"register `{one.register}` holds data of {one.first}, and purpose `{one.retention.purpose}` allows keeping them until {one.until}"
        f" ({one.retention.duration} after the period)."
    )
    return str(Problem(place, what))


def _registers_of(project: Project, folder: Path) -> Iterator[Register]:
    """The registers that a snapshot may be of: the one it says, or those with its columns."""
    try:
        said = json.loads((folder / "report.json").read_text("utf-8")).get("register")
    except (OSError, ValueError, AttributeError):
        said = None
    if said in project.registers:
        yield project.registers[said]
        return
    names = set(pq.read_schema(folder / ACCEPTED).names)
    for register in project.registers.values():
        columns = {column.name for column in register.columns}
        if columns <= names and all(name.removesuffix("__status") in columns for name in names):
            yield register


def _snapshot(project: Project, register: Register, digest: str, folder: Path) -> Snapshot | None:
    retention = retention_of(project, register)
    periods = None if retention is None else _periods(register, folder / ACCEPTED)
    until = None if retention is None or periods is None else retention.until(periods[0])
    if retention is None or periods is None or until is None:
        return None
    return Snapshot(digest, register.id, *periods, retention, until)


def _periods(register: Register, path: Path) -> tuple[str, str] | None:
    """The first and last period in a snapshot."""
    column = register.period_column
    if column is None:
        return None if register.period is None else (register.period, register.period)
    file = pq.ParquetFile(path)
    index = file.schema_arrow.get_field_index(column.name)
    found = [file.metadata.row_group(group).column(index).statistics for group in range(file.num_row_groups)]
    ranges = [one for one in found if one is not None and one.has_min_max]
    if index < 0 or not ranges or pa.types.is_boolean(file.schema_arrow.field(index).type):
        return None
    return str(min(one.min for one in ranges)), str(max(one.max for one in ranges))
