"""Income, wealth and debts of households, and how they stand to the social minimum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zicht.demo import targets
from zicht.demo.draw import Flags, Floats, Ints, scaled_to, stream
from zicht.demo.homes import Homes
from zicht.demo.people import CHILD, INMATE, People
from zicht.demo.plan import KINDS, PEILJAREN

INCOME_YEAR = {2023: 0.895, 2024: 0.955, 2025: 1.0}
"""Level of incomes by peiljaar against 2025; the income is that of the year before the peildatum."""
WEALTH_YEAR = {2023: 0.97, 2024: 0.96, 2025: 1.0}
PENSION_AGE = 67
SOURCES = (
    "loon",
    "eigen bedrijf",
    "pensioen",
    "bijstand",
    "ziekte of arbeidsongeschiktheid",
    "studiefinanciering",
)
WAGE, BUSINESS, PENSION, WELFARE, DISABLED, STUDY = range(6)


@dataclass(frozen=True)
class Households:
    """The households of one peiljaar, one entry each.

    Attributes:
        year: the peiljaar. ids: positions in `People`. address: positions in `Homes`, -1 without known address.
        adults, children, size: members; children are those who live in, of any age; minors are under 18.
        head_age: age of the head on 1 January.
        student, institution, partial: student household, care home, income of part of a year only.
        income, standardised, gross: euro a year, NaN for institutions.
        minimum_share: disposable income as a percentage of the social minimum, NaN for institutions.
        liquid, wealth: money at hand and all net wealth, euro. debts: has problematic debts.
        source: position in `SOURCES`, -1 for institutions.
    """

    year: int
    ids: Ints
    address: Ints
    adults: Ints
    children: Ints
    minors: Ints
    size: Ints
    head_age: Ints
    student: Flags
    institution: Flags
    partial: Flags
    income: Floats
    standardised: Floats
    gross: Floats
    minimum_share: Floats
    liquid: Floats
    wealth: Floats
    debts: Flags
    source: Ints


def make_households(seed: int, homes: Homes, people: People) -> dict[int, Households]:
    """The households of every peiljaar, with money that lasts: a household keeps its standing over the years."""
    rng = stream(seed, "money")
    traits = _Traits(
        luck=rng.normal(0, 1, len(people.slot)),
        thrift=rng.normal(0, 1, len(people.slot)),
        chance=rng.random(len(people.slot)),
        benefit=rng.random(len(people.slot)),
    )
    level = None
    found = {}
    for year in reversed(PEILJAREN):
        found[year], level = _year(rng, year, homes, people, traits, level)
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class _Traits:
    """What lasts of a household: luck and thrift (standard normal) and two uniform chances."""

    luck: Floats
    thrift: Floats
    chance: Floats
    benefit: Floats


def _counts(people: People, year: int, address: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Adults, children living in, minors and age of the head, per household of `People`."""
    here = people.present(year, address)
    age = people.age(year)
    total = len(people.slot)
    child = people.role == CHILD
    adults = np.bincount(people.house[here & ~child], minlength=total)
    children = np.bincount(people.house[here & child], minlength=total)
    minors = np.bincount(people.house[here & child & (age < 18)], minlength=total)
    head = np.zeros(total, dtype=np.int64)
    heads = np.flatnonzero((people.role == 0) | (people.role == INMATE))
    head[people.house[heads]] = age[heads]
    return adults, children, minors, head


def _year(
    rng: np.random.Generator, year: int, homes: Homes, people: People, traits: _Traits, level: float | None
) -> tuple[Households, float]:
    address = people.address(year)
    adults, children, minors, head = _counts(people, year, address)
    ids = np.flatnonzero((address > -2) & (adults > 0))
    address, adults, children, minors, head = address[ids], adults[ids], children[ids], minors[ids], head[ids]
    student, institution = people.student[ids] & (head < 30), people.institution[ids]
    factor = equivalence(adults, children)
    standard = _standing(rng, homes, people, traits, ids, address, head, adults, children, student)
    if level is None:
        level = targets.MEDIAN_STANDARDISED_INCOME / float(np.median(standard[~student & ~institution]))
    minimum = social_minimum(adults, children) * INCOME_YEAR[year] * 1.03
    income = standard * level * INCOME_YEAR[year] * factor
    income, source = _sources(traits, ids, income, minimum, head, student)
    income = np.where(institution, np.nan, np.round(income, 2))
    liquid, wealth = _wealth(homes, people, traits, ids, address, head, income, student, year)
    debts = _debts(traits, ids, income / minimum, student | institution)
    partial = (rng.random(len(ids)) < 0.018) & ~institution
    return Households(
        year, ids, address, adults, children, minors, adults + children, head, student, institution, partial, income,
        np.round(income / factor, 2), np.round(income * (1.24 + 0.10 * np.clip(income / 60_000, 0, 3))),
        np.round(100 * income / minimum, 1), liquid, wealth, debts, np.where(institution, -1, source),
    ), level  # fmt: skip


