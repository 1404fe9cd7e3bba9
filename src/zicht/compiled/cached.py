"""Compiled functions, whose cache on disk knows of all the code that they were made of.

Numba keeps what it has compiled, but looks at the file of the function alone to see whether that is still right: with a
function that it calls changed (by an edit or a newer version) it would go on to run the old one. Here a cache is in a
folder that is named after all modules that went into it, so changed code is never mistaken for what it was.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from zicht.compiled.loading import appdirs, numba, types

KEPT = 24 * 3600  # seconds that the folder of other code is left, since a program that runs may still use it
_IMPORT = re.compile(rb"^\s*(?:from|import)\s+([\w.]+)", re.MULTILINE)
_LOCK = threading.Lock()
_numba: Any = numba  # what it says of its types is not all there is
_appdirs: Any = appdirs
R = TypeVar("R")


def compiled(function: Callable[..., R]) -> Callable[..., R]:
    """Compile a function with numba when it is first called, and keep that on disk; it runs without the interpreter's lock.

    Args:
        function: of a module in a file; it and what it calls may use only what numba knows.

    Returns:
        What is called in its place.
    """
    with _LOCK:
        before = _numba.config.CACHE_DIR
        _numba.config.CACHE_DIR = str(
            _folder(function.__module__, Path(function.__code__.co_filename), before)
        )
        try:
            dispatcher = _numba.njit(cache=True, nogil=True, no_cfunc_wrapper=True)(function)
        finally:
            _numba.config.CACHE_DIR = before
    _compile_once(dispatcher)
    return cast(Callable[..., R], dispatcher)


def _compile_once(dispatcher: Any) -> None:  # numba has no types of its own
    """Let compiled callers share one version for all integers; numba would make one for each constant and each width."""
    choose = dispatcher.get_call_template
    dispatcher.get_call_template = lambda given, named: choose(
        [_wide(kind) for kind in given], {name: _wide(kind) for name, kind in named.items()}
    )


def _wide(kind: Any) -> Any:
    plain = _numba.core.types.unliteral(kind)
    return types.int64 if isinstance(plain, types.Integer) and plain != types.uint64 else plain


@cache
def _folder(module: str, file: Path, chosen: str) -> Path:
    """Where what is compiled of a module is kept; folders of code that it no longer is are removed."""
    sources = _sources(module, file)
    digest = hashlib.sha256()
    for path in sorted(sources):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    beside = Path(chosen) if chosen else _writable(file.parent / "__pycache__")
    begin = f"{module}-{hashlib.sha256(str(file).encode()).hexdigest()[:8]}-"
    folder = beside / (begin + digest.hexdigest()[:16])
    for other in beside.glob(begin + "*"):
        if other != folder and time.time() - other.stat().st_mtime > KEPT:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def _writable(folder: Path) -> Path:
    """The folder, or one of the user where nothing can be written in it."""
    try:
        folder.mkdir(exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return Path(_appdirs.user_cache_dir("zicht", False)) / "compiled"
    return folder


def _root(module: str, file: Path) -> Path:
    """The folder that holds the outermost package of a module."""
    inside = file.parent if file.name == "__init__.py" else file
    return inside.parents[module.count(".")]


def _sources(module: str, file: Path) -> set[Path]:
    """The files of a module and of all of its package that it imports, and what those import."""
    root, package = _root(module, file), module.partition(".")[0]
    known: set[Path] = set()
    waiting = [file, *Path(__file__).parent.glob("*.py")]
    while waiting:
        path = waiting.pop()
        if path in known or not path.is_file():
            continue
        known.add(path)
        for name in _IMPORT.findall(path.read_bytes()):
            waiting.extend(_files(root, path, package, name.decode()))
    return known


def _files(root: Path, path: Path, package: str, name: str) -> list[Path]:
    """The file of a module that the file at `path` imports; all of a package, since any of it may be meant."""
    inside = path.parent if name.startswith(".") else root.joinpath(*name.split("."))
    if not name.startswith(".") and name.partition(".")[0] != package:
        return []
    return sorted(inside.glob("*.py")) if inside.is_dir() else [inside.with_suffix(".py")]
