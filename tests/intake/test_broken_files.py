"""Three hundred broken files: each gives an error that names file and place, or refused rows; never a traceback, never half a result."""

from __future__ import annotations

import gzip
import io
import json
import random
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from deliveries_as_text import contract, delivery

from zicht.declare import Format
from zicht.errors import DeliveryError, Place, Problem
from zicht.intake import ACCEPTED, REFUSED, take_in

SEEDS = 7
Random = random.Random
Broken = tuple[Path, Format]

CONTRACT = contract(
    """
    {name: code, logicalType: string, required: true, primaryKey: true, classification: public, customProperties: [{property: gebied, value: buurt}]}
    {name: naam, logicalType: string, classification: public}
    {name: n, logicalType: integer, classification: public, logicalTypeOptions: {minimum: 0}, customProperties: [{property: ontbreekt, value: {".": primary}}]}
    {name: x, logicalType: number, classification: public}
    {name: dag, logicalType: date, classification: public}
    """
)
NAMES = ["code", "naam", "n", "x", "dag"]


def rows(rng: Random) -> list[list[str]]:
    count = rng.randint(8, 40)
    return [
        [f"BU0344{i:04}", rng.choice(["Lombok", "De Meern", "Wijk C", 'Het "Hof"', "a;b"]), str(rng.randint(0, 9999)),
         f"{rng.random() * 1000:.3f}", f"2024-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"]
        for i in range(count)
    ]  # fmt: skip


def csv_text(table: list[list[str]], header: list[str] = NAMES) -> str:
    quoted = [
        ['"' + cell.replace('"', '""') + '"' if set(cell) & set('";\n') else cell for cell in row]
        for row in [header, *table]
    ]
    return "".join(";".join(row) + "\n" for row in quoted)


