"""What stands out: processor seconds on one core, beside a plain NumPy version of the same method, and how they grow with size.

Each row runs in a process of its own with one thread, after a small case has loaded what is compiled. The plain versions are written as one
would from the paper, with arrays and no compiled code. Where they would take hours a part is timed and the rest reckoned: the table says how
much was timed. Of the R packages for these methods Debian has one, surveillance (r-cran-surveillance): where it is installed it runs on the same
series. What SaTScan and NumPyro took on the machine where the answer keys were made stands in the last column.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import spatial
from scipy.sparse import csgraph

from zicht.findings import (
    MONTHLY,
    Neighbours,
    Search,
    circles,
    farrington,
    fay_herriot,
    p_median,
    scan_poisson,
    smoothed,
    subgroups,
)
from zicht.findings.spatial import neighbours

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "bench"
PMED = ROOT.parent / "shared" / "answers" / "orlib_pmed" / "pmed20.txt"
RUNS = 999
MONTHS = 84
TIME_LIMIT = 600.0  # seconds on the clock for one row
_ONE = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMBA")}

Floats = npt.NDArray[np.float64]
Took = tuple[float, str]
"""Processor seconds, and what came out or how much of it was timed."""


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        method: what is done, and the name of its functions below.
        sizes: of what grows; the last one has the limit.
        unit: what is counted by size.
        seconds: that the project allows itself.
        plain: the size of the plain version.
        others: what other programs took, elsewhere.
    """

    method: str
    sizes: tuple[int, ...]
    unit: str
    seconds: float | None
    plain: int
    others: str = ""


ROWS = (
    Row("scan", (500, 3_000, 14_000), "areas", 22.0, 500, "SaTScan 10.3.2: 89 s at 14,000"),
    Row("farrington", (1_000, 4_000, 14_000), "series", 0.5, 100, "R surveillance 1.20.3: 126 s at 14,000"),
    Row("subgroups", (50_000, 200_000, 1_000_000), "persons", 10.0, 50_000),
    Row("bym2", (1_000, 4_000, 14_000), "areas", 10.0, 1_000, "NumPyro: 20 s for 56"),
    Row("fay_herriot", (1_000, 4_000, 14_000), "areas", None, 1_000),
    Row("p_median", (400,), "places", 2.0, 400),
)


