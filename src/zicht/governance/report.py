"""What a product uses of data about persons: which columns and why, for which purposes, and what was delivered that nobody uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from zicht.declare import ProductFile, Project, Subgroups
from zicht.governance.binding import allowed_purposes
from zicht.governance.classified import SENSITIVE, classification_of, is_about_persons
from zicht.governance.lineage import Lineage, Use
from zicht.governance.retention import retention_of

SPECIAL = ("special", "criminal")


@dataclass(frozen=True)
class ColumnUse:
    """That a product uses a delivered column.

    Attributes:
        register: the register.
        column: the column; None where only rows are counted.
        classification: how sensitive it is.
        why: what it is used for, such as `counts` or `selects`.
        indicators: ids of the indicators, and of findings that describe groups, that use it.
        chain: one way from an indicator to it.
    """

    register: str
    column: str | None
    classification: str
    why: tuple[str, ...]
    indicators: tuple[str, ...]
    chain: str


@dataclass(frozen=True)
class PurposeUse:
    """A purpose for which a product uses data.

    Attributes:
        id, version, title: of the purpose.
        legal_basis: law and article.
        retention: how long data may be kept after their period.
        rested_on: the version under which the last release was made; None where there is none.
    """

    id: str
    version: int
    title: str
    legal_basis: str
    retention: str
    rested_on: int | None

    @property
    def is_older(self) -> bool:
        """Whether the last release still rests on an older version."""
        return self.rested_on is not None and self.rested_on < self.version


@dataclass(frozen=True)
class RegisterUse:
    """A delivered register that a product uses.

    Attributes:
        id, title: of the register.
        unused: columns that no indicator of the project uses: delivered, and not needed.
        retention: how long it may be kept after the period; None where it is not about persons.
        kept_until: by period that is kept, until when; filled in by who knows what is kept.
    """

    id: str
    title: str
    unused: tuple[str, ...]
    retention: str | None
    kept_until: Mapping[str, str]


@dataclass(frozen=True)
class ProductPrivacy:
    """What one product uses of data about persons.

    Attributes:
        id, title: of the product.
        purposes: for which it uses them.
        columns: which columns, the most sensitive first.
        registers: of which delivered registers.
    """

    id: str
    title: str
    purposes: tuple[PurposeUse, ...]
    columns: tuple[ColumnUse, ...]
    registers: tuple[RegisterUse, ...]

    @property
    def special(self) -> tuple[ColumnUse, ...]:
        """The columns with data of AVG art. 9 and 10."""
        return tuple(one for one in self.columns if one.classification in SPECIAL)

    def as_dict(self) -> dict[str, object]:
        """The same as plain data."""
        return asdict(self)


def privacy_of(
    project: Project,
    rested_on: Mapping[str, int] | None = None,
    kept: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[ProductPrivacy, ...]:
    """What each product uses of data about persons.

    Args:
        project: a project without mistakes.
        rested_on: by purpose id, the version under which the last release was made.
        kept: by register id and period, until when data that are kept may be.

    Returns:
        One report a product.
    """
    lineage = Lineage(project)
    uses = {id_: lineage.indicator(indicator) for id_, indicator in project.indicators.items()}
    described = {product.id: _described(lineage, product) for product in project.products.values()}
    needed = {
        (use.register, use.column)
        for every in (uses, *described.values())
        for some in every.values()
        for use in some
    }
    found = []
    for product in project.products.values():
        own = {id_: uses[id_] for id_ in product.indicators}
        columns = _columns(project, own | described[product.id])
        purposes = dict.fromkeys(
            purpose for id_ in product.indicators if (purpose := project.indicators[id_].purpose) is not None
        )
        found.append(
            ProductPrivacy(
                product.id,
                product.title.nl,
                tuple(_purpose(project, id_, (rested_on or {}).get(id_)) for id_ in purposes),
                columns,
                tuple(
                    _register(project, id_, needed, (kept or {}).get(id_, {}))
                    for id_ in dict.fromkeys(column.register for column in columns)
                ),
            )
        )
    return tuple(found)


def columns_of(lineage: Lineage, indicator: str) -> list[dict[str, object]]:
    """The delivered columns that an indicator uses, for the evidence of a release.

    Args:
        lineage: of the project.
        indicator: id of the indicator.

    Returns:
        For each column, what JSON can hold: what it is, how sensitive, what it is used for, which purposes it may serve, and the way to it.
    """
    project = lineage.project
    return [
        {
            "register": use.register,
            "column": use.column,
            "classification": classification_of(project, use.register, use.column),
            "why": use.why,
            "may_serve": list(allowed_purposes(project, use.register, use.column) or ()),
            "path": [{"what": hop.name.replace("`", ""), "place": str(hop.place)} for hop in use.path],
        }
        for use in lineage.indicator(project.indicators[indicator])
    ]


def _described(lineage: Lineage, product: ProductFile) -> dict[str, tuple[Use, ...]]:
    """By finding that describes groups, what it uses beside what its indicator uses."""
    written = lineage.project.written["products", product.id]
    return {
        analysis.id: lineage.described(analysis, written.place("findings", index))
        for index, analysis in enumerate(product.findings)
        if isinstance(analysis, Subgroups)
    }


def _columns(project: Project, uses: Mapping[str, tuple[Use, ...]]) -> tuple[ColumnUse, ...]:
    found: dict[tuple[str, str | None], list[tuple[str, Use]]] = {}
    for id_, every in uses.items():
        for use in every:
            if is_about_persons(project, project.registers[use.register]):
                found.setdefault((use.register, use.column), []).append((id_, use))
    columns = [
        ColumnUse(
            register,
            column,
            classification_of(project, register, column),
            tuple(dict.fromkeys(use.why for _, use in every)),
            tuple(dict.fromkeys(id_ for id_, _ in every)),
            every[0][1].chain(),
        )
        for (register, column), every in found.items()
    ]
    order = ("criminal", "special", "identifying", "personal", "internal", "public")
    return tuple(
        sorted(columns, key=lambda one: (order.index(one.classification), one.register, one.column or ""))
    )


def _purpose(project: Project, id_: str, rested_on: int | None) -> PurposeUse:
    purpose = project.purposes[id_]
    return PurposeUse(
        id_, purpose.version, purpose.title.nl, purpose.legal_basis_text, purpose.retention, rested_on
    )


def _register(
    project: Project, id_: str, needed: set[tuple[str, str | None]], kept: Mapping[str, str]
) -> RegisterUse:
    register = project.registers[id_]
    retention = retention_of(project, register)
    unused = [
        column.name
        for column in register.columns
        if (id_, column.name) not in needed and classification_of(project, id_, column.name) in SENSITIVE
    ]
    return RegisterUse(
        id_, register.title, tuple(unused), None if retention is None else retention.duration, dict(kept)
    )
