"""Patterns that other programs made, and what the audit finds in them; see `traps` beside the checkout.

Columns: sensitive cells that can be recomputed exactly (A0), other sensitive cells whose interval is narrower than the
generator demands (A1), sensitive counts that are exact for who knows that no hidden count is 0, and of these those over 1
(A2), sensitive cells that a contributor to another cell can compute (A3), and the same counted as those who measured the
programs did ("alone": only who is alone in a cell on the lowest level, and also where he is all there is in the exposed cell).
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from benchmarks import _ladder

from zicht.disclosure import Table
from zicht.disclosure.attack.auditor import Auditor
from zicht.disclosure.attack.exact import determine

TRAPS = """
    pattern              | A0 | A1  | A2   | over 1 | A3   | alone
    ---------------------+----+-----+------+--------+------+------
    D1bs1_tau_hitas      | 0  | 0   | 169  | 93     | 248  | 294
    D1s1_gauss_default   | 0  | 0   | 0    | 0      | 61   | 67
    D1s1_sdcTable_HYPER  | 0  | 0   | 0    | 0      | 0    | 7
    D1s1_sdcTable_OLD    | 2  | 0   | 30   | 14     | 63   | 68
    D1s1_sdcTable_SIMPLE | 0  | 0   | 14   | 5      | 48   | 55
    D1s1_tau_hitas       | 0  | 0   | 47   | 24     | 105  | 108
    D1s1_tau_hitas_s     | 0  | 0   | 10   | 2      | 45   | 52
    D1s1_tau_opt         | 0  | 0   | 81   | 46     | 104  | 108
    F1s1_gauss_default   | 0  | 0   | 0    | 0      | 17   | 17
    F1s1_sdcTable_GAUSS  | 0  | 0   | 0    | 0      | 17   | 17
    F1s1_sdcTable_HITAS  | 0  | 0   | 7    | 2      | 21   | 21
    F1s1_sdcTable_HYPER  | 0  | 0   | 0    | 0      | 0    | 0
    F1s1_sdcTable_OLD    | 0  | 0   | 5    | 2      | 18   | 18
    F1s1_sdcTable_OPT    | 0  | 0   | 7    | 2      | 21   | 21
    F1s1_sdcTable_SIMPLE | 0  | 0   | 5    | 2      | 17   | 17
    F1s1_tau_hitas       | 0  | 0   | 7    | 2      | 21   | 21
    F1s1_tau_hitas_s     | 0  | 0   | 3    | 0      | 4    | 4
    F1s1_tau_opt         | 0  | 0   | 7    | 2      | 21   | 21
    F2s1_gauss_default   | 0  | 0   | 0    | 0      | 78   | 81
    F2s1_sdcTable_HYPER  | 0  | 0   | 0    | 0      | 0    | 3
    F2s1_sdcTable_OLD    | 1  | 0   | 68   | 3      | 104  | 107
    F2s1_tau_hitas       | 0  | 0   | 67   | 3      | 125  | 128
    F2s1_tau_hitas_s     | 0  | 0   | 40   | 2      | 16   | 19
    F2s1_tau_opt         | 0  | 0   | 78   | 9      | 131  | 134
    F3s1_sdcTable_OLD    | 8  | 0   | 284  | 33     | 634  | 661
    F3s1_tau_hitas       | 0  | 0   | 320  | 52     | 751  | 774
    F4s1_tau_hitas       | 0  | 0   | 1282 | 162    | 2429 | 2486
    H1s1_gauss_default   | 0  | 0   | 0    | 0      | 42   | 46
    H1s1_sdcTable_HITAS  | 0  | 0   | 36   | 4      | 63   | 66
    H1s1_sdcTable_HYPER  | 0  | 0   | 0    | 0      | 0    | 6
    H1s1_sdcTable_OLD    | 1  | 0   | 37   | 5      | 66   | 67
    H1s1_sdcTable_SIMPLE | 0  | 0   | 32   | 3      | 53   | 57
    H1s1_tau_hitas       | 0  | 0   | 36   | 4      | 63   | 66
    H1s1_tau_hitas_s     | 0  | 0   | 18   | 2      | 21   | 24
    H1s1_tau_opt         | 0  | 0   | 36   | 4      | 69   | 72
    H2s1_sdcTable_OLD    | 7  | 0   | 252  | 38     | 528  | 547
    H2s1_tau_hitas       | 0  | 0   | 250  | 43     | 574  | 595
    H2s1_tau_hitas_s     | 0  | 0   | 60   | 10     | 70   | 100
    H3s1_tau_hitas       | 1  | 0   | 1162 | 175    | 2378 | 2535
    M1s1_gauss_default   | 0  | 15  | 0    | 0      | 52   | 50
    M1s1_tau_hitas       | 0  | 0   | 0    | 0      | 40   | 38
    M1s1_tau_hitas_s     | 0  | 0   | 0    | 0      | 4    | 6
    M1s1_tau_opt         | 0  | 0   | 0    | 0      | 40   | 38
    M2s1_gauss_default   | 0  | 101 | 0    | 0      | 386  | 357
    M2s1_tau_hitas       | 0  | 2   | 0    | 0      | 276  | 259
    M2s1_tau_hitas_s     | 0  | 2   | 0    | 0      | 25   | 33
    M3s1_tau_hitas       | 8  | 179 | 0    | 0      | 5323 | 5265
