"""Which small numbers an outsider narrows down with all publications, and not with some of them (part of A4).

Only what differs is looked at: where the equations around a number and what is known of them are the same as in one
of the parts, he learns nothing from the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import scipy.sparse as sp

from zicht.disclosure.attack.atoms import Ground, View
from zicht.disclosure.attack.exact import determine
from zicht.disclosure.attack.intervals import Unknowns, components, narrow_down
from zicht.disclosure.model import Bools, Floats, Ints
from zicht.disclosure.profiles import Profile

STILL = 1e-6  # relative difference between two intervals that counts as none


@dataclass(frozen=True)
class Need:
    """How uncertain each column must stay; arrays over the columns of a ground.

    Attributes:
        few: it holds 1 to threshold - 1 units, so no sum of so few units, it included, may be known.
        checked: it must stay uncertain at all: few, or hidden by a rule.
        lower, upper, width: by how much, in its unit; see `Sensitivity`.
        short: units that it has less than the threshold.
        counted: its value is its number of units.
    """

    few: Bools
    checked: Bools
    lower: Floats
    upper: Floats
    width: Floats
    short: Floats
    counted: Bools

    @classmethod
    def of(cls, ground: Ground, profile: Profile) -> Need:
        """What `profile` asks of the columns of `ground`."""
        few = (ground.units > 0) & (ground.units < profile.min_units)
        counted = ground.counts
        short = np.where(few, profile.min_units - ground.units, 0.0)
        assessed = ground.assessed
        lower = ground.over_columns([found.lower for found in assessed], 0.0)
        upper = ground.over_columns([found.upper for found in assessed], 0.0)
        width = ground.over_columns([found.width for found in assessed], 0.0)
        margin = profile.sum_margin * np.abs(ground.value)
        sums = few & ~counted
        upper = np.maximum(upper, np.where(sums, margin, 0.0))
        lower = np.maximum(lower, np.where(sums, np.minimum(margin, ground.value), 0.0))
        width = np.maximum(width, np.where(few & counted, 2 * profile.count_margin, 0.0))
        return cls(few, few | ground.primary, lower, upper, width, short, counted)

    def apart(self, view: View) -> Bools:
        """Which columns of few units must be looked at in units, apart from their values: sums, and counts where bounds are known."""
        return self.few & (~self.counted | (view.capped.size > 0))

    def at_once(self, apart: Bools) -> Need:
        """What is asked of the values, with what is asked of the units of all columns of few that are not looked at `apart`."""
        return replace(
            self, upper=np.where(self.few & ~apart, np.maximum(self.upper, self.short), self.upper)
        )

    def in_units(self) -> Need:
        """What is asked of the numbers of units that sums are made of: few of them must be thought possible to be enough."""
        none = np.zeros_like(self.width)
        return replace(self, lower=none, upper=self.short, width=none)


@dataclass(frozen=True)
class Outlook:
    """What is narrowed down; arrays over the columns that are, of which a column may occur twice (its units, its value).

    Attributes:
        column: the columns.
        least, most: the interval that an outsider is left with.
        in_units: whether that is how many units can be in it, as far as sums that are known exactly tell.
        sharply: whether only who knows that hidden counts are at least 1 gets that far.
    """

    column: Ints
    least: Floats
    most: Floats
    in_units: Bools
    sharply: Bools


@dataclass(frozen=True)
class _Seen:
    """Of each column looked at: whether it is too certain, in which eyes, and how far it can move in these (proven then)."""

    exact: Bools
    plain: Bools
    sharp: Bools
    down: Floats
    up: Floats
    sharp_down: Floats
    sharp_up: Floats

    def only(self, rows: Ints) -> _Seen:
        return _Seen(*(getattr(self, column.name)[rows] for column in fields(self)))


def narrow(ground: Ground, need: Need, every: View, others: Sequence[View]) -> Outlook:
    """Find what the view `every` narrows down further than it may, and further than each of the `others`."""
    changed = need.checked.copy()
    for other in others:
        changed &= every.signature != other.signature
    return narrow_among(ground, need, every, others, np.flatnonzero(changed))


def narrow_among(ground: Ground, need: Need, every: View, others: Sequence[View], columns: Ints) -> Outlook:
    """The same, among these columns only, whether anything around them differs or not."""
    value, units = ground.value, ground.units.astype(np.float64)
    apart = need.apart(every)
    found = _narrow(value, need.at_once(apart), every, others, columns)
    if not apart[columns].any():
        return found
    counting = [view.in_units(units) for view in (every, *others)]
    also = _narrow(units, need.in_units(), counting[0], counting[1:], columns[apart[columns]])
    also = replace(also, in_units=np.ones_like(also.in_units))
    return Outlook(
        *(np.concatenate([getattr(part, f.name) for part in (found, also)]) for f in fields(Outlook))
    )


def slice_of(equations: sp.csr_matrix, members: Ints) -> tuple[sp.csr_matrix, Ints]:
    """The equations between some columns (whole components), and their numbers."""
    part = equations[:, members]
    rows = np.flatnonzero(np.diff(part.indptr) > 0)
    return part[rows], rows


def _narrow(amount: Floats, need: Need, every: View, others: Sequence[View], columns: Ints) -> Outlook:
    """The same for some columns, which hold `amount` (of all columns)."""
    seen = _attack(amount, need, every, columns)
    suspect = np.flatnonzero(seen.exact | seen.plain | seen.sharp)
    columns, seen = columns[suspect], seen.only(suspect)
    worse = np.ones(columns.size, dtype=np.bool_)
    for other in others:
        worse &= _further(seen, _attack(amount, need, other, columns))
    columns, seen = columns[worse], seen.only(np.flatnonzero(worse))
    sharply = ~seen.plain & ~seen.exact
    down, up = np.where(sharply, seen.sharp_down, seen.down), np.where(sharply, seen.sharp_up, seen.up)
    return Outlook(
        columns, amount[columns] + down, amount[columns] + up, np.zeros(columns.size, dtype=np.bool_), sharply
    )


def _attack(amount: Floats, need: Need, view: View, columns: Ints) -> _Seen:
    """How far each of `columns` can move for who has a view; one that is shown cannot move at all."""
    where = np.full(amount.size, -1, dtype=np.int64)
    where[view.unknown] = np.arange(view.unknown.size)
    place = where[columns]
    cells, members = _unknowns(amount, need, view, place[place >= 0])
    known = determine(cells.equations).known
    reach = narrow_down(cells)
    plain, sharp = reach.lacking_plain(cells), reach.lacking_sharp(cells)
    back = np.full(view.equations.shape[1] + 1, -1, dtype=np.int64)
    back[members] = np.arange(members.size)
    at = back[place]  # the last entry of `back`, -1, is for columns that are shown

    def of(found: Floats | Bools, if_shown: float) -> Floats:
        return np.where(at < 0, if_shown, np.append(found, 0)[at])

    return _Seen(
        exact=of(known, 1) > 0,
        plain=of(plain, 1) > 0,
        sharp=of(sharp, 1) > 0,
        down=of(reach.down, 0.0),
        up=of(reach.up, 0.0),
        sharp_down=of(reach.sharp_down, 0.0),
        sharp_up=of(reach.sharp_up, 0.0),
    )


def _unknowns(amount: Floats, need: Need, view: View, place: Ints) -> tuple[Unknowns, Ints]:
    """The unknowns of a view that hang together with those at `place`, and which they are; ceilings are unknowns too."""
    label = components(view.equations)
    members = np.flatnonzero(np.isin(label, label[place]))
    part, _ = slice_of(view.equations, members)
    ceilings = view.fall[view.unknown.size :]
    checked = np.zeros(view.fall.size, dtype=np.bool_)
    checked[place] = True

    def own(numbers: Floats) -> Floats:
        return np.concatenate([numbers[view.unknown], np.zeros(ceilings.size)])[members]

    value = np.concatenate([amount[view.unknown], ceilings])[members]
    return Unknowns(
        equations=part,
        value=value,
        floor=value - view.sharp_fall[members],
        plain_floor=value - view.fall[members],
        checked=checked[members],
        lower=own(need.lower),
        upper=own(need.upper),
        width=own(need.width),
    ), members


def _further(seen: _Seen, other: _Seen) -> Bools:
    """Whether each column is too certain here in some eyes in which it is not there, or not as much."""
    room = STILL * (1.0 + np.abs(other.up) + np.abs(other.down))
    narrower = (seen.down > other.down + room) | (seen.up < other.up - room)
    sharply = (seen.sharp_down > other.sharp_down + room) | (seen.sharp_up < other.sharp_up - room)
    return np.asarray(
        (seen.exact & ~other.exact)
        | (seen.plain & (~other.plain | narrower))
        | (seen.sharp & (~other.sharp | sharply)),
        dtype=np.bool_,
    )
