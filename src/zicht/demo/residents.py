"""The deliveries of persons and households: what the population and income registers hold per peiljaar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.special import ndtri

from zicht.demo.care import Present
from zicht.demo.draw import (
    Flags,
    Floats,
    Ints,
    categories,
    citizen_numbers,
    identifiers,
    labels,
    numbers_or_null,
    stream,
)
from zicht.demo.homes import Homes
from zicht.demo.money import DISABLED, SOURCES, WELFARE, Households
from zicht.demo.people import People
from zicht.demo.plan import BUURTEN, KINDS
from zicht.demo.truth import Pattern

EDUCATION = ("laag", "middelbaar", "hoog")
ACTIVITY = ("werknemer", "zelfstandige", "uitkering", "scholier of student", "gepensioneerd", "overig")
HOUSEHOLD_TYPES = (
    "eenpersoonshuishouden", "paar zonder kinderen", "paar met kinderen", "eenouderhuishouden",
    "overig huishouden", "institutioneel huishouden",
)  # fmt: skip
PROXY_AUC = 0.90
"""Planted: how well `afstand_familie_km` tells the protected ground apart."""
GROUND_SHARE = 0.18


@dataclass(frozen=True)
class Ids:
    """Texts that stand for persons and households in every delivery, and the citizen numbers of persons."""

    persons: pa.Array
    households: pa.Array
    citizens: Ints


@dataclass(frozen=True)
class Traits:
    """Lasting traits of persons: schooling (−1 under 15), protected ground, distance to family in km, two chances."""

    education: Ints
    ground: Flags
    family: Floats
    chance: Floats
    own: Floats


def make_ids(seed: int, people: People) -> Ids:
    """Ids in random order, so that they say nothing."""
    rng = stream(seed, "ids")
    persons, households = len(people.house), len(people.slot)
    return Ids(
        identifiers("P", rng.permutation(persons) + 1, 7),
        identifiers("H", rng.permutation(households) + 1, 7),
        citizen_numbers(rng, persons),
    )


def make_traits(seed: int, people: People, homes: Homes, *, plant: bool) -> Traits:
    """Schooling, work and the planted proxy.

    The protected ground belongs to a household and is commoner in some kinds of neighbourhood; it is in no delivery.
    """
    rng = stream(seed, "traits")
    slots = people.place[people.slot]
    kind = np.where(slots >= 0, homes.kind[np.maximum(slots, 0)], 0)
    income = np.array([k.income for k in KINDS])[kind]
    odds = GROUND_SHARE / (1 - GROUND_SHARE) * np.exp(-2.2 * (income - 1.0)) * 0.9
    ground = (rng.random(len(slots)) < odds / (1 + odds))[people.house]
    # Two normals this far apart are told apart with the wanted AUC.
    apart = np.sqrt(2) * float(ndtri(PROXY_AUC)) if plant else 0.0
    family = np.exp(2.3 + 0.9 * (rng.normal(0, 1, len(ground)) + apart * ground))
    spirit = people.spirit[people.house]
    learned = 0.85 * spirit + 1.05 * (income[people.house] - 1)
    pull = np.stack([-0.75 * spirit, np.full(len(spirit), 0.22), learned], axis=1)
    education = categories(rng, np.exp(pull))
    return Traits(education, ground, family.round(1), rng.random(len(ground)), rng.random(len(ground)))


def proxy_pattern() -> Pattern:
    """The planted proxy variable."""
    return Pattern(
        "proxy",
        "The distance to the nearest family stands in for a protected ground that is in no delivery.",
        "personen",
        (),
        PROXY_AUC,
        {
            "column": "afstand_familie_km",
            "ground_file": "beschermde_grond.parquet",
            "ground_column": "beschermde_grond",
        },
    )


def working(person: Present, traits: Traits) -> Flags:
    """Who has paid work: net participation by age as CBS finds it, about 73 % of those aged 15-74."""
    rate = np.interp(
        person.age,
        [14, 15, 18, 25, 30, 50, 60, 65, 67, 70, 75],
        [0, 0.38, 0.69, 0.85, 0.90, 0.90, 0.80, 0.62, 0.30, 0.17, 0.04],
    )
    tilt = np.array([0.89, 1.03, 1.10])[traits.education[person.who]]
    tilt = np.where(person.source == WELFARE, 0.15, np.where(person.source == DISABLED, 0.4, tilt))
    return traits.chance[person.who] < np.where(
        (person.age < 15) | (person.age >= 75), 0.0, np.minimum(rate * tilt, 0.975)
    )


def person_table(person: Present, people: People, traits: Traits, homes: Homes, ids: Ids) -> pa.Table:
    """Delivery `personen` of one peiljaar, in order of person id."""
    who = person.who
    address = people.address(person.year)[people.house[who]]
    works = working(person, traits)
    own = traits.own[who] < 0.155
    supported = np.isin(person.source, (WELFARE, DISABLED)) | (traits.own[who] < 0.45)
    rest = np.select([person.age >= 67, person.age < 20, supported, person.age < 25], [4, 3, 2, 3], 5)
    activity = np.select([person.age < 15, works & own, works], [-1, 1, 0], rest)
    table = pa.table(
        {
            "peiljaar": pa.array(np.full(len(who), person.year), pa.int16()),
            "persoon_id": ids.persons.take(pa.array(who)),
            "burgerservicenummer": identifiers("", ids.citizens[who], 9),
            "geboortedatum": pa.array(people.born[who], pa.date32()),
            "leeftijd": pa.array(person.age, pa.int16()),
            "geslacht": labels(("M", "V"), person.woman.astype(np.int64)),
            "huishouden_id": ids.households.take(pa.array(people.house[who])),
            "plaats_huishouden": labels(("hoofd", "partner", "kind", "overig", "bewoner"), people.role[who]),
            "adres_id": homes.ids.take(pa.array(np.maximum(address, 0), mask=address < 0)),
            "buurtcode": labels([plan.code for plan in BUURTEN], person.buurt),
            "opleidingsniveau": labels(EDUCATION, np.where(person.age >= 15, traits.education[who], -1)),
            "sociaaleconomische_positie": labels(ACTIVITY, activity),
            "afstand_familie_km": pa.array(traits.family[who]),
        }
    )
    return table.sort_by("persoon_id")


def household_table(city: Households, homes: Homes, ids: Ids) -> pa.Table:
    """Delivery `huishoudens` of one peiljaar, in order of household id."""
    known = city.address >= 0
    buurt = np.where(known, homes.buurt[np.maximum(city.address, 0)], -1)
    flags = {
        "studentenhuishouden": city.student,
        "onvolledig_jaar": city.partial,
        "problematische_schulden": city.debts,
    }
    table = pa.table(
        {
            "peiljaar": pa.array(np.full(len(city.ids), city.year), pa.int16()),
            "huishouden_id": ids.households.take(pa.array(city.ids)),
            "adres_id": homes.ids.take(pa.array(np.maximum(city.address, 0), mask=~known)),
            "buurtcode": labels([plan.code for plan in BUURTEN], buurt),
            "huishoudtype": labels(HOUSEHOLD_TYPES, _type(city)),
            "aantal_personen": pa.array(city.size, pa.int16()),
            "aantal_minderjarigen": pa.array(city.minors, pa.int16()),
            "leeftijd_hoofd": pa.array(city.head_age, pa.int16()),
            **{name: labels(("N", "J"), flag.astype(np.int64)) for name, flag in flags.items()},
            "hoofdinkomensbron": labels(SOURCES, city.source),
            "bruto_inkomen": numbers_or_null(np.round(city.gross), pa.int32()),
            "besteedbaar_inkomen": numbers_or_null(np.round(city.income), pa.int32()),
            "gestandaardiseerd_inkomen": numbers_or_null(np.round(city.standardised), pa.int32()),
            "inkomen_pct_sociaal_minimum": numbers_or_null(city.minimum_share, pa.float64()),
            "liquide_vermogen": numbers_or_null(city.liquid, pa.int32()),
            "vermogen": numbers_or_null(city.wealth, pa.int32()),
        }
    )
    return table.sort_by("huishouden_id")


def _type(city: Households) -> Ints:
    children = city.children > 0
    kinds = [city.institution, (city.adults == 1) & ~children, (city.adults == 1) & children, city.adults > 2]
    return np.select(kinds, [5, 0, 3, 4], np.where(children, 2, 1)).astype(np.int64)


def ground_table(traits: Traits, ids: Ids) -> pa.Table:
    """The protected ground per person: for tests of the proxy check only, never a delivery."""
    return pa.table({"persoon_id": ids.persons, "beschermde_grond": pa.array(traits.ground)}).sort_by(
        "persoon_id"
    )
