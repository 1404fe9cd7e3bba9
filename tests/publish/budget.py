"""What a page costs somebody with an old phone and a slow line, measured in Chromium.

Bytes are those on the line, headers too, with an empty cache. Times on the clock depend on who else uses the machine: they are for the
record and no test stops on them. How long the page does not answer is also told in processor time, which depends on that far less. The
slow line is that of Lighthouse's mobile profile: 1.6 Mbit/s, 150 ms, a processor four times slower.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

MOST_BYTES = 180 * 1024
MOST_SCRIPT = 45 * 1024
MOST_SHIFT = 0.02
MOST_BLOCKED = 0.15
SLOW_LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER = 4
_LONG = 0.05  # seconds; a task that takes longer is felt
_SETTLED = 600  # ms after the load event in which late shifts and long tasks show
_WATCH = """
window.__cost = {lcp: 0, cls: 0, tbt: 0};
new PerformanceObserver(list => { for (const e of list.getEntries()) __cost.lcp = e.startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) __cost.cls += e.value; })
  .observe({type: "layout-shift", buffered: true});
new PerformanceObserver(list => { for (const e of list.getEntries()) __cost.tbt += Math.max(0, e.duration - 50); })
  .observe({type: "longtask", buffered: true});
"""


@dataclass(frozen=True)
class Cost:
    """What it took to load a page: bytes on the line, of which scripts; seconds until the largest paint; how much of the screen
    shifted; seconds in which the page did not answer."""

    bytes: int
    script: int
    requests: int
    lcp: float
    cls: float
    tbt: float

    def line(self, name: str) -> str:
        """The cost in a line, for the record."""
        return f"{name}: {asdict(self)}"


def cost_of(browser: object, address: str, *, slow: bool) -> Cost:
    """Load a page with an empty cache and say what it cost.

    Args:
        browser: a running Chromium of Playwright.
        address: of the page.
        slow: whether over a slow line with a slow processor.
    """
    context = browser.new_context(viewport={"width": 412, "height": 823}, device_scale_factor=1.75)
    page = context.new_page()
    page.add_init_script(_WATCH)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    if slow:
        session.send("Network.emulateNetworkConditions", SLOW_LINE)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])}),
    )
    page.goto(address, wait_until="networkidle", timeout=60_000)
    page.wait_for_timeout(_SETTLED)
    found = page.evaluate("window.__cost")
    context.close()
    return Cost(
        bytes=sum(sizes.values()),
        script=sum(size for one, size in sizes.items() if kinds.get(one) == "Script"),
        requests=len(sizes),
        lcp=round(found["lcp"] / 1000, 2),
        cls=round(found["cls"], 4),
        tbt=round(found["tbt"] / 1000, 2),
    )


def blocked(browser: object, address: str) -> float:
    """Seconds in which a page does not answer while it opens on a processor four times slower: by how much tasks of the main thread
    take longer than 50 ms (total blocking time), told in processor time, which others on the machine do not add to.

    Args:
        browser: a running Chromium of Playwright.
        address: of the page.
    """
    context = browser.new_context(viewport={"width": 412, "height": 823}, device_scale_factor=1.75)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_LINE)
    browser.start_tracing(page=page, categories=["devtools.timeline", "toplevel"])
    page.goto(address, wait_until="networkidle", timeout=60_000)
    page.wait_for_timeout(_SETTLED)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    context.close()
    costs = [SLOWER * task["tdur"] / 1e6 for task in _tasks(events)]
    if not costs:
        raise ValueError("the trace has no tasks of the page")
    return round(sum(max(0.0, cost - _LONG) for cost in costs), 3)


def _tasks(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The tasks of the main thread of the page; those that ran inside another are part of that."""
    pages = {event["pid"] for event in events if event["name"] == "Layout"}
    threads = {
        (event["pid"], event["tid"]): event["args"]["name"]
        for event in events
        if event["name"] == "thread_name"
    }
    end = 0
    for event in sorted(events, key=lambda event: (event.get("ts", 0), -event.get("dur", 0))):
        ours = event["pid"] in pages and threads.get((event["pid"], event.get("tid"))) == "CrRendererMain"
        if ours and event["name"].endswith("RunTask") and "tdur" in event and event["ts"] >= end:
            end = event["ts"] + event["dur"]
            yield event
