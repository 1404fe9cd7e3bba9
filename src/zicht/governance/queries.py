"""Where the columns of one query come from: by value, and by what decides which rows there are.

The query is qualified by sqlglot against the columns of the registers it reads (stars opened, names resolved, `USING` written out) and then followed scope by
scope: CTEs, subqueries, unions, joins, correlated conditions. What cannot be resolved counts as made of everything in reach, so that a doubt refuses and never allows.

One kind of join adds no rows and takes none away: a LEFT JOIN to something that has at most one row for each on what it is matched on. It counts only for
the columns that are made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

Leaf = tuple[str, str | None]
"""A register and a column of it, in small letters; None for the column: that there is a row."""

Spots = dict[Leaf, int]
"""Leaves, each with where in the SQL it is named (an offset; -1 where that is not known)."""

EVERYTHING = "*"
"""Stands for each output of a query that could not be resolved."""


@dataclass(frozen=True)
class Columns:
    """What a query may know of a register that it reads.

    Attributes:
        names: its columns, in small letters.
        keys: sets of columns of which the values together stand in one row only, because intake holds that.
    """

    names: tuple[str, ...]
    keys: tuple[frozenset[str], ...] = ()


@dataclass
class QueryOrigins:
    """Where the result of a query comes from.

    Attributes:
        outputs: for each column of the result, what its values are made of.
        rows: what decides which rows there are.
    """

    outputs: dict[str, Spots] = field(default_factory=dict)
    rows: Spots = field(default_factory=dict)

    def of(self, column: str) -> Spots:
        """What the values of `column` are made of; of everything, where the query could not be resolved."""
        if column in self.outputs:
            return self.outputs[column]
        if EVERYTHING in self.outputs:
            return self.outputs[EVERYTHING]
        return _merged(self.outputs.values())


def origins_of(query: exp.Expr, tables: Mapping[str, Columns]) -> QueryOrigins:
    """Follow a query back to the registers it reads.

    Args:
        query: a query that was checked (`declare.parse_query`).
        tables: the registers it may read, by name in small letters.

    Returns:
        What each column of the result, and its rows, are made of.
    """
    tree = query.copy()
    while isinstance(tree, exp.Subquery) and not tree.alias:
        tree = tree.this
    schema: dict[str, object] = {
        name: dict.fromkeys(table.names, "VARCHAR") for name, table in tables.items()
    }
    try:
        qualified = qualify(
            tree, schema=schema, dialect="duckdb", validate_qualify_columns=False, quote_identifiers=False
        )
        scope = build_scope(qualified)
    except SqlglotError:
        scope = None
    return _Tracer(tables).of(scope) if scope is not None else _all_of(query, tables)


def _all_of(query: exp.Expr, tables: Mapping[str, Columns]) -> QueryOrigins:
    read = {table.name.lower() for table in query.find_all(exp.Table)} & set(tables)
    every: Spots = {(name, column): -1 for name in sorted(read) for column in (None, *tables[name].names)}
    return QueryOrigins({EVERYTHING: every}, dict(every))


class _Tracer:
    def __init__(self, tables: Mapping[str, Columns]) -> None:
        self._tables = tables
        self._known: dict[int, QueryOrigins] = {}

    def of(self, scope: Scope) -> QueryOrigins:
        if id(scope) not in self._known:
            self._known[id(scope)] = QueryOrigins()  # a query that reads itself finds nothing new there
            self._known[id(scope)] = self._trace(scope)
        return self._known[id(scope)]

    def _trace(self, scope: Scope) -> QueryOrigins:
        tree = scope.expression
        if isinstance(tree, exp.SetOperation):
            return self._united(scope, tree)
        if isinstance(tree, exp.Select):
            return _Select(self, scope, tree).origins()
        return QueryOrigins({EVERYTHING: {}})  # VALUES: made of nothing but itself

    def _united(self, scope: Scope, tree: exp.SetOperation) -> QueryOrigins:
        left, right = (self.of(part) for part in scope.set_operation_scopes)
        by_name = bool(tree.args.get("by_name"))
        found = QueryOrigins({name: dict(spots) for name, spots in left.outputs.items()})
        others = list(right.outputs.items())
        for position, (name, spots) in enumerate(others):
            names = list(left.outputs)
            target = name if by_name or position >= len(names) else names[position]
            found.outputs[target] = _merged([found.outputs.get(target, {}), spots])
        compared = () if isinstance(tree, exp.Union) else (*left.outputs.values(), *right.outputs.values())
        found.rows = _merged([left.rows, right.rows, *compared])
        return found

    def columns(self, table: str) -> Columns:
        return self._tables.get(table, Columns(()))


class _Select:
    """One SELECT: its sources, and what its parts mention of them."""

    def __init__(self, tracer: _Tracer, scope: Scope, tree: exp.Select) -> None:
        self._tracer, self._scope, self._tree = tracer, scope, tree
        self._sources = {name: source for name, (_, source) in scope.selected_sources.items()}
        self._inner = {id(part.expression): part for part in scope.subquery_scopes}
        joins = tree.args.get("joins") or ()
        self._joins = {join.alias_or_name: join for join in joins}
        outer = any(join.side in ("RIGHT", "FULL") for join in joins)
        self._optional = {
            name
            for name, join in self._joins.items()
            if not outer and join.side == "LEFT" and name in self._sources and self._is_one_each(name, join)
        }

    def origins(self) -> QueryOrigins:
        tree = self._tree
        found = QueryOrigins()
        for part in tree.expressions:
            starred = isinstance(part, exp.Star) or (isinstance(part, exp.Column) and part.is_star)
            name = EVERYTHING if starred else part.alias_or_name.lower()
            found.outputs[name] = self._everything() if starred else self._mentioned(part)
        rows = [self._entry(name) for name in self._sources if name not in self._optional]
        rows += [
            self._mentioned(tree.args[key])
            for key in ("where", "group", "having", "qualify")
            if tree.args.get(key) is not None
        ]
        group = tree.args.get("group")
        if (group is not None and group.args.get("all")) or tree.args.get("distinct"):
            rows += found.outputs.values()
        if tree.args.get("limit") is not None:
            rows += [self._mentioned(tree.args["order"])] if tree.args.get("order") else [self._everything()]
        found.rows = _merged(rows)
        return found

    def _entry(self, name: str, busy: frozenset[str] = frozenset()) -> Spots:
        """What decides which rows of a source come in: its own rows, and what it is matched on."""
        source, join = self._sources[name], self._joins.get(name)
        if isinstance(source, Scope):
            found: list[Mapping[Leaf, int]] = [self._tracer.of(source).rows]
        else:
            found = [{(_table(source), None): _spot(source)}]
        condition = join.args.get("on") if join is not None else None
        if condition is not None:
            for column in _columns(condition):
                found.append(self._resolved(column))
                beside = column.table
                if beside in self._optional and beside != name and beside not in busy:
                    found.append(self._entry(beside, busy | {name}))
            found += [self._of_query(inner) for inner in _queries(condition)]
        return _merged(found)

    def _mentioned(self, part: exp.Expr) -> Spots:
        found = []
        for column in _columns(part):
            found.append(self._resolved(column))
            if column.table in self._optional:
                found.append(self._entry(column.table))
        found += [self._of_query(inner) for inner in _queries(part)]
        return _merged(found)

    def _resolved(self, column: exp.Column) -> Spots:
        if not column.table:
            return self._everything()
        scope: Scope | None = self._scope
        while scope is not None:
            if column.table in scope.selected_sources:
                source = scope.selected_sources[column.table][1]
                return self._from(source, column)
            scope = scope.parent
        return self._everything()

    def _from(self, source: Scope | exp.Table, column: exp.Column) -> Spots:
        name, spot = column.name.lower(), _spot(column)
        if isinstance(source, Scope):
            return {leaf: spot if spot >= 0 else at for leaf, at in self._tracer.of(source).of(name).items()}
        return {(_table(source), name): spot}

    def _of_query(self, inner: exp.Query) -> Spots:
        scope = self._inner.get(id(inner)) or self._inner.get(id(inner.unnest()))
        if scope is None:
            return self._everything()
        origins = self._tracer.of(scope)
        return _merged([*origins.outputs.values(), origins.rows])

    def _everything(self) -> Spots:
        """All columns and rows of all sources."""
        found: list[Spots] = []
        for source in self._sources.values():
            if isinstance(source, Scope):
                origins = self._tracer.of(source)
                found += [*origins.outputs.values(), origins.rows]
            else:
                table, at = _table(source), _spot(source)
                found.append({(table, name): at for name in (None, *self._tracer.columns(table).names)})
        return _merged(found)

    def _is_one_each(self, name: str, join: exp.Join) -> bool:
        """Whether a source has at most one row for each on what it is matched on."""
        condition = join.args.get("on")
        if condition is None:
            return False
        parts = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
        matched = {side.name.lower() for part in parts for side in _matched(part, name)}
        return any(key <= matched for key in _keys(self._sources[name], self._tracer))


def _matched(part: exp.Expr, name: str) -> Iterator[exp.Column]:
    """The column of a source that a condition sets equal to something else."""
    part = part.unnest()
    if not isinstance(part, exp.EQ):
        return
    for side, other in ((part.this, part.expression), (part.expression, part.this)):
        elsewhere = all(column.table != name for column in _columns(other)) and not list(_queries(other))
        if isinstance(side, exp.Column) and side.table == name and elsewhere:
            yield side


def _keys(source: Scope | exp.Table, tracer: _Tracer) -> tuple[frozenset[str], ...]:
    if isinstance(source, exp.Table):
        return tracer.columns(_table(source)).keys
    tree = source.expression
    if not isinstance(tree, exp.Select):
        return ()
    outputs = {part.alias_or_name.lower(): part.unalias() for part in tree.expressions}
    if tree.args.get("distinct"):
        return (frozenset(outputs),)
    group = tree.args.get("group")
    if group is not None:
        plain = set(group.args) <= {"expressions"} or not any(
            value for key, value in group.args.items() if key != "expressions"
        )
        named = {part: name for name, part in outputs.items()}
        keys = [named.get(part) for part in group.expressions]
        return (frozenset(key for key in keys if key),) if plain and all(keys) and keys else ()
    inner = list(source.selected_sources.values())
    if len(inner) != 1 or tree.args.get("joins"):
        return ()
    passed = {part.name.lower(): name for name, part in outputs.items() if isinstance(part, exp.Column)}
    below = _keys(inner[0][1], tracer)
    return tuple(frozenset(passed[name] for name in key) for key in below if key <= set(passed))


def _columns(part: exp.Expr) -> Iterator[exp.Column]:
    for node in part.walk(prune=lambda one: isinstance(one, exp.Query)):
        if isinstance(node, exp.Column):
            yield node


def _queries(part: exp.Expr) -> Iterator[exp.Query]:
    for node in part.walk(prune=lambda one: isinstance(one, exp.Query)):
        if isinstance(node, exp.Query):
            yield node


def _table(table: exp.Table) -> str:
    return table.name.lower()


def _spot(node: exp.Expr) -> int:
    name = node.this if isinstance(node, exp.Column | exp.Table) else node
    return int(name.meta.get("start", -1)) if isinstance(name, exp.Expr) else -1


def _merged(parts: Iterable[Mapping[Leaf, int]]) -> Spots:
    found: Spots = {}
    for part in parts:
        for leaf, at in part.items():
            if found.get(leaf, -1) < 0:
                found[leaf] = at
    return found
