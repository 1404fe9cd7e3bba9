"""Each quality norm as a small table: what it counts, what it leaves alone, and what holds."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from norms_as_text import register_of, rows_of, seen

from zicht.declare import Limit
from zicht.errors import DeclarationError, DeliveryError

HOMES = """
    id | price | kind   | built
    ---+-------+--------+------
    1  | 200   | flat   | 1990
    2  |       | flat   | 2030
    3  | 900   |        | 1800
    3  | 900   | unknown| 1950
    4  | -5    | house  |
"""
ID = "{name: id, logicalType: integer}"
PRICE = "{name: price, logicalType: number}"
KIND = "{name: kind, logicalType: string}"
BUILT = "{name: built, logicalType: integer}"
PLAIN = "\n".join([ID, PRICE, KIND, BUILT])


def with_rule(column: str, rule: str) -> str:
    """The columns, with a norm under one of them."""
    lines = [line[:-1] + f", quality: [{rule}]}}" if column in line else line for line in PLAIN.splitlines()]
    return "\n".join(lines)


def counted(columns: str, norms: str = "", rows: str = HOMES) -> float | None:
    register = register_of(columns, norms)
    return seen(register, rows_of(rows, register)).only.value


@pytest.mark.parametrize(
    ("column", "rule", "count"),
    [
        ("price", "{type: library, metric: nullValues, mustBe: 0}", 1),
        ("kind", "{type: library, metric: nullValues, mustBe: 0}", 1),
        ("kind", "{type: library, metric: missingValues, arguments: {missingValues: [unknown]}, mustBe: 0}", 2),
        ("kind", "{metric: missingValues, mustBe: 0}", 1),
        ("kind", "{metric: invalidValues, arguments: {pattern: '^[a-t]+$'}, mustBe: 0}", 2),
        ("kind", "{metric: invalidValues, arguments: {validValues: [flat, house]}, severity: warning, mustBe: 0}", 1),
        ("price", "{metric: invalidValues, arguments: {minimum: 0}, mustBe: 0}", 1),
        ("price", "{metric: invalidValues, arguments: {minimum: 0, maximum: 500}, mustBe: 0}", 3),
        ("built", "{metric: invalidValues, arguments: {validValues: ['1990', '1950']}, unit: percent, mustBeLessThan: 50}", 40),
        ("id", "{metric: duplicateValues, mustBe: 0}", 1),
        ("price", "{metric: duplicateValues, mustBe: 0}", 1),
        ("price", "{metric: nullValues, unit: percent, mustBe: 0}", 20),
    ],
)  # fmt: skip
def test_a_norm_of_a_column_counts_the_rows_that_break_it(column: str, rule: str, count: float) -> None:
    assert counted(with_rule(column, rule)) == count


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("{type: library, metric: rowCount, mustBeGreaterThan: 3}", 5),
        ("{metric: duplicateValues, arguments: {properties: [id, price]}, mustBe: 0}", 1),
        ("{metric: duplicateValues, arguments: {properties: [id, kind]}, mustBe: 0}", 0),
        ("{type: custom, engine: zicht, implementation: {metric: falseConditions, condition: price > 0 and built < 2026, mustBe: 0}}", 2),
        ("{type: custom, engine: zicht, unit: percent, implementation: {metric: falseConditions, condition: price > 0, mustBe: 0}}", 20),
        ("{type: sql, query: 'SELECT max(price) - min(price) FROM ${table}', mustBeLessThan: 1000}", 905),
        ("{type: sql, query: 'SELECT count(DISTINCT kind) FROM homes', mustBe: 3}", 3),
    ],
)  # fmt: skip
def test_a_norm_of_the_table_counts_over_all_rows(rule: str, count: float) -> None:
    assert counted(PLAIN, rule) == count


def test_a_condition_that_cannot_be_told_for_want_of_a_value_is_not_broken() -> None:
    rows = """
        id | price | kind | built
        ---+-------+------+------
        1  |       | flat | 1990
    """
    rule = "{type: custom, engine: zicht, implementation: {metric: falseConditions, condition: price > 0, mustBe: 0}}"
    assert counted(PLAIN, rule, rows) == 0


STREETS = register_of(
    "{name: street, logicalType: string}\n{name: year, logicalType: integer}", name="streets"
)
KNOWN = rows_of(
    """
    street | year
    -------+-----
    Dam    | 2024
    Dam    | 2025
    Rokin  | 2025
    """,
    STREETS,
)


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("{metric: unmatchedValues, columns: [street], to: streets.street, mustBe: 0}", 1),
        ("{metric: unmatchedValues, columns: [street, year], to: 'streets.street, year', mustBe: 0}", 2),
        ("{metric: unmatchedValues, columns: [street, year], to: streets, mustBe: 0}", 2),
    ],
)
def test_a_value_must_be_known_in_another_register_and_no_value_is_no_claim(rule: str, count: int) -> None:
    columns = "{name: street, logicalType: string}\n{name: year, logicalType: integer}"
    register = register_of(columns, f"{{type: custom, engine: zicht, implementation: {rule}}}")
    rows = rows_of(
        """
        street | year
        -------+-----
        Dam    | 2024
        Rokin  | 2024
        Spui   | 2025
               | 2025
        """,
        register,
    )
    assert seen(register, rows, {"streets": KNOWN}).only.value == count


def test_many_matches_in_the_other_register_count_a_row_once() -> None:
    norms = """
        {type: library, metric: rowCount, mustBe: 2}
        {type: custom, engine: zicht, implementation: {metric: unmatchedValues, columns: [street], to: streets.street, mustBe: 0}}
    """
    register = register_of("{name: street, logicalType: string}", norms)
    rows = rows_of("street\n------\nDam\nRokin", register)
    found = seen(register, rows, {"streets": KNOWN})
    assert found.values == {"rowCount": 2, "street.unmatchedValues": 0}
    assert found.measured.rows == 2


def test_all_norms_together_say_what_each_says_alone() -> None:
    rules = [
        "{metric: nullValues, mustBe: 0}",
        "{metric: duplicateValues, mustBe: 0}",
        "{metric: invalidValues, arguments: {minimum: 0}, mustBe: 0}",
    ]
    register = register_of(with_rule("price", ", ".join(rules)))
    together = seen(register, rows_of(HOMES, register)).values
    assert list(together.values()) == [counted(with_rule("price", rule)) for rule in rules]


@pytest.mark.parametrize(
    ("action", "verdict"),
    [
        ("severity: error", "broken"),
        ("severity: warning", "warning"),
        ("severity: info", "warning"),
        ("customProperties: [{property: norm.actie, value: waarschuwen}]", "warning"),
        ("customProperties: [{property: norm.actie, value: blokkeren}], severity: error", "broken"),
        ("unit: rows", "broken"),
    ],
)
def test_what_happens_where_a_norm_is_broken_is_what_it_says_and_to_block_where_it_says_nothing(
    action: str, verdict: str
) -> None:
    register = register_of(with_rule("price", f"{{metric: nullValues, mustBe: 0, {action}}}"))
    assert seen(register, rows_of(HOMES, register)).only.verdict == verdict


@pytest.mark.parametrize(
    ("limit", "kept", "broken"),
    [
        (Limit("mustBe", (2,)), (2,), (1, 3)),
        (Limit("mustNotBe", (2,)), (1,), (2,)),
        (Limit("mustBeGreaterThan", (2,)), (2.1,), (2,)),
        (Limit("mustBeGreaterOrEqualTo", (2,)), (2,), (1.9,)),
        (Limit("mustBeLessThan", (2,)), (1.9,), (2,)),
        (Limit("mustBeLessOrEqualTo", (2,)), (2,), (2.1,)),
        (Limit("mustBeBetween", (2, 4)), (2, 3, 4), (1, 5)),
        (Limit("mustNotBeBetween", (2, 4)), (1, 5), (2, 3, 4)),
    ],
)
def test_limits_mean_what_the_standard_says(
    limit: Limit, kept: tuple[float, ...], broken: tuple[float, ...]
) -> None:
    assert all(limit.holds(value) for value in kept)
    assert not any(limit.holds(value) for value in broken)
    assert not any(limit.holds(value) for value in (None, math.nan, math.inf, -math.inf))


def test_the_side_table_names_the_rows_and_the_columns_that_the_norm_is_about_and_no_others() -> None:
    norms = """
        {metric: duplicateValues, arguments: {properties: [id]}, mustBe: 0}
        {type: custom, engine: zicht, implementation: {metric: falseConditions, condition: price > 0 and built < 2026, mustBe: 0}}
    """
    columns = PLAIN.replace("number}", "number, classification: public}")
    register = register_of(columns, norms)
    rows = seen(register, rows_of(HOMES, register)).failing.to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("id.duplicateValues", 4, "id", "3"),
        ("falseConditions", 2, "price", None),
        ("falseConditions", 5, "price", "-5"),
        ("falseConditions", 2, "built", "2030"),
        ("falseConditions", 5, "built", None),
    ]


def test_the_side_table_holds_no_value_that_tells_of_a_person_and_no_more_rows_than_its_cap() -> None:
    register = register_of(
        "{name: name, logicalType: string, classification: identifying, quality: [{metric: invalidValues, arguments: {pattern: x}, mustBe: 0}]}",
        unit="person",
    )
    rows = pa.table({"name": [f"person {at}" for at in range(2_500)]})
    failing = seen(register, rows).failing
    assert failing.num_rows == 1_000
    assert failing.column("row").to_pylist() == list(range(1, 1_001))
    assert failing.column("value").null_count == 1_000


def test_a_register_made_by_sql_is_held_to_what_its_columns_promise() -> None:
    columns = """
        {name: id, logicalType: integer, primaryKey: true}
        {name: year, logicalType: integer, primaryKey: true, logicalTypeOptions: {minimum: 2000}}
        {name: kind, logicalType: string, required: true, quality: [{metric: invalidValues, arguments: {validValues: [a]}, mustBe: 0}]}
    """
    register = register_of(columns, sql=True)
    rows = rows_of(
        """
        id | year | kind
        ---+------+-----
        1  | 2001 | a
        1  | 2001 | b
        2  | 1999 |
        """,
        register,
    )
    found = seen(register, rows)
    assert found.values == {
        "id.required": 0, "year.required": 0, "year.valid": 1, "kind.required": 1, "kind.valid": 1, "key": 1,
    }  # fmt: skip
    assert set(found.verdicts.values()) == {"met", "broken"}


def test_a_query_that_gives_no_single_number_is_a_mistake_with_its_place() -> None:
    for query in (
        "SELECT id FROM homes",
        "SELECT count(*), 1 FROM homes",
        "SELECT kind FROM homes WHERE id = 1",
    ):
        register = register_of(PLAIN, f"{{type: sql, query: {query!r}, mustBe: 0}}")
        with pytest.raises(DeclarationError, match=r"homes\.yaml:\d+:\d+"):
            seen(register, rows_of(HOMES, register))


def test_a_norm_that_cannot_be_computed_is_named_and_shows_no_value() -> None:
    norms = """
        {metric: rowCount, mustBe: 5}
        {type: custom, engine: zicht, implementation: {metric: falseConditions, condition: CAST(kind AS INTEGER) > 1, mustBe: 0}}
    """
    register = register_of(PLAIN, norms)
    with pytest.raises(DeliveryError, match=r"falseConditions") as caught:
        seen(register, rows_of(HOMES, register))
    assert "flat" not in str(caught.value)


def test_the_last_day_that_data_are_about_is_measured() -> None:
    columns = "{name: day, logicalType: date}\n{name: year, logicalType: integer, customProperties: [{property: periode, value: true}]}"
    sla = "slaProperties: [{property: latency, value: 5, unit: d, element: homes.day}]\n"
    rows = pa.table(
        {
            "day": pa.array([dt.date(2024, 3, 1), dt.date(2024, 5, 9), None]),
            "year": pa.array([2023, 2024, 2022]),
        }
    )
    assert seen(register_of(columns, more=sla), rows).measured.last == "2024-05-09"
    assert seen(register_of(columns), rows).measured.last == "2024"


CELL = st.one_of(st.none(), st.integers(-3, 3))


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=30), low=st.integers(-3, 3))
def test_counts_are_those_of_plain_python(rows: list[tuple[int | None, int | None]], low: int) -> None:
    columns = f"""
        {{name: a, logicalType: integer, quality: [{{metric: nullValues, mustBe: 0}}, {{metric: duplicateValues, mustBe: 0}}, {{metric: invalidValues, arguments: {{minimum: {low}}}, mustBe: 0}}]}}
        {{name: b, logicalType: integer}}
    """
    norms = """
        {metric: duplicateValues, arguments: {properties: [a, b]}, mustBe: 0}
        {type: custom, engine: zicht, implementation: {metric: falseConditions, condition: a <= b, mustBe: 0}}
        {type: custom, engine: zicht, implementation: {metric: unmatchedValues, columns: [a], to: homes.b, mustBe: 0}}
    """
    register = register_of(columns, norms)
    a, b = [x for x, _ in rows], [y for _, y in rows]
    table = pa.table({"a": pa.array(a, pa.int64()), "b": pa.array(b, pa.int64())})
    pairs = [pair for pair in rows if None not in pair]
    assert seen(register, table).values == {
        "a.nullValues": a.count(None),
        "a.duplicateValues": sum(n - 1 for x, n in Counter(a).items() if x is not None),
        "a.invalidValues": sum(x is not None and x < low for x in a),
        "a.b.duplicateValues": len(pairs) - len(set(pairs)),
        "falseConditions": sum(x > y for x, y in pairs),  # type: ignore[operator]
        "a.unmatchedValues": sum(x is not None and x not in b for x in a),
    }
