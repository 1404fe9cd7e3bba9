"""What changes for the public, told by level, and the pages that are drawn to look at."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from zicht.figures import FIGURES, TOTAL
from zicht.findings import About, findings
from zicht.release import (
    PUBLIC_COLUMNS,
    Content,
    ProtectedFigures,
    PublicFindings,
    Release,
    changes,
    differences,
    open_release,
    sample_pages,
    write_release,
)

PUBLIC = pa.schema([field for field in FIGURES if field.name in PUBLIC_COLUMNS])
NUMBERS = ("value", "numerator", "denominator", "n", "lower", "upper")


def release(
    folder: Path, text: str, division: int = 2025, standing_out: str | None = None, **catalogue: object
) -> Release:
    """A release from lines `indicator area value`; `x` is primary, `y` secondary, hidden both; a fourth word is a category of `sex`."""
    tables: dict[str, list[dict[str, object]]] = {}
    split: set[str] = set()
    for line in text.strip().splitlines():
        indicator, area, value, *category = line.split()
        level = {"BU": "buurt", "WK": "wijk", "GM": "gemeente"}[area[:2]]
        row: dict[str, object] = dict.fromkeys(NUMBERS)
        row |= {"indicator": indicator, "area": area, "division": division, "level": level, "period": "2025"}
        if value in "xy":
            row["status"] = {"x": "primary", "y": "secondary"}[value]
        else:
            row |= {"status": "ok", "value": float(value), "n": int(value)}
        if category:
            split.add(indicator)
        tables.setdefault(indicator, []).append({**row, "sex": category[0] if category else TOTAL})
    folder.mkdir()
    figures = [
        ProtectedFigures(
            name,
            pa.Table.from_pylist(
                rows, PUBLIC.append(pa.field("sex", pa.string())) if name in split else PUBLIC
            ),
        )
        for name, rows in sorted(tables.items())
    ]
    areas = pa.table(
        {"code": ["GM1"], "name": ["g"], "level": ["gemeente"], "parent": [None], "division": [division]}
    )
    found = None
    if standing_out is not None:
        codes = ["BU1", "BU2"]
        about = About("many", "buurt", division, "2025")
        found = PublicFindings(
            findings(about, "ratio", {"area": codes, "relevant": [code in standing_out for code in codes]})
        )
    content = Content({"project": {"id": "p"}, **catalogue}, areas, {}, figures, {}, found)
    write_release(content, folder, project="p", division=division, languages=("nl",))
    return open_release(folder)


def told(tmp_path: Path, before: str, after: str) -> dict[str, str]:
    old, new = release(tmp_path / "old", before), release(tmp_path / "new", after)
    return {row["area"]: row["kind"] for row in changes(old, new, "people").to_pylist()}


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("people BU1 12", "people BU1 12", "same"),
        ("people BU1 12", "people BU1 13", "changed"),
        ("people BU1 12", "people BU1 x", "hidden"),
        ("people BU1 y", "people BU1 12", "shown again"),
        ("people BU1 x", "people BU1 y", "same"),
        ("people BU1 x", "people BU1 x", "same"),
        ("people BU2 12", "people BU1 12\npeople BU2 12", "new"),
        ("people BU1 12\npeople BU2 12", "people BU2 12", "removed"),
    ],
)
def test_each_figure_is_told_by_what_the_public_will_see_of_it(
    tmp_path: Path, before: str, after: str, kind: str
) -> None:
    assert told(tmp_path, before, after)["BU1"] == kind


def test_a_figure_that_gets_a_breakdown_stays_the_same_as_a_total(tmp_path: Path) -> None:
    old = release(tmp_path / "old", "people BU1 30")
    new = release(tmp_path / "new", "people BU1 30\npeople BU1 12 M")
    found = {row["sex"]: row["kind"] for row in changes(old, new, "people").to_pylist()}
    assert found == {TOTAL: "same", "M": "new"}


def test_figures_over_another_division_are_others_though_codes_are_the_same(tmp_path: Path) -> None:
    old, new = (
        release(tmp_path / "old", "people BU1 30", 2024),
        release(tmp_path / "new", "people BU1 30", 2025),
    )
    assert sorted(changes(old, new, "people")["kind"].to_pylist()) == ["new", "removed"]


def test_changes_are_counted_by_indicator_and_level(tmp_path: Path) -> None:
    old = release(tmp_path / "old", "people BU1 12\npeople BU2 x\npeople GM1 40\nhomes GM1 8")
    new = release(tmp_path / "new", "people BU1 x\npeople BU2 14\npeople BU3 9\npeople GM1 40")
    found = {
        (one.indicator, one.level): {k: n for k, n in one.counts.items() if n}
        for one in differences(old, new).levels
    }
    assert found == {
        ("homes", "gemeente"): {"removed": 1},
        ("people", "buurt"): {"new": 1, "hidden": 1, "shown again": 1},
        ("people", "gemeente"): {},
    }


def test_before_the_first_release_all_is_new(tmp_path: Path) -> None:
    found = differences(None, release(tmp_path / "new", "people BU1 12\npeople GM1 40"))
    assert (found.before, found.total("new"), found.total("changed")) == (None, 2, 0)


def test_texts_and_definitions_that_change_are_named(tmp_path: Path) -> None:
    def listed(steps: str, *products: str) -> dict[str, object]:
        return {
            "indicators": [{"id": "people", "title": "t", "steps": [steps]}],
            "products": [{"id": id_} for id_ in products],
        }

    old = release(tmp_path / "old", "people GM1 40", **listed("age >= 18", "gone"))
    new = release(tmp_path / "new", "people GM1 40", **listed("age >= 17", "fresh"))
    assert [(one.of, one.id, one.parts) for one in differences(old, new).texts] == [
        ("indicator", "people", ("steps",)),
        ("product", "fresh", ("new",)),
        ("product", "gone", ("removed",)),
    ]


def many(hidden: str) -> str:
    return "\n".join(
        f"people BU{number} {'x' if f'BU{number}' in hidden.split() else 500}" for number in range(10, 70)
    )


def test_the_sample_is_the_same_for_everybody_and_another_for_another_release(tmp_path: Path) -> None:
    first, second = release(tmp_path / "a", many("BU10")), release(tmp_path / "b", many("BU11"))
    assert sample_pages(None, first) == sample_pages(None, first)
    assert {page.path for page in sample_pages(None, first)} != {
        page.path for page in sample_pages(None, second)
    }


def test_pages_where_figures_are_hidden_or_change_weigh_more(tmp_path: Path) -> None:
    risky = " ".join(f"BU{number}" for number in range(10, 22))
    old = release(tmp_path / "old", many(""))
    found = [
        page
        for page in sample_pages(old, release(tmp_path / "new", many(risky)))
        if page.path.startswith("gebied/")
    ]
    assert len(found) == 12
    assert sum(page.hidden for page in found) >= 6  # the heaviest half
    assert all(page.hidden for page in found[:6])


def test_a_page_of_few_units_weighs_more_than_one_of_many(tmp_path: Path) -> None:
    found = {
        page.path: page
        for page in sample_pages(None, release(tmp_path / "a", "people BU1 12\npeople BU2 900"))
    }
    assert found["gebied/BU1/"].weight > found["gebied/BU2/"].weight
    assert found["gebied/BU1/"].fewest == 12


@pytest.mark.parametrize(
    ("before", "after", "appears", "disappears"),
    [(None, "BU1", ["BU1"], []), ("BU1", "BU2", ["BU2"], ["BU1"]), ("BU1 BU2", "BU1", [], ["BU2"]), ("BU1", None, [], ["BU1"])],
)  # fmt: skip
def test_what_stands_out_or_no_longer_does_is_told(
    tmp_path: Path, before: str | None, after: str | None, appears: list[str], disappears: list[str]
) -> None:
    old, new = (
        release(tmp_path / name, "people BU1 12", standing_out=said)
        for name, said in (("old", before), ("new", after))
    )
    assert differences(old, new).as_dict()["findings"] == [
        {"finding": "many", "appears": appears, "disappears": disappears}
    ]
    assert differences(new, new).findings == ()