def equivalence(adults: Ints, children: Ints) -> Floats:
    """CBS equivalence factor of a household; adults beyond two count as children do."""
    table = np.array([targets.EQUIVALENCE[1], targets.EQUIVALENCE[2]])
    extra = children + np.maximum(adults - 2, 0)
    return table[np.clip(adults, 1, 2) - 1, np.minimum(extra, 4)]


def social_minimum(adults: Ints, children: Ints) -> Floats:
    """Social minimum of a household for a year, euro, level of 2024."""
    base = np.where(adults > 1, targets.SOCIAL_MINIMUM[2], targets.SOCIAL_MINIMUM[1])
    return base + targets.SOCIAL_MINIMUM_CHILD * children


def _standing(
    rng: np.random.Generator, homes: Homes, people: People, traits: _Traits, ids: Ints, address: Ints, head: Ints,
    adults: Ints, children: Ints, student: Flags,
) -> Floats:  # fmt: skip
    """Standardised income before it is brought to level: place, tenure, stage of life, lasting luck, the year."""
    known = address >= 0
    there = np.maximum(address, 0)
    kind = np.where(known, np.array([k.income for k in KINDS])[homes.kind[there]], 0.85)
    tenure = np.where(known, np.array([1.13, 0.72, 0.93])[homes.tenure[there]], 0.8)
    stage = np.interp(
        head, [18, 24, 32, 45, 58, 66, 70, 95], [0.60, 0.74, 0.97, 1.06, 1.14, 1.06, 0.93, 0.84]
    )
    shape = np.where(adults > 1, np.where(children > 0, 1.05, 1.13), np.where(children > 0, 0.84, 0.88))
    noise = np.exp(0.31 * people.spirit[ids] + 0.12 * traits.luck[ids] + rng.normal(0, 0.045, len(ids)))
    return kind * tenure * stage * shape * noise * np.where(student, 0.62, 1.0)


def _sources(
    traits: _Traits, ids: Ints, income: Floats, minimum: Floats, head: Ints, student: Flags
) -> tuple[Floats, Ints]:
    """Income after the safety net, and the main source of it."""
    chance, benefit = traits.chance[ids], traits.benefit[ids]
    old = head >= PENSION_AGE
    low = (income < 1.05 * minimum) & ~student
    # Nearly everybody under the minimum is lifted to about its level; the pension lies a little above it.
    lifted = minimum * np.where(old, 1.01 + 0.16 * chance, 0.95 + 0.095 * chance)
    income = np.where(low & (benefit < 0.87), np.maximum(income, lifted), income)
    working = np.where(chance < 0.115, BUSINESS, WAGE)
    sick = (benefit > 0.955) & (income < 2.0 * minimum)
    idle = low & (benefit < 0.74)
    source = np.select([student, old, idle, sick], [STUDY, PENSION, WELFARE, DISABLED], working)
    return income, source.astype(np.int64)


def _wealth(
    homes: Homes, people: People, traits: _Traits, ids: Ints, address: Ints, head: Ints, income: Floats,
    student: Flags, year: int,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Money at hand and net wealth: grows with age and standing; owners add the home less its mortgage."""
    there = np.maximum(address, 0)
    owner = (address >= 0) & (homes.tenure[there] == 0) & ~homes.lodging[there]
    level = 9.15 + 0.027 * (head - 45) + 0.75 * people.spirit[ids] + 1.05 * traits.thrift[ids]
    level = level + np.where(owner, 0.5, -0.55) - np.where(student, 0.8, 0.0)
    liquid = np.exp(np.clip(level, 2, 15)) * WEALTH_YEAR[year]
    mortgage = np.interp(head, [25, 35, 50, 65, 80], [0.92, 0.78, 0.52, 0.28, 0.10])
    home = np.where(owner, homes.woz[there] * (1 - mortgage), 0.0)
    loans = np.where(traits.luck[ids] < -1.25, -6_000 * np.exp(0.8 * traits.thrift[ids]), 0.0)
    empty = np.isnan(income)
    return np.where(empty, np.nan, np.round(liquid)), np.where(empty, np.nan, np.round(liquid + home + loans))


def _debts(traits: _Traits, ids: Ints, ratio: Floats, excluded: Flags) -> Flags:
    """Problematic debts: likelier with little income, lasting over the years."""
    chance = np.where(excluded | np.isnan(ratio), 1e-6, np.exp(-0.9 * np.nan_to_num(ratio, nan=1.0)))
    hit = scaled_to(chance, targets.PROBLEM_DEBT_SHARE)
    lasting = (traits.luck[ids] + 7.0 * traits.benefit[ids] + traits.chance[ids] * 13.0) % 1.0
    return (lasting < hit) & ~excluded
