"""What the tests of the site share: a release of a small city, and the site made of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from browsing import chromium
from full_city import write_full_city
from small_city import City, small_city

from zicht.publish import paper, publish_site
from zicht.release import Release, open_release


@pytest.fixture(scope="session", autouse=True)
def sheets() -> Iterator[dict[str, bytes]]:
    """The profiles on paper by what stands on them, each set once: test after test makes those of the same small city."""
    made: dict[str, bytes] = {}
    typeset = paper._set

    def once(said: Mapping[str, object]) -> bytes:
        text = json.dumps(said)
        if text not in made:
            made[text] = typeset(said)
        return made[text]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paper, "_set", once)
        yield made


@pytest.fixture
def city() -> City:
    return small_city()


@pytest.fixture
def release(city: City, tmp_path: Path) -> Release:
    return open_release(city.write(tmp_path / "release"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    publish_site(open_release(write_full_city(folder / "release")), folder / "site")
    return folder / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    # Not for the whole session: while it runs, no test of the same process can have an event loop of its own.
    with chromium() as running:
        yield running
