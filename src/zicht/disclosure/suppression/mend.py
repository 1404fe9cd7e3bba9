"""Joint repair: what an attack could break gets the cheapest circuits, all of it in one round, and no more than needed.

The cells that one circuit moves need none of their own. What the round added and can be missed is shown again,
the dearest first, where every circuit that used it can go another way over hidden cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from zicht.disclosure.model import Bools
from zicht.disclosure.suppression.circuits import HIDDEN_ONLY, Circuit, Want, find, wants_of
from zicht.disclosure.suppression.system import System


@dataclass(frozen=True)
class Ask:
    """A cell that must become uncertain, also to those who know the cells `still` (their own contributions)."""

    cell: int
    still: frozenset[int] = frozenset()


@dataclass
class _Met:
    """A want, whose knowledge it must withstand, and the circuits that meet it."""

    want: Want
    still: frozenset[int]
    circuits: list[Circuit] = field(default_factory=list)
    limits: bool = True

    def uses(self, cell: int) -> bool:
        """Whether a circuit moves `cell`."""
        return any(bool(np.any(circuit.cells == cell)) for circuit in self.circuits)


def mend(system: System, hidden: Bools, asks: Sequence[Ask]) -> list[Ask]:
    """Hide (in `hidden`) what makes the cells asked for uncertain.

    Args:
        system: the tables.
        hidden: which physical cells are hidden; changed in place.
        asks: what is not uncertain enough, by physical cells.

    Returns:
        What cannot be: not even with every cell hidden that may be, which the programs prove.
    """
    before = hidden.copy()
    met: list[_Met] = []
    hopeless = []
    for ask in sorted(asks, key=lambda ask: (-system.value[ask.cell], ask.cell, sorted(ask.still))):
        for want in wants_of(system, ask.cell) or [Want(ask.cell, 0, 1.0, True)]:
            if any(circuit.serves(want, ask.still) for one in met for circuit in one.circuits):
                found = _Met(
                    want, ask.still, [c for one in met for c in one.circuits if c.serves(want, ask.still)][:1]
                )
            else:
                found = _meet(system, hidden, want, ask.still)
            if not found.circuits:
                hopeless.append(ask)
                break
            met.append(found)
    _show_again(system, hidden, before, met)
    return hopeless


def _meet(system: System, hidden: Bools, want: Want, still: frozenset[int]) -> _Met:
    """Hide the cheapest circuits for a want. Who subtracts what he knows is stopped by any movement at all."""
    circuits = find(system, hidden, want, still=still)
    limits = circuits is not None or not still
    if not limits:
        circuits = find(system, hidden, Want(want.cell, 0, 1.0, False), still=still, limits=False)
    for circuit in circuits or []:
        hidden[circuit.cells] = True
    return _Met(want, still, circuits or [], limits)


def _show_again(system: System, hidden: Bools, before: Bools, met: list[_Met]) -> None:
    """Show what was added since `before` again, the dearest first, where all that used it can do without."""
    added = np.flatnonzero(hidden & ~before)
    for cell in added[np.argsort(-system.cost[added], kind="stable")].tolist():
        hidden[cell] = False
        detours = []
        for one in (one for one in met if one.uses(cell)):
            want = one.want if one.limits else Want(one.want.cell, 0, 1.0, False)
            found = find(system, hidden, want, still=one.still, most=HIDDEN_ONLY, limits=one.limits)
            if found is None:
                hidden[cell] = True
                break
            detours.append((one, found))
        else:
            for one, found in detours:
                one.circuits = found
