"""On which sources an indicator rests: not all that its register was made of, but what its own columns came from.

A register of inhabitants may bring the persons register, benefits, care and suspects together. A figure about benefits does
not rest on the suspects, and saying that it does would be untrue. What a query joins with LEFT JOIN and an indicator takes nothing of
changes neither its units nor its values (where it has one row for each, as it should), and is left out. Everything else stays in: rather a
source too many than one too few.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from zicht.chain.sources import origins, read_registers
from zicht.declare import Indicator, Project, Register, columns_used, parse_query


def registers_of(project: Project, indicator: Indicator) -> tuple[str, ...]:
    """Ids of the registers whose rows an indicator counts: its own, and that of what it is divided by."""
    ids = [indicator.register_]
    if indicator.per_indicator is not None:
        ids.append(project.indicators[indicator.per_indicator].register_)
    return tuple(dict.fromkeys(ids))


def sources_of(project: Project, indicator: Indicator) -> tuple[str, ...]:
    """Ids of the sources that an indicator rests on, those of what it is divided by last.

    Args:
        project: the project, without mistakes.
        indicator: one of its indicators.
    """
    register = project.registers[indicator.register_]
    found = list(_origins(project, register, _columns(project, indicator, register)))
    if indicator.per_indicator is not None:
        found += sources_of(project, project.indicators[indicator.per_indicator])
    return tuple(dict.fromkeys(found))


def _columns(project: Project, indicator: Indicator, register: Register) -> set[str]:
    """Names of the columns that an indicator uses, small letters."""
    written = (indicator.population, indicator.numerator, indicator.denominator, indicator.value, indicator.area, indicator.period)  # fmt: skip
    expressions = [sql for sql in written if sql is not None]
    expressions += [project.dimensions[id_].sql for id_ in indicator.by]
    found = {name.lower() for sql in expressions for name in columns_used(sql)}
    for given, column in ((indicator.area, register.area_column), (indicator.period, register.period_column)):
        if given is None and column is not None:
            found.add(column.name.lower())
    return found


def _origins(project: Project, register: Register, columns: Iterable[str]) -> tuple[str, ...]:
    sql = project.register_sql.get(register.id)
    if sql is None:
        return origins(project, register)
    read = read_registers(project, register)
    tables = {id_: tuple(column.name for column in project.registers[id_].kept) for id_ in read}
    unused = _unused_tables(parse_query(sql, tables), set(columns))
    return tuple(
        dict.fromkeys(
            source
            for id_ in read
            if id_.lower() not in unused
            for source in origins(project, project.registers[id_])
        )
    )


def _unused_tables(query: exp.Expr, columns: set[str]) -> set[str]:
    """Tables that are read in parts only that are joined with LEFT JOIN and of which no column in use is made."""
    if not isinstance(query, exp.Select):
        return set()
    joins = query.args.get("joins") or ()
    optional = {
        join.this.alias_or_name.lower(): join.this
        for join in joins
        if join.side == "LEFT" and join.this.alias_or_name
    }
    others = [part for part in query.iter_expressions() if not isinstance(part, exp.With | exp.Join)]
    outputs = [part for part in query.expressions if part.alias_or_name.lower() in columns]
    starred = any(isinstance(part, exp.Star) or part.find(exp.Star) for part in query.expressions)
    named = [part for part in others if part not in query.expressions] + outputs
    named += [join for join in joins if join.this.alias_or_name.lower() not in optional]
    mentioned = [column for part in named for column in part.find_all(exp.Column)]
    if starred or any(not column.table for column in mentioned):
        return set()  # whose columns they are cannot be seen
    needed = {column.table.lower() for column in mentioned}
    # What a joined part is matched on may itself come from another joined part.
    for _ in optional:
        for join in joins:
            if join.this.alias_or_name.lower() in needed:
                needed |= {column.table.lower() for column in join.find_all(exp.Column) if column.table}
    ctes = {cte.alias.lower(): cte.this for cte in query.find_all(exp.CTE)}
    used = [query.args.get("from_")]
    used += [join.this for join in joins if join.this.alias_or_name.lower() not in optional]
    used += [part for part in named if part.find(exp.Table)]
    used += [part for alias, part in optional.items() if alias in needed]
    kept = _tables([part for part in used if part is not None], ctes)
    return _tables(list(optional.values()), ctes) - kept


def _tables(parts: Iterable[exp.Expr], ctes: dict[str, exp.Expr]) -> set[str]:
    """Names of all tables in some parts of a query, CTEs followed to what they read."""
    found: set[str] = set()
    waiting = list(parts)
    while waiting:
        for table in waiting.pop().find_all(exp.Table):
            name = table.name.lower()
            if name not in found:
                found.add(name)
                if name in ctes:
                    waiting.append(ctes[name])
    return found
