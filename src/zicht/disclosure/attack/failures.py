"""What an attack found: the cells that are not safe, each with the equations that give it away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


@dataclass(frozen=True)
class Failure:
    """One cell that is not safe.

    Attributes:
        attack: `published`, `A0`, `A1`, `A2` or `A3`; `A4` over releases, `A5` on changed numbers.
        table: its table.
        row: its row in the table's cells.
        cell: its codes.
        interval: what the attacker can narrow it down to (no further than the audit needed to look).
        witness: the equations that give it away, in words.
        by: of A3, whose knowledge suffices: for one coalition after another the numbers of the cells, counting table
            after table, whose contributors would have to put together what they know. Not all coalitions are named.
    """

    attack: str
    table: str
    row: int
    cell: str
    interval: tuple[float, float]
    witness: tuple[str, ...] = ()
    by: tuple[tuple[int, ...], ...] = ()

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
        failures: every cell that is not safe from the attacks that the profile names.
        hidden: number of hidden cells, in all tables.
        primary: number of those that a rule hides.
        exposed_to_contributor: sensitive cells that the contributors to other hidden cells could compute (A3), whether
            or not the profile names that attack.
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
