"""What protection and audit report: what was hidden, what it cost, and what an attack on it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from zicht.disclosure.model import Table
from zicht.errors import DisclosureError

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


@dataclass(frozen=True)
class Failure:
    """One cell that is not safe.

    Attributes:
        attack: `published`, `A0`, `A1` or `A2`.
        table: its table.
        row: its row in the table's cells.
        cell: its codes.
        interval: what an outsider can narrow it down to (no further than the audit needed to look).
        witness: the equations that give it away, in words.
    """

    attack: str
    table: str
    row: int
    cell: str
    interval: tuple[float, float]
    witness: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Json]:
        """The failure as plain data."""
        return {
            "attack": self.attack,
            "table": self.table,
            "cell": self.cell,
            "interval": list(self.interval),
            "witness": list(self.witness),
        }


@dataclass(frozen=True)
class AuditReport:
    """What the attacks found.

    Attributes:
        failures: every cell that is not safe.
        hidden: number of hidden cells, in all tables.
        primary: number of those that a rule hides.
        exposed_to_contributor: sensitive cells that the one contributor to some other hidden cell could compute (A3).
        programs: linear programs solved, those for earlier patterns of the same tables included.
    """

    failures: tuple[Failure, ...]
    hidden: int
    primary: int
    exposed_to_contributor: int
    programs: int

    @property
    def safe(self) -> bool:
        """Whether no attack succeeded."""
        return not self.failures

    def as_dict(self) -> dict[str, Json]:
        """The report as plain data."""
        return {
            "safe": self.safe,
            "hidden": self.hidden,
            "primary": self.primary,
            "failures": [failure.as_dict() for failure in self.failures],
            "exposed_to_contributor": self.exposed_to_contributor,
            "programs": self.programs,
        }


@dataclass(frozen=True)
class TableReport:
    """What protection did to one table.

    Attributes:
        table: its name.
        ok, primary, secondary: numbers of cells.
        value_lost: summed size of the secondary cells, in the unit of the table.
        share_lost: that as a share of the summed size of all cells that no rule hides.
    """

    table: str
    ok: int
    primary: int
    secondary: int
    value_lost: float
    share_lost: float


@dataclass(frozen=True)
class Report:
    """What was hidden, what it cost, and what the attack on the result found.

    Attributes:
        profile: id of the rules.
        tables: the counts, per table.
        attack: the last audit, which found nothing.
        rounds: times the audit sent the pattern back to be repaired.
        refused: cells for which no small repair existed, and what was hidden instead.
    """

    profile: str
    tables: tuple[TableReport, ...]
    attack: AuditReport
    rounds: int
    refused: tuple[str, ...]

    def as_dict(self) -> dict[str, Json]:
        """The report as plain data, fit for JSON."""
        return {
            "profile": self.profile,
            "tables": [dict(vars(table)) for table in self.tables],
            "attack": self.attack.as_dict(),
            "rounds": self.rounds,
            "refused": list(self.refused),
        }


@dataclass(frozen=True)
class Protected:
    """Tables with a status for every cell, and the report that goes with them.

    Attributes:
        tables: the true tables, without the codes that no cell bears; not for the public.
        report: what was hidden, and that it withstood the attack.
    """

    tables: tuple[Table, ...]
    report: Report
    _statuses: dict[str, pa.Table] = field(repr=False)

    def status(self, table_name: str) -> pa.Table:
        """The dimension columns of a table, `status` (ok, primary or secondary) and, for primary cells, the `reason`.

        Rows are in the order of the table's cells.

        Args:
            table_name: name of one of the tables.

        Raises:
            DisclosureError: when no table bears the name.
        """
        if table_name not in self._statuses:
            raise DisclosureError(
                f"No table {table_name!r} was protected; there are {', '.join(self._statuses)}."
            )
        return self._statuses[table_name]

    def visible(self, table_name: str) -> pa.Table:
        """The cells of a table with their status; what is hidden has no value, n or contributions any more.

        Args:
            table_name: name of one of the tables.

        Raises:
            DisclosureError: when no table bears the name.
        """
        status = self.status(table_name)
        table = next(table for table in self.tables if table.name == table_name)
        shown = pc.equal(status.column("status"), "ok")
        cells = table.cells
        for column in ("value", "n", "largest", "second"):
            if column in cells.column_names:
                place = cells.column_names.index(column)
                content = cells.column(column)
                cells = cells.set_column(
                    place, column, pc.if_else(shown, content, pa.scalar(None, content.type))
                )
        return cells.append_column("status", status.column("status"))
