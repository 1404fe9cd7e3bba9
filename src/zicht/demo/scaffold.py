"""Project folders that come with Zicht: the starter that `zicht new` copies, and Voorbeeldstad."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from zicht.errors import ZichtError


def new_project(folder: Path) -> None:
    """Copy the starter: a small project that runs as it is.

    Args:
        folder: where; it must not be there yet, or be empty.

    Raises:
        ZichtError: something is there already, or the folder cannot be made.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ZichtError(f"{folder} is there already and is not empty; name a new folder.")
    _copy("starter", folder)


def voorbeeldstad(folder: Path) -> None:
    """Copy the declarations of Voorbeeldstad; deliveries and results that are there stay.

    Args:
        folder: where.

    Raises:
        ZichtError: there is another project there, or the folder cannot be written.
    """
    file = folder / "zicht.yaml"
    if file.is_file() and "id: voorbeeldstad" not in file.read_text("utf-8", errors="replace"):
        raise ZichtError(f"{folder} holds another project; name a new folder for Voorbeeldstad.")
    _copy("voorbeeldstad", folder)


def _copy(name: str, folder: Path) -> None:
    source = Path(str(resources.files("zicht.demo"))) / name
    try:
        shutil.copytree(
            source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", ".zicht")
        )
    except OSError as error:
        raise ZichtError(f"{folder} cannot be written: {error.strerror or error}.") from error
