"""Releases over changing areas as text: each row is an atom, with the area that every release counts it in and its units."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from tables_as_text import roll_up

from zicht.disclosure import Dimension, Profile, Table
from zicht.disclosure.attack.differencing import Differencer, Exposure
from zicht.disclosure.history import History, Published, Refinement

FEW = Profile("few", min_units=10, max_group_share=None)


def atoms_of(text: str) -> pa.Table:
    """The atoms in a text; `-` is nowhere."""
    lines = [
        [part.strip() for part in line.split("|")] for line in text.strip().splitlines() if "-+-" not in line
    ]
    columns = dict(zip(lines[0], zip(*lines[1:], strict=True), strict=True))
    numbers = pa.array([int(n) for n in columns.pop("n")], pa.int64())
    codes = {
        name: pa.array([None if c == "-" else c for c in column], pa.string())
        for name, column in columns.items()
    }
    return pa.table(codes | {"n": numbers})


def table_of(atoms: pa.Table, division: str, by: tuple[str, ...] = ()) -> Table:
    """The table of all areas of a division, in the gemeente GM, named as the division."""
    counts: dict[tuple[str, ...], int] = {}
    for atom in atoms.to_pylist():
        if atom[division] is not None:
            key = (atom[division], *(atom[name] for name in by))
            counts[key] = counts.get(key, 0) + atom["n"]
    areas = sorted({key[0] for key in counts})
    dimensions = (
        Dimension("area", ("GM", *areas), (None, *["GM"] * len(areas))),
        *(Dimension.flat(name, sorted({a[name] for a in atoms.to_pylist()})) for name in by),
    )
    return roll_up(division, dimensions, counts)


def hides(table: Table, cells: set[str]) -> np.ndarray:
    """Which rows of a table bear these labels."""
    labels = [table.label_at(int(position)) for position in table.position]
    assert cells <= set(labels), cells - set(labels)
    return np.array([label in cells for label in labels], dtype=bool)


class Years:
    """Releases of one register, one per division in the text; the last is the new one."""

    def __init__(
        self,
        text: str,
        hidden: Mapping[str, set[str]] | None = None,
        *,
        by: tuple[str, ...] = (),
        rounded: Mapping[str, float] | None = None,
        exact: tuple[str, ...] = ("GM",),
    ) -> None:
        hidden = hidden or {}
        atoms = atoms_of(text)
        divisions = [name for name in atoms.column_names if name not in ("n", *by)]
        tables = [table_of(atoms, name, by) for name in divisions]
        self.new = tables[-1]
        self.hidden = hides(self.new, hidden.get(self.new.name, set()))
        published = []
        for table in tables[:-1]:
            if table.name in (rounded or {}):
                published.append(
                    Published.rounded(table.name, table, (rounded or {})[table.name], exact=exact)
                )
                continue
            mask = hides(table, hidden.get(table.name, set()))
            least, most = np.where(mask, -np.inf, table.value), np.where(mask, np.inf, table.value)
            published.append(Published(table.name, table, least, most))
        self.history = History(tuple(published), (Refinement(atoms, {name: name for name in divisions}),))

    def differencer(self, profile: Profile = FEW) -> Differencer:
        return Differencer([self.new], profile, self.history, release=self.new.name)

    def exposed(self, profile: Profile = FEW) -> list[Exposure]:
        return list(self.differencer(profile).examine(self.hidden))

    def told(self) -> list[str]:
        """What is exposed, with how many units an outsider must think possible at most."""
        return [f"{e.what} <= {e.interval[1]:g} by {' and '.join(e.releases)}" for e in self.exposed()]

    def shown_after_closing(self) -> set[str]:
        hidden, left = self.differencer().close(self.hidden)
        assert not left
        return {
            self.new.label_at(int(p)) for p, gone in zip(self.new.position, hidden, strict=True) if not gone
        }
