"""Write a table as text and read an outcome back as text, so that a test shows what it is about."""

from __future__ import annotations

import itertools

import pyarrow as pa

from zicht.disclosure import Dimension, Protected, Table


def tree(name: str, text: str, **options: object) -> Dimension:
    """A dimension from lines such as `GM > WK1 WK2`; the first code is the root."""
    parents: dict[str, str | None] = {}
    for line in text.strip().splitlines():
        parent, parts = (side.strip() for side in line.split(">"))
        parents.setdefault(parent, None)
        parents |= dict.fromkeys(parts.split(), parent)
    return Dimension(name, tuple(parents), tuple(parents.values()), **options)


def roll_up(name: str, dimensions: tuple[Dimension, ...], leaves: dict[tuple[str, ...], int]) -> Table:
    """The count table whose cells add `leaves` (counts by leaf codes) up over every level of every dimension."""
    parent = [dict(zip(d.codes, d.parents, strict=True)) for d in dimensions]

    def above(axis: int, code: str) -> list[str]:
        found: list[str] = []
        at: str | None = code
        while at is not None:
            found.append(at)
            at = parent[axis][at]
        return found

    counts: dict[tuple[str, ...], int] = {}
    for codes, count in leaves.items():
        for cell in itertools.product(*(above(axis, code) for axis, code in enumerate(codes))):
            counts[cell] = counts.get(cell, 0) + count
    return count_table(name, dimensions, counts)


def count_table(name: str, dimensions: tuple[Dimension, ...], counts: dict[tuple[str, ...], int]) -> Table:
    columns = {
        d.name: pa.array([cell[axis] for cell in counts], pa.string()) for axis, d in enumerate(dimensions)
    }
    numbers = list(counts.values())
    return Table(
        name,
        dimensions,
        pa.table(columns | {"value": pa.array(numbers, pa.float64()), "n": pa.array(numbers, pa.int64())}),
    )


def crosstab(rows: Dimension, text: str, name: str = "t", **options: object) -> Table:
    """A count table from a text with leaf rows and category columns; totals are added."""
    lines = [
        [part.strip() for part in line.split("|")] for line in text.strip().splitlines() if "-+-" not in line
    ]
    categories = lines[0][1:]
    flat = Dimension("kind", ("TOTAL", *categories), (None, *(["TOTAL"] * len(categories))), **options)
    leaves = {
        (line[0], category): int(count)
        for line in lines[1:]
        for category, count in zip(categories, line[1:], strict=True)
        if count
    }
    return roll_up(name, (rows, flat), leaves)


def shown(protected: Protected, name: str = "t") -> str:
    """What the public sees of a two-dimensional table, `*` for a hidden cell."""
    cells = protected.visible(name).to_pylist()
    table = next(table for table in protected.tables if table.name == name)
    rows, columns = table.dimensions
    seen = {
        (cell[rows.name], cell[columns.name]): "*" if cell["value"] is None else f"{cell['value']:g}"
        for cell in cells
    }
    lines = [[rows.name, *columns.codes]]
    lines += [[row, *(seen.get((row, column), "") for column in columns.codes)] for row in rows.codes]
    return "\n".join(" | ".join(line) for line in lines)


def statuses(table: Table, hidden: set[tuple[str, ...]]) -> pa.Table:
    """Statuses that hide just these cells."""
    cells = table.cells.to_pylist()
    names = [d.name for d in table.dimensions]
    marks = ["secondary" if tuple(cell[name] for name in names) in hidden else "ok" for cell in cells]
    return table.cells.select(names).append_column("status", pa.array(marks, pa.string()))
