"""What a site says of itself: in every footer, in both languages, and no more than is so."""

from __future__ import annotations

import html
import re

import pytest
from links import broken_links

from zicht.publish.edition import Edition
from zicht.publish.render import Frame
from zicht.publish.statements import statement_pages
from zicht.publish.texts import Texts
from zicht.release import open_release

PLACES = ("toegankelijkheid", "privacy", "colofon")


def words(path) -> str:
    main = re.search("<main.*?</main>", path.read_text("utf-8"), re.S)
    assert main
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", main[0])).split())


@pytest.mark.parametrize("place", PLACES)
def test_every_page_leads_to_it_in_its_own_language(site, place):
    for start in (site, site / "en"):
        assert (start / place / "index.html").is_file()
        home = r"\./" if start == site else r"\.\./en/"
        assert re.search(
            rf'<footer.*href="{home}{place}/".*</footer>', (start / "index.html").read_text("utf-8"), re.S
        )
    assert broken_links(site) == []


def test_the_accessibility_statement_says_what_was_not_tested(site):
    said = words(site / "toegankelijkheid/index.html")
    assert "niet onderzocht door een onafhankelijk bureau" in said
    assert "WCAG 2.2 A en AA" in said
    assert "data@proefstad.example" in said


def test_the_privacy_statement_is_true_of_the_site(site):
    assert "Er zijn geen cookies" in words(site / "privacy/index.html")
    assert "PDOK" not in words(site / "privacy/index.html")
    for path in site.glob("static/*.js"):
        script = path.read_text("utf-8")
        assert "document.cookie" not in script
        assert "localStorage" not in script
        assert "sendBeacon" not in script


def test_the_colophon_names_every_source_once_with_its_licence(site):
    said = words(site / "colofon/index.html")
    assert said.count("Basisregistratie, Gemeente, CC-BY-4.0") == 1
    assert "https://creativecommons.org/licenses/by/4.0/" in (site / "colofon/index.html").read_text("utf-8")
    assert "Gemeente Proefstad" in said


def test_without_a_name_or_address_the_title_of_the_site_stands_in(city, tmp_path):
    city.organisation = dict.fromkeys(("name", "url", "email"), "")
    edition = Edition(open_release(city.write(tmp_path / "release")))
    pages = dict(statement_pages(edition, Frame(edition.catalogue, Texts("nl"), city.languages)))
    assert "Laat het weten aan Proefstad in cijfers." in pages["colofon/index.html"]
    assert not any("mailto:" in page for page in pages.values())


def test_where_a_background_map_is_allowed_it_is_said_who_sees_what(city, tmp_path):
    city.site = {"background": "pdok"}
    edition = Edition(open_release(city.write(tmp_path / "release")))
    pages = dict(statement_pages(edition, Frame(edition.catalogue, Texts("nl"), city.languages)))
    assert "PDOK ziet dan uw IP-adres" in pages["privacy/index.html"]
