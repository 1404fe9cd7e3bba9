"""Builds the assets of the site when the package is built, so that wheel, sdist and editable install carry them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "zicht_frontend_build", Path(__file__).with_name("build.py")
    )
    if spec is None or spec.loader is None:
        raise ImportError("frontend/build.py is missing; it builds the scripts and styles of the site.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class FrontendHook(BuildHookInterface[Any]):
    """Node is asked for only when there is something to build: an sdist carries built assets and needs none."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build needs besides hatchling."""
        builder = _builder()
        return [] if builder.is_current() else [builder.NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the files of the package are gathered."""
        _builder().build()
