"""Which columns of registers a query holds against each other, through aliases, CTEs and subqueries.

A pseudonym is equal to other pseudonyms only. Held against a value that is none, it finds nobody and nothing says so; therefore such a comparison is
found before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

_EQUALITIES = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)
_DEPTH = 50  # CTEs behind each other that are followed

Side = tuple[str, str] | None
"""A column of a register, as the names of both; two empty texts for a value in the query; None for anything else, such as what a function gives."""

LITERAL = ("", "")


def compared(tree: exp.Expr, tables: Mapping[str, Sequence[str]]) -> Iterator[tuple[Side, Side]]:
    """What a query holds to be equal or different.

    Args:
        tree: a query that `check_query` lets through; it is not changed.
        tables: for each register it may read, its columns.

    Yields:
        The two sides of each comparison. Nothing of a query that cannot be taken apart.
    """
    schema: dict[str, object] = {
        table: dict.fromkeys(columns, "VARCHAR") for table, columns in tables.items()
    }
    try:
        whole = qualify(
            tree.copy(), schema=schema, dialect="duckdb", validate_qualify_columns=False, quote_identifiers=False, identify=False
        )  # fmt: skip
        scopes = traverse_scope(whole)
    except (SqlglotError, RecursionError):
        return
    for scope in scopes:
        for node in scope.find_all(*_EQUALITIES):
            yield _side(node.this, scope), _side(node.expression, scope)
        for one_of in scope.find_all(exp.In):
            first = _side(one_of.this, scope)
            for other in one_of.expressions:
                yield first, _side(other, scope)
            query = one_of.args.get("query")
            if query is not None:
                yield first, _of_query(query, scope)


def _side(node: exp.Expr, scope: Scope, depth: int = 0) -> Side:
    if isinstance(node, exp.Literal):
        return LITERAL
    if isinstance(node, exp.Paren):
        return _side(node.this, scope, depth)
    if not isinstance(node, exp.Column) or depth > _DEPTH:
        return None
    # A subquery may name columns of the query around it.
    around = [scope]
    while isinstance(around[-1].parent, Scope):
        around.append(around[-1].parent)
    scope = next((one for one in around if node.table in one.sources), scope)
    source = scope.sources.get(node.table)
    if isinstance(source, exp.Table):
        return source.name, node.name
    if isinstance(source, Scope):
        return _projected(source, node.name, depth)
    return None


def _projected(scope: Scope, name: str, depth: int) -> Side:
    inner = scope.set_operation_scopes[0] if scope.set_operation_scopes else scope
    found = next(
        (one for one in _selects(inner.expression) if one.alias_or_name.lower() == name.lower()), None
    )
    if found is None:
        return None
    return _side(found.unalias(), inner, depth + 1)


def _of_query(query: exp.Expr, scope: Scope) -> Side:
    body = query.this if isinstance(query, exp.Subquery) else query
    inner = next((one for one in scope.subquery_scopes if one.expression is body), None)
    selects = _selects(body)
    return None if inner is None or not selects else _side(selects[0].unalias(), inner)


def _selects(query: object) -> list[exp.Expr]:
    return list(query.selects) if isinstance(query, exp.Query) else []
