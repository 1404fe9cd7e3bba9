"""Figures of a city of four buurten, written out by hand, and what of them is hidden."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from zicht.areas import Areas
from zicht.declare import Indicator
from zicht.figures import TOTAL, figure_schema
from zicht.release import HIDDEN

AREAS = Areas.from_tables(
    2025,
    {
        "gemeente": pa.table({"code": ["GM9002"], "name": ["G"]}),
        "wijk": pa.table({"code": ["WK900201"], "name": ["W"]}),
        "buurt": pa.table({"code": [f"BU9002010{i}" for i in (1, 2, 3, 4)], "name": list("abcd")}),
    },
)


def indicator(id_: str, measure: str, **more: object) -> Indicator:
    texts = {name: {"nl": name} for name in ("title", "explanation", "unit")}
    return Indicator.model_validate(
        {"id": id_, "theme": "t", "register": "r", "measure": measure, **texts, **more}
    )


def figures(
    one: Indicator, leaves: Mapping[tuple[str, ...], tuple[float, float]], period: str = "2025"
) -> pa.Table:
    """Figures of an indicator from its finest cells: (area, categories…) → (numerator or sum, number of units)."""
    rows: dict[tuple[str, ...], list[float]] = {}
    for (area, *categories), (part, n) in leaves.items():
        margins = [(*kept,) for kept in _margins(categories)]
        for level in (area, "WK900201", "GM9002"):
            for margin in margins:
                cell = rows.setdefault((level, *margin), [0.0, 0.0, 0.0])
                cell[0] += part
                cell[1] += n
                cell[2] = max(cell[2], part)
    records = []
    for (area, *categories), (part, n, largest) in sorted(rows.items()):
        level = {"B": "buurt", "W": "wijk", "G": "gemeente"}[area[0]]
        share = one.measure == "share"
        records.append(
            {"indicator": one.id, "area": area, "division": 2025, "level": level, "period": period, **dict(zip(one.by, categories, strict=True)),
             "value": (100 * part / n if share else part) if n else None, "numerator": part if share else None, "denominator": n if share else None,
             "n": int(n), "largest": largest, "second": largest / 2, "status": "ok"}
        )  # fmt: skip
    return pa.Table.from_pylist(records, figure_schema(one.by))


def _margins(categories: list[str]) -> list[list[str]]:
    if not categories:
        return [[]]
    return [[first, *rest] for rest in _margins(categories[1:]) for first in (categories[0], TOTAL)]


def shown(table: pa.Table) -> dict[str, str]:
    return dict(zip(table["area"].to_pylist(), table["status"].to_pylist(), strict=True))


def hidden(table: pa.Table, **categories: str) -> set[str]:
    """The areas in which a figure is hidden, of one category."""
    for name, category in categories.items():
        table = table.filter(pc.equal(table[name], category))
    return {area for area, status in shown(table).items() if status in HIDDEN}
