"""Disclosure control: what of tables may be read, with proof that the rest cannot be recomputed.

A library of its own: Arrow tables in, statuses and a report out, no files and no project. Give the tables
as `Table`s over `Dimension`s (`tabulate` makes them of records), say with `Link`s which cells are the same
number and with a `History` what is public already, choose one of `PROFILES`, and call `protect`. `audit`
attacks any pattern, also one that another program made; a `Guard` answers for areas that people draw.
"""

from zicht.disclosure.argus import (
    JJ,
    from_jj,
    hierarchy_by_digits,
    read_hierarchy,
    read_jj,
    statuses_of,
    to_jj,
    write_hierarchy,
    write_jj,
)
from zicht.disclosure.attack.failures import AuditReport, Failure
from zicht.disclosure.audit import audit
from zicht.disclosure.changes import Change, MethodReport, Perturbed
from zicht.disclosure.drawn import Answer, Guard
from zicht.disclosure.history import History, Identity, Published, Refinement, common_refinement
from zicht.disclosure.model import Dimension, Link, Table
from zicht.disclosure.perturbation.keys import unit_keys, with_cell_keys
from zicht.disclosure.perturbation.privacy import Budget, Gaussian, Laplace, Spending, add_private_noise
from zicht.disclosure.perturbation.ptables import PTable, make_ptable
from zicht.disclosure.presentation import (
    LANGUAGES,
    OVERVIEW_SCHEMA,
    Sheet,
    overview,
    report_page,
    report_text,
)
from zicht.disclosure.profiles import PROFILES, Profile
from zicht.disclosure.protect import protect
from zicht.disclosure.records import tabulate
from zicht.disclosure.reports import Protected, Report, TableReport, Unprotectable
from zicht.disclosure.rules import Sensitivity, assess
from zicht.disclosure.why import Why, why_hidden

__all__ = [
    "JJ",
    "LANGUAGES",
    "OVERVIEW_SCHEMA",
    "PROFILES",
    "Answer",
    "AuditReport",
    "Budget",
    "Change",
    "Dimension",
    "Failure",
    "Gaussian",
    "Guard",
    "History",
    "Identity",
    "Laplace",
    "Link",
    "MethodReport",
    "PTable",
    "Perturbed",
    "Profile",
    "Protected",
    "Published",
    "Refinement",
    "Report",
    "Sensitivity",
    "Sheet",
    "Spending",
    "Table",
    "TableReport",
    "Unprotectable",
    "Why",
    "add_private_noise",
    "assess",
    "audit",
    "common_refinement",
    "from_jj",
    "hierarchy_by_digits",
    "make_ptable",
    "overview",
    "protect",
    "read_hierarchy",
    "read_jj",
    "report_page",
    "report_text",
    "statuses_of",
    "tabulate",
    "to_jj",
    "unit_keys",
    "why_hidden",
    "with_cell_keys",
    "write_hierarchy",
    "write_jj",
]
