"""What a release gets of a register that is shown as points: places, and nothing else of a row."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.chain.points import places
from zicht.declare import Points
from zicht.errors import DisclosureError
from zicht.release import POINTS, PublicPoints

DECLARED = Points.model_validate({"register": "banken", "title": "Banken"})
METRES = st.floats(10_000, 250_000)


@given(st.lists(st.tuples(METRES, METRES)), st.randoms(use_true_random=False))
def test_places_do_not_depend_on_the_order_of_the_register_and_each_stands_once(rows, random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    first, second = (
        places(
            pa.table(
                {"x": [x for x, _ in some], "y": [y for _, y in some]},
                pa.schema([("x", pa.float64()), ("y", pa.float64())]),
            ),
            DECLARED,
        )
        for some in (rows, shuffled)
    )
    assert first.equals(second)
    assert first.schema.equals(POINTS)
    assert len(set(zip(*first.to_pydict().values(), strict=True))) == first.num_rows <= len(rows)


def test_an_object_without_a_place_is_left_out() -> None:
    rows = pa.table({"x": [155_000.4, None, 155_000.4], "y": [463_000.6, 463_000.0, 463_000.6]})
    assert places(rows, DECLARED).to_pylist() == [{"x": 155_000, "y": 463_001}]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            pa.table(
                {
                    "x": pa.array([155_000], pa.int32()),
                    "y": pa.array([463_000], pa.int32()),
                    "name": ["A. Jansen"],
                }
            ),
            "other columns than they may have: name",
        ),
        (pa.table({"x": [155_000.25], "y": [463_000.25]}), "of other types"),
        (pa.table({"x": [5], "y": [52]}, POINTS), "lie outside the Netherlands: their y"),
        (
            pa.table({"x": [155_000, None], "y": [463_000, 463_000]}, POINTS),
            "lie outside the Netherlands: their x",
        ),
    ],
)
def test_a_release_takes_places_and_nothing_more(table: pa.Table, told: str) -> None:
    with pytest.raises(DisclosureError, match=told) as refused:
        PublicPoints("banken", table)
    assert "Jansen" not in str(refused.value)
