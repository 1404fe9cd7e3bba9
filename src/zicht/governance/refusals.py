"""What is refused and not warned about: origin as a criterion, stand-ins for it, scores about persons, free text, predicted offending.

AI Act art. 5(1)(d) forbids predicting a person's offending by profiling; AVG art. 9 and 22 and the Constitution art. 1 are behind the rest. A column is followed back
to its delivery, so another name, a view, a CTE or a register in between hides nothing. Statistics about areas that somebody else published are not about a person, and pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from sqlglot import exp

from zicht.declare import Column, Indicator, Project, Register, columns_used, parse_expression
from zicht.errors import Place, Problem
from zicht.governance.classified import classification_of, is_about_persons
from zicht.governance.lineage import Lineage, Use
from zicht.governance.scorecards import is_scorecard, points_in
from zicht.governance.words import (
    FREE_TEXT,
    ORIGIN,
    ORIGIN_TERMS,
    ORIGIN_VALUES,
    PROXIES,
    PROXY_TERMS,
    SCORE,
    SUSPECT_PROXIES,
    SUSPECT_PROXY_TERMS,
    spoken,
    words_of,
)

_LOOKS_INTO_TEXT = (exp.Like, exp.ILike, exp.RegexpLike, exp.RegexpFullMatch, exp.Contains, exp.SimilarTo)
_PROFILING = frozenset({"dpv:Profiling", "dpv:Assess", "dpv:Infer", "dpv:Screen"})
_FRAUD = frozenset(
    {"dpv:FraudPreventionAndDetection", "dpv:MisusePreventionAndDetection", "dpv:MaintainFraudDatabase"}
)


def check_refusals(lineage: Lineage) -> Iterator[Problem]:
    """Everything in a project that is refused whatever its purpose.

    Args:
        lineage: of the project.

    Yields:
        A problem each, with its place and the chain that leads to the column.
    """
    project = lineage.project
    yield from _purposes(project)
    for register in project.registers.values():
        if register.id in project.register_sql and _is_made_of_persons(lineage, register):
            yield from _scores_made(lineage, register)
            yield from _texts_read(lineage, register)
    for indicator in project.indicators.values():
        uses = [
            use
            for use in lineage.indicator(indicator)
            if _is_of_persons(project, project.registers[use.register])
        ]
        if uses:
            yield from _of_columns(project, indicator, uses)
            yield from _of_expressions(project, indicator)


def _is_of_persons(project: Project, register: Register) -> bool:
    return register.unit in ("person", "household") or is_about_persons(project, register)


def _is_made_of_persons(lineage: Lineage, register: Register) -> bool:
    origins = {origin for origin, _ in lineage.rows(register.id)}
    return register.unit in ("person", "household") or any(
        _is_of_persons(lineage.project, lineage.project.registers[origin]) for origin in origins
    )


def _purposes(project: Project) -> Iterator[Problem]:
    for purpose in project.purposes.values():
        found = sorted(_PROFILING & set(purpose.processing))
        if found and (purpose.criminal or _FRAUD & set(purpose.purpose)):
            yield Problem(
                project.written["purposes", purpose.id].place("processing"),
                f"purpose `{purpose.id}` profiles persons (`{found[0]}`) about offences or fraud.",
                "Predicting who offends is forbidden (AI Act art. 5); count what happened in areas instead.",
            )


def _of_columns(project: Project, indicator: Indicator, uses: list[Use]) -> Iterator[Problem]:
    criminal = any(classification_of(project, use.register, use.column) == "criminal" for use in uses)
    suspects = is_about_suspects(project, indicator, uses)
    told: set[tuple[str, str]] = set()
    for use in uses:
        register = project.registers[use.register]
        column = register.column(use.column) if use.column else None
        if column is None or (register.id, column.name) in told:
            continue
        reason = why_refused(register, column, suspects=suspects)
        if reason is not None:
            told.add((register.id, column.name))
            what, remedy = reason
            yield Problem(use.path[0].place, f"{what} The way to it: {use.chain()}.", remedy)
    if criminal and (word := spoken(words_of(indicator.id, indicator.title.nl, indicator.title.en), SCORE)):
        yield Problem(
            project.written["indicators", indicator.id].place("title"),
            f"indicator `{indicator.id}` tells of expected offences (`{word}`) and is made of data on offences.",
            "Predicting who offends is forbidden (AI Act art. 5); count what happened.",
        )


def is_about_suspects(project: Project, indicator: Indicator, uses: Iterable[Use]) -> bool:
    """Whether an indicator looks at offences or fraud, by its columns or by its purpose.

    Args:
        project: the project.
        indicator: the indicator.
        uses: all that it uses of deliveries.
    """
    purpose = project.purposes.get(indicator.purpose or "")
    criminal = any(classification_of(project, use.register, use.column) == "criminal" for use in uses)
    return criminal or (purpose is not None and bool(_FRAUD & set(purpose.purpose)))


def why_refused(register: Register, column: Column, *, suspects: bool) -> tuple[str, str] | None:
    """Why a column about persons may not be used at all.

    Args:
        register: the delivered register.
        column: its column.
        suspects: whether it would be used where offences or fraud are looked at.

    Returns:
        What is wrong, and what would be right; None where it may be used.
    """
    name = f"`{register.id}.{column.name}`"
    words = words_of(column.name, column.physical_name, column.description)
    origin = _named(column, words, ORIGIN, ORIGIN_TERMS) or spoken(
        words_of(*(column.allowed or ())), ORIGIN_VALUES
    )
    if origin:
        return (
            f"{name} is about race, ethnicity, nationality or origin (`{origin}`), which is never a criterion or condition.",
            "Leave it out.",
        )
    if text := column.logical_type == "string" and not column.allowed and spoken(words, FREE_TEXT):
        return (
            f"{name} is free text (`{text}`), and what somebody wrote about somebody is no input.",
            "Leave it out.",
        )
    if register.unit in ("person", "household") and (score := spoken(words, SCORE)):
        return (
            f"{name} is a score about a person (`{score}`).",
            "Leave it out; only count what happened or is.",
        )
    return _stands_in(name, column, words, suspects=suspects)


def _stands_in(
    name: str, column: Column, words: tuple[str, ...], *, suspects: bool
) -> tuple[str, str] | None:
    found = _named(column, words, PROXIES, PROXY_TERMS)
    if not found and suspects:
        found = _named(column, words, SUSPECT_PROXIES, SUSPECT_PROXY_TERMS)
    if not found and column.proxy is None:
        return None
    if column.proxy is None:
        return (
            f"{name} may stand in for origin (`{found}`), and nobody says how strongly.",
            "Leave it out, or have the association measured and declare `proxy` in the contract.",
        )
    if column.proxy.association > column.proxy.bound:
        return (
            f"{name} stands in for {column.proxy.ground}: its association is {column.proxy.association:g}, and {column.proxy.bound:g} is the bound.",
            "Leave it out.",
        )
    return None


def _named(
    column: Column, words: tuple[str, ...], rules: tuple[tuple[str, ...], ...], terms: frozenset[str]
) -> str | None:
    return column.category if column.category in terms else spoken(words, rules)


def _of_expressions(project: Project, indicator: Indicator) -> Iterator[Problem]:
    """Values of origin in what an indicator asks, texts it looks into, scores it adds up, and persons as an area or category."""
    register = project.registers[indicator.register_]
    for key, sql, place in _expressions(project, indicator):
        tree = parse_expression(sql)
        value = spoken(words_of(*_texts(tree)), ORIGIN_VALUES)
        if value:
            yield Problem(
                place,
                f"`{key}` asks for a value of origin (`{value}`), which is never a criterion or condition.",
                "Leave it out.",
            )
        yield from _looked_into(
            tree, {column.name.lower(): column for column in register.columns}, place, f"`{key}`"
        )
        if key in ("value", "numerator") and is_scorecard(tree, frozenset()):
            yield Problem(
                place,
                f"`{key}` adds up points for each person: a score.",
                "Count what happened or is; give no points.",
            )
        if key in ("area", "period") or key.startswith("breakdown"):
            for name in columns_used(sql):
                column = register.column(name)
                if column is not None and column.classification == "identifying":
                    yield Problem(
                        place,
                        f"`{key}` is `{column.name}`, so there would be a figure for each person.",
                        "A figure is about an area or a group.",
                    )


def _expressions(project: Project, indicator: Indicator) -> Iterator[tuple[str, str, Place]]:
    written = project.written["indicators", indicator.id]
    for key in ("population", "numerator", "denominator", "value", "area", "period"):
        sql = getattr(indicator, key)
        if sql is not None:
            yield key, sql, written.place(key)
    for id_ in indicator.by:
        yield f"breakdown {id_}", project.dimensions[id_].sql, project.written["dimensions", id_].place("sql")


def _texts(tree: exp.Expr) -> Iterator[str]:
    return (node.name for node in tree.find_all(exp.Literal) if node.is_string)


def _looked_into(tree: exp.Expr, columns: Mapping[str, Column], place: Place, what: str) -> Iterator[Problem]:
    for node in tree.find_all(*_LOOKS_INTO_TEXT):
        for part in node.find_all(exp.Column):
            column = columns.get(part.name.lower())
            plain = (
                column is not None
                and column.logical_type == "string"
                and not column.allowed
                and not column.pattern
            )
            if column is not None and plain and not column.area_level:
                yield Problem(
                    place,
                    f"{what} looks for words in `{column.name}`, of which the contract says neither values nor pattern: free text is no input.",
                    "Leave it out, or declare the values that the column may have.",
                )


def _scores_made(lineage: Lineage, register: Register) -> Iterator[Problem]:
    """Scores about persons that SQL makes: by what they are called, and by how they are made."""
    if register.unit == "area":
        return
    criminal = _has_criminal(lineage, register)
    forbidden = " Predicting who offends is forbidden (AI Act art. 5)." if criminal else ""
    for index, column in enumerate(register.columns):
        word = spoken(words_of(column.name, column.description), SCORE)
        if word and register.unit in ("person", "household"):
            yield Problem(
                register.document.place(("schema", 0, "properties", index)),
                f"register `{register.id}` makes `{column.name}`, a score about a person (`{word}`).",
                f"Only count what happened or is.{forbidden}",
            )
    tree = lineage.tree(register.id)
    points = points_in(tree)
    place = Place(f"registers/{register.sql_file}")
    for select in tree.find_all(exp.Select):
        for part in select.expressions:
            if is_scorecard(part.unalias(), points):
                yield Problem(
                    place,
                    f"`{part.alias_or_name}` adds up points for each row: a score about a person.",
                    f"Count what happened or is; give no points.{forbidden}",
                )


def _has_criminal(lineage: Lineage, register: Register) -> bool:
    trails = chain(
        lineage.rows(register.id), *(lineage.column(register.id, one.name) for one in register.columns)
    )
    return any(classification_of(lineage.project, *leaf) == "criminal" for leaf in trails)


def _texts_read(lineage: Lineage, register: Register) -> Iterator[Problem]:
    project, tree = lineage.project, lineage.tree(register.id)
    read = {table.name.lower() for table in tree.find_all(exp.Table)}
    sources = [
        one for one in project.registers.values() if one.id.lower() in read and _is_of_persons(project, one)
    ]
    columns = {column.name.lower(): column for one in sources for column in one.columns}
    place = Place(f"registers/{register.sql_file}")
    yield from _looked_into(tree, columns, place, "the query")
    if sources and (value := spoken(words_of(*_texts(tree)), ORIGIN_VALUES)):
        yield Problem(
            place,
            f"asks for a value of origin (`{value}`), which is never a criterion or condition.",
            "Leave it out.",
        )
