"""Scorecards, by their form: points for traits, added up.

`case when a then 10 else 0 end + case when b then 25 else 0 end` is a score whatever it is called. How many of some things hold (points of one each) is a count
and no score.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlglot import exp

_TERMS = 2  # [D] from so many weighted terms on a sum is a scorecard


def points_in(query: exp.Expr) -> frozenset[str]:
    """Names under which a query gives points, so that a sum of them further on is seen.

    Args:
        query: the query.
    """
    return frozenset(
        part.alias.lower()
        for select in query.find_all(exp.Select)
        for part in select.expressions
        if isinstance(part, exp.Alias) and _gives_points(part.this, frozenset())
    )


def is_scorecard(tree: exp.Expr, points: Collection[str]) -> bool:
    """Whether an expression adds up points.

    Args:
        tree: the expression.
        points: names of columns that hold points (`points_in`).
    """
    for node in tree.find_all(exp.Add, exp.Sub):
        if isinstance(node.parent, exp.Add | exp.Sub):
            continue
        if sum(_gives_points(term, points) for term in _terms(node)) >= _TERMS:
            return True
    return any(
        len(_weights(total.this)) >= _TERMS
        for total in tree.find_all(exp.Sum)
        if isinstance(total.this, exp.Case)
    )


def _terms(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Add | exp.Sub):
        yield from _terms(node.this)
        yield from _terms(node.expression)
    elif isinstance(node, exp.Paren):
        yield from _terms(node.this)
    else:
        yield node


def _gives_points(term: exp.Expr, points: Collection[str]) -> bool:
    while isinstance(term, exp.Paren | exp.Coalesce | exp.Cast):
        term = term.this
    if isinstance(term, exp.Column):
        return term.name.lower() in points
    if isinstance(term, exp.Mul):
        sides = (term.this, term.expression)
        weighted = any(isinstance(side, exp.Literal) and _is_weight(side) for side in sides)
        traits = any(
            side.find(exp.Case, exp.If, exp.Cast, exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE) for side in sides
        )
        return weighted and traits
    return isinstance(term, exp.Case | exp.If) and bool(_weights(term))


def _weights(case: exp.Expr) -> set[str]:
    """The numbers other than 0 and 1 that a CASE or IF gives."""
    branches = [branch.args.get("true") for branch in (case.args.get("ifs") or [case])]
    branches += [case.args.get("default"), case.args.get("false")]
    return {branch.name for branch in branches if isinstance(branch, exp.Literal) and _is_weight(branch)}


def _is_weight(literal: exp.Literal) -> bool:
    return not literal.is_string and literal.name not in ("0", "1")
