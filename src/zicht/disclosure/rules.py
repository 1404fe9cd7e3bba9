"""Which cells a profile hides (primary suppression), and how uncertain each of them must stay.

Protection levels follow the Handbook on Statistical Disclosure Control (Hundepool et al., 2012, section
4.2.2): an outsider's feasible interval must reach the nearest value at which the rule would not apply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zicht.disclosure.model import Bools, Floats, Ints, Table
from zicht.disclosure.profiles import Profile

REASONS = (
    "",
    "given",
    "zero",
    "min_units",
    "min_base",
    "group_share",
    "largest_share",
    "p_percent",
    "dominance",
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
        floor: what a well-informed outsider knows to be the least the cell can be: a count of a hidden cell is at
            least 1 where zeros are published; sums are at least 0 unless the table holds negative ones.
    """

    reason: Ints
    lower: Floats
    upper: Floats
    width: Floats
    floor: Floats

    @property
    def primary(self) -> Bools:
        """Whether a rule hides the cell."""
        return np.asarray(self.reason > 0, dtype=np.bool_)


def assess(table: Table, profile: Profile) -> Sensitivity:
    """Apply the rules of `profile` to every cell of `table`.

    Returns:
        The sensitive cells with, for each, the uncertainty that must remain.
    """
    n, value = table.n, table.value
    filled = n > 0
    reason = np.zeros(n.size, dtype=np.int64)
    lower, upper, width = np.zeros(n.size), np.zeros(n.size), np.zeros(n.size)

    def hide(where: Bools, rule: str) -> None:
        reason[where & (reason == 0)] = REASONS.index(rule)

    if table.sensitive is not None:
        hide(table.sensitive, "given")
    if not profile.zeros_published and profile.min_units > 0:
        hide(~filled, "zero")
    hide(filled & (n < profile.min_units), "min_units")
    if profile.min_base:
        hide(filled & (_base(table) < profile.min_base), "min_base")
    if profile.max_group_share is not None:
        excess = _group_excess(table, profile.max_group_share)
        hide(filled & (excess > 0), "group_share")
        if table.is_count:
            lower = np.where(excess > 0, np.ceil(excess), 0.0)
    if not table.is_count:
        _assess_sums(table, profile, hide, upper)
        typical = float(np.median(np.abs(value[value != 0]))) if np.any(value) else 1.0
        upper = np.maximum(upper, profile.sum_margin * np.where(value == 0, typical, np.abs(value)))
        lower = upper.copy()
    else:
        width[:] = 2 * profile.count_margin
    lower, upper, width = _as_given(table, lower, upper, width)
    floor = _floor(table, profile)
    primary = reason > 0
    lower = np.where(primary, np.minimum(lower, value - floor), 0.0)
    return Sensitivity(reason, lower, np.where(primary, upper, 0.0), np.where(primary, width, 0.0), floor)


def _as_given(table: Table, lower: Floats, upper: Floats, width: Floats) -> tuple[Floats, Floats, Floats]:
    """The protection levels of the table itself, where it has them."""
    if table.protect_lower is not None:
        given = np.isfinite(table.protect_lower)
        lower, width = np.where(given, table.protect_lower, lower), np.where(given, 0.0, width)
    if table.protect_upper is not None:
        given = np.isfinite(table.protect_upper)
        upper, width = np.where(given, table.protect_upper, upper), np.where(given, 0.0, width)
    return lower, upper, width


def _floor(table: Table, profile: Profile) -> Floats:
    """The least that each cell can be, to the best informed of the attackers that the profile names."""
    if table.is_count:
        knows = profile.zeros_published and "A2" in profile.attackers
        return np.minimum(table.value, 1.0) if knows else np.zeros(table.value.size)
    return np.full(table.value.size, -np.inf if np.any(table.value < 0) else 0.0)


def _base(table: Table) -> Ints:
    """Units in the total over all revealing dimensions of the row of each cell; its own n where nothing is revealed."""
    base = table.dense(table.n, 0)
    for axis, dimension in enumerate(table.dimensions):
        if table.reveals[axis]:
            base = np.broadcast_to(np.take(base, [dimension.root], axis=axis), table.shape)
    return np.asarray(base.reshape(-1)[table.position], dtype=np.int64)


def _group_excess(table: Table, share: float) -> Floats:
    """Units by which each cell exceeds `share` of the cell it is part of, over revealing dimensions; at most 0 where it does not."""
    spread = table.dense(table.n.astype(np.float64), 0.0)
    excess = np.full(table.n.size, -np.inf)
    for axis, dimension in enumerate(table.dimensions):
        siblings = np.array([dimension.children[max(p, 0)].size for p in dimension.parent_index])
        telling = np.array([code not in dimension.harmless for code in dimension.codes])
        applies = (dimension.parent_index >= 0) & (siblings > 1) & telling
        if not table.reveals[axis] or not applies.any():
            continue
        whole = np.take(spread, np.maximum(dimension.parent_index, 0), axis=axis)
        gap = np.moveaxis(spread - share * whole, axis, 0)
        gap[~applies] = -np.inf
        excess = np.maximum(excess, np.moveaxis(gap, 0, axis).reshape(-1)[table.position])
    return excess - 1e-9  # 0.9 × 30 is a hair under 27


def _assess_sums(table: Table, profile: Profile, hide: Hide, upper: Floats) -> None:
    """The rules on contributions to sums; raises `upper` to the protection level of each rule that applies."""
    if table.largest is None:
        return
    total, first = table.value, table.largest
    second = table.second if table.second is not None else np.zeros(total.size)
    filled = table.n > 0
    levels: list[tuple[str, Floats]] = []
    if profile.max_largest_share is not None:
        levels.append(("largest_share", first / profile.max_largest_share - total))
    if profile.p_percent is not None:
        levels.append(("p_percent", profile.p_percent / 100 * first - (total - first - second)))
    if profile.dominance is not None:
        count, share = profile.dominance
        levels.append(("dominance", (first + second if count > 1 else first) / share - total))
    for rule, short in levels:
        applies = filled & (short > 1e-9 * np.maximum(np.abs(total), 1.0))
        hide(applies, rule)
        np.maximum(upper, np.where(applies, short, 0.0), out=upper)
