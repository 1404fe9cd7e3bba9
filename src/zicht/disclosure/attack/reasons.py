"""Why an outsider can narrow a number down: the combination of published figures that does it, in words (part of A4).

The combination is a dual solution: multipliers of the equations under which all that is shown stands on one side, and
the number with as little else as possible on the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from zicht.disclosure.attack.atoms import Ground, View
from zicht.disclosure.attack.intervals import components
from zicht.disclosure.attack.narrowing import Need, Outlook, slice_of
from zicht.disclosure.model import Bools, Floats, Ints

MEMBERS_SHOWN = 12  # terms of one equation that are written out
NONE = 1e-7  # a multiplier below this is none


@dataclass(frozen=True)
class Reason:
    """Why one column is not safe.

    Attributes:
        what: the column and all that it is given away with, in words.
        members: those columns.
        releases: whose figures it takes.
        witness: the equations.
        cells: the cells of the new release among the figures that no earlier one shows: table and row.
    """

    what: str
    members: tuple[int, ...]
    releases: tuple[str, ...]
    witness: tuple[str, ...]
    cells: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class _Equation:
    """A combination of equations: factors of the columns shown, of bounds (column, bound), and of the columns that are not."""

    shown: dict[int, float]
    bounds: dict[int, float]
    left: dict[int, float]


class Reasons:
    """Finds the reasons in one view of a ground."""

    def __init__(self, ground: Ground, need: Need, view: View, past: Bools, new: Bools) -> None:
        """Take the view that gives away.

        Args:
            ground: the system.
            need: what is asked of its columns.
            view: what the outsider has.
            past: whether a column is shown by what is out already.
            new: which sources are the new release's. Shape (sources,).
        """
        self._ground, self._view, self._past, self._new = ground, view, past, new
        self._need, self._units_need = need.at_once(need.apart(view)), need.in_units()
        self._units = view.in_units(ground.units.astype(np.float64))
        self._label = {id(one): components(one.equations) for one in (view, self._units)}
        self._many = {
            s.release for s in ground.sources if sum(s.release == o.release for o in ground.sources) > 1
        }

    def of(self, column: int, found: Outlook, place: int) -> Reason:
        """The reason for what was `found` at `place`, of `column`."""
        view = self._units if found.in_units[place] else self._view
        equations = self._combined(view, column, found, place)
        above = next((one.left for one in equations if one.left.get(column, 0.0) > 0), {column: 1.0})
        terms = sorted(above.items(), key=lambda term: (term[0] != column, term[0]))
        shown = {one for equation in equations for one in (*equation.shown, *equation.bounds)}
        shown = shown or set(self._beside(view, column))
        ordered = sorted(shown, key=lambda one: (not self._past[one], one))
        return Reason(
            what=_joined((factor, self._name(one)) for one, factor in terms),
            members=tuple(sorted(above)),
            releases=tuple(dict.fromkeys(self._holder(one)[0] for one in ordered)),
            witness=tuple(line for equation in equations for line in self._lines(equation)),
            cells=tuple(sorted({cell for one in shown if not self._past[one] for cell in self._cells(one)})),
        )

    def _beside(self, view: View, column: int) -> list[int]:
        """All that is shown around a column, where no combination was found: the solver can fail on numbers."""
        label = self._label[id(view)]
        member = label == label[int(np.searchsorted(view.unknown, column))]
        rows = view.rows[np.asarray(abs(view.equations) @ member.astype(np.float64) > 0)]
        around = np.unique(self._ground.equations[rows[rows >= 0]].indices)
        return [int(one) for one in around[view.known[around]]]

    def _combined(self, view: View, column: int, found: Outlook, place: int) -> list[_Equation]:
        at = int(np.searchsorted(view.unknown, column))
        members = np.flatnonzero(self._label[id(view)] == self._label[id(view)][at])
        part, rows = slice_of(view.equations, members)
        fall = (view.sharp_fall if found.sharply[place] else view.fall)[members]
        here = int(np.searchsorted(members, at))
        value = self._ground.units[column] if found.in_units[place] else self._ground.value[column]
        needed = self._units_need if found.in_units[place] else self._need
        signs = [1.0]
        enough = found.most[place] - value >= needed.upper[column] * (1 - NONE)
        if enough and found.most[place] > found.least[place]:
            signs.append(-1.0)
        solved = [_multipliers(part, fall, here, sign) for sign in signs]
        return [self._equation(view, rows, factors) for factors in solved if factors is not None]

    def _equation(self, view: View, rows: Ints, factors: Floats) -> _Equation:
        used = np.flatnonzero(np.abs(factors) > NONE)
        factors, rows = np.round(factors[used], 6), rows[used]
        bounds: dict[int, float] = {}
        first_ceiling = int((view.rows >= 0).sum())
        for row, factor in zip(rows.tolist(), factors.tolist(), strict=True):
            if row >= first_ceiling:
                bounds[int(view.unknown[view.capped[row - first_ceiling]])] = factor
        plain = rows < first_ceiling
        full = sp.csr_matrix(factors[plain]) @ self._ground.equations[view.rows[rows[plain]]]
        taken = {int(c): float(f) for c, f in zip(full.indices, full.data, strict=True) if abs(f) > NONE}
        left = {c: f for c, f in taken.items() if not view.known[c]}
        for c, f in bounds.items():
            left[c] = left.get(c, 0.0) + f
        return _Equation(
            shown={c: -f for c, f in sorted(taken.items()) if view.known[c]},
            bounds=bounds,
            left={c: f for c, f in left.items() if abs(f) > NONE},
        )

    def _lines(self, equation: _Equation) -> list[str]:
        ground = self._ground
        known = [(f, f"{self._name(c)[:-1]}: {ground.value[c]:.12g}]") for c, f in equation.shown.items()]
        total = sum(f * ground.value[c] for c, f in equation.shown.items())
        most = {c: self._edge(c, "most") for c in equation.bounds}
        known += [(f, f"{self._name(c)[:-1]}: at most {most[c]:.12g}]") for c, f in equation.bounds.items()]
        total += sum(f * most[c] for c, f in equation.bounds.items())
        sign = ">=" if equation.bounds else "="
        left = _joined((f, self._name(c)) for c, f in equation.left.items())
        lines = [f"{_joined(known)} = {total:.12g} {sign} {left}"]
        least = [(c, self._edge(c, "least")) for c in equation.left if ground.cells_of(c)]
        lines += [
            f"{self._name(c)[:-1]} is at least {low:.12g}]"
            for c, low in least
            if np.isfinite(low) and low > 0
        ]
        return lines

    def _edge(self, column: int, name: str) -> float:
        edges = [
            float(getattr(self._ground.sources[s], name)[row]) for s, row in self._ground.cells_of(column)
        ]
        return min(edges) if name == "most" else max(edges)

    def _holder(self, column: int) -> tuple[str, int, int]:
        """The release that shows a column (what is out already first), with source and row."""
        cells = self._ground.cells_of(column)
        told = [(s, r) for s, r in cells if np.isfinite(self._ground.sources[s].most[r])] or cells
        source, row = min(told, key=lambda cell: (bool(self._new[cell[0]]), cell))
        return self._ground.sources[source].release, source, row

    def _cells(self, column: int) -> list[tuple[str, int]]:
        sources = self._ground.sources
        return [
            (sources[s].table.name, row)
            for s, row in self._ground.cells_of(column)
            if self._new[s] and np.isfinite(sources[s].most[row])
        ]

    def _name(self, column: int) -> str:
        """A column in words: a cell with its release, an atom with the area that each division puts it in."""
        if self._ground.cells_of(column):
            release, source, row = self._holder(column)
            table = self._ground.sources[source].table
            called = f"{release} {table.name}" if release in self._many else release
            return f"{called} [{table.label_at(int(table.position[row]))}]"
        refinement, row = self._ground.atom_of(column)
        tables = {s.table.name: s.release for s in self._ground.sources}
        atom = refinement.atoms.slice(row, 1).to_pylist()[0]
        places = {
            f"{atom[division] or 'nowhere'} in {tables[name]}": None
            for name, division in refinement.divisions.items()
            if name in tables
        }
        further = "".join(f" × {atom[name]}" for name in refinement.further)
        return f"[{', '.join(places)}{further}]"


def _multipliers(part: sp.csr_matrix, fall: Floats, here: int, sign: float) -> Floats | None:
    """Factors of the equations that bound the unknown `here` from above (sign +1) or below (-1); None where nothing does."""
    size = fall.size
    least = np.zeros(size)
    least[here] = sign
    free = ~np.isfinite(fall)
    room = np.where(free, 0.0, fall)
    solved = linprog(
        part @ room,
        A_ub=-part.T[~free],
        b_ub=-least[~free],
        A_eq=part.T[free] if free.any() else None,
        b_eq=least[free] if free.any() else None,
        bounds=(None, None),
        method="highs",
    )
    return np.asarray(solved.x) if solved.status == 0 else None


def _joined(terms: Iterable[tuple[float, str]]) -> str:
    """A sum in words, positive terms first; long ones are cut short."""
    ordered = sorted(terms, key=lambda term: term[0] < 0)
    parts: list[str] = []
    for factor, text in ordered[:MEMBERS_SHOWN]:
        size = "" if abs(abs(factor) - 1.0) < NONE else f"{abs(factor):g} × "
        joint = ("- " if factor < 0 else "+ ") if parts else ("-" if factor < 0 else "")
        parts.append(f"{joint}{size}{text}")
    if len(ordered) > MEMBERS_SHOWN:
        parts.append(f"… ({len(ordered) - MEMBERS_SHOWN} more)")
    return " ".join(parts) or "0"
