"""The environment comes by itself on a machine whose python3 has no pip, and from no other file than the one that is named."""

from __future__ import annotations

import hashlib
import http.server
import importlib.util
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def index(tmp_path: Path, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An index that serves what lies in its folder; it names its files by relative addresses, as mirrors do."""
    served = tmp_path / "served"
    (served / "simple" / "pip").mkdir(parents=True)
    files = [{"filename": bootstrap.PIP, "url": f"../../files/{bootstrap.PIP}", "hashes": {}}]
    (served / "simple" / "pip" / "index.html").write_text(json.dumps({"files": files}), "utf-8")
    (served / "files").mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(served))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(bootstrap, "INDEX", f"http://127.0.0.1:{server.server_port}/simple/pip/")
        yield served
        server.shutdown()


def test_the_file_with_pip_is_fetched_where_its_bytes_are_those_that_are_named(
    index: Path, bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (index / "files" / bootstrap.PIP).write_bytes(b"pip")
    monkeypatch.setattr(bootstrap, "SHA256", hashlib.sha256(b"pip").hexdigest())
    assert bootstrap._fetched(tmp_path).read_bytes() == b"pip"


def test_a_file_with_other_bytes_is_refused_and_not_kept(
    index: Path, bootstrap: ModuleType, tmp_path: Path
) -> None:
    (index / "files" / bootstrap.PIP).write_bytes(b"something else")
    with pytest.raises(SystemExit, match="is not the file it should be; nothing was installed"):
        bootstrap._fetched(tmp_path)
    assert not (tmp_path / bootstrap.PIP).exists()


def test_an_index_without_it_is_told_with_what_to_do(
    index: Path, bootstrap: ModuleType, tmp_path: Path
) -> None:
    (index / "simple" / "pip" / "index.html").write_text('{"files": []}', "utf-8")
    with pytest.raises(SystemExit, match="Install the package python3-venv, or set PIP_INDEX_URL"):
        bootstrap._fetched(tmp_path)
