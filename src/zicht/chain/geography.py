"""From the sources that name areas and draw borders to one checked division and its polygons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zicht.areas import Areas, Boundaries
from zicht.declare import AreaDivision, check_expression, parse_expression
from zicht.engine import DuckDBEngine
from zicht.errors import DeclarationError, Place, Problem
from zicht.intake import Delivery, read_table
from zicht.release import Release

GEOMETRY = "__geometry"
COARSER = {"buurt": ("wijk", "gemeente"), "wijk": ("gemeente",), "gemeente": ()}


def make_areas(declared: AreaDivision, deliveries: Mapping[str, Delivery], out: Path) -> None:
    """Read the areas of a division and write them.

    Args:
        declared: where each level comes from.
        deliveries: by source id.
        out: an empty folder; gets areas.parquet and membership.parquet.

    Raises:
        DeclarationError: an expression that does not fit the delivered columns.
        DeliveryError: codes, parents or names that are wrong.
    """
    read = _Reader(deliveries)
    levels: dict[str, pa.Table] = {}
    files: dict[str, str] = {}
    for index, level in enumerate(declared.levels):
        levels[level.level] = read.select(
            level.source, {"code": level.code, "name": level.name}, level.where, f"areas.levels[{index}]"
        )
        files[level.level] = deliveries[level.source].shown
    regions = {}
    if declared.regions is not None:
        chosen = declared.regions
        regions["regio"] = read.select(
            chosen.source,
            {"gemeente": chosen.gemeente, "code": chosen.code, "name": chosen.name},
            None,
            "areas.regions",
        )
        regions["regio"] = _of_gemeenten(regions["regio"], levels.get("gemeente"))
        files["regio"] = deliveries[chosen.source].shown
    if declared.land:
        levels["land"] = pa.table({"code": ["NL"], "name": ["Nederland"]})
    areas = Areas.from_tables(declared.division, levels, regions, files=files)
    pq.write_table(areas.table, out / "areas.parquet")
    pq.write_table(areas.membership, out / "membership.parquet")
    (out / "division.json").write_text(json.dumps({"division": areas.division}), "utf-8")


def load_areas(folder: Path) -> Areas:
    """The areas that `make_areas` wrote."""
    division = json.loads((folder / "division.json").read_text("utf-8"))["division"]
    return Areas(
        division, pq.read_table(folder / "areas.parquet"), pq.read_table(folder / "membership.parquet")
    )


def areas_of(release: Release) -> Areas:
    """The division of a release, with the regions that its areas name."""
    table = release.areas()
    levels = dict(zip(table["code"].to_pylist(), table["level"].to_pylist(), strict=True))
    within = [
        (code, levels[parent], parent)
        for code, level, parent in zip(
            *(table[n].to_pylist() for n in ("code", "level", "parent")), strict=True
        )
        if level == "gemeente" and levels.get(parent, "land") != "land"
    ]
    gemeenten, kinds, regions = zip(*within, strict=True) if within else ((), (), ())
    names = {"gemeente": gemeenten, "level": kinds, "regio": regions}
    membership = pa.table({name: pa.array(column, pa.string()) for name, column in names.items()})
    columns = table.select(["code", "name", "level", "parent"])
    return Areas(int(table["division"][0].as_py()), columns, membership)


def only_gemeente(areas: Areas) -> str | None:
    """The gemeente of a division that has one only: there units count of which no more is known."""
    gemeenten = areas.codes("gemeente") if "gemeente" in areas.levels else ()
    return gemeenten[0] if len(gemeenten) == 1 else None


def make_boundaries(
    declared: AreaDivision, deliveries: Mapping[str, Delivery], areas: Areas, out: Path
) -> None:
    """Write the polygons of every level: the finest as delivered, all of them closed and simplified with shared borders kept.

    Where the finest level has polygons the coarser ones are made of those, so that levels fit on each other; a delivered polygon
    of a coarser level is used only where there is nothing finer.

    Args:
        declared: where polygons come from.
        deliveries: by source id.
        areas: the areas they must belong to.
        out: an empty folder; gets full.parquet (finest level), map/<level>.parquet and report.json.
    """
    read = _Reader(deliveries)
    report: dict[str, object] = {}
    for index, level in sorted(
        enumerate(declared.levels), key=lambda item: areas.levels.index(item[1].level)
    ):
        source, code = (
            (level.boundaries.source, level.boundaries.code)
            if level.boundaries
            else (level.source, level.code)
        )
        where = None if level.boundaries else level.where
        table = read.select(source, {"code": code}, where, f"areas.levels[{index}]", geometry=True)
        if table is None:
            continue
        known = set(areas.codes(level.level))
        inside = pc.is_in(table["code"], pa.array(sorted(known), pa.string()))
        used = table.filter(inside)
        boundaries = Boundaries.from_wkb(used["code"].to_pylist(), used[GEOMETRY].to_pylist(), "EPSG:28992")
        report = {
            "level": level.level,
            "polygons": table.num_rows,
            "joined": len(known & set(used["code"].to_pylist())),
            "areas": len(known),
            "without_polygon": sorted(known - set(used["code"].to_pylist()))[:200],
            "without_area": sorted(set(table.filter(pc.invert(inside))["code"].to_pylist()))[:200],
        }
        pq.write_table(boundaries.to_table(), out / "full.parquet")
        drawn = boundaries.closed(declared.close_gaps).simplified(declared.simplify)
        _write_maps(drawn, level.level, areas, out / "map")
        break
    (out / "report.json").write_text(json.dumps(report, sort_keys=True), "utf-8")


def load_boundaries(folder: Path) -> Boundaries | None:
    """The polygons of the finest level as `make_boundaries` wrote them, or None where there are none."""
    path = folder / "full.parquet"
    return Boundaries.from_table(pq.read_table(path)) if path.is_file() else None


def _write_maps(finest: Boundaries, level: str, areas: Areas, folder: Path) -> None:
    folder.mkdir()
    pq.write_table(finest.to_table(), folder / f"{level}.parquet")
    ancestry = areas.ancestry()
    for coarser in areas.levels[areas.levels.index(level) + 1 :]:
        if coarser in ancestry.column_names and coarser != "land":
            lies_in = dict(zip(ancestry[level].to_pylist(), ancestry[coarser].to_pylist(), strict=True))
            pq.write_table(finest.dissolved(lies_in).to_table(), folder / f"{coarser}.parquet")


def _of_gemeenten(regions: pa.Table, gemeenten: pa.Table | None) -> pa.Table:
    # A national list of regions is longer than the gemeenten of one project.
    if gemeenten is None:
        return regions
    return regions.filter(pc.is_in(regions["gemeente"], gemeenten["code"].combine_chunks()))


class _Reader:
    """Reads each delivery once and evaluates declared expressions over its columns."""

    def __init__(self, deliveries: Mapping[str, Delivery]) -> None:
        self._deliveries = deliveries
        self._tables: dict[str, pa.Table] = {}

    def select(
        self,
        source: str,
        columns: Mapping[str, str],
        where: str | None,
        place: str,
        *,
        geometry: bool = False,
    ) -> pa.Table | None:
        table = self._tables.get(source)
        if table is None:
            table = self._tables[source] = read_table(self._deliveries[source])
        if geometry and GEOMETRY not in table.column_names:
            return None
        known = {field.name: "string" for field in table.schema}
        wanted = {**columns, **({"where": where} if where else {})}
        problems = [
            Problem(Place("zicht.yaml"), f"`{place}.{name}`: {mistake.what}", mistake.remedy)
            for name, sql in wanted.items()
            for mistake in check_expression(sql, known)
        ]
        if problems:
            raise DeclarationError(problems)
        parts = [
            f'{parse_expression(sql).sql(dialect="duckdb")} AS "{name}"' for name, sql in columns.items()
        ]
        parts += [f'"{GEOMETRY}"'] if geometry else []
        condition = f" WHERE {parse_expression(where).sql(dialect='duckdb')}" if where else ""
        distinct = "" if geometry else "DISTINCT "
        with DuckDBEngine() as engine:
            engine.add("delivered", table)
            found = engine.query(f"SELECT {distinct}{', '.join(parts)} FROM delivered{condition} ORDER BY ALL" if not geometry else
                                 f"SELECT {', '.join(parts)} FROM delivered{condition}")  # fmt: skip
        return found.filter(pc.is_valid(found[next(iter(columns))]))
