"""Numbers and words as people read them."""

from __future__ import annotations

import json
import re
from importlib import resources
from string import Formatter

import pytest

from zicht.errors import ZichtError
from zicht.publish.numbers import Quantity, nice_ticks, number
from zicht.publish.texts import LANGUAGES, Texts


@pytest.mark.parametrize(
    ("value", "decimals", "dutch", "english"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (0, 0, "0", "0"),
        (-0.04, 1, "0,0", "0.0"),
        (-12345, 0, "−12.345", "−12,345"),
        (999.999, 2, "1.000,00", "1,000.00"),
        (1234567, 0, "1.234.567", "1,234,567"),
    ],
)
def test_numbers_are_written_as_the_language_does(value, decimals, dutch, english):
    assert number(value, decimals, "nl") == dutch
    assert number(value, decimals, "en") == english


def test_a_percentage_has_its_sign_behind_it_and_its_bounds_in_whole_points():
    share = Quantity("% van de huishoudens", 1, "nl")
    assert share.short(67.94) == "67,9%"
    assert share.long(67.94) == "67,9% van de huishoudens"
    assert share.margin(64.0) == "64%"
    assert share.whole == "huishoudens"


def test_a_unit_that_is_no_percentage_follows_the_number():
    homes = Quantity("woningen", 0, "nl")
    assert (homes.long(1520), homes.margin(1500.0), homes.whole) == ("1.520 woningen", "1.500", None)


def test_of_every_hundred_is_said_only_where_the_unit_names_the_whole():
    assert Quantity("% of households", 1, "en").whole == "households"
    assert Quantity("% gas", 1, "nl").whole is None


def test_a_difference_carries_its_sign_and_zero_has_none():
    quantity = Quantity("% van de huishoudens", 1, "nl")
    assert [quantity.signed(value) for value in (3.42, -0.2, 0.0, 0.04)] == ["+3,4", "−0,2", "0,0", "0,0"]


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (55.3, 74.1), (340000, 390000), (-3, 8), (5, 5), (0.001, 0.0013)]
)
def test_ticks_are_round_and_cover_what_is_drawn(low, high):
    ticks = nice_ticks(low, high)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert 2 <= len(ticks) <= 9


def _places(message: object) -> set[str]:
    forms = message.values() if isinstance(message, dict) else [message]
    return {name for form in forms for _, name, _, _ in Formatter().parse(str(form)) if name}


def test_every_language_has_every_text_with_the_same_places_and_forms():
    folder = resources.files("zicht.publish") / "messages"
    catalogues = [json.loads((folder / f"{language}.json").read_text("utf-8")) for language in LANGUAGES]
    dutch, english = catalogues
    assert list(dutch) == list(english)
    for key in dutch:
        assert type(dutch[key]) is type(english[key]), key
        assert _places(dutch[key]) == _places(english[key]), key


def test_every_text_that_a_template_asks_for_exists():
    folder = resources.files("zicht.publish") / "templates"
    texts = Texts("nl")
    asked = {
        key
        for file in folder.iterdir()
        for key in re.findall(
            r"""\bt(?:\.html|\.count)?\(["']([a-z_.0-9]+)["'](?!\s*~)""", file.read_text("utf-8")
        )
    }
    assert len(asked) > 60
    assert {key for key in asked if not texts.has(key)} == set()


def test_a_text_that_is_missing_is_an_error_and_no_empty_place():
    with pytest.raises(ZichtError, match=r"no text `no\.such`"):
        Texts("nl")("no.such")
    with pytest.raises(ZichtError, match="needs a value for 'limit'"):
        Texts("nl")("map.below", wrong="x")


def test_one_and_many_have_their_own_form():
    texts = Texts("nl")
    assert texts.count("themes.figures", 1) == "1 onderwerp"
    assert texts.count("themes.figures", 1200) == "1.200 onderwerpen"


@pytest.mark.parametrize(
    ("period", "dutch", "english"),
    [
        ("2024", "2024", "2024"),
        ("2024-Q3", "3e kwartaal 2024", "third quarter of 2024"),
        ("2024-07", "juli 2024", "July 2024"),
    ],
)
def test_periods_are_said_in_words(period, dutch, english):
    assert (Texts("nl").period(period), Texts("en").period(period)) == (dutch, english)


def test_what_is_filled_in_a_text_with_marks_is_escaped():
    said = Texts("nl").html("answer.top", name="<b>", period="2024", value="<script>")
    assert "<strong>&lt;script&gt;</strong>" in said
    assert "<b>" not in said
