"""Build one of the two projects on real data in a process of its own, so that its memory can be measured."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from zicht.release import Release, open_release

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BUILD = """
import json, resource, sys, time
from pathlib import Path
from zicht.chain import build

if __name__ == "__main__":
    began = time.monotonic()
    built = build(Path(sys.argv[1]), workplace=Path(sys.argv[2]))
    seconds = time.monotonic() - began
    own, workers = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({
        "release": str(built.release.path), "site": str(built.site), "pages": built.pages_written, "seconds": seconds,
        "own": own * 1024, "workers": workers * 1024,
    }))
"""


@dataclass(frozen=True)
class Example:
    """A built project, and what building it took."""

    release: Release
    site: Path
    pages: int
    seconds: float
    own_bytes: int
    worker_bytes: int


def build_apart(name: str, folder: Path) -> Example:
    """Build the project in a folder outside the checkout; of several processes that ask for it one builds."""
    folder.mkdir(exist_ok=True)
    kept = folder / "said.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_text(_built(name, folder / "store", folder / "build.py"), "utf-8")
    said = json.loads(kept.read_text("utf-8"))
    return Example(
        release=open_release(Path(said["release"])),
        site=Path(said["site"]),
        pages=said["pages"],
        seconds=said["seconds"],
        own_bytes=said["own"],
        worker_bytes=said["workers"],
    )


def _built(name: str, workplace: Path, script: Path) -> str:
    """What the process says that builds."""
    script.write_text(BUILD, "utf-8")
    done = subprocess.run(
        [sys.executable, str(script), str(EXAMPLES / name), str(workplace)],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.splitlines()[-1]
