"""Workbooks, Parquet, JSON, GeoJSON and GeoPackage: cells as text, with the place they stand in."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from deliveries_as_text import Take, delivery

from zicht.declare import Format
from zicht.errors import DeliveryError
from zicht.intake import read_rows, read_table


def rows(path: Path, format_: Format | None = None) -> list[dict[str, object]]:
    source = read_rows(delivery(path, format_))
    return [row for batch in source.batches(None) for row in batch.to_pylist()]


def save(path: Path, cells: dict[str, object], title: str = "Blad1") -> Path:
    book = openpyxl.Workbook()
    book.active.title = title
    for address, value in cells.items():
        book.active[address] = value
    book.save(path)
    return path


def test_a_workbook_gives_all_digits_dates_as_iso_and_row_numbers(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.xlsx",
        {
            "B3": "naam", "C3": "n", "D3": "dag", "B4": " a ", "C4": 1 / 3, "D4": dt.date(2024, 1, 31), "B5": True, "C5": 3,
            "D5": dt.datetime(2024, 1, 31, 9, 30), "C8": 0.1, "D8": dt.time(9, 30),  # noqa: DTZ001
        },
    )  # fmt: skip
    found = rows(path, Format(header_row=3))
    assert [row["__line"] for row in found] == [4, 5, 8]
    assert [row["naam"] for row in found] == [" a ", "true", None]
    assert [float(str(row["n"])) for row in found] == [1 / 3, 3.0, 0.1]
    assert [row["dag"] for row in found] == ["2024-01-31", "2024-01-31 09:30:00", "09:30:00"]


def test_days_count_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active["A1"], book.active["A2"] = "dag", dt.date(2024, 1, 31)
    book.save(tmp_path / "a.xlsx")
    assert rows(tmp_path / "a.xlsx")[0]["dag"] == "2024-01-31"


def test_the_sheet_that_is_asked_for_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "not this"
    sheet = book.create_sheet("Cijfers & meer")
    sheet["A1"], sheet["A2"] = "n", 5
    book.save(tmp_path / "a.xlsx")
    assert rows(tmp_path / "a.xlsx", Format(sheet="Cijfers & meer"))[0]["n"] == "5"


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def with_sheet(path: Path, body: str, prefix: str = "") -> Path:
    plain = io.BytesIO()
    openpyxl.Workbook().save(plain)
    xml = SHEET.format(body)
    if prefix:
        xml = (
            xml.replace("</", f"</{prefix}:")
            .replace("<", f"<{prefix}:")
            .replace(f"<{prefix}:/{prefix}:", f"</{prefix}:")
            .replace("xmlns=", f"xmlns:{prefix}=")
        )
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, xml if name.endswith("sheet1.xml") else source.read(name))
    return path


@pytest.mark.parametrize("prefix", ["", "x"])
def test_a_formula_counts_by_its_stored_value(tmp_path: Path, prefix: str) -> None:
    body = (
        '<row r="1"><c r="A1" t="inlineStr"><is><r><t>na</t></r><r><t>am</t></r></is></c><c r="B1" t="str"><v>n</v></c></row>'
        '<row><c><f>1+1</f><v>2</v></c><c t="str"><f>""</f><v></v></c></row>'
        '<row r="4"><c r="B4" t="b"><v>0</v></c></row>'
    )
    found = rows(with_sheet(tmp_path / "a.xlsx", body, prefix))
    assert found == [{"__line": 2, "naam": "2", "n": ""}, {"__line": 4, "naam": None, "n": "false"}]


def test_a_formula_without_a_stored_value_names_its_cell(tmp_path: Path) -> None:
    path = save(tmp_path / "a.xlsx", {"A1": "a", "AB1": "b", "AB7": "=1+1"})
    with pytest.raises(DeliveryError, match=r"a\.xlsx:7:28: the formula in cell AB7 has no stored value"):
        rows(path)


def test_text_with_a_decimal_comma_in_a_workbook_is_the_number_it_says(take: Take, tmp_path: Path) -> None:
    path = save(tmp_path / "a.xlsx", {"A1": "x", "A2": "0,7", "A3": 0.7, "A4": 1234.5, "A5": "1.234"})
    assert take(path, "{name: x, logicalType: number}").column("x") == [0.7, 0.7, 1234.5, 1.234]


def test_parquet_values_come_back_as_they_were(take: Take, tmp_path: Path) -> None:
    moment = dt.datetime(2024, 1, 31, 9, 30)  # noqa: DTZ001 -- kept as written
    table = pa.table(
        {
            "n": pa.array([1, None, 2**62], pa.int64()), "x": [0.1, 1e300, None], "s": pa.array(["a", "b", "a"]).dictionary_encode(),
            "d": [dt.date(2024, 1, 31), None, None], "t": [moment, None, None], "b": [True, False, None],
            "z": pa.array([moment, None, None], pa.timestamp("ns", "Europe/Amsterdam")), "q": pa.array([1, 2, 3], pa.decimal128(20, 2)),
        }
    )  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    taken = take(
        tmp_path / "a.parquet",
        """
        {name: n, logicalType: integer}
        {name: x, logicalType: number}
        {name: s, logicalType: string}
        {name: d, logicalType: date}
        {name: t, logicalType: timestamp}
        {name: b, logicalType: boolean}
        {name: z, logicalType: timestamp}
        {name: q, logicalType: number}
        """,
    )
    assert taken.column("n") == [1, None, 2**62]
    assert taken.column("x") == [0.1, 1e300, None]
    assert taken.column("s") == ["a", "b", "a"]
    assert taken.accepted[0]["d"] == dt.date(2024, 1, 31)
    assert (taken.accepted[0]["t"], taken.accepted[0]["z"]) == (moment, moment)
    assert taken.column("b") == [True, False, None]
    assert taken.column("q") == [1.0, 2.0, 3.0]


def test_a_row_of_nothing_counts_in_parquet(take: Take, tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": pa.array([1, None, 3])}), tmp_path / "a.parquet")
    assert take(tmp_path / "a.parquet", "{name: n, logicalType: integer}").column("n") == [1, None, 3]


@pytest.mark.parametrize(
    ("root", "records"),
    [
        ([{"n": 1.50, "s": "a"}, {"s": None, "b": True, "o": {"k": [1]}}], None),
        ({"odata.metadata": "x", "value": [{"n": 1.50, "s": "a"}, {"b": True, "o": {"k": [1]}}]}, None),
        ({"a": {"b": [{"n": 1.50, "s": "a"}, {"b": True, "o": {"k": [1]}}], "c": []}}, "a.b"),
    ],
)
def test_json_records_are_found_and_keep_their_digits(
    tmp_path: Path, root: object, records: str | None
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(root).replace("1.5", "1.50"))
    found = rows(path, Format(records=records))
    assert found == [
        {"__line": 1, "n": "1.50", "s": "a", "b": None, "o": None},
        {"__line": 2, "n": None, "s": None, "b": "true", "o": '{"k": ["1"]}'},
    ]


def test_a_wrong_path_to_the_records_says_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": {"c": []}}')
    with pytest.raises(DeliveryError, match=r"has no `b` on the path `a\.b`\. There is: c\."):
        rows(tmp_path / "a.json", Format(records="a.b"))


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@pytest.mark.parametrize("name", ["a.geojson", "a.geojson.gz"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_geojson_points_come_out_in_metres(tmp_path: Path, name: str, encoding: str) -> None:
    # The middle of RD, the tower in Amersfoort: (155 000, 463 000).
    tower = {"type": "Point", "coordinates": [5.38720621, 52.15517440, 12.0]}
    data = {
        "type": "FeatureCollection",
        "features": [feature(tower, naam="Café", n=1), feature(None, naam="x")],
    }
    raw = json.dumps(data, ensure_ascii=False).encode(encoding)
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    first, second = rows(tmp_path / name)
    assert (first["__line"], first["naam"], first["n"], second["n"]) == (1, "Café", "1", None)
    assert abs(first["__x"] - 155_000) < 2
    assert abs(first["__y"] - 463_000) < 2
    assert shapely.from_wkb(first["__geometry"]).geom_type == "Point"
    assert (second["__x"], second["__geometry"]) == (None, None)


@pytest.mark.parametrize("said", ["format", "member"])
def test_geojson_in_another_coordinate_system_says_so(tmp_path: Path, said: str) -> None:
    ring = [[136_000, 455_000], [136_100, 455_000], [136_100, 455_100], [136_000, 455_000]]
    data: dict[str, object] = {
        "type": "FeatureCollection",
        "features": [feature({"type": "Polygon", "coordinates": [ring]}, code="a")],
    }
    if said == "member":
        data["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}
    (tmp_path / "a.geojson").write_text(json.dumps(data))
    table = read_table(
        delivery(tmp_path / "a.geojson", Format(crs="EPSG:28992" if said == "format" else None))
    )
    assert shapely.from_wkb(table["__geometry"][0].as_py()).area == 5_000
    assert table["__x"][0].as_py() is None


@pytest.mark.parametrize("crs", ["EPSG:28992", "EPSG:4326"])
def test_a_geopackage_gives_fields_and_geometry_in_metres(tmp_path: Path, crs: str) -> None:
    at = [5.38720621, 52.15517440] if crs == "EPSG:4326" else [155_000.0, 463_000.0]
    pyogrio.raw.write(
        tmp_path / "a.gpkg", shapely.to_wkb(shapely.points([at, at])), field_data=[np.array(["a", "b"], dtype=object), np.array([1, 2])],
        fields=["naam", "n"], geometry_type="Point", crs=crs, driver="GPKG", layer="bomen",
    )  # fmt: skip
    first, second = rows(tmp_path / "a.gpkg")
    assert (first["naam"], first["n"], second["__line"], second["n"]) == ("a", "1", 2, "2")
    assert abs(first["__x"] - 155_000) < 2
    assert abs(first["__y"] - 463_000) < 2


def test_columns_can_be_left_out_of_every_kind(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "a.json").write_text('[{"a": 1, "b": 2}]')
    save(tmp_path / "a.xlsx", {"A1": "a", "B1": "b", "A2": 1, "B2": 2})
    pq.write_table(pa.table({"a": [1], "b": [2]}), tmp_path / "a.parquet")
    for path in sorted(tmp_path.iterdir()):
        batches = list(read_rows(delivery(path)).batches(["b"]))
        assert [batch.schema.names for batch in batches] == [["__line", "b"]]
        assert batches[0].column("b").to_pylist() == ["2"]
