"""The indicators that a declared scheme stands for, and what can be wrong with its rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from zicht.declare.base import Text
from zicht.declare.models import Category, DimensionDeclared, Indicator
from zicht.declare.schemes import Scheme
from zicht.declare.sql import check_expression
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.project import Project

_RULE = ("population", "income", "conditions", "used")
"""The parts of a scheme that are SQL."""


def dimension_of(scheme: Scheme) -> DimensionDeclared | None:
    """The classes of income between the limits of a scheme, in order; None where it has one limit only.

    Args:
        scheme: the scheme.
    """
    if not scheme.limits:
        return None
    cases = " ".join(f"when ({scheme.income}) <= {limit} then '{limit}'" for limit in scheme.limits)
    return DimensionDeclared(
        id=_limits_id(scheme),
        title=Text(nl="Inkomen, % van het sociaal minimum", en="Income, % of the social minimum"),
        sql=f"case {cases} end",
        categories=tuple(
            Category(id=str(limit), title=_class(below, limit))
            for below, limit in zip((None, *scheme.limits), scheme.limits, strict=False)
        ),
    )


def indicators_of(scheme: Scheme) -> tuple[Indicator, ...]:
    """The indicators of a scheme: who is entitled, which of them leave it unused, and who would be at other limits.

    Args:
        scheme: the scheme.
    """
    made = [_entitled(scheme), _unused(scheme)]
    return (*made, _at_limits(scheme)) if scheme.limits else tuple(made)


def check_schemes(project: Project) -> Iterator[Problem]:
    """What is wrong with the rules of schemes; everything else is looked for in their indicators.

    Args:
        project: what was read so far.

    Yields:
        One problem a mistake, with its place.
    """
    for scheme in project.schemes.values():
        written = project.written["schemes", scheme.id]
        register = project.registers.get(scheme.register_)
        if register is None:
            continue  # said of its indicators
        columns = {column.name: column.logical_type for column in register.kept}
        for name in _RULE:
            sql = getattr(scheme, name)
            for mistake in check_expression(sql, columns) if sql is not None else ():
                yield Problem(written.place(name), f"`{name}`: {mistake.what}", mistake.remedy)


def _limits_id(scheme: Scheme) -> str:
    return f"grens_{scheme.id}"


def _class(below: int | None, limit: int) -> Text:
    if below is None:
        return Text(nl=f"tot en met {limit} %", en=f"up to {limit} %")
    return Text(nl=f"meer dan {below} tot en met {limit} %", en=f"over {below} up to {limit} %")


def _shared(scheme: Scheme) -> dict[str, object]:
    return {
        "theme": scheme.theme,
        "register": scheme.register_,
        "purpose": scheme.purpose,
        "levels": scheme.levels,
        "caution": scheme.caution,
    }


def _entitled(scheme: Scheme) -> Indicator:
    name, rule, unit = scheme.name, scheme.entitled, scheme.unit
    nl, en = name.of("nl"), name.of("en")
    return Indicator.model_validate(
        {
            **_shared(scheme),
            "id": f"recht_{scheme.id}",
            "title": _text(f"Recht op {nl}", f"Entitled to {en}"),
            "question": _text(
                f"Hoeveel {unit.of('nl')} hebben recht op {nl}?",
                f"How many {unit.of('en')} are entitled to {en}?",
            ),
            "explanation": rule,
            "unit": unit,
            "measure": "count",
            "population": scheme.entitlement,
        }
    )


def _unused(scheme: Scheme) -> Indicator:
    name, rule, unit = scheme.name, scheme.entitled, scheme.unit
    nl, en = name.of("nl"), name.of("en")
    return Indicator.model_validate(
        {
            **_shared(scheme),
            "id": f"niet_gebruik_{scheme.id}",
            "title": _text(f"Niet-gebruik van {nl}", f"Non-take-up of {en}"),
            "question": _text(
                f"Hoeveel {unit.of('nl')} met recht op {nl} maken er geen gebruik van?",
                f"How many {unit.of('en')} entitled to {en} do not use it?",
            ),
            "explanation": _text(
                f"Van de {unit.of('nl')} met recht op {nl}: welk deel maakt er geen gebruik van? {rule.of('nl')}",
                f"Of the {unit.of('en')} entitled to {en}, the share that does not use it. {rule.of('en')}",
            ),
            "unit": _text(f"% van de {unit.of('nl')} met recht", f"% of entitled {unit.of('en')}"),
            "measure": "share",
            "population": scheme.entitlement,
            "numerator": f"not ({scheme.used})",
            "by": scheme.by,
            "decimals": 1,
            "better": "lower",
        }
    )


def _at_limits(scheme: Scheme) -> Indicator:
    name, unit = scheme.name, scheme.unit
    nl, en, most = name.of("nl"), name.of("en"), scheme.limits[-1]
    return Indicator.model_validate(
        {
            **_shared(scheme),
            "id": _limits_id(scheme),
            "title": _text(f"Inkomensgrens van {nl}", f"Income limit of {en}"),
            "question": _text(
                f"Voor hoeveel {unit.of('nl')} zou {nl} er zijn bij een andere inkomensgrens?",
                f"For how many {unit.of('en')} would {en} be there with another income limit?",
            ),
            "explanation": _text(
                f"Het aantal {unit.of('nl')} dat aan alle andere regels van {nl} voldoet en een inkomen heeft tot {most} % van het"
                f" sociaal minimum, naar inkomen. Nu is de grens {scheme.limit} %.",
                f"The {unit.of('en')} that meet all other rules of {en} and have an income up to {most} % of the social minimum,"
                f" by income. The limit is {scheme.limit} % now.",
            ),
            "unit": unit,
            "measure": "count",
            "population": scheme.within(most),
            "by": (_limits_id(scheme),),
        }
    )


def _text(nl: str, en: str) -> Text:
    return Text(nl=nl, en=en)
