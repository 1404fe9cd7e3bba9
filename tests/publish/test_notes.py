"""The release notes: what changed since the release before, what has no number and why, and where older figures stay."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
import shapely
from links import broken_links
from small_city import City, figure, indicator, small_city, texts

from zicht.publish import Earlier, History, publish_site, site_problems
from zicht.release import Release, open_release

DAY = dt.date(2025, 3, 1)


def notes_of(site: Path, language: str = "") -> str:
    html = (site / language / "wijzigingen" / "index.html").read_text("utf-8")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("<main")[2].partition("</main>")[0]))


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Release, History]:
    """The site of a second release: one subject new, one figure another, one hidden, one buurt of another name and two of other borders."""
    folder = tmp_path_factory.mktemp("notes")
    first = open_release(small_city().write(folder / "first"))
    city = small_city()
    shown = [row for row in city.figures["bereik"] if row["status"] == "ok" and row["level"] == "buurt"]
    shown[0]["value"] += 1.0
    shown[1].update(value=None, lower=None, upper=None, status="primary")
    hidden = [row for row in city.figures["bereik"] if row["status"] == "primary" and row is not shown[1]]
    hidden[0]["status"] = "secondary"  # which rule hides it is not for the public
    hidden[1].update(value=50.0, lower=44.0, upper=56.0, status="ok")
    city.indicators[1]["a_key_of_a_newer_version"] = True  # told to nobody
    city.indicators[0]["explanation"] = texts("Een andere uitleg.", "Another explanation.")
    city.indicators.append(indicator("nieuw"))
    city.figures["nieuw"] = [
        figure("nieuw", "GM9009", "gemeente", "2024", 3.0, lower=2.0, upper=4.0),
        figure("nieuw", "WK900901", "wijk", "2024", None, status="unreliable"),
    ]
    code, _, level, parent = city.areas[1]
    city.areas[1] = (code, "Anders genoemd", level, parent)
    codes = sorted(city.boundaries["buurt"])[:2]
    left, right = (city.boundaries["buurt"][one] for one in codes)
    strip = shapely.box(*right.bounds[:2], right.bounds[2], right.bounds[1] + 100)
    city.boundaries["buurt"] |= {codes[0]: left.union(strip), codes[1]: right.difference(strip)}
    release = open_release(city.write(folder / "second"))
    history = History((Earlier(first, DAY),), dt.date(2026, 3, 2))
    publish_site(release, folder / "site", history=history, workers=1)
    return folder / "site", release, history


def test_a_first_release_says_that_it_is_the_first(release: Release, tmp_path: Path) -> None:
    publish_site(release, tmp_path / "site", workers=1)
    said = notes_of(tmp_path / "site")
    assert "eerste uitgave" in said
    assert "Er zijn nog geen eerdere uitgaven." in said
    assert "Nu verborgen" not in said


def test_what_changed_is_counted_and_named(later: tuple[Path, Release, History]) -> None:
    said = notes_of(later[0])
    assert "Deze uitgave is van 2 maart 2026. We vergelijken met de uitgave van 1 maart 2025." in said
    for line in (
        "2 cijfers zijn nieuw.",
        "1 cijfer is veranderd.",
        "1 cijfer was te zien en is nu verborgen om privacy.",
        "1 cijfer was verborgen en is nu te zien.",
        "Nieuw: Nieuw.",
        "Bereik: tekst en uitleg veranderd.",
        "1 buurt heeft een andere naam: Anders genoemd.",
        "2 buurten hebben een andere grens",
    ):
        assert line in said, line
    assert "Inwoners: " not in said


def test_the_notes_are_complete_in_english(later: tuple[Path, Release, History]) -> None:
    said = notes_of(later[0], "en")
    assert "This release is of 2 March 2026. We compare with the release of 1 March 2025." in said
    assert "1 figure was shown and is now hidden for privacy." in said


def test_which_rule_hides_a_figure_is_not_told(city: City, tmp_path: Path) -> None:
    first = open_release(city.write(tmp_path / "first"))
    for row in city.figures["bereik"]:
        if row["status"] == "primary":
            row["status"] = "secondary"
    second = open_release(city.write(tmp_path / "second"))
    publish_site(second, tmp_path / "site", history=History((Earlier(first, DAY),)), workers=1)
    assert "De cijfers zijn dezelfde gebleven." in notes_of(tmp_path / "site")


def test_figures_without_a_number_are_counted_by_reason(later: tuple[Path, Release, History]) -> None:
    site, release, _ = later
    statuses = release.figures("bereik")["status"].to_pylist()
    hidden = sum(status in ("primary", "secondary") for status in statuses)
    html = (site / "wijzigingen" / "index.html").read_text("utf-8")
    table = html.partition('id="verborgen"')[2]
    row = re.search(r"<th[^>]*><a[^>]*>Bereik</a></th>(.*?)</tr>", table)
    assert row is not None
    assert re.findall(r">(\d+)<", row[1])[:2] == [str(len(statuses)), str(hidden)]
    assert "Te onzeker" in table
    assert "Nog niet gepubliceerd" not in table


def test_the_figures_of_an_earlier_release_keep_their_address(later: tuple[Path, Release, History]) -> None:
    site, _, history = later
    publish_site(history.earlier[0].release, site.parent / "before", workers=1)
    for path in sorted((site.parent / "before" / "v").rglob("*.parquet")):
        there = site / path.relative_to(site.parent / "before")
        assert there.read_bytes() == path.read_bytes()
        assert there.relative_to(site).as_posix() in (site / "wijzigingen" / "index.html").read_text("utf-8")
    assert broken_links(site) == []


def test_another_history_makes_the_notes_anew_and_nothing_else(
    later: tuple[Path, Release, History], tmp_path: Path
) -> None:
    _, release, history = later
    publish_site(release, tmp_path / "site", workers=1)
    assert site_problems(release, tmp_path / "site") == []
    assert site_problems(release, tmp_path / "site", history)
    report = publish_site(release, tmp_path / "site", history=history, workers=1)
    # Both pages, and of each subject the figures as they were, where they are no more.
    assert report.pages_written == 2 + len(list((tmp_path / "site" / "v").rglob("*.parquet"))) - 3
    assert site_problems(release, tmp_path / "site", history) == []
