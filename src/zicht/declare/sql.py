"""SQL in declarations: parsed, allow-listed, never trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp


@dataclass(frozen=True, slots=True)
class SqlMistake:
    """What is wrong with a piece of SQL and what would be right; line and column count from 1 within it."""

    what: str
    remedy: str = ""
    line: int | None = None
    column: int | None = None


def parse_expression(sql: str) -> exp.Expr:
    """Parse one SQL expression."""
    return sqlglot.parse_one(sql, dialect="duckdb")


def check_expression(sql: str, columns: Mapping[str, str]) -> list[SqlMistake]:
    """Every mistake in one SQL expression over `columns` (name → logical type)."""
    return []


def check_query(sql: str, tables: Mapping[str, Sequence[str]]) -> list[SqlMistake]:
    """Every mistake in one SELECT over `tables` (name → columns)."""
    return []
