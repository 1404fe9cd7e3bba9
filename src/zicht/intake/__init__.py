"""Intake: from a source as somebody delivers it to a register that keeps to its contract."""

from zicht.intake.accepted import accepted_schema
from zicht.intake.door import is_looked_at
from zicht.intake.obtain import delivered_at, obtain
from zicht.intake.profile import profile
from zicht.intake.quality import (
    FAILING_SCHEMA,
    Judged,
    Lead,
    Measured,
    Shaped,
    Times,
    Verdict,
    failing_rows,
    judge,
    lead_times,
    measure,
    write_measured,
)
from zicht.intake.quality.presentation import (
    QUALITY_LANGUAGES,
    QualitySheet,
    in_short,
    limit_in_words,
    norm_as_dict,
    norm_in_words,
    number_in_words,
    quality_page,
    quality_words,
    seen_in_words,
)
from zicht.intake.reading import read_rows, read_table
from zicht.intake.relink import relinked
from zicht.intake.report import ColumnReport, IntakeReport, Pseudonyms, Refusals
from zicht.intake.rows import Delivery, RowSource
from zicht.intake.statline import BASE_V3, BASE_V4, fetch_statline
from zicht.intake.take import ACCEPTED, REFUSED, REPORT, take_in

__all__ = [
    "ACCEPTED",
    "BASE_V3",
    "BASE_V4",
    "FAILING_SCHEMA",
    "QUALITY_LANGUAGES",
    "REFUSED",
    "REPORT",
    "ColumnReport",
    "Delivery",
    "IntakeReport",
    "Judged",
    "Lead",
    "Measured",
    "Pseudonyms",
    "QualitySheet",
    "Refusals",
    "RowSource",
    "Shaped",
    "Times",
    "Verdict",
    "accepted_schema",
    "delivered_at",
    "failing_rows",
    "fetch_statline",
    "in_short",
    "is_looked_at",
    "judge",
    "lead_times",
    "limit_in_words",
    "measure",
    "norm_as_dict",
    "norm_in_words",
    "number_in_words",
    "obtain",
    "profile",
    "quality_page",
    "quality_words",
    "read_rows",
    "read_table",
    "relinked",
    "seen_in_words",
    "take_in",
    "write_measured",
]
