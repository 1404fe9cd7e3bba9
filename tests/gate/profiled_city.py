"""A city of sixty buurten with deliveries, in which one characteristic may stand in for origin and one pair goes with the trait."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gate_folder import Folder, a_project

BUURTEN = [f"BU09990{number:03d}" for number in range(1, 61)]
PEOPLE = 150  # in each buurt
REGISTER = {
    "peiljaar": ("integer", "public", {"periode": True}),
    "persoon_id": ("string", "identifying", {"key": True}),
    "buurtcode": ("string", "personal", {"gebied": "buurt"}),
    "werk": ("string", "personal", {}),
    "kanaal": ("string", "personal", {}),
    "gebruikt": ("boolean", "personal", {}),
}
ORIGIN = {
    "peiljaar": ("integer", "public", {"periode": True}),
    "buurtcode": ("string", "public", {"gebied": "buurt"}),
    "aandeel": ("number", "public", {}),
}


def a_city(path: Path, *, proxy: bool, ground: str = "herkomst", ratio: float = 2.5) -> Folder:
    """The project with its deliveries.

    Args:
        path: an empty folder.
        proxy: whether `kanaal` goes with the ground.
        ground: what the share of the ground in each buurt is called.
        ratio: how many times as often those with work and channel a have the trait.
    """
    folder = a_project(path)
    project = folder.read("zicht.yaml")
    levels = [
        {"level": level, "source": "gebieden", "code": level, "name": f"{level}naam"}
        for level in ("gemeente", "buurt")
    ]
    folder.write("zicht.yaml", {**project, "areas": {"division": 2025, "levels": levels}})
    for id_ in ("wmo", "verdachten"):
        (path / f"registers/{id_}.yaml").unlink()
        (path / f"sources/{id_}.yaml").unlink()
    folder.purpose("zorg", special=True)
    folder.purpose("veiligheid", criminal=True)
    folder.register("personen", REGISTER, purposes=["armoede"])
    folder.source("afkomst", "none")
    folder.register("afkomst", ORIGIN, unit="area")
    folder.indicator(measure="share", numerator="gebruikt", purpose="armoede")
    folder.indicator("afkomst", register="afkomst", measure="take", value="aandeel", protected_ground=ground)
    _declare(folder)
    _deliver(path / "leveringen", proxy=proxy, ratio=ratio)
    return folder


def _declare(folder: Folder) -> None:
    dimensions = [
        {"id": id_, "title": id_, "sql": id_, "categories": [{"id": one, "title": one} for one in values]}
        for id_, values in (("werk", ("ja", "nee")), ("kanaal", ("a", "b")))
    ]
    folder.write("indicators/dimensies.yaml", {"dimensions": dimensions, "indicators": []})
    finding = {
        "id": "groepen", "title": "In welke groepen komt het vaker voor?", "pattern": "subgroups", "indicator": "proef",
        "characteristics": ["werk", "kanaal"], "unit": "persoon_id",
    }  # fmt: skip
    folder.write("products/proef.yaml", {
        "id": "proef", "title": "Proef", "question": "Wat?", "answer": "Dit.", "audience": "Raad", "indicators": ["proef"], "limits": "Veel.",
        "purposes": ["armoede"], "findings": [finding],
    })  # fmt: skip


def _deliver(folder: Path, *, proxy: bool, ratio: float) -> None:
    random = np.random.default_rng(11)
    folder.mkdir(exist_ok=True)
    share = random.beta(2, 6, len(BUURTEN))
    lines = [f"GM0999,Poging,{code},Buurt {at}" for at, code in enumerate(BUURTEN)]
    _write(folder / "gebieden.csv", "gemeente,gemeentenaam,buurt,buurtnaam", lines)
    lines = [f"2025,{code},{part * 100:.1f}" for code, part in zip(BUURTEN, share, strict=True)]
    _write(folder / "afkomst.csv", "peiljaar,buurtcode,aandeel", lines)
    where = np.repeat(np.arange(len(BUURTEN)), PEOPLE)
    work = random.random(len(where)) < 0.6
    channel = random.random(len(where)) < (0.1 + 1.5 * share[where] if proxy else 0.4)
    used = random.random(len(where)) < 0.12 * np.where(work & channel, ratio, 1.0)
    lines = [
        f"2025,P{number:07d},{BUURTEN[at]},{'ja' if w else 'nee'},{'a' if c else 'b'},{str(bool(u)).lower()}"
        for number, (at, w, c, u) in enumerate(zip(where, work, channel, used, strict=True))
    ]
    _write(folder / "personen.csv", "peiljaar,persoon_id,buurtcode,werk,kanaal,gebruikt", lines)


def _write(file: Path, head: str, lines: list[str]) -> None:
    file.write_text("\n".join([head, *lines]) + "\n", "utf-8")
