"""Attack a publication that this library or any other program made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.disclosure.attack.failures import AuditReport
from zicht.disclosure.history import History
from zicht.disclosure.model import Bools, Link, Table, positions
from zicht.disclosure.profiles import Profile
from zicht.errors import DisclosureError


def audit(
    tables: Sequence[Table],
    statuses: Mapping[str, pa.Table],
    profile: Profile,
    *,
    links: Sequence[Link] = (),
    history: History | None = None,
) -> AuditReport:
    """Attack a publication.

    Args:
        tables: the true tables.
        statuses: for each table name, its dimension columns and `status`; every status but `ok` hides the cell.
        profile: the rules that the publication must keep, and the attacks that it must withstand.
        links: which cells of different tables are the same number.
        history: what is public already; what it and this publication give away together fails as `A4`.

    Returns:
        The report, with a witness for every failure.

    Raises:
        DisclosureError: when there are no tables, two bear one name, or a status is missing or names a cell that the
            table does not hold, or the history does not fit the tables.

    Source: feasible intervals as in Fischetti and Salazar (Management Science 47, 2001) and the Handbook on Statistical
    Disclosure Control, found with HiGHS (Huangfu and Hall, Math. Prog. Comp. 10, 2018); the exact attack is our own design.
    """
    names = [table.name for table in tables]
    if not names:
        raise DisclosureError("There are no tables to attack; give at least one.")
    if double := next((name for name in names if names.count(name) > 1), None):
        raise DisclosureError(f"Two tables are called {double!r}; every table needs a name of its own.")
    # Numba, SciPy and HiGHS take most of a second to load, which who only reads profiles should not wait for.
    from zicht.disclosure.attack.auditor import Auditor

    hidden = np.concatenate([_hidden(table, statuses) for table in tables])
    report = Auditor(tables, profile, links).examine(hidden)
    if history is None:
        return report
    from zicht.disclosure.attack.differencing import differences

    found = differences(tables, hidden, profile, history, links=links)
    return replace(report, failures=(*report.failures, *found))


def _hidden(table: Table, statuses: Mapping[str, pa.Table]) -> Bools:
    if table.name not in statuses:
        raise DisclosureError(f"There are no statuses for table {table.name!r}.")
    given = statuses[table.name]
    hidden = np.zeros(int(np.prod(table.shape)), dtype=np.bool_)
    named = np.zeros_like(hidden)
    place = positions(table.name, table.dimensions, given)
    named[place] = True
    hidden[place] = pc.not_equal(given.column("status"), "ok").to_numpy()
    if not named[table.position].all():
        lost = table.label_at(int(table.position[~named[table.position]][0]))
        raise DisclosureError(f"The statuses of table {table.name!r} leave out the cell {lost}.")
    return hidden[table.position]
