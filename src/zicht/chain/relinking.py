"""Re-linking under four eyes: one person asks, another in another role consents, and only then are identifiers given back, to a file of the asker.

Identifiers are nowhere but in the delivery, so they are looked up there. The log of decisions keeps who, when, why, on which law and how many, and the
digest of the file with pseudonyms that was asked about; it keeps neither a pseudonym nor an identifier.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from zicht.chain.build import FETCHED
from zicht.chain.doors import key_place
from zicht.chain.recording import LOGBOOK
from zicht.chain.review import Desk
from zicht.declare import PurposeFile, Register, Relink, pseudonym_domains
from zicht.engine import digest_of
from zicht.errors import ZichtError
from zicht.governance import Logbook, LogRecord, uri_of
from zicht.intake import Delivery, obtain, relinked
from zicht.pseudonyms import PATTERN, DomainKey, cells_that_identify, inside_project
from zicht.release import Action, Actor, Decision, Relinking, Wish, decide_relinking, relinkings

_MOST_BYTES = 1_000_000  # of a file with pseudonyms
_OTHERS = 0o077  # what nobody but its owner may do with it
_WORD = re.compile(r"[^\w@.+-]+")


@dataclass(frozen=True)
class Relinked:
    """Identifiers that were given back.

    Attributes:
        decision: as it was logged.
        file: where they are.
        asked: number of pseudonyms that were asked about.
        found: number of those whose person is in the delivery of now.
    """

    decision: Decision
    file: Path
    asked: int
    found: int


def ask_relink(
    at: Desk, who: Actor, when: datetime, purpose: str, register: str, file: Path, reason: str
) -> Decision:
    """Ask for the identifiers of pseudonyms.

    Args:
        at: the desk.
        who: asks, an applicant.
        when: the moment.
        purpose: id of the purpose that declares it.
        register: id of the delivered register whose delivery has the identifiers.
        file: the pseudonyms, one a line; outside every project, and readable for its owner alone.
        reason: why, in this case; it is kept, so it names nobody.

    Returns:
        The decision; its `release` is the digest of the request.

    Raises:
        ZichtError: it is not declared, the file is not fit, or who acts may not ask.
    """
    declared, relink, domain = _declared(at, purpose, register, when)
    asked, digest = _pseudonyms(at, file)
    if len(asked) > relink.most:
        raise ZichtError(
            f"{file} asks about {len(asked):,} pseudonyms, and purpose `{purpose}` allows {relink.most:,} in one request."
        )
    until = (when.astimezone(UTC) + timedelta(days=relink.days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    evidence: dict[str, object] = {
        "purpose": purpose, "version": declared.version, "declared": _digest(declared), "register": register, "domain": domain, "basis": relink.basis,
        "pseudonyms": len(asked), "file": digest, "until": until,
    }  # fmt: skip
    request = digest_of({"evidence": evidence, "person": who.id, "at": when.isoformat(), "reason": reason})
    return _decide(at, Wish(Action.RELINK_ASK, request, who, when, reason, evidence))


def judge_relink(at: Desk, action: Action, who: Actor, when: datetime, request: str, reason: str) -> Decision:
    """Consent to a request, or refuse it.

    Args:
        at: the desk.
        action: `RELINK_AGREE` or `RELINK_REFUSE`.
        who: decides, a privacy officer and not who asked.
        when: the moment.
        request: its digest, or the start of it.
        reason: why; it is kept, so it names nobody.

    Returns:
        The decision.

    Raises:
        ZichtError: there is no such request, it expired, its purpose says something else by now, or who acts may not decide.
    """
    asked = _request(at, request)
    if action == Action.RELINK_AGREE:
        _still_declared(at, asked, when)
    evidence = {"file": asked.asked.evidence["file"]}
    return _decide(at, Wish(action, asked.request, who, when, reason, evidence))


def open_relink(at: Desk, who: Actor, when: datetime, request: str, file: Path, into: Path) -> Relinked:
    """Give back the identifiers of a request that was agreed to, once.

    Args:
        at: the desk.
        who: who asked.
        when: the moment.
        request: its digest, or the start of it.
        file: the file with pseudonyms, as it was when it was asked.
        into: the file to make, outside every project: a line a pseudonym, with its identifier.

    Returns:
        How many were found, and where they are.

    Raises:
        ZichtError: it may not be opened, the file with pseudonyms is another, or the new file cannot be made. Then there is no new file.
    """
    asked = _request(at, request)
    register, domain = _still_declared(at, asked, when)
    pseudonyms, digest = _pseudonyms(at, file)
    if digest != asked.asked.evidence["file"]:
        raise ZichtError(
            f"{file} is not as it was when it was asked about, so nobody consented to it. Ask again."
        )
    if inside_project(into, at.project.folder):
        raise ZichtError(f"{into} lies in a project folder, and identifiers have no place there.")
    delivery, keys = _delivered(at, register, domain)
    handle = _made(into)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            # Nothing is looked up before the decision stands in the log: whoever may not open learns nothing, and who may is on record.
            decision = _decide(
                at, Wish(Action.RELINK_OPEN, asked.request, who, when, evidence={"file": digest})
            )
            _log(at, asked, when)
            found = relinked(register, delivery, keys, pseudonyms)
            writer = csv.writer(out, delimiter=";")
            writer.writerows([("pseudonym", "identifier"), *sorted(found.items())])
    except BaseException:
        into.unlink(missing_ok=True)
        raise
    return Relinked(decision, into, len(pseudonyms), len(found))


def relinkings_of(at: Desk) -> tuple[Relinking, ...]:
    """All requests for re-linking, in the order in which they were asked.

    Args:
        at: the desk.

    Raises:
        ZichtError: the log is not whole.
    """
    return tuple(relinkings(at.decisions()).values())


def _decide(at: Desk, wish: Wish) -> Decision:
    refuse_telling(wish.reason)
    return decide_relinking(at.log, at.project.file.review, wish, at.heads())


def _declared(at: Desk, purpose: str, register: str, when: datetime) -> tuple[PurposeFile, Relink, str]:
    """The purpose, what it says of re-linking, and the domain of the register."""
    found = at.project.purposes.get(purpose)
    if found is None:
        raise ZichtError(f"There is no purpose `{purpose}`; there are {', '.join(at.project.purposes)}.")
    if found.relink is None:
        raise ZichtError(
            f"Nothing is re-linked: purpose `{purpose}` does not declare it. That takes `relink:` with a reason, a legal basis and domains."
        )
    day = when.date()
    if day < found.valid_from or (found.valid_until is not None and day > found.valid_until):
        raise ZichtError(f"Nothing is re-linked: purpose `{purpose}` does not hold on {day}.")
    contract = at.project.registers.get(register)
    if register not in found.registers or contract is None or contract.source is None:
        raise ZichtError(
            f"Nothing is re-linked: `{register}` is no delivered register of purpose `{purpose}`."
        )
    domains = pseudonym_domains(at.project, contract)
    if not domains or domains[0] not in found.relink.domains:
        raise ZichtError(
            f"Nothing is re-linked: purpose `{purpose}` declares it for the domain {', '.join(found.relink.domains)}, and "
            f"the pseudonyms of `{register}` are of {domains[0] if domains else 'none'}."
        )
    return found, found.relink, domains[0]


def _still_declared(at: Desk, asked: Relinking, when: datetime) -> tuple[Register, str]:
    evidence = asked.asked.evidence
    purpose, register = str(evidence["purpose"]), str(evidence["register"])
    declared, _, domain = _declared(at, purpose, register, when)
    if _digest(declared) != evidence["declared"] or domain != evidence["domain"]:
        raise ZichtError(
            f"Nothing is re-linked: purpose `{purpose}` or its domain is another than when it was asked. Ask again."
        )
    return at.project.registers[register], domain


def _digest(purpose: PurposeFile) -> str:
    return digest_of(purpose.model_dump(mode="json"))


def _request(at: Desk, digest: str) -> Relinking:
    found = [one for one in relinkings_of(at) if one.request.startswith(digest.lower())]
    if len(found) != 1:
        raise ZichtError(
            f"{len(found) or 'No'} request{'s' if len(found) > 1 else ''} for re-linking begin with {digest}; see `zicht keys relink list`."
        )
    return found[0]


def _pseudonyms(at: Desk, file: Path) -> tuple[frozenset[str], str]:
    """The pseudonyms in a file, and the digest of its bytes."""
    if inside_project(file, at.project.folder):
        raise ZichtError(
            f"{file} lies in a project folder; pseudonyms of people who are sought have no place there."
        )
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            raw = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ZichtError(f"{file} cannot be read: {error.strerror}.") from None
    if os.name == "posix" and (not stat.S_ISREG(mode) or mode & _OTHERS):
        raise ZichtError(f"Others may read or change {file}. Run `chmod 600 {file}`.")
    lines = [line.strip() for line in raw.decode("utf-8", "replace").splitlines()]
    wrong = [at for at, line in enumerate(lines, start=1) if line and not re.fullmatch(PATTERN, line)]
    if wrong or not any(lines) or len(raw) > _MOST_BYTES:
        where = f"{file}:{wrong[0]}" if wrong else str(file)
        raise ZichtError(
            f"{where}: no pseudonym. Write one a line, 32 letters from a to p, and nothing else."
        )
    return frozenset(filter(None, lines)), hashlib.sha256(raw).hexdigest()


def refuse_telling(reason: str) -> None:
    """Refuse a reason that holds what identifies a person.

    Args:
        reason: of a decision.

    Raises:
        ZichtError: it does.
    """
    words = pa.array([word.strip(".-") for word in _WORD.split(reason) if word], pa.string())
    if re.search(PATTERN, reason) or (len(words) and pc.any(cells_that_identify(words)).as_py()):
        raise ZichtError(
            "The reason holds what identifies a person, and reasons are kept for good. Leave it out."
        )


def _made(into: Path) -> int:
    try:
        return os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise ZichtError(
            f"{into} cannot be made: {error.strerror}. Name a file that is not there yet."
        ) from None


def _log(at: Desk, asked: Relinking, when: datetime) -> None:
    """Note the re-linking in the log of data processing; without that it does not happen."""
    evidence, moment = asked.asked.evidence, int(when.timestamp() * 1000)
    activity = uri_of(at.project, "verwerking", str(evidence["purpose"]))
    name = f"Herleiden van pseudoniemen: {evidence['register']}"
    record = LogRecord(
        secrets.token_hex(16), secrets.token_hex(8), None, name, activity, moment, moment, "Ok"
    )
    Logbook(at.place.folder / LOGBOOK / f"{when.astimezone(UTC).year}.jsonl").write([record])


def _delivered(at: Desk, register: Register, domain: str) -> tuple[Delivery, Sequence[DomainKey]]:
    """The delivery of a register, and the keys of its domain, the newest first."""
    project, source = at.project, at.project.sources[str(register.source)]
    local = project.file.local_copies
    copies = None if local is None else (project.folder / local).resolve()
    delivery = obtain(source, project.folder, copies, at.place.folder / FETCHED)
    ring = key_place(project).read()
    return delivery, [ring.domain(domain, version) for version in sorted(ring.secrets, reverse=True)]
