"""From records of contributors to a table of sums: contributions of one holding counted as one, waivers, requests, weights.

Who protects sums must know who makes them up, and that cannot be told from the sums alone. Source: Handbook on Statistical
Disclosure Control (Hundepool et al., 2nd edition, section 4.2.1, holdings, waivers, sampling weights and foreign trade).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.disclosure.dimensions import Bools, Dimension, Floats, Ints
from zicht.disclosure.model import Table, positions
from zicht.errors import DisclosureError


@dataclass(frozen=True)
class _Records:
    """The records in columns: where each belongs, what it contributes, and what its contributor said."""

    codes: tuple[Ints, ...]
    value: Floats
    weight: Floats
    holding: Ints
    waived: Bools
    asked: Bools


def tabulate(name: str, dimensions: tuple[Dimension, ...], records: pa.Table) -> Table:
    """Add up records over every level of every dimension.

    Args:
        name: what the table is called.
        dimensions: one or more dimensions.
        records: one row a contribution: a string column per dimension (codes without parts; units of which less is known
            need a code of unknown units) and `value` (double). Where there are such columns, `holding` says whose the
            contribution is (each row stands for itself otherwise), `waived` (bool) that the contributor gave leave,
            `requested` (bool) that it asked for protection, and `weight` (double, at least 1) how many units of the
            population it stands for. A holding gave leave only if all its rows did, and asked if one did.

    Returns:
        The table, of all cells of the cross product: `value` weighted, `n` the number of holdings, `largest` the largest
        contribution of who gave no leave and `second` that of all others (in size, where they may be negative), the
        holdings that these are of, and the columns `waived`, `requested` and weights where the records have them.

    Raises:
        DisclosureError: when a column is missing, a code is unknown, or both holdings and weights are given, for of the
            units that a sampled one stands for the holding is unknown.
    """
    given = _columns(name, dimensions, records)
    names = _holders(records)
    shape = tuple(len(dimension.codes) for dimension in dimensions)
    size = int(np.prod(shape))
    found = {column: np.zeros(size) for column in ("value", "n", "largest", "second", "waived", "requested")}
    found |= {column: np.ones(size) for column in ("largest_weight", "second_weight")}
    holders = {column: np.full(size, -1) for column in ("largest_holder", "second_holder")}
    paths = [_paths(dimension)[code] for dimension, code in zip(dimensions, given.codes, strict=True)]
    for steps in itertools.product(*(range(path.shape[1]) for path in paths)):
        nodes = np.stack([path[:, step] for path, step in zip(paths, steps, strict=True)])
        inside = np.flatnonzero(np.all(nodes >= 0, axis=0))
        if inside.size:
            cell = np.ravel_multi_index(tuple(nodes[:, inside]), shape)
            _add(cell, inside, given, found, holders)
    said = {"waived": "waived", "requested": "requested", "weight": "largest_weight"}
    unsaid = {column for source, column in said.items() if source not in records.column_names}
    if "largest_weight" in unsaid:
        unsaid.add("second_weight")
    codes = np.unravel_index(np.arange(size), shape)
    cells: dict[str, pa.Array] = {
        d.name: pa.DictionaryArray.from_arrays(at.astype(np.int32), list(d.codes)).cast(pa.string())
        for d, at in zip(dimensions, codes, strict=True)
    }
    for column, numbers in found.items():
        if column not in unsaid:
            cells[column] = pa.array(numbers.astype(np.int64) if column in ("n", "waived") else numbers)
    for column, at in holders.items():
        cells[column] = names.take(pa.array(at, mask=at < 0))
    return Table(name, dimensions, pa.table(cells))


def _columns(name: str, dimensions: tuple[Dimension, ...], records: pa.Table) -> _Records:
    needed = [dimension.name for dimension in dimensions] + ["value"]
    if missing := [column for column in needed if column not in records.column_names]:
        raise DisclosureError(
            f"The records of table {name!r} have no column {missing[0]!r}; they need {', '.join(needed)}."
        )
    if {"holding", "weight"} <= set(records.column_names):
        raise DisclosureError(
            f"The records of table {name!r} have holdings and weights. Of the units that a sampled one stands for the holding is "
            "unknown: add the records of each holding up, or leave the weights out."
        )
    flat = positions(name, dimensions, records)
    codes = np.unravel_index(flat, tuple(len(dimension.codes) for dimension in dimensions))
    absent = pa.nulls(records.num_rows)

    def column(of: str, kind: pa.DataType, empty: float | bool) -> pa.ChunkedArray:
        content = records.column(of) if of in records.column_names else pa.chunked_array([absent])
        return pc.fill_null(pc.cast(content, kind), empty).to_numpy()

    holding = np.arange(records.num_rows)
    if "holding" in records.column_names:
        holding = pc.index_in(pc.cast(records.column("holding"), pa.string()), _holders(records)).to_numpy()
    return _Records(
        codes=codes,
        value=column("value", pa.float64(), 0.0),
        weight=column("weight", pa.float64(), 1.0),
        holding=np.asarray(holding, dtype=np.int64),
        waived=column("waived", pa.bool_(), empty=False),
        asked=column("requested", pa.bool_(), empty=False),
    )


def _holders(records: pa.Table) -> pa.Array:
    """The names of the holdings in the order of their numbers; rows stand for themselves by their number."""
    if "holding" in records.column_names:
        return pc.unique(pc.cast(records.column("holding"), pa.string()))
    return pc.cast(pa.array(np.arange(records.num_rows)), pa.string())


def _paths(dimension: Dimension) -> Ints:
    """For each code the codes from the root down to it, then -1. Shape (codes, levels)."""
    upward = []
    for code in range(len(dimension.codes)):
        path = [code]
        while dimension.parent_index[path[-1]] >= 0:
            path.append(int(dimension.parent_index[path[-1]]))
        upward.append(path[::-1])
    deepest = max(map(len, upward))
    return np.array([path + [-1] * (deepest - len(path)) for path in upward])


def _add(cell: Ints, rows: Ints, given: _Records, found: dict[str, Floats], holders: dict[str, Ints]) -> None:
    """Add records to cells of one combination of levels; no other combination has these cells."""
    many = int(given.holding.max()) + 1
    pairs, first, number = np.unique(
        cell * many + given.holding[rows], return_index=True, return_inverse=True
    )
    at, holder = np.divmod(pairs, many)
    amount = np.bincount(number, given.value[rows])
    weight = given.weight[rows][first]
    silent = np.bincount(number, ~given.waived[rows]) > 0  # gave no leave for at least one row
    asked = np.bincount(number, given.asked[rows]) > 0
    size = np.abs(amount)
    np.add.at(found["value"], at, amount * weight)
    np.add.at(found["n"], at, 1)
    np.add.at(found["waived"], at, ~silent)
    np.maximum.at(found["requested"], at, size * asked)
    # The largest of who gave no leave comes first; of the others the largest whatever they said.
    leading = np.lexsort((holder, -size, ~silent, at))
    heads = leading[np.unique(at[leading], return_index=True)[1]]
    heads = heads[silent[heads]]
    others = np.ones(pairs.size, dtype=np.bool_)
    others[heads] = False
    rest = np.flatnonzero(others)
    rest = rest[np.lexsort((holder[rest], -size[rest], at[rest]))]
    next_ones = rest[np.unique(at[rest], return_index=True)[1]]
    for column, chosen in (("largest", heads), ("second", next_ones)):
        found[column][at[chosen]] = size[chosen]
        found[f"{column}_weight"][at[chosen]] = weight[chosen]
        holders[f"{column}_holder"][at[chosen]] = holder[chosen]
