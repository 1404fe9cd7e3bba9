"""What a page costs somebody with an old phone and a slow line, measured in Chromium.

Bytes are those on the line, headers too, with an empty cache. The slow line and the old phone are those of Lighthouse's mobile profile:
1.6 Mbit/s, 150 ms, a processor four times slower. How long a page does not answer is its total blocking time as web.dev/articles/tbt
defines it: by how much tasks of the main thread last longer than 50 ms, from the first paint with content on; tasks before it are told
beside it as `opening`, for the record.

Two clocks tell it. `cost_of` has the browser slow the processor down and reads the clock on the wall, as a person would: it is right on
a machine that does nothing else. `steady_cost_of` counts the processor time of the page's own tasks, times four, which others on the
machine add little to; tests stop on that one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

MOST_BYTES = 180 * 1024
MOST_SCRIPT = 45 * 1024
MOST_PAINT = 2.0
MOST_PAINT_HERE = 0.5  # over a line and with a processor that nothing slows down
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
_TRIES = 3
_TRACED = ["devtools.timeline", "toplevel", "loading"]
_WATCH = """
window.__cost = {fcp: 0, lcp: 0, cls: 0, tasks: []};
const seen = (type, tell) =>
  new PerformanceObserver(list => list.getEntries().forEach(tell)).observe({type, buffered: true});
