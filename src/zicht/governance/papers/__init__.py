"""The papers that law and standards ask for, made from facts: a catalogue, register entries, logs, lineage, contracts and assessments.

Each paper is a pure function of `Facts` and is held against the schema of its standard, offline.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from zicht.governance.papers.algorithms import algorithm_papers, algorithms_evidence, check_algorithms
from zicht.governance.papers.assessments import assessment_papers
from zicht.governance.papers.contracts import contract_papers
from zicht.governance.papers.dcat import catalogue_papers
from zicht.governance.papers.facts import (
    SITE_FILES,
    ColumnFacts,
    DataFile,
    Facts,
    IndicatorFacts,
    NormFacts,
    ProductFacts,
    ProjectFacts,
    PurposeFacts,
    RegisterFacts,
    SourceFacts,
    StepRun,
)
from zicht.governance.papers.kept import KeptState, facts_of, kept_papers, stale_papers
from zicht.governance.papers.lineage import lineage_papers
from zicht.governance.papers.logbook import (
    Logbook,
    LogRecord,
    LogStatus,
    TraceContext,
    log_lines,
    logbook_papers,
)
from zicht.governance.papers.paper import KINDS, Kind, Paper
from zicht.governance.papers.processings import processing_papers
from zicht.governance.papers.site_catalogue import begun_catalogue, finished_catalogue

__all__ = [
    "KINDS",
    "SITE_FILES",
    "ColumnFacts",
    "DataFile",
    "Facts",
    "IndicatorFacts",
    "KeptState",
    "Kind",
    "LogRecord",
    "LogStatus",
    "Logbook",
    "NormFacts",
    "Paper",
    "ProductFacts",
    "ProjectFacts",
    "PurposeFacts",
    "RegisterFacts",
    "SourceFacts",
    "StepRun",
    "TraceContext",
    "algorithms_evidence",
    "begun_catalogue",
    "check_algorithms",
    "facts_of",
    "finished_catalogue",
    "kept_papers",
    "log_lines",
    "make_papers",
    "stale_papers",
]

_ASSESSMENTS: tuple[Kind, ...] = ("dpia", "iama", "prescan")
_MAKERS: Mapping[tuple[Kind, ...], Callable[[Facts], tuple[Paper, ...]]] = {
    ("catalogue",): catalogue_papers,
    ("algorithms",): algorithm_papers,
    ("processings",): processing_papers,
    ("logbook",): logbook_papers,
    ("lineage",): lineage_papers,
    ("contracts",): contract_papers,
    _ASSESSMENTS: assessment_papers,
}


def make_papers(facts: Facts, kinds: Collection[Kind] = KINDS) -> tuple[Paper, ...]:
    """Make papers and hold each against its standard.

    Args:
        facts: what the project knows.
        kinds: which kinds of papers; all where left out.

    Returns:
        The papers, those that break their standard too.
    """
    made = (paper for of, maker in _MAKERS.items() if set(of) & set(kinds) for paper in maker(facts))
    return tuple(paper for paper in made if paper.kind in kinds)
