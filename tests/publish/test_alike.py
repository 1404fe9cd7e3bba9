"""Areas stand beside those most like them: on their own page with all figures, on that of an indicator with one; nobody is ranked."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from full_city import WIJKEN, declared
from small_city import City, small_city

from zicht.findings import About, findings
from zicht.publish import publish_site
from zicht.release import open_release

PEERS = {
    "WK900901": ["WK900903", "WK900902"],
    "WK900902": ["WK900901", "WK900903"],
    "WK900903": ["WK900902", "WK900901"],
}
"""The most alike first; of the fourth wijk no trait is public."""


def site_with(tmp_path: Path, city: City) -> Path:
    city.products[0]["findings"] = [declared("look_alikes", traits=["inwoners"], ratios=["inwoners"])]
    folder = city.write(tmp_path / "release")
    pairs = [(area, peer, place) for area, peers in PEERS.items() for place, peer in enumerate(peers, 1)]
    areas, groups, places = zip(*pairs, strict=True)
    about = About("f", "wijk", 2025, "2024")
    rows = [
        findings(about, "look_alikes", {"area": areas, "group": groups, "statistic": places, "estimate": [0.1] * len(places)}),
        findings(about, "look_alikes", {"area": WIJKEN[3:], "status": ["not_available"]}),
    ]  # fmt: skip
    pq.write_table(pa.concat_tables(rows), folder / "findings.parquet")
    publish_site(open_release(folder), tmp_path / "site")
    return tmp_path / "site"


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())  # no-break spaces too


def block(page: Path) -> str:
    found = re.search(
        r'<section class="block" [^>]*aria-labelledby="alike".*?</section>',
        page.read_text("utf-8"),
        re.DOTALL,
    )
    return found[0] if found else ""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site_with(tmp_path_factory.mktemp("alike"), small_city())


def test_the_page_of_an_area_names_its_look_alikes_in_order_of_name(site: Path) -> None:
    said = block(site / "gebied/WK900901/index.html")
    assert "Vergelijkbare wijken" in said
    assert "Deze 2 wijken lijken het meest op Wijk 1. Zij staan op naam." in said
    assert re.findall(r'href="\.\./(WK\d+)/#vergelijkbaar"', said) == ["WK900902", "WK900903"]
    assert "Welke wijken op elkaar lijken, volgt uit: inwoners." in said


def test_all_their_figures_stand_there_with_their_margins_as_published(site: Path) -> None:
    said = plain(block(site / "gebied/WK900901/index.html"))
    other = plain((site / "gebied/WK900902/index.html").read_text("utf-8"))
    (row,) = re.findall(r"Bereik, 2024 (.*?) (?:Zet|Inwoners)", said)
    values = re.findall(r"([\d,]+)% (\d+)% – (\d+)%", row)
    assert len(values) == 3
    assert f"{values[1][0]} %" in other  # the figure of Wijk 2, as on its own page


def test_the_nearest_can_be_set_beside_it_by_one_link(site: Path) -> None:
    assert "vergelijk/?gebieden=WK900901,WK900903,WK900902" in block(site / "gebied/WK900901/index.html")


def test_an_area_without_look_alikes_says_nothing_of_them(site: Path) -> None:
    assert block(site / "gebied/WK900904/index.html") == ""
    assert block(site / "gebied/GM9009/index.html") == ""


def test_the_page_of_an_indicator_unfolds_each_area_into_its_look_alikes_with_their_margins(
    site: Path,
) -> None:
    said = block(site / "indicator/bereik/wijk/index.html")
    parts = re.findall(r"<details><summary>(Wijk \d): ([\d,]+)% \((.*?)\)</summary>(.*?)</details>", said)
    values = {name: float(value.replace(",", ".")) for name, value, _, _ in parts}
    assert list(values) == ["Wijk 1", "Wijk 2", "Wijk 3"]  # of the fourth no trait is public
    told = plain(parts[0][3])
    middle = re.findall(r"het midden op ([\d,]+)%", told)[0]
    assert float(middle.replace(",", ".")) == pytest.approx(
        (values["Wijk 2"] + values["Wijk 3"]) / 2, abs=0.06
    )
    for name, value, margin, _ in parts[1:]:
        assert f"{name}: {value}% ({plain(margin)})" in told
    assert '/gebied/WK900901/#vergelijkbaar"' in said


def test_a_level_without_look_alikes_has_no_such_part(site: Path) -> None:
    assert block(site / "indicator/bereik/buurt/index.html") == ""


def test_it_is_told_in_english_too(site: Path) -> None:
    assert "These 2 districts are most like Wijk 1." in block(site / "en/gebied/WK900901/index.html")
