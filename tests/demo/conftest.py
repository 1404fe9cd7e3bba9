"""One generated Voorbeeldstad for all tests of this room."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from zicht.demo import Truth, generate

CSV = {
    "woningtransacties": "delim=';', dateformat='%d-%m-%Y', sample_size=-1, types={'adres_id': 'varchar'}",
    "bedrijven": "encoding='latin-1', sample_size=-1",
    "regelingen": "delim=';', decimal_separator=',', types={'bedrag': 'double'}",
    "parkeertelling": "delim=';', decimal_separator=','",
    "wmo": "", "jeugdzorg": "", "verdachten": "", "meldingen": "", "pendel": "",
}  # fmt: skip


@dataclass(frozen=True)
class Generated:
    folder: Path
    truth: Truth
    cpu_seconds: float
    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[tuple]:
        return self.connection.sql(query).fetchall()

    def one(self, query: str):
        (row,) = self.rows(query)
        return row[0] if len(row) == 1 else row

    @property
    def deliveries(self) -> Path:
        return self.folder / "leveringen"


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    folder = tmp_path_factory.mktemp("voorbeeldstad")
    start = time.process_time()
    truth = generate(folder)
    seconds = time.process_time() - start
    connection = duckdb.connect()
    for path in sorted((folder / "leveringen").glob("*.parquet")):
        connection.execute(f"create view {path.stem} as from read_parquet('{path}')")
    for name, options in CSV.items():
        path = folder / "leveringen" / f"{name}.csv"
        connection.execute(f"create view {name} as from read_csv('{path}'{', ' * bool(options)}{options})")
    connection.execute(f"create view grond as from read_parquet('{folder / 'beschermde_grond.parquet'}')")
    return Generated(folder, truth, seconds, connection)
