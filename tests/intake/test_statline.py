"""StatLine over OData, against a server of our own that answers as CBS does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest
from cbs_server import Cbs, Record, Table, serving
from deliveries_as_text import Taken, contract

from zicht.declare import SourceFile, Statline
from zicht.errors import DeliveryError
from zicht.intake import REPORT, Delivery, IntakeReport, fetch_statline, obtain, read_table, take_in

TABLE = "85984NED"
DIMENSIONS = [
    {"Identifier": "WijkenEnBuurten", "Kind": "GeoDetailDimension"},
    {"Identifier": "Perioden", "Kind": "TimeDimension"},
]
MEASURES = [{"Identifier": "M1", "Unit": "aantal"}, {"Identifier": "M2", "Unit": "%"}]


@pytest.fixture
def cbs(shared: Path) -> Iterator[Cbs]:
    recorded = shared / "data" / "odata"
    info, properties = (
        json.loads((recorded / f"{TABLE}_{name}.json").read_text())
        for name in ("TableInfos", "DataProperties")
    )
    keys = json.loads((recorded / f"{TABLE}_stripped_filtered_data_2024.json").read_text())
    codes = sorted(keys)[:230]
    rows = [
        {"ID": i, "WijkenEnBuurten": f"{code:<10}", "Gemeentenaam_1": None, **keys[code]}
        for i, code in enumerate(codes)
    ]
    observations: list[Record] = []
    for i, code in enumerate(codes[:60]):
        base = {"WijkenEnBuurten": f"{code:<10}", "Perioden": "2024JJ00", "StringValue": None}
        observations.append({"Id": 2 * i, "Measure": "M1", "ValueAttribute": "None", "Value": i, **base})
        hidden = (
            {"ValueAttribute": "Confidential", "Value": None}
            if i % 7 == 0
            else {"ValueAttribute": "None", "Value": i / 8}
        )
        observations.append({"Id": 2 * i + 1, "Measure": "M2", **hidden, **base})
    titles = {code: f"Gebied {code}" for code in codes if code != codes[1]}
    table = Table(info, properties, rows, titles, observations, DIMENSIONS, MEASURES)
    with serving(Cbs({TABLE: table})) as served:
        yield served


Fetch = Callable[..., Path]


@pytest.fixture
def fetch(cbs: Cbs, tmp_path: Path) -> Iterator[Fetch]:
    slept: list[float] = []
    with httpx.Client() as client:

        def fetched(**asked: object) -> Path:
            declared = Statline.model_validate({"table": TABLE, "api": "v3", **asked})
            return fetch_statline(
                declared,
                tmp_path,
                client=client,
                base_v3=cbs.base,
                base_v4=f"{cbs.base}/odata/v1",
                sleep=slept.append,
            )

        fetched.slept = slept  # type: ignore[attr-defined]
        yield fetched


@pytest.mark.shared
def test_version_3_is_read_page_by_page_to_the_end(cbs: Cbs, fetch: Fetch) -> None:
    path = fetch()
    table = pq.read_table(path)
    assert table.num_rows == 230
    assert table["WijkenEnBuurten"].to_pylist() == [row["WijkenEnBuurten"] for row in cbs.tables[TABLE].rows]
    assert table["AantalInwoners_5"].to_pylist() == [
        str(row["AantalInwoners_5"]) for row in cbs.tables[TABLE].rows
    ]
    assert table["Gemeentenaam_1"].null_count == 230
    assert sum("TypedDataSet" in request and "$skip" in request for request in cbs.asked) == 4
    described = json.loads(path.with_suffix(".json").read_text())
    assert (described["rows"], described["info"]["Identifier"]) == (230, TABLE)
    assert {"WijkenEnBuurten", "AantalInwoners_5"} <= {item["Key"] for item in described["columns"]}
    assert not path.with_suffix(".pages").exists()


@pytest.mark.shared
@pytest.mark.parametrize("api", ["v3", "v4"])
def test_beside_each_code_stands_its_title_from_the_list_of_the_dimension(
    cbs: Cbs, fetch: Fetch, api: str
) -> None:
    table = pq.read_table(fetch(api=api))
    codes = [code.strip() for code in table["WijkenEnBuurten"].to_pylist()]
    titles = table["WijkenEnBuurten__title"].to_pylist()
    assert titles == [None if i == 1 else f"Gebied {code}" for i, code in enumerate(codes)]
    assert sum("/WijkenEnBuurten" in request for request in cbs.asked) == 5  # 229 titles, 50 a page


@pytest.mark.shared
def test_full_pages_without_a_link_are_followed_by_skipping(
    cbs: Cbs, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zicht.intake.statline._PAGE", 50)
    cbs.links = False
    assert pq.read_metadata(fetch()).num_rows == 230


@pytest.mark.shared
@pytest.mark.parametrize("api", ["v3", "v4"])
def test_a_filter_is_sent_along_and_only_its_rows_come(cbs: Cbs, fetch: Fetch, api: str) -> None:
    code = str(cbs.tables[TABLE].rows[0]["WijkenEnBuurten"]).strip()[:6]
    found = pq.read_table(fetch(api=api, filter=f"startswith(WijkenEnBuurten,'{code}')"))
    rows = cbs.tables[TABLE].rows if api == "v3" else cbs.tables[TABLE].rows[:60]
    assert found.num_rows == sum(str(row["WijkenEnBuurten"]).startswith(code) for row in rows) > 0
    with pytest.raises(DeliveryError, match="has no rows for the filter"):
        fetch(api=api, filter="startswith(WijkenEnBuurten,'ZZ')")


@pytest.mark.shared
def test_version_4_becomes_a_column_a_measure_and_says_why_there_is_no_value(cbs: Cbs, fetch: Fetch) -> None:
    table = pq.read_table(fetch(api="v4"))
    assert table.column_names == [
        "WijkenEnBuurten",
        "WijkenEnBuurten__title",
        "Perioden",
        "Perioden__title",
        "M1",
        "M2",
    ]
    assert set(table["Perioden__title"].to_pylist()) == {"2024"}
    assert table["M1"].to_pylist() == [str(i) for i in range(60)]
    assert table["M2"].to_pylist()[:9] == [
        "Confidential",
        "0.125",
        "0.25",
        "0.375",
        "0.5",
        "0.625",
        "0.75",
        "Confidential",
        "1.0",
    ]


@pytest.mark.shared
def test_observations_that_stayed_behind_are_missed(cbs: Cbs, fetch: Fetch) -> None:
    cbs.links = False
    with pytest.raises(DeliveryError, match="gave 50 of its 120 observations"):
        fetch(api="v4")


@pytest.mark.shared
def test_trouble_on_the_way_is_sat_out(cbs: Cbs, fetch: Fetch) -> None:
    cbs.trouble = {2: 429, 4: 503, 5: 500}
    assert pq.read_metadata(fetch()).num_rows == 230
    assert fetch.slept == [3.0, 1.0, 2.0]  # type: ignore[attr-defined]


@pytest.mark.shared
def test_a_fetch_that_was_broken_off_goes_on_where_it_stopped(cbs: Cbs, fetch: Fetch) -> None:
    cbs.trouble = dict.fromkeys(range(5, 11), 503)
    with pytest.raises(DeliveryError, match="status 503"):
        fetch()
    before = len(cbs.asked)
    assert pq.read_metadata(fetch()).num_rows == 230
    again = [request for request in cbs.asked[before:] if "TypedDataSet" in request]
    assert [request.split("$skip=")[-1] for request in again] == ["100", "150", "200"]


@pytest.mark.shared
def test_pages_of_an_older_edition_are_thrown_away(cbs: Cbs, fetch: Fetch) -> None:
    cbs.trouble = dict.fromkeys(range(5, 11), 503)
    with pytest.raises(DeliveryError):
        fetch()
    cbs.tables[TABLE].info[0]["Modified"] = "2026-01-01T02:00:00"
    cbs.tables[TABLE].rows = cbs.tables[TABLE].rows[:120]
    assert pq.read_metadata(fetch()).num_rows == 120


@pytest.mark.shared
def test_a_table_that_is_there_is_not_fetched_again_and_equal_answers_give_equal_bytes(
    cbs: Cbs, fetch: Fetch
) -> None:
    first = fetch().read_bytes()
    asked = len(cbs.asked)
    assert fetch().read_bytes() == first
    assert len(cbs.asked) == asked
    fetch().unlink()
    assert fetch().read_bytes() == first


@pytest.mark.shared
def test_a_table_that_does_not_exist_is_said_by_name(cbs: Cbs, fetch: Fetch) -> None:
    with pytest.raises(DeliveryError, match=r"StatLine 99999NED: cannot be fetched .* status 404"):
        fetch(table="99999NED")


CONTRACT = """
    {name: code, physicalName: WijkenEnBuurten, logicalType: string, required: true, primaryKey: true}
    {name: regio, physicalName: WijkenEnBuurten__title, logicalType: string}
    {name: inwoners, physicalName: a_inw, logicalType: integer}
    {name: naam, physicalName: Gemeentenaam_1, logicalType: integer, customProperties: [{property: ontbreekt, value: {".": primary}}]}
    {name: code_8, logicalType: string}
    {name: bewoond, logicalType: integer, customProperties: [{property: ontbreekt, value: {".": primary, "": primary}}]}
    {name: bouwjaar, physicalName: p_bj, logicalType: integer, customProperties: [{property: ontbreekt, value: {".": primary}}]}
