"""Which SQL counts what: all indicators of a register in as few passes as can be.

Units are counted once, in the finest cells: area as the register has it × period × category of every dimension. Everything that adds up
is added up from there (`zicht.figures.cube`); the register is not read again for a coarser level or a margin. Grouping the finest cells
once is three times as fast as GROUPING SETS in DuckDB, and any engine can do it.

The engine adds numbers in whole ten-thousandths (`zicht.engine.Tally`), so that the order in which it does makes no difference: the same
register gives the same figures, to the bit, on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from sqlglot import exp

from zicht.declare import DimensionDeclared, Indicator, Register, parse_expression
from zicht.engine import Tally, literal, present, quote
from zicht.errors import ZichtError

MAX_COMBINATIONS = 512
"""Dimensions go into one pass as long as their categories combine to no more cells an area than this."""

NOT_ADDITIVE = ("median", "percentile", "distinct")


def run_form(sql: str) -> str:
    """An expression as it is run: written anew from what was parsed, between brackets."""
    return f"({parse_expression(sql).sql('duckdb', comments=False)})"


def area_sql(indicator: Indicator, register: Register) -> str:
    """The area code of a unit.

    Raises:
        ZichtError: neither the indicator nor the contract says it.
    """
    if indicator.area is not None:
        return run_form(indicator.area)
    if register.area_column is None:
        raise ZichtError(
            f"Indicator `{indicator.id}` has no `area`, and register `{register.id}` marks no column with `gebied`."
        )
    return quote(register.area_column.name)


def period_sql(indicator: Indicator, register: Register) -> str | None:
    """The period of a unit; None where the contract says one for all of them.

    Raises:
        ZichtError: neither the indicator nor the contract says it.
    """
    if indicator.period is not None:
        return run_form(indicator.period)
    if register.period_column is not None:
        return quote(register.period_column.name)
    if register.period is None:
        raise ZichtError(
            f"Indicator `{indicator.id}` has no `period`, and register `{register.id}` does not say one."
        )
    return None


def category_sql(dimension: DimensionDeclared) -> str:
    """The number of the category of a unit: 0, 1, … in the order declared, and one more where it is in none."""
    numbers = {category.id: number for number, category in enumerate(dimension.categories)}
    tree = parse_expression(dimension.sql)
    direct = _numbered(tree, numbers)
    if direct is not None:
        return direct
    arms = " ".join(f"WHEN {literal(id_)} THEN {number}" for id_, number in numbers.items())
    text = f"CAST(({tree.sql('duckdb', comments=False)}) AS VARCHAR)"
    return f"CAST(CASE {text} {arms} ELSE {len(numbers)} END AS UTINYINT)"


def _numbered(tree: exp.Expr, numbers: Mapping[str, int]) -> str | None:
    """A CASE that gives texts, made to give their numbers at once: no text is made and compared again for each unit."""
    if not isinstance(tree, exp.Case):
        return None
    tree = tree.copy()
    ends = [
        *((branch, "true") for branch in tree.args["ifs"]),
        *([(tree, "default")] if tree.args.get("default") else []),
    ]
    for node, part in ends:
        end = node.args[part]
        if isinstance(end, exp.Literal) and end.is_string:
            node.set(part, exp.Literal.number(numbers.get(end.name, len(numbers))))
        elif not isinstance(end, exp.Null):
            return None
    return f"CAST(COALESCE({tree.sql('duckdb', comments=False)}, {len(numbers)}) AS UTINYINT)"


@dataclass
class Pass:
    """One reading of a register: what is grouped by, and what is added up.

    Attributes:
        area: SQL of the area code of a unit.
        period: SQL of its period; None where the register is of one period.
        dimensions: ids of the dimensions that the cells are broken down by.
        indicators: those whose figures it gives.
        counts: name of the column for each number of units, by the conditions that must hold; none for all units.
        sums: name of the column for each value that is added up, by its SQL and the conditions.
    """

    area: str
    period: str | None
    dimensions: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    counts: dict[tuple[str, ...], str] = field(default_factory=lambda: {(): "n0"})
    sums: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def count(self, *conditions: str | None) -> str:
        """The column that counts units for which all conditions hold."""
        wanted = tuple(dict.fromkeys(part for part in conditions if part))
        return self.counts.setdefault(wanted, f"n{len(self.counts)}")

    def add(self, value: str, population: str | None) -> str:
        """The column that adds up a value over a population; its two largest are beside it."""
        wanted = (value, (population,) if population else ())
        return self.sums.setdefault(wanted, f"s{len(self.sums)}")

    def tally(self, dimensions: Mapping[str, DimensionDeclared]) -> Tally:
        """What the engine is to count: keys area and period (text), and d0, d1, … (numbers of categories)."""
        texts = {"area": self.area} | ({} if self.period is None else {"period": self.period})
        numbers = {
            f"d{at}": (category_sql(dimensions[id_]), len(dimensions[id_].categories) + 1)
            for at, id_ in enumerate(self.dimensions)
        }
        counts = {name: conditions for conditions, name in self.counts.items()}
        return Tally(texts, numbers, counts, {name: wanted for wanted, name in self.sums.items()})


@dataclass(frozen=True)
class Columns:
    """Which columns of a pass make the figures of one indicator; None for what it does not have."""

    n: str
    numerator: str | None = None
    total: str | None = None


def plan(
    register: Register, indicators: Iterable[Indicator], dimensions: Mapping[str, DimensionDeclared]
) -> list[tuple[Pass, dict[str, Columns]]]:
    """The passes over a register, with the columns that each indicator needs of its pass.

    Args:
        register: its contract.
        indicators: all but those that are taken over.
        dimensions: by id.
    """
    groups: dict[tuple[str, str | None], list[Indicator]] = {}
    for indicator in indicators:
        groups.setdefault((area_sql(indicator, register), period_sql(indicator, register)), []).append(
            indicator
        )
    planned = []
    for (area, period), members in groups.items():
        for by, some in _merged(members, dimensions):
            one = Pass(area, period, by, tuple(some))
            planned.append((one, {indicator.id: _columns(one, indicator) for indicator in some}))
    return planned


def _merged(
    indicators: Sequence[Indicator], dimensions: Mapping[str, DimensionDeclared]
) -> list[tuple[tuple[str, ...], list[Indicator]]]:
    """Indicators that share a pass: as many as can be without cells multiplying beyond reason."""
    merged: list[tuple[tuple[str, ...], list[Indicator]]] = []
    for indicator in sorted(indicators, key=lambda one: -len(one.by)):
        for place, (by, some) in enumerate(merged):
            union = tuple(dict.fromkeys((*by, *indicator.by)))
            if union == by or prod(len(dimensions[id_].categories) + 1 for id_ in union) <= MAX_COMBINATIONS:
                merged[place] = (union, [*some, indicator])
                break
        else:
            merged.append((indicator.by, [indicator]))
    return merged


def _columns(one: Pass, indicator: Indicator) -> Columns:
    population = run_form(indicator.population) if indicator.population else None
    if indicator.measure == "count" or indicator.per_indicator is not None:
        return Columns(one.count(population))
    if indicator.numerator is not None:
        return Columns(one.count(population), one.count(population, run_form(indicator.numerator)))
    value = run_form(str(indicator.value))
    n = one.count(population, present(value))
    if indicator.measure in NOT_ADDITIVE:
        return Columns(n)
    return Columns(n, total=one.add(value, population))


def values_sql(
    one: Pass, indicators: Sequence[Indicator], table: str, places: str, level: str, by: Mapping[str, str]
) -> str:
    """The query that gives what does not add up, at one level and one margin.

    Args:
        one: the pass the indicators are in.
        indicators: medians, percentiles and distinct counts.
        table: the register.
        places: table with the columns code (as in the register) and, for each level, the number of the area.
        level: the level.
        by: for each dimension of the margin, SQL of the number of the category.

    Returns:
        SQL with columns area (number), period, one for each dimension, and v0, v1, … for the indicators.
    """
    keys = [f"p.{quote(f'zicht_{level}')} AS area"]
    keys += [] if one.period is None else [f"CAST({one.period} AS VARCHAR) AS period"]
    keys += [f"{sql} AS {quote(id_)}" for id_, sql in by.items()]
    values = [f"{_value_sql(indicator)} AS v{number}" for number, indicator in enumerate(indicators)]
    return (
        f"SELECT {', '.join([*keys, *values])} FROM {quote(table)} AS r JOIN {quote(places)} AS p"
        f" ON p.zicht_code = COALESCE(CAST({one.area} AS VARCHAR), '') GROUP BY ALL"
    )


def _value_sql(indicator: Indicator) -> str:
    value = run_form(str(indicator.value))
    if indicator.population:
        value = f"CASE WHEN {run_form(indicator.population)} THEN {value} END"
    if indicator.measure == "distinct":
        return f"CAST(count(DISTINCT {value}) AS DOUBLE)"
    part = 50 if indicator.measure == "median" else indicator.percentile
    return f"quantile_cont(CAST({value} AS DOUBLE), {part} / 100.0)"
