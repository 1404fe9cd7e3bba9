"""Who relies on whom: for each need the cells that meet it, and for each cell the needs that use it.

Two interwoven lists over one pool of slots, so that taking one cell back touches only the needs that use it.
A journal notes what a trial changes, so that it can be undone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from zicht.compiled import compiled
from zicht.disclosure.model import Ints

Slots = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

PER_NEED = 24  # slots for each need to begin with
NOTES = 1 << 14  # witnesses that a trial may change
NOTED = 1 << 18  # cells they may have in all


class Book(NamedTuple):
    """The witness of each need: the cells that let its own cell move.

    Attributes:
        of_need, next_in_need: slots of each need, -1 at the end.
        of_cell, next_in_cell, previous_in_cell: slots of each cell.
        cell, need: what a slot says.
        free: the first free slot, and how many there are.
        loose: whether the witness moves its cell one way only, by twice the amount.
    """

    of_need: Slots
    next_in_need: Slots
    of_cell: Slots
    next_in_cell: Slots
    previous_in_cell: Slots
    cell: Slots
    need: Slots
    free: Slots
    loose: Bytes


class Journal(NamedTuple):
    """What a trial changed. `state` holds its number (0: nothing is noted), the notes made, and whether they overflowed."""

    seen: Ints
    need: Ints
    end: Ints
    cell: Ints
    loose: Bytes
    state: Ints


TRIAL, NOTES_MADE, OVERFLOWN = 0, 1, 2


def new_book(needs: int, cells: int, slots: int) -> Book:
    """A book without witnesses, with room for `slots` entries."""

    def blank(size: int) -> Slots:
        return np.full(size, -1, dtype=np.int32)

    chain = np.arange(1, slots + 1, dtype=np.int32)
    chain[-1] = -1
    return Book(
        blank(needs),
        chain,
        blank(cells),
        blank(slots),
        blank(slots),
        blank(slots),
        blank(slots),
        np.array([0, slots], dtype=np.int32),
        np.zeros(needs, dtype=np.uint8),
    )


def grown(book: Book, needs: int, slots: int) -> Book:
    """The same book with room for more needs and for `slots` entries more."""
    old = book.cell.size

    def longer(column: Slots, size: int) -> Slots:
        return np.concatenate([column, np.full(size - column.size, -1, dtype=column.dtype)])

    chain = longer(book.next_in_need, old + slots)
    chain[old:-1] = np.arange(old + 1, old + slots)
    chain[-1] = book.free[0]
    return book._replace(
        of_need=longer(book.of_need, needs),
        next_in_need=chain,
        next_in_cell=longer(book.next_in_cell, old + slots),
        previous_in_cell=longer(book.previous_in_cell, old + slots),
        cell=longer(book.cell, old + slots),
        need=longer(book.need, old + slots),
        free=np.array([old, book.free[1] + slots], dtype=np.int32),
        loose=np.concatenate([book.loose, np.zeros(needs - book.loose.size, dtype=np.uint8)]),
    )


def new_journal(needs: int) -> Journal:
    """An empty journal, which notes nothing until a trial begins."""
    return Journal(
        np.zeros(needs, dtype=np.int64),
        np.empty(NOTES, dtype=np.int64),
        np.zeros(NOTES + 1, dtype=np.int64),
        np.empty(NOTED, dtype=np.int64),
        np.empty(NOTES, dtype=np.uint8),
        np.zeros(3, dtype=np.int64),
    )


@compiled
def enter(book: Book, need: int, found: Ints, first: int, last: int) -> bool:
    """Note that `need` is met by the cells found[first:last]; False if the book is full."""
    if last - first > book.free[1]:
        return False
    book.free[1] -= last - first
    for at in range(first, last):
        slot = book.free[0]
        book.free[0] = book.next_in_need[slot]
        cell = found[at]
        book.cell[slot] = cell
        book.need[slot] = need
        book.next_in_need[slot] = book.of_need[need]
        book.of_need[need] = slot
        after = book.of_cell[cell]
        book.next_in_cell[slot] = after
        book.previous_in_cell[slot] = -1
        if after >= 0:
            book.previous_in_cell[after] = slot
        book.of_cell[cell] = slot
    return True


@compiled
def strike(book: Book, need: int) -> None:
    """Forget what met `need`."""
    slot = book.of_need[need]
    while slot >= 0:
        before, after = book.previous_in_cell[slot], book.next_in_cell[slot]
        if before >= 0:
            book.next_in_cell[before] = after
        else:
            book.of_cell[book.cell[slot]] = after
        if after >= 0:
            book.previous_in_cell[after] = before
        following = book.next_in_need[slot]
        book.next_in_need[slot] = book.free[0]
        book.free[0] = slot
        book.free[1] += 1
        slot = following
    book.of_need[need] = -1


@compiled
def remember(journal: Journal, book: Book, need: int) -> bool:
    """Note what meets `need` now, unless this trial has noted it before; False if there is no room to."""
    trial, made = journal.state[TRIAL], journal.state[NOTES_MADE]
    if trial == 0 or journal.seen[need] == trial:
        return True
    if made == journal.need.size:
        journal.state[OVERFLOWN] = 1
        return False
    at = journal.end[made]
    slot = book.of_need[need]
    while slot >= 0:
        if at == journal.cell.size:
            journal.state[OVERFLOWN] = 1
            return False
        journal.cell[at] = book.cell[slot]
        at += 1
        slot = book.next_in_need[slot]
    journal.seen[need] = trial
    journal.need[made] = need
    journal.loose[made] = book.loose[need]
    journal.end[made + 1] = at
    journal.state[NOTES_MADE] = made + 1
    return True


@compiled
def undo(journal: Journal, book: Book) -> None:
    """Let every need be met as before the trial."""
    made = journal.state[NOTES_MADE]
    for note in range(made):
        strike(book, journal.need[note])
    for note in range(made):
        need = journal.need[note]
        enter(book, need, journal.cell, journal.end[note], journal.end[note + 1])
        book.loose[need] = journal.loose[note]
