"""Tables of three dimensions and more as networks whose cycles are carried out in several layers at once.

The two largest dimensions make the networks of `networks`. Further dimensions are *lifted*: a cycle is carried
out in several layers, with the signs of a movement that leaves the sums of those dimensions intact, such as
one up for men and one down for women.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from zicht.disclosure.model import Dimension, Floats, Ints
from zicht.disclosure.suppression.networks import lattice, starts
from zicht.disclosure.suppression.system import System

MOVES_PER_NODE = 16  # lifted movements tried per layer and dimension, the smallest first
MOVES_PER_LAYER = 64

Move = tuple[tuple[int, int], ...]  # (node, sign) pairs


class Web(NamedTuple):
    """All networks of all tables; arcs run from `tail` to `head` when their cell grows.

    Attributes:
        tail, head: node of each arc.
        base: for each arc, the place in `physical` of its cell in layer 0.
        start, arcs: the arcs at node u are arcs[start[u] : start[u + 1]].
        physical: the physical cell at each place, -1 where there is none.
        moves: the movements of layer l are those numbered moves[l] up to moves[l + 1].
        entries: movement m has the entries numbered entries[m] up to entries[m + 1]; the first is the layer itself.
        shift, sign: layer of each entry, and whether it grows (1) or shrinks (-1) with the first.
    """

    tail: Ints
    head: Ints
    base: Ints
    start: Ints
    arcs: Ints
    physical: Ints
    moves: Ints
    entries: Ints
    shift: Ints
    sign: Ints


class Places(NamedTuple):
    """Where physical cells occur: cell c has the occurrences start[c] up to start[c + 1], one per network it is in.

    Attributes:
        start: see above. Shape (cells + 1,).
        arc: the arc of each occurrence.
        layer: the layer of each occurrence, numbered over all tables.
    """

    start: Ints
    arc: Ints
    layer: Ints


@dataclass
class _Parts:
    """What tables contribute to the web, gathered piece by piece."""

    tail: list[Ints]
    head: list[Ints]
    base: list[Ints]
    network: list[Ints]
    layers: list[Ints]
    first_layer: list[Ints]
    physical: list[Ints]
    moves: list[Move]
    move_counts: list[int]
    nodes: int = 0
    networks: int = 0
    places: int = 0


def weave(system: System) -> tuple[Web, Places]:
    """The networks of all tables of `system`, and where each physical cell occurs in them."""
    parts = _Parts([], [], [], [], [], [], [], [], [])
    for index in range(len(system.tables)):
        _add_table(parts, system, index)
    tail, head = np.concatenate(parts.tail), np.concatenate(parts.head)
    ends = np.concatenate([tail, head])
    order = np.argsort(ends, kind="stable")
    web = Web(
        tail=tail,
        head=head,
        base=np.concatenate(parts.base),
        start=starts(np.bincount(ends, minlength=parts.nodes)),
        arcs=(order % max(tail.size, 1)).astype(np.int64),
        physical=np.concatenate(parts.physical),
        moves=starts(np.array(parts.move_counts, dtype=np.int64)),
        entries=starts(np.array([len(move) for move in parts.moves], dtype=np.int64)),
        shift=np.array([node for move in parts.moves for node, _ in move], dtype=np.int64),
        sign=np.array([sign for move in parts.moves for _, sign in move], dtype=np.int64),
    )
    return web, _occurrences(web, parts, system.value.size)


def _add_table(parts: _Parts, system: System, index: int) -> None:
    """Add the networks of one table: its largest dimension × the next, lifted over the others."""
    dimensions = system.tables[index].dimensions
    order = sorted(range(len(dimensions)), key=lambda axis: (-len(dimensions[axis].codes), axis))
    ordered = [dimensions[axis] for axis in order]
    cells = np.transpose(system.dense(index), order)
    rows, columns = ordered[0], ordered[1] if len(ordered) > 1 else Dimension.flat("", ())
    rest = ordered[2:]
    layers = int(np.prod([len(dimension.codes) for dimension in rest]))
    first_layer = len(parts.move_counts)
    for moves in _layer_moves(rest):
        parts.moves.extend(moves)
        parts.move_counts.append(len(moves))
    groups = [np.concatenate([[node], columns.children[node]]) for node in columns.internal]
    for group in groups or [np.array([0], dtype=np.int64)]:
        tail, head, nodes = lattice(rows, group.size)
        code = np.repeat(np.arange(len(rows.codes)), group.size) * len(columns.codes) + np.tile(
            group, len(rows.codes)
        )
        parts.tail.append(parts.nodes + tail)
        parts.head.append(parts.nodes + head)
        parts.base.append(parts.places + code * layers)
        parts.network.append(np.full(code.size, parts.networks))
        parts.layers.append(np.full(code.size, layers))
        parts.first_layer.append(np.full(code.size, first_layer))
        parts.nodes += nodes
        parts.networks += 1
    parts.physical.append(cells.reshape(-1))
    parts.places += cells.size


def _layer_moves(rest: list[Dimension]) -> list[list[Move]]:
    """For each layer (a code of every dimension of `rest`, row-major) the movements that keep the sums of `rest`."""
    shape = tuple(len(dimension.codes) for dimension in rest)
    singles = [_node_moves(dimension) for dimension in rest]
    found = []
    for layer in np.ndindex(*shape):
        choices = itertools.product(*(moves[node] for moves, node in zip(singles, layer, strict=True)))
        moves = [_product(choice, shape) for choice in itertools.islice(choices, MOVES_PER_LAYER)]
        found.append(sorted(moves, key=len))
    return found


def _product(choice: tuple[Move, ...], shape: tuple[int, ...]) -> Move:
    entries = []
    for combination in itertools.product(*choice):
        place = int(np.ravel_multi_index(tuple(node for node, _ in combination), shape)) if shape else 0
        entries.append((place, int(np.prod([sign for _, sign in combination]))))
    return tuple(entries)


def _node_moves(dimension: Dimension) -> list[list[Move]]:
    """For each code, small movements of the codes of one dimension that contain it and keep every sum of the tree."""
    found = []
    for node in range(len(dimension.codes)):
        moves: list[Move] = []
        for own in _descents(dimension, node):
            rising = [node, *own]
            at = node
            while dimension.parent_index[at] >= 0:
                parent = int(dimension.parent_index[at])
                for other in dimension.children[parent]:
                    if other != at:
                        falls = ([int(other), *path] for path in _descents(dimension, int(other)))
                        moves.extend(
                            tuple((u, 1) for u in rising) + tuple((u, -1) for u in fall) for fall in falls
                        )
                rising.append(parent)
                at = parent
            moves.append(tuple((u, 1) for u in rising))
        found.append(sorted(moves, key=len)[:MOVES_PER_NODE])
    return found


def _descents(dimension: Dimension, node: int) -> list[list[int]]:
    """The paths from below `node` down to each leaf under it; one empty path for a leaf."""
    parts = dimension.children[node]
    if not parts.size:
        return [[]]
    return [[int(part), *path] for part in parts for path in _descents(dimension, int(part))]


def _occurrences(web: Web, parts: _Parts, cells: int) -> Places:
    layers = np.concatenate(parts.layers)
    arc = np.repeat(np.arange(layers.size), layers)
    layer = np.arange(arc.size) - np.repeat(np.cumsum(layers) - layers, layers)
    cell = web.physical[web.base[arc] + layer]
    network = np.concatenate(parts.network)[arc]
    numbered = np.concatenate(parts.first_layer)[arc] + layer
    given = np.flatnonzero(cell >= 0)
    _, first = np.unique(cell[given] * parts.networks + network[given], return_index=True)
    picked = given[first]
    counts = np.bincount(cell[picked], minlength=cells)
    return Places(starts(counts), arc[picked], numbered[picked])


def lengthen(costs: Floats, places: Places, factor: float) -> Floats:
    """Costs in which every network a cell stands in besides the first, and drags others along in, adds `factor` of its cost."""
    return np.asarray(costs * (1.0 + factor * np.maximum(np.diff(places.start) - 1, 0)), dtype=np.float64)
