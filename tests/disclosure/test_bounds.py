"""What is known of cells from elsewhere goes for what their sums make of it too."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from tables_as_text import tree

from zicht.disclosure import Profile, Table, assess, protect
from zicht.disclosure.bounds import narrowed

FEW = Profile("few", min_units=5, max_group_share=None)
CITY = tree("area", "GM > A B C")
COUNTS = {"GM": 32, "A": 8, "B": 2, "C": 22}


def known(least: dict[str, float], most: dict[str, float]) -> Table:
    columns = {
        "area": list(COUNTS),
        "value": pa.array(COUNTS.values(), pa.float64()),
        "n": list(COUNTS.values()),
        "known_lower": pa.array([least.get(area) for area in COUNTS], pa.float64()),
        "known_upper": pa.array([most.get(area) for area in COUNTS], pa.float64()),
    }
    return Table("t", (CITY,), pa.table(columns))


@pytest.mark.parametrize(
    ("least", "most", "of_b"),
    [
        ({}, {}, (0, np.inf)),
        ({}, {"GM": 32}, (0, 32)),
        ({"A": 8}, {"GM": 32}, (0, 24)),
        ({"A": 8, "C": 21}, {"GM": 32}, (0, 3)),
        ({"GM": 32}, {"A": 9, "C": 22}, (1, np.inf)),
        ({"GM": 32, "A": 8, "C": 22}, {"GM": 32, "A": 8, "C": 22}, (2, 2)),
    ],
)
def test_what_is_known_of_totals_and_parts_narrows_others_down(
    least: dict[str, float], most: dict[str, float], of_b: tuple[float, float]
) -> None:
    table = known(least, most)
    low, high = narrowed(table, np.maximum(table.known_lower, 0.0), table.known_upper)
    assert (low[2], high[2]) == of_b
    assert np.all(low <= table.value)
    assert np.all(table.value <= high)


def test_a_count_that_others_gave_away_together_asks_for_nothing_and_is_hidden_all_the_same() -> None:
    exact = {"GM": 32.0, "A": 8.0, "C": 22.0}
    found = assess(table := known(exact, exact), FEW)
    assert (found.primary[2], found.width[2]) == (True, 0.0)
    assert protect([table], FEW).status("t").column("status")[2].as_py() == "primary"
