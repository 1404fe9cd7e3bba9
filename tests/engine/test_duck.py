"""SQL on DuckDB: what was added can be read, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.engine import DuckDBEngine, EngineError, literal, quote


@pytest.fixture
def engine():
    with DuckDBEngine(threads=2) as engine:
        yield engine


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": [3, 1, 2]}), path)
    return path


def test_files_and_tables_can_be_added_before_and_after_a_query(engine, file):
    engine.add("t", file)
    assert engine.query("SELECT sum(a) AS s FROM t")["s"].to_pylist() == [6]
    engine.add("u", pa.table({"a": [10]}))
    engine.add("v", file)
    assert engine.query("SELECT sum(a) AS s FROM (FROM t UNION ALL FROM u UNION ALL FROM v)")[
        "s"
    ].to_pylist() == [22]


def test_what_is_added_again_under_a_name_takes_its_place(engine, file):
    engine.add("t", pa.table({"a": [1]}))
    engine.query("FROM t")
    engine.add("t", file)
    assert engine.query("FROM t").num_rows == 3
    engine.add("t", pa.table({"a": [7]}))
    assert engine.query("FROM t")["a"].to_pylist() == [7]


ESCAPES = [
    "FROM '{other}'",
    "FROM read_parquet('{other}')",
    "FROM read_parquet(['{file}', '{other}'])",
    "FROM read_text('/etc/passwd')",
    "FROM read_csv('/etc/passwd')",
    "FROM read_text('{file}/../other.parquet')",
    "FROM glob('/*')",
    "FROM 'https://example.org/x.csv'",
    "SELECT getenv('HOME')",
    "COPY (SELECT 1) TO '{other}'",
    "ATTACH '{other}.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET threads = 1",
    "RESET lock_configuration",
    "PRAGMA enable_object_cache",
    "CREATE TABLE x AS SELECT 1",
    "DROP VIEW t",
    "SELECT 1; SELECT 2",
    "FROM engine",
    "",
]


@pytest.mark.parametrize("sql", ESCAPES)
def test_nothing_else_can_be_read_written_or_changed(engine, file, tmp_path, sql):
    """Even if such SQL got past the checks of declarations."""
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"a": [1]}), other)
    engine.add("t", file)
    with pytest.raises(EngineError):
        engine.query(sql.format(file=file, other=other))
    assert engine.query("FROM t").num_rows == 3


def test_a_file_that_is_not_there_is_named(engine, tmp_path):
    with pytest.raises(EngineError, match=r"no file .*nowhere\.parquet"):
        engine.add("t", tmp_path / "nowhere.parquet")


def test_a_mistake_in_sql_is_told_in_one_line(engine):
    with pytest.raises(EngineError) as caught:
        engine.query("SELECT x FROM nothing")
    assert "\n" not in str(caught.value)


def test_the_same_rows_give_the_same_bytes(engine, tmp_path):
    table = pa.table({"a": list(range(300_000)), "b": [f"x{n % 7}" for n in range(300_000)]})
    engine.add("t", table)
    first, second = tmp_path / "1.parquet", tmp_path / "2.parquet"
    assert engine.write("SELECT * FROM t ORDER BY b, a", first) == 300_000
    with DuckDBEngine(threads=1, memory_limit="500MB") as other:
        other.add("t", table.take(list(reversed(range(300_000)))))
        other.write("SELECT * FROM t ORDER BY b, a", second)
    assert first.read_bytes() == second.read_bytes()
    assert pq.ParquetFile(first).metadata.num_row_groups == 3


def test_a_query_without_rows_is_a_file_with_columns(engine, tmp_path):
    engine.add("t", pa.table({"a": [1]}))
    assert engine.write("SELECT a FROM t WHERE a > 1", tmp_path / "x.parquet") == 0
    assert pq.read_schema(tmp_path / "x.parquet").names == ["a"]


def test_a_query_that_fails_leaves_what_was_there(engine, tmp_path):
    path = tmp_path / "x.parquet"
    path.write_text("before")
    engine.add("t", pa.table({"a": ["1", "x"]}))
    with pytest.raises(EngineError):
        engine.write("SELECT CAST(a AS INTEGER) AS a FROM t", path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_the_folder_for_spilling_is_gone_after_closing():
    engine = DuckDBEngine()
    engine.query("SELECT 1")
    folder = engine._temp_folder
    engine.close()
    assert not folder.exists()


@settings(deadline=None)
@given(st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_any_name_and_any_text_can_be_quoted(text):
    with DuckDBEngine(threads=1) as engine:
        found = engine.query(f"SELECT {literal(text)} AS {quote(text)}")
    assert found.column_names == [text]
    assert found.column(0).to_pylist() == [text]


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_what_cannot_be_a_name_is_refused(name):
    with pytest.raises(EngineError):
        quote(name)
