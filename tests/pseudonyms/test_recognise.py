"""Columns that identify persons, known by their values; and columns that look like it and do not."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_identifiers import account_numbers, citizen_numbers, is_citizen_number

from zicht.declare import Format
from zicht.intake import Delivery, read_table
from zicht.pseudonyms import Recogniser, cells_that_identify, kind_of
from zicht.pseudonyms.recognise import satisfies_eleven

RNG = random.Random(4)
GIVEN = [
    "Jan",
    "Anna",
    "Piet",
    "Maria",
    "Klaas",
    "Sophie",
    "Mohammed",
    "Fatima",
    "Ruud",
    "Ingrid",
    "Daan",
    "Emma",
    "Lieke",
    "Bram",
    "Tess",
    "Noor",
    "Gijs",
    "Truus",
    "Wim",
    "Sanne",
    "Joost",
    "Floor",
    "Willem",
]
RARE = ["Odulphus", "Perpetua", "Zbigniew", "Xenia", "Radboud", "Quirina", "Thjum"]
NUMBERS = citizen_numbers(400)


def grouped(number: str) -> str:
    return f"{number[:4]}.{number[4:6]}.{number[6:]}"


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("citizen", NUMBERS),
        ("citizen", [grouped(number) for number in NUMBERS]),
        ("citizen", [f"BSN {number}" for number in NUMBERS]),
        ("citizen", [number.lstrip("0") for number in NUMBERS]),
        ("citizen", NUMBERS[:20]),
        ("citizen", NUMBERS[:60] + [f"onbekend {i}" for i in range(50)]),
        ("email", [f"iemand{i}@voorbeeld.example" for i in range(30)]),
        ("email", [f"Iemand {i} <i{i}@voorbeeld.example>" for i in range(30)]),
        ("phone", [f"06-{RNG.randrange(10_000_000, 99_999_999)}" for _ in range(40)]),
        ("phone", [f"+31 6 {RNG.randrange(10_000_000, 99_999_999)}" for _ in range(40)]),
        ("phone", [f"020 {RNG.randrange(1_000_000, 9_999_999)}" for _ in range(40)]),
        ("account", account_numbers(40)),
        ("account", [" ".join((n[:4], n[4:8], n[8:12], n[12:16], n[16:])) for n in account_numbers(40)]),
        ("name", GIVEN + RARE),
        ("name", [f"{name} {RNG.choice(['de Wit', 'Oosterhof', 'Brandt'])}" for name in GIVEN + RARE]),
        ("name", [f"{letter}. van der {letter}oorn" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]),
        ("name", [f"{letter}eldhuis, {letter}.J." for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]),
        ("name", [f"van {letter}oorn" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]),
    ],
)  # fmt: skip
def test_values_of_persons_are_recognised_however_they_are_written(kind: str, values: list[str]) -> None:
    assert kind_of(values) == kind


def drawn(make: Callable[[], str], count: int = 3_000) -> list[str]:
    return [make() for _ in range(count)]


@pytest.mark.parametrize(
    "values",
    [
        drawn(lambda: str(RNG.randrange(10**8, 10**9))),  # numbers of nine digits
        drawn(lambda: str(RNG.randrange(10**7, 10**8))),  # numbers of the Chamber of Commerce
        [str(100_000_000 + i) for i in range(3_000)],
        drawn(lambda: f"0344010000{RNG.randrange(10**6):06}"),  # BAG ids
        drawn(lambda: f"{RNG.randrange(1000, 9999)} {RNG.choice('ABCDEGHJ')}{RNG.choice('ABCDEGHJ')}"),
        drawn(lambda: f"{RNG.random() * 10**6:.2f}"),
        drawn(lambda: f"{RNG.randrange(1, 29):02}-{RNG.randrange(1, 13):02}-{RNG.randrange(1950, 2024)}"),
        drawn(lambda: f"{RNG.randrange(1950, 2024)}{RNG.randrange(1, 13):02}{RNG.randrange(1, 29):02}"),
        drawn(lambda: f"0{RNG.randrange(10**8, 10**9)}{RNG.randrange(10):01}0"),
        drawn(lambda: f"{RNG.randbytes(16).hex()}"),
        drawn(lambda: f"000{RNG.randrange(10**7, 10**8)}"),
        [f"{name}straat {i}" for i, name in enumerate(GIVEN)],
        [f"{name} {RNG.choice(['Paulownalaan', 'Vermeerstraat', 'de Witplein'])}" for name in GIVEN],
        [f"Bakkerij {name} en zn" for name in GIVEN],
        [f"{name} Installaties B.V." for name in GIVEN],
        ["Utrecht", "Amsterdam", "Den Haag", "De Bilt", "Ter Apel", "Den Helder", "Zwolle", "Assen", "Breda", "Tilburg", "Almere", "Arnhem",
         "Nijmegen", "Groningen", "Leiden", "Delft", "Gouda", "Hoorn", "Zeist", "Soest", "Baarn", "Laren", "Blaricum", "Huizen"],
        NUMBERS[:19],  # too few to tell
        NUMBERS[:40] + [f"dossier {i}" for i in range(60)],  # fewer than half
    ],
)  # fmt: skip
def test_what_looks_like_it_and_identifies_nobody_is_let_through(values: list[str]) -> None:
    assert kind_of(values) is None


@given(st.lists(st.integers(0, 10**10), min_size=1, max_size=50))
def test_the_test_of_eleven_on_a_column_is_that_of_each_number(numbers: list[int]) -> None:
    assert satisfies_eleven(np.array(numbers)).tolist() == [
        10**7 <= number < 10**9 and is_citizen_number(str(number)) for number in numbers
    ]


@given(st.integers(10**8, 10**9 - 1), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_never_satisfies_the_test_of_eleven(number: int, at: int, change: int) -> None:
    digits = f"{number:09}"
    changed = int(digits[:at] + str((int(digits[at]) + change) % 10) + digits[at + 1 :])
    assert not satisfies_eleven(np.array([number, changed])).all()


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64()])
def test_citizen_numbers_that_were_read_as_numbers_are_recognised(kind: pa.DataType) -> None:
    recogniser = Recogniser()
    recogniser.add("klantnummer", pa.array([int(number) for number in NUMBERS]).cast(kind))
    assert recogniser.found() == {"klantnummer": "citizen"}


def test_a_column_is_judged_as_a_whole_over_all_its_batches() -> None:
    recogniser = Recogniser()
    recogniser.add("a", pa.array(NUMBERS[:15]))
    assert recogniser.found() == {}
    recogniser.add("a", pa.array(NUMBERS[15:30]))
    assert recogniser.found() == {"a": "citizen"}


def test_one_batch_full_of_citizen_numbers_is_enough_however_many_other_values_came_before() -> None:
    recogniser = Recogniser()
    recogniser.add("a", pa.array([f"code {i}" for i in range(100_000)]))
    recogniser.add("a", pa.array(citizen_numbers(1_000)))
    assert recogniser.found() == {"a": "citizen"}


def test_values_that_stand_there_once_and_again_count_once() -> None:
    recogniser = Recogniser()
    recogniser.add("a", pa.array(NUMBERS[:10] * 100))
    assert recogniser.found() == {}


@pytest.mark.parametrize("batches", [1, 2, 7])
def test_values_that_come_back_in_every_batch_count_once_too(batches: int) -> None:
    recogniser = Recogniser()
    for _ in range(batches):
        recogniser.add("a", pa.array([f"code {i}" for i in range(30)]))
    recogniser.add("a", pa.array([*(f"code {i}" for i in range(30)), *NUMBERS[:30]]))
    assert recogniser.found() == {"a": "citizen"}


def test_a_column_that_is_nearly_always_empty_or_a_dummy_is_judged_by_its_other_values() -> None:
    recogniser = Recogniser()
    recogniser.add("a", pa.array(["onbekend"] * 5_000 + [None] * 5_000 + NUMBERS[:30]))
    assert recogniser.found() == {"a": "citizen"}


def test_dates_and_truths_tell_nothing() -> None:
    recogniser = Recogniser()
    recogniser.add("a", pa.array([True, False] * 50))
    recogniser.add("b", pa.array(range(100), pa.int32()).cast(pa.date32()))
    assert recogniser.found() == {}


def test_single_cells_that_tell_who_somebody_is_are_known_also_among_other_words() -> None:
    telling = [
        NUMBERS[0],
        grouped(NUMBERS[1]),
        f"zie {NUMBERS[2]}.",
        "a@b.nl",
        "06-12345678",
        account_numbers(1)[0],
        "NL12 ZICH 0123 4567 89",
    ]
    harmless = [
        "BU03440111",
        "2024-01-31 10:00",
        "-1.234,56",
        "3511 AB",
        "0344010000012345",
        "9223372036854775808",
        "straat 12",
        None,
    ]
    assert cells_that_identify(pa.array(telling)).to_pylist() == [True] * len(telling)
    assert cells_that_identify(pa.array(harmless)).to_pylist() == [False] * len(harmless)


@pytest.mark.shared
@pytest.mark.parametrize(
    "file",
    [
        "utrecht/CBS-Utrecht-kwb-2023.xlsx", "utrecht/CBS-Utrecht-kwb-2024.xlsx",
        "utrecht/utrecht_2024_crime_health_from_national.csv", "utrecht/utrecht_2013_mastoverzicht_full.geojson.gz",
        "utrecht/CBS-Utrecht_Nabijheid_voorzieningen__buurt_2023_14102024_164034.csv", "netherlands/nl_buurt_flat.csv.gz",
        "regions/gemeentelijke-indeling.csv", "regions/gemeente_2022_hierarchie_derived.csv", "rivm/2020_18plus.xlsx",
    ],
)  # fmt: skip
def test_no_column_of_open_data_is_taken_for_one_of_persons(shared: Path, file: str) -> None:
    path = shared / "data" / file
    table = read_table(Delivery(path, Format(), path.name, {}, ""))
    recogniser = Recogniser()
    for name in table.column_names:
        for chunk in table.column(name).chunks:
            recogniser.add(name, chunk)
    assert recogniser.found() == {}
