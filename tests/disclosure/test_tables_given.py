"""Tables and dimensions that are not fit to be protected are refused in words."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from tables_as_text import count_table, tree

from zicht.disclosure import Dimension, Link, Table
from zicht.errors import DisclosureError

AREA = tree("area", "GM > WK1 WK2\nWK1 > B11 B12")


@pytest.mark.parametrize(
    ("codes", "parents", "said"),
    [
        (("A", "B"), (None,), "2 codes and 1 parents"),
        (("A", "B", "B"), (None, "A", "A"), "'B' twice"),
        (("A", "B"), (None, None), "2 roots"),
        (("A", "B"), ("B", "A"), "0 roots"),
        (("A", "B"), (None, "C"), "parent 'C'"),
        (("A", "B", "C"), (None, "C", "B"), "parents of 'B' go round"),
    ],
)
def test_a_dimension_that_is_no_tree_is_refused(
    codes: tuple[str, ...], parents: tuple[str | None, ...], said: str
) -> None:
    with pytest.raises(DisclosureError, match=said):
        Dimension("area", codes, parents)


def test_a_flat_dimension_is_its_total_and_its_categories() -> None:
    age = Dimension.flat("age", ("young", "old"))
    assert age == Dimension("age", ("TOTAL", "young", "old"), (None, "TOTAL", "TOTAL"))
    assert age.is_flat
    assert not AREA.is_flat


def test_the_first_total_that_is_not_the_sum_of_its_parts_is_named() -> None:
    with pytest.raises(DisclosureError, match=r"the cell WK1 is 50, but its parts along 'area' add up to 48"):
        count_table("t", (AREA,), {("GM",): 98, ("WK1",): 50, ("WK2",): 48, ("B11",): 20, ("B12",): 28})


def test_rounding_in_the_last_digits_is_no_error() -> None:
    table = Table("t", (AREA,), pa.table({"area": ["GM", "WK1", "WK2"][:1], "value": [0.0], "n": [0]}))
    assert table.n.tolist() == [0]
    columns = {
        "area": ["GM", "WK1", "WK2", "B11", "B12"],
        "value": [0.6, 0.3, 0.3, 0.1, 0.2],
        "n": [30, 15, 15, 5, 10],
    }
    assert Table("t", (AREA,), pa.table(columns)).value.sum() == pytest.approx(1.5)


def test_a_cell_that_is_not_there_is_empty() -> None:
    counts = {("GM",): 48, ("WK2",): 48}
    assert count_table("t", (AREA,), counts).n.tolist() == [48, 48]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"area": ["GM"], "value": [1.0]}, "no column 'n'"),
        ({"area": ["XX"], "value": [1.0], "n": [1]}, "'XX', which is no code of 'area'"),
        ({"area": ["GM", "GM"], "value": [1.0, 1.0], "n": [1, 1]}, "cell GM twice"),
        ({"area": ["GM"], "value": [None], "n": [1]}, "'value' of table 't' holds nulls"),
        ({"area": ["GM"], "value": [np.nan], "n": [1]}, "no number"),
        ({"area": ["GM"], "value": [1.0], "n": [-1]}, "negative n"),
    ],
)
def test_cells_that_are_not_in_shape_are_refused(columns: dict[str, list[object]], said: str) -> None:
    types = {"area": pa.string(), "value": pa.float64(), "n": pa.int64()}
    cells = pa.table({name: pa.array(content, types[name]) for name, content in columns.items()})
    with pytest.raises(DisclosureError, match=said):
        Table("t", (AREA,), cells)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"second": [1.0, 1.0]}, "column 'second' but no column 'largest'"),
        ({"largest_holder": ["a", "b"]}, "column 'largest_holder' but no column 'largest'"),
        ({"largest": [7.0, -1.0]}, "cell WK2: 'largest' is below 0"),
        (
            {"largest": [7.0, 7.0], "second": [0.0, 0.0], "second_weight": [1.0, 0.5]},
            "cell WK2: 'second_weight' is below 1",
        ),
        ({"importance": [0.0, 1.0]}, "cell GM: 'importance' is not above 0"),
        ({"waived": [0, 8]}, "cell WK2: more contributors gave leave"),
        ({"known_lower": [None, 8.0]}, "cell WK2: the value lies outside"),
        ({"known_upper": ["few", "many"]}, "'known_upper' of table 't' must hold numbers, not string"),
    ],
)
def test_what_is_said_of_cells_and_cannot_be_is_refused(columns: dict[str, list[object]], said: str) -> None:
    cells = pa.table({"area": ["GM", "WK2"], "value": [7.0, 7.0], "n": [7, 7]} | columns)
    with pytest.raises(DisclosureError, match=said):
        Table("t", (AREA,), cells)


def test_where_nothing_is_said_of_a_cell_everything_is_possible() -> None:
    columns = {"known_lower": [None, 5.0], "importance": [None, 3.0], "keep": [None, True]}
    table = Table("t", (AREA,), pa.table({"area": ["GM", "WK2"], "value": [7.0, 7.0], "n": [7, 7]} | columns))
    assert table.known_lower.tolist() == [-np.inf, 5.0]
    assert table.known_upper.tolist() == [np.inf, np.inf]
    assert table.importance.tolist() == [1.0, 3.0]
    assert table.keep.tolist() == [False, True]
    assert table.sensitive.tolist() == [False, False]


@pytest.mark.parametrize(
    ("unknown", "said"),
    [
        (("WK9",), "no code 'WK9', which should hold its unknown units"),
        (("WK1",), "'WK1' of unknown units has parts"),
    ],
)
def test_units_of_unknown_place_have_a_code_of_their_own_that_is_known_no_further(
    unknown: tuple[str, ...], said: str
) -> None:
    with pytest.raises(DisclosureError, match=said):
        Dimension("area", AREA.codes, AREA.parents, unknown=unknown)


def test_a_code_of_unknown_units_that_no_cell_bears_is_left_out_with_the_others() -> None:
    area = Dimension("area", ("GM", "WK1", "??"), (None, "GM", "GM"), unknown=("??",))
    assert count_table("t", (area,), {("GM",): 9, ("WK1",): 9}).dimensions[0].unknown == ()
    assert count_table("t", (area,), {("GM",): 9, ("??",): 9}).dimensions[0].unknown == ("??",)


def test_a_table_without_dimensions_is_refused() -> None:
    with pytest.raises(DisclosureError, match="no dimensions"):
        Table("t", (), pa.table({"value": [1.0], "n": [1]}))


def test_dictionary_columns_are_as_good_as_strings() -> None:
    codes = pa.array(["GM", "WK2"]).dictionary_encode()
    table = Table("t", (AREA,), pa.table({"area": codes, "value": [7.0, 7.0], "n": [7, 7]}))
    assert [table.label_at(int(place)) for place in table.position] == ["GM", "WK2"]


def test_a_link_to_a_table_or_cell_that_is_not_there_is_refused() -> None:
    sex = Dimension.flat("sex", ("m", "v"))
    counts = {(area, kind): 48 for area in ("GM", "WK2") for kind in ("TOTAL", "v")} | {("GM", "m"): 0}
    table = count_table("t", (AREA, sex), counts)
    cells = pa.table({"left.area": ["WK2"], "left.sex": ["m"], "right.area": ["GM"], "right.sex": ["m"]})
    with pytest.raises(DisclosureError, match="'u', which is not among"):
        Link("u", "t", cells).rows({"t": table})
    with pytest.raises(DisclosureError, match="cell WK2 × m, which table 't' does not hold"):
        Link("t", "t", cells).rows({"t": table})


def test_shared_margins_are_found_whatever_the_order_of_codes_and_dimensions() -> None:
    reversed_area = Dimension("area", AREA.codes[::-1], AREA.parents[::-1])
    sex = Dimension.flat("sex", ("m", "v"))
    counts = {("GM",): 48, ("WK1",): 28, ("WK2",): 20, ("B11",): 10, ("B12",): 18}
    left = count_table("left", (AREA,), counts)
    crossed = {("TOTAL", *key): count for key, count in counts.items()} | {
        ("m", *key): count for key, count in counts.items()
    }
    right = count_table("right", (sex, reversed_area), crossed)
    pairs = Link.shared(left, right).cells
    assert pairs.column("left.area").to_pylist() == pairs.column("right.area").to_pylist()
    assert set(pairs.column("right.sex").to_pylist()) == {"TOTAL"}
    assert pairs.num_rows == 5
