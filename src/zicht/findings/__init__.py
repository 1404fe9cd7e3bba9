"""What stands out, honestly: statistically relevant patterns, clusters, signals and small-area estimates, knowing nothing of publication."""

from zicht.findings.chance import benjamini_hochberg, benjamini_yekutieli, mid_p, poisson_p
from zicht.findings.table import FINDINGS, MEMBERS, METHODS, About, Method, findings

__all__ = [
    "FINDINGS",
    "MEMBERS",
    "METHODS",
    "About",
    "Method",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "findings",
    "mid_p",
    "poisson_p",
]
