"""Tables of three dimensions and more: what the programs hide withstands the attack, and loses little."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse as sp
from tables_as_text import roll_up, tree

from zicht.disclosure import Dimension, Profile, Table, audit, protect
from zicht.disclosure.model import Bools
from zicht.disclosure.rules import assess
from zicht.disclosure.suppression import blocks
from zicht.disclosure.suppression.blocks import cover_by_blocks
from zicht.disclosure.suppression.kernel import Kernel
from zicht.disclosure.suppression.movements import Movements
from zicht.disclosure.suppression.system import System, assemble

FEW = Profile("few", min_units=5, max_group_share=None, attackers=("A0", "A1"), hide_zeros=False)

AREA = tree(
    "area",
    """
    GM  > WK1 WK2 WK3
    WK1 > A B C D
    WK2 > E F G
    WK3 > H I
    """,
)


def cube(seed: int, *more: Dimension, mean: float = 20.0) -> Table:
    """A table of area × age × sex (× more) of random counts."""
    rng = np.random.default_rng(seed)
    dimensions = (AREA, Dimension.flat("age", ("0", "1", "2")), Dimension.flat("sex", ("m", "v")), *more)
    parts = [[c for c, below in zip(d.codes, d.children, strict=True) if not below.size] for d in dimensions]
    grid = np.stack(np.meshgrid(*parts, indexing="ij"), axis=-1).reshape(-1, len(parts))
    return roll_up(
        "t",
        dimensions,
        {tuple(map(str, codes)): int(rng.poisson(mean * rng.choice([0.1, 1, 3]))) for codes in grid},
    )


def system_of(table: Table, profile: Profile = FEW) -> System:
    return assemble([table], [], {table.name: assess(table, profile)}, hide_zeros=profile.hide_zeros)


def statuses(table: Table, system: System, hidden: Bools) -> dict[str, object]:
    status = np.where(hidden[system.physical], "secondary", "ok")
    names = [d.name for d in table.dimensions]
    return {table.name: table.cells.select(names).append_column("status", [status.tolist()])}


@pytest.mark.parametrize("seed", range(3))
def test_one_block_leaves_nothing_for_the_repair(seed: int) -> None:
    table = cube(seed)
    system = system_of(table)
    hidden = cover_by_blocks(system)
    assert hidden[system.primary].all()
    assert audit([table], statuses(table, system, hidden), FEW).safe  # type: ignore[arg-type]


def test_four_dimensions_are_protected_too() -> None:
    table = cube(5, Dimension.flat("work", ("yes", "no")), mean=30)
    protected = protect([table], FEW, budget=1e-3)
    assert audit([table], {"t": protected.status("t")}, FEW).safe


def test_no_secondary_cell_can_be_shown_again() -> None:
    table = cube(1)
    system = system_of(table)
    hidden = cover_by_blocks(system)
    for cell in np.flatnonzero(hidden & ~system.primary):
        shown = hidden.copy()
        shown[cell] = False
        assert not audit([table], statuses(table, system, shown), FEW).safe, cell  # type: ignore[arg-type]


def test_a_table_cut_in_blocks_is_protected_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    table = cube(2)
    monkeypatch.setattr(blocks, "BLOCK", 80)
    parts = list(blocks._blocks(system_of(table)))
    assert len(parts) > 2
    assert np.array_equal(np.unique(np.concatenate(parts)), np.arange(system_of(table).value.size))
    protected = protect([table], FEW, budget=1e-3)
    assert audit([table], {"t": protected.status("t")}, FEW).safe


def test_an_empty_cell_stays_in_sight_where_the_profile_says_so() -> None:
    table = cube(3, mean=6)
    protected = protect([table], FEW, budget=1e-3, leftovers="list")
    hidden = protected.status("t").column("status").to_numpy(zero_copy_only=False) != "ok"
    assert not np.any(hidden & (table.n == 0))


def test_a_cell_that_moves_only_with_another_is_its_kin() -> None:
    # a + b = 0 and c + d + e = 0: b is fixed with a; of c, d and e none is fixed with one of the others.
    kernel = Kernel(sp.csr_matrix(np.array([[1.0, 1, 0, 0, 0], [0, 0, 1, 1, 1]])))
    needed = np.ones(5, dtype=np.bool_)
    assert kernel.kin(0, needed).tolist() == [1]
    assert kernel.kin(2, needed).tolist() == []
    kernel.hold(2)
    assert kernel.kin(3, needed).tolist() == [4]


def test_the_cheapest_movement_keeps_the_sums_and_what_is_dear_in_sight() -> None:
    # Two ways around for the first cell: over the second (price 5) or over the third and the fourth (1 each).
    sums = sp.csr_matrix(np.array([[1.0, 1, 1, 0], [0, 0, 1, 1]]))
    program = Movements(sums, np.array([0.0, 5, 1, 1]), np.full(4, 3.0), np.full(4, 3.0))
    movement = program.cheapest(0, 1.0)
    assert movement is not None
    assert movement.tolist() == [1, 0, -1, 1]
    program.leave_out(3)
    other = program.cheapest(0, 1.0)
    assert other is not None
    assert other.tolist() == [1, -1, 0, 0]
    assert program.cheapest(0, 4.0) is None


def generator(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("sdcgen", shared / "disclosure" / "sdcgen.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sdcgen"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.shared
@pytest.mark.slow
def test_the_ladder_in_three_dimensions_loses_no_more_than_was_promised(shared: Path) -> None:
    made = generator(shared).make("D1")
    dimensions = tuple(
        Dimension(t.name, tuple(t.codes), tuple(None if p < 0 else t.codes[p] for p in t.parent))
        for t in made.trees
    )
    codes = {t.name: c for t, c in zip(made.trees, made.codes(), strict=True)}
    cells = pa.table(
        {name: pa.array(column) for name, column in codes.items()}
        | {"value": made.value.ravel().astype(float), "n": made.freq.ravel()}
    )
    table = Table("t", dimensions, cells)
    protected = protect([table], FEW)
    assert protected.report.attack.safe
    assert protected.report.rounds == 0
    assert protected.report.tables[0].value_lost <= 4_470
