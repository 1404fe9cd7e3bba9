"""What a register is held to in all, and what only shows about norms when the whole project is seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from zicht.declare.quality import Limit, Metric, Norm, QualityDimension, Valid
from zicht.declare.sql import SqlMistake, check_expression, check_query, query_tables
from zicht.errors import Problem

if TYPE_CHECKING:
    from zicht.declare.contract import Column, Register
    from zicht.declare.project import Project

_NONE = Limit("mustBe", (0.0,))
_ANY = Valid()


def norms_of(register: Register) -> tuple[Norm, ...]:
    """All norms that a register is held to.

    A delivery is held to what its contract says of columns while it is taken in, row by row. Nobody takes in a register that SQL
    makes, so there the same demands are norms that block.

    Args:
        register: the contract.

    Returns:
        The norms that the contract declares, after those that follow from its columns where SQL makes the register.
    """
    if register.sql_file is None:
        return register.norms
    followed = [norm for index, column in enumerate(register.columns) for norm in _of_column(column, index)]
    key = register.key
    if len(key) > 1:
        followed.append(_followed("key", "duplicateValues", key, "uniqueness", 0))
    return (*followed, *register.norms)


def _of_column(column: Column, index: int) -> Iterator[Norm]:
    own = (column.name,)
    if column.required or column.key:
        yield _followed(f"{column.name}.required", "nullValues", own, "completeness", index)
    if column.unique:
        yield _followed(f"{column.name}.unique", "duplicateValues", own, "uniqueness", index)
    valid = Valid(column.allowed, column.pattern, column.minimum, column.maximum)
    if valid != _ANY:
        yield _followed(f"{column.name}.valid", "invalidValues", own, "conformity", index, valid)


def _followed(
    id_: str, metric: Metric, columns: tuple[str, ...], dimension: QualityDimension, index: int, valid: Valid = _ANY
) -> Norm:  # fmt: skip
    return Norm(
        id_, metric, columns, _NONE, percent=False, dimension=dimension, blocks=True, description="",
        trail=("schema", 0, "properties", index), valid=valid,
    )  # fmt: skip


def check_norms(project: Project) -> Iterator[Problem]:
    """Mistakes in quality norms and lead times that show when all registers are known.

    Args:
        project: all that was read.

    Yields:
        A problem a mistake, with its place in the contract.
    """
    for register in project.registers.values():
        for norm in register.norms:
            for mistake in _mistakes(project.registers, register, norm):
                yield Problem(register.document.place(norm.trail), mistake.what, mistake.remedy)
        yield from _lead_mistakes(register)


def _lead_mistakes(register: Register) -> Iterator[Problem]:
    reference = register.lead_times.reference
    if not isinstance(reference, str) or reference in ("begin", "end"):
        return
    column = register.column(reference)
    if column is None or column.logical_type not in ("date", "timestamp"):
        place = register.document.place(register.lead_times.trails["delivered"])
        yield Problem(
            place,
            f"the element `{reference}` is no column with dates.",
            "Name one of this register, as register.column.",
        )


def _mistakes(registers: Mapping[str, Register], register: Register, norm: Norm) -> Iterator[SqlMistake]:
    names = [column.name for column in register.columns]
    for name in norm.columns:
        if name not in names:
            yield SqlMistake(
                f"register `{register.id}` has no column `{name}`.", f"It has: {', '.join(names[:12])}."
            )
    if norm.metric == "falseConditions":
        yield from check_expression(
            norm.sql, {column.name: column.logical_type for column in register.columns}
        )
    elif norm.metric == "sql":
        yield from check_query(
            norm.sql, {one.id: tuple(c.name for c in one.columns) for one in registers.values()}
        )
    elif norm.metric == "unmatchedValues":
        yield from _reference_mistakes(registers, register, norm)
    elif norm.metric == "distributionDrift":
        column = register.column(norm.columns[0])
        if column is not None and (
            column.unique or register.key == (column.name,) or column.classification == "identifying"
        ):
            yield SqlMistake(
                f"`{column.name}` names rows, so it has no distribution.", "Choose a column with a kind or an amount."
            )  # fmt: skip


def _reference_mistakes(
    registers: Mapping[str, Register], register: Register, norm: Norm
) -> Iterator[SqlMistake]:
    other = registers.get(norm.register)
    if other is None:
        yield SqlMistake(f"there is no register `{norm.register}`.", f"There are: {', '.join(registers)}.")
        return
    for name, matched in zip(norm.columns, norm.matched, strict=True):
        own, known = register.column(name), other.column(matched)
        if known is None:
            yield SqlMistake(f"register `{other.id}` has no column `{matched}`.", "Name one that it has.")
        elif own is not None and own.logical_type != known.logical_type:
            yield SqlMistake(
                f"`{name}` is {own.logical_type} and `{other.id}.{matched}` is {known.logical_type}.",
                "Compare columns of one type.",
            )


def registers_read_by(register: Register) -> tuple[str, ...]:
    """The other registers that the norms of a register look at.

    Args:
        register: the contract.

    Returns:
        Their ids, each once.
    """
    found: dict[str, None] = {}
    for norm in norms_of(register):
        found |= dict.fromkeys((norm.register,) if norm.register else ())
        found |= dict.fromkeys(query_tables(norm.sql) if norm.metric == "sql" else ())
    return tuple(name for name in found if name != register.id)
