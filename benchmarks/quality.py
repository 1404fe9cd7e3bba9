"""18 million generated persons × 20 columns held to 30 quality norms, beside reading the rows once.

Each contender runs in a process of its own; what counts is processor time, user and system together and without importing, because that does
not depend on who else uses the machine. `read` streams all columns from the register into Arrow batches, as anything that looks at rows one by one must;
`read_in_place` has DuckDB hash every column in place, the least that any reading in the engine can cost. `per_norm` runs the same aggregates as one
query a norm, as programs do that take rules one by one.
"""

from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.figures import FLAGS, FOLDER, PERSONS, THREADS, buurten, generate

TYPES = {
    "buurt": "string", "sex": "string", "position": "string", "education": "string", "person": "integer", "age": "integer",
    "household": "integer", **dict.fromkeys(FLAGS, "boolean"), "income": "number", "wealth": "number", "care_cost": "integer",
}  # fmt: skip
DRIFT = "{type: custom, engine: zicht, implementation: {metric: distributionDrift, mustBeLessThan: 0.25}}"
EMPTY = "{metric: nullValues, mustBeLessThan: 25, unit: percent}"


def _valid(arguments: str) -> str:
    return f"{{metric: invalidValues, arguments: {{{arguments}}}, mustBeLessThan: 50, unit: percent}}"


OF_COLUMNS = {
    "buurt": [EMPTY, _valid("pattern: '^BU[0-9]{8}$'")],
    "sex": [EMPTY, _valid("validValues: [m, v]")],
    "position": [DRIFT, _valid("validValues: [alone, couple, parent, lone parent, child, other]")],
    "education": [DRIFT, _valid("validValues: [low, middle, high, none]")],
    "person": ["{metric: duplicateValues, mustBe: 0}"],
    "age": [EMPTY, DRIFT, _valid("minimum: 0, maximum: 104")],
    "household": [EMPTY],
    "income": [EMPTY, DRIFT, _valid("minimum: 0, maximum: 1000000")],
    "wealth": [EMPTY, _valid("minimum: -1000000, maximum: 5000000")],
    "care_cost": [EMPTY, _valid("minimum: 0")],
}
CONDITIONS = (
    "age >= 15 or income is null",
    "not pension or age >= 15 or wealth is not null",
    "not (youth_care and wmo) or age >= 0",
    "household <= person",
    "care_cost = 0 or care_cost > 0",
)
OF_TABLE = [
    "{metric: rowCount, mustBeGreaterThan: 1000000}",
    "{metric: duplicateValues, arguments: {properties: [household, person]}, mustBe: 0}",
    "{type: custom, engine: zicht, implementation: {metric: unmatchedValues, columns: [buurt], to: buurten.code, mustBe: 0}}",
    "{type: custom, engine: zicht, implementation: {metric: rowCountChange, mustBeBetween: [-5, 5]}}",
    "{type: sql, query: 'SELECT avg(income) FROM persons', mustBeGreaterThan: 0}",
    *(
        f"{{type: custom, engine: zicht, implementation: {{metric: falseConditions, condition: {one}, mustBe: 0}}}}"
        for one in CONDITIONS
    ),
]


def contract() -> str:
    """The contract with the 30 norms."""
    lines = ["apiVersion: v3.1.0", "kind: DataContract", "id: c", "version: 1.0.0", "status: active", "schema:",
             "  - name: persons", "    customProperties: [{property: bron, value: s}]", "    properties:"]  # fmt: skip
    for name, kind in TYPES.items():
        quality = f", quality: [{', '.join(OF_COLUMNS[name])}]" if name in OF_COLUMNS else ""
        lines.append(f"      - {{name: {name}, logicalType: {kind}{quality}}}")
    return "\n".join([*lines, "    quality:", *(f"      - {rule}" for rule in OF_TABLE)])


