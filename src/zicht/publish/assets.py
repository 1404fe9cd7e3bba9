"""The scripts, styles, fonts and pictures that pages link, as `frontend/` built them; each has a digest in its name.

They are made when the package is built (`frontend/build.py`) and are part of the wheel, not of the repository.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import PurePosixPath

from zicht.errors import ZichtError


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of our own that pages link: where it stands in the site, and its bytes."""

    path: str
    data: bytes


@cache
def assets() -> Mapping[str, Asset]:
    """All built files by the name that templates call them by.

    A script or stylesheet is called by its name in `frontend/` with the ending that browsers know (`map.js`), a picture or
    font by its file name (`mark.svg`); what only other files refer to has its own path as name.

    Raises:
        ZichtError: nothing has been built.
    """
    folder = resources.files("zicht.publish") / "static"
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise ZichtError(
            "The scripts and styles of the site have not been built. In a checkout, build them with: python frontend/build.py"
        ) from None
    found = {}
    for source, entry in sorted(manifest.items()):
        name = PurePosixPath(source).name if not source.startswith("_") else entry["file"]
        found[name.removesuffix(".ts") + ".js" if name.endswith(".ts") else name] = entry["file"]
    return {name: Asset(f"static/{file}", (folder / file).read_bytes()) for name, file in found.items()}