"""
LINES = [tuple(part.strip() for part in line.split("|")) for line in TRAPS.strip().splitlines()[2:]]


@lru_cache(maxsize=1)
def rung(name: str) -> tuple[_ladder.Case, Table]:
    """A rung of the ladder, and its table with just the protection levels of the generator."""
    case = _ladder.case(name)
    (table,), made = case.tables, case.instance
    cells = table.cells.drop_columns([c for c in table.cells.column_names if c.startswith(("sens", "prot"))])
    for column, numbers in (
        ("sensitive", made.primary),
        ("protect_lower", made.lpl),
        ("protect_upper", made.upl),
    ):
        cells = cells.append_column(column, pa.array(numbers.ravel()))
    return case, Table(table.name, table.dimensions, cells)


def found(table: Table, case: _ladder.Case, hidden: np.ndarray, *attackers: str) -> dict[str, np.ndarray]:
    """The sensitive cells that fail, by attack."""
    auditor = Auditor([table], replace(case.profile, attackers=attackers), ())
    failures = auditor.examine(hidden, words=False).failures
    rows = {
        attack: np.array([f.row for f in failures if f.attack == attack], dtype=int) for attack in attackers
    }
    return {attack: row[case.primary[row]] for attack, row in rows.items()}


def alone(case: _ladder.Case, hidden: np.ndarray) -> int:
    """Sensitive cells in one class with another cell of one unit on the lowest level."""
    equations = case.instance.constraints()[:, hidden]  # type: ignore[attr-defined]
    kin = determine(equations[np.diff(equations.indptr) > 0]).kin
    single = case.instance.singleton.ravel()[hidden]  # type: ignore[attr-defined]
    singles = np.bincount(kin[kin >= 0], weights=single[kin >= 0], minlength=1)
    return int(((kin >= 0) & case.primary[hidden] & (singles[np.maximum(kin, 0)] > single)).sum())


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("line", LINES, ids=[line[0] for line in LINES])
def test_a_pattern_of_another_program_fails_on_just_the_cells_that_were_measured(
    shared: Path, line: tuple[str, ...]
) -> None:
    case, table = rung(line[0].split("s1_")[0])
    mask = np.load(shared / "disclosure" / "traps" / f"{line[0]}.npz")["mask"].ravel().astype(bool)
    hidden = mask | case.primary
    intervals = found(table, case, hidden, "A0", "A1")
    informed = found(table, case, hidden, "A0", "A2", "A3")
    exact = informed["A2"]
    figures = (
        intervals["A0"].size,
        intervals["A1"].size,
        exact.size,
        int((table.value[exact] > 1).sum()),
        informed["A3"].size,
        alone(case, hidden),
    )
    assert figures == tuple(map(int, line[1:]))


@pytest.mark.shared
def test_no_pattern_is_left_out(shared: Path) -> None:
    assert {file.stem for file in (shared / "disclosure" / "traps").glob("*.npz")} == {
        line[0] for line in LINES
    }


@pytest.mark.shared
@pytest.mark.parametrize("name", ["F2s1_tau_hitas", "H2s1_tau_hitas", "D1bs1_tau_hitas"])
def test_a_safe_pattern_is_cleared_by_movements_without_a_linear_program(shared: Path, name: str) -> None:
    case, table = rung(name.split("s1_")[0])
    mask = np.load(shared / "disclosure" / "traps" / f"{name}.npz")["mask"].ravel().astype(bool)
    report = Auditor([table], case.profile, ()).examine(mask | case.primary)
    assert report.safe
    assert report.programs == 0
