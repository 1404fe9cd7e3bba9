"""18 million generated persons × 20 columns → 30 indicators × age group × sex × 4 levels of area.

Each contender runs in a process of its own; what counts is processor time, user and system together, because that does not depend on who
else uses the machine. The floor is DuckDB reading the columns that the indicators use and adding each of them up, in the same run: no tool
that reads the register can do less. The hand-written versions give the same numbers in a wide table of cells; Zicht gives them as figures,
with intervals, statuses and a row for every area, category and total.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

FOLDER = Path(__file__).resolve().parents[1] / "build" / "bench"
PERSONS = 18_000_000
CHUNK = 1_000_000
THREADS = 2
GEMEENTEN, WIJKEN, BUURTEN = (
    342,
    10,
    4,
)  # 342 gemeenten of 10 wijken of 4 or 5 buurten: about as many as there are

FLAGS = (
    "works",
    "self_employed",
    "benefit",
    "pension",
    "student",
    "wmo",
    "youth_care",
    "owner",
    "car",
    "debts",
)
AGE_GROUPS = (
    (18, "0-17"),
    (25, "18-24"),
    (35, "25-34"),
    (45, "35-44"),
    (55, "45-54"),
    (65, "55-64"),
    (75, "65-74"),
)
AGE = "CASE " + " ".join(f"WHEN age < {end} THEN '{name}'" for end, name in AGE_GROUPS) + " ELSE '75+' END"
SEXES = ("m", "v")


@dataclass(frozen=True)
class Job:
    """One indicator, as people write it; the hand-written versions are made from the same."""

    id: str
    measure: str
    population: str | None = None
    numerator: str | None = None
    value: str | None = None


def jobs() -> list[Job]:
    """The 30 indicators: 6 counts, 18 shares, 3 sums and 3 means."""
    adult, working_age = "age >= 18", "age >= 18 AND age < 67"
    counts = [Job("persons", "count")]
    counts += [
        Job(f"count_{flag}", "count", flag) for flag in ("wmo", "youth_care", "benefit", "student", "car")
    ]
    shares = [
        Job(f"share_{flag}", "share", None, flag) for flag in ("owner", "car", "debts", "wmo", "pension")
    ]
    shares += [
        Job(f"adult_{flag}", "share", adult, flag)
        for flag in ("works", "owner", "debts", "car", "student", "wmo")
    ]
    shares += [
        Job(f"working_age_{flag}", "share", working_age, flag)
        for flag in ("works", "benefit", "self_employed", "debts")
    ]
    shares += [
        Job("low_income", "share", adult, "income < 18000"),
        Job("high_income", "share", adult, "income >= 60000"),
    ]
    shares += [Job("young_in_care", "share", "age < 18", "youth_care")]
    values = ("income", "wealth", "care_cost")
    sums = [Job(f"sum_{value}", "sum", None, None, value) for value in values]
    return [*counts, *shares, *sums, *(Job(f"mean_{value}", "mean", adult, None, value) for value in values)]


USED = ("buurt", "sex", "age", *FLAGS, "income", "wealth", "care_cost")


def buurten() -> np.ndarray:
    """Codes of the buurten."""
    return np.array([
        f"BU{gemeente:04d}{wijk:02d}{buurt:02d}"
        for gemeente in range(1, GEMEENTEN + 1) for wijk in range(WIJKEN) for buurt in range(BUURTEN + (gemeente + wijk) % 2)
    ])  # fmt: skip


def generate() -> Path:
    """The register, kept from one run to the next."""
    path = FOLDER / f"persons-{PERSONS}.parquet"
    if path.exists():
        return path
    FOLDER.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(20240101)
    codes = buurten()
    size = random.gamma(1.5, 1, len(codes))
    beside = path.with_suffix(".part")
    writer = None
    for start in range(0, PERSONS, CHUNK):
        table = _chunk(random, start, codes, size / size.sum())
        writer = writer or pq.ParquetWriter(beside, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=122_880)
    assert writer is not None
    writer.close()
    beside.replace(path)
    return path


def _chunk(random: np.random.Generator, start: int, codes: np.ndarray, weight: np.ndarray) -> pa.Table:
    n = CHUNK
    age = np.minimum(random.gamma(3.2, 13.5, n), 104).astype(np.int16)
    text = {
        "buurt": (random.choice(len(codes), n, p=weight), codes.tolist()),
        "sex": (random.integers(0, 2, n), list(SEXES)),
        "position": (
            random.integers(0, 6, n),
            ["alone", "couple", "parent", "lone parent", "child", "other"],
        ),
        "education": (random.integers(0, 4, n), ["low", "middle", "high", "none"]),
    }
    columns = {
        name: pa.DictionaryArray.from_arrays(codes_.astype(np.int32), values).cast(pa.string())
        for name, (codes_, values) in text.items()
    }
    columns |= {
        "person": pa.array(np.arange(start, start + n)),
        "age": pa.array(age),
        "household": pa.array(np.arange(start, start + n) // 2),
    }
    columns |= {flag: pa.array(random.random(n) < 0.03 + 0.07 * number) for number, flag in enumerate(FLAGS)}
    columns["income"] = pa.array(np.round(random.lognormal(10.2, 0.6, n), 2), mask=age < 15)
    columns["wealth"] = pa.array(np.round(random.normal(90_000, 150_000, n), 2))
    columns["care_cost"] = pa.array(random.gamma(0.5, 4_000, n).astype(np.int32))
    return pa.table(columns)


def floor(path: Path) -> dict[str, float]:
    """DuckDB reading the used columns."""
    import duckdb

    def part(name: str) -> str:
        return (
            f"count_if({name})"
            if name in FLAGS
            else f"sum(strlen({name}))"
            if name in ("buurt", "sex")
            else f"sum({name})"
        )

    connection = duckdb.connect(config={"threads": THREADS})
    return {
        "sums": len(
            connection.sql(f"SELECT {', '.join(map(part, USED))} FROM read_parquet('{path}')").fetchall()[0]
        )
    }


def zicht(path: Path) -> dict[str, float]:
    """What users run: `zicht.figures.compute`."""
    from zicht.areas import Areas
    from zicht.declare import Column, DimensionDeclared, Document, Indicator, Register
    from zicht.engine import DuckDBEngine
    from zicht.figures import compute

    codes = buurten().tolist()

    def level(names: list[str]) -> pa.Table:
        return pa.table({"code": names, "name": names})

    wijken, gemeenten = (
        sorted({f"WK{code[2:8]}" for code in codes}),
        sorted({f"GM{code[2:6]}" for code in codes}),
    )
    levels = {
        "buurt": level(codes),
        "wijk": level(wijken),
        "gemeente": level(gemeenten),
        "land": level(["NL"]),
    }
    areas = Areas.from_tables(2024, levels)
    names = pq.read_schema(path).names
    columns = tuple(
        Column(name, "string", name, area_level="buurt" if name == "buurt" else None) for name in names
    )
    register = Register(
        "persons",
        "c",
        "1",
        "Persons",
        "",
        "s",
        None,
        "person",
        columns,
        0.0,
        "2024",
        Document("", {}, {}, {}),
    )
    text = {
        "title": "t",
        "explanation": "e",
        "unit": "u",
        "theme": "t",
        "register": "persons",
        "by": ("age_group", "sex"),
    }
    indicators = [
        Indicator.model_validate(
            text | {name: value for name, value in vars(job).items() if value is not None}
        )
        for job in jobs()
    ]
    categories = {"age_group": [*(name for _, name in AGE_GROUPS), "75+"], "sex": list(SEXES)}
    dimensions = {
        id_: DimensionDeclared.model_validate(
            {
                "id": id_,
                "title": id_,
                "sql": AGE if id_ == "age_group" else id_,
                "categories": tuple({"id": c, "title": c} for c in ids),
            }
        )
        for id_, ids in categories.items()
    }
    with DuckDBEngine(threads=THREADS) as engine:
        engine.add("persons", path)
        figures = compute(engine, register, "persons", indicators, dimensions, areas, "GM0001").figures
    at = {"level": "gemeente", "age_group": "TOTAL", "sex": "TOTAL"}
    found = {"figures": float(sum(table.num_rows for table in figures.values()))}
    for id_ in ("persons", "adult_owner", "mean_income", "sum_wealth"):
        table = figures[id_]
        for name, value in at.items():
            table = table.filter(pc.equal(table[name], value))
        found[id_] = pc.sum(table["value"]).as_py()
        found[f"{id_}.largest"] = pc.sum(table["second"]).as_py() or 0.0
    return found


def polars(path: Path) -> dict[str, float]:
    """The same by hand in Polars, streaming: finest cells, added up to levels and margins, two largest of every sum."""
    return _polars(path, ("n", "y", "s", "t"))


def polars_without_largest(path: Path) -> dict[str, float]:
    """As `polars`, without the two largest of every sum, which cost it most."""
    return _polars(path, ("n", "y", "s"))


def _polars(path: Path, wanted: tuple[str, ...]) -> dict[str, float]:
    import polars as pl

    age = pl.lit(len(AGE_GROUPS), pl.UInt8)
    for number, (end, _) in reversed(list(enumerate(AGE_GROUPS))):
        age = pl.when(pl.col("age") < end).then(pl.lit(number, pl.UInt8)).otherwise(age)
    parts: dict[str, pl.Expr] = {}
    for job in jobs():
        population = pl.sql_expr(job.population) if job.population else pl.lit(value=True)
        if job.value is None:
            parts[f"n.{job.id}"] = population.sum() if job.population else pl.len()
            if job.numerator:
                parts[f"y.{job.id}"] = (population & pl.sql_expr(job.numerator)).sum()
        else:
            value = pl.col(job.value).filter(population) if job.population else pl.col(job.value)
            parts |= {
                f"n.{job.id}": value.count(),
                f"s.{job.id}": value.sum(),
                f"t.{job.id}": value.abs().top_k(2),
            }
    parts = {name: part for name, part in parts.items() if name[0] in wanted}
    cells = (
        pl.scan_parquet(path)
        .group_by("buurt", age.alias("age_group"), "sex")
        .agg(**parts)
        .collect(engine="streaming")
    )
    cells = cells.with_columns(
        wijk="WK" + pl.col("buurt").str.slice(2, 6),
        gemeente="GM" + pl.col("buurt").str.slice(2, 4),
        land=pl.lit("NL"),
    )
    adding = [pl.col(name).sum() for name in parts if name[0] != "t"]
    adding += [pl.col(name).explode().top_k(2) for name in parts if name[0] == "t"]
    found = {}
    rows = 0
    for level in ("buurt", "wijk", "gemeente", "land"):
        for by in ((), ("age_group",), ("sex",), ("age_group", "sex")):
            table = cells.group_by(level, *by).agg(adding)
            rows += len(table)
            if level == "gemeente" and not by:
                found = {
                    "persons": float(table["n.persons"].sum()),
                    "adult_owner": float((100 * table["y.adult_owner"] / table["n.adult_owner"]).sum()),
                    "mean_income": float((table["s.mean_income"] / table["n.mean_income"]).sum()),
                    "sum_wealth": float(table["s.sum_wealth"].sum()),
                }
                if "t" in wanted:
                    found["sum_wealth.largest"] = float(table["t.sum_wealth"].list.min().sum())
    return {"cells": float(rows), **found}


def pandas(path: Path) -> dict[str, float]:
    """The same by hand in pandas, without the two largest."""
    import pandas as pd

    frame = pq.read_table(path, columns=list(USED), read_dictionary=["buurt", "sex"]).to_pandas()
    frame["age_group"] = np.digitize(frame["age"], [end for end, _ in AGE_GROUPS]).astype(np.uint8)
    keys = ["buurt", "age_group", "sex"]
    grouper = frame.groupby(keys, observed=True, sort=False)
    parts = {}
    for job in jobs():
        inside = (
            frame.eval(job.population.replace("AND", "and"))
            if job.population
            else pd.Series(True, frame.index)
        )
        if job.value is None:
            parts[f"n.{job.id}"] = inside.groupby(
                grouper.grouper if hasattr(grouper, "grouper") else grouper._grouper
            ).sum()
            if job.numerator:
                yes = inside & frame.eval(job.numerator)
                parts[f"y.{job.id}"] = yes.groupby(grouper._grouper).sum()
        else:
            value = frame[job.value].where(inside)
            grouped = value.groupby(grouper._grouper)
            parts |= {f"n.{job.id}": grouped.count(), f"s.{job.id}": grouped.sum()}
    cells = pd.DataFrame(parts).reset_index()
    cells["buurt"] = cells["buurt"].astype(str)
    cells = cells.assign(
        wijk="WK" + cells["buurt"].str[2:8], gemeente="GM" + cells["buurt"].str[2:6], land="NL"
    )
    rows, found = 0, {}
    for level in ("buurt", "wijk", "gemeente", "land"):
        for by in ([], ["age_group"], ["sex"], ["age_group", "sex"]):
            table = cells.groupby([level, *by], observed=True)[list(parts)].sum()
            rows += len(table)
            if level == "gemeente" and not by:
                found = {
                    "persons": float(table["n.persons"].sum()),
                    "sum_wealth": float(table["s.sum_wealth"].sum()),
                }
    return {"cells": float(rows), **found}


CONTENDERS: dict[str, Callable[[Path], dict[str, float]]] = {
    "floor": floor,
    "zicht": zicht,
    "polars": polars,
    "polars_without_largest": polars_without_largest,
    "pandas": pandas,
}


ROUNDS = {"floor": 5, "zicht": 5}  # of the others one is enough: they are far away


class _WithoutPandas:
    """Pandas is here for one contender only; pyarrow loads it where it finds it, which takes time and memory from the others."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:  # noqa: ARG004 - as Python calls it
        if name == "pandas":
            raise ModuleNotFoundError(name)


