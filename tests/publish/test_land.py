"""Areas whose land changed: told on their page, broken in every line, and never judged across the change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_city import City, figure, texts

from zicht.publish import publish_site
from zicht.publish.edition import Edition
from zicht.publish.verdicts import Verdict
from zicht.release import open_release

CHANGED, SAME = "WK900901", "WK900902"
TOLD = {
    "declared": {
        CHANGED: [{"year": 2024, "text": texts("De Weide hoort er nu bij.", "De Weide is part of it now.")}]
    },
    "joined": {"GM9009": [{"year": 2023, "names": ["Oudstad", "Weidedorp"]}]},
}


@pytest.fixture
def grown(city: City) -> City:
    """The small city in which every share rose much, and the land of one wijk changed in between."""
    city.evidence["area_changes"] = TOLD
    for row in city.figures["bereik"]:
        if row["value"] is not None and row["period"] == "2023":
            row.update(value=row["value"] - 30, lower=row["lower"] - 30, upper=row["upper"] - 30)
    return city


def of(edition: Edition, code: str) -> int:
    return edition.areas.number[code]


def test_no_change_is_judged_across_it(grown: City, tmp_path: Path) -> None:
    edition = Edition(open_release(grown.write(tmp_path / "release")))
    indicator = edition.catalogue.indicators["bereik"]
    change = edition.change(indicator, "wijk")
    assert change is not None
    codes = [edition.areas.codes[place] for place in edition.areas.members["wijk"].tolist()]
    verdicts = dict(zip(codes, change.verdict.tolist(), strict=True))
    assert verdicts[SAME] == Verdict.HIGHER
    assert verdicts[CHANGED] == Verdict.NONE
    assert np.isnan(change.before[codes.index(CHANGED)])


def test_units_that_are_placed_by_their_coordinates_keep_their_line(grown: City, tmp_path: Path) -> None:
    grown.indicators[0]["located"] = True
    edition = Edition(open_release(grown.write(tmp_path / "release")))
    indicator = edition.catalogue.indicators["bereik"]
    assert edition.starts_at(indicator, of(edition, CHANGED)) == edition.starts(indicator) == {}


def test_a_change_before_the_first_period_breaks_nothing(grown: City, tmp_path: Path) -> None:
    grown.evidence["area_changes"] = {"declared": {CHANGED: [{"year": 2019, "text": texts("Lang geleden.")}]}}
    edition = Edition(open_release(grown.write(tmp_path / "release")))
    assert edition.starts_at(edition.catalogue.indicators["bereik"], of(edition, CHANGED)) == {}


def test_it_is_told_on_the_page_marked_in_the_table_and_broken_in_the_line(
    grown: City, tmp_path: Path
) -> None:
    publish_site(open_release(grown.write(tmp_path / "release")), tmp_path / "site", workers=1)
    site = tmp_path / "site"
    page = (site / f"gebied/{CHANGED}/index.html").read_text("utf-8")
    assert "De Weide hoort er nu bij. Cijfers van voor 2024 gaan daardoor over een ander stuk land." in page
    assert "De Weide is part of it now." in (site / f"en/gebied/{CHANGED}/index.html").read_text("utf-8")
    assert "Sinds 2023 hoort ook het gebied van Oudstad en Weidedorp erbij" in (
        site / "gebied/GM9009/index.html"
    ).read_text("utf-8")
    assert "Dit gebied is veranderd" not in (site / f"gebied/{SAME}/index.html").read_text("utf-8")
    rows = (site / "indicator/bereik/wijk/index.html").read_text("utf-8").split("<tr>")
    by_code = {
        code: next(
            row for row in rows if row.startswith('<th scope="row"><a href') and f"gebied/{code}/" in row
        )
        for code in (CHANGED, SAME)
    }
    assert "ander gebied sinds 2024" in by_code[CHANGED]
    assert "ander gebied" not in by_code[SAME]
    # Two periods with a break between them are two points and no line.
    assert 'class="spark"' in by_code[SAME]
    assert 'class="spark"' not in by_code[CHANGED]


def test_a_change_of_a_whole_breaks_its_trend_with_the_reason(grown: City, tmp_path: Path) -> None:
    grown.evidence["area_changes"] = {"declared": {"GM9009": TOLD["declared"][CHANGED]}}
    grown.figures["bereik"] += [figure("bereik", "GM9009", "gemeente", "2022", 20.0, lower=18.0, upper=22.0)]
    publish_site(open_release(grown.write(tmp_path / "release")), tmp_path / "site", workers=1)
    page = (tmp_path / "site/indicator/bereik/gemeente/index.html").read_text("utf-8")
    assert "Vanaf 2024 is anders gemeten" not in page
    assert "Vanaf 2024 gaan de cijfers over een ander stuk land: De Weide hoort er nu bij." in page
