"""What stands in for a protected ground is refused, whatever it is called; what does not is let through."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import norm

from zicht.errors import ZichtError
from zicht.figures import FIGURES
from zicht.findings import (
    FINDINGS,
    check_found,
    stand_in_among_areas,
    stand_in_among_units,
    without_homogeneous,
)
from zicht.findings.table import About, findings

AREAS = 84
PROXY_AUC = 0.9


def neutral(random: np.random.Generator, count: int = 12) -> dict[str, np.ndarray]:
    return {f"kenmerk {number}": random.beta(3, 5, AREAS) for number in range(count)}


def proxy(random: np.random.Generator, share: np.ndarray) -> np.ndarray:
    """A characteristic that tells areas with much of the ground from others with an AUC of 0.9."""
    return random.normal(size=AREAS) + np.sqrt(2) * norm.ppf(PROXY_AUC) * (share > np.median(share))


def test_neutral_characteristics_pass_in_at_least_95_per_cent_of_200_draws() -> None:
    random = np.random.default_rng(1)
    refused = 0
    for _ in range(200):
        share, people = random.beta(2, 12, AREAS), random.integers(60, 5000, AREAS).astype(float)
        given = {"inkomen": random.normal(size=AREAS)}
        refused += stand_in_among_areas("herkomst", share, neutral(random), people, given).refused
    assert refused <= 10


def test_a_planted_stand_in_is_refused_by_name_in_every_draw() -> None:
    random = np.random.default_rng(2)
    for _ in range(60):
        share = random.beta(2, 12, AREAS)
        found = stand_in_among_areas("herkomst", share, {**neutral(random), "postcode": proxy(random, share)})
        assert found.refused
        assert found.culprits[0] == "postcode"


def test_two_characteristics_that_only_together_tell_the_ground_are_refused() -> None:
    random = np.random.default_rng(3)
    share, noise = random.beta(2, 12, AREAS), random.normal(size=AREAS)
    scaled = (share - share.mean()) / share.std()
    # the sum of the two is the ground and some noise; each alone is mostly the other one's noise
    features = {"eerste": scaled + 3 * noise, "tweede": 0.6 * random.normal(size=AREAS) - 3 * noise}
    found = stand_in_among_areas("herkomst", share, {**features, **neutral(random, 3)})
    assert max(found.alone.values()) < 0.75
    assert found.auc > 0.75
    assert found.refused
    assert set(found.culprits) == {"eerste", "tweede"}
    assert found.without["eerste"] < 0.75 < found.without["kenmerk 0"]


def test_what_shows_only_among_areas_of_equal_income_is_refused() -> None:
    random = np.random.default_rng(4)
    share, income = random.normal(size=AREAS), random.normal(size=AREAS) * 3
    feature = share + income + 0.5 * random.normal(size=AREAS)
    plain = stand_in_among_areas("herkomst", share, {"kanaal": feature})
    given = stand_in_among_areas("herkomst", share, {"kanaal": feature}, None, {"inkomen": income})
    assert abs(plain.correlations["kanaal"]) < 0.6 < given.given["kanaal"]
    assert given.refused
    assert not plain.refused


def test_the_name_and_the_direction_of_a_characteristic_make_no_difference() -> None:
    random = np.random.default_rng(5)
    share = random.beta(2, 12, AREAS)
    found = stand_in_among_areas("herkomst", share, {"x": -1000 * proxy(random, share) + 7})
    assert found.refused


def test_a_characteristic_that_is_the_same_everywhere_is_unrelated() -> None:
    share = np.random.default_rng(6).beta(2, 12, AREAS)
    found = stand_in_among_areas("herkomst", share, {"x": np.full(AREAS, 0.3)})
    assert (found.correlations["x"], found.alone["x"], found.refused) == (0.0, 0.5, False)


@pytest.mark.parametrize("people", [None, np.r_[np.full(30, 500.0), np.full(AREAS - 30, 1.0)]])
def test_too_few_areas_are_no_ground_to_let_anything_through(people: np.ndarray | None) -> None:
    share = np.random.default_rng(7).beta(2, 12, AREAS)
    if people is None:
        share[30:] = np.nan
    with pytest.raises(ZichtError, match="are too few to hold characteristics against herkomst"):
        stand_in_among_areas("herkomst", share, {"x": share}, people)


def test_a_ground_that_is_equally_common_everywhere_cannot_be_tried() -> None:
    with pytest.raises(ZichtError, match="the same in all areas"):
        stand_in_among_areas("herkomst", np.full(AREAS, 0.2), {"x": np.arange(AREAS) * 1.0})


def units(random: np.random.Generator, strength: float) -> tuple[np.ndarray, ...]:
    """A thousand cells with two categories of a ground, and two characteristics of which one goes with it."""
    ground = random.random(1000) < 0.4
    told = np.where(random.random(1000) < strength, ground, random.random(1000) < 0.4).astype(int)
    return (
        ground,
        random.integers(1, 30, 1000),
        random.integers(0, 2, 1000),
        told,
        random.integers(0, 4, 1000),
    )


def test_among_units_one_half_teaches_and_the_other_is_asked() -> None:
    ground, persons, half, told, other = units(np.random.default_rng(8), 0.9)
    found = stand_in_among_units("geslacht", ground, persons, half, {"kanaal": told, "werk": other})
    assert found.refused
    assert found.culprits == ("kanaal",)
    assert found.without["kanaal"] == pytest.approx(0.5, abs=0.1)
    ground, persons, half, told, other = units(np.random.default_rng(9), 0.0)
    free = stand_in_among_units("geslacht", ground, persons, half, {"kanaal": told, "werk": other})
    assert not free.refused


def test_what_chance_taught_one_half_is_not_held_against_anybody() -> None:
    """A characteristic with a value for nearly every cell learns the ground by heart, and knows nothing of the other half."""
    random = np.random.default_rng(10)
    ground, persons, half, _, _ = units(random, 0.0)
    found = stand_in_among_units("geslacht", ground, persons, half, {"code": random.integers(0, 900, 1000)})
    assert found.auc == pytest.approx(0.5, abs=0.08)


def figures(*shares: tuple[float | None, float]) -> pa.Table:
    rows = [
        {"indicator": "i", "area": f"B{at}", "level": "buurt", "period": "2024", "value": part, "numerator": part, "denominator": whole, "n": 9, "status": "ok"}
        for at, (part, whole) in enumerate(shares)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, FIGURES)


def test_a_share_that_tells_of_nearly_everybody_is_hidden() -> None:
    found = without_homogeneous(figures((89, 100), (90, 100), (100, 100), (0, 0), (None, 50))).to_pylist()
    assert [row["status"] for row in found] == ["ok", "primary", "primary", "ok", "ok"]
    assert [row["numerator"] for row in found] == [89, None, None, 0, None]
    assert found[1]["value"] is None
    assert found[1]["denominator"] is None


ABOUT = About("f", "buurt", 2025, "2024")


def test_findings_about_areas_pass() -> None:
    check_found(findings(ABOUT, "ratio", {"area": ["B1", "B2"], "observed": [3, 4]}), ["B1", "B2"], 10)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (findings(ABOUT, "ratio", {"area": ["P0000001"]}), "areas that are not of their level"),
        (findings(About("f", "adres", 2025, "2024"), "ratio", {"area": ["B1"]}), "these are about adres"),
        (findings(ABOUT, "ratio", {"observed": [1.0]}), "about neither"),
        (findings(ABOUT, "subgroup", {"group": ["x"], "observed": [5]}), "fewer than 10"),
        (
            FINDINGS.empty_table().append_column("persoon_id", pa.array([], pa.string())),
            "columns that no finding has",
        ),
    ],
)
def test_rows_about_anything_smaller_are_refused(found: pa.Table, said: str) -> None:
    with pytest.raises(ZichtError, match=said):
        check_found(found, ["B1"], 10)
