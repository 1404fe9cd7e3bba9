"""What is wrong with the tables that declare a division, all of it at once.

`Declared` collects rows and problems while `Areas.from_tables` reads; nothing here decides what a good division looks
like beyond the rules of CBS: codes are well formed and unique, every area lies in one that exists, no gemeente is
without wijken and no wijk without buurten.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from zicht.areas.codes import LAND, LEVELS, is_unknown, parent_code, parse_code
from zicht.errors import DeliveryError, Place, Problem, ZichtError

_LEVEL_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLURALS = {"buurt": "buurten", "wijk": "wijken"}


@dataclass(frozen=True, slots=True)
class Row:
    """One declared area, and where it stands."""

    code: str
    name: str
    parent: str | None
    place: Place


@dataclass
class Declared:
    """The areas of one division as they are read, and what is wrong with them.

    Attributes:
        division: year of the division.
        files: what to call the place of the table of a level, by level.
        rows: the areas of each level, by code.
        regions: for each regio level the code of the regio of each gemeente.
        problems: every mistake met so far.
    """

    division: int
    files: Mapping[str, str]
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    regions: dict[str, dict[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that are there, finest first; regio levels in the order in which they were declared."""
        plain = [level for level in LEVELS if level in self.rows and level not in self.regions]
        at = plain.index("gemeente") + 1 if "gemeente" in plain else len(plain)
        return (*plain[:at], *self.regions, *plain[at:])

    def add_level(self, level: str, table: pa.Table) -> None:
        """Take in the table(code, name[, parent][, line]) of one level other than regio."""
        if level not in LEVELS or level == "regio":
            known = ", ".join(name for name in LEVELS if name != "regio")
            self._wrong(
                Place(self._file(level)),
                f"'{level}' is not a level with codes of its own.",
                f"Those are {known}.",
            )
            return
        kept = self.rows.setdefault(level, {})
        for code, name, parent, place in self._cells(level, table, ("code", "name", "parent")):
            if code in kept:
                first = kept[code].place
                self._wrong(place, f"{code} is declared twice, first at {first}.", "Keep one of the two.")
            elif self._fits(code, level, place):
                if not name:
                    self._wrong(place, f"{code} has no name.", "Give it the name that people know it by.")
                kept[code] = Row(code, name, parent or None, place)

    def add_regions(self, level: str, table: pa.Table) -> None:
        """Take in the table(gemeente, code, name[, line]) of one regio level."""
        if not _LEVEL_NAME.fullmatch(level) or (level in LEVELS and level != "regio"):
            what = f"'{level}' cannot be the name of a regio level."
            self._wrong(
                Place(self._file(level)), what, "Use small letters, digits and _, and no other level's name."
            )
            return
        kept = self.rows.setdefault(level, {})
        member = self.regions.setdefault(level, {})
        for gemeente, code, name, place in self._cells(level, table, ("gemeente", "code", "name")):
            if gemeente in member:
                self._wrong(
                    place, f"{gemeente} is put in a {level} twice.", f"A gemeente lies in one {level}."
                )
            elif gemeente not in self.rows.get("gemeente", {}):
                remedy = f"Only gemeenten of the division can be in a {level}."
                self._wrong(
                    place, f"{gemeente or 'A blank'} is not a gemeente of division {self.division}.", remedy
                )
            elif self._fits(code, "regio", place):
                row = kept.setdefault(code, Row(code, name, None, place))
                if row.name != name or not name:
                    what = f"{level} {code} is called '{name}' here and '{row.name}' at {row.place}."
                    self._wrong(place, what, "Give it one name.")
                member[gemeente] = code

    def check(self) -> None:
        """Look at the division as a whole.

        Raises:
            DeliveryError: something was wrong, here or while reading: every problem, each with its place.
        """
        if "gemeente" not in self.rows:
            what = f"Division {self.division} has no gemeenten."
            self._wrong(
                Place(self._file("gemeente")), what, "Every division declares at least the level gemeente."
            )
        self._check_parents()
        self._check_empty()
        self._check_regions()
        if self.problems:
            raise DeliveryError(self.problems)

    def parent(self, row: Row, level: str) -> str | None:
        """The area that an area belongs to, at the nearest coarser level that is there."""
        if level == "buurt" and "wijk" in self.rows:
            return parent_code(row.code)
        if level in ("buurt", "wijk"):
            return parse_code(row.code).gemeente
        for regions in self.regions.values() if level == "gemeente" else ():
            return regions.get(row.code)
        return LAND if level != "land" and "land" in self.rows else None

    def _check_parents(self) -> None:
        for level, rows in self.rows.items():
            above = {code for name, others in self.rows.items() if name != level for code in others}
            for row in rows.values():
                parent = self.parent(row, level)
                if row.parent not in (None, parent):
                    remedy = f"By its code it lies in {parent}." if parent else "Leave its parent empty."
                    self._wrong(row.place, f"{row.code} is put in {row.parent}.", remedy)
                elif parent is not None and parent not in above:
                    what = f"{row.code} lies in {parent}, which division {self.division} does not have."
                    self._wrong(row.place, what, f"Declare {parent} too, or leave {row.code} out.")

    def _check_empty(self) -> None:
        for level, below in (("gemeente", "wijk"), ("wijk", "buurt"), ("gemeente", "buurt")):
            between = level == "gemeente" and below == "buurt" and "wijk" in self.rows
            if below not in self.rows or between:
                continue
            filled = {self.parent(row, below) for row in self.rows[below].values()}
            for row in self.rows.get(level, {}).values():
                if row.code not in filled:
                    remedy = f"Every {level} has at least one {below}: declare it."
                    self._wrong(row.place, f"{level} {row.code} has no {_PLURALS[below]}.", remedy)

    def _check_regions(self) -> None:
        seen: dict[str, str] = {}
        for level, member in self.regions.items():
            for row in self.rows["gemeente"].values() if "gemeente" in self.rows else ():
                if row.code not in member:
                    self._wrong(
                        row.place, f"{row.code} is in no {level}.", f"Put it in one in {self._file(level)}."
                    )
            for row in self.rows[level].values():
                if seen.setdefault(row.code, level) != level:
                    what = f"{row.code} is both a {seen[row.code]} and a {level}."
                    self._wrong(row.place, what, "Give the two different codes.")

    def _fits(self, code: str, level: str, place: Place) -> bool:
        """Whether a code can stand at a level; if not the problem is noted."""
        try:
            found = parse_code(code)
        except ZichtError as error:
            self._wrong(place, str(error))
            return False
        if is_unknown(code):
            remedy = "Leave it out: the child for unknown addresses is there of itself."
            self._wrong(place, f"{code} is not an area.", remedy)
        elif found.level != level:
            self._wrong(
                place, f"{code} is the code of a {found.level} and stands among the areas of level {level}."
            )
        else:
            return True
        return False

    def _cells(
        self, level: str, table: pa.Table, columns: tuple[str, str, str]
    ) -> list[tuple[str, str, str, Place]]:
        """The tidied text of three columns, row by row; a missing parent column counts as empty."""
        file = self._file(level)
        absent = [name for name in columns if name not in table.column_names and name != "parent"]
        if absent:
            has = ", ".join(table.column_names) or "none"
            what = f"The table of level {level} has no column {' and no column '.join(absent)}."
            self._wrong(Place(file), what, f"Its columns are: {has}.")
            return []
        blank = [None] * table.num_rows
        texts = [table[name].to_pylist() if name in table.column_names else blank for name in columns]
        lines = table["line"].to_pylist() if "line" in table.column_names else blank
        tidied = [["" if cell is None else str(cell).strip() for cell in text] for text in texts]
        return [(a, b, c, Place(file, line)) for a, b, c, line in zip(*tidied, lines, strict=True)]

    def _file(self, level: str) -> str:
        return self.files.get(level, f"areas of {self.division}, level {level}")

    def _wrong(self, place: Place, what: str, remedy: str = "") -> None:
        self.problems.append(Problem(place, what, remedy))
