"""What all tests share: where the data beside the checkout lies."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder ../shared beside the checkout, with real data, standards and answer keys."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("../shared is not beside this checkout, so this test on real data cannot run")
    return folder
