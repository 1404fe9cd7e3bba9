"""What taking in a delivery found, as it is kept beside the rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """What was found in one column of the accepted rows.

    Attributes:
        filled: rows with a value.
        missing: rows without, by status; empty cells of a column without declared codes count under `empty`.
        outside: points that lie in no area; None where the column is not located.
        without_point: rows without coordinates; None where the column is not located.
        contradictions: points in another area than the delivery itself says; None where that was not asked.
    """

    filled: int
    missing: Mapping[str, int]
    outside: int | None = None
    without_point: int | None = None
    contradictions: int | None = None


@dataclass(frozen=True, slots=True)
class Refusals:
    """Rows refused for one reason in one column; a row can break the contract in several.

    Attributes:
        column: the column.
        reason: what its values break.
        rows: how many rows.
    """

    column: str
    reason: str
    rows: int


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """What the pseudonyms of a register were made with.

    Attributes:
        domain: the domain of the key.
        version: which secret of the project it was derived from.
        fingerprint: by which the key is known again.
    """

    domain: str
    version: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What taking in a delivery found.

    Attributes:
        register: id of the register.
        delivery: what the file was called in messages.
        digest: SHA-256 of its bytes.
        rows: rows in the delivery, blank ones left out.
        accepted, refused: how many of them; together `rows`.
        blank: rows without any value, left out.
        refusals: refused rows by column and reason.
        columns: by name, in the order of the contract.
        not_yet_published: columns without a value in any row, where the contract declares missing codes.
        surplus: delivered columns that the contract does not name.
        warnings: what was assumed, or looks odd.
        pseudonyms: what its pseudonyms were made with; None where nothing identifies.
        dropped: columns that identify and fell away.
    """

    register: str
    delivery: str
    digest: str
    rows: int
    accepted: int
    refused: int
    blank: int
    refusals: tuple[Refusals, ...]
    columns: Mapping[str, ColumnReport]
    not_yet_published: tuple[str, ...]
    surplus: int
    warnings: tuple[str, ...]
    pseudonyms: Pseudonyms | None = None
    dropped: tuple[str, ...] = ()

    def write(self, path: Path) -> None:
        """Write it as JSON in the file `path`."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> IntakeReport:
        """The report that `write` wrote in the file `path`."""
        found = json.loads(path.read_text("utf-8"))
        found["refusals"] = tuple(Refusals(**item) for item in found["refusals"])
        found["columns"] = {name: ColumnReport(**item) for name, item in found["columns"].items()}
        found["pseudonyms"] = Pseudonyms(**found["pseudonyms"]) if found["pseudonyms"] else None
        for name in ("not_yet_published", "warnings", "dropped"):
            found[name] = tuple(found[name])
        return cls(**found)