seen("paint", e => { if (e.name === "first-contentful-paint") __cost.fcp = e.startTime / 1000; });
seen("largest-contentful-paint", e => { __cost.lcp = e.startTime / 1000; });
seen("layout-shift", e => { if (!e.hadRecentInput) __cost.cls += e.value; });
seen("longtask", e => { __cost.tasks.push([e.startTime / 1000, e.duration / 1000]); });
"""


@dataclass(frozen=True)
class Cost:
    """What it took to load a page: bytes on the line, of which scripts; seconds until the largest paint; how much of the screen
    shifted; seconds in which the page did not answer, after and before the first paint."""

    bytes: int
    script: int
    requests: int
    lcp: float
    cls: float
    tbt: float
    opening: float

    def line(self, name: str) -> str:
        """The cost in a line, for the record."""
        return f"{name}: {asdict(self)}"

    def over(self) -> dict[str, float]:
        """What is more than the budget of a page."""
        most = {
            "bytes": MOST_BYTES, "script": MOST_SCRIPT, "lcp": MOST_PAINT, "cls": MOST_SHIFT, "tbt": MOST_BLOCKED,
        }  # fmt: skip
        return {name: value for name, value in asdict(self).items() if value > most.get(name, value)}


def cost_of(browser: object, address: str, *, slow: bool) -> Cost:
    """Load a page with an empty cache and say what it cost by the clock on the wall.

    Args:
        browser: a running Chromium of Playwright.
        address: of the page.
        slow: whether over a slow line with a slow processor.
    """
    with _Visit(browser) as visit:
        if slow:
            visit.session.send("Network.emulateNetworkConditions", SLOW_LINE)
            visit.session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        visit.open(address)
        found = visit.told()
        return visit.cost(
            found["lcp"], [_Task(start, start + lasted, lasted) for start, lasted in found["tasks"]]
        )


def steady_cost_of(browser: object, address: str) -> Cost:
    """Load a page with an empty cache over the slow line and say what it costs an old phone, with its tasks in processor time.

    Until the largest paint a phone needs the time that it took here and, for all that the page had computed by then, three times the
    processor time more: that is too much where it computed while it waited, and never too little.

    Args:
        browser: a running Chromium of Playwright.
        address: of the page.
    """
    for _ in range(_TRIES):
        with _Visit(browser) as visit:
            visit.session.send("Network.emulateNetworkConditions", SLOW_LINE)
            browser.start_tracing(page=visit.page, categories=_TRACED)
            visit.open(address)
            found = visit.told()
            tasks = list(_tasks(json.loads(browser.stop_tracing()), address, found["fcp"]))
            if tasks:
                computed = sum(task.lasted for task in tasks if task.start < found["lcp"])
                return visit.cost(found["lcp"] + computed * (1 - 1 / SLOWER), tasks)
    raise ValueError("the trace does not have the page")


def heaviest(site: Path, pattern: str) -> str:
    """The address below a site of the page with the most HTML among those of a kind.

    Args:
        site: the folder of the site.
        pattern: of the folders that pages of the kind stand in.
    """
    page = max(site.glob(f"{pattern}/index.html"), key=lambda path: (path.stat().st_size, path))
    return page.relative_to(site).as_posix().removesuffix("index.html")


@dataclass(frozen=True)
class _Task:
    """When a task began and ended on the wall, and how long it lasted by the clock that counts; seconds after the page was asked for."""

    start: float
    end: float
    lasted: float

    def halves(self, moment: float) -> tuple[float, float]:
        """How long it lasted before a moment and after it."""
        after = min(1.0, max(0.0, self.end - moment) / max(self.end - self.start, 1e-6))
        return self.lasted * (1 - after), self.lasted * after


class _Visit:
    """A page in a browser of its own, with what came over its line."""

    def __init__(self, browser: Any) -> None:
        self._context = browser.new_context(viewport={"width": 412, "height": 823}, device_scale_factor=1.75)
        self.page = self._context.new_page()
        self.page.add_init_script(_WATCH)
        self.session = self._context.new_cdp_session(self.page)
        self._kinds: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self.session.on(
            "Network.responseReceived", lambda told: self._kinds.update({told["requestId"]: told["type"]})
        )
        self.session.on(
            "Network.loadingFinished",
            lambda told: self._sizes.update({told["requestId"]: int(told["encodedDataLength"])}),
        )
        self.session.send("Network.enable")
        self.session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def __enter__(self) -> _Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()

    def open(self, address: str) -> None:
        self.page.goto(address, wait_until="networkidle", timeout=60_000)
        self.page.wait_for_timeout(_SETTLED)

    def told(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.page.evaluate("window.__cost")
        if not found["lcp"]:
            raise ValueError("the page was not painted")
        return found

    def cost(self, painted: float, tasks: Iterable[_Task]) -> Cost:
        """`painted`: seconds until the largest paint."""
        found = self.told()
        halves = [task.halves(found["fcp"]) for task in tasks]
        return Cost(
            bytes=sum(self._sizes.values()),
            script=sum(size for one, size in self._sizes.items() if self._kinds.get(one) == "Script"),
            requests=len(self._sizes),
            lcp=round(painted, 2),
            cls=round(found["cls"], 4),
            opening=round(sum(max(0.0, before - _LONG) for before, _ in halves), 3),
            tbt=round(sum(max(0.0, after - _LONG) for _, after in halves), 3),
        )


def _tasks(trace: Mapping[str, Any], address: str, painted: float) -> Iterator[_Task]:
    """The tasks of the main thread of a page, in processor time; those that ran inside another are part of that, and those of the
    empty page before it are none of its. None where the process of the page began to be traced too late.

    `painted`: when there was content, which gives the clock of the trace its zero.
    """
    events = sorted(trace["traceEvents"], key=lambda event: (event.get("ts", 0), -event.get("dur", 0)))
    here = [
        event for event in events if event["name"] == "CommitLoad" and event["args"]["data"]["url"] == address
    ]
    if not here:
        return
    ours = [one for one in events if (one["pid"], one.get("tid")) == (here[0]["pid"], here[0]["tid"])]
    zero = next(one["ts"] for one in ours if one["name"] == "firstContentfulPaint") - painted * 1e6
    end = 0
    for event in ours:
        if event["name"].endswith("RunTask") and "tdur" in event and event["ts"] >= end:
            end = event["ts"] + event["dur"]
            if end > here[0]["ts"]:
                yield _Task((event["ts"] - zero) / 1e6, (end - zero) / 1e6, SLOWER * event["tdur"] / 1e6)
