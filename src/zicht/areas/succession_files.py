"""The files in which gemeenten begin, end and succeed one another.

Three kinds are read, each recognised by the names of its columns:

- the history of the gemeentelijke indeling: `gemeentecode;gemeentenaam;begindatum;einddatum`, which names no successors;
- table 33 of the RvIG, the gemeenten of the population register: `92.10 Gemeentecode`, `92.12 Nieuwe code`, dates
  written yyyymmdd. Its new code is the *legal* successor, one also where the land went to several gemeenten;
- successions that somebody writes down: `code,successor,date,source`, a line for each successor. The list
  `known_successions.csv` beside this module is one, and says what the other two leave out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from zicht.errors import DeliveryError, Place, Problem

KNOWN = Path(__file__).with_name("known_successions.csv")
"""The gemeenten of which the land was divided since 2010, and all that ended since 2021, each with its source."""

KNOWN_FROM = date(2010, 1, 1)
"""From here on `KNOWN` says of which gemeenten the land was divided; before it nobody here does."""

_MAX_BYTES = 16 << 20
_HISTORY = ("gemeentecode", "gemeentenaam", "begindatum", "einddatum")
_TABLE_33 = (
    "92.10 Gemeentecode",
    "92.11 Omschrijving",
    "92.12 Nieuwe code",
    "99.98 Datum ingang",
    "99.99 Datum einde",
)
_WRITTEN = ("code", "successor", "date", "source")
_NOWHERE = ("0000", "1999")  # "unknown" and the register of non-residents: entries of table 33 without land


@dataclass(frozen=True, slots=True)
class Entry:
    """What one line says of a gemeente; what it does not say is None or empty.

    Attributes:
        code: the gemeente.
        name: its name.
        province: its province.
        begin: the day from which it exists.
        end: the first day on which it no longer exists.
        successor: a gemeente that got its land, or part of it.
        source: where the succession stands.
        legal: whether `successor` is the legal successor, so that others may have got land too.
    """

    code: str
    name: str = ""
    province: str = ""
    begin: date | None = None
    end: date | None = None
    successor: str | None = None
    source: str = ""
    legal: bool = False


def read_entries(path: Path) -> list[Entry]:
    """Everything that a file says, line by line.

    Raises:
        DeliveryError: the file is missing, is of none of the three kinds, or has lines that cannot be: all at once.
    """
    file = str(path)
    text = _text(path)
    lines = csv.reader(io.StringIO(text), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    try:
        rows = [(lines.line_num, row) for row in lines if any(row)]
    except csv.Error as error:
        raise DeliveryError.at(Place(file, lines.line_num), f"This is no CSV: {error}.") from error
    heads = [name.strip() for name in rows[0][1]] if rows else []
    for columns, parse in _KINDS.items():
        if set(columns) <= set(heads):
            return list(_parsed(rows[1:], heads, parse, file))
    kinds = "; ".join(", ".join(columns) for columns in _KINDS)
    raise DeliveryError.at(
        Place(file, 1), "This file says nothing of gemeenten.", f"Its columns should be one of: {kinds}."
    )


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DeliveryError.at(
                Place(str(path)), f"The file is larger than {_MAX_BYTES >> 20} MB.", "Is it the right one?"
            )
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DeliveryError.at(
            Place(str(path)), f"The file cannot be read: {error}.", "Deliver it in UTF-8."
        ) from error


def _parsed(
    rows: list[tuple[int, list[str]]],
    heads: list[str],
    parse: Callable[[Mapping[str, str]], Entry | None],
    file: str,
) -> Iterator[Entry]:
    problems: list[Problem] = []
    for line, row in rows:
        try:
            entry = parse({name: cell.strip() for name, cell in zip(heads, row, strict=False)})
        except KeyError as error:
            problems.append(Problem(Place(file, line), f"The line has no {error.args[0]}.", "It is cut off."))
        except ValueError as error:
            problems.append(Problem(Place(file, line), str(error)))
        else:
            if entry is not None:
                yield entry
    if problems:
        raise DeliveryError(problems)


def _of_history(row: Mapping[str, str]) -> Entry | None:
    begin, end = _day(row["begindatum"]), _day(row["einddatum"])
    if begin and end and end <= begin:
        raise ValueError(f"Gemeente {row['gemeentecode']} ends on {end}, before it begins on {begin}.")
    return Entry(
        _gemeente(row["gemeentecode"]), row["gemeentenaam"], row.get("provincienaam", ""), begin, end
    )


def _of_table_33(row: Mapping[str, str]) -> Entry | None:
    if row["92.10 Gemeentecode"] in _NOWHERE:
        return None
    new = row["92.12 Nieuwe code"]
    return Entry(
        _gemeente(row["92.10 Gemeentecode"]),
        row["92.11 Omschrijving"],
        begin=_day(row["99.98 Datum ingang"]),
        end=_day(row["99.99 Datum einde"]),
        successor=_gemeente(new) if new else None,
        source="RvIG table 33",
        legal=True,
    )


def _of_written(row: Mapping[str, str]) -> Entry | None:
    end = _day(row["date"])
    if end is None:
        raise ValueError(
            f"The succession of {row['code']} has no date. Write the first day of the new situation."
        )
    return Entry(_gemeente(row["code"]), end=end, successor=_gemeente(row["successor"]), source=row["source"])


_KINDS: Mapping[tuple[str, ...], Callable[[Mapping[str, str]], Entry | None]] = {
    _HISTORY: _of_history,
    _TABLE_33: _of_table_33,
    _WRITTEN: _of_written,
}


def _gemeente(text: str) -> str:
    if not re.fullmatch(r"(?:GM)?[0-9]{4}", text):
        raise ValueError(f"'{text}' is not the code of a gemeente: that is 4 digits, such as 0344 or GM0344.")
    return text if text.startswith("GM") else f"GM{text}"


def _day(text: str) -> date | None:
    """A date written 2021-01-01 or 20210101; None where nothing is written."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"'{text}' is not a date. Write it as 2021-01-01.") from error
