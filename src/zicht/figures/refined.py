"""Units counted by the areas of several divisions at once, in the finest cells: what two divisions have in common.

Which of the people of an old buurt live in which new one is told by no figure; it is what protection reckons with where earlier figures were
about other areas. Counted by the engine as figures are (`zicht.figures.passes`), so that the cells add up to them exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.areas import Areas
from zicht.declare import DimensionDeclared, Indicator, Register
from zicht.engine import FIXED, Engine, quote
from zicht.figures.cube import Land
from zicht.figures.passes import Columns, Pass, plan
from zicht.figures.places import Places
from zicht.figures.table import UNKNOWN, period_text


@dataclass(frozen=True)
class Placing:
    """One way in which units are put in areas.

    Attributes:
        name: how the column with the codes is called in what is counted.
        areas: the division.
        column: the column of the register with codes of that division; None for the area that the indicator itself goes by.
        default: the gemeente in which units count of which no more is known; None where such units are in no figure.
    """

    name: str
    areas: Areas
    column: str | None = None
    default: str | None = None


def refine(
    engine: Engine,
    register: Register,
    table_name: str,
    indicators: Sequence[Indicator],
    dimensions: Mapping[str, DimensionDeclared],
    placings: Sequence[Placing],
) -> Mapping[str, pa.Table]:
    """Count the units of indicators by what several divisions make of their area.

    Args:
        engine: where the register has been added.
        register: its contract.
        table_name: what the engine calls it.
        indicators: those to count for; none that is taken over.
        dimensions: at least those that the indicators are broken down by.
        placings: the divisions.

    Returns:
        For each indicator one row for each cell with units: a string column for each placing (codes of its finest level, unknown
        children included; null where it counts the unit nowhere), `period`, a column for each breakdown (no totals), `n` (int64), and
        where the measure has them `numerator` (int64) and `total` (double).

    Raises:
        EngineError: a column or expression does not fit the register.
    """
    lands = [Land.of(placing.areas) for placing in placings]
    found: dict[str, pa.Table] = {}
    for one, columns in plan(register, indicators, dimensions):
        tally = one.tally(dimensions)
        keys = {f"e{at}": quote(p.column) for at, p in enumerate(placings) if p.column is not None}
        rows = engine.tally(table_name, replace(tally, texts={**tally.texts, **keys}))
        placed = {
            placing.name: _placed(rows["area" if placing.column is None else f"e{at}"], placing, land)
            for at, (placing, land) in enumerate(zip(placings, lands, strict=True))
        }
        placed["period"] = _periods(rows, register)
        for indicator in one.indicators:
            found[indicator.id] = _cells(rows, placed, one, columns[indicator.id], indicator, dimensions)
    return found


def _placed(codes: pa.ChunkedArray, placing: Placing, land: Land) -> pa.Array:
    encoded = codes.combine_chunks().dictionary_encode()
    rows = Places.of(encoded.dictionary, land, placing.areas, placing.default).cells(encoded.indices)
    return pa.array(land.finest, pa.string()).take(pa.array(rows, mask=rows < 0))


def _periods(rows: pa.Table, register: Register) -> pa.Array:
    if "period" not in rows.column_names:
        return pa.array([str(register.period)] * rows.num_rows, pa.string())
    encoded = rows["period"].combine_chunks().dictionary_encode()
    texts = [period_text(said) for said in encoded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(encoded.indices)


def _cells(
    rows: pa.Table,
    placed: Mapping[str, pa.Array],
    one: Pass,
    columns: Columns,
    indicator: Indicator,
    dimensions: Mapping[str, DimensionDeclared],
) -> pa.Table:
    keys = dict(placed)
    for id_ in indicator.by:
        labels = pa.array([*(category.id for category in dimensions[id_].categories), UNKNOWN], pa.string())
        keys[id_] = labels.take(rows[f"d{one.dimensions.index(id_)}"].combine_chunks().cast(pa.int64()))
    counts = {"n": columns.n, "numerator": columns.numerator, "total": columns.total}
    made = {name: pc.fill_null(rows[column], 0) for name, column in counts.items() if column is not None}
    cells = pa.table({**keys, **made})
    cells = cells.filter(pc.and_(pc.is_valid(cells["period"]), pc.greater(cells["n"], 0)))
    summed = cells.group_by(list(keys), use_threads=False).aggregate([(name, "sum") for name in made])
    summed = summed.rename_columns([*keys, *made]).sort_by([(key, "ascending") for key in keys])
    if columns.total is None:
        return summed
    total = np.asarray(summed["total"].to_numpy()) / FIXED
    return summed.set_column(summed.column_names.index("total"), "total", pa.array(total))
