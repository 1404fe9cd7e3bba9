"""Ruin and recreate: take a few neighbouring cells back at random, cover anew what that uncovers, keep what is cheaper.

Each trial touches only the witnesses around the cells taken back, which the book finds without a search.
A trial that loses more is kept with a chance that falls with the loss and, over time, with the heat
(Schrimpf et al., J. Comput. Phys. 159, 2000). How long it goes on is a count of work, never a clock.
"""

from __future__ import annotations

import numpy as np

from zicht.compiled import compiled
from zicht.disclosure.model import Floats, Ints
from zicht.disclosure.suppression.flows import WHIM, WORK, Bytes
from zicht.disclosure.suppression.search import (
    Hunt,
    cell_of,
    give_back,
    queue,
    satisfy,
)
from zicht.disclosure.suppression.system import FREE
from zicht.disclosure.suppression.witnesses import (
    NOTES_MADE,
    OVERFLOWN,
    TRIAL,
    Journal,
    remember,
    strike,
    undo,
)

RUINED = 8  # cells that one trial takes back at most
SPREAD = 0.8  # how much dearer, at random, the cells taken back are made in the trial
CROWD = 200  # needs that may use a cell for a trial to give it back
QUEUED = 4000  # needs that one trial may have to meet anew
LATE = 0.7  # share of the work after which the best pattern seen is kept


@compiled
def ruin_and_recreate(hunt: Hunt, journal: Journal, seed: int, work: int, heat: float, fickle: float) -> bool:
    """Improve the pattern of `hunt` for as long as `work` lasts.

    Returns whether the pattern is an earlier one, the best that was seen, so that the book is out of date.

    Args:
        hunt: the pattern, all needs of which are met or cannot be.
        journal: notes for trials.
        seed: of the chance; the same seed gives the same pattern.
        work: ways that the search for flows may look at, which is what its time is spent on.
        heat: loss that a trial may add, at first, with a chance of 1 in e.
        fickle: share of the trials that see other prices than there are, and so find other covers.
    """
    np.random.seed(seed)
    cells, desk = hunt.cells, hunt.desk
    secondary, place, count, loss = _secondary(cells.hidden, cells.primary, cells.cost)
    best, best_hidden = loss, cells.hidden.copy()
    removed, amounts, prices = np.empty(RUINED, dtype=np.int64), np.empty((RUINED, 2)), np.empty(RUINED)
    begun = desk.counters[WORK]
    spent = 0
    while count > 0 and spent < work:
        warmth = heat * (1.0 - spent / work)
        _begin(hunt, journal)
        desk.counters[WHIM] = journal.state[TRIAL] if np.random.random() < fickle else 0
        taken = _choose(hunt, secondary[np.random.randint(count)], 1 + np.random.randint(RUINED), removed)
        base = 0.0
        for at in range(taken):
            cell = removed[at]
            base += cells.cost[cell]
            amounts[at, 0], amounts[at, 1] = hunt.wants.amount[cell, 0], hunt.wants.amount[cell, 1]
            prices[at] = cells.price[cell]
            cells.price[cell] *= 1.0 + SPREAD * np.random.random()
        _ruin(hunt, journal, removed, taken)
        limit = base - warmth * np.log(1.0 - np.random.random()) + 1e-9
        added, whole = _recreate(hunt, journal, limit)
        for at in range(taken):
            cells.price[removed[at]] = prices[at]
        if whole and added <= limit:
            loss += added - base
            count = _settle(hunt, removed, taken, secondary, place, count)
            if loss < best - 1e-9 and spent > LATE * work:
                best = loss
                _copy(cells.hidden, best_hidden)
        else:
            _restore(hunt, journal, removed, taken, amounts)
        spent = desk.counters[WORK] - begun
        desk.counters[WORK] += 16  # a trial without a search is work too
    journal.state[TRIAL] = 0
    desk.counters[WHIM] = 0
    if best < loss:
        _copy(best_hidden, cells.hidden)
    return bool(best < loss)


@compiled
def _copy(pattern: Bytes, to: Bytes) -> None:
    """Copy cell by cell; a slice assignment takes longer to compile than all else here."""
    for cell in range(pattern.size):
        to[cell] = pattern[cell]


@compiled
def _secondary(hidden: Bytes, primary: Bytes, cost: Floats) -> tuple[Ints, Ints, int, float]:
    """The secondary cells in a list, the place of each cell in it, their number and their summed cost."""
    listed, place = np.empty(hidden.size, dtype=np.int64), np.full(hidden.size, -1)
    count, loss = 0, 0.0
    for cell in range(hidden.size):
        if hidden[cell] and not primary[cell]:
            listed[count] = cell
            place[cell] = count
            count += 1
            loss += cost[cell]
    return listed, place, count, loss