"""


@pytest.fixture
def delivered(cbs: Cbs, tmp_path: Path) -> Delivery:
    source = SourceFile.model_validate(
        {"id": "kwb", "title": "KWB", "deliverer": "CBS", "origin": {"statline": {
            "table": TABLE, "api": "v3", "columns": {"AantalInwoners_5": "a_inw", "Bouwjaar_51": "p_bj"}}}}
    )  # fmt: skip

    def to_server(request: httpx.Request) -> httpx.Response:
        found = cbs.answer(request.url.raw_path.decode())
        return httpx.Response(200, json=found) if found else httpx.Response(404)

    with httpx.Client(transport=httpx.MockTransport(to_server)) as client:
        return obtain(source, tmp_path, None, tmp_path / "cache", client=client)


@pytest.mark.shared
def test_columns_that_the_table_does_not_have_are_not_available_and_the_report_names_them(
    delivered: Delivery, tmp_path: Path
) -> None:
    report = take_in(contract(CONTRACT, unit="area"), delivered, tmp_path / "out")
    taken = Taken(tmp_path / "out", report)
    assert (report.rows, report.accepted) == (230, 230)
    assert taken.column("code_8") == taken.column("bewoond") == taken.column("bouwjaar") == [None] * 230
    assert set(taken.column("bewoond__status") + taken.column("bouwjaar__status")) == {"not_available"}
    assert "code_8__status" not in taken.accepted[0]
    # A column that is there and empty is another thing.
    assert report.not_yet_published == ("naam",)
    assert set(taken.column("naam__status")) == {"not_yet_published"}
    assert report.warnings == (
        f"StatLine {TABLE} has no column for `code_8`, `bewoond`: not available in any row.",
        f"StatLine {TABLE} has no column `Bouwjaar_51` (bouwjaar), which the source names under `columns`: not available in any "
        "row. CBS may have given it another number; look at the columns of the table.",
    )
    assert IntakeReport.read(tmp_path / "out" / REPORT) == report


@pytest.mark.shared
@pytest.mark.parametrize(
    "column",
    [
        "{name: x, logicalType: integer, required: true}",
        "{name: x, logicalType: integer, primaryKey: true}",
        "{name: x, logicalType: string, customProperties: [{property: gebied, value: buurt}]}",
        "{name: x, logicalType: integer, customProperties: [{property: periode, value: true}]}",
    ],
)
def test_a_column_without_which_a_row_says_nothing_must_be_in_the_table(
    delivered: Delivery, tmp_path: Path, column: str
) -> None:
    columns = f"{{name: inwoners, physicalName: a_inw, logicalType: integer}}\n{column}"
    with pytest.raises(DeliveryError, match=f"StatLine {TABLE}: lacks the column `x`") as stopped:
        take_in(contract(columns, unit="area"), delivered, tmp_path / "out")
    assert len(stopped.value.problems) == 1


@pytest.mark.shared
def test_the_same_columns_may_not_lack_from_a_file(delivered: Delivery, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="lacks the column `code_8`") as stopped:
        take_in(contract(CONTRACT, unit="area"), replace(delivered, origin="file"), tmp_path / "out")
    assert len(stopped.value.problems) == 3


@pytest.mark.shared
def test_progress_is_told_the_rows_so_far(cbs: Cbs, tmp_path: Path) -> None:
    told: list[tuple[int, int | None, str]] = []
    with httpx.Client() as client:
        fetch_statline(
            Statline.model_validate({"table": TABLE, "api": "v3"}), tmp_path,
            client=client, base_v3=cbs.base, progress=lambda done, total, what: told.append((done, total, what)),
        )  # fmt: skip
    assert told == [(rows, None, f"StatLine {TABLE}") for rows in (50, 100, 150, 200, 230)]


@pytest.mark.shared
def test_a_source_maps_names_of_the_table_to_those_of_the_contract(cbs: Cbs, delivered: Delivery) -> None:
    rows = cbs.tables[TABLE].rows
    table = read_table(delivered)
    assert (delivered.shown, delivered.origin) == (f"StatLine {TABLE}", "statline")
    assert table["a_inw"].to_pylist()[0] == str(rows[0]["AantalInwoners_5"])
    assert table["WijkenEnBuurten"][0].as_py() == str(rows[0]["WijkenEnBuurten"]).strip()
