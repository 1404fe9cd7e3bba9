"""What protection and audit report: what was hidden, what it cost, and what an attack on it found."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from zicht.disclosure.attack.failures import AuditReport, Json
from zicht.disclosure.model import Table
from zicht.errors import DisclosureError


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
class Unprotectable:
    """A cell that nothing protects, and what would.

    Attributes:
        table: its table.
        row: its row in the table's cells.
        cell: its codes.
        rule: the rule that hides it.
        attack: the attack that it does not withstand.
        because: how that attack finds it, in words.
        insiders: of A3, the cells to which those who attack contribute.
        proved: whether linear programs over all cells proved it; otherwise repairs just did not help.
        zeros_would_help: whether it could be protected if empty cells may be hidden.
    """

    table: str
    row: int
    cell: str
    rule: str
    attack: str
    because: str
    insiders: tuple[str, ...] = ()
    proved: bool = True
    zeros_would_help: bool = False

    @property
    def sentence(self) -> str:
        """What is the matter, for people."""
        whom = f" {' and '.join(self.insiders)}" if self.insiders else ""
        far = "whatever else is hidden" if self.proved else "as far as could be found"
        return f"{self.table}: {self.cell} (rule {self.rule}) cannot be protected, {far}: {self.because}{whom} ({self.attack})."

    @property
    def remedy(self) -> str:
        """What would help, for people."""
        if self.zeros_would_help:
            return "Let empty cells be hidden (hide_zeros), or publish fewer categories."
        return "Publish fewer categories or larger areas, or leave the table out."

    def as_dict(self) -> dict[str, Json]:
        """The same as plain data, with the sentences."""
        told: dict[str, Json] = {
            name: content for name, content in vars(self).items() if name not in ("row", "insiders")
        }
        return told | {"insiders": list(self.insiders), "sentence": self.sentence, "remedy": self.remedy}


@dataclass(frozen=True)
class Report:
    """What was hidden, what it cost, and what the attack on the result found.

    Attributes:
        profile: id of the rules.
        tables: the counts, per table.
        attack: the last audit, which found nothing.
        rounds: times the audit sent the pattern back to be repaired.
        refused: cells for which no small repair existed, and what was hidden instead.
        unprotectable: cells that no set of other cells protects: withheld with the sums they are part of, or just listed.
        loss: summed size of what was hidden to protect another; a number that stands in several tables counts once.
        bound: the loss that no safe pattern stays below, where the method or the budget tells.
        closed: what earlier releases and this one would have given away together, and what was hidden against that.
    """

    profile: str
    tables: tuple[TableReport, ...]
    attack: AuditReport
    rounds: int
    refused: tuple[str, ...]
    unprotectable: tuple[Unprotectable, ...] = ()
    loss: float = 0.0
    bound: float | None = None
    closed: tuple[str, ...] = ()

    @property
    def gap(self) -> float | None:
        """By what share of it the loss may lie above the least that is possible; None where no bound is known."""
        if self.bound is None:
            return None
        return max(self.loss - self.bound, 0.0) / self.loss if self.loss else 0.0

    def as_dict(self) -> dict[str, Json]:
        """The report as plain data, fit for JSON."""
        return {
            "profile": self.profile,
            "tables": [dict(vars(table)) for table in self.tables],
            "attack": self.attack.as_dict(),
            "rounds": self.rounds,
            "refused": list(self.refused),
            "unprotectable": [cell.as_dict() for cell in self.unprotectable],
            "loss": self.loss,
            "bound": self.bound,
            "gap": self.gap,
            "closed": list(self.closed),
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
        """The dimension columns of a table, its `value` and `n`, null where hidden, and `status`; nothing else is published.

        Args:
            table_name: name of one of the tables.

        Raises:
            DisclosureError: when no table bears the name.
        """
        status = self.status(table_name)
        table = next(table for table in self.tables if table.name == table_name)
        shown = pc.equal(status.column("status"), "ok")
        cells = status.select([dimension.name for dimension in table.dimensions])
        for name in ("value", "n"):
            content = table.cells.column(name)
            cells = cells.append_column(name, pc.if_else(shown, content, pa.scalar(None, content.type)))
        return cells.append_column("status", status.column("status"))
