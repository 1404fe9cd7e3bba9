"""Make an empty environment and put uv into it, with nothing but Python's own library.

Debian and Ubuntu have a python3 without `ensurepip` (it is in their package python3-venv), so an environment made there has no pip. Then pip itself is
fetched, as the file named below and as no other, and runs from that file; what it installs follows its own settings, such as the index of an organisation.

Usage: python3 bootstrap.py FOLDER REQUIREMENT
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import Request, urlopen

INDEX = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
PIP = "pip-26.3-py3-none-any.whl"
SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"


def main(folder: Path, requirement: str) -> None:
    """Make the environment `folder` and install the `requirement` in it."""
    has_pip = importlib.util.find_spec("ensurepip") is not None
    venv.create(folder, with_pip=has_pip, symlinks=True)
    python = folder / "bin" / "python"
    with tempfile.TemporaryDirectory() as work:
        pip = ["-m", "pip"] if has_pip else [str(_fetched(Path(work)) / "pip")]
        subprocess.run(  # noqa: S603 - the requirement is what the Makefile says
            [python, *pip, "install", "--quiet", "--disable-pip-version-check", requirement], check=True
        )


def _fetched(work: Path) -> Path:
    """The file with pip; a file of the same name with other bytes is refused."""
    # The index is https, or what the owner of the machine set.
    wanted = Request(INDEX, headers={"Accept": "application/vnd.pypi.simple.v1+json"})  # noqa: S310
    with urlopen(wanted, timeout=60) as answer:  # noqa: S310
        files = json.load(answer)["files"]
    url = next((file["url"] for file in files if file["filename"] == PIP), None)
    if url is None:
        sys.exit(
            f"{INDEX} has no {PIP}. Install the package python3-venv, or set PIP_INDEX_URL to an index that has it."
        )
    with urlopen(urljoin(INDEX, url), timeout=60) as answer:  # noqa: S310
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != SHA256:
        sys.exit(f"{PIP} from {INDEX} is not the file it should be; nothing was installed.")
    file = work / PIP
    file.write_bytes(content)
    return file


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
