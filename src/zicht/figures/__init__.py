"""Indicators → figures over areas × periods × breakdowns, knowing nothing of disclosure rules."""

from zicht.figures.compute import Computed, compute
from zicht.figures.described import Counted, characteristic, count_described
from zicht.figures.intervals import garwood, wilson
from zicht.figures.rates import complete_rates
from zicht.figures.refined import Placing, refine
from zicht.figures.sums import SUMS, check_sums
from zicht.figures.table import FIGURES, STATUSES, TOTAL, UNKNOWN, Leftover, figure_schema

__all__ = [
    "FIGURES",
    "STATUSES",
    "SUMS",
    "TOTAL",
    "UNKNOWN",
    "Computed",
    "Counted",
    "Leftover",
    "Placing",
    "characteristic",
    "check_sums",
    "complete_rates",
    "compute",
    "count_described",
    "figure_schema",
    "garwood",
    "refine",
    "wilson",
]
