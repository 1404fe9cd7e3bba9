"""Tables and hierarchies go to the files of τ-ARGUS and come back the same; what is wrong in a file is named with its line."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables_as_text import crosstab, roll_up, tree

from zicht.disclosure import Dimension, Profile, Table, audit, protect
from zicht.disclosure.argus import (
    from_jj,
    hierarchy_by_digits,
    read_hierarchy,
    read_jj,
    statuses_of,
    to_jj,
    write_hierarchy,
    write_jj,
)
from zicht.disclosure.rules import assess
from zicht.errors import DisclosureError

FEW = Profile("few", min_units=4, max_group_share=None)
AREA = tree("area", "GM > WK1 WK2\nWK1 > B11 B12\nWK2 > B21 B22")
SMALL = crosstab(AREA, "area | m | v\nB11 | 2 | 9\nB12 | 9 | 9\nB21 | 9 | 0\nB22 | 9 | 30")


def written(table: Table, hidden: np.ndarray | None = None) -> str:
    stream = io.StringIO()
    write_jj(to_jj(table, assess(table, FEW), hidden), stream)
    return stream.getvalue()


def test_a_small_table_reads_as_the_manual_writes_it() -> None:
    table = roll_up("t", (tree("area", "GM > A B"),), {("A",): 2, ("B",): 40})
    order = [row["area"] for row in table.cells.to_pylist()]
    assert order == ["A", "GM", "B"]
    assert written(table).splitlines() == [
        "0",
        "3",
        "0 2 2 u 1 84 1 1 0",
        "1 42 42 s 1 84 0 0 0",
        "2 40 40 s 1 84 0 0 0",
        "1",
        "0 3 : 1 (-1) 0 (1) 2 (1)",
    ]


def test_a_pattern_comes_back_as_it_went_and_withstands_the_attack_as_before() -> None:
    status = protect([SMALL], FEW).status("t")
    hidden = np.array(status.column("status").to_pylist()) != "ok"
    back = read_jj(written(SMALL, hidden).splitlines())
    assert statuses_of(back, SMALL).column("status").to_pylist() == status.column("status").to_pylist()
    assert audit([SMALL], {"t": statuses_of(back, SMALL)}, FEW).safe
    bare = read_jj(written(SMALL).splitlines())
    assert not audit([SMALL], {"t": statuses_of(bare, SMALL)}, FEW).safe


def test_what_a_file_says_of_cells_is_what_the_table_then_asks_for() -> None:
    said = from_jj(read_jj(written(SMALL).splitlines()), SMALL)
    profile = Profile("given", min_units=0, max_group_share=None)
    found, before = assess(said, profile), assess(SMALL, FEW)
    assert np.array_equal(found.primary, before.primary)
    assert found.upper[found.primary].tolist() == [1.0] * int(before.primary.sum())
    assert audit([said], {"t": protect([said], profile).status("t")}, profile).safe


@st.composite
def sums(draw: st.DrawFn) -> Table:
    """Tables of a tree and a flat dimension with values that are no round numbers."""
    size = draw(st.integers(1, 6))
    parents = [None, *(f"a{draw(st.integers(0, place - 1))}" for place in range(1, size))]
    area = Dimension("area", tuple(f"a{place}" for place in range(size)), tuple(parents))
    kinds = [f"k{place}" for place in range(draw(st.integers(1, 3)))]
    counts = st.integers(0, 40)
    leaves = {
        (code, kind): draw(counts)
        for code, parts in zip(area.codes, area.children, strict=True)
        if not parts.size
        for kind in kinds
    }
    counted = roll_up("t", (area, Dimension.flat("kind", kinds)), leaves)
    scale = draw(st.floats(0.01, 1e6))
    value = pa.array(counted.value * scale)
    cells = counted.cells.set_column(counted.cells.column_names.index("value"), "value", value)
    return Table("t", counted.dimensions, cells)


@settings(max_examples=60, deadline=None)
@given(sums(), st.data())
def test_a_table_that_is_written_and_read_is_the_same(table: Table, data: st.DataObject) -> None:
    flags = data.draw(st.lists(st.booleans(), min_size=table.n.size, max_size=table.n.size))
    went = to_jj(table, assess(table, FEW), np.array(flags) | assess(table, FEW).primary)
    stream = io.StringIO()
    write_jj(went, stream)
    stream.seek(0)
    came = read_jj(stream)
    assert came.status == went.status
    for column in (
        "value",
        "cost",
        "lower_bound",
        "upper_bound",
        "lower_level",
        "upper_level",
        "sliding_level",
    ):
        assert np.array_equal(getattr(came, column), getattr(went, column)), column
    assert len(came.equations) == len(went.equations)
    for (cells, signs), (others, other_signs) in zip(came.equations, went.equations, strict=True):
        assert cells.tolist() == others.tolist()
        assert signs.tolist() == other_signs.tolist()


LINES = [
    "0",
    "3",
    "0 42 42 s 0 84 0 0 0",
    "1 2 2 u 0 84 1 1 0",
    "2 40 40 m 0 84 0 0 0",
    "1",
    "0 3 : 0 (-1) 1 (1) 2 (1)",
]


def test_the_lines_that_are_spoilt_below_are_right() -> None:
    found = read_jj(LINES)
    assert found.status == ("s", "u", "m")
    assert found.hidden.tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("line", "text", "said"),
    [
        (0, "1", "line 1: the first line must be a 0"),
        (1, "many", "line 2: the number of cells should stand here"),
        (1, "2", "line 5: the number of equations should stand here"),
        (2, "0 42 42 s 0 84 0 0", "line 3: a cell has 9 fields"),
        (3, "2 2 2 u 0 84 1 1 0", "line 4: cell 1 should stand here, not 2"),
        (3, "1 2 2 x 0 84 1 1 0", "line 4: the status is s, u, m or z, not 'x'"),
        (3, "1 2 2 u zero 84 1 1 0", "line 4: one of the fields is no number"),
        (3, "1 nan 2 u 0 84 1 1 0", "line 4: one of the fields is no finite number"),
        (3, "1 2 2 u 3 84 1 1 0", "line 4: the value 2 does not lie within its bounds 3 and 84"),
        (3, "1 2 2 u 0 84 -1 1 0", "line 4: a protection level is negative"),
        (6, "3 : 0 (-1) 1 (1) 2 (1)", "line 7: an equation begins with"),
        (6, "0 3 : 0 (-1) 1 (1)", "line 7: the equation should have 3 cells"),
        (6, "0 3 : 0 (-1) 1 (1) two (1)", "line 7: a cell or coefficient is no whole number"),
        (
            6,
            "0 3 : 0 (-1) 1 (1) 3 (1)",
            "line 7: the equation names a cell that is not there; cells run from 0 to 2",
        ),
        (6, "0 2 : 0 (-1) 2 (1)", "line 7: the cells do not add up; they are 2 off"),
        (6, "", "ends after line 6, where an equation should follow"),
        (5, "1\n0 0 :", "line 8: the file goes on after its last equation"),
    ],
)
def test_the_line_that_is_wrong_is_named(line: int, text: str, said: str) -> None:
    spoilt = "\n".join([*LINES[:line], text, *LINES[line + 1 :]]).splitlines()
    with pytest.raises(DisclosureError, match=said):
        read_jj(spoilt)


def test_a_file_of_another_table_is_refused() -> None:
    content = read_jj(LINES)
    with pytest.raises(DisclosureError, match="holds 3 cells, table 't' 21"):
        from_jj(content, SMALL)
    with pytest.raises(DisclosureError, match="holds 3 cells, table 't' 21"):
        statuses_of(content, SMALL)
    other = roll_up("t", (tree("area", "GM > A B"),), {("A",): 3, ("B",): 39})
    with pytest.raises(DisclosureError, match="Cell 0 of the JJ file is not A"):
        from_jj(content, other)


def test_a_hierarchy_is_written_level_by_level_without_its_total() -> None:
    stream = io.StringIO()
    write_hierarchy(AREA, stream)
    assert stream.getvalue().splitlines() == ["WK1", "@B11", "@B12", "WK2", "@B21", "@B22"]
    assert read_hierarchy("area", stream.getvalue().splitlines(), total="GM") == tree(
        "area", "GM > WK1\nWK1 > B11 B12\nGM > WK2\nWK2 > B21 B22"
    )


@st.composite
def trees(draw: st.DrawFn) -> Dimension:
    """Trees whose codes stand in the order in which a hierarchy is read: each after its parent, branch by branch."""
    codes, parents, above = ["Total"], [None], ["Total"]
    for place in range(draw(st.integers(0, 12))):
        depth = draw(st.integers(0, len(above) - 1))
        codes.append(f"c{place}")
        parents.append(above[depth])
        above = [*above[: depth + 1], f"c{place}"]
    return Dimension("d", tuple(codes), tuple(parents))


@settings(deadline=None)
@given(trees(), st.sampled_from(["@", ".", "--", "*"]))
def test_a_hierarchy_that_is_written_and_read_is_the_same(dimension: Dimension, symbol: str) -> None:
    stream = io.StringIO()
    write_hierarchy(dimension, stream, symbol)
    assert read_hierarchy("d", stream.getvalue().splitlines(), symbol) == dimension


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["@A"], "line 1: 'A' lies 1 levels deep"),
        (["A", "@B", "@@@C"], "line 3: 'C' lies 3 levels deep, but the line before it 1"),
        (["A", "", "@A"], "line 3: 'A' stands on line 1 already"),
        (["Total"], "line 1: 'Total' stands as the total already"),
        (["A", "@"], "line 2: there is no code"),
    ],
)
def test_a_hierarchy_that_is_no_tree_is_refused_with_its_line(lines: list[str], said: str) -> None:
    with pytest.raises(DisclosureError, match=said):
        read_hierarchy("d", lines)


def test_a_code_that_readers_would_take_for_another_is_not_written() -> None:
    for code in ("@A", " A", "A "):
        with pytest.raises(DisclosureError, match="cannot stand in a hierarchy file"):
            write_hierarchy(Dimension.flat("d", (code,)), io.StringIO())


def test_the_digits_of_codes_tell_their_levels() -> None:
    found = hierarchy_by_digits("sbi", ("4711", "4719", "5610"), (2, 1, 1), total="ALL")
    assert found.codes == ("ALL", "47", "471", "4711", "4719", "56", "561", "5610")
    assert found.parents == (None, "ALL", "47", "471", "471", "ALL", "56", "561")
    with pytest.raises(DisclosureError, match="'471' of 'sbi' has 3 digits, not 4"):
        hierarchy_by_digits("sbi", ("471",), (2, 1, 1))
    with pytest.raises(DisclosureError, match="must add at least one digit"):
        hierarchy_by_digits("sbi", ("471",), (2, 0, 1))


@pytest.mark.shared
@pytest.mark.parametrize("rung", ["F1", "H1", "M1"])
def test_files_of_another_writer_are_read(shared: Path, tmp_path: Path, rung: str) -> None:
    from benchmarks import _ladder

    case = _ladder.case(rung)
    path = tmp_path / "table.jj"
    case.instance.write_jj(path)  # type: ignore[attr-defined]
    with path.open(encoding="utf-8") as stream:
        found = read_jj(stream)
    (table,) = case.tables
    ours = to_jj(table, assess(table, case.profile))
    assert found.status == ours.status
    assert len(found.equations) == len(ours.equations)
    for column in ("value", "lower_level", "upper_level"):
        assert np.allclose(getattr(found, column), getattr(ours, column), rtol=1e-9), column
