"""How sensitive columns are: every column of a register about persons says it, and SQL makes nothing less sensitive than it was."""

from __future__ import annotations

from collections.abc import Iterator

from zicht.declare import Classification, Column, Project, Register
from zicht.errors import Problem
from zicht.governance.lineage import Lineage

SENSITIVE: tuple[Classification, ...] = ("personal", "special", "criminal", "identifying")
"""Classifications of data about persons."""

_AT_LEAST: dict[Classification, tuple[Classification, ...]] = {
    "personal": SENSITIVE,
    "identifying": SENSITIVE,
    "special": ("special", "criminal"),
    "criminal": ("criminal", "special"),
}
"""For each classification of data about persons, what a column may be that is made of it."""


def classification_of(project: Project, register: str, column: str | None) -> Classification:
    """How sensitive a delivered column is, or that there is a row.

    Args:
        project: the project.
        register: id of the register.
        column: name of the column; None for rows: that somebody stands in a register tells the least that it says of everybody in it.

    Returns:
        Its classification; `public` where the contract of a register without personal data says nothing.
    """
    contract = project.registers[register]
    found = contract.column(column) if column else None
    if found is not None:
        return found.classification or ("personal" if is_about_persons(project, contract) else "public")
    kinds = {one.classification for one in contract.columns}
    order: tuple[Classification, ...] = ("personal", "special", "criminal")
    rows = next((kind for kind in order if kind in kinds), None)
    return rows or ("personal" if is_about_persons(project, contract) else "public")


def is_about_persons(project: Project, register: Register) -> bool:
    """Whether a delivered register holds data about persons, by its columns or by its source.

    Args:
        project: the project.
        register: the register.
    """
    if any(column.classification in SENSITIVE for column in register.columns):
        return True
    return register.source is not None and project.sources[register.source].personal != "none"


def check_classification(lineage: Lineage) -> Iterator[Problem]:
    """Columns that do not say how sensitive they are, and columns that SQL makes less sensitive than what they are made of.

    Args:
        lineage: of the project.

    Yields:
        A problem a column, with its place.
    """
    project = lineage.project
    for register in project.registers.values():
        if (
            register.source is None
            and not any(classification_of(project, *leaf) in SENSITIVE for leaf in lineage.rows(register.id))
            and not is_about_persons(project, register)
        ):
            continue
        if register.source is not None and not is_about_persons(project, register):
            continue
        for index, column in enumerate(register.columns):
            place = register.document.place(("schema", 0, "properties", index))
            if column.classification is None:
                yield Problem(
                    place,
                    f"column `{column.name}` of register `{register.id}`, which is about persons, does not say how sensitive it is.",
                    "Write `classification`: public, internal, personal, special, criminal or identifying.",
                )
            elif register.source is None:
                yield from _lowered(lineage, register, column, index)


def _lowered(lineage: Lineage, register: Register, column: Column, index: int) -> Iterator[Problem]:
    for (origin, name), path in lineage.column(register.id, column.name).items():
        if name is None:
            continue
        was = classification_of(lineage.project, origin, name)
        if was in SENSITIVE and column.classification not in _AT_LEAST[was]:
            way = " → ".join([*map(str, path), f"{origin}.{name}"])
            yield Problem(
                register.document.place(("schema", 0, "properties", index, "classification")),
                f"column `{column.name}` is called {column.classification} and is made of `{origin}.{name}`, which is {was}: {way}.",
                f"Write `classification: {'personal' if was == 'identifying' else was}`.",
            )
            return
