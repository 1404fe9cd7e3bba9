"""Twenty years of home transfers and who owns the homes, with planted doorsluiswoningen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zicht.demo import targets
from zicht.demo.draw import Flags, Floats, Ints, at, identifiers, labels, numbers_or_null, stream
from zicht.demo.homes import Homes
from zicht.demo.money import Households
from zicht.demo.people import People
from zicht.demo.plan import BUURTEN
from zicht.demo.truth import Detail, Pattern

SALE, NEW, INHERITED, DIVIDED = range(4)
TRANSFERS = ("koop", "nieuwbouwlevering", "vererving", "verdeling")
FIRST_YEAR, LAST_YEAR = 2005, 2024
DOORSLUIS_BUURTEN = ("BU90010204", "BU90010307", "BU90010406", "BU90010703")
DOORSLUIS_HOMES = 14
"""Planted: homes per buurt of `DOORSLUIS_BUURTEN` with 5 to 9 sales in twenty years."""
MOST_SALES = 4
"""No other home is sold more often than this in the twenty years."""
UNEXPLAINED_SHARE = 0.11
"""Design: share of purchases for which means are left short; about half of them end above the norm, near the 6 % that
Zicht op Ondermijning published for 2015 (10,600 purchases)."""
OWNERS = ("bewoner", "particulier verhuurder", "bedrijf", "woningcorporatie")


@dataclass(frozen=True)
class _Sales:
    """Transfers, one entry each: home (position), year, day in the year (0-364), kind, buyer and seller household."""

    home: Ints
    year: Ints
    day: Ints
    kind: Ints
    buyer: Ints
    seller: Ints


def make_transfers(
    seed: int, homes: Homes, people: People, households: dict[int, Households], ids: pa.Array, *, plant: bool
) -> tuple[pa.Table, tuple[Pattern, ...]]:
    """Delivery `woningtransacties`: one row per transfer, and the planted doorsluiswoningen."""
    rng = stream(seed, "market")
    flow = np.flatnonzero(~homes.lodging & (homes.tenure == 0))
    chosen = _doorsluis(rng, homes, flow) if plant else np.empty(0, np.int64)
    resident = {year: _resident(people, year, len(homes)) for year in households}
    sales = _all_sales(rng, homes, flow, chosen, resident)
    table = _transfer_table(rng, homes, sales, households, ids)
    where = tuple(sorted(homes.ids.take(pa.array(chosen)).to_pylist()))
    what = "These homes are sold at least five times in twenty years, new-build, inheritance and division left out."
    detail: dict[str, Detail] = {
        "buurten": ", ".join(DOORSLUIS_BUURTEN),
        "homes": len(where),
        "sales_at_least": 5,
        "others_at_most": MOST_SALES,
    }
    return table, (Pattern("doorsluis", what, "woningtransacties", where, 5.0, detail),) if plant else ()


def _resident(people: People, year: int, homes: int) -> Ints:
    """Per home, the household registered there; where several share it, the first."""
    found = np.full(homes, -1)
    living = (people.resident[year] >= 0) & (people.place >= 0)
    found[people.place[living][::-1]] = people.resident[year][living][::-1]
    return found


def _doorsluis(rng: np.random.Generator, homes: Homes, flow: Ints) -> Ints:
    codes = [plan.code for plan in BUURTEN]
    chosen = []
    for code in DOORSLUIS_BUURTEN:
        able = flow[(homes.buurt[flow] == codes.index(code)) & (homes.built[flow] < FIRST_YEAR)]
        chosen.append(rng.choice(able, min(DOORSLUIS_HOMES, len(able)), replace=False))
    return np.concatenate(chosen)


def _all_sales(
    rng: np.random.Generator, homes: Homes, flow: Ints, chosen: Ints, resident: dict[int, Ints]
) -> _Sales:
    first = np.maximum(homes.built[flow] + 1, FIRST_YEAR)
    span = np.maximum(2023 - 1 - first + 1, 0)
    # Sales of 2023 and 2024 are the moves between the snapshots, so the two registers agree.
    recent = [_moves(homes, flow, resident, year) for year in (2024, 2025)]
    latest = np.isin(flow, recent[0].home).astype(np.int64) + np.isin(flow, recent[1].home)
    count = np.minimum(rng.poisson(targets.MOVE_IN_SALE_RATE * span), MOST_SALES - latest)
    planted = np.isin(flow, chosen)
    count = np.where(planted, rng.integers(5, 8, len(flow)), count)
    sold = np.repeat(np.arange(len(flow)), count)
    year = first[sold] + np.floor(rng.random(len(sold)) * span[sold]).astype(np.int64)
    day = rng.integers(0, 365, len(sold))
    order = np.lexsort((day, year, sold))
    sold, year, day = sold[order], year[order], day[order]
    # The last buyer before the first snapshot lives there still (unless investors buy and sell it).
    final = np.r_[sold[1:] != sold[:-1], True] if len(sold) else np.empty(0, bool)
    buyer = np.where(final & ~planted[sold], resident[2023][flow[sold]], -1)
    none = np.full(len(sold), -1)
    parts = [
        _Sales(flow[sold], year, day, np.full(len(sold), SALE), buyer, none),
        *recent,
        *_other(rng, homes, flow),
    ]
    merged = (np.concatenate([getattr(p, name) for p in parts]) for name in _Sales.__dataclass_fields__)
    return _Sales(*merged)


def _moves(homes: Homes, flow: Ints, resident: dict[int, Ints], year: int) -> _Sales:
    """Owner-occupied homes whose residents changed in the twelve months before the peiljaar."""
    before, after = resident[year - 1][flow], resident[year][flow]
    moved = (before >= 0) & (after >= 0) & (before != after) & (homes.built[flow] < year - 1)
    home = flow[moved]
    day = (home * 7919) % 365
    sale = np.full(len(home), SALE)
    return _Sales(home, np.full(len(home), year - 1), day, sale, after[moved], before[moved])


def _other(rng: np.random.Generator, homes: Homes, flow: Ints) -> list[_Sales]:
    """New-build deliveries, inheritances and divisions: transfers that do not count as passing on."""
    fresh = flow[homes.built[flow] >= FIRST_YEAR]
    parts = [_plain(rng, fresh, homes.built[fresh], NEW)]
    for kind, rate in ((INHERITED, 0.006), (DIVIDED, 0.005)):
        span = LAST_YEAR + 1 - np.maximum(homes.built[flow] + 1, FIRST_YEAR)
        home = np.repeat(flow, rng.poisson(rate * np.maximum(span, 0)))
        start = np.maximum(homes.built[home] + 1, FIRST_YEAR)
        year = start + np.floor(rng.random(len(home)) * (LAST_YEAR + 1 - start)).astype(np.int64)
        parts.append(_plain(rng, home, year, kind))
    return parts


def _plain(rng: np.random.Generator, home: Ints, year: Ints, kind: int) -> _Sales:
    none = np.full(len(home), -1)
    return _Sales(home, year, rng.integers(0, 365, len(home)), np.full(len(home), kind), none, none)


def _transfer_table(
    rng: np.random.Generator, homes: Homes, sales: _Sales, households: dict[int, Households], ids: pa.Array
) -> pa.Table:
    index = np.array([targets.PRICE_INDEX[year] for year in range(FIRST_YEAR, LAST_YEAR + 1)])
    price = (
        homes.woz[sales.home]
        * index[sales.year - FIRST_YEAR]
        * np.exp(rng.normal(0.01, 0.09, len(sales.home)))
    )
    price = np.where(sales.kind >= INHERITED, np.nan, np.round(price, -2))
    income, wealth, proceeds = _means(rng, sales, price, households)
    date = (sales.year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + sales.day
    order = np.lexsort((sales.home, date))
    table = pa.table(
        {
            "adres_id": homes.ids.take(pa.array(sales.home)),
            "buurtcode": labels([plan.code for plan in BUURTEN], homes.buurt[sales.home]),
            "datum": pa.array(date, pa.date32()),
            "jaar": pa.array(sales.year, pa.int16()),
            "soort_overdracht": labels(TRANSFERS, sales.kind),
            "koopsom": numbers_or_null(price, pa.int32()),
            "koper_huishouden_id": ids.take(pa.array(np.maximum(sales.buyer, 0), mask=sales.buyer < 0)),
            "koper_bruto_inkomen": numbers_or_null(income, pa.int32()),
            "koper_liquide_vermogen": numbers_or_null(wealth, pa.int32()),
            "koper_verkoopopbrengst": numbers_or_null(proceeds, pa.int32()),
        }
    ).take(pa.array(order))
    return table.add_column(0, "transactie_id", identifiers("T", np.arange(1, len(table) + 1), 7))


def _means(
    rng: np.random.Generator, sales: _Sales, price: Floats, households: dict[int, Households]
) -> tuple[Floats, Floats, Floats]:
    """Gross income, money at hand and proceeds of sold homes of buyers in 2022-2024, euro; NaN where not linked.

    Nearly all can pay: what is short after a mortgage of 4.5 times income is made up by money and proceeds.
    """
    linked = (sales.buyer >= 0) & (sales.year >= 2022) & (sales.kind == SALE)
    gross = np.full(len(price), np.nan)
    for year, city in households.items():
        of = np.full(int(max(sales.buyer.max(), city.ids.max())) + 1, np.nan)
        of[city.ids] = city.gross
        mine = linked & (sales.year == year - 1)
        gross[mine] = at(of, sales.buyer)[mine]
    need = np.nan_to_num(price) - 4.5 * np.nan_to_num(gross)
    odd = rng.random(len(price)) < UNEXPLAINED_SHARE
    short = np.where(
        odd, rng.uniform(0.15, 0.45, len(price)) * np.nan_to_num(price), -rng.exponential(22_000, len(price))
    )
    own = np.maximum(need - short, 0.0) + rng.exponential(6_000, len(price)) * ~odd
    from_home = np.where(rng.random(len(price)) < 0.55, rng.uniform(0.3, 0.9, len(price)), 0.0)
    empty = ~linked | np.isnan(gross)
    columns = (gross, own * (1 - from_home), own * from_home)
    income, wealth, proceeds = (np.where(empty, np.nan, np.round(value, -2)) for value in columns)
    return income, wealth, proceeds


def make_ownership(seed: int, homes: Homes, people: People, ids: pa.Array) -> pa.Table:
    """Delivery `woningbezit`: the owner of every home on the last reference date."""
    rng = stream(seed, "ownership")
    resident = _resident(people, LAST_YEAR + 1, len(homes))
    private = rng.random(len(homes)) < 0.52
    kind = np.select([homes.tenure == 1, homes.tenure == 0, private], [3, 0, 1], 2)
    landlords = _landlords(rng, homes, resident, kind == 1)
    owner = np.select([kind == 0, kind == 1], [resident, landlords], -1)
    return pa.table(
        {
            "peiljaar": pa.array(np.full(len(homes), LAST_YEAR + 1), pa.int16()),
            "adres_id": homes.ids,
            "buurtcode": labels([plan.code for plan in BUURTEN], homes.buurt),
            "eigenaar_soort": labels(OWNERS, kind),
            "eigenaar_huishouden_id": ids.take(pa.array(np.maximum(owner, 0), mask=owner < 0)),
        }
    )


def _landlords(rng: np.random.Generator, homes: Homes, resident: Ints, let: Flags) -> Ints:
    """Private landlords: six in ten live in the city, most let one home, a few let many."""
    owners = resident[(homes.tenure == 0) & (resident >= 0)]
    pool = rng.choice(owners, max(int(let.sum() * 0.45), 1), replace=False)
    pick = np.floor(len(pool) * rng.random(len(homes)) ** 1.7).astype(np.int64)
    return np.where(let & (rng.random(len(homes)) < 0.6), pool[np.minimum(pick, len(pool) - 1)], -1)
