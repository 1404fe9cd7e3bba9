"""Six local schemes for people with little money: who may use them and who does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zicht.demo import targets
from zicht.demo.draw import Flags, Floats, Ints, labels, stream
from zicht.demo.money import BUSINESS, PENSION_AGE, WAGE, Households
from zicht.demo.truth import Pattern


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme and its rule, as the invented gemeente's bylaw has it.

    Attributes:
        name: as in the delivery.
        percent: income at most this percentage of the social minimum.
        assets: money at hand at most this many times the limit of the Participatiewet; None: no limit.
        ages: the head's age lies in [from, to). minors: only households with children under 18.
        take_up: share of the entitled that use it. amount: euro a year, mean.
    """

    name: str
    percent: float
    assets: float | None
    ages: tuple[int, int]
    minors: bool
    take_up: float
    amount: float


SCHEMES = (
    Scheme("bijzondere bijstand", 110, 1.0, (18, 120), False, 0.41, 640),
    Scheme("individuele inkomenstoeslag", 105, 1.0, (21, PENSION_AGE), False, 0.62, 480),
    Scheme("stadspas", 120, None, (18, 120), False, 0.70, 150),
    Scheme("kwijtschelding gemeentelijke belastingen", 105, 0.5, (18, 120), False, 0.66, 390),
    Scheme("collectieve zorgverzekering", 130, None, (18, 120), False, 0.47, 210),
    Scheme("meedoenregeling", 120, 1.0, (18, 120), True, 0.64, 310),
)
"""Entitlement and use; the levels are design, of the order that municipal minima reports show."""

MISSED = "stadspas"
MISSED_TAKE_UP = 0.35
"""Planted: take-up of `MISSED` among households that live from work."""


def entitled(scheme: Scheme, households: Households) -> Flags:
    """Which households may use the scheme; students, institutions and incomes of part of a year are left out."""
    single = (households.adults == 1) & (households.children == 0)
    limit = np.where(single, targets.ASSET_LIMIT[1], targets.ASSET_LIMIT[2])
    fits = np.nan_to_num(households.minimum_share, nan=1e9) <= scheme.percent
    if scheme.assets is not None:
        fits &= np.nan_to_num(households.liquid, nan=1e9) <= scheme.assets * limit
    fits &= (households.head_age >= scheme.ages[0]) & (households.head_age < scheme.ages[1])
    if scheme.minors:
        fits &= households.minors > 0
    return fits & ~households.student & ~households.institution & ~households.partial


def make_scheme_use(
    seed: int, households: dict[int, Households], ids: pa.Array, *, plant: bool
) -> tuple[pa.Table, tuple[Pattern, ...]]:
    """Delivery `regelingen`: one row per household, peiljaar and scheme used, and what was planted in it."""
    rng = stream(seed, "schemes")
    lasting = rng.random((len(SCHEMES), len(ids)))
    spend = np.exp(rng.normal(-0.06, 0.35, (len(SCHEMES), len(ids))))
    parts, realised = [], {}
    for year, city in households.items():
        for number, scheme in enumerate(SCHEMES):
            may = entitled(scheme, city)
            chance = np.full(len(city.ids), scheme.take_up)
            working = np.isin(city.source, (WAGE, BUSINESS))
            if plant and scheme.name == MISSED:
                chance = np.where(working, MISSED_TAKE_UP, chance)
            fresh = np.where(
                rng.random(len(city.ids)) < 0.2, rng.random(len(city.ids)), lasting[number, city.ids]
            )
            uses = may & (fresh < chance)
            if scheme.name == MISSED:
                realised = {
                    "take_up_working": _share(uses, may & working),
                    "take_up_others": _share(uses, may & ~working),
                }
            parts.append(
                _rows(year, number, np.flatnonzero(uses), city.ids, ids, spend[number] * scheme.amount)
            )
    found = Pattern(
        "non-take-up",
        f"Households that live from work use the {MISSED} half as often as others entitled to it.",
        "regelingen",
        (),
        MISSED_TAKE_UP,
        {
            "scheme": MISSED,
            "column": "hoofdinkomensbron",
            "values": "loon, eigen bedrijf",
            "take_up_elsewhere": 0.70,
            **realised,
        },
    )
    return pa.concat_tables(parts), (found,) if plant else ()


def _share(part: Flags, whole: Flags) -> float:
    return round(float((part & whole).sum() / max(int(whole.sum()), 1)), 4)


def _rows(year: int, scheme: int, uses: Ints, households: Ints, ids: pa.Array, amount: Floats) -> pa.Table:
    who = households[uses]
    return pa.table(
        {
            "peiljaar": pa.array(np.full(len(uses), year), pa.int16()),
            "huishouden_id": ids.take(pa.array(who)),
            "regeling": labels([s.name for s in SCHEMES], np.full(len(uses), scheme)),
            "bedrag": pa.array(np.round(amount[who], 2)),
        }
    )
