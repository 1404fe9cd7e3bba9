"""From a register to figures: every indicator at every level, for every period and category, totals written out.

The register is read once for all indicators that add up (see `zicht.figures.passes`), and once a level and margin for those that do not:
medians, percentiles and distinct counts. Every area × period × category has its figure, also where there is no unit: a count of none is
0, and a share of none is `not_available`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product

import numpy as np
import pyarrow as pa

from zicht.areas import Areas, Successions
from zicht.declare import DimensionDeclared, Indicator, Register
from zicht.engine import FIXED, Engine, EngineError, quote
from zicht.errors import ZichtError
from zicht.figures.cube import Cells, Grid, Land, levels_of
from zicht.figures.intervals import wilson
from zicht.figures.passes import (
    NOT_ADDITIVE,
    Columns,
    Pass,
    category_sql,
    plan,
    run_form,
    values_sql,
)
from zicht.figures.places import Places
from zicht.figures.table import (
    UNKNOWN,
    Bools,
    Floats,
    Ints,
    Leftover,
    codes_to_strings,
    constant,
    figure_schema,
    nothing,
    nullable,
    period_text,
)
from zicht.figures.take import take, take_sql

PLACES = "zicht_places"  # the table that says where each code of a register is counted
_STATUS = ("ok", "not_available")
_BLOCK = 16_384  # figures; what is computed of them stays in a near cache


@dataclass(frozen=True)
class Computed:
    """The figures over one register.

    Attributes:
        figures: for each indicator a table in the shape of `figure_schema(indicator.by)`, ordered by period, level (finest first),
            area and breakdown. Unknown children of areas are in it where there are units: protection needs them, the public does not.
        leftovers: for each indicator the rows that do not stand where they should; none, no entry.
    """

    figures: Mapping[str, pa.Table]
    leftovers: Mapping[str, tuple[Leftover, ...]]


def compute(
    engine: Engine,
    register: Register,
    table_name: str,
    indicators: Sequence[Indicator],
    dimensions: Mapping[str, DimensionDeclared],
    areas: Areas,
    default_area: str | None,
    successions: Successions | None = None,
) -> Computed:
    """Compute all indicators of one register.

    Args:
        engine: where the register has been added.
        register: its contract.
        table_name: what the engine calls it.
        indicators: those over this register.
        dimensions: at least those that the indicators are broken down by.
        areas: the division that figures are about.
        default_area: the gemeente in which units count of which no more is known; None where such units are in no figure (and are
            reported).
        successions: what became of gemeenten, so that what is taken over of earlier years follows the land (`take`); None where
            every row is taken to be about the land of the division.

    Returns:
        The figures, and what could not be placed. A rate per head of another indicator has its numerator only, until
        `complete_rates`.

    Raises:
        ZichtError: an expression does not fit the register, or values cannot be added up.
    """
    figures: dict[str, pa.Table] = {}
    leftovers: dict[str, tuple[Leftover, ...]] = {}
    land = Land.of(areas)
    counted = [indicator for indicator in indicators if indicator.measure != "take"]
    try:
        for one, columns in plan(register, counted, dimensions):
            cells, left = _cells(engine, one, register, table_name, dimensions, areas, land, default_area)
            for indicator in one.indicators:
                own = tuple(part for part in left if part.dimension is None or part.dimension in indicator.by)
                leftovers |= {indicator.id: own} if own else {}
            values = _values(engine, one, cells, table_name, dimensions, areas)
            tables = _Tables(cells, areas, dimensions)
            for indicator in one.indicators:
                cube = values.get(indicator.id)
                flat = None if cube is None else np.asarray(tables.grid(indicator).flat(cube), np.float64)
                figures[indicator.id] = tables.table(indicator, columns[indicator.id], flat)
        taken = [indicator for indicator in indicators if indicator.measure == "take"]
        figures_taken, left_taken = take(engine, register, table_name, taken, dimensions, areas, successions)
    except EngineError as error:
        raise _blame(engine, register, table_name, indicators, dimensions, error) from error
    figures |= figures_taken
    leftovers |= left_taken
    return Computed({indicator.id: figures[indicator.id] for indicator in indicators}, leftovers)


def _cells(
    engine: Engine, one: Pass, register: Register, table: str, dimensions: Mapping[str, DimensionDeclared], areas: Areas, land: Land,
    default: str | None,
) -> tuple[Cells, tuple[Leftover, ...]]:  # fmt: skip
    """The finest cells of a pass, each in its place, and the rows that have none; the engine gets to know the places."""
    found = engine.tally(table, one.tally(dimensions))
    units = found[one.count()].to_numpy()
    areas_found = found["area"].combine_chunks().dictionary_encode()
    places = Places.of(areas_found.dictionary, land, areas, default)
    engine.add(PLACES, places.table(land))
    area = places.cells(areas_found.indices)
    periods = _periods(found, register)
    period = _period_numbers(found, periods)
    kept = (area >= 0) & (period >= 0)
    categories = {
        id_: found[f"d{number}"].to_numpy().astype(np.int64)[kept]
        for number, id_ in enumerate(one.dimensions)
    }
    sizes = {
        id_: max(len(dimensions[id_].categories), int(numbers.max(initial=0)) + 1)
        for id_, numbers in categories.items()
    }
    left = places.leftovers(areas_found.indices, units)
    if (period < 0).any():
        left.append(Leftover("period", None, int(units[period < 0].sum())))
    for id_, size in sizes.items():
        if size > len(dimensions[id_].categories):
            left += _undeclared(engine, table, dimensions[id_])
    cells = Cells(
        land,
        periods,
        area[kept],
        period[kept],
        one.dimensions,
        categories,
        sizes,
        found if kept.all() else found.filter(pa.array(kept)),
    )
    return cells, tuple(left)


def _periods(rows: pa.Table, register: Register) -> tuple[str, ...]:
    """The periods that there are units of, in order."""
    if "period" not in rows.column_names:
        return (str(register.period),)
    return tuple(sorted(set(filter(None, map(period_text, rows["period"].unique().to_pylist())))))


def _period_numbers(rows: pa.Table, periods: Sequence[str]) -> Ints:
    """For each row the number of its period, -1 where it has none."""
    if "period" not in rows.column_names:
        return np.zeros(rows.num_rows, np.int64)
    encoded = rows["period"].combine_chunks().dictionary_encode(null_encoding="encode")
    number_of: dict[str | None, int] = {period: number for number, period in enumerate(periods)}
    numbers = [number_of.get(period_text(said), -1) for said in encoded.dictionary.to_pylist()]
    return np.asarray(np.array(numbers, np.int64)[encoded.indices.to_numpy()], np.int64)


def _undeclared(engine: Engine, table: str, dimension: DimensionDeclared) -> Iterator[Leftover]:
    """Values of a dimension that are none of its categories."""
    found = engine.query(
        f"SELECT CAST({run_form(dimension.sql)} AS VARCHAR) AS said, count(*) AS units FROM {quote(table)}"
        f" WHERE {category_sql(dimension)} = {len(dimension.categories)} GROUP BY ALL HAVING said IS NOT NULL ORDER BY ALL"
    )
    for said, units in zip(found["said"].to_pylist(), found["units"].to_pylist(), strict=True):
        yield Leftover("category", said, units, UNKNOWN, dimension.id)


class _Tables:
    """The tables of the indicators of one pass; what several of them need is added up once."""

    def __init__(self, cells: Cells, areas: Areas, dimensions: Mapping[str, DimensionDeclared]) -> None:
        self._cells = cells
        self._areas = areas
        self._dimensions = dimensions
        self._units: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Ints] = {}
        self._floats: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Floats] = {}
        self._statuses: dict[tuple[int, bytes], pa.Array] = {}
        self._grids: dict[tuple[tuple[str, ...], tuple[str, ...]], Grid] = {}

    def grid(self, indicator: Indicator) -> Grid:
        levels = levels_of(indicator, self._areas)
        if (indicator.by, levels) not in self._grids:
            self._grids[indicator.by, levels] = Grid.of(self._cells, indicator, levels, self._dimensions)
        return self._grids[indicator.by, levels]

    def units(self, indicator: Indicator, name: str) -> Ints:
        """A number of units, as it stands in tables; indicators over the same population share it."""
        key = (name, indicator.by, levels_of(indicator, self._areas))
        if key not in self._units:
            self._units[key] = self._cells.add_up(name, self.grid(indicator))
        return self._units[key]

    def added(self, indicator: Indicator, name: str) -> Ints:
        """A number that comes to stand in tables otherwise, and is not kept."""
        key = (name, indicator.by, levels_of(indicator, self._areas))
        return self._units[key] if key in self._units else self._cells.add_up(name, self.grid(indicator))

    def floats(self, indicator: Indicator, name: str) -> Floats:
        """A column as floats; indicators over the same population share it."""
        key = (name, indicator.by, levels_of(indicator, self._areas))
        if key not in self._floats:
            self._floats[key] = self.units(indicator, name).astype(np.float64)
        return self._floats[key]

    def table(self, indicator: Indicator, columns: Columns, values: Floats | None) -> pa.Table:
        """The figures of one indicator; `values` are those of a measure that does not add up."""
        n = self.units(indicator, columns.n)
        made: dict[str, Floats | Ints] = {"n": n}
        if values is not None:
            made["value"] = np.where(n > 0, values, 0.0 if indicator.measure == "distinct" else np.nan)
        elif columns.numerator is not None:
            made |= _ratio(
                self.added(indicator, columns.numerator),
                n,
                self.floats(indicator, columns.n),
                100 if indicator.measure == "share" else indicator.per,
            )
        elif columns.total is not None:
            made |= _magnitude(indicator, self.added(indicator, columns.total) / FIXED, n)
            made["largest"], made["second"] = self._cells.largest(columns.total, self.grid(indicator))
        elif indicator.per_indicator is not None:
            made |= {"numerator": n.astype(np.float64), "value": np.full(len(n), np.nan)}
        else:
            made["value"] = n.astype(np.float64)
        return figures_table(indicator, self.grid(indicator).keys, made, self._statuses)


def _ratio(numerator: Ints, denominator: Ints, below: Floats, per: int) -> dict[str, Floats]:
    """The columns of a ratio; `below` is the denominator as it stands in them."""
    made = {name: np.empty(len(numerator)) for name in ("value", "numerator", "lower", "upper")}
    for start in range(0, len(numerator), _BLOCK):
        part = slice(start, start + _BLOCK)
        value, above, lower, upper = (column[part] for column in made.values())
        above[:] = numerator[part]
        np.multiply(per, above, out=value)
        with np.errstate(divide="ignore", invalid="ignore"):
            value /= below[part]
        for bound, own in zip((lower, upper), wilson(numerator[part], denominator[part]), strict=True):
            np.multiply(per, own, out=bound)
    return made | {"denominator": below}


def _magnitude(indicator: Indicator, total: Floats, n: Ints) -> dict[str, Floats | Ints]:
    if indicator.measure == "sum":
        return {"value": total}
    with np.errstate(divide="ignore", invalid="ignore"):
        return {"value": total / n, "numerator": total, "denominator": n.astype(np.float64)}


def _values(
    engine: Engine,
    one: Pass,
    cells: Cells,
    table: str,
    dimensions: Mapping[str, DimensionDeclared],
    areas: Areas,
) -> dict[str, Floats]:
    """What does not add up, for each indicator an array of areas × periods × (total and categories), flattened."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Indicator]] = {}
    for indicator in one.indicators:
        if indicator.measure in NOT_ADDITIVE:
            groups.setdefault((indicator.by, levels_of(indicator, areas)), []).append(indicator)
    found: dict[str, Floats] = {}
    for (by, levels), members in groups.items():
        shape = (len(cells.land.codes), len(cells.periods), *(cells.sizes[id_] + 1 for id_ in by))
        cubes = [np.full(shape, np.nan) for _ in members]
        for level, margin in product(
            levels, chain.from_iterable(combinations(by, k) for k in range(len(by) + 1))
        ):
            sql = {id_: category_sql(dimensions[id_]) for id_ in margin}
            _scatter(
                engine.query(values_sql(one, members, table, PLACES, level, sql)), cells.periods, by, cubes
            )
        found |= {indicator.id: cube for indicator, cube in zip(members, cubes, strict=True)}
    return found


