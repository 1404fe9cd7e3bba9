"""The fixture of the spec tests: tables in, table out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "figures"))

pytest.register_assert_rewrite("figure_tables")
from figure_tables import Figures  # noqa: E402


@pytest.fixture
def figures() -> Figures:
    """Figures over a table of units, as a table."""
    return Figures()
