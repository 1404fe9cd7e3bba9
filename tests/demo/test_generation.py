"""Generating is deterministic, complete or absent, and not repeated."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import zicht.demo
from zicht.demo import generation
from zicht.demo.generation import GENERATOR, generate_homes
from zicht.demo.truth import Truth
from zicht.errors import ZichtError

SMALL = {"seed": 7, "plant": True, "homes": 3_000}
RUN = "import sys; from pathlib import Path; from zicht.demo.generation import generate_homes; generate_homes(Path(sys.argv[1]), seed=7, plant=True, homes=3000)"


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_two_processes_write_the_same_bytes(tmp_path):
    for name, hashing in (("first", "1"), ("second", "2")):
        environment = {**os.environ, "PYTHONHASHSEED": hashing, "LC_ALL": "C"}
        subprocess.run(
            [sys.executable, "-c", RUN, str(tmp_path / name)], check=True, env=environment, timeout=120
        )
    first, second = _contents(tmp_path / "first"), _contents(tmp_path / "second")
    assert first == second
    assert len(first) == 20


def test_another_seed_is_another_city_on_the_same_map(tmp_path):
    generate_homes(tmp_path / "a", **SMALL)
    generate_homes(tmp_path / "b", **{**SMALL, "seed": 8})
    a, b = _contents(tmp_path / "a"), _contents(tmp_path / "b")
    assert a["leveringen/buurten.geojson"] == b["leveringen/buurten.geojson"]
    assert a["leveringen/personen.parquet"] != b["leveringen/personen.parquet"]


def test_a_complete_city_is_not_made_again(tmp_path):
    told: list[str] = []
    first = generate_homes(tmp_path, **SMALL, progress=told.append)
    assert told
    told.clear()
    assert (
        generate_homes(tmp_path, **SMALL, progress=told.append)
        == first
        == Truth.read(tmp_path / "truth.json")
    )
    assert told == []


@pytest.mark.parametrize("damage", ["missing file", "short file", "other version", "no truth", "odd truth"])
def test_a_city_that_is_not_complete_or_not_this_one_is_made_anew(tmp_path, damage):
    generate_homes(tmp_path, **SMALL)
    before = _contents(tmp_path)
    truth = tmp_path / "truth.json"
    match damage:
        case "missing file":
            (tmp_path / "leveringen" / "wmo.csv").unlink()
        case "short file":
            (tmp_path / "leveringen" / "wmo.csv").write_text("peiljaar")
        case "other version":
            truth.write_text(truth.read_text().replace(generation.generator_digest(), "0" * 64))
        case "no truth":
            truth.unlink()
        case "odd truth":
            truth.write_text('{"seed": 7}')
    told: list[str] = []
    generate_homes(tmp_path, **SMALL, progress=told.append)
    assert told
    assert _contents(tmp_path) == before


def test_an_interrupted_run_leaves_the_last_good_city(tmp_path):
    generate_homes(tmp_path, **SMALL)
    before = _contents(tmp_path)

    def stop(message: str) -> None:
        if "writing" in message:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate_homes(tmp_path, **{**SMALL, "seed": 8}, progress=stop)
    assert _contents(tmp_path) == before


def test_a_killed_run_leaves_nothing_half_and_the_next_one_finishes(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path)])
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".voorbeeldstad-*/leveringen/*")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = (tmp_path / "truth.json").exists()
    assert finished or not (tmp_path / "leveringen").exists()
    truth = generate_homes(tmp_path, **SMALL)
    assert all((tmp_path / file.path).stat().st_size == file.bytes for file in truth.files)
    assert list(tmp_path.glob(".voorbeeldstad-*")) == []


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ZichtError, match="choose another folder"):
        generate_homes(tmp_path / "file" / "inside", **SMALL)


def test_other_files_in_the_folder_are_left_alone(tmp_path):
    (tmp_path / "zicht.yaml").write_text("mine")
    generate_homes(tmp_path, **SMALL)
    assert (tmp_path / "zicht.yaml").read_text() == "mine"


def test_the_digest_covers_every_module_that_makes_the_city():
    here = Path(zicht.demo.__file__).parent
    modules = {path.stem for path in here.glob("*.py")} - {"__init__", "packs", "scaffold"}
    assert modules == set(GENERATOR)
