"""Figures taken over from area statistics, such as those of CBS: nothing is counted, and nothing is lost.

A row of such a register is an area. Its value is an expression over the row; why there is no value stands in the columns
`<column>__status` that intake keeps beside every column with declared missing codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.areas import Areas
from zicht.declare import DimensionDeclared, Indicator, Register
from zicht.declare.sql import columns_used
from zicht.engine import Engine, literal, quote
from zicht.errors import ZichtError
from zicht.figures.cube import Grid, Land, levels_of
from zicht.figures.passes import area_sql, period_sql, run_form
from zicht.figures.table import (
    TOTAL,
    Floats,
    Ints,
    Leftover,
    codes_to_strings,
    constant,
    figure_schema,
    nullable,
    period_text,
)

WORST_FIRST = ("primary", "unreliable", "not_yet_published", "not_available")
"""Which status a figure gets that is made of several columns."""


def take(
    engine: Engine, register: Register, table: str, indicators: Sequence[Indicator], dimensions: Mapping[str, DimensionDeclared],
    areas: Areas,
) -> tuple[dict[str, pa.Table], dict[str, tuple[Leftover, ...]]]:  # fmt: skip
    """Take figures over.

    A value that is there is `ok`, or `unreliable` where the deliverer says so of a column it is made of; it is left out where such a
    column is hidden (`primary`). A value that is not there has the worst status of the columns it is made of, and `not_available` where
    they say nothing. An area of a level that the register has, without a row for a period, is `not_available`.

    Args:
        engine: where the register has been added.
        register: its contract.
        table: what the engine calls it.
        indicators: the takes over it.
        dimensions: by id.
        areas: the division.

    Returns:
        Figures by indicator id, and rows of areas that are not in the division.

    Raises:
        ZichtError: the register has an area twice in a period.
        EngineError: an expression does not fit the register.
    """
    figures: dict[str, pa.Table] = {}
    leftovers: dict[str, tuple[Leftover, ...]] = {}
    land = Land.of(areas)
    frames: dict[tuple[str, str | None, tuple[str, ...]], list[Indicator]] = {}
    for indicator in indicators:
        frame = (area_sql(indicator, register), period_sql(indicator, register), indicator.by)
        frames.setdefault(frame, []).append(indicator)
    for (_, _, by), members in frames.items():
        rows = _Rows.of(engine.query(take_sql(register, table, members, dimensions)), by, dimensions, land)
        for number, indicator in enumerate(members):
            figures[indicator.id] = rows.figures(indicator, number, levels_of(indicator, areas))
            if rows.left:
                leftovers[indicator.id] = rows.left
    return figures, leftovers


def take_sql(
    register: Register,
    table: str,
    indicators: Sequence[Indicator],
    dimensions: Mapping[str, DimensionDeclared],
) -> str:
    """The query that gives what several indicators need: area, period, categories, and v…, a…, b…, s… for each of them.

    Args:
        register: its contract.
        table: what the engine calls it.
        indicators: takes with the same area, period and breakdowns.
        dimensions: by id.
    """
    period = period_sql(indicators[0], register) or literal(register.period)
    keys = [
        f"TRIM(CAST({area_sql(indicators[0], register)} AS VARCHAR)) AS area",
        f"CAST({period} AS VARCHAR) AS period",
    ]
    keys += [
        f"COALESCE(CAST({run_form(dimensions[id_].sql)} AS VARCHAR), {literal(TOTAL)}) AS {quote(id_)}"
        for id_ in indicators[0].by
    ]
    columns = [sql for number, one in enumerate(indicators) for sql in _columns(one, number, register)]
    return f"SELECT {', '.join([*keys, *columns])} FROM {quote(table)}"


def _columns(indicator: Indicator, number: int, register: Register) -> list[str]:
    """The columns that one indicator needs: its value, what that was made of, and the rank of its worst status."""
    columns = [f"CAST({run_form(str(indicator.value))} AS DOUBLE) AS v{number}"]
    for letter, part in (("a", indicator.numerator), ("b", indicator.denominator)):
        columns.append(f"CAST({run_form(part) if part else 'NULL'} AS DOUBLE) AS {letter}{number}")
    used = [register.column(name) for name in columns_used(str(indicator.value))]
    beside = [
        quote(column.status_name) for column in used if column is not None and column.status_name is not None
    ]
    if not beside:
        return [*columns, f"{len(WORST_FIRST)} AS s{number}"]
    ranks = " ".join(
        f"WHEN {' OR '.join(f'{name} = {literal(status)}' for name in beside)} THEN {rank}"
        for rank, status in enumerate(WORST_FIRST)
    )
    return [*columns, f"CASE {ranks} ELSE {len(WORST_FIRST)} END AS s{number}"]


@dataclass(frozen=True)
class _Rows:
    """The rows of a register of areas, each with its place.

    Attributes:
        table: the rows that have a place.
        area: for each row the number of the area in `land.codes`.
        period: for each row the number of the period.
        category: for each dimension for each row the number of the category, 0 for the total.
        left: what has no place.
    """

    table: pa.Table
    land: Land
    periods: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    area: Ints
    period: Ints
    category: tuple[Ints, ...]
    left: tuple[Leftover, ...]

    @classmethod
    def of(
        cls, rows: pa.Table, by: Sequence[str], dimensions: Mapping[str, DimensionDeclared], land: Land
    ) -> _Rows:
        known = [code for code, unknown in zip(land.codes, land.unknown, strict=True) if not unknown]
        numbers = np.flatnonzero(~land.unknown)
        texts = pa.array([period_text(period) for period in rows["period"].to_pylist()], pa.string())
        rows = rows.set_column(rows.column_names.index("period"), "period", texts)
        labels = tuple((TOTAL, *(category.id for category in dimensions[id_].categories)) for id_ in by)
        placed = pc.and_(pc.is_in(rows["area"], pa.array(known)), pc.is_valid(rows["period"]))
        for id_, allowed in zip(by, labels, strict=True):
            placed = pc.and_(placed, pc.is_in(rows[id_], pa.array(allowed)))
        left = _left(rows, placed, known, by, labels)
        rows = rows.filter(placed)
        periods = tuple(sorted(set(rows["period"].to_pylist())))
        made = cls(
            rows, land, periods, labels, numbers[_places(rows["area"], known)], _places(rows["period"], periods),
            tuple(_places(rows[id_], allowed) for id_, allowed in zip(by, labels, strict=True)), left,
        )  # fmt: skip
        made.check_once()
        return made

    def check_once(self) -> None:
        """Whether every area stands in the register once a period.

        Raises:
            ZichtError: one stands there twice; two values cannot both be taken over.
        """
        keys = np.stack([self.area, self.period, *self.category])
        _, first, counts = np.unique(keys, axis=1, return_index=True, return_counts=True)
        if (counts > 1).any():
            row = int(first[np.argmax(counts > 1)])
            code, period = self.land.codes[self.area[row]], self.periods[self.period[row]]
            raise ZichtError(
                f"Area {code} stands {int(counts.max())} times in period {period}, so it is not clear which value to take. Add a"
                " dimension in `by`, or take one row an area in a register made by SQL."
            )

    def figures(self, indicator: Indicator, number: int, levels: Sequence[str]) -> pa.Table:
        """The figures of one indicator, an area without a row included."""
        names = np.array(self.land.levels)
        there = set(names[self.area].tolist()) & set(levels)
        keep = np.flatnonzero(np.isin(names, sorted(there)) & ~self.land.unknown)
        grid = Grid(keep, self.land, self.periods, indicator.by, self.labels)
        shape = (len(self.land.codes), len(self.periods), *map(len, self.labels))

        def spread(name: str) -> Floats:
            cube = np.full(shape, np.nan)
            cube[(self.area, self.period, *self.category)] = self.table[f"{name}{number}"].to_numpy()
            return np.asarray(grid.flat(cube), np.float64)

        rank = spread("s")
        value = spread("v")
        absent = ~np.isfinite(value) | (rank == WORST_FIRST.index("primary"))
        said = np.where(np.isnan(rank) | (rank == len(WORST_FIRST)), WORST_FIRST.index("not_available"), rank)
        shown = np.where(
            rank == WORST_FIRST.index("unreliable"), WORST_FIRST.index("unreliable"), len(WORST_FIRST)
        )
        status = codes_to_strings(np.where(absent, said, shown).astype(np.int32), (*WORST_FIRST, "ok"))
        parts = {"value": value, "numerator": spread("a"), "denominator": spread("b")}
        columns = {
            "indicator": constant(indicator.id, grid.size),
            **grid.keys,
            "n": pa.nulls(grid.size, pa.int64()),
            "status": status,
        }
        columns |= {name: nullable(part, absent) for name, part in parts.items()}
        schema = figure_schema(indicator.by)
        empty = pa.nulls(grid.size, pa.float64())
        return pa.table([columns.get(name, empty) for name in schema.names], schema=schema)


def _places(column: pa.ChunkedArray, values: Sequence[str]) -> Ints:
    return np.asarray(pc.index_in(column, pa.array(values, pa.string())).to_numpy(), np.int64)


def _left(
    rows: pa.Table,
    placed: pa.ChunkedArray,
    known: Sequence[str],
    by: Sequence[str],
    labels: Sequence[Sequence[str]],
) -> tuple[Leftover, ...]:
    """Why the rows without a place have none, the first reason of each."""
    found: dict[Leftover, int] = {}
    allowed = {"area": set(known), **{id_: set(values) for id_, values in zip(by, labels, strict=True)}}
    for row in rows.filter(pc.invert(placed)).select(["area", "period", *by]).to_pylist():
        if row["area"] not in allowed["area"]:
            one = Leftover("area", row["area"] or None, 1)
        elif row["period"] is None:
            one = Leftover("period", None, 1)
        else:
            wrong = next(id_ for id_ in by if row[id_] not in allowed[id_])
            one = Leftover("category", row[wrong], 1, dimension=wrong)
        found[one] = found.get(one, 0) + 1
    left = [replace(one, rows=rows) for one, rows in found.items()]
    return tuple(sorted(left, key=lambda one: (-one.rows, one.what, one.value or "")))
