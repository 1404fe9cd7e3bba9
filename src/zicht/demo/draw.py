"""Small tools for drawing: seeded streams, categories, fitted tables, ids."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def stream(seed: int, part: str) -> np.random.Generator:
    """A random stream of its own for one part of the city, so that parts do not shift each other."""
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


def categories(rng: np.random.Generator, shares: Floats, rows: Ints | None = None) -> Ints:
    """One category a row.

    Args:
        rng: where chance comes from.
        shares: rows × categories (need not add up to 1), or kinds × categories together with `rows`.
        rows: for each drawn row, which row of `shares` it follows.
    """
    bounds = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    if rows is not None:
        bounds = bounds[rows]
    chance = rng.random(len(bounds))
    chosen: Ints = np.minimum((chance[:, None] >= bounds).sum(axis=1), shares.shape[1] - 1)
    return chosen


def fitted(table: Floats, rows: Floats, columns: Floats) -> Floats:
    """The table scaled to row totals and column shares (iterative proportional fitting)."""
    table = np.maximum(table, 1e-9)
    wanted = columns / columns.sum() * rows.sum()
    for _ in range(60):
        table = table * (rows / np.maximum(table.sum(axis=1), 1e-12))[:, None]
        table = table * (wanted / np.maximum(table.sum(axis=0), 1e-12))[None, :]
    return table


def scaled_to(chance: Floats, target: float) -> Floats:
    """The chances multiplied so that their mean is the target, none above 0.95."""
    for _ in range(20):
        chance = np.minimum(chance * (target / chance.mean()), 0.95)
    return chance


def labels(names: Sequence[str], codes: ArrayLike) -> pa.Array:
    """Texts for category numbers; a negative number becomes null."""
    codes = np.asarray(codes)
    return pa.array(names, pa.string()).take(pa.array(np.maximum(codes, 0), mask=codes < 0))


def identifiers(prefix: str, numbers: Ints, width: int) -> pa.Array:
    """`prefix` and the number padded to `width`, as texts."""
    return pa.array(np.char.add(prefix, np.char.zfill(numbers.astype(str), width)), pa.string())


def at(values: Floats, chosen: Ints, missing: float = np.nan) -> Floats:
    """`values[chosen]`, with `missing` where `chosen` is negative."""
    return np.where(chosen >= 0, values[np.maximum(chosen, 0)], missing)


def numbers_or_null(values: Floats, kind: pa.DataType) -> pa.Array:
    """Whole or decimal numbers with null where the value is NaN."""
    empty = np.isnan(values)
    return pa.array(np.where(empty, 0, values), mask=empty).cast(kind)


def citizen_numbers(rng: np.random.Generator, count: int) -> Ints:
    """Distinct nine-digit numbers that pass the elfproef and begin with 99, a range marked synthetic here.

    The elfproef: 9·d1 + 8·d2 + … + 2·d8 − d9 is divisible by 11.
    """
    serial = rng.permutation(1_000_000)
    digits = serial[:, None] // 10 ** np.arange(5, -1, -1) % 10
    check = (9 * 9 + 8 * 9 + digits @ np.arange(7, 1, -1)) % 11
    return (990_000_000 + serial * 10 + check)[check < 10][:count]
