"""Tables as networks, in which a cell is an arc and a set of cells that can move together is a cycle.

A tree crossed with a total and its categories is a network: each leaf row is a node (what leaves one of its
categories enters another or the total), and so is each internal area in each column. Sums hold exactly
when flow is conserved (Gusfield, SIAM J. Comput. 17, 1988; Castro, INFORMS J. Comput. 19, 2007). A deeper
second dimension gives one network per internal category, which share cells, as linked tables do.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zicht.disclosure.model import Bools, Dimension, Floats, Ints
from zicht.disclosure.suppression.system import System


class Networks(NamedTuple):
    """All networks of all tables; arcs run from `tail` to `head` when their cell grows.

    Attributes:
        tail, head: node of each arc.
        cell: physical cell of each arc. An only child and its parent are two arcs, and one cell.
        share: the part of the cost of the cell that a passage of this arc pays, so that such a chain pays once.
        start: the ways out of node u are numbered start[u] up to start[u + 1].
        out: each way out as 2 × arc + 1 where the cell grows, 2 × arc where it shrinks.
        to: the node that each way out leads to.
        place_start: physical cell c has the places numbered place_start[c] up to place_start[c + 1], one per network it is in.
        place_arc: an arc of the cell there.
        network: the network of each arc.
    """

    tail: Ints
    head: Ints
    cell: Ints
    share: Floats
    start: Ints
    out: Ints
    to: Ints
    place_start: Ints
    place_arc: Ints
    network: Ints


def knit(system: System, usable: Bools) -> Networks:
    """The networks of tables of one or two dimensions, without the cells that may not be hidden.

    Args:
        system: the tables.
        usable: the physical cells that are hidden, or may become so.
    """
    tails, heads, cells, networks = [], [], [], []
    nodes = count = 0
    for index, table in enumerate(system.tables):
        order = sorted(range(len(table.shape)), key=lambda axis: (-table.shape[axis], axis))
        rows = table.dimensions[order[0]]
        columns = table.dimensions[order[1]] if len(order) > 1 else Dimension.flat("", ())
        dense = np.transpose(system.dense(index), order).reshape(len(rows.codes), -1)
        groups = [np.concatenate([[node], columns.children[node]]) for node in columns.internal]
        for group in groups or [np.array([0], dtype=np.int64)]:
            tail, head, size = lattice(rows, group.size)
            cell = dense[:, group].reshape(-1)
            kept = (cell >= 0) & usable[cell]
            tails.append(nodes + tail[kept])
            heads.append(nodes + head[kept])
            cells.append(cell[kept])
            networks.append(np.full(int(kept.sum()), count))
            nodes += size
            count += 1
    tail, head, cell, network = (np.concatenate(part) for part in (tails, heads, cells, networks))
    return _joined(tail, head, cell, network, nodes, usable.size)


def _joined(tail: Ints, head: Ints, cell: Ints, network: Ints, nodes: int, cells: int) -> Networks:
    ends = np.concatenate([tail, head])
    order = np.argsort(ends, kind="stable")
    arc, grows = order % max(tail.size, 1), order < tail.size
    key = cell * (int(network.max(initial=0)) + 1) + network
    _, first, which, uses = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    return Networks(
        tail=tail,
        head=head,
        cell=cell,
        share=1.0 / uses[which],
        start=starts(np.bincount(ends, minlength=nodes)),
        out=2 * arc + grows,
        to=np.where(grows, head[arc], tail[arc]),
        place_start=starts(np.bincount(cell[first], minlength=cells)),
        place_arc=first.astype(np.int64),
        network=network,
    )


def starts(counts: Ints) -> Ints:
    """Where each of several runs of `counts` items begins, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def lattice(rows: Dimension, columns: int) -> tuple[Ints, Ints, int]:
    """Arcs of a tree × (a total and its categories), row by row, the total first: tails, heads, number of nodes.

    The last node is the outside, which the grand totals come from, and where a lone column ends.
    """
    parent = rows.parent_index
    is_leaf = np.array([not part.size for part in rows.children])
    leaf_number, node_number = np.cumsum(is_leaf) - 1, np.cumsum(~is_leaf) - 1
    leaves = int(is_leaf.sum())
    outside = leaves + int((~is_leaf).sum()) * columns
    column = np.arange(columns)
    inner = leaves + node_number[:, None] * columns + column
    leaf_end = leaf_number[:, None] + 0 * column if columns > 1 else np.full((parent.size, 1), outside)
    below = np.where(is_leaf[:, None], leaf_end, inner)
    above = np.where(parent[:, None] >= 0, inner[np.maximum(parent, 0)], outside)
    # Totals flow up the tree and categories down, so that a row gives to its total what its categories take.
    down = (column > 0) | (columns == 1)
    tail, head = np.where(down, above, below), np.where(down, below, above)
    return tail.reshape(-1).astype(np.int64), head.reshape(-1).astype(np.int64), outside + 1
