"""Real deliveries, as they came."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from deliveries_as_text import Take, contract, delivery

from zicht.areas import RD, Boundaries
from zicht.declare import Format
from zicht.intake import read_rows, read_table, take_in

pytestmark = pytest.mark.shared
TEXTS = {"gwb_code_10", "gwb_code_8", "regio", "gm_naam", "recs", "gwb_code"}


def whole_workbook(path: Path) -> str:
    names = read_rows(delivery(path)).columns
    missing = 'customProperties: [{property: ontbreekt, value: {".": not_available}}]'
    return "\n".join(
        f"{{name: {name}, logicalType: {'string' if name in TEXTS else 'number'}, {missing}}}"
        for name in names
    )


@pytest.mark.parametrize(("year", "not_yet"), [(2023, 45), (2024, 85)])
def test_columns_of_utrecht_that_are_not_yet_published(
    take: Take, shared: Path, year: int, not_yet: int
) -> None:
    path = shared / "data" / "utrecht" / f"CBS-Utrecht-kwb-{year}.xlsx"
    taken = take(path, contract(whole_workbook(path), unit="area"))
    assert (taken.report.rows, taken.report.accepted, len(taken.report.columns)) == (122, 122, 121)
    assert len(taken.report.not_yet_published) == not_yet
    statuses = pq.read_table(taken.folder / "accepted.parquet").select(
        [f"{name}__status" for name in taken.report.columns]
    )
    whole = [
        column
        for column in statuses.columns
        if pc.all(pc.equal(column, "not_yet_published").fill_null(False)).as_py()
    ]
    assert len(whole) == not_yet
    per_cell = sum(found.missing.get("not_available", 0) for found in taken.report.columns.values())
    assert per_cell > 0


def test_inhabitants_of_utrecht_2023_by_level(take: Take, shared: Path) -> None:
    path = shared / "data" / "utrecht" / "CBS-Utrecht-kwb-2023.xlsx"
    taken = take(
        path,
        "{name: code, physicalName: gwb_code, logicalType: string}\n{name: level, physicalName: recs, logicalType: string}\n{name: n, physicalName: a_inw, logicalType: integer}",
    )
    sums: Counter[str] = Counter()
    for row in taken.accepted:
        sums[str(row["level"])] += int(str(row["n"]))
    assert sums == {"Gemeente": 367_947, "Wijk": 367_755, "Buurt": 367_715}


def test_proximity_with_bom_and_padded_cells(take: Take, shared: Path) -> None:
    path = next((shared / "data" / "utrecht").glob("*Nabijheid*"))
    taken = take(
        path,
        """
        {name: code, physicalName: Regioaanduiding/Codering (code), logicalType: string, customProperties: [{property: gebied, value: mixed}]}
        {name: gemeente, physicalName: Regioaanduiding/Gemeentenaam (naam), logicalType: string}
        {name: km, physicalName: Detailhandel/Winkels dagelijkse boodschappen/Afstand tot grote supermarkt (km), logicalType: number, customProperties: [{property: ontbreekt, value: {".": not_available}}]}
        """,
    )
    assert (taken.report.rows, taken.report.refused) == (123, 0)
    assert taken.accepted[0] == {"code": "NL00", "gemeente": "Nederland", "km": 1.0, "km__status": None}
    assert {len(str(row["code"])) for row in taken.accepted} == {4, 6, 8, 10}


def test_health_per_wijk_and_buurt_with_padded_codes(take: Take, shared: Path) -> None:
    taken = take(
        shared / "data" / "rivm" / "2020_18plus.xlsx",
        """
        {name: id, physicalName: ID, logicalType: integer, primaryKey: true}
        {name: code, physicalName: Codering_3, logicalType: string, customProperties: [{property: gebied, value: mixed}]}
        {name: smokers, physicalName: Roker_11, logicalType: number, logicalTypeOptions: {minimum: 0, maximum: 100}, customProperties: [{property: ontbreekt, value: {".": primary, "": not_available}}]}
        """,
    )
    assert (taken.report.rows, taken.report.accepted) == (17_341, 17_341)
    found = taken.report.columns["smokers"]
    assert found.filled + sum(found.missing.values()) == 17_341
    assert found.missing["primary"] > 0


def test_the_whole_country_from_a_gzipped_csv(take: Take, shared: Path) -> None:
    taken = take(
        shared / "data" / "netherlands" / "nl_buurt_flat.csv.gz",
        """
        {name: code, logicalType: string, primaryKey: true, customProperties: [{property: gebied, value: mixed}]}
        {name: level, logicalType: string, required: true}
        {name: inwoners, logicalType: integer, logicalTypeOptions: {minimum: 0}, customProperties: [{property: ontbreekt, value: {"": not_available}}]}
        {name: inkomen, physicalName: inkomenPerInwoner, logicalType: number}
        """,
    )
    assert Counter(row["level"] for row in taken.accepted) == {
        "gemeente": 342,
        "wijk": 3_393,
        "buurt": 14_574,
    }
    assert taken.report.surplus == 34


def test_lamp_posts_are_located_and_contradictions_counted(shared: Path, tmp_path: Path) -> None:
    data = shared / "data" / "utrecht"
    boundaries = buurten(data)
    register = contract(
        """
        {name: buurt, physicalName: BUURT, logicalType: string, classification: public}
        {name: straat, physicalName: STRAAT, logicalType: string, classification: public}
        {name: code, logicalType: string, customProperties: [{property: gebied, value: buurt}, {property: ligging, value: {x: __x, y: __y, against: "'BU0344' || replace(BUURT, '.', '')"}}]}
        """
    )
    path = data / "utrecht_2013_mastoverzicht_full.geojson.gz"
    report = take_in(
        register,
        delivery(path, Format(kind="geojson", encoding="latin-1")),
        tmp_path / "out",
        boundaries=boundaries,
    )
    found = report.columns["code"]
    assert (report.rows, report.accepted) == (18_533, 18_533)
    assert (found.outside, found.contradictions) == (80, 3_057)
    streets = pq.read_table(tmp_path / "out" / "accepted.parquet")["straat"].to_pylist()
    assert not any("\ufffd" in street for street in streets if street)


def buurten(data: Path) -> Boundaries:
    table = read_table(delivery(data / "utrecht_2013_buurt.geojson"))
    codes = [f"BU0344{code}" for code in table["KODE"].to_pylist()]
    return Boundaries.from_wkb(codes, table["__geometry"].to_pylist(), RD)
