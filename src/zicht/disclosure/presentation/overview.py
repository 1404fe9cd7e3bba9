"""What protection did, counted: how many cells are shown and hidden, why, and what hiding them cost.

For who made the tables: sums of hidden cells stand in it, so it is not for the public.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.disclosure.model import Dimension
from zicht.disclosure.reports import Protected

OVERVIEW_SCHEMA = pa.schema(
    [
        ("table", pa.string()),
        ("level", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("cells", pa.int64()),
        ("size", pa.float64()),
    ]
)
"""The columns of an overview: `cells` is a number of cells, `size` the sum of their absolute values in the unit of the table."""


def overview(protected: Protected, levels: Mapping[str, str] | None = None) -> pa.Table:
    """Count the cells of protected tables by table, level, status and reason.

    Args:
        protected: the outcome of `protect`.
        levels: the name of the level of each code of the first dimension of a table; where a code has none, or all are left
            out, its level is how many steps it stands below the total, as text.

    Returns:
        A table with the columns of OVERVIEW_SCHEMA, in the order of the tables; `reason` is null where no rule hides the cell.
    """
    parts = []
    for table in protected.tables:
        first = table.dimensions[0]
        named = levels or {}
        level = np.array(
            [named.get(code, str(step)) for code, step in zip(first.codes, _depths(first), strict=True)]
        )
        status = protected.status(table.name)
        cells = pa.table(
            {
                "table": pa.array([table.name] * table.n.size, pa.string()),
                "level": pa.array(level[table.places[0]], pa.string()),
                "status": status.column("status"),
                "reason": status.column("reason"),
                "size": np.abs(table.value),
            }
        )
        keys = ["table", "level", "status", "reason"]
        counted = cells.group_by(keys, use_threads=False).aggregate([("size", "count"), ("size", "sum")])
        parts.append(
            counted.rename_columns({"size_count": "cells", "size_sum": "size"}).select(OVERVIEW_SCHEMA.names)
        )
    return pa.concat_tables([OVERVIEW_SCHEMA.empty_table(), *(part.cast(OVERVIEW_SCHEMA) for part in parts)])


def _depths(dimension: Dimension) -> list[int]:
    """How many steps each code stands below the total."""
    depths = []
    for at in range(len(dimension.codes)):
        steps = 0
        while (above := int(dimension.parent_index[at])) >= 0:
            at, steps = above, steps + 1
        depths.append(steps)
    return depths


def total(counted: pa.Table, by: str) -> dict[str, dict[str, tuple[int, float]]]:
    """Cells and summed size by one column of an overview and by status.

    Args:
        counted: an overview, or several put together.
        by: the column, such as `level`; rows in which it is null are left out.

    Returns:
        For each value of the column, in order of first appearance, per status the number of cells and their size.
    """
    kept = counted.filter(pc.is_valid(counted.column(by)))
    summed = kept.group_by([by, "status"], use_threads=False).aggregate([("cells", "sum"), ("size", "sum")])
    found: dict[str, dict[str, tuple[int, float]]] = {}
    for row in summed.to_pylist():
        found.setdefault(row[by], {})[row["status"]] = (row["cells_sum"], row["size_sum"])
    return found
