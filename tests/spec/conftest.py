"""The fixture of the spec tests: tables in, table out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "figures"))

from figure_tables import Figures


@pytest.fixture
def figures() -> Figures:
    """Figures over a table of units, as a table."""
    return Figures()
