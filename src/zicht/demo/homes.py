"""Addresses of Voorbeeldstad: homes and holiday homes along invented streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from zicht.demo import targets
from zicht.demo.citymap import CityMap
from zicht.demo.draw import (
    Flags,
    Floats,
    Ints,
    categories,
    fitted,
    identifiers,
    labels,
    numbers_or_null,
    stream,
)
from zicht.demo.plan import BUURTEN, DWELLING_TYPES, KIND, KINDS, PEILJAREN, TENURES
from zicht.demo.streets import street_names

ENERGY_LABELS = ("A++++", "A+++", "A++", "A+", "A", "B", "C", "D", "E", "F", "G")
FLOOR_AREA = (74.0, 112.0, 122.0, 145.0, 178.0)
"""Median floor area per dwelling type, m², near the means of the BAG."""
TYPE_PRICE = (1.06, 0.94, 0.98, 1.02, 1.10)
"""Factor of the dwelling type on the value of a square metre."""
WOZ_YEAR = {2023: 0.905, 2024: 0.945, 2025: 1.0}
"""Level of WOZ values by peiljaar against 2025."""


@dataclass(frozen=True)
class Homes:
    """All addresses, one entry each; buurt and kind are positions in the plan.

    Attributes:
        ids: address ids (16 digits, text), of the form of a BAG verblijfsobject.
        buurt, kind, type, tenure: positions in `BUURTEN`, `KINDS`, `DWELLING_TYPES`, `TENURES`.
        lodging: holiday homes (logies) rather than homes.
        built: year of construction.
        area: floor area, m².
        woz: value in 2025, euro.
        points: RD coordinates, metres.
        street: position in `streets`; number: house number.
    """

    ids: pa.Array
    buurt: Ints
    kind: Ints
    type: Ints
    tenure: Ints
    lodging: Flags
    built: Ints
    area: Floats
    woz: Floats
    points: Floats
    street: Ints
    number: Ints
    streets: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.buurt)


def make_homes(seed: int, city: CityMap, homes: int) -> Homes:
    """The addresses of the city.

    Args:
        seed: of the generator.
        city: the map.
        homes: how many homes; the buurten keep their proportions.
    """
    rng = stream(seed, "homes")
    planned = np.array([plan.homes for plan in BUURTEN], dtype=np.float64)
    counts = np.round(planned * homes / planned.sum()).astype(np.int64)
    counts[(planned > 0) & (planned < 60)] = planned[(planned > 0) & (planned < 60)].astype(np.int64)
    buurt = np.repeat(np.arange(len(BUURTEN)), counts)
    kind = np.array([plan.kind for plan in BUURTEN])[buurt]
    dwelling = categories(rng, np.array([k.types for k in KINDS]), kind)
    tenure = _tenure(rng, kind, dwelling)
    built = _built(rng, kind)
    area = np.clip(np.array(FLOOR_AREA)[dwelling] * np.exp(rng.normal(0, 0.24, len(buurt))), 18, 900)
    park = kind == KIND["vakantiepark"]
    area = np.where(park, rng.uniform(38, 82, len(buurt)), area).round()
    lodging = (park & (rng.random(len(buurt)) < 0.97)) | (rng.random(len(buurt)) < 0.0006)
    points, street, number = _places(rng, city, counts)
    ids = identifiers("900101", rng.permutation(len(buurt)) + 1, 10)
    woz = _woz(rng, kind, dwelling, built, area)
    return Homes(
        ids, buurt, kind, dwelling, tenure, lodging, built, area, woz, points, street, number, street_names()
    )


def _tenure(rng: np.random.Generator, kind: Ints, dwelling: Ints) -> Ints:
    """Owner-occupied, association or private rent, fitted to the national shares; flats are rented more often."""
    group = kind * 2 + (dwelling == 0)
    tilt = np.array([(1.25, 1.0, 0.65), (0.55, 1.0, 1.8)])
    shares = np.array([np.array(k.tenure) * tilt[flat] for k in KINDS for flat in (0, 1)])
    sizes = np.bincount(group, minlength=len(shares)).astype(np.float64)
    return categories(
        rng, fitted(shares * sizes[:, None], sizes + 1e-9, np.array(targets.TENURE_SHARES)), group
    )


def _built(rng: np.random.Generator, kind: Ints) -> Ints:
    first, last = np.array([k.built for k in KINDS]).T
    usual = np.floor(first[kind] + rng.beta(2, 2, len(kind)) * (last - first + 1)[kind])
    # In the older parts a tenth has been rebuilt since.
    renewed = (rng.random(len(kind)) < 0.10) & (last[kind] < 1990)
    return np.where(renewed, rng.integers(1985, 2025, len(kind)), usual).astype(np.int64)


def _woz(rng: np.random.Generator, kind: Ints, dwelling: Ints, built: Ints, area: Floats) -> Floats:
    price = np.array([k.metre_price for k in KINDS])[kind] * np.array(TYPE_PRICE)[dwelling]
    value = price * area**0.82 * 100**0.18 * np.where(built > 2010, 1.06, 1.0)
    value = value * np.exp(rng.normal(0, 0.12, len(kind)))
    rounded: Floats = (value * targets.MEAN_WOZ / value.mean()).round(-3)
    return rounded


def _places(rng: np.random.Generator, city: CityMap, counts: Ints) -> tuple[Floats, Ints, Ints]:
    """Points in rows along streets; flats share a point when a buurt has more homes than plots."""
    names = len(street_names())
    points, street = [], []
    order = rng.permutation(names)
    used = 0
    for shape, count in zip(city.buurten, counts, strict=True):
        if count == 0:
            continue
        plots, rows = _plots(rng, shape, int(count))
        chosen = np.floor(np.arange(count) * len(plots) / count).astype(np.int64)
        _, row = np.unique(rows[chosen], return_inverse=True)
        points.append(plots[chosen])
        street.append(order[(used + row) % names])
        used += int(row.max()) + 1
    streets = np.concatenate(street)
    return np.round(np.concatenate(points), 1), streets, _running(streets) + 1


def _running(group: Ints) -> Ints:
    """How many of the same group came before, so that no two homes share street and house number."""
    order = np.argsort(group, kind="stable")
    first = np.r_[True, group[order][1:] != group[order][:-1]]
    start = np.maximum.accumulate(np.where(first, np.arange(len(group)), 0))
    running = np.empty(len(group), dtype=np.int64)
    running[order] = np.arange(len(group)) - start
    return running


def _plots(rng: np.random.Generator, shape: shapely.Polygon, count: int) -> tuple[Floats, Ints]:
    """Plots inside the buurt on a turned lattice of streets, and the street row of each."""
    inner = shape.buffer(-45.0)
    inner = inner if inner.area > 0.2 * shape.area else shape.buffer(-8.0)
    spacing = float(np.clip(np.sqrt(inner.area / (count * 3.0)), 8.0, 60.0))
    turn = rng.uniform(0, np.pi)
    west, south, east, north = inner.bounds
    reach = np.hypot(east - west, north - south) / 2
    along = np.arange(-reach, reach, spacing)
    across = np.arange(-reach, reach, spacing * 3.0)
    row = np.repeat(np.arange(len(across)), len(along))
    u, v = np.tile(along, len(across)), across[row]
    v = v + 40.0 * np.sin(u / 170.0 + turn)
    x = (west + east) / 2 + u * np.cos(turn) - v * np.sin(turn)
    y = (south + north) / 2 + u * np.sin(turn) + v * np.cos(turn)
    x, y = x + rng.normal(0, 1.5, len(x)), y + rng.normal(0, 1.5, len(y))
    inside = shapely.contains_xy(inner, x, y)
    return np.stack([x[inside], y[inside]], axis=1), row[inside]


def address_table(homes: Homes, lived_in: dict[int, Flags]) -> pa.Table:
    """Delivery `adressen`: one row per address and peiljaar in which it stands.

    Args:
        homes: the addresses.
        lived_in: per peiljaar, which addresses have a registered household.
    """
    rng = stream(len(homes), "energy")
    label, gas, power = _energy(rng, homes)
    parts = []
    for year in PEILJAREN:
        here = np.flatnonzero(homes.built < year)
        lived = lived_in[year][here]
        woz = np.round(homes.woz[here] * WOZ_YEAR[year] * (1 + rng.normal(0, 0.012, len(here))), -3)
        used = GAS_YEAR[year]
        parts.append(
            pa.table(
                {
                    "peiljaar": pa.array(np.full(len(here), year), pa.int16()),
                    "adres_id": homes.ids.take(pa.array(here)),
                    "buurtcode": labels([plan.code for plan in BUURTEN], homes.buurt[here]),
                    "straatnaam": labels(homes.streets, homes.street[here]),
                    "huisnummer": pa.array(homes.number[here], pa.int32()),
                    "postcode": _postcode(homes, here),
                    "gebruiksdoel": labels(
                        ("woonfunctie", "logiesfunctie"), homes.lodging[here].astype(np.int64)
                    ),
                    "woningtype": labels(DWELLING_TYPES, homes.type[here]),
                    "bouwjaar": pa.array(homes.built[here], pa.int16()),
                    "oppervlakte": pa.array(homes.area[here].astype(np.int64), pa.int32()),
                    "eigendom": labels(TENURES, homes.tenure[here]),
                    "woz_waarde": pa.array(woz.astype(np.int64), pa.int32()),
                    "energielabel": labels(ENERGY_LABELS, label[here]),
                    "gasverbruik": numbers_or_null(
                        np.where(lived, np.round(gas[here] * used), np.nan), pa.int32()
                    ),
                    "elektriciteitsverbruik": numbers_or_null(
                        np.where(lived, power[here], np.nan), pa.int32()
                    ),
                    "bewoond": pa.array(lived),
                    "x": pa.array(homes.points[here, 0]),
                    "y": pa.array(homes.points[here, 1]),
                }
            )
        )
    return pa.concat_tables(parts)


GAS_YEAR = {2023: 1.07, 2024: 1.0, 2025: 0.98}
"""Gas use by peiljaar against 2024 (the year before the peildatum; 2022 was dear but cold)."""


def _energy(rng: np.random.Generator, homes: Homes) -> tuple[Ints, Floats, Floats]:
    """Energy label (-1: none registered), gas (m³ a year) and electricity (kWh a year)."""
    age = np.clip((2024 - homes.built) / 16.0, 0, 6.4)
    label = np.clip(np.round(2.4 + age * 0.9 + rng.normal(0, 1.5, len(homes))), 0, 10).astype(np.int64)
    known = rng.random(len(homes)) < np.where(homes.tenure == 1, 0.97, 0.62)
    gas = 42.0 * homes.area**0.65 * (0.45 + 0.085 * label) * np.exp(rng.normal(0, 0.3, len(homes)))
    no_gas = (homes.built >= 2018) | (rng.random(len(homes)) < 0.05)
    power = np.round(900 + 14.5 * homes.area * np.exp(rng.normal(0, 0.35, len(homes))))
    return np.where(known, label, -1), np.where(no_gas, 0.0, gas), power


def _postcode(homes: Homes, here: Ints) -> pa.Array:
    """Postcodes that begin with 0: never issued, and a trap for whoever reads them as numbers."""
    digits = identifiers("0", 101 + homes.buurt[here], 3)
    letters = labels([a + b for a in "ABCDEFGHJK" for b in "ABCDEFGHJKLMNP"], homes.street[here] % 140)
    return pc.binary_join_element_wise(digits, letters, "")
