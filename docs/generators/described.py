"""What the reference says beyond what stands in the code: `docs/reference/meanings.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).resolve().parents[1] / "reference" / "meanings.yaml"


@cache
def meanings(section: str) -> dict[str, str]:
    """The texts of one section, by name."""
    return {str(name): str(text) for name, text in yaml.safe_load(FILE.read_text("utf-8"))[section].items()}
