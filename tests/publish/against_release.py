"""What the data files of a site hold, beside what the release says: computed from the release alone, without the code that wrote them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pyogrio

from zicht.release import HIDDEN, Release

Figures = Mapping[tuple[str, ...], Mapping[str, object]]
_NUMBERS = ("value", "lower", "upper")
_CLOSE = 1e-6


def differences(site: Path, release: Release) -> list[str]:
    """Every number and status in the data files of a site that is not what the release says, in words."""
    return [line for item in release.catalogue["indicators"] for line in _of_indicator(site, release, item)]


def _of_indicator(site: Path, release: Release, item: Mapping) -> Iterator[str]:
    name, by = item["id"], list(item["by"])
    told: Figures = {
        tuple(str(row[key]) for key in ("area", "period", *by)): row
        for row in release.figures(name).to_pylist()
    }
    decimals = {"value": item["decimals"]} | dict.fromkeys(
        ("lower", "upper"), 0 if item["unit"]["nl"].strip().startswith("%") else item["decimals"]
    )
    data = site / "data"
    (version,) = (site / "v" / name).iterdir()
    whole = {
        f"{name}.csv": _dutch(data / f"{name}.csv", by),
        f"{name}.plain.csv": list(
            csv.DictReader(io.StringIO((data / f"{name}.plain.csv").read_text("utf-8")))
        ),
        f"{name}.json": _json(data / f"{name}.json"),
        f"{name}.parquet": pq.read_table(data / f"{name}.parquet").to_pylist(),
        version.name: pq.read_table(version).to_pylist(),
    }
    for file, rows in whole.items():
        if len(rows) != len(told):
            yield f"{file} has {len(rows)} rows, the release {len(told)}"
        yield from _rows(file, rows, by, told, decimals)
    for path in sorted((data / name).glob("*.geojson")):
        rows = [one["properties"] for one in json.loads(path.read_text("utf-8"))["features"]]
        yield from _rows(
            f"{name}/{path.name}", [{**row, "area": row["code"]} for row in rows], by, told, decimals
        )
    if (data / f"{name}.gpkg").is_file():
        for level in pyogrio.list_layers(data / f"{name}.gpkg")[:, 0]:
            rows = [{**row, "area": row["code"]} for row in _layer(data / f"{name}.gpkg", level)]
            yield from _rows(f"{name}.gpkg {level}", rows, by, told, decimals)
    for path in sorted((data / "kaart" / name).glob("*.json")):
        yield from _map(path, by, told, decimals)
    if (data / "gebieden.gpkg").is_file():
        yield from _together(data / "gebieden.gpkg", name, by, told, decimals)


def _dutch(path: Path, by: list[str]) -> list[dict]:
    names = {
        "waarde": "value",
        "ondergrens_95": "lower",
        "bovengrens_95": "upper",
        "gebied": "area",
        "periode": "period",
    }
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";")
    return [
        {names.get(key, key): cell.replace(",", ".") if key in names else cell for key, cell in row.items()}
        for row in rows
    ]


def _json(path: Path) -> list[dict]:
    columns = json.loads(path.read_text("utf-8"))["columns"]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _layer(path: Path, layer: str) -> list[dict]:
    meta, _, _, fields = pyogrio.raw.read(path, layer=layer)
    return [dict(zip(meta["fields"], row, strict=True)) for row in zip(*fields, strict=True)]


def _rows(file: str, rows: list, by: list[str], told: Figures, decimals: Mapping[str, int]) -> Iterator[str]:
    for row in rows:
        key = tuple(str(row.get(name, "TOTAL")) for name in ("area", "period", *by))
        figure = told.get(key)
        if figure is None:
            if any(_number(row[name]) is not None for name in _NUMBERS):
                yield f"{file}: {key} has a number, and the release has no such figure"
            continue
        for name in _NUMBERS:
            yield from _number_apart(file, key, name, row[name], figure, decimals[name])
        if (figure["status"] in HIDDEN) != (row["status"] in ("hidden", "verborgen")):
            yield f"{file}: {key} is {row['status']}, and the release says {figure['status']}"


def _number(cell: object) -> float | None:
    number = None if cell is None or cell == "" else float(str(cell))
    return None if number is None or number != number else number


def _number_apart(
    file: str, key: tuple[str, ...], name: str, cell: object, figure: Mapping[str, object], decimals: int
) -> Iterator[str]:
    number, true = _number(cell), None if figure["status"] in HIDDEN else _number(figure[name])
    if (number is None) != (true is None):
        yield f"{file}: {name} of {key} is {number}, and the release has {true}"
    elif number is not None and true is not None:
        unit = 10.0**-decimals
        apart = {"value": abs(number - true) * 2, "lower": true - number, "upper": number - true}[name]
        whole = abs(number / unit - round(number / unit)) < _CLOSE
        if not whole or not -_CLOSE <= apart <= unit * (1 + _CLOSE):
            yield f"{file}: {name} of {key} is {number}, and the release has {true}"


def _map(path: Path, by: list[str], told: Figures, decimals: Mapping[str, int]) -> Iterator[str]:
    """The file that the script of a map reads: a column a period, in the order of the areas of the level."""
    found = json.loads(path.read_text("utf-8"))
    level = path.stem.partition("-")[0]
    areas = json.loads((path.parents[2] / "gebieden" / f"{level}.json").read_text("utf-8"))["codes"]
    for at, period in enumerate(found["periods"]):
        for name in _NUMBERS:
            column = found[name][at] if found[name] else [None] * len(areas)
            for area, number in zip(areas, column, strict=True):
                key = (area, period, *("TOTAL" for _ in by))
                if key in told:
                    yield from _number_apart(
                        f"kaart/{path.name}", key, name, number, told[key], decimals[name]
                    )
                elif number is not None:
                    yield f"kaart/{path.name}: {key} has a number, and the release has no such figure"


def _together(
    path: Path, name: str, by: list[str], told: Figures, decimals: Mapping[str, int]
) -> Iterator[str]:
    for level in pyogrio.list_layers(path)[:, 0]:
        fields = [str(field) for field in pyogrio.read_info(path, layer=level)["fields"]]
        mine = [field for field in fields if field.rpartition("_")[0] == name and f"{field}_status" in fields]
        for field in mine:
            period = field.rpartition("_")[2]
            for row in _layer(path, level):
                key = (row["code"], period, *("TOTAL" for _ in by))
                if key in told:
                    yield from _number_apart(
                        f"gebieden.gpkg {level}", key, "value", row[field], told[key], decimals["value"]
                    )
                elif _number(row[field]) is not None:
                    yield f"gebieden.gpkg {level}: {key} has a number, and the release has no such figure"
