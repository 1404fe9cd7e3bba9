"""The ladder of generated tables: what suppression costs in seconds and in value, beside the prototype in the same process.

`python -m benchmarks disclosure` runs the rungs that take seconds and the growth; `python -m benchmarks.disclosure F2 M2` runs the
rows of these rungs, `growth` or `memory`. Each runs in a process of its own, after a small table has loaded what is compiled;
seconds are of the processor, because they do not depend on who else uses the machine. Loss is the summed value of the secondary
cells. Limits are what the project asks of itself; a row that goes over one says so, and nothing stops.
"""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import _ladder

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "bench"
TIME_LIMIT = 900.0  # seconds on the clock for one row
INDEPENDENT = 30_000  # cells up to which the generator's own auditor attacks the pattern too
PAIRS, KNOWING, CONTRIBUTING = ("A0", "A1"), ("A0", "A1", "A2"), ("A0", "A1", "A2", "A3")


@dataclass(frozen=True)
class Row:
    """One line of the table: a rung under an attacker, and what it may cost.

    Attributes:
        rung: name in the ladder of the generator.
        attackers: what the pattern must withstand.
        budget: seconds to look for a cheaper pattern.
        method: as `protect` takes it.
        hide_zeros: whether empty cells may be hidden.
        seconds, loss: the limits; None where there is none.
    """

    rung: str
    attackers: tuple[str, ...] = PAIRS
    budget: float = 0.0
    method: str = "suppress"
    hide_zeros: bool = False
    seconds: float | None = None
    loss: float | None = None

    @property
    def name(self) -> str:
        """The rung and what is asked besides."""
        extras = [self.attackers[-1]] if self.attackers != PAIRS else []
        extras += [f"{self.budget:g} s"] if self.budget else []
        extras += [self.method] if self.method != "suppress" else []
        extras += ["zeros"] if self.hide_zeros else []
        return " ".join([self.rung, *extras])


ROWS = (
    Row("F1", loss=None),
    Row("F2", seconds=0.1, loss=4_458),
    Row("F3", seconds=0.3, loss=16_700),
    Row("F4", seconds=1.0, loss=50_100),
    Row("F2", budget=20, loss=4_400),
    Row("F3", budget=20, loss=16_350),
    Row("F4", budget=20, loss=49_300),
    Row("F2", KNOWING, seconds=0.1, loss=4_715),
    Row("F3", KNOWING, seconds=0.3, loss=17_450),
    Row("F1", CONTRIBUTING, loss=492),
    Row("F2", CONTRIBUTING, loss=5_266),
    Row("F3", CONTRIBUTING, loss=21_200),
    Row("F2", CONTRIBUTING, hide_zeros=True),
    Row("H1"),
    Row("H2", seconds=0.2, loss=28_700),
    Row("H3", seconds=1.0, loss=148_600),
    Row("M1"),
    Row("M2", loss=133_400),
    Row("M3", loss=3_250_000),
    Row("D1", seconds=2, loss=4_470),
    Row("D1b", seconds=10, loss=23_400),
    Row("D2", seconds=60, loss=285_000),
    Row("L1", seconds=0.1, loss=4_560),
    Row("L2", seconds=0.3, loss=41_300),
    Row("L3", seconds=1.5, loss=174_000),
    Row("F1", method="exact", loss=361),
    Row("H1", method="exact", loss=5_688),
    Row("M1", method="exact", loss=6_192),
    Row("D1", method="exact", loss=4_350),
)
USUAL = ("F1", "F2", "F3", "F4", "H1", "H2", "H3", "M1", "M2", "D1", "L1", "L2", "L3")
GROWTH = (100, 1_000, 3_000, 10_000, 30_000, 90_000)  # smallest areas; about 11 cells each


def measure(index: int) -> dict[str, object]:
    """Run one row: ours, the audit of it, the prototype, and for small tables the generator's own audit."""
    from zicht.disclosure import audit, protect

    row = ROWS[index]
    case = _ladder.case(row.rung)
    profile = dataclasses.replace(case.profile, attackers=row.attackers, hide_zeros=row.hide_zeros)
    leftovers = "list" if "A3" in row.attackers else "withhold"
    _warm(row, leftovers)
    began = time.process_time()
    protected = protect(
        case.tables, profile, links=case.links, method=row.method, budget=row.budget, leftovers=leftovers
    )
    seconds = time.process_time() - began
    mask = case.mask(protected)
    began = time.process_time()
    report = audit(case.tables, case.statuses(mask), profile, links=case.links)
    found: dict[str, object] = {
        "seconds": seconds, "loss": case.loss(mask), "secondary": int((mask & ~case.primary).sum()),
        "audit": time.process_time() - began, "failures": dict(Counter(failure.attack for failure in report.failures)),
    }  # fmt: skip
    if row.method == "suppress" and not row.hide_zeros and row.attackers != CONTRIBUTING:
        found |= _prototype(case, row)
    if case.primary.size <= INDEPENDENT and row.attackers == PAIRS:
        other = _ladder.shared("auditor").audit(case.instance, mask, bounds_attack=False)
        found["independent"] = [other["exact_primary"], other["unsafe_interval"]]
    return found


