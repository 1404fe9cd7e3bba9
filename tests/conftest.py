"""What all tests share: where the data beside the checkout lies, and the order that keeps two workers busy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# Before NumPy is imported: its threads wait for one another spinning, and the processes that run tests take the cores already.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parents[1]
# What takes minutes begins at once and on one worker, which compiles what others need on disk later; they begin with what needs least of it.
LONG = (
    "chain/test_voorbeeldstad",
    "examples",
    "disclosure",
    "findings",
    "chain",
    "figures",
    "engine",
    "compiled",
    "demo",
)
SHORT = ("declare", "test_house")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of workers each begins with an equal part of the list: the first with what takes long, filled up with what takes least."""
    if "PYTEST_XDIST_WORKER_COUNT" not in os.environ:
        return
    long, short = (
        [item for start in names for item in items if _is_of(item, start)] for names in (LONG, SHORT)
    )
    long = list(dict.fromkeys(long))
    taken = {*long, *short}
    rest = sorted((item for item in items if item not in taken), key=lambda item: not _is_of(item, "publish"))
    filling = max(0, len(items) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"]) - len(long))
    items[:] = [*long, *short[:filling], *rest, *short[filling:]]


def _is_of(item: pytest.Item, start: str) -> bool:
    return item.nodeid.startswith(f"tests/{start}")


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
