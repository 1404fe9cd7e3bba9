"""Lists that the code holds: protection profiles, statuses, SQL functions, errors."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from generators.described import meanings
from generators.writing import anchor, code, page, plain, table
from zicht import errors
from zicht.declare import sql
from zicht.disclosure import PROFILES, Profile
from zicht.figures import FIGURES, STATUSES

PERCENT = {"max_group_share", "max_largest_share", "max_unknown_share", "request_share", "sum_margin"}
PERCENTAGES = {"p_percent", "q_percent"}
NONE_AT_NOUGHT = {"request_min_units", "rounding_base"}  # besides the rules called min_…


def profile_fields() -> list[str]:
    """Names of the rules that a profile can hold."""
    return [field.name for field in dataclasses.fields(Profile) if field.name not in ("id", "description")]


def error_kinds() -> list[type[errors.ZichtError]]:
    """Every kind of error that a user can cause, with its parents before it."""

    def below(kind: type[errors.ZichtError]) -> Iterator[type[errors.ZichtError]]:
        yield kind
        for child in kind.__subclasses__():
            if child.__module__ == errors.__name__:
                yield from below(child)

    return list(below(errors.ZichtError))


def _rule(profile: Profile, name: str) -> str:
    value = getattr(profile, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or (value == 0 and (name.startswith("min_") or name in NONE_AT_NOUGHT)):
        return "–"
    if name == "q_percent" and profile.p_percent is None:
        return "–"
    if name == "attackers":
        return ", ".join(value)
    if isinstance(value, tuple):
        return f"{value[0]} largest: {100 * value[1]:g} %"
    if name in PERCENT:
        return f"{100 * value:g} %"
    return f"{value:g} %" if name in PERCENTAGES else f"{value:g}"


def _profiles() -> str:
    fields = profile_fields()
    return page(
        "Protection profiles",
        "A protection profile is a named set of rules that says which figures are hidden (primary suppression). Whatever the profile, figures from which "
        "a hidden one could be computed are hidden too (secondary suppression). An indicator names its profile under `protection`; a register with "
        "personal data has `microdata` otherwise, and cannot be `open`. [S] marks a rule from a published source, [D] one of our own design, [R] one "
        "that is known from practice and whose source we did not read again.",
        table(("profile", "what it is for"), [(code(p.id), plain(p.description)) for p in PROFILES.values()]),
        "## Rules",
        table(("rule", "meaning"), [(code(name), plain(meanings("profile_rule")[name])) for name in fields]),
        "## Which rule in which profile",
        table(
            ("rule", *(code(id_) for id_ in PROFILES)),
            [(code(name), *(_rule(profile, name) for profile in PROFILES.values())) for name in fields],
        ),
    )


def _figures() -> str:
    return page(
        "Figures and statuses",
        "A figure is one row: indicator × area × period × breakdown. Every room from `figures` on reads and writes these columns.",
        table(
            ("column", "type", "meaning"),
            [(code(f.name), code(f.type), plain(meanings("figure_column")[f.name])) for f in FIGURES],
        ),
        "Columns of breakdowns come after `period`, one a dimension, with `TOTAL` for all categories together.",
        f"{anchor('statuses')}\n## Statuses",
        table(("status", "meaning"), [(code(s), plain(meanings("status")[s])) for s in STATUSES]),
        "The public sees one word for `primary` and `secondary`: verborgen. Which of the two it is would help who wants to compute what is hidden.",
    )


def _sql() -> str:
    def listed(functions: dict[str, tuple[str, str]]) -> str:
        rows = [(code(name), code(example), plain(text)) for name, (example, text) in functions.items()]
        return table(("function", "example", "what it gives"), rows)

    return page(
        "SQL in declarations",
        "Expressions and queries are DuckDB SQL, parsed and held against these lists. What is on no list is refused. Functions whose answer depends on "
        "the clock, on chance, on the order of rows or on the machine are on no list, so that the same project and data give the same figures.",
        f"An expression has at most {sql.MAX_EXPRESSION:,} characters, a query {sql.MAX_QUERY:,}; brackets nest at most {sql.MAX_DEPTH} deep. "
        "`case`, `in`, `between`, `like`, `is null`, `and`, `or`, `not` and arithmetic are allowed. Types in `cast`: "
        + ", ".join(code(name) for name in sorted(sql.ALLOWED_TYPES)) + ".",
        "## Functions in expressions",
        listed(dict(sql.ALLOWED_FUNCTIONS)),
        "## Functions in queries",
        "The query that makes a register may call these besides.",
        listed(dict(sql.QUERY_FUNCTIONS)),
    )  # fmt: skip


def _errors() -> str:
    rows = [(code(kind.__name__), plain(kind.__doc__ or "")) for kind in error_kinds()]
    return page(
        "Errors",
        "Every mistake that a user can make and mend is a `ZichtError`. The command shows it without a traceback and ends with exit code 1. With "
        "`--json` the mistakes are listed with `file`, `line`, `column`, `what` and `remedy`.",
        table(("error", "meaning"), rows),
        "A mistake reads `file:line:column: what is wrong. What would be right.`",
    )


def pages() -> Iterator[tuple[str, str]]:
    """The pages: name and text."""
    yield "profiles.md", _profiles()
    yield "figures.md", _figures()
    yield "sql.md", _sql()
    yield "errors.md", _errors()