def _engine_and_register() -> tuple[object, object, dict[str, list[str]]]:
    from zicht.declare import parse_yaml, read_contract
    from zicht.engine import DuckDBEngine

    register, problems = read_contract(parse_yaml(contract(), "persons.yaml"))
    assert register is not None, problems
    engine = DuckDBEngine(threads=THREADS)
    engine.add("persons", generate())
    engine.add("buurten", pa.table({"code": buurten()}))
    return engine, register, {"persons": pq.read_schema(generate()).names, "buurten": ["code"]}


def read() -> dict[str, object]:
    """All columns as Arrow batches."""
    import duckdb

    connection = duckdb.connect(config={"threads": THREADS})
    reader = connection.sql(f"SELECT * FROM read_parquet('{generate()}')").to_arrow_reader(61_440)
    return {"rows": sum(batch.num_rows for batch in reader)}


def read_in_place() -> dict[str, object]:
    """All columns, hashed where they are."""
    import duckdb

    connection = duckdb.connect(config={"threads": THREADS})
    parts = ", ".join(f"bit_xor(hash({name}))" for name in TYPES)
    return {"columns": len(connection.sql(f"SELECT {parts} FROM read_parquet('{generate()}')").fetchall()[0])}


def zicht() -> dict[str, object]:
    """What a build runs: `zicht.intake.measure`, then `judge`."""
    from zicht.declare import norms_of
    from zicht.intake import judge, measure

    engine, register, tables = _engine_and_register()
    judged = judge(norms_of(register), measure(engine, register, tables))
    return {"norms": len(judged), "met": sum(one.verdict == "met" for one in judged)}


def per_norm() -> dict[str, object]:
    """The same aggregates, a query a norm."""
    from zicht.declare import norms_of

    measuring = importlib.import_module("zicht.intake.quality.measure")
    engine, register, tables = _engine_and_register()
    done = 0
    for norm in norms_of(register):
        if norm.metric == "sql":
            measuring._single(engine, register, norm, tables)
        elif norm.metric == "duplicateValues":
            columns = ", ".join(norm.columns)
            engine.query(f"SELECT count(*) FROM (SELECT DISTINCT {columns} FROM persons)")
        elif norm.metric != "rowCountChange":
            engine.query(measuring._query(register, [measuring._Part(register, norm, 0)]))
        done += 1
    return {"norms": done}


CONTENDERS: dict[str, Callable[[], dict[str, object]]] = {
    "read": read,
    "read_in_place": read_in_place,
    "zicht": zicht,
    "per_norm": per_norm,
}


def alone(name: str) -> None:
    """What runs in a process of its own: the job, and what it took."""
    for module in ("duckdb", "zicht.intake"):
        importlib.import_module(module)
    before = resource.getrusage(resource.RUSAGE_SELF)
    found = CONTENDERS[name]()
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "cpu": round(used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime, 2),
                "peak_mb": used.ru_maxrss // 1024,
                "found": found,
            }
        )
    )


def main() -> None:
    path: Path = generate()
    print(
        f"{PERSONS:,} persons × {len(TYPES)} columns, {path.stat().st_size / 1e6:.0f} MB; {THREADS} threads"
    )
    results = {}
    for name in (*CONTENDERS, "read"):
        began = time.perf_counter()
        code = f"from benchmarks import quality; quality.alone({name!r})"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=FOLDER.parents[1], check=False)  # fmt: skip
        if done.returncode:
            sys.exit(done.stderr)
        one = json.loads(done.stdout.splitlines()[-1])
        results.setdefault(name, []).append(one)
        print(f"{name:16} {one['cpu']:7.2f} CPU-s {one['peak_mb']:6} MB peak {time.perf_counter() - began:6.1f} s wall  {one['found']}")  # fmt: skip
    reading = float(np.mean([one["cpu"] for one in results["read"]]))
    print(f"30 norms take {results['zicht'][0]['cpu'] / reading:.2f} × reading the rows once; the aim is 2")
