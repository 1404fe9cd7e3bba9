"""A project to attack, and a built village to decide about; each test has a copy of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from gate_folder import Folder, a_project
from reviewed_village import Village, with_people

from zicht.chain import build
from zicht.demo import new_project


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A small project about persons; nothing in it is refused."""
    return a_project(tmp_path / "poging")


@pytest.fixture(scope="session")
def built_village(tmp_path_factory: pytest.TempPathFactory) -> Village:
    """Built, with people who decide; not to be changed."""
    folder = tmp_path_factory.mktemp("village") / "proefdorp"
    new_project(folder)
    with_people(folder)
    build(folder)
    return Village(folder)


@pytest.fixture(scope="session")
def approved_village(built_village: Village, tmp_path_factory: pytest.TempPathFactory) -> Village:
    """As far as its approval; not to be changed."""
    village = built_village.copy(tmp_path_factory.mktemp("approved") / "proefdorp")
    village.approve()
    return village


@pytest.fixture(scope="session")
def published_village(approved_village: Village, tmp_path_factory: pytest.TempPathFactory) -> Village:
    """As far as its publication; not to be changed."""
    village = approved_village.copy(tmp_path_factory.mktemp("published") / "proefdorp")
    village.publish()
    return village


@pytest.fixture
def village(built_village: Village, tmp_path: Path) -> Village:
    """A built village, to spoil."""
    return built_village.copy(tmp_path / "proefdorp")


@pytest.fixture
def approved(approved_village: Village, tmp_path: Path) -> Village:
    """A village whose release was approved, to spoil."""
    return approved_village.copy(tmp_path / "proefdorp")


@pytest.fixture
def published(published_village: Village, tmp_path: Path) -> Village:
    """A village whose release was published, to spoil."""
    return published_village.copy(tmp_path / "proefdorp")
