"""A server that answers about its tables as CBS StatLine does over OData, versions 3 and 4."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

Record = dict[str, object]
_AT_ONCE = ("/TableInfos", "/DataProperties", "/Dimensions", "/MeasureCodes")  # too short to come in pages


@dataclass
class Table:
    """What the server holds of one table; `titles` are those of the codes of `WijkenEnBuurten`, its only list of codes."""

    info: list[Record]
    properties: list[Record]
    rows: list[Record]
    titles: dict[str, str]
    observations: list[Record] = field(default_factory=list)
    dimensions: list[Record] = field(default_factory=list)
    measures: list[Record] = field(default_factory=list)

    def version_3(self, name: str) -> list[Record] | None:
        regions = [{"Key": f"{code:<10}", "Title": title} for code, title in self.titles.items()]
        return {
            "TableInfos": self.info,
            "DataProperties": self.properties,
            "TypedDataSet": self.rows,
            "WijkenEnBuurten": regions,
        }.get(name)

    def version_4(self, name: str) -> list[Record] | None:
        regions = [{"Identifier": code, "Title": title} for code, title in self.titles.items()]
        return {
            "Dimensions": self.dimensions,
            "MeasureCodes": self.measures,
            "Observations": self.observations,
            "WijkenEnBuurtenCodes": regions,
            "PeriodenCodes": [{"Identifier": "2024JJ00", "Title": "2024"}],
        }.get(name)


@dataclass
class Cbs:
    """The tables by number; `page` rows or codes an answer, and statuses to give instead of an answer once (`trouble`)."""

    tables: dict[str, Table]
    page: int = 50
    links: bool = True
    trouble: dict[int, int] = field(default_factory=dict)  # number of the request: status
    waits: dict[int, str] = field(default_factory=lambda: {429: "3"})  # status: seconds to wait
    asked: list[str] = field(default_factory=list)
    base: str = ""

    def answer(self, target: str) -> Record | None:
        """The answer to a path with query; None where CBS has nothing there."""
        url = urlsplit(target)
        query = parse_qs(url.query)
        *before, number, name = url.path.strip("/").split("/")
        table = self.tables.get(number)
        if table is None:
            return None
        if before == ["ODataFeed", "odata"] and query.get("$format") == ["json"]:
            return self._paged(table.version_3(name), query, target, "odata.nextLink")
        if before == ["odata", "v1", "CBS"]:
            if name == "Properties":
                count = len(table.observations)
                return {
                    "Identifier": number,
                    "ObservationCount": count,
                    "ObservationsModified": "2025-03-27",
                }
            return self._paged(table.version_4(name), query, target, "@odata.nextLink")
        return None

    def _paged(
        self, found: list[Record] | None, query: dict[str, list[str]], target: str, link: str
    ) -> Record | None:
        if found is None:
            return None
        chosen = [record for record in found if _fits(record, query.get("$filter", [""])[0])]
        if target.split("?")[0].endswith(_AT_ONCE):
            return {"value": chosen}
        skip = int(query.get("$skip", ["0"])[0])
        answer: Record = {"odata.metadata": self.base, "value": chosen[skip : skip + self.page]}
        if self.links and skip + self.page < len(chosen):
            plain = re.sub(r"[?&]\$skip=\d+$", "", target)
            # CBS writes plain http in its links, and the name of its own host.
            answer[link] = (
                f"http://opendata.example.org{plain}{'&' if '?' in plain else '?'}$skip={skip + self.page}"
            )
        return answer


def _fits(record: Record, condition: str) -> bool:
    starts = re.findall(r"startswith\((\w+),'([^']*)'\)", condition)
    assert " or ".join(f"startswith({name},'{start}')" for name, start in starts) == condition
    return not starts or any(str(record[name]).startswith(start) for name, start in starts)


@contextmanager
def serving(cbs: Cbs) -> Iterator[Cbs]:
    """The same, listening on this machine at `base`, and noting what is asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cbs.asked.append(unquote(self.path))
            status = cbs.trouble.pop(len(cbs.asked), 200)
            found = cbs.answer(self.path) if status == 200 else {}
            body = json.dumps(found).encode()
            self.send_response(404 if found is None else status)
            if status in cbs.waits:
                self.send_header("Retry-After", cbs.waits[status])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    cbs.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield cbs
    finally:
        server.shutdown()
        server.server_close()
