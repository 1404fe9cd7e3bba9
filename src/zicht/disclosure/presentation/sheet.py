"""One protection as it is shown: its report and its overview, which may have been kept since and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pyarrow as pa

from zicht.disclosure.attack.failures import Json

LANGUAGES = ("nl", "en")
"""The languages in which there is a report."""
STATUSES = ("ok", "secondary", "primary")
LISTS = ("refused", "closed", "public", "revised")  # of a report: lists of lines that each need a look


@dataclass(frozen=True)
class Sheet:
    """What one call of `protect` came to.

    Attributes:
        title: what was protected, in words.
        report: `Report.as_dict()`.
        overview: see `overview`.
        themes: a theme for each table, for who wants the cost by theme; tables without one are left out there.
    """

    title: str
    report: Mapping[str, Json]
    overview: pa.Table
    themes: Mapping[str, str] = field(default_factory=dict)

    def with_themes(self) -> pa.Table:
        """The overview with a column `theme`."""
        themes = [self.themes.get(name) for name in self.overview.column("table").to_pylist()]
        return self.overview.append_column("theme", pa.array(themes, pa.string()))


@dataclass(frozen=True)
class Share:
    """How the cells of one level, theme or protection divide: shown, hidden for others, hidden by a rule.

    Attributes:
        name: of the level, theme or protection.
        cells: number of cells, by status.
        size: their summed size, by status.
    """

    name: str
    cells: Mapping[str, int]
    size: Mapping[str, float]

    @property
    def lost(self) -> float:
        """The share of the summed size of all cells that no rule hides, which is hidden for the sake of others."""
        free = self.size["ok"] + self.size["secondary"]
        return self.size["secondary"] / free if free else 0.0

    def part(self, status: str) -> float:
        """The share of the cells that have `status`."""
        return self.cells[status] / max(sum(self.cells.values()), 1)


def shares(found: Mapping[str, Mapping[str, tuple[int, float]]]) -> list[Share]:
    """The division of each group.

    Args:
        found: by group and status, the number of cells and their size.
    """
    return [
        Share(
            name,
            {status: by_status.get(status, (0, 0.0))[0] for status in STATUSES},
            {status: by_status.get(status, (0, 0.0))[1] for status in STATUSES},
        )
        for name, by_status in found.items()
    ]


def attacked(sheets: Sequence[Sheet]) -> bool:
    """Whether every one of `sheets` withstood its attack."""
    return all(bool(attack_of(sheet)["safe"]) for sheet in sheets)


def attack_of(sheet: Sheet) -> Mapping[str, Json]:
    """What the attack on `sheet` found."""
    found = sheet.report["attack"]
    return found if isinstance(found, dict) else {}


def lines_of(sheet: Sheet, name: str) -> list[str]:
    """A list of texts in the report of `sheet`, empty where there is none called `name`."""
    found = sheet.report.get(name)
    return [str(line) for line in found] if isinstance(found, list) else []


@cache
def words(language: str) -> Mapping[str, str]:
    """The words of a report in `language`, of LANGUAGES."""
    path = Path(__file__).parent / "messages" / f"{language}.json"
    found: dict[str, str] = json.loads(path.read_text("utf-8"))
    return found
