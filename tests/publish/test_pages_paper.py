"""The profile of an area on paper: tagged, two sheets at most, with the figures of its page and no hidden one."""

from __future__ import annotations

import html
import io
import re

import pikepdf
import pytest
from read_back import READERS
from small_city import City, figure, indicator, small_city

from zicht.publish import publish_site
from zicht.publish.edition import Edition
from zicht.publish.paper import PAPER, area_papers
from zicht.publish.profile import Locators
from zicht.publish.render import Frame
from zicht.publish.texts import Texts
from zicht.release import open_release


def paper(city: City, folder, level: str = "buurt", language: str = "nl") -> bytes:
    edition = Edition(open_release(city.write(folder)))
    frame = Frame(edition.catalogue, Texts(language), city.languages)
    ((_, made),) = area_papers(edition, frame, Locators(edition), level, slice(0, 1))
    return made


def text(pdf: bytes) -> str:
    return " ".join(" ".join(READERS[".pdf"](pdf)).split())


def test_every_area_has_a_profile_on_paper_beside_its_page_in_both_languages(site):
    pages = sorted(path.parent for path in site.glob("**/gebied/*/index.html"))
    assert len(pages) == 2 * (16 + 4 + 1)
    assert all((page / PAPER).is_file() for page in pages)
    assert f'href="{PAPER}"' in (site / "gebied/BU90090100/index.html").read_text("utf-8")


def test_it_is_tagged_and_says_its_language_title_and_standard(site):
    for path, language, title in (
        ("gebied/BU90090100", "nl", "Buurt 00: profiel"),
        ("en/gebied/BU90090100", "en", "Buurt 00: profile"),
    ):
        with pikepdf.open(site / path / PAPER) as document:
            assert bool(document.Root.MarkInfo.Marked)
            assert str(document.Root.Lang) == language
            assert str(document.docinfo["/Title"]) == title
            assert b"pdfuaid:part" in document.Root.Metadata.read_bytes()
            kinds = {
                str(thing.get("/S")) for thing in document.objects if isinstance(thing, pikepdf.Dictionary)
            }
            assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Figure"} <= kinds


@pytest.mark.parametrize(
    ("level", "code", "columns"), [("buurt", "BU90090100", 5), ("gemeente", "GM9009", 3)]
)
def test_every_column_has_a_head_and_the_address_of_the_page_can_be_followed(tmp_path, level, code, columns):
    city = small_city()
    city.site = {"url": "https://proefstad.example/cijfers/"}
    with pikepdf.open(io.BytesIO(paper(city, tmp_path / "release", level))) as document:
        things = [thing for thing in document.objects if isinstance(thing, pikepdf.Dictionary)]
        heads = [thing for thing in things if thing.get("/S") == "/TH"]
        assert len(heads) == columns
        assert all("/K" in head and len(head.K) for head in heads)
        links = [str(thing.A.URI) for thing in things if thing.get("/Subtype") == "/Link"]
        assert links == [f"https://proefstad.example/cijfers/gebied/{code}/"]


@pytest.mark.parametrize("code", ["BU90090100", "BU90090202", "WK900901", "GM9009"])
def test_it_has_the_numbers_of_the_page_and_the_word_for_what_has_none(site, code):
    page = (site / f"gebied/{code}/index.html").read_text("utf-8")
    said = text((site / f"gebied/{code}" / PAPER).read_bytes())
    shown = [re.sub("<[^>]+>", "", cell) for cell in re.findall(r'<span class="w">(.*?)</span>(?=<|$)', page)]
    assert len(shown) == 2
    for value in map(html.unescape, shown):
        assert (value.capitalize() + ".") in said if value == "verborgen" else value in said
    for words in re.findall(r"<b>(Hoger|Lager|Niet duidelijk anders)</b> dan [^(]*\(([^)]*)\)", page):
        assert f"{words[0].lower()} dan {words[1]}" in said


def test_a_hidden_figure_is_said_to_be_hidden_and_has_no_number(site):
    said = text((site / "gebied/BU90090202" / PAPER).read_bytes())
    assert "Verborgen. Niet getoond om privacy te beschermen." in said
    row = said[said.index("Bereik") : said.index("Verborgen")]
    assert re.findall(r"\d+(?:,\d+)?%", row) == []


def test_the_same_release_gives_the_same_bytes(tmp_path):
    assert paper(small_city(), tmp_path / "a") == paper(small_city(), tmp_path / "b")


@pytest.mark.parametrize(("count", "long", "whole"), [(40, 0, True), (75, 40, True), (160, 60, False)])
def test_it_never_takes_a_third_sheet_and_says_what_it_leaves_out(tmp_path, count, long, whole):
    city = small_city(2)
    for number in range(count):
        name = f"cijfer_{number}"
        city.indicators.append(
            indicator(name, title={"nl": f"Cijfer {number} " + "over lange titels " * (long // 18)})
        )
        city.figures[name] = [
            figure(name, code, level, "2024", 10.0 + number, lower=8.0, upper=500.0)
            for code, _, level, _ in city.areas
        ]
    made = paper(city, tmp_path / "release")
    with pikepdf.open(io.BytesIO(made)) as document:
        assert len(document.pages) <= 2
    said = text(made)
    assert ("Op papier passen niet alle cijfers." in said) is not whole
    assert "Cijfer 0 " in said
    assert (f"Cijfer {count - 1} " in said) is whole


def test_a_name_in_letters_that_no_font_has_does_not_stop_it(tmp_path):
    city = small_city(2)
    city.areas = [
        (code, "Ŵâldsang 字😀" if name == "Buurt 00" else name, level, up)
        for code, name, level, up in city.areas
    ]
    edition = Edition(open_release(city.write(tmp_path / "release")))
    frame = Frame(edition.catalogue, Texts("nl"), city.languages)
    made = dict(area_papers(edition, frame, Locators(edition), "buurt", slice(0, 10)))
    said = text(made[f"gebied/BU90090100/{PAPER}"])
    assert "Ŵâldsang" in said
    assert "字" not in said


def test_a_site_of_very_many_areas_has_none_and_says_nothing_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr("zicht.publish.profile.MOST_PRINTED", 8)
    publish_site(open_release(small_city(4).write(tmp_path / "release")), tmp_path / "site", workers=1)
    assert list((tmp_path / "site").glob("**/*.pdf")) == []
    assert "pdf" not in (tmp_path / "site/gebied/BU90090100/index.html").read_text("utf-8").lower()
