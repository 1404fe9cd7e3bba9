"""Groups are told by what they have in common, with who decided what, and never as something about a person."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from full_city import declared
from small_city import City, small_city, texts

from zicht.findings import FINDINGS, About, findings
from zicht.publish import publish_site
from zicht.release import open_release

DIMENSIONS = [
    {
        "id": id_,
        "title": texts(title, english),
        "categories": [{"id": "a", "title": texts(category, other)}],
    }
    for id_, title, english, category, other in (
        ("werk", "Werk", "Work", "in loondienst", "employed"),
        ("gezin", "Gezin", "Family", "eenoudergezin", "lone parent"),
        ("leeftijd", "Leeftijd", "Age", "jong", "young"),
    )
]
DECIDED = {
    "ground": "leeftijd",
    "by": "Functionaris gegevensbescherming",
    "on": "2026-03-02",
    "why": texts("Anders missen wij wie het nodig heeft.", "Otherwise we miss who needs it."),
}
PAIR = {"group": [json.dumps({"werk": "a", "gezin": "a"})], "estimate": [1.64], "lower": [1.31], "upper": [2.0], "observed": [45.0],
        "expected": [27.0], "p": [0.001], "relevant": [True]}  # fmt: skip


def story(tmp_path: Path, found: pa.Table, language: str = "nl", **more: object) -> str:
    city: City = small_city()
    city.dimensions += DIMENSIONS
    finding = {
        **declared("subgroups"),
        "level": "gemeente",
        "characteristics": ["werk", "gezin"],
        "controls": ["leeftijd"],
        **more,
    }
    city.products[0]["findings"] = [finding]
    folder = city.write(tmp_path / "release")
    pq.write_table(found, folder / "findings.parquet")
    publish_site(open_release(folder), tmp_path / "site")
    home = "" if language == "nl" else "en/"
    page = (tmp_path / "site" / f"{home}product/wie_missen_we/index.html").read_text("utf-8")
    (section,) = re.findall(r'<section class="found".*?</section>', page, re.DOTALL)
    assert "<table" not in section
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"</?a\b[^>]*>", "", section)).split())


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("nl", ["In 1 groep komt het duidelijk vaker voor.",
                "Werk: in loondienst en gezin: eenoudergezin. Hier komt het 1,6 keer zo vaak voor als in de vergelijkingsgroep. Waarschijnlijk is het tussen 1,3 en 2,0 keer zo vaak.",
                "We vergelijken met anderen die hetzelfde hebben voor: leeftijd.",
                "Dit hangt samen met leeftijd. Dat het toch mag, is op 2 maart 2026 besloten door: Functionaris gegevensbescherming. De reden: Anders missen wij wie het nodig heeft.",
                "Deze combinatie zegt iets over een groep en niets over een persoon.",
                "U mag haar niet gebruiken om mensen te kiezen."]),
        ("en", ["Work: employed and family: lone parent. Here it is found 1.6 times as often as in the reference group.",
                "That it may be used all the same was decided on 2 March 2026 by: Functionaris gegevensbescherming. The reason: Otherwise we miss who needs it.",
                "It may not be used to select people."]),
    ],
)  # fmt: skip
def test_a_group_is_told_by_what_it_has_in_common(tmp_path: Path, language: str, lines: list[str]) -> None:
    found = findings(About("f", "gemeente", 2025, "2024"), "subgroup", PAIR)
    told = story(tmp_path, found, language, justified=[DECIDED])
    for line in lines:
        assert line in told


def test_where_no_group_was_found_that_is_said(tmp_path: Path) -> None:
    told = story(tmp_path, FINDINGS.empty_table(), enforcement=True)
    assert "Er is geen groep waarin het vaker voorkomt dan toeval verklaart." in told
    assert "Deze registraties komen van politie of toezicht." in told
