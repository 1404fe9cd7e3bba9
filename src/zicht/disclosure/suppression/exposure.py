"""Who could recompute a hidden cell from the one he knows: pairs of cells that nothing in a network tells apart.

Two hidden cells of one network always move together when both lie on the same minimal cut of two arcs. Give each
arc outside a spanning forest a random label, and each arc of the forest the exclusive or of the labels
of the cycles it is on: arcs with equal labels move together (Pritchard and Thurimella, ACM Trans.
Algorithms 7, 2011).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zicht.compiled import compiled, lend
from zicht.disclosure.model import Bools, Ints
from zicht.disclosure.suppression.flows import Bytes
from zicht.disclosure.suppression.networks import Networks

Labels = npt.NDArray[np.uint64]

_SEED = 20240601


def exposed_pairs(nets: Networks, hidden: Bytes, primary: Bools, single: Bools) -> Ints:
    """Pairs (q, s): primary cell q becomes known to the one contributor to hidden cell s. Shape (pairs, 2).

    Args:
        nets: the networks.
        hidden: which physical cells are hidden.
        primary: which of them a rule hides.
        single: which cells have one contributor, who knows them.
    """
    arcs = np.flatnonzero(hidden[nets.cell])
    random = np.random.default_rng(_SEED).integers(1, 2**63, size=arcs.size, dtype=np.uint64)
    label = _labels(lend(nets), hidden, arcs, random)
    on_cycle = label != 0
    arcs, label = arcs[on_cycle], label[on_cycle]
    order = np.argsort(label, kind="stable")
    cell = nets.cell[arcs[order]]
    new = np.concatenate([[True], label[order][1:] != label[order][:-1]])
    group = np.cumsum(new) - 1
    first = np.concatenate([np.flatnonzero(new), [cell.size]])
    knowing = np.flatnonzero(single[cell])
    sizes = np.diff(first)[group[knowing]]
    knower = np.repeat(knowing, sizes)
    other = first[group[knower]] + np.arange(knower.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    pairs = np.stack([cell[other], cell[knower]], axis=1)
    return np.unique(pairs[(pairs[:, 0] != pairs[:, 1]) & primary[pairs[:, 0]]], axis=0)


@compiled
def _labels(nets: Networks, hidden: Bytes, arcs: Ints, random: Labels) -> Labels:
    """For each of the hidden `arcs` the exclusive or of the random numbers of the cycles through it."""
    nodes = nets.start.size - 1
    above = np.full(nodes, -2)  # the way to each node in the forest; -1 for a root, -2 for a node not seen
    order = np.empty(nodes, dtype=np.int64)
    last = 0
    for arc in arcs:
        if above[nets.tail[arc]] != -2:
            continue
        above[nets.tail[arc]] = -1
        order[last] = nets.tail[arc]
        first = last
        last += 1
        while first < last:
            node = order[first]
            first += 1
            for at in range(nets.start[node], nets.start[node + 1]):
                end = nets.to[at]
                if above[end] == -2 and hidden[nets.cell[nets.out[at] >> 1]]:
                    above[end] = nets.out[at]
                    order[last] = end
                    last += 1
    label, gathered = np.zeros(nets.tail.size, dtype=np.uint64), np.zeros(nodes, dtype=np.uint64)
    for number in range(arcs.size):
        arc = arcs[number]
        if above[nets.head[arc]] >> 1 != arc and above[nets.tail[arc]] >> 1 != arc:
            label[arc] = random[number]
            gathered[nets.tail[arc]] ^= random[number]
            gathered[nets.head[arc]] ^= random[number]
    for at in range(last - 1, -1, -1):
        node = order[at]
        if above[node] >= 0:
            arc = above[node] >> 1
            label[arc] = gathered[node]
            gathered[nets.tail[arc] if nets.head[arc] == node else nets.head[arc]] ^= gathered[node]
    return label[arcs]
