"""Voorbeeldstad in memory: every delivery as an Arrow table, and what was planted in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zicht.demo import targets
from zicht.demo.care import CLUSTER_MIDDLE, make_present, make_suspects, make_wmo, make_youth_care
from zicht.demo.citymap import CityMap, city_map
from zicht.demo.draw import Flags, Ints
from zicht.demo.homes import Homes, address_table, make_homes
from zicht.demo.market import make_ownership, make_transfers
from zicht.demo.money import make_households
from zicht.demo.people import People, make_people
from zicht.demo.plan import BUURTEN, PEILJAREN
from zicht.demo.reports import make_reports
from zicht.demo.residents import (
    ground_table,
    household_table,
    make_ids,
    make_traits,
    person_table,
    proxy_pattern,
    working,
)
from zicht.demo.schemes import make_scheme_use
from zicht.demo.truth import Pattern
from zicht.demo.work import make_charging_points, make_commuting, make_firms, make_parking

CLUSTER_SIZE = 6


@dataclass(frozen=True)
class City:
    """All deliveries of one Voorbeeldstad.

    Attributes:
        tables: delivery name to table.
        ground: person id and protected ground; for tests of the proxy check only.
        patterns: what was planted.
        map: the geometry.
    """

    tables: dict[str, pa.Table]
    ground: pa.Table
    patterns: tuple[Pattern, ...]
    map: CityMap


def make_city(
    seed: int, *, plant: bool, homes: int = targets.HOMES, progress: Callable[[str], None] | None = None
) -> City:
    """Make the city.

    Args:
        seed: everything but the map follows from it.
        plant: with patterns; without, Wmo, youth care and suspects follow age and sex alone.
        homes: number of homes; fewer makes a smaller city on the same map.
        progress: told what is being made.
    """
    tell = progress or (lambda _: None)
    tell("map, homes and people")
    shape = city_map()
    stock = make_homes(seed, shape, homes)
    people = make_people(seed, stock)
    ids = make_ids(seed, people)
    traits = make_traits(seed, people, stock, plant=plant)
    households = make_households(seed, stock, people)
    present = {year: make_present(people, stock.buurt, households[year]) for year in PEILJAREN}
    tell("income, schemes, care and offences")
    wmo, planted_wmo = make_wmo(seed, present, ids.persons, plant=plant)
    youth, planted_youth = make_youth_care(seed, present, ids.persons, plant=plant)
    suspects, planted_suspects = make_suspects(seed, present, ids.persons, _cluster(shape), plant=plant)
    schemes, planted_schemes = make_scheme_use(seed, households, ids.households, plant=plant)
    tell("homes sold, firms, reports and mobility")
    lived_in = {year: _lived_in(stock, people, year) for year in PEILJAREN}
    inhabitants = _per_buurt(present[PEILJAREN[-1]].buurt)
    transfers, planted_transfers = make_transfers(
        seed, stock, people, households, ids.households, plant=plant
    )
    reports, planted_reports = make_reports(seed, inhabitants, plant=plant)
    firms = make_firms(seed, inhabitants)
    workers = {year: _per_buurt(p.buurt[working(p, traits)]) for year, p in present.items()}
    parking = make_parking(seed, stock, lived_in)
    tables = {
        "personen": pa.concat_tables([person_table(p, people, traits, stock, ids) for p in present.values()]),
        "huishoudens": pa.concat_tables([household_table(h, stock, ids) for h in households.values()]),
        "adressen": address_table(stock, lived_in),
        "woningtransacties": transfers,
        "woningbezit": make_ownership(seed, stock, people, ids.households),
        "bedrijven": firms,
        "regelingen": schemes,
        "wmo": wmo,
        "jeugdzorg": youth,
        "verdachten": suspects,
        "meldingen": reports,
        "pendel": make_commuting(seed, shape, workers, firms),
        "parkeertelling": parking,
        "laadpunten": make_charging_points(seed, parking),
    }
    planted = (
        planted_wmo + planted_suspects + planted_reports + planted_schemes + planted_transfers + planted_youth
    )
    return City(tables, ground_table(traits, ids), (*planted, proxy_pattern()) if plant else (), shape)


def _cluster(shape: CityMap) -> tuple[int, ...]:
    """The middle buurt of the cluster and the nearest of those that adjoin it."""
    middle = [plan.code for plan in BUURTEN].index(CLUSTER_MIDDLE)
    here = shape.buurten[middle]
    beside = [
        i for i, other in enumerate(shape.buurten) if i != middle and here.intersection(other).length > 50
    ]
    beside.sort(
        key=lambda i: (
            BUURTEN[i].wijk != BUURTEN[middle].wijk,
            here.centroid.distance(shape.buurten[i].centroid),
        )
    )
    return tuple(sorted([middle, *beside[: CLUSTER_SIZE - 1]]))


def _lived_in(homes: Homes, people: People, year: int) -> Flags:
    address = people.address(year)
    lived = np.zeros(len(homes), dtype=bool)
    lived[address[address >= 0]] = True
    return lived


def _per_buurt(buurt: Ints) -> Ints:
    return np.bincount(buurt[buurt >= 0], minlength=len(BUURTEN))
