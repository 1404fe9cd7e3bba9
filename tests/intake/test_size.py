"""A large delivery streams through: what is in memory does not grow with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.intake import generated, measured


@pytest.mark.slow
def test_a_million_rows_go_in_with_bounded_memory(tmp_path: Path) -> None:
    found = measured("zicht", generated(1_000_000, tmp_path / "rows.csv"))
    assert found["rows"] == 1_000_000
    assert found["peak"] < 800
