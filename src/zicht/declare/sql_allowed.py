"""What SQL in declarations may hold: functions, types and kinds of nodes. What is on no list is refused.

Functions whose answer depends on the clock, on chance, on the order of rows or on the machine are on no list: the same project and data
must give the same figures everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from sqlglot import exp

_NUMBER = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")  # as DuckDB reads one, and no more

ALLOWED_FUNCTIONS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "abs": ("abs(number)", "the number without its sign"),
    "ceil": ("ceil(number)", "rounded up"),
    "coalesce": ("coalesce(a, b)", "the first that is not missing"),
    "concat": ("concat(text, a)", "texts one after the other; missing ones count as empty"),
    "contains": ("contains(text, 'a')", "whether a text holds another"),
    "date_diff": ("date_diff('year', day, DATE '2024-01-01')", "boundaries (of years, months, days) between two dates"),
    "date_part": ("date_part('year', day)", "one part of a date"),
    "date_sub": ("date_sub('year', day, DATE '2024-01-01')", "whole years, months or days between two dates: an age"),
    "date_trunc": ("date_trunc('month', day)", "a date brought back to the beginning of its year, quarter, month"),
    "day": ("day(day)", "day of the month"),
    "ends_with": ("ends_with(text, 'a')", "whether a text ends so"),
    "exp": ("exp(number)", "e to the power of a number"),
    "extract": ("extract(year FROM day)", "one part of a date"),
    "floor": ("floor(number)", "rounded down"),
    "greatest": ("greatest(number, 0)", "the greatest of several"),
    "if": ("if(flag, 1, 0)", "one of two values"),
    "ifnull": ("ifnull(number, 0)", "the second where the first is missing"),
    "isodow": ("isodow(day)", "day of the week, Monday 1"),
    "last_day": ("last_day(day)", "last day of the month"),
    "least": ("least(number, 0)", "the least of several"),
    "left": ("left(text, 4)", "the first characters"),
    "length": ("length(text)", "number of characters"),
    "ln": ("ln(number)", "natural logarithm"),
    "lower": ("lower(text)", "in small letters"),
    "lpad": ("lpad(text, 4, '0')", "filled up on the left, to at most 100 characters"),
    "ltrim": ("ltrim(text)", "without blanks on the left"),
    "make_date": ("make_date(2024, 1, 31)", "a date of year, month and day"),
    "mod": ("mod(whole, 7)", "remainder of a division"),
    "month": ("month(day)", "month of a date"),
    "nullif": ("nullif(number, 0)", "missing where the two are equal"),
    "pow": ("pow(number, 2)", "to the power of"),
    "power": ("power(number, 2)", "to the power of"),
    "quarter": ("quarter(day)", "quarter of a date"),
    "regexp_full_match": ("regexp_full_match(text, '[0-9]+')", "whether the whole text fits a pattern"),
    "regexp_matches": ("regexp_matches(text, '[0-9]+')", "whether part of a text fits a pattern"),
    "replace": ("replace(text, 'a', 'b')", "with one text in place of another"),
    "right": ("right(text, 4)", "the last characters"),
    "round": ("round(number, 1)", "rounded to a number of decimals"),
    "rpad": ("rpad(text, 4, ' ')", "filled up on the right, to at most 100 characters"),
    "rtrim": ("rtrim(text)", "without blanks on the right"),
    "sign": ("sign(number)", "-1, 0 or 1"),
    "split_part": ("split_part(text, '-', 1)", "one part of a text cut up at a sign"),
    "sqrt": ("sqrt(number)", "square root"),
    "starts_with": ("starts_with(text, 'a')", "whether a text begins so"),
    "strftime": ("strftime(day, '%Y-%m')", "a date written out"),
    "strptime": ("strptime('2024-01-31', '%Y-%m-%d')", "a date read from text"),
    "substr": ("substr(text, 1, 4)", "part of a text"),
    "substring": ("substring(text, 1, 4)", "part of a text"),
    "trim": ("trim(text)", "without blanks around it"),
    "upper": ("upper(text)", "in capitals"),
    "year": ("year(day)", "year of a date"),
})  # fmt: skip
"""Functions that an expression may call: an example over columns text, number, whole, day, flag, and what it gives."""

QUERY_FUNCTIONS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "arg_max": ("arg_max(text, number)", "the value in the row with the greatest number"),
    "arg_min": ("arg_min(text, number)", "the value in the row with the least number"),
    "avg": ("avg(number)", "mean"),
    "bool_and": ("bool_and(flag)", "whether it holds for all rows"),
    "bool_or": ("bool_or(flag)", "whether it holds for any row"),
    "count": ("count(number)", "number of rows where it is not missing"),
    "count_if": ("count_if(flag)", "number of rows where it holds"),
    "dense_rank": ("dense_rank() OVER (ORDER BY number)", "rank without gaps"),
    "first_value": ("first_value(number) OVER (ORDER BY number)", "value in the first row of the window"),
    "lag": ("lag(number) OVER (ORDER BY number)", "value in the row before"),
    "last_value": ("last_value(number) OVER (ORDER BY number)", "value in the last row of the window"),
    "lead": ("lead(number) OVER (ORDER BY number)", "value in the next row"),
    "max": ("max(number)", "greatest"),
    "median": ("median(number)", "median"),
    "min": ("min(number)", "least"),
    "ntile": ("ntile(4) OVER (ORDER BY number)", "which of so many equal parts a row is in"),
    "percent_rank": ("percent_rank() OVER (ORDER BY number)", "rank as a share"),
    "quantile_cont": ("quantile_cont(number, 0.9)", "percentile, between two values where need be"),
    "rank": ("rank() OVER (ORDER BY number)", "rank with gaps"),
    "row_number": ("row_number() OVER (ORDER BY number)", "number of the row in the window"),
    "stddev_samp": ("stddev_samp(number)", "standard deviation of a sample"),
    "sum": ("sum(number)", "total"),
})  # fmt: skip
"""Functions that a register's query may call besides `ALLOWED_FUNCTIONS`."""

