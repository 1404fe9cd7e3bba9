"""CBS StatLine over OData, versions 3 and 4: a table is fetched page by page and kept as Parquet.

Pages are kept as they come, so that a fetch that was broken off goes on where it stopped; they are thrown away when the
table has changed in the meantime. Requests follow those that CBS's own clients make.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pyarrow as pa
import pyarrow.parquet as pq

from zicht.declare import Statline
from zicht.engine import Progress
from zicht.errors import DeliveryError, Place
from zicht.intake.fetch import Sleep, get_json
from zicht.intake.rows import MAX_COLUMNS

BASE_V3 = "https://opendata.cbs.nl"
"""Where CBS serves tables over OData version 3."""

BASE_V4 = "https://datasets.cbs.nl/odata/v1"
"""Where CBS serves tables over OData version 4."""

TITLE = "__title"
"""What the name of a dimension ends in, for the column with the titles of its codes: `WijkenEnBuurten__title`."""

_PAGE = 10_000  # rows after which OData version 3 stops without always saying so
_MAX_PAGES = 20_000
_NO_VALUE = "None"  # what version 4 says in ValueAttribute where there is a value
_DIMENSIONS = (
    "Dimension",
    "GeoDimension",
    "GeoDetail",
    "TimeDimension",
)  # types of version 3; the rest are topics

Record = dict[str, object]


def fetch_statline(
    statline: Statline,
    folder: Path,
    *,
    client: httpx.Client,
    base_v3: str = BASE_V3,
    base_v4: str = BASE_V4,
    progress: Progress | None = None,
    sleep: Sleep = time.sleep,
) -> Path:
    """Fetch a table, or the part of it that the filter asks for.

    Args:
        statline: the table, version of the service and filter.
        folder: where it is kept; a table that is there already is not fetched again.
        client: whom to ask through.
        base_v3: address before `/ODataFeed`.
        base_v4: address before `/CBS`.
        progress: told the rows so far.
        sleep: waits a number of seconds; given by tests.

    Returns:
        A Parquet file of text columns, one row a combination of dimensions and one column a topic or measure, named by
        their keys. Beside the codes of each dimension stand their titles, such as the names of areas, in a column that is
        called after it: `WijkenEnBuurten__title`. In version 4 a cell without a value holds what the service says instead, such as `Confidential`. Beside
        it stands a `.json` with the description of the table and its columns.

    Raises:
        DeliveryError: no such table, no answer, an answer of another shape, or fewer rows than the table says it has.
    """
    asked = json.dumps([statline.table, statline.api, statline.filter])
    target = (
        folder / f"{statline.table}-{statline.api}-{hashlib.sha256(asked.encode()).hexdigest()[:12]}.parquet"
    )
    if target.is_file() and target.with_suffix(".json").is_file():
        return target
    service = _Service(client, statline, base_v3 if statline.api == "v3" else base_v4, sleep)
    fetch = _fetch_v3 if statline.api == "v3" else _fetch_v4
    pages = _Pages(target.with_suffix(".pages"), service, progress)
    table, described = fetch(service, pages)
    described = {
        "table": statline.table,
        "api": statline.api,
        "filter": statline.filter,
        "rows": table.num_rows,
        **described,
    }
    part = target.with_suffix(".part")
    pq.write_table(table, part, compression="zstd")
    text = json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True)
    target.with_suffix(".json").write_text(text + "\n", "utf-8")
    part.replace(target)
    pages.clear()
    return target


@dataclass(frozen=True)
class _Service:
    """One table at one service."""

    client: httpx.Client
    statline: Statline
    base: str
    sleep: Sleep

    @property
    def place(self) -> Place:
        return Place(f"StatLine {self.statline.table}")

    @property
    def root(self) -> str:
        name = "ODataFeed/odata" if self.statline.api == "v3" else "CBS"
        return f"{self.base.rstrip('/')}/{name}/{self.statline.table}"

    def page(self, url: str) -> Record:
        """One answer."""
        found = get_json(self.client, url, self.place, sleep=self.sleep)
        if not isinstance(found, dict):
            raise self.odd(url)
        return found

    def records(self, name: str) -> list[Record]:
        """All records of a small set, such as the measures."""
        first = f"{self.root}/{name}{'?$format=json' if self.statline.api == 'v3' else ''}"
        url: str | None = first
        found: list[Record] = []
        for _ in range(_MAX_PAGES):
            if url is None:
                return found
            page = self.page(url)
            found += (records := self.listed(page, url))
            url = self.following(page, first, len(records), len(found))
        raise self.odd(url or "")

    def titles(self, dimension: str) -> Mapping[str, str]:
        """The titles of the codes of a dimension; the codes without the blanks that version 3 fills them out with."""
        v3 = self.statline.api == "v3"
        name, code = (dimension, "Key") if v3 else (f"{dimension}Codes", "Identifier")
        return {
            str(record.get(code)).strip(): title.strip()
            for record in self.records(name)
            if isinstance(title := record.get("Title"), str)
        }

    def listed(self, page: Record, url: str) -> list[Record]:
        """The records of a page."""
        value = page.get("value")
        if not isinstance(value, list) or not all(isinstance(record, dict) for record in value):
            raise self.odd(url)
        return value

    def following(self, page: Record, first: str, here: int, so_far: int) -> str | None:
        """Where the next page is, after one of `here` records; a full page of version 3 may not say that there is more."""
        link = self._next_link(page)
        if link is None and self.statline.api == "v3" and here and here % _PAGE == 0:
            return f"{first}&$skip={so_far}"
        return link

    def _next_link(self, page: Record) -> str | None:
        # Always at the service itself, whatever host the link names.
        link = page.get("odata.nextLink") or page.get("@odata.nextLink")
        if not isinstance(link, str):
            return None
        if "://" not in link:
            return f"{self.root}/{link.lstrip('/')}"
        base, there = urlsplit(self.base), urlsplit(link)
        return f"{base.scheme}://{base.netloc}{there.path}?{there.query}"

    def query(self, name: str) -> str:
        """The address of the data, with the filter."""
        parts = ["$format=json"] if self.statline.api == "v3" else []
        parts += [f"$filter={quote(self.statline.filter, safe='(),')}"] if self.statline.filter else []
        return f"{self.root}/{name}{'?' if parts else ''}{'&'.join(parts)}"

    def odd(self, url: str) -> DeliveryError:
        """The error for an answer of another shape."""
        return DeliveryError.at(
            self.place, f"answers something else than a table, at {url}.", "Look whether the table exists."
        )


class _Pages:
    """The pages of one fetch, kept in a folder until it is whole."""

    def __init__(self, folder: Path, service: _Service, progress: Progress | None) -> None:
        self._folder, self._service, self._progress = folder, service, progress
        self._state = folder / "state.json"

    def fetch(self, url: str, modified: object) -> None:
        """Fetch the pages that are not there yet.

        Args:
            url: the first page.
            modified: when the table last changed; pages of another edition are thrown away.
        """
        state = self._read_state(modified, url)
        at, count, rows = state
        while at is not None:
            if count >= _MAX_PAGES:
                raise self._service.odd(at)
            page = self._service.page(at)
            found = self._service.listed(page, at)
            rows += len(found)
            following = self._service.following(page, url, len(found), rows)
            (self._folder / f"{count:06}.json").write_text(json.dumps(found, ensure_ascii=False), "utf-8")
            count += 1
            if following == at:
                raise self._service.odd(at)
            at = following
            self._write_state({"modified": modified, "first": url, "next": at, "pages": count, "rows": rows})
            if self._progress:
                self._progress(rows, None, self._service.place.file)

    def _read_state(self, modified: object, url: str) -> tuple[str | None, int, int]:
        try:
            state = json.loads(self._state.read_text("utf-8"))
            if state["modified"] == modified and state["first"] == url:
                return state["next"], state["pages"], state["rows"]
        except (OSError, ValueError, KeyError):
            pass  # nothing kept, or not whole: begin again
        self.clear()
        self._folder.mkdir(parents=True)
        return url, 0, 0

    def _write_state(self, state: Mapping[str, object]) -> None:
        part = self._state.with_suffix(".part")
        part.write_text(json.dumps(state), "utf-8")
        part.replace(self._state)

    def records(self) -> Iterator[list[Record]]:
        """The pages in order."""
        for path in sorted(self._folder.glob("[0-9]*.json")):
            yield json.loads(path.read_text("utf-8"))

    def clear(self) -> None:
        """Throw the pages away."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _fetch_v3(service: _Service, pages: _Pages) -> tuple[pa.Table, Record]:
    info = service.records("TableInfos")
    properties = service.records("DataProperties")
    modified = info[0].get("Modified") if info else None
    pages.fetch(service.query("TypedDataSet"), modified)
    dimensions = [str(item["Key"]) for item in properties if item.get("Type") in _DIMENSIONS]
    titles = {name: service.titles(name) for name in dimensions}
    _refuse_changed(service, modified, service.records("TableInfos"))
    known = [str(item["Key"]) for item in properties if item.get("Key") and item.get("Type") != "TopicGroup"]
    parts = []
    for records in pages.records():
        # The description names the columns; a page may leave out none of them, and adds only its row number.
        names = [name for name in known if any(name in record for record in records)]
        parts.append(
            pa.table(
                {name: pa.array(map(_text, (r.get(name) for r in records)), pa.string()) for name in names}
            )
        )
    table = pa.concat_tables(
        [part for part in parts if part.num_rows] or [pa.table({})], promote_options="default"
    )
    table = _with_titles(_checked(service, table), titles)
    return table, {"info": info[0] if info else {}, "columns": properties}


