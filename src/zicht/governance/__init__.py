"""What the law asks and the folder answers: purposes, classification, what may be used for what, how long, and the papers that say so.

Nothing here runs SQL or reads data: it reads declarations, and follows columns through parsed SQL.
"""

from zicht.governance.activities import activity_of, uri_of
from zicht.governance.check import check_use
from zicht.governance.classified import SENSITIVE, classification_of, is_about_persons
from zicht.governance.lineage import Hop, Lineage, Use
from zicht.governance.report import ColumnUse, ProductPrivacy, PurposeUse, RegisterUse, columns_of, privacy_of
from zicht.governance.retention import Retention, period_end, retention_of
from zicht.governance.standard import processing_breaches, processing_schema
from zicht.governance.versions import KeptVersion, keep_versions, kept_versions

__all__ = [
    "SENSITIVE",
    "ColumnUse",
    "Hop",
    "KeptVersion",
    "Lineage",
    "ProductPrivacy",
    "PurposeUse",
    "RegisterUse",
    "Retention",
    "Use",
    "activity_of",
    "check_use",
    "classification_of",
    "columns_of",
    "is_about_persons",
    "keep_versions",
    "kept_versions",
    "period_end",
    "privacy_of",
    "processing_breaches",
    "processing_schema",
    "retention_of",
    "uri_of",
]
