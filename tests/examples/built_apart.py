"""Build one of the projects on real data in a process of its own, so that its memory can be measured."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from zicht.release import Release, open_release

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BUILD = """
import json, sys, time
from pathlib import Path
from zicht.chain import build

if __name__ == "__main__":
    began = time.monotonic()
    built = build(Path(sys.argv[1]), workplace=Path(sys.argv[2]))
    seconds = time.monotonic() - began
    print(json.dumps({
        "release": str(built.release.path), "site": str(built.site), "pages": built.pages_written, "seconds": seconds,
    }))
"""


@dataclass(frozen=True)
class Example:
    """A built project, and what building it took.

    Attributes:
        release: its release.
        site: folder of its site.
        pages: files written.
        seconds: on the clock.
        peak_bytes: the most memory that the process and its workers held at one moment; looked at five times a second.
    """

    release: Release
    site: Path
    pages: int
    seconds: float
    peak_bytes: int


def build_apart(name: str, folder: Path) -> Example:
    """Build the project in a folder outside the checkout; of several processes that ask for it one builds."""
    folder.mkdir(exist_ok=True)
    kept = folder / "said.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_text(json.dumps(_built(name, folder / "store", folder / "build.py")), "utf-8")
    said = json.loads(kept.read_text("utf-8"))
    release = open_release(Path(said["release"]))
    return Example(release, Path(said["site"]), said["pages"], said["seconds"], said["peak_bytes"])


def _built(name: str, workplace: Path, script: Path) -> dict[str, object]:
    """What the process says that builds, and the most memory it held."""
    script.write_text(BUILD, "utf-8")
    errors = script.with_suffix(".err")
    peak = 0
    with errors.open("w") as stderr, subprocess.Popen(
        [sys.executable, str(script), str(EXAMPLES / name), str(workplace)], stdout=subprocess.PIPE, stderr=stderr, text=True
    ) as process:  # fmt: skip
        until = time.monotonic() + 900
        while process.poll() is None:
            # Not what the system says of the most each ever held: that counts the process that began it, before it was itself.
            peak = max(peak, sum(map(_resident, _with_descendants(process.pid))))
            assert time.monotonic() < until, f"{name} was not built in a quarter of an hour"
            time.sleep(0.2)
        assert process.stdout is not None
        said = process.stdout.read()
    assert process.returncode == 0, errors.read_text("utf-8")[-4000:]
    return {**json.loads(said.splitlines()[-1]), "peak_bytes": peak}


def _resident(process: int) -> int:
    """Bytes that a process holds; 0 where it has ended, or the system has no /proc."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _with_descendants(process: int) -> list[int]:
    found = [process]
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [
                each
                for child in children.read_text("ascii").split()
                for each in _with_descendants(int(child))
            ]
    return found
