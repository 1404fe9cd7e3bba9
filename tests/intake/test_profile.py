"""A drafted contract: one that can be used, and that recognises what is in a file."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from deliveries_as_text import delivery
from invented_identifiers import citizen_numbers

from zicht.declare import Register, parse_yaml, read_contract
from zicht.intake import profile, take_in


def drafted(path: Path) -> Register:
    register, problems = read_contract(parse_yaml(profile(path), "draft.yaml"))
    assert register is not None, problems
    assert problems == []
    return register


def test_columns_that_identify_persons_are_recognised_and_no_value_of_theirs_is_shown(tmp_path: Path) -> None:
    rng = random.Random(1)
    numbers = citizen_numbers(40)
    lines = [
        f"{n};p{i}@example.org;06-123456{i:02};Jan{i};{rng.randrange(10**9):09};{1950 + i}"
        for i, n in enumerate(numbers)
    ]
    path = tmp_path / "personen.csv"
    path.write_text("bsn;mail;tel;voornaam;dossier;jaar\n" + "\n".join(lines) + "\n")
    register = drafted(path)
    found = {column.name: column.classification for column in register.columns}
    assert found == {
        "bsn": "identifying",
        "mail": "identifying",
        "tel": "identifying",
        "voornaam": "identifying",
        "dossier": None,
        "jaar": None,
    }
    assert register.unit == "person"
    text = profile(path)
    assert "seen:" not in text
    assert not any(value in text for value in (*numbers, "example.org", "06-1234", "Jan1"))


def test_few_values_say_nothing_about_persons(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("n\n" + "111222333\n" * 3 + "\n".join(str(100_000_000 + i) for i in range(10)) + "\n")
    assert drafted(path).columns[0].classification is None


def test_types_codes_keys_areas_and_periods_are_recognised(tmp_path: Path) -> None:
    path = tmp_path / "Cijfers 2024 (v2).csv"
    path.write_text(
        "Code gebied;jaar;n;x;dag;moment;gm;tekst;1e kwartaal;leeg;actief\n"
        + "".join(
            f"BU0344{i:04};2024;{'.' if i % 9 == 0 else i};{'-99997' if i % 5 == 0 else f'{i / 4:.2f}'.replace('.', ',')};"
            f"2024-01-{i % 28 + 1:02};2024-01-31 12:{i:02};0{300 + i};woord {i % 3};{'' if i == 3 else i};.;{'ja' if i % 2 else 'nee'}\n"
            for i in range(40)
        )
    )
    register = drafted(path)
    columns = {column.name: column for column in register.columns}
    assert register.id == "cijfers_2024_v2"
    assert [c.logical_type for c in register.columns] == [
        "string", "integer", "integer", "number", "date", "timestamp", "string", "string", "integer", "number", "boolean",
    ]  # fmt: skip
    code = columns["Code_gebied"]
    assert (code.physical_name, code.key, code.unique, code.required, code.area_level) == (
        "Code gebied",
        True,
        True,
        True,
        "buurt",
    )
    assert columns["jaar"].period
    assert dict(columns["n"].missing) == {".": "not_available"}
    assert dict(columns["x"].missing) == {"-99997": "primary"}
    assert dict(columns["k_1e_kwartaal"].missing) == {"": "not_available"}
    assert dict(columns["leeg"].missing) == {".": "not_available"}
    assert not columns["tekst"].missing
    report = take_in(register, delivery(path), tmp_path / "out")
    assert (report.accepted, report.refused, report.not_yet_published) == (40, 0, ("leeg",))


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize(
    "file",
    [
        "utrecht/CBS-Utrecht-kwb-2024.xlsx",
        "netherlands/nl_buurt_flat.csv.gz",
        "utrecht/utrecht_2013_wijk.geojson",
        "covid/monthly_gemeente_derived.csv.gz",
    ],
)
def test_a_real_file_is_taken_in_whole_under_its_own_draft(shared: Path, file: str, tmp_path: Path) -> None:
    path = shared / "data" / file
    report = take_in(drafted(path), delivery(path), tmp_path / "out")
    assert report.refused == 0
    assert report.rows > 5
