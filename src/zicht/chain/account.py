"""What protection did in the last build: kept beside the protected figures, read back for who answers for it.

The account counts what is hidden too, so it stays in the workplace; a release gets `public_account`, which does not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zicht.disclosure import OVERVIEW_SCHEMA, Sheet

REPORTS, COUNTS = "protection.json", "protection.parquet"


def write_account(folder: Path, sheets: Sequence[Sheet]) -> None:
    """Keep `sheets` in `folder`."""
    reports = [{"title": s.title, "report": s.report, "themes": dict(s.themes)} for s in sheets]
    (folder / REPORTS).write_text(json.dumps(reports, sort_keys=True, ensure_ascii=False), "utf-8")
    counted = [
        s.overview.append_column("sheet", pa.array([at] * s.overview.num_rows, pa.int64()))
        for at, s in enumerate(sheets)
    ]
    empty = OVERVIEW_SCHEMA.append(pa.field("sheet", pa.int64())).empty_table()
    pq.write_table(pa.concat_tables([empty, *counted]), folder / COUNTS)


def read_account(folder: Path) -> list[Sheet]:
    """The sheets that `write_account` kept in `folder`."""
    reports = json.loads((folder / REPORTS).read_text("utf-8"))
    counted = pq.read_table(folder / COUNTS)
    return [
        Sheet(
            one["title"],
            one["report"],
            counted.filter(pc.equal(counted["sheet"], at)).drop_columns(["sheet"]),
            one["themes"],
        )
        for at, one in enumerate(reports)
    ]


def is_account(folder: Path) -> bool:
    """Whether `write_account` kept anything in `folder`; open figures have no account."""
    return (folder / REPORTS).is_file()


def public_account(sheets: Sequence[Sheet]) -> list[Mapping[str, object]]:
    """What a release tells of its protection: rules and numbers of cells, but no sum or name of a hidden one.

    Args:
        sheets: those of one register.
    """
    return [
        {
            "title": sheet.title,
            "profile": sheet.report["profile"],
            "tables": [
                {key: table[key] for key in ("table", "ok", "primary", "secondary")}
                for table in _records(sheet.report["tables"])
            ],
            "safe": _record(sheet.report["attack"])["safe"],
            "rounds": sheet.report["rounds"],
        }
        for sheet in sheets
    ]


def _records(found: object) -> list[Mapping[str, object]]:
    return [_record(one) for one in found] if isinstance(found, list) else []


def _record(found: object) -> Mapping[str, object]:
    return found if isinstance(found, dict) else {}
