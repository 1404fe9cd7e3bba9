"""What was planted in Voorbeeldstad, so that a test can ask whether an analysis finds it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

Detail = str | float | int


@dataclass(frozen=True, slots=True)
class Pattern:
    """One planted fact.

    Attributes:
        kind: `overrepresentation`, `cluster`, `signal`, `non-take-up`, `doorsluis`, `proxy` or `gradient`.
        what: one sentence that says what was done to the data.
        register: the delivery in which it shows.
        where: area codes, or the address ids of doorsluiswoningen; empty where it holds everywhere.
        size: the factor, share or AUC that was planted.
        details: what else a test needs (months, kinds, realised ratios, names of columns).
    """

    kind: str
    what: str
    register: str
    where: tuple[str, ...]
    size: float
    details: dict[str, Detail]


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """One file that was written.

    Attributes:
        path: where it is, under the folder.
        rows: how many rows of data it has.
        bytes: its size.
        sha256: SHA-256 of its bytes, in hex.
    """

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about one generated Voorbeeldstad.

    Attributes:
        generator: digest of the generator's code; another digest is another version of the city.
        seed, planted, homes: what it was generated with.
        patterns: what was planted (nothing when `planted` is false).
        totals: a few figures to recognise the city by, for the last peiljaar.
        files: every file written.
    """

    generator: str
    seed: int
    planted: bool
    homes: int
    patterns: tuple[Pattern, ...]
    totals: dict[str, float]
    files: tuple[DeliveredFile, ...]

    def of(self, kind: str) -> tuple[Pattern, ...]:
        """The planted patterns of one kind."""
        return tuple(pattern for pattern in self.patterns if pattern.kind == kind)

    def text(self) -> str:
        """The truth as JSON, the same for the same city."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def read(cls, path: Path) -> Truth:
        """Read a truth file.

        Args:
            path: the file.

        Returns:
            The truth that it holds.

        Raises:
            ValueError: it is not a truth file of this shape (TypeError and KeyError are turned into it).
        """
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            patterns = tuple(Pattern(**{**p, "where": tuple(p["where"])}) for p in raw.pop("patterns"))
            files = tuple(DeliveredFile(**f) for f in raw.pop("files"))
            return cls(**raw, patterns=patterns, files=files)
        except (TypeError, KeyError) as error:
            raise ValueError(f"{path} is not a truth file of Voorbeeldstad") from error
