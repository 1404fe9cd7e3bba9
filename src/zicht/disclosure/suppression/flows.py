"""Flows through hidden cells: the cheapest way to let one cell move while every sum of its network stays true.

A cell that must be able to move by an amount needs that much flow around it: one cycle, or several where
cells on the way have too little room to fall. Cheapest paths are found one after the other with what
opening a cell costs as a fixed charge (Castro, INFORMS J. Comput. 19, 2007); where no cell may be opened,
any path will do, and widest ones are tried first.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from zicht.compiled import compiled
from zicht.disclosure.model import Floats, Ints
from zicht.disclosure.suppression.heap import pop, push
from zicht.disclosure.suppression.networks import Networks

Bytes = npt.NDArray[np.uint8]

HIDDEN_ONLY = -1  # a reluctance below FREE: open nothing new
FAR = 1e300
STEP = 1e-3  # toll of a hidden cell, so that the shorter of two free cycles wins
LONGEST = 4096  # arcs that the flow around one cell may use
PATHS = 60  # paths that it may have
NOISE = 0.8  # how much dearer, at most and by chance, a cell seems while there is a whim
NARROW = 50.0  # how many times dearer a cell is at most that lets only part of a flow through
FINEST = 1e-4  # share of an amount below which paths are not worth looking for
SLACK = 1e-9  # share of an amount that may be missing


class Cells(NamedTuple):
    """What the search knows of physical cells; `hidden` and `price` change as it goes.

    Attributes:
        hidden: 1 where the cell is hidden now.
        primary: 1 where it stays so.
        reluctance: see `System`.
        cost: what hiding it loses.
        price: that, as the search weighs it.
        fall: how far it can fall in the eyes of an attacker.
        rise: how far it can rise.
        back: how far it can rise so that it can fall as far in the mirror of the movement.
    """

    hidden: Bytes
    primary: Bytes
    reluctance: Ints
    cost: Floats
    price: Floats
    fall: Floats
    rise: Floats
    back: Floats


class Desk(NamedTuple):
    """Working space of the search for one flow.

    Attributes:
        distance, stamp, via, keys, nodes: of the search for one path; via is a way out as in `Networks.out`.
        flow: on each arc, of the paths so far; all 0 between searches.
        arcs, amounts: the flow found.
        trial, sizes: the one being tried.
        counters: the stamp now; the ways looked at so far, which is how much work was done; and the whim that makes
            some cells seem dearer than they are, 0 for none.
    """

    distance: Floats
    stamp: Ints
    via: Ints
    keys: Floats
    nodes: Ints
    flow: Floats
    arcs: Ints
    amounts: Floats
    trial: Ints
    counters: Ints


STAMP, WORK, WHIM = 0, 1, 2
NONE, NARROWER, FOUND = 0, 1, 2


def desk_for(nets: Networks) -> Desk:
    """Working space for searches in `nets`."""
    nodes = nets.start.size - 1
    heap = nets.out.size + 64
    return Desk(
        distance=np.empty(nodes),
        stamp=np.zeros(nodes, dtype=np.int64),
        via=np.empty(nodes, dtype=np.int64),
        keys=np.empty(heap),
        nodes=np.empty(heap, dtype=np.int64),
        flow=np.zeros(nets.tail.size),
        arcs=np.empty(LONGEST, dtype=np.int64),
        amounts=np.empty(LONGEST),
        trial=np.empty(LONGEST, dtype=np.int64),
        counters=np.zeros(3, dtype=np.int64),
    )


@compiled
def _chance(cell: int, whim: int) -> float:
    """A number in [0, 1) that looks random, and depends on both alone."""
    mixed = (cell * 0x9E3779B1 + whim * 0x85EBCA77) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 0x2C1B3C6D) & 0xFFFFFFFF
    return float((mixed ^ (mixed >> 16)) & 0xFFFFFFFF) / 4294967296.0


@compiled
def _cheapest_path(
    nets: Networks,
    cells: Cells,
    desk: Desk,
    source: int,
    target: int,
    own: int,
    avoid: int,
    amount: float,
    mirrored: bool,
    reluctance: int,
    bound: float,
) -> float:
    """Cost of the cheapest path that still lets something through, dearer where that is less than `amount` (Dijkstra)."""
    start, out, to, arc_cell, share = nets.start, nets.out, nets.to, nets.cell, nets.share
    hidden, price, fall, rise, reluctant = (
        cells.hidden,
        cells.price,
        cells.fall,
        cells.back if mirrored else cells.rise,
        cells.reluctance,
    )
    distance, stamp, via, keys, nodes, flow = (
        desk.distance,
        desk.stamp,
        desk.via,
        desk.keys,
        desk.nodes,
        desk.flow,
    )
    desk.counters[STAMP] += 1
    tick = desk.counters[STAMP]
    distance[source] = 0.0
    stamp[source] = tick
    size = push(keys, nodes, 0, 0.0, source)
    least = SLACK * amount
    whim = desk.counters[WHIM]
    noise = NOISE if whim else 0.0
    while size > 0:
        reached: float = keys[0]
        node = nodes[0]
        size = pop(keys, nodes, size)
        if reached > distance[node]:
            continue
        if node == target:
            return reached
        desk.counters[WORK] += start[node + 1] - start[node]
        for at in range(start[node], start[node + 1]):
            end = to[at]
            if stamp[end] == tick and distance[end] <= reached + STEP:
                continue
            arc = out[at] >> 1
            cell = arc_cell[arc]
            if arc == own or cell == avoid:
                continue
            toll = STEP
            if hidden[cell] == 0 and flow[arc] == 0.0:
                if reluctant[cell] > reluctance:
                    continue
                toll += price[cell] * share[arc] * (1.0 + noise * _chance(cell, whim))
            room = fall[cell] + flow[arc]
            if out[at] & 1:
                room = rise[cell] - flow[arc]
            if room < amount:
                if room <= least:
                    continue
                toll *= min(NARROW, amount / room)
            there = reached + toll
            if there < bound and (stamp[end] != tick or there < distance[end]):
                stamp[end] = tick
                distance[end] = there
                via[end] = out[at]
                if size < keys.size - 1:
                    size = push(keys, nodes, size, there, end)
    return FAR


@compiled
def _open_path(
    nets: Networks,
    cells: Cells,
    desk: Desk,
    source: int,
    target: int,
    own: int,
    avoid: int,
    least: float,
    mirrored: bool,
) -> int:
    """Whether a path over hidden cells alone lets `least` through (breadth first): FOUND, NONE, or NARROWER if less may pass."""
    start, out, to, arc_cell = nets.start, nets.out, nets.to, nets.cell
    hidden, fall, rise = cells.hidden, cells.fall, cells.back if mirrored else cells.rise
    stamp, via, nodes, flow = desk.stamp, desk.via, desk.nodes, desk.flow
    desk.counters[STAMP] += 1
    tick = desk.counters[STAMP]
    stamp[source] = tick
    nodes[0] = source
    first, last, answer = 0, 1, NONE
    while first < last:
        node = nodes[first]
        first += 1
        desk.counters[WORK] += start[node + 1] - start[node]
        for at in range(start[node], start[node + 1]):
            end = to[at]
            if stamp[end] == tick:
                continue
            arc = out[at] >> 1
            cell = arc_cell[arc]
            if hidden[cell] == 0 or arc == own or cell == avoid:
                continue
            room = fall[cell] + flow[arc]
            if out[at] & 1:
                room = rise[cell] - flow[arc]
            if room < least:
                if room > 0.0:
                    answer = NARROWER
                continue
            stamp[end] = tick
            via[end] = out[at]
            if end == target:
                return FOUND
            nodes[last] = end
            last += 1
    return answer


@compiled
def _send(
    nets: Networks,
    cells: Cells,
    desk: Desk,
    source: int,
    target: int,
    most: float,
    mirrored: bool,
    count: int,
) -> tuple[float, int]:
    """Send what fits, up to `most`, along the path just found: how much, and the arcs used so far (-1: too many)."""
    sent = most
    rise = cells.back if mirrored else cells.rise
    node = target
    while node != source:
        way = desk.via[node]
        arc = way >> 1
        cell = nets.cell[arc]
        if way & 1:
            sent = min(sent, rise[cell] - desk.flow[arc])
            node = nets.tail[arc]
        else:
            sent = min(sent, cells.fall[cell] + desk.flow[arc])
            node = nets.head[arc]
    node = target
    while node != source:
        way = desk.via[node]
        arc = way >> 1
        if desk.flow[arc] == 0.0:
            if count >= LONGEST:
                return 0.0, _clear(desk, count, -1)
            desk.trial[count] = arc
            count += 1
        desk.flow[arc] += sent if way & 1 else -sent
        node = nets.tail[arc] if way & 1 else nets.head[arc]
    return sent, count


@compiled
def _flow_around(
    nets: Networks,
    cells: Cells,
    desk: Desk,
    own: int,
    way: int,
    avoid: int,
    amount: float,
    mirrored: bool,
    reluctance: int,
    bound: float,
) -> tuple[float, int]:
    """The flow that lets the cell of arc `own` go `way` by `amount`: its cost, and its arcs on the desk (-1: there is none)."""
    source, target = nets.tail[own], nets.head[own]
    if way > 0:
        source, target = target, source
    desk.trial[0] = own
    desk.flow[own] = way * amount
    count, cost, left, width = 1, 0.0, amount, amount
    paths = 0
    while left > SLACK * amount and count > 0:
        paths += 1
        if reluctance == HIDDEN_ONLY:
            width = _widest(nets, cells, desk, source, target, own, avoid, min(width, left), mirrored)
            found = width >= FINEST * amount
        else:
            path = _cheapest_path(
                nets, cells, desk, source, target, own, avoid, left, mirrored, reluctance, bound - cost
            )
            found = path < FAR and paths <= PATHS
        if not found:
            return FAR, _clear(desk, count, -1)
        before = count
        sent, count = _send(nets, cells, desk, source, target, left, mirrored, count)
        left -= sent
        for at in range(before, count):
            cell = nets.cell[desk.trial[at]]
            if cells.hidden[cell] == 0:
                cost += cells.price[cell] * nets.share[desk.trial[at]]
            cost += STEP
    if cost >= bound:
        count = _clear(desk, count, -1)
    return cost, count


@compiled
def _widest(
    nets: Networks,
    cells: Cells,
    desk: Desk,
    source: int,
    target: int,
    own: int,
    avoid: int,
    width: float,
    mirrored: bool,
) -> float:
    """A path over hidden cells that lets as much of `width` through as can be, to a factor 4: how much, 0 for nothing."""
    while width > 0.0:
        answer = _open_path(nets, cells, desk, source, target, own, avoid, width * (1 - SLACK), mirrored)
        if answer == FOUND:
            return width
        width = width * 0.25 if answer == NARROWER and width > 1e-12 else 0.0
    return 0.0


@compiled
def _clear(desk: Desk, count: int, answer: int) -> int:
    for at in range(count):
        desk.flow[desk.trial[at]] = 0.0
    return answer


@compiled
def find_flow(
    nets: Networks,
    cells: Cells,
    desk: Desk,
    own: int,
    way: int,
    avoid: int,
    amount: float,
    mirrored: bool,
    reluctance: int,
) -> int:
    """The cheapest flow that lets the cell of arc `own` move by `amount`, on the desk: its number of arcs, -1 for none.

    Args:
        nets: the networks.
        cells: what is hidden now, and may be.
        desk: working space, which holds the arcs and amounts afterwards, `own` first.
        own: an arc of the cell.
        way: 1 up, -1 down, 0 either.
        avoid: a physical cell that must stay still, or -1.
        amount: by how much, in the unit of the value.
        mirrored: whether the opposite movement must leave no cell below 0 either.
        reluctance: how reluctantly hidden a cell may be opened for it.
    """
    best, answer = FAR, -1
    cell = nets.cell[own]
    for turn in (1, -1):
        if way == -turn:
            continue
        if turn > 0:
            if (cells.back if mirrored else cells.rise)[cell] < amount * (1 - SLACK):
                continue
        elif cells.fall[cell] < amount * (1 - SLACK):
            continue
        cost, count = _flow_around(nets, cells, desk, own, turn, avoid, amount, mirrored, reluctance, best)
        if count > 0:
            best, answer = cost, 0
            for at in range(count):  # paths may have cancelled each other on an arc
                arc = desk.trial[at]
                if abs(desk.flow[arc]) > SLACK * amount:
                    desk.arcs[answer] = arc
                    desk.amounts[answer] = desk.flow[arc]
                    answer += 1
                desk.flow[arc] = 0.0
        if answer > 0 and (reluctance == HIDDEN_ONLY or best < STEP * LONGEST):
            break
    return answer
