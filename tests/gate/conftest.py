"""A project to attack."""

from __future__ import annotations

from pathlib import Path

import pytest
from gate_folder import Folder, a_project


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A small project about persons; nothing in it is refused."""
    return a_project(tmp_path / "poging")
