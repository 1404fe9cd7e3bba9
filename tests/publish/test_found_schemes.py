"""Non-take-up and other limits are told in words that the numbers carry, hidden figures as hidden, without a script too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from browsing import served, watch
from full_city import declared
from small_city import City, small_city, texts

from zicht.findings import About, findings
from zicht.publish import publish_site
from zicht.release import open_release

RULE = {
    "wrongly": [0.02, 0.08],
    "missed": [0.01, 0.05],
    "because": texts("Het inkomen is oud.", "The income is old."),
}
CALLED = texts("een grens van {limit} %", "a limit of {limit} %")
LIMITS = {
    "dimension": "grens",
    "limits": ["110", "120", "130"],
    "limit": "120",
    "side": "up_to",
    "called": CALLED,
    "of": None,
    "per": None,
}
HERE = About("f", "wijk", 2025, "2024")


def take_up() -> pa.Table:
    areas = {"area": ["WK900901", "WK900902", "WK900903", None], "group": [None, None, None, "TOTAL"]}
    judged = {
        "estimate": [60.0, 30.0, None, 37.8], "lower": [55.0, 27.0, None, 34.6], "upper": [64.0, 33.0, None, 40.7], "observed": [120, 150, None, 270],
        "expected": [74, 196, None, None], "statistic": [200, 500, None, 700], "relevant": [True, False, None, None],
        "status": ["ok", "ok", "not_available", "ok"],
    }  # fmt: skip
    entitled = {
        "group": ["TOTAL"],
        "estimate": [690.0],
        "lower": [651.0],
        "upper": [722.0],
        "observed": [700],
    }
    drawn = {"area": ["WK900901", "WK900902"], "estimate": [57.0, 31.0]}
    return pa.concat_tables([
        findings(HERE, "take_up", areas | judged), findings(HERE, "entitled", entitled), findings(HERE, "take_up_shrunken", drawn),
    ])  # fmt: skip


def other_limits() -> pa.Table:
    places = ["WK900901"] * 3 + [None] * 3
    counts = [None, 40.0, 55.0, 7388.0, 11230.0, 14332.0]
    columns = {"area": places, "group": ["110", "120", "130"] * 2, "estimate": counts, "observed": counts,
               "status": ["ok" if count else "not_available" for count in counts]}  # fmt: skip
    return findings(HERE, "other_limit", columns)


def page(
    tmp_path: Path, found: pa.Table, finding: dict[str, object], city: City, language: str = "nl"
) -> str:
    city.products[0]["findings"] = [finding]
    folder = city.write(tmp_path / "release")
    pq.write_table(found, folder / "findings.parquet")
    publish_site(open_release(folder), tmp_path / "site")
    home = "" if language == "nl" else "en/"
    return (tmp_path / "site" / f"{home}product/wie_missen_we/index.html").read_text("utf-8")


def told(html: str) -> str:
    (section,) = re.findall(r'<section class="found".*?</section>', html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"</?a\b[^>]*>", "", section)).split())


@pytest.fixture
def city() -> City:
    return small_city()


def test_who_leaves_it_unused_is_told_with_what_the_rule_gets_wrong(tmp_path: Path, city: City) -> None:
    said = told(page(tmp_path, take_up(), declared("take_up", rule_errors=RULE), city))
    for line in (
        "Naar schatting maakt 38% van de", "er geen gebruik van. Waarschijnlijk is het tussen 35% en 41%.",
        "In 1 wijk is dat duidelijk meer dan elders, nergens duidelijk minder.", "Van 1 wijk is niet elk cijfer openbaar.",
        "In Wijk 1 maakt naar schatting 60% er geen gebruik van, waarschijnlijk tussen 55% en 64%. Dat is meer dan elders.",
        "heeft 2 tot 8% dat naar schatting toch niet. Van wie recht heeft, missen de regels 1 tot 5%. Het inkomen is oud.",
        "Volgens de regels zijn het er 700. Met die fouten erbij hebben waarschijnlijk 651 tot 722 recht.",
        "Wijk 1 200 80 40% 60% 55 en 64 57% duidelijk meer", "Wijk 3 – – – – – – niet elk cijfer is openbaar",
    ):  # fmt: skip
        assert line in said
    assert "In Wijk 2 maakt" not in said


def test_other_limits_are_sentences_and_a_table_without_any_script(tmp_path: Path, city: City) -> None:
    html = page(tmp_path, other_limits(), declared("other_limit", **LIMITS), city)
    said = told(html)
    for line in (
        "Zo is het nu: bij een grens van 120 % gaat het om 11.230", "Bij een grens van 130 % zouden er 3.102", "bij komen: 14.332 in plaats van 11.230.",
        "Bij een grens van 110 % zouden er 3.842", "afvallen: 7.388 in plaats van 11.230.", "een grens van 120 % (nu)", "Wijk 1 – 40 55",
        "Waar een streepje staat, is het cijfer verborgen om privacy.",
    ):  # fmt: skip
        assert line in said
    assert html.count("<li data-limit=") == 3
    assert re.search(r'<script type="module" src="[^"]*limits\.', html)


def test_a_share_at_other_limits_is_told_of_every_hundred(tmp_path: Path, city: City) -> None:
    rows = {"group": ["110", "120", "130"], "estimate": [8.7, 13.2, 16.8], "observed": [87, 132, 168]}
    found = findings(HERE, "other_limit", rows)
    said = told(page(tmp_path, found, declared("other_limit", **{**LIMITS, "per": 100}), city, "en"))
    assert "With a limit of 130 % it would be about 16.8 in every 100" in said
    assert "instead of 13.2" in said


def test_a_limit_of_which_the_whole_is_hidden_is_said_to_be(tmp_path: Path, city: City) -> None:
    rows = {
        "group": ["110", "120", "130"],
        "estimate": [None, 132, 168],
        "observed": [None, 132, 168],
        "status": ["not_available", "ok", "ok"],
    }
    said = told(page(tmp_path, findings(HERE, "other_limit", rows), declared("other_limit", **LIMITS), city))
    assert "Bij een grens van 110 % is het aantal verborgen om privacy." in said


def test_a_limit_that_changes_nothing_says_so(tmp_path: Path, city: City) -> None:
    rows = {"group": ["110", "120", "130"], "estimate": [100, 132, 132], "observed": [100, 132, 132]}
    said = told(page(tmp_path, findings(HERE, "other_limit", rows), declared("other_limit", **LIMITS), city))
    assert "Bij een grens van 130 % verandert er niets: het blijft 132" in said


def test_a_page_without_a_slider_has_no_script_for_one(tmp_path: Path, city: City) -> None:
    html = page(tmp_path, take_up(), declared("take_up", rule_errors=RULE), city)
    assert "limits." not in html


def test_what_enforcers_registered_says_so_and_a_phenomenon_shows_its_definition(
    tmp_path: Path, city: City
) -> None:
    city.indicators[0]["enforcement"] = True
    finding = declared("take_up", rule_errors=RULE, phenomenon=True, indicator=city.indicators[0]["id"])
    said = told(page(tmp_path, take_up(), finding, city))
    assert "Deze registraties komen van politie of toezicht." in said
    assert f"Definitie: {city.indicators[0]['explanation']['nl']}" in said  # type: ignore[index]
    assert "Meer dan gemiddeld is geen bewijs van een misstand." in said


@pytest.mark.browser
@pytest.mark.slow
def test_a_key_moves_the_slider_with_its_sentence_bar_and_column(
    tmp_path: Path, city: City, browser: Any
) -> None:
    page(tmp_path, other_limits(), declared("other_limit", **LIMITS), city)
    problems: list[str] = []
    home = served(tmp_path / "site", 8790)
    shown = browser.new_page()
    watch(shown, home, problems)
    shown.goto(f"{home}product/wie_missen_we/")
    slider = shown.get_by_role("slider", name="Kies een andere grens")
    assert slider.get_attribute("aria-valuetext") == "een grens van 120 %"
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "een grens van 130 %"
    assert "zouden er 3.102" in shown.locator(".limits output").inner_text()
    assert shown.locator(".limits ol").is_hidden()
    assert shown.locator(".limits rect.on").count() == 1
    assert shown.locator(".found th.on").text_content() == "een grens van 130 %"
    shown.close()
    assert problems == []