def _refuse_changed(service: _Service, modified: object, again: list[Record]) -> None:
    if again and again[0].get("Modified") != modified:
        raise DeliveryError.at(service.place, "changed while it was fetched.", "Try again.")


def _fetch_v4(service: _Service, pages: _Pages) -> tuple[pa.Table, Record]:
    info = service.page(f"{service.root}/Properties")
    dimensions, measures = service.records("Dimensions"), service.records("MeasureCodes")
    pages.fetch(service.query("Observations"), info.get("ObservationsModified") or info.get("Modified"))
    names = [str(item["Identifier"]) for item in dimensions]
    rows: dict[tuple[str, ...], dict[str, str | None]] = {}
    count = 0
    for records in pages.records():
        for record in records:
            count += 1
            row = rows.setdefault(tuple(_text(record.get(name)) or "" for name in names), {})
            measure = str(record.get("Measure"))
            if measure in row:
                raise DeliveryError.at(
                    service.place, f"gives measure {measure} twice for the same area and period."
                )
            row[measure] = _observed(record)
    expected = info.get("ObservationCount")
    if service.statline.filter is None and isinstance(expected, int) and count != expected:
        raise DeliveryError.at(
            service.place, f"gave {count:,} of its {expected:,} observations.", "Try again."
        )
    codes = [str(item["Identifier"]) for item in measures]
    columns = {name: pa.array([key[i] for key in rows], pa.string()) for i, name in enumerate(names)}
    columns |= {code: pa.array([row.get(code) for row in rows.values()], pa.string()) for code in codes}
    table = _with_titles(_checked(service, pa.table(columns)), {name: service.titles(name) for name in names})
    return table, {"info": info, "dimensions": dimensions, "columns": measures}