ALLOWED_TYPES = frozenset(
    {"BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL", "TEXT", "VARCHAR", "DATE", "TIMESTAMP"}
)  # fmt: skip
"""Types that a value may be cast to."""

EXPRESSION_NODES: frozenset[type] = frozenset({
    exp.Add, exp.And, exp.Between, exp.Boolean, exp.Case, exp.Cast, exp.Column, exp.DPipe, exp.DataType, exp.DataTypeParam, exp.Div,
    exp.EQ, exp.Escape, exp.GT, exp.GTE, exp.ILike, exp.Identifier, exp.If, exp.In, exp.IntDiv, exp.Interval, exp.Is, exp.LT, exp.LTE,
    exp.Like, exp.Literal, exp.Mod, exp.Mul, exp.NEQ, exp.Neg, exp.Not, exp.Null, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Or, exp.Paren,
    exp.Sub, exp.TryCast, exp.Var,
})  # fmt: skip
"""What the tree of an expression may consist of, calls of functions apart."""

QUERY_NODES: frozenset[type] = EXPRESSION_NODES | frozenset({
    exp.Alias, exp.CTE, exp.Distinct, exp.Except, exp.Exists, exp.Filter, exp.From, exp.Group, exp.Having, exp.Intersect, exp.Join,
    exp.Limit, exp.Order, exp.Ordered, exp.Qualify, exp.Select, exp.Star, exp.Subquery, exp.Table, exp.TableAlias, exp.Tuple, exp.Union,
    exp.Values, exp.Where, exp.Window, exp.WindowSpec, exp.With,
})  # fmt: skip
"""What the tree of a query may consist of, calls of functions apart."""


def no_number(tree: exp.Expr) -> str | None:
    """What sqlglot takes for a number and DuckDB for a mistake or for two things, such as `0e.` or `0e`.

    Args:
        tree: an expression or query.

    Returns:
        The first there is, as text; None where every number is one.
    """
    literals = (one.name for one in tree.find_all(exp.Literal) if not one.is_string)
    return next((text for text in literals if not _NUMBER.fullmatch(text)), None)
