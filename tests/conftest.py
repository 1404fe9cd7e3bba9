"""What all tests share: where the data beside the checkout lies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# Before NumPy is imported: its threads wait for one another spinning, and the processes that run tests take the cores already.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def _keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A secret for every project that a test builds, and a home for secrets that is not the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZICHT_KEYS", f"1={bytes(range(100, 132)).hex()}")
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ../shared beside the checkout, with real data, standards and answer keys."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("../shared is not beside this checkout, so this test on real data cannot run")
    return folder
