"""What a table must be to be protected: columns in shape, numbers that can be, totals that are the sum of their parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from zicht.disclosure.dimensions import Bools, Dimension, Floats
from zicht.errors import DisclosureError

if TYPE_CHECKING:
    from zicht.disclosure.model import Table

TOLERANCE = 1e-6  # relative difference up to which a total counts as the sum of its parts

ABOUT = {
    "second": "largest",
    "largest_holder": "largest",
    "second_holder": "second",
    "largest_weight": "largest",
    "second_weight": "second",
}  # columns that say something of another one, which must be there too
NOT_NEGATIVE = ("largest", "second", "requested", "waived", "objects", "degrees_of_freedom")
AT_LEAST_ONE = ("largest_weight", "second_weight")
NUMBERS = (
    *NOT_NEGATIVE,
    *AT_LEAST_ONE,
    "importance",
    "known_lower",
    "known_upper",
    "protect_lower",
    "protect_upper",
)


def check_columns(table: Table) -> None:
    """Refuse a table that lacks a column or holds nulls where they cannot be.

    Raises:
        DisclosureError: it names the column.
    """
    given = table.cells.column_names
    needed = [dimension.name for dimension in table.dimensions] + ["value", "n"]
    if missing := [column for column in needed if column not in given]:
        raise DisclosureError(
            f"Table {table.name!r} has no column {missing[0]!r}; it needs {', '.join(needed)}."
        )
    if holes := [column for column in needed if table.cells.column(column).null_count]:
        raise DisclosureError(
            f"Column {holes[0]!r} of table {table.name!r} holds nulls; leave the cell out instead."
        )
    for column, about in ABOUT.items():
        if column in given and about not in given:
            raise DisclosureError(
                f"Table {table.name!r} has a column {column!r} but no column {about!r}, which it is about."
            )
    for column in (name for name in (*NUMBERS, "value", "n") if name in given):
        kind = table.cells.schema.field(column).type
        if not (
            pa.types.is_integer(kind)
            or pa.types.is_floating(kind)
            or pa.types.is_decimal(kind)
            or pa.types.is_null(kind)
        ):
            raise DisclosureError(f"Column {column!r} of table {table.name!r} must hold numbers, not {kind}.")
    if np.any(table.n < 0) or not np.all(np.isfinite(table.value)):
        raise DisclosureError(f"Table {table.name!r} holds a negative n or a value that is no number.")


def check_numbers(table: Table) -> None:
    """Refuse numbers that cannot be, once the cells have their places.

    Raises:
        DisclosureError: it names the first cell at fault.
    """
    given = table.cells.column_names
    for column in (name for name in NOT_NEGATIVE if name in given):
        _refuse(table, table.numbers(column, 0.0) < 0, f"{column!r} is below 0")
    for column in (name for name in AT_LEAST_ONE if name in given):
        _refuse(table, table.numbers(column, 1.0) < 1, f"{column!r} is below 1; all stand for themselves")
    _refuse(table, table.importance <= 0, "'importance' is not above 0")
    _refuse(table, table.waived > table.n, "more contributors gave leave than there are")
    slack = TOLERANCE * np.maximum(np.abs(table.value), 1.0)
    outside = (table.value < table.known_lower - slack) | (table.value > table.known_upper + slack)
    _refuse(table, outside, "the value lies outside 'known_lower' to 'known_upper', which is known of it")


def check_sums(table: Table) -> None:
    """Refuse a table with a total that is not the sum of its parts.

    Raises:
        DisclosureError: it names the first such total.
    """
    spread = table.dense(table.value, 0.0)
    size, given = table.dense(np.abs(table.value), 0.0), table.dense(np.ones(table.n.size), 0.0)
    for axis, dimension in enumerate(table.dimensions):
        total, room, parts_given = (_added(dimension, cube, axis) for cube in (spread, size, given))
        off = np.abs(total - spread) > TOLERANCE * np.maximum(room + size, 1.0)
        off &= parts_given > 0
        if not off.any():
            continue
        first = int(np.flatnonzero(off.ravel())[0])
        raise DisclosureError(
            f"In table {table.name!r} the cell {table.label_at(first)} is {spread.ravel()[first]:.12g}, but its parts along "
            f"{dimension.name!r} add up to {total.ravel()[first]:.12g}. Give units of unknown {dimension.name!r} a code of their own."
        )


def _added(dimension: Dimension, cube: Floats, axis: int) -> Floats:
    """The sum of the parts of each code, in the shape of `cube`; 0 for codes without parts."""
    turned = np.moveaxis(cube, axis, 0)
    parts = np.flatnonzero(dimension.parent_index >= 0)
    total = np.zeros_like(turned)
    np.add.at(total, dimension.parent_index[parts], turned[parts])
    return np.moveaxis(total, 0, axis)


def _refuse(table: Table, wrong: Bools, words: str) -> None:
    if np.any(wrong):
        row = int(np.flatnonzero(wrong)[0])
        raise DisclosureError(
            f"In table {table.name!r}, cell {table.label_at(int(table.position[row]))}: {words}."
        )
