"""The way back from pseudonyms, for those that two people agreed on: the identifiers stand in the delivery and nowhere else.

The delivery is read again, and each identifier in it becomes a pseudonym as it did at the door; those that were asked for are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from zicht.declare import Register
from zicht.intake.reading import read_rows
from zicht.intake.rows import Delivery, without_odd_blanks
from zicht.pseudonyms import DomainKey, pseudonymise


def relinked(
    register: Register, delivery: Delivery, keys: Sequence[DomainKey], wanted: Collection[str]
) -> Mapping[str, str]:
    """The identifiers that pseudonyms stand for.

    Args:
        register: the contract of the delivery.
        delivery: the file.
        keys: of the domain of the register, one for each version of the secret.
        wanted: the pseudonyms.

    Returns:
        The identifier by pseudonym, for those whose person is in the delivery.

    Raises:
        DeliveryError: the file cannot be read.
    """
    source = read_rows(delivery)
    names = [
        one.physical_name
        for one in register.columns
        if one.is_pseudonym and one.physical_name in source.columns
    ]
    asked = pa.array(sorted(wanted), pa.string())
    found: dict[str, str] = {}
    for batch in source.batches(names):
        for index in range(1, len(names) + 1):
            identifiers = pc.unique(pc.utf8_trim(without_odd_blanks(batch.column(index)), " "))
            for key in keys:
                pseudonyms = pseudonymise(identifiers, key)
                hits = pc.is_in(pseudonyms, value_set=asked)
                told = zip(
                    pseudonyms.filter(hits).to_pylist(), identifiers.filter(hits).to_pylist(), strict=True
                )
                found.update(told)
        if len(found) == len(asked):
            break
    return found
