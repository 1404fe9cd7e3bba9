"""A release over other areas is public: what the new one gives away beside it is hidden, or nothing is built."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_sets import small_sets
from two_divisions import TwoDivisions, publish, shown

from zicht.chain import protection_account
from zicht.errors import DisclosureError

THRESHOLD = 10  # of the profile `microdata`


@pytest.fixture
def project(tmp_path: Path) -> TwoDivisions:
    return TwoDivisions(tmp_path / "dorp")


def given_away(project: TwoDivisions, *releases: tuple[object, int]) -> set[frozenset[int]]:
    """The sets of pieces of fewer people than the threshold that follow from releases together, found by trying all."""
    rows = np.concatenate([project.known(release, division) for release, division in releases])  # type: ignore[arg-type]
    return small_sets(rows, project.units, THRESHOLD)


def test_no_piece_between_two_divisions_follows_from_the_releases_over_them(project: TwoDivisions) -> None:
    first = project.release(2024)
    assert not given_away(project, (first, 2024))
    careless = project.release(2025, earlier=[2024])
    assert not given_away(project, (careless, 2025))
    assert given_away(project, (first, 2024), (careless, 2025)), "unprotected, the second tells who moved"
    publish(first, project, "2025-03-01")
    second = project.release(2025, earlier=[2024])
    assert not given_away(project, (first, 2024), (second, 2025))
    assert shown(second, "inwoners") >= {"GM9002", "BU90020204"}
    assert shown(second, "inwoners") < shown(careless, "inwoners")


def test_the_account_tells_what_was_hidden_against_which_release_and_why(project: TwoDivisions) -> None:
    publish(project.release(2024), project, "2025-03-01")
    project.release(2025, earlier=[2024])
    (sheet,) = protection_account(project.folder)
    closed = sheet.report["closed"]
    assert isinstance(closed, list)
    assert any("2025-03-01 inwoners.n [BU90020101" in str(line) for line in closed), closed
    assert any(str(line).startswith("hidden: ") for line in closed)


def test_figures_that_nothing_tells_the_difference_of_are_not_made(project: TwoDivisions) -> None:
    publish(project.release(2024), project, "2025-03-01")
    with pytest.raises(DisclosureError) as refused:
        project.release(2025)
    for part in ("division 2025", "inwoners of 2023 (2025-03-01, division 2024)", "`indeling`"):
        assert part in str(refused.value)
