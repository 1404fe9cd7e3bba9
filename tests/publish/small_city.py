"""A release of a small invented city, written file by file in the layout of `zicht.release`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

DIMENSIONS = [
    {
        "id": "leeftijd",
        "title": {"nl": "Leeftijd", "en": "Age"},
        "categories": [
            {"id": "jong", "title": {"nl": "tot 25 jaar", "en": "under 25"}},
            {"id": "oud", "title": {"nl": "25 jaar en ouder", "en": "25 and over"}},
        ],
    }
]


def texts(nl: str, en: str | None = None) -> dict[str, str]:
    return {"nl": nl, "en": en or f"{nl} (en)"}


def indicator(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "title": texts(name.capitalize()),
        "question": texts(f"Hoe zit het met {name}?", f"What about {name}?"),
        "explanation": texts(f"Uitleg over {name}.", f"Explanation of {name}."),
        "unit": texts("% van de huishoudens", "% of households"),
        "theme": "leven",
        "measure": "share",
        "decimals": 1,
        "better": "neither",
        "breaks": None,
        "by": [],
        "levels": ["buurt", "wijk", "gemeente"],
        "periods": ["2023", "2024"],
        "protection": "microdata",
        "caution": None,
        "attribution": None,
        "method_breaks": [],
        "sources": [
            {
                "id": "brp",
                "title": texts("Basisregistratie"),
                "deliverer": "Gemeente",
                "licence": "CC-BY-4.0",
                "attribution": None,
            }
        ],
        "steps": ["Geteld per gebied."],
        "register": "personen",
        **changes,
    }


def figure(name: str, area: str, level: str, period: str, value: float | None, **more: Any) -> dict[str, Any]:
    row = {
        "indicator": name, "area": area, "division": 2025, "level": level, "period": period, "value": value,
        "numerator": None, "denominator": None, "n": None, "lower": None, "upper": None, "status": "ok",
    }  # fmt: skip
    return {**row, **more}


FIGURE_TYPES = {
    "indicator": pa.string(), "area": pa.string(), "division": pa.int16(), "level": pa.string(), "period": pa.string(),
    "value": pa.float64(), "numerator": pa.float64(), "denominator": pa.float64(), "n": pa.int64(),
    "lower": pa.float64(), "upper": pa.float64(), "status": pa.string(),
}  # fmt: skip


@dataclass
class City:
    """What the release will hold; tests change it and write it again."""

    areas: list[tuple[str, str, str, str | None]] = field(default_factory=list)
    boundaries: dict[str, dict[str, shapely.Geometry]] = field(default_factory=dict)
    indicators: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    products: list[dict[str, Any]] = field(default_factory=list)
    points: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    dimensions: list[dict[str, Any]] = field(default_factory=lambda: list(DIMENSIONS))
    notice: dict[str, str] | None = None
    site: dict[str, Any] | None = None
    organisation: dict[str, str] = field(
        default_factory=lambda: {
            "name": "Gemeente Proefstad",
            "url": "https://proefstad.example",
            "email": "data@proefstad.example",
        }
    )
    languages: tuple[str, ...] = ("nl", "en")
    levels: tuple[str, ...] = ("buurt", "wijk", "gemeente")

    def write(self, folder: Path) -> Path:
        """Write the release and return its folder."""
        folder.mkdir(parents=True, exist_ok=True)
        project = {
            "id": "proefstad", "title": texts("Proefstad in cijfers", "Proefstad in figures"),
            "description": texts("Cijfers over Proefstad.", "Figures about Proefstad."), "notice": self.notice, "site": self.site,
            "organisation": self.organisation,
        }  # fmt: skip
        catalogue = {
            "project": project, "themes": [{"id": "leven", "title": texts("Leven", "Living")}], "dimensions": self.dimensions,
            "indicators": self.indicators, "products": self.products,
            "areas": {"division": 2025, "levels": list(self.levels)},
        }  # fmt: skip
        (folder / "catalogue.json").write_text(json.dumps(catalogue), "utf-8")
        columns = list(zip(*self.areas, strict=True))
        areas = pa.table(
            {
                name: pa.array(column, pa.string())
                for name, column in zip(("code", "name", "level", "parent"), columns, strict=True)
            }
        )
        pq.write_table(
            areas.append_column("division", pa.array([2025] * len(self.areas), pa.int16())),
            folder / "areas.parquet",
        )
        for level, shapes in self.boundaries.items():
            (folder / "boundaries").mkdir(exist_ok=True)
            table = pa.table(
                {
                    "code": list(shapes),
                    "geometry": pa.array([shapely.to_wkb(shape) for shape in shapes.values()], pa.binary()),
                }
            )
            pq.write_table(table, folder / "boundaries" / f"{level}.parquet")
        for entry in self.indicators:
            (folder / "figures").mkdir(exist_ok=True)
            schema = pa.schema([*FIGURE_TYPES.items(), *((name, pa.string()) for name in entry["by"])])
            pq.write_table(
                pa.Table.from_pylist(self.figures[entry["id"]], schema),
                folder / "figures" / f"{entry['id']}.parquet",
            )
        for name, places in self.points.items():
            (folder / "points").mkdir(exist_ok=True)
            x, y = (pa.array([place[axis] for place in places], pa.int32()) for axis in (0, 1))
            pq.write_table(pa.table({"x": x, "y": y}), folder / "points" / f"{name}.parquet")
        for name, value in self.evidence.items():
            (folder / "evidence").mkdir(exist_ok=True)
            (folder / "evidence" / f"{name}.json").write_text(json.dumps(value), "utf-8")
        files = {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != "release.json"
        }
        manifest = {
            "format": 1,
            "project": "proefstad",
            "division": 2025,
            "languages": list(self.languages),
            "files": files,
        }
        digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
        (folder / "release.json").write_text(json.dumps({**manifest, "digest": digest}), "utf-8")
        return folder


def small_city(rows: int = 4) -> City:
    """A gemeente of 4 wijken and `rows` x `rows` buurten on a grid, with a share that has intervals, a count, and hidden figures."""
    city = City()
    city.areas.append(("GM9009", "Proefstad", "gemeente", None))
    half = rows // 2
    buurten, wijken = {}, {}
    for x in range(rows):
        for y in range(rows):
            wijk = f"WK90090{2 * (x >= half) + (y >= half) + 1}"
            code = f"BU{wijk[2:]}{x}{y}"
            square = shapely.box(140000 + 500 * x, 500000 + 500 * y, 140500 + 500 * x, 500500 + 500 * y)
            buurten[code] = square
            wijken[wijk] = shapely.union(wijken[wijk], square) if wijk in wijken else square
            city.areas.append((code, f"Buurt {x}{y}", "buurt", wijk))
    for number, wijk in enumerate(sorted(wijken), 1):
        city.areas.append((wijk, f"Wijk {number}", "wijk", "GM9009"))
    city.areas.append(("WK9009--", "Onbekend", "wijk", "GM9009"))
    city.areas.append(("BU9009----", "Onbekend", "buurt", "WK9009--"))
    city.boundaries = {
        "buurt": buurten,
        "wijk": wijken,
        "gemeente": {"GM9009": shapely.union_all(list(wijken.values()))},
    }
    city.indicators = [
        indicator("bereik", caution=texts("Zegt niet waarom.", "Does not say why.")),
        indicator(
            "inwoners", unit=texts("inwoners", "inhabitants"), measure="count", decimals=0, by=["leeftijd"],
            method_breaks=[{"period": "2024", "text": texts("Nieuwe telling", "New count")}],
        ),
    ]  # fmt: skip
    city.figures = {"bereik": [], "inwoners": []}
    for period in ("2023", "2024"):
        for number, (code, _, level, _) in enumerate(city.areas):
            size = (
                {"gemeente": 60000, "wijk": 15000, "buurt": 3700}[level]
                + 13 * number
                + (100 if period == "2024" else 0)
            )
            # What buurten had before lies elsewhere: the map of another period has other colours.
            turn = 31 if level == "buurt" and period == "2023" else 37
            share, margin = 40 + (number * turn % 23) + 0.437, 6.3
            hidden = number % 6 == 3 and level == "buurt"
            city.figures["bereik"].append(
                figure("bereik", code, level, period, None, status="primary" if number % 4 else "secondary")
                if hidden
                else figure("bereik", code, level, period, share, lower=share - margin, upper=share + margin)
            )
            for group, part in (("TOTAL", 1.0), ("jong", 0.3), ("oud", 0.7)):
                city.figures["inwoners"].append(
                    figure(
                        "inwoners",
                        code,
                        level,
                        period,
                        round(size * part),
                        n=round(size * part),
                        leeftijd=group,
                    )
                )
    city.products = [
        {
            "id": "wie_missen_we", "title": texts("Wie missen we?"), "question": texts("Bereiken we iedereen?", "Do we reach everybody?"),
            "answer": texts("Bijna iedereen."), "audience": texts("De raad"), "indicators": ["bereik", "inwoners"],
            "text": texts("## Kop\n\nEen alinea.\n\n- een\n- twee"), "limits": texts("Waarom mensen niet meedoen."),
        }
    ]  # fmt: skip
    city.evidence = {
        "checks": {
            "sums": {
                "inwoners": {
                    "verdicts": {"rounding": 1},
                    "differs": [],
                    "rounding": [
                        {
                            "indicator": "inwoners",
                            "parent": "GM9009",
                            "name": "Proefstad",
                            "period": "2024",
                            "level": "wijk",
                            "own_value": 60113.0,
                            "sum_of_children": 60105.0,
                            "difference": -8.0,
                            "verdict": "rounding",
                        }
                    ],
                }
            }
        }
    }
    city.notice = texts("Proefstad bestaat niet. Alle cijfers zijn verzonnen.", "Proefstad does not exist.")
    return city
