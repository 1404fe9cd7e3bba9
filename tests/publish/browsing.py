"""What the browser tests share: one chromium, a server a site, and pages that fail on anything from elsewhere.

`SETUPS` are ways in which people look at a site: every pair of circumstances occurs in at least one of them (a covering array of
strength two), which finds nearly all that every combination would find for a fraction of the time.
"""

from __future__ import annotations

import itertools
import os
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from zicht.publish import serve

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
FACTORS: dict[str, tuple[object, ...]] = {
    "width": (320, 390, 640, 768, 1440),
    "style": ("zicht", "linde"),
    "ground": ("light", "dark"),
    "language": ("nl", "en"),
    "forced": (False, True),
    "text": (100, 200),
}
"""Widths in CSS pixels: 320 is a window of 1280 at 400 %, 640 the same at 200 %. `text` is the size of letters alone, in per cent."""


@dataclass(frozen=True)
class Setup:
    """One way of looking at a site."""

    width: int
    style: str
    ground: str
    language: str
    forced: bool
    text: int

    def __str__(self) -> str:
        return f"{self.width}-{self.style}-{self.ground}-{self.language}-{'forced-' if self.forced else ''}{self.text}"


def _pairs(row: tuple[object, ...]) -> set[tuple[int, object, int, object]]:
    return {(i, row[i], j, row[j]) for i, j in itertools.combinations(range(len(row)), 2)}


def covering() -> list[Setup]:
    """The fewest rows that a greedy search finds in which every pair of circumstances occurs."""
    rows = list(itertools.product(*FACTORS.values()))
    missing = set().union(*map(_pairs, rows))
    found: list[Setup] = []
    while missing:
        best = max(rows, key=lambda row: len(_pairs(row) & missing))
        missing -= _pairs(best)
        found.append(Setup(*best))  # type: ignore[arg-type]
    return found


SETUPS = covering()


@contextmanager
def chromium() -> Iterator[Any]:
    """A running chromium; the test is skipped where there is none, unless this is CI."""
    path = Path(os.environ.get("ZICHT_CHROMIUM", "/usr/bin/chromium"))
    if not path.is_file() and not os.environ.get("CI"):
        pytest.skip("no chromium: apt-get install chromium, or set ZICHT_CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(path), args=ARGUMENTS)
        yield running
        running.close()


def served(site: Path, port: int) -> str:
    """The address of a site, served until the tests end; as hosts do, without what loads a page again when it changed."""
    told: queue.Queue[str] = queue.Queue()
    serving = partial(serve, site, "127.0.0.1", port, told.put, reload=False)
    threading.Thread(target=serving, daemon=True).start()
    return told.get(timeout=10)


def watch(page: Any, home: str, problems: list[str]) -> None:
    """Note every request elsewhere, every error, and everything the policy refused."""
    page.on(
        "request",
        lambda request: None if request.url.startswith((home, "data:")) else problems.append(request.url),
    )
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda said: problems.append(said.text) if said.type == "error" and "404" not in said.text else None,
    )
