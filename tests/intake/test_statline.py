"""StatLine over OData, against a server of our own that answers as CBS does."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pyarrow.parquet as pq
import pytest

from zicht.declare import SourceFile, Statline
from zicht.errors import DeliveryError
from zicht.intake import fetch_statline, obtain, read_table

TABLE = "85984NED"
Record = dict[str, object]
DIMENSIONS = [
    {"Identifier": "WijkenEnBuurten", "Kind": "GeoDetailDimension"},
    {"Identifier": "Perioden", "Kind": "TimeDimension"},
]
MEASURES = [{"Identifier": "M1", "Unit": "aantal"}, {"Identifier": "M2", "Unit": "%"}]


@dataclass
class Cbs:
    """A server of one table; `page` rows an answer, and answers to give instead once (`trouble`)."""

    info: list[Record]
    properties: list[Record]
    rows: list[Record]
    observations: list[Record]
    page: int = 50
    links: bool = True
    trouble: dict[int, int] = field(default_factory=dict)  # number of the request: status
    asked: list[str] = field(default_factory=list)
    base: str = ""

    def answer(self, target: str) -> Record | None:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        name = path.rsplit("/", 1)[-1]
        if path.startswith(f"/ODataFeed/odata/{TABLE}/"):
            if query.get("$format") != ["json"]:
                return None
            if name in ("TypedDataSet", "UntypedDataSet"):
                return self.paged(self.chosen(self.rows, query), query, target, "odata.nextLink")
            found = {"TableInfos": self.info, "DataProperties": self.properties}.get(name)
            return None if found is None else {"odata.metadata": self.base, "value": found}
        if path.startswith(f"/odata/v1/CBS/{TABLE}/"):
            if name == "Properties":
                return {
                    "Identifier": TABLE,
                    "ObservationCount": len(self.observations),
                    "ObservationsModified": "2025-03-27",
                }
            if name == "Observations":
                return self.paged(self.chosen(self.observations, query), query, target, "@odata.nextLink")
            found = {"Dimensions": DIMENSIONS, "MeasureCodes": MEASURES}.get(name)
            return None if found is None else {"@odata.context": self.base, "value": found}
        return None

    def chosen(self, rows: list[Record], query: dict[str, list[str]]) -> list[Record]:
        wanted = query.get("$filter", [""])[0]
        if not wanted:
            return rows
        starts = wanted.split("'")[1]
        return [row for row in rows if str(row["WijkenEnBuurten"]).startswith(starts)]

    def paged(self, rows: list[Record], query: dict[str, list[str]], target: str, link: str) -> Record:
        skip = int(query.get("$skip", ["0"])[0])
        page: Record = {"value": rows[skip : skip + self.page]}
        if self.links and skip + self.page < len(rows):
            plain = target.split("&$skip")[0].split("?$skip")[0]
            # CBS writes plain http in its links, and the name of its own host.
            page[link] = (
                f"http://opendata.example.org{plain}{'&' if '?' in plain else '?'}$skip={skip + self.page}"
            )
        return page


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
    served = Cbs(info, properties, rows, observations)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(unquote(self.path))
            status = served.trouble.pop(len(served.asked), 200)
            found = served.answer(self.path) if status == 200 else {}
            self.send_response(404 if found is None else status)
            if status == 429:
                self.send_header("Retry-After", "3")
            body = json.dumps(found).encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    served.base = f"http://127.0.0.1:{server.server_port}"
    yield served
    server.shutdown()
    server.server_close()


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
    assert table["WijkenEnBuurten"].to_pylist() == [row["WijkenEnBuurten"] for row in cbs.rows]
    assert table["AantalInwoners_5"].to_pylist() == [str(row["AantalInwoners_5"]) for row in cbs.rows]
    assert table["Gemeentenaam_1"].null_count == 230
    assert sum("$skip" in request for request in cbs.asked) == 4
    described = json.loads(path.with_suffix(".json").read_text())
    assert (described["rows"], described["info"]["Identifier"]) == (230, TABLE)
    assert {"WijkenEnBuurten", "AantalInwoners_5"} <= {item["Key"] for item in described["columns"]}
    assert not path.with_suffix(".pages").exists()


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
    code = str(cbs.rows[0]["WijkenEnBuurten"]).strip()[:6]
    found = pq.read_table(fetch(api=api, filter=f"startswith(WijkenEnBuurten,'{code}')"))
    rows = cbs.rows if api == "v3" else cbs.rows[:60]
    assert found.num_rows == sum(str(row["WijkenEnBuurten"]).startswith(code) for row in rows) > 0
    with pytest.raises(DeliveryError, match="has no rows for the filter"):
        fetch(api=api, filter="startswith(WijkenEnBuurten,'ZZ')")


@pytest.mark.shared
def test_version_4_becomes_a_column_a_measure_and_says_why_there_is_no_value(cbs: Cbs, fetch: Fetch) -> None:
    table = pq.read_table(fetch(api="v4"))
    assert table.column_names == ["WijkenEnBuurten", "Perioden", "M1", "M2"]
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
    cbs.info[0]["Modified"] = "2026-01-01T02:00:00"
    cbs.rows = cbs.rows[:120]
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


@pytest.mark.shared
def test_a_source_maps_names_of_the_table_to_those_of_the_contract(cbs: Cbs, tmp_path: Path) -> None:
    source = SourceFile.model_validate(
        {"id": "kwb", "title": "KWB", "deliverer": "CBS",
         "origin": {"statline": {"table": TABLE, "api": "v3", "columns": {"AantalInwoners_5": "a_inw"}}}}
    )  # fmt: skip

    def to_server(request: httpx.Request) -> httpx.Response:
        found = cbs.answer(request.url.raw_path.decode())
        return httpx.Response(200, json=found) if found else httpx.Response(404)

    client = httpx.Client(transport=httpx.MockTransport(to_server))
    found = obtain(source, tmp_path, None, tmp_path / "cache", client=client)
    table = read_table(found)
    assert found.shown == f"StatLine {TABLE}"
    assert table["a_inw"].to_pylist()[0] == str(cbs.rows[0]["AantalInwoners_5"])
    assert table["WijkenEnBuurten"][0].as_py() == str(cbs.rows[0]["WijkenEnBuurten"]).strip()
