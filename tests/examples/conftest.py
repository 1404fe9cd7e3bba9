"""The projects on real data, each built once, outside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest
from built_apart import Example, build_apart


@pytest.fixture(scope="session")
def utrecht(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Example:
    """Utrecht, built from ../shared."""
    folder = tmp_path_factory.mktemp("utrecht")
    return build_apart("utrecht", folder / "store", folder / "build.py")


@pytest.fixture(scope="session")
def country(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Example:
    """The whole country, built from ../shared."""
    folder = tmp_path_factory.mktemp("nederland")
    return build_apart("nederland", folder / "store", folder / "build.py")


@pytest.fixture(scope="session")
def covid(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Example:
    """Corona per month, built from ../shared."""
    folder = tmp_path_factory.mktemp("covid")
    return build_apart("covid", folder / "store", folder / "build.py")
