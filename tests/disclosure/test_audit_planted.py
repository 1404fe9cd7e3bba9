"""Holes that are made on purpose are all found, and none besides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks import _ladder
from brute_force import Outsider, equations

from zicht.disclosure.attack.auditor import Auditor

HOLES = 200
OPENED = 150


@pytest.mark.slow
@pytest.mark.shared
def test_two_hundred_holes_in_a_safe_pattern_are_found_and_none_is_invented(shared: Path) -> None:
    case, mask = _ladder.trap(shared / "disclosure" / "traps" / "F2s1_tau_hitas.npz")
    (table,), hidden = case.tables, mask.ravel() | case.primary
    auditor = Auditor(case.tables, case.profile, ())
    assert auditor.examine(hidden, words=False).safe
    # Secondary cells are opened all over the table: to some of those around them that does harm, to some it does not.
    opened = hidden.copy()
    opened[np.random.default_rng(1).choice(np.flatnonzero(hidden & ~case.primary), OPENED, replace=False)] = (
        False
    )
    outsider = Outsider(equations(case.tables), opened)
    exact = {cell for cell in outsider.cells.tolist() if outsider.determined(cell)}
    narrow = set()
    for cell in set(np.flatnonzero(case.primary).tolist()) - exact:
        down, up = outsider.moves(cell, table.value, np.full(table.value.size, np.inf))
        if up - down < 2 - 1e-6:
            narrow.add(cell)
    assert len(exact | narrow) >= HOLES
    assert len(exact | narrow) < opened.sum() / 2
    failures = auditor.examine(opened).failures
    assert {failure.row for failure in failures if failure.attack == "A0"} == exact
    assert {failure.row for failure in failures if failure.attack == "A1"} == narrow
    assert len(failures) == len(exact | narrow)
    assert all(failure.witness for failure in failures)
