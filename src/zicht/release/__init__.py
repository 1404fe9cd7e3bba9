"""A content-addressed bundle of protected figures and the evidence for them, and what people decide about it."""

from zicht.release.areas_between import AreaChanges, area_changes
from zicht.release.bundle import Content, Release, Verification, open_release, verify_release, write_release
from zicht.release.decisions import Decision, Head, Row, Standing, published, standings
from zicht.release.differences import (
    KINDS,
    Differences,
    FindingChange,
    Kind,
    LevelChange,
    TextChange,
    changes,
    differences,
    indicators_of,
)
from zicht.release.interpreting import PATTERNS, Interpretation, Signal, Verdict, interpretations, signals_in
from zicht.release.log import DecisionLog, read_heads, write_head
from zicht.release.permissions import Actor, Doubt, unsure
from zicht.release.policies import Wish, decide, decide_interpretation, decide_relinking
from zicht.release.protected import (
    HIDDEN,
    POINTS,
    PUBLIC_COLUMNS,
    ProtectedFigures,
    PublicFindings,
    PublicPoints,
)
from zicht.release.relinking import RELINKING, Relinking, RelinkState, relinkings
from zicht.release.sample import SampledPage, sample_pages
from zicht.release.states import TRANSITIONS, Action, State, Transition, diagram, next_state, possible_in

__all__ = [
    "HIDDEN",
    "KINDS",
    "PATTERNS",
    "POINTS",
    "PUBLIC_COLUMNS",
    "RELINKING",
    "TRANSITIONS",
    "Action",
    "Actor",
    "AreaChanges",
    "Content",
    "Decision",
    "DecisionLog",
    "Differences",
    "Doubt",
    "FindingChange",
    "Head",
    "Interpretation",
    "Kind",
    "LevelChange",
    "ProtectedFigures",
    "PublicFindings",
    "PublicPoints",
    "Release",
    "RelinkState",
    "Relinking",
    "Row",
    "SampledPage",
    "Signal",
    "Standing",
    "State",
    "TextChange",
    "Transition",
    "Verdict",
    "Verification",
    "Wish",
    "area_changes",
    "changes",
    "decide",
    "decide_interpretation",
    "decide_relinking",
    "diagram",
    "differences",
    "indicators_of",
    "interpretations",
    "next_state",
    "open_release",
    "possible_in",
    "published",
    "read_heads",
    "relinkings",
    "sample_pages",
    "signals_in",
    "standings",
    "unsure",
    "verify_release",
    "write_head",
    "write_release",
]
