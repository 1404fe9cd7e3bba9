"""A project folder to break."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

STARTER = Path(__file__).resolve().parents[2] / "src" / "zicht" / "demo" / "starter"


@pytest.fixture
def starter(tmp_path: Path) -> Path:
    """A fresh copy of the starter, which has no mistakes."""
    return Path(shutil.copytree(STARTER, tmp_path / "project"))
