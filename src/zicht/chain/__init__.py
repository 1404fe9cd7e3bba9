"""Which step follows which: from a project folder to a release and its site."""

from zicht.chain.backup import Backup, back_up, restore
from zicht.chain.build import (
    Built,
    Listener,
    StepStatus,
    Workplace,
    build,
    check,
    protection_account,
    quality_account,
    status,
)
from zicht.chain.doors import RegisterKey, key_place, make_key, register_keys
from zicht.chain.dossier import Dossier, decision_as_dict, dossier
from zicht.chain.explain import Explanation, RegisterTrail, explain
from zicht.chain.keeping import RetentionError, Snapshot
from zicht.chain.officer import PrivacyAccount, Purged, privacy_account, purge_overdue, write_activities
from zicht.chain.papers import (
    keep_paper,
    project_facts,
    publication_papers,
    signed_papers,
    write_papers,
)
from zicht.chain.publication import publish_to
from zicht.chain.published import mark_published
from zicht.chain.quality import NormsBrokenError
from zicht.chain.relinking import Relinked, ask_relink, judge_relink, open_relink, relinkings_of
from zicht.chain.review import (
    Desk,
    actor,
    check_release,
    desk,
    judge,
    public_site,
    publish,
    states_of,
    submit,
    verify_decisions,
    withdraw,
)
from zicht.chain.review_checks import CHECKS, Check, CheckResult, Subject
from zicht.chain.review_page import write_review
from zicht.chain.signals import Entry, interpret, signal_entries
from zicht.chain.way_back import explain_figure
from zicht.chain.why import Reason, why

__all__ = [
    "CHECKS",
    "Backup",
    "Built",
    "Check",
    "CheckResult",
    "Desk",
    "Dossier",
    "Entry",
    "Explanation",
    "Listener",
    "NormsBrokenError",
    "PrivacyAccount",
    "Purged",
    "Reason",
    "RegisterKey",
    "RegisterTrail",
    "Relinked",
    "RetentionError",
    "Snapshot",
    "StepStatus",
    "Subject",
    "Workplace",
    "actor",
    "ask_relink",
    "back_up",
    "build",
    "check",
    "check_release",
    "decision_as_dict",
    "desk",
    "dossier",
    "explain",
    "explain_figure",
    "interpret",
    "judge",
    "judge_relink",
    "keep_paper",
    "key_place",
    "make_key",
    "mark_published",
    "open_relink",
    "privacy_account",
    "project_facts",
    "protection_account",
    "public_site",
    "publication_papers",
    "publish",
    "publish_to",
    "purge_overdue",
    "quality_account",
    "register_keys",
    "relinkings_of",
    "restore",
    "signal_entries",
    "signed_papers",
    "states_of",
    "status",
    "submit",
    "verify_decisions",
    "why",
    "withdraw",
    "write_activities",
    "write_papers",
    "write_review",
]
