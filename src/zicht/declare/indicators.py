"""Whether indicators fit what they are made of: names, expressions, and where and when their units are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from zicht.declare.contract import Register
from zicht.declare.models import Indicator
from zicht.declare.names import unknown
from zicht.declare.scheme_figures import dimension_of, indicators_of
from zicht.declare.sql import check_expression
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.project import Project, Written


def check_indicators(project: Project) -> Iterator[Problem]:
    """What is wrong with indicators, those of schemes among them.

    Args:
        project: what was read so far.

    Yields:
        One problem a mistake, with its place.
    """
    themes = {theme.id for theme in project.file.themes}
    by_rule = {made.id for scheme in project.schemes.values() for made in indicators_of(scheme)}
    for indicator in project.indicators.values():
        written = project.written["indicators", indicator.id]
        if indicator.theme not in themes:
            yield unknown(written.place("theme"), "theme", indicator.theme, themes)
        for key, id_ in (("per_indicator", indicator.per_indicator), ("size", indicator.size)):
            if id_ is not None and id_ not in project.indicators:
                yield unknown(written.place(key), "indicator", id_, project.indicators)
        if indicator.purpose is not None and indicator.purpose not in project.purposes:
            yield unknown(written.place("purpose"), "purpose", indicator.purpose, project.purposes)
        register = project.registers.get(indicator.register_)
        if register is None:
            yield unknown(written.place("register"), "register", indicator.register_, project.registers)
            continue
        yield from _check_place_and_time(indicator, register, written)
        if indicator.id not in by_rule:  # of a scheme, the parts of its rule are checked where they stand
            yield from _check_expressions(indicator, register, written)
        yield from _check_breakdowns(project, indicator, register, written)


def _check_place_and_time(indicator: Indicator, register: Register, written: Written) -> Iterator[Problem]:
    if indicator.area is None and register.area_column is None:
        yield Problem(
            written.place("register"),
            f"register `{register.id}` marks no area column.",
            "Write `area:`, or mark one with `gebied`.",
        )
    if indicator.period is None and register.period_column is None and register.period is None:
        yield Problem(
            written.place("register"),
            f"register `{register.id}` does not say a period.",
            "Write `period:`, or `periode` in the contract.",
        )


def _check_expressions(indicator: Indicator, register: Register, written: Written) -> Iterator[Problem]:
    columns = {column.name: column.logical_type for column in register.kept}
    for name in ("population", "numerator", "denominator", "value", "area", "period"):
        sql = getattr(indicator, name)
        if sql is not None:
            for mistake in check_expression(sql, columns):
                yield Problem(written.place(name), f"`{name}`: {mistake.what}", mistake.remedy)


def _check_breakdowns(
    project: Project, indicator: Indicator, register: Register, written: Written
) -> Iterator[Problem]:
    columns = {column.name: column.logical_type for column in register.kept}
    by_rule = {made.id for scheme in project.schemes.values() if (made := dimension_of(scheme)) is not None}
    for index, id_ in enumerate(indicator.by):
        if id_ in by_rule:
            continue
        dimension = project.dimensions.get(id_)
        if dimension is None:
            yield unknown(written.place("by", index), "dimension", id_, project.dimensions)
            continue
        for mistake in check_expression(dimension.sql, columns):
            yield Problem(
                written.place("by", index),
                f"dimension `{id_}` does not fit register `{register.id}`: {mistake.what}",
                mistake.remedy,
            )
