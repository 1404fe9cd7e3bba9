"""What is public already cannot be taken back: later builds are protected together with it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from figures_by_hand import AREAS, figures, indicator

from zicht.chain import build, mark_published
from zicht.chain.protection import Protection, protect_register
from zicht.chain.published import agrees, published_releases, with_what_is_known
from zicht.disclosure import PROFILES
from zicht.errors import ZichtError

COUNT = indicator("people", "count")
DAY = dt.date(2025, 3, 1)


def written(text: str) -> pa.Table:
    """Figures from lines `area sex n`; sex is left out where no line has it."""
    rows = [line.split() for line in text.strip().splitlines()]
    columns = {"area": [row[0] for row in rows], "period": ["2025"] * len(rows)}
    if len(rows[0]) > 2:
        columns["sex"] = [row[1] for row in rows]
    n = pa.array([int(row[-1]) for row in rows], pa.int64())
    none = pa.nulls(len(rows), pa.float64())
    return pa.table(
        {**columns, "value": n.cast(pa.float64()), "numerator": none, "denominator": none, "n": n}
    )


def told(now: str, *before: str) -> list[tuple[bool, int | None]]:
    table = with_what_is_known(written(now), {f"{at}": written(text) for at, text in enumerate(before)})
    return list(zip(table["known"].to_pylist(), table["former"].to_pylist(), strict=True))


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ("B1 12\nB2 40", (), [(False, None), (False, None)]),
        ("B1 12\nB2 40", ("B1 12",), [(True, None), (False, None)]),
        ("B1 12\nB2 40", ("B1 12\nB2 43",), [(True, None), (False, 43)]),
        ("B1 12", ("B1 11", "B1 12"), [(True, 11)]),
        ("B1 M 12\nB1 TOTAL 30", ("B1 30",), [(False, None), (True, None)]),
        ("B1 30", ("B1 M 12\nB1 TOTAL 30",), [(True, None)]),
    ],
)
def test_a_number_is_known_where_a_release_shows_the_same(
    now: str, before: tuple[str, ...], expected: list[tuple[bool, int | None]]
) -> None:
    assert told(now, *before) == expected


def test_another_number_over_other_areas_is_no_revision() -> None:
    now, before = (
        written(text).append_column("division", pa.array([year], pa.int16()))
        for text, year in (("B1 12", 2025), ("B1 15", 2024))
    )
    assert with_what_is_known(now, {"before": before})["former"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("B1 12", "B1 12\nB2 40", True),
        ("B1 12\nB2 40", "B1 12", True),
        ("B1 12\nB2 40", "B1 12\nB2 43", False),
        ("B1 12\nB2 40", "B1 12\nB3 40", False),
        ("B1 12\nB2 0", "B1 12\nB3 7", True),
        ("B1 M 12\nB1 TOTAL 30", "B1 30", True),
        ("B1 X 12\nB1 TOTAL 30", "B1 M 12\nB1 TOTAL 30", True),
        ("B1 M 12\nB1 TOTAL 30", "B1 M 13\nB1 TOTAL 30", False),
    ],
)
def test_figures_agree_where_subtracting_tells_nothing(before: str, now: str, expected: bool) -> None:
    assert agrees(written(before), written(now)) is expected


def test_a_published_release_is_kept_once_and_noticed_when_it_was_changed(project: Path) -> None:
    release = build(project).release
    assert release is not None
    kept = mark_published(release, project, DAY)
    assert kept == project / "published" / f"2025-03-01-{release.digest[:16]}"
    assert [one.digest for one in published_releases(project)] == [release.digest]
    with pytest.raises(ZichtError, match="is published already"):
        mark_published(release, project, DAY)
    (kept / "catalogue.json").write_text("{}", "utf-8")
    with pytest.raises(ZichtError, match="was changed after it was published"):
        build(project)


def test_a_release_built_again_after_it_was_published_shows_the_same(project: Path) -> None:
    first = build(project, ["release"]).release
    assert first is not None
    mark_published(first, project, DAY)
    again = build(project, ["release"])
    assert again.release is not None
    assert "protected/inwoners" in {step.name for step in again.steps if step.state == "made"}
    for id_ in ("inwoners", "bijstand", "gemiddeld_inkomen"):
        assert again.release.figures(id_).equals(first.figures(id_))


def counts(**n: int) -> pa.Table:
    """Figures of a count over the buurten a to d of a city, with their wijk and gemeente."""
    leaves = {(f"BU9002010{at}",): (float(count), count) for at, count in enumerate(n.values(), start=1)}
    return figures(COUNT, leaves)


def protected(now: pa.Table, before: pa.Table) -> Protection:
    shown_before = {"people": {"2025-03-01": before}}
    return protect_register(
        {"people": now}, [COUNT], {}, AREAS, {"people": PROFILES["microdata"]}, "", shown_before
    )


def test_what_is_hidden_now_and_public_already_is_reported() -> None:
    now = counts(a=5, b=60, c=80, d=90)
    (sheet,) = protected(now, now.filter(pc.equal(now["area"], "BU90020101"))).sheets
    assert sheet.report["public"] == ["people.n: BU90020101"]


def test_a_number_that_changed_by_a_few_is_reported() -> None:
    now, before = counts(a=15, b=60, c=80, d=90), counts(a=15, b=57, c=80, d=40)
    (sheet,) = protected(now, before).sheets
    assert sheet.report["revised"] == ["people × BU90020102 × 2025"]
