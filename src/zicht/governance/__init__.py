"""What the law asks and the folder answers: purposes, classification, what may be used for what, how long, and the papers that say so.

Nothing here runs SQL or reads data: it reads declarations, and follows columns through parsed SQL.
"""

from zicht.governance.activities import activity_of, uri_of
from zicht.governance.check import check_use
from zicht.governance.classified import SENSITIVE, classification_of, is_about_persons
from zicht.governance.lineage import Hop, Lineage, Use
from zicht.governance.papers import (
    KINDS,
    ColumnFacts,
    DataFile,
    Facts,
    IndicatorFacts,
    KeptState,
    Kind,
    Logbook,
    LogRecord,
    LogStatus,
    NormFacts,
    Paper,
    ProductFacts,
    ProjectFacts,
    PurposeFacts,
    RegisterFacts,
    SourceFacts,
    StepRun,
    TraceContext,
    algorithms_evidence,
    check_algorithms,
    facts_of,
    kept_papers,
    log_lines,
    make_papers,
    stale_papers,
)
from zicht.governance.report import ColumnUse, ProductPrivacy, PurposeUse, RegisterUse, columns_of, privacy_of
from zicht.governance.retention import Retention, period_end, retention_of
from zicht.governance.standard import processing_breaches, processing_schema
from zicht.governance.versions import KeptVersion, keep_versions, kept_versions

__all__ = [
    "KINDS",
    "SENSITIVE",
    "ColumnFacts",
    "ColumnUse",
    "DataFile",
    "Facts",
    "Hop",
    "IndicatorFacts",
    "KeptState",
    "KeptVersion",
    "Kind",
    "Lineage",
    "LogRecord",
    "LogStatus",
    "Logbook",
    "NormFacts",
    "Paper",
    "ProductFacts",
    "ProductPrivacy",
    "ProjectFacts",
    "PurposeFacts",
    "PurposeUse",
    "RegisterFacts",
    "RegisterUse",
    "Retention",
    "SourceFacts",
    "StepRun",
    "TraceContext",
    "Use",
    "activity_of",
    "algorithms_evidence",
    "check_algorithms",
    "check_use",
    "classification_of",
    "columns_of",
    "facts_of",
    "is_about_persons",
    "keep_versions",
    "kept_papers",
    "kept_versions",
    "log_lines",
    "make_papers",
    "period_end",
    "privacy_of",
    "processing_breaches",
    "processing_schema",
    "retention_of",
    "stale_papers",
    "uri_of",
]
