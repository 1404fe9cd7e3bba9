"""Column lineage of a whole project: from an indicator through every register that SQL makes, back to columns as they were delivered.

It is derived from the SQL that runs, and never declared, so it cannot be out of date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Literal

from sqlglot import exp

from zicht.declare import Indicator, Project, Register, Subgroups, columns_used, parse_query
from zicht.errors import Place
from zicht.governance.queries import Columns, Leaf, QueryOrigins, Spots, origins_of

Why = Literal["counts", "selects", "places", "dates", "breaks down", "divides", "tells apart"]
"""What a column is used for: a number, which units belong to it, where, when, by what, what it is divided by, and which unit is which."""

_STATUS = "__status"
_PARTS: tuple[tuple[str, Why], ...] = (
    ("population", "selects"), ("numerator", "counts"), ("denominator", "divides"), ("value", "counts"), ("area", "places"),
    ("period", "dates"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hop:
    """One step on the way from a figure to a delivered column.

    Attributes:
        name: what stands there, such as an indicator or a column of a register.
        place: where.
    """

    name: str
    place: Place

    def __str__(self) -> str:
        return f"{self.name} ({self.place})"


Path = tuple[Hop, ...]
Trail = Mapping[Leaf, Path]
"""Delivered registers and columns (None: that there is a row), each with the way to it."""


@dataclass(frozen=True, slots=True)
class Use:
    """That an indicator uses a delivered column.

    Attributes:
        register: the delivered register.
        column: the column; None where it is only counted that there is a row.
        why: what it is used for.
        path: the way from the indicator to it, the indicator first and the column not in it.
    """

    register: str
    column: str | None
    why: Why
    path: Path

    @property
    def name(self) -> str:
        """The column with its register, or the rows of the register."""
        return f"{self.register}.{self.column}" if self.column else f"rows of {self.register}"

    def chain(self) -> str:
        """The whole way in one line, the indicator first."""
        return " → ".join([*map(str, self.path), self.name])


@dataclass(frozen=True)
class Lineage:
    """Where every register and indicator of a project comes from.

    Attributes:
        project: the project, without mistakes in its names.
    """

    project: Project

    @cached_property
    def _registers(self) -> Mapping[str, Register]:
        return {id_.lower(): register for id_, register in self.project.registers.items()}

    @cached_property
    def _tables(self) -> Mapping[str, Columns]:
        return {id_: _known_of(register) for id_, register in self._registers.items()}

    @cached_property
    def _queries(self) -> dict[str, QueryOrigins]:
        return {}

    @cached_property
    def _trees(self) -> dict[str, exp.Expr]:
        return {}

    @cached_property
    def _trails(self) -> dict[Leaf, Trail]:
        return {}

    def query(self, register: str) -> QueryOrigins | None:
        """What the SQL of `register` makes of the registers that it reads; None where it is delivered."""
        if register not in self.project.register_sql:
            return None
        if register not in self._queries:
            self._queries[register] = origins_of(self.tree(register), self._tables)
        return self._queries[register]

    def tree(self, register: str) -> exp.Expr:
        """The parsed query of `register`, which SQL makes."""
        if register not in self._trees:
            tables = {name: table.names for name, table in self._tables.items()}
            self._trees[register] = parse_query(self.project.register_sql[register], tables)
        return self._trees[register]

    def column(self, register: str, column: str) -> Trail:
        """The delivered columns that the values of `column` of `register` are made of."""
        return self._trail((register.lower(), column.lower()))

    def rows(self, register: str) -> Trail:
        """What decides, in deliveries, which rows `register` has."""
        return self._trail((register.lower(), None))

    def indicator(self, indicator: Indicator) -> tuple[Use, ...]:
        """All that `indicator` uses of deliveries: each column once for each thing that it is used for."""
        found: dict[tuple[Leaf, Why], Use] = {}
        for use in chain(self._own(indicator), self._divided(indicator)):
            found.setdefault(((use.register, use.column), use.why), use)
        return tuple(found.values())

    def dimension(self, register: str, dimension: str, place: Place) -> tuple[Use, ...]:
        """All that a dimension uses of deliveries.

        Args:
            register: id of the register whose units it tells apart.
            dimension: its id.
            place: where it is asked for.
        """
        first = Hop("finding", place)
        return tuple(self._broken_down(self.project.registers[register], (dimension,), first))

    def described(self, analysis: Subgroups, place: Place) -> tuple[Use, ...]:
        """All that a search for groups uses of deliveries beside what its indicator uses: characteristics, controls and the unit.

        Args:
            analysis: the finding.
            place: where it is declared.
        """
        register = self.project.registers[self.project.indicators[analysis.indicator].register_]
        first = Hop(f"finding `{analysis.id}`", place)
        return (
            *self._broken_down(register, (*analysis.characteristics, *analysis.controls), first),
            *self._column(register, analysis.unit, first, "tells apart"),
        )

    def _own(self, indicator: Indicator) -> Iterator[Use]:
        written = self.project.written["indicators", indicator.id]
        register = self.project.registers[indicator.register_]
        first = Hop(f"indicator `{indicator.id}`", written.place())
        yield from self._along((first,), self.rows(register.id), "selects")
        for key, why in _PARTS:
            sql = getattr(indicator, key)
            for column in columns_used(sql) if sql is not None else ():
                hop = Hop(f"indicator `{indicator.id}`", written.place(key))
                yield from self._column(register, column, hop, why)
        if indicator.area is None and register.area_column is not None:
            yield from self._column(register, register.area_column.name, first, "places")
        if indicator.period is None and register.period_column is not None:
            yield from self._column(register, register.period_column.name, first, "dates")
        yield from self._broken_down(register, indicator.by, first)

    def _broken_down(self, register: Register, dimensions: Iterable[str], first: Hop) -> Iterator[Use]:
        for id_ in dimensions:
            dimension = self.project.dimensions[id_]
            hop = Hop(f"breakdown `{id_}`", self.project.written["dimensions", id_].place("sql"))
            for column in columns_used(dimension.sql):
                yield from self._column(register, column, hop, "breaks down", (first,))

    def _divided(self, indicator: Indicator) -> Iterator[Use]:
        """What an indicator is divided by, and that in turn, with the way to it."""
        way: Path = ()
        seen = {indicator.id}
        while indicator.per_indicator is not None and indicator.per_indicator not in seen:
            written = self.project.written["indicators", indicator.id]
            way = (*way, Hop(f"indicator `{indicator.id}`", written.place("per_indicator")))
            indicator = self.project.indicators[indicator.per_indicator]
            seen.add(indicator.id)
            for use in self._own(indicator):
                yield Use(use.register, use.column, "divides", (*way, *use.path))

    def _column(
        self, register: Register, column: str, hop: Hop, why: Why, before: Path = ()
    ) -> Iterator[Use]:
        made = self.project.register_sql.get(register.id) is not None
        name = column.lower()
        step = (Hop(f"`{register.id}.{name}`", self._place(register, name)),) if made else ()
        yield from self._along((*before, hop, *step), self.column(register.id, name), why)

    def _along(self, path: Path, trail: Trail, why: Why) -> Iterator[Use]:
        for (register, column), way in trail.items():
            yield Use(register, column, why, (*path, *way))

    def _trail(self, leaf: Leaf) -> Trail:
        if leaf not in self._trails:
            self._trails[leaf] = {}  # registers made of each other are refused elsewhere
            self._trails[leaf] = self._follow(leaf)
        return self._trails[leaf]

    def _follow(self, leaf: Leaf) -> Trail:
        name, column = leaf
        register = self._registers[name]
        origins = self.query(register.id)
        if origins is None:
            plain = column.removesuffix(_STATUS) if column else None
            return {(register.id, _as_declared(register, plain)): ()}
        spots: Spots = origins.rows if column is None else _spots(origins, column)
        sql = self.project.register_sql[register.id]
        found: dict[Leaf, Path] = {}
        for (inner, part), at in spots.items():
            place = _place_in(register, sql, at)
            below = self._registers[inner]
            made = self.query(below.id) is not None
            what = f"`{below.id}.{part}`" if part else f"rows of `{below.id}`"
            hop = Hop(f"{what} in the query of `{register.id}`", place)
            for end, way in self._trail((inner, part)).items():
                found.setdefault(end, (hop, *way) if made or way else (hop,))
        return found

    def _place(self, register: Register, column: str) -> Place:
        for index, one in enumerate(register.columns):
            if one.name.lower() == column.removesuffix(_STATUS):
                return register.document.place(("schema", 0, "properties", index, "name"))
        return Place(register.document.file)


def _known_of(register: Register) -> Columns:
    names = tuple(
        part.lower() for column in register.columns for part in (column.name, f"{column.name}{_STATUS}")
    )
    if register.source is None:
        return Columns(names)  # keys are held by intake, and intake sees deliveries only
    keys = [frozenset({column.name.lower()}) for column in register.columns if column.unique]
    keys += [frozenset(name.lower() for name in register.key)] if register.key else []
    return Columns(names, tuple(keys))


def _spots(origins: QueryOrigins, column: str) -> Spots:
    plain = column.removesuffix(_STATUS)
    if column in origins.outputs or plain == column:
        return origins.of(column)
    return origins.of(plain) if plain in origins.outputs else origins.of(column)


def _as_declared(register: Register, column: str | None) -> str | None:
    if column is None:
        return None
    return next((one.name for one in register.columns if one.name.lower() == column), column)


def _place_in(register: Register, sql: str, at: int) -> Place:
    file = f"registers/{register.sql_file}"
    if at < 0:
        return Place(file)
    return Place(file, sql.count("\n", 0, at) + 1, at - (sql.rfind("\n", 0, at) + 1) + 1)
