"""Purpose binding: whether every delivered column that an indicator uses may serve the purpose that the indicator is made for.

Three papers must agree: the contract with the deliverer says which purposes a column may serve, the register of processing activities says which registers a
purpose may use, and the indicator says for which purpose it is made. What is refused is refused from declarations alone, before any data is read, with the whole
way from the figure to the column.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from zicht.declare import Indicator, Project, PurposeFile
from zicht.errors import Place, Problem
from zicht.governance.classified import SENSITIVE, classification_of
from zicht.governance.lineage import Lineage, Use


def allowed_purposes(project: Project, register: str, column: str | None) -> tuple[str, ...] | None:
    """The purposes that a delivered column may serve by its contract.

    Args:
        project: the project.
        register: id of the delivered register.
        column: name of the column; None for its rows.

    Returns:
        Ids of purposes; None where the contract binds it to none and it is not about persons, so that any use is open.
    """
    contract = project.registers[register]
    found = contract.column(column) if column else None
    said = found.purposes if found is not None and found.purposes is not None else contract.purposes
    bound = found is not None and found.purposes is not None
    sensitive = classification_of(project, register, column) in SENSITIVE
    return said if sensitive or bound else None


def check_purposes(
    lineage: Lineage, min_units: Mapping[str, int], today: dt.date | None = None
) -> Iterator[Problem]:
    """Every use of data for which there is no purpose, or which goes beyond it.

    Args:
        lineage: of the project.
        min_units: for each indicator by id, how many units its protection profile asks for at least.
        today: the day on which data would be used; purposes are not held against the calendar where left out.

    Yields:
        A problem a use, with its place and the chain that leads to the column.
    """
    project = lineage.project
    for indicator in project.indicators.values():
        uses = lineage.indicator(indicator)
        bound = [use for use in uses if allowed_purposes(project, use.register, use.column) is not None]
        if not bound:
            continue
        if indicator.purpose is None:
            yield _without_purpose(project, indicator, bound)
            continue
        purpose = project.purposes[indicator.purpose]
        yield from beyond_purpose(project, f"indicator `{indicator.id}`", purpose, bound)
        yield from _of_a_kind(project, indicator, purpose, bound)
        yield from _of_the_purpose(project, indicator, purpose, min_units[indicator.id], today)
    yield from _products(lineage)


def _without_purpose(project: Project, indicator: Indicator, bound: list[Use]) -> Problem:
    use = bound[0]
    serves = [allowed_purposes(project, one.register, one.column) or () for one in bound]
    fits = [id_ for id_ in project.purposes if all(id_ in ids for ids in serves)]
    return Problem(
        _place(project, indicator),
        f"indicator `{indicator.id}` uses `{use.name}`, and names no purpose: {use.chain()}.",
        f"Write `purpose:`; its contracts allow {', '.join(fits)}."
        if fits
        else "Write `purpose:`, and have it allowed in the contracts.",
    )


def beyond_purpose(project: Project, user: str, purpose: PurposeFile, bound: list[Use]) -> Iterator[Problem]:
    """Every use of a column that its contract does not allow for a purpose, and of a register that the purpose does not name.

    Args:
        project: the project.
        user: what uses them, such as "indicator `wmo`".
        purpose: the purpose that they are used for.
        bound: the uses, of columns that are bound to purposes.

    Yields:
        A problem a column or register, with the way to it.
    """
    told = set()
    for use in bound:
        allowed = allowed_purposes(project, use.register, use.column) or ()
        key = (use.register, use.column)
        if purpose.id not in allowed and key not in told:
            told.add(key)
            serves = (
                f"its contract allows {', '.join(allowed)}" if allowed else "its contract allows no purpose"
            )
            yield Problem(
                use.path[0].place,
                f"`{use.name}` may not be used for purpose `{purpose.id}`; {serves}. The way to it: {use.chain()}.",
                f"Leave it out, or have the deliverer agree and add `{purpose.id}` to `verwerkingsactiviteit` in {project.registers[use.register].document.file}.",
            )
    for register in dict.fromkeys(use.register for use in bound):
        if register not in purpose.registers:
            use = next(one for one in bound if one.register == register)
            yield Problem(
                use.path[0].place,
                f"purpose `{purpose.id}` does not use register `{register}`, and {user} does: {use.chain()}.",
                f"Leave it out, or write a new version of the purpose with `{register}` under `registers`.",
            )


def _of_a_kind(
    project: Project, indicator: Indicator, purpose: PurposeFile, bound: list[Use]
) -> Iterator[Problem]:
    for kind, said, words in (
        ("special", purpose.special, "special data (AVG art. 9)"),
        ("criminal", purpose.criminal, "data on offences (AVG art. 10)"),
    ):
        if said:
            continue
        for use in bound:
            if classification_of(project, use.register, use.column) == kind:
                yield Problem(
                    use.path[0].place,
                    f"indicator `{indicator.id}` uses {words} and purpose `{purpose.id}` names none: {use.chain()}.",
                    f"Write a new version of the purpose with `{kind}: true` and the ground for it, or leave the column out.",
                )
                break


def _of_the_purpose(
    project: Project, indicator: Indicator, purpose: PurposeFile, units: int, today: dt.date | None
) -> Iterator[Problem]:
    place = project.written["indicators", indicator.id].place("purpose")
    if units < purpose.min_units:
        yield Problem(
            project.written["indicators", indicator.id].place("protection"),
            f"indicator `{indicator.id}` would be published from {units} units on, and purpose `{purpose.id}` asks for {purpose.min_units}.",
            "Use a stronger protection profile; leaving `protection` out gives `microdata`.",
        )
    if purpose.dpia.status == "verplicht-open":
        yield Problem(
            place,
            f"the DPIA of purpose `{purpose.id}` is obliged and not done, so `{indicator.id}` may use no data for it yet.",
            "Do the DPIA first, and write its date in a new version of the purpose.",
        )
    if today is not None and purpose.valid_until is not None and today > purpose.valid_until:
        yield Problem(
            place,
            f"purpose `{purpose.id}` ended on {purpose.valid_until}, and indicator `{indicator.id}` uses data for it.",
            "Remove the indicator and the data, or write a new version of the purpose.",
        )
    if today is not None and today < purpose.valid_from:
        yield Problem(
            place,
            f"purpose `{purpose.id}` begins on {purpose.valid_from}, and indicator `{indicator.id}` uses data for it now.",
            "Wait until then.",
        )


def _products(lineage: Lineage) -> Iterator[Problem]:
    project = lineage.project
    for product in project.products.values():
        for index, id_ in enumerate(product.indicators):
            purpose = project.indicators[id_].purpose
            if purpose is not None and purpose not in product.purposes:
                yield Problem(
                    project.written["products", product.id].place("indicators", index),
                    f"product `{product.id}` shows `{id_}`, which is made for purpose `{purpose}`, and does not name that purpose.",
                    f"Add `{purpose}` to `purposes` of the product, or leave the indicator out.",
                )


def _place(project: Project, indicator: Indicator) -> Place:
    return project.written["indicators", indicator.id].place("id")
