"""Chosen places are told with what they bring, how far from the best possible that may be, and a table beside the map."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from full_city import WIJKEN, declared, found
from small_city import City, small_city

from zicht.errors import DisclosureError
from zicht.findings import FINDINGS, PLACES, About, findings
from zicht.publish import publish_site
from zicht.release import PublicFindings, open_release

SITES = {
    "objective": "max_cover", "reach": 250.0, "detour": 1.3, "least": 0.5, "uncertainty": 0.2,
    "existing": {"register_": "palen"}, "network": None, "demand_at": None,
}  # fmt: skip


def story(tmp_path: Path, city: City, gap: float) -> str:
    folder = city.write(tmp_path / "release")
    about = About("f", "wijk", 2025, "2024")
    areas = found(
        "sites",
        {"observed": [100, 50, 20, None], "expected": [0.5, 0.2, 0, None], "estimate": [0.9, 0.2, 0.6, None],
         "status": ["ok", "ok", "ok", "not_available"]},
    )  # fmt: skip
    site = findings(
        about, "site", {"group": ["P7"], "estimate": [0.87], "observed": [40.0], "relevant": [True]}
    )
    answer = {
        "group": ["all"],
        "estimate": [0.66],
        "expected": [0.35],
        "observed": [170.0],
        "statistic": [gap],
    }
    pq.write_table(
        pa.concat_tables([areas, site, findings(about, "sites_answer", answer)]), folder / "findings.parquet"
    )
    places = {"finding": ["f", "f"], "place": ["P7", "L1"], "kind": ["new", "existing"], "area": WIJKEN[:2],
              "x": [1000.0, 1500.0], "y": [1000.0, 900.0]}  # fmt: skip
    pq.write_table(pa.table(places, PLACES), folder / "places.parquet")
    publish_site(open_release(folder), tmp_path / "site")
    page = (tmp_path / "site" / "product/wie_missen_we/index.html").read_text("utf-8")
    (section,) = re.findall(r'<section class="found".*?</section>', page, re.DOTALL)
    return str(section)


@pytest.fixture
def city() -> City:
    city = small_city()
    city.products[0]["findings"] = [declared("sites", **SITES)]
    return city


@pytest.mark.parametrize(
    ("gap", "said"),
    [(0.0, "het verschil met de best mogelijke keuze is 0%."), (0.01203, "hooguit 1,3% slechter dan de best mogelijke.")],
)  # fmt: skip
def test_the_gap_is_always_told_and_never_rounded_down(
    tmp_path: Path, city: City, gap: float, said: str
) -> None:
    assert said in story(tmp_path, city, gap)


def test_a_place_is_told_with_its_doubt_and_stands_on_the_map_and_in_a_table(
    tmp_path: Path, city: City
) -> None:
    section = story(tmp_path, city, 0.0)
    told = " ".join(re.sub(r"<[^>]+>", " ", section).split())
    assert "voor 66% van de vraag een plek binnen 250 meter lopen. Nu is dat 35%." in told
    assert "P7 in Wijk 1: goed voor 40 " in told
    assert "; terug in 87% van de scenario’s." in told
    assert "hemelsbreed gemeten en 1,3 keer zo lang gerekend" in told
    assert "1. P7 in Wijk 1 1.000 1.000 40 87%" in told
    assert "Wat een plek kost" in told
    assert section.count("<title>1. P7 in Wijk 1</title><circle") == 1
    assert 'class="spots"' in section


def test_a_release_takes_no_other_columns_of_places() -> None:
    owner = pa.table({"finding": ["f"], "place": ["P7"], "owner": ["somebody"]})
    with pytest.raises(DisclosureError, match="other columns"):
        PublicFindings(FINDINGS.empty_table(), owner)


def test_the_places_can_be_taken_to_a_map_elsewhere(tmp_path: Path, city: City) -> None:
    story(tmp_path, city, 0.0)
    taken = json.loads((tmp_path / "site" / "data" / "bereik.plekken.geojson").read_text("utf-8"))
    told = [one["properties"] for one in taken["features"]]
    assert {"finding": "f", "place": "P7", "kind": "new", "area": "WK900901"} in told
    east, north = taken["features"][0]["geometry"]["coordinates"]
    assert 3 < east < 8
    assert north < 54
    page = (tmp_path / "site" / "indicator" / "bereik" / "index.html").read_text("utf-8")
    assert 'href="../../data/bereik.plekken.geojson" download' in page
    assert not list((tmp_path / "site" / "data").glob("inwoners.plekken.*"))
