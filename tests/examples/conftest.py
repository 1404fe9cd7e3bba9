"""The projects on real data, each built once for all workers, outside the checkout."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from built_apart import Example, build_apart


def _shared_by_workers(factory: pytest.TempPathFactory) -> Path:
    base = factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def utrecht(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Example:
    """Utrecht, built from ../shared."""
    return build_apart("utrecht", _shared_by_workers(tmp_path_factory) / "utrecht")


@pytest.fixture(scope="session")
def country(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Example:
    """The whole country, built from ../shared."""
    return build_apart("nederland", _shared_by_workers(tmp_path_factory) / "nederland")


@pytest.fixture(scope="session")
def covid(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Example:
    """Corona per month, built from ../shared."""
    return build_apart("covid", _shared_by_workers(tmp_path_factory) / "covid")
