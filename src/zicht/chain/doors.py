"""Which key opens which door: the domains of a project's registers, where its secret is kept, and what a query may make of pseudonyms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zicht.declare import Project, Register, pseudonym_domains, read_project
from zicht.demo import Truth
from zicht.engine import Store
from zicht.errors import DeclarationError, DeliveryError, Place, Problem
from zicht.intake import REPORT, Delivery, IntakeReport, is_looked_at
from zicht.pseudonyms import KINDS, DomainKey, KeyPlace, KeyRing, Recogniser, are_pseudonyms

TRUTH = "truth.json"  # beside the deliveries of an invented city: which files `zicht demo` made
_AT_ONCE = 131_072  # rows that are looked at in one go


@dataclass(frozen=True)
class RegisterKey:
    """With which key the identifiers of a register become pseudonyms, and with which they last did.

    Attributes:
        register: id of the register.
        domain: its domain.
        version: of the secret that is in use.
        fingerprint: of the key of the domain.
        made_with: version of the secret that its last snapshot was made with; None where there is none.
        state: whether that snapshot still holds, as far as its pseudonyms go.
    """

    register: str
    domain: str
    version: int
    fingerprint: str
    made_with: int | None
    state: Literal["up to date", "to make", "other key"]


def key_place(project: Project) -> KeyPlace:
    """Where the secret of a project is kept, as zicht.yaml says.

    Args:
        project: the project.
    """
    declared = project.file.keys
    return KeyPlace(project.file.id, project.folder, declared.kept, declared.name)


def make_key(folder: Path) -> str | None:
    """Make the secret of a project that has none yet, where it is kept in a file.

    Args:
        folder: the project folder.

    Returns:
        Where it was made; None where there is one, or the project does not keep it in a file.

    Raises:
        DeclarationError: mistakes in the folder.
        SecretError: it cannot be kept there.
    """
    place = key_place(read_project(folder))
    if place.kept != "file" or place.from_environment is not None or place.file.exists():
        return None
    place.make()
    return str(place)


def delivered_with_identifiers(project: Project) -> list[Register]:
    """The registers that are delivered and hold identifiers, which become pseudonyms.

    Args:
        project: the project.
    """
    return [
        register
        for register in project.registers.values()
        if register.source is not None and any(column.is_pseudonym for column in register.columns)
    ]


def keys_of(project: Project, deliveries: Mapping[str, Delivery]) -> dict[str, DomainKey]:
    """The key of every register that needs one, by its id.

    Args:
        project: the project.
        deliveries: the delivery of each source, by id.

    Returns:
        Nothing where no register has identifiers; then no secret is asked for.

    Raises:
        SecretError: the secret is not there, or is not kept well enough.
        DeliveryError: the people of the project are said to be invented, and a delivery is not known to be.
    """
    registers = delivered_with_identifiers(project)
    if not registers:
        return {}
    if project.file.keys.kept == "invented":
        _refuse_real_people(project, registers, deliveries)
    return _keys(project, registers, key_place(project).read())


def _keys(project: Project, registers: list[Register], ring: KeyRing) -> dict[str, DomainKey]:
    return {one.id: ring.domain(domain) for one in registers for domain in pseudonym_domains(project, one)}


def _refuse_real_people(
    project: Project, registers: list[Register], deliveries: Mapping[str, Delivery]
) -> None:
    try:
        known = {file.sha256 for file in Truth.read(project.folder / TRUTH).files}
    except (OSError, ValueError):
        known = set()
    place = project.written["project", project.file.id].place("keys", "kept")
    problems = [
        Problem(
            place,
            f"the keys are for invented people, and {deliveries[register.source].shown} is no file that `zicht demo` made: everybody could undo its pseudonyms.",
            "Leave `keys` out, and have a secret made with `zicht keys new`.",
        )
        for register in registers
        if register.source is not None and deliveries[register.source].digest not in known
    ]
    if problems:
        raise DeliveryError(dict.fromkeys(problems))


def register_keys(project: Project, folder: Path) -> list[RegisterKey]:
    """With which keys the registers of a project are made, and were made last.

    Args:
        project: the project.
        folder: where its results are kept.

    Returns:
        One for every delivered register with identifiers.

    Raises:
        SecretError: the secret is not there, or is not kept well enough.
    """
    registers = delivered_with_identifiers(project)
    keys = _keys(project, registers, key_place(project).read()) if registers else {}
    store = Store(folder)
    found = []
    for id_, key in keys.items():
        last = store.last(f"register/{id_}")
        made = IntakeReport.read(last[1] / REPORT).pseudonyms if last else None
        same = made is not None and (made.version, made.fingerprint) == (key.version, key.fingerprint)
        other = made is not None and made.version == key.version and not same
        found.append(
            RegisterKey(
                id_, key.domain, key.version, key.fingerprint, made.version if made else None,
                "up to date" if same else "other key" if other else "to make",
            )
        )  # fmt: skip
    return found


def refuse_identifiers(register: Register, made: Path) -> None:
    """Refuse what a query made where it lets identifiers out: plain, or pseudonyms in a column that is not said to hold them.

    Args:
        register: the contract of the register that the query makes.
        made: its rows, as Parquet; removed where they are refused.

    Raises:
        DeclarationError: every column that is refused.
    """
    seen, wrong = Recogniser(), dict[str, str]()
    with pq.ParquetFile(made) as file:
        for batch in file.iter_batches(_AT_ONCE):
            for column in register.columns:
                values = batch.column(column.name)
                if column.is_pseudonym:
                    if not pc.all(are_pseudonyms(values)).as_py():
                        wrong[column.name] = "identifies, and holds something else than pseudonyms"
                elif is_looked_at(column):
                    seen.add(column.name, values)
                    if pa.types.is_string(values.type) and pc.any(are_pseudonyms(values)).as_py():
                        wrong[column.name] = (
                            "holds pseudonyms, and its contract does not say that it identifies"
                        )
    wrong |= {name: f"holds {KINDS[kind]}" for name, kind in seen.found().items()}
    if wrong:
        made.unlink()
        raise DeclarationError(
            Problem(
                Place(f"registers/{register.sql_file}"), f"column `{name}` of register `{register.id}` {what}.",
                "Leave it out, or pass the column of pseudonyms on as it is and classify it `identifying`.",
            )
            for name, what in wrong.items()
        )  # fmt: skip