def run(name: str) -> dict[str, object]:
    """Run one contender in a process of its own."""
    started = time.perf_counter()
    code = f"from benchmarks import figures; figures.alone({name!r})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=FOLDER.parents[1], check=False
    )
    if done.returncode:
        return {"name": name, "error": done.stderr.strip().splitlines()[-1:]}
    return {
        "name": name,
        "wall": round(time.perf_counter() - started, 1),
        **json.loads(done.stdout.splitlines()[-1]),
    }


def alone(name: str) -> None:
    """What runs in that process: the job, and what it took."""
    if name != "pandas":
        sys.meta_path.insert(0, _WithoutPandas)
    found = CONTENDERS[name](generate())
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "cpu": round(used.ru_utime + used.ru_stime, 2),
                "peak_mb": used.ru_maxrss // 1024,
                "found": found,
            }
        )
    )


def main() -> None:
    path = generate()
    print(
        f"{PERSONS:,} persons × 20 columns, {path.stat().st_size / 1e6:.0f} MB; {len(jobs())} indicators; {THREADS} threads"
    )
    # Rounds of all, so that whatever else goes on meets them all; the median and the least of each, since what disturbs only adds.
    most = max(ROUNDS.values())
    turns = [name for turn in range(most) for name in CONTENDERS if turn < ROUNDS.get(name, 1)]
    results = [run(name) for name in turns]
    floors = _seconds(results, "floor")
    for name in CONTENDERS:
        own = [result for result in results if result["name"] == name]
        taken = _seconds(results, name)
        if not taken:
            print(f"{name:22} failed: {own[-1]['error']}")
            continue
        ratios = np.median(taken) / np.median(floors), min(taken) / min(floors)
        walls = [result["wall"] for result in own if "cpu" in result]
        print(
            f"{name:22} CPU-s {np.median(taken):6.2f} (least {min(taken):6.2f}, of {len(taken)}) = {ratios[0]:5.2f} × floor (least {ratios[1]:5.2f})"
            f" {own[-1]['peak_mb']:6} MB peak {min(walls):6.1f} s wall  {own[-1]['found']}"
        )
    (FOLDER / "figures.json").write_text(json.dumps(results, indent=1), "utf-8")


def _seconds(results: list[dict[str, object]], name: str) -> list[float]:
    """Processor time of each run of a contender that ended well."""
    return [float(str(result["cpu"])) for result in results if result["name"] == name and "cpu" in result]
