"""What the search for cycles in layers keeps: cells, the cycles asked for, which cells they use, and working space."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from zicht.disclosure.model import Floats, Ints


class Cells(NamedTuple):
    """What the search knows of physical cells; `hidden` changes as it goes."""

    hidden: npt.NDArray[np.uint8]
    primary: npt.NDArray[np.uint8]
    reluctance: Ints
    cost: Floats
    room: Floats
    value: Floats


class Needs(NamedTuple):
    """Cycles asked for: through `arc` in `layer`, its cell going `way` (0: either) by `amount`; `level` is the reluctance to begin with.

    `size` holds the number in use in its first entry; opening a cell adds needs behind those given.
    """

    cell: Ints
    arc: Ints
    layer: Ints
    way: Ints
    amount: Floats
    mirrored: Ints
    level: Ints
    size: Ints


class Book(NamedTuple):
    """Which cells the cycle of each need uses, as two interwoven lists: by need and by cell."""

    of_need: Ints
    next_in_need: Ints
    of_cell: Ints
    next_in_cell: Ints
    previous_in_cell: Ints
    cell: Ints
    need: Ints
    free: Ints


class Search(NamedTuple):
    """Working space of the shortest-path search."""

    distance: Floats
    stamp: Ints
    via: Ints
    keys: Floats
    nodes: Ints
    tick: Ints
    cells: Ints
    ways: Ints