def write(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def csv_file(folder: Path, rng: Random, spoil: Callable[[list[list[str]]], None]) -> Broken:
    table = rows(rng)
    spoil(table)
    return write(folder, "a.csv", csv_text(table)), Format(decimal=".")


def workbook(
    rng: Random, change: Callable[[openpyxl.worksheet.worksheet.Worksheet], None] = lambda _: None
) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(NAMES)
    for code, name, n, x, day in rows(rng):
        sheet.append([code, name, int(n), float(x), day])
    change(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(raw: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def parquet(rng: Random, change: Callable[[pa.Table], pa.Table] = lambda table: table) -> bytes:
    table = rows(rng)
    out = io.BytesIO()
    pq.write_table(change(pa.table({name: [row[i] for row in table] for i, name in enumerate(NAMES)})), out)
    return out.getvalue()


def records(rng: Random) -> list[dict[str, object]]:
    return [dict(zip(NAMES, row, strict=True)) for row in rows(rng)]


def geojson(rng: Random) -> dict[str, object]:
    features = [
        {
            "type": "Feature",
            "properties": record,
            "geometry": {"type": "Point", "coordinates": [5.1 + rng.random() / 100, 52.1]},
        }
        for record in records(rng)
    ]
    return {"type": "FeatureCollection", "features": features}


def geopackage(folder: Path, rng: Random, layers: int = 1) -> Path:
    table = rows(rng)
    for layer in range(layers):
        pyogrio.raw.write(
            folder / "a.gpkg", shapely.to_wkb(shapely.points([[136_000.0 + i, 455_000.0] for i in range(len(table))])),
            field_data=[pa.array([row[i] for row in table]).to_numpy(zero_copy_only=False) for i in range(5)], fields=NAMES,
            geometry_type="Point", crs="EPSG:28992", layer=f"layer{layer}", driver="GPKG", append=False,
        )  # fmt: skip
    return folder / "a.gpkg"


def cut(rng: Random, raw: bytes, low: float = 0.05, high: float = 0.95) -> bytes:
    return raw[: int(len(raw) * rng.uniform(low, high))]


def noise(rng: Random, raw: bytes, count: int = 40, start: int = 0) -> bytes:
    spoilt = bytearray(raw)
    for _ in range(count):
        spoilt[rng.randrange(start, len(spoilt))] = rng.randrange(256)
    return bytes(spoilt)


# Each kind: breaks a file in a way that the seed varies. `error` stops, `refused` gives refused rows (and so stops: the
# contract allows none), `either` may also turn out to be harmless.


def set_cell(column: int, values: list[str]) -> Callable[[Path, Random], Broken]:
    def breaks(folder: Path, rng: Random) -> Broken:
        def spoil(table: list[list[str]]) -> None:
            rng.choice(table)[column] = rng.choice(values)

        return csv_file(folder, rng, spoil)

    return breaks


def twice(folder: Path, rng: Random) -> Broken:
    return csv_file(folder, rng, lambda table: table.append(list(rng.choice(table))))


def header(change: Callable[[list[str], Random], list[str]]) -> Callable[[Path, Random], Broken]:
    def breaks(folder: Path, rng: Random) -> Broken:
        return write(folder, "a.csv", csv_text(rows(rng), change(list(NAMES), rng))), Format()

    return breaks


def misspelt(names: list[str], rng: Random) -> list[str]:
    at = rng.randrange(5)
    names[at] = rng.choice([names[at].upper(), f"{names[at]}_1", f"x{names[at]}", "", "???"])
    return names


def repeated(names: list[str], rng: Random) -> list[str]:
    first, second = rng.sample(range(5), 2)
    names[second] = names[first]
    return names


def ragged(folder: Path, rng: Random) -> Broken:
    def spoil(table: list[list[str]]) -> None:
        row = rng.choice(table)
        row[:] = rng.choice([row[:3], [*row, "1"], [row[0]], row * 2])

    return csv_file(folder, rng, spoil)


def open_quote(folder: Path, rng: Random) -> Broken:
    lines = csv_text(rows(rng)).splitlines(keepends=True)
    at = rng.randrange(1, len(lines) - 1)
    cells = lines[at].split(";")
    lines[at] = ";".join([*cells[:-1], '"' + cells[-1]])
    return write(folder, "a.csv", "".join(lines)), Format()


def wrong_encoding(folder: Path, rng: Random) -> Broken:
    table = rows(rng)
    rng.choice(table)[1] = "Café"
    data = csv_text(table).encode(rng.choice(["latin-1", "cp1252", "utf-16-be"]))
    return write(folder, "a.csv", data), Format(encoding="utf-8")


def nul(folder: Path, rng: Random) -> Broken:
    data = bytearray(csv_text(rows(rng)).encode())
    data[rng.randrange(len(data))] = 0
    return write(folder, "a.csv", bytes(data)), Format()


def wrong_extension(folder: Path, rng: Random) -> Broken:
    makers = {
        "a.csv": lambda: rng.choice(
            [workbook(rng), parquet(rng), json.dumps(records(rng)[0]).encode(), b"%PDF-1.4 x"]
        ),
        "a.xlsx": lambda: rng.choice(
            [csv_text(rows(rng)).encode(), parquet(rng), b"\xd0\xcf\x11\xe0" + b"\0" * 600]
        ),
        "a.parquet": lambda: rng.choice([csv_text(rows(rng)).encode(), workbook(rng)]),
        "a.json": lambda: rng.choice([csv_text(rows(rng)).encode(), workbook(rng), b"<html></html>"]),
        "a.gpkg": lambda: rng.choice([csv_text(rows(rng)).encode(), b"<OGRVRTDataSource/>", parquet(rng)]),
        "a.geojson": lambda: rng.choice([csv_text(rows(rng)).encode(), b"<!DOCTYPE html><html>login</html>"]),
    }
    name = rng.choice(list(makers))
    return write(folder, name, makers[name]()), Format()


def empty(folder: Path, rng: Random) -> Broken:
    name = rng.choice(["a.csv", "a.xlsx", "a.parquet", "a.json", "a.geojson", "a.gpkg", "a.csv.gz"])
    data = rng.choice([b"", b"\n", b"   \n\n"])
    return write(folder, name, gzip.compress(data) if name.endswith("gz") else data), Format()


def header_only(folder: Path, rng: Random) -> Broken:
    name = rng.choice(["a.csv", "a.xlsx", "a.parquet", "a.json"])
    if name == "a.csv":
        data = (";".join(NAMES) + rng.choice(["", "\n", "\n\n", "\n;;;;\n"])).encode()
    elif name == "a.xlsx":
        data = workbook(rng, lambda sheet: sheet.delete_rows(2, 100))
    elif name == "a.parquet":
        data = parquet(rng, lambda table: table.slice(0, 0))
    else:
        data = rng.choice([b"[]", b'{"value": []}', b"{}", b'"text"', b"[1, 2]"])
    return write(folder, name, data), Format()


def truncated_gzip(folder: Path, rng: Random) -> Broken:
    data = gzip.compress((csv_text(rows(rng)) * 3).encode())
    return write(folder, "a.csv.gz", rng.choice([cut(rng, data), noise(rng, data, 5, 10)])), Format()


def gzip_bomb(folder: Path, rng: Random) -> Broken:
    name = rng.choice(["a.csv.gz", "a.json.gz"])
    packer = zlib.compressobj(9, wbits=31)
    start = b"code;naam;n;x;dag\n" if name == "a.csv.gz" else b'[{"code": "'
    parts = [packer.compress(start), *(packer.compress(b"a" * 1_000_000) for _ in range(60)), packer.flush()]
    return write(folder, name, b"".join(parts)), Format()


def formula(folder: Path, rng: Random) -> Broken:
    def change(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        cell = sheet.cell(rng.randint(2, sheet.max_row), rng.randint(1, 5))
        cell.value = rng.choice(["=1+1", "=SUM(C2:C9)", '=HYPERLINK("http://a.b","x")'])

    return write(folder, "a.xlsx", workbook(rng, change)), Format()


def error_cell(folder: Path, rng: Random) -> Broken:
    def change(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        cell = sheet.cell(rng.randint(2, sheet.max_row), rng.choice([3, 4, 5]))
        cell.value = rng.choice(["#N/A", "#REF!", "#DIV/0!"])
        cell.data_type = "e"

    return write(folder, "a.xlsx", workbook(rng, change)), Format()


def truncated_workbook(folder: Path, rng: Random) -> Broken:
    return write(folder, "a.xlsx", cut(rng, workbook(rng))), Format()


def spoilt_workbook(folder: Path, rng: Random) -> Broken:
    raw = workbook(rng)

    def change(parts: dict[str, bytes]) -> None:
        name = rng.choice(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
        parts[name] = rng.choice([cut(rng, parts[name]), b"", b"<a>", b"\0" * 50])

    return write(folder, "a.xlsx", repacked(raw, change)), Format()


def missing_part(folder: Path, rng: Random) -> Broken:
    raw, gone = (
        workbook(rng),
        rng.choice(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"]),
    )
    return write(folder, "a.xlsx", repacked(raw, lambda parts: parts.pop(gone) and None)), Format()


def billion_laughs(folder: Path, rng: Random) -> Broken:
    entity = f'<!DOCTYPE x [<!ENTITY a "{"ha" * rng.randint(5, 50)}"><!ENTITY b SYSTEM "file:///etc/passwd">]>'.encode()

    def change(parts: dict[str, bytes]) -> None:
        name = rng.choice(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
        body = parts[name].split(b"?>", 1)[-1]
        parts[name] = b'<?xml version="1.0"?>' + entity + body

    return write(folder, "a.xlsx", repacked(workbook(rng), change)), Format()


def zip_bomb(folder: Path, rng: Random) -> Broken:
    filler = b"<row r='9'/>" * rng.randint(2_000_000, 2_500_000)

    def change(parts: dict[str, bytes]) -> None:
        name = "xl/worksheets/sheet1.xml"
        parts[name] = parts[name].replace(b"</sheetData>", filler + b"</sheetData>")

    raw = repacked(workbook(rng), change)
    if rng.random() < 0.7:
        # A directory that lies about the size: 30 MB said to be 300 bytes.
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
        assert raw.count(struct.pack("<I", size)) == 2
        raw = raw.replace(struct.pack("<I", size), struct.pack("<I", 300))
    return write(folder, "a.xlsx", raw), Format()


def path_in_zip(folder: Path, rng: Random) -> Broken:
    def change(parts: dict[str, bytes]) -> None:
        target = rng.choice(
            [
                "../../../../etc/passwd",
                "/etc/passwd",
                "http://example.org/x.xml",
                "worksheets/../../[Content_Types].xml",
            ]
        )
        parts["xl/_rels/workbook.xml.rels"] = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="x" Target="{target}"/></Relationships>'
        ).encode()

    return write(folder, "a.xlsx", repacked(workbook(rng), change)), Format()


def no_such_sheet(folder: Path, rng: Random) -> Broken:
    return write(folder, "a.xlsx", workbook(rng)), Format(
        sheet=rng.choice(["Blad2", "", "../x"]), header_row=1
    )


def truncated_parquet(folder: Path, rng: Random) -> Broken:
    return write(folder, "a.parquet", cut(rng, parquet(rng))), Format()


def spoilt_parquet(folder: Path, rng: Random) -> Broken:
    return write(folder, "a.parquet", noise(rng, parquet(rng), 60, 4)), Format()


def nested_parquet(folder: Path, rng: Random) -> Broken:
    def change(table: pa.Table) -> pa.Table:
        odd = rng.choice(
            [
                pa.array([[1]] * table.num_rows),
                pa.array([{"a": 1}] * table.num_rows),
                pa.array([b"x"] * table.num_rows),
            ]
        )
        return table.set_column(2, "n", odd)

    return write(folder, "a.parquet", parquet(rng, change)), Format()


def broken_json(folder: Path, rng: Random) -> Broken:
    text = json.dumps(records(rng), indent=1)
    broken = rng.choice([
        cut(rng, text.encode()).decode(), text.replace(",", "", 1), "[" * 100_000, text + "}", text.replace('"n"', '"code"', 1),
        text.replace("[", "[1,", 1), '{"a":' * 50_000,
    ])  # fmt: skip
    return write(folder, "a.json", broken), Format()


def broken_geojson(folder: Path, rng: Random) -> Broken:
    data = geojson(rng)
    feature = rng.choice(data["features"])  # type: ignore[call-overload]
    change = rng.randrange(6)
    if change == 0:
        feature["geometry"] = {
            "type": "Point",
            "coordinates": rng.choice(["x", [1], [], None, [None, 2], {"a": 1}]),
        }
    elif change == 1:
        feature["geometry"] = {"type": rng.choice(["Square", None, 3]), "coordinates": [[1, 2]]}
    elif change == 2:
        feature["properties"] = rng.choice([[1], "x", 3])
    elif change == 3:
        data["features"] = rng.choice([[], "x", None, {"a": 1}, [1]])
    elif change == 4:
        data["crs"] = {"type": "name", "properties": {"name": rng.choice(["EPSG:99999999", "nowhere", ""])}}
        if data["crs"]["properties"]["name"] == "":
            feature["properties"]["n"] = "NaN"
    else:
        feature["geometry"] = {
            "type": "Polygon",
            "coordinates": rng.choice([[[[5, 52], [5, 53]]], [[1, 2]], [[["a", "b"]] * 4]]),
        }
    return write(folder, "a.geojson", json.dumps(data)), Format()


def truncated_geopackage(folder: Path, rng: Random) -> Broken:
    path = geopackage(folder, rng)
    return write(folder, "a.gpkg", cut(rng, path.read_bytes(), 0.1, 0.9)), Format()


def other_database(folder: Path, rng: Random) -> Broken:
    connection = sqlite3.connect(folder / "a.gpkg")
    connection.execute(f"CREATE TABLE t{rng.randrange(99)} (code, naam, n, x, dag)")
    connection.commit()
    connection.close()
    return folder / "a.gpkg", Format()


def no_such_layer(folder: Path, rng: Random) -> Broken:
    layers = rng.choice([1, 2])
    return geopackage(folder, rng, layers), Format(
        layer=rng.choice(["x", "gpkg_contents"]) if layers == 1 else None
    )


def not_there(folder: Path, rng: Random) -> Broken:
    kind = rng.randrange(3)
    path = folder / "a.csv"
    if kind == 0:
        path.mkdir()
    elif kind == 1:
        path.symlink_to(folder / "nowhere")
    return path, Format()


def wide(folder: Path, rng: Random) -> Broken:
    names = [f"c{i}" for i in range(rng.randint(5_001, 6_000))]
    return write(folder, "a.csv", csv_text([["1"] * len(names)], names)), Format()


def endless_row(folder: Path, rng: Random) -> Broken:
    lines = csv_text(rows(rng)).splitlines(keepends=True)
    lines.insert(rng.randrange(1, len(lines)), rng.choice(['"' + "a" * 5_000_000, "b" * 9_000_000]) + "\n")
    return write(folder, "a.csv", "".join(lines)), Format(delimiter=";")


def cut_csv(folder: Path, rng: Random) -> Broken:
    lines = csv_text(rows(rng)).splitlines(keepends=True)
    at = rng.randrange(2, len(lines))
    return write(folder, "a.csv", "".join(lines[:at]) + lines[at][: rng.randint(1, 8)]), Format()


def pure_noise(folder: Path, rng: Random) -> Broken:
    name = rng.choice(["a.csv", "a.json", "a.xlsx", "a.parquet", "a.gpkg", "a", "a.dat"])
    return write(folder, name, rng.randbytes(rng.randint(1, 5_000))), Format()


KINDS: dict[str, Callable[[Path, Random], Broken]] = {
    "impossible code": set_cell(
        0, ["BU034401", "0344", "BU03440O11X", "WK034401", "bu03440111", "GM0344", "🏠", "BU 03440111"]
    ),
    "no key": set_cell(0, ["", " ", "\t"]),
    "mixed types": set_cell(2, ["twaalf", "12 stuks", "1-2", "ja", "2024-01-01", "0x10", "1;2", "√4"]),
    "negative count": set_cell(2, ["-1", "-99999999999"]),
    "huge number": set_cell(2, ["9" * 19, "9" * 400, "1e400", "9223372036854775808", "-" + "9" * 30]),
    "not finite": set_cell(3, ["NaN", "inf", "-Infinity", "1e999", "#NUM!"]),
    "impossible date": set_cell(
        4, ["2024-02-30", "31-31-2024", "0000-00-00", "99999999", "gisteren", "2024-13-01"]
    ),
    "nested quotes": set_cell(3, ['"""', '"1"2"', '1";"2', '""""1""""']),
    "key twice": twice,
    "misspelt header": header(misspelt),
    "header says a name twice": header(repeated),
    "ragged row": ragged,
    "quote never closed": open_quote,
    "wrong encoding": wrong_encoding,
    "NUL byte": nul,
    "wrong extension": wrong_extension,
    "empty": empty,
    "header only": header_only,
    "truncated CSV": cut_csv,
    "truncated gzip": truncated_gzip,
    "gzip bomb": gzip_bomb,
    "formula without value": formula,
    "error cell": error_cell,
    "truncated workbook": truncated_workbook,
    "spoilt workbook": spoilt_workbook,
    "workbook without a part": missing_part,
    "entities in a workbook": billion_laughs,
    "zip bomb": zip_bomb,
    "path out of the zip": path_in_zip,
    "no such sheet": no_such_sheet,
    "truncated Parquet": truncated_parquet,
    "nested Parquet": nested_parquet,
    "broken JSON": broken_json,
    "broken GeoJSON": broken_geojson,
    "truncated GeoPackage": truncated_geopackage,
    "database that is no GeoPackage": other_database,
    "no such layer": no_such_layer,
    "not there": not_there,
    "too wide": wide,
    "row without end": endless_row,
    "noise": pure_noise,
    "spoilt Parquet": spoilt_parquet,
}
MAY_BE_HARMLESS = {"spoilt Parquet"}  # a byte that nothing depends on
SLOW = {"zip bomb": 3, "gzip bomb": 4}  # seeds for kinds that take tenths of a second each
CASES = [(kind, seed) for kind in KINDS for seed in range(SLOW.get(kind, SEEDS + (kind != "noise")))]


def test_there_are_three_hundred() -> None:
    assert len(CASES) >= 300


def what_is_wrong(path: Path, format_: Format, out: Path) -> tuple[Problem, ...]:
    try:
        take_in(CONTRACT, delivery(path, format_), out)
    except DeliveryError as error:
        return error.problems or (Problem(Place(""), "says nothing"),)
    return ()


@pytest.mark.parametrize(("kind", "seed"), CASES)
def test_a_broken_file_is_told_with_its_place_and_leaves_nothing(
    kind: str, seed: int, tmp_path: Path
) -> None:
    path, format_ = KINDS[kind](tmp_path, Random(f"{kind} {seed}"))
    out = tmp_path / "out"
    problems = what_is_wrong(path, format_, out)
    for problem in problems:
        assert problem.place.file == path.name, problem
        assert len(problem.what) < 600, problem
    if problems:
        assert not out.exists()
    else:
        assert kind in MAY_BE_HARMLESS
        assert sorted(p.name for p in out.iterdir()) == [ACCEPTED, REFUSED, "report.json"]


@pytest.mark.parametrize(
    "kind", ["impossible code", "mixed types", "key twice", "ragged row", "impossible date", "error cell"]
)
def test_where_the_contract_allows_it_the_broken_row_is_refused_and_the_rest_goes_in(
    kind: str, tmp_path: Path
) -> None:
    import dataclasses

    path, format_ = KINDS[kind](tmp_path, Random(kind))
    report = take_in(
        dataclasses.replace(CONTRACT, max_refused=0.5), delivery(path, format_), tmp_path / "out"
    )
    refused = pq.read_table(tmp_path / "out" / REFUSED).to_pylist()
    assert report.refused == 1
    assert len({row["line"] for row in refused}) == 1
    assert all(row["reason"] for row in refused)
    assert pq.read_metadata(tmp_path / "out" / ACCEPTED).num_rows == report.rows - 1