def _warm(row: Row, leftovers: str) -> None:
    """Protect and audit a small table of the same kind, so that nothing is compiled or loaded later."""
    from zicht.disclosure import audit, protect

    small = _ladder.case(f"{row.rung[0]}1")
    profile = dataclasses.replace(small.profile, attackers=row.attackers, hide_zeros=row.hide_zeros)
    budget = min(row.budget, 0.1)
    done = protect(small.tables, profile, links=small.links, budget=budget, leftovers=leftovers)
    audit(small.tables, small.statuses(small.mask(done)), profile, links=small.links)


def _prototype(case: _ladder.Case, row: Row) -> dict[str, object]:
    """What the prototype for two dimensions and linked tables needs and loses; nothing for other rungs."""
    if row.rung.startswith("D") or row.budget:
        return {}
    prototype, mode = _ladder.shared("proto_multi"), "A2" if "A2" in row.attackers else "A1"
    prototype.solve(_ladder.case(f"{row.rung[0]}1").instance, mode)
    began = time.process_time()
    mask, _ = prototype.solve(case.instance, mode)
    seconds = time.process_time() - began
    return {"prototype_seconds": seconds, "prototype_loss": case.loss(np.asarray(mask) & True)}


def grow(areas: int) -> dict[str, object]:
    """Protect and audit one table of areas × 10 categories."""
    from zicht.disclosure import Table, audit, protect

    _warm(Row("F1"), "withhold")
    shape = (max(1, areas // 140), max(2, areas // 14), areas)
    case = _ladder.of_instance(
        _ladder.shared("sdcgen").freq_table(f"{areas}", 1, area=shape, cats=[10], mean_pop=300)
    )
    (table,) = case.tables
    times = [time.process_time()]
    Table(table.name, table.dimensions, table.cells)
    times.append(time.process_time())
    protected = protect(case.tables, case.profile)
    times.append(time.process_time())
    report = audit(case.tables, case.statuses(case.mask(protected)), case.profile)
    times.append(time.process_time())
    build, whole, again = np.diff(times).tolist()
    return {
        "cells": table.n.size,
        "build": build,
        "protect": whole,
        "audit": again,
        "failures": len(report.failures),
    }


def hold() -> dict[str, object]:
    """Protect three tables of 320,000 cells that share their totals by area: the same persons by three breakdowns."""
    from zicht.disclosure import Link, Table, protect

    _warm(Row("L1"), "withhold")
    source = _ladder.shared("sdcgen")
    instance = source.freq_table("t0", 1, area=(200, 2_000, 27_000), cats=[10], mean_pop=300)
    area, columns = instance.trees
    random = np.random.default_rng(1)
    tables = []
    for number in range(3):
        leaves = instance.freq[np.ix_(area.leaves, columns.leaves)]
        other = random.permuted(leaves, axis=1) if number else leaves
        cells = np.rint(source._aggregate(instance.trees, other)).astype(np.int64)
        part = dataclasses.replace(instance, name=f"t{number}", freq=cells, value=cells.astype(float))
        (table,) = _ladder.of_instance(part).tables
        tables.append(Table(table.name, (table.dimensions[0], _renamed(table.dimensions[1], number)), table.cells.rename_columns(
            [f"kind{number}" if name == columns.name else name for name in table.cells.column_names]
        )))  # fmt: skip
    links = (Link.shared(tables[0], tables[1]), Link.shared(tables[0], tables[2]))
    began = time.process_time()
    protected = protect(tables, _ladder.COUNTS, links=links)
    return {"cells": sum(table.n.size for table in tables), "seconds": time.process_time() - began,
            "secondary": sum(counted.secondary for counted in protected.report.tables)}  # fmt: skip


def _renamed(dimension: object, number: int) -> object:
    return dataclasses.replace(dimension, name=f"kind{number}")  # type: ignore[type-var]


def alone(call: str) -> dict[str, object]:
    """Run a call of this module in a process of its own; what it found and its peak memory, or why it failed."""
    code = (
        f"import json, resource; from benchmarks import disclosure as d; found = d.{call}; "
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024; print(json.dumps({**found, 'peak': peak}))"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
            timeout=TIME_LIMIT,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"not done after {TIME_LIMIT:g} s"}
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["no words"])[-1]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _over(found: object, limit: float | None) -> str:
    return " OVER" if limit is not None and isinstance(found, float) and found > limit else ""


def _number(found: object, form: str) -> str:
    return format(found, form) if isinstance(found, int | float) else "–"


def ladder(rungs: tuple[str, ...]) -> list[dict[str, object]]:
    """Run and print the rows of these rungs."""
    print(
        f"{'case':14} {'CPU s':>7} {'limit':>6} {'loss':>10} {'limit':>10} {'audit':>6}  {'prototype s / loss':>20}  failures (ours; independent A0, A1)"
    )
    results = []
    for index, row in enumerate(ROWS):
        if row.rung not in rungs:
            continue
        found = alone(f"measure({index})")
        results.append({"name": row.name, **found})
        if "error" in found:
            print(f"{row.name:14} failed: {found['error']}", flush=True)
            continue
        over = _over(found["seconds"], row.seconds) + _over(found["loss"], row.loss)
        print(
            f"{row.name:14} {_number(found['seconds'], '7.2f')} {_number(row.seconds, '6g'):>6} {_number(found['loss'], '10,.0f')} "
            f"{_number(row.loss, '10,.0f'):>10} {_number(found['audit'], '6.2f')}  "
            f"{_number(found.get('prototype_seconds'), '7.2f'):>7} / {_number(found.get('prototype_loss'), '10,.0f'):>10}  "
            f"{found['failures'] or 'none'}; {found.get('independent', '–')}{over}",
            flush=True,
        )  # fmt: skip
    return results


def growth() -> list[dict[str, object]]:
    """Run and print tables of a thousand to a million cells, and draw them."""
    results = []
    for areas in GROWTH:
        found = alone(f"grow({areas})")
        results.append(found)
        if "error" in found:
            print(f"{areas:,} areas failed: {found['error']}", flush=True)
            continue
        print(
            "  ".join(
                f"{name} {_number(number, ',.2f' if isinstance(number, float) else ',')}"
                for name, number in found.items()
            ),
            flush=True,
        )
    measured = [found for found in results if "error" not in found]
    if measured:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "disclosure.svg").write_text(chart(measured), "utf-8")
        print(f"drawn in {FOLDER / 'disclosure.svg'}")
    return results


WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 400, 70, 50, 20, 130
COLOURS = {"protect": "#1f5fa8", "audit": "#b3541e", "build": "#4b7a2b"}


def chart(measured: list[dict[str, object]]) -> str:
    """Seconds by number of cells, both in powers of ten, with a line of straight growth to compare with."""
    cells = [float(str(found["cells"])) for found in measured]
    seconds = {name: [max(float(str(found[name])), 1e-3) for found in measured] for name in COLOURS}
    across = (math.floor(math.log10(min(cells))), math.ceil(math.log10(max(cells))))
    every = [second for line in seconds.values() for second in line]
    upward = (math.floor(math.log10(min(every))), math.ceil(math.log10(max(every))))

    def place(count: float, second: float) -> tuple[float, float]:
        x = (math.log10(count) - across[0]) / (across[1] - across[0])
        y = (math.log10(second) - upward[0]) / max(upward[1] - upward[0], 1)
        return LEFT + x * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - y * (HEIGHT - BOTTOM - TOP)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        "<title>Processor seconds to build, protect and audit a table, by number of cells</title>",
    ]
    for power in range(across[0], across[1] + 1):
        x, _ = place(10.0**power, 10.0 ** upward[0])
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{10**power:,}</text>'
        )
    for power in range(upward[0], upward[1] + 1):
        _, y = place(10.0 ** across[0], 10.0**power)
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    first, last = min(cells), max(cells)
    at = seconds["protect"][cells.index(last)]
    ends = (place(first, max(at * first / last, 10.0 ** upward[0])), place(last, at))
    parts.append(
        f'<line x1="{ends[0][0]:.1f}" y1="{ends[0][1]:.1f}" x2="{ends[1][0]:.1f}" y2="{ends[1][1]:.1f}" stroke="#888" stroke-dasharray="4 4"/>'
    )
    for name, colour in COLOURS.items():
        points = [place(count, second) for count, second in zip(cells, seconds[name], strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
        parts.append(
            f'<text x="{points[-1][0] + 8:.1f}" y="{points[-1][1] + 4:.1f}" fill="{colour}">{name}</text>'
        )
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">cells (dashed: in proportion)</text>'
    )
    return "\n".join([*parts, "</svg>\n"])


def main(wanted: tuple[str, ...] = (*USUAL, "growth", "memory")) -> None:
    """Run what is wanted, print it, and keep it as JSON beside the chart."""
    kept: dict[str, object] = {"ladder": ladder(wanted)} if set(wanted) - {"growth", "memory"} else {}
    if "growth" in wanted:
        kept["growth"] = growth()
    if "memory" in wanted:
        found = kept["memory"] = alone("hold()")
        print(f"three linked tables: {found}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "disclosure.json").write_text(json.dumps(kept, indent=1), "utf-8")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or (*USUAL, "growth", "memory"))
