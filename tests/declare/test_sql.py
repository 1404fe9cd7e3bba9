"""SQL in declarations: what people need gets through, and nothing else does."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zicht.declare.sql import (
    ALLOWED_FUNCTIONS,
    MAX_EXPRESSION,
    QUERY_FUNCTIONS,
    check_expression,
    check_query,
    columns_used,
    parse_expression,
    parse_query,
)
from zicht.errors import ZichtError

COLUMNS = {
    "text": "string", "number": "number", "whole": "integer", "day": "date", "flag": "boolean", "a": "string", "b": "string",
}  # fmt: skip
TABLES = {"t": tuple(COLUMNS), "u": ("a", "k")}

GOOD_EXPRESSIONS = [
    "flag",
    "number >= 18 AND number < 67",
    "a IN ('x', 'y') OR NOT flag",
    "CASE WHEN number < 5 THEN '0-4' WHEN number < 10 THEN '5-9' ELSE '10+' END",
    "CASE a WHEN 'x' THEN 1 ELSE 0 END",
    "day - INTERVAL 1 YEAR > DATE '2020-01-01'",
    "date_sub('year', day, DATE '2024-01-01') >= 18",
    "CAST(number AS DECIMAL(9, 2)) / 100",
    "number__status = 'primary'",
    "'BU' || lpad(text, 8, '0')",
    "text LIKE 'GM%' AND a IS DISTINCT FROM b",
    "'a -- b; /* c */' = text",
    " OR ".join(["a = 'x'"] * 200),
]

ATTACKS = {
    "two statements": "a; SELECT 1",
    "a semicolon at the end": "a;",
    "dropping a table": "a; DROP TABLE t",
    "two expressions": "a, b",
    "a statement": "SELECT 1",
    "pragma": "PRAGMA database_list",
    "set": "SET threads = 1",
    "attach": "ATTACH 'x.db'",
    "copy": "COPY t TO 'x.csv'",
    "install": "INSTALL httpfs",
    "load": "LOAD httpfs",
    "call": "CALL pragma_version()",
    "update": "UPDATE t SET a = 1",
    "a subquery": "(SELECT max(number) FROM t)",
    "a subquery that compares": "number > (SELECT 1)",
    "a subquery with IN": "a IN (SELECT a FROM secrets)",
    "exists": "EXISTS (SELECT 1 FROM secrets)",
    "a subquery deep within": "CASE WHEN flag THEN coalesce(number, (SELECT 1)) END",
    "from without select": "(FROM secrets)",
    "a table statement": "(TABLE secrets)",
    "values": "(VALUES (1))",
    "an aggregate": "sum(number)",
    "count of everything": "count(*)",
    "an aggregate with a filter": "count(a) FILTER (WHERE flag)",
    "a window": "row_number() OVER ()",
    "an aggregate as a window": "max(number) OVER (PARTITION BY a)",
    "everything": "*",
    "everything of a table": "t.*",
    "columns by pattern": "COLUMNS('.*')",
    "columns unpacked": "*COLUMNS(*)",
    "a comment": "a /* hidden */ = 'x'",
    "a comment to the end": "a = 'x' -- AND flag",
    "a comment before": "/* all */ flag",
    "a nested comment": "flag /* a /* b */ c */",
    "a lambda": "list_transform([1], x -> x + 1)",
    "a lambda of the other kind": "list_transform([1], lambda x: x + 1)",
    "an arrow": "text -> '$.a'",
    "a double arrow": "text ->> '$.a'",
    "reading text": "read_text('/etc/passwd')",
    "reading blobs": "read_blob('/etc/passwd')",
    "reading csv": "read_csv('/etc/passwd')",
    "a quoted function": "\"read_text\"('/etc/passwd')",
    "a function in capitals": "READ_TEXT('/etc/passwd')",
    "a function with a schema": "main.read_text('/etc/passwd')",
    "a function as a method": "'/etc/passwd'.read_text()",
    "a method of a column": "a.lower()",
    "a function with a comment between": "read_text/**/('/etc/passwd')",
    "a function on the next line": "read_text\n('/etc/passwd')",
    "glob": "glob('/*')",
    "the environment": "getenv('HOME')",
    "a setting": "current_setting('threads')",
    "a variable": "getvariable('x')",
    "the user": "current_user",
    "the clock": "now()",
    "the day": "current_date",
    "the day as a function": "today()",
    "age until today": "age(day)",
    "chance": "random() < 0.5",
    "a new identifier": "gen_random_uuid()",
    "a sequence": "nextval('s')",
    "a hash": "hash(a)",
    "raising": "error('x')",
    "repeating without end": "repeat(a, 1000000000)",
    "filling without end": "lpad(a, 1000000000, 'x')",
    "filling by a column": "lpad(a, whole, 'x')",
    "a range": "range(1000000000)",
    "a list": "[1, 2, 3]",
    "a struct": "{'a': 1}",
    "a row": "row(1, 2)",
    "a map": "MAP {'a': 1}",
    "an element": "a[1]",
    "a slice": "text[1:2]",
    "a cast to a struct": "a::STRUCT(x INT)",
    "a cast to a list": "a::VARCHAR[]",
    "a cast to json": "CAST(a AS JSON)",
    "a cast to a blob": "a::BLOB",
    "a cast to a type of one's own": "a::mytype",
    "a cast to regclass": "a::regclass",
    "a parameter": "number > $1",
    "a nameless parameter": "number > ?",
    "a collation": "a COLLATE nocase = 'x'",
    "a time zone": "day AT TIME ZONE 'Europe/Amsterdam'",
    "a regular expression sign": "text ~ 'x'",
    "similar to": "text SIMILAR TO 'x'",
    "a name": "a AS b",
    "a column of a table": "t.a",
    "a column of a schema": "main.t.a",
    "an unknown column": "salary",
    "a hidden column": "rowid",
    "a status of an unknown column": "salary__status",
    "a dollar quote": "$$abc$$ = a",
    "nothing": "   ",
    "an open quote": "a = 'x",
    "an open bracket": "(a",
    "half a condition": "a AND",
    "a null character": "a = 'x\0'",
    "too long": "a = '" + "x" * MAX_EXPRESSION + "'",
    "too many brackets": "(" * 60 + "a" + ")" * 60,
    "far too many brackets": "(" * 1900 + "a" + ")" * 1900,
    "a tower of cases": "CASE WHEN flag THEN " * 60 + "1" + " END" * 60,
    "a tower of not": "NOT " * 900 + "flag",
    "a tower of minus": "- " * 1500 + "number",
    "a tower of plus": "+".join(["number"] * 500),
    "a tower of functions": "lower(" * 55 + "a" + ")" * 55,
}  # fmt: skip


@pytest.mark.parametrize("sql", GOOD_EXPRESSIONS)
def test_an_expression_that_people_need_is_let_through(sql):
    assert check_expression(sql, COLUMNS) == []
    assert parse_expression(sql).sql("duckdb", comments=False)


@pytest.mark.parametrize("sql", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_expression_that_does_more_than_look_at_a_row_is_refused(sql):
    mistakes = check_expression(sql, COLUMNS)
    assert mistakes
    assert all(mistake.what and mistake.remedy for mistake in mistakes)


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_what_is_refused_cannot_be_parsed_to_be_run_either(name):
    if "unknown column" in name or "hidden column" in name:
        return  # which columns there are is not known here; the engine has no other table to look in
    with pytest.raises(ZichtError):
        parse_expression(ATTACKS[name])


@pytest.mark.parametrize(("name", "example"), [(name, call) for name, (call, _) in ALLOWED_FUNCTIONS.items()])
def test_what_is_run_gives_what_was_written(name, example):
    """sqlglot writes the SQL anew before it is run; for every allowed function that must mean the same to DuckDB."""
    assert check_expression(example, COLUMNS) == []
    units = """(VALUES ('a9-abc', 2.5::DOUBLE, 3, DATE '2001-05-06', true, 'p', 'q'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        ('xyz', -1.25, 11, DATE '2024-02-29', false, '', 'b')) AS t(text, number, whole, day, flag, a, b)"""
    number = example.replace("sqrt(number)", "sqrt(abs(number))").replace("ln(number)", "ln(abs(number))")
    written = duckdb.sql(f"SELECT {number} FROM {units}").fetchall()
    run = duckdb.sql(
        f"SELECT {parse_expression(number).sql('duckdb', comments=False)} FROM {units}"
    ).fetchall()
    assert run == written
    assert any(row[0] is not None for row in run)


@pytest.mark.parametrize("example", [call for call, _ in QUERY_FUNCTIONS.values()])
def test_a_query_may_aggregate_and_look_through_windows(example):
    assert check_query(f"SELECT {example} AS x FROM t", TABLES) == []
    assert check_expression(example, COLUMNS)


def test_an_unknown_column_gets_the_nearest_name_and_its_place():
    (mistake,) = check_expression("flag AND\n  numbr > 1", COLUMNS)
    assert (mistake.what, mistake.remedy, mistake.line, mistake.column) == (
        "names `numbr`, which is no column.", "Did you mean `number`?", 2, 3,
    )  # fmt: skip


def test_an_unknown_function_gets_the_nearest_name():
    assert any(mistake.remedy == "Did you mean `lower`?" for mistake in check_expression("lowr(a)", COLUMNS))


def test_all_mistakes_are_told_at_once():
    mistakes = check_expression("salary > 1 AND sum(number) > 2 AND lowr(a) = 'x'", COLUMNS)
    assert len({mistake.column for mistake in mistakes}) >= 3


def test_the_columns_of_an_expression_are_found_in_the_order_of_the_text():
    assert columns_used("CASE WHEN b = 'x' THEN number ELSE whole END + number") == ("b", "number", "whole")


GOOD_QUERIES = [
    "SELECT * FROM t",
    "FROM t",
    "SELECT * EXCLUDE (a) REPLACE (number + 1 AS number) FROM t;",
    "SELECT * RENAME (a AS c) FROM t",
    "WITH c AS (SELECT a, count(*) AS n FROM t GROUP BY ALL) SELECT c.a, n, k FROM c JOIN u USING (a)",
    "SELECT 2023 AS year, * FROM t UNION ALL BY NAME SELECT 2024 AS year, * FROM u",
    "SELECT *, row_number() OVER (PARTITION BY a ORDER BY number DESC) AS place FROM t QUALIFY place = 1",
    "SELECT v.p FROM (VALUES (1, 2)) AS v(p, q)",
    "WITH v(p, q) AS (SELECT a, b FROM t) SELECT p FROM v",
    "-- only those with a key\nSELECT t.* FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a)",
    "WITH x AS (SELECT a FROM t), y AS (SELECT a FROM x) SELECT a FROM y ORDER BY a LIMIT 10",
    "SELECT a, quantile_cont(number, 0.5) AS middle FROM t GROUP BY a HAVING count(*) > 3",
]

QUERY_ATTACKS = {
    "a file by name": "SELECT * FROM 'x.csv'",
    "a file in quotes": 'SELECT * FROM "x.csv"',
    "a file on the web": "SELECT * FROM 'https://example.org/x.parquet'",
    "an undeclared register": "SELECT * FROM secrets",
    "a register of another schema": "SELECT * FROM main.t",
    "the catalogue": "SELECT * FROM information_schema.tables",
    "a table function": "SELECT * FROM read_csv('x.csv')",
    "a table function in quotes": "SELECT * FROM \"read_csv\"('x.csv')",
    "a query as text": "FROM query('SELECT 1')",
    "a table by name": "FROM query_table('secrets')",
    "settings": "SELECT * FROM duckdb_settings()",
    "a range": "SELECT * FROM range(10)",
    "unnest": "SELECT * FROM unnest([1, 2])",
    "unnest in a list": "SELECT unnest([1, 2]) AS x FROM t",
    "lateral": "SELECT a FROM t, LATERAL (SELECT 1)",
    "a CTE that is out of sight": "SELECT * FROM (WITH sqlite_master AS (SELECT 1 AS a) SELECT a FROM sqlite_master), sqlite_master",
    "a CTE that reads its own name": "WITH sqlite_master AS (SELECT * FROM sqlite_master) SELECT * FROM sqlite_master",
    "a CTE before it is made": "WITH y AS (SELECT * FROM x), x AS (SELECT a FROM t) SELECT * FROM y",
    "a CTE without end": "WITH RECURSIVE x AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM x) SELECT * FROM x",
    "a secret in a column": "SELECT (SELECT max(a) FROM secrets) AS a FROM t",
    "a secret in a condition": "SELECT a FROM t WHERE a IN (SELECT a FROM 'x.csv')",
    "a secret in the order": "SELECT a FROM t ORDER BY (SELECT max(a) FROM secrets)",
    "a secret in a window": "SELECT max(a) OVER (ORDER BY (SELECT 1 FROM secrets)) AS a FROM t",
    "into": "SELECT 1 INTO x",
    "creating": "CREATE TABLE x AS SELECT * FROM t",
    "inserting": "INSERT INTO t SELECT * FROM u",
    "deleting": "DELETE FROM t",
    "copying": "COPY (SELECT * FROM t) TO 'x.csv'",
    "attaching": "ATTACH 'x.db'",
    "exporting": "EXPORT DATABASE 'x'",
    "setting": "SET threads = 1",
    "installing": "INSTALL httpfs",
    "explaining": "EXPLAIN SELECT 1",
    "describing": "DESCRIBE t",
    "showing": "SHOW TABLES",
    "two queries": "SELECT * FROM t; SELECT * FROM u",
    "a query after a comment": "SELECT * FROM t; -- more\nDROP TABLE t",
    "an older version": "SELECT * FROM t AT (VERSION => 1)",
    "a sample": "SELECT * FROM t TABLESAMPLE 10%",
    "a sample behind": "SELECT * FROM t USING SAMPLE 10",
    "a pivot": "PIVOT t ON a",
    "a pivot of a table": "SELECT * FROM t PIVOT (count(*) FOR a IN ('x'))",
    "a join by place": "SELECT * FROM t POSITIONAL JOIN u",
    "columns by pattern": "SELECT COLUMNS('a.*') FROM t",
    "chance": "SELECT a FROM t ORDER BY random()",
    "the environment": "SELECT getenv('HOME') AS a FROM t",
    "whatever comes first": "SELECT first(a) AS a FROM t",
    "an unknown column": "SELECT salary FROM t",
    "a parameter": "SELECT a FROM t WHERE a = ?",
    "a cast to json": "SELECT a::JSON AS a FROM t",
    "an expression": "a = 'x'",
    "nothing": "",
}  # fmt: skip


@pytest.mark.parametrize("sql", GOOD_QUERIES)
def test_a_query_over_declared_registers_is_let_through(sql):
    assert check_query(sql, TABLES) == []
    assert parse_query(sql, TABLES)


@pytest.mark.parametrize("sql", QUERY_ATTACKS.values(), ids=QUERY_ATTACKS.keys())
def test_a_query_that_reaches_further_is_refused(sql):
    assert check_query(sql, TABLES)
    with pytest.raises(ZichtError):
        parse_query(sql, TABLES)


def test_a_misspelt_register_gets_the_nearest_name():
    (mistake,) = check_query("SELECT a FROM persns", {"persons": ("a",)})
    assert mistake.remedy == "Did you mean `persons`?"


@pytest.mark.parametrize("number", ["0e", "0e.", "1e5.", "0e.1", "1.5e", ".5.", "1e+1.", "1..2"])
def test_what_is_a_number_to_one_parser_only_is_refused(number):
    for sql in (number, f"a = {number}"):
        assert check_expression(sql, {"a": "integer"})
    assert check_query(f"SELECT a FROM persons WHERE a > {number}", {"persons": ("a",)})


@pytest.mark.parametrize("number", ["0", "12", "5.", ".5", "0.25", "1e6", "1.5E-3", "2e+10", "1_000"])
def test_a_number_as_people_write_it_is_let_through(number):
    assert check_expression(f"a = {number}", {"a": "integer"}) == []


@example("0e.")
@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abt()'\"-/*;.,$?[]{}:=<>~|&%+ \n0123456789selctfromwh", max_size=60))
def test_whatever_is_written_the_check_answers(text):
    """No text makes the check fail, and what it lets through DuckDB can at least parse as one expression."""
    if not check_expression(text, COLUMNS):
        statements = duckdb.extract_statements(
            f"SELECT {parse_expression(text).sql('duckdb', comments=False)}"
        )
        assert len(statements) == 1
    check_query(text, TABLES)
