"""Tables written as text, and a small city to count in: what the tests of figures share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from zicht.areas import Areas
from zicht.declare import Column, DimensionDeclared, Document, Indicator, Register
from zicht.engine import DuckDBEngine
from zicht.figures import Computed, complete_rates, compute

Cell = str | int | float | bool | dt.date | None
LOGICAL = {str: "string", int: "integer", float: "number", bool: "boolean", dt.date: "date"}


def cell(text: str) -> Cell:
    """A cell as a person would read it: blank is nothing, and text stands between quotes only where it looks like a number."""
    if text == "":
        return None
    if text in ("yes", "no"):
        return text == "yes"
    if text.startswith("'"):
        return text.strip("'")
    for read in (int, float, dt.date.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def rows(text: str) -> list[dict[str, Cell]]:
    """A table: names, a rule, and a line for each row."""
    lines = [line for line in text.strip("\n").splitlines() if line.strip()]
    names = [name.strip() for name in lines[0].split("|")]
    found = []
    for line in lines[2:]:
        cells = [part.strip() for part in line.split("|")]
        assert len(cells) == len(names), f"not {len(names)} cells: {line}"
        found.append(dict(zip(names, map(cell, cells), strict=True)))
    return found


def arrow(text: str) -> pa.Table:
    """A table as Arrow, columns without any value as text."""
    found = rows(text)
    names = [name.strip() for name in text.strip("\n").splitlines()[0].split("|")]
    columns = {}
    for name in names:
        values = [row[name] for row in found]
        kinds = {type(value) for value in values if value is not None}
        if kinds == {int, float}:
            values = [None if value is None else float(value) for value in values]
        column = pa.array(values) if kinds else pa.array(values, pa.string())
        columns[name] = column
    return pa.table(columns)


def city(*, region: bool = False, land: bool = False, wijken: bool = True) -> Areas:
    """Two gemeenten: GM9001 with wijk 01 (two buurten), GM9002 with one wijk of one buurt."""

    def table(codes: list[str]) -> pa.Table:
        return pa.table({"code": codes, "name": [f"Area {code}" for code in codes]})

    levels = {
        "gemeente": table(["GM9001", "GM9002"]),
        "buurt": table(["BU90010101", "BU90010102", "BU90020101"]),
    }
    if wijken:
        levels["wijk"] = table(["WK900101", "WK900201"])
    if land:
        levels["land"] = table(["NL"])
    pairs = {"gemeente": ["GM9001", "GM9002"], "code": ["RG01", "RG01"], "name": ["Region", "Region"]}
    regions = {"regio": pa.table(pairs)} if region else None
    return Areas.from_tables(2024, levels, regions)


def small_city() -> Areas:
    """One gemeente, GM9001, with one wijk of two buurten."""

    def table(codes: list[str]) -> pa.Table:
        return pa.table({"code": codes, "name": [f"Area {code}" for code in codes]})

    return Areas.from_tables(
        2024,
        {
            "gemeente": table(["GM9001"]),
            "wijk": table(["WK900101"]),
            "buurt": table(["BU90010101", "BU90010102"]),
        },
    )


def register(
    table: pa.Table, *, period: str | None = "2024", missing: Mapping[str, str] | None = None
) -> Register:
    """A contract that fits a table: `buurt` or `area` holds area codes, `period` the period if it is there."""
    kinds = {"int64": "integer", "double": "number", "bool": "boolean", "date32[day]": "date"}
    columns = tuple(
        Column(
            name, kinds.get(str(table.schema.field(name).type), "string"), name,  # type: ignore[arg-type]
            area_level={"buurt": "buurt", "area": "mixed"}.get(name),  # type: ignore[arg-type]
            period=name == "period",
            missing=((".", "primary"),) if f"{name}__status" in table.column_names else (),
        )
        for name in table.column_names if not name.endswith("__status")
    )  # fmt: skip
    document = Document("registers/units.yaml", {}, {}, {})
    own = None if "period" in table.column_names else period
    return Register("units", "c", "1.0.0", "Units", "", "units", None, "person", columns, 0.0, own, document)


def dimension(id_: str, sql: str, *categories: str) -> DimensionDeclared:
    """A dimension with these categories."""
    return DimensionDeclared.model_validate(
        {"id": id_, "title": id_, "sql": sql, "categories": tuple({"id": c, "title": c} for c in categories)}
    )


def indicator(id_: str, measure: str, **fields: object) -> Indicator:
    """An indicator over the register `units`."""
    texts = {"title": "t", "explanation": "e", "unit": "u", "theme": "t"}
    return Indicator.model_validate({"id": id_, "register": "units", "measure": measure, **texts, **fields})


def computed(
    units: pa.Table, *indicators: Indicator, dimensions: tuple[DimensionDeclared, ...] = (), areas: Areas | None = None,
    default: str | None = "GM9001", period: str | None = "2024",
) -> Computed:  # fmt: skip
    """Figures over a table of units."""
    with DuckDBEngine(threads=2) as engine:
        engine.add("units", units)
        contract = register(units, period=period)
        declared = {one.id: one for one in dimensions}
        return compute(engine, contract, "units", indicators, declared, areas or small_city(), default)


@dataclass
class Shown:
    """Figures to be held against a table as text."""

    table: pa.Table

    def where(self, **values: str) -> Shown:
        """Only the figures with these values."""
        kept = [
            row for row in self.table.to_pylist() if all(row[name] == value for name, value in values.items())
        ]
        return Shown(pa.Table.from_pylist(kept, self.table.schema))

    def are(self, text: str) -> None:
        """Hold the figures, in their order and as far as the columns go, against a table."""
        expected = rows(text)
        names = list(expected[0])
        found = [{name: row[name] for name in names} for row in self.table.to_pylist()]
        assert [_plain(row) for row in found] == [_plain(row) for row in expected]


def _plain(row: Mapping[str, Cell]) -> dict[str, str]:
    return {name: _text(value) for name, value in row.items()}


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)


class Figures:
    """What a spec test calls: figures over a table as text, given what is declared of one indicator."""

    def __call__(
        self, units: str, measure: str, *, areas: Areas | None = None, default: str | None = "GM9001",
        dimensions: tuple[DimensionDeclared, ...] = (), **declared: object,
    ) -> Shown:  # fmt: skip
        """Figures of one indicator."""
        if dimensions:
            declared.setdefault("by", tuple(one.id for one in dimensions))
        one = indicator("figure", measure, **declared)
        made = computed(arrow(units), one, dimensions=dimensions, areas=areas, default=default)
        self.leftovers = [str(left) for left in made.leftovers.get("figure", ())]
        return Shown(made.figures["figure"])

    def per_head(
        self, events: str, heads: str, *, by: tuple[DimensionDeclared, ...] = (), heads_by: tuple[DimensionDeclared, ...] = (), **declared: object
    ) -> Shown:  # fmt: skip
        """A rate of events per head."""
        above = indicator("figure", "rate", per_indicator="heads", by=tuple(one.id for one in by), **declared)
        below = indicator("heads", "count", by=tuple(one.id for one in heads_by))
        figures = {
            **computed(arrow(events), above, dimensions=by).figures,
            **computed(arrow(heads), below, dimensions=heads_by).figures,
        }
        return Shown(complete_rates(figures, [above, below])["figure"])
