"""From figures to the tables that `disclosure` protects, and back.

All personal figures over one register and one period go into one call, so that what one figure hides another does not give away:

- a count is a table of areas × breakdowns;
- a share (or a rate of units) is such a table with one dimension more, *yes* and *no*, because who is not in the numerator is
  just as much a group of people;
- a sum or mean is a table of contributions, and the number of units behind it is a count;
- a median, percentile or distinct count cannot be subtracted, and stands or falls with the number of units behind it.

Counts of the same population are linked, whichever figure they come from; that units are the same is read from the declarations, and from
the numbers (`zicht.chain.relations`). Registers and periods are protected one by one; what they tell of each other is hidden afterwards (`zicht.chain.sharing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.areas import Areas
from zicht.chain.past import Past
from zicht.chain.published import FORMER, with_what_is_known
from zicht.chain.relations import relate
from zicht.chain.tables import EVERYWHERE, TablesOfPeriod, is_breakdown, level_of
from zicht.declare import DimensionDeclared, Indicator
from zicht.disclosure import Link, Profile, Protected, Sheet, overview, protect
from zicht.figures import TOTAL
from zicht.release import HIDDEN, PUBLIC_COLUMNS


@dataclass(frozen=True)
class Protection:
    """Figures as the public may have them, and what it took.

    Attributes:
        figures: by indicator id, without contributions, hidden figures without numbers.
        sheets: what it took, one for each period; for who made the figures only.
    """

    figures: Mapping[str, pa.Table]
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class Together:
    """The figures of one period, protected by one call.

    Attributes:
        period: the period.
        profile: the rules that held for all of them.
        tables: what they are as tables.
        links: which cells of those are the same number.
        protected: what may be read of them.
    """

    period: str
    profile: Profile
    tables: TablesOfPeriod
    links: tuple[Link, ...]
    protected: Protected


def protect_register(
    figures: Mapping[str, pa.Table],
    indicators: Sequence[Indicator],
    dimensions: Mapping[str, DimensionDeclared],
    areas: Areas,
    profiles: Mapping[str, Profile],
    title: str = "",
    earlier: Mapping[str, Mapping[str, pa.Table]] | None = None,
    past: Past | None = None,
) -> Protection:
    """Protect all figures over one register of persons, households or other units.

    Args:
        figures: by indicator id, in the shape of `zicht.figures.FIGURES` with all areas, unknown children included.
        indicators: those over the register.
        dimensions: by id.
        areas: the division.
        profiles: the protection profile of each indicator, by its id.
        title: what the register is called, for the account.
        earlier: by indicator id and name of a release that is public already, what it shows of the indicator.
        past: what releases over other divisions mean for these figures.

    Raises:
        DisclosureError: figures that cannot be protected.
    """
    statuses: dict[str, list[pa.Table]] = {indicator.id: [] for indicator in indicators}
    sheets: list[Sheet] = []
    known = dict(zip(areas.table["code"].to_pylist(), areas.table["level"].to_pylist(), strict=True))
    before = past or Past()
    for one in protect_each(figures, indicators, dimensions, areas, profiles, earlier, before):
        for indicator in indicators:
            tables = one.tables.of[indicator.id]
            statuses[indicator.id].append(_worst(indicator, one.period, tables, one.protected.status))
        themes = {table: indicator.theme for indicator in indicators for table in one.tables.of[indicator.id]}
        codes = {code for table in one.protected.tables for code in table.dimensions[0].codes}
        levels = {code: level_of(code, known) for code in codes - {EVERYWHERE}}
        report = one.protected.report.as_dict()
        report["revised"] = [
            *_revised_by_few(one.tables.shown, one.profile),
            *before.revised(one.period, indicators, one.profile),
        ]
        report["public"] = list(_hidden_though_public(one.protected))
        sheets.append(Sheet(f"{title} {one.period}".strip(), report, overview(one.protected, levels), themes))
    return Protection(
        {
            indicator.id: _hide(figures[indicator.id], indicator, statuses[indicator.id])
            for indicator in indicators
        },
        tuple(sheets),
    )


def protect_each(
    figures: Mapping[str, pa.Table],
    indicators: Sequence[Indicator],
    dimensions: Mapping[str, DimensionDeclared],
    areas: Areas,
    profiles: Mapping[str, Profile],
    earlier: Mapping[str, Mapping[str, pa.Table]] | None = None,
    past: Past | None = None,
    only: str | None = None,
) -> Iterator[Together]:
    """Protect the figures of one period after another.

    Args:
        figures: by indicator id, all areas and unknown children included.
        indicators: those over the register.
        dimensions: by id.
        areas: the division.
        profiles: the protection profile of each indicator, by its id; the strictest holds for all.
        earlier: by indicator id and name of a release that is public already, what it shows of the indicator.
        past: what releases over other divisions mean for these figures.
        only: the period to protect; all where left out.

    Raises:
        DisclosureError: figures that cannot be protected.
    """
    told = {id_: with_what_is_known(table, (earlier or {}).get(id_, {})) for id_, table in figures.items()}
    profile = _strictest(indicators, profiles)
    periods = {p for one in indicators for p in pc.unique(figures[one.id]["period"]).to_pylist()}
    for period in sorted(periods if only is None else periods & {only}):
        builder = TablesOfPeriod(dimensions, areas)
        for indicator in indicators:
            builder.add(indicator, told[indicator.id].filter(pc.equal(told[indicator.id]["period"], period)))
        if not builder.tables:
            continue
        extra, ties = relate(builder.tables, builder.tree())
        links = (*builder.links(), *ties)
        history = (past or Past()).history(period, indicators, builder)
        protected = protect((*builder.tables.values(), *extra), profile, links=links, history=history)
        yield Together(period, profile, builder, links, protected)


def open_figures(table: pa.Table) -> pa.Table:
    """Figures that were published already, in the shape a release takes: without contributions."""
    return table.select(
        [name for name in table.column_names if name in PUBLIC_COLUMNS or is_breakdown(table, name)]
    )


def hide_where_denominator_is_hidden(rates: pa.Table, counts: pa.Table, by: Sequence[str]) -> pa.Table:
    """Hide rates whose denominator is hidden: events and rate together would give the denominator away.

    Args:
        rates: protected figures of a rate per head.
        counts: protected figures of the count below the line.
        by: the breakdowns of the rate.
    """
    hidden = counts.filter(pc.is_in(counts["status"], pa.array(HIDDEN)))
    shared = [name for name in by if name in counts.column_names]
    for name in (name for name in counts.column_names if is_breakdown(counts, name) and name not in shared):
        hidden = hidden.filter(pc.equal(hidden[name], TOTAL))
    keys = [
        hidden["area"].to_pylist(),
        hidden["period"].to_pylist(),
        *(hidden[name].to_pylist() for name in shared),
    ]
    gone = set(zip(*keys, strict=True))
    rows = zip(
        rates["area"].to_pylist(), (period[:4] for period in rates["period"].to_pylist()),
        *(rates[name].to_pylist() for name in shared), strict=True,
    )  # fmt: skip
    mask = pa.array([key in gone for key in rows], pa.bool_())
    return blanked(
        rates, pc.if_else(pc.and_(mask, pc.equal(rates["status"], "ok")), "primary", rates["status"])
    )


def _revised_by_few(shown: Iterable[pa.Table], profile: Profile) -> Iterator[str]:
    """Figures that an earlier release showed with a few units more or less: the difference tells of those few."""
    for figures in shown:
        apart = pc.abs(pc.subtract(figures["n"], figures[FORMER]))
        few = figures.filter(pc.and_(pc.greater(apart, 0), pc.less(apart, profile.min_units)))
        for row in few.to_pylist():
            codes = [value for name, value in row.items() if is_breakdown(figures, name)]
            yield " × ".join([row["indicator"], row["area"], row["period"], *codes])


def _hidden_though_public(protected: Protected) -> Iterator[str]:
    """Cells that are hidden now, but whose number an earlier release shows."""
    for table in protected.tables:
        shown = pc.equal(protected.status(table.name)["status"], "ok").to_numpy()
        for row in np.flatnonzero(~shown & np.isfinite(table.known_lower)):
            yield f"{table.name}: {table.label_at(int(table.position[row]))}"


def _strictest(indicators: Sequence[Indicator], profiles: Mapping[str, Profile]) -> Profile:
    # Figures of the same units under different profiles would be protected without knowing of each other, so the
    # strictest one (most units a cell) holds for all of them.
    return max((profiles[indicator.id] for indicator in indicators), key=lambda profile: profile.min_units)


def _worst(indicator: Indicator, period: str, tables: Iterable[str], status: object) -> pa.Table:
    """The status of every figure: that of the most hidden of the cells it shows."""
    keys = ["area", *indicator.by]
    found = []
    for name in tables:
        cells = status(name)  # type: ignore[operator]
        found.append(cells.select([*keys, "status"]))
    if not found:
        return pa.table(
            {name: pa.array([], pa.string()) for name in ["area", "period", *indicator.by, "hidden"]}
        )
    cells = pa.concat_tables(found)
    rank = pc.index_in(cells["status"], pa.array(["ok", "secondary", "primary"]))
    worst = (
        cells.select(keys)
        .append_column("rank", rank)
        .group_by(keys, use_threads=False)
        .aggregate([("rank", "max")])
    )
    hidden = pa.array(["ok", "secondary", "primary"]).take(worst["rank_max"].combine_chunks())
    return (
        worst.select(keys)
        .append_column("hidden", hidden)
        .append_column("period", pa.array([period] * worst.num_rows, pa.string()))
    )


def _hide(figures: pa.Table, indicator: Indicator, statuses: Sequence[pa.Table]) -> pa.Table:
    keys = ["area", "period", *indicator.by]
    places = figures.select(keys).append_column("row", pa.array(np.arange(figures.num_rows)))
    joined = (
        places.join(pa.concat_tables(s.select([*keys, "hidden"]) for s in statuses), keys).sort_by("row")
        if statuses
        else None
    )
    found = figures["status"] if joined is None else pc.coalesce(joined["hidden"], pa.scalar("ok"))
    status = pc.if_else(
        pc.and_(pc.equal(figures["status"], "ok"), pc.is_in(found, pa.array(HIDDEN))),
        found,
        figures["status"],
    )
    return open_figures(blanked(figures, status))


def blanked(figures: pa.Table, status: pa.ChunkedArray) -> pa.Table:
    """Figures with another status, and without numbers where that hides them.

    Args:
        figures: the figures.
        status: one for each.
    """
    hidden = pc.is_in(status, pa.array(HIDDEN))
    for name in ("value", "numerator", "denominator", "n", "largest", "second", "lower", "upper"):
        if name in figures.column_names:
            index = figures.column_names.index(name)
            column = figures[name]
            figures = figures.set_column(
                index, name, pc.if_else(hidden, pa.scalar(None, column.type), column)
            )
    return figures.set_column(figures.column_names.index("status"), "status", status)
