"""Declared estimates: borrowing from neighbours, small areas that add up, and looking ahead, on figures as the public has them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from pydantic import TypeAdapter

from zicht.declare import Analysis
from zicht.errors import ZichtError
from zicht.figures import FIGURES
from zicht.findings import FINDINGS, Ground, look_for

_ANALYSES: TypeAdapter[Analysis] = TypeAdapter(Analysis)
CODES = [f"B{number:02d}" for number in range(36)]
NEAR = [
    (CODES[a], CODES[b])
    for a in range(36)
    for b in range(36)
    if abs(a // 6 - b // 6) + abs(a % 6 - b % 6) == 1
]


def analysis(pattern: str, **more: object) -> Analysis:
    declared = {"id": "f", "title": {"nl": "Wat?"}, "pattern": pattern, "indicator": "i", "level": "buurt"}
    return _ANALYSES.validate_python({**declared, **more})


def ground(*, bounded: bool = True) -> Ground:
    pairs = pa.table({"code": [a for a, _ in NEAR], "neighbour": [b for _, b in NEAR]})
    points = {code: (100.0 * (at % 6), 100.0 * (at // 6)) for at, code in enumerate(CODES)}
    return Ground(CODES, dict.fromkeys(CODES, "GM1"), pairs if bounded else None, points, 2025)


def figures(rows: list[dict[str, object]]) -> pa.Table:
    common = {"indicator": "i", "division": 2025, "level": "buurt", "period": "2024", "status": "ok"}
    return pa.Table.from_pylist([{**common, **row} for row in rows], pa.schema(list(FIGURES)))


def share(area: str, events: float, people: float, **more: object) -> dict[str, object]:
    value = 100 * events / people
    half = 196 * np.sqrt(max(events / people * (1 - events / people), 1e-6) / people)
    return {
        "area": area, "value": value, "numerator": events, "denominator": people, "n": int(people),
        "lower": value - half, "upper": value + half, **more,
    }  # fmt: skip


def counted(counts: np.ndarray, periods: list[str]) -> pa.Table:
    return figures(
        [
            {
                "area": CODES[area],
                "period": period,
                "value": float(counts[area, at]),
                "n": int(counts[area, at]),
            }
            for area in range(len(counts))
            for at, period in enumerate(periods)
        ]
    )


def by_area(found: pa.Table, method: str) -> dict[str, dict[str, object]]:
    return {row["area"]: row for row in found.to_pylist() if row["method"] == method and row["area"]}


def test_a_small_area_among_high_neighbours_is_drawn_up_and_one_among_average_ones_to_the_mean() -> None:
    high = {CODES[at] for at in range(36) if at % 6 >= 4 and at // 6 >= 2}
    rows = [share(code, 90 if code in high else 30, 1000) for code in CODES if code not in ("B29", "B01")]
    rows += [share("B29", 1, 30), share("B01", 1, 30)]
    found = look_for(analysis("smoothed"), {"i": figures(rows)}, ground())
    near = by_area(found, "bym2")
    far = by_area(
        look_for(analysis("smoothed", method="gamma_poisson"), {"i": figures(rows)}, ground(bounded=False)),
        "shrunken_ratio",
    )
    assert near["B29"]["estimate"] > 1.2 > near["B01"]["estimate"]
    assert far["B29"]["estimate"] == pytest.approx(far["B01"]["estimate"])  # it knows of no neighbours
    assert all(near[code]["relevant"] for code in high - {"B29"})
    assert found.schema.equals(FINDINGS)


def test_a_map_without_boundaries_cannot_borrow_from_neighbours() -> None:
    rows = [share(code, 30, 1000) for code in CODES]
    with pytest.raises(ZichtError, match="needs the boundaries of each buurt"):
        look_for(analysis("smoothed"), {"i": figures(rows)}, ground(bounded=False))


def test_a_hidden_area_is_not_on_the_smoothed_map() -> None:
    rows = [share(code, 30, 1000) for code in CODES[1:]]
    rows.append({"area": "B00", "status": "primary"})
    found = by_area(look_for(analysis("smoothed"), {"i": figures(rows)}, ground()), "bym2")
    assert found["B00"]["status"] == "not_available"
    assert found["B00"]["estimate"] is None


def survey(asked: dict[str, int]) -> tuple[dict[str, pa.Table], np.ndarray]:
    """Shares that follow a trait, as so many people said, with the trait, the size and the figure of the gemeente."""
    random = np.random.default_rng(4)
    trait = np.linspace(-1, 1, 36)
    truth = 0.4 + 0.15 * trait + random.normal(0, 0.03, 36)
    rows = [
        share(code, float(random.binomial(asked[code], truth[at])), asked[code])
        if asked[code]
        else {"area": code, "status": "not_available"}
        for at, code in enumerate(CODES)
    ]
    whole = {"area": "GM1", "level": "gemeente", "value": 41.0}
    traits = [{"area": code, "value": float(trait[at])} for at, code in enumerate(CODES)]
    sizes = [{"area": code, "value": 1000.0 + 10 * at} for at, code in enumerate(CODES)]
    return {"i": figures([*rows, whole]), "trait": figures(traits), "size": figures(sizes)}, truth * 100


def test_small_areas_add_up_to_the_gemeente_and_are_nearer_the_truth_than_what_was_measured() -> None:
    told, truth = survey(dict.fromkeys(CODES, 40))
    found = look_for(analysis("small_areas", covariates=("trait",), size="size"), told, ground())
    estimates = by_area(found, "fay_herriot")
    values = np.array([estimates[code]["estimate"] for code in CODES])
    direct = np.array([row["value"] for row in told["i"].to_pylist()[:36]])
    size = np.array([1000.0 + 10 * at for at in range(36)])
    assert size @ values / size.sum() == pytest.approx(41.0)
    assert np.sum((values - truth) ** 2) < np.sum((direct - truth) ** 2) / 2
    assert {row["status"] for row in by_area(found, "direct").values()} == {
        "unreliable"
    }  # fewer than 100 were asked


def test_an_area_where_nobody_was_asked_gets_what_its_trait_says_with_a_wider_margin() -> None:
    told, truth = survey({code: 0 if code == "B03" else 150 for code in CODES})
    found = look_for(analysis("small_areas", covariates=("trait",), size="size"), told, ground())
    estimates = by_area(found, "fay_herriot")
    alone, beside = estimates["B03"], estimates["B04"]
    assert alone["statistic"] == 0
    assert alone["lower"] < truth[3] < alone["upper"]
    assert alone["upper"] - alone["lower"] >= beside["upper"] - beside["lower"]
    assert by_area(found, "direct")["B03"]["status"] == "not_available"
    assert by_area(found, "direct")["B04"]["status"] == "ok"


@pytest.mark.parametrize("method", ["ml", "moment", "spatial"])
def test_each_way_of_fitting_gives_estimates_of_every_area_asked(method: str) -> None:
    told, _ = survey(dict.fromkeys(CODES, 150))
    found = look_for(
        analysis("small_areas", covariates=("trait",), size="size", method=method), told, ground()
    )
    named = by_area(found, "spatial_fay_herriot" if method == "spatial" else "fay_herriot")
    assert {row["status"] for row in named.values()} == {"ok"}


def test_a_share_has_no_bounds_outside_0_to_100_and_none_beyond_is_shown() -> None:
    random = np.random.default_rng(1)
    truth = np.clip(np.linspace(0.02, 0.98, 36) + random.normal(0, 0.04, 36), 0.02, 0.98)
    rows = [
        share(code, float(random.binomial(300, truth[at])), 300)
        if at < 34
        else {"area": code, "status": "primary"}
        for at, code in enumerate(CODES)
    ]
    traits = [{"area": code, "value": float({34: 35, 35: 39}.get(at, at))} for at, code in enumerate(CODES)]
    told = {
        "i": figures([*rows, {"area": "GM1", "level": "gemeente", "value": 50.0}]),
        "trait": figures(traits), "size": figures([{"area": code, "value": 100.0} for code in CODES]),
    }  # fmt: skip
    estimates = by_area(
        look_for(analysis("small_areas", covariates=("trait",), size="size"), told, ground()), "fay_herriot"
    )
    assert estimates["B35"]["status"] == "unreliable"
    shown = [row for row in estimates.values() if row["status"] == "ok"]
    assert all(0 <= row["lower"] <= row["upper"] <= 100 for row in shown)
    assert max(row["upper"] for row in shown) == 100


def test_small_areas_without_intervals_are_refused() -> None:
    told, _ = survey(dict.fromkeys(CODES, 150))
    bare = told["i"].drop_columns(["lower", "upper"])
    told["i"] = bare.append_column("lower", pa.nulls(37, pa.float64())).append_column(
        "upper", pa.nulls(37, pa.float64())
    )
    with pytest.raises(
        ZichtError, match="of 0 of 36 areas `i` is public with an interval, and 4 or more are needed"
    ):
        look_for(analysis("small_areas", covariates=("trait",), size="size"), told, ground())


def years(seed: int) -> tuple[pa.Table, np.ndarray]:
    random = np.random.default_rng(seed)
    level = random.lognormal(3, 0.6, (36, 1)) * np.ones(20)
    counts = random.poisson(level)
    return counted(counts, [str(year) for year in range(2005, 2025)]), level[:, 0]


def test_a_steady_count_is_forecast_with_its_margins_and_how_often_these_were_right() -> None:
    told, level = years(2)
    found = look_for(analysis("forecast"), {"i": told}, ground())
    ahead = by_area(found, "forecast_80")
    assert {row["period"] for row in ahead.values()} == {"2025"}
    mean = np.array([ahead[code]["estimate"] for code in CODES])
    assert np.corrcoef(mean, level)[0, 1] > 0.98
    wider = by_area(found, "forecast")
    assert all(
        wider[code]["lower"] <= ahead[code]["lower"] <= ahead[code]["upper"] <= wider[code]["upper"]
        for code in CODES
    )
    judged = {row["group"]: row["estimate"] for row in found.to_pylist() if row["group"]}
    assert judged["skill"] > 0
    assert 0.76 <= judged["covered_80"] <= 0.84
    assert judged["held_80"] >= judged["covered_80"]


def test_a_count_that_only_drifts_is_not_forecast_better_than_by_last_year_and_holds_no_number() -> None:
    random = np.random.default_rng(3)
    level = 400 * np.exp(np.cumsum(random.normal(0, 0.25, (36, 20)), axis=1))
    told = counted(random.poisson(level), [str(year) for year in range(2005, 2025)])
    found = look_for(analysis("forecast"), {"i": told}, ground())
    assert {row["status"] for row in by_area(found, "forecast").values()} == {"unreliable"}
    assert {row["estimate"] for row in by_area(found, "forecast").values()} == {None}


def test_months_are_forecast_with_their_season_as_far_ahead_as_is_asked() -> None:
    random = np.random.default_rng(8)
    season = 1 + 0.5 * np.sin(np.arange(60) * 2 * np.pi / 12)
    months = [f"{2020 + at // 12}-{at % 12 + 1:02d}" for at in range(60)]
    told = counted(random.poisson(40 * season * np.ones((36, 1))), months)
    found = look_for(analysis("forecast", ahead=4), {"i": told}, ground()).to_pylist()
    rows = [row for row in found if row["method"] == "forecast" and row["area"] == "B00"]
    assert [row["period"] for row in sorted(rows, key=lambda row: row["period"])] == [
        "2025-01",
        "2025-02",
        "2025-03",
        "2025-04",
    ]
    for row in rows:
        if row["status"] == "ok":
            assert row["estimate"] == pytest.approx(40 * season[int(row["period"][5:]) - 1], rel=0.12)
    assert sum(row["status"] == "ok" for row in rows) >= 2


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (slice(0, 8), "has 8 periods, from 2005 to 2012: a forecast needs 11 periods or more"),
        (slice(0, 20, 2), "needs each year, quarter or month between them"),
    ],
)
def test_a_past_that_is_too_short_or_has_gaps_is_refused(kept: slice, told: str) -> None:
    table, _ = years(6)
    wanted = [str(year) for year in range(2005, 2025)][kept]
    left = table.filter(pa.compute.is_in(table["period"], pa.array(wanted)))
    with pytest.raises(ZichtError, match=told):
        look_for(analysis("forecast"), {"i": left}, ground())
