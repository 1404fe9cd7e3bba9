"""Keys of units and of cells, so that the same units get the same noise wherever they are counted together.

Every unit bears a key of 64 random bits, drawn once from its identity and a secret. The key of a cell is the
sum of the keys of its units modulo 2^64: it does not depend on the table, the order or the names of the
categories, and as long as one key is unknown it looks like any other number. What is drawn from it is
therefore the same in every table, product and year in which a cell holds the same units.

Source: Fraser and Wooton (2005), A proposed method for confidentialising tabular output to protect against
differencing; Thompson, Broadfoot and Elazar (2013), Methodology for the automatic confidentialisation of
statistical outputs from remote servers at the Australian Bureau of Statistics.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zicht.disclosure.model import Bools, Dimension, Floats, Ints, Table
from zicht.errors import DisclosureError

Keys = npt.NDArray[np.uint64]

KEY = "key"  # the column of a table that holds the keys of its cells
MIN_SECRET = 16  # bytes; fewer can be guessed, and with the secret the noise can be taken off
MAX_SECRET = 64  # bytes that BLAKE2b takes
# Constants of the finaliser of SplitMix64: Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators.
_STEP = 0x9E3779B97F4A7C15
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def unit_keys(identities: Iterable[str], secret: bytes) -> pa.Array:
    """Draw the key of each unit.

    Args:
        identities: what tells a unit from all others, in every table and year the same (a pseudonym, say).
        secret: 16 to 64 bytes that only the publisher has, kept as long as anything made with them is public.

    Returns:
        One uint64 per unit, never null.

    Raises:
        DisclosureError: when the secret is shorter or longer.

    Source: keyed BLAKE2b (RFC 7693), so that nobody without the secret can compute a key.
    """
    if not MIN_SECRET <= len(secret) <= MAX_SECRET:
        raise DisclosureError(
            f"The secret has {len(secret)} bytes; give {MIN_SECRET} to {MAX_SECRET} random ones."
        )
    start = hashlib.blake2b(digest_size=8, key=secret, person=b"zicht unit key")
    drawn = bytearray()
    for identity in identities:
        one = start.copy()
        one.update(identity.encode())
        drawn += one.digest()
    return pa.array(np.frombuffer(bytes(drawn), dtype="<u8").astype(np.uint64))


def with_cell_keys(table: Table, records: pa.Table) -> Table:
    """The table with the key of each cell in a column `key`.

    Args:
        table: a table over those records; a record counts in the cell of its codes and in every cell above it.
        records: one row per unit: a column of codes for every dimension of the table, and `key` (uint64, of `unit_keys`).

    Raises:
        DisclosureError: when a column is missing, or a record bears a code that the table has not.
    """
    needed = [*(dimension.name for dimension in table.dimensions), KEY]
    if missing := [name for name in needed if name not in records.column_names]:
        raise DisclosureError(f"The records have no column {missing[0]!r}; they need {', '.join(needed)}.")
    place = np.zeros(records.num_rows, dtype=np.int64)
    for dimension in table.dimensions:
        place = place * len(dimension.codes) + _codes(table, dimension, records)
    sums = np.zeros(int(np.prod(table.shape)), dtype=np.uint64)
    np.add.at(sums, place, np.asarray(records.column(KEY).to_numpy(), dtype=np.uint64))
    cube = sums.reshape(table.shape)
    for axis, dimension in enumerate(table.dimensions):
        _add_up(np.moveaxis(cube, axis, 0), dimension)
    cells = table.cells
    if KEY in cells.column_names:
        cells = cells.drop_columns([KEY])
    return Table(
        table.name,
        table.dimensions,
        cells.append_column(KEY, pa.array(cube.reshape(-1)[table.position])),
    )


def keys_of(table: Table) -> Keys:
    """The key of each cell of a table.

    Raises:
        DisclosureError: when the table has none.
    """
    if KEY not in table.cells.column_names or table.cells.column(KEY).null_count:
        raise DisclosureError(
            f"Table {table.name!r} has no keys of cells; `with_cell_keys` makes them from the records."
        )
    return np.asarray(table.cells.column(KEY).to_numpy(), dtype=np.uint64)


def scramble(keys: Keys, purpose: int) -> Keys:
    """Bits drawn from keys: equal for equal keys, and unrelated for keys that are sums of each other.

    Args:
        keys: keys of cells; not changed.
        purpose: bits drawn for different purposes are unrelated.

    Source: the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
    """
    bits = keys + np.uint64(_STEP * purpose % 2**64)
    shifted = bits >> np.uint64(30)
    bits ^= shifted
    bits *= _FIRST
    np.right_shift(bits, np.uint64(27), out=shifted)
    bits ^= shifted
    bits *= _SECOND
    np.right_shift(bits, np.uint64(31), out=shifted)
    bits ^= shifted
    return bits


def uniform(keys: Keys, purpose: int) -> Floats:
    """Numbers from 0 up to 1, each determined by its key and the `purpose`, as even as the `keys`."""
    return np.asarray((scramble(keys, purpose) >> np.uint64(11)) * 2.0**-53, dtype=np.float64)


def disagreeing(pairs: Sequence[tuple[Table, Table, Ints, Ints]]) -> str | None:
    """A cell whose key is not that of the same cell in another table.

    Args:
        pairs: two tables, and the rows of the cells that are the same number.

    Returns:
        Words for the first such cell, None where all agree.
    """
    for left, right, rows, others in pairs:
        differs: Bools = keys_of(left)[rows] != keys_of(right)[others]
        if differs.any():
            row = int(rows[int(np.flatnonzero(differs)[0])])
            return (
                f"{left.name}: {left.label_at(int(left.position[row]))}, which {right.name} gives another key"
            )
    return None


def _codes(table: Table, dimension: Dimension, records: pa.Table) -> Ints:
    given = pc.cast(records.column(dimension.name), pa.string())
    found = pc.index_in(given, value_set=pa.array(dimension.codes, pa.string()))
    if found.null_count:
        lost = given.filter(pc.is_null(found))[0].as_py()
        raise DisclosureError(
            f"A record bears the code {lost!r}, which dimension {dimension.name!r} of table {table.name!r} has not."
        )
    return np.asarray(found.to_numpy(), dtype=np.int64)


def _add_up(cube: Keys, dimension: Dimension) -> None:
    """Add children to their parents along the first axis, the deepest first."""
    depth = depths(dimension)
    for level in range(int(depth.max(initial=0)), 0, -1):
        here = np.flatnonzero(depth == level)
        np.add.at(cube, dimension.parent_index[here], cube[here])


def depths(dimension: Dimension) -> Ints:
    """How many levels each code of a dimension lies below the total."""
    depth = np.zeros(len(dimension.codes), dtype=np.int64)
    above = dimension.parent_index
    while np.any(above >= 0):
        depth += above >= 0
        above = np.where(above >= 0, dimension.parent_index[np.maximum(above, 0)], -1)
    return depth
