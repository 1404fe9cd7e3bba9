"""How far an outsider can narrow down hidden cells: their feasible intervals (part of the audit).

The outsider knows every equation and every published cell, and that no cell lies below its floor or above its
ceiling. Moving the hidden cells by y leaves everything he knows true when the equations hold for y. Each movement is
a witness for all cells it moves: elementary movements, found by elimination (`movements`), clear nearly all cells
that are safe; the extremes of the rest are found by linear programs (`programs`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from zicht.disclosure.attack.movements import Room, elementary
from zicht.disclosure.attack.programs import STILL, Group
from zicht.disclosure.model import Bools, Floats, Ints

ROUNDS = 6  # choices of free cells whose elementary movements are followed
CHANCE = 8  # grades of chance among cells with about the same room
_SEED = 20240601


@dataclass(frozen=True)
class Unknowns:
    """The hidden cells as an outsider sees them; arrays over hidden cells.

    Attributes:
        equations: sum of children minus parent, one column per hidden cell; the movements y have equations · y = 0.
        value: the true values.
        floor: what a well-informed outsider knows to be the least (A2).
        plain_floor: what everybody knows (A1): 0 for what cannot be negative.
        checked: whether the cell must be uncertain at all.
        lower, upper, width: by how much; see `Sensitivity`.
        ceiling: what everybody knows to be the most; None where nothing is known.
        sharp_width: how wide the interval of the well-informed must be; None for half the width.
    """

    equations: sp.csr_matrix
    value: Floats
    floor: Floats
    plain_floor: Floats
    checked: Bools
    lower: Floats
    upper: Floats
    width: Floats
    ceiling: Floats | None = None
    sharp_width: Floats | None = None

    @property
    def falls(self) -> tuple[Floats, Floats]:
        """How far each cell can fall by itself, in the eyes of everybody and of the well-informed."""
        return (
            np.maximum(self.value - self.plain_floor, 0.0),
            np.maximum(self.value - self.floor, 0.0),
        )

    @property
    def rise(self) -> Floats:
        """How far each cell can rise by itself."""
        if self.ceiling is None:
            return np.full(self.value.size, np.inf)
        return np.maximum(self.ceiling - self.value, 0.0)

    @property
    def sharp(self) -> Floats:
        """How wide the interval of the well-informed must be."""
        return self.width / 2 if self.sharp_width is None else self.sharp_width

    @property
    def most(self) -> Floats:
        """As far as anybody asks each cell to move; 0 where it need not be uncertain."""
        asked = np.maximum(np.maximum(self.width, self.sharp), np.maximum(self.lower, self.upper))
        return np.where(self.checked, asked, 0.0)

    def among(self, members: Ints) -> tuple[Unknowns, Ints]:
        """These unknowns only (whole components), and the numbers of the equations between them."""
        narrowed = self.equations[:, members]
        rows = np.flatnonzero(np.diff(narrowed.indptr))
        return self.picked(narrowed[rows], members), rows

    def picked(self, equations: sp.csr_matrix, members: Ints) -> Unknowns:
        """These unknowns only, with the equations between them."""
        columns = {column.name: getattr(self, column.name) for column in fields(self)}
        given = {name: column[members] for name, column in columns.items() if isinstance(column, np.ndarray)}
        return replace(self, equations=equations, **given)


@dataclass
class Reach:
    """How far each hidden cell was seen to move, down and up, under the plain floor (A1) and the sharp one (A2)."""

    down: Floats
    up: Floats
    sharp_down: Floats
    sharp_up: Floats
    programs: int = 0
    binding: dict[int, Ints] = field(default_factory=dict)

    def among(self, members: Ints) -> Reach:
        """What was seen of these unknowns."""
        return Reach(self.down[members], self.up[members], self.sharp_down[members], self.sharp_up[members])

    def take_over(self, part: Reach, members: Ints, rows: Ints) -> None:
        """Add what was seen of a part: `members` are its unknowns, `rows` its equations."""
        self.down[members], self.up[members] = part.down, part.up
        self.sharp_down[members], self.sharp_up[members] = part.sharp_down, part.sharp_up
        self.programs += part.programs
        self.binding |= {int(members[cell]): rows[held] for cell, held in part.binding.items()}

    def interval(self, cell: int, value: float, *, sharp: bool) -> tuple[float, float]:
        """What a cell was seen to range over, in the eyes of everybody or of the well-informed."""
        down, up = (self.sharp_down, self.sharp_up) if sharp else (self.down, self.up)
        return value + float(down[cell]), value + float(up[cell])

    def record(self, down: Floats, up: Floats) -> None:
        """Add movements that everybody must hold possible."""
        np.minimum(self.down, down, out=self.down)
        np.maximum(self.up, up, out=self.up)

    def record_sharp(self, down: Floats, up: Floats) -> None:
        """Add movements that even the well-informed must hold possible, and so must everybody."""
        np.minimum(self.sharp_down, down, out=self.sharp_down)
        np.maximum(self.sharp_up, up, out=self.sharp_up)
        self.record(down, up)

    def lacking_plain(self, cells: Unknowns) -> Bools:
        """Cells not yet seen to be as uncertain as they must be to everybody (A1)."""
        slack = STILL * (cells.width + cells.upper + cells.lower)
        enough = (
            (self.up - self.down >= cells.width - slack)
            & (self.up >= cells.upper - slack)
            & (-self.down >= cells.lower - slack)
        )
        return np.asarray(cells.checked & ~enough, dtype=np.bool_)

    def lacking_sharp(self, cells: Unknowns) -> Bools:
        """Cells not yet seen to be as uncertain as they must be to those who know the sharp floors (A2)."""
        enough = self.sharp_up - self.sharp_down >= cells.sharp - STILL * cells.sharp
        return np.asarray(cells.checked & ~enough, dtype=np.bool_)

    def lacking(self, cells: Unknowns) -> Bools:
        """Cells not yet seen to be as uncertain as they must be to either."""
        return self.lacking_plain(cells) | self.lacking_sharp(cells)


def nothing_seen(size: int) -> Reach:
    """The reach of `size` cells before any attack."""
    return Reach(np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size))


def components(equations: sp.csr_matrix) -> Ints:
    """A number per unknown, the same for unknowns that hang together by equations."""
    pattern = sp.csr_matrix((np.ones(equations.nnz), equations.indices, equations.indptr), equations.shape)
    _, labels = connected_components(sp.bmat([[None, pattern.T], [pattern, None]]), directed=False)
    return np.asarray(labels[: equations.shape[1]], dtype=np.int64)


def narrow_down(cells: Unknowns, reach: Reach | None = None) -> Reach:
    """Attack all hidden cells.

    Args:
        cells: what is hidden.
        reach: movements seen before that are still possible; more are added to it.

    Returns:
        How far each cell can move. For cells that lack uncertainty this is proven, and `binding` holds the
        equations (row numbers) that hold them.
    """
    reach = reach or nothing_seen(cells.value.size)
    if not reach.lacking(cells).any():
        return reach
    labels = components(cells.equations)
    for work in (_by_movements, _by_programs):
        members = np.flatnonzero(np.isin(labels, labels[reach.lacking(cells)]))
        if members.size:
            concerned, rows = cells.among(members)
            found = reach.among(members)
            work(concerned, labels[members], found)
            reach.take_over(found, members, rows)
    return reach


def _by_movements(cells: Unknowns, _labels: Ints, reach: Reach) -> None:
    """See how far elementary movements take the cells, for several choices of free cells."""
    plain, sharp = cells.falls
    rooms = tuple(Room(fall, cells.rise, cells.most) for fall in (plain, sharp))
    rng = np.random.default_rng(_SEED)
    everything = np.ones(cells.value.size, dtype=np.bool_)
    left = cells.value.size + 1
    for turn in range(ROUNDS):
        lacking = reach.lacking(cells)
        if not lacking.any() or (turn > 2 and lacking.sum() == left):
            return
        left = int(lacking.sum())
        fall = plain if turn % 2 else sharp
        liking = CHANCE * np.log2(1.0 + np.minimum(fall, 1e9)).astype(np.int64)
        if turn:
            liking += rng.integers(0, CHANCE, liking.size)
        if turn > 1:
            # What still lacks uncertainty is left free, and so gets movements of its own.
            liking[lacking] = -1
        (down, up), (sharp_down, sharp_up) = elementary(cells.equations, liking, everything, rooms)
        reach.record(down, up)
        reach.record_sharp(sharp_down, sharp_up)


def _by_programs(cells: Unknowns, labels: Ints, reach: Reach) -> None:
    """Settle the cells that still lack uncertainty, each with programs of its own, among its component only."""
    order = np.argsort(labels, kind="stable")
    for label in np.unique(labels[reach.lacking(cells)]):
        low, high = np.searchsorted(labels[order], (label, label + 1))
        members = np.sort(order[low:high])
        component, rows = cells.among(members)
        found = reach.among(members)
        group = Group(component.equations)
        for cell in np.flatnonzero(found.lacking(component)).tolist():
            _settle(component, group, found, cell)
        found.programs += group.programs
        reach.take_over(found, members, rows)


def _settle(cells: Unknowns, group: Group, reach: Reach, cell: int) -> None:
    """See how far one cell of a component can move, up and down, sharply and plainly, as far as that must be known."""
    most = float(cells.most[cell])
    falls = dict(zip(("plain", "sharp"), cells.falls, strict=True))
    for eye, lacks, record in (
        ("sharp", reach.lacking_sharp, reach.record_sharp),
        ("plain", reach.lacking_plain, reach.record),
    ):
        for sign in (1.0, -1.0):
            if not lacks(cells)[cell]:
                break
            fall, rise = falls[eye].copy(), cells.rise
            fall[cell], rise[cell] = min(fall[cell], most), min(rise[cell], most)
            movement, binding = group.extreme(cell, sign, fall, rise)
            record(np.minimum(movement, 0.0), np.maximum(movement, 0.0))
            reach.binding[cell] = np.union1d(reach.binding.get(cell, binding), binding)
