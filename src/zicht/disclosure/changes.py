"""What comes out of a method that changes numbers: what may be read of the tables, and a report."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from zicht.disclosure.attack.failures import AuditReport, Json
from zicht.disclosure.model import Floats, Table
from zicht.errors import DisclosureError


@dataclass(frozen=True)
class Change:
    """What a method did to the numbers of one table.

    Attributes:
        table: its name.
        cells: number of cells that the method was applied to.
        changed: number of those that are published as another number.
        hidden: number of cells of the table that are not published.
        mean, largest: the mean and the largest size of the change, of the cells published, in the unit of the table.
    """

    table: str
    cells: int
    changed: int
    hidden: int
    mean: float
    largest: float


@dataclass(frozen=True)
class MethodReport:
    """What a method did, and what the attack on it found.

    Attributes:
        profile: id of the rules.
        method: `round`, `random_round` or `cell_key`.
        parameters: what the method was given; all of it may be published.
        tables: the changes, per table.
        attack: the last attack, which found nothing.
        rounds: how many times cells were hidden because of an attack.
    """

    profile: str
    method: str
    parameters: dict[str, Json]
    tables: tuple[Change, ...]
    attack: AuditReport
    rounds: int

    def as_dict(self) -> dict[str, Json]:
        """The report as plain data, fit for JSON."""
        return {
            "profile": self.profile,
            "method": self.method,
            "parameters": self.parameters,
            "tables": [dict(vars(table)) for table in self.tables],
            "attack": self.attack.as_dict(),
            "rounds": self.rounds,
        }


@dataclass(frozen=True)
class Perturbed:
    """Tables whose numbers were changed, and the report that goes with them.

    Attributes:
        tables: the true tables; not for the public.
        report: what was changed, and that it withstood the attack.
    """

    tables: tuple[Table, ...]
    report: MethodReport
    _shown: dict[str, tuple[Floats, pa.Table]] = field(repr=False)

    def status(self, table_name: str) -> pa.Table:
        """The dimension columns of a table, `status` (ok, primary, secondary, rounded or perturbed) and the `reason` of primary cells.

        Args:
            table_name: name of one of the tables; rows are in the order of its cells.

        Raises:
            DisclosureError: when no table bears the name.
        """
        if table_name not in self._shown:
            raise DisclosureError(
                f"No table {table_name!r} was perturbed; there are {', '.join(self._shown)}."
            )
        return self._shown[table_name][1]

    def visible(self, table_name: str) -> pa.Table:
        """The dimension columns of a table, its published `value`, null where hidden, and `status`; nothing else is published.

        Args:
            table_name: name of one of the tables.

        Raises:
            DisclosureError: when no table bears the name.
        """
        status = self.status(table_name)
        value = self._shown[table_name][0]
        place = status.column_names.index("status")
        shown = pa.array(value, pa.float64(), mask=np.isnan(value))
        return status.drop_columns(["reason"]).add_column(place, "value", shown)