@compiled
def _begin(hunt: Hunt, journal: Journal) -> None:
    journal.state[TRIAL] += 1
    journal.state[NOTES_MADE] = 0
    journal.state[OVERFLOWN] = 0
    hunt.opened[0] = 0


@compiled
def _choose(hunt: Hunt, first: int, most: int, removed: Ints) -> int:
    """Up to `most` secondary cells around `first` that share witnesses; their number."""
    book, cells = hunt.book, hunt.cells
    removed[0] = first
    taken, at = 1, 0
    while at < taken < most:
        slot = book.of_cell[removed[at]]
        while slot >= 0 and taken < most:
            other = book.of_need[book.need[slot]]
            while other >= 0 and taken < most:
                cell = book.cell[other]
                known = cells.primary[cell] == 1 or cells.hidden[cell] == 0
                for earlier in range(taken):
                    known = known or removed[earlier] == cell
                if not known:
                    removed[taken] = cell
                    taken += 1
                other = book.next_in_need[other]
            slot = book.next_in_cell[slot]
        at += 1
    return taken


@compiled
def _ruin(hunt: Hunt, journal: Journal, removed: Ints, taken: int) -> None:
    """Show the cells again, and put the needs that used them on the agenda in random order."""
    book, cells, agenda = hunt.book, hunt.cells, hunt.agenda
    for at in range(taken):
        cells.hidden[removed[at]] = 0
    for at in range(taken):
        while book.of_cell[removed[at]] >= 0:
            need = book.need[book.of_cell[removed[at]]]
            if agenda.size[0] >= QUEUED or not remember(journal, book, need):
                journal.state[OVERFLOWN] = 1
                return
            strike(book, need)
            if cells.hidden[cell_of(hunt.nets, hunt.wants, need)]:
                queue(agenda, need)
    for last in range(agenda.size[0] - 1, 0, -1):
        other = np.random.randint(last + 1)
        agenda.stack[last], agenda.stack[other] = agenda.stack[other], agenda.stack[last]


@compiled
def _recreate(hunt: Hunt, journal: Journal, limit: float) -> tuple[float, bool]:
    """Meet what is on the agenda, then give back what can be missed: cost of the cells opened, and whether all was met."""
    agenda, cells, opened = hunt.agenda, hunt.cells, hunt.opened
    whole = journal.state[OVERFLOWN] == 0
    while agenda.size[0] > 0:
        agenda.size[0] -= 1
        need = agenda.stack[agenda.size[0]]
        agenda.queued[need] = 0
        if not whole or cells.hidden[cell_of(hunt.nets, hunt.wants, need)] == 0:
            continue
        if hunt.book.of_need[need] < 0 and not agenda.unmet[need]:
            met, room = satisfy(hunt, journal, need, FREE)
            agenda.unmet[need] = 0
            whole = met and room and journal.state[OVERFLOWN] == 0 and opened[0] < opened.size - 1
    added = 0.0
    if whole:
        _dearest_first(opened, cells.cost)
        for at in range(1, opened[0] + 1):
            if not give_back(hunt, journal, opened[at], CROWD):
                added += cells.cost[opened[at]]
                if added > limit:
                    break
    return added, whole and journal.state[OVERFLOWN] == 0


@compiled
def _dearest_first(opened: Ints, cost: Floats) -> None:
    for at in range(2, opened[0] + 1):
        cell, before = opened[at], at - 1
        while before >= 1 and cost[opened[before]] < cost[cell]:
            opened[before + 1] = opened[before]
            before -= 1
        opened[before + 1] = cell


@compiled
def _settle(hunt: Hunt, removed: Ints, taken: int, secondary: Ints, place: Ints, count: int) -> int:
    """Bring the list of secondary cells up to date; their number."""
    hidden = hunt.cells.hidden
    for at in range(taken):
        cell = removed[at]
        if not hidden[cell] and place[cell] >= 0:
            count -= 1
            secondary[place[cell]] = secondary[count]
            place[secondary[count]] = place[cell]
            place[cell] = -1
    for at in range(1, hunt.opened[0] + 1):
        cell = hunt.opened[at]
        if hidden[cell] and place[cell] < 0:
            secondary[count] = cell
            place[cell] = count
            count += 1
    return count


@compiled
def _restore(hunt: Hunt, journal: Journal, removed: Ints, taken: int, amounts: Floats) -> None:
    """Make the pattern what it was before the trial."""
    agenda = hunt.agenda
    while agenda.size[0] > 0:
        agenda.size[0] -= 1
        agenda.queued[agenda.stack[agenda.size[0]]] = 0
    for at in range(1, hunt.opened[0] + 1):
        hunt.cells.hidden[hunt.opened[at]] = 0
    for at in range(taken):
        hunt.cells.hidden[removed[at]] = 1
        for down in range(2):
            hunt.wants.amount[removed[at], down] = amounts[at, down]
    undo(journal, hunt.book)
