"""What became of a gemeente, so that a series over years follows the land.

A gemeente that merges or changes its code is followed to its successor. One whose land was divided cannot be: which of
its people and homes went where does not stand in any list of codes, and neither can the gemeenten that received the
parts, for their figures before and after are of other land. What cannot be followed is said in words.

A year stands for the division on its 1 January, as CBS publishes it: what happens on 24 March 2022 lies between the
divisions of 2022 and 2023. Land that changes hands while no gemeente ends (a border correction) stands in none of the
files and is not seen here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from zicht.areas.codes import parse_code
from zicht.areas.succession_files import KNOWN, KNOWN_FROM, Entry, read_entries
from zicht.errors import ZichtError


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of one gemeente.

    Attributes:
        codes: the gemeenten in the later division that have its land; none where that is not known.
        whole: whether all of it went to the one gemeente in `codes` and that has no other land than of gemeenten that
            went to it whole. Only then do figures of the earlier division, added up, give the later gemeente.
        why: what happened, or why it cannot be followed; empty where nothing happened.
    """

    codes: tuple[str, ...]
    whole: bool
    why: str


@dataclass(frozen=True, slots=True)
class Made:
    """What one gemeente of a later division was in an earlier one.

    Attributes:
        codes: the gemeenten of the earlier division that have become it, or part of it.
        whole: whether their figures, added up, are those of the later gemeente.
        why: what happened, or why they are not; empty where nothing happened.
    """

    codes: tuple[str, ...]
    whole: bool
    why: str


@dataclass(frozen=True, slots=True)
class Gemeente:
    """The life of one code, all files taken together."""

    code: str
    name: str = ""
    province: str = ""
    begin: date | None = None
    end: date | None = None
    successors: tuple[str, ...] = ()
    source: str = ""
    sure: bool = False  # whether `successors` are all of them

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


