"""Secondary suppression: which further cells to hide so that the primary ones cannot be recomputed.

Tables of one and two dimensions, linked or not, are covered by flows in networks (`search`, `ruin`); a
deeper one by lifted cycles (`layered`). What either leaves unsafe (several networks must hold at once) is
for the audit to find and the repair to mend.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zicht.compiled import compiled, lend
from zicht.disclosure.model import Bools, Floats, Ints
from zicht.disclosure.suppression import layered
from zicht.disclosure.suppression.exposure import exposed_pairs
from zicht.disclosure.suppression.flows import Cells, desk_for
from zicht.disclosure.suppression.networks import knit
from zicht.disclosure.suppression.ruin import ruin_and_recreate
from zicht.disclosure.suppression.search import (
    BOTH,
    EITHER,
    SAME,
    Hunt,
    Wants,
    give_all_back,
    new_agenda,
    new_detours,
    queue,
    satisfy_all,
    secondary,
)
from zicht.disclosure.suppression.system import EMPTY, FREE, TOTAL, System
from zicht.disclosure.suppression.witnesses import PER_NEED, grown, new_book, new_journal

SHARED_FACTOR = (
    0.3  # added price of a cell for each further network it is in; measured on the benchmark ladder
)
# Ways looked at, per arc, for a cheaper pattern: of counts; of those that are known to be at least 1, where flows are
# shorter; and of sums, which differ more in size.
THOROUGH = {EITHER: 80, SAME: 60, BOTH: 150}
HEAT = 0.5  # loss a trial may add at first, as a share of the median cost of a secondary cell, when boldest
FICKLE = 0.9  # share of trials that see other prices than there are, and so find other covers, when boldest
BOLDEST = 3000  # ways per arc at which a search is as bold as can be
TIMID = 0.05  # share of that boldness in a short one, which has no time to mend what it spoilt
WAYS_PER_SECOND = 30_000_000  # ways in networks that are looked at in a second, give or take the machine
NEVER = TOTAL + 1  # reluctance of a cell that may not be hidden at all
ROUNDS = 3  # times that cells exposed to the one contributor of another are looked for and covered
SPECK = 1e-3  # what a cell of sums must be able to move by when another stays still, as a share of the least value


@dataclass(frozen=True)
class Policy:
    """What a pattern must withstand, and what may be hidden for it; see `Profile`.

    Attributes:
        attackers: the attacks, of `ATTACKS`.
        hide_zeros: whether an empty cell may be hidden where nothing else protects another.
        seconds: how long a cheaper pattern is looked for beyond what is always done, as a count of work: how many ways
            in networks a common machine looks at in that time.
        seed: of the chance in that; the same seed gives the same pattern.
    """

    attackers: tuple[str, ...] = ("A0", "A1", "A2")
    hide_zeros: bool = True
    seconds: float = 0.0
    seed: int = 0


def cover(system: System, policy: Policy | None = None) -> Bools:
    """Which physical cells to hide so that, as far as networks tell, every primary one is safe. Shape (physical cells,)."""
    policy = policy or Policy()
    if not system.primary.any() or not system.equations.shape[0]:
        return system.primary.copy()
    if any(sum(codes > 1 for codes in table.shape) > 2 for table in system.tables):
        return layered.cover(system)
    covering = Covering(system, policy)
    covering.withstand_contributors()
    first = covering.hidden, covering.loss
    covering.improve()
    covering.withstand_contributors()
    # What contributors could tell of a cheaper pattern may cost more than the search for it saved.
    return covering.hidden if covering.loss <= first[1] else first[0]


class Covering:
    """A pattern in the making over tables of one or two dimensions: what is hidden, and what lets each cell move."""

    def __init__(self, system: System, policy: Policy) -> None:
        """Cover every primary cell of `system`, then give back what can be missed."""
        self._system, self._policy = system, policy
        cells = _cells(system, policy)
        nets = knit(system, cells.reluctance < NEVER)
        self._single = _single(system)
        self._pairs: set[tuple[int, int]] = set()
        cells.price[:] *= 1.0 + SHARED_FACTOR * np.maximum(np.diff(nets.place_start) - 1, 0)
        needs = 2 * nets.place_arc.size
        used = int(np.diff(nets.place_start)[system.primary].sum())
        self._hunt = Hunt(
            nets=nets,
            cells=cells,
            wants=_wants(system, policy, cells),
            book=new_book(needs, cells.hidden.size, PER_NEED * used + 4096),
            agenda=new_agenda(needs),
            detours=new_detours(needs),
            desk=desk_for(nets),
            opened=np.zeros(cells.hidden.size + 1, dtype=np.int64),
        )
        self._journal = new_journal(needs)
        self._ask(np.flatnonzero(system.primary))
        self._cover_on()

    @property
    def hidden(self) -> Bools:
        """Which physical cells are hidden now."""
        return np.asarray(self._hunt.cells.hidden, dtype=np.bool_)

    @property
    def loss(self) -> float:
        """What the secondary cells cost, see `System.cost`, where an only child and its parent are two."""
        cells = self._hunt.cells
        return float(cells.cost[secondary(cells)].sum())

    def withstand_contributors(self) -> None:
        """Hide more, until the networks no longer show who could recompute a cell from the one that only he is in."""
        if "A3" not in self._policy.attackers:
            return
        for _ in range(ROUNDS):
            cells = self._hunt.cells
            pairs = exposed_pairs(self._hunt.nets, cells.hidden, self._system.primary, self._single)
            if not self.avoid(pairs):
                break

    def avoid(self, pairs: Ints) -> bool:
        """Hide more, so that each cell q can move while cell s stays still.

        Args:
            pairs: physical cells (q, s). Shape (pairs, 2).

        Returns:
            Whether any of this was not asked before.
        """
        new = [(q, s) for q, s in pairs.tolist() if (q, s) not in self._pairs]
        self._pairs.update(new)
        if not new:
            return False
        hunt, nets = self._hunt, self._hunt.nets
        asked, still = np.array(new, dtype=np.int64).T
        counts = nets.place_start[asked + 1] - nets.place_start[asked]
        first = np.repeat(nets.place_start[asked] - (np.cumsum(counts) - counts), counts)
        place = first + np.arange(first.size)
        before = hunt.agenda.queued.size
        needs = before + place.size
        wants = hunt.wants
        self._hunt = hunt._replace(
            wants=wants._replace(
                place=np.concatenate([wants.place, place]),
                avoid=np.concatenate([wants.avoid, np.repeat(still, counts)]),
                least=np.concatenate([wants.least, np.full(place.size, _speck(self._system))]),
            ),
            book=grown(hunt.book, needs, PER_NEED * place.size),
            agenda=new_agenda(needs)._replace(unmet=np.pad(hunt.agenda.unmet, (0, place.size))),
            detours=new_detours(needs),
        )
        self._journal = new_journal(needs)
        agenda = lend(self._hunt.agenda)
        for need in range(needs - 1, before - 1, -1):
            queue(agenda, need)
        self._cover_on()
        return True

    def improve(self) -> None:
        """Look for a cheaper pattern for as long as the policy says."""
        hunt, policy = self._hunt, self._policy
        arcs = max(hunt.nets.tail.size, 1)
        usual = arcs * THOROUGH[int(hunt.wants.habit[0])]
        work = usual + int(policy.seconds * WAYS_PER_SECOND)
        cost = hunt.cells.cost[secondary(hunt.cells)]
        if not cost.size:
            return
        bold = min(max(work / arcs / BOLDEST, TIMID), 1.0)
        heat = float(np.median(cost)) * HEAT * bold
        if hunt.book.free[1] < hunt.book.cell.size // 2:  # a trial needs room for longer witnesses
            self._hunt = hunt = hunt._replace(
                book=grown(hunt.book, hunt.agenda.queued.size, hunt.book.cell.size)
            )
        if ruin_and_recreate(lend(hunt), lend(self._journal), policy.seed, work, heat, FICKLE * bold):
            self._witness_anew()
        self._cover_on()

    def _witness_anew(self) -> None:
        """Find again what lets each hidden cell move."""
        hunt = self._hunt
        needs = hunt.agenda.queued.size
        self._hunt = hunt._replace(book=new_book(needs, hunt.cells.hidden.size, hunt.book.cell.size))
        agenda = lend(hunt.agenda)
        for need in range(needs - 1, 2 * hunt.nets.place_arc.size - 1, -1):
            if not hunt.agenda.unmet[need]:
                queue(agenda, need)
        several = np.diff(hunt.nets.place_start) > 1
        _ask_for(lend(self._hunt), np.flatnonzero(secondary(hunt.cells) & several))
        self._ask(np.flatnonzero(self._system.primary))

    def _ask(self, asked: Ints) -> None:
        """Put the needs of primary cells on the agenda, so that the largest are met first."""
        hunt, value = self._hunt, self._system.value
        ascending = asked[np.argsort(-value[asked], kind="stable")][::-1]
        _ask_for(lend(hunt), np.ascontiguousarray(ascending))

    def _cover_on(self) -> None:
        """Meet what is on the agenda, then give back what can be missed, the dearest first."""
        while not satisfy_all(lend(self._hunt), lend(self._journal), TOTAL):
            hunt = self._hunt
            self._hunt = hunt._replace(book=grown(hunt.book, hunt.agenda.queued.size, hunt.book.cell.size))
        cells = self._hunt.cells
        given = np.flatnonzero(secondary(cells))
        dearest = given[np.argsort(-cells.cost[given], kind="stable")]
        give_all_back(lend(self._hunt), lend(self._journal), dearest)


@compiled
def _ask_for(hunt: Hunt, asked: Ints) -> None:
    for cell in asked:
        for place in range(hunt.nets.place_start[cell + 1] - 1, hunt.nets.place_start[cell] - 1, -1):
            for down in (1, 0):
                if hunt.wants.amount[cell, down] > 0 and not hunt.agenda.unmet[2 * place + down]:
                    queue(hunt.agenda, 2 * place + down)


def _cells(system: System, policy: Policy) -> Cells:
    reluctance = system.reluctance.copy()
    if not policy.hide_zeros:
        reluctance[system.reluctance == EMPTY] = NEVER
    reluctance[system.primary] = FREE
    hidden = system.primary.astype(np.uint8)
    cost = system.cost * _copies(system)
    # Who knows nothing of published zeros only knows that no count is negative.
    fall = system.room if "A2" in policy.attackers else np.maximum(system.room, system.value)
    rise = system.headroom
    return Cells(
        hidden, hidden.copy(), reluctance, cost, cost.copy(), fall, rise, np.minimum(rise, system.value)
    )


def _copies(system: System) -> Floats:
    """How many cells each physical cell is, in the table where it is most: an only child goes with its parent."""
    most = np.ones(system.value.size)
    for index in range(len(system.tables)):
        np.maximum(most, np.bincount(system.of_table(index), minlength=most.size), out=most)
    return most


def _single(system: System) -> Bools:
    """Which physical cells have one contributor, and no parts that could be hidden instead."""
    single = np.zeros(system.value.size, dtype=np.bool_)
    for index, table in enumerate(system.tables):
        leaf = np.ones(table.n.size, dtype=np.bool_)
        for dimension, place in zip(table.dimensions, table.places, strict=True):
            leaf &= ~np.isin(place, dimension.internal)
        single[system.of_table(index)[leaf & (table.n == 1)]] = True
    return single


def _speck(system: System) -> float:
    if system.width[system.primary].any():
        return 1.0
    return SPECK * float(np.min(np.abs(system.value[system.value != 0]), initial=1.0))


def _wants(system: System, policy: Policy, cells: Cells) -> Wants:
    """The needs that follow from the uncertainty each primary cell must keep; see `demands` of `circuits`."""
    primary, width = system.primary, system.width
    lower, upper = np.where(primary, system.lower, 0.0), np.where(primary, system.upper, 0.0)
    # A group nearly all of which is in one category must seem smaller; if it can be, that is wide enough.
    shrinks = primary & (width > 0) & (lower > 0) & (cells.fall >= width)
    either = primary & (width > 0) & (lower == 0) & (upper == 0) & (system.value > 0)
    rest = primary & ~shrinks & ~either
    amount = np.zeros((primary.size, 2))
    amount[shrinks, 1] = np.maximum(lower, width)[shrinks]
    amount[either, 0] = width[either] / 2
    amount[rest, 0] = np.maximum(upper, width - lower)[rest]
    amount[rest, 1] = lower[rest]
    level = np.zeros((primary.size, 2), dtype=np.uint8)
    level[primary & (width > 0), 1] = EMPTY
    counts = bool(either.any())
    sharp = "A2" in policy.attackers
    habit = (SAME if sharp else EITHER) if counts else BOTH
    none = np.empty(0, dtype=np.int64)
    return Wants(
        amount,
        either.astype(np.uint8),
        either.astype(np.uint8),
        level,
        none,
        none.copy(),
        np.empty(0),
        np.array([habit, 0 if sharp else 1], dtype=np.int64),
    )
