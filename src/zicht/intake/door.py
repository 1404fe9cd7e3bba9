"""The door: what identifies goes no further than here.

Values come by in a stream. Before anything of a batch is written, columns that are not declared to identify are looked at as a whole, and the delivery
is refused where one of them does; then identifiers become pseudonyms or fall away. What is written to the lake never held one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pyarrow as pa

from zicht.declare import Column, Register
from zicht.errors import DeliveryError, Place, Problem, ZichtError
from zicht.intake.accepted import accepted_schema
from zicht.intake.rows import Delivery, RowSource
from zicht.pseudonyms import KINDS, DomainKey, Recogniser, pseudonymise

PSEUDONYM = b"zicht.pseudonym"
"""In the metadata of a column of pseudonyms: the domain, the version of the secret and the fingerprint of the key, as JSON."""


@dataclass(frozen=True)
class Door:
    """The door of one delivery.

    Attributes:
        register: the contract.
        delivery: the file.
        source: its rows.
        key: of the domain; None where nothing in the contract identifies.
        seen: what was seen of the columns that are not declared to identify.
    """

    register: Register
    delivery: Delivery
    source: RowSource
    key: DomainKey | None
    seen: Recogniser

    @classmethod
    def of(cls, register: Register, delivery: Delivery, source: RowSource, key: DomainKey | None) -> Door:
        """The door of a delivery under the contract `register`, whose rows `source` gives, with the `key` of its domain.

        Raises:
            ZichtError: the contract has columns that identify, and there is no key.
        """
        identifies = any(column.is_pseudonym for column in register.columns)
        if key is None and identifies:
            raise ZichtError(
                f"Register `{register.id}` has columns that identify, and there is no key to make pseudonyms with."
            )
        return cls(register, delivery, source, key if identifies else None, Recogniser())

    @property
    def schema(self) -> pa.Schema:
        """The schema of accepted rows; each column of pseudonyms says what they were made with."""
        schema = accepted_schema(self.register)
        if self.key is None:
            return schema
        made = {"domain": self.key.domain, "version": self.key.version, "fingerprint": self.key.fingerprint}
        told = {PSEUDONYM: json.dumps(made, sort_keys=True).encode()}
        names = [column.name for column in self.register.columns if column.is_pseudonym]
        fields = [field.with_metadata(told) if field.name in names else field for field in schema]
        return pa.schema(fields)

    def look(self, batch: pa.RecordBatch) -> None:
        """Look at the values of a `batch`, before any of them is written.

        Raises:
            DeliveryError: columns that hold what identifies persons, and are not declared to.
        """
        for index, column in enumerate(self.register.columns):
            if is_looked_at(column):
                self.seen.add(column.name, batch.column(f"v{index}"))
        found = self.seen.found()
        if found:
            raise DeliveryError(self._problem(name, kind) for name, kind in found.items())

    def through(self, column: Column, values: pa.Array) -> pa.Array:
        """The `values` of a `column` as the lake may have them: pseudonyms of identifiers, and the values of any other."""
        if not column.is_pseudonym or self.key is None:
            return values
        return pseudonymise(values, self.key)

    def _problem(self, name: str, kind: str) -> Problem:
        column = self.register.column(name)
        physical = column.physical_name if column else name
        at = self.source.columns.index(physical) + 1 if physical in self.source.columns else None
        place = Place(self.delivery.shown, self.delivery.format.header_row if at else None, at)
        return Problem(
            place,
            f"column `{name}` of register `{self.register.id}` holds {KINDS[kind]}, and its contract does not say that it identifies.",
            "Classify it `identifying`, so that it becomes a pseudonym, or leave it out of the contract; nothing was written.",
        )


def is_looked_at(column: Column) -> bool:
    """Whether the values of a column could be those of persons without its contract saying so.

    Args:
        column: of a register. Codes of areas are checked against what they may be, and located ones are made here.
    """
    return not (
        column.classification == "identifying"
        or column.is_pseudonym
        or column.area_level
        or column.located
        or column.harmless
    )