def _with_titles(table: pa.Table, titles: Mapping[str, Mapping[str, str]]) -> pa.Table:
    """The table with beside each dimension the titles of its codes; null where a code is not in the list."""
    for name, of_codes in titles.items():
        if name in table.column_names:
            codes = table[name].to_pylist()
            column = pa.array([of_codes.get((code or "").strip()) for code in codes], pa.string())
            table = table.add_column(table.column_names.index(name) + 1, f"{name}{TITLE}", column)
    return table


def _observed(record: Record) -> str | None:
    value = record.get("Value")
    if value is None:
        value = record.get("StringValue")
    if value is not None:
        return _text(value)
    attribute = record.get("ValueAttribute")
    return None if attribute in (None, _NO_VALUE) else str(attribute)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return "true" if value is True else "false" if value is False else json.dumps(value)


def _checked(service: _Service, table: pa.Table) -> pa.Table:
    if table.num_rows == 0:
        asked = service.statline.filter
        raise DeliveryError.at(
            service.place,
            "has no rows" + (f" for the filter {asked}." if asked else "."),
            "Look at the filter.",
        )
    if table.num_columns > MAX_COLUMNS:
        raise DeliveryError.at(
            service.place, f"has {table.num_columns:,} columns; at most {MAX_COLUMNS:,} are read."
        )
    return table
