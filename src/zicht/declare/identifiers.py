"""What becomes of columns that identify: which become pseudonyms, in which domain, and which fall away.

An identifying column stays as a pseudonym, made at the door with the key of its domain; where its contract says `pseudonimiseren: false` it is checked
and then falls away. The domain is that of its source. Between domains nothing can be joined, for the same person has another
pseudonym in each; a query that tries to would find nobody, and is refused instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sqlglot import exp

from zicht.declare.comparisons import LITERAL, compared
from zicht.declare.sql import parse_query, query_tables
from zicht.errors import Place, Problem, ZichtError

if TYPE_CHECKING:
    from zicht.declare.contract import Column, Register
    from zicht.declare.project import Project

_OF_PERSONS = ("person", "household")


def pseudonym_domains(project: Project, register: Register) -> tuple[str, ...]:
    """The domains of the pseudonyms in a register.

    Args:
        project: the project.
        register: one of its registers.

    Returns:
        In order; one of a delivered register with identifiers, and none where there are no pseudonyms in it.
    """
    if not any(column.is_pseudonym for column in register.columns):
        return ()
    if register.source is not None:
        source = project.sources.get(register.source)
        return (source.pseudonym_domain or source.id,) if source else ()
    return tuple(sorted({domain for found in _used_domains(project, register).values() for domain in found}))


def check_identifiers(project: Project) -> Iterator[Problem]:
    """Every mistake in what becomes of identifiers.

    Args:
        project: all that is declared.

    Yields:
        Queries that join domains or hold pseudonyms against values that are none, and purposes that use another domain than theirs.
    """
    for register in project.registers.values():
        yield from _joined_domains(project, register)
        yield from _held_against_values(project, register)
    for purpose in project.purposes.values():
        for index, id_ in enumerate(purpose.registers):
            register_ = project.registers.get(id_)
            domains = pseudonym_domains(project, register_) if register_ else ()
            wanted = purpose.pseudonym_domain
            if wanted is not None and set(domains) - {wanted}:
                yield Problem(
                    project.written["purposes", purpose.id].place("registers", index),
                    f"purpose `{purpose.id}` uses pseudonyms of the domain `{wanted}` only, and register `{id_}` has those of `{', '.join(domains)}`.",
                    "Have the register taken in for this domain too, under another id, or leave it out.",
                )


def column_mistakes(register: Register, column: Column) -> Iterator[tuple[str, str]]:
    """What is wrong with how a column of a contract identifies, or does not.

    Args:
        register: the contract.
        column: one of its columns.

    Yields:
        What is wrong with it, and what would be right: it cannot be a pseudonym, or cannot fall away, or cannot be harmless.
    """
    if column.pseudonym is False and column.classification != "identifying":
        yield (
            "does not identify, so `pseudonimiseren: false` means nothing.",
            "Leave that out, or leave the column out of the contract.",
        )
    if column.is_dropped and (column.key or column.unique):
        yield (
            "tells rows apart and cannot fall away.",
            "Leave `pseudonimiseren: false` out: it stays as a pseudonym.",
        )
    if column.is_dropped and register.source is None:
        yield (
            "cannot fall away from a register made by SQL.",
            "Leave it out of the contract and of the query.",
        )
    if column.is_pseudonym and column.logical_type != "string":
        yield (
            f"identifies and is {column.logical_type}; pseudonyms are texts.",
            "Write `logicalType: string`.",
        )
    if column.is_pseudonym and (column.area_level or column.located or column.period):
        yield (
            "becomes a pseudonym, and no pseudonym says an area or a period.",
            "Leave `gebied`, `ligging` and `periode` out, or classify it otherwise.",
        )
    if column.harmless is not None and (
        register.unit in _OF_PERSONS or column.classification == "identifying"
    ):
        yield (
            "says `nietIdentificerend`, and its values are those of persons.",
            "That is for registers of firms, objects and areas only: classify it `identifying`.",
        )


def _joined_domains(project: Project, register: Register) -> Iterator[Problem]:
    used = _used_domains(project, register)
    domains = sorted({domain for found in used.values() for domain in found})
    if len(domains) > 1:
        which = ", ".join(f"`{id_}` ({' and '.join(found)})" for id_, found in used.items())
        yield Problem(
            Place(f"registers/{register.sql_file}"),
            f"register `{register.id}` uses pseudonyms of the domains {', '.join(domains)}: {which}. The same person has another pseudonym in each.",
            "Give the sources one `pseudonym_domain`, where one purpose may use them together, or use the identifiers of one domain only.",
        )


def _held_against_values(project: Project, register: Register) -> Iterator[Problem]:
    """Comparisons of a pseudonym with what is none: they find nobody, and nothing would say so."""
    found = _query(project, register)
    if found is None:
        return
    tree, read = found
    pseudonyms = {
        (one.id, column.name.lower()) for one in read for column in one.columns if column.is_pseudonym
    }
    wrong = dict.fromkeys(
        (left, right)
        for one, other in compared(tree, {one.id: [column.name for column in one.kept] for one in read})
        for left, right in ((one, other), (other, one))
        if left is not None and (left[0], left[1].lower()) in pseudonyms
        and right is not None and (right[0], right[1].lower()) not in pseudonyms
    )  # fmt: skip
    for left, right in wrong:
        what = "a value that is none" if right == LITERAL else f"`{right[0]}.{right[1]}`, which holds none"
        yield Problem(
            Place(f"registers/{register.sql_file}"),
            f"register `{register.id}` holds the pseudonyms of `{left[0]}.{left[1]}` against {what}, and so finds nobody.",
            "Classify both columns `identifying`, and give their sources one `pseudonym_domain`.",
        )


def _used_domains(project: Project, register: Register) -> Mapping[str, tuple[str, ...]]:
    """For a register made by SQL: the registers whose pseudonyms its query may use, each with their domains."""
    found = _query(project, register)
    if found is None:
        return {}
    tree, read = found
    used = {}
    for one in read:
        names = {column.name.lower() for column in one.columns if column.is_pseudonym}
        if names and _may_use(tree, one.id, names):
            used[one.id] = _without_circles(project, one)
    return used


def _query(project: Project, register: Register) -> tuple[exp.Expr, list[Register]] | None:
    """The query that makes a register and the registers that it reads; None where there is none, or where it is wrong, which is said elsewhere."""
    sql = project.register_sql.get(register.id)
    if sql is None:
        return None
    names = [name for name in query_tables(sql) if name in project.registers and name != register.id]
    read = [project.registers[name] for name in names]
    try:
        return parse_query(sql, {one.id: tuple(c.name for c in one.kept) for one in read}), read
    except ZichtError:
        return None


def _without_circles(project: Project, register: Register) -> tuple[str, ...]:
    """The domains of a register that another reads; registers that are made of each other are refused elsewhere."""
    try:
        return pseudonym_domains(project, register)
    except RecursionError:
        return ()


def _may_use(tree: exp.Expr, table: str, names: set[str]) -> bool:
    """Whether a query may use one of these columns of a table; in doubt it does."""
    aliases: dict[str, set[str]] = {}
    for found in tree.find_all(exp.Table):
        aliases.setdefault(found.alias_or_name.lower(), set()).add(found.name.lower())
    if any(not isinstance(star.parent, exp.Count) for star in tree.find_all(exp.Star)):
        return True
    for column in tree.find_all(exp.Column):
        if column.name.lower() in names:
            of = aliases.get(column.table.lower()) if column.table else None
            if of is None or table.lower() in of:
                return True
    return False
