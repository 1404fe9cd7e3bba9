"""A built project to look at, and one to spoil."""

from __future__ import annotations

from pathlib import Path

import pytest

from zicht.chain import Built, build
from zicht.demo import new_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A fresh starter project."""
    new_project(tmp_path / "proefdorp")
    return tmp_path / "proefdorp"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The starter, built; not to be changed."""
    folder = tmp_path_factory.mktemp("built") / "proefdorp"
    new_project(folder)
    return build(folder)
