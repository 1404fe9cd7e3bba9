"""What stands out, in words: for each finding that a product declares a summary, a sentence for every area that it is true of, and a table.

The verdicts are those of the release. Nothing is judged here, and no area is ranked: sentences and rows are in order of name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup

from zicht.publish.catalogue import Finding, Product
from zicht.publish.edition import Edition
from zicht.publish.found.among_areas import Clusters, Ratios, Scan
from zicht.publish.found.fair import Alike, InFunnel, Places
from zicht.publish.found.over_time import Signals, Trends
from zicht.publish.found.speaker import Row, Speaker
from zicht.publish.texts import Texts

_SPEAKERS: Mapping[str, type[Speaker]] = {
    "over_representation": Ratios,
    "clusters": Clusters,
    "scan": Scan,
    "funnel": InFunnel,
    "ranks": Places,
    "look_alikes": Alike,
    "signals": Signals,
    "slow_trend": Trends,
}
_NUMBERS = ("estimate", "lower", "upper", "observed", "expected", "statistic", "p")


@dataclass(frozen=True, slots=True)
class Said:
    """What a page says of one finding.

    Attributes:
        id: of the finding.
        title: what is asked.
        summary: the answer, in sentences.
        lines: for each area that stands out its code and the sentence; of several areas together there is no code.
        picture: HTML of the map or chart that shows it, with its key; None where there is none.
        notes: how to read it, and how not to.
        kinds: what the areas are called.
        indicator: id of the indicator behind it.
        head: headings of the columns of numbers in the table.
        rows: code, name and cells of every area.
    """

    id: str
    title: str
    summary: str
    lines: tuple[tuple[str, str], ...]
    picture: Markup | None
    notes: tuple[str, ...]
    kinds: str
    indicator: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]


def findings_of(edition: Edition, texts: Texts, product: Product) -> list[Said]:
    """What stands out in the figures of a product, in the order in which it declares it; nothing where it declares none."""
    table = edition.release.findings()
    if table is None:
        return []
    said = []
    for finding in product.findings:
        speaker = _SPEAKERS[finding.pattern]
        rows = _rows(edition, table, finding, speaker.method)
        said.append(_said(texts, finding, speaker(texts, finding, edition, rows)))
    return said


def _rows(edition: Edition, table: pa.Table, finding: Finding, method: str) -> list[Row]:
    """The rows of the method that judges, in order of the names of areas."""
    wanted = pc.and_(pc.equal(table["finding"], finding.id), pc.equal(table["method"], method))
    names = dict(zip(edition.areas.codes, edition.areas.names, strict=True))
    rows = [
        Row(
            area=row["area"] or "",
            name=names.get(row["area"], ""),
            group=row["group"] or "",
            period=row["period"],
            **{name: math.nan if row[name] is None else row[name] for name in _NUMBERS},
            relevant=bool(row["relevant"]),
            there=row["status"] == "ok",
        )
        for row in table.filter(wanted).to_pylist()
    ]
    return sorted(rows, key=lambda row: (row.name, row.area))


def _said(texts: Texts, finding: Finding, speak: Speaker) -> Said:
    absent = sum(not row.there for row in speak.rows)
    summary = [speak.summary(), *([speak.count("found.absent", absent)] if absent else [])]
    phenomenon = [texts("phenomenon.map")] if finding.phenomenon else []
    return Said(
        id=finding.id,
        title=texts.pick(finding.title),
        summary=" ".join(summary),
        lines=tuple((row.area, speak.line(row)) for row in speak.outstanding),
        picture=speak.picture(),
        notes=(*speak.notes(), *phenomenon, texts("found.areas_only")),
        kinds=texts.levels(finding.level),
        indicator=finding.indicator,
        head=tuple(texts(key) for key in speak.head),
        rows=tuple((row.area, row.name, speak.cells(row)) for row in speak.rows),
    )
