"""Charts on the site: on their page, on a page to embed, as files, and in stories; hidden figures in none of them."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from small_city import City, small_city, texts

from zicht.errors import ZichtError
from zicht.publish import publish_site
from zicht.publish.card import card_svg
from zicht.publish.edition import Edition
from zicht.publish.exhibits import book_of
from zicht.publish.texts import Texts
from zicht.release import open_release


def test_every_chart_of_a_page_has_its_table_its_files_and_a_page_to_embed(site):
    for page in site.glob("indicator/*/*/index.html"):
        html = page.read_text("utf-8")
        charts = re.findall(r'<svg class="chart (\w+)"', html)
        assert charts, page
        assert html.count("Tabel bij deze grafiek") == len(charts)
        for name in re.findall(r'id="g-([\w-]+)"', html):
            stem = f"{page.parent.parent.name}/{name}"
            assert (site / f"insluiten/{stem}/index.html").is_file()
            assert all((site / f"grafiek/{stem}.{ending}").is_file() for ending in ("svg", "csv", "json"))


def test_the_table_beside_a_chart_holds_every_value_of_the_chart(site):
    html = (site / "indicator/bereik/wijk/index.html").read_text("utf-8")
    for svg, table in re.findall(
        r'(<svg class="chart (?:interval|slope).*?</svg>).*?(<table>.*?</table>)', html, re.S
    ):
        drawn = set(re.findall(r"\d+,\d%", re.sub(r"<title>.*?</title>", "", svg)))
        stands = set(re.findall(r"\d+,\d%", table)) | {"40,4%"}  # the reference, which the page says above
        axis = set(re.findall(r">(\d+,\d%)</text>", svg.partition("</g><g>")[0]))
        assert drawn - axis <= stands


def test_a_page_to_embed_has_no_menu_and_leads_back(site):
    html = (site / "insluiten/bereik/wijk-marges/index.html").read_text("utf-8")
    assert "<nav" not in html
    assert "<script" not in html
    assert 'href="../../../indicator/bereik/" target="_top"' in html
    assert "Bron: Basisregistratie." in html


def test_a_map_to_embed_has_its_key_a_table_and_a_way_back_and_no_script(site):
    html = (site / "insluiten/bereik/buurt-kaart/index.html").read_text("utf-8")
    assert "<script" not in html
    assert "<nav" not in html
    assert '<base target="_top">' in html  # its areas lead out of the frame
    assert "Bron: Basisregistratie." in html
    rows = dict(re.findall(r'<tr><th scope="row">([^<]*)</th><td class="num">([^<]*)</td></tr>', html))
    assert len(rows) == 16
    assert rows["Buurt 00"] == "54,4%"
    assert list(rows.values()).count("verborgen") == html.count('<path class="hidden"')
    page = (site / "indicator/bereik/buurt/index.html").read_text("utf-8")
    assert "insluiten/bereik/buurt-kaart/" in page
    assert 'href="../../../grafiek/bereik/buurt-periodes.svg" download' in page


def test_the_files_of_a_chart_hold_the_figures_of_the_release(city, site):
    released = {
        (row["area"], row["period"]): row["value"]
        for row in city.figures["bereik"]
        if row["value"] is not None
    }
    names = {name: code for code, name, level, _ in city.areas if level == "buurt"}
    document = json.loads((site / "grafiek/bereik/buurt-marges.json").read_text("utf-8"))
    columns = document["columns"]
    for name, value, said in zip(
        columns["area"]["values"], columns["value"]["values"], columns["value"]["shown"], strict=True
    ):
        known = released.get((names[name], "2024"))
        assert (value, said) == (
            (round(known, 1), f"{known:.1f}%".replace(".", ",")) if known else (None, "verborgen")
        )
    rows = list(
        csv.reader(
            io.StringIO((site / "grafiek/bereik/buurt-marges.csv").read_text("utf-8-sig")), delimiter=";"
        )
    )
    assert rows[0][:2] == ["Gebied", "Waarde"]
    assert {row[1] for row in rows[1:]} == {said.removesuffix("%") for said in columns["value"]["shown"]}


def test_every_chart_and_card_is_the_same_whether_a_figure_is_hidden_by_a_rule_or_to_protect_another(
    city, tmp_path
):
    books = []
    for status in ("primary", "secondary"):
        for row in city.figures["bereik"]:
            if row["value"] is None:
                row["status"] = status
        edition = Edition(open_release(city.write(tmp_path / status)))
        indicator = edition.catalogue.indicators["bereik"]
        books.append((book_of(edition, Texts("nl"), indicator), card_svg(edition, Texts("nl"), indicator)))
    assert books[0] == books[1]


def test_a_card_says_question_figure_and_place_and_hatches_what_is_hidden(city, tmp_path):
    edition = Edition(open_release(city.write(tmp_path / "release")))
    svg = card_svg(edition, Texts("nl"), edition.catalogue.indicators["bereik"])
    said = " ".join(re.findall(r">([^<]+)</text>", svg))
    assert "Hoe zit het met bereik?" in said
    assert "40,4%" in said
    assert "Proefstad, 2024" in said
    assert svg.count('fill="url(#h)"') == sum(
        row["value"] is None and row["period"] == "2024" and row["area"].startswith("BU90090")
        for row in city.figures["bereik"]
    )


def test_a_card_with_a_map_of_a_phenomenon_says_what_it_is_no_proof_of(city, tmp_path):
    city.indicators[0]["phenomenon"] = True
    edition = Edition(open_release(city.write(tmp_path / "release")))
    cards = [card_svg(edition, Texts("nl"), one) for one in edition.catalogue.indicators.values()]
    assert "Meer dan gemiddeld is geen bewijs van een misstand." in cards[0]
    assert "Alle cijfers zijn verzonnen." in cards[1]


def test_a_page_names_its_card(site):
    html = (site / "indicator/bereik/index.html").read_text("utf-8")
    assert re.search(r'<meta property="og:image" content="[./]*delen/bereik.png">', html)
    assert (site / "delen/bereik.png").read_bytes().startswith(b"\x89PNG")
    assert (site / "en/delen/bereik.png").is_file()


# ---- stories


def _told(city: City, tmp_path: Path, pieces: list[object], **picture: str | None) -> str:
    section = {
        "title": {"nl": ["Kop ", *pieces], "en": ["Head"]},
        "text": {"nl": ["Tekst."], "en": ["Text."]},
        "indicator": None, "chart": None, "level": None, **picture,
    }  # fmt: skip
    city.products[0]["sections"] = [section]
    publish_site(open_release(city.write(tmp_path / "release")), tmp_path / "site", workers=1)
    return (tmp_path / "site/product/wie_missen_we/index.html").read_text("utf-8")


def _figure(area: str, period: str, indicator: str = "bereik", **by: str) -> dict[str, object]:
    return {"indicator": indicator, "area": area, "period": period, "by": by}


def test_a_story_fills_in_figures_of_the_release_and_draws_what_it_asks_for(city, tmp_path):
    pieces: list[object] = [
        _figure("geheel", "laatste"),
        " en ",
        _figure("geheel", "2023", "inwoners", leeftijd="jong"),
    ]
    page = _told(city, tmp_path, pieces, indicator="bereik", chart="interval", level="wijk")
    assert "Kop 40,4% en 18.000" in page
    assert '<svg class="chart interval"' in page
    assert "Tabel bij deze grafiek" in page


@pytest.mark.parametrize("area", ["BU90090202", "BU00000000"])
def test_a_story_that_names_a_hidden_or_unknown_figure_stops_the_site(city, tmp_path, area):
    with pytest.raises(
        ZichtError, match=f"names the figure `bereik` of {area} in laatste, which the release does not show"
    ):
        _told(city, tmp_path, [_figure(area, "laatste")])


def test_a_story_that_asks_for_a_chart_that_cannot_be_is_told_which_can(city, tmp_path):
    with pytest.raises(
        ZichtError, match=r"asks for a pyramid of `bereik` at level `wijk`.*they allow: interval"
    ):
        _told(city, tmp_path, [], indicator="bereik", chart="pyramid", level="wijk")


def test_a_map_of_a_phenomenon_in_a_story_says_what_it_is_no_proof_of(city, tmp_path):
    city.indicators[0]["phenomenon"] = True
    page = _told(city, tmp_path, [], indicator="bereik", chart="map", level="wijk")
    assert "De kaart brengt een patroon in beeld met deze definitie." in page


def test_flows_are_drawn_from_a_breakdown_by_places(tmp_path):
    city = small_city()
    entry = next(one for one in city.indicators if one["id"] == "inwoners")
    entry["by"] = ["leeftijd"]
    city.dimensions = [
        {"id": "leeftijd", "title": texts("Werkplek"), "places": True,
         "categories": [{"id": "jong", "title": texts("Haven")}, {"id": "oud", "title": texts("Stad")}]}
    ]  # fmt: skip
    edition = Edition(open_release(city.write(tmp_path / "release")))
    chart = next(
        one
        for one in book_of(edition, Texts("nl"), edition.catalogue.indicators["inwoners"]).levels["wijk"]
        if one.kind == "flow"
    )
    assert chart.title.startswith("De grootste stroom: van Wijk")
    assert chart.drawing.wide.count("<path") == 8
    assert [column.key for column in chart.columns] == ["area", "jong", "oud"]
