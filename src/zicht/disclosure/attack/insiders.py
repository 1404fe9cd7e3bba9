"""What contributors to hidden cells can compute of other hidden cells (attack A3 of the audit).

Who is the one unit in a cell knows its value, and with the equations all cells of its class (`exact`). A coalition of k
contributors knows every cell of at most k units that they are, and what follows from several of these: forget what
hangs on one of them, and ask the same of the rest with k - 1. Of sums, the largest contributor to one cell also sees
through a cell that makes a published sum with it, when the p % rule does not hold for the two together (the singleton
problem of the Handbook on Statistical Disclosure Control, section 4.2; Daalmans and de Waal, PSD 2010, for unions).
Who learns only of units that he knows anyway has learnt nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zicht.disclosure.attack.elimination import PRIME, inverse
from zicht.disclosure.attack.exact import Determined, classes
from zicht.disclosure.model import Bools, Floats, Ints

MOST = 8  # coalitions named per cell


@dataclass(frozen=True)
class Contributors:
    """Who stands behind the hidden cells; arrays over hidden cells.

    Attributes:
        sensitive: whether a rule hides the cell.
        n: number of contributors.
        group: a number per cell, the same for cells that hang together by equations.
        units_within: how many units of one cell are certainly units of another.
    """

    sensitive: Bools
    n: Ints
    group: Ints
    units_within: Callable[[int, int], int]

    def all_known(self, cell: int, insiders: tuple[int, ...]) -> bool:
        """Whether the units of a cell are no others than those in the cells of insiders.

        That a cell is empty nobody knows beforehand: where a rule hides empty cells, it is of all who are not in it.
        """
        within = sum(self.units_within(cell, insider) for insider in insiders)
        return 0 < int(self.n[cell]) <= within


@dataclass(frozen=True)
class Contributions:
    """What the largest contributors to hidden sums know; arrays over hidden cells.

    Attributes:
        value: the sums.
        largest: the largest contribution.
        holder: a number for who made it, -1 where that is not known.
        share: the share p of the p % rule.
    """

    value: Floats
    largest: Floats
    holder: Ints
    share: float

    def among(self, members: Ints) -> Contributions:
        """Those to these cells only."""
        return Contributions(self.value[members], self.largest[members], self.holder[members], self.share)

    def sees_through(self, cell: int, insider: int) -> bool:
        """Whether the largest contributor to `insider` can estimate that of `cell`, when their sum is published, within the share."""
        if self.holder[cell] >= 0 and self.holder[cell] == self.holder[insider]:
            return False
        rest = self.value[cell] - self.largest[cell] + self.value[insider] - self.largest[insider]
        return bool(rest < self.share * self.largest[cell] * (1 - 1e-9))


Exposures = dict[int, list[tuple[int, ...]]]


def exposed(
    determined: Determined, who: Contributors, coalition: int, sums: Contributions | None
) -> Exposures:
    """The sensitive cells that contributors to other cells could compute.

    Args:
        determined: what follows from the equations; its sample must have `coalition` + 2 vectors.
        who: the contributors.
        coalition: how many contributors put together what they know, at most.
        sums: where these are sums, their largest contributions.

    Returns:
        For each exposed cell the cells whose contributors could compute it: one coalition after another, at most MOST.
    """
    found: Exposures = defaultdict(list)
    for members in _classes_of(determined.kin, who):
        for cell in members[who.sensitive[members]].tolist():
            for insider in members[members != cell].tolist():
                if who.n[insider] <= coalition:
                    sees = who.n[insider] > 0 and not who.all_known(cell, (insider,))
                else:
                    makes_a_sum = sums is not None and determined.ratio(cell, insider) == -1
                    sees = makes_a_sum and sums is not None and sums.sees_through(cell, insider)
                if sees:
                    found[cell].append((insider,))
                if len(found[cell]) == MOST:
                    break
    if coalition > 1:
        _together(determined, who, coalition, found)
    return {cell: allies for cell, allies in sorted(found.items()) if allies}


def _classes_of(kin: Ints, who: Contributors) -> Iterator[Ints]:
    """The classes of more than one cell, a sensitive one among them."""
    free = np.flatnonzero(kin >= 0)
    order = free[np.argsort(kin[free], kind="stable")]
    starts = np.flatnonzero(np.diff(kin[order], prepend=-1))
    sizes = np.diff(np.append(starts, order.size))
    sensitive = np.add.reduceat(who.sensitive[order].astype(np.int64), starts) if starts.size else sizes
    for start, size in zip(
        starts[(sizes > 1) & (sensitive > 0)], sizes[(sizes > 1) & (sensitive > 0)], strict=True
    ):
        yield order[start : start + size]


def _together(determined: Determined, who: Contributors, coalition: int, found: Exposures) -> None:
    """Add what coalitions know by several cells, group by group."""
    concerned = (determined.kin >= 0) & ((who.n <= coalition) & (who.n > 0) | who.sensitive)
    cells = np.flatnonzero(concerned)
    cells = cells[np.argsort(who.group[cells], kind="stable")]
    for members in np.split(cells, np.flatnonzero(np.diff(who.group[cells])) + 1):
        _search(members, determined.sample[members], (), who, coalition, found)


def _search(
    members: Ints,
    sample: Ints,
    told: tuple[int, ...],
    who: Contributors,
    left: int,
    found: Exposures,
) -> None:
    """Try every cell whose contributors may join those of `told`; `sample` is what is unknown to these."""
    insiders = np.flatnonzero((who.n[members] < left) & (who.n[members] > 0) & sample.any(axis=1))
    for place in insiders.tolist():
        joined = (*told, int(members[place]))
        if told and joined[-1] <= told[-1]:
            continue
        rest = _forget(sample, place)
        remaining = left - int(who.n[members[place]])
        kin = classes(rest)
        knows = (who.n[members] <= remaining) & (who.n[members] > 0) & (kin >= 0) & (members > joined[-1])
        for ally in np.flatnonzero(knows).tolist():
            coalition = (*joined, int(members[ally]))
            for at in np.flatnonzero((kin == kin[ally]) & who.sensitive[members]).tolist():
                _add(found, int(members[at]), coalition, who)
        if remaining > 1:
            _search(members, rest, joined, who, remaining, found)


def _add(found: Exposures, cell: int, coalition: tuple[int, ...], who: Contributors) -> None:
    """Name a coalition, unless fewer of it suffice, or they know all units of the cell."""
    known = found[cell]
    if cell in coalition or len(known) >= MOST or any(set(fewer) <= set(coalition) for fewer in known):
        return
    if not who.all_known(cell, coalition):
        known.append(coalition)


def _forget(sample: Ints, place: int) -> Ints:
    """The sample for who knows the cell at `place`: vectors of the null space in which it is 0."""
    row = sample[place]
    lead = int(np.flatnonzero(row)[0])
    factor = int(inverse(int(row[lead])))
    share = sample[:, lead] * factor % PRIME
    kept: npt.NDArray[np.int64] = (sample - share[:, None] * row[None, :] % PRIME) % PRIME
    return np.delete(kept, lead, axis=1)
