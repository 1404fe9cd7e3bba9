"""SQL in declarations: parsed, allow-listed, never trusted.

People write two kinds of SQL in a project folder: expressions about one row of a register (`population: age < 18`), and queries that
make a register out of other registers. Both are parsed with sqlglot and held against lists of what is allowed (`sql_allowed`); what is
on no list is refused. Whoever runs one of them runs what sqlglot writes back from the parsed form and never the text itself, so that
nothing can hide in a difference between two parsers, and comments are gone.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from zicht.declare.sql_allowed import (
    ALLOWED_FUNCTIONS,
    ALLOWED_TYPES,
    EXPRESSION_NODES,
    QUERY_FUNCTIONS,
    QUERY_NODES,
    no_number,
)
from zicht.errors import ZichtError

MAX_EXPRESSION = 4_000  # characters; a privacy officer must be able to read it
MAX_QUERY = 40_000  # characters
MAX_DEPTH = 50  # levels of nesting, brackets included
MAX_PADDING = 100  # characters that lpad and rpad may fill up to

_KEPT = 1024  # texts: those of a large project are parsed once
_OTHER_CALLS = frozenset({"cast", "try_cast", "exists"})  # written like functions; the tree knows them
_BEFORE_BRACKET = frozenset({
    "all", "and", "any", "as", "between", "by", "case", "distinct", "else", "except", "exclude", "filter", "from", "having", "ilike", "in",
    "intersect", "is", "join", "like", "limit", "not", "on", "or", "over", "qualify", "rename", "select", "then", "union", "using",
    "values", "when", "where", "with",
})  # fmt: skip
_CHAINS = (exp.And, exp.Or, exp.Paren)  # a long row of conditions is long and not deep


@dataclass(frozen=True, slots=True)
class SqlMistake:
    """What is wrong with a piece of SQL.

    Attributes:
        what: what is wrong.
        remedy: what would be right.
        line, column: where, counted from 1 within the text; None where that is not known.
    """

    what: str
    remedy: str = ""
    line: int | None = None
    column: int | None = None


def parse_expression(sql: str) -> exp.Expr:
    """Parse one SQL expression, refusing whatever `check_expression` would refuse whatever the columns.

    Args:
        sql: the text, as written in a declaration.

    Returns:
        The tree; `tree.sql("duckdb", comments=False)` is what may be run.

    Raises:
        ZichtError: it is not one expression of allowed parts; the message says why.
    """
    return _accepted(sql).copy()


def parse_query(sql: str, tables: Mapping[str, Sequence[str]]) -> exp.Expr:
    """Parse the query that makes a register, refusing whatever `check_query` refuses.

    Args:
        sql: one SELECT.
        tables: for each register it may read, its columns.

    Returns:
        The tree; `tree.sql("duckdb", comments=False)` is what may be run.

    Raises:
        ZichtError: it is not one query of allowed parts over these registers.
    """
    return _accepted(sql, tuple((name, tuple(columns)) for name, columns in tables.items())).copy()


def check_expression(sql: str, columns: Mapping[str, str]) -> list[SqlMistake]:
    """Every mistake in one SQL expression.

    Args:
        sql: the text.
        columns: logical type of each column of the register, by name. Beside each column there may be one called
            `<name>__status`, which says why a value is missing.

    Returns:
        The mistakes, in the order of the text; none where the expression can be used.
    """
    tree, mistakes = _read_expression(sql)
    if tree is not None:
        known = _with_status(columns)
        mistakes += [
            _unknown_column(sql, column.this, known)
            for column in tree.find_all(exp.Column)
            if not column.table and column.name.lower() not in known
        ]
    return _in_order(mistakes)


def check_query(sql: str, tables: Mapping[str, Sequence[str]]) -> list[SqlMistake]:
    """Every mistake in the query that makes a register.

    Args:
        sql: one SELECT, which may join, unite, aggregate and use windows and CTEs.
        tables: for each register it may read, its columns.

    Returns:
        The mistakes, in the order of the text. Column names are held against all columns of all registers and all names
        that the query itself gives.
    """
    return _in_order(_read_query(sql, tables)[1])


def columns_used(sql: str) -> tuple[str, ...]:
    """The columns that an expression names, each once, in the order of the text.

    Args:
        sql: the text, as written in a declaration.

    Raises:
        ZichtError: as `parse_expression`.
    """
    tree = parse_expression(sql)
    found = sorted(tree.find_all(exp.Column), key=lambda column: column.this.meta.get("start", 0))
    return tuple(dict.fromkeys(column.name for column in found))


@lru_cache(_KEPT)
def query_tables(sql: str) -> tuple[str, ...]:
    """The tables that a query reads, in the order in which they first stand in it; its own CTEs are not among them.

    Args:
        sql: a query that `check_query` lets through.

    Returns:
        Names of registers.
    """
    tree, _ = _parse(sql)
    tables = () if tree is None else tree.find_all(exp.Table, bfs=False)
    return tuple(dict.fromkeys(table.name for table in tables if not _is_cte(table)))


@lru_cache(_KEPT)
def _accepted(sql: str, tables: tuple[tuple[str, tuple[str, ...]], ...] | None = None) -> exp.Expr:
    """The tree of an expression, or of a query over tables. To be copied: who asks for the same again gets the same."""
    tree, mistakes = _read_expression(sql) if tables is None else _read_query(sql, dict(tables))
    if tree is None or mistakes:
        raise ZichtError(_said(sql, mistakes))
    return tree


def _read_expression(sql: str) -> tuple[exp.Expr | None, list[SqlMistake]]:
    tokens, mistakes = _tokens(sql, MAX_EXPRESSION)
    if mistakes:
        return None, mistakes
    if tokens[0].token_type in DuckDB.Parser.STATEMENT_PARSERS:
        return None, [_at(sql, tokens[0].start, "is a statement.", "Write an expression.")]
    for token in tokens:
        if token.comments:
            mistakes.append(
                _at(sql, token.start, "holds a comment.", "Write it in `explanation`, or as a YAML comment.")
            )
    tree, broken = _parse(sql)
    if tree is None:
        return None, mistakes + broken
    mistakes += _wrong_calls(sql, tokens, ALLOWED_FUNCTIONS)
    mistakes += _wrong_nodes(sql, tree, EXPRESSION_NODES | _function_nodes("expression"))
    for column in tree.find_all(exp.Column):
        if column.table:
            mistakes.append(
                _at_node(
                    sql,
                    column,
                    f"`{column.sql('duckdb')}` names a table.",
                    f"Write `{column.name}` where that is a column of the register itself; put registers together in one that SQL makes.",
                )
            )
    return tree, _once_each(mistakes)


def _read_query(sql: str, tables: Mapping[str, Sequence[str]]) -> tuple[exp.Expr | None, list[SqlMistake]]:
    sql = sql.rstrip().removesuffix(";")
    tokens, mistakes = _tokens(sql, MAX_QUERY)
    if not mistakes and tokens[0].token_type not in _QUERY_BEGINS:
        mistakes = [_at(sql, tokens[0].start, "is not a query.", "A register is made by one SELECT.")]
    if mistakes:
        return None, mistakes
    tree, mistakes = _parse(sql)
    if tree is None:
        return None, mistakes
    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        return None, [SqlMistake("is not a query.", "A register is made by one SELECT.", 1, 1)]
    mistakes += _wrong_calls(sql, tokens, {**ALLOWED_FUNCTIONS, **QUERY_FUNCTIONS})
    mistakes += _wrong_nodes(sql, tree, QUERY_NODES | _function_nodes("query"))
    mistakes += _wrong_tables(sql, tree, tables)
    mistakes += _wrong_joins(sql, tree)
    if not mistakes:
        mistakes += _wrong_names(sql, tree, tables)
    return tree, _once_each(mistakes)


def _tokens(sql: str, longest: int) -> tuple[list[Token], list[SqlMistake]]:
    if len(sql) > longest:
        return [], [
            SqlMistake(f"is {len(sql):,} characters long; {longest:,} is the most.", "Say it in fewer.")
        ]
    if "\0" in sql:
        return [], [SqlMistake("holds a character that cannot be seen.", "Type it anew.")]
    try:
        tokens = sqlglot.tokenize(sql, dialect="duckdb")
    except SqlglotError:
        return [], [SqlMistake("cannot be read.", "Look for a quote that is not closed.")]
    if not tokens:
        return [], [SqlMistake("is empty.", "Write a SQL expression.")]
    depth = 0
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            return [], [_at(sql, token.start, "holds a `;`.", "Leave it out.")]
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        if depth > MAX_DEPTH:
            return [], [
                _at(sql, token.start, f"is nested deeper than {MAX_DEPTH} levels.", "Say it in steps.")
            ]
    return tokens, []


_QUERY_BEGINS = (TokenType.SELECT, TokenType.FROM, TokenType.WITH, TokenType.L_PAREN)
_OPENING = (TokenType.L_PAREN, TokenType.CASE, TokenType.L_BRACKET, TokenType.L_BRACE)
_CLOSING = (TokenType.R_PAREN, TokenType.END, TokenType.R_BRACKET, TokenType.R_BRACE)


def _parse(sql: str) -> tuple[exp.Expr | None, list[SqlMistake]]:
    try:
        trees = sqlglot.parse(sql, dialect="duckdb")
        if len(trees) != 1 or trees[0] is None:
            return None, [SqlMistake("is not a single expression.", "Write exactly one.")]
        if max(_depths(trees[0])) > MAX_DEPTH:
            return None, [SqlMistake(f"is nested deeper than {MAX_DEPTH} levels.", "Say it in steps.")]
        if number := no_number(trees[0]):
            return None, [
                _at(
                    sql,
                    max(0, sql.find(number)),
                    f"holds `{number}`, which is no number.",
                    "Write it such as 12, 0.5 or 1e6.",
                )
            ]
    except RecursionError:
        return None, [SqlMistake(f"is nested deeper than {MAX_DEPTH} levels.", "Say it in steps.")]
    except SqlglotError as error:
        found = (getattr(error, "errors", None) or [{}])[0]
        near = str(found.get("highlight") or "")
        place = f" at `{near}`" if near else ""
        return None, [SqlMistake(f"is not SQL{place}.", "Look for a missing or extra word or bracket.", found.get("line"), found.get("col"))]  # fmt: skip
    return trees[0], []


def _depths(tree: exp.Expr) -> Iterator[int]:
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield depth
        for child in node.iter_expressions():
            chained = isinstance(node, _CHAINS) and isinstance(child, _CHAINS)
            waiting.append((child, depth if chained else depth + 1))


def _wrong_calls(sql: str, tokens: Sequence[Token], allowed: Iterable[str]) -> Iterator[SqlMistake]:
    """Calls by name, as the text has them: the tree has lost which of two names was written."""
    names = set(allowed)
    for index, (token, following) in enumerate(pairwise(tokens)):
        name = token.text.lower()
        if "~" in token.text and token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER):
            yield _at(
                sql, token.start, "compares with `~`.", "Write regexp_full_match(…) or regexp_matches(…)."
            )
        is_name = token.token_type not in (TokenType.STRING, TokenType.NUMBER) and (
            name[:1].isalpha() or name[:1] == "_"
        )
        if following.token_type is not TokenType.L_PAREN or not is_name or name in names | _OTHER_CALLS:
            continue
        quoted = token.token_type is TokenType.IDENTIFIER
        alias = index > 0 and tokens[index - 1].token_type in (
            TokenType.ALIAS,
            TokenType.WITH,
            TokenType.COMMA,
            TokenType.R_PAREN,
        )
        if (quoted or name not in _BEFORE_BRACKET) and not (alias and _names_columns(tokens, index)):
            if name.upper() in ALLOWED_TYPES:
                continue  # DECIMAL(9, 2)
            near = difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.7)
            remedy = (
                f"Did you mean `{near[0]}`?"
                if near
                else "The reference lists the functions that may be used."
            )
            yield _at(sql, token.start, f"calls `{token.text}`, which may not be used here.", remedy)


def _names_columns(tokens: Sequence[Token], index: int) -> bool:
    """Whether `name (a, b)` gives names to columns: `AS v(a, b)`, or `WITH v(a, b) AS`."""
    if tokens[index - 1].token_type is TokenType.ALIAS:
        return True
    end = next(
        (i for i in range(index, len(tokens)) if tokens[i].token_type is TokenType.R_PAREN), len(tokens)
    )
    return end + 1 < len(tokens) and tokens[end + 1].token_type is TokenType.ALIAS and tokens[end + 2 : end + 3] != [] and (
        tokens[end + 2].token_type is TokenType.L_PAREN
    )  # fmt: skip


@cache
def _function_nodes(kind: str) -> frozenset[type]:
    """The kinds of node that the allowed functions are parsed to."""
    functions = {**ALLOWED_FUNCTIONS, **(QUERY_FUNCTIONS if kind == "query" else {})}
    found: set[type] = set()
    for example, _ in functions.values():
        found |= {type(node) for node in sqlglot.parse_one(example, dialect="duckdb").walk()}
    return frozenset(found)


_REASONS: tuple[tuple[tuple[type, ...], str, str], ...] = (
    ((exp.Query, exp.Exists), "holds a query.", "An expression is about one row; combine tables in a register made by SQL."),
    ((exp.Window,), "looks at other rows.", "An expression is about one row."),
    ((exp.AggFunc, exp.Filter, exp.Distinct), "adds up over rows.", "An expression is about one row; `measure` says what is added up."),
    ((exp.Star, exp.Columns), "holds a `*`.", "Name the columns."),
    ((exp.Lambda, exp.Kwarg, exp.JSONExtract, exp.PropertyEQ), "holds a function of its own (`->`, `:=`).", "Use a plain condition."),
    ((exp.Placeholder, exp.Parameter), "holds a parameter.", "Write the value itself."),
    ((exp.ArrayOverlaps,), "holds a `&&`.", "Write `and`."),
    ((exp.Alias, exp.Aliases), "gives a name (`AS`).", "Leave the name out."),
)  # fmt: skip


def _wrong_nodes(sql: str, tree: exp.Expr, allowed: frozenset[type]) -> Iterator[SqlMistake]:
    for node in tree.walk(prune=lambda node: type(node) not in allowed):
        if type(node) not in allowed:
            reason = next(
                ((what, remedy) for kinds, what, remedy in _REASONS if isinstance(node, kinds)), None
            )
            what, remedy = reason or (
                f"holds `{_excerpt(node)}`, which may not be used here.",
                "Use plain comparisons and functions.",
            )
            yield _at_node(sql, node, what, remedy)
        elif isinstance(node, exp.DataType):
            if node.this.value not in ALLOWED_TYPES or node.args.get("nested"):
                kinds = "BOOLEAN, INTEGER, BIGINT, DOUBLE, DECIMAL, VARCHAR, DATE, TIMESTAMP"
                yield _at_node(sql, node, f"uses type `{node.this.value}`.", f"Use one of {kinds}.")
        elif isinstance(node, exp.Pad):
            size = node.expression
            if not (isinstance(size, exp.Literal) and size.is_int and int(size.name) <= MAX_PADDING):
                yield _at_node(
                    sql, node, "fills up to an unknown length.", f"Write a number of at most {MAX_PADDING}."
                )


def _excerpt(node: exp.Expr) -> str:
    text = node.sql("duckdb", comments=False)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _wrong_tables(sql: str, tree: exp.Expr, tables: Mapping[str, Sequence[str]]) -> Iterator[SqlMistake]:
    known = {name.lower() for name in tables}
    for table in tree.find_all(exp.Table):
        plain = isinstance(table.this, exp.Identifier) and set(_filled(table)) <= {"this", "alias", "joins"}
        if not plain:
            yield _at_node(
                sql, table, f"reads `{_excerpt(table)}`, which is no register.", "Name a declared register."
            )
        elif table.name.lower() not in known and not _is_cte(table):
            near = difflib.get_close_matches(table.name.lower(), sorted(known), n=1, cutoff=0.6)
            remedy = (
                f"Did you mean `{near[0]}`?" if near else f"Known: {', '.join(sorted(known)[:12]) or 'none'}."
            )
            yield _at_node(sql, table, f"reads `{table.name}`, which is no declared register.", remedy)


def _filled(node: exp.Expr) -> Iterator[str]:
    return (name for name, value in node.args.items() if value)


def _is_cte(table: exp.Table) -> bool:
    """Whether the name is that of a CTE that can be seen where it is used."""
    name = table.name.lower()
    child: exp.Expr = table
    parent = table.parent
    while parent is not None:
        clause = parent if isinstance(parent, exp.With) else parent.args.get("with_")
        for cte in clause.expressions if isinstance(clause, exp.With) else ():
            if cte is child:
                break  # what comes later, or is being made, cannot be read yet
            if cte.alias.lower() == name:
                return True
        child, parent = (parent, parent.parent) if not isinstance(parent, exp.With) else _past(parent)
    return False


def _past(clause: exp.With) -> tuple[exp.Expr, exp.Expr | None]:
    """The query of a WITH clause, and what is around it: its CTEs have been looked at."""
    query = clause.parent
    return (clause, None) if query is None else (query, query.parent)


def _wrong_joins(sql: str, tree: exp.Expr) -> Iterator[SqlMistake]:
    for join in tree.find_all(exp.Join):
        if join.args.get("method"):
            method = str(join.args["method"]).upper()
            yield _at_node(
                sql, join, f"uses a {method} JOIN.", "Join on equal values, with JOIN … USING or ON."
            )
    for clause in tree.find_all(exp.With):
        if clause.args.get("recursive"):
            yield _at_node(sql, clause, "uses WITH RECURSIVE.", "Write it without: it may never end.")
    for select in tree.find_all(exp.Select):
        for part in (
            "into",
            "locks",
            "kind",
            "hint",
            "sample",
            "distribute",
            "cluster",
            "sort",
            "operation_modifiers",
        ):
            if select.args.get(part):
                yield _at_node(sql, select, f"uses {part.upper()} in a SELECT.", "Leave it out.")


def _wrong_names(sql: str, tree: exp.Expr, tables: Mapping[str, Sequence[str]]) -> Iterator[SqlMistake]:
    known = {name for columns in tables.values() for name in _with_status(columns)}
    known |= {alias.alias.lower() for alias in tree.find_all(exp.Alias)}
    for alias in tree.find_all(exp.TableAlias):
        known |= {column.name.lower() for column in alias.columns}
    for column in tree.find_all(exp.Column):
        if column.args.get("db") or column.args.get("catalog"):
            yield _at_node(
                sql, column, f"names `{_excerpt(column)}`.", "Write table.column, or the column alone."
            )
        elif not isinstance(column.this, exp.Star) and column.name.lower() not in known:
            yield _unknown_column(sql, column.this, known)


def _with_status(columns: Iterable[str]) -> set[str]:
    names = {name.lower() for name in columns}
    return names | {f"{name}__status" for name in names}


def _unknown_column(sql: str, name: exp.Expr, known: set[str]) -> SqlMistake:
    plain = sorted(column for column in known if not column.endswith("__status"))
    near = difflib.get_close_matches(name.name.lower(), plain, n=1, cutoff=0.6)
    if near:
        remedy = f"Did you mean `{near[0]}`?"
    elif name.args.get("quoted"):
        remedy = f"Text stands between single quotes: '{name.name}'."
    else:
        remedy = f"Known: {', '.join(plain[:12])}{' …' if len(plain) > 12 else ''}."
    return _at_node(sql, name, f"names `{name.name}`, which is no column.", remedy)


def _at(sql: str, offset: int, what: str, remedy: str) -> SqlMistake:
    line = sql.count("\n", 0, offset) + 1
    return SqlMistake(what, remedy, line, offset - (sql.rfind("\n", 0, offset) + 1) + 1)


def _at_node(sql: str, node: exp.Expr, what: str, remedy: str) -> SqlMistake:
    starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    return _at(sql, min(starts), what, remedy) if starts else SqlMistake(what, remedy)


def _once_each(mistakes: Iterable[SqlMistake]) -> list[SqlMistake]:
    return list(dict.fromkeys(mistakes))


def _in_order(mistakes: Iterable[SqlMistake]) -> list[SqlMistake]:
    return sorted(_once_each(mistakes), key=lambda mistake: (mistake.line or 0, mistake.column or 0))


def _said(sql: str, mistakes: Iterable[SqlMistake]) -> str:
    text = sql if len(sql) <= 80 else f"{sql[:79]}…"
    return "; ".join(f"`{text}` {mistake.what} {mistake.remedy}".rstrip() for mistake in mistakes)
