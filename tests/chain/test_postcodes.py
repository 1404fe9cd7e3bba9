"""The table of postcodes: where addresses lie, only from enough addresses on, and nothing else of their register."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from zicht.areas import Areas
from zicht.chain.postcodes import latest_rows, table_of_postcodes
from zicht.declare import Register, read_project
from zicht.errors import DeclarationError

ONE, TWO = "BU90010101", "BU90010102"
LEAST = 5
CITY = Path(__file__).resolve().parents[2] / "src" / "zicht" / "demo" / "voorbeeldstad"


@pytest.fixture(scope="module")
def register() -> Register:
    return read_project(CITY).registers["adressen"]


@pytest.fixture(scope="module")
def areas() -> Areas:
    return Areas.from_tables(
        2025,
        {
            "buurt": pa.table({"code": [ONE, TWO], "name": ["Noord", "Zuid"]}),
            "wijk": pa.table({"code": ["WK900101"], "name": ["Stad"]}),
            "gemeente": pa.table({"code": ["GM9001"], "name": ["Voorbeeldstad"]}),
        },
    )


def told(
    register: Register, areas: Areas, *addresses: tuple[str | None, str, int]
) -> dict[str, dict[str, list[str]]]:
    """What the table tells of so many addresses with a postcode in an area."""
    spread = [(code, area) for code, area, count in addresses for _ in range(count)]
    rows = pa.table({"postcode": [code for code, _ in spread], "buurtcode": [area for _, area in spread]})
    table = table_of_postcodes(rows, register, "postcode", areas, LEAST)
    codes = table["areas"]
    return {
        digits: {letters: [codes[at] for at in some] for letters, some in of.items()}
        for digits, of in table["of"].items()
    }


def test_a_postcode_lies_in_the_areas_of_its_addresses_most_first(register: Register, areas: Areas) -> None:
    found = told(register, areas, ("0101AA", ONE, 6), ("0101AA", TWO, 9), ("0101AB", ONE, 20))
    assert found == {"0101": {"": [ONE, TWO], "AA": [TWO, ONE], "AB": [ONE]}}


def test_too_few_addresses_are_not_told_but_count_for_the_four_digits(
    register: Register, areas: Areas
) -> None:
    assert told(register, areas, ("0101AA", ONE, LEAST - 1)) == {}
    assert told(register, areas, ("0101AA", ONE, 3), ("0101AB", ONE, 3)) == {"0101": {"": [ONE]}}


def test_a_lonely_address_does_not_put_a_postcode_in_another_area(register: Register, areas: Areas) -> None:
    assert told(register, areas, ("0101AA", ONE, 30), ("0101AA", TWO, 1)) == {
        "0101": {"": [ONE], "AA": [ONE]}
    }


def test_postcodes_are_read_as_people_write_them_and_what_is_none_is_passed_over(
    register: Register, areas: Areas
) -> None:
    found = told(
        register, areas, ("0101 aa", ONE, 3), ("0101AA", ONE, 3), ("0101A", ONE, 9), ("", ONE, 9), (None, ONE, 9), ("0102", "BU99999999", 9)
    )  # fmt: skip
    assert found == {"0101": {"": [ONE], "AA": [ONE]}}


def test_no_count_is_in_the_table(register: Register, areas: Areas) -> None:
    few, many = (
        table_of_postcodes(
            pa.table({"postcode": ["0101AA"] * count, "buurtcode": [ONE] * count}),
            register,
            "postcode",
            areas,
            LEAST,
        )
        for count in (LEAST, 5000)
    )
    assert json.dumps(few) == json.dumps(many)


def test_only_the_last_period_counts(register: Register) -> None:
    rows = pa.table({"peiljaar": [2023, 2025, 2024], "postcode": ["0101AA", "0101AB", "0101AC"]})
    assert latest_rows(rows, register)["postcode"].to_pylist() == ["0101AB"]


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("{register: personen, column: postcode}", "a row of register `personen` is no address but person"),
        ("{register: adressen, column: adres_id}", "is classified as identifying"),
        ("{register: adressen, column: woz_waarde}", "is classified as personal"),
        ("{register: adressen, column: straat}", "has no column `straat`"),
        ("{register: nergens}", "register `nergens` does not exist"),
        ("{register: adressen, least: 4}", "greater than or equal to 5"),
    ],
)
def test_what_would_tell_of_persons_is_refused(tmp_path: Path, declared: str, said: str) -> None:
    folder = tmp_path / "stad"
    shutil.copytree(CITY, folder)
    file = folder / "zicht.yaml"
    right = "{register: adressen, column: postcode, least: 10}"
    text = file.read_text("utf-8")
    assert right in text
    file.write_text(text.replace(right, declared), "utf-8")
    with pytest.raises(DeclarationError, match=r"zicht\.yaml") as refused:
        read_project(folder)
    assert said in str(refused.value)