@dataclass(frozen=True)
class Successions:
    """The gemeenten of all years and what became of them. Made with `read`.

    Attributes:
        gemeenten: every gemeente that a file names, by code.
    """

    gemeenten: Mapping[str, Gemeente]

    @classmethod
    def read(cls, path: Path | str, *more: Path | str) -> Successions:
        """Read how gemeenten succeeded one another.

        What several files say is taken together. The successors come from the last file that names any for a gemeente
        and otherwise from the list in this package, which has the gemeenten whose land was divided since 2010 and all
        that ended since 2021; table 33 of the RvIG, which names only the legal successor, comes last.

        Args:
            path: a file with columns `gemeentecode;gemeentenaam;begindatum;einddatum`, table 33 of the RvIG, or a
                list `code,successor,date,source` of one's own.
            more: further such files.

        Returns:
            What all of them together say.

        Raises:
            DeliveryError: a file is missing, of another kind, or has lines that cannot be: all at once for each file.
        """
        told: dict[str, list[list[Entry]]] = defaultdict(list)
        for file in (KNOWN, Path(path), *map(Path, more)):
            by_code: dict[str, list[Entry]] = defaultdict(list)
            for entry in read_entries(file):
                by_code[entry.code].append(entry)
            for code, entries in by_code.items():
                told[code].append(entries)
        found = {code: _gemeente(code, files) for code, files in told.items()}
        for life in list(found.values()):
            for code in life.successors:  # one that the files given are too old to have
                found.setdefault(code, Gemeente(code, begin=life.end))
        return cls(dict(sorted(found.items())))

    def follow(self, code: str, from_year: int, to_year: int) -> Followed:
        """What became of a gemeente.

        Args:
            code: a gemeente of the division of `from_year`.
            from_year: the year of the earlier division.
            to_year: the year of the later division.

        Raises:
            ZichtError: the text is not an area code, or the years run backwards.
        """
        if to_year < from_year:
            raise ZichtError(f"A gemeente is followed forward in time, not from {from_year} to {to_year}.")
        level = parse_code(code).level
        if level != "gemeente":
            why = f"{code} is a {level}. Only gemeenten can be followed: a {level} keeps its code while its land changes."
            return Followed((), whole=False, why=why)
        first, last = date(from_year, 1, 1), date(to_year, 1, 1)
        absent = self._absent(code, first)
        if absent:
            return Followed((), whole=False, why=absent)
        codes, said, sure = self._chase(code, last)
        if not codes:
            return Followed((), whole=False, why=" ".join(said))
        doubts = (
            [why for found in codes for why in self._doubts(found, code, first, last)]
            if len(codes) == 1
            else []
        )
        return Followed(codes, sure and len(codes) == 1 and not doubts, " ".join([*said, *doubts]))

    def map(self, codes: Iterable[str], from_year: int, to_year: int) -> pa.Table:
        """What became of several gemeenten.

        Args:
            codes: gemeenten of the division of `from_year`.
            from_year: the year of the earlier division.
            to_year: the year of the later division.

        Returns:
            Columns code and successor (strings), whole (boolean) and why (string), as in `Followed`: a row for each
            successor of each code, in the order given; successor is null where the code cannot be followed at all.

        Raises:
            ZichtError: as `follow`.
        """
        found = [(code, self.follow(code, from_year, to_year)) for code in codes]
        rows = [
            {"code": code, "successor": successor, "whole": one.whole, "why": one.why}
            for code, one in found
            for successor in one.codes or (None,)
        ]
        columns = [
            ("code", pa.string()),
            ("successor", pa.string()),
            ("whole", pa.bool_()),
            ("why", pa.string()),
        ]
        return pa.Table.from_pylist(rows, pa.schema(columns))

    def made_of(self, from_year: int, to_year: int) -> dict[str, Made]:
        """What the gemeenten of a later division were: `map`, looked at from the other side.

        Args:
            from_year: the year of the earlier division.
            to_year: the year of the later division.

        Returns:
            For each gemeente of the later division that has land of a known gemeente of the earlier one what it was made of.

        Raises:
            ZichtError: the years run backwards.
        """
        first = date(from_year, 1, 1)
        there = [code for code in self.gemeenten if not self._absent(code, first)]
        rows = self.map(there, from_year, to_year).filter(pc.field("successor").is_valid())
        parts: dict[str, list[tuple[str, bool, str]]] = defaultdict(list)
        for row in rows.to_pylist():
            parts[row["successor"]].append((row["code"], row["whole"], row["why"]))
        return {
            code: Made(
                tuple(sorted(one for one, _, _ in came)),
                all(whole for _, whole, _ in came),
                " ".join(dict.fromkeys(why for _, _, why in came if why)),
            )
            for code, came in sorted(parts.items())
        }

    def _absent(self, code: str, day: date) -> str:
        """Why there is no such gemeente on a day; empty where there is."""
        life = self.gemeenten.get(code)
        if life is None:
            return f"{code} stands in none of the files on gemeenten."
        if life.begin and life.begin > day:
            return f"{life} did not exist yet on {day}: it began on {life.begin}."
        if life.end and life.end <= day:
            return f"{life} did not exist any more on {day}: it ended on {life.end}."
        return ""

    def _chase(self, code: str, last: date) -> tuple[tuple[str, ...], list[str], bool]:
        """Where the land of a gemeente is on a day: the gemeenten, what happened, and whether that is all and certain."""
        said: list[str] = []
        found: set[str] = set()
        sure = True
        ahead, seen = [code], {code}
        while ahead:
            life = self.gemeenten[ahead.pop(0)]
            if life.end is None or life.end > last:
                found.add(life.code)
                continue
            said.append(self._told(life))
            if not life.successors:
                return (), said, False
            sure = sure and life.sure and len(life.successors) == 1
            ahead += [successor for successor in life.successors if successor not in seen]
            seen.update(life.successors)
        if not found:
            said.append("So its successors go round in a circle.")
        return tuple(sorted(found)), said, sure

    def _told(self, life: Gemeente) -> str:
        """In a sentence: what happened when a gemeente ended."""
        names = [str(self.gemeenten[code]) for code in life.successors]
        if not names:
            begun = [str(other) for other in self.gemeenten.values() if self._may_be_heir(other, life)]
            guess = (
                f" In its province began on that day: {', '.join(begun)}; that proves nothing."
                if begun
                else ""
            )
            return f"{life} ended on {life.end} and no file names its successor.{guess}"
        if len(names) > 1:
            return f"{life} was divided on {life.end} over {', '.join(names)} and cannot be followed ({life.source})."
        unsure = (
            ""
            if life.sure
            else f", but whether with all its land is not known for years before {KNOWN_FROM.year}"
        )
        return f"{life} became {names[0]} on {life.end} ({life.source}){unsure}."

    def _may_be_heir(self, other: Gemeente, life: Gemeente) -> bool:
        return bool(life.province) and other.begin == life.end and other.province == life.province

    def _doubts(self, found: str, code: str, first: date, last: date) -> list[str]:
        """Why a gemeente on the last day may have land that came from elsewhere in part."""
        doubts: list[str] = []
        lost: list[str] = []
        for life in self._ended:
            if life.code == code or not first < (life.end or first) <= last or self._absent(life.code, first):
                continue
            heirs, _, sure = self._chase(life.code, last)
            if found in heirs and not sure:
                doubts.append(f"{self.gemeenten[found]} also got land of {life}. {self._told(life)}")
            elif not heirs and life.province in ("", self.gemeenten[found].province):
                lost.append(str(life))
        if lost:
            which = f"{self.gemeenten[found]} may have got land of gemeenten whose successor no file names"
            doubts.append(f"{which}: {', '.join(lost)}.")
        return doubts

    @cached_property
    def _ended(self) -> tuple[Gemeente, ...]:
        return tuple(life for life in self.gemeenten.values() if life.end is not None)


def _gemeente(code: str, files: list[list[Entry]]) -> Gemeente:
    """One life of all that the files say of a code; `KNOWN` comes first in the files, lists that were given later."""
    entries = [entry for told in files for entry in told]
    heirs = [told for told in files if any(entry.successor for entry in told)]
    written = [told for told in heirs if not any(entry.legal for entry in told)]
    chosen = (written or heirs or [[]])[-1]
    ends = [end for told in ([chosen] if chosen else files) if (end := _last(told).end)]
    end = max(ends, default=None)
    return Gemeente(
        code,
        name=next((entry.name for entry in entries if entry.name), ""),
        province=next((entry.province for entry in reversed(entries) if entry.province), ""),
        begin=min((entry.begin for entry in entries if entry.begin), default=None),
        end=end,
        successors=tuple(sorted({entry.successor for entry in chosen if entry.successor})),
        source=next((entry.source for entry in chosen), ""),
        sure=bool(written) or (end is not None and end >= KNOWN_FROM),
    )


def _last(told: list[Entry]) -> Entry:
    """The last line on a code in a file: a gemeente that moves to another province has two."""
    return max(told, key=lambda entry: entry.begin or date.min)
