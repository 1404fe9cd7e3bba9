"""Indirect standardisation: how many events an area would have, had each of its strata the rate of a named reference.

Expected = Σ over strata of population of the area × rate of the reference in that stratum (Breslow, N.E. and Day, N.E. (1987), Statistical
methods in cancer research II, chapter 2). Strata are the declared controls: age, sex, household. An area that is a large part of its own
reference is compared with the rest of it, as otherwise it would be compared with itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

from zicht.errors import ZichtError
from zicht.findings.table import Floats, Ints

LARGE_SHARE = 0.05
"""An area with a larger part of the population of its reference is left out of it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Who areas are compared with, by name.

    Attributes:
        name: what the reader is told: "all of the same age in the gemeente".
        pool: for each area the pool it is compared with; an area that is not there has no reference.
        members: for each pool the areas whose counts it is made of.
    """

    name: str
    pool: Mapping[str, str]
    members: Mapping[str, Sequence[str]]


def everybody(name: str, areas: Sequence[str]) -> Reference:
    """All areas together, each compared with the same.

    Args:
        name: name of the reference.
        areas: codes of all areas.
    """
    return Reference(name, dict.fromkeys(areas, name), {name: areas})


def within(name: str, larger: Mapping[str, str]) -> Reference:
    """Each area is compared with all areas in the same larger one.

    Args:
        name: name of the reference.
        larger: for each area the code of the larger one (its gemeente, say).
    """
    members: dict[str, list[str]] = {}
    for area, pool in larger.items():
        members.setdefault(pool, []).append(area)
    return Reference(name, larger, members)


def peers(name: str, look_alikes: Mapping[str, Sequence[str]]) -> Reference:
    """Each area is compared with areas of its own, such as its look-alikes.

    Args:
        name: name of the reference.
        look_alikes: for each area the areas it is compared with; itself need not be among them.
    """
    return Reference(name, {area: area for area in look_alikes}, look_alikes)


def standardise(cube: pa.Table, strata: Sequence[str], reference: Reference) -> pa.Table:
    """Observed and expected events of each area.

    Args:
        cube: counts: columns `area`, the strata (any type), `observed` (events) and `population` (persons, homes, or person-years at
            risk). Rows of the same area and stratum are added up.
        strata: names of the columns that are controlled for; none compares crude rates.
        reference: who areas are compared with.

    Returns:
        Columns area (sorted), observed (int64), expected, population (double) and left_out (bool: whether the area was left out of its
        reference). `expected` is null where the area has no reference, or people in a stratum of which the reference has none.

    Raises:
        ZichtError: a reference that wants an area of which there are no counts, or a count that is missing or below zero.
    """
    area, codes = _numbered(cube["area"])
    cell = _strata(cube, strata)
    events, people = _whole(cube, "observed"), _whole(cube, "population")
    shape = (len(codes), int(cell.max(initial=-1)) + 1)
    observed, population = (_dense(area, cell, counts, shape) for counts in (events, people))
    pool, members = _pools(reference, codes)
    expected, left_out = _expected(observed, population, pool, members)
    return pa.table(
        {
            "area": pa.array(codes, pa.string()),
            "observed": pa.array(observed.sum(1).astype(np.int64)),
            "expected": pa.array(expected, from_pandas=True),
            "population": pa.array(population.sum(1)),
            "left_out": pa.array(left_out),
        }
    )


def _numbered(column: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """For each row the number of its code in the sorted codes, and these."""
    encoded = column.combine_chunks().dictionary_encode()
    codes = encoded.dictionary.to_pylist()
    order = sorted(range(len(codes)), key=codes.__getitem__)
    rank = np.empty(len(codes), np.int64)
    rank[order] = np.arange(len(codes))
    return rank[encoded.indices.to_numpy()], [codes[i] for i in order]


def _strata(cube: pa.Table, strata: Sequence[str]) -> Ints:
    """For each row the number of its combination of strata, as far as combinations occur."""
    cell = np.zeros(cube.num_rows, np.int64)
    for name in strata:
        encoded = cube[name].combine_chunks().dictionary_encode("encode")
        cell = cell * max(len(encoded.dictionary), 1) + encoded.indices.to_numpy()
        cell = np.unique(cell, return_inverse=True)[1].astype(np.int64)
    return cell


def _whole(cube: pa.Table, name: str) -> Floats:
    counts: Floats = cube[name].combine_chunks().to_numpy(zero_copy_only=False).astype(np.float64)
    if not (counts >= 0).all():  # also where missing
        raise ZichtError(f"{name} has values that are missing or below zero")
    return counts


def _dense(area: Ints, cell: Ints, counts: Floats, shape: tuple[int, int]) -> Floats:
    summed = np.bincount(area * shape[1] + cell, counts, shape[0] * shape[1])
    return np.asarray(summed, np.float64).reshape(shape)


def _pools(reference: Reference, codes: list[str]) -> tuple[Ints, sparse.csr_array]:
    """For each area the number of its pool (-1 for none), and pools × areas with a 1 for members."""
    number = {code: i for i, code in enumerate(codes)}
    pool_number = {pool: i for i, pool in enumerate(reference.members)}
    pool = np.array([pool_number.get(reference.pool.get(code, ""), -1) for code in codes], np.int64)
    lengths = [len(members) for members in reference.members.values()]
    wanted = [area for areas in reference.members.values() for area in areas]
    absent = sorted(set(wanted) - number.keys())
    if absent:
        raise ZichtError(
            f"reference '{reference.name}' wants {', '.join(absent[:5])}, of which there are no counts"
        )
    columns = np.array([number[area] for area in wanted], np.int64)
    starts = np.r_[0, np.cumsum(lengths, dtype=np.int64)]
    return pool, sparse.csr_array((np.ones(len(columns)), columns, starts), shape=(len(lengths), len(codes)))


def _expected(
    observed: Floats, population: Floats, pool: Ints, members: sparse.csr_array
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    events, people = members @ observed, members @ population
    has = np.flatnonzero(pool >= 0)
    own = pool[has]
    events_of, people_of = events[own], people[own]
    # Whether an area is in its own pool: the entry (pool of the area, area) of `members`.
    inside = np.asarray(members[own, has]).ravel() > 0
    large = inside & (population[has].sum(1) > LARGE_SHARE * people_of.sum(1))
    events_of[large] -= observed[has[large]]
    people_of[large] -= population[has[large]]
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = events_of / people_of
        by_stratum = np.where(population[has] > 0, population[has] * rate, 0.0)
    expected = np.full(len(pool), np.nan)
    total = by_stratum.sum(1)
    expected[has] = np.where(np.isfinite(total), total, np.nan)
    left_out = np.zeros(len(pool), np.bool_)
    left_out[has] = large
    return expected, left_out
