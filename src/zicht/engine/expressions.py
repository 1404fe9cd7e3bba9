"""What expressions say of the rows that stream by, each computed over as few values as can be.

Much of what is asked of a row is about one column of few values: an age, a sex, the code of a buurt. Such an expression is computed once for
each value that the column has, and rows refer to the answers (dictionary encoding; Abadi, D., Madden, S. and Ferreira, M., 2006, Integrating
compression and execution in column-oriented database systems, SIGMOD). A text that is asked for as it is, is not computed at all. What is
left the engine computes row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp, parse_one

TEXT, SMALL, FLOAT = "VARCHAR", "UTINYINT", "DOUBLE"
"""What an expression gives: a text, a small whole number (a condition gives 0 or 1), or a number."""

FEW = 1 / 8
"""A column with fewer values than this share of its first rows has few: computing over them saves more than knowing them again costs."""

KEPT = 1 << 16
"""As many values of a column are kept with their answers; beyond it they are forgotten, and asked after again when they come by."""

Ask = Callable[[str, pa.RecordBatch], pa.Table]
"""The engine: for the expressions of a SELECT and some rows, the answers for each row, in the order of the rows."""


@dataclass(frozen=True)
class Expression:
    """What is asked of each row.

    Attributes:
        sql: in the engine's dialect, over the columns of one row.
        type: what it gives: `TEXT`, `SMALL` or `FLOAT`.
    """

    sql: str
    type: str

    def select(self, name: str) -> str:
        """As a part of a SELECT."""
        return f"CAST({self.sql} AS {self.type}) AS {name}"


class Expressions:
    """Named expressions over the rows of one table, which stream by in two streams side by side.

    Attributes:
        computed: what the engine computes for each row, as the parts of a SELECT.
        read: columns that are read as they are: texts, best as dictionaries.
    """

    def __init__(
        self, wanted: Mapping[str, Expression], schema: pa.Schema, first: Callable[[Sequence[str]], pa.RecordBatch]
    ) -> None:  # fmt: skip
        """Settle how each is to be computed.

        Args:
            wanted: the expressions, by name.
            schema: that of the table.
            first: gives some columns of its first rows.
        """
        trees = {name: parse_one(one.sql, dialect="duckdb") for name, one in wanted.items()}
        named = _by_name(schema)
        about = {name: column for name, tree in trees.items() if (column := _only_column(tree, named))}
        self._as_is = {
            name: column
            for name, column in about.items()
            if wanted[name].type == TEXT and _is_text(schema, column) and _is_column(trees[name])
        }
        asked = {
            name: column
            for name, column in about.items()
            if name not in self._as_is and wanted[name].type != FLOAT and _countable(schema, column)
        }
        few = sorted(_few(first(sorted(set(asked.values()))))) if asked else []
        self._of_values = {
            column: _Values(column, {name: wanted[name] for name, own in asked.items() if own == column})
            for column in few
        }
        answered = {*self._as_is, *(name for name, column in asked.items() if column in few)}
        self._by_row = [name for name in wanted if name not in answered]
        self._numbers = {column: f"_{at}" for at, column in enumerate(few) if not _is_text(schema, column)}
        self.read = sorted({*self._as_is.values(), *few} - set(self._numbers))
        self.computed = [wanted[name].select(name) for name in self._by_row]
        self.computed += [
            f"{exp.to_identifier(column, quoted=True).sql('duckdb')} AS {name}"
            for column, name in self._numbers.items()
        ]
        if not self.read and not self.computed:
            self.computed = ["NULL"]  # there is nothing to know but how many rows there are

    def of(self, computed: pa.RecordBatch, read: pa.RecordBatch, ask: Ask) -> dict[str, pa.Array]:
        """The answers for the same rows of both streams, by the name of each expression; some as dictionaries.

        Args:
            computed: what was to be.
            read: what was to be.
            ask: computes expressions over some values.
        """
        found = {name: computed.column(name) for name in self._by_row}
        found |= {name: read.column(column) for name, column in self._as_is.items()}
        for column, values in self._of_values.items():
            rows = computed.column(self._numbers[column]) if column in self._numbers else read.column(column)
            found |= values.of(encoded(rows), ask)
        return found


class _Values:
    """The values of a column that came by, and what some expressions say of each."""

    def __init__(self, column: str, wanted: Mapping[str, Expression]) -> None:
        self._column, self._wanted = column, wanted
        self._known: pa.Array | None = None
        self._answers: dict[str, pa.Array] = {}

    def of(self, rows: pa.DictionaryArray, ask: Ask) -> dict[str, pa.Array]:
        """What the expressions say of some rows; values that did not come by yet are asked after."""
        values = rows.dictionary
        if self._known is None or len(self._known) > KEPT:
            self._known, self._answers = values.slice(0, 0), {}
        found = pc.index_in(values, self._known)
        if found.null_count:
            self._add(values.filter(found.is_null()), ask)
            found = pc.index_in(values, self._known)
        return {name: _referring(rows.indices, own.take(found)) for name, own in self._answers.items()}

    def _add(self, new: pa.Array, ask: Ask) -> None:
        answers = ask(
            ", ".join(one.select(name) for name, one in self._wanted.items()),
            pa.record_batch({self._column: new}),
        )
        self._known = pa.concat_arrays([self._known, new])
        for name in self._wanted:
            known = [self._answers[name]] if name in self._answers else []
            self._answers[name] = pa.concat_arrays([*known, *answers.column(name).chunks])


def _referring(indices: pa.Array, values: pa.Array) -> pa.DictionaryArray:
    """Rows that refer to values; that they do was seen to where the indices were made."""
    return pa.DictionaryArray.from_arrays(indices, values, safe=False)


def encoded(column: pa.Array) -> pa.DictionaryArray:
    """A column as references to its values, among which nothing is one of its own.

    Args:
        column: any; one that refers to values already keeps them.
    """
    if not isinstance(column, pa.DictionaryArray):
        return column.dictionary_encode(null_encoding="encode")
    if not column.indices.null_count:
        return column
    values = pa.concat_arrays([column.dictionary, pa.nulls(1, column.dictionary.type)])
    return _referring(column.indices.fill_null(len(column.dictionary)), values)


def abreast(streams: Sequence[Iterator[pa.RecordBatch]]) -> Iterator[list[pa.RecordBatch]]:
    """Batches of several streams over the same rows in the same order, cut so that they hold the same rows.

    Args:
        streams: one or more.

    Raises:
        ValueError: one ends before another.
    """
    filled = [filter(len, stream) for stream in streams]
    end = pa.record_batch([], names=[])
    batches = [next(stream, end) for stream in filled]
    while all(batches):
        rows = min(map(len, batches))
        yield [batch.slice(0, rows) for batch in batches]
        batches = [
            next(stream, end) if len(batch) == rows else batch.slice(rows)
            for stream, batch in zip(filled, batches, strict=True)
        ]
    if any(batches):
        raise ValueError("One stream ends before another.")


def _by_name(schema: pa.Schema) -> dict[str, str]:
    """Columns by their name in lower case, as SQL knows them; without those that share one."""
    lowered = [name.lower() for name in schema.names]
    return {low: name for low, name in zip(lowered, schema.names, strict=True) if lowered.count(low) == 1}


def _only_column(tree: exp.Expr, named: Mapping[str, str]) -> str | None:
    """The column that an expression is about, if it is about one and no other."""
    columns = list(tree.find_all(exp.Column))
    found = {column.name.lower() for column in columns}
    return named.get(found.pop()) if len(found) == 1 and not any(column.table for column in columns) else None


def _is_column(tree: exp.Expr) -> bool:
    """Whether an expression is a column and nothing more."""
    return isinstance(tree.unnest(), exp.Column)


def _few(first: pa.RecordBatch) -> set[str]:
    """Which columns have few values, going by their first rows."""
    columns = zip(first.schema.names, first.columns, strict=True)
    return {name for name, column in columns if len(encoded(column).dictionary) <= max(FEW * len(column), 2)}


def _is_text(schema: pa.Schema, column: str) -> bool:
    return bool(pa.types.is_string(schema.field(column).type))


def _countable(schema: pa.Schema, column: str) -> bool:
    """Whether the values of a column can be told apart quickly, and with no doubt about which are the same."""
    kind = schema.field(column).type
    return _is_text(schema, column) or bool(pa.types.is_integer(kind) or pa.types.is_date(kind))
