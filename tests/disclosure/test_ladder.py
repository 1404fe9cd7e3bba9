"""What protection of generated tables may lose, and that no attack it must withstand finds anything in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from benchmarks import _ladder

from zicht.disclosure import protect

# Loss: summed value of the secondary cells, after repair. Zeros: whether empty cells may be hidden.
RUNGS = """
    rung | attackers   | zeros | loss at most
    -----+-------------+-------+-------------
    F2   | A0 A1       | no    | 4458
    F3   | A0 A1       | no    | 16700
    F4   | A0 A1       | no    | 50100
    F2   | A0 A1 A2    | no    | 4715
    F3   | A0 A1 A2    | no    | 17450
    F1   | A0 A1 A2 A3 | no    | 492
    F2   | A0 A1 A2 A3 | no    | 5266
    F3   | A0 A1 A2 A3 | no    | 21200
    F1   | A0 A1 A2 A3 | yes   | 492
    F2   | A0 A1 A2 A3 | yes   | 5266
    F3   | A0 A1 A2 A3 | yes   | 21200
    H2   | A0 A1       | no    | 28700
    H3   | A0 A1       | no    | 148600
    L1   | A0 A1       | no    | 4560
    L2   | A0 A1       | no    | 41300
    L3   | A0 A1       | no    | 174000
    M2   | A0 A1       | no    | 133400
    M3   | A0 A1       | no    | 3250000
"""
ROWS = [tuple(part.strip() for part in line.split("|")) for line in RUNGS.strip().splitlines()[2:]]


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize(
    ("rung", "attackers", "zeros", "most"), ROWS, ids=[" ".join(row[:3]) for row in ROWS]
)
def test_what_is_protected_is_safe_and_loses_no_more_than_this(
    rung: str, attackers: str, zeros: str, most: str
) -> None:
    case = _ladder.case(rung)
    profile = replace(case.profile, attackers=tuple(attackers.split()), hide_zeros=zeros == "yes")
    protected = protect(case.tables, profile, links=case.links)
    assert protected.report.attack.failures == ()
    assert not protected.report.refused
    assert not protected.report.unprotectable
    assert case.loss(case.mask(protected)) <= float(most)
