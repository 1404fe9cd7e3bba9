"""What stands out is told in words that the numbers carry, in both languages, and never about an area that is hidden."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from full_city import RATIOS, WIJKEN, declared, found
from small_city import City, small_city

from zicht.findings import About, findings
from zicht.publish import publish_site
from zicht.publish.edition import Edition
from zicht.publish.exhibits import book_of
from zicht.publish.texts import Texts
from zicht.release import open_release


def story(
    tmp_path: Path, city: City, method: str, columns: dict[str, list[object]], language: str = "nl"
) -> str:
    """The text of what stands out on the page of the product."""
    return page(tmp_path, city.write(tmp_path / "release"), found(method, columns), language)


def page(tmp_path: Path, folder: Path, rows: pa.Table, language: str = "nl") -> str:
    """The text of these findings on the page of the product."""
    pq.write_table(rows, folder / "findings.parquet")
    publish_site(open_release(folder), tmp_path / "site")
    home = "" if language == "nl" else "en/"
    text = (tmp_path / "site" / f"{home}product/wie_missen_we/index.html").read_text("utf-8")
    (section,) = re.findall(
        r'<p class="note">(?:(?!<p class="note">).)*<section class="found".*?</section>', text, re.DOTALL
    )
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"</?a\b[^>]*>", "", section)).split())


@pytest.fixture
def city() -> City:
    return small_city()


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("nl", ["In 1 wijk komt het duidelijk meer voor dan verwacht, in 1 duidelijk minder.",
                "In 1 wijk is het verschil klein of kan het toeval zijn.",
                "Van 1 wijk is niet elk cijfer openbaar. Die doet niet mee.",
                "In Wijk 1 is het 1,6 keer zo veel als verwacht: 2.570 tegen ongeveer 1.640. Waarschijnlijk is het tussen 1,5 en 1,6 keer zo veel.",
                "In Wijk 2 is het minder dan verwacht: 40 tegen ongeveer 100. Dat is 40% van wat te verwachten was, waarschijnlijk tussen 30% en 50%.",
                "Dit gaat over gebieden, niet over mensen."]),
        ("en", ["In 1 district it occurs clearly more than expected, in 1 clearly less.",
                "In Wijk 1 it is 1.6 times as much as expected: 2,570 against about 1,640."]),
    ],
)  # fmt: skip
def test_ratios_are_told_in_plain_words(tmp_path: Path, city: City, language: str, lines: list[str]) -> None:
    city.products[0]["findings"] = [declared("over_representation")]
    told = story(tmp_path, city, "ratio", RATIOS, language)
    for line in lines:
        assert line in told


def test_an_area_that_is_not_available_is_in_no_sentence_and_has_no_number(
    tmp_path: Path, city: City
) -> None:
    city.products[0]["findings"] = [declared("over_representation")]
    told = story(tmp_path, city, "ratio", RATIOS)
    assert "In Wijk 4" not in told
    assert "Wijk 4 – – – – niet elk cijfer is openbaar" in told


def test_what_chance_explains_is_in_no_sentence(tmp_path: Path, city: City) -> None:
    city.products[0]["findings"] = [declared("over_representation")]
    assert "In Wijk 3" not in story(tmp_path, city, "ratio", RATIOS)


def test_areas_are_in_order_of_name_and_never_ranked(tmp_path: Path, city: City) -> None:
    city.products[0]["findings"] = [declared("over_representation")]
    lower = RATIOS | {"estimate": [0.4, 1.57, 1.02, None]}
    assert re.findall(r"Wijk \d(?= \d)", story(tmp_path, city, "ratio", lower)) == [
        "Wijk 1",
        "Wijk 2",
        "Wijk 3",
    ]


def test_a_phenomenon_says_that_more_than_average_proves_nothing(tmp_path: Path, city: City) -> None:
    city.products[0]["findings"] = [declared("clusters", phenomenon=True)]
    columns: dict[str, list[object]] = {
        "estimate": [1.2, -0.8, 0.1, None], "statistic": [1.1, -0.4, 0.0, None], "observed": [90, 10, 30, None],
        "expected": [50.0, 40.0, 30.0, None], "relevant": [True, True, False, None], "status": ["ok", "ok", "ok", "not_available"],
    }  # fmt: skip
    told = story(tmp_path, city, "local_moran", columns)
    assert "Meer dan gemiddeld is geen bewijs van een misstand." in told
    assert "Wijk 1 ligt hoog, en de wijken eromheen ook." in told
    assert "Wijk 2 is anders dan de wijken eromheen." in told


def test_a_signal_says_that_somebody_has_to_look_into_it(tmp_path: Path, city: City) -> None:
    city.products[0]["findings"] = [declared("signals")]
    columns: dict[str, list[object]] = {
        "observed": [15, 2, 3, 1], "expected": [2.8, 2.0, 3.1, 1.0], "upper": [8.0, 7.0, 9.0, 5.0], "relevant": [True, False, False, False]
    }  # fmt: skip
    told = story(tmp_path, city, "signal", columns)
    assert "Wijk 1, 2024: 15. Gewoon zijn het er hier ongeveer 3, en zelden meer dan 8." in told
    assert "Een signaal zegt niet waardoor het komt." in told


def test_a_slow_change_is_told_a_year(tmp_path: Path, city: City) -> None:
    city.products[0]["findings"] = [declared("slow_trend")]
    columns: dict[str, list[object]] = {
        "estimate": [1.2, 0.9, 1.0, 1.0], "lower": [1.1, 0.85, 0.9, 0.9], "upper": [1.3, 0.95, 1.1, 1.1], "relevant": [True, True, False, False]
    }  # fmt: skip
    told = story(tmp_path, city, "slow_trend", columns)
    assert (
        "In Wijk 1 komt er per jaar 20% bij, vergeleken met de andere wijken. Waarschijnlijk is het tussen 10% en 30%."
        in told
    )
    assert "In Wijk 2 gaat er per jaar 10% af" in told
    assert "Waarschijnlijk is het tussen 5% en 15%." in told


def test_a_piece_of_the_map_is_told_with_its_areas_and_what_chance_does(tmp_path: Path, city: City) -> None:
    city.products[0]["findings"] = [declared("scan", phenomenon=True)]
    columns: dict[str, list[object]] = {
        "area": [*WIJKEN, None], "group": ["1", "1", None, None, "1"], "observed": [100, 121, 40, None, 221],
        "expected": [80.0, 82.0, 44.0, None, 162.0], "p": [None, None, None, None, 0.002],
        "relevant": [True, True, False, None, True], "status": ["ok", "ok", "ok", "not_available", "ok"],
    }  # fmt: skip
    told = story(tmp_path, city, "scan", columns)
    assert "Op 1 plek op de kaart komt het vaker voor dan toeval kan verklaren." in told
    assert "Wijk 1 en Wijk 2: samen 1,4 keer zo veel als verwacht, 221 tegen ongeveer 162." in told
    assert "hooguit 2 van de 1.000 keer" in told
    assert "geen bewijs van een misstand" in told


def pictured(tmp_path: Path, city: City, method: str, columns: dict[str, list[object]]) -> dict[str, str]:
    """By code of an area how it is filled on the map of the finding."""
    folder = city.write(tmp_path / "release")
    pq.write_table(found(method, columns), folder / "findings.parquet")
    publish_site(open_release(folder), tmp_path / "site")
    text = (tmp_path / "site/product/wie_missen_we/index.html").read_text("utf-8")
    (section,) = re.findall(r'<section class="found".*?</section>', text, re.DOTALL)
    return dict(re.findall(r'data-code="(\w+)".*?<path class="(\w+)"', section))


def test_the_map_of_a_finding_tells_more_from_less_by_texture_and_hatches_what_is_hidden(
    tmp_path: Path, city: City
) -> None:
    city.products[0]["findings"] = [declared("over_representation")]
    assert pictured(tmp_path, city, "ratio", RATIOS) == {
        "WK900901": "k4", "WK900902": "stipple", "WK900903": "land", "WK900904": "hidden",
    }  # fmt: skip


def interpreted(period: str, verdict: str, area: str = "WK900901") -> dict[str, object]:
    """What a release tells that a signal means."""
    return {
        "finding": "f", "period": period, "areas": [area], "verdict": verdict, "reason": "Er was <b>kermis</b> op het plein.",
        "by": "Wijkregisseur", "on": "2025-02-14",
    }  # fmt: skip


def test_a_signal_says_what_it_means_and_how_many_earlier_ones_were_real(tmp_path: Path, city: City) -> None:
    city.products[0]["findings"] = [declared("signals")]
    city.evidence["signals"] = {
        "interpretations": [
            interpreted("2024", "known_cause"), interpreted("2022", "real"), interpreted("2023", "artefact"),
            interpreted("2021", "real", "WK900904"), interpreted("2025", "real"),
        ]
    }  # fmt: skip
    columns: dict[str, list[object]] = {
        "observed": [15, 12, 3, 1], "expected": [2.8, 2.0, 3.1, 1.0], "upper": [8.0, 7.0, 9.0, 5.0], "relevant": [True, True, False, False]
    }  # fmt: skip
    told = story(tmp_path, city, "signal", columns)
    assert (
        "Duiding van 14 februari 2025 (Wijkregisseur): de oorzaak is bekend. Er was &lt;b&gt;kermis&lt;/b&gt; op het plein."
        in told
    )
    assert (
        "Dit signaal wacht op duiding. Nog niemand heeft nagegaan waardoor het komt. Van de 3 eerdere signalen van deze soort die zijn geduid, bleken er 2 echt."
        in told
    )
    assert told.count("wacht op duiding") == 1


def test_what_all_share_is_told_once_and_a_provisional_month_is_called_so(tmp_path: Path, city: City) -> None:
    city.products[0]["findings"] = [declared("signals", months=2, past="months")]
    city.indicators[0]["provisional"] = ["2024"]
    rows: dict[str, list[object]] = {
        "area": [*WIJKEN, None], "group": [*["shared"] * 3, None, "shared"], "estimate": [9.0, 9.0, 9.0, 1.0, 3.0],
        "observed": [9, 9, 9, 1, 28], "expected": [2.0, 2.0, 2.0, 1.0, 7.0], "relevant": [False, False, False, False, True],
    }  # fmt: skip
    told = story(tmp_path, city, "signal", rows)
    assert (
        "Alle wijken samen, 2024: 28. Gewoon zijn het er ongeveer 7. In 3 van de 4 wijken was het tegelijk meer dan verwacht."
        in told
    )
    assert "Dit cijfer is nog voorlopig." in told
    assert "De cijfers van 2024 zijn nog voorlopig" in told
    assert "Wijk 1, 2024: 9" not in told


def test_a_break_is_told_with_its_month_and_a_table_of_its_own(tmp_path: Path, city: City) -> None:
    city.products[0]["findings"] = [declared("breaks", relative_to=None, since=None)]
    rows: dict[str, list[object]] = {
        "area": [*WIJKEN, None], "group": [None] * 4 + ["break 1"], "estimate": [None] * 4 + [0.05], "period": ["2024"] * 4 + ["2022-04"],
        "observed": [9, 9, 9, 1, 187], "expected": [None] * 4 + [3740.0], "relevant": [None] * 4 + [True],
    }  # fmt: skip
    told = story(tmp_path, city, "break", rows)
    assert "Vanaf april 2022 is het nog 5% van wat het was: 187 in die maand, tegen ongeveer 3.740" in told
    assert "Alle plotselinge veranderingen in een tabel Vanaf" in told
    assert "april 2022 187 3.740 0,05 plotseling lager" in told


def test_a_smoothed_map_says_that_it_is_estimated_and_from_whom_it_borrows(
    tmp_path: Path, city: City
) -> None:
    city.products[0]["findings"] = [declared("smoothed", method="bym2")]
    columns: dict[str, list[object]] = {
        "estimate": [1.62, 0.7, 1.02, None], "lower": [1.4, 0.55, 0.9, None], "upper": [1.8, 0.9, 1.1, None], "observed": [20, 9, 30, None],
        "expected": [10.0, 14.0, 29.0, None], "relevant": [True, True, False, None], "status": ["ok", "ok", "ok", "not_available"],
    }  # fmt: skip
    told = story(tmp_path, city, "bym2", columns)
    assert (
        "Wijk 1: naar schatting 1,6 keer zo veel als verwacht, waarschijnlijk tussen 1,4 en 1,8 keer." in told
    )
    assert "Op deze kaart lenen kleine wijken van hun buren" in told
    assert "Dit is geschat, niet geteld." in told
    assert "Wijk 1 20 10,0 1,62 1,40 en 1,80 1,5 keer verwacht of meer" in told


def test_small_areas_say_what_is_measured_what_is_estimated_and_what_is_too_uncertain(
    tmp_path: Path, city: City
) -> None:
    city.products[0]["findings"] = [declared("small_areas", method="reml", size="huishoudens")]
    folder = city.write(tmp_path / "release")
    direct = found(
        "direct",
        {
            "estimate": [40.0, 31.0, None, None],
            "status": ["ok", "unreliable", "not_available", "not_available"],
        },
    )
    model = found(
        "fay_herriot",
        {
            "estimate": [40.4, 35.25, 38.0, None], "lower": [38.4, 31.25, 20.0, None], "upper": [42.4, 39.25, 56.0, None],
            "observed": [40.0, 31.0, None, None], "statistic": [0.9, 0.4, 0.0, None], "status": ["ok", "ok", "unreliable", "not_available"],
        },
    )  # fmt: skip
    told = page(tmp_path, folder, pa.concat_tables([direct, model]))
    assert "In 1 wijk is genoeg geteld om het cijfer te meten, in 1 is het geschat." in told
    assert "Van 1 wijk is ook de schatting te onzeker om te tonen." in told
    assert "waarschijnlijk tussen 31,2 en 39,2. Geschat, niet gemeten." in told
    assert "Alle schattingen samen tellen op tot het cijfer van de gemeente." in told
    assert "38,4 en 42,4 90% gemeten" in told
    assert "Wijk 3 – – – – te onzeker om te tonen" in told
    assert "Van 1 wijk is niet elk cijfer openbaar." in told


def ahead(skill: float, status: str) -> pa.Table:
    rows = {
        "estimate": [120.4, 61.0, 30.2, None], "lower": [105.0, 50.0, 22.0, None], "upper": [135.0, 72.0, 39.0, None],
        "status": [status, status, status, "not_available"],
    }  # fmt: skip
    judged = {
        "by_regression": 1.0,
        "skill": skill,
        "judged": 120.0,
        "held_80": 0.83,
        "covered_80": 0.8,
        "covered_95": 0.95,
    }
    groups = {"group": list(judged), "estimate": list(judged.values())}
    about = About("f", "wijk", 2025, "2026")
    return pa.concat_tables(
        [findings(about, "forecast_80", {"area": WIJKEN, **rows}), findings(about, "forecast_80", groups)]
    )


def test_a_forecast_says_what_is_expected_between_which_bounds_and_how_often_that_was_right(
    tmp_path: Path, city: City
) -> None:
    city.products[0]["findings"] = [declared("forecast", ahead=1)]
    told = page(tmp_path, city.write(tmp_path / "release"), ahead(0.23, "ok"))
    assert "Dit verwachten we voor 2026." in told
    assert "in 83% lag het cijfer binnen de marge." in told
    assert "De verwachting zat er 23% minder ver naast dan het cijfer van een jaar eerder." in told
    assert "Wijk 1: ongeveer 120, in 8 van de 10 keer tussen 105 en 135." in told
    assert "Wijk 1 2026 120 105 en 135 geschat" in told


def test_a_forecast_that_did_no_better_than_last_year_is_not_given(tmp_path: Path, city: City) -> None:
    city.products[0]["findings"] = [declared("forecast", ahead=1)]
    told = page(tmp_path, city.write(tmp_path / "release"), ahead(-0.1, "unreliable"))
    assert "Voor 2026 is geen betere verwachting te geven dan het cijfer van een jaar eerder." in told
    assert "Wijk 1: verwacht" not in told


def test_what_lies_outside_the_funnel_is_told_with_what_is_usual_and_drawn(
    tmp_path: Path, city: City
) -> None:
    city.products[0]["findings"] = [declared("funnel")]
    columns: dict[str, list[object]] = {
        "area": [*WIJKEN, None], "group": [None, None, None, None, "spread"], "estimate": [1.57, 0.9, 1.02, None, 3.4],
        "lower": [0.8, 0.8, 0.8, None, None], "upper": [1.2, 1.2, 1.2, None, None], "observed": [157, 90, 102, None, None],
        "expected": [100.0, 100.0, 100.0, None, None], "relevant": [True, False, False, None, None],
        "status": ["ok", "ok", "ok", "not_available", "ok"],
    }  # fmt: skip
    told = story(tmp_path, city, "funnel", columns)
    assert "1 wijk ligt buiten de trechter" in told
    assert (
        "Wijk 1: 1,57 keer zo veel als verwacht, 157 tegen ongeveer 100. Bij een wijk van deze grootte is tussen 0,80 en 1,20 keer gewoon."
        in told
    )
    assert "De wijken verschillen onderling 3,4 keer zo veel als toeval alleen kan verklaren." in told
    assert "Wijk 2:" not in told.partition("Alle wijken in een tabel")[0].replace("Wijk 2: 0,90", "")
    page = (tmp_path / "site/product/wie_missen_we/index.html").read_text("utf-8")
    assert (
        len(
            re.findall(
                r'<circle class="(?:dot|quiet)"',
                page.partition("buiten de trechter")[2].partition("<details>")[0],
            )
        )
        == 2 * 3  # for a page and for a phone
    )


def test_a_place_is_never_told_without_its_margin(tmp_path: Path, city: City) -> None:
    city.products[0]["findings"] = [declared("ranks")]
    columns: dict[str, list[object]] = {
        "estimate": [1.0, 3.0, 2.0, None], "lower": [1.0, 2.0, 1.0, None], "upper": [1.0, 3.0, 3.0, None],
        "observed": [90, 10, 30, None], "expected": [40.0, 40.0, 40.0, None], "relevant": [True, False, False, None],
        "status": ["ok", "ok", "ok", "not_available"],
    }  # fmt: skip
    told = story(tmp_path, city, "rank", columns)
    assert "Van 1 wijk is te zeggen of die bij de hoogste of bij de laagste helft hoort." in told
    assert "Wijk 1: plaats 1 van de 3, met 95% zekerheid tussen 1 en 1." in told
    assert "want zonder marge zegt een plaats niets" in told
    rows = re.findall(r"Wijk \d \d+ \d+ (\d) (\d) en (\d)", told)
    assert rows == [
        ("1", "1", "1"),
        ("3", "2", "3"),
        ("2", "1", "3"),
    ]  # in order of name, each with its margin


def test_the_reference_of_look_alikes_is_named_with_its_traits(tmp_path: Path, city: City) -> None:
    city.products[0]["findings"] = [
        declared("over_representation", compared_with="look_alikes", traits=["inwoners"])
    ]
    told = story(tmp_path, city, "ratio", RATIOS)
    assert "even vaak voorkwam als in de wijken die er het meest op lijken" in told
    assert "Welke wijken op elkaar lijken, volgt uit: inwoners." in told


def test_groups_are_told_by_name_against_their_base(tmp_path: Path, city: City) -> None:
    city.products[0]["findings"] = [declared("adjusted_ratio", breakdown="leeftijd", base="oud")]
    columns: dict[str, list[object]] = {
        "area": [None], "group": ["leeftijd=jong"], "reference": ["leeftijd=oud"], "estimate": [1.84], "lower": [1.5], "upper": [2.29],
        "observed": [210], "relevant": [True],
    }  # fmt: skip
    told = story(tmp_path, city, "adjusted_ratio", columns)
    assert (
        "Bij “tot 25 jaar” komt het 1,8 keer zo vaak voor als bij “25 jaar en ouder”, waarschijnlijk tussen 1,5 en 2,3 keer."
        in told
    )
    assert "Gelijk gehouden is: wijk." in told
    assert "niet elk cijfer openbaar" not in told
    assert "niets over een mens in zo’n groep" in told
    assert "Dit gaat over groepen, niet over mensen." in told


def test_a_break_is_marked_in_the_line_of_the_whole_and_one_of_a_category_is_not(
    tmp_path: Path, city: City
) -> None:
    rows: dict[str, list[object]] = {
        "area": [*WIJKEN, None], "group": [None] * 4 + ["break 1"], "estimate": [None] * 4 + [0.5],
        "observed": [9, 9, 9, 1, 187], "relevant": [None] * 4 + [True],
    }  # fmt: skip
    for only, marks in (({}, 1), ({"leeftijd": "jong"}, 0)):
        city.products[0]["findings"] = [declared("breaks", relative_to=None, since=None, only=only)]
        folder = city.write(tmp_path / f"release {marks}")
        pq.write_table(found("break", rows), folder / "findings.parquet")
        edition = Edition(open_release(folder))
        charts = book_of(edition, Texts("nl"), edition.catalogue.indicators["bereik"])
        (trend,) = [chart for chart in charts.whole if chart.kind == "trend"]
        assert trend.drawing.wide.count("plotseling lager") == marks
        assert ("In 2024 veranderde dit plotseling." in trend.note) == bool(marks)
