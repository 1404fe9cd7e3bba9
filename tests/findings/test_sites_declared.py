"""Declared places bring what they say, are told with their doubt, and are never a home."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from zicht.declare import Analysis, Sites
from zicht.errors import ZichtError
from zicht.figures import FIGURES
from zicht.findings import FINDINGS, PLACES, Ground, look_for, places_of
from zicht.findings.covering import Covering, Fair
from zicht.findings.ways import Straight, Streets

_ANALYSES: TypeAdapter[Analysis] = TypeAdapter(Analysis)


def declared(**more: object) -> Sites:
    base = {
        "id": "f",
        "title": {"nl": "Waar?"},
        "pattern": "sites",
        "indicator": "i",
        "level": "buurt",
        "choose": 1,
    }
    one = _ANALYSES.validate_python({**base, **({"objective": "max_cover", "reach": 130} | more)})
    assert isinstance(one, Sites)
    return one


def figures(values: dict[str, float | None], margin: float | None = None) -> pa.Table:
    rows = [
        {
            "indicator": "i", "area": area, "division": 2025, "level": "buurt", "period": "2025", "value": value,
            "lower": None if margin is None or value is None else value - margin,
            "upper": None if margin is None or value is None else value + margin, "status": "ok" if value is not None else "primary",
        }
        for area, value in values.items()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, FIGURES)


def ground(points: dict[str, tuple[float, float]], **objects: pa.Table) -> Ground:
    above = {code: f"W{code[1]}" for code in points}
    return Ground(list(points), dict.fromkeys(points, "GM1"), None, points, 2025, above, objects)


def objects(text: str) -> pa.Table:
    """Public objects from lines such as `P1 B1 100 0`: name, area, x and y."""
    rows = [line.split() for line in text.strip().splitlines()]
    return pa.table(
        {
            "place": [row[0] for row in rows], "area": [row[1] for row in rows],
            "x": [float(row[2]) for row in rows], "y": [float(row[3]) for row in rows],
        }
    )  # fmt: skip


STREET = {"B11": (0.0, 0.0), "B12": (100.0, 0.0), "B21": (1000.0, 0.0), "B22": (2000.0, 0.0)}
DEMAND: dict[str, float | None] = {"B11": 30, "B12": 40, "B21": 60, "B22": 5}


def told(found: pa.Table, method: str) -> list[dict[str, object]]:
    return [row for row in found.to_pylist() if row["method"] == method]


def test_the_place_that_reaches_most_demand_is_chosen_with_what_it_brings() -> None:
    found = look_for(declared(), {"i": figures(DEMAND)}, ground(STREET))
    (answer,) = told(found, "sites_answer")
    assert (answer["estimate"], answer["statistic"], answer["observed"]) == (pytest.approx(70 / 135), 0, 135)
    (site,) = told(found, "site")
    assert site["group"] in {"B11", "B12"}
    assert site["observed"] == 135
    assert {row["area"]: row["estimate"] for row in told(found, "sites")} == {
        "B11": 1,
        "B12": 1,
        "B21": 0,
        "B22": 0,
    }
    assert found.schema.equals(FINDINGS)


def test_the_straight_line_is_taken_for_a_longer_walk() -> None:
    near = look_for(declared(detour=1.3), {"i": figures(DEMAND)}, ground(STREET))
    far = look_for(declared(detour=1.4), {"i": figures(DEMAND)}, ground(STREET))
    assert told(near, "sites_answer")[0]["estimate"] == pytest.approx(70 / 135)
    assert told(far, "sites_answer")[0]["estimate"] == pytest.approx(60 / 135)


def test_places_that_exist_stay_and_only_what_they_leave_is_served_anew() -> None:
    there = objects("L1 B11 50 0")
    one = declared(existing={"register": "laadpunten"})
    found = look_for(one, {"i": figures(DEMAND)}, ground(STREET, existing=there))
    assert [row["group"] for row in told(found, "site")] == ["B21"]
    (answer,) = told(found, "sites_answer")
    assert (answer["expected"], answer["estimate"]) == (pytest.approx(70 / 135), pytest.approx(130 / 135))
    places = places_of(one, found, ground(STREET, existing=there))
    assert places.schema.equals(PLACES)
    assert [(row["kind"], row["place"], row["x"]) for row in places.to_pylist()] == [
        ("new", "B21", 1000),
        ("existing", "L1", 50),
    ]


def test_demand_is_divided_evenly_over_the_objects_of_its_area() -> None:
    spread = objects("T1 B21 1000 0\nT2 B21 1500 0\nT3 B21 1500 10")
    one = declared(demand_at={"register": "telvakken"}, candidates={"register": "telvakken"})
    found = look_for(one, {"i": figures(DEMAND)}, ground(STREET, demand_at=spread, candidates=spread))
    assert [row["group"] for row in told(found, "site")] in (["T2"], ["T3"])
    assert {row["area"]: row["estimate"] for row in told(found, "sites")}["B21"] == pytest.approx(2 / 3)


def test_an_area_of_which_the_figure_is_hidden_asks_for_nothing_and_is_named_as_such() -> None:
    found = look_for(declared(), {"i": figures({**DEMAND, "B11": None})}, ground(STREET))
    assert told(found, "site")[0]["group"] == "B21"
    assert [row["area"] for row in told(found, "sites") if row["status"] == "not_available"] == ["B11"]


def test_each_area_one_level_up_gets_its_part_before_the_total() -> None:
    demand: dict[str, float | None] = {"B11": 30, "B12": 40, "B21": 6, "B22": 0}
    fair = look_for(declared(choose=2, least=0.9), {"i": figures(demand)}, ground(STREET))
    assert "B21" in {row["group"] for row in told(fair, "site")}
    with pytest.raises(ZichtError, match=r"W1 has 0%|W2 has 0%"):
        look_for(declared(choose=1, least=0.9), {"i": figures(demand)}, ground(STREET))


@pytest.mark.parametrize(("margin", "least", "most"), [(None, 0.5, 0.99), (0.5, 1.0, 1.0)])
def test_a_choice_that_holds_for_other_demand_returns_in_more_scenarios(
    margin: float | None, least: float, most: float
) -> None:
    close: dict[str, float | None] = {"B11": 30, "B12": 31, "B21": 60, "B22": 5}
    found = look_for(declared(), {"i": figures(close, margin)}, ground({**STREET, "B12": (0.0, 0.0)}))
    (site,) = told(found, "site")
    assert site["group"] in {"B11", "B12"}
    share = site["estimate"]
    assert isinstance(share, float)
    assert least <= share <= most or (margin is not None and share == 1)


def test_the_same_figures_give_the_same_scenarios() -> None:
    one, two = (look_for(declared(uncertainty=0.5), {"i": figures(DEMAND)}, ground(STREET)) for _ in range(2))
    assert one.equals(two)


@pytest.mark.parametrize(("objective", "expected"), [("p_median", "B12"), ("p_center", "B21")])
def test_other_objectives_choose_other_places(objective: str, expected: str) -> None:
    demand: dict[str, float | None] = {"B11": 70, "B12": 80, "B21": 60, "B22": 5}
    found = look_for(declared(objective=objective, reach=None), {"i": figures(demand)}, ground(STREET))
    (site,) = told(found, "site")
    assert site["group"] == expected
    assert (site["estimate"] is None) == (objective == "p_center")


def test_along_streets_the_other_bank_of_a_river_is_far() -> None:
    # Two banks, 50 metres apart, and one bridge a kilometre on.
    pieces = np.array([[0, 0, 1000, 0], [0, 50, 1000, 50], [1000, 0, 1000, 50]], float)
    streets = Streets(pieces, np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1]))
    here, there = np.array([[0.0, 0.0], [1000.0, 0.0]]), np.array([[0.0, 50.0]])
    assert streets.between(here, there).tolist() == [[2050], [1050]]
    assert streets.to_nearest(here, there).tolist() == pytest.approx([2050, 1050])
    assert Straight(1.3).between(here, there)[0, 0] == pytest.approx(65)
    loose = Streets(np.array([[0, 0, 10, 0], [900, 0, 910, 0]], float), np.array([10.0, 10.0]))
    assert np.isinf(loose.between(np.array([[0.0, 0.0]]), np.array([[905.0, 0.0]]))[0, 0])


def test_a_declared_network_is_walked_along() -> None:
    river = {"B11": (0.0, 0.0), "B12": (0.0, 50.0)}
    network = pa.table(
        {
            "from_x": [0.0, 0.0, 1000.0],
            "from_y": [0.0, 50.0, 0.0],
            "to_x": [1000.0] * 3,
            "to_y": [0.0, 50.0, 50.0],
        }
    )
    demand: dict[str, float | None] = {"B11": 30, "B12": 40}
    across = look_for(declared(), {"i": figures(demand)}, ground(river))
    around = look_for(
        declared(network={"register": "straten"}), {"i": figures(demand)}, ground(river, network=network)
    )
    assert told(across, "sites_answer")[0]["estimate"] == 1
    assert told(around, "sites_answer")[0]["estimate"] == pytest.approx(40 / 70)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3), st.sampled_from([0.0, 0.3]))
def test_what_is_left_out_of_a_covering_problem_never_makes_it_worse(
    seed: int, sites: int, least: float
) -> None:
    random = np.random.default_rng(seed)
    near = random.random((12, 7)) < 0.25
    demand, group = random.integers(1, 50, 12).astype(float), random.integers(0, 2, 12)
    total = np.bincount(group, demand, 2)

    def fair(served: np.ndarray) -> bool:
        return bool((np.bincount(group, demand * served, 2) >= least * total - 1e-6).all())

    choices = [near[:, list(chosen)].any(axis=1) for chosen in combinations(range(7), sites)]
    best = max((float(demand[served].sum()) for served in choices if fair(served)), default=None)
    problem = Covering.of(near, np.zeros(7, bool), Fair(group, least))
    chosen, bound, sure = problem.best(demand, sites, 500)
    if best is None:
        assert chosen is None
        assert sure
        return
    assert chosen is not None
    assert float(demand[near[:, chosen].any(axis=1)].sum()) == pytest.approx(best)
    assert bound == pytest.approx(best)
    rough = problem.rough(demand, sites, chosen)
    assert float(demand[near[:, rough].any(axis=1)].sum()) == pytest.approx(best)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"reach": None}, "needs `reach`"),
        ({"objective": "p_median"}, "no other objective has one"),
        ({"objective": "p_median", "reach": None, "least": 0.5}, "`least` belongs to `max_cover`"),
        ({"choose": 0}, "greater than or equal to 1"),
    ],
)  # fmt: skip
def test_a_declaration_that_contradicts_itself_is_refused(more: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        declared(**more)


def test_more_places_than_candidates_cannot_be_chosen() -> None:
    with pytest.raises(ZichtError, match="9 places cannot be chosen from 4 candidates"):
        look_for(declared(choose=9), {"i": figures(DEMAND)}, ground(STREET))
