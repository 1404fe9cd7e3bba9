"""The pages of processing activities, algorithms and provenance say what the evidence of the release says, and are not there without it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from full_city import ACTIVITY, ALGORITHM, city_with_registers
from small_city import City, small_city

from zicht.publish import publish_site
from zicht.publish.registers import duration
from zicht.publish.texts import Texts
from zicht.release import open_release


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a release with that evidence."""
    return made(city_with_registers(), tmp_path_factory.mktemp("told"))


def made(city: City, folder: Path) -> Path:
    publish_site(open_release(city.write(folder / "release")), folder / "site")
    return folder / "site"


def page(site: Path, place: str) -> str:
    return (site / place / "index.html").read_text("utf-8")


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        ("verwerkingen", ["Versie 3 , geldig sinds 1 januari 2025", "Mag van AVG artikel 6 lid 1 onder e", "Hoe lang bewaard 10 jaar",
                          "Wie ze krijgt Niemand.", "Uitgevoerd, 10 februari 2025"]),
        ("en/verwerkingen", ["Whom do we miss?", "How long kept 10 years", "1 January 2025"]),
        ("algoritmes", ["Rekent recht uit.", "Waarvoor Om te tellen.", "Uitkomst van de Beslishulp AI-verordening Niet van toepassing."]),
        ("herkomst/bereik", ["Huishoudens &lt;b&gt;samen&lt;/b&gt;", "Gemaakt van Personen", "geleverd door Burgerzaken , op 14 februari 2025",
                             "Afspraak Afspraak 7", "versie 1.2.0 c-1", "d1g3st", "select 1 &lt; 2", "Wie missen we?", "Rekenregel"]),
        ("verantwoording", ["Verwerkingen", "Algoritmes"]),
        ("indicator/bereik", ["Herkomst: de hele weg terug van dit cijfer"]),
    ],
)  # fmt: skip
def test_the_pages_say_what_the_evidence_says(told: Path, place: str, lines: list[str]) -> None:
    said = words(page(told, place))
    for line in lines:
        assert line.replace(" ,", ",") in said.replace(" ,", ","), line


def test_the_addresses_that_papers_name_lead_somewhere(told: Path) -> None:
    assert "AVG artikel 6" in page(told, "id/verwerking/missen")
    assert (
        json.loads((told / "id" / "verwerking" / "missen" / "index.json").read_text("utf-8"))
        == ACTIVITY["activity"]
    )
    assert json.loads((told / "algoritmes" / "rekenregel.json").read_text("utf-8")) == ALGORITHM["entry"]


def test_a_link_in_the_evidence_that_is_none_is_not_a_link(told: Path) -> None:
    assert "javascript:" not in page(told, "verwerkingen")
    assert "javascript:" not in page(told, "algoritmes")
    assert "https://wetten.overheid.nl/x" in page(told, "algoritmes")


def test_a_release_without_that_evidence_has_none_of_these_pages(tmp_path: Path) -> None:
    site = made(small_city(), tmp_path)
    assert not any((site / place).exists() for place in ("verwerkingen", "algoritmes", "herkomst"))
    assert "herkomst/" not in page(site, "indicator/bereik")


def test_a_release_for_which_no_data_about_people_were_used_says_so(tmp_path: Path) -> None:
    city = small_city()
    city.evidence["processings"] = {"purposes": {}}
    site = made(city, tmp_path)
    assert "zijn geen gegevens over mensen gebruikt" in page(site, "verwerkingen")
    assert 'href="../verwerkingen/"' in page(site, "verantwoording")


@pytest.mark.parametrize(
    ("period", "nl", "en"),
    [("P1Y", "1 jaar", "1 year"), ("P10Y", "10 jaar", "10 years"), ("P6M", "6 maanden", "6 months"), ("P30D", "30 dagen", "30 days"),
     ("P1Y6M", "P1Y6M", "P1Y6M"), ("", "", "")],
)  # fmt: skip
def test_durations_are_told_in_words(period: str, nl: str, en: str) -> None:
    assert (duration(Texts("nl"), period), duration(Texts("en"), period)) == (nl, en)
