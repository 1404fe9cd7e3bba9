"""Wmo support, youth care and suspects of offences, per person and peiljaar.

Wmo and suspects depend on age and sex only, so that after standardisation nothing is left but what is planted.
Youth care also falls with income when `plant` is on; that gradient stands in the truth file too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zicht.demo import targets
from zicht.demo.draw import Flags, Floats, Ints, categories, labels, stream
from zicht.demo.money import Households
from zicht.demo.people import People
from zicht.demo.plan import BUURTEN, WIJKEN
from zicht.demo.truth import Detail, Pattern

WMO_WIJK = "WK900107"
WMO_FACTOR = 1.6
CLUSTER_MIDDLE = "BU90010402"
CLUSTER_FACTOR = 1.7
WMO_LEVEL, SUSPECT_LEVEL = 1.28, 0.92
"""Bring the shapes by age to `targets.WMO_PER_PERSON` and `targets.SUSPECT_SHARE` in the last peiljaar; the same in every year,
so that an ageing city uses more."""
CARE_GRADIENT = -0.30
"""Planted: log of the youth-care rate per standard deviation of log standardised income."""

SUPPORT = (
    "hulp bij het huishouden",
    "begeleiding",
    "vervoer",
    "rolstoel of scootmobiel",
    "woonvoorziening",
    "dagbesteding",
)
SUPPORT_SHARES = (0.42, 0.20, 0.19, 0.08, 0.07, 0.04)
YOUTH_CARE = ("ambulante jeugdhulp", "jeugdhulp met verblijf", "jeugdbescherming", "jeugdreclassering")
OFFENCES = ("vermogen", "geweld", "vernieling en openbare orde", "verkeer", "drugs", "overig")


@dataclass(frozen=True)
class Present:
    """The people registered in a peiljaar, one entry each: positions in `People`, and what events depend on.

    Attributes:
        year: the peiljaar. who: positions in `People`. age: years. woman: sex. buurt: position in the plan, -1 unknown.
        income: standardised household income, euro, NaN unknown. source: main source of household income, -1 unknown.
    """

    year: int
    who: Ints
    age: Ints
    woman: Flags
    buurt: Ints
    income: Floats
    source: Ints


def make_present(people: People, buurt_of_home: Ints, households: Households) -> Present:
    """The registered people of a peiljaar."""
    year = households.year
    address = people.address(year)
    who = np.flatnonzero(people.present(year, address))
    there = address[people.house[who]]
    income = np.full(len(people.slot), np.nan)
    income[households.ids] = households.standardised
    source = np.full(len(people.slot), -1)
    source[households.ids] = households.source
    buurt = np.where(there >= 0, buurt_of_home[np.maximum(there, 0)], -1)
    house = people.house[who]
    return Present(year, who, people.age(year)[who], people.woman[who], buurt, income[house], source[house])


def _wmo_chance(person: Present) -> Floats:
    """CBS shape: rises slowly to 65, steeply after 75; women use more."""
    by_age = np.interp(
        person.age, [0, 17, 18, 44, 60, 70, 77, 82, 87, 95], [0.2, 0.4, 1.6, 2.4, 4.6, 8.0, 16, 27, 40, 52]
    )
    return WMO_LEVEL * by_age / 100 * np.where(person.woman, 1.15, 0.84)


def _suspect_chance(person: Present) -> Floats:
    """CBS shape: a peak around 20, four men to a woman; nobody under 12."""
    by_age = np.interp(
        person.age, [11, 12, 15, 20, 25, 35, 50, 65, 80], [0, 0.5, 2.0, 2.9, 2.2, 1.5, 0.8, 0.25, 0.05]
    )
    chance = SUSPECT_LEVEL * by_age / 100 * np.where(person.woman, 0.38, 1.62)
    return np.where(person.age >= 12, chance, 0.0)


def _lasting(rng: np.random.Generator, base: Floats, who: Ints, renewed: float) -> Floats:
    """Uniform chances that mostly stay the same for a person from year to year."""
    return np.where(rng.random(len(who)) < renewed, rng.random(len(who)), base[who])


def make_wmo(
    seed: int, years: dict[int, Present], ids: pa.Array, *, plant: bool
) -> tuple[pa.Table, tuple[Pattern, ...]]:
    """Delivery `wmo`: a row per person, peiljaar and kind of support, and what was planted in it."""
    rng = stream(seed, "wmo")
    base = rng.random(len(ids))
    wijk = np.array([plan.wijk for plan in BUURTEN])
    target = [w.code for w in WIJKEN].index(WMO_WIJK)
    parts, detail = [], {}
    for person in years.values():
        chance = _wmo_chance(person)
        inside = (person.buurt >= 0) & (wijk[person.buurt] == target)
        uses = _lasting(rng, base, person.who, 0.22) < np.minimum(
            chance * np.where(inside & plant, WMO_FACTOR, 1.0), 0.97
        )
        detail = _observed(uses, chance, inside)
        first = np.flatnonzero(uses)
        rows = np.repeat(first, 1 + (rng.random(len(first)) < 0.31))
        kind = categories(rng, np.tile(SUPPORT_SHARES, (len(rows), 1)))
        kind[1:] = np.where(
            (rows[1:] == rows[:-1]) & (kind[1:] == kind[:-1]), (kind[1:] + 1) % len(SUPPORT), kind[1:]
        )
        parts.append(_events(person, rows, ids, {"voorziening": labels(SUPPORT, kind)}))
    what = "Wmo support is used more than age and sex explain in one wijk."
    found = Pattern(
        "overrepresentation",
        what,
        "wmo",
        (WMO_WIJK,),
        WMO_FACTOR,
        {"controls": "leeftijd, geslacht", **detail},
    )
    return pa.concat_tables(parts), (found,) if plant else ()


def make_youth_care(
    seed: int, years: dict[int, Present], ids: pa.Array, *, plant: bool
) -> tuple[pa.Table, tuple[Pattern, ...]]:
    """Delivery `jeugdzorg`: a row per young person, peiljaar and kind of care."""
    rng = stream(seed, "youth")
    base = rng.random(len(ids))
    parts = []
    for person in years.values():
        young = person.age < 23
        by_age = np.interp(person.age, [0, 3, 6, 11, 15, 17, 18, 22], [1.5, 4, 10, 13, 14, 12, 3.5, 1.5])
        chance = by_age * np.where(person.woman, 0.90, 1.10)
        if plant:
            standing = np.log(np.nan_to_num(person.income, nan=25_000.0) / 30_000.0) / 0.4
            chance = chance * np.exp(CARE_GRADIENT * np.clip(standing, -2.5, 2.5))
        minors = person.age < 18
        chance = chance * targets.YOUTH_CARE_SHARE / chance[minors].mean()
        uses = np.flatnonzero(young & (_lasting(rng, base, person.who, 0.35) < chance))
        shares = np.where(person.age[uses, None] >= 12, (0.80, 0.09, 0.075, 0.035), (0.85, 0.06, 0.09, 1e-9))
        parts.append(_events(person, uses, ids, {"vorm": labels(YOUTH_CARE, categories(rng, shares))}))
    what = "Youth care is used more by children in households with less income."
    found = Pattern("gradient", what, "jeugdzorg", (), CARE_GRADIENT, {"column": "gestandaardiseerd_inkomen"})
    return pa.concat_tables(parts), (found,) if plant else ()


def make_suspects(
    seed: int, years: dict[int, Present], ids: pa.Array, cluster: tuple[int, ...], *, plant: bool
) -> tuple[pa.Table, tuple[Pattern, ...]]:
    """Delivery `verdachten`: a row per suspect and peiljaar (the twelve months before it).

    Args:
        seed: of the generator.
        years: the registered people per peiljaar.
        ids: person ids.
        cluster: positions of the adjoining buurten that get more suspects.
        plant: whether they do.
    """
    rng = stream(seed, "suspects")
    parts, detail = [], {}
    before = np.zeros(len(ids), dtype=bool)
    for person in years.values():
        chance = _suspect_chance(person)
        inside = np.isin(person.buurt, cluster)
        hit = rng.random(len(chance)) < chance * np.where(inside & plant, CLUSTER_FACTOR, 1.0)
        detail = _observed(hit, chance, inside)
        rows = np.flatnonzero(hit)
        known = before[person.who[rows]] | (rng.random(len(rows)) > targets.FIRST_OFFENDER_SHARE)
        before[person.who[rows]] = True
        youth = (person.age[rows] < 24)[:, None]
        kind = categories(
            rng, np.where(youth, (0.34, 0.26, 0.14, 0.09, 0.09, 0.08), (0.27, 0.28, 0.08, 0.20, 0.07, 0.10))
        )
        extra = {
            "delictgroep": labels(OFFENCES, kind),
            "eerste_of_herhaald": labels(("eerste", "herhaald"), known.astype(np.int64)),
            "aantal_delicten": pa.array(1 + rng.poisson(np.where(known, 0.9, 0.15)), pa.int16()),
        }
        parts.append(_events(person, rows, ids, extra))
    where = tuple(BUURTEN[b].code for b in cluster)
    what = "Six adjoining buurten have more suspects than age and sex explain."
    found = Pattern(
        "cluster", what, "verdachten", where, CLUSTER_FACTOR, {"controls": "leeftijd, geslacht", **detail}
    )
    return pa.concat_tables(parts), (found,) if plant else ()


def _observed(hit: Flags, chance: Floats, inside: Flags) -> dict[str, Detail]:
    """Observed and expected (by the unplanted chances) in the last peiljaar."""
    expected = float(chance[inside].sum())
    observed = int(hit[inside].sum())
    return {
        "observed": observed,
        "expected": round(expected, 1),
        "ratio_realised": round(observed / max(expected, 1.0), 3),
    }


def _events(person: Present, rows: Ints, ids: pa.Array, extra: dict[str, pa.Array]) -> pa.Table:
    who = ids.take(pa.array(person.who[rows]))
    return pa.table(
        {"peiljaar": pa.array(np.full(len(rows), person.year), pa.int16()), "persoon_id": who, **extra}
    )
