"""Releases over other area divisions, laid on the areas of today: what an outsider has who subtracts one from the other.

Where a border moved, the old figure of a buurt less the new one leaves the few units that live in between. Which they are is told by the
register, if a column of it says in which area of the earlier division each unit lay (`indeling` in its contract): then the pieces into which
the divisions together cut the land are counted, and `disclosure` protects them. What old areas count is counted again in the register of
today. Where a release over another division showed another number, because the register was corrected since, it is held to have shown
today's: whoever knows that knows more of the people of today than the public does. Where no column tells, a release over another division may only stand beside
figures that do not differ from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zicht.areas import Areas
from zicht.chain.geography import areas_of, only_gemeente
from zicht.chain.published import FORMER, KNOWN, agrees, figures_of, revisions, unchanged
from zicht.chain.tables import NO, YES, TablesOfPeriod, has_trait, is_breakdown, trait_of
from zicht.declare import DimensionDeclared, Indicator, Register
from zicht.disclosure import History, Link, Profile, Published, Refinement, Table
from zicht.engine import DuckDBEngine, quote
from zicht.errors import DisclosureError
from zicht.figures import TOTAL, Placing, compute, refine
from zicht.release import Release

NOW = "now"  # the column of pieces with the areas of today
MOST_NAMED = 5  # figures named in one refusal


@dataclass(frozen=True)
class Shown:
    """What one public release shows of the indicators over a register.

    Attributes:
        name: how it is called in reports: the day it was published, or its folder where that day saw several.
        areas: its division.
        placing: the column of pieces with its areas: `now` where its division is today's.
        figures: by indicator id, the figures that are not hidden.
    """

    name: str
    areas: Areas
    placing: str
    figures: Mapping[str, pa.Table]

    def at(self, indicator: Indicator, period: str) -> pa.Table | None:
        """The figures of one indicator and period, totals over breakdowns that it has no more; None where there are none."""
        table = self.figures.get(indicator.id)
        if table is None:
            return None
        table = table.filter(pc.and_(pc.equal(table["period"], period), pc.is_valid(table["n"])))
        for name in table.column_names:
            if is_breakdown(table, name) and name not in indicator.by:
                table = table.filter(pc.equal(table[name], TOTAL))
        return table if table.num_rows else None


@dataclass(frozen=True)
class Past:
    """What is public over other divisions of one register.

    Attributes:
        dimensions: by id.
        releases: what each release shows, those over the division of today included.
        areas: the divisions, by placing; today's under `now`.
        pieces: by indicator id, its units by the areas of all divisions; see `zicht.figures.refine`. Indicators that no release over
            another division shows have none.
        retold: by placing and indicator id, the figures of today over an earlier division.
    """

    dimensions: Mapping[str, DimensionDeclared] = field(default_factory=dict)
    releases: tuple[Shown, ...] = ()
    areas: Mapping[str, Areas] = field(default_factory=dict)
    pieces: Mapping[str, pa.Table] = field(default_factory=dict)
    retold: Mapping[str, Mapping[str, pa.Table]] = field(default_factory=dict)

    def history(self, period: str, indicators: Sequence[Indicator], today: TablesOfPeriod) -> History | None:
        """What an outsider has of one period; None where all that is public is about the areas of today.

        Args:
            period: the period.
            indicators: those that are protected together.
            today: their tables.
        """
        concerned = [one for one in indicators if self._concerns(one, period) and today.of[one.id]]
        if not concerned:
            return None
        told = {NOW: today} | {
            placing: self._tables(placing, period, concerned) for placing in self.areas if placing != NOW
        }
        publications: dict[tuple[str, str], Published] = {}
        refinements = []
        for indicator in concerned:
            visible = self._visible(indicator, period, today)
            for name in today.of[indicator.id]:
                found = [
                    (one, _published(one, told[one.placing].tables[name], indicator, rows))
                    for one, rows in visible
                    if name in told[one.placing].tables
                ]
                publications |= {(one.name, name): published for one, published in found}
                tables = {NOW: [today.tables[name]]}
                for one, published in found:
                    tables.setdefault(one.placing, []).append(published.table)
                refinements.append(self._refinement(indicator, period, tables))
        links = [link for one in self.releases for link in _links(one, told[one.placing], publications)]
        return History(tuple(publications.values()), tuple(refinements), links=tuple(links))

    def revised(self, period: str, indicators: Iterable[Indicator], profile: Profile) -> Iterator[str]:
        """Figures that a release over another division showed with a few units more or less than the register has there today."""
        for one in self.releases:
            for indicator in indicators:
                rows = one.at(indicator, period)
                if one.placing == NOW or rows is None or indicator.id not in self.pieces:
                    continue
                for row in revisions(rows, self.retold[one.placing][indicator.id], profile.min_units):
                    yield f"{indicator.id} × {row} ({one.name}, division {one.areas.division})"

    def _visible(
        self, indicator: Indicator, period: str, today: TablesOfPeriod
    ) -> list[tuple[Shown, pa.Table]]:
        """What each release shows of an indicator and period; over the areas of today as far as it is still so."""
        figures = next(table for table in today.shown if table["indicator"][0].as_py() == indicator.id)
        shown = [(one, one.at(indicator, period)) for one in self.releases]
        return [
            (one, unchanged(rows, figures) if one.placing == NOW else rows)
            for one, rows in shown
            if rows is not None
        ]

    def _concerns(self, indicator: Indicator, period: str) -> bool:
        moved = [one for one in self.releases if one.placing != NOW]
        return indicator.id in self.pieces and any(one.at(indicator, period) is not None for one in moved)

    def _tables(self, placing: str, period: str, indicators: Iterable[Indicator]) -> TablesOfPeriod:
        """The figures of today over an earlier division, as tables."""
        made = TablesOfPeriod(self.dimensions, self.areas[placing])
        for indicator in indicators:
            figures = self.retold[placing][indicator.id]
            figures = figures.filter(pc.equal(figures["period"], period))
            unknown = pa.array(np.zeros(figures.num_rows, np.bool_))
            figures = figures.append_column(KNOWN, unknown)
            made.add(indicator, figures.append_column(FORMER, pa.nulls(figures.num_rows, pa.int64())))
        return made

    def _refinement(
        self, indicator: Indicator, period: str, tables: Mapping[str, Sequence[Table]]
    ) -> Refinement:
        """The pieces of the tables of one kind, of today and of each division."""
        pieces = self.pieces[indicator.id]
        pieces = pieces.filter(pc.equal(pieces["period"], period))
        columns = {
            placing: _lowest(pieces[placing], self.areas[placing], some[0])
            for placing, some in tables.items()
        }
        columns |= {id_: pieces[id_] for id_ in indicator.by}
        n = pieces["n"]
        if has_trait(indicator):
            parts = {YES: pieces["numerator"], NO: pc.subtract(n, pieces["numerator"])}
            trait = trait_of(indicator)
            split = [
                pa.table({**columns, trait: pa.array([part] * pieces.num_rows, pa.string()), "n": count})
                for part, count in parts.items()
            ]
            atoms = pa.concat_tables(split)
        elif tables[NOW][0].is_count:
            atoms = pa.table({**columns, "n": n})
        else:
            atoms = pa.table({**columns, "n": n, "value": pieces["total"]})
        divisions = {table.name: placing for placing, some in tables.items() for table in some}
        return Refinement(_summed(atoms), divisions)


def look_back(
    releases: Sequence[Release],
    register: Register,
    indicators: Sequence[Indicator],
    dimensions: Mapping[str, DimensionDeclared],
    areas: Areas,
    figures: Mapping[str, pa.Table],
    rows: Path | pa.Table,
) -> Past:
    """See what releases over other divisions mean for the figures of a register.

    Args:
        releases: those that are public.
        register: the contract.
        indicators: those over the register.
        dimensions: at least those that they are broken down by.
        areas: the division of today.
        figures: by indicator id, before they are protected.
        rows: the register itself.

    Raises:
        DisclosureError: figures differ from what a release over another division shows, and no column of the register tells in which of
            its areas each unit lay.
    """
    kept = [indicator for indicator in indicators if indicator.measure != "take"]
    released = _shown(releases, kept, areas)
    told: dict[str, tuple[Indicator, ...]] = {}
    columns: dict[str, str] = {}
    refused: list[str] = []
    for one in released:
        column = register.division_column(one.areas.division)
        shared = [i for i in kept if one.placing != NOW and i.id in one.figures and _periods(one, i, figures)]
        if column is not None and shared:
            columns[one.placing] = column.name
            told[one.placing] = tuple(dict.fromkeys((*told.get(one.placing, ()), *shared)))
        else:
            refused += [f"{i.id} of {p} ({one.name}, division {one.areas.division})" for i in shared
                        for p in _periods(one, i, figures) if not agrees(_of(one.figures[i.id], p), _of(figures[i.id], p))]  # fmt: skip
    if refused:
        raise DisclosureError(_refusal(register, refused, areas))
    if not columns:
        return Past()
    concerned = list({i.id: i for some in told.values() for i in some}.values())
    placed = {one.placing: one.areas for one in released if one.placing in columns}
    placings = [Placing(name, a, columns[name], only_gemeente(a)) for name, a in placed.items()]
    with DuckDBEngine() as engine:
        engine.add(register.id, rows)
        pieces = refine(
            engine, register, register.id, concerned, dimensions, [Placing(NOW, areas, None, only_gemeente(areas)), *placings]
        )  # fmt: skip
        retold = {one.name: _retold(engine, register, concerned, dimensions, one) for one in placings}
    usable = tuple(one for one in released if one.placing == NOW or one.placing in columns)
    return Past(dimensions, usable, {NOW: areas, **placed}, pieces, retold)


def _retold(
    engine: DuckDBEngine,
    register: Register,
    indicators: Sequence[Indicator],
    dimensions: Mapping[str, DimensionDeclared],
    placing: Placing,
) -> Mapping[str, pa.Table]:
    """The figures of today over an earlier division."""
    over = [one.model_copy(update={"area": quote(str(placing.column))}) for one in indicators]
    return compute(engine, register, register.id, over, dimensions, placing.areas, placing.default).figures


def _shown(releases: Sequence[Release], indicators: Sequence[Indicator], areas: Areas) -> list[Shown]:
    figures = {one.id: figures_of(releases, one.id) for one in indicators}
    days = [release.path.name[:10] for release in releases]
    numbers: dict[str, str] = {_borders(areas): NOW}
    found = []
    for release, day in zip(releases, days, strict=True):
        folder = release.path.name
        division = areas_of(release)
        placing = numbers.setdefault(_borders(division), f"division {division.division} ({len(numbers)})")
        own = {id_: tables[folder] for id_, tables in figures.items() if folder in tables}
        found.append(Shown(day if days.count(day) == 1 else folder, division, placing, own))
    return found


def _borders(areas: Areas) -> str:
    """What makes a division that division: its year, and which areas lie in which. Names may change."""
    table = areas.table.select(["code", "parent"]).sort_by("code")
    return repr((areas.division, table.to_pydict()))


def _periods(one: Shown, indicator: Indicator, figures: Mapping[str, pa.Table]) -> list[str]:
    """The periods that both a release and the figures of today are about."""
    now = set(pc.unique(figures[indicator.id]["period"]).to_pylist())
    return sorted(now & set(pc.unique(one.figures[indicator.id]["period"]).to_pylist()))


def _of(figures: pa.Table, period: str) -> pa.Table:
    return figures.filter(pc.equal(figures["period"], period))


def _refusal(register: Register, refused: Sequence[str], areas: Areas) -> str:
    more = f" and {len(refused) - MOST_NAMED} more" if len(refused) > MOST_NAMED else ""
    return (
        f"Figures over register `{register.id}` in division {areas.division} differ from what a public release shows over another"
        f" division: {'; '.join(refused[:MOST_NAMED])}{more}. The difference may be a few units, and nothing tells in which area of the"
        f" earlier division each unit lay. Mark the column of registers/{register.id}.yaml that holds the codes of that division with"
        " `gebied` and `indeling` (its year), or leave these periods or levels out of the indicators."
    )


def _published(one: Shown, today: Table, indicator: Indicator, rows: pa.Table) -> Published:
    """What a release shows of one table. Its numbers are those of the register of today; see above."""
    table = replace(today, name=f"{one.name} {today.name}")
    visible = _visible(table, indicator, rows)
    return Published(
        table.name, table, np.where(visible, table.value, -np.inf), np.where(visible, table.value, np.inf)
    )


def _visible(table: Table, indicator: Indicator, rows: pa.Table) -> npt.NDArray[np.bool_]:
    keys = ["area", *indicator.by]
    total = [TOTAL] * rows.num_rows
    shown = [rows[name].to_pylist() if name in rows.column_names else total for name in keys]
    cells = [table.cells[name].to_pylist() for name in keys]
    found = set(zip(*shown, strict=True))
    return np.array([key in found for key in zip(*cells, strict=True)], dtype=np.bool_)


def _links(
    one: Shown, made: TablesOfPeriod, publications: Mapping[tuple[str, str], Published]
) -> Iterator[Link]:
    """Which cells of the tables of one release are the same number."""
    for names in made.populations.values():
        tables = [publications[one.name, name].table for name in names if (one.name, name) in publications]
        yield from (Link.shared(tables[0], other) for other in tables[1:])


def _lowest(codes: pa.ChunkedArray, areas: Areas, table: Table) -> pa.Array:
    """The lowest area that a table has cells of, for codes of the finest level."""
    kept = set(table.dimensions[0].codes)
    above = {chain[0]: chain for chain in zip(*areas.ancestry().to_pydict().values(), strict=True)}
    found = [next((area for area in above.get(code, ()) if area in kept), None) for code in codes.to_pylist()]
    return pa.array(found, pa.string())


def _summed(atoms: pa.Table) -> pa.Table:
    measures = [name for name in ("n", "value") if name in atoms.column_names]
    keys = [name for name in atoms.column_names if name not in measures]
    found = atoms.group_by(keys, use_threads=False).aggregate([(name, "sum") for name in measures])
    return found.rename_columns([*keys, *measures]).filter(pc.greater(found["n_sum"], 0))