def towns(areas: int) -> tuple[Floats, Floats, Floats]:
    """Places in metres and people of areas that lie together in towns."""
    random = np.random.default_rng(areas)
    centres = random.uniform(0, 200_000, (max(areas // 40, 2), 2))
    places = centres[random.integers(0, len(centres), areas)] + random.normal(0, 4_000, (areas, 2))
    return places[:, 0], places[:, 1], np.rint(random.lognormal(7, 0.8, areas)) + 1


def touching(x: Floats, y: Floats) -> Neighbours:
    """Neighbours by Delaunay's triangles."""
    corners = spatial.Delaunay(np.column_stack([x, y])).simplices
    sides = np.concatenate([corners[:, :2], corners[:, 1:], corners[:, ::2]])
    return neighbours(
        np.concatenate([sides[:, 0], sides[:, 1]]).astype(np.int64),
        np.concatenate([sides[:, 1], sides[:, 0]]).astype(np.int64),
        len(x),
    )


def _timed(job: Callable[[], str]) -> Took:
    start = time.process_time()
    said = job()
    return time.process_time() - start, said


def scan(areas: int) -> Took:
    """Kulldorff's scan, 10 % cap, 999 replicates; finding the circles is part of it."""
    x, y, people = towns(areas)
    cases = np.random.default_rng(1).poisson(people * 0.004)
    expected = people * cases.sum() / people.sum()

    def job() -> str:
        found = scan_poisson(cases, expected, circles(x, y, people, share=0.1))
        return f"llr {found.clusters['llr'][0].as_py():.4f}" if found.clusters.num_rows else "none"

    return _timed(job)


def plain_scan(areas: int) -> Took:
    """Running sums along the nearest areas, for nine replicates."""
    x, y, people = towns(areas)
    random = np.random.default_rng(1)
    cases = random.poisson(people * 0.004)
    expected = people * cases.sum() / people.sum()
    start = time.process_time()
    order = np.argsort(np.hypot(x[:, None] - x, y[:, None] - y), axis=1)
    inside = np.cumsum(expected[order], axis=1)
    allowed = np.cumsum(people[order], axis=1) <= 0.1 * people.sum()
    total = cases.sum()
    before, timed = time.process_time() - start, 9
    start = time.process_time()
    for _ in range(timed):
        drawn = random.multinomial(total, expected / expected.sum())
        c = np.cumsum(drawn[order], axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = c * np.log(c / inside) + (total - c) * np.log((total - c) / (total - inside))
        float(np.nanmax(np.where(allowed & (c > inside), ratio, 0.0)))
    return before + (time.process_time() - start) * (RUNS + 1) / timed, f"{timed} of {RUNS} replicates timed"


def _series(number: int) -> npt.NDArray[np.int64]:
    random = np.random.default_rng(number)
    season = 1 + 0.3 * np.sin(np.arange(MONTHS) * 2 * np.pi / 12)
    mean = random.lognormal(2, 0.8, (number, 1)) * season
    return random.negative_binomial(10, 10 / (10 + mean))


def farrington_(series: int) -> Took:
    """Farrington Flexible, the last month of monthly series."""
    counts = _series(series)
    return _timed(lambda: f"{farrington(counts, MONTHS - 1, MONTHLY)['alarm'].to_numpy(False).sum()} alarms")


def plain_farrington(series: int) -> Took:
    """One quasi-Poisson regression a series by weighted least squares, weighed down and fitted again."""
    counts = _series(series)
    past = np.arange(MONTHS - 12 * MONTHLY.years - 2, MONTHS - 4)
    phase = (past - MONTHS) % 12 // 3
    design = np.column_stack(
        [np.ones(len(past)), past - past.mean(), *(phase == k for k in (1, 2, 3))]
    ).astype(float)

    def fit(y: Floats, weight: Floats) -> tuple[Floats, float]:
        eta = np.log(y + 0.5)
        for _ in range(12):
            mu = np.exp(eta)
            root = np.sqrt(weight * mu)[:, None]
            eta = design @ np.linalg.lstsq(design * root, (eta + (y - mu) / mu) * root[:, 0], rcond=None)[0]
        mu = np.exp(eta)
        return mu, max(float(np.sum(weight * (y - mu) ** 2 / mu)) / (len(y) - 5), 1.0)

    def job() -> str:
        for row in counts:
            y = row[past].astype(float)
            mu, phi = fit(y, np.ones(len(y)))
            off = 1.5 * (y ** (2 / 3) - mu ** (2 / 3)) / (mu ** (1 / 6) * np.sqrt(phi))
            fit(y, np.where(off > 2.58, 1 / np.maximum(off, 1) ** 2, 1.0))
        return f"{series} series timed"

    return _timed(job)


def _persons(persons: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    random = np.random.default_rng(persons)
    flags = random.random((persons, 60), np.float32) < 0.2
    risk = np.where(flags[:, 3] & flags[:, 7], 0.06, 0.02)
    return flags, (random.random(persons) < risk).astype(np.int64)


def subgroups_(persons: int) -> Took:
    """60 flags, depth 2, 999 permutations, found on one half and reported on the other."""
    flags, cases = _persons(persons)
    names = [f"flag {number}" for number in range(60)]

    def job() -> str:
        found = subgroups(flags, np.ones(persons, np.int64), cases, names, search=Search(depth=2))
        return " and ".join(found["flags"][0].as_py()) if found.num_rows else "none"

    return _timed(job)


def plain_subgroups(persons: int) -> Took:
    """The pairs of a few first flags, counted among the cases of three permutations."""
    flags, cases = _persons(persons)
    half, marks = flags[: persons // 2], cases[: persons // 2].astype(bool)
    random, timed, pairs = np.random.default_rng(1), 3, list(combinations(range(10), 2))
    start = time.process_time()
    for _ in range(timed):
        chosen = half[random.permutation(marks)]
        for one, other in pairs:
            (chosen[:, one] & chosen[:, other]).sum()
    every = 60 * 59 / 2 / len(pairs) * (RUNS + 1) / timed
    return (
        time.process_time() - start
    ) * every, f"{len(pairs)} of 1,770 pairs, {timed} of {RUNS} permutations timed"


def bym2(areas: int) -> Took:
    """The whole model, from counts to intervals."""
    x, y, people = towns(areas)
    random = np.random.default_rng(2)
    by = touching(x, y)
    wave = np.sin(x / 30_000) + np.cos(y / 30_000)
    expected = people * 0.004
    observed = random.poisson(expected * np.exp(0.25 * wave + 0.15 * random.normal(size=areas)))

    def job() -> str:
        made = smoothed(observed, expected, by)
        return f"σ {made.spread:.3f}, ρ {made.shared:.3f}"

    return _timed(job)


def plain_bym2(areas: int) -> Took:
    """One step of Newton with dense matrices; the model takes about 300 of them."""
    x, y, people = towns(areas)
    expected = people * 0.004
    observed = np.random.default_rng(2).poisson(expected)
    weights = touching(x, y).weights.toarray()
    start = time.process_time()
    leaning = np.linalg.pinv(np.diag(weights.sum(1)) - weights, hermitian=True)
    before = time.process_time() - start
    start = time.process_time()
    covariance = 0.1 * (0.5 * np.eye(areas) + 0.5 * leaning)
    eta = np.log((observed + 1) / (expected + 1))
    mean = expected * np.exp(eta)
    whole = covariance + np.diag(1 / mean)
    np.linalg.solve(whole, np.column_stack([eta + (observed - mean) / mean, np.ones(areas)]))
    np.linalg.slogdet(whole)
    return before + 300 * (time.process_time() - start), "1 of about 300 steps timed"


def _sampled(areas: int) -> tuple[Floats, Floats, Floats]:
    random = np.random.default_rng(areas)
    design = np.column_stack([np.ones(areas), random.normal(size=(areas, 5))])
    variance = random.uniform(0.5, 2, areas)
    truth = design @ np.arange(1.0, 7.0) + random.normal(size=areas)
    return truth + np.sqrt(variance) * random.normal(size=areas), variance, design


def fay_herriot_(areas: int) -> Took:
    """Restricted maximum likelihood with five covariates, and mean squared errors."""
    told = _sampled(areas)
    return _timed(lambda: f"variance {fay_herriot(*told).between:.4f}")


def plain_fay_herriot(areas: int) -> Took:
    """Fisher's scoring with the matrices of the paper as they stand there."""
    direct, variance, x = _sampled(areas)

    def job() -> str:
        between = float(np.median(variance))
        for _ in range(10):
            v = np.diag(1 / (between + variance))
            p = v - v @ x @ np.linalg.inv(x.T @ v @ x) @ x.T @ v
            py = p @ direct
            between = max(between + float((py @ py - np.trace(p)) / np.sum(p * p.T)), 0.0)
        return f"variance {between:.4f}"

    return _timed(job)


def _ways() -> tuple[Floats, int]:
    numbers = [int(word) for word in PMED.read_text().split()]
    places, edges, sites = numbers[:3]
    length = np.zeros((places, places))
    for one, other, metres in np.array(numbers[3 : 3 + 3 * edges]).reshape(edges, 3):
        length[one - 1, other - 1] = length[other - 1, one - 1] = metres
    return csgraph.floyd_warshall(length), sites


def p_median_(places: int) -> Took:
    """pmed20 of OR-Library, proven best."""
    ways, sites = _ways()

    def job() -> str:
        answer = p_median(ways, np.ones(places), sites)
        return f"{answer.value:.0f}, gap {answer.gap:.2%}"

    return _timed(job)


def plain_p_median(places: int) -> Took:
    """Interchange from the first sites, until no exchange helps: no proof."""
    ways, sites = _ways()

    def job() -> str:
        chosen = list(range(sites))
        value, better = ways[:, chosen].min(1).sum(), True
        while better:
            better = False
            for place in sorted(set(range(places)) - set(chosen)):
                near = np.sort(ways[:, chosen], axis=1)[:, :2]
                first = ways[:, chosen].argmin(1)
                kept = np.minimum(near[:, 0], ways[:, place])
                lost = np.minimum(near[:, 1], ways[:, place]) - kept
                totals = kept.sum() + np.bincount(first, lost, sites)
                if totals.min() < value:
                    value, better = totals.min(), True
                    chosen[int(totals.argmin())] = place
        return f"{value:.0f}, without proof"

    return _timed(job)


def r_farrington(series: int) -> dict[str, object]:
    """The same series by R: seconds of its own process, or why it did not run."""
    program = shutil.which("Rscript")
    if program is None:
        return {"error": "there is no Rscript here; Debian has it with the package as r-cran-surveillance"}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "counts.csv"
        np.savetxt(file, _series(series), fmt="%d", delimiter=",")
        done = subprocess.run(
            [program, str(Path(__file__).with_name("_farrington.R")), str(file)],
            capture_output=True, text=True, check=False, timeout=TIME_LIMIT, env={**os.environ, **_ONE},
        )  # fmt: skip
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1]}
    seconds, alarms = done.stdout.split()
    return {"seconds": float(seconds), "said": f"{alarms} alarms"}


JOBS: Mapping[str, tuple[Callable[[int], Took], Callable[[int], Took]]] = {
    "scan": (scan, plain_scan),
    "farrington": (farrington_, plain_farrington),
    "subgroups": (subgroups_, plain_subgroups),
    "bym2": (bym2, plain_bym2),
    "fay_herriot": (fay_herriot_, plain_fay_herriot),
    "p_median": (p_median_, plain_p_median),
}


def alone(method: str, size: int, which: int) -> None:
    """What runs in a process of its own: 0 is ours, which runs small first so that compiling is not counted, 1 is the plain version."""
    if which == 0:
        JOBS[method][0](min(size, 400))
    seconds, said = JOBS[method][which](size)
    print(json.dumps({"seconds": seconds, "said": said}))


def measured(method: str, size: int, which: int) -> dict[str, object]:
    """Seconds and what was said, or the error."""
    code = f"from benchmarks import findings; findings.alone({method!r}, {size}, {which})"
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False,
            env={**os.environ, **_ONE}, timeout=TIME_LIMIT,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"error": f"stopped after {TIME_LIMIT:g} s"}
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1]}
    result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return result


def line(row: Row, size: int, which: int) -> dict[str, object]:
    """Run and print one row."""
    found = measured(row.method, size, which) | {"method": row.method, "size": size, "plain": bool(which)}
    who = "plain NumPy" if which else "zicht"
    start = f"{row.method:12} {who:12} {size:>9,} {row.unit:8}"
    if "error" in found:
        print(f"{start} failed: {found['error']}", flush=True)
        return found
    limit = row.seconds if size == row.sizes[-1] and not which else None
    over = (
        ""
        if limit is None
        else f"  (aim {limit:g}{', OVER' if float(str(found['seconds'])) > limit else ''})"
    )
    print(
        f"{start} {found['seconds']:9.2f} CPU s{over}  {found['said']}  {'' if which else row.others}".rstrip(),
        flush=True,
    )
    return found


def main(wanted: tuple[str, ...] = tuple(JOBS)) -> None:
    results = []
    for row in ROWS:
        if row.method not in wanted:
            continue
        if row.method == "p_median" and not PMED.is_file():
            print(f"p_median     left out: {PMED} is not there", flush=True)
            continue
        results += [line(row, size, 0) for size in row.sizes]
        results.append(line(row, row.plain, 1))
        if row.method == "farrington":
            found = r_farrington(row.sizes[0])
            told = (
                f"{found['seconds']:9.2f} CPU s  {found['said']}"
                if "seconds" in found
                else f"left out: {found['error']}"
            )
            print(f"{row.method:12} {'R':12} {row.sizes[0]:>9,} {row.unit:8} {told}", flush=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "findings.json").write_text(json.dumps(results, indent=1), "utf-8")
    (FOLDER / "findings.svg").write_text(chart(results), "utf-8")
    print(f"drawn in {FOLDER / 'findings.svg'}")


WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 400, 70, 50, 20, 130
COLOURS = ("#1f5fa8", "#b3541e", "#4b7a2b", "#7b3f98", "#8a6d00", "#00707a")


def chart(results: list[dict[str, object]]) -> str:
    """Processor seconds by size, both on a logarithmic scale; a line a method, a ring for its plain version."""

    def place(size: float, second: float) -> tuple[float, float]:
        across = (np.log10(size) - 2) / 4.2
        up = (np.log10(max(second, 1e-3)) + 3) / 7
        return round(LEFT + across * (WIDTH - LEFT - RIGHT), 1), round(
            HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM), 1
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for power in range(-3, 5):
        y = place(100, 10.0**power)[1]
        parts.append(
            f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#ddd"/><text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{10.0**power:g} s</text>'
        )
    for power in range(2, 7):
        x = place(10.0**power, 1)[0]
        parts.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{10**power:,}</text>')
    named: list[tuple[float, float]] = []
    for colour, method in zip(COLOURS, JOBS, strict=True):
        told = [one for one in results if one["method"] == method and "seconds" in one]
        spots = {
            kind: [
                place(float(str(one["size"])), float(str(one["seconds"])))
                for one in told
                if one["plain"] is kind
            ]
            for kind in (False, True)
        }
        if not spots[False]:
            continue
        points = " ".join(f"{x},{y}" for x, y in spots[False])
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>' for x, y in spots[False]]
        parts += [
            f'<circle cx="{x}" cy="{y}" r="5" fill="none" stroke="{colour}" stroke-width="2"/>'
            for x, y in spots[True]
        ]
        x, y = spots[False][-1]
        while any(abs(x - left) < 60 and abs(y - top) < 13 for left, top in named):
            y += 13
        named.append((x, y))
        parts.append(f'<text x="{x + 8}" y="{y + 4}" fill="{colour}">{method}</text>')
    parts.append(
        f'<text x="{LEFT}" y="{HEIGHT - 8}">areas, series, persons or places; rings are plain NumPy</text>'
    )
    return "\n".join([*parts, "</svg>\n"])


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or tuple(JOBS))
