"""Findings as people declare them in a product: which pattern to look for, in which figures, against whom.

A finding is made of figures as the public has them, after protection. So it can tell nothing that the figures do not tell already, and it needs
no protection of its own; an area of which a figure is hidden is simply not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import Field

from zicht.declare.analyses.adjusted import AdjustedRatio
from zicht.declare.analyses.base import AnyAnalysis, Described
from zicht.declare.analyses.comparison import Funnel, LookAlikes, Ranks
from zicht.declare.analyses.estimates import Forecasting, SmallAreaEstimates, Smoothing
from zicht.declare.analyses.justified import Justification
from zicht.declare.analyses.monthly import Breaks, Signals, SlowTrend
from zicht.declare.analyses.patterns import AmongAreas, InCategories, Standardised
from zicht.declare.analyses.scans import RecentClusters, Scan
from zicht.declare.analyses.schemes import OtherLimit, RuleErrors, TakeUp
from zicht.declare.analyses.sites import PublicPoints, Sites, StreetNetwork, place_key
from zicht.declare.analyses.subgroups import Subgroups
from zicht.declare.analyses.traits import WithTraits
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.project import Project

Analysis: TypeAlias = Annotated[
    AdjustedRatio
    | AmongAreas
    | Breaks
    | Forecasting
    | Funnel
    | LookAlikes
    | OtherLimit
    | Ranks
    | RecentClusters
    | Scan
    | Signals
    | Sites
    | SlowTrend
    | SmallAreaEstimates
    | Smoothing
    | Subgroups
    | TakeUp,
    Field(discriminator="pattern"),
]
"""A declared finding; `pattern` tells which one."""

__all__ = [
    "AdjustedRatio",
    "AmongAreas",
    "Analysis",
    "AnyAnalysis",
    "Breaks",
    "Described",
    "Forecasting",
    "Funnel",
    "InCategories",
    "Justification",
    "LookAlikes",
    "OtherLimit",
    "PublicPoints",
    "Ranks",
    "RecentClusters",
    "RuleErrors",
    "Scan",
    "Signals",
    "Sites",
    "SlowTrend",
    "SmallAreaEstimates",
    "Smoothing",
    "Standardised",
    "StreetNetwork",
    "Subgroups",
    "TakeUp",
    "WithTraits",
    "mistakes_in_findings",
    "place_key",
]


def mistakes_in_findings(project: Project) -> Iterator[Problem]:
    """What is wrong with the findings that products declare.

    Args:
        project: what was read so far.

    Yields:
        One problem a mistake, with its place.
    """
    seen: dict[str, str] = {}
    for product in project.products.values():
        written = project.written["products", product.id]
        for index, analysis in enumerate(product.findings):
            trail = ("findings", index)
            if analysis.id in seen:
                yield Problem(
                    written.place(*trail, "id"),
                    f"finding `{analysis.id}` is declared in product `{seen[analysis.id]}` already.",
                    "Give it another id.",
                )
            seen[analysis.id] = product.id
            yield from analysis.mistakes(project, written, trail)
