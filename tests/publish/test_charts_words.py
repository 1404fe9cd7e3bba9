"""Sentences and titles: they say what the interval carries, in good Dutch and English, and never more."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_city import City, small_city

from zicht.publish.edition import Edition
from zicht.publish.exhibits import book_of
from zicht.publish.numbers import Quantity
from zicht.publish.sentences import apart, change_words, judged, of_every, probably, what_we_see
from zicht.publish.texts import LANGUAGES, Texts
from zicht.publish.verdicts import Verdict, changed, compare
from zicht.release import open_release

NL, EN = Texts("nl"), Texts("en")
SHARE = Quantity("% van de huishoudens", 1, "nl")
NAN = float("nan")
ones = st.floats(1, 99).map(lambda x: round(x, 1))
wide = st.floats(0.5, 30).map(lambda x: round(x, 1))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (64.4, "Van elke 100 huishoudens gaat het om ongeveer 64."),
        (0.4, "Van elke 1.000 huishoudens gaat het om ongeveer 4."),
        (99.6, "Van elke 1.000 huishoudens gaat het om ongeveer 996."),
        (100.0, "Van elke 100 huishoudens gaat het om ongeveer 100."),
        (0.0, "Bij de huishoudens komt dit niet of bijna niet voor."),
    ],
)
def test_a_percentage_is_said_as_people_also_where_it_is_small(value, said):
    assert of_every(value, SHARE, NL) == said


def test_a_number_that_is_no_share_is_not_said_as_people():
    assert of_every(12.0, Quantity("euro per jaar", 0, "nl"), NL) == ""


def test_an_interval_is_said_in_words_and_its_absence_is_not():
    assert probably(56, 72, SHARE, NL) == "Waarschijnlijk tussen 56% en 72%."
    assert probably(3, 3, SHARE, NL) == "Waarschijnlijk ongeveer 3%."
    assert probably(NAN, 72, SHARE, NL) == ""


@pytest.mark.parametrize(
    ("difference", "dutch", "english"),
    [(3.42, "3,4 procentpunt", "3.4 percentage points"), (-1.0, "1 procentpunt", "1 percentage point")],
)
def test_percentages_differ_by_percentage_points(difference, dutch, english):
    decimals = 1 if difference > 0 else 0
    assert apart(difference, Quantity("% van de huishoudens", decimals, "nl"), NL) == dutch
    assert apart(difference, Quantity("% of households", decimals, "en"), EN) == english


def test_numbers_differ_by_their_own_unit():
    assert apart(-120.0, Quantity("inwoners", 0, "nl"), NL) == "120 inwoners"


@given(ones, wide, ones, wide)
def test_no_sentence_claims_a_difference_that_its_interval_does_not_carry(value, margin, other, its):
    one = [np.array([number]) for number in (value, value - margin, value + margin)]
    base = (np.array([other]), np.array([other - its]), np.array([other + its]))
    verdict = Verdict(int(compare(one[0], one[1], one[2], base)[0]))
    said = judged(verdict, "Proefstad", NL)
    if "Hoger" in said or "Lager" in said:
        assert abs(value - other) >= np.hypot(margin, its) * 0.999
        assert ("Hoger" in said) == (value > other)
    else:
        assert said == "Niet duidelijk anders dan Proefstad."


@given(ones, wide, ones, wide)
def test_a_change_is_called_certain_only_beyond_both_margins(first, margin, last, its):
    then = tuple(np.array([number]) for number in (first, first - margin, first + margin))
    now = tuple(np.array([number]) for number in (last, last - its, last + its))
    verdict = Verdict(int(changed((then[0], then[1], then[2]), (now[0], now[1], now[2]))[0]))
    said = change_words((first, last), "2020", verdict, SHARE, NL)
    tenths = [round(10 * number) for number in (last - first, margin, its)]
    beyond = (
        tenths[0] ** 2 - tenths[1] ** 2 - tenths[2] ** 2
    )  # in whole numbers: floats round where the margin just ends
    if first == last:
        assert "ook al" in said
    elif beyond < 0:
        assert "kan toeval zijn" in said
    elif beyond > 0:
        assert ("meer dan in" in said, "minder dan in" in said) == (last > first, last < first)


def test_without_an_interval_on_both_sides_a_change_is_not_judged():
    known, none = np.array([10.0]), np.array([NAN])
    assert changed((known, none, none), (known + 5, known + 4, known + 6)).tolist() == [Verdict.NONE]


def test_every_message_stands_in_every_language_with_the_same_places():
    files = [
        json.loads((resources.files("zicht.publish") / "messages" / f"{language}.json").read_text("utf-8"))
        for language in LANGUAGES
    ]
    assert files[0].keys() == files[1].keys()
    for key in files[0]:
        if not key.startswith(("chart.", "see.", "change.", "phenomenon.", "difference.", "panel.")):
            continue
        found = [set(re.findall(r"{(\w+)}", json.dumps(file[key]))) for file in files]
        assert found[0] - {"one"} == found[1] - {"one"}, key


def test_the_sentence_on_phenomena_is_the_one_that_was_agreed():
    assert NL("phenomenon.map") == (
        "De kaart brengt een patroon in beeld met deze definitie. Meer dan gemiddeld is geen bewijs van een misstand."
    )


def _edition(city: City, tmp_path) -> Edition:
    return Edition(open_release(city.write(tmp_path / "release")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_title_is_a_finding_of_at_most_ten_words_and_never_a_rank(language, tmp_path):
    edition = _edition(small_city(), tmp_path)
    for indicator in edition.catalogue.indicators.values():
        for chart in book_of(edition, Texts(language), indicator).all:
            assert len(chart.title.split()) <= 10, chart.title
            assert not re.search(
                r"nummer 1|beste|slechtste|koploper|\bbest\b|worst|top \d", chart.title, re.I
            )
            assert chart.title in chart.description


def test_a_title_counts_the_verdicts_that_the_map_has(tmp_path):
    edition = _edition(small_city(), tmp_path)
    indicator = edition.catalogue.indicators["bereik"]
    latest = edition.latest(indicator, "buurt")
    assert latest is not None
    title = next(
        chart.title for chart in book_of(edition, NL, indicator).levels["buurt"] if chart.kind == "interval"
    )
    judged_, clear = int((latest.verdict != Verdict.NONE).sum()), int((np.abs(latest.verdict) == 1).sum())
    assert title == f"In {clear} van de {judged_} buurten duidelijk anders dan Proefstad"


def test_what_may_still_change_and_what_is_no_proof_is_said_with_every_chart(tmp_path):
    city = small_city()
    city.indicators[0] |= {"provisional": ["2024"], "phenomenon": True}
    edition = _edition(city, tmp_path)
    charts = book_of(edition, NL, edition.catalogue.indicators["bereik"]).all
    assert {chart.kind for chart in charts} >= {"trend", "interval", "distribution", "slope"}
    for chart in charts:
        assert "De grafiek brengt een patroon in beeld" in chart.note, chart.kind
        assert "Het cijfer van 2024 is voorlopig" in chart.note, chart.kind


def test_a_change_is_not_measured_across_a_break_in_method(tmp_path):
    city = small_city()
    city.indicators[0]["method_breaks"] = [
        {"period": "2024", "text": {"nl": "Andere telling", "en": "Other count"}}
    ]
    edition = _edition(city, tmp_path)
    indicator = edition.catalogue.indicators["bereik"]
    assert edition.change(indicator, "wijk") is None
    charts = book_of(edition, NL, indicator)
    assert charts.whole[0].title == "Proefstad: nieuwe meting vanaf 2024"
    assert "Vergelijk de cijfers van ervoor en erna niet met elkaar." in charts.whole[0].note
    latest = edition.latest(indicator, "wijk")
    assert latest is not None
    said = what_we_see(edition, NL, indicator, "wijk", latest)
    assert any("Andere telling" in line for line in said)
    assert not any("40,4%" in line for line in said)


def test_a_hidden_bar_keeps_the_largest_group_of_a_pyramid_unsaid(tmp_path):
    city = small_city()
    entry = replace_by(city, ["leeftijd", "geslacht"])
    rows = city.figures[entry]
    for row in rows:
        if row["area"] == "GM9009" and row["leeftijd"] == "oud" and row["geslacht"] == "v":
            row |= {"value": None, "n": None, "status": "secondary"}
    city.dimensions = [
        {
            "id": "geslacht",
            "title": "Geslacht",
            "categories": [{"id": "m", "title": "mannen"}, {"id": "v", "title": "vrouwen"}],
        },
        {
            "id": "leeftijd",
            "title": "Leeftijd",
            "categories": [{"id": one, "title": one} for one in ("jong", "midden", "oud")],
        },
    ]
    edition = _edition(city, tmp_path)
    chart = next(
        one
        for one in book_of(edition, NL, edition.catalogue.indicators[entry]).whole
        if one.kind == "pyramid"
    )
    assert chart.title == "Opbouw naar leeftijd"
    assert "verborgen" in chart.drawing.wide
    assert chart.columns[2].raw[2] is None


def replace_by(city: City, by: list[str]) -> str:
    """Give `inwoners` figures by age and sex."""
    entry = next(one for one in city.indicators if one["id"] == "inwoners")
    entry["by"] = by
    rows = []
    for row in city.figures["inwoners"]:
        if row["leeftijd"] == "TOTAL":
            for age, part in (("TOTAL", 1.0), ("jong", 0.2), ("midden", 0.5), ("oud", 0.3)):
                for sex, half in (("TOTAL", 1.0), ("m", 0.49), ("v", 0.51)):
                    count = round(row["value"] * part * half)
                    rows.append({**row, "leeftijd": age, "geslacht": sex, "value": count, "n": count})
    city.figures["inwoners"] = rows
    return "inwoners"


def test_a_catalogue_entry_is_read_with_its_new_fields(tmp_path):
    city = small_city()
    city.indicators[0] |= {"size": "inwoners", "per": 100}
    edition = _edition(city, tmp_path)
    indicator = edition.catalogue.indicators["bereik"]
    assert (indicator.size, indicator.per) == ("inwoners", 100)
    kinds = {chart.kind for chart in book_of(edition, NL, indicator).levels["buurt"]}
    assert "funnel" in kinds
    without = replace(indicator, size=None)
    assert "funnel" not in {chart.kind for chart in book_of(edition, NL, without).levels["buurt"]}
