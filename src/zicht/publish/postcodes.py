"""Postcodes: files in which the search box looks one up, and pages that list them for who has no script.

The release says in which areas a postcode lies, without counts. What a reader types stays on the device: the box fetches the file of all postcodes that begin alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from zicht.publish.edition import Edition
from zicht.publish.render import Frame

PLACE = "postcode/"
"""Where the list stands in a language."""
LARGEST = 200_000
"""Bytes that a file of postcodes may have; where one would be larger, files are of postcodes that share another digit."""
MOST_LISTED = 200
"""So many postcodes of four digits stand on one page; of more, there is a page for each first two digits."""
_DIGITS = 4
_GROUP = 2


@dataclass(frozen=True, slots=True)
class PostcodeTable:
    """In which areas postcodes lie.

    Attributes:
        of: by four digits and then by letters (none: the digits alone) the codes of areas, most addresses first.
        shared: how many first digits the postcodes of one file share.
    """

    of: Mapping[str, Mapping[str, Sequence[str]]]
    shared: int


def knows_postcodes(edition: Edition) -> bool:
    """Whether the release of an `edition` has a table of postcodes."""
    return bool(edition.evidence("postcodes").get("of"))


def postcodes_of(edition: Edition) -> PostcodeTable | None:
    """The table of postcodes of a release; None where it has none.

    Args:
        edition: the release; areas that it does not have are left out.
    """
    if not knows_postcodes(edition):
        return None
    raw = edition.evidence("postcodes")
    codes = cast("Sequence[str]", raw["areas"])
    there = edition.areas.number
    of = {
        digits: {
            letters: [codes[at] for at in places if codes[at] in there]
            for letters, places in sorted(letters_of.items())
        }
        for digits, letters_of in sorted(cast("Mapping[str, Mapping[str, Sequence[int]]]", raw["of"]).items())
    }
    shared = next(
        digits
        for digits in range(_GROUP, _DIGITS + 1)
        if digits == _DIGITS or max(len(data) for data in _files(of, digits).values()) <= LARGEST
    )
    return PostcodeTable(of, shared)


def _files(of: Mapping[str, Mapping[str, Sequence[str]]], shared: int) -> dict[str, bytes]:
    """By the first digits, all postcodes that begin with them."""
    groups: dict[str, dict[str, Mapping[str, Sequence[str]]]] = {}
    for digits, letters in of.items():
        groups.setdefault(digits[:shared], {})[digits] = letters
    return {
        first: (json.dumps(group, separators=(",", ":")) + "\n").encode() for first, group in groups.items()
    }


def postcode_files(table: PostcodeTable) -> Iterator[tuple[str, bytes]]:
    """The files that the search box reads, as path and bytes.

    Args:
        table: of the release.
    """
    for first, data in _files(table.of, table.shared).items():
        yield f"data/postcode/{first}.json", data


def postcode_pages(edition: Edition, frame: Frame, table: PostcodeTable) -> Iterator[tuple[str, str]]:
    """The pages that list postcodes in a language, as path and HTML.

    Args:
        edition: the release.
        frame: of the language.
        table: of the release.
    """
    texts = frame.texts
    rows = {
        digits: [(code, edition.areas.names[edition.areas.number[code]]) for code in letters[""]]
        for digits, letters in table.of.items()
        if letters.get("")
    }
    groups = sorted({digits[:_GROUP] for digits in rows})
    split = len(rows) > MOST_LISTED
    yield frame.page(
        "postcodes.html", PLACE, title=texts("postcode.title"), summary=texts("postcode.lede"), nav="areas",
        rows=[] if split else list(rows.items()), groups=groups if split else [], group="",
    )  # fmt: skip
    for group in groups if split else []:
        some = [(digits, areas) for digits, areas in rows.items() if digits.startswith(group)]
        yield frame.page(
            "postcodes.html", f"{PLACE}{group}/", title=texts("postcode.group", first=group), summary=texts("postcode.lede"), nav="areas",
            rows=some, groups=[], group=group,
        )  # fmt: skip
