"""Which values stand twice, without holding the values.

Of every accepted row a 64-bit hash of its key is spooled to a file: eight bytes a row. Equal hashes are found by
sorting; only rows that share one are then compared by value. Ten million keys take 80 MB and about a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from zicht.intake.checks import quoted

_AT_ONCE = 40_000_000  # hashes sorted in memory in one go


Number = TypeVar("Number", np.int64, np.uint64)


class Spool(Generic[Number]):
    """Eight-byte numbers kept in a file in the order they came."""

    def __init__(self, path: Path, kind: type[Number]) -> None:
        self.path, self.length = path, 0
        self._kind: type[Number] = kind
        self._file = path.open("wb")

    def add(self, values: npt.NDArray[Number]) -> None:
        """Add numbers at the end."""
        self._file.write(np.ascontiguousarray(values, dtype=self._kind).tobytes())
        self.length += len(values)

    def values(self) -> npt.NDArray[Number]:
        """All numbers, mapped from the file."""
        self._file.flush()
        return np.memmap(self.path, dtype=self._kind, mode="r") if self.length else np.empty(0, self._kind)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class KeyHashes:
    """The hashes of the keys of accepted rows, spooled as the rows come by; of identifiers it hashes the pseudonyms."""

    def __init__(self, work: Path, keys: Sequence[tuple[str, ...]]) -> None:
        self.spools = [Spool(work / f"hashes{i}", np.uint64) for i, _ in enumerate(keys)]
        self._sql = ", ".join(_hash(key, at) for at, key in enumerate(keys))
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.execute("SET enable_external_access = false")

    def add(self, accepted: pa.Table) -> None:
        """Hash the keys of more `accepted` rows."""
        if not self.spools:
            return
        self._connection.register("accepted", accepted)
        hashed = self._connection.sql(f"SELECT {self._sql} FROM accepted").to_arrow_table()
        self._connection.unregister("accepted")
        for i, spool in enumerate(self.spools):
            # Without a key nothing can be the same; the position is as good as a hash of its own.
            positions = pa.array(np.arange(spool.length, spool.length + accepted.num_rows, dtype=np.uint64))
            spool.add(pc.coalesce(hashed.column(i).combine_chunks(), positions).to_numpy())

    def close(self) -> None:
        """Close the files."""
        self._connection.close()
        for spool in self.spools:
            spool.close()


def _hash(key: tuple[str, ...], at: int) -> str:
    names = [quoted(name) for name in key]
    return f"CASE WHEN {' AND '.join(f'{name} IS NOT NULL' for name in names)} THEN hash({', '.join(names)}) END AS k{at}"


@dataclass(frozen=True)
class Doubles:
    """Rows whose key an earlier row has already.

    Attributes:
        rows: their positions among the accepted rows, from 0, going up.
        first: for each the position of the row that has it first.
        shown: for each the key as text.
    """

    rows: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    shown: pa.Array


def doubles(
    connection: duckdb.DuckDBPyConnection, parquet: Path, key: tuple[str, ...], hashes: Spool[np.uint64]
) -> Doubles:
    """Find rows whose key stands in an earlier row; a key with a missing part is the same as no other.

    Args:
        connection: to compare by value with.
        parquet: the accepted rows.
        key: columns that together may not repeat.
        hashes: DuckDB's hash of the key for each row.
    """
    twice = _repeated(hashes.values())
    columns = [quoted(name) for name in key]
    if not len(twice):
        return Doubles(np.empty(0, np.int64), np.empty(0, np.int64), pa.array([], pa.string()))
    present = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    connection.register("twice", pa.table({"h": pa.array(twice, pa.uint64())}))
    found = connection.sql(
        f"""
        SELECT * FROM (
            SELECT file_row_number AS __row, min(file_row_number) OVER (PARTITION BY {", ".join(columns)}) AS __first,
                left(concat_ws(', ', {", ".join(columns)}), 80) AS __shown
            FROM read_parquet(?, file_row_number = true)
            WHERE {present} AND hash({", ".join(columns)}) IN (SELECT h FROM twice)
        ) WHERE __row > __first ORDER BY __row
        """,
        params=[str(parquet)],
    ).to_arrow_table()
    connection.unregister("twice")
    rows, first = (found.column(name).to_numpy().astype(np.int64) for name in ("__row", "__first"))
    return Doubles(rows, first, found.column("__shown").combine_chunks())


def _repeated(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The hashes that occur more than once; sorted in parts by their highest bits, so that memory stays bounded."""
    parts = 1 << max(0, (len(values) // _AT_ONCE).bit_length())
    shift = np.uint64(64 - parts.bit_length() + 1)
    found = []
    for part in range(parts):
        chosen = np.array(values if parts == 1 else values[(values >> shift) == part], dtype=np.uint64)
        chosen.sort()
        found.append(np.unique(chosen[1:][chosen[1:] == chosen[:-1]]))
    return np.concatenate(found)
