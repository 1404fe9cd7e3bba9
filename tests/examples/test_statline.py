"""Utrecht's StatLine tables, fetched as they would be where there is internet, from a server that answers as CBS does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
from built_apart import EXAMPLES
from cbs_server import Cbs, Record, Table, serving

from zicht.declare import Project, SourceFile, Statline, read_project
from zicht.intake import ACCEPTED, Delivery, IntakeReport, obtain, read_table, take_in

pytestmark = [pytest.mark.shared, pytest.mark.slow]
REGISTERS = ("kwb_2023", "kwb_2024", "nabijheid_2023")
# Columns of the contract that only the file has.
ABSENT = {
    "kwb_2023": {"gwb_code_8"},
    "kwb_2024": {"gwb_code_8", "p_bewndw", "p_e_o_w", "p_bjj2k", "p_bjo2k"},
    "nabijheid_2023": set(),
}
LEVELS = {"Gemeente": 1, "Wijk": 10, "Buurt": 111}
WIDE = {"Gemeentenaam_1": 40, "SoortRegio_2": 10, "Codering_3": 10, "WijkenEnBuurten": 10}


class ToServer(httpx.BaseTransport):
    """Sends what is asked of CBS to the server on this machine."""

    def __init__(self, base: str) -> None:
        self._base, self._inner = httpx.URL(base), httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert (request.url.scheme, request.url.host) == ("https", "opendata.cbs.nl")
        url = request.url.copy_with(scheme="http", host=self._base.host, port=self._base.port)
        return self._inner.handle_request(httpx.Request(request.method, url, headers={"Host": url.host}))

    def close(self) -> None:
        self._inner.close()


@dataclass
class Fetched:
    """The three deliveries from the server, and what was asked of it for each."""

    cbs: Cbs
    project: Project
    deliveries: dict[str, Delivery]
    asked: dict[str, list[str]]
    cache: Path
    client: httpx.Client

    def again(self, id_: str) -> Delivery:
        return obtain(
            self.project.sources[id_],
            self.project.folder,
            self.project.folder / "leeg",
            self.cache,
            client=self.client,
        )


@pytest.fixture(scope="module")
def fetched(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fetched]:
    folder = tmp_path_factory.mktemp("statline") / "utrecht"
    shutil.copytree(EXAMPLES / "utrecht", folder)
    (folder / "leeg").mkdir()
    declared = (folder / "zicht.yaml").read_text("utf-8")
    (folder / "zicht.yaml").write_text(
        declared.replace("local_copies: ../../../shared", "local_copies: leeg"), "utf-8"
    )
    project = read_project(folder)
    assert project.file.local_copies == "leeg"
    tables = dict(_table(project.sources[id_], shared) for id_ in REGISTERS)
    # The fourth request is the second page of the first table.
    with (
        serving(Cbs(tables, trouble={4: 503}, waits={503: "1"})) as cbs,
        httpx.Client(transport=ToServer(cbs.base)) as client,
    ):
        found = Fetched(cbs, project, {}, {}, folder / "fetched", client)
        for id_ in REGISTERS:
            before = len(cbs.asked)
            found.deliveries[id_] = found.again(id_)
            found.asked[id_] = cbs.asked[before:]
        yield found


def _table(source: SourceFile, shared: Path) -> tuple[str, Table]:
    """The table as CBS would have it, made from the local copy: by the names that the source gives its columns."""
    statline, file = _statline(source), _local(source, shared)
    rows = file.to_pylist()
    code, name, level = (statline.columns[key] for key in ("Codering_3", "WijkenEnBuurten__title", "SoortRegio_2"))  # fmt: skip
    info = _recorded(shared, f"{statline.table}_TableInfos") or [
        {"Identifier": statline.table, "Modified": "2025"}
    ]
    properties = _recorded(shared, f"{statline.table}_DataProperties") or _properties(statline, rows)
    kinds = {item["Key"]: item.get("Datatype") for item in properties if item["Key"]}
    served = [
        {
            "ID": i,
            **{key: _cell(key, kind, row.get(statline.columns.get(key, ""))) for key, kind in kinds.items()},
            "WijkenEnBuurten": f"{row[code]:<10}",
        }
        for i, row in enumerate(rows)
    ]
    titles = {row[code]: row[name] for row in rows}
    # CBS has the whole country; here a gemeente beside, that nobody asks for.
    served += [{**served[1], "ID": 900 + i, "WijkenEnBuurten": f"BU034501{i:02}"} for i in range(60)]
    assert {row[level] for row in rows} >= set(LEVELS)
    return statline.table, Table(info, properties, served, titles)


def _recorded(shared: Path, name: str) -> list[Record] | None:
    path = shared / "data" / "odata" / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def _properties(statline: Statline, rows: list[dict[str, Any]]) -> list[Record]:
    found: list[Record] = [
        {"Key": "WijkenEnBuurten", "Type": "GeoDetail"},
        {"Key": "", "Type": "TopicGroup"},
    ]
    for key, physical in statline.columns.items():
        if not key.startswith("WijkenEnBuurten"):
            text = {row[physical] for row in rows} - {"."}
            kind = "Double" if any("." in value for value in text) else "Long"
            found.append({"Key": key, "Type": "Topic", "Datatype": "String" if key in WIDE else kind})
    return found


def _cell(key: str, kind: str | None, text: str | None) -> object:
    if text in (None, "."):
        return None
    assert text is not None
    return (
        float(text)
        if kind == "Double"
        else int(text)
        if kind == "Long"
        else f"{text:<{WIDE.get(key, len(text))}}"
    )


def _statline(source: SourceFile) -> Statline:
    assert source.origin.statline is not None
    return source.origin.statline


def _local(source: SourceFile, shared: Path) -> Any:
    copy = source.local_copy
    assert copy is not None
    return read_table(Delivery(shared / copy.file, copy.format, copy.file, {}, ""))


@dataclass
class Both:
    """A register taken in from the server and from the local copy."""

    report: IntakeReport
    fetched: list[dict[str, Any]]
    copied: list[dict[str, Any]]


@pytest.fixture(scope="module", params=REGISTERS)
def both(fetched: Fetched, shared: Path, request: pytest.FixtureRequest) -> Both:
    id_ = str(request.param)
    source, register = fetched.project.sources[id_], fetched.project.registers[id_]
    out = fetched.project.folder / "taken" / id_
    copy = obtain(source, fetched.project.folder, shared, fetched.cache)
    assert (copy.origin, fetched.deliveries[id_].origin) == ("file", "statline")
    report = take_in(register, fetched.deliveries[id_], out / "fetched")
    take_in(register, copy, out / "copied")
    rows = [pq.read_table(out / name / ACCEPTED).to_pylist() for name in ("fetched", "copied")]
    return Both(report, rows[0], [row for row in rows[1] if row.get("soort") != "Land"])


def test_every_row_is_accepted_and_equal_to_that_of_the_local_copy(both: Both) -> None:
    assert (both.report.rows, both.report.accepted) == (122, 122)
    absent = ABSENT[both.report.register]
    left_out = absent | {f"{name}__status" for name in absent}
    assert [{k: v for k, v in row.items() if k not in left_out} for row in both.fetched] == [
        {k: v for k, v in row.items() if k not in left_out} for row in both.copied
    ]


def test_what_only_the_file_has_is_empty_and_not_available_and_the_report_says_so(both: Both) -> None:
    absent = ABSENT[both.report.register]
    for name in absent:
        assert {row[name] for row in both.fetched} == {None}
        assert {row.get(f"{name}__status", "not_available") for row in both.fetched} == {"not_available"}
    assert not absent & set(both.report.not_yet_published)
    said = " ".join(both.report.warnings)
    assert all(f"`{name}`" in said for name in absent)
    assert bool(said) == bool(absent)


def test_inhabitants_of_2023_add_up_to_what_cbs_has(fetched: Fetched, tmp_path: Path) -> None:
    take_in(fetched.project.registers["kwb_2023"], fetched.deliveries["kwb_2023"], tmp_path)
    rows = pq.read_table(tmp_path / ACCEPTED).to_pylist()
    by_level = {level: [row["a_inw"] for row in rows if row["recs"] == level] for level in LEVELS}
    assert {level: len(found) for level, found in by_level.items()} == LEVELS
    assert {level: sum(found) for level, found in by_level.items()} == {
        "Buurt": 367_715, "Wijk": 367_755, "Gemeente": 367_947,
    }  # fmt: skip


def test_areas_get_their_names_from_the_titles_of_their_codes(fetched: Fetched, shared: Path) -> None:
    names = [
        dict(zip(table["gwb_code"].to_pylist(), table["regio"].to_pylist(), strict=True))
        for table in (
            read_table(fetched.deliveries["kwb_2023"]),
            _local(fetched.project.sources["kwb_2023"], shared),
        )
    ]
    assert names[0] == names[1]
    assert names[0]["BU03440111"] == "Welgelegen, Den Hommel"


def test_pages_are_followed_a_busy_server_is_waited_for_and_only_utrecht_is_asked(fetched: Fetched) -> None:
    asked = fetched.asked["kwb_2023"]
    names = [request.split("85618NED/")[1].split("?")[0] for request in asked]
    assert names == [
        "TableInfos", "DataProperties", *["TypedDataSet"] * 4, *["WijkenEnBuurten"] * 3, "TableInfos",
    ]  # fmt: skip
    assert asked[3] == asked[4]  # the answer to the first of them was 503
    assert all("startswith(WijkenEnBuurten,'GM0344')" in request for request in asked if "Typed" in request)


@pytest.mark.parametrize("id_", REGISTERS)
def test_what_is_fetched_is_not_asked_for_again(fetched: Fetched, id_: str) -> None:
    before = len(fetched.cbs.asked)
    assert fetched.again(id_) == fetched.deliveries[id_]
    assert len(fetched.cbs.asked) == before
