"""Disclosure control: which cells of tables may be read, with proof that the hidden ones cannot be recomputed.

A library of its own: Arrow tables in, statuses and a report out, no files and no project. Give the tables
as `Table`s over `Dimension`s, say with `Link`s which cells are the same number, choose one of `PROFILES`,
and call `protect`; `audit` attacks any pattern, also one that another program made.
"""

from zicht.disclosure.attack.failures import AuditReport, Failure
from zicht.disclosure.audit import audit
from zicht.disclosure.model import Dimension, Link, Table
from zicht.disclosure.presentation import LANGUAGES, OVERVIEW, Sheet, overview, report_page, report_text
from zicht.disclosure.profiles import PROFILES, Profile
from zicht.disclosure.protect import protect
from zicht.disclosure.reports import Protected, Report, TableReport
from zicht.disclosure.why import Why, why_hidden

__all__ = [
    "LANGUAGES",
    "OVERVIEW",
    "PROFILES",
    "AuditReport",
    "Dimension",
    "Failure",
    "Link",
    "Profile",
    "Protected",
    "Report",
    "Sheet",
    "Table",
    "TableReport",
    "Why",
    "audit",
    "overview",
    "protect",
    "report_page",
    "report_text",
    "why_hidden",
]
