"""The SQL that turns delivered text into values and finds what breaks the contract.

One query does it for a whole register: a stack of projections, each naming its results for the next, which DuckDB runs
as one pass over the stream. Cells of the delivery are `c0`, `c1`, … there, whatever their names; for column `i` of the
contract `t` is the trimmed text, `n` the number before missing codes are taken out, `s` the status, `v` the value and
`b` what is wrong (0: nothing). Names of the contract stay out of it, so that none can clash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from zicht.declare import Column, Register, check_expression
from zicht.errors import DeclarationError, Problem
from zicht.intake.rows import LINE, MAX_CELL, PLACES, NumberStyle

ARROW_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "boolean": "BOOLEAN",
}
_NUMERIC = ("integer", "number")

ABSENT = "not_available"
"""Status of a cell that is not there: an empty one without a code of its own, or one of a column that is not delivered."""


@dataclass(frozen=True)
class Check:
    """One way a cell can break the contract: when, in SQL, and what to say about it."""

    when: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """How the rows of a delivery become rows of a register.

    Attributes:
        delivered: physical columns that are read; `c{i}` in the query stands for the i-th.
        sql: the query over the table `delivered` of batches.
        reasons: for each column of the contract what its codes 1, 2, … mean.
        keys: groups of columns in which no combination of values may stand twice.
        points: whether batches must carry `__x` and `__y`, for a column that follows from them or is one of them.
    """

    delivered: tuple[str, ...]
    sql: str
    reasons: tuple[tuple[str, ...], ...]
    keys: tuple[tuple[str, ...], ...]
    points: bool


def quoted(name: str) -> str:
    """A name as DuckDB reads it."""
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def text(value: str) -> str:
    """A text as a SQL literal."""
    return exp.Literal.string(value).sql("duckdb")


def plan(register: Register, columns: Sequence[str], numbers: NumberStyle, *, may_be_blank: bool) -> Plan:
    """Write the query for a register.

    Args:
        register: the contract.
        columns: physical names in the delivery. A column of the contract that is not among them has no value in any row, and
            its status is `not_available`.
        numbers: how numbers are written in it.
        may_be_blank: whether a row without any value is no row at all, as in CSV and workbooks.

    Raises:
        DeclarationError: an expression, pattern or limit in the contract that cannot be used.
    """
    return _Planner(register, columns, numbers).plan(may_be_blank=may_be_blank)


class _Planner:
    def __init__(self, register: Register, columns: Sequence[str], numbers: NumberStyle) -> None:
        self.register, self.columns, self.numbers = register, columns, numbers
        self.delivered: dict[str, str] = {}  # physical name: its name in the query
        self.points = False

    def plan(self, *, may_be_blank: bool) -> Plan:
        columns = list(enumerate(self.register.columns))
        plain = [(i, column) for i, column in columns if column.located is None]
        trims = [self._trimmed(i, column) for i, column in plain]
        located = [part for i, column in columns if column.located for part in self._located(i, column)]
        reads = [self._read(i, column) for i, column in plain]
        states = [self._state(i, column) for i, column in plain if column.missing]
        values = [self._value(i, column) for i, column in plain]
        checks = {i: self._checks(i, column) for i, column in plain}
        faults = [_case(i, checks[i]) for i, _ in plain]
        keys = self._keys()
        wrong = " OR ".join(f"b{i} > 0" for i, _ in plain) or "false"
        blank = " AND ".join(f"t{i} = ''" for i, _ in plain) if may_be_blank and plain else "false"
        out = [LINE, *(f"v{i}" for i, _ in plain)]
        out += [f"s{i}" for i, column in plain if column.missing]
        out += [f"{name}{i}" for i, column in columns if column.located for name in ("lx", "ly", "la")]
        found = ", ".join(f"{{'i': {i}, 'b': b{i}, 't': left(t{i}, 80)}}" for i, _ in plain)
        sql = (
            f"SELECT {', '.join(out)}, ({blank}) AS __blank, ({wrong}) AS __wrong, "
            f"CASE WHEN {wrong} THEN list_filter([{found}], lambda f: f.b > 0) END AS __found\n"
            f"FROM (SELECT *, {_listed(faults)}\n"
            f"FROM (SELECT *, {_listed(values)}\n"
            f"FROM (SELECT *, {_listed(states)}\n"
            f"FROM (SELECT *, {_listed(reads)}\n"
            f"FROM (SELECT {_listed([LINE, *trims, *located])} FROM delivered)))))"
        )
        return Plan(
            delivered=tuple(self.delivered),
            sql=sql,
            reasons=tuple(tuple(check.reason for check in checks.get(i, ())) for i, _ in columns),
            keys=tuple(tuple(self.register.columns[i].name for i in group) for group in keys),
            points=self.points,
        )

    def _is_place(self, column: Column) -> bool:
        """Whether the value of a column is a coordinate of the point that the row has as its geometry."""
        return column.physical_name in PLACES and column.physical_name not in self.columns

    def _trimmed(self, i: int, column: Column) -> str:
        if self._is_place(column):
            self.points = True
            return f"coalesce({column.physical_name}::VARCHAR, '') AS t{i}, {column.physical_name} AS p{i}"
        if column.physical_name not in self.columns:
            return f"'' AS t{i}"
        return f"trim(coalesce({self._cell(column.physical_name)}, '')) AS t{i}"

    def _cell(self, physical: str) -> str:
        return self.delivered.setdefault(physical, f"c{len(self.delivered)}")

    def _number(self, source: str) -> str:
        return f"zicht_number_{self.numbers}({source})"

    def _located(self, i: int, column: Column) -> list[str]:
        located = column.located
        assert located is not None  # noqa: S101 -- asked for located columns only
        against = (
            "NULL::VARCHAR"
            if located.against is None
            else f"({self._against(column, located.against)})::VARCHAR"
        )
        return [
            f"{self._coordinate(column, located.x)} AS lx{i}",
            f"{self._coordinate(column, located.y)} AS ly{i}",
            f"{against} AS la{i}",
        ]

    def _coordinate(self, column: Column, name: str) -> str:
        if name in PLACES:
            self.points = True
            return name
        source = self.register.column(name)
        physical = source.physical_name if source else name
        if physical not in self.columns:
            raise self._mistake(column, f"`ligging` names a column `{name}` that is not delivered.")
        return self._number(f"trim({self._cell(physical)})")

    def _against(self, column: Column, sql: str) -> str:
        # Columns may be called by their name in the contract or in the delivery; either way it is the text as delivered.
        physical = {name.lower(): name for name in self.columns}
        physical |= {
            c.name.lower(): c.physical_name for c in self.register.columns if c.physical_name in self.columns
        }
        mistakes = check_expression(sql, dict.fromkeys((*self.columns, *physical), "string"))
        if mistakes:
            raise self._mistake(column, f"`against`: {mistakes[0].what}", mistakes[0].remedy)
        tree = sqlglot.parse_one(sql, dialect="duckdb").copy()
        for found in list(tree.find_all(exp.Column)):
            cell = exp.column(self._cell(physical[found.name.lower()]))
            if found is tree:
                return cell.sql("duckdb")
            found.replace(cell)
        return tree.sql("duckdb", comments=False)

    def _read(self, i: int, column: Column) -> str:
        source = f"t{i}"
        number = f"p{i}" if self._is_place(column) else self._number(source)
        sql = {
            "string": f"CASE WHEN t{i} <> '' THEN t{i} END",
            "integer": f"zicht_integer({source}, {number})",
            "number": number,
            "date": f"zicht_date({source})",
            "timestamp": f"zicht_timestamp({source})",
            "boolean": f"zicht_boolean({source})",
        }[column.logical_type]
        return f"{sql} AS n{i}"

    def _state(self, i: int, column: Column) -> str:
        if column.physical_name not in self.columns:
            return f"{text(ABSENT)} AS s{i}"
        codes = dict(column.missing)
        texts = " ".join(f"WHEN {text(code)} THEN {text(status)}" for code, status in codes.items() if code)
        found = f"CASE t{i} {texts} END" if texts else "NULL::VARCHAR"
        numeric = {code: status for code, status in codes.items() if _is_number(code)}
        if column.logical_type in _NUMERIC and numeric:
            same = " ".join(f"WHEN {float(code)!r} THEN {text(status)}" for code, status in numeric.items())
            found = f"coalesce({found}, CASE n{i}::DOUBLE {same} END)"
        empty = text(codes.get("", ABSENT))
        return f"CASE WHEN t{i} = '' THEN {empty} ELSE {found} END AS s{i}"

    @staticmethod
    def _value(i: int, column: Column) -> str:
        return f"CASE WHEN s{i} IS NULL THEN n{i} END AS v{i}" if column.missing else f"n{i} AS v{i}"

    def _checks(self, i: int, column: Column) -> list[Check]:
        absent = f"t{i} = ''" + (f" OR s{i} IS NOT NULL" if column.missing else "")
        checks = []
        if column.required or column.key:
            checks.append(Check(f"({absent})", "is empty, and must have a value"))
        else:
            checks.append(Check("false", ""))
        present = f"NOT ({absent}) AND "
        if column.logical_type == "string":
            checks.append(
                Check(f"{present}length(t{i}) > {MAX_CELL}", f"is longer than {MAX_CELL:,} characters")
            )
        else:
            checks.append(Check(f"{present}v{i} IS NULL", f"is not {self._kind(column)}"))
        if column.pattern is not None:
            checks.append(Check(f"{present}NOT regexp_matches(t{i}, {text(column.pattern)})", f"does not match the pattern {column.pattern}"))  # fmt: skip
        for limit, sign, word in ((column.minimum, "<", "less"), (column.maximum, ">", "more")):
            if limit is not None and column.logical_type != "boolean":
                checks.append(Check(f"v{i} {sign} {self._limit(column, limit)}", f"is {word} than {limit}"))
        if column.allowed is not None:
            values = ", ".join(text(value) for value in column.allowed) or "NULL"
            fits = f"t{i} IN ({values})"
            if column.logical_type in _NUMERIC:
                fits += f" OR v{i}::VARCHAR IN ({values})"
            checks.append(Check(f"{present}NOT coalesce({fits}, false)", "is not one of the allowed values"))
        return checks

    def _kind(self, column: Column) -> str:
        sign = {"comma": " with a decimal comma", "point": " with a decimal point", "mixed": ""}[self.numbers]
        return {
            "integer": "a whole number that fits 64 bits",
            "number": f"a number{sign}",
            "date": "a date (2024-01-31, 31-01-2024 or 20240131)",
            "timestamp": "a moment (2024-01-31 12:00:00)",
            "boolean": "yes or no (true, false, 1, 0, ja, nee)",
        }[column.logical_type]

    def _limit(self, column: Column, limit: float | str) -> str:
        if column.logical_type in _NUMERIC:
            try:
                return repr(float(limit))
            except ValueError:
                raise self._mistake(column, f"the limit `{limit}` is no number.") from None
        return f"{text(str(limit))}::{ARROW_TYPES[column.logical_type]}"

    def _keys(self) -> list[tuple[int, ...]]:
        at = {column.name: i for i, column in enumerate(self.register.columns)}
        groups: list[tuple[int, ...]] = [
            (at[column.name],) for column in self.register.columns if column.unique and column.located is None
        ]
        key = tuple(at[name] for name in self.register.key)
        if key and key not in groups:
            groups.append(key)
        return groups

    def _mistake(self, column: Column, what: str, remedy: str = "") -> DeclarationError:
        index = self.register.columns.index(column)
        place = self.register.document.place(("schema", 0, "properties", index))
        return DeclarationError([Problem(place, f"column `{column.name}`: {what}", remedy)])


def _case(i: int, checks: list[Check]) -> str:
    whens = " ".join(
        f"WHEN {check.when} THEN {code}"
        for code, check in enumerate(checks, start=1)
        if check.when != "false"
    )
    return f"(CASE {whens} ELSE 0 END)::UTINYINT AS b{i}"


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(parts) or "NULL AS none"


def _is_number(code: str) -> bool:
    try:
        float(code)
    except ValueError:
        return False
    return code.strip().lower().lstrip("+-") not in ("nan", "inf", "infinity")
