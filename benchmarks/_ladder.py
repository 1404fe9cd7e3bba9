"""The ladder of generated instances as tables of ours: the same cells in the same order, so that patterns can be compared.

The generator and the patterns of other programs lie beside the checkout, in `../shared/disclosure`.
"""

from __future__ import annotations

import importlib.util
import itertools
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zicht.disclosure import Dimension, Link, Profile, Protected, Table

SHARED = Path(__file__).resolve().parents[2] / "shared" / "disclosure"
COUNTS = Profile(
    "ladder-counts",
    min_units=5,
    max_group_share=None,
    attackers=("A0", "A1"),
    hide_zeros=False,
    description="The generator's rule for counts: 1 to 4 units are hidden and stay uncertain by one to either side.",
)
SUMS = Profile(
    "ladder-sums",
    min_units=3,
    max_group_share=None,
    p_percent=10.0,
    sum_margin=0.01,
    attackers=("A0", "A1"),
    hide_zeros=False,
    description="The generator's rule for sums: three holdings, 10 %; its rounded protection levels stand in the table.",
)

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Tree(Protocol):
    """A dimension of the generator."""

    name: str
    codes: list[str]
    parent: Ints
    children: list[list[int]]
    leaves: Ints


class Instance(Protocol):
    """A table, or a set of linked ones, of the generator."""

    name: str
    trees: list[Tree]
    freq: Ints
    value: npt.NDArray[np.float64]
    primary: Bools
    lpl: npt.NDArray[np.float64]
    upl: npt.NDArray[np.float64]
    meta: dict[str, object]
    inner: dict[str, object]


@dataclass(frozen=True)
class Case:
    """One rung: the instance of the generator and the same as our tables.

    Attributes:
        instance: what the generator made.
        tables: the same cells as tables.
        links: which of them are the same number.
        profile: the rules under which the generator's primary cells are ours; hides no zeros, attackers A0 and A1.
        places: per table, the number of each of its cells in the order of the generator.
    """

    instance: Instance
    tables: tuple[Table, ...]
    links: tuple[Link, ...]
    profile: Profile
    places: Mapping[str, Ints]

    @cached_property
    def primary(self) -> Bools:
        """The generator's primary cells, in its order."""
        return np.asarray(self.instance.primary.ravel())

    def mask(self, protected: Protected) -> Bools:
        """The hidden cells, in the order of the generator."""
        hidden = np.zeros(self.primary.size, dtype=np.bool_)
        for table in self.tables:
            status = protected.status(table.name).column("status").to_numpy(zero_copy_only=False)
            hidden[self.places[table.name]] |= status != "ok"
        return hidden

    def loss(self, mask: Bools) -> float:
        """The summed value of the secondary cells, each cell of the generator counted once."""
        return float(self.instance.value.ravel()[mask & ~self.primary].sum())

    def statuses(self, mask: Bools) -> dict[str, pa.Table]:
        """What `audit` takes, for a pattern in the order of the generator; primary cells are hidden whatever it says."""
        words = np.where(self.primary, "primary", np.where(mask, "secondary", "ok"))
        return {
            table.name: table.cells.select([d.name for d in table.dimensions]).append_column(
                "status", pa.array(words[self.places[table.name]], pa.string())
            )
            for table in self.tables
        }


