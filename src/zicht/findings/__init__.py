"""What stands out, honestly: statistically relevant patterns, clusters, signals and small-area estimates, knowing nothing of publication."""

from zicht.findings.adjusted import ODDS, RATE, adjusted_ratios
from zicht.findings.area_model import SmallAreas, fay_herriot
from zicht.findings.chance import benjamini_hochberg, benjamini_yekutieli, generator, mid_p, poisson_p
from zicht.findings.circles import Circles, circles
from zicht.findings.compare import (
    CONTROL_LIMITS,
    LOOK_ALIKES,
    funnel,
    funnel_of_ratios,
    funnel_of_shares,
    look_alikes,
    overdispersion,
    ranks,
)
from zicht.findings.declared import Ground, look_for
from zicht.findings.local import local_clusters, neighbours_of
from zicht.findings.over import over_representation, ratio_bands, shrunken_ratios, statistically_relevant
from zicht.findings.rates import comparable, marshall, marshall_local
from zicht.findings.scan import (
    CLUSTERS,
    Scan,
    Windows,
    gumbel,
    scan_bernoulli,
    scan_permutation,
    scan_poisson,
)
from zicht.findings.shrink import GammaPoisson, gamma_poisson
from zicht.findings.signals import MONTHLY, SIGNALS, WEEKLY, Rule, baseline, ears, farrington
from zicht.findings.sites import Sites, in_scenarios, max_cover, p_center, p_median, per_group
from zicht.findings.small_areas import BADGES, benchmarked, estimated, measured, raked, showable, stable_class
from zicht.findings.spatial import (
    Neighbours,
    averaged,
    geary,
    general_g,
    join_islands,
    joins,
    moran,
    neighbours,
)
from zicht.findings.spatial_model import SpatialAreas, spatial_fay_herriot
from zicht.findings.standardise import Reference, everybody, peers, standardise, within
from zicht.findings.subgroups import SUBGROUPS, Search, subgroups
from zicht.findings.table import FINDINGS, MEMBERS, METHODS, About, Method, findings
from zicht.findings.take_up import (
    BetaBinomial,
    Between,
    RuleErrorBounds,
    beta_binomial,
    non_take_up,
    stands_out,
    truly_entitled,
)
from zicht.findings.trends import BREAKS, TRENDS, breaks, slow_trends
from zicht.findings.unit_model import unit_level

__all__ = [
    "BADGES",
    "BREAKS",
    "CLUSTERS",
    "CONTROL_LIMITS",
    "FINDINGS",
    "LOOK_ALIKES",
    "MEMBERS",
    "METHODS",
    "MONTHLY",
    "ODDS",
    "RATE",
    "SIGNALS",
    "SUBGROUPS",
    "TRENDS",
    "WEEKLY",
    "About",
    "BetaBinomial",
    "Between",
    "Circles",
    "GammaPoisson",
    "Ground",
    "Method",
    "Neighbours",
    "Reference",
    "Rule",
    "RuleErrorBounds",
    "Scan",
    "Search",
    "Sites",
    "SmallAreas",
    "SpatialAreas",
    "Windows",
    "adjusted_ratios",
    "averaged",
    "baseline",
    "benchmarked",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "beta_binomial",
    "breaks",
    "circles",
    "comparable",
    "ears",
    "estimated",
    "everybody",
    "farrington",
    "fay_herriot",
    "findings",
    "funnel",
    "funnel_of_ratios",
    "funnel_of_shares",
    "gamma_poisson",
    "geary",
    "general_g",
    "generator",
    "gumbel",
    "in_scenarios",
    "join_islands",
    "joins",
    "local_clusters",
    "look_alikes",
    "look_for",
    "marshall",
    "marshall_local",
    "max_cover",
    "measured",
    "mid_p",
    "moran",
    "neighbours",
    "neighbours_of",
    "non_take_up",
    "over_representation",
    "overdispersion",
    "p_center",
    "p_median",
    "peers",
    "per_group",
    "poisson_p",
    "raked",
    "ranks",
    "ratio_bands",
    "scan_bernoulli",
    "scan_permutation",
    "scan_poisson",
    "showable",
    "shrunken_ratios",
    "slow_trends",
    "spatial_fay_herriot",
    "stable_class",
    "standardise",
    "stands_out",
    "statistically_relevant",
    "subgroups",
    "truly_entitled",
    "unit_level",
    "within",
]
