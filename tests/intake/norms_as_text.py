"""Registers, their norms and what is measured of them, from a few lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent, indent

import pyarrow as pa

from zicht.declare import Register, norms_of, parse_yaml, read_contract
from zicht.engine import DuckDBEngine
from zicht.errors import Problem
from zicht.intake import Judged, Measured, accepted_schema, failing_rows, judge, measure

HEAD = """\
apiVersion: v3.1.0
kind: DataContract
id: test
version: 1.0.0
status: active
schema:
  - name: {name}
    customProperties:
      - {{property: {origin}}}
      - {{property: eenheid, value: {unit}}}
"""

_ENGINE = DuckDBEngine(threads=1)  # one for all tests: opening one costs more than most of them


def contract_text(
    columns: str,
    norms: str = "",
    *,
    name: str = "homes",
    unit: str = "object",
    more: str = "",
    sql: bool = False,
) -> str:
    """A contract: a column a line, such as `{name: a, logicalType: integer}`; norms of the table and whatever else as YAML."""
    origin = "sql, value: homes.sql" if sql else "bron, value: source"
    text = HEAD.format(name=name, unit=unit, origin=origin)
    lines = "\n".join(f"- {line}" for line in dedent(columns).strip().splitlines())
    text += "    properties:\n" + indent(lines, "      ") + "\n"
    if norms:
        rules = "\n".join(f"- {line}" for line in dedent(norms).strip().splitlines())
        text += "    quality:\n" + indent(rules, "      ") + "\n"
    return text + dedent(more)


def read(columns: str, norms: str = "", **how: object) -> tuple[Register | None, list[Problem]]:
    """What is read of a contract, and what is wrong with it."""
    return read_contract(parse_yaml(contract_text(columns, norms, **how), "homes.yaml"))  # type: ignore[arg-type]


def register_of(columns: str, norms: str = "", **how: object) -> Register:
    """The register of a contract without mistakes."""
    register, problems = read(columns, norms, **how)
    assert register is not None, problems
    return register


def rows_of(text: str, register: Register) -> pa.Table:
    """Accepted rows from a table in text: a header, and a row a line; an empty cell is no value."""
    head, _, *lines = dedent(text).strip("\n").splitlines()
    names = [cell.strip() for cell in head.split("|")]
    cells = [[cell.strip() or None for cell in line.split("|")] for line in lines]
    schema = accepted_schema(register)
    columns = {name: pa.array([row[at] for row in cells], pa.string()) for at, name in enumerate(names)}
    return pa.table({name: columns[name].cast(schema.field(name).type) for name in names})


@dataclass
class Seen:
    """What was measured, and what holds."""

    register: Register
    measured: Measured
    judged: tuple[Judged, ...]
    failing: pa.Table

    @property
    def values(self) -> dict[str, float | None]:
        return {one.norm.id: one.value for one in self.judged}

    @property
    def verdicts(self) -> dict[str, str]:
        return {one.norm.id: one.verdict for one in self.judged}

    @property
    def only(self) -> Judged:
        (one,) = self.judged
        return one


def seen(
    register: Register,
    rows: pa.Table,
    others: Mapping[str, pa.Table] | None = None,
    earlier: Measured | None = None,
) -> Seen:
    """Measure a register and hold it against its norms."""
    tables = {register.id: rows, **(others or {})}
    for name, table in tables.items():
        _ENGINE.add(name, table)
    measured = measure(_ENGINE, register, {name: table.column_names for name, table in tables.items()})
    failing = failing_rows(_ENGINE, register, measured)
    return Seen(register, measured, judge(norms_of(register), measured, earlier), failing)
