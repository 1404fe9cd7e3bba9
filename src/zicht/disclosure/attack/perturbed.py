"""A5: what an outsider learns from rounded and perturbed tables, who knows how they were made.

Three attacks, none of which shares code with the methods:
- bounds: each published number says between what the true one lies, and all sums between true numbers hold; so a
  linear programme tells how far each sensitive number can be narrowed down;
- averages: noise that is right on average is averaged out over all sums a number is part of (generalised least
  squares); asking for the same units again gives nothing, for their noise is the same;
- odds: given the table of noise, how likely each true count is behind a published one, and how many units lie in one
  cell and not in another from the difference of the two.

Source: bounds as in Fischetti and Salazar (Management Science 47, 2001); averaging after Asghar and Kaafar (2020), Averaging
attacks on bounded noise-based disclosure control algorithms; differencing after Fraser and Wooton (2005). What counts as
certain is our own choice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import lsqr

from zicht.disclosure.attack.failures import AuditReport, Failure
from zicht.disclosure.attack.intervals import components
from zicht.disclosure.attack.programs import Group
from zicht.disclosure.attack.publication import Publication
from zicht.disclosure.model import Bools, Floats, Ints, Link, Table
from zicht.disclosure.profiles import Profile
from zicht.disclosure.rules import assess

CERTAIN = 0.9  # [D] an outsider who is right this often knows the number
STILL = 1e-6  # movement that counts as none
SMALL = (
    1500  # numbers up to which standard errors are computed outright; beyond, from PROBES random directions
)
PROBES = 48
_SEED = 20240602


@dataclass(frozen=True)
class Seen:
    """What an outsider sees of a table, and what each number tells; arrays over the cells.

    Attributes:
        table: the true table.
        published: what is published; not a number where nothing is.
        least, most: between what the true value lies for all that the published one says.
        variance: of the noise, where it is right on average; 0 where the true value is published, infinite where nothing can
            be averaged.
    """

    table: Table
    published: Floats
    least: Floats
    most: Floats
    variance: Floats


def exact(table: Table, hidden: Bools) -> Seen:
    """What is seen of a table whose cells are published as they are.

    Args:
        table: the true table.
        hidden: which cells are not published.
    """
    lowest = -np.inf if np.any(table.value < 0) else 0.0
    return Seen(
        table,
        np.where(hidden, np.nan, table.value),
        np.where(hidden, lowest, table.value),
        np.where(hidden, np.inf, table.value),
        np.where(hidden, np.inf, 0.0),
    )


def rounded(
    table: Table,
    published: Floats,
    base: float,
    *,
    where: Bools | None = None,
    farther: int = 0,
    variance: float = math.inf,
) -> Seen:
    """What is seen of a table whose cells are rounded up or down to a multiple of the base.

    Args:
        table: the true table.
        published: what is published; not a number where nothing is.
        base: what is rounded to.
        where: which cells are rounded, as everybody knows; all if not given. The others are published as they are.
        farther: how many multiples farther than the nearest two a number may have moved.
        variance: of the change, where it is drawn to be right on average.
    """
    plain, chosen = (
        exact(table, np.isnan(published)),
        np.full(published.size, True) if where is None else where,
    )
    reach = base * (1 + farther) - (1.0 if table.is_count else 0.0)
    lowest = -np.inf if np.any(table.value < 0) else 0.0
    changed = chosen & ~np.isnan(published)
    return Seen(
        table,
        published,
        np.where(changed, np.maximum(published - reach, lowest), plain.least),
        np.where(changed, published + reach, plain.most),
        np.where(changed, variance, plain.variance),
    )


def perturbed(table: Table, published: Floats, probability: Floats, where: Bools | None = None) -> Seen:
    """What is seen of a table of counts with noise from a public table of noise.

    Args:
        table: the true table.
        published: what is published; not a number where nothing is.
        probability: of each noise -D … D (columns) for each count (rows; the last for all greater). Shape (rows, 2D + 1).
        where: which cells have noise, as everybody knows; all if not given. The others are published as they are.
    """
    plain, chosen = (
        exact(table, np.isnan(published)),
        np.full(published.size, True) if where is None else where,
    )
    changed = chosen & ~np.isnan(published)
    last, reach = probability.shape[0] - 1, probability.shape[1] // 2
    count = np.where(changed, published, 0.0).astype(np.int64)
    least, most = np.full(count.size, np.inf), np.full(count.size, -np.inf)
    for noise in range(-reach, reach + 1):
        true = count - noise
        fits = (true >= 0) & (probability[np.clip(true, 0, last), noise + reach] > 0)
        least, most = (
            np.where(fits, np.minimum(least, true), least),
            np.where(fits, np.maximum(most, true), most),
        )
    spread = float(probability[-1] @ np.square(np.arange(-reach, reach + 1)))
    return Seen(
        table,
        published,
        np.where(changed, least, plain.least),
        np.where(changed, most, plain.most),
        np.where(changed, spread, plain.variance),
    )


def attack(seen: Sequence[Seen], profile: Profile, links: Sequence[Link]) -> AuditReport:
    """Attack rounded and perturbed tables that are published together.

    Args:
        seen: what is seen of each table.
        profile: whose rules say which cells are sensitive, and how uncertain they must stay.
        links: which cells of different tables are the same number.

    Returns:
        The report; failures bear the attack `A5`.
    """
    sight = _Sight(seen, profile, links)
    failures = sight.by_bounds()
    known = {(failure.table, failure.row) for failure in failures}
    failures += [one for one in sight.by_averages() if (one.table, one.row) not in known]
    hidden = sum(int(np.isnan(one.published).sum()) for one in seen)
    return AuditReport(tuple(failures), hidden, int(sight.sensitive.sum()), 0, sight.programs)


def odds(published: int, probability: Floats, prior: Floats | None = None) -> Floats:
    """How likely each true count is behind a published one.

    Args:
        published: the published count.
        probability: of each noise for each count, as in `perturbed`.
        prior: how likely each count from 0 on was thought to be before; all alike if not given.

    Returns:
        The odds of 0, 1, …, which add up to 1; empty where no count fits.
    """
    last, reach = probability.shape[0] - 1, probability.shape[1] // 2
    true = np.arange(max(published + reach, 0) + 1)
    noise = published - true
    fits = np.abs(noise) <= reach
    likely = np.where(fits, probability[np.minimum(true, last), np.clip(noise + reach, 0, 2 * reach)], 0.0)
    return _weighed(likely, prior)


def odds_of_difference(difference: int, probability: Floats, prior: Floats | None = None) -> Floats:
    """How likely it is that a cell holds 0, 1, … units more than a cell within it, both large, given the published difference.

    With no unit more they hold the same units, so the same noise: any difference proves that there is one.

    Args:
        difference: the published count of the wider cell minus that of the other.
        probability: of each noise for each count, as in `perturbed`.
        prior: how likely each number of units was thought to be before; all alike if not given.

    Returns:
        The odds of 0, 1, …, which add up to 1; empty where no number fits.
    """
    row = probability[-1]
    between = np.convolve(row, row[::-1])  # of the difference of two independent noises, from -2D to 2D
    reach = between.size // 2
    more = np.arange(max(difference + reach, 0) + 1)
    noise = difference - more
    likely = np.where(np.abs(noise) <= reach, between[np.clip(noise + reach, 0, 2 * reach)], 0.0)
    likely[0] = 1.0 if difference == 0 else 0.0
    return _weighed(likely, prior)


def _weighed(likely: Floats, prior: Floats | None) -> Floats:
    if prior is not None:
        known = np.zeros(likely.size)
        known[: prior.size] = prior[: likely.size]
        likely = likely * known
    total = likely.sum()
    return np.asarray(likely / total if total > 0 else np.empty(0), dtype=np.float64)


class _Shown(Publication):
    """Tables in whose equations each cell is told with what is published of it."""

    def __init__(self, seen: Sequence[Seen], links: Sequence[Link]) -> None:
        super().__init__([one.table for one in seen], links)
        self.published = np.concatenate([one.published for one in seen])

    def words(self, cell: int, shown: bool) -> str:
        """A cell in brackets, with what is published of it where that is `shown`."""
        known = shown and not np.isnan(self.published[cell])
        return f"[{self.label(cell)}: {self.published[cell]:.12g}]" if known else f"[{self.label(cell)}]"


class _Sight:
    """All that is seen, per number; cells that a link says are the same are one number."""

    def __init__(self, seen: Sequence[Seen], profile: Profile, links: Sequence[Link]) -> None:
        self.all = _Shown(seen, links)
        everything = self.all
        rules = [assess(one.table, profile) for one in seen]
        self.least = everything.strictest([one.least for one in seen])
        self.most = -everything.strictest([-one.most for one in seen])
        self.value = everything.value[everything.first]
        self.sensitive = everything.strictest([one.primary.astype(np.float64) for one in rules]) > 0
        self.lower = everything.strictest([one.lower for one in rules])
        self.upper = everything.strictest([one.upper for one in rules])
        self.width = everything.strictest([one.width for one in rules])
        self.variance = -everything.strictest([-one.variance for one in seen])
        self.counts = np.array([one.table.is_count for one in seen])
        self.programs = 0

    def by_bounds(self) -> list[Failure]:
        """The sensitive numbers that sums narrow down too far."""
        start = self._start()
        up, down = self._lifted(self.most - start), self._lifted(start - self.least)
        lacking = np.flatnonzero(self.sensitive & ~self._enough(start - down, start + up))
        if not lacking.size:
            return []
        return self._one_by_one(lacking)

    def _start(self) -> Floats:
        """Numbers that fit all that is seen: the published ones where they add up, else the true ones."""
        shown = np.full(self.value.size, np.nan)
        shown[self.all.number] = self.all.published
        off = self.all.equations[~self.all.lone_totals] @ shown
        adds_up = not np.isnan(shown).any() and np.abs(off).max(initial=0.0) <= STILL * np.abs(shown).max(
            initial=1.0
        )
        return shown if adds_up else self.value

    def _enough(self, low: Floats, high: Floats) -> Bools:
        """Whether each number that can be from `low` to `high` is as uncertain as it must be."""
        every = np.arange(self.value.size)
        return np.asarray(self._enough_for(every, low, high), dtype=np.bool_)

    def _enough_for(self, number: int | Ints, low: float | Floats, high: float | Floats) -> bool | Bools:
        value = self.value[number]
        slack = STILL * np.maximum(1.0, np.abs(value))
        found: bool | Bools = (
            (high - low >= self.width[number] - slack)
            & (high >= value + self.upper[number] - slack)
            & (low <= value - self.lower[number] + slack)
        )
        return found

    def _lifted(self, room: Floats) -> Floats:
        """How far each number of a lone table can move, with every total above it and one line of parts below it."""
        table = self.all.tables[0]
        if self.all.number.size > table.n.size or self.all.first.size < table.n.size:
            return np.zeros(room.size)
        cube = table.dense(room, 0.0)  # a total that is not there cannot move
        for axis, dimension in enumerate(table.dimensions):
            view = np.moveaxis(cube, axis, 0)
            for node in _downwards(dimension.parent_index):
                view[node] = np.minimum(view[node], view[dimension.parent_index[node]])
        # A total moves as far as the part below it that moves farthest.
        for axis, dimension in enumerate(table.dimensions):
            view = np.moveaxis(cube, axis, 0)
            view[dimension.internal] = 0.0
            for node in reversed(_downwards(dimension.parent_index)):
                above = dimension.parent_index[node]
                view[above] = np.maximum(view[above], view[node])
        return cube.reshape(-1)[table.position]

    def _one_by_one(self, lacking: Ints) -> list[Failure]:
        """Settle numbers by linear programmes among those that are not known anyway."""
        free = np.flatnonzero(self.most - self.least > STILL)
        known_anyway = np.setdiff1d(lacking, free)
        part = self.all.equations[:, free]
        rows = np.flatnonzero((np.diff(part.indptr) > 0) & ~self.all.lone_totals)
        part = part[rows]
        labels = components(part)
        failures = [self._failure(int(one), self.value[one], self.value[one], ()) for one in known_anyway]
        place = np.searchsorted(free, np.setdiff1d(lacking, known_anyway))
        for label in np.unique(labels[place]):
            members = np.flatnonzero(labels == label)
            inside = part[:, members]
            own = np.flatnonzero(np.diff(inside.indptr))
            group = Group(inside[own])
            seen = np.zeros((2, members.size))
            for one in place[labels[place] == label]:
                here = int(np.searchsorted(members, one))
                failures += self._settle(group, free[members], here, rows[own], seen)
            self.programs += group.programs
        return failures

    def _settle(self, group: Group, numbers: Ints, here: int, rows: Ints, seen: Floats) -> list[Failure]:
        """The failure of one number, if it is one; `seen` keeps how far each number fell and rose in any movement."""
        number = int(numbers[here])
        if self._enough_for(number, self.value[number] - seen[0, here], self.value[number] + seen[1, here]):
            return []
        rise, fall = self.most[numbers] - self.value[numbers], self.value[numbers] - self.least[numbers]
        capped_rise, capped_fall = rise.copy(), fall.copy()
        capped_rise[here] = min(rise[here], max(self.upper[number], self.width[number]))
        up, above = group.extreme(here, 1.0, fall, capped_rise)
        capped_fall[here] = min(fall[here], max(self.lower[number], self.width[number] - up[here], 0.0))
        down, below = group.extreme(here, -1.0, capped_fall, rise)
        moved = np.stack([np.maximum(-up, -down), np.maximum(up, down)])
        np.maximum(seen, np.floor(moved + STILL) if self.counts.all() else moved, out=seen)
        low, high = self.value[number] + down[here], self.value[number] + up[here]
        if self.counts.all():
            low, high = math.ceil(low - STILL), math.floor(high + STILL)
        if self._enough_for(number, low, high):
            return []
        words = tuple(self._in_words(int(row)) for row in rows[np.union1d(above, below)])
        return [self._failure(number, low, high, words)]

    def by_averages(self) -> list[Failure]:
        """The sensitive counts that averaging tells with near certainty."""
        varied = np.isfinite(self.variance) & (self.variance > 0)
        if not self.counts.all() or not np.any(varied & self.sensitive):
            return []
        usable = np.isfinite(self.variance)
        whole = (
            np.asarray(abs(self.all.equations) @ (~usable).astype(np.float64) == 0) & ~self.all.lone_totals
        )
        scale = np.sqrt(np.where(usable, self.variance, 0.0))
        system = (self.all.equations[whole] @ sp.diags(scale)).tocsr()
        shown = np.zeros(self.value.size)
        shown[self.all.number] = np.nan_to_num(self.all.published)
        guess = shown - scale * _shortest(system, self.all.equations[whole] @ shown)
        checked = np.flatnonzero(varied & self.sensitive)
        error = scale[checked] * np.sqrt(np.maximum(1.0 - _explained(system, checked), 0.0))
        failures = []
        for number, deviation in zip(checked.tolist(), error.tolist(), strict=True):
            sure = math.erf(0.5 / (deviation * math.sqrt(2))) if deviation > 0 else 1.0
            if sure >= CERTAIN and round(guess[number]) == self.value[number]:
                words = (
                    f"all sums it is part of, averaged, give {guess[number]:.2f} with a standard error of {deviation:.2f}: "
                    f"an outsider who says {round(guess[number])} is right {sure:.0%} of the time",
                )
                failures.append(
                    self._failure(number, guess[number] - 2 * deviation, guess[number] + 2 * deviation, words)
                )
        return failures

    def _failure(self, number: int, low: float, high: float, witness: tuple[str, ...]) -> Failure:
        cell = int(self.all.first[number])
        table, row = self.all.table_of(cell)
        own = self._told(cell)
        return Failure(
            "A5", table.name, row, self.all.label(cell), (float(low), float(high)), (own, *witness)
        )

    def _told(self, cell: int) -> str:
        """What the published number says by itself."""
        name, label, number = self.all.table_of(cell)[0].name, self.all.label(cell), self.all.number[cell]
        published = self.all.published[cell]
        if np.isnan(published):
            return f"{name}: [{label}] is not published"
        low, high = self.least[number], self.most[number]
        return f"{name} shows [{label}: {published:.12g}], which says {low:.12g} to {high:.12g}"

    def _in_words(self, equation: int) -> str:
        return self.all.equation_in_words(equation, np.ones(self.value.size, dtype=np.bool_))


def _downwards(parent: Ints) -> list[int]:
    """The codes of a tree but its root, each after its parent."""
    order, frontier = [], np.flatnonzero(parent < 0)
    while frontier.size:
        frontier = np.flatnonzero(np.isin(parent, frontier))
        order += frontier.tolist()
    return order


def _shortest(system: sp.csr_matrix, owed: Floats) -> Floats:
    """The smallest x with system · x = owed."""
    if not system.shape[0]:
        return np.zeros(system.shape[1])
    return np.asarray(lsqr(system, owed, atol=1e-10, btol=1e-10, iter_lim=2000)[0], dtype=np.float64)


def _explained(system: sp.csr_matrix, checked: Ints) -> Floats:
    """The share of the noise of each checked number that the sums give away."""
    size = system.shape[1]
    if size <= SMALL:
        dense = system.toarray()
        return np.asarray(
            np.einsum("ij,ji->i", np.linalg.pinv(dense)[checked], dense[:, checked]), dtype=np.float64
        )
    draw = np.random.default_rng(_SEED)
    share = np.zeros(size)
    for _ in range(PROBES):
        probe = draw.choice([-1.0, 1.0], size)
        share += probe * _shortest(system, system @ probe)
    return np.clip(share[checked] / PROBES, 0.0, 1.0)
