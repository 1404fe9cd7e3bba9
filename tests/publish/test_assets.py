"""What frontend/ built: found by name, named by its content, and asked for in words when it is not there."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from zicht.errors import ZichtError
from zicht.publish import assets as module
from zicht.publish.assets import assets

ROOT = Path(__file__).parents[2]


@pytest.fixture
def afresh() -> Iterator[None]:
    assets.cache_clear()
    yield
    assets.cache_clear()


def test_every_asset_carries_a_digest_in_its_name():
    for name, asset in assets().items():
        assert re.fullmatch(r"static/[\w-]+\.[\w-]{10}\.\w+", asset.path), name
        assert asset.data


def test_what_pages_link_is_there_by_name():
    assert {"site.css", "site.js", "map.js", "mark.svg", "fonts.txt"} <= set(assets())


def test_a_checkout_without_built_files_says_how_to_build_them(afresh, tmp_path, monkeypatch):
    monkeypatch.setattr(module.resources, "files", lambda _package: tmp_path)
    with pytest.raises(ZichtError, match=r"python frontend/build\.py"):
        assets()


def test_what_stands_in_the_package_was_made_of_what_stands_in_frontend():
    spec = importlib.util.spec_from_file_location("frontend_build", ROOT / "frontend" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    assert build.is_current(), "run: python frontend/build.py"
