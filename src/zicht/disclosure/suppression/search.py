"""Cover every need with hidden cells, then give back what turned out needless.

Each cell to protect needs a flow around it in every network it is in. Cells are opened where that is
cheapest, with hidden cells free of charge; opening a cell that stands in a second network raises a need
there. Then, heaviest first, every secondary cell is given back if the needs that use it can be met
without it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zicht.compiled import compiled
from zicht.disclosure.model import Bools, Floats, Ints
from zicht.disclosure.suppression.flows import HIDDEN_ONLY, Bytes, Cells, Desk, find_flow
from zicht.disclosure.suppression.networks import Networks
from zicht.disclosure.suppression.system import FREE
from zicht.disclosure.suppression.witnesses import Book, Journal, enter, remember, strike

DETOURS = 1 << 16  # cells that the new witnesses around one given-back cell may have in all
CROWD = 1 << 14  # needs that may use one cell, for it to be given back
EITHER, SAME, BOTH = 0, 1, 2  # which way a cell opened by another must be able to move in its other networks


class Wants(NamedTuple):
    """What is asked of cells. Need 2 × place is up (or either way), 2 × place + 1 down; extra needs follow.

    Attributes:
        amount: by how much each cell must be able to rise and to fall. Shape (cells, 2).
        either: 1 where one of both is enough, which then stands first.
        mirrored: 1 where the opposite movement must leave no cell below 0.
        level: the reluctance to begin with. Shape (cells, 2).
        place: of each extra need, the place.
        avoid: of each extra need, the cell that must stay still.
        least: of each extra need, the amount, either way.
        habit: EITHER, SAME or BOTH, for cells opened by others; and 1 where up and down are alike.
    """

    amount: Floats
    either: Bytes
    mirrored: Bytes
    level: Bytes
    place: Ints
    avoid: Ints
    least: Floats
    habit: Ints


class Agenda(NamedTuple):
    """Needs to be met: a stack, its size, and whether each need is on it; `unmet` marks those that could not be."""

    stack: Ints
    size: Ints
    queued: Bytes
    unmet: Bytes


class Detours(NamedTuple):
    """Working space for giving cells back: who is affected, and their new witnesses."""

    need: Ints
    end: Ints
    cell: Ints
    loose: Bytes
    seen: Ints
    tick: Ints


class Hunt(NamedTuple):
    """All that a search works with."""

    nets: Networks
    cells: Cells
    wants: Wants
    book: Book
    agenda: Agenda
    detours: Detours
    desk: Desk
    opened: Ints


def new_agenda(needs: int) -> Agenda:
    """An agenda with nothing on it."""
    return Agenda(
        np.empty(needs + 1, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
        np.zeros(needs, dtype=np.uint8),
        np.zeros(needs, dtype=np.uint8),
    )


def new_detours(needs: int) -> Detours:
    """Working space for giving cells back."""
    return Detours(
        np.empty(CROWD, dtype=np.int64),
        np.zeros(CROWD + 1, dtype=np.int64),
        np.empty(DETOURS, dtype=np.int64),
        np.empty(CROWD, dtype=np.uint8),
        np.zeros(needs, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
    )


@compiled
def cell_of(nets: Networks, wants: Wants, need: int) -> int:
    """The cell that a need is about."""
    base = 2 * nets.place_arc.size
    place = need >> 1 if need < base else wants.place[need - base]
    return int(nets.cell[nets.place_arc[place]])


@compiled
def queue(agenda: Agenda, need: int) -> None:
    """Put a need on the agenda, unless it is there."""
    if agenda.queued[need] == 0:
        agenda.queued[need] = 1
        agenda.stack[agenda.size[0]] = need
        agenda.size[0] += 1


@compiled
def meet(hunt: Hunt, need: int, most: int) -> tuple[int, int]:
    """The cheapest flow for a need, at the lowest reluctance up to `most` that allows one: arcs on the desk (-1: none), and whether it is loose."""
    nets, wants = hunt.nets, hunt.wants
    base = 2 * nets.place_arc.size
    if need >= base:
        arc = nets.place_arc[wants.place[need - base]]
        way, avoid, amount = 0, wants.avoid[need - base], wants.least[need - base]
        mirrored, level = False, FREE
    else:
        arc, down = nets.place_arc[need >> 1], need & 1
        cell = nets.cell[arc]
        way, avoid, amount = 1 - 2 * down, -1, wants.amount[cell, down]
        mirrored, level = wants.mirrored[cell] == 1, int(wants.level[cell, down])
        if wants.either[cell]:
            way = wants.habit[1]
    for reluctance in range(min(level, most), most + 1):
        # A flow whose mirror is possible too spans twice its amount; beside empty cells there is no mirror.
        doubled = mirrored and (reluctance > FREE or (reluctance < FREE and hunt.book.loose[need] == 1))
        for loose in range(2):
            if (loose == 0 and mirrored and reluctance > FREE) or (loose == 1 and not doubled):
                continue
            count = find_flow(
                nets,
                hunt.cells,
                hunt.desk,
                arc,
                0 if loose else way,
                avoid,
                amount * (1 + loose),
                mirrored and loose == 0,
                reluctance,
            )
            if count > 0:
                return count, loose
    return -1, 0


@compiled
def _raise(hunt: Hunt, cell: int, moved: float, amount: float) -> None:
    """Ask that a cell just opened, which must move by `moved`, can do so in every network it is in."""
    nets, wants = hunt.nets, hunt.wants
    first, last = nets.place_start[cell], nets.place_start[cell + 1]
    if last - first < 2:
        return
    habit = wants.habit[0]
    wants.either[cell] = 1 if habit == EITHER else 0
    wants.mirrored[cell] = 1 if habit == EITHER else 0
    wants.amount[cell, 0] = 0.0
    wants.amount[cell, 1] = 0.0
    if habit == EITHER:
        wants.amount[cell, 0] = amount
    else:
        if moved > 0 or habit == BOTH:
            wants.amount[cell, 0] = abs(moved)
        if moved < 0 or habit == BOTH:
            wants.amount[cell, 1] = min(abs(moved), hunt.cells.fall[cell])
    for place in range(first, last):
        for down in range(2):
            if wants.amount[cell, down] > 0:
                queue(hunt.agenda, 2 * place + down)


@compiled
def satisfy(hunt: Hunt, journal: Journal, need: int, most: int) -> tuple[bool, bool]:
    """Hide the cheapest flow for a need, which may raise others: whether there was one, and whether the books had room for it."""
    if not remember(journal, hunt.book, need):
        return True, False
    count, loose = meet(hunt, need, most)
    strike(hunt.book, need)
    hunt.agenda.unmet[need] = 1 if count < 0 else 0
    if count < 0:
        return False, True
    desk, nets = hunt.desk, hunt.nets
    amount = abs(desk.amounts[0])
    for at in range(count):
        cell = nets.cell[desk.arcs[at]]
        desk.trial[at] = cell
        if hunt.cells.hidden[cell] == 0:
            hunt.cells.hidden[cell] = 1
            if hunt.opened[0] < hunt.opened.size - 1:
                hunt.opened[0] += 1
                hunt.opened[hunt.opened[0]] = cell
            _raise(hunt, cell, desk.amounts[at], amount)
    hunt.book.loose[need] = loose
    return True, enter(hunt.book, need, desk.trial, 0, count)


@compiled
def satisfy_all(hunt: Hunt, journal: Journal, most: int) -> bool:
    """Meet all that is on the agenda, and what that raises; False if the book is too small to go on."""
    agenda = hunt.agenda
    while agenda.size[0] > 0:
        agenda.size[0] -= 1
        need = agenda.stack[agenda.size[0]]
        agenda.queued[need] = 0
        if hunt.cells.hidden[cell_of(hunt.nets, hunt.wants, need)] == 0 or hunt.book.of_need[need] >= 0:
            continue
        _, room = satisfy(hunt, journal, need, most)
        if not room:
            queue(agenda, need)
            return False
    return True


@compiled
def give_back(hunt: Hunt, journal: Journal, cell: int, crowd: int) -> bool:
    """Show a cell again if at most `crowd` needs use it and all can be met over the other hidden cells; whether it was."""
    count = _affected(hunt, cell, crowd)
    if count < 0:
        return False
    hunt.cells.hidden[cell] = 0
    if not _reroute(hunt, count) or not _note(hunt, journal, cell, count):
        hunt.cells.hidden[cell] = 1
        return False
    detours, book = hunt.detours, hunt.book
    for at in range(count):
        need = detours.need[at]
        strike(book, need)
        book.loose[need] = detours.loose[at]
        enter(book, need, detours.cell, detours.end[at], detours.end[at + 1])
    while book.of_cell[cell] >= 0:  # what is left are the needs of the cell itself
        strike(book, book.need[book.of_cell[cell]])
    return True


@compiled
def _note(hunt: Hunt, journal: Journal, cell: int, count: int) -> bool:
    """Note in the journal all that giving `cell` back will change; False if the books have no room for it."""
    room = bool(hunt.detours.end[count] <= hunt.book.free[1])
    for at in range(count):
        room = room and remember(journal, hunt.book, hunt.detours.need[at])
    slot = hunt.book.of_cell[cell]
    while slot >= 0 and room:
        room = remember(journal, hunt.book, hunt.book.need[slot])
        slot = hunt.book.next_in_cell[slot]
    return room


@compiled
def _affected(hunt: Hunt, cell: int, crowd: int) -> int:
    """Write the needs of other cells that use `cell` to the detours: their number, -1 if there are more than `crowd`."""
    detours, book = hunt.detours, hunt.book
    detours.tick[0] += 1
    count = 0
    slot = book.of_cell[cell]
    while slot >= 0:
        need = book.need[slot]
        if detours.seen[need] != detours.tick[0]:
            detours.seen[need] = detours.tick[0]
            if cell_of(hunt.nets, hunt.wants, need) != cell:
                if count == min(crowd, CROWD):
                    return -1
                detours.need[count] = need
                count += 1
        slot = book.next_in_cell[slot]
    return count


@compiled
def _reroute(hunt: Hunt, count: int) -> bool:
    """Find flows over hidden cells alone for the affected needs."""
    detours = hunt.detours
    for at in range(count):
        length, loose = meet(hunt, detours.need[at], HIDDEN_ONLY)
        end = detours.end[at]
        if length < 0 or end + length > detours.cell.size:
            return False
        for place in range(length):
            detours.cell[end + place] = hunt.nets.cell[hunt.desk.arcs[place]]
        detours.end[at + 1] = end + length
        detours.loose[at] = loose
    return True


@compiled
def give_all_back(hunt: Hunt, journal: Journal, order: Ints) -> int:
    """Show again, in `order`, every secondary cell that can be missed; how many there were."""
    count = 0
    for cell in order:
        if hunt.cells.hidden[cell] and not hunt.cells.primary[cell] and give_back(hunt, journal, cell, CROWD):
            count += 1
    return count


def secondary(cells: Cells) -> Bools:
    """Which cells are hidden though no rule asks for it."""
    return np.asarray((cells.hidden == 1) & (cells.primary == 0), dtype=np.bool_)
