"""What stands out, in words: for each finding that a product declares a summary, a sentence for every area that it is true of, and a table.

The verdicts are those of the release. Nothing is judged here, and no area is ranked: sentences and rows are in order of name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from zicht.publish.catalogue import Finding, Indicator, Product
from zicht.publish.edition import Edition
from zicht.publish.found.ahead import Forecasts
from zicht.publish.found.among_areas import Clusters, Ratios
from zicht.publish.found.estimates import SmallAreas, Smoothed
from zicht.publish.found.fair import Alike, InFunnel, Places
from zicht.publish.found.groups import Groups, decisions
from zicht.publish.found.in_groups import Adjusted
from zicht.publish.found.over_time import Breaks, Signals, Trends
from zicht.publish.found.rows import rows_of
from zicht.publish.found.scans import Recent, Scan, ScanOverYears
from zicht.publish.found.schemes import OtherLimit, TakeUp
from zicht.publish.found.sites import ChosenPlaces
from zicht.publish.found.speaker import Row, Speaker, Twin
from zicht.publish.meaning import meaning_of
from zicht.publish.texts import Texts

_SPEAKERS: Mapping[str, type[Speaker]] = {
    "over_representation": Ratios,
    "clusters": Clusters,
    "other_limit": OtherLimit,
    "breaks": Breaks,
    "recent_clusters": Recent,
    "scan": Scan,
    "funnel": InFunnel,
    "ranks": Places,
    "adjusted_ratio": Adjusted,
    "look_alikes": Alike,
    "scan_over_years": ScanOverYears,
    "signals": Signals,
    "sites": ChosenPlaces,
    "slow_trend": Trends,
    "forecast": Forecasts,
    "small_areas": SmallAreas,
    "smoothed": Smoothed,
    "take_up": TakeUp,
    "subgroups": Groups,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a page says of one finding.

    Attributes:
        id: of the finding.
        title: what is asked.
        summary: the answer, in sentences.
        lines: for each area that stands out its code, the sentence, and of a signal what it means; of several areas together there is no code.
        picture: HTML of the map or chart that shows it, with its key; None where there is none.
        notes: how to read it, and how not to.
        about: `areas` or `groups`.
        kinds: what the areas are called.
        captions: what the table is called, and the heading of its first column.
        indicator: id of the indicator behind it.
        head: headings of the columns of numbers in the table.
        judged: whether the last of these is a verdict in words.
        sliding: whether its picture becomes a slider where scripts run.
        rows: code, name and cells of every area; of what is no area there is no code.
    """

    id: str
    title: str
    summary: str
    lines: tuple[tuple[str, str, str], ...]
    picture: Markup | None
    notes: tuple[str, ...]
    about: str
    kinds: str
    captions: tuple[str, str]
    indicator: str
    head: tuple[str, ...]
    judged: bool
    sliding: bool
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]
    tables: tuple[Twin, ...]


def findings_of(edition: Edition, texts: Texts, product: Product) -> list[Said]:
    """What stands out in the figures of a product, in the order in which it declares it; nothing where it declares none."""
    if edition.findings is None:
        return []
    said = []
    for finding in product.findings:
        speaker = _SPEAKERS[finding.pattern]
        rows = rows_of(edition, finding, speaker.judged_by(finding))
        said.append(_said(texts, finding, speaker(texts, finding, edition, rows)))
    return said


def about_words(texts: Texts, said: Sequence[Said]) -> str:
    """What these findings are about, and that nobody may be chosen by them: said once of all on a page.

    Args:
        texts: of the language.
        said: the findings of a page, at least one.
    """
    about = {one.about for one in said}
    return texts(f"found.about.{about.pop() if len(about) == 1 else 'both'}")


def _said(texts: Texts, finding: Finding, speak: Speaker) -> Said:
    absent = sum(not (row.there or row.unsure) for row in speak.rows)
    summary = [speak.summary(), *([speak.count("found.absent", absent)] if absent else [])]
    notes = (
        *speak.notes(),
        *_warnings(texts, finding, speak.edition.catalogue.indicators[finding.indicator]),
    )
    return Said(
        id=finding.id,
        title=texts.pick(finding.title),
        summary=" ".join(summary),
        lines=tuple((row.area, speak.line(row), _meaning(texts, speak, row)) for row in speak.outstanding),
        picture=speak.picture(),
        notes=notes,
        about=speak.about,
        kinds=texts.levels(finding.level),
        captions=speak.captions(),
        indicator=finding.indicator,
        head=speak.headings(),
        judged=speak.judged,
        sliding=speak.sliding and speak.picture() is not None,
        rows=tuple(speak.table()),
        tables=tuple(speak.tables()),
    )


def _meaning(texts: Texts, speak: Speaker, row: Row) -> str:
    signal = speak.signal(row)
    return "" if signal is None else meaning_of(speak.edition, texts, signal)


def _warnings(texts: Texts, finding: Finding, indicator: Indicator) -> list[str]:
    """Of a phenomenon its definition and that it proves nothing, of what enforcers registered that they look where they look, and what was decided about it."""
    definition = texts("found.definition", definition=texts.pick(indicator.explanation))
    enforced = indicator.enforcement or bool(finding.declared.get("enforcement"))
    told = [definition, texts("phenomenon.map")] if finding.phenomenon else []
    return [
        *told,
        *([texts("found.enforcement")] if enforced else []),
        *decisions(texts, finding),
    ]
