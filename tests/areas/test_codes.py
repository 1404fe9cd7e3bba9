"""What an area code says, and what is not one."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zicht.areas import LEVELS, check_codes, is_unknown, parent_code, parse_code, unknown_child
from zicht.errors import ZichtError

GOOD = """
    code       | level    | gemeente | wijk     | unknown
    BU03440111 | buurt    | GM0344   | WK034401 | no
    BU0363AA0Z | buurt    | GM0363   | WK0363AA | no
    WK0363A7   | wijk     | GM0363   | WK0363A7 | no
    GM0344     | gemeente | GM0344   |          | no
    PV20       | regio    |          |          | no
    CR03       | regio    |          |          | no
    NL310      | regio    |          |          | no
    GGD-Fryslan | regio   |          |          | no
    NL         | land     |          |          | no
    WK9001--   | wijk     | GM9001   | WK9001-- | yes
    BU9001---- | buurt    | GM9001   | WK9001-- | yes
    BU900101-- | buurt    | GM9001   | WK900101 | yes
"""


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()][1:]


@pytest.mark.parametrize(("code", "level", "gemeente", "wijk", "unknown"), rows(GOOD))
def test_a_code_is_taken_apart(code: str, level: str, gemeente: str, wijk: str, unknown: str):
    parsed = parse_code(code)
    assert (parsed.level, parsed.gemeente or "", parsed.wijk or "") == (level, gemeente, wijk)
    assert parsed.unknown == is_unknown(code) == (unknown == "yes")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("GM034", "GM with 4 digits"),
        ("GM03440", "GM with 4 digits"),
        ("GM034A", "area code"),
        ("gm0344", "Write GM0344"),
        (" BU03440111 ", "Write BU03440111"),
        ("BU0344011", "BU with 4 digits"),
        ("BU03440a11", "Write BU03440A11"),
        ("03440111", "Write BU03440111"),
        ("0344", "Write GM0344"),
        ("WK0344--01", "WK with 4 digits"),
        ("BU0344--01", "BU with 4 digits"),
        ("BU٠٣٤٤0111", "area code"),
        ("BU03440111\n", "BU with 4 digits"),
        ("", "area code"),
        ("N", "area code"),
    ],
)
def test_what_is_no_code_is_refused_and_told_what_would_be_right(code: str, says: str):
    with pytest.raises(ZichtError, match=says):
        parse_code(code)


def test_the_parent_of_a_code_stands_in_the_code():
    assert parent_code("BU03440111") == "WK034401"
    assert parent_code("WK034401") == "GM0344"
    assert parent_code("BU9001----") == "WK9001--"
    assert parent_code("WK9001--") == "GM9001"
    assert parent_code("BU900101--") == "WK900101"


@pytest.mark.parametrize("code", ["GM0344", "PV20", "NL"])
def test_what_a_gemeente_belongs_to_stands_in_no_code(code: str):
    with pytest.raises(ZichtError, match="does not stand in its code"):
        parent_code(code)


def test_a_column_of_codes_is_checked_at_once():
    column = pa.array(
        ["BU03440111", "BU0344011", None, "WK034401", "BU0363AA0Z", "BU900101--", "BU03440111\n", ""]
    )
    assert check_codes(column, "buurt").to_pylist() == [True, False, False, False, True, False, False, False]
    assert check_codes(pa.chunked_array([["PV20", "GM0344"], ["GM03441", None]]), "regio").to_pylist() == [
        True,
        False,
        False,
        False,
    ]


def test_a_level_that_does_not_exist_is_refused():
    with pytest.raises(ZichtError, match="'straat' is not a level; the levels are buurt, wijk"):
        check_codes(pa.array(["BU03440111"]), "straat")


@given(
    st.lists(
        st.one_of(
            st.none(), st.from_regex(r"(GM|WK|BU|PV|NL)[0-9A-Z-]{0,9}", fullmatch=True), st.text(max_size=4)
        )
    )
)
def test_checking_a_column_agrees_with_taking_each_code_apart(codes: list[str | None]):
    for level in LEVELS:
        expected = []
        for code in codes:
            try:
                parsed = parse_code(code or "")
                expected.append(parsed.level == level and not parsed.unknown)
            except ZichtError:
                expected.append(False)
        assert check_codes(pa.array(codes, pa.string()), level).to_pylist() == expected


@pytest.mark.parametrize(
    ("area", "level", "child"),
    [
        ("GM9001", "wijk", "WK9001--"),
        ("GM9001", "buurt", "BU9001----"),
        ("WK900101", "buurt", "BU900101--"),
        ("WK9001--", "buurt", "BU9001----"),
        ("GM9001", "gemeente", "GM9001"),
    ],
)
def test_units_without_an_address_have_a_child_of_their_own(area: str, level: str, child: str):
    assert unknown_child(area, level) == child


def test_a_buurt_has_no_unknown_child():
    with pytest.raises(ZichtError, match="only a gemeente and a wijk do"):
        unknown_child("BU90010101", "wijk")
