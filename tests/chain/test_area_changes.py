"""What a release tells of areas that changed: what is declared, held against the division, and what the history of gemeenten says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from zicht.areas import Areas
from zicht.chain.area_changes import public_changes
from zicht.declare import Project, read_project
from zicht.errors import DeclarationError
from zicht.intake import Delivery

STARTER = Path(__file__).resolve().parents[2] / "src" / "zicht" / "demo" / "starter"
HISTORY = """code,successor,date,source
GM9001,GM9003,2021-01-01,Staatsblad
GM9002,GM9003,2021-01-01,Staatsblad
GM9004,GM9003,2022-03-24,Staatsblad
GM9005,GM9003,2001-01-01,Staatsblad
"""


@pytest.fixture(scope="module")
def areas() -> Areas:
    return Areas.from_tables(
        2025,
        {
            "buurt": pa.table({"code": ["BU90030101"], "name": ["Noord"]}),
            "wijk": pa.table({"code": ["WK900301"], "name": ["Stad"]}),
            "gemeente": pa.table({"code": ["GM9003"], "name": ["Stad"]}),
        },
    )


def declaring(tmp_path: Path, lines: str) -> Project:
    folder = tmp_path / "dorp"
    shutil.copytree(STARTER, folder)
    file = folder / "zicht.yaml"
    file.write_text(
        file.read_text("utf-8").replace("  division: 2025\n", f"  division: 2025\n{lines}"), "utf-8"
    )
    return read_project(folder)


def test_declared_changes_are_told_by_area_oldest_first(areas: Areas, tmp_path: Path) -> None:
    project = declaring(
        tmp_path,
        "  changes:\n    - {areas: [BU90030101], year: 2024, text: Later.}\n    - {areas: [BU90030101, WK900301], year: 2022, text: {nl: Eerder., en: Earlier.}}\n",
    )
    told = public_changes(project, areas, {})
    earlier = {"year": 2022, "text": {"nl": "Eerder.", "en": "Earlier."}}
    assert told == {
        "declared": {"BU90030101": [earlier, {"year": 2024, "text": {"nl": "Later.", "en": "Later."}}], "WK900301": [earlier]},
        "joined": {},
    }  # fmt: skip


def test_an_area_that_the_division_does_not_have_is_refused_where_it_is_declared(
    areas: Areas, tmp_path: Path
) -> None:
    project = declaring(tmp_path, "  changes:\n    - {areas: [BU90030199], year: 2024, text: Weg.}\n")
    with pytest.raises(
        DeclarationError, match=r"zicht\.yaml:\d+:\d+.*`BU90030199` is not in the division of 2025"
    ):
        public_changes(project, areas, {})


def test_gemeenten_that_came_together_are_told_from_the_division_in_which_it_shows(
    areas: Areas, tmp_path: Path
) -> None:
    history = tmp_path / "historie.csv"
    history.write_text(HISTORY, "utf-8")
    project = declaring(tmp_path, "  successions: gebieden\n")
    told = public_changes(
        project,
        areas,
        {"gebieden": Delivery(history, project.sources["gebieden"].format, "historie", {}, "0" * 64)},
    )
    assert told["joined"] == {
        "GM9003": [{"year": 2021, "names": ["GM9001", "GM9002"]}, {"year": 2023, "names": ["GM9004"]}]
    }
