"""Figures taken over from area statistics, such as those of CBS: nothing is counted, and nothing is lost.

A row of such a register is an area. Its value is an expression over the row; why there is no value stands in the columns
`<column>__status` that intake keeps beside every column with declared missing codes.

A figure of an earlier year is about the land of the division of the project, or it is not there: the values of gemeenten that
merged since are added up, and what cannot be added up or followed is said (`NotFollowed`).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.areas import Areas, Made, Successions
from zicht.declare import DimensionDeclared, Indicator, Register, columns_used
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

_HIDDEN, _ABSENT = WORST_FIRST.index("primary"), WORST_FIRST.index("not_available")

Cell = str | float | int | None
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class NotFollowed(Leftover):
    """Rows of a gemeente whose value is in no figure, because its land is not that of a gemeente of the division.

    Attributes:
        period: what the rows are about.
        why: what became of the gemeente, in words.
    """

    period: str = ""
    why: str = ""

    def __str__(self) -> str:
        return f"{self.rows} rows where the area is '{self.value}' in {self.period}: in no figure. {self.why}"


def take(
    engine: Engine, register: Register, table: str, indicators: Sequence[Indicator], dimensions: Mapping[str, DimensionDeclared],
    areas: Areas, successions: Successions | None = None,
) -> tuple[dict[str, pa.Table], dict[str, tuple[Leftover, ...]]]:  # fmt: skip
    """Take figures over.

    A value that is there is `ok`, or `unreliable` where the deliverer says so of a column it is made of; it is left out where such a
    column is hidden (`primary`). A value that is not there has the worst status of the columns it is made of, and `not_available` where
    they say nothing. An area of a level that the register has, without a row for a period, is `not_available`.

    Given successions, a row of a gemeente in a year before the division is of the land that the gemeente had then. It counts for the
    gemeente that this land is in now: as it is where that is the same land, and added to those of the others it came from where the
    indicator adds up and all of them have a value. A gemeente that was divided, or got part of one, is not followed. Where a
    gemeente has a value for a year in which it did not exist, the deliverer has followed the land already and all is taken as it is.

    Args:
        engine: where the register has been added.
        register: its contract.
        table: what the engine calls it.
        indicators: the takes over it.
        dimensions: by id.
        areas: the division.
        successions: what became of gemeenten; None where every row is taken to be about the land of the division.

    Returns:
        Figures by indicator id, and rows of areas that are not in the division or cannot be followed to it.

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
        delivered = _with_periods(engine.query(take_sql(register, table, members, dimensions)))
        lost: Mapping[str, Sequence[Leftover]] = {}
        if successions is not None and "gemeente" in areas.levels:
            delivered, lost = _Follower(successions, areas, members, by).followed(delivered)
        rows = _Rows.of(delivered, by, dimensions, land)
        for number, indicator in enumerate(members):
            figures[indicator.id] = rows.figures(indicator, number, levels_of(indicator, areas))
            if left := (*rows.left, *lost.get(indicator.id, ())):
                leftovers[indicator.id] = left
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


def _with_periods(rows: pa.Table) -> pa.Table:
    texts = pa.array([period_text(period) for period in rows["period"].to_pylist()], pa.string())
    return rows.set_column(rows.column_names.index("period"), "period", texts)


def _several(code: str, times: int, period: str) -> ZichtError:
    return ZichtError(
        f"Area {code} stands {times} times in period {period}, so it is not clear which value to take. Add a dimension in `by`, or"
        " take one row an area in a register made by SQL."
    )


