"""How far it is from where people are to where a place may come: along streets, or in a straight line and so much longer.

Dijkstra, E.W. (1959), A note on two problems in connexion with graphs, Numerische Mathematik 1, 269-271.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse, spatial
from scipy.sparse import csgraph

_Floats = npt.NDArray[np.float64]

_AT_ONCE = 64  # places from which ways are sought at once, so that those to crossings nobody asks of take little memory


@dataclass(frozen=True, slots=True)
class Straight:
    """Straight lines, times how many times as long a walk is.

    Attributes:
        detour: how many times.
    """

    detour: float

    def between(self, start: _Floats, end: _Floats) -> _Floats:
        """Metres from each start to each end (starts × ends), of points as rows of x and y."""
        return np.asarray(spatial.distance.cdist(start, end)) * self.detour

    def to_nearest(self, start: _Floats, end: _Floats) -> _Floats:
        """Metres from each start to the nearest end."""
        return np.asarray(spatial.cKDTree(end).query(start)[0], np.float64) * self.detour


class Streets:
    """Ways along streets, both ways; who is not at a crossing or an end walks to the nearest in a straight line first.

    Args:
        ends: pieces of street × 4: x and y of one end and of the other, in metres; ends within a metre are one.
        length: of each piece, in metres.
    """

    def __init__(self, ends: _Floats, length: _Floats) -> None:
        points, number = np.unique(np.rint(ends.reshape(-1, 2)), axis=0, return_inverse=True)
        self._crossings = spatial.cKDTree(points)
        one, other = number.reshape(-1, 2).T
        order = np.argsort(
            length, kind="stable"
        )  # of two pieces between the same crossings the shorter counts
        pairs = np.stack([np.minimum(one, other), np.maximum(one, other)], axis=1)[order]
        _, first = np.unique(pairs, axis=0, return_index=True)
        pairs, metres = pairs[first], np.maximum(length[order][first], 1e-9)
        size = (len(points), len(points))
        self._graph = sparse.csr_array((metres, (pairs[:, 0], pairs[:, 1])), shape=size)

    def between(self, start: _Floats, end: _Floats) -> _Floats:
        """Metres from each start to each end (starts × ends); infinite where no street leads there."""
        before, here = self._crossings.query(start)
        after, there = self._crossings.query(end)
        found = np.empty((len(start), len(end)))
        for first in range(0, len(end), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            ways = csgraph.dijkstra(self._graph, directed=False, indices=there[part])
            found[:, part] = ways[:, here].T
        return np.asarray(found + before[:, None] + after[None, :])

    def to_nearest(self, start: _Floats, end: _Floats) -> _Floats:
        """Metres from each start to the nearest end; infinite where no street leads to one."""
        before, here = self._crossings.query(start)
        after, there = self._crossings.query(end)
        size = self._graph.shape[0]
        # One more crossing, from which every end is as far as that end is from its street, and no street leads back to it.
        joined = sparse.lil_array((size + 1, size + 1))
        joined[:size, :size] = self._graph + self._graph.T
        for crossing in np.unique(there).tolist():
            joined[size, crossing] = max(float(after[there == crossing].min()), 1e-9)
        ways = csgraph.dijkstra(joined.tocsr(), directed=True, indices=size)
        return np.asarray(ways[here] + before, np.float64)
