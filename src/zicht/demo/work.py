"""Firms, commuting, parked cars and charging points."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zicht.demo import targets
from zicht.demo.citymap import CityMap
from zicht.demo.draw import Floats, Ints, categories, identifiers, labels, stream
from zicht.demo.homes import Homes
from zicht.demo.plan import BUURTEN, KIND, KINDS, PEILJAREN

CODES = [plan.code for plan in BUURTEN]
OUTSIDE = ("GM9002", "GM9003", "GM9004", "GM9005", "GM9006", "GM9099")
OUTSIDE_NAMES = ("Nabuurdam", "Westerwaard", "Zuiderplas", "Hoogeland", "Kustwijk", "elders in het land")
"""Invented gemeenten around Voorbeeldstad, and the rest of the country."""
OUTSIDE_PULL = (0.27, 0.18, 0.15, 0.09, 0.06, 0.25)
ROUNDED_TO = 5
"""Commuting is delivered as statistics: every flow rounded to this base, so that no flow tells of a few people."""
WORK_AT_HOME = 0.58
"""Share of working residents with a job inside the city; design, usual for a city of this size."""

CLOSING = 0.17
"""Design: share of establishments that close between the first and the last peiljaar; about as many open."""

OFFICE = {"bedrijventerrein": 9.0, "binnenstad": 3.2, "spoorzone": 2.6, "buitengebied": 0.6}
"""Pull of kinds of neighbourhood on firms beside the number of homes."""
FIRM_FIRST = (
    "Café",
    "Bakkerij",
    "Atelier",
    "Bureau",
    "Garage",
    "Crèche",
    "Handelsonderneming",
    "Praktijk",
    "Studio",
    "Hôtel",
)
FIRM_LAST = (
    "De Beelde",
    "Rietland",
    "Het Eiland",
    "Coöperatie Noord",
    "Zoë",
    "De Wende",
    "Hazelaar",
    "Van Weerd",
    "André",
    "Twee",
)


def make_firms(seed: int, inhabitants: Ints) -> pa.Table:
    """Delivery `bedrijven`: establishments per peiljaar, with sector (SBI letter) and staff."""
    rng = stream(seed, "firms")
    count = round(targets.FIRMS_PER_PERSON * float(inhabitants.sum()) / (1 - CLOSING))
    pull = np.array([OFFICE.get(KINDS[plan.kind].name, 1.0) for plan in BUURTEN])
    industry = np.array([plan.kind == KIND["bedrijventerrein"] for plan in BUURTEN])
    weight = inhabitants * pull + industry * 7_000.0
    buurt = categories(rng, np.tile(weight, (1, 1)).astype(float), np.zeros(count, dtype=np.int64))
    letters = tuple(targets.SECTOR_SHARES)
    shares = np.array([share for share, _ in targets.SECTOR_SHARES.values()])
    heavy = np.array([3.0 if letter in "CFGHN" else 0.6 for letter in letters])
    sector = categories(rng, np.stack([shares, shares * heavy]), industry[buurt].astype(np.int64))
    mean = np.array([staff for _, staff in targets.SECTOR_SHARES.values()])[sector]
    alone = rng.random(count) < np.clip(1.35 / mean + 0.42, 0, 0.86)
    staff = np.where(alone, 1, np.ceil(np.exp(rng.normal(np.log(mean * 1.3), 1.05, count)))).astype(np.int64)
    staff = np.minimum(staff, 2_400)
    since = np.minimum(2024 - np.floor(rng.exponential(9.0, count)), 2024).astype(np.int64)
    until = np.where(rng.random(count) < CLOSING, rng.integers(2023, 2025, count), 9999)
    name = labels([f"{a} {b}" for a in FIRM_FIRST for b in FIRM_LAST], rng.integers(0, 100, count))
    ids = identifiers("90", rng.permutation(count) + 1, 10)
    parts = []
    for year in PEILJAREN:
        here = np.flatnonzero((since < year) & (until >= year))
        grown = np.maximum(np.round(staff[here] * (1 + 0.02 * (year - 2025))), 1).astype(np.int64)
        parts.append(
            pa.table(
                {
                    "peiljaar": pa.array(np.full(len(here), year), pa.int16()),
                    "vestiging_id": ids.take(pa.array(here)),
                    "naam": name.take(pa.array(here)),
                    "sbi": labels(letters, sector[here]),
                    "werkzame_personen": pa.array(grown, pa.int32()),
                    "sinds": pa.array(since[here], pa.int16()),
                    "buurtcode": labels(CODES, buurt[here]),
                }
            )
        )
    return pa.concat_tables(parts)


def make_commuting(seed: int, city: CityMap, workers: dict[int, Ints], firms: pa.Table) -> pa.Table:
    """Delivery `pendel`: working residents by buurt of home and place of work, per peiljaar.

    Args:
        seed: of the generator.
        city: the map, for distances.
        workers: per peiljaar, working residents per buurt.
        firms: the delivery of firms, for jobs per buurt.
    """
    rng = stream(seed, "commuting")
    last = firms.filter(pa.compute.equal(firms["peiljaar"], PEILJAREN[-1]))
    number = {code: position for position, code in enumerate(CODES)}
    where = np.array([number[code] for code in last["buurtcode"].to_pylist()])
    jobs = np.bincount(where, weights=last["werkzame_personen"].to_numpy(), minlength=len(CODES))
    middle = np.array([[shape.centroid.x, shape.centroid.y] for shape in city.buurten])
    away = np.hypot(*(middle[:, None, :] - middle[None, :, :]).transpose(2, 0, 1))
    pull = jobs[None, :] / (800.0 + away) ** 1.3
    inside = WORK_AT_HOME * pull / pull.sum(axis=1, keepdims=True)
    outside = np.tile((1 - WORK_AT_HOME) * np.array(OUTSIDE_PULL), (len(CODES), 1))
    shares = np.concatenate([inside, outside], axis=1)
    parts = []
    for year, count in workers.items():
        exact = rng.multinomial(count, shares / shares.sum(axis=1, keepdims=True))
        flow = (exact + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO
        home, work = np.nonzero(flow)
        parts.append(
            pa.table(
                {
                    "peiljaar": pa.array(np.full(len(home), year), pa.int16()),
                    "woon_buurtcode": labels(CODES, home),
                    "werk_gebied": labels([*CODES, *OUTSIDE], work),
                    "werkenden": pa.array(flow[home, work], pa.int32()),
                }
            )
        )
    return pa.concat_tables(parts)


def make_parking(seed: int, homes: Homes, lived_in: dict[int, np.ndarray]) -> pa.Table:
    """Delivery `parkeertelling`: parked cars at night per square of 125 m with homes, and the demand for charging."""
    rng = stream(seed, "parking")
    square, home_square = np.unique(
        np.floor(homes.points / 125.0).astype(np.int64), axis=0, return_inverse=True
    )
    buurt = np.zeros(len(square), dtype=np.int64)
    buurt[home_square] = homes.buurt
    owning = 0.55 + 0.45 * (homes.type > 0) + 0.10 * (homes.tenure == 0)
    taste = np.exp(rng.normal(0, 0.25, len(square)))
    parts = []
    for year in PEILJAREN:
        mean = np.bincount(home_square, weights=owning * lived_in[year], minlength=len(square))
        cars = rng.poisson(mean * targets.CARS_PER_HOUSEHOLD * len(homes) / max(float(owning.sum()), 1.0))
        value = np.bincount(home_square, weights=homes.woz) / np.bincount(home_square)
        electric = rng.binomial(
            cars, np.clip(targets.ELECTRIC_SHARE[year] * taste * (value / homes.woz.mean()) ** 0.8, 0, 0.6)
        )
        spaces = np.round(cars * (1.12 + 0.1 * taste)) + 2
        place = np.round((square + 0.5) * 125.0, 1)
        parts.append(
            pa.table(
                {
                    "peiljaar": pa.array(np.full(len(square), year), pa.int16()),
                    "telvak_id": identifiers("TV", np.arange(1, len(square) + 1), 5),
                    "buurtcode": labels(CODES, buurt),
                    "parkeerplaatsen": pa.array(spaces.astype(np.int64), pa.int32()),
                    "geparkeerd_nacht": pa.array(cars, pa.int32()),
                    "waarvan_elektrisch": pa.array(electric, pa.int32()),
                    "laadvraag_kwh_maand": pa.array(np.round(electric * 142.0 * taste, 1)),
                    "x": pa.array(place[:, 0]),
                    "y": pa.array(place[:, 1]),
                }
            )
        )
    return pa.concat_tables(parts)


def make_charging_points(seed: int, parking: pa.Table) -> pa.Table:
    """Delivery `laadpunten`: public charging points, placed mostly where the demand is."""
    rng = stream(seed, "charging")
    last = parking.filter(pa.compute.equal(parking["peiljaar"], PEILJAREN[-1]))
    weight = last["laadvraag_kwh_maand"].to_numpy() + 25.0
    count = max(round(float(last["waarvan_elektrisch"].to_numpy().sum()) / 6.4), 5)
    where = np.sort(rng.choice(len(last), min(count, len(last)), replace=False, p=weight / weight.sum()))
    year = np.minimum(2016 + np.floor(9 * rng.beta(3.0, 1.2, len(where))), 2024).astype(np.int64)
    shift: Floats = rng.uniform(-55, 55, (len(where), 2))
    return pa.table(
        {
            "laadpunt_id": identifiers("LP", np.arange(1, len(where) + 1), 4),
            "x": pa.array(np.round(last["x"].to_numpy()[where] + shift[:, 0], 1)),
            "y": pa.array(np.round(last["y"].to_numpy()[where] + shift[:, 1], 1)),
            "aansluitingen": pa.array(np.where(rng.random(len(where)) < 0.8, 2, 4), pa.int16()),
            "vermogen_kw": pa.array(np.where(rng.random(len(where)) < 0.93, 11, 50), pa.int16()),
            "jaar_plaatsing": pa.array(year, pa.int16()),
        }
    )
