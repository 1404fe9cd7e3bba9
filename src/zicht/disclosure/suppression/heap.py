"""The queue of the searches for shortest paths: a binary heap in arrays that are lent to it."""

from __future__ import annotations

from zicht.compiled import compiled
from zicht.disclosure.model import Floats, Ints


@compiled
def push(keys: Floats, nodes: Ints, size: int, key: float, node: int) -> int:
    """Put a node in a heap of `size`; returns the new size."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if keys[above] <= key:
            break
        keys[at] = keys[above]
        nodes[at] = nodes[above]
        at = above
    keys[at] = key
    nodes[at] = node
    return size + 1


@compiled
def pop(keys: Floats, nodes: Ints, size: int) -> int:
    """Take the first of the heap away, which the caller has read; returns the new size."""
    size -= 1
    key, node = keys[size], nodes[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[at] = keys[below]
        nodes[at] = nodes[below]
        at = below
    keys[at] = key
    nodes[at] = node
    return size
