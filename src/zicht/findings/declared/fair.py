"""Declared patterns of fair comparison in a share or a rate: the funnel, and places with their margin."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from zicht.declare import Funnel, Ranks
from zicht.findings.compare import funnel, ranks
from zicht.findings.declared.ground import Ground
from zicht.findings.declared.standardised import counted


def in_fairness(analysis: Funnel | Ranks, figures: Mapping[str, pa.Table], ground: Ground) -> pa.Table:
    """Hold areas against what their size allows; see `look_for`."""
    found = counted(analysis, figures, ground)
    if isinstance(analysis, Ranks):
        return ranks(found.about, found.expected, found.reference)
    judged = funnel(found.about, found.expected, found.reference)
    return judged if found.peers is None else pa.concat_tables([judged, found.peers])