def _scatter(rows: pa.Table, periods: Sequence[str], by: Sequence[str], cubes: Sequence[Floats]) -> None:
    """Put the values of one level and margin in their places; what the cells have no period for is in no figure."""
    period = _period_numbers(rows, periods)
    zero = np.zeros(rows.num_rows, np.int64)
    index = [rows["area"].to_numpy().astype(np.int64), period]
    index += [rows[id_].to_numpy().astype(np.int64) + 1 if id_ in rows.column_names else zero for id_ in by]
    known = period >= 0
    place = tuple(part[known] for part in index)
    for number, cube in enumerate(cubes):
        cube[place] = rows[f"v{number}"].to_numpy().astype(np.float64)[known]


def figures_table(
    indicator: Indicator, keys: Mapping[str, pa.Array], made: Mapping[str, Floats | Ints], statuses: dict[tuple[int, bytes], pa.Array]
) -> pa.Table:  # fmt: skip
    """The table of one indicator.

    Args:
        indicator: what the figures are of.
        keys: the columns area, division, level, period and those of the breakdowns.
        made: the other columns as far as there are any; not finite is no value, and a figure without value is `not_available`.
        statuses: columns of statuses of other tables, by their length and the bits that say where a value is missing; a new one is added.
    """
    size = len(keys["area"])
    missing = ~np.isfinite(made["value"])
    columns: dict[str, pa.Array] = {"indicator": constant(indicator.id, size), **keys}
    empty = nothing(size)
    for name in ("value", "numerator", "denominator", "largest", "second", "lower", "upper"):
        columns[name] = nullable(made[name]) if name in made else empty
    columns["n"] = nullable(made["n"])
    columns["status"] = _status(missing, statuses)
    schema = figure_schema(indicator.by)
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _status(missing: Bools, known: dict[tuple[int, bytes], pa.Array]) -> pa.Array:
    where = len(missing), np.packbits(missing).tobytes()
    if where not in known:
        known[where] = (
            codes_to_strings(missing.view(np.int8), _STATUS)
            if missing.any()
            else constant("ok", len(missing))
        )
    return known[where]


def _blame(
    engine: Engine, register: Register, table: str, indicators: Iterable[Indicator], dimensions: Mapping[str, DimensionDeclared],
    error: EngineError,
) -> ZichtError:  # fmt: skip
    """Which indicator an engine could not compute: each is tried alone."""
    for indicator in indicators:
        try:
            if indicator.measure == "take":
                engine.query(take_sql(register, table, [indicator], dimensions))
            for one, _ in plan(register, [indicator] if indicator.measure != "take" else [], dimensions):
                engine.tally(table, one.tally(dimensions))
        except EngineError as own:
            return ZichtError(f"Indicator `{indicator.id}` does not fit register `{register.id}`: {own}")
    return ZichtError(f"The figures over register `{register.id}` cannot be computed: {error}")
