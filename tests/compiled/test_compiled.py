"""What is compiled is never older than the code it was made of; records that are lent read as they are."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from zicht.compiled import cached, compiled, lend

CALLER = """
from zicht.compiled import compiled
from toy.callee import FACTOR, twice

@compiled
def fourfold(number):
    return FACTOR * twice(number)

if __name__ == "__main__":
    print(fourfold(1), fourfold.stats.cache_hits.total())
"""
CALLEE = """
from zicht.compiled import compiled

FACTOR = 2

@compiled
def twice(number):
    return 2 * number
"""


class Inner(NamedTuple):
    weight: np.ndarray
    grid: np.ndarray


class Outer(NamedTuple):
    first: np.ndarray
    inner: Inner
    last: np.ndarray


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A package of two modules, one of which calls the other."""
    package = tmp_path / "toy"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "caller.py").write_text(CALLER)
    (package / "callee.py").write_text(CALLEE)
    return package


def run(toy: Path) -> str:
    code = "from toy.caller import fourfold; print(fourfold(1), sum(fourfold.stats.cache_hits.values()))"
    clean = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=toy.parent, env=clean, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.slow
def test_a_caller_gives_the_new_result_once_what_it_calls_or_uses_has_changed(toy: Path) -> None:
    assert run(toy) == "4 0"
    assert run(toy) == "4 1", "kept on disk"
    (toy / "callee.py").write_text(CALLEE.replace("2 * number", "10 * number"))
    assert run(toy) == "20 0"
    (toy / "callee.py").write_text(CALLEE.replace("FACTOR = 2", "FACTOR = 3"))
    assert run(toy) == "6 0"
    (toy / "callee.py").write_text(CALLEE)
    assert run(toy) == "4 1", "the old code once more"


def folder(toy: Path, chosen: str = "") -> Path:
    cached._folder.cache_clear()
    return cached._folder("toy.caller", toy / "caller.py", chosen)


def test_what_a_module_does_not_import_leaves_what_is_kept_of_it_alone(toy: Path) -> None:
    before = folder(toy)
    (toy / "stranger.py").write_text("import toy.caller\n")
    assert folder(toy) == before


def test_a_package_that_is_imported_counts_with_all_its_modules(toy: Path) -> None:
    parts = toy / "parts"
    parts.mkdir()
    (parts / "one.py").write_text("ONE = 1\n")
    (toy / "callee.py").write_text("from toy.parts import one\n" + CALLEE)
    before = folder(toy)
    (parts / "one.py").write_text("ONE = 2\n")
    assert folder(toy) != before


def test_folders_of_other_code_are_removed_once_nobody_can_be_using_them(toy: Path) -> None:
    old = folder(toy)
    old.mkdir(parents=True)
    (toy / "callee.py").write_text(CALLEE + "\n")
    folder(toy)
    assert old.exists(), "a program that runs may still write in it"
    long_ago = time.time() - 2 * cached.KEPT
    os.utime(old, (long_ago, long_ago))
    folder(toy)
    assert not old.exists()


def test_a_folder_that_was_chosen_is_used(toy: Path, tmp_path: Path) -> None:
    assert folder(toy, str(tmp_path / "chosen")).parent == tmp_path / "chosen"


def test_a_package_in_which_nothing_can_be_written_is_kept_with_the_user(toy: Path) -> None:
    (toy / "__pycache__").write_text("in the way")
    assert toy not in folder(toy).parents


@compiled
def _read(outer: Outer, at: int) -> float:
    outer.last[at] = outer.inner.grid[at, 1] + outer.inner.weight[at]
    total = 0.0
    for row in range(outer.inner.grid.shape[0]):
        total += outer.inner.grid[row].sum()
    return total + outer.first.size


def test_a_record_that_is_lent_reads_and_changes_as_it_is() -> None:
    record = Outer(
        np.arange(3),
        Inner(np.array([0.5, 0.25]), np.arange(6.0).reshape(2, 3)),
        np.zeros(2, dtype=np.float32),
    )
    assert _read(lend(record), 1) == 15 + 3
    assert record.last.tolist() == [0, 4.25]


def test_an_array_in_another_order_is_not_lent() -> None:
    with pytest.raises(ValueError, match="C order"):
        lend(Inner(np.arange(6)[::2], np.zeros((2, 2))))
