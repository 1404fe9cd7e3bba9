"""Movements of hidden cells that leave all an outsider knows true, found by elimination (part of the audit).

Solve the equations for some hidden cells; set one of the others to 1 and the rest of them to 0, and what follows for
the first is an elementary movement: a circuit of the equations. Along it every cell it moves is seen to be uncertain,
as far as no cell falls below what is known to be the least it can be, or rises above the most. Cells with little room
are rather left free, since then most of what a movement moves can give way. A few rounds of this clear nearly all
hidden cells of a safe pattern at the price of a few eliminations, without one linear program.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from zicht.compiled import compiled
from zicht.disclosure.attack.elimination import PRIME, eliminate
from zicht.disclosure.model import Bools, Floats, Ints

LARGEST = 1000  # coefficients of movements that are followed; what is more has mostly no small fraction as its true value
WORK = 40_000_000  # steps of one round of movements, after which no more are followed


@dataclass(frozen=True)
class Room:
    """How far hidden cells may move.

    Attributes:
        fall: how far down. Shape (cells,).
        rise: how far up; may be infinite. Shape (cells,).
        enough: how far is as far as anybody asks. Shape (cells,).
    """

    fall: Floats
    rise: Floats
    enough: Floats


def elementary(
    equations: sp.csr_matrix, liking: Ints, concerned: Bools, rooms: tuple[Room, ...]
) -> list[tuple[Floats, Floats]]:
    """Follow every elementary movement for one choice of free unknowns.

    Args:
        equations: coefficients are small integers, one column per hidden cell.
        liking: which cells are rather solved for than left free.
        concerned: free cells whose movements are followed.
        rooms: how far cells may move, in the eyes of each attacker.

    Returns:
        For each room, how far each cell was seen to fall (at most 0) and to rise (at least 0).
    """
    found = eliminate(equations, liking)
    rows = np.repeat(np.arange(found.pivots.size), np.diff(found.start))
    order = np.argsort(found.others, kind="stable")
    start = np.searchsorted(found.others[order], np.arange(found.unknowns + 1))
    reach = np.zeros((len(rooms), 2, found.unknowns))
    _follow(
        np.flatnonzero(found.free & concerned), found.pivots, start, rows[order], found.entries[order],
        np.stack([room.fall for room in rooms]), np.stack([room.rise for room in rooms]),
        np.stack([room.enough for room in rooms]), reach,
    )  # fmt: skip
    return [(down, up) for down, up in reach]


@compiled
def _follow(free, pivots, start, rows, entries, fall, rise, enough, reach):  # type: ignore[no-untyped-def]
    gathered = np.zeros(pivots.size, dtype=np.int64)
    waiting = np.zeros(pivots.size, dtype=np.bool_)
    moved, amount = np.empty(fall.shape[1], dtype=np.int64), np.empty(fall.shape[1], dtype=np.int64)
    work = 0
    for unknown in free:
        if work > WORK:
            return
        moved[0], amount[0] = unknown, 1
        size, at, small = 1, 0, True
        queue = [0]
        queue.pop()
        while True:
            for link in range(start[moved[at]], start[moved[at] + 1]):
                row = rows[link]
                gathered[row] = (gathered[row] + entries[link] * (amount[at] % PRIME)) % PRIME
                work += 1
                if not waiting[row]:
                    waiting[row] = True
                    heapq.heappush(queue, -row)
            at += 1
            # A pivot is settled when nothing after its row waits any more.
            while at == size and queue:
                row = -heapq.heappop(queue)
                waiting[row] = False
                value = (PRIME - gathered[row]) % PRIME
                gathered[row] = 0
                if value == 0:
                    continue
                if value > PRIME // 2:
                    value -= PRIME
                small = small and -LARGEST <= value <= LARGEST
                moved[size], amount[size] = pivots[row], value
                size += 1
            if at == size:
                break
        if small:
            for eye in range(fall.shape[0]):
                _push(moved[:size], amount[:size], fall[eye], rise[eye], enough[eye], reach[eye])


@compiled
def _push(moved, amount, fall, rise, enough, reach):  # type: ignore[no-untyped-def]
    """Push cells along a movement and against it, as far as they have room and anybody asks."""
    asked, along, against = 0.0, np.inf, np.inf
    for at in range(moved.size):
        cell, by = moved[at], amount[at]
        size = abs(by)
        asked = max(asked, enough[cell] / size)
        along = min(along, (rise[cell] if by > 0 else fall[cell]) / size)
        against = min(against, (fall[cell] if by > 0 else rise[cell]) / size)
    along, against = min(along, asked), min(against, asked)
    for at in range(moved.size):
        cell, by = moved[at], amount[at]
        up, down = (by * along, by * against) if by > 0 else (-by * against, -by * along)
        reach[0, cell] = min(reach[0, cell], -down)
        reach[1, cell] = max(reach[1, cell], up)
