"""Which areas are told to have changed, for the site: what people declared, and which gemeenten came together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from zicht.areas import Areas, Successions
from zicht.declare import Project
from zicht.errors import DeclarationError, Problem
from zicht.intake import Delivery

_BACK = 10
"""Years before the division in which a gemeente that came together with another is told of."""


def public_changes(project: Project, areas: Areas, deliveries: Mapping[str, Delivery]) -> dict[str, object]:
    """What the release tells of areas that changed.

    Args:
        project: the project.
        areas: its division.
        deliveries: by source id; among them that with the successions of gemeenten, where the project declares one.

    Returns:
        `declared`: by code the changes that people declared, each with `year` and `text`; `joined`: by code of a gemeente what came into it whole or in
        part, each with `year` (of the first division in which it was so) and `names`.

    Raises:
        DeclarationError: a change of an area that the division does not have.
    """
    known = set(areas.table["code"].to_pylist())
    written = project.written["project", project.file.id]
    problems = [
        Problem(
            written.place("areas", "changes", at, "areas"),
            f"area `{code}` is not in the division of {areas.division}.",
            "Name areas by the code that they have now.",
        )
        for at, change in enumerate(project.file.areas.changes)
        for code in change.areas
        if code not in known
    ]
    if problems:
        raise DeclarationError(problems)
    declared: dict[str, list[dict[str, object]]] = {}
    for change in sorted(project.file.areas.changes, key=lambda one: one.year):
        text = {"nl": change.text.nl, "en": change.text.of("en")}
        for code in change.areas:
            declared.setdefault(code, []).append({"year": change.year, "text": text})
    history = project.file.areas.successions
    return {
        "declared": declared,
        "joined": _joined(areas, known, deliveries[history].path) if history else {},
    }


def _joined(areas: Areas, known: set[str], file: Path) -> Mapping[str, object]:
    found: dict[str, dict[int, list[str]]] = {}
    for life in Successions.read(file).gemeenten.values():
        if life.end is None or not areas.division - _BACK <= life.end.year <= areas.division:
            continue
        # What happens in the course of a year shows in the division of the next.
        year = life.end.year if (life.end.month, life.end.day) == (1, 1) else life.end.year + 1
        for code in life.successors:
            if code in known and code != life.code and year <= areas.division:
                found.setdefault(code, {}).setdefault(year, []).append(life.name or life.code)
    return {
        code: [{"year": year, "names": sorted(names)} for year, names in sorted(years.items())]
        for code, years in sorted(found.items())
    }
