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
    three = "this release inkomen.n [BU90020102: 114] - 2025-03-01 inkomen.n [BU90020102: 111] = 3"
    assert any(three in str(line) for line in closed)
    assert any(str(line).startswith("hidden: ") for line in closed)


def test_figures_that_nothing_tells_the_difference_of_are_not_made(project: TwoDivisions) -> None:
    publish(project.release(2024), project, "2025-03-01")
    with pytest.raises(DisclosureError) as refused:
        project.release(2025)
    for part in ("division 2025", "inwoners of 2023 (2025-03-01, division 2024)", "`indeling`"):
        assert part in str(refused.value)


def test_a_register_that_was_corrected_since_is_reported_and_stops_nothing(project: TwoDivisions) -> None:
    first = project.release(2024)
    publish(first, project, "2025-03-01")
    atom = project.atoms[5]
    project.write_people([*project.atoms[:5], {**atom, "M": str(int(atom["M"]) + 3)}, *project.atoms[6:]])
    project.release(2025, earlier=[2024])
    (sheet,) = protection_account(project.folder)
    revised = sheet.report["revised"]
    assert isinstance(revised, list)
    assert "inwoners × BU90020201 × 2023 × M (2025-03-01, division 2024)" in revised
    assert "inwoners × BU90020202 × 2023 × M (2025-03-01, division 2024)" not in revised


def test_a_breakdown_that_is_there_no_more_was_still_published(project: TwoDivisions) -> None:
    first = project.release(2024)
    publish(first, project, "2025-03-01")
    declared = project.folder / "indicators" / "alle.yaml"
    declared.write_text(declared.read_text("utf-8").replace(", by: [geslacht]", ""), "utf-8")
    second = project.release(2025, earlier=[2024])
    assert "geslacht" not in second.figures("inwoners").column_names
    assert not given_away(project, (first, 2024), (second, 2025))


def test_a_release_after_the_change_takes_nothing_back_and_adds_nothing(project: TwoDivisions) -> None:
    first = project.release(2024)
    publish(first, project, "2025-03-01")
    second = project.release(2025, earlier=[2024])
    publish(second, project, "2025-04-01")
    again = project.release(2025, earlier=[2024])
    assert not given_away(project, (first, 2024), (second, 2025), (again, 2025))
    assert shown(again, "inwoners") == shown(second, "inwoners"), "what is public is no less public"


THREE = """
    b2023      | b2024      | b2025      | M  | V
    -----------+------------+------------+----+---
    BU90020101 | BU90020101 | BU90020101 | 60 | 57
    BU90020101 | BU90020102 | BU90020101 | 2  | 3
    BU90020102 | BU90020102 | BU90020102 | 50 | 61
    BU90020102 | BU90020102 | BU90020103 | 1  | 4
    BU90020103 | BU90020103 | BU90020103 | 44 | 45
"""


def test_three_divisions_are_laid_on_each_other(tmp_path: Path) -> None:
    three = TwoDivisions(tmp_path / "dorp", THREE)
    first = three.release(2023)
    publish(first, three, "2023-03-01")
    second = three.release(2024, earlier=[2023])
    assert not given_away(three, (first, 2023), (second, 2024))
    publish(second, three, "2024-03-01")
    third = three.release(2025, earlier=[2023, 2024])
    assert not given_away(three, (first, 2023), (second, 2024), (third, 2025))
    with pytest.raises(DisclosureError, match="2024-03-01, division 2024"):
        three.release(2025, earlier=[2023])


SAME = """
    b2024      | b2025      | M  | V
    -----------+------------+----+---
    BU90020101 | BU90020101 | 60 | 57
    BU90020102 | BU90020102 | 50 | 61
    BU90020103 | BU90020103 | 3  | 4
"""


def test_areas_that_stayed_as_they_were_need_no_column(tmp_path: Path) -> None:
    same = TwoDivisions(tmp_path / "dorp", SAME)
    first = same.release(2024)
    publish(first, same, "2025-03-01")
    second = same.release(2025)
    assert shown(second, "inwoners") == shown(first, "inwoners")


NOWHERE = """
    b2024      | b2025      | M  | V
    -----------+------------+----+---
    BU90020101 | BU90020101 | 60 | 57
    BU90020102 | BU90020102 | 50 | 61
    BU90020102 |            | 2  | 3
               | BU90020101 | 20 | 30
               |            | 12 | 13
"""


def test_people_without_an_address_in_one_of_the_divisions_are_a_piece_too(tmp_path: Path) -> None:
    some = TwoDivisions(tmp_path / "dorp", NOWHERE)
    first = some.release(2024)
    publish(first, some, "2025-03-01")
    second = some.release(2025, earlier=[2024])
    assert not given_away(some, (first, 2024), (second, 2025))
    assert "BU90020102" not in shown(second, "inwoners"), "five have moved away to nowhere"
