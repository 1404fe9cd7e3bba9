"""The cell key method: noise looked up for each count by a key that its units determine.

The key of a cell, the same wherever it holds the same units, picks one of the equally likely columns of a table of
noise (`make_ptable`); the count picks the row. Numbers keep their place but need not add up.

Source: Fraser and Wooton (2005); Thompson, Broadfoot and Elazar (2013); Giessing and Tent (2019), Concepts for generalising
tools implementing the cell key method to the case of continuous variables.
"""

from __future__ import annotations

import numpy as np

from zicht.disclosure.model import Bools, Floats, Ints, Table
from zicht.disclosure.perturbation.keys import Keys, keys_of, scramble
from zicht.disclosure.perturbation.ptables import Noise, PTable
from zicht.errors import DisclosureError

PURPOSE = 2  # tells these draws from those of other methods
BLOCK = 1 << 15  # cells looked up at once, so that they stay in the cache


def look_up(counts: Ints, keys: Keys, ptable: PTable) -> Noise:
    """The noise of each cell.

    Args:
        counts: numbers of units, 0 or more. Shape (cells,).
        keys: the key of each cell. Shape (cells,).
        ptable: the table of noise.

    Returns:
        What is to be added to each count; shape (cells,), int8.
    """
    columns = ptable.noise.shape[1]
    last, width = ptable.noise.shape[0] - 1, np.uint64(64 - (columns.bit_length() - 1))
    flat = ptable.noise.reshape(-1)
    noise = np.empty(counts.size, dtype=np.int8)
    for start in range(0, counts.size, BLOCK):
        part = slice(start, start + BLOCK)
        column = (scramble(keys[part], PURPOSE) >> width).view(np.int64)
        noise[part] = flat[np.minimum(counts[part], last) * columns + column]
    return noise


def perturb(table: Table, ptable: PTable, where: Bools | None = None) -> Floats:
    """Add to each count of a table the noise that its units determine.

    Args:
        table: a table of counts with keys of cells (`with_cell_keys`).
        ptable: the table of noise.
        where: which cells are perturbed; all if not given.

    Returns:
        The perturbed counts; shape (cells,). Cells elsewhere keep their count.

    Raises:
        DisclosureError: when the table holds no counts, or has no keys.
    """
    if not table.is_count:
        raise DisclosureError(
            f"Table {table.name!r} holds sums; the cell key method here is for counts of units."
        )
    perturbed = table.value + look_up(table.n, keys_of(table), ptable)
    return np.asarray(
        perturbed if where is None else np.where(where, perturbed, table.value), dtype=np.float64
    )
