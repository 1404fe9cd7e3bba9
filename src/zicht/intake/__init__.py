"""Intake: from a source as somebody delivers it to a register that keeps to its contract."""

from zicht.intake.reading import read_rows, read_table
from zicht.intake.report import ColumnReport, IntakeReport, Refusals
from zicht.intake.rows import Delivery, RowSource
from zicht.intake.take import ACCEPTED, REFUSED, REPORT, accepted_schema, take_in

__all__ = [
    "ACCEPTED",
    "REFUSED",
    "REPORT",
    "ColumnReport",
    "Delivery",
    "IntakeReport",
    "Refusals",
    "RowSource",
    "accepted_schema",
    "read_rows",
    "read_table",
    "take_in",
]
