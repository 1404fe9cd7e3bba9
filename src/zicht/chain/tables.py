"""The figures of one period as tables that `disclosure` takes: which cells there are, which add up, and which are the same.

Figures become tables as `zicht.chain.protection` says; here stand the shapes. The same is done with what earlier releases show.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import combinations

import pyarrow as pa
import pyarrow.compute as pc

from zicht.areas import Areas
from zicht.chain.published import KNOWN
from zicht.chain.series import AreaTree
from zicht.declare import DimensionDeclared, Indicator
from zicht.disclosure import Dimension, Link, Table
from zicht.figures import TOTAL
from zicht.release import PUBLIC_COLUMNS

EVERYWHERE = "EVERYWHERE"  # the root above the gemeenten where a project has several and no land
TRAIT = "trait"
YES, NO = "yes", "no"


class TablesOfPeriod:
    """Builds the tables of one period, remembering which counts are of the same units.

    Attributes:
        tables: by name: `<indicator>.n`, `<indicator>.trait` and `<indicator>.sum`.
        of: for each indicator the names of its tables.
        shown: the figures that were added.
        populations: the names of the tables of counts, by what names their units.
    """

    def __init__(self, dimensions: Mapping[str, DimensionDeclared], areas: Areas) -> None:
        """Begin with no table.

        Args:
            dimensions: by id; at least those that the indicators are broken down by.
            areas: the division that the figures are about.
        """
        self._dimensions = dimensions
        self._codes, self._parents = areas.tree()
        self._levels = dict(
            zip(areas.table["code"].to_pylist(), areas.table["level"].to_pylist(), strict=True)
        )
        self.tables: dict[str, Table] = {}
        self.of: dict[str, list[str]] = {}
        self.shown: list[pa.Table] = []
        self.populations: dict[str, list[str]] = {}

    def add(self, indicator: Indicator, figures: pa.Table) -> None:
        """Add what one indicator publishes."""
        self.of[indicator.id] = []
        figures = figures.filter(
            pc.and_(pc.is_in(figures["area"], pa.array(self._codes, pa.string())), pc.is_valid(figures["n"]))
        )
        if not figures.num_rows:
            return
        self.shown.append(figures)
        dimensions = [self._area(figures), *(self._flat(id_, figures) for id_ in indicator.by)]
        if has_trait(indicator):
            self._add_shares(indicator, dimensions, figures)
        else:
            self._add(indicator, f"{indicator.id}.n", dimensions, figures, figures["n"], figures["n"])
            self.populations.setdefault(population_of(indicator), []).append(f"{indicator.id}.n")
        if indicator.measure in ("sum", "mean"):
            total = figures["value"] if indicator.measure == "sum" else figures["numerator"]
            self._add(
                indicator, f"{indicator.id}.sum", dimensions, figures, total, figures["n"],
                figures["largest"], figures["second"],
            )  # fmt: skip

    def links(self) -> Iterator[Link]:
        """Links between counts of the same population, where they show areas of one level."""
        for names in self.populations.values():
            for left, right in combinations(names, 2):
                if not set(self._shown_in(left)).isdisjoint(self._shown_in(right)):
                    yield Link.shared(self.tables[left], self.tables[right])

    def _shown_in(self, name: str) -> tuple[str, ...]:
        return self.tables[name].dimensions[0].codes

    def tree(self) -> AreaTree:
        """All areas of the division, under one root."""
        codes, parents = list(self._codes), list(self._parents)
        if parents.count(None) > 1 or any(EVERYWHERE in self._shown_in(name) for name in self.tables):
            codes, parents = [EVERYWHERE, *codes], [None, *(parent or EVERYWHERE for parent in parents)]
        levels = [EVERYWHERE if code == EVERYWHERE else level_of(code, self._levels) for code in codes]
        return AreaTree(tuple(codes), tuple(parents), tuple(levels))

    def _area(self, figures: pa.Table) -> Dimension:
        """The hierarchy of the levels that figures are published at: what lies below or between them is no cell."""
        levels = set(zip(figures["area"].to_pylist(), figures["level"].to_pylist(), strict=True))
        shown = {level for _, level in levels}
        known = dict(levels)
        kept = {code for code in self._codes if level_of(code, known) in shown}
        above = dict(zip(self._codes, self._parents, strict=True))
        parents = {code: above[code] for code in self._codes if code in kept}
        for code, parent in parents.items():
            while parent is not None and parent not in kept:
                parent = above[parent]
            parents[code] = parent
        if sum(parent is None for parent in parents.values()) > 1:
            parents = {EVERYWHERE: None, **{code: parent or EVERYWHERE for code, parent in parents.items()}}
        return Dimension("area", tuple(parents), tuple(parents.values()))

    def _flat(self, id_: str, figures: pa.Table) -> Dimension:
        # Units without a known category have a category of their own, there only where such units are.
        declared = [category.id for category in self._dimensions[id_].categories]
        present = set(pc.unique(figures[id_]).to_pylist()) - {TOTAL}
        return Dimension.flat(id_, [*declared, *sorted(present - set(declared))], TOTAL)

    def _add_shares(self, indicator: Indicator, dimensions: list[Dimension], figures: pa.Table) -> None:
        name = trait_of(indicator)
        yes = figures["numerator"].cast(pa.int64())
        total = figures["denominator"].cast(pa.int64())
        parts = {YES: yes, NO: pc.subtract(total, yes), TOTAL: total}
        stacked = pa.concat_tables(
            figures.append_column(name, pa.array([part] * figures.num_rows, pa.string())) for part in parts
        )
        n = pa.chunked_array([chunk for part in parts.values() for chunk in part.chunks], pa.int64())
        table = f"{indicator.id}.{TRAIT}"
        self._add(indicator, table, [*dimensions, Dimension.flat(name, (YES, NO), TOTAL)], stacked, n, n)
        self.populations.setdefault(population_of(indicator), []).append(table)

    def _add(
        self, indicator: Indicator, name: str, dimensions: list[Dimension], figures: pa.Table, value: pa.ChunkedArray,
        n: pa.ChunkedArray, largest: pa.ChunkedArray | None = None, second: pa.ChunkedArray | None = None,
    ) -> None:  # fmt: skip
        columns = {dimension.name: figures[dimension.name] for dimension in dimensions}
        number = pc.fill_null(value.cast(pa.float64()), 0.0)
        known = pc.if_else(figures[KNOWN], number, pa.scalar(None, pa.float64()))
        columns |= {"value": number, "n": n, "known_lower": known, "known_upper": known}
        if largest is not None:
            columns |= {"largest": pc.fill_null(largest, 0.0), "second": pc.fill_null(second, 0.0)}
        cells = pa.table(columns)
        area, *by = dimensions
        if EVERYWHERE in area.codes:
            tops = [
                code for code, parent in zip(area.codes, area.parents, strict=True) if parent == EVERYWHERE
            ]
            cells = pa.concat_tables(
                [cells, _grand_totals(cells, tops, [dimension.name for dimension in by])]
            )
        self.tables[name] = Table(name, tuple(dimensions), cells)
        self.of[indicator.id].append(name)


def has_trait(indicator: Indicator) -> bool:
    """Whether an indicator divides units into those with a trait and those without."""
    return indicator.measure == "share" or (indicator.measure == "rate" and indicator.numerator is not None)


def trait_of(indicator: Indicator) -> str:
    """The dimension of those with and without the trait of an indicator: yes to one question is no cell of another's table."""
    return f"{TRAIT}.{indicator.id}"


