"""Numba, loaded whole and no more than that.

Numba is a million objects that stay, and Python looks through all of them again and again for some that could go: that takes a third of the
time of loading, and more later. And numba loads SciPy's linear algebra to see whether it is there, which takes another third and starts
threads; no compiled function of ours multiplies matrices.
"""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_BLAS = "scipy.linalg.cython_blas"


@contextmanager
def _in_haste() -> Iterator[None]:
    """Nothing is collected, and SciPy's linear algebra is not there, unless it is already; what there is at the end, stays until Python ends."""
    collecting, hidden = gc.isenabled(), _BLAS not in sys.modules
    gc.disable()
    if hidden:
        sys.modules[_BLAS] = None  # type: ignore[assignment]  # how Python is told that there is no such module
    try:
        yield
    finally:
        if hidden:
            del sys.modules[_BLAS]
        gc.freeze()
        atexit.register(gc.unfreeze)  # libraries look at the end whether their objects have gone
        if collecting:
            gc.enable()


with _in_haste():
    import numba
    from numba.core import types
    from numba.core.registry import cpu_target
    from numba.misc import appdirs

    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()

__all__ = ["appdirs", "numba", "types"]
