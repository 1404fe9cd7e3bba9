"""Which cells a profile hides (primary suppression), and how uncertain each of them must stay.

Protection levels follow the Handbook on Statistical Disclosure Control (Hundepool et al., 2nd edition,
section 4.2.2): an outsider's feasible interval must reach the nearest value at which the rule would not
apply. Waivers and sampling weights are those of its section 4.2.1, the request rule is its rule for
foreign trade.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zicht.disclosure.dimensions import Bools, Dimension, Floats, Ints
from zicht.disclosure.model import Table
from zicht.disclosure.profiles import Profile

REASONS = (
    "",
    "given",
    "zero",
    "min_units",
    "min_base",
    "min_objects",
    "min_degrees",
    "unknown_share",
    "group_share",
    "all_but_one_zero",
    "largest_share",
    "p_percent",
    "dominance",
    "request",
)

Hide = Callable[[Bools, str], None]


@dataclass(frozen=True)
class Sensitivity:
    """What the rules ask of each cell of a table; every array has the shape (cells,).

    A hidden primary cell with value v is safe when its feasible interval [lo, hi] has lo <= v - lower,
    hi >= v + upper and hi - lo >= width, all in the unit of the value.

    Attributes:
        reason: index in REASONS of the first rule that hides the cell, 0 where none does.
        lower: how far down the interval must reach.
        upper: how far up it must reach.
        width: how wide it must be, wherever it lies.
        floor: what the best informed of the profile's attackers knows to be the least the cell can be: with A2 among them a
            count of a hidden cell is at least 1 where zeros are published; otherwise counts, and sums unless the table
            holds negative ones, are at least 0; and never below what is known from elsewhere.
        ceiling: what is known from elsewhere to be the most the cell can be.
    """

    reason: Ints
    lower: Floats
    upper: Floats
    width: Floats
    floor: Floats
    ceiling: Floats

    @property
    def primary(self) -> Bools:
        """Whether a rule hides the cell."""
        return np.asarray(self.reason > 0, dtype=np.bool_)


def assess(table: Table, profile: Profile) -> Sensitivity:
    """Apply the rules of `profile` to every cell of `table`.

    Args:
        table: the cells.
        profile: the rules.

    Returns:
        The sensitive cells with, for each, the uncertainty that must remain. Nothing asks for more uncertainty than
        there was before publication: no interval need reach beyond what is known of a cell from elsewhere.
    """
    reason = np.zeros(table.n.size, dtype=np.int64)

    def hide(where: Bools, rule: str) -> None:
        reason[where & (reason == 0)] = REASONS.index(rule)

    hide(table.sensitive, "given")
    _assess_units(table, profile, hide)
    excess = _assess_groups(table, profile, hide)
    width = np.zeros(table.n.size)
    if table.is_count:
        lower, upper = np.where(excess > 0, np.ceil(excess), 0.0), np.zeros(table.n.size)
        width[:] = 2 * profile.count_margin
    else:
        upper = _assess_sums(table, profile, hide)
        lower = upper
    return _limited(table, profile, reason, *_as_given(table, lower, upper, width))


def _assess_units(table: Table, profile: Profile, hide: Hide) -> None:
    """The rules on how many units, objects or degrees of freedom lie under a cell."""
    n, given = table.n, table.cells.column_names
    filled = n > 0
    if not profile.zeros_published and profile.min_units > 0:
        hide(~filled, "zero")
    asking = n > table.waived
    hide(asking & (n < profile.min_units), "min_units")
    if profile.min_base:
        hide(filled & (_base(table) < profile.min_base), "min_base")
    if profile.min_objects and "objects" in given:
        hide(filled & (table.numbers("objects", np.inf) < profile.min_objects), "min_objects")
    if profile.min_degrees and "degrees_of_freedom" in given:
        degrees = table.numbers("degrees_of_freedom", np.inf)
        hide(filled & (degrees < profile.min_degrees), "min_degrees")
    if profile.max_unknown_share is not None:
        hide(filled & _mostly_unknown(table, profile.max_unknown_share), "unknown_share")


def _assess_groups(table: Table, profile: Profile, hide: Hide) -> Floats:
    """The rules on groups of which nearly all units are in one category; returns by how many units each cell exceeds them."""
    filled = table.n > 0
    excess = np.full(table.n.size, -np.inf)
    if profile.max_group_share is not None:
        excess = _group_excess(table, profile.max_group_share) - 1e-9  # 0.9 × 30 is a hair under 27
        hide(filled & (excess > 0), "group_share")
    if profile.all_but_one_zero:
        alone = filled & (_group_excess(table, 1.0) >= 0)
        hide(alone, "all_but_one_zero")
        excess = np.where(alone, np.maximum(excess, 1.0), excess)
    return excess


def _assess_sums(table: Table, profile: Profile, hide: Hide) -> Floats:
    """The rules on contributions to sums; returns how far up the interval of each cell must reach."""
    size = np.abs(table.value)
    typical = float(np.median(size[size > 0])) if np.any(size) else 1.0
    upper = profile.sum_margin * np.where(size == 0, typical, size)
    asking = table.n > table.waived
    for rule, short in _shortfalls(table, profile):
        applies = asking & (short > 1e-9 * size)
        hide(applies, rule)
        upper = np.maximum(upper, np.where(applies, short, 0.0))
    if profile.request_min_units:
        asked = table.numbers("requested", 0.0) > 0
        hide(asked & (table.n < profile.request_min_units), "request")
    return upper


def _shortfalls(table: Table, profile: Profile) -> list[tuple[str, Floats]]:
    """For each rule on contributions, the amount that the total of each cell is too small by; it applies where that is above 0."""
    total = table.value
    found: list[tuple[str, Floats]] = []
    if profile.request_share is not None:
        asked = table.numbers("requested", 0.0)
        found.append(("request", np.where(asked > 0, asked / profile.request_share - total, 0.0)))
    if table.largest is None:
        return found
    first, second = _two_largest(table)
    if profile.max_largest_share is not None:
        found.append(("largest_share", first / profile.max_largest_share - total))
    if profile.p_percent is not None:
        known = profile.p_percent / profile.q_percent * first
        found.append(("p_percent", known - (total - first - second)))
    if profile.dominance is not None:
        count, share = profile.dominance
        found.append(("dominance", (first + second if count > 1 else first) / share - total))
    return found


def _two_largest(table: Table) -> tuple[Floats, Floats]:
    """The two largest contributions in the population: one in a sample that stands for several counts as several alike."""
    first, second = table.numbers("largest", 0.0), table.numbers("second", 0.0)
    again = np.minimum(table.numbers("largest_weight", 1.0) - 1.0, 1.0)
    return first, again * first + (1.0 - again) * second


def _as_given(table: Table, lower: Floats, upper: Floats, width: Floats) -> tuple[Floats, Floats, Floats]:
    """The protection levels of the table itself, where it has them."""
    below, above = table.numbers("protect_lower", np.nan), table.numbers("protect_upper", np.nan)
    width = np.where(np.isnan(below) & np.isnan(above), width, 0.0)
    return np.where(np.isnan(below), lower, below), np.where(np.isnan(above), upper, above), width


def _limited(
    table: Table, profile: Profile, reason: Ints, lower: Floats, upper: Floats, width: Floats
) -> Sensitivity:
    """Ask nothing of cells that are not hidden, and nothing beyond what is known of the others."""
    plain, floor = _floors(table, profile)
    ceiling = table.known_upper
    primary = reason > 0
    return Sensitivity(
        reason,
        lower=np.where(primary, np.minimum(lower, table.value - floor), 0.0),
        upper=np.where(primary, np.minimum(upper, ceiling - table.value), 0.0),
        width=np.where(primary, np.minimum(width, ceiling - plain), 0.0),
        floor=floor,
        ceiling=ceiling,
    )


def _floors(table: Table, profile: Profile) -> tuple[Floats, Floats]:
    """The least that each cell can be: to everybody, and to the best informed of the attackers that the profile names."""
    plain = np.full(table.value.size, -np.inf if np.any(table.value < 0) else 0.0)
    plain = np.maximum(plain, np.minimum(table.known_lower, table.value))
    knows = table.is_count and profile.zeros_published and "A2" in profile.attackers
    return plain, np.maximum(plain, np.minimum(table.value, 1.0)) if knows else plain


def _base(table: Table) -> Ints:
    """Units in the total over all revealing dimensions of the row of each cell; its own n where nothing is revealed."""
    base = table.dense(table.n, 0)
    for axis, dimension in enumerate(table.dimensions):
        if table.reveals[axis]:
            base = np.broadcast_to(np.take(base, [dimension.root], axis=axis), table.shape)
    return np.asarray(base.reshape(-1)[table.position], dtype=np.int64)


def _mostly_unknown(table: Table, share: float) -> Bools:
    """Cells below the total of a revealing dimension of whose row a larger share has an unknown category."""
    spread = table.dense(table.n, 0)
    found = np.zeros(table.n.size, dtype=np.bool_)
    for axis, dimension in enumerate(table.dimensions):
        codes = [dimension.codes.index(code) for code in dimension.unknown]
        if not codes or not table.reveals[axis]:
            continue
        unknown = np.take(spread, codes, axis=axis).sum(axis=axis, keepdims=True)
        whole = np.take(spread, [dimension.root], axis=axis)
        rows = np.broadcast_to(unknown > share * whole, table.shape).reshape(-1)[table.position]
        found |= rows & (table.places[axis] != dimension.root)
    return found


def _group_excess(table: Table, share: float) -> Floats:
    """Units by which each cell exceeds `share` of the cell it is part of, over revealing dimensions; -inf where no rule looks."""
    spread = table.dense(table.n.astype(np.float64), 0.0)
    excess = np.full(table.n.size, -np.inf)
    for axis, dimension in enumerate(table.dimensions):
        applies = _telling(dimension)
        if not table.reveals[axis] or not applies.any():
            continue
        whole = np.take(spread, np.maximum(dimension.parent_index, 0), axis=axis)
        gap = np.moveaxis(spread - share * whole, axis, 0)
        gap[~applies] = -np.inf
        excess = np.maximum(excess, np.moveaxis(gap, 0, axis).reshape(-1)[table.position])
    return excess


def _telling(dimension: Dimension) -> Bools:
    """The codes that have siblings and say something of a unit."""
    parent = dimension.parent_index
    siblings = np.bincount(parent[parent >= 0], minlength=parent.size)[np.maximum(parent, 0)]
    return np.asarray((parent >= 0) & (siblings > 1) & dimension.tells, dtype=np.bool_)
