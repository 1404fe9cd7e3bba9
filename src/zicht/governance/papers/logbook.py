"""The log of data processing (Logboek Dataverwerkingen 1.0.0): what was done with personal data, for which processing activity, and when.

Every run for a processing activity is one record: nothing is sampled, and a record counts as written only when the disk says that it is. Figures are
made of all rows of a register together, so such a record names no data subject. Where one person's data are handled, each person has a child record, and the
subject in it is a pseudonym: a citizen service number or anything else that could be one is refused.

The standard forbids attributes outside its own names: digests and row counts stand in the lineage (OpenLineage), linked by the trace id.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zicht.errors import ZichtError
from zicht.governance.papers.facts import Facts, digest_of_facts
from zicht.governance.papers.paper import Paper, breaches_of

STANDARD = "Logboek Dataverwerkingen 1.0.0"
SCHEMA = "logboek.schema.json"
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_PSEUDONYM = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_=+/:-]{16,}")

LogStatus = Literal["Unset", "Ok", "Error"]
"""How what was logged ended."""


@dataclass(frozen=True, slots=True)
class TraceContext:
    """Where work belongs in a trace (W3C Trace Context).

    Attributes:
        trace: id of the trace, 32 hexadecimal digits.
        parent: id of the span that asked for the work, 16 hexadecimal digits; None where nobody did.
    """

    trace: str
    parent: str | None = None

    @classmethod
    def read(cls, header: str) -> TraceContext | None:
        """The context in a `traceparent` `header`; None where it is not one, as the standard asks."""
        match = _TRACEPARENT.fullmatch(header.strip().lower())
        if (
            match is None
            or header.lower().startswith("ff")
            or set(match[1]) == {"0"}
            or set(match[2]) == {"0"}
        ):
            return None
        return cls(match[1], match[2])

    def header(self, span: str) -> str:
        """The `traceparent` to send along when a `span` of this trace asks somebody else for work."""
        return f"00-{self.trace}-{span}-01"


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record.

    Attributes:
        trace, span, parent: ids of the trace (32 hexadecimal digits), of this span (16) and of the span it is part of.
        name: what was done.
        activity: address of the processing activity.
        began, ended: milliseconds since 1970.
        status: how it ended.
        subject, subject_kind: pseudonym of the one person it is about, and which kind of pseudonym; None where it is about none in particular.
        processor: address of the application that asked, where another one did.
    """

    trace: str
    span: str
    parent: str | None
    name: str
    activity: str
    began: int
    ended: int
    status: LogStatus
    subject: str | None = None
    subject_kind: str | None = None
    processor: str | None = None

    def as_dict(self) -> dict[str, object]:
        """The record with the names of the standard."""
        attributes = {
            "dpl.core.processing_activity_id": self.activity,
            "dpl.core.data_subject_id": self.subject,
            "dpl.core.data_subject_id_type": self.subject_kind,
            "dpl.core.foreign_operation.processor": self.processor,
        }
        return {
            "trace_id": self.trace, "span_id": self.span, "parent_span_id": self.parent, "status": self.status, "name": self.name,
            "start_time": self.began, "end_time": self.ended, "resource": {"attributes": {"service.name": "zicht"}},
            "attributes": {name: value for name, value in attributes.items() if value is not None},
        }  # fmt: skip


class Logbook:
    """A file of records, one a line, that only grows.

    Args:
        path: the file; made where it is not there.

    Raises:
        ZichtError: the file cannot be written. Then nothing may be processed either.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8"):
                pass
        except OSError as error:
            raise self._unwritable(error) from error

    def write(self, records: Iterable[LogRecord]) -> None:
        """Write `records` and return when the disk has them.

        Raises:
            ZichtError: a record breaks the standard or names a person, or the disk did not take them. Nothing of them counts as logged then.
        """
        lines = [json.dumps(check_record(record), ensure_ascii=False, sort_keys=True) for record in records]
        if not lines:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write("".join(f"{line}\n" for line in lines))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> ZichtError:
        return ZichtError(
            f"The log of data processing cannot be written ({self.path}: {error.strerror or error}); without it no personal data are processed."
        )


def check_record(record: LogRecord) -> dict[str, object]:
    """A record with the names of the standard, if it may be logged.

    Args:
        record: the record.

    Returns:
        What JSON can hold.

    Raises:
        ZichtError: it breaks the standard, or its subject is no pseudonym; the message does not repeat the subject.
    """
    if record.subject is not None and not _PSEUDONYM.fullmatch(record.subject):
        raise ZichtError(
            f"A record of the log of data processing ({record.name}) names a person by what is no pseudonym."
            " Give a keyed pseudonym of at least 16 characters, with letters in it; never a number that others know the person by."
        )
    said = record.as_dict()
    if breaches := breaches_of(SCHEMA, said, "record"):
        raise ZichtError(f"A record of the log of data processing breaks {STANDARD}: {breaches[0]}.")
    return said


def log_lines(path: Path) -> Iterator[Mapping[str, object]]:
    """The records of a log file.

    Args:
        path: the file.

    Yields:
        What each line holds.

    Raises:
        ZichtError: a line is no record.
    """
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            value = json.loads(line)
        except ValueError as error:
            raise ZichtError(f"{path}:{number} is no record of the log of data processing.") from error
        if breaches := breaches_of(SCHEMA, value, f"{path.name}:{number}"):
            raise ZichtError(f"{path}:{number} breaks {STANDARD}: {breaches[0]}.")
        yield value


def logbook_papers(facts: Facts) -> tuple[Paper, ...]:
    """The log of data processing as it stands.

    Args:
        facts: what the project knows.

    Returns:
        One paper with all records; none where nothing was logged.
    """
    if not facts.log:
        return ()
    breaches = tuple(
        breach
        for number, value in enumerate(facts.log, 1)
        for breach in breaches_of(SCHEMA, value, f"record {number}")
    )
    text = "".join(f"{json.dumps(value, ensure_ascii=False, sort_keys=True)}\n" for value in facts.log)
    activities = sorted({str(value["attributes"]) for value in facts.log})
    return (Paper("logbook", "logbook.jsonl", text, STANDARD, breaches, digest_of_facts(activities)),)
