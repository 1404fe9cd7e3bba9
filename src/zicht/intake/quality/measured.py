"""What was measured of one snapshot of a register: counts and distributions, and no value of a row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, cast

Shape = Literal["kind", "number", "month"]
"""What a distribution counts: kinds, numbers in two digits, or months."""


@dataclass(frozen=True, slots=True)
class Shaped:
    """The distribution of a column.

    Attributes:
        shape: what is counted.
        counts: rows by kind, by number (as text), or by month (as the number of months since the year 0); those of rare numbers
            stand with the next greater one.
        rest: rows of kinds that are too rare to be kept apart.
        empty: rows without a value.
    """

    shape: Shape
    counts: Mapping[str, int]
    rest: int
    empty: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one snapshot.

    Attributes:
        register: id of the register.
        rows: number of accepted rows.
        last: the last date or period that the rows are about, as text; None where the contract does not say.
        values: by id of a norm, the number of rows or the number that its query gives; None where there is none.
        shapes: by name, the columns whose distribution a norm watches.
    """

    register: str
    rows: int
    last: str | None
    values: Mapping[str, float | None]
    shapes: Mapping[str, Shaped]

    def as_dict(self) -> dict[str, object]:
        """All of it as JSON can hold it."""
        return asdict(self)

    def write(self, path: Path) -> None:
        """Keep it as JSON in the file `path`."""
        path.write_text(json.dumps(self.as_dict(), sort_keys=True, ensure_ascii=False), "utf-8")

    @classmethod
    def of(cls, found: Mapping[str, object]) -> Measured:
        """What `as_dict` made, `found` in JSON."""
        shapes = cast("Mapping[str, Mapping[str, object]]", found["shapes"])
        return cls(
            str(found["register"]),
            cast("int", found["rows"]),
            cast("str | None", found["last"]),
            cast("Mapping[str, float | None]", found["values"]),
            {name: _shaped(one) for name, one in shapes.items()},
        )

    @classmethod
    def read(cls, path: Path) -> Measured:
        """What `write` kept in the file `path`."""
        return cls.of(json.loads(path.read_text("utf-8")))


def _shaped(found: Mapping[str, object]) -> Shaped:
    shape, counts = cast("Shape", found["shape"]), cast("Mapping[str, int]", found["counts"])
    # JSON with sorted keys puts -5 after -3; the order of numbers is that of numbers.
    ordered = sorted(counts) if shape == "kind" else sorted(counts, key=float)
    return Shaped(shape, {key: counts[key] for key in ordered}, cast("int", found["rest"]), cast("int", found["empty"]))  # fmt: skip
