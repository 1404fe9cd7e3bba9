"""What becomes of delivered rows: values, statuses, refusals."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from deliveries_as_text import Take, contract, delivery
from hypothesis import given, settings
from hypothesis import strategies as st

from zicht.areas import RD, Boundaries
from zicht.declare import Format
from zicht.errors import DeclarationError, DeliveryError
from zicht.intake import IntakeReport, take_in


def test_values_come_out_in_the_types_of_the_contract(take: Take) -> None:
    taken = take(
        """
        n;  x     ;d         ;t               ;b  ;s
        1 ;  1,5  ;2024-01-31;2024-01-31 12:30;ja ; a b
        -2; 1.234,5;31-01-2024;31-1-2024 9:05  ;0  ;
        +3;-0,25  ;20240131  ;2024-01-31      ;waar;"c;""d"" "
        """,
        """
        {name: n, logicalType: integer}
        {name: x, logicalType: number}
        {name: d, logicalType: date}
        {name: t, logicalType: timestamp}
        {name: b, logicalType: boolean}
        {name: s, logicalType: string}
        """,
    )
    day = dt.date(2024, 1, 31)
    midnight = dt.datetime(2024, 1, 31)  # noqa: DTZ001 -- moments are kept as written
    assert taken.accepted == [
        {"n": 1, "x": 1.5, "d": day, "t": midnight.replace(hour=12, minute=30), "b": True, "s": "a b"},
        {"n": -2, "x": 1234.5, "d": day, "t": midnight.replace(hour=9, minute=5), "b": False, "s": None},
        {"n": 3, "x": -0.25, "d": day, "t": midnight, "b": True, "s": 'c;"d"'},
    ]


@pytest.mark.parametrize(
    ("kind", "decimal", "cell"),
    [
        ("integer", ",", "1.5"), ("integer", ",", "1,5"), ("integer", ".", "1_000"), ("integer", ".", "0x1A"),
        ("integer", ".", "9223372036854775808"), ("integer", ".", "-9223372036854775809"), ("integer", ".", "1e19"),
        ("integer", ".", "٣"), ("integer", ".", "12a"), ("integer", ",", "1.23"), ("integer", ",", "1..234"),
        ("number", ".", "nan"), ("number", ".", "inf"), ("number", ".", "-Infinity"), ("number", ".", "1e400"),
        ("number", ",", "1.5"), ("number", ",", "1.23,4"), ("number", ",", "1,234,5"), ("number", ".", "1.2.3"),
        ("number", ".", "--1"), ("number", ".", "1_0.5"), ("number", ".", "#N/A"), ("number", ".", "="),
        ("date", ".", "2024-02-30"), ("date", ".", "30-02-2024"), ("date", ".", "24-1-5"), ("date", ".", "2024-01-31 10:00"),
        ("date", ".", "infinity"), ("date", ".", "epoch"), ("date", ".", "01-02-03"), ("date", ".", "45296"),
        ("timestamp", ".", "2024-01-31 25:00"), ("timestamp", ".", "now"), ("boolean", ".", "2"), ("boolean", ".", "misschien"),
    ],
)  # fmt: skip
def test_what_is_no_value_of_its_type_is_refused(take: Take, kind: str, decimal: str, cell: str) -> None:
    taken = take(
        f'a;b\nfirst;1\nsecond;"{cell}"\n',
        f"{{name: a, logicalType: string}}\n{{name: b, logicalType: {kind}, classification: public}}",
        format_=Format(decimal=decimal),
        refused=1,
    )
    assert (3, "b", cell) in [row[:3] for row in taken.refused]
    assert "second" not in taken.column("a")


@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**63), 2**63 - 1)),
        min_size=50,
        max_size=200,
    )
)
@settings(max_examples=5, deadline=None)
def test_numbers_written_in_full_come_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[float, int]]
) -> None:
    folder = tmp_path_factory.mktemp("numbers")
    (folder / "a.csv").write_text("x,n\n" + "".join(f"{x!r},{n}\n" for x, n in pairs))
    register = contract("{name: x, logicalType: number}\n{name: n, logicalType: integer}")
    take_in(register, delivery(folder / "a.csv", Format(decimal=".")), folder / "out")
    found = pq.read_table(folder / "out" / "accepted.parquet")
    assert list(zip(found["x"].to_pylist(), found["n"].to_pylist(), strict=True)) == pairs


def test_a_decimal_comma_is_found_out_and_thousands_are_never_guessed(take: Take) -> None:
    columns = "{name: a, logicalType: string}\n{name: x, logicalType: number, classification: public}"
    assert take("a;x\np;1,5\nq;2.345\n", columns).column("x") == [1.5, 2345.0]
    unsure = take("a;x\np;1.234\nq;2.345\n", columns)
    assert unsure.column("x") == [1.234, 2.345]
    assert "1.234" in unsure.report.warnings[0]
    refused = take("a;x\np;1\nq;1.234.567\nr;1,234\n", columns, format_=Format(decimal="."), refused=1)
    assert refused.column("x") == [1.0, 1234.0]
    assert [row[0] for row in refused.refused] == [3]


def test_missing_codes_become_a_status_beside_the_value(take: Take) -> None:
    taken = take(
        """
        area,n
        a,12
        b,.
        c,-99997
        d,-99997.0
        e,
        f,x
        """,
        """
        {name: area, logicalType: string}
        {name: n, logicalType: integer, customProperties: [{property: ontbreekt, value: {".": not_available, "-99997": primary, "": unreliable, x: primary}}]}
        """,
    )
    assert taken.column("n") == [12, None, None, None, None, None]
    assert taken.column("n__status") == [None, "not_available", "primary", "primary", "unreliable", "primary"]
    assert taken.report.columns["n"].missing == {"not_available": 1, "primary": 3, "unreliable": 1}
    assert taken.report.columns["n"].filled == 1
    assert "area__status" not in taken.accepted[0]


def test_a_column_that_is_missing_in_every_row_is_not_yet_published(take: Take) -> None:
    taken = take(
        """
        area,n,m,free
        a,.,,
        b,.,,
        c,x,.,
        """,
        """
        {name: area, logicalType: string}
        {name: n, logicalType: integer, customProperties: [{property: ontbreekt, value: {".": not_available, x: primary}}]}
        {name: m, logicalType: integer, customProperties: [{property: ontbreekt, value: {".": not_available}}]}
        {name: free, logicalType: integer}
        """,
    )
    assert taken.report.not_yet_published == ("n", "m")
    assert set(taken.column("n__status")) == set(taken.column("m__status")) == {"not_yet_published"}
    assert taken.report.columns["n"].missing == {"not_yet_published": 3}
    assert taken.report.columns["free"].missing == {"empty": 3}


def test_one_value_makes_a_column_published(take: Take) -> None:
    taken = take(
        "a,n\n1,.\n2,5\n",
        '{name: n, logicalType: integer, customProperties: [{property: ontbreekt, value: {".": primary}}]}',
    )
    assert taken.report.not_yet_published == ()
    assert taken.column("n__status") == ["primary", None]


def test_rows_that_break_the_contract_are_refused_with_line_column_and_reason(take: Take) -> None:
    taken = take(
        """
        id,code,n,kind
        1,BU03440111,5,p
        ,BU03440111,5,p
        3,BU0344011,5,p
        4,BU03440111,-1,p
        5,BU03440111,101,p
        6,BU03440111,5,r
        7,BU9001----,5,q
        """,
        """
        {name: id, logicalType: integer, required: true}
        {name: code, logicalType: string, customProperties: [{property: gebied, value: buurt}], logicalTypeOptions: {pattern: "^BU"}}
        {name: n, logicalType: integer, logicalTypeOptions: {minimum: 0, maximum: 100}}
        {name: kind, logicalType: string, quality: [{type: library, metric: invalidValues, arguments: {validValues: [p, q]}, mustBe: 0, dimension: conformity}]}
        """,
        refused=1,
    )
    assert taken.column("id") == [1, 7]
    assert taken.refused == [
        (3, "id", "", "is empty, and must have a value"),
        (4, "code", "BU0344011", "is not the code of a buurt"),
        (5, "n", "-1", "is less than 0"),
        (6, "n", "101", "is more than 100"),
        (7, "kind", "r", "is not one of the allowed values"),
    ]
    assert (taken.report.rows, taken.report.accepted, taken.report.refused) == (7, 2, 5)
    assert {(r.column, r.reason): r.rows for r in taken.report.refusals}["n", "is less than 0"] == 1


@pytest.mark.parametrize("classification", ["identifying", "personal", "special", "criminal"])
def test_values_about_persons_are_nowhere_in_what_is_refused(take: Take, classification: str) -> None:
    columns = f"{{name: a, logicalType: string, logicalTypeOptions: {{pattern: '^[0-9]+$'}}, unique: true, classification: {classification}}}"
    taken = take("a,b\nSECRET1,1\n77777,2\n77777,3\n", columns, refused=1)
    assert [(line, value) for line, _, value, _ in taken.refused] == [(2, None), (4, None)]
    with pytest.raises(DeliveryError) as stopped:
        take("a,b\nSECRET1,1\n77777,2\n77777,3\n", columns)
    for text in (str(stopped.value), (taken.folder / "report.json").read_text(), str(taken.refused)):
        assert "SECRET1" not in text
        assert "77777" not in text


def test_without_a_classification_values_in_a_register_of_persons_are_withheld(take: Take) -> None:
    assert take("a\nx\n", "{name: a, logicalType: integer}", unit="person", refused=1).refused[0][2] is None
    assert take("a\nx\n", "{name: a, logicalType: integer}", unit="object", refused=1).refused[0][2] == "x"


def test_long_values_are_cut_off_in_what_is_refused(take: Take) -> None:
    taken = take(
        f"a,b\n{'y' * 500},1\n{'z' * 100_001},2\nok,3\n",
        "{name: a, logicalType: string, logicalTypeOptions: {pattern: ok}}",
        refused=1,
    )
    assert [(line, len(value or ""), reason) for line, _, value, reason in taken.refused] == [
        (2, 80, "does not match the pattern ok"), (3, 80, "is longer than 100,000 characters"),
    ]  # fmt: skip


def test_a_key_that_stands_twice_keeps_its_first_row(take: Take) -> None:
    taken = take(
        """
        area,year,n,code
        a,2023,1,p
        a,2024,2,q
        b,2023,3,r
        a,2023,9,s
        c,2023,4,p
        a,2023,9,t
        d,2023,4,
        e,2023,4,
        """,
        """
        {name: area, logicalType: string, primaryKey: true}
        {name: year, logicalType: integer, primaryKey: true}
        {name: n, logicalType: integer}
        {name: code, logicalType: string, unique: true}
        """,
        refused=0.5,
    )
    assert taken.column("n") == [1, 2, 3, 4, 4]
    assert taken.refused == [
        (5, "area, year", "a, 2023", "stands already on line 2"),
        (6, "code", "p", "stands already on line 2"),
        (7, "area, year", "a, 2023", "stands already on line 2"),
    ]
    assert taken.report.refused == 3
    assert taken.report.columns["n"].filled == 5


def test_the_build_stops_where_the_contract_says_and_lists_the_first_twenty(
    take: Take, tmp_path: Path
) -> None:
    rows = "".join(f"{'bad' if i < 30 else i}\n" for i in range(100))
    columns = "{name: n, logicalType: integer, classification: public}"
    assert take(f"n\n{rows}", columns, refused=0.30).report.refused == 30
    with pytest.raises(DeliveryError) as stopped:
        take(f"n\n{rows}", columns, refused=0.29, into="stopped")
    problems = stopped.value.problems
    assert len(problems) == 20
    assert str(problems[0]) == "rows.csv:2:1: `n` is not a whole number that fits 64 bits: bad."
    assert problems[-1].place.line == 21
    assert problems[-1].remedy == (
        "30 of 100 rows break the contract of `rows`; it allows 29.0%. Shown are the first 20 mistakes."
    )
    assert not (tmp_path / "stopped").exists()


def test_as_many_mistakes_are_listed_as_there_are(take: Take) -> None:
    with pytest.raises(DeliveryError) as stopped:
        take("n\nbad\n1\nworse\n", "{name: n, logicalType: integer, classification: public}")
    assert [str(problem) for problem in stopped.value.problems] == [
        "rows.csv:2:1: `n` is not a whole number that fits 64 bits: bad.",
        "rows.csv:4:1: `n` is not a whole number that fits 64 bits: worse. "
        "2 of 3 rows break the contract of `rows`; it allows 0.0%.",
    ]


def test_a_column_that_lacks_is_an_error_with_the_nearest_name(take: Take) -> None:
    with pytest.raises(DeliveryError) as stopped:
        take(
            "GWB_CODE,inwonrs,z\nx,1,2\n",
            "{name: gwb_code, logicalType: string}\n{name: inwoners, logicalType: integer}\n{name: q, logicalType: string}",
        )
    remedies = [(problem.what, problem.remedy) for problem in stopped.value.problems]
    assert [remedy for _, remedy in remedies] == [
        "Did you mean `GWB_CODE`? Write that as `physicalName`.",
        "Did you mean `inwonrs`? Write that as `physicalName`.",
        "It has: GWB_CODE, inwonrs, z.",
    ]


def test_columns_the_contract_does_not_name_are_left_out_and_counted(take: Take) -> None:
    taken = take("a,b,c\n1,2,3\n", "{name: b, logicalType: integer}")
    assert taken.accepted == [{"b": 2}]
    assert taken.report.surplus == 2


def test_names_that_differ_in_case_only_are_told_apart(take: Take) -> None:
    taken = take(
        "a,A\n1,2\n",
        "{name: x, physicalName: A, logicalType: integer}\n{name: y, physicalName: a, logicalType: integer}",
    )
    assert taken.accepted == [{"x": 2, "y": 1}]


def test_blank_rows_are_no_rows(take: Take) -> None:
    taken = take("a;b\n1;x\n\n;\n2;y\n \t; \n", "{name: a, logicalType: integer, required: true}")
    assert taken.column("a") == [1, 2]
    assert (taken.report.rows, taken.report.blank, taken.report.refused) == (2, 3, 0)


SQUARE = 100.0


def two_squares() -> Boundaries:
    boxes = [
        shapely.box(136_000 + i * SQUARE, 455_000, 136_000 + (i + 1) * SQUARE, 455_100) for i in range(2)
    ]
    return Boundaries.from_wkb(
        ["BU00010001", "BU00010002"], np.array([box.wkb for box in boxes], dtype=object), RD
    )


def test_a_located_column_follows_from_where_the_point_lies(take: Take) -> None:
    taken = take(
        """
        id;px;py;says
        1;136050;455050;0001
        2;136150,5;455050;0001
        3;137000;455050;0002
        4;;455050;0001
        """,
        """
        {name: id, logicalType: integer}
        {name: buurt, logicalType: string, customProperties: [{property: gebied, value: buurt}, {property: ligging, value: {x: px, y: py, against: "'BU0001' || says"}}]}
        """,
        format_=Format(decimal=","),
        boundaries=two_squares(),
    )
    assert taken.column("buurt") == ["BU00010001", "BU00010002", None, None]
    found = taken.report.columns["buurt"]
    assert (found.outside, found.without_point, found.contradictions) == (1, 1, 1)


def test_a_located_column_needs_polygons_and_points(take: Take) -> None:
    located = "{name: buurt, logicalType: string, customProperties: [{property: gebied, value: buurt}, {property: ligging, value: {x: %s, y: %s}}]}"
    with pytest.raises(DeliveryError, match="there are no polygons"):
        take("a,b\n1,2\n", located % ("a", "b"))
    with pytest.raises(DeliveryError, match="holds no geometry"):
        take("a,b\n1,2\n", located % ("__x", "__y"), boundaries=two_squares())
    with pytest.raises(DeclarationError, match="names a column `z` that is not delivered"):
        take("a,b\n1,2\n", located % ("a", "z"), boundaries=two_squares())


def test_a_column_can_be_where_the_point_of_a_row_lies(tmp_path: Path) -> None:
    tower = {"type": "Point", "coordinates": [155_000.5, 463_000.25]}
    features = [
        {"type": "Feature", "properties": {"n": at}, "geometry": one} for at, one in enumerate((tower, None))
    ]
    collection = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "EPSG:28992"}},
        "features": features,
    }
    (tmp_path / "towers.geojson").write_text(json.dumps(collection), "utf-8")
    register = contract(
        """
        {name: n, logicalType: integer}
        {name: oost, physicalName: __x, logicalType: number}
        {name: noord, physicalName: __y, logicalType: number}
        """
    )
    (tmp_path / "out").mkdir()
    take_in(register, delivery(tmp_path / "towers.geojson", Format(decimal=",")), tmp_path / "out")
    assert pq.read_table(tmp_path / "out" / "accepted.parquet").to_pylist() == [
        {"n": 0, "oost": 155_000.5, "noord": 463_000.25},
        {"n": 1, "oost": None, "noord": None},
    ]


def test_a_file_without_points_lacks_the_column_with_them(take: Take) -> None:
    with pytest.raises(DeliveryError, match="lacks the column `__x`"):
        take("a\n1\n", "{name: oost, physicalName: __x, logicalType: number}")


def test_a_pattern_that_cannot_be_used_is_a_mistake_in_the_contract(take: Take) -> None:
    with pytest.raises(
        DeclarationError, match=r"rows\.yaml:\d+:\d+: the pattern of column `a` cannot be used"
    ):
        take("a\nx\n", '{name: a, logicalType: string, logicalTypeOptions: {pattern: "(?=x)x"}}')


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.mark.slow
def test_the_same_delivery_gives_the_same_bytes(take: Take) -> None:
    rows = "".join(
        f"{i % 290_000},{i * 7 % 1000},{'bad' if i % 50_000 == 7 else i}\n" for i in range(300_000)
    )
    columns = "{name: id, logicalType: integer, unique: true}\n{name: n, logicalType: number}\n{name: m, logicalType: integer}"
    folders = [take(f"id,n,m\n{rows}", columns, refused=1, into=f"out{i}").folder for i in range(2)]
    assert digests(folders[0]) == digests(folders[1])
    assert list(digests(folders[0])) == ["accepted.parquet", "refused.parquet", "report.json"]


def test_the_report_reads_back_as_it_was_written(take: Take) -> None:
    taken = take(
        "a,b\n1,x\nq,.\n",
        '{name: a, logicalType: integer}\n{name: b, logicalType: string, customProperties: [{property: ontbreekt, value: {".": primary}}]}',
        refused=1,
    )
    assert IntakeReport.read(taken.folder / "report.json") == taken.report


def test_what_went_wrong_leaves_what_was_there(take: Take, tmp_path: Path) -> None:
    take("a\n1\n", "{name: a, logicalType: integer}")
    before = digests(tmp_path / "out")
    with pytest.raises(DeliveryError):
        take("a\nx\n", "{name: a, logicalType: integer}")
    assert digests(tmp_path / "out") == before


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 3), st.sampled_from(["", "1", "x", "2024", "."])),
        min_size=1,
        max_size=60,
    )
)
@settings(max_examples=15, deadline=None)
def test_every_row_is_accepted_or_refused_and_keys_are_unique(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("law")
    (folder / "a.csv").write_text("k,l,v\n" + "".join(f"{k},{m},{v}\n" for k, m, v in rows))
    register = contract(
        """
        {name: k, logicalType: integer, primaryKey: true}
        {name: l, logicalType: integer, primaryKey: true}
        {name: v, logicalType: integer, customProperties: [{property: ontbreekt, value: {".": primary}}]}
        """,
        refused=1,
    )
    report = take_in(register, delivery(folder / "a.csv"), folder / "out")
    accepted = pq.read_table(folder / "out" / "accepted.parquet")
    refused = pq.read_table(folder / "out" / "refused.parquet")
    expected: dict[tuple[int, int], str] = {}
    for k, m, v in rows:
        if v != "x":
            expected.setdefault((k, m), v)
    assert [(row["k"], row["l"]) for row in accepted.to_pylist()] == list(expected)
    assert report.accepted == accepted.num_rows
    assert report.rows == len(rows) == report.accepted + len(set(refused["line"].to_pylist()))
    missing = accepted.column("v").is_null().to_pylist()
    assert [status is not None for status in accepted.column("v__status").to_pylist()] == missing


def test_equal_hashes_are_no_proof(tmp_path: Path) -> None:
    import duckdb

    from zicht.intake.unique import Spool, doubles

    pq.write_table(pa.table({"k": ["a", "b", None, None, "a"]}), tmp_path / "k.parquet")
    spool = Spool(tmp_path / "hashes", np.uint64)
    with duckdb.connect() as connection:
        same = connection.sql(
            "SELECT hash(k) FROM read_parquet($1)", params=[str(tmp_path / "k.parquet")]
        ).fetchall()
        spool.add(np.array([row[0] for row in same], dtype=np.uint64))
        found = doubles(connection, tmp_path / "k.parquet", ("k",), spool)
    spool.close()
    assert (found.rows.tolist(), found.first.tolist(), found.shown.to_pylist()) == ([4], [0], ["a"])


def test_any_name_a_contract_allows_can_be_used(take: Take) -> None:
    names = [
        "v0",
        "k0",
        "t0",
        "c0",
        "row",
        "first",
        "shown",
        "__blank",
        "__wrong",
        "__found",
        "select",
        "lx0",
    ]
    columns = "\n".join(f"{{name: {name}, logicalType: integer, unique: true}}" for name in names)
    header = ",".join(names)
    taken = take(
        f"{header}\n{','.join(map(str, range(12)))}\n{','.join(map(str, range(12)))}\n", columns, refused=1
    )
    assert taken.accepted == [dict(zip(names, range(12), strict=True))]
    assert {row[0] for row in taken.refused} == {3}