def level_of(code: str, known: Mapping[str, str]) -> str:
    """The level of an area.

    Args:
        code: its code.
        known: the levels of the areas of a division, by code.
    """
    # An unknown child without a unit has no figure, and its code says its level all the same.
    return known.get(code) or {"BU": "buurt", "WK": "wijk", "GM": "gemeente", "NL": "land"}.get(
        code[:2], "regio"
    )


def _grand_totals(cells: pa.Table, top_codes: list[str], by: list[str]) -> pa.Table:
    tops = cells.filter(pc.is_in(cells["area"], pa.array(top_codes, pa.string())))
    how = {"value": "sum", "n": "sum", "largest": "max", "second": "max"}
    measures = [name for name in how if name in cells.column_names]
    added = tops.group_by(by, use_threads=False).aggregate([(name, how[name]) for name in measures])
    added = added.rename_columns({f"{name}_{how[name]}": name for name in measures})
    added = added.append_column("area", pa.array([EVERYWHERE] * added.num_rows, pa.string()))
    for name in ("known_lower", "known_upper"):
        added = added.append_column(name, pa.nulls(added.num_rows, pa.float64()))
    return added.select(cells.column_names).cast(cells.schema)


def population_of(indicator: Indicator) -> str:
    """What names the units behind a figure: two figures with the same have the same units in each cell."""
    valued = (
        indicator.value if indicator.measure in ("sum", "mean", "median", "percentile", "distinct") else None
    )
    return json.dumps([indicator.population, indicator.area, indicator.period, valued])


def is_breakdown(table: pa.Table, name: str) -> bool:
    """Whether the column called `name` of a table of figures is a breakdown."""
    return name not in (*PUBLIC_COLUMNS, "largest", "second") and pa.types.is_string(
        table.schema.field(name).type
    )
