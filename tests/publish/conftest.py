"""What the tests of the site share: a release of a small city, and the site made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_city import City, small_city

from zicht.publish import publish_site
from zicht.release import Release, open_release


@pytest.fixture
def city() -> City:
    return small_city()


@pytest.fixture
def release(city: City, tmp_path: Path) -> Release:
    return open_release(city.write(tmp_path / "release"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    publish_site(open_release(small_city().write(folder / "release")), folder / "site")
    return folder / "site"
