"""Taking in, from a few lines of text."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from deliveries_as_text import Take, Taken, contract, delivery

from zicht.areas import Boundaries
from zicht.declare import Format, Register
from zicht.intake import take_in
from zicht.pseudonyms import DomainKey

KEY = DomainKey("test", 1, bytes(range(32)))


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Takes text in as CSV, or a file that is there, under a contract."""

    def taken(
        data: str | Path, columns: str | Register, *, format_: Format | None = None, unit: str = "object",
        refused: float = 0, boundaries: Boundaries | None = None, into: str = "out",
    ) -> Taken:  # fmt: skip
        if isinstance(data, str):
            path = tmp_path / "rows.csv"
            path.write_text(dedent(data).lstrip("\n"), "utf-8")
        else:
            path = data
        register = columns if isinstance(columns, Register) else contract(columns, unit=unit, refused=refused)
        folder = tmp_path / into
        return Taken(
            folder, take_in(register, delivery(path, format_), folder, boundaries=boundaries, key=KEY)
        )

    return taken
