"""Unbiased random rounding, drawn from the units of a cell, so that the same units give the same number everywhere.

A value qb + r becomes (q + 1)b with probability r/b and qb otherwise, so that it is right on average and wrong by
less than b. The draw comes from the key of the cell: asking again, or in another table, gives nothing new, and
rounded numbers need not add up.

Source: Nargundkar and Saveland (1972), Random rounding to prevent statistical disclosure; keyed on the units as in Fraser
and Wooton (2005).
"""

from __future__ import annotations

import numpy as np

from zicht.disclosure.model import Bools, Floats, Table
from zicht.disclosure.perturbation.keys import keys_of, uniform
from zicht.errors import DisclosureError

PURPOSE = 1  # tells these draws from those of other methods
EXACT = 1e-9  # relative distance within which a value is a multiple of the base


def split(value: Floats, base: float) -> tuple[Floats, Floats]:
    """The multiple of the base at or below each value, and what is left, from 0 up to the base.

    Args:
        value: values.
        base: what is rounded to.

    Raises:
        DisclosureError: when the base is not positive.
    """
    if not base > 0:
        raise DisclosureError(f"The base of rounding is {base:g}; it must be positive.")
    steps = value / base
    whole = np.rint(steps)
    multiple = np.abs(steps - whole) <= EXACT * np.maximum(np.abs(steps), 1.0)
    below = np.where(multiple, whole, np.floor(steps)) * base
    return below, np.where(multiple, 0.0, value - below)


def round_randomly(table: Table, base: float, where: Bools | None = None) -> Floats:
    """Round each cell of a table up or down at random, right on average.

    Args:
        table: a table with keys of cells (`with_cell_keys`).
        base: what is rounded to, in the unit of the table.
        where: which cells are rounded; all if not given.

    Returns:
        The rounded values; shape (cells,). Cells elsewhere keep their value.

    Raises:
        DisclosureError: when the table has no keys, or the base is not positive.
    """
    below, rest = split(table.value, base)
    up = uniform(keys_of(table), PURPOSE) < rest / base
    rounded = below + base * up
    return np.asarray(rounded if where is None else np.where(where, rounded, table.value), dtype=np.float64)
