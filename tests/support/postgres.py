"""A PostgreSQL cluster of the tests themselves, in a folder of its own, reached over a socket; nothing of the machine's is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """The folder with Debian's newest `initdb` and `postgres`; None where there is none."""
    found = sorted(PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def _as_other(command: list[str]) -> list[str]:
    """The command as an account that may run a database: root may not."""
    return ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else command


@contextmanager
def cluster() -> Iterator[str]:
    """The address of an empty database, without a password; everything is gone afterwards."""
    there = programs()
    if there is None:
        if os.environ.get("CI"):
            raise RuntimeError("PostgreSQL is not installed, and .ci/run should have installed it")
        pytest.skip("PostgreSQL is not installed (Debian: postgresql), so this test on it cannot run")
    folder = Path(tempfile.mkdtemp(prefix="zicht-pg-"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        folder.chmod(0o755)
        data = str(folder / "data")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        _run([str(there / "initdb"), "-D", data, "-A", "trust", "-U", "zicht", "-N"], folder)
        _run(
            [str(there / "pg_ctl"), "-D", data, "-w", "-o", options, "-l", str(folder / "log"), "start"],
            folder,
        )
        try:
            yield f"postgresql://zicht@/postgres?host={folder}"
        finally:
            _run([str(there / "pg_ctl"), "-D", data, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str], folder: Path) -> None:
    # The output goes nowhere: the server would keep a pipe open that somebody waits for.
    nowhere = subprocess.DEVNULL
    subprocess.run(_as_other(command), check=True, cwd=folder, timeout=60, stdout=nowhere, stderr=nowhere)
