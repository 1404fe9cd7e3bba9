"""How tables are protected: hide what the rules hide, hide more until nobody can subtract his way back, and prove it.

Rules (primary suppression), then suppression of others to cover them (secondary), then the audit, which
knows nothing of how the pattern was made. What the audit can still break is repaired, first with the
cheapest movement that would blur the cell, then by hiding whole rows, then the whole table; and audited
again. An unsafe pattern never leaves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.disclosure.attack.auditor import Auditor
from zicht.disclosure.model import Bools, Ints, Link, Table
from zicht.disclosure.profiles import Profile
from zicht.disclosure.reports import Protected, Report, TableReport
from zicht.disclosure.rules import REASONS, Sensitivity, assess
from zicht.disclosure.suppression.circuits import widen
from zicht.disclosure.suppression.cover import cover
from zicht.disclosure.suppression.system import System, assemble
from zicht.errors import DisclosureError

REPAIRS = 12  # rounds of repair by circuits before whole rows are hidden
PATIENCE = 60  # rounds of repair in all, before the tables are refused
STATUSES = np.array(["ok", "primary", "secondary"])


def suppress(tables: Sequence[Table], profile: Profile, links: Sequence[Link]) -> Protected:
    """Hide what the rules hide and what gives that away; see `protect`, which is its public face.

    Raises:
        DisclosureError: when a link does not hold, or no pattern is safe.
    """
    assessed = {table.name: assess(table, profile) for table in tables}
    system = assemble(tables, links, assessed)
    auditor = Auditor(tables, profile, links)
    hidden = cover(system)
    refused: list[str] = []
    verdict = auditor.examine(hidden[system.physical], words=False)
    rounds = 0
    while not verdict.safe:
        rounds += 1
        failing = np.unique(system.physical[[auditor.locate(failure) for failure in verdict.failures]])
        if rounds > PATIENCE:
            raise DisclosureError(
                f"{_name(system, int(failing[0]))} cannot be protected: {PATIENCE} repairs did not help."
            )
        before = hidden.copy()
        _repair(system, hidden, failing, rounds, refused)
        if np.array_equal(before, hidden):
            _give_up(system, hidden, failing, refused)
        verdict = auditor.examine(hidden[system.physical], words=False)
    statuses = {
        table.name: _status(table, hidden[system.of_table(index)], assessed[table.name])
        for index, table in enumerate(system.tables)
    }
    counted = tuple(_count(table, statuses[table.name]) for table in system.tables)
    return Protected(system.tables, Report(profile.id, counted, verdict, rounds, tuple(refused)), statuses)


def _repair(system: System, hidden: Bools, failing: Ints, rounds: int, refused: list[str]) -> None:
    """Change `hidden` so that the failing cells become safe: circuits first, whole rows when those do not help."""
    sensitive = failing[system.primary[failing]]
    if not sensitive.size:
        # A secondary cell that can be recomputed protects nobody: in sight it tells nothing new.
        hidden[failing] = False
        return
    for cell in sensitive[np.argsort(-system.value[sensitive], kind="stable")]:
        found = widen(system, hidden, int(cell)) if rounds <= REPAIRS else None
        if found is None:
            refused.append(
                f"{_name(system, int(cell))}: no set of other cells protects it, so all sums it is part of are hidden."
            )
            rows = np.unique(system.by_cell[:, [int(cell)]].indices)
            hidden[system.equations[rows].indices] = True
        else:
            hidden[found] = True


def _give_up(system: System, hidden: Bools, failing: Ints, refused: list[str]) -> None:
    """Hide the tables of the failing cells whole.

    Raises:
        DisclosureError: when they are hidden already.
    """
    stuck = True
    for index, table in enumerate(system.tables):
        cells = system.of_table(index)
        if np.isin(failing, cells).any() and not hidden[cells].all():
            hidden[cells] = True
            stuck = False
            refused.append(f"{table.name}: some cells cannot be protected, so the whole table is hidden.")
    if stuck:
        raise DisclosureError(
            f"{_name(system, int(failing[0]))} cannot be protected: it can be recomputed even with its whole table hidden."
        )


def _name(system: System, cell: int) -> str:
    number = int(np.flatnonzero(system.physical == cell)[0])
    index = int(np.searchsorted(system.offsets, number, side="right")) - 1
    table = system.tables[index]
    return f"{table.name}: {table.label_at(int(table.position[number - system.offsets[index]]))}"


def _status(table: Table, hidden: Bools, found: Sensitivity) -> pa.Table:
    kind = np.where(found.primary, 1, np.where(hidden, 2, 0))
    columns = {d.name: pc.cast(table.cells.column(d.name), pa.string()) for d in table.dimensions}
    reasons = pa.array(np.array(REASONS)[found.reason], mask=~found.primary, type=pa.string())
    return pa.table(columns | {"status": pa.array(STATUSES[kind], pa.string()), "reason": reasons})


def _count(table: Table, status: pa.Table) -> TableReport:
    kind = np.array(status.column("status").to_pylist())
    size = np.abs(table.value)
    lost = float(size[kind == "secondary"].sum())
    free = float(size[kind != "primary"].sum())
    ok, primary, secondary = (int((kind == name).sum()) for name in STATUSES)
    return TableReport(table.name, ok, primary, secondary, lost, lost / free if free else 0.0)
