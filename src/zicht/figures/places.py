"""Where the units of a register are counted, given the area codes it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zicht.areas import Areas
from zicht.figures.cube import Land
from zicht.figures.table import Ints, Leftover


@dataclass(frozen=True)
class Places:
    """Every area code of a register and the area of the finest level in which its units are counted.

    Attributes:
        codes: as the register has them.
        rows: for each code its place in `Land.finest`, -1 where it has none.
        nowhere: the place of units without code, -1 where they have none.
        unknown: those of `codes` that are not in the division.
        default: code of the area in which units of unknown address are counted; None where they are in no figure.
    """

    codes: Sequence[str]
    rows: Ints
    nowhere: int
    unknown: frozenset[str]
    default: str | None

    @classmethod
    def of(cls, codes: pa.Array, land: Land, areas: Areas, default: str | None) -> Places:
        """The places of codes.

        Args:
            codes: distinct area codes of any level, as the register has them; strings.
            land: the areas as arrays.
            areas: the division.
            default: the gemeente in which units count of which no more is known.
        """
        finest = pa.array(land.finest, pa.string())
        # `place` wants a gemeente for what it does not know; without one, what it does not know is taken out below.
        stand_in = default or areas.codes("gemeente")[0]
        nowhere = areas.place(pa.array([None], pa.string()), stand_in)
        placed = (
            pc.index_in(areas.place(codes, stand_in), finest).to_numpy(zero_copy_only=False).astype(np.int64)
        )
        lost = {code for code in areas.unplaced(codes)["code"].to_pylist() if code is not None}
        texts = codes.to_pylist()
        unknown = np.array([not text.strip() or text.strip() in lost for text in texts], np.bool_)
        if default is None:
            placed[unknown] = -1
        return cls(
            texts,
            placed,
            -1 if default is None else pc.index_in(nowhere, finest)[0].as_py(),
            frozenset(text for text in texts if text.strip() in lost),
            None if default is None else nowhere[0].as_py(),
        )

    def cells(self, indices: pa.Array) -> Ints:
        """The place of each cell.

        Args:
            indices: for each cell the number of its code, null where it has none.
        """
        return np.append(self.rows, self.nowhere)[_numbers(indices, len(self.codes))]

    def table(self, land: Land) -> pa.Table:
        """The places as a table to join with: zicht_code ('' for none) and for each level (zicht_buurt, …) the number of the area in `Land.codes`."""
        known = dict(zip(self.codes, self.rows.tolist(), strict=True)) | {"": self.nowhere}
        placed = {code: row for code, row in known.items() if row >= 0}
        rows = np.array(list(placed.values()), np.int64)
        return pa.table(
            {
                "zicht_code": pa.array(list(placed), pa.string()),
                **{f"zicht_{level}": pa.array(numbers[rows]) for level, numbers in land.rows.items()},
            }
        )

    def leftovers(self, indices: pa.Array, units: Ints) -> list[Leftover]:
        """What could not be placed as the register says.

        Args:
            indices: as for `cells`.
            units: the number of units of each cell.
        """
        counts = np.zeros(len(self.codes) + 1, np.int64)
        np.add.at(counts, _numbers(indices, len(self.codes)), units)
        found = [
            Leftover("area", code.strip(), int(rows), self.default)
            for code, rows in zip(self.codes, counts, strict=False)
            if code in self.unknown
        ]
        blank = int(counts[-1]) + sum(
            int(n) for code, n in zip(self.codes, counts, strict=False) if not code.strip()
        )
        if self.default is None and blank:
            found.append(Leftover("area", None, blank))
        return sorted(found, key=lambda one: (-one.rows, one.value or ""))


def _numbers(indices: pa.Array, missing: int) -> Ints:
    return np.asarray(
        pc.fill_null(indices.cast(pa.int64()), missing).to_numpy(zero_copy_only=False), np.int64
    )
