"""Where columns of a query come from, held against the engine: what is not named as an origin may change without changing the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zicht.declare import parse_query
from zicht.governance.queries import Columns, origins_of

TABLES = {
    "p": Columns(("jaar", "id", "leeftijd", "plaats"), (frozenset({"jaar", "id"}),)),
    "w": Columns(("jaar", "id", "soort")),
    "h": Columns(("id", "geld"), (frozenset({"id"}),)),
}
QUERIES = [
    "select p.jaar, p.leeftijd, h.geld from p left join h on h.id = p.id",
    "select p.jaar, p.leeftijd, h.geld from p join h using (id)",
    "select p.leeftijd, w.soort from p left join w on w.id = p.id and w.jaar = p.jaar",
    "select p.leeftijd, p.plaats, n.aantal from p left join (select id, count(*) as aantal from w group by id) n on n.id = p.id",
    "with n as (select distinct id from w where soort > 1) select p.leeftijd, n.id is not null as krijgt from p left join n on n.id = p.id",
    "select p.plaats, sum(h.geld) as som, count(*) as n from p join h on h.id = p.id group by p.plaats",
    "select leeftijd, exists(select 1 from w where w.id = p.id and w.soort = 2) as krijgt from p",
    "select leeftijd from p where id in (select id from w where soort = 1)",
    "select leeftijd, (select max(soort) from w where w.id = p.id) as hoogste from p",
    "select id, leeftijd as x from p union all select id, soort as x from w",
    "select id from p except select id from w",
    "select 1 as a, id from p union all by name select id, soort as a from w",
    "select leeftijd, row_number() over (partition by plaats order by id, jaar) as nummer from p",
    "select leeftijd, plaats from p qualify rank() over (partition by plaats order by leeftijd) = 1",
    "select * exclude (plaats) from p",
    "with a as (select * from p), b as (select id as sleutel, geld from h) select a.plaats, b.geld > 2 as veel from a left join b on b.sleutel = a.id",
    "select plaats, max(leeftijd) as oudste from p group by all having count(*) > 1",
    "select p.leeftijd, g.geld from p left join (select * from h) g on p.id = g.id",
    "select p.leeftijd, x.soort from p left join w x on x.id = p.id or x.id = 0",
    "select p.leeftijd from p right join w on w.id = p.id left join h on h.id = p.id",
    "select count(*) as n from w",
    "select distinct plaats from p",
    "from p select leeftijd",
    "select q.a, q.b from (select leeftijd, plaats from p) as q(a, b)",
    "select a, a + 1 as b from (select leeftijd as a from p) where b > 2",
]  # fmt: skip
small = st.integers(0, 3)
ROWS = st.fixed_dictionaries({
    "p": st.dictionaries(st.tuples(small, small), st.tuples(small, small), min_size=1, max_size=5),
    "w": st.lists(st.tuples(small, small, small), max_size=5),
    "h": st.dictionaries(small, small, max_size=4),
})  # fmt: skip


def tables_of(rows: dict[str, object]) -> dict[str, list[tuple[int, ...]]]:
    return {
        "p": [(*key, *rest) for key, rest in rows["p"].items()],  # type: ignore[attr-defined]
        "w": list(rows["w"]),  # type: ignore[call-overload]
        "h": list(rows["h"].items()),  # type: ignore[attr-defined]
    }


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


def result(
    engine: duckdb.DuckDBPyConnection, query: str, tables: dict[str, list[tuple[int, ...]]]
) -> dict[str, Counter[object]]:
    """The values of each column, as a bag."""
    for name, rows in tables.items():
        columns = {
            column: pa.array([row[i] for row in rows], pa.int32())
            for i, column in enumerate(TABLES[name].names)
        }
        engine.register(name, pa.table(columns))
    found = engine.sql(query).to_arrow_table()
    return {name: Counter(found[name].to_pylist()) for name in found.column_names}


@pytest.mark.parametrize("query", QUERIES)
@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, other=ROWS)
def test_what_is_no_origin_of_a_column_may_change_without_changing_it(
    engine: duckdb.DuckDBPyConnection, query: str, rows: dict[str, object], other: dict[str, object]
) -> None:
    origins = origins_of(parse_query(query, {name: one.names for name, one in TABLES.items()}), TABLES)
    before, changed = tables_of(rows), tables_of(other)
    shown = result(engine, query, before)
    for table, columns in TABLES.items():
        for column in columns.names:
            if any(column in key for key in columns.keys):
                continue  # another value of a key is another row
            at = columns.names.index(column)
            values = [row[at] for row in changed[table]] or [7]
            spoiled = [
                (*row[:at], values[i % len(values)], *row[at + 1 :]) for i, row in enumerate(before[table])
            ]
            after = result(engine, query, {**before, table: spoiled})
            for name, bag in shown.items():
                if (table, column) not in origins.rows and (table, column) not in origins.of(name):
                    assert after[name] == bag, (name, table, column)
        after = result(engine, query, {**before, table: changed[table]})
        for name, bag in shown.items():
            touched = {leaf[0] for leaf in (*origins.rows, *origins.of(name))}
            if table not in touched:
                assert after[name] == bag, (name, table)


@pytest.mark.parametrize(("query", "column", "made_of"), [
    (QUERIES[0], "leeftijd", {("p", "leeftijd")}),
    (QUERIES[0], "geld", {("h", "geld"), ("h", "id"), ("p", "id"), ("h", None)}),
    (QUERIES[3], "plaats", {("p", "plaats")}),
    (QUERIES[23], "b", {("p", "plaats")}),
])  # fmt: skip
def test_origins_are_no_wider_than_they_need_be(
    query: str, column: str, made_of: set[tuple[str, str | None]]
) -> None:
    origins = origins_of(parse_query(query, {name: one.names for name, one in TABLES.items()}), TABLES)
    assert set(origins.of(column)) == made_of
    assert set(origins.rows) == {("p", None)}