def shared(name: str) -> ModuleType:
    """A module of the folder beside the checkout, such as `sdcgen` or the prototype `proto_multi`."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, SHARED / f"{name}.py")
        if spec is None or spec.loader is None:
            raise FileNotFoundError(SHARED / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def case(name: str, seed: int = 1) -> Case:
    """The rung `name` of the ladder, such as F2."""
    return of_instance(shared("sdcgen").make(name, seed))


def of_instance(instance: Instance) -> Case:
    """Any instance of the generator as tables of ours."""
    if "groups" in vars(instance):
        return _linked(instance)
    dimensions = tuple(_dimension(tree) for tree in instance.trees)
    everything = np.arange(instance.freq.size)
    columns = _numbers(instance, everything)
    if instance.meta["kind"] == "magn":
        columns |= _contributions(instance)
    table = Table(instance.name, dimensions, _cells(dimensions, everything, columns))
    profile = SUMS if instance.meta["kind"] == "magn" else COUNTS
    return Case(instance, (table,), (), profile, {table.name: everything})


def trap(file: Path) -> tuple[Case, Bools]:
    """A pattern that another program made, and its rung: `traps/F2s1_tau_hitas.npz` is of F2, seed 1."""
    rung, seed = file.stem.split("_")[0].rsplit("s", 1)
    return case(rung, int(seed)), np.asarray(np.load(file)["mask"], dtype=np.bool_)


def _dimension(tree: Tree) -> Dimension:
    parents = tuple(None if parent < 0 else tree.codes[parent] for parent in tree.parent.tolist())
    return Dimension(tree.name, tuple(tree.codes), parents)


def _cells(dimensions: tuple[Dimension, ...], places: Ints, columns: dict[str, pa.Array]) -> pa.Table:
    """The cells at `places` of the cross product; its codes as dictionary columns."""
    at = np.unravel_index(places, tuple(len(dimension.codes) for dimension in dimensions))
    codes = {
        dimension.name: pa.DictionaryArray.from_arrays(index.astype(np.int32), list(dimension.codes))
        for dimension, index in zip(dimensions, at, strict=True)
    }
    return pa.table(codes | columns)


def _numbers(instance: Instance, places: Ints) -> dict[str, pa.Array]:
    return {
        "value": pa.array(instance.value.ravel()[places], pa.float64()),
        "n": pa.array(instance.freq.ravel()[places], pa.int64()),
    }


def _linked(instance: Instance) -> Case:
    """Area × A and area × B, which share area × total: the columns of the generator stand behind each other."""
    area, columns = instance.trees
    cube = instance.inner["cube"]
    first, second = (_dimension(tree) for tree in cube.trees[1:])  # type: ignore[attr-defined]
    rows = np.arange(len(area.codes))[:, None] * len(columns.codes)
    kept = np.arange(len(first.codes))
    beside = np.concatenate([[0], len(first.codes) + np.arange(len(second.codes) - 1)])
    tables, places = [], {}
    for dimension, wanted in ((first, kept), (second, beside)):
        place = (rows + wanted).ravel()
        dimensions = (_dimension(area), dimension)
        cells = _cells(dimensions, np.arange(place.size), _numbers(instance, place))
        tables.append(Table(f"{instance.name}.{dimension.name}", dimensions, cells))
        places[tables[-1].name] = place
    return Case(instance, tuple(tables), (Link.shared(*tables),), COUNTS, places)


def _contributions(instance: Instance) -> dict[str, pa.Array]:
    """The two largest contributions to each cell by holding, who made them, and the generator's protection levels."""
    micro = instance.inner["micro"]
    paths = [_paths(tree)[micro[tree.name]] for tree in instance.trees]  # type: ignore[index]
    size = instance.value.size
    amounts, holders = np.zeros((2, size)), np.full((2, size), -1)
    for steps in itertools.product(*(range(path.shape[1]) for path in paths)):
        nodes = np.stack([path[:, step] for path, step in zip(paths, steps, strict=True)])
        inside = np.all(nodes >= 0, axis=0)
        cell = np.ravel_multi_index(tuple(nodes[:, inside]), instance.value.shape)
        holding, given = micro["holding"][inside], micro["value"][inside]  # type: ignore[index]
        pairs, number = np.unique(cell * (holding.max() + 1) + holding, return_inverse=True)
        cell, holding = np.divmod(pairs, holding.max() + 1)
        total = np.bincount(number, given)
        order = np.lexsort((holding, -total, cell))
        sorted_cells = cell[order]
        start = np.searchsorted(sorted_cells, sorted_cells)
        for rank in range(2):
            at = np.flatnonzero(np.arange(order.size) - start == rank)
            amounts[rank, sorted_cells[at]] = total[order[at]]
            holders[rank, sorted_cells[at]] = holding[order[at]]
    absent = holders < 0
    return {
        "largest": pa.array(amounts[0]),
        "second": pa.array(amounts[1]),
        "largest_holder": pa.array(holders[0].astype(str), pa.string(), mask=absent[0]),
        "second_holder": pa.array(holders[1].astype(str), pa.string(), mask=absent[1]),
        "sensitive": pa.array(instance.primary.ravel()),
        "protect_lower": pa.array(instance.lpl.ravel()),
        "protect_upper": pa.array(instance.upl.ravel()),
    }


def _paths(tree: Tree) -> Ints:
    """For each node the nodes from the root down to it, then -1. Shape (nodes, depth)."""
    found: list[list[int]] = []
    for parent in tree.parent.tolist():
        found.append([*(found[parent] if parent >= 0 else []), len(found)])
    deepest = max(map(len, found))
    return np.array([path + [-1] * (deepest - len(path)) for path in found])
