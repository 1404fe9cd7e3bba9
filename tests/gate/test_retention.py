"""Attempts to keep data about persons for longer than their purpose allows, and to rewrite a purpose afterwards."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from gate_folder import CARE, TODAY, Folder
from hypothesis import given
from hypothesis import strategies as st

from zicht.chain import RetentionError, build, check, mark_published, privacy_account, purge_overdue
from zicht.declare import read_project
from zicht.demo import new_project
from zicht.errors import DeclarationError
from zicht.governance import kept_versions, period_end
from zicht.governance.retention import later

PURPOSE = "purposes/beleidsinformatie.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The starter: inhabitants of 2025, kept for ten years."""
    new_project(tmp_path / "proefdorp")
    return tmp_path / "proefdorp"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter with a release; not to be changed."""
    folder = tmp_path_factory.mktemp("released") / "proefdorp"
    new_project(folder)
    build(folder, ["release"], today=TODAY)
    return folder


def rewrite(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")


# Retention


def test_a_delivery_past_its_retention_is_not_taken_in(project: Path) -> None:
    with pytest.raises(
        RetentionError,
        match=r"`inwoners` holds data of 2025, and purpose `beleidsinformatie` allows keeping them until 2035-12-31",
    ):
        build(project, ["register/inwoners"], today=dt.date(2036, 1, 1))
    assert not list((project / ".zicht").rglob("accepted.parquet"))


def test_the_last_day_of_retention_is_a_day_on_which_data_may_be_used(project: Path) -> None:
    build(project, ["register/inwoners"], today=dt.date(2035, 12, 31))
    assert list((project / ".zicht").rglob("accepted.parquet"))


def test_a_build_stops_where_data_are_kept_past_their_retention_and_purging_removes_all_that_was_made_of_them(
    project: Path,
) -> None:
    build(project, ["figures/inwoners"], today=TODAY)
    later_on = dt.date(2040, 1, 1)
    (project / "leveringen" / "inwoners.csv").unlink()  # nothing of the delivery is needed to see it
    with pytest.raises(RetentionError, match=r"zicht privacy .* --purge"):
        build(project, today=later_on)
    assert privacy_account(project, later_on).overdue
    gone = purge_overdue(project, later_on)
    assert [one.register for one in gone.snapshots] == ["inwoners"]
    assert {"register/inwoners", "figures/inwoners"} <= set(gone.steps)
    assert not list((project / ".zicht").rglob("accepted.parquet"))
    assert not list((project / ".zicht" / "objects").rglob("bijstand.parquet"))
    assert privacy_account(project, later_on).overdue == ()


def test_an_earlier_snapshot_that_is_no_longer_used_is_overdue_all_the_same(project: Path) -> None:
    build(project, ["register/inwoners"], today=TODAY)
    rewrite(project, "leveringen/inwoners.csv", ";2025;", ";2034;")
    rewrite(project, "registers/inwoners.yaml", "minimum: 1900", "minimum: 1899")
    build(project, ["register/inwoners"], today=dt.date(2034, 6, 1))
    assert len(list((project / ".zicht").rglob("accepted.parquet"))) == 2
    gone = purge_overdue(project, dt.date(2036, 6, 1))
    assert [(one.register, one.first) for one in gone.snapshots] == [("inwoners", "2025")]
    assert len(list((project / ".zicht").rglob("accepted.parquet"))) == 1


def test_a_register_of_one_period_past_its_retention_is_refused_before_it_is_read(folder: Folder) -> None:
    columns = {name: said for name, said in CARE.items() if name != "peiljaar"}
    folder.register("wmo", columns, purposes=["zorg"], period="2015")
    assert (
        "register `wmo` is of 2015, and purpose `zorg` allows keeping it until 2020-12-31 (P5Y)"
        in folder.refusals()
    )
    assert "2015" not in folder.refusals(dt.date(2020, 12, 31))


def test_a_purpose_that_ended_or_has_not_begun_is_no_ground(folder: Folder) -> None:
    folder.change("purposes/armoede.yaml", valid_until="2026-06-30")
    assert "purpose `armoede` ended on 2026-06-30" in folder.refusals()
    assert folder.refusals(dt.date(2026, 6, 30)) == ""
    folder.change("purposes/armoede.yaml", valid_from="2027-01-01", valid_until="2028-01-01")
    assert "purpose `armoede` begins on 2027-01-01" in folder.refusals()


@pytest.mark.parametrize(("period", "end"), [
    ("2024", dt.date(2024, 12, 31)), ("2024-Q1", dt.date(2024, 3, 31)), ("2024-02", dt.date(2024, 2, 29)), ("2024-02-03", dt.date(2024, 2, 3)), ("2024-13", None), ("nooit", None),
])  # fmt: skip
def test_a_period_ends_on_its_last_day(period: str, end: dt.date | None) -> None:
    assert period_end(period) == end


@given(st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 60), st.sampled_from("YMWD"))
def test_a_longer_retention_never_ends_earlier(day: dt.date, count: int, unit: str) -> None:
    assert day <= later(day, f"P{count}{unit}") <= later(day, f"P{count + 1}{unit}")


def test_a_year_after_a_leap_day_is_the_last_of_february() -> None:
    assert later(dt.date(2024, 2, 29), "P1Y") == dt.date(2025, 2, 28)


# Versions


def test_a_release_keeps_the_text_of_its_purposes(released: Path) -> None:
    (kept,) = kept_versions(released)
    assert (kept.purpose, kept.version) == ("beleidsinformatie", 1)
    assert (released / "purposes/versions/beleidsinformatie.v1.yaml").read_text("utf-8") == (
        released / PURPOSE
    ).read_text("utf-8")


@pytest.fixture
def used(released: Path, tmp_path: Path) -> Path:
    """A copy of the starter with a release, to change."""
    return Path(shutil.copytree(released, tmp_path / "proefdorp"))


def test_a_used_purpose_cannot_be_changed_without_a_new_version(used: Path) -> None:
    rewrite(used, PURPOSE, "retention: P10Y", "retention: P20Y")
    with pytest.raises(
        DeclarationError,
        match=r"purposes/beleidsinformatie.yaml:\d+:\d+: `retention` of purpose `beleidsinformatie` is not what version 1 said",
    ):
        check(used)


def test_a_new_version_is_let_through_and_tells_which_products_rest_on_the_older(used: Path) -> None:
    rewrite(used, PURPOSE, "retention: P10Y", "retention: P20Y")
    rewrite(used, PURPOSE, "version: 1", "version: 2")
    (product,) = privacy_account(used, TODAY).products
    assert [(one.version, one.rested_on, one.is_older) for one in product.purposes] == [(2, 1, True)]
    build(used, ["release"], today=TODAY)
    assert [one.version for one in kept_versions(used)] == [1, 2]
    (product,) = privacy_account(used, TODAY).products
    assert not product.purposes[0].is_older


def test_a_purpose_cannot_go_back_to_an_older_version(used: Path) -> None:
    rewrite(used, PURPOSE, "version: 1", "version: 2")
    build(used, ["release"], today=TODAY)
    rewrite(used, PURPOSE, "version: 2", "version: 1")
    with pytest.raises(DeclarationError, match="goes back to version 1, and version 2 was used"):
        check(used)


def test_a_purpose_cannot_be_rewritten_together_with_its_copy_once_it_was_published(used: Path) -> None:
    release = build(used, ["release"], today=TODAY).release
    assert release is not None
    mark_published(release, used, TODAY)
    for file in (PURPOSE, "purposes/versions/beleidsinformatie.v1.yaml"):
        rewrite(used, file, "retention: P10Y", "retention: P20Y")
    with pytest.raises(DeclarationError, match=r"is not what the published release .* was made under"):
        check(used)


def test_white_space_and_remarks_are_no_change(used: Path) -> None:
    rewrite(used, PURPOSE, "version: 1", "# een opmerking\nversion:   1")
    assert check(used).purposes["beleidsinformatie"].version == 1


def test_read_project_alone_keeps_no_version(project: Path) -> None:
    read_project(project)
    assert not (project / "purposes/versions").exists()
