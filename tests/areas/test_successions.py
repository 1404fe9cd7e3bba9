"""What became of a gemeente: followed where the land is, and said where it cannot be."""

from __future__ import annotations

import contextlib
import csv
import random
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import zicht.areas
from zicht.areas import Followed, Successions, read_polygons
from zicht.errors import DeliveryError, Place, ZichtError

HISTORY = """\
provinciecode;provincienaam;gemeentecode;gemeentenaam;begindatum;einddatum
98;Midden;9001;Oud;1970-01-01;2012-01-01
98;Midden;9002;Buur;1970-01-01;2012-01-01
98;Midden;9003;Nieuw;2012-01-01;2015-07-01
98;Midden;9004;Nij;2015-07-01;
98;Midden;9005;Gedeeld;1970-01-01;2018-01-01
98;Midden;9006;Links;1970-01-01;
98;Midden;9007;Rechts;1970-01-01;2020-01-01
98;Midden;9008;Rechterland;2020-01-01;
99;Ver;9009;Verweg;1970-01-01;
99;Ver;9010;Weg;1970-01-01;2021-03-24
98;Midden;9011;Verhuisd;1970-01-01;2002-01-01
99;Ver;9011;Verhuisd;2002-01-01;
"""
WRITTEN = """\
code,successor,date,source
9001,9003,2012-01-01,Act A
GM9002,GM9003,2012-01-01,Act A
9003,9004,2015-07-01,decision B
9005,9006,2018-01-01,Act C
9005,9007,2018-01-01,Act C
9007,9008,2020-01-01,decision D
"""
TABLE_33 = """\
\ufeff"92.10 Gemeentecode","92.11 Omschrijving","92.12 Nieuwe code","99.98 Datum ingang","99.99 Datum einde"
"0000","Onbekend","","","",""
"9001","Oud","9003","","20120101",""
"9005","Gedeeld","9006","","20180101",""
"9020","Vroeger","9006","","19900101",""
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("history.csv", HISTORY), ("written.csv", WRITTEN), ("table33.csv", TABLE_33)):
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def invented(folder: Path) -> Successions:
    return Successions.read(folder / "history.csv", folder / "written.csv")


def test_a_gemeente_that_merged_and_was_renamed_is_followed_through_both(invented: Successions):
    assert invented.follow("GM9001", 2011, 2024) == Followed(
        ("GM9004",),
        whole=True,
        why="GM9001 Oud became GM9003 Nieuw on 2012-01-01 (Act A). GM9003 Nieuw became GM9004 Nij on 2015-07-01 (decision B).",
    )


def test_a_year_stands_for_the_division_on_its_first_of_january(invented: Successions):
    assert invented.follow("GM9003", 2012, 2015).codes == ("GM9003",)
    assert invented.follow("GM9003", 2015, 2015) == Followed(("GM9003",), whole=True, why="")
    assert invented.follow("GM9003", 2015, 2016).codes == ("GM9004",)
    assert invented.follow("GM9001", 2011, 2012).codes == ("GM9003",)


def test_a_gemeente_whose_land_was_divided_cannot_be_followed_and_neither_can_those_that_got_it(
    invented: Successions,
):
    divided = "GM9005 Gedeeld was divided on 2018-01-01 over GM9006 Links, GM9007 Rechts and cannot be followed (Act C)."
    assert invented.follow("GM9005", 2017, 2018) == Followed(("GM9006", "GM9007"), whole=False, why=divided)
    assert invented.follow("GM9006", 2017, 2018) == Followed(
        ("GM9006",), whole=False, why=f"GM9006 Links also got land of GM9005 Gedeeld. {divided}"
    )
    heir = invented.follow("GM9007", 2017, 2024)
    assert (heir.codes, heir.whole) == (("GM9008",), False)
    assert "GM9008 Rechterland also got land of GM9005 Gedeeld" in heir.why
    assert invented.follow("GM9006", 2018, 2024) == Followed(("GM9006",), whole=True, why="")
    assert invented.follow("GM9005", 2017, 2024).codes == ("GM9006", "GM9008")


def test_a_gemeente_without_a_named_successor_is_not_guessed_at(invented: Successions, folder: Path):
    lost = invented.follow("GM9010", 2021, 2022)
    assert lost == Followed(
        (), whole=False, why="GM9010 Weg ended on 2021-03-24 and no file names its successor."
    )
    assert invented.follow("GM9009", 2021, 2022) == Followed(
        ("GM9009",),
        whole=False,
        why="GM9009 Verweg may have got land of gemeenten whose successor no file names: GM9010 Weg.",
    )
    assert invented.follow("GM9006", 2021, 2022).whole
    bare = Successions.read(folder / "history.csv").follow("GM9001", 2011, 2012)
    assert bare.codes == ()
    assert bare.why.endswith("In its province began on that day: GM9003 Nieuw; that proves nothing.")


def test_a_legal_successor_need_not_have_all_the_land(folder: Path):
    alone = Successions.read(folder / "table33.csv")
    assert alone.follow("GM9001", 2011, 2012).whole
    long_ago = alone.follow("GM9020", 1989, 1991)
    assert (long_ago.codes, long_ago.whole) == (("GM9006",), False)
    assert "whether with all its land is not known for years before 2010" in long_ago.why
    both = Successions.read(folder / "written.csv", folder / "table33.csv")
    assert both.follow("GM9005", 2017, 2018).codes == ("GM9006", "GM9007")


def test_a_gemeente_that_moves_to_another_province_lives_on(invented: Successions):
    assert invented.follow("GM9011", 2000, 2010) == Followed(("GM9011",), whole=True, why="")


@pytest.mark.parametrize(
    ("code", "year", "says"),
    [
        ("GM9004", 2014, "did not exist yet on 2014-01-01: it began on 2015-07-01"),
        ("GM9001", 2012, "did not exist any more on 2012-01-01: it ended on 2012-01-01"),
        ("GM9999", 2014, "stands in none of the files"),
        ("BU90010101", 2011, "a buurt keeps its code while its land changes"),
    ],
)
def test_what_is_no_gemeente_of_that_year_is_said(invented: Successions, code: str, year: int, says: str):
    found = invented.follow(code, year, 2024)
    assert (found.codes, found.whole) == ((), False)
    assert says in found.why


def test_following_runs_forward_and_takes_area_codes(invented: Successions):
    with pytest.raises(ZichtError, match="forward in time, not from 2015 to 2014"):
        invented.follow("GM9001", 2015, 2014)
    with pytest.raises(ZichtError, match="Write GM9001"):
        invented.follow("9001", 2011, 2014)


def test_successors_in_a_circle_end(tmp_path: Path):
    path = tmp_path / "circle.csv"
    path.write_text("code;successor;date;source\n9001;9002;2012-01-01;x\n9002;9001;2013-01-01;y\n")
    found = Successions.read(path).follow("GM9001", 2011, 2020)
    assert found.codes == ()
    assert "round in a circle" in found.why


def test_a_whole_division_is_mapped_with_a_row_for_each_successor(invented: Successions):
    found = invented.map(["GM9005", "GM9010", "GM9006"], 2017, 2022)
    assert found.schema.names == ["code", "successor", "whole", "why"]
    assert list(
        zip(
            found["code"].to_pylist(), found["successor"].to_pylist(), found["whole"].to_pylist(), strict=True
        )
    ) == [
        ("GM9005", "GM9006", False),
        ("GM9005", "GM9008", False),
        ("GM9010", None, False),
        ("GM9006", "GM9006", False),
    ]


def test_all_lines_that_cannot_be_are_told_with_their_place(tmp_path: Path):
    path = tmp_path / "broken.csv"
    path.write_text(
        "gemeentecode;gemeentenaam;begindatum;einddatum\n"
        "9001;Goed;1970-01-01;\n"
        "901;Kort;1970-01-01;\n"
        "9002;Datum;01-01-1970;\n"
        "9003;Andersom;2020-01-01;2019-01-01\n"
        "9004;Afgebroken\n"
    )
    with pytest.raises(DeliveryError) as caught:
        Successions.read(path)
    assert [(problem.place, problem.what) for problem in caught.value.problems] == [
        (
            Place(str(path), 3),
            "'901' is not the code of a gemeente: that is 4 digits, such as 0344 or GM0344.",
        ),
        (Place(str(path), 4), "'01-01-1970' is not a date. Write it as 2021-01-01."),
        (Place(str(path), 5), "Gemeente 9003 ends on 2019-01-01, before it begins on 2020-01-01."),
        (Place(str(path), 6), "The line has no begindatum."),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "says nothing of gemeenten. Its columns should be one of"),
        (b"code;naam\n1;x\n", "says nothing of gemeenten"),
        (b"\xff\xfe\x00\x01", "cannot be read"),
        (b"code,successor,date,source\n9001,9002,,x\n", "has no date"),
        (b'code,successor,date,source\n"' + b"x" * 200_000, "is no CSV"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: bytes, says: str):
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(DeliveryError, match=says):
        Successions.read(path)
    with pytest.raises(DeliveryError, match="cannot be read"):
        Successions.read(tmp_path / "weg.csv")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32))
def test_a_broken_file_is_read_or_refused_and_never_anything_else(
    tmp_path_factory: pytest.TempPathFactory, seed: int
):
    rng = random.Random(seed)
    content = rng.choice([HISTORY, WRITTEN, TABLE_33]).encode()
    at, to = sorted(rng.randrange(len(content)) for _ in range(2))
    broken = rng.choice(
        [content[:at], content[:at] + rng.randbytes(3) + content[to:], content[:to] + content[at:]]
    )
    path = tmp_path_factory.getbasetemp() / "broken.csv"
    path.write_bytes(broken)
    with contextlib.suppress(DeliveryError):
        found = Successions.read(path).follow("GM9001", 2011, 2024)
        assert found.why or found.codes == ("GM9001",)


@pytest.fixture(scope="module")
def real(shared: Path) -> Successions:
    folder = shared / "data/regions"
    return Successions.read(folder / "gemeentelijke-indeling.csv", folder / "rvig_tabel33_gemeenten_2019.csv")


def division(shared: Path, year: int) -> list[str]:
    """The gemeenten on 1 January of a year, straight from the history."""
    with (shared / "data/regions/gemeentelijke-indeling.csv").open(encoding="utf-8") as file:
        lives = list(csv.DictReader(file, delimiter=";"))
    day = f"{year}-01-01"
    return sorted(
        f"GM{life['gemeentecode']}"
        for life in lives
        if life["begindatum"] <= day < (life["einddatum"] or "9999")
    )


@pytest.mark.shared
@pytest.mark.parametrize(
    ("code", "years", "codes", "whole"),
    [
        ("GM0003", (2020, 2021), ["GM1979"], True),  # Appingedam, merged into Eemsdelta
        (
            "GM0788",
            (2020, 2021),
            ["GM0757", "GM0824", "GM0855", "GM0865"],
            False,
        ),  # Haaren, divided over four
        ("GM0824", (2020, 2021), ["GM0824"], False),  # Oisterwijk, which got part of Haaren
        ("GM0241", (2015, 2016), ["GM1945"], True),  # Groesbeek, renamed Berg en Dal
        ("GM0265", (2014, 2024), ["GM1945"], True),  # Millingen, merged into Groesbeek, then renamed
        ("GM0370", (2021, 2022), ["GM0439"], True),  # Beemster, to Purmerend and not to the new Dijk en Waard
        ("GM0457", (2022, 2023), ["GM0363"], True),  # Weesp, on 24 March
        ("GM0457", (2021, 2022), ["GM0457"], True),
        (
            "GM0140",
            (2017, 2024),
            ["GM0080", "GM1900", "GM1949"],
            False,
        ),  # Littenseradiel: table 33 says 1900 alone
        ("GM0344", (2010, 2024), ["GM0344"], True),  # Utrecht
    ],
)
def test_gemeenten_that_people_know_are_followed(
    real: Successions, code: str, years: tuple[int, int], codes, whole: bool
):
    found = real.follow(code, *years)
    assert (list(found.codes), found.whole) == (codes, whole)
    assert whole or found.why


@pytest.mark.shared
@pytest.mark.parametrize(
    ("year", "number"), [(2010, 431), (2016, 390), (2020, 355), (2022, 345), (2023, 342)]
)
def test_every_gemeente_since_2010_is_followed_to_the_342_of_2024(
    shared: Path, real: Successions, year: int, number: int
):
    before = division(shared, year)
    found = real.map(before, year, 2024)
    assert len(before) == number
    assert sorted(set(found["code"].to_pylist())) == before
    assert sorted(set(found["successor"].to_pylist())) == division(shared, 2024)
    unsure = [row for row in found.to_pylist() if not row["whole"]]
    assert all("was divided on" in row["why"] for row in unsure)
    divided = {code for code, times in Counter(row["code"] for row in unsure).items() if times > 1}
    since_2010 = {"GM0055": 2014, "GM1671": 2015, "GM0140": 2018, "GM0053": 2019, "GM0788": 2021}
    assert divided == {code for code, ended in since_2010.items() if ended > year}


@pytest.mark.shared
def test_the_list_in_the_package_agrees_with_the_files_on_codes_and_dates(shared: Path, real: Successions):
    with (Path(zicht.areas.__file__).parent / "known_successions.csv").open() as file:
        known = list(csv.DictReader(file))
    with (shared / "data/regions/gemeentelijke-indeling.csv").open(encoding="utf-8") as file:
        ends = {
            f"GM{life['gemeentecode']}": life["einddatum"] for life in csv.DictReader(file, delimiter=";")
        }
    with (shared / "data/regions/rvig_tabel33_gemeenten_2019.csv").open(encoding="utf-8-sig") as file:
        legal = {f"GM{row['92.10 Gemeentecode']}": row["92.12 Nieuwe code"] for row in csv.DictReader(file)}
    assert {row["code"]: row["date"] for row in known} == {row["code"]: ends[row["code"]] for row in known}
    for code in {row["code"] for row in known}:
        heirs = {row["successor"] for row in known if row["code"] == code}
        assert f"GM{legal[code]}" in heirs or not legal[code]
        assert all(real.follow(heir, 2025, 2025).whole or ends[heir] for heir in heirs)
    since = [code for code, end in ends.items() if end and end >= date(2021, 1, 1).isoformat()]
    assert set(since) <= {row["code"] for row in known}


@pytest.mark.shared
@pytest.mark.slow
def test_the_land_of_2022_followed_to_2024_is_the_land_of_2024(shared: Path, real: Successions):
    folder = shared / "data/netherlands"
    before = read_polygons(folder / "gemeente_2022_rd.geojson.gz", "code")
    followed = real.map(before.codes, 2022, 2024)
    parents = dict(zip(followed["code"].to_pylist(), followed["successor"].to_pylist(), strict=True))
    then = before.dissolved(parents)
    buurten = read_polygons(folder / "buurt_2024_derived_rd.geojson.gz", "buurtcode")
    now = buurten.dissolved({code: f"GM{code[2:6]}" for code in buurten.codes})
    assert then.codes == now.codes
    overlap = shapely.area(shapely.intersection(then.geometries, now.geometries)) / shapely.area(
        now.geometries
    )
    assert overlap.min() > 0.9
    assert overlap.mean() > 0.98
