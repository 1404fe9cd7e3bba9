"""Whether SQL fits the types of a register, asked of the engine before there is any data.

The parser knows names; only the engine knows that `bijstand = 'ja'` cannot be asked of a column that is true or false.
Each expression is tried on a table of the right columns and no rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from zicht.chain.by_sql import SQL_TYPES
from zicht.declare import Indicator, Project, Register, columns_used, parse_expression
from zicht.engine import DuckDBEngine, EngineError, literal, quote
from zicht.errors import Place, Problem

_BOOLEAN = "must be true or false for each unit"
_NUMBER = "must be a number"
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between)
_INSTEAD = {
    "boolean": "Write `{0}` alone, or `not {0}`.",
    "integer": "Write a number, without quotes.",
    "number": "Write a number, without quotes.",
    "date": "Write a date as '2025-01-31'.",
    "timestamp": "Write a moment as '2025-01-31 12:00:00'.",
}


@dataclass(frozen=True)
class _Asked:
    """One expression: what it is for, where it stands, and what it must give."""

    name: str
    sql: str
    place: Place
    wanted: str | None


def check_fits(project: Project) -> list[Problem]:
    """Every expression that does not fit the types of the columns it names.

    Args:
        project: a project whose names were checked (`check_chain`).

    Returns:
        The mistakes, each once, with its place and the types of the columns.
    """
    problems: dict[Problem, None] = {}
    for register in project.registers.values():
        indicators = [i for i in project.indicators.values() if i.register_ == register.id]
        asked = [one for indicator in indicators for one in _asked(project, indicator)]
        if asked:
            with DuckDBEngine() as engine:
                engine.add(register.id, _empty(register))
                problems |= dict.fromkeys(_problems(engine, register, asked))
    return list(problems)


def _asked(project: Project, indicator: Indicator) -> Iterator[_Asked]:
    written = project.written["indicators", indicator.id]
    number = None if indicator.measure == "distinct" else _NUMBER
    wanted = {
        "population": _BOOLEAN,
        "numerator": _NUMBER if indicator.measure == "take" else _BOOLEAN,
        "denominator": _NUMBER,
        "value": number,
        "area": None,
        "period": None,
    }
    for name, what in wanted.items():
        sql = getattr(indicator, name)
        if sql is not None:
            yield _Asked(f"`{name}`", sql, written.place(name), what)
    for id_ in indicator.by:
        dimension = project.dimensions[id_]
        place = project.written["dimensions", id_].place("sql")
        yield _Asked(f"dimension `{id_}`", dimension.sql, place, None)


def _problems(engine: DuckDBEngine, register: Register, asked: Sequence[_Asked]) -> Iterator[Problem]:
    for one in asked:
        yield from _wrong_texts(engine, register, one)
    try:
        types = _types(engine, register, asked)  # all in one question, for most projects are right
    except EngineError:
        for one in asked:
            try:
                types = _types(engine, register, [one])
            except EngineError as error:
                yield Problem(
                    one.place,
                    f"{one.name}: does not fit register `{register.id}` ({error}).",
                    _columns(register, one),
                )
            else:
                yield from _wrong_type(register, one, types[0])
        return
    for one, given in zip(asked, types, strict=True):
        yield from _wrong_type(register, one, given)


def _types(engine: DuckDBEngine, register: Register, asked: Sequence[_Asked]) -> list[pa.DataType]:
    parts = [
        f"{parse_expression(one.sql).sql('duckdb', comments=False)} AS c{i}" for i, one in enumerate(asked)
    ]
    return list(engine.query(f"SELECT {', '.join(parts)} FROM {quote(register.id)}").schema.types)


def _wrong_texts(engine: DuckDBEngine, register: Register, one: _Asked) -> Iterator[Problem]:
    """Texts that a column is compared with and can never be; the engine says so only once there are rows."""
    columns = {column.name.lower(): column for column in register.kept}
    for node in parse_expression(one.sql).find_all(*_COMPARED):
        parts = list(node.iter_expressions())
        named = [
            columns[part.name.lower()]
            for part in parts
            if isinstance(part, exp.Column) and part.name.lower() in columns
        ]
        texts = [part.name for part in parts if isinstance(part, exp.Literal) and part.is_string]
        for column in named:
            kind = SQL_TYPES[column.logical_type]
            for text in texts if kind != "VARCHAR" else ():
                if engine.query(f"SELECT TRY_CAST({literal(text)} AS {kind}) IS NULL AS wrong")["wrong"][
                    0
                ].as_py():
                    yield Problem(
                        one.place,
                        f"{one.name}: compares `{column.name}`, which is {column.logical_type}, with '{text}'.",
                        _INSTEAD[column.logical_type].format(column.name),
                    )


def _wrong_type(register: Register, one: _Asked, given: pa.DataType) -> Iterator[Problem]:
    numeric = pa.types.is_integer(given) or pa.types.is_floating(given) or pa.types.is_decimal(given)
    fits = {_BOOLEAN: pa.types.is_boolean(given), _NUMBER: numeric or pa.types.is_boolean(given)}
    if one.wanted is not None and not fits[one.wanted] and not pa.types.is_null(given):
        remedy = (
            "Write a comparison, such as `inkomen > 0`."
            if one.wanted == _BOOLEAN
            else "Use a column of numbers."
        )
        yield Problem(one.place, f"{one.name}: {one.wanted}.", f"{remedy} {_columns(register, one)}")


def _columns(register: Register, one: _Asked) -> str:
    """The types of the columns in an expression, for who reads what is wrong with it."""

    named = {name.lower() for name in columns_used(one.sql)}
    kinds = [f"`{c.name}` is {c.logical_type}" for c in register.kept if c.name.lower() in named]
    return f"By the contract {', '.join(kinds)}." if kinds else ""


def _empty(register: Register) -> pa.Table:
    arrow = {
        "VARCHAR": pa.string(), "BIGINT": pa.int64(), "DOUBLE": pa.float64(), "DATE": pa.date32(),
        "TIMESTAMP": pa.timestamp("us"), "BOOLEAN": pa.bool_(),
    }  # fmt: skip
    fields = [pa.field(column.name, arrow[SQL_TYPES[column.logical_type]]) for column in register.kept]
    fields += [pa.field(name, pa.string()) for column in register.kept if (name := column.status_name)]
    return pa.schema(fields).empty_table()
