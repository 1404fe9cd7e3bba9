"""The map of all buurten of the Netherlands in a browser: bytes until it is shown, when it is shown, and frames a second while it is dragged.

The site is that of `examples/nederland`, built once into `build/bench/nederland` where `../shared` is beside the checkout. Chromium
paints without a graphics card; what a reader's machine paints with one is faster.
"""

from __future__ import annotations

import json
import math
import os
import queue
import threading
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / "build" / "bench" / "nederland"
PAGES = {"share": "indicator/aandeel_65_plus/buurt/", "circles": "indicator/inwoners/buurt/"}
MOST_SECONDS, MOST_BYTES, FEWEST_FRAMES = 3.0, 1_500_000, 40
_STEPS = 150
_FRAMES = "window.__frames = []; (function next(now) { __frames.push(now); requestAnimationFrame(next); })(performance.now())"


def site() -> Path:
    """The folder of the site; built when it is not there."""
    from zicht.chain import build

    if not (STORE / "site" / "index.html").is_file():
        build(ROOT / "examples" / "nederland", workplace=STORE)
    return STORE / "site"


def measured(browser: Any, address: str) -> dict[str, float]:
    """What the map of a page costs, and how it moves.

    Args:
        browser: a running Chromium of Playwright.
        address: of the page.

    Returns:
        kB on the line, seconds until the first paint of content and until the map is shown, frames a second while it is dragged by hand, farther than what
        is drawn of it, and the longest frame in ms.
    """
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address)
    page.wait_for_function("() => performance.getEntriesByName('map-shown').length", timeout=60_000)
    shown = page.evaluate("performance.getEntriesByName('map-shown')[0].startTime")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    page.wait_for_timeout(500)
    box = page.locator("#map [role=application]").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    for _ in range(2):
        page.mouse.wheel(0, -250)
        page.wait_for_timeout(80)
    page.keyboard.up("Control")
    page.wait_for_timeout(800)
    page.evaluate(_FRAMES)
    page.mouse.down()
    for step in range(_STEPS):
        page.mouse.move(
            x + 0.45 * box["width"] * math.sin(step / 16), y + 0.4 * box["height"] * math.sin(step / 11)
        )
    page.mouse.up()
    frames = page.evaluate("__frames")
    page.context.close()
    gaps = [after - before for before, after in pairwise(frames)]
    return {
        "kB": round(sum(sizes) / 1000),
        "painted_s": round(painted / 1000, 2),
        "shown_s": round(shown / 1000, 2),
        "frames_a_second": round(1000 * len(gaps) / sum(gaps), 1),
        "longest_frame_ms": round(max(gaps)),
    }


def main() -> None:
    from playwright.sync_api import sync_playwright

    from zicht.publish import serve

    told: queue.Queue[str] = queue.Queue()
    serving = partial(serve, site(), "127.0.0.1", 8860, told.put, reload=False)
    threading.Thread(target=serving, daemon=True).start()
    home, results = told.get(timeout=30), {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("ZICHT_CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        for name, path in PAGES.items():
            found = results[name] = measured(browser, home + path)
            kept = (
                found["shown_s"] <= MOST_SECONDS
                and found["kB"] * 1000 <= MOST_BYTES
                and found["frames_a_second"] >= FEWEST_FRAMES
            )
            print(f"{name:8} {found} {'within' if kept else 'NOT within'} the budget")
        browser.close()
    (STORE.parent / "national_map.json").write_text(json.dumps(results, indent=1), "utf-8")
