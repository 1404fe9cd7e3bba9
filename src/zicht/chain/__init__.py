"""Which step follows which: from a project folder to a release and its site."""

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
from zicht.chain.explain import Explanation, RegisterTrail, explain
from zicht.chain.keeping import RetentionError, Snapshot
from zicht.chain.officer import PrivacyAccount, Purged, privacy_account, purge_overdue, write_activities
from zicht.chain.publication import publish_to
from zicht.chain.published import mark_published
from zicht.chain.quality import NormsBrokenError
from zicht.chain.why import Reason, why

__all__ = [
    "Built",
    "Explanation",
    "Listener",
    "NormsBrokenError",
    "PrivacyAccount",
    "Purged",
    "Reason",
    "RegisterKey",
    "RegisterTrail",
    "RetentionError",
    "Snapshot",
    "StepStatus",
    "Workplace",
    "build",
    "check",
    "explain",
    "key_place",
    "make_key",
    "mark_published",
    "privacy_account",
    "protection_account",
    "publish_to",
    "purge_overdue",
    "quality_account",
    "register_keys",
    "status",
    "why",
    "write_activities",
]
