"""Counts by characteristics: what a search for over-represented groups reads, and how common each characteristic is in each area.

Units are counted by the engine, in two halves: in which half a unit is follows from its pseudonym, which is a keyed hash of its identifier. So who does not have the
secret of the pseudonyms cannot tell, and the same unit is in the same half in every build and product. The counts stay inside: nothing of them is published as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import DimensionDeclared, Indicator, Register
from zicht.engine import Engine, Tally, literal, quote
from zicht.errors import ZichtError
from zicht.figures.passes import area_sql, category_sql, period_sql, run_form
from zicht.figures.table import period_text

PERSONS, CASES, HALF, AREA = "persons", "cases", "half", "area"
"""Columns of the counts; `cases` are the units for which the numerator of the indicator holds."""


@dataclass(frozen=True)
class Counted:
    """Units of one indicator in its last period, counted by characteristics.

    Attributes:
        period: the period, ISO 8601.
        cube: a row a combination: for each dimension a column with the number of the category (one past the declared ones where
            a unit is in none), `half` (0 or 1), `persons` and `cases`.
        areas: a row an area code as the register has it: `area`, `persons`, and for each dimension and category a column
            `<dimension>=<category>` with the units of that category.
    """

    period: str
    cube: pa.Table
    areas: pa.Table


def characteristic(dimension: str, category: str) -> str:
    """How a category of a dimension is called in counts and findings.

    Args:
        dimension: its id.
        category: id of the category.
    """
    return f"{dimension}={category}"


def count_described(
    engine: Engine,
    register: Register,
    table_name: str,
    indicator: Indicator,
    dimensions: Sequence[DimensionDeclared],
    unit: str,
) -> Counted:
    """Count the units of an indicator by characteristics.

    Args:
        engine: where the register has been added.
        register: its contract.
        table_name: what the engine calls it.
        indicator: a share or rate with a numerator.
        dimensions: what units are counted by.
        unit: the column with the pseudonym of the unit.

    Returns:
        The counts of the last period in which there are units.

    Raises:
        ZichtError: there are no units, or an expression does not fit the register.
    """
    population = (run_form(indicator.population),) if indicator.population else ()
    period = period_sql(indicator, register)
    periods = {} if period is None else {"period": period}
    numbers = {f"d{at}": (category_sql(one), len(one.categories) + 1) for at, one in enumerate(dimensions)}
    trait = run_form(str(indicator.numerator))
    cells = engine.tally(
        table_name,
        Tally(
            periods,
            {**numbers, HALF: (_half_sql(unit), 2)},
            {PERSONS: population, CASES: (*population, trait)},
        ),
    )
    last, cells = _last(cells, indicator, register)
    names = [one.id for one in dimensions]
    cube = cells.select([*numbers, HALF, PERSONS, CASES]).rename_columns([*names, HALF, PERSONS, CASES])
    flags = {
        characteristic(one.id, category.id): (*population, f"{category_sql(one)} = {number}")
        for one in dimensions
        for number, category in enumerate(one.categories)
    }
    counted = {f"c{at}": conditions for at, conditions in enumerate(flags.values())}
    placed = engine.tally(
        table_name,
        Tally({AREA: area_sql(indicator, register), **periods}, {}, {PERSONS: population, **counted}),
    )
    _, placed = _last(placed, indicator, register)
    areas = placed.select([AREA, PERSONS, *counted]).rename_columns([AREA, PERSONS, *flags])
    order = [(name, "ascending") for name in (*names, HALF)]
    return Counted(last, cube.sort_by(order), areas.sort_by([(AREA, "ascending")]))


def _half_sql(unit: str) -> str:
    """0 or 1 by the first sign of a digest of the pseudonym, so that a half says nothing of how pseudonyms begin."""
    sign = f"substr(md5(CAST({quote(unit)} AS VARCHAR)), 1, 1)"
    low = ", ".join(literal(one) for one in "01234567")
    return f"CAST(CASE WHEN {sign} IN ({low}) THEN 0 ELSE 1 END AS UTINYINT)"


def _last(cells: pa.Table, indicator: Indicator, register: Register) -> tuple[str, pa.Table]:
    """The last period in which there are units, and its cells."""
    cells = cells.filter(pc.greater(cells[PERSONS], 0))
    if "period" not in cells.column_names:
        found = {str(register.period): str(register.period)} if cells.num_rows else {}
    else:
        said = {text: period_text(text) for text in pc.unique(cells["period"]).to_pylist()}
        found = {period: text for text, period in said.items() if period is not None}
    if not found:
        raise ZichtError(f"`{indicator.id}` has no units in any period, so none can be described.")
    last = max(found)
    if "period" in cells.column_names:
        cells = cells.filter(pc.equal(cells["period"], found[last]))
    return last, cells
