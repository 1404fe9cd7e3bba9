"""What a release found of a declared pattern, as rows that its speaker reads."""

from __future__ import annotations

import math

import pyarrow.compute as pc

from zicht.publish.catalogue import Finding
from zicht.publish.edition import Edition
from zicht.publish.found.speaker import Row

_NUMBERS = ("estimate", "lower", "upper", "observed", "expected", "statistic", "p")


def rows_of(edition: Edition, finding: Finding, method: str) -> list[Row]:
    """The rows of one method of a finding, in order of the names of areas; none where the release has no findings."""
    table = edition.findings
    if table is None:
        return []
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
            unsure=row["status"] == "unreliable",
        )
        for row in table.filter(wanted).to_pylist()
    ]
    return sorted(rows, key=lambda row: (row.name, row.area, row.period))
