"""Numba is loaded without what it does not need, and nobody notices."""

import subprocess
import sys

import pytest

LOADED = "import zicht.compiled, sys, gc\n"
CASES = {
    "linear algebra is not loaded": "assert 'scipy.linalg' not in sys.modules",
    "it can be loaded after it": "import scipy.linalg.cython_blas, scipy.linalg\nassert scipy.linalg.inv([[2.0]])[0, 0] == 0.5",
    "compiled functions can ask for it": (
        "import numba, numpy as np\n"
        "assert numba.njit(lambda one, other: one @ other)(np.eye(2), np.ones((2, 2))).tolist() == [[1, 1], [1, 1]]"
    ),
    "garbage is collected": (
        "import weakref\n"
        "class Knot: pass\n"
        "knot = Knot(); knot.itself = knot; gone = weakref.ref(knot)\n"
        "del knot; gc.collect()\n"
        "assert gc.isenabled() and gone() is None"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_loaded(case: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED + CASES[case]], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_library_that_was_there_before_misses_nothing_at_the_end() -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import duckdb\n{LOADED}"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_who_does_not_want_garbage_collected_gets_his_way() -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import gc; gc.disable()\n{LOADED}assert not gc.isenabled()"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
