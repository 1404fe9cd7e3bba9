"""Intake: from a source as somebody delivers it to a register that keeps to its contract."""

from zicht.intake.accepted import accepted_schema
from zicht.intake.obtain import obtain
from zicht.intake.profile import profile
from zicht.intake.reading import read_rows, read_table
from zicht.intake.report import ColumnReport, IntakeReport, Refusals
from zicht.intake.rows import Delivery, RowSource
from zicht.intake.statline import BASE_V3, BASE_V4, fetch_statline
from zicht.intake.take import ACCEPTED, REFUSED, REPORT, take_in

__all__ = [
    "ACCEPTED",
    "BASE_V3",
    "BASE_V4",
    "REFUSED",
    "REPORT",
    "ColumnReport",
    "Delivery",
    "IntakeReport",
    "Refusals",
    "RowSource",
    "accepted_schema",
    "fetch_statline",
    "obtain",
    "profile",
    "read_rows",
    "read_table",
    "take_in",
]