@dataclass
class _Follower:
    """Follows rows of gemeenten of earlier years to the division.

    Attributes:
        members: the indicators of which the rows have columns v0, a0, b0, s0, v1, ….
        by: their breakdowns.
        lost: for each indicator how many rows are in no figure, by area, period and why.
    """

    successions: Successions
    areas: Areas
    members: Sequence[Indicator]
    by: Sequence[str]
    lost: dict[str, Counter[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(Counter))

    def followed(self, rows: pa.Table) -> tuple[pa.Table, dict[str, list[Leftover]]]:
        """The rows with those of earlier years followed, and by indicator what could not be."""
        made: list[dict[str, Cell]] = []
        gone = pa.chunked_array([pa.nulls(rows.num_rows, pa.bool_()).fill_null(False)])
        for period in sorted(set(rows["period"].drop_null().to_pylist())):
            year = period[:4]
            if not year.isdigit() or int(year) >= self.areas.division:
                continue
            moved, strays = self._moved(int(year), rows.filter(pc.equal(rows["period"], period)))
            touched = {*moved, *strays, *(code for one in moved.values() for code in one.codes)}
            mine = pc.and_(
                pc.equal(rows["period"], period),
                pc.is_in(rows["area"], pa.array(sorted(touched), pa.string())),
            )
            mine = mine.fill_null(False)
            made += self._rows_of(period, moved, strays, rows.filter(mine).to_pylist())
            gone = pc.or_(gone, mine)
        if made:
            new = pa.Table.from_pylist(made, rows.schema)
            rows = pa.concat_tables([rows.filter(pc.invert(gone)), new])
        else:
            rows = rows.filter(pc.invert(gone))
        return rows, {id_: _not_followed(counts) for id_, counts in self.lost.items()}

    def _moved(self, year: int, rows: pa.Table) -> tuple[dict[str, Made], dict[str, str]]:
        """The gemeenten of the division that were other land in a year; and of codes that are nowhere now, why."""
        known = set(self.areas.codes("gemeente"))
        made = self.successions.made_of(year, self.areas.division)
        moved = {
            code: one
            for code, one in made.items()
            if code in known and (one.codes != (code,) or not one.whole)
        }
        strays: dict[str, str] = {}
        there = {code for one in made.values() for code in one.codes}
        for code in set(rows["area"].drop_null().to_pylist()) - known - there:
            if code in self.successions.gemeenten:
                found = self.successions.follow(code, year, self.areas.division)
                strays |= {} if found.codes else {code: found.why}
        return moved, strays

    def _rows_of(
        self, period: str, moved: Mapping[str, Made], strays: Mapping[str, str], rows: Sequence[Row]
    ) -> list[dict[str, Cell]]:
        """The rows of the gemeenten of the division, made of those of a period."""
        cells: dict[tuple[Cell, ...], dict[str, Row]] = defaultdict(dict)
        for row in rows:
            beside = cells[tuple(row[id_] for id_ in self.by)]
            if row["area"] in beside:
                raise _several(str(row["area"]), 2, period)
            beside[str(row["area"])] = row
        new: list[dict[str, Cell]] = []
        for key, beside in cells.items():
            for code, one in moved.items():
                if not beside.keys().isdisjoint({code, *one.codes}):
                    new.append({"area": code, "period": period, **dict(zip(self.by, key, strict=True))})
        for number, indicator in enumerate(self.members):
            part = _Part(number, indicator, period, self.successions, moved, self.areas.division)
            ahead = part.ahead(rows)
            why: dict[tuple[str, tuple[Cell, ...]], str] = {}
            for row in new:
                key = tuple(row[id_] for id_ in self.by)
                found, lost = part.carried(str(row["area"]), cells[key], ahead)
                row |= found
                why |= {(code, key): said for code, said in lost.items()}
            for key, beside in cells.items():
                why |= {
                    (code, key): said
                    for code, said in strays.items()
                    if code in beside and part.has(beside[code])
                }
            self.lost[indicator.id].update((code, period, said) for (code, _), said in why.items())
        return new


@dataclass(frozen=True)
class _Part:
    """The columns of one indicator in the rows of one period."""

    number: int
    indicator: Indicator
    period: str
    successions: Successions
    moved: Mapping[str, Made]
    division: int

    def has(self, row: Row | None) -> bool:
        """Whether there is a value that may be seen."""
        if row is None or row[f"s{self.number}"] == _HIDDEN:
            return False
        value = row[f"v{self.number}"]
        return isinstance(value, float) and math.isfinite(value)

    def ahead(self, rows: Sequence[Row]) -> str | None:
        """A gemeente with a value that did not exist yet: then the deliverer has followed the land already."""
        codes = [str(row["area"]) for row in rows if self.has(row)]
        return min(
            (code for code in codes if code in self.moved and code not in self.moved[code].codes),
            default=None,
        )

    def carried(
        self, code: str, beside: Mapping[str, Row], ahead: str | None
    ) -> tuple[dict[str, Cell], dict[str, str]]:
        """The columns for a gemeente of the division; and for those it was made of why their value is not in it."""
        one = self.moved[code]
        there = [former for former in one.codes if self.has(beside.get(former))]
        if ahead is not None:
            said = f"The rows of {self.period} are of a later division already: {ahead} is among them."
            return self._columns(beside.get(code)), {former: said for former in there if former != code}
        if one.whole and len(one.codes) == 1:
            return self._columns(beside.get(one.codes[0])), {}
        if one.whole and self.indicator.adds_up and len(there) == len(one.codes):
            parts = [self._columns(beside[former]) for former in one.codes]
            total = math.fsum(float(part[f"v{self.number}"] or 0) for part in parts)
            rank = min(int(part[f"s{self.number}"] or 0) for part in parts)
            return {**self._columns(None), f"v{self.number}": total, f"s{self.number}": rank}, {}
        if not there:
            ranks = [int(beside[former][f"s{self.number}"] or 0) for former in one.codes if former in beside]
            return {**self._columns(None), f"s{self.number}": min(ranks, default=_ABSENT)}, {}
        return self._columns(None), {former: self._why(former, one, there) for former in there}

    def _columns(self, row: Row | None) -> dict[str, Cell]:
        if row is None:
            return {
                f"v{self.number}": None,
                f"a{self.number}": None,
                f"b{self.number}": None,
                f"s{self.number}": _ABSENT,
            }
        return {f"{letter}{self.number}": row[f"{letter}{self.number}"] for letter in "vabs"}

    def _why(self, former: str, one: Made, there: Sequence[str]) -> str:
        became = self.successions.follow(former, int(self.period[:4]), self.division).why or one.why
        if not one.whole:
            return became
        if not self.indicator.adds_up:
            return f"{became} Its value cannot be carried over, because it does not add up."
        missing = ", ".join(code for code in one.codes if code not in there)
        return f"{became} Its value cannot be added to those of the others: there is none of {missing}."


def _not_followed(counts: Mapping[tuple[str, str, str], int]) -> list[Leftover]:
    return [
        NotFollowed("area", code, rows, period=period, why=why)
        for (code, period, why), rows in sorted(counts.items())
    ]


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
            raise _several(code, int(counts.max()), period)

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
        absent = ~np.isfinite(value) | (rank == _HIDDEN)
        said = np.where(np.isnan(rank) | (rank == len(WORST_FIRST)), _ABSENT, rank)
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
