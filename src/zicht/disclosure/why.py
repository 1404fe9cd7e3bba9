"""Why one cell is hidden: the rule that hides it, or the cells that would be given away if it were shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.disclosure.attack.failures import Failure
from zicht.disclosure.audit import audit
from zicht.disclosure.model import Link, Table, positions
from zicht.disclosure.profiles import Profile
from zicht.errors import DisclosureError


@dataclass(frozen=True)
class Why:
    """Why a cell is hidden.

    Attributes:
        status: `ok`, `primary` or `secondary`.
        rule: the rule that hides it, where one does.
        gives_away: what an attack would find if this cell alone were shown: sensitive cells, each with the equations. Empty for a
            secondary cell that need not be hidden any more.
    """

    status: str
    rule: str | None
    gives_away: tuple[Failure, ...]


def why_hidden(
    tables: Sequence[Table],
    statuses: Mapping[str, pa.Table],
    profile: Profile,
    table: str,
    codes: Sequence[str],
    *,
    links: Sequence[Link] = (),
) -> Why:
    """Show one hidden cell in thought, attack the result, and say what that gives away.

    Args:
        tables: the true tables.
        statuses: for each table name its statuses, as `Protected.status` gives them.
        profile: the rules.
        table: name of the table of the cell.
        codes: the code of the cell in each dimension, in their order.
        links: which cells of different tables are the same number.

    Returns:
        The status of the cell, with the rule or the cells that are the reason.

    Raises:
        DisclosureError: when the table or the cell does not exist.
    """
    found = next((one for one in tables if one.name == table), None)
    if found is None:
        raise DisclosureError(
            f"There is no table {table!r}; there are {', '.join(one.name for one in tables)}."
        )
    row = _row(found, statuses[table], codes)
    status = statuses[table].column("status")[row].as_py()
    if status != "secondary":
        rule = statuses[table].column("reason")[row].as_py() if status == "primary" else None
        return Why(status, rule, ())
    shown = {
        one.name: _showing(one, statuses[one.name], _same(tables, links, table, codes)) for one in tables
    }
    sensitive = {
        one.name: set(np.flatnonzero(_is(one, statuses[one.name], "primary")).tolist()) for one in tables
    }
    failures = audit(tables, shown, profile, links=links).failures
    return Why(status, None, tuple(f for f in failures if f.row in sensitive[f.table]))


def _row(table: Table, status: pa.Table, codes: Sequence[str]) -> int:
    """The row of `status` that holds the cell with these codes."""
    wanted = _place(table, codes)
    rows = np.flatnonzero(positions(table.name, table.dimensions, status) == wanted)
    if not rows.size:
        raise DisclosureError(f"Table {table.name!r} holds no cell {' × '.join(codes)}.")
    return int(rows[0])


def _place(table: Table, codes: Sequence[str]) -> int:
    given = pa.table({d.name: [code] for d, code in zip(table.dimensions, codes, strict=True)})
    return int(positions(table.name, table.dimensions, given)[0])


def _same(
    tables: Sequence[Table], links: Sequence[Link], table: str, codes: Sequence[str]
) -> set[tuple[str, int]]:
    """The cell and all that are linked to it, as table names and row numbers."""
    by_name = {one.name: one for one in tables}
    start = by_name[table]
    same = {(table, int(np.flatnonzero(start.position == _place(start, codes))[0]))}
    ends = [
        ((link.left, left), (link.right, right)) for link in links for left, right in [link.rows(by_name)]
    ]
    size = 0
    while size < len(same):
        size = len(same)
        for here, there in (*ends, *((right, left) for left, right in ends)):
            known = [row for name, row in same if name == here[0]]
            same |= {(there[0], int(row)) for row in there[1][np.isin(here[1], known)]}
    return same


def _showing(table: Table, status: pa.Table, cells: set[tuple[str, int]]) -> pa.Table:
    rows = {row for name, row in cells if name == table.name}
    places = positions(table.name, table.dimensions, status)
    mask = np.isin(places, table.position[sorted(rows)]) if rows else np.zeros(places.size, dtype=np.bool_)
    column = pc.if_else(pa.array(mask), "ok", status.column("status"))
    return status.set_column(status.column_names.index("status"), "status", column)


def _is(table: Table, status: pa.Table, kind: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which rows of the table have the status `kind`."""
    flags = np.zeros(int(np.prod(table.shape)), dtype=np.bool_)
    flags[positions(table.name, table.dimensions, status)] = pc.equal(
        status.column("status"), kind
    ).to_numpy()
    return flags[table.position]
