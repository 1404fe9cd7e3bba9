"""Which registers and sources a project uses, in which order they are made, and which hold personal data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from zicht.declare import Project, Register, query_tables
from zicht.engine import Progress
from zicht.errors import DeclarationError, DeliveryError, Place, Problem
from zicht.intake import Delivery, obtain

SENSITIVE = ("personal", "special", "criminal", "identifying")


def registers_in_order(project: Project) -> list[Register]:
    """The registers, each after those that its SQL reads.

    Raises:
        DeclarationError: registers that are made of each other.
    """
    reads = {id_: read_registers(project, register) for id_, register in project.registers.items()}
    done: dict[str, Register] = {}
    while len(done) < len(reads):
        ready = [id_ for id_, needs in reads.items() if id_ not in done and set(needs) <= set(done)]
        if not ready:
            stuck = sorted(set(reads) - set(done))
            raise DeclarationError(
                Problem(
                    Place(f"registers/{project.registers[id_].sql_file}"), f"register `{id_}` is made of itself, by way of others.",
                    f"Look at {', '.join(stuck)}.",
                )
                for id_ in stuck
            )  # fmt: skip
        for id_ in ready:
            done[id_] = project.registers[id_]
    return list(done.values())


def read_registers(project: Project, register: Register) -> tuple[str, ...]:
    """Ids of the registers that the SQL of a register reads; none for a delivered one."""
    sql = project.register_sql.get(register.id)
    return () if sql is None else tuple(name for name in query_tables(sql) if name in project.registers)


def is_personal(project: Project, register: Register) -> bool:
    """Whether figures over a register are made from data about persons, its own or that of registers it is made of."""
    if any(column.classification in SENSITIVE for column in register.columns):
        return True
    if register.source is not None:
        return project.sources[register.source].personal != "none"
    return any(is_personal(project, project.registers[id_]) for id_ in read_registers(project, register))


def origins(project: Project, register: Register) -> tuple[str, ...]:
    """Ids of the sources that a register goes back to, in order."""
    if register.source is not None:
        return (register.source,)
    found = {
        source: None
        for id_ in read_registers(project, register)
        for source in origins(project, project.registers[id_])
    }
    return tuple(found)


def area_sources(project: Project) -> tuple[str, ...]:
    """Ids of the sources that name the areas and draw their borders."""
    areas = project.file.areas
    ids = [level.source for level in areas.levels] + [
        level.boundaries.source for level in areas.levels if level.boundaries
    ]
    ids += [areas.regions.source] if areas.regions else []
    return tuple(dict.fromkeys(ids))


def obtain_all(project: Project, cache: Path, told: Progress | None = None) -> Mapping[str, Delivery]:
    """Have every delivery that the project uses at hand.

    Args:
        project: the project.
        cache: folder where fetched tables and digests are kept.
        told: told how many of how many are there.

    Returns:
        The delivery of each used source, by id.

    Raises:
        DeliveryError: every delivery that is not there or cannot be fetched.
    """
    history = project.file.areas.successions
    used = list(
        dict.fromkeys(
            [
                *area_sources(project),
                *([history] if history else []),
                *(s for r in project.registers.values() for s in origins(project, r)),
            ]
        )
    )
    local = project.file.local_copies
    copies = None if local is None else (project.folder / local).resolve()
    found: dict[str, Delivery] = {}
    problems: list[Problem] = []
    for index, id_ in enumerate(used):
        if told:
            told(index, len(used), id_)
        try:
            found[id_] = obtain(project.sources[id_], project.folder, copies, cache, progress=told)
        except DeliveryError as error:
            problems.extend(error.problems)
    if problems:
        raise DeliveryError(problems)
    return found
