"""The report for people: its numbers are those of the statuses, and it stands by itself."""

from __future__ import annotations

import re

import pytest
from tables_as_text import crosstab, tree

from zicht.disclosure import Profile, Protected, protect
from zicht.disclosure.presentation import OVERVIEW_SCHEMA, Sheet, overview, report_page, report_text
from zicht.disclosure.presentation.sheet import LANGUAGES, words
from zicht.disclosure.rules import REASONS

FEW = Profile("few", min_units=5, max_group_share=None)
LEVELS = {"GM": "gemeente", "WK1": "wijk", "WK2": "wijk"}


@pytest.fixture(scope="module")
def protected() -> Protected:
    """A small table, protected when a test first asks for it."""
    return protect(
        [
            crosstab(
                tree("area", "GM > WK1 WK2\nWK1 > B11 B12\nWK2 > B21 B22"),
                """
                area | young | old
                -----+-------+----
                B11  | 3     | 30
                B12  | 25    | 35
                B21  | 30    | 20
                B22  | 40    | 50
                """,
            )
        ],
        FEW,
    )


@pytest.fixture(scope="module")
def sheet(protected: Protected) -> Sheet:
    return Sheet("Debts <2025>", protected.report.as_dict(), overview(protected, LEVELS), {"t": "Poverty"})


def test_the_overview_counts_every_cell_once(protected: Protected) -> None:
    counted = overview(protected)
    assert counted.schema == OVERVIEW_SCHEMA
    assert sum(counted.column("cells").to_pylist()) == protected.tables[0].n.size
    assert sum(counted.column("size").to_pylist()) == pytest.approx(protected.tables[0].value.sum())
    lost = [row["size"] for row in counted.to_pylist() if row["status"] == "secondary"]
    assert sum(lost) == protected.report.tables[0].value_lost


def test_levels_are_named_where_a_name_is_given_and_counted_from_the_total_otherwise(
    protected: Protected,
) -> None:
    assert list(dict.fromkeys(overview(protected, LEVELS).column("level").to_pylist())) == [
        "2",
        "wijk",
        "gemeente",
    ]


def test_the_text_gives_the_numbers_by_level(sheet: Sheet) -> None:
    text = report_text([sheet], "en")
    assert re.search(r"^gemeente +3 +0 +0 +0\.0 %$", text, re.MULTILINE)
    assert "Every attack was withstood." in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_stands_by_itself_and_shows_what_it_is_given_as_text(language: str, sheet: Sheet) -> None:
    page = report_page([sheet], "Report", language)
    assert f'<html lang="{language}">' in page
    assert "Debts &lt;2025&gt;" in page
    assert not re.search(r'(src|href)="|https?://|@import|url\(', page)


def test_a_bound_is_shown_where_the_report_has_one(protected: Protected) -> None:
    exact = protect(list(protected.tables), FEW, method="exact")
    sheet = Sheet("Exact", exact.report.as_dict(), overview(exact))
    assert "at most 0.0 % of it could be gained" in report_page([sheet], "Report", "en")


def test_bars_add_up_to_the_whole(sheet: Sheet) -> None:
    for bar in re.findall(r"<svg.*?</svg>", report_page([sheet], "Report")):
        widths = [float(width) for width in re.findall(r' width="([\d.]+)"', bar)]
        assert sum(widths) == pytest.approx(100.0, abs=0.01)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_words(language: str) -> None:
    assert not [reason for reason in REASONS if reason and f"reason.{reason}" not in words(language)]


def test_both_languages_have_the_same_words() -> None:
    assert words("nl").keys() == words("en").keys()
