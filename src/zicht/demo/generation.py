"""Generating Voorbeeldstad into a folder: complete or not at all, and not again when it is there already."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zicht.demo import targets
from zicht.demo.files import write_map, write_tables
from zicht.demo.plan import PEILJAREN
from zicht.demo.truth import DeliveredFile, Truth
from zicht.errors import ZichtError

if TYPE_CHECKING:
    from zicht.demo.city import City

DELIVERIES = "leveringen"
TRUTH = "truth.json"
GROUND = "beschermde_grond.parquet"
"""The protected ground behind the proxy: beside the deliveries, never among them."""

GENERATOR = (
    "care", "city", "citymap", "draw", "files", "generation", "homes", "market", "money", "people", "plan", "reports",
    "residents", "schemes", "streets", "targets", "truth", "work",
)  # fmt: skip
"""The modules that make the city: a change in one is another city."""
WORKING = ".voorbeeldstad-"
"""A run works in a hidden folder of this name, its process id and something random."""


def generate(
    folder: Path, *, seed: int = 2025, plant: bool = True, progress: Callable[[str], None] | None = None
) -> Truth:
    """Generate the invented gemeente Voorbeeldstad (GM9001).

    Writes the delivery files under `folder/leveringen/`, the truth about what was planted in `folder/truth.json`
    and the protected ground behind the proxy in `folder/beschermde_grond.parquet`. The same seed gives the same
    bytes. The truth file is written last: without it there is no complete city, and the next call makes it anew.

    Args:
        folder: made when absent; other files in it are left alone.
        seed: everything but the map follows from it.
        plant: with planted patterns; without, the same city in which they do not exist.
        progress: told what is being made, for a person who waits.

    Returns:
        The truth; read from the folder when this very city is there already.

    Raises:
        ZichtError: the folder cannot be written.
    """
    return generate_homes(folder, seed=seed, plant=plant, homes=targets.HOMES, progress=progress)


def generate_homes(
    folder: Path, *, seed: int, plant: bool, homes: int, progress: Callable[[str], None] | None = None
) -> Truth:
    """As `generate`, for a city of another size on the same map."""
    there = _complete(folder, seed, plant, homes)
    if there is not None:
        return there
    from zicht.demo.city import make_city  # takes a while to load, and there mostly is a city

    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        work = Path(tempfile.mkdtemp(prefix=f"{WORKING}{os.getpid()}-", dir=folder))
    except OSError as error:
        raise ZichtError(f"{folder} cannot be written ({error.strerror}); choose another folder.") from error
    try:
        city = make_city(seed, plant=plant, homes=homes, progress=progress)
        if progress:
            progress("writing the deliveries")
        truth = _write(city, work, seed, plant, homes)
        _into_place(work, folder)
    except OSError as error:
        raise ZichtError(f"Voorbeeldstad could not be written to {folder}: {error.strerror}.") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return truth


@cache
def generator_digest() -> str:
    """SHA-256 over the generator's code: names this version of the city."""
    digest = hashlib.sha256()
    for name in GENERATOR:
        digest.update(name.encode() + b"\0" + Path(__file__).with_name(f"{name}.py").read_bytes() + b"\0")
    return digest.hexdigest()


def _sweep(folder: Path) -> None:
    """Remove what killed runs left behind."""
    for left in folder.glob(f"{WORKING}*"):
        owner = left.name.removeprefix(WORKING).partition("-")[0]
        if owner.isdigit() and not _alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process != os.getpid()


def _complete(folder: Path, seed: int, plant: bool, homes: int) -> Truth | None:
    """The truth of the city in the folder, if it is this very city and every file has its size."""
    try:
        truth = Truth.read(folder / TRUTH)
    except (OSError, ValueError):
        return None
    wanted = (generator_digest(), seed, plant, homes)
    if (truth.generator, truth.seed, truth.planted, truth.homes) != wanted:
        return None
    paths = [(folder / file.path, file.bytes) for file in truth.files]
    return truth if all(path.is_file() and path.stat().st_size == size for path, size in paths) else None


def _write(city: City, work: Path, seed: int, plant: bool, homes: int) -> Truth:
    deliveries = work / DELIVERIES
    deliveries.mkdir()
    rows = write_tables(city.tables, deliveries) | write_map(city.map, deliveries)
    named = {f"{DELIVERIES}/{name}": count for name, count in sorted(rows.items())}
    pq.write_table(city.ground, work / GROUND, compression="zstd", store_schema=False)
    named[GROUND] = len(city.ground)
    files = tuple(_described(work, path, count) for path, count in named.items())
    truth = Truth(generator_digest(), seed, plant, homes, city.patterns, _totals(city.tables), files)
    (work / TRUTH).write_text(truth.text(), encoding="utf-8")
    return truth


def _described(work: Path, path: str, rows: int) -> DeliveredFile:
    content = (work / path).read_bytes()
    return DeliveredFile(path, rows, len(content), hashlib.sha256(content).hexdigest())


def _totals(tables: dict[str, pa.Table]) -> dict[str, float]:
    """A few figures of the last peiljaar to recognise the city by."""
    last = {
        name: table.filter(pc.equal(table["peiljaar"], PEILJAREN[-1]))
        for name, table in tables.items()
        if "peiljaar" in table.column_names
    }
    homes = last["adressen"]
    return {
        "inwoners": len(last["personen"]),
        "inwoners_zonder_bekend_adres": last["personen"]["buurtcode"].null_count,
        "huishoudens": len(last["huishoudens"]),
        "woningen": int(pc.sum(pc.equal(homes["gebruiksdoel"], "woonfunctie")).as_py()),
        "gemiddelde_woz": round(float(pc.mean(homes["woz_waarde"]).as_py())),
        "wmo_gebruikers": int(pc.count_distinct(last["wmo"]["persoon_id"]).as_py()),
        "verdachten": int(pc.count_distinct(last["verdachten"]["persoon_id"]).as_py()),
        "meldingen_60_maanden": len(tables["meldingen"]),
    }


def _into_place(work: Path, folder: Path) -> None:
    """Swap the finished city in; the truth file goes first and comes last."""
    (folder / TRUTH).unlink(missing_ok=True)
    if (folder / DELIVERIES).exists():
        (folder / DELIVERIES).replace(work / "previous")
    (work / DELIVERIES).replace(folder / DELIVERIES)
    (work / GROUND).replace(folder / GROUND)
    (work / TRUTH).replace(folder / TRUTH)
