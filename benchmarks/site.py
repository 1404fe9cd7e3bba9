"""The site of a country: 18,309 areas × 25 indicators × 5 years, built, built again after one indicator changed, and delivered.

The release is generated. The floor is what no generator of sites can do without: write as many files of the same bytes into an
empty folder. Each part runs in a process of its own; processor time counts with that of workers, and the most memory that the
process or one of its workers ever held.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

FOLDER = Path(__file__).resolve().parents[1] / "build" / "bench" / "site"
GEMEENTEN, WIJKEN, BUURTEN, REGIONS = 342, 10, 14_545, 12
"""Of wijken those in a gemeente; of the others all of them: 18,309 with the country itself is what the Netherlands has."""
INDICATORS = 25
PERIODS = ("2020", "2021", "2022", "2023", "2024")


def areas() -> list[tuple[str, str, str, str]]:
    """Code, name, level and parent of every area."""
    found = [("NL", "Nederland", "land", "")]
    found += [(f"PV{n:02d}", f"Provincie {n}", "regio", "NL") for n in range(REGIONS)]
    found += [
        (f"GM{n:04d}", f"Gemeente {n}", "gemeente", f"PV{n % REGIONS:02d}") for n in range(1, GEMEENTEN + 1)
    ]
    wijken = [f"{n:04d}{w:02d}" for n in range(1, GEMEENTEN + 1) for w in range(WIJKEN)]
    found += [(f"WK{code}", f"Wijk {code}", "wijk", f"GM{code[:4]}") for code in wijken]
    placed = [(wijken[at % len(wijken)], at // len(wijken)) for at in range(BUURTEN)]
    found += [
        (f"BU{wijk}{number:02d}", f"Buurt {wijk}{number}", "buurt", f"WK{wijk}") for wijk, number in placed
    ]
    return found


def shapes(codes: list[str]) -> pa.Table:
    """A polygon of 16 corners for every area, on a grid as wide as the country."""
    side = int(np.ceil(np.sqrt(len(codes))))
    step = 280_000 / side
    turn = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1) * step / 2
    place = np.arange(len(codes))
    middle = np.stack([10_000 + place % side * step, 310_000 + place // side * step], axis=1)
    wkb = shapely.to_wkb(shapely.polygons(ring + middle[:, None, :])).tolist()
    return pa.table({"code": codes, "geometry": pa.array(wkb, pa.binary())})


def figures(name: str, listed: list[tuple[str, str, str, str]], seed: int) -> pa.Table:
    """A share with an interval for every area and period; one in twelve is hidden."""
    random = np.random.default_rng(seed)
    rows = len(listed) * len(PERIODS)
    value = random.uniform(5, 95, rows)
    hidden = random.random(rows) < 1 / 12
    margin = random.uniform(1, 9, rows)

    def numbers(values: np.ndarray) -> pa.Array:
        return pa.array(values, mask=hidden)

    return pa.table(
        {
            "indicator": [name] * rows,
            "area": [area[0] for area in listed for _ in PERIODS],
            "division": pa.array(np.full(rows, 2024, dtype=np.int16)),
            "level": [area[2] for area in listed for _ in PERIODS],
            "period": list(PERIODS) * len(listed),
            "value": numbers(value),
            "numerator": pa.nulls(rows, pa.float64()),
            "denominator": pa.nulls(rows, pa.float64()),
            "n": pa.nulls(rows, pa.int64()),
            "lower": numbers(value - margin),
            "upper": numbers(value + margin),
            "status": np.where(hidden, "primary", "ok").tolist(),
        }
    )


def indicator(name: str, theme: str) -> dict[str, object]:
    """What the catalogue says of an indicator."""
    source = {"id": "bron", "title": {"nl": "Bron"}, "deliverer": "CBS", "licence": "CC-BY-4.0"}
    return {
        "id": name, "title": {"nl": f"Aandeel {name}"}, "question": {"nl": f"Hoe zit het met {name}?"},
        "explanation": {"nl": f"Uitleg over {name}."}, "unit": {"nl": "% van de huishoudens"}, "theme": theme,
        "measure": "share", "decimals": 1, "by": [], "levels": ["buurt", "wijk", "gemeente", "regio", "land"],
        "protection": "microdata", "sources": [source], "steps": ["Geteld."],
    }  # fmt: skip


def release(folder: Path, changed: int | None = None) -> Path:
    """The release, in a folder; with one indicator made anew where `changed` says which."""
    from zicht.release import Content, ProtectedFigures, write_release

    if (folder / "release.json").is_file():
        return folder
    listed = areas()
    names = [f"indicator_{number:02d}" for number in range(INDICATORS)]
    themes = [f"thema_{number}" for number in range(5)]
    levels = ("buurt", "wijk", "gemeente", "regio", "land")
    code, name, level, parent = (list(column) for column in zip(*listed, strict=True))
    table = pa.table(
        {"code": code, "name": name, "level": level, "parent": [one or None for one in parent],
         "division": pa.array([2024] * len(listed), pa.int16())}
    )  # fmt: skip

    def protected() -> Iterator[ProtectedFigures]:
        for number, one in enumerate(names):
            seed = number + (1000 if number == changed else 0)
            yield ProtectedFigures(one, figures(one, listed, seed))

    content = Content(
        catalogue={
            "project": {"id": "land", "title": {"nl": "Land in cijfers"}, "description": {"nl": "Een land."},
                        "organisation": {"name": "Land", "url": "", "email": ""}, "site": {"url": "https://land.example/"}},
            "themes": [{"id": theme, "title": {"nl": theme}} for theme in themes],
            "indicators": [indicator(one, themes[number % 5]) for number, one in enumerate(names)],
            "areas": {"division": 2024, "levels": list(levels)},
        },
        areas=table,
        boundaries={
            one: shapes([area[0] for area in listed if area[2] == one]) for one in levels if one != "land"
        },
        figures=protected(),
        evidence={},
    )  # fmt: skip
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_release(content, folder, project="land", division=2024, languages=["nl"])
    return folder


def alone(part: str) -> None:
    """One part, in a process of its own."""
    from zicht.publish import deliver, publish_site
    from zicht.release import open_release

    before = time.perf_counter()
    site = FOLDER / "site"
    if part == "floor":
        files = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
        copy = FOLDER / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        before = time.perf_counter()
        for path, data in files.items():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_bytes(data)
        said = f"{len(files):,} files, {sum(map(len, files.values())) / 1e6:.0f} MB"
    elif part == "deliver":
        said = str(deliver(site, str(FOLDER / "www")))
    else:
        which = FOLDER / ("changed" if part in ("rebuild", "again") else "release")
        said = str(publish_site(open_release(which), site))
    wall = time.perf_counter() - before
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(
        json.dumps(
            {
                "wall": round(wall, 1),
                "cpu": round(sum(one.ru_utime + one.ru_stime for one in used), 1),
                "peak_mb": max(one.ru_maxrss for one in used) // 1024,
                "said": said,
            }
        )
    )


def run(part: str) -> dict[str, object]:
    """What a part took."""
    code = f"from benchmarks import site; site.alone({part!r})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=FOLDER.parents[2], check=True
    )
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    release(FOLDER / "release")
    release(FOLDER / "changed", changed=7)
    for folder in ("site", "www", "copy"):
        shutil.rmtree(FOLDER / folder, ignore_errors=True)
    results = {}
    for part in ("build", "floor", "rebuild", "again", "deliver"):
        results[part] = run(part)
        print(
            f"{part:10} {results[part]['wall']:7.1f} s wall {results[part]['cpu']:7.1f} CPU-s "
            f"{results[part]['peak_mb']:6} MB peak  {results[part]['said']}"
        )
    (FOLDER.parent / "site.json").write_text(json.dumps(results, indent=1), "utf-8")
