"""Whether published figures add up: children against their parent, rounding told apart from difference."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.areas import Areas
from zicht.declare import Indicator
from zicht.figures.cube import Land
from zicht.figures.table import TOTAL, Bools, Floats, Ints, codes_to_strings

SUMS = pa.schema([
    ("indicator", pa.string()), ("period", pa.string()), ("parent", pa.string()), ("level", pa.string()),
    ("sum_of_children", pa.float64()), ("own_value", pa.float64()), ("difference", pa.float64()), ("verdict", pa.string()),
])  # fmt: skip
"""The columns of `check_sums`; `level` is that of the children."""

VERDICTS = ("equal", "rounding", "differs")


def check_sums(table: pa.Table, areas: Areas, indicator: Indicator) -> pa.Table:
    """Compare every figure that was taken over with the sum of the areas that lie in it, at every finer level.

    Args:
        table: the figures of a take; those that are broken down are left aside.
        areas: the division.
        indicator: what the figures are of. `rounded_to` is the base to which the deliverer rounds: every child, and the parent, can be
            off by almost as much.

    Returns:
        Rows as in `SUMS`, by period, level of the children and parent. Verdict `equal`, `rounding` (the difference is at most
        (rounded_to − 1) × (number of parts + 1)) or `differs`. The parts are the children with a value or the areas of the finest level,
        whichever are more: a published wijk can itself be a sum of rounded buurten. A child without value adds nothing, so a parent of
        which no child has a value differs by all of its own; a parent without value is left out, and so is a level without any.
    """
    land = Land.of(areas)
    for id_ in indicator.by:
        table = table.filter(pc.equal(table[id_], TOTAL))
    place = pc.index_in(table["area"], pa.array(land.codes)).to_numpy()
    pairs = [
        pair for pair in combinations(land.rows, 2) if not set(pair) <= set(areas.regio_levels)
    ]  # those do not nest
    found: list[pa.Table] = []
    for period in sorted(set(table["period"].to_pylist())):
        rows = pc.equal(table["period"], period).to_numpy()
        values = np.full(len(land.codes), np.nan)
        values[place[rows]] = table["value"].to_numpy()[rows]
        found += [_compared(land, values, child, parent, indicator, period) for child, parent in pairs]
    return pa.concat_tables(found) if found else SUMS.empty_table()


def _compared(
    land: Land, values: Floats, child: str, parent: str, indicator: Indicator, period: str
) -> pa.Table:
    pairs = np.unique(np.stack([land.rows[child], land.rows[parent]]), axis=1)
    has = np.isfinite(values[pairs[0]])
    total = np.zeros(len(land.codes))
    np.add.at(total, pairs[1][has], values[pairs[0][has]])
    is_parent = np.zeros(len(land.codes), np.bool_)
    is_parent[pairs[1]] = has.any()
    rows = np.flatnonzero(is_parent & np.isfinite(values))
    own, summed = values[rows], total[rows]
    difference = summed - own
    parts = np.maximum(_within(land, pairs[:, has]), _within(land, _finest_pairs(land, parent)))
    bound = ((indicator.rounded_to or 1) - 1) * (parts[rows] + 1)
    verdict = np.where(_same(difference, own), 0, np.where(np.abs(difference) <= bound, 1, 2))
    size = len(rows)
    return pa.table(
        [
            codes_to_strings(np.zeros(size, np.int32), [indicator.id]),
            codes_to_strings(np.zeros(size, np.int32), [period]),
            codes_to_strings(rows, land.codes),
            codes_to_strings(np.zeros(size, np.int32), [child]),
            pa.array(summed),
            pa.array(own),
            pa.array(difference),
            codes_to_strings(verdict, VERDICTS),
        ],
        schema=SUMS,
    )


def _finest_pairs(land: Land, parent: str) -> Ints:
    finest = next(iter(land.rows))
    pairs = np.unique(np.stack([land.rows[finest], land.rows[parent]]), axis=1)
    return np.asarray(
        pairs[:, ~land.unknown[pairs[0]]], np.int64
    )  # nobody publishes, and so rounds, an unknown child


def _within(land: Land, pairs: Ints) -> Ints:
    """How many areas lie in each area, by pairs (area, what it lies in)."""
    found = np.zeros(len(land.codes), np.int64)
    np.add.at(found, pairs[1], 1)
    return found


def _same(difference: Floats, own: Floats) -> Bools:
    return np.asarray(np.abs(difference) <= 1e-9 * np.maximum(np.abs(own), 1.0), np.bool_)
