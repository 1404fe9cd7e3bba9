"""The only shapes in which figures, findings and points on maps enter a release.

There is no type here for a person, a household or a row of a register: a release holds figures about areas, and `ProtectedFigures` refuses any
table with another column, any hidden figure that still carries a number, and the contributions of single units that
`figures` keeps for `disclosure` (`largest`, `second`).
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from zicht.errors import DisclosureError
from zicht.figures import FIGURES, STATUSES

HIDDEN = ("primary", "secondary")
"""Statuses of figures that are hidden and so bear no number."""

PRIVATE = (
    "largest",
    "second",
)  # contributions of single units: for the rules of disclosure, never for the public
POINTS = pa.schema([pa.field("x", pa.int32()), pa.field("y", pa.int32())])
"""Places of public objects: whole metres of the Dutch grid (RD, EPSG:28992)."""
_COUNTRY = {"x": (-10_000, 300_000), "y": (290_000, 640_000)}  # metres; the Netherlands and the sea before it
NUMBERS = ("value", "numerator", "denominator", "n", "lower", "upper")
PUBLIC_COLUMNS = tuple(name for name in FIGURES.names if name not in PRIVATE)
"""Columns that every table of protected figures has, besides one a dimension."""


@dataclass(frozen=True)
class ProtectedFigures:
    """Figures of one indicator as the public may have them.

    Attributes:
        indicator: its id.
        table: the columns of `zicht.figures.FIGURES` without `largest` and `second`, and one string column a dimension.
    """

    indicator: str
    table: pa.Table

    def __post_init__(self) -> None:
        expected = set(PUBLIC_COLUMNS)
        missing = sorted(expected - set(self.table.column_names))
        if missing:
            raise DisclosureError(f"Figures of `{self.indicator}` lack the columns {', '.join(missing)}.")
        for field in self.table.schema:
            if field.name in PRIVATE or (field.name not in expected and not pa.types.is_string(field.type)):
                raise DisclosureError(
                    f"Figures of `{self.indicator}` have a column `{field.name}` that no release may hold."
                )
        self._refuse_other_indicators()
        self._refuse_unknown_status()
        self._refuse_numbers_under_hidden()

    def _refuse_other_indicators(self) -> None:
        others = [name for name in pc.unique(self.table["indicator"]).to_pylist() if name != self.indicator]
        if others:
            raise DisclosureError(
                f"Figures of `{self.indicator}` hold those of {', '.join(map(str, others))}."
            )

    def _refuse_unknown_status(self) -> None:
        unknown = [status for status in pc.unique(self.table["status"]).to_pylist() if status not in STATUSES]
        if unknown:
            raise DisclosureError(
                f"Figures of `{self.indicator}` have a status that does not exist: {unknown[0]}."
            )

    def _refuse_numbers_under_hidden(self) -> None:
        hidden = self.table.filter(pc.is_in(self.table["status"], pa.array(HIDDEN)))
        for name in NUMBERS:
            if hidden[name].null_count < hidden.num_rows:
                bad = hidden.filter(pc.is_valid(hidden[name])).slice(0, 1).to_pylist()[0]
                raise DisclosureError(
                    f"The figure {self.indicator} of {bad['area']} in {bad['period']} is hidden and still has its {name}; nothing is released."
                )


@dataclass(frozen=True)
class PublicFindings:
    """What stands out in the figures of a release, made of those figures as the public has them.

    Attributes:
        table: the columns of `zicht.findings.FINDINGS`, no more and no fewer.
        places: where the places that they choose lie, with the columns of `zicht.findings.PLACES`: public objects and points in areas; None for none.
    """

    table: pa.Table
    places: pa.Table | None = None

    def __post_init__(self) -> None:
        from zicht.findings import (
            FINDINGS,
            PLACES,
        )  # loads statistics, which a release without findings does not need

        if not self.table.schema.equals(FINDINGS):
            odd = sorted(set(self.table.column_names) ^ set(FINDINGS.names))
            raise DisclosureError(
                f"Findings have other columns than they may have: {', '.join(odd) or 'of other types'}."
            )
        if self.places is not None and not self.places.schema.equals(PLACES):
            raise DisclosureError("Places of findings have other columns than they may have.")
        silent = self.table.filter(pc.equal(self.table["status"], "not_available"))
        for name in ("estimate", "lower", "upper", "observed"):
            if silent[name].null_count < silent.num_rows:
                bad = silent.filter(pc.is_valid(silent[name])).slice(0, 1).to_pylist()[0]
                raise DisclosureError(
                    f"The finding {bad['finding']} says of {bad['area']} that it is not available and still has its {name}; nothing is released."
                )


@dataclass(frozen=True)
class PublicPoints:
    """Where the public objects stand that the map of an indicator shows. A place and nothing else: no name, no number, no trait.

    Attributes:
        indicator: its id.
        table: the columns of `POINTS`, no more and no fewer.
    """

    indicator: str
    table: pa.Table

    def __post_init__(self) -> None:
        if not self.table.schema.equals(POINTS):
            odd = sorted(set(self.table.column_names) ^ set(POINTS.names))
            raise DisclosureError(
                f"Points of `{self.indicator}` have other columns than they may have: {', '.join(odd) or 'of other types'}."
            )
        for name, (low, high) in _COUNTRY.items():
            column = self.table[name]
            inside = pc.and_(pc.greater_equal(column, low), pc.less_equal(column, high))
            if column.null_count or not pc.all(inside, min_count=0).as_py():
                raise DisclosureError(
                    f"Points of `{self.indicator}` lie outside the Netherlands: their {name} is no coordinate of the Dutch grid in metres."
                )
