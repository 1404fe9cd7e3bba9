"""The quality of one register as it is shown, and the words for it."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from zicht.declare import Norm
from zicht.intake.quality.lead import Lead
from zicht.intake.quality.verdicts import Judged
from zicht.intake.report import Refusals

QUALITY_LANGUAGES = ("nl", "en")
"""The languages in which there is a report of quality."""

_DECIMALS_BELOW = 10  # numbers smaller than this are shown in two decimals


@dataclass(frozen=True, slots=True)
class QualitySheet:
    """What holds of one register.

    Attributes:
        register: its id.
        title: what it is called.
        deliverers: who delivered what it is made of.
        rows: accepted rows.
        refused: rows refused at the door.
        most_refused: share of rows (0-1) that may be.
        refusals: how many, by column and reason.
        judged: the norms, with what holds of each.
        leads: the lead times.
        earlier: the day on which the snapshot before was taken in; None where there is none.
        places: where each norm stands in the contract, by its id.
        failing: the file with the rows that break norms; None where there are none.
    """

    register: str
    title: str
    deliverers: tuple[str, ...]
    rows: int
    refused: int
    most_refused: float
    refusals: tuple[Refusals, ...]
    judged: tuple[Judged, ...]
    leads: tuple[Lead, ...]
    earlier: dt.date | None
    places: Mapping[str, str]
    failing: Path | None

    @property
    def broken(self) -> tuple[Judged, ...]:
        """The norms that stop the build."""
        return tuple(one for one in self.judged if one.verdict == "broken")

    @property
    def warned(self) -> tuple[Judged, ...]:
        """The norms that are broken and only warn."""
        return tuple(one for one in self.judged if one.verdict == "warning")

    @property
    def late(self) -> tuple[Lead, ...]:
        """The steps that took, or are taking, too long."""
        return tuple(one for one in self.leads if one.verdict == "late")

    def as_dict(self) -> dict[str, object]:
        """All of it as JSON can hold it."""
        return {
            "register": self.register,
            "title": self.title,
            "deliverers": list(self.deliverers),
            "rows": self.rows,
            "refused": self.refused,
            "most_refused": self.most_refused,
            "refusals": [{"column": r.column, "reason": r.reason, "rows": r.rows} for r in self.refusals],
            "earlier": None if self.earlier is None else self.earlier.isoformat(),
            "failing": None if self.failing is None else str(self.failing),
            "norms": [
                {
                    **norm_as_dict(one.norm),
                    "place": self.places.get(one.norm.id),
                    "value": _finite(one.value),
                    "before": _finite(one.before),
                    "verdict": one.verdict,
                }
                for one in self.judged
            ],
            "lead_times": [
                {
                    "step": lead.step,
                    "begin": _day(lead.begin),
                    "end": _day(lead.end),
                    "due": _day(lead.due),
                    "days": lead.days,
                    "verdict": lead.verdict,
                }
                for lead in self.leads
            ],
        }


def norm_as_dict(norm: Norm) -> dict[str, object]:
    """What a norm says, as JSON can hold it.

    Args:
        norm: the norm.

    Returns:
        Its id, metric, columns, limit, unit, dimension, description, and whether it blocks.
    """
    return {
        "id": norm.id,
        "metric": norm.metric,
        "columns": list(norm.columns),
        "limit": {norm.limit.operator: list(norm.limit.bounds)},
        "unit": "percent" if norm.percent else "rows" if norm.metric != "sql" else None,
        "dimension": norm.dimension,
        "description": norm.description,
        "blocks": norm.blocks,
    }


def norm_in_words(norm: Norm, language: str) -> str:
    """What a norm asks, in one phrase.

    Args:
        norm: the norm.
        language: of QUALITY_LANGUAGES.
    """
    say = quality_words(language)
    about = say[f"metric.{norm.metric}"].format(
        columns=", ".join(norm.columns), register=norm.register, sql=" ".join(norm.sql.split())
    )
    return f"{norm.description} ({about})" if norm.description else about


def limit_in_words(norm: Norm, language: str) -> str:
    """What a norm is held against, in one phrase.

    Args:
        norm: the norm.
        language: of QUALITY_LANGUAGES.
    """
    bounds = [number_in_words(bound, language) for bound in norm.limit.bounds]
    return quality_words(language)[norm.limit.operator].format(*bounds) + (" %" if norm.percent else "")


def seen_in_words(one: Judged, value: float | None, language: str) -> str:
    """What was seen, as people write numbers.

    Args:
        one: the norm and what holds of it.
        value: what was seen now, or before.
        language: of QUALITY_LANGUAGES.
    """
    if value is None:
        return "–" if one.verdict == "first" else quality_words(language)["nothing"]
    return number_in_words(value, language) + (" %" if one.norm.percent else "")


def number_in_words(number: float, language: str) -> str:
    """A number as people write it in `language`: whole, or in as many decimals as say something.

    Args:
        number: the number.
        language: of QUALITY_LANGUAGES.
    """
    say = quality_words(language)
    if not math.isfinite(number):
        return "∞"
    whole = number == int(number)
    text = f"{number:,.{0 if whole else 2 if abs(number) < _DECIMALS_BELOW else 1}f}"
    return text.replace(",", "\0").replace(".", say["decimal"]).replace("\0", say["thousands"])


@cache
def quality_words(language: str) -> Mapping[str, str]:
    """The words of a report.

    Args:
        language: of QUALITY_LANGUAGES.

    Returns:
        Each word or phrase by its key.
    """
    path = Path(__file__).parent / "messages" / f"{language}.json"
    found: dict[str, str] = json.loads(path.read_text("utf-8"))
    return found


def in_short(sheets: Sequence[QualitySheet], language: str) -> str:
    """What a report comes to, in one sentence or two.

    Args:
        sheets: the registers that it is about.
        language: of QUALITY_LANGUAGES.
    """
    norms = [one for sheet in sheets for one in sheet.judged]
    return quality_words(language)["short"].format(
        registers=len(sheets),
        norms=len(norms),
        met=sum(one.verdict == "met" for one in norms),
        broken=sum(one.verdict == "broken" for one in norms),
        warning=sum(one.verdict == "warning" for one in norms),
        first=sum(one.verdict == "first" for one in norms),
        late=sum(len(sheet.late) for sheet in sheets),
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
