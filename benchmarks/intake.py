"""Ten million rows of CSV under a contract: time and memory, beside DuckDB's own `read_csv` to Parquet.

The floor is what any tool must do: read the text and write the values. DuckDB does that here without a contract: types as it guesses
them, no reasons, no lines, no unique key. Each runs in a process of its own; processor time counts, because others may be using the
machine, and the most memory the process ever held.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from zicht.declare import Format, Register, parse_yaml, read_contract
from zicht.intake import Delivery, take_in
from zicht.pseudonyms import DomainKey

FOLDER = Path(__file__).resolve().parents[1] / "build" / "bench"
ROWS = 10_000_000
MOST_MEMORY = 1_000  # MB
THREADS = 2

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: bench
version: 1.0.0
status: active
name: Bench
schema:
  - name: persons
    customProperties: [{property: bron, value: persons}, {property: eenheid, value: person}]
    properties:
      - {name: id, logicalType: string, primaryKey: true, classification: identifying}
      - {name: buurt, logicalType: string, required: true, customProperties: [{property: gebied, value: buurt}]}
      - {name: born, logicalType: date, required: true, logicalTypeOptions: {minimum: "1900-01-01"}}
      - name: sex
        logicalType: string
        quality: [{type: library, metric: invalidValues, arguments: {validValues: [M, V]}, mustBe: 0, dimension: conformity}]
      - {name: income, logicalType: integer, logicalTypeOptions: {minimum: 0}}
      - {name: wealth, logicalType: number}
      - {name: woz, logicalType: integer, customProperties: [{property: ontbreekt, value: {".": primary}}]}
      - {name: household, logicalType: integer, logicalTypeOptions: {minimum: 0, maximum: 6}}
      - {name: street, logicalType: string}
      - {name: number, logicalType: integer}
      - {name: postcode, logicalType: string, logicalTypeOptions: {pattern: "^[1-9][0-9]{3}[A-Z]{2}$"}}
      - {name: wmo, logicalType: boolean}
      - {name: youth_care, logicalType: boolean}
      - {name: x, logicalType: number}
      - {name: y, logicalType: number}
"""


def generated(rows: int, path: Path) -> Path:
    """Semicolons, decimal commas and a missing code; the same on every machine."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        duckdb.execute(
            f"""COPY (
                SELECT 100000000 + i AS id, 'BU0344' || lpad((hash(i) % 100)::VARCHAR, 4, '0') AS buurt,
                    (DATE '1930-01-01' + (hash(i, 1) % 33000)::INT)::VARCHAR AS born,
                    CASE hash(i, 2) % 2 WHEN 0 THEN 'M' ELSE 'V' END AS sex, hash(i, 3) % 100000 AS income,
                    replace((hash(i, 4) % 100000 / 100)::VARCHAR, '.', ',') AS wealth,
                    CASE WHEN hash(i, 5) % 10 = 0 THEN '.' ELSE (hash(i, 6) % 500)::VARCHAR END AS woz, hash(i, 7) % 7 AS household,
                    'straat ' || (hash(i, 8) % 3000) AS street, hash(i, 9) % 300 AS number,
                    (1000 + hash(i, 10) % 8999) || 'AB' AS postcode, hash(i, 11) % 2 AS wmo, hash(i, 12) % 2 AS youth_care,
                    120000 + hash(i, 13) % 40000 AS x, 480000 + hash(i, 14) % 20000 AS y
                FROM range({rows}) t(i)
            ) TO '{path}' (FORMAT csv, DELIMITER ';', HEADER true)"""
        )
    return path


def contract() -> Register:
    register, problems = read_contract(parse_yaml(CONTRACT, "bench.yaml"))
    assert register is not None, problems
    return register


def zicht(path: Path) -> int:
    report = take_in(
        contract(),
        Delivery(path, Format(), path.name, {}, ""),
        path.parent / "intake",
        key=DomainKey("bench", 1, bytes(range(32))),
    )
    return report.accepted


def duck(path: Path) -> int:
    target = path.parent / "duck.parquet"
    with duckdb.connect(config={"threads": THREADS}) as connection:
        connection.execute(
            f"COPY (FROM read_csv('{path}', delim = ';', header = true)) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )
        counted = connection.execute(f"SELECT count(*) FROM '{target}'").fetchone()
    assert counted is not None
    return int(counted[0])


def measured(contender: str, path: Path) -> dict[str, float]:
    """Run a contender in a process of its own: rows, seconds on the clock and of the processor, and peak memory in MB."""
    code = f"from benchmarks.intake import run; run({contender!r}, {str(path)!r})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=FOLDER.parents[1]
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def run(contender: str, path: str) -> None:
    began = time.perf_counter()
    rows = {"zicht": zicht, "duckdb": duck}[contender](Path(path))
    used = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1_000 if sys.platform == "linux" else 1_000_000
    print(json.dumps({
        "rows": rows, "wall": time.perf_counter() - began, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / unit,
    }))  # fmt: skip


def main() -> None:
    path = generated(ROWS, FOLDER / f"intake-{ROWS}.csv")
    print(f"{ROWS:,} rows × 15 columns, {path.stat().st_size / 1e6:,.0f} MB of CSV")
    floor = measured("duckdb", path)
    found = measured("zicht", path)
    for name, one in (("DuckDB read_csv to Parquet", floor), ("Zicht, under its contract", found)):
        print(
            f"{name:28} {one['wall']:6.1f} s wall  {one['cpu']:6.1f} s cpu  {one['peak']:6.0f} MB peak"
            f"  {one['cpu'] / floor['cpu']:4.1f} × cpu  {one['wall'] / floor['wall']:4.1f} × wall"
        )
    verdict = "under" if found["peak"] < MOST_MEMORY else "OVER"
    print(f"peak memory {verdict} {MOST_MEMORY:,} MB")


if __name__ == "__main__":
    main()
