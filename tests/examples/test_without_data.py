"""Neither a local copy nor a network: the build says so of every source, and leaves nothing behind."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from typing import NoReturn

import pytest
from built_apart import EXAMPLES

from zicht.chain import build
from zicht.declare import read_project
from zicht.errors import DeliveryError


def _no_network(*_: object, **__: object) -> NoReturn:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["utrecht", "nederland"])
def test_every_source_is_named_as_neither_local_nor_reachable_and_nothing_half_is_written(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The same place relative to a checkout, with no folder `shared` beside it.
    folder = tmp_path / "checkout" / "examples" / name
    shutil.copytree(EXAMPLES / name, folder)
    store = tmp_path / "store"
    for proxy in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(proxy, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", _no_network)

    with pytest.raises(DeliveryError) as caught:
        build(folder, workplace=store)

    said = {problem.place.file: str(problem) for problem in caught.value.problems}
    for source in read_project(folder).sources.values():
        message = said[f"sources/{source.id}.yaml"]
        assert "cannot be fetched from https://" in message
        assert "There is no local copy at" in message
        assert source.local_copy is not None
        assert str(tmp_path / "shared" / source.local_copy.file) in message
    assert [path for path in store.rglob("*") if path.is_file()] == []
    assert [path for path in folder.rglob("*") if ".zicht" in path.parts] == []
