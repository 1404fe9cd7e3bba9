"""A release holds protected figures and nothing else, and says what it holds."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from zicht.errors import DisclosureError, ZichtError
from zicht.figures import FIGURES
from zicht.release import (
    PUBLIC_COLUMNS,
    Content,
    ProtectedFigures,
    open_release,
    verify_release,
    write_release,
)

PUBLIC = pa.schema([field for field in FIGURES if field.name in PUBLIC_COLUMNS])
SHOWN = {
    "indicator": "poverty", "area": "BU90010101", "division": 2025, "level": "buurt", "period": "2025",
    "value": 4.0, "numerator": 40.0, "denominator": 1000.0, "n": 1000, "lower": 3.0, "upper": 5.0, "status": "ok",
}  # fmt: skip
HIDDEN = {
    **SHOWN,
    **dict.fromkeys(("value", "numerator", "denominator", "n", "lower", "upper")),
    "area": "BU90010102",
    "status": "primary",
}


def figures(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), PUBLIC)


@pytest.fixture
def content() -> Content:
    return Content(
        catalogue={"project": {"id": "p"}},
        areas=pa.table(
            {
                "code": ["BU90010101"],
                "name": ["Één"],
                "level": ["buurt"],
                "parent": [None],
                "division": [2025],
            }
        ),
        boundaries={"buurt": pa.table({"code": ["BU90010101"], "geometry": [b"\x00"]})},
        figures=[ProtectedFigures("poverty", figures(SHOWN, HIDDEN))],
        evidence={"protection": {"hidden": 1}},
    )


def write(content: Content, folder: Path) -> str:
    folder.mkdir()
    return write_release(content, folder, project="p", division=2025, languages=("nl",))


def test_a_release_gives_back_what_went_in(content: Content, tmp_path: Path) -> None:
    digest = write(content, tmp_path / "r")
    release = open_release(tmp_path / "r")
    assert release.digest == digest
    assert release.figures("poverty").to_pylist()[0]["value"] == 4.0
    assert release.areas()["name"].to_pylist() == ["Één"]
    assert release.boundaries("buurt") is not None
    assert release.boundaries("wijk") is None
    assert release.evidence("protection") == {"hidden": 1}
    with pytest.raises(KeyError):
        release.figures("../../secret")


def test_the_same_content_gives_the_same_bytes(content: Content, tmp_path: Path) -> None:
    first, second = write(content, tmp_path / "a"), write(content, tmp_path / "b")
    assert first == second
    for path in (tmp_path / "a").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


@pytest.mark.parametrize("column", ["value", "numerator", "denominator", "n", "lower", "upper"])
def test_a_hidden_figure_that_keeps_a_number_is_refused(column: str) -> None:
    with pytest.raises(DisclosureError, match=f"hidden and still has its {column}"):
        ProtectedFigures("poverty", figures(SHOWN, {**HIDDEN, column: 1}))


def test_contributions_of_single_units_are_refused() -> None:
    table = figures(SHOWN).append_column("largest", pa.array([90000.0]))
    with pytest.raises(DisclosureError, match="`largest` that no release may hold"):
        ProtectedFigures("poverty", table)


@pytest.mark.parametrize(
    "extra",
    [
        ("citizen_number", pa.array([990000011])),
        ("income", pa.array([1.5])),
        ("born", pa.array([0], pa.date32())),
    ],
)
def test_a_column_of_persons_has_no_place_in_a_release(extra: tuple[str, pa.Array]) -> None:
    with pytest.raises(DisclosureError, match="that no release may hold"):
        ProtectedFigures("poverty", figures(SHOWN).append_column(*extra))


def test_figures_of_another_indicator_are_refused() -> None:
    with pytest.raises(DisclosureError, match="hold those of wealth"):
        ProtectedFigures("poverty", figures({**SHOWN, "indicator": "wealth"}))


def test_a_status_that_does_not_exist_is_refused() -> None:
    with pytest.raises(DisclosureError, match="a status that does not exist: shown"):
        ProtectedFigures("poverty", figures({**SHOWN, "status": "shown"}))


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda r: (r / "figures/poverty.parquet").write_bytes(b"x"), "figures/poverty.parquet: was changed"),
        (lambda r: (r / "areas.parquet").unlink(), "areas.parquet: is in the manifest and not in the folder"),
        (lambda r: (r / "extra.csv").write_text("x"), "extra.csv: is in the folder and not in the manifest"),
        (lambda r: _edit_manifest(r, division=2024), "release.json: says digest"),
    ],
)
def test_verify_finds_whatever_was_changed(
    content: Content, tmp_path: Path, tamper: object, said: str
) -> None:
    write(content, tmp_path / "r")
    assert verify_release(tmp_path / "r").holds
    tamper(tmp_path / "r")  # type: ignore[operator]
    found = verify_release(tmp_path / "r")
    assert not found.holds
    assert any(str(problem).startswith(said) for problem in found.problems), found.problems


def test_what_is_no_release_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(ZichtError, match=r"is not a release: it has no release\.json"):
        open_release(tmp_path)
    (tmp_path / "release.json").write_text("[]")
    with pytest.raises(ZichtError, match="cannot be read"):
        open_release(tmp_path)
    (tmp_path / "release.json").write_text('{"format": 99}')
    with pytest.raises(ZichtError, match="format 99"):
        open_release(tmp_path)


def _edit_manifest(folder: Path, **changes: object) -> None:
    path = folder / "release.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
