"""Who lives in Voorbeeldstad: households and their members at three reference dates.

Homes are filled with households whose mix and ages follow the kind of neighbourhood and add up to national shares.
Between two reference dates some households leave, arrive or move inside the city, children are born and elderly
partners die; so snapshots of different years are about largely the same people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zicht.demo import targets
from zicht.demo.draw import Flags, Floats, Ints, categories, fitted, stream
from zicht.demo.homes import Homes
from zicht.demo.plan import KIND, KINDS, PEILJAREN

SINGLE, COUPLE, FAMILY, LONE, OTHER = range(5)
HEAD, PARTNER, CHILD, MEMBER, INMATE = range(5)
"""Roles of a person; `MEMBER` lives in with others, `INMATE` in an institution."""

REFERENCE = np.datetime64("2025-01-01")
UNKNOWN_ADDRESS_SHARE = 0.0035
DYING_SHARE = 0.24
"""Design: share of the households that leave because a person who lives alone dies; keeps the city from ageing too fast."""
STUDENT_KINDS = ("binnenstad", "spoorzone", "vooroorlogs")


@dataclass(frozen=True)
class People:
    """Everyone who lived in the city on one of the reference dates, and their households.

    Attributes:
        slot: per household, the place to live it was made for (position in `place`); -1 never.
        place: per place to live, the address (position in `Homes`), or -1 for no known address.
        resident: per peiljaar and place, the household that lives there, -1 if none.
        student: household is a student household. institution: it is a care home.
        shape: household as made (`SINGLE` …). spirit: its standing, standard normal, lasting.
        house: per person, the household. born: birth dates. woman, role: who they are.
        last: per person, the last peiljaar in which the person is there.
    """

    slot: Ints
    place: Ints
    resident: dict[int, Ints]
    student: Flags
    institution: Flags
    shape: Ints
    spirit: Floats
    house: Ints
    born: np.ndarray
    woman: Flags
    role: Ints
    last: Ints

    def address(self, year: int) -> Ints:
        """Per household, its address in the peiljaar: position in `Homes`, -1 no known address, -2 not in the city."""
        found = np.full(len(self.slot), -2)
        there = self.resident[year] >= 0
        found[self.resident[year][there]] = self.place[there]
        return found

    def present(self, year: int, address: Ints) -> Flags:
        """Per person, whether registered in the city on 1 January of the year."""
        return (address[self.house] > -2) & (self.born < np.datetime64(f"{year}-01-01")) & (self.last >= year)

    def age(self, year: int) -> Ints:
        """Per person, age in years on 1 January of the year."""
        years = self.born.astype("datetime64[Y]")
        first = self.born == years.astype("datetime64[D]")
        return year - (years.astype(np.int64) + 1970) - np.where(first, 0, 1)


def make_people(seed: int, homes: Homes) -> People:
    """Households and people for all homes of the city."""
    rng = stream(seed, "people")
    place, student, institution = _places(rng, homes)
    resident, slot, gone = _residents(rng, homes, place, student)
    kind = np.where(place[slot] >= 0, homes.kind[np.maximum(place[slot], 0)], KIND["spoorzone"])
    flat = (homes.type[np.maximum(place[slot], 0)] == 0) & (place[slot] >= 0)
    student, institution = student[slot], institution[slot]
    dying = (gone > 0) & ~student & ~institution & (rng.random(len(slot)) < DYING_SHARE)
    shape = np.where(dying, SINGLE, _shapes(rng, kind, flat, student, institution))
    spirit = rng.normal(0, 1, len(slot))
    house, born, woman, role, last = _members(rng, kind, shape, student, institution, dying)
    # Who left earlier had the age of its household then, not now.
    born = born - (gone[house] * 365.25).astype("timedelta64[D]")
    return People(slot, place, resident, student, institution, shape, spirit, house, born, woman, role, last)


def _places(rng: np.random.Generator, homes: Homes) -> tuple[Ints, Flags, Flags]:
    """Places to live: occupied homes, student rooms, care homes and people without a known address."""
    lived = rng.random(len(homes)) >= np.where(homes.lodging, 0.55, targets.VACANCY)
    base = np.flatnonzero(lived)
    kinds = np.isin(homes.kind, [KIND[name] for name in STUDENT_KINDS])
    shared = np.flatnonzero(
        lived & kinds & (homes.tenure == 2) & (homes.area >= 70) & (rng.random(len(homes)) < 0.16)
    )
    rooms = np.repeat(shared, rng.integers(1, 4, len(shared)))
    large = np.flatnonzero(lived & (homes.type == 0) & (homes.tenure == 1))
    care = rng.choice(large, 18, replace=False)
    nowhere = np.full(int(len(base) * UNKNOWN_ADDRESS_SHARE), -1)
    base = base[~np.isin(base, care)]
    place = np.concatenate([base, rooms, nowhere, care])
    student = np.concatenate(
        [np.isin(base, shared), np.ones(len(rooms), bool), np.zeros(len(nowhere) + len(care), bool)]
    )
    institution = np.zeros(len(place), bool)
    institution[len(place) - len(care) :] = True
    return place, student, institution


def _residents(
    rng: np.random.Generator, homes: Homes, place: Ints, student: Flags
) -> tuple[dict[int, Ints], Ints, Ints]:
    """Who lived where in each peiljaar, worked back from the last; households that left come after the others.

    Returns:
        Per peiljaar and place the household; per household the place it is made for; and how many years ago it left.
    """
    count = len(place)
    built = np.where(place >= 0, homes.built[np.maximum(place, 0)], 0)
    owner = (place >= 0) & (homes.tenure[np.maximum(place, 0)] == 0)
    leave = np.where(owner, targets.MOVE_IN_SALE_RATE, 0.095) + np.where(student, 0.2, 0.0)
    flat = (place >= 0) & (homes.type[np.maximum(place, 0)] == 0)
    resident = {PEILJAREN[-1]: np.arange(count)}
    slots, years_ago = [np.arange(count)], [np.zeros(count, dtype=np.int64)]
    next_household = count
    for year in PEILJAREN[-2::-1]:
        now = resident[year + 1].copy()
        stood = built < year
        changed = stood & (rng.random(count) < leave)
        inside = changed & (rng.random(count) < 0.5)
        for group in (inside & flat, inside & ~flat):
            swap = rng.permutation(np.flatnonzero(group))
            now[swap] = now[np.roll(swap, 1)]
        gone = np.flatnonzero(changed & ~inside)
        now[gone] = next_household + np.arange(len(gone))
        slots.append(gone)
        years_ago.append(np.full(len(gone), PEILJAREN[-1] - year))
        next_household += len(gone)
        resident[year] = np.where(stood, now, -1)
    return resident, np.concatenate(slots), np.concatenate(years_ago)


def _shapes(rng: np.random.Generator, kind: Ints, flat: Flags, student: Flags, institution: Flags) -> Ints:
    """Household shapes by kind of neighbourhood and flat or house, fitted to the national shares."""
    plain = ~student & ~institution
    group = kind * 2 + flat
    tilt = np.array([(0.55, 1.0, 1.7, 0.9, 0.7), (1.9, 1.0, 0.35, 1.0, 1.3)])
    national = np.array(targets.HOUSEHOLD_SHARES)
    shares = np.array([np.array(k.composition) * tilt[f] * national for k in KINDS for f in (0, 1)])
    sizes = np.bincount(group[plain], minlength=len(shares)).astype(np.float64)
    # Student households are singles already; the rest must make the total right.
    wanted = national * plain.sum()
    wanted[SINGLE] = max(wanted[SINGLE] - (1 - national[SINGLE]) * student.sum(), 1.0)
    wanted[1:] += national[1:] * student.sum()
    shape = categories(rng, fitted(shares, sizes + 1e-9, wanted), group)
    return np.where(student | institution, SINGLE, shape)


def _members(
    rng: np.random.Generator, kind: Ints, shape: Ints, student: Flags, institution: Flags, dying: Flags
) -> tuple[Ints, np.ndarray, Flags, Ints, Ints]:
    """Every person of every household: household, birth date, sex, role, last peiljaar."""
    head_age = _head_ages(rng, np.array([k.young for k in KINDS])[kind], shape, student)
    head_age = np.where(dying, np.clip(rng.normal(81, 9, len(shape)), 40, 101), head_age)
    old = head_age >= 65
    woman_share = np.select(
        [shape == LONE, (shape == SINGLE) & old, shape == SINGLE], [0.82, 0.66, 0.44], 0.28
    )
    head_woman = rng.random(len(shape)) < woman_share
    parts = [_grown(rng, np.flatnonzero(~institution), head_age, head_woman, HEAD)]
    paired = np.flatnonzero((shape == COUPLE) | (shape == FAMILY))
    gap = np.where(head_woman, 2.0, -2.2) + rng.normal(0, 3.2, len(shape))
    partner_woman = head_woman ^ (rng.random(len(shape)) >= 0.02)
    parts.append(_grown(rng, paired, np.clip(head_age + gap, 18, 99), partner_woman, PARTNER))
    others = np.repeat(np.flatnonzero(shape == OTHER), rng.integers(1, 4, int((shape == OTHER).sum())))
    parts.append(
        _grown(rng, others, np.clip(head_age + rng.normal(0, 4, len(shape)), 18, 95), head_woman, MEMBER)
    )
    parts.append(_children(rng, shape, head_age, head_woman, partner_woman, gap))
    parts.append(_inmates(rng, np.flatnonzero(institution)))
    parts.append(_deceased(rng, np.flatnonzero((shape == SINGLE) & old & ~institution), head_age, head_woman))
    house, born, woman, role, last = (np.concatenate(column) for column in zip(*parts, strict=True))
    return house, born, woman, role, last


Members = tuple[Ints, np.ndarray, Flags, Ints, Ints]


def _born(age: Floats) -> np.ndarray:
    """Birth dates for ages in years (with fractions) on the last reference date."""
    days = np.floor(age * 365.25).astype(np.int64) + 1
    return REFERENCE - days.astype("timedelta64[D]")


def _grown(rng: np.random.Generator, who: Ints, age: Floats, woman: Flags, role: int) -> Members:
    exact = np.floor(age[who]) + rng.random(len(who))
    size = len(who)
    return who, _born(exact), woman[who], np.full(size, role), np.full(size, 9999)


def _head_ages(rng: np.random.Generator, young: Floats, shape: Ints, student: Flags) -> Floats:
    """Ages of heads: a mixture of life stages per household shape."""
    size = len(shape)
    low = np.array(
        [
            [20, 30, 50, 66, 78],
            [20, 33, 50, 65, 76],
            [26, 35, 45, 53, 60],
            [22, 34, 44, 52, 60],
            [20, 25, 30, 40, 55],
        ]
    )
    high = np.array(
        [
            [30, 50, 66, 78, 97],
            [33, 50, 65, 76, 93],
            [35, 45, 53, 60, 68],
            [34, 44, 52, 60, 72],
            [25, 30, 40, 55, 75],
        ]
    )
    share = np.array(
        [[0.16, 0.25, 0.23, 0.20, 0.16], [0.17, 0.10, 0.24, 0.30, 0.19], [0.11, 0.37, 0.35, 0.13, 0.04],
         [0.12, 0.33, 0.34, 0.16, 0.05], [0.40, 0.30, 0.15, 0.10, 0.05]]
    )  # fmt: skip
    stage = np.zeros(size, dtype=np.int64)
    kinds, group = np.unique(young, return_inverse=True)
    for number in range(len(share)):
        who = np.flatnonzero(shape == number)
        sizes = np.bincount(group[who], minlength=len(kinds)).astype(np.float64)
        table = share[number] * np.stack([kinds, np.sqrt(kinds), *[np.ones(len(kinds))] * 3], axis=1)
        stage[who] = categories(rng, fitted(table * sizes[:, None], sizes + 1e-9, share[number]), group[who])
    # The oldest stage thins out towards its end.
    within = rng.random(size) ** np.where(stage == 4, 1.9, 1.0)
    age = low[shape, stage] + within * (high - low)[shape, stage]
    return np.where(student, 18 + 8 * rng.beta(1.6, 2.4, size), age)


def _children(
    rng: np.random.Generator,
    shape: Ints,
    head_age: Floats,
    head_woman: Flags,
    partner_woman: Flags,
    gap: Floats,
) -> Members:
    counts = np.array([[0.0, 0.46, 0.41, 0.10, 0.03], [0.0, 0.64, 0.29, 0.06, 0.01]])
    parents = np.flatnonzero((shape == FAMILY) | (shape == LONE))
    count = categories(rng, counts, (shape[parents] == LONE).astype(np.int64))
    house = np.repeat(parents, count)
    rank = np.arange(len(house)) - np.repeat(np.cumsum(count) - count, count)
    mother = np.where(~head_woman & partner_woman & (shape == FAMILY), head_age + gap, head_age)
    oldest = mother - np.clip(rng.normal(30.0, 4.4, len(mother)), 18, 44)
    age = oldest[house] - rank * rng.uniform(1.2, 3.4, len(house))
    # Too old to live at home or not yet born: a child of some age that fits the parent.
    wrong = (age < 0) | (age > 26)
    room = np.clip(mother[house] - 20, 1, 22)
    age = np.where(wrong, rng.random(len(house)) * room, age)
    size = len(house)
    return house, _born(age), rng.random(size) < 0.488, np.full(size, CHILD), np.full(size, 9999)


def _inmates(rng: np.random.Generator, homes: Ints) -> Members:
    house = np.repeat(homes, rng.integers(45, 85, len(homes)))
    size = len(house)
    age = 72 + 27 * rng.beta(2.6, 2.0, size)
    return house, _born(age), rng.random(size) < 0.7, np.full(size, INMATE), np.full(size, 9999)


def _deceased(rng: np.random.Generator, widowed: Ints, head_age: Floats, head_woman: Flags) -> Members:
    """Partners that died between two reference dates, leaving a single person."""
    lost = widowed[rng.random(len(widowed)) < 0.075]
    size = len(lost)
    age = np.clip(np.floor(head_age[lost]) + rng.normal(2, 3, size), 60, 104)
    return lost, _born(age), ~head_woman[lost], np.full(size, PARTNER), rng.integers(2023, 2025, size)
