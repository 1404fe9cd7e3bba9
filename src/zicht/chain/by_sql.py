"""Registers that a query makes of others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq

from zicht.chain.doors import refuse_identifiers
from zicht.declare import Register, parse_query
from zicht.engine import DuckDBEngine, quote
from zicht.errors import DeclarationError, Place
from zicht.intake import ACCEPTED

SQL_TYPES = {
    "string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "date": "DATE", "timestamp": "TIMESTAMP",
    "boolean": "BOOLEAN",
}  # fmt: skip
"""What columns are in SQL, by their logical type."""


def make_by_sql(register: Register, sql: str, inputs: Mapping[str, Path], out: Path) -> None:
    """Make a register with the query beside its contract.

    Args:
        register: the contract.
        sql: the query.
        inputs: the folders with the registers that it reads, by name of their step.
        out: where to write `accepted.parquet` and `report.json`.

    Raises:
        DeclarationError: the query does not give a column of the contract, or lets identifiers out.
    """
    # One thread: sums of numbers with decimals depend on the order of rows, and a release must have the same bytes on every machine.
    with DuckDBEngine(threads=1) as engine:
        tables: dict[str, list[str]] = {}
        for name, folder in inputs.items():
            id_ = name.removeprefix("register/")
            engine.add(id_, folder / ACCEPTED)
            tables[id_] = pq.read_schema(folder / ACCEPTED).names
        # What runs is what was parsed and checked, never the text itself.
        query = parse_query(sql, tables).sql("duckdb", comments=False)
        given = engine.query(f"SELECT * FROM ({query}) LIMIT 0").column_names
        missing = [column.name for column in register.columns if column.name not in given]
        if missing:
            raise DeclarationError.at(
                Place(f"registers/{register.sql_file}"), f"does not give the column `{missing[0]}` of its contract.",
                f"It gives: {', '.join(given[:20])}.",
            )  # fmt: skip
        columns = [
            f"CAST({quote(column.name)} AS {SQL_TYPES[column.logical_type]}) AS {quote(column.name)}"
            for column in register.columns
        ]
        beside = [column.status_name for column in register.columns]
        columns += [quote(name) for name in beside if name is not None and name in given]
        # In an order of its own, so that the same rows give the same bytes whatever the engine did first.
        rows = engine.write(f"SELECT {', '.join(columns)} FROM ({query}) ORDER BY ALL", out / ACCEPTED)
    refuse_identifiers(register, out / ACCEPTED)
    (out / "report.json").write_text(
        json.dumps({"rows": rows, "accepted": rows, "refused": 0}, sort_keys=True), "utf-8"
    )
